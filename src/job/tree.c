#include "job/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/tag.h"
#include "job/wording.h"

struct anchor {
    char *name;
    const struct node *node;
};

/* A list or map that has not ended; KEY waits for its value. */
struct container {
    struct node *node;
    struct node *key;
};

struct tree {
    struct problems *problems;
    struct node *root;
    struct container open[NODE_LIMIT_DEPTH];
    size_t depth;
    struct anchor anchors[NODE_LIMIT_ANCHORS];
    size_t anchor_count;
    size_t events;
    size_t text_bytes;
};

/* Count what is to be added. Returns 0 or -EBADMSG. */
static int spend(struct tree *tree, struct position at, size_t events,
                 size_t text_bytes)
{
    tree->events += events;
    tree->text_bytes += text_bytes;
    if (tree->events > NODE_LIMIT_EVENTS) {
        problems_add(tree->problems, at,
                     "too much: more than %d lists, maps and scalars, aliases "
                     "expanded",
                     NODE_LIMIT_EVENTS);
        return -EBADMSG;
    }
    if (tree->text_bytes > NODE_LIMIT_TEXT_BYTES) {
        problems_add(tree->problems, at,
                     "too much: more than %d bytes of text, aliases expanded",
                     NODE_LIMIT_TEXT_BYTES);
        return -EBADMSG;
    }
    return 0;
}

static int complain_depth(struct tree *tree, struct position at)
{
    problems_add(tree->problems, at, "nested deeper than %d lists and maps",
                 NODE_LIMIT_DEPTH);
    return -EBADMSG;
}

static struct node *create_node(enum node_kind kind, struct position at)
{
    struct node *node = calloc(1, sizeof *node);
    if (node != NULL)
        *node = (struct node){ .kind = kind, .at = at };
    return node;
}

/* Make room for one more element of SIZE bytes behind the COUNT that ARRAY has:
 * its capacity is the next power of two. */
static void *grow(void *array, size_t count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return array;
    return reallocarray(array, count == 0 ? 1 : count * 2, size);
}

