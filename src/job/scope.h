/* Where in a file the reading is: what stands in front of each message. */
#ifndef JOB_SCOPE_H
#define JOB_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job/node.h"
#include "job/problems.h"

/* where  "" or, for example, "stage count: " */
struct scope {
    struct problems *problems;
    char where[256];
};

/* Add to where, for example "stage count: "; leaving takes what entering
 * returned. */
size_t scope_enter(struct scope *scope, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void scope_leave(struct scope *scope, size_t entered);

/* As problems_add(), with the place in front. */
void scope_problem(const struct scope *scope, struct position at,
                   const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Add the problem "KEY: expected WHAT, got" and what NODE is. */
void scope_expected(const struct scope *scope, const char *key,
                    const struct node *node, const char *what);

/* Read the value of KEY. Returns whether NODE is what is asked for: a text that
 * is not empty; an int within inclusive bounds. Otherwise a problem was added
 * and *OUT is untouched. */
bool scope_get_text(const struct scope *scope, const char *key,
                    const struct node *node, const char **out);
bool scope_get_int(const struct scope *scope, const char *key,
                   const struct node *node, int64_t min, int64_t max,
                   int64_t *out);

/* The same for a duration, see duration.h. */
bool scope_get_duration(const struct scope *scope, const char *key,
                        const struct node *node, int64_t *out_ms);

/* Whether NODE, the value of KEY, is WORD. Otherwise the problem was added that
 * WHAT was expected. */
bool scope_is_word(const struct scope *scope, const char *key,
                   const struct node *node, const char *word, const char *what);

#endif
