/* YAML text as a tree, as strict and as bounded as a job file is to be.
 *
 * Read by libyaml's events. Accepted: one document, block and flow style,
 * anchors and aliases (an alias is expanded: a node's tree holds a copy), the
 * core tags where they say what the node is (and !!str, which makes a text).
 * Refused, each as one problem: more than one document, other tags, merge keys,
 * duplicate keys, keys that are no scalars, UTF-16, NUL and invalid UTF-8, and
 * whatever exceeds the limits. */
#ifndef JOB_NODE_H
#define JOB_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job/problems.h"

enum {
    NODE_LIMIT_FILE_BYTES = 1024 * 1024,
    NODE_LIMIT_DEPTH = 32,
    NODE_LIMIT_EVENTS = 100000, /* after expansion of aliases */
    NODE_LIMIT_SCALAR_BYTES = 64 * 1024,
    NODE_LIMIT_TEXT_BYTES = 2 * 1024 * 1024, /* all scalars, after expansion */
    NODE_LIMIT_ANCHORS = 256,
};

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node_pair;

/* plain  a scalar written without quotes (and not in block style): only such a
 *        one can be anything else than text */
struct node {
    enum node_kind kind;
    struct position at;
    bool plain;
    char *text; /* scalars: terminated by NUL, none inside */
    size_t count;
    struct node **items;     /* lists: count of them */
    struct node_pair *pairs; /* maps: count of them, in the file's order */
};

struct node_pair {
    struct node *key;
    struct node *value;
};

/* Parse SIZE bytes of YAML. A text with nothing in it is a null.
 *
 * Returns the root, to be destroyed by the caller; problems may have been added
 * even so (duplicate keys: the tree has them all, the first one counts).
 * Returns NULL when there is no tree: with at least one problem added, or with
 * none when there is no memory. */
struct node *node_parse(const char *text, size_t size,
                        struct problems *problems);
void node_destroy(struct node *node);

/* The value at KEY of a map, or NULL. */
const struct node *node_get(const struct node *map, const char *key);

/* The YAML 1.2 core schema, as narrow as drover wants it: a plain scalar is
 *   null   null, Null, NULL, ~ or nothing
 *   bool   true, True, TRUE, false, False, FALSE
 *   int    [-+]?(0|[1-9][0-9]*), 0x[0-9a-fA-F]+, 0o[0-7]+, within
 *          -2^63 .. 2^64-1
 *   float  [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? that is no int,
 *          has no leading zero before a digit and fits a double,
 *          [-+]?\.(inf|Inf|INF), \.(nan|NaN|NAN)
 * and everything else (yes, on, 010, 12:30) is text. */
enum node_scalar {
    NODE_NULL,
    NODE_BOOL,
    NODE_INT,
    NODE_FLOAT,
    NODE_TEXT,
};
enum node_scalar node_scalar_type(const struct node *scalar);

/* Whether SCALAR is written as an int, but beyond that range: in decimals it is
 * a float then, otherwise a text. */
bool node_is_beyond_ints(const struct node *scalar);

/* What a scalar of that type is called: "null", "bool", "int", ... */
const char *node_scalar_name(enum node_scalar type);

/* What NODE is, for messages: `the text "yes"`, "the int 7", "null", "a list",
 * "a map"; of an int beyond the range of ints that, too; long texts are cut.
 * Written to OUT, which is returned. */
const char *node_describe(const struct node *node, char *out, size_t size);

/* Read a scalar of that very type. Returns whether it is one. */
bool node_get_bool(const struct node *node, bool *out);
bool node_get_int(const struct node *node, int64_t *out);
bool node_get_uint(const struct node *node, uint64_t *out);
bool node_get_float(const struct node *node, double *out); /* also an int */

#endif