static int add_item(struct node *list, struct node *item)
{
    struct node **items = grow(list->items, list->count, sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    list->items = items;
    list->items[list->count++] = item;
    return 0;
}

static int add_pair(struct node *map, struct node *key, struct node *value)
{
    struct node_pair *pairs = grow(map->pairs, map->count, sizeof *pairs);
    if (pairs == NULL)
        return -ENOMEM;
    map->pairs = pairs;
    map->pairs[map->count++] = (struct node_pair){ key, value };
    return 0;
}

static int check_key(struct tree *tree, const struct node *key)
{
    const char *complaint = NULL;
    if (key->kind != NODE_SCALAR)
        complaint = "a list or map cannot be a key";
    else if (key->plain && strcmp(key->text, "<<") == 0)
        complaint = "merge keys (<<) are not supported; write the keys out";
    if (complaint == NULL)
        return 0;
    problems_add(tree->problems, key->at, "%s", complaint);
    return -EBADMSG;
}

/* Put NODE where the text has come to; on success it belongs to the tree. */
static int attach(struct tree *tree, struct node *node)
{
    if (tree->depth == 0) {
        tree->root = node;
        return 0;
    }
    struct container *container = &tree->open[tree->depth - 1];
    if (container->node->kind == NODE_LIST)
        return add_item(container->node, node);
    if (container->key == NULL) {
        int status = check_key(tree, node);
        if (status == 0)
            container->key = node;
        return status;
    }
    int status = add_pair(container->node, container->key, node);
    if (status == 0)
        container->key = NULL;
    return status;
}

static int find_anchor(const struct tree *tree, const char *name, size_t *at)
{
    for (size_t i = 0; i < tree->anchor_count; i++)
        if (strcmp(tree->anchors[i].name, name) == 0) {
            *at = i;
            return 0;
        }
    return -ENOENT;
}

/* Remember NODE by its anchor, if it has one; a later one of that name takes
 * the earlier one's place. */
static int add_anchor(struct tree *tree, const char *name,
                      const struct node *node)
{
    size_t at;
    if (name == NULL)
        return 0;
    if (find_anchor(tree, name, &at) == 0) {
        tree->anchors[at].node = node;
        return 0;
    }
    if (tree->anchor_count == NODE_LIMIT_ANCHORS) {
        problems_add(tree->problems, node->at, "more than %d anchors",
                     NODE_LIMIT_ANCHORS);
        return -EBADMSG;
    }
    struct anchor *anchor = &tree->anchors[tree->anchor_count];
    anchor->name = strdup(name);
    if (anchor->name == NULL)
        return -ENOMEM;
    anchor->node = node;
    tree->anchor_count++;
    return 0;
}

static int check_scalar(struct tree *tree, struct position at, const char *text,
                        size_t size)
{
    if (size > NODE_LIMIT_SCALAR_BYTES) {
        problems_add(tree->problems, at, "a text of more than %d bytes",
                     NODE_LIMIT_SCALAR_BYTES);
        return -EBADMSG;
    }
    if (strlen(text) != size) {
        problems_add(tree->problems, at, "a NUL character in a text");
        return -EBADMSG;
    }
    return spend(tree, at, 1, size);
}

/* Put NODE, which is taken, into the tree. */
static int place(struct tree *tree, const struct tree_mark *mark,
                 struct node *node)
{
    int status = 0;
    if (mark->tag != NULL && !tag_apply(mark->tag, node)) {
        problems_add(tree->problems, mark->at,
                     "the tag %s is not supported here; remove it",
                     wording_quote(mark->tag).text);
        status = -EBADMSG;
    }
    if (status == 0)
        status = attach(tree, node);
    if (status < 0) {
        node_destroy(node);
        return status;
    }
    return add_anchor(tree, mark->anchor, node);
}

static struct node *create_scalar(struct position at, const char *text,
                                  bool plain)
{
    struct node *node = create_node(NODE_SCALAR, at);
    if (node == NULL)
        return NULL;
    node->plain = plain;
    node->text = strdup(text);
    if (node->text != NULL)
        return node;
    node_destroy(node);
    return NULL;
}

int tree_add_scalar(struct tree *tree, const struct tree_mark *mark,
                    const char *text, size_t size, bool plain)
{
    int status = check_scalar(tree, mark->at, text, size);
    if (status < 0)
        return status;
    struct node *node = create_scalar(mark->at, text, plain);
    return node == NULL ? -ENOMEM : place(tree, mark, node);
}

int tree_begin(struct tree *tree, const struct tree_mark *mark,
               enum node_kind kind)
{
    int status = spend(tree, mark->at, 1, 0);
    if (status < 0)
        return status;
    if (tree->depth == NODE_LIMIT_DEPTH)
        return complain_depth(tree, mark->at);
    struct node *node = create_node(kind, mark->at);
    if (node == NULL)
        return -ENOMEM;
    status = place(tree, mark, node);
    if (status == 0)
        tree->open[tree->depth++] = (struct container){ .node = node };
    return status;
}

/* By text, then by place in the file. */
static int compare_pairs(const void *a, const void *b)
{
    const struct node_pair *const *left = a, *const *right = b;
    int order = strcmp((*left)->key->text, (*right)->key->text);
    if (order != 0)
        return order;
    return (*left > *right) - (*left < *right);
}

static int check_duplicates(struct tree *tree, const struct node *map)
{
    if (map->count < 2)
        return 0;
    const struct node_pair **sorted = calloc(map->count, sizeof *sorted);
    if (sorted == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = &map->pairs[i];
    qsort(sorted, map->count, sizeof *sorted, compare_pairs);
    for (size_t i = 1; i < map->count; i++) {
        const struct node *first = sorted[i - 1]->key, *key = sorted[i]->key;
        if (strcmp(first->text, key->text) == 0)
            problems_add(tree->problems, key->at,
                         "the key %s is there already, in line %u",
                         wording_quote(key->text).text, first->at.line);
    }
    free(sorted);
    return 0;
}

int tree_end(struct tree *tree, struct position at)
{
    const struct node *node = tree->open[--tree->depth].node;
    int status = spend(tree, at, 1, 0);
    if (status == 0 && node->kind == NODE_MAP)
        status = check_duplicates(tree, node);
    return status;
}

static int copy_node(struct tree *tree, const struct node *node,
                     struct position at, size_t depth, struct node **out);

static int copy_contents(struct tree *tree, const struct node *from,
                         struct position at, size_t depth, struct node *to)
{
    int status = 0;
    for (size_t i = 0; i < from->count && status == 0; i++) {
        struct node *key = NULL, *value = NULL;
        bool is_map = from->kind == NODE_MAP;
        if (is_map)
            status = copy_node(tree, from->pairs[i].key, at, depth, &key);
        if (status == 0)
            status =
                copy_node(tree, is_map ? from->pairs[i].value : from->items[i],
                          at, depth, &value);
        if (status == 0)
            status = is_map ? add_pair(to, key, value) : add_item(to, value);
        if (status < 0) {
            node_destroy(key);
            node_destroy(value);
        }
    }
    return status;
}

/* Copy NODE, as deep as DEPTH lists and maps already; AT is the alias, for
 * complaints. The copy says where its original is. */
static int copy_node(struct tree *tree, const struct node *node,
                     struct position at, size_t depth, struct node **out)
{
    bool is_scalar = node->kind == NODE_SCALAR;
    int status =
        spend(tree, at, is_scalar ? 1 : 2, is_scalar ? strlen(node->text) : 0);
    if (status < 0)
        return status;
    if (!is_scalar && depth == NODE_LIMIT_DEPTH)
        return complain_depth(tree, at);
    struct node *copy = is_scalar
                            ? create_scalar(node->at, node->text, node->plain)
                            : create_node(node->kind, node->at);
    if (copy == NULL)
        return -ENOMEM;
    status = copy_contents(tree, node, at, depth + 1, copy);
    if (status < 0) {
        node_destroy(copy);
        return status;
    }
    *out = copy;
    return 0;
}

static bool is_open(const struct tree *tree, const struct node *node)
{
    for (size_t i = 0; i < tree->depth; i++)
        if (tree->open[i].node == node)
            return true;
    return false;
}

int tree_add_alias(struct tree *tree, struct position at, const char *alias)
{
    size_t i;
    if (find_anchor(tree, alias, &i) < 0) {
        problems_add(tree->problems, at, "no anchor %s before this alias",
                     wording_quote(alias).text);
        return -EBADMSG;
    }
    const struct node *node = tree->anchors[i].node;
    if (is_open(tree, node)) {
        problems_add(tree->problems, at,
                     "the alias %s is part of what it stands for",
                     wording_quote(alias).text);
        return -EBADMSG;
    }
    struct node *copy = NULL;
    int status = copy_node(tree, node, at, tree->depth, &copy);
    if (status < 0)
        return status;
    copy->at = at;
    status = attach(tree, copy);
    if (status < 0)
        node_destroy(copy);
    return status;
}

struct tree *tree_create(struct problems *problems)
{
    struct tree *tree = calloc(1, sizeof *tree);
    if (tree != NULL)
        tree->problems = problems;
    return tree;
}

struct node *tree_take_root(struct tree *tree)
{
    struct node *root = tree->root;
    tree->root = NULL;
    return root;
}

void tree_destroy(struct tree *tree)
{
    if (tree == NULL)
        return;
    for (size_t i = 0; i < tree->depth; i++)
        node_destroy(tree->open[i].key);
    node_destroy(tree->root);
    for (size_t i = 0; i < tree->anchor_count; i++)
        free(tree->anchors[i].name);
    free(tree);
}
