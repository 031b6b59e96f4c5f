#include "job/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/wording.h"

void node_destroy(struct node *node)
{
    if (node == NULL)
        return;
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == NODE_LIST) {
            node_destroy(node->items[i]);
        } else {
            node_destroy(node->pairs[i].key);
            node_destroy(node->pairs[i].value);
        }
    }
    free(node->items);
    free(node->pairs);
    free(node->text);
    free(node);
}

const struct node *node_get(const struct node *map, const char *key)
{
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++)
        if (strcmp(map->pairs[i].key->text, key) == 0)
            return map->pairs[i].value;
    return NULL;
}

const char *node_describe(const struct node *node, char *out, size_t size)
{
    if (node->kind != NODE_SCALAR) {
        snprintf(out, size, "a %s", node->kind == NODE_LIST ? "list" : "map");
        return out;
    }
    struct quotation quotation = wording_quote(node->text);
    enum node_scalar type = node_scalar_type(node);
    size_t length = strlen(quotation.text);
    if (type == NODE_NULL)
        snprintf(out, size, "null");
    else if (node_is_beyond_ints(node))
        snprintf(out, size,
                 "the int %.*s, which is out of range (-2^63 to 2^64 - 1)",
                 (int)length - 2, quotation.text + 1);
    else if (type == NODE_TEXT)
        snprintf(out, size, "the text %s", quotation.text);
    else /* without the quotes */
        snprintf(out, size, "the %s %.*s", node_scalar_name(type),
                 (int)length - 2, quotation.text + 1);
    return out;
}
