#include "job/tag.h"

#include <string.h>

/* The tag that says what NODE is anyway. */
static const char *core_name(const struct node *node)
{
    if (node->kind == NODE_LIST)
        return "seq";
    if (node->kind == NODE_MAP)
        return "map";
    enum node_scalar type = node_scalar_type(node);
    return type == NODE_TEXT ? "str" : node_scalar_name(type);
}

bool tag_apply(const char *tag, struct node *node)
{
    static const char prefix[] = "tag:yaml.org,2002:";
    if (strncmp(tag, prefix, strlen(prefix)) != 0)
        return false;
    const char *name = tag + strlen(prefix);
    if (node->kind == NODE_SCALAR && strcmp(name, "str") == 0)
        node->plain = false;
    return strcmp(name, core_name(node)) == 0;
}
