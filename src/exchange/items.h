/* What an exchange has received and its user has still to take: outcomes, and
 * values sent ahead of them. */
#ifndef EXCHANGE_ITEMS_H
#define EXCHANGE_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include <drover/outcome.h>

/* An outcome and, behind it, all that it points to. */
struct item {
    struct item *next;
    struct drover_outcome outcome;
    char bytes[];
};

/* In order of arrival, each forgotten after the next one was taken; or, when
 * `ordered`, in the order of their calls, and kept.
 *
 * first, last  those that were not taken; when ordered, per call
 * given        the one taken last, in order of arrival
 * cursor       when ordered: the call whose turn it is
 * size_bytes   of what was not taken */
struct items {
    bool ordered;
    struct item *first;
    struct item **last;
    struct item *given;
    struct item_chain *chains;
    size_t chain_count;
    size_t cursor;
    size_t size_bytes;
};

void items_init(struct items *items, bool ordered);
void items_clear(struct items *items);

/* Add a copy of OUTCOME and all that it points to; a CHANNEL in it is only
 * pointed to. Returns 0 or -ENOMEM. */
int items_add(struct items *items, const struct drover_outcome *outcome);

/* Take the next one, or NULL when it is not there yet. It is valid until the
 * next is taken, or for ever when ordered. */
const struct drover_outcome *items_take(struct items *items);

/* Whether one could be taken now, and how many; that walks over them. */
bool items_is_ready(const struct items *items);
size_t items_ready(const struct items *items);

/* There will be no more of call INDEX: when ordered, do not wait for it.
 * Returns 0 or -ENOMEM. */
int items_skip(struct items *items, size_t index);

/* The one added last that was not taken, or NULL; only when not ordered. */
const struct drover_outcome *items_last(const struct items *items);

/* Only when ordered: whether there will be no more of call INDEX; its outcome,
 * taken or not, or NULL when it is not there. */
bool items_have_ended(const struct items *items, size_t index);
const struct drover_outcome *items_find(const struct items *items,
                                        size_t index);

#endif
