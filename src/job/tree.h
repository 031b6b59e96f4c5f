/* Building a tree of nodes piece by piece, in the order of the text, within the
 * limits of node.h. */
#ifndef JOB_TREE_H
#define JOB_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "job/node.h"

struct tree;

/* Where a node begins, and what stands before it; both names may be NULL. */
struct tree_mark {
    struct position at;
    const char *anchor;
    const char *tag;
};

/* An empty tree that adds what is wrong to PROBLEMS (borrowed); NULL when there
 * is no memory. */
struct tree *tree_create(struct problems *problems);
void tree_destroy(struct tree *tree);

/* Add a scalar; begin or end a list or map; add a copy of what ALIAS stands
 * for. In a map keys and values take turns. Every end has its begin.
 *
 * Each returns 0, -ENOMEM, or -EBADMSG with a problem added; after a failure
 * the tree can only be destroyed. */
int tree_add_scalar(struct tree *tree, const struct tree_mark *mark,
                    const char *text, size_t size, bool plain);
int tree_begin(struct tree *tree, const struct tree_mark *mark,
               enum node_kind kind);
int tree_end(struct tree *tree, struct position at);
int tree_add_alias(struct tree *tree, struct position at, const char *alias);

/* Take the finished tree's root out of it; NULL when nothing was added. */
struct node *tree_take_root(struct tree *tree);

#endif
