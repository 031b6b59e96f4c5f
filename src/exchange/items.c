#include "exchange/items.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a call has given, when ordered.
 *
 * next   the first that was not taken
 * ended  its outcome is there */
struct item_chain {
    struct item *first;
    struct item *last;
    struct item *next;
    bool ended;
};

void items_init(struct items *items, bool ordered)
{
    *items = (struct items){ .ordered = ordered };
    items->last = &items->first;
}

static void free_list(struct item *item)
{
    while (item != NULL) {
        struct item *next = item->next;
        free(item);
        item = next;
    }
}

void items_clear(struct items *items)
{
    free_list(items->first);
    free(items->given);
    for (size_t i = 0; i < items->chain_count; i++)
        free_list(items->chains[i].first);
    free(items->chains);
    items_init(items, items->ordered);
}

static size_t size_of(const struct drover_outcome *outcome)
{
    return outcome->args.size + outcome->value.size + strlen(outcome->text) + 1;
}

static struct drover_value copy_value(char **to, struct drover_value value)
{
    struct drover_value copy = { *to, value.size };
    if (value.size == 0)
        return (struct drover_value){ NULL, 0 };
    memcpy(*to, value.data, value.size);
    *to += value.size;
    return copy;
}

static struct item *create(const struct drover_outcome *outcome)
{
    struct item *item = malloc(sizeof *item + size_of(outcome));
    if (item == NULL)
        return NULL;
    char *to = item->bytes;
    item->next = NULL;
    item->outcome = *outcome;
    item->outcome.args = copy_value(&to, outcome->args);
    item->outcome.value = copy_value(&to, outcome->value);
    item->outcome.text = strcpy(to, outcome->text);
    return item;
}

/* --- In order of arrival ---------------------------------------------------
 */

static void append(struct items *items, struct item *item)
{
    *items->last = item;
    items->last = &item->next;
}

static struct item *take_first(struct items *items)
{
    struct item *item = items->first;
    if (item == NULL)
        return NULL;
    free(items->given);
    items->given = item;
    items->first = item->next;
    if (items->first == NULL)
        items->last = &items->first;
    return item;
}

/* --- In the order of the calls ----------------------------------------------
 */

static int grow(struct items *items, size_t index)
{
    if (index < items->chain_count)
        return 0;
    size_t count = items->chain_count * 2;
    if (count < index + 16)
        count = index + 16;
    struct item_chain *chains =
        realloc(items->chains, count * sizeof *items->chains);
    if (chains == NULL)
        return -ENOMEM;
    memset(chains + items->chain_count, 0,
           (count - items->chain_count) * sizeof *chains);
    items->chains = chains;
    items->chain_count = count;
    return 0;
}

/* Step over calls of which everything has been taken. */
static void move_cursor(struct items *items)
{
    while (items->cursor < items->chain_count &&
           items->chains[items->cursor].ended &&
           items->chains[items->cursor].next == NULL)
        items->cursor++;
}

static void append_in_order(struct items *items, struct item *item)
{
    struct item_chain *chain = &items->chains[item->outcome.index];
    if (chain->first == NULL)
        chain->first = item;
    else
        chain->last->next = item;
    chain->last = item;
    if (chain->next == NULL)
        chain->next = item;
    chain->ended = item->outcome.ended;
}

static struct item *take_in_order(struct items *items)
{
    if (items->cursor >= items->chain_count)
        return NULL;
    struct item_chain *chain = &items->chains[items->cursor];
    struct item *item = chain->next;
    if (item == NULL)
        return NULL;
    chain->next = item->next;
    return item;
}

/* --- Both -------------------------------------------------------------------
 */

int items_add(struct items *items, const struct drover_outcome *outcome)
{
    if (items->ordered && grow(items, (size_t)outcome->index) < 0)
        return -ENOMEM;
    struct item *item = create(outcome);
    if (item == NULL)
        return -ENOMEM;
    if (items->ordered)
        append_in_order(items, item);
    else
        append(items, item);
    items->size_bytes += size_of(outcome);
    return 0;
}

const struct drover_outcome *items_take(struct items *items)
{
    struct item *item =
        items->ordered ? take_in_order(items) : take_first(items);
    if (item == NULL)
        return NULL;
    items->size_bytes -= size_of(&item->outcome);
    if (items->ordered)
        move_cursor(items);
    return &item->outcome;
}

bool items_have_ended(const struct items *items, size_t index)
{
    return index < items->chain_count && items->chains[index].ended;
}

const struct drover_outcome *items_find(const struct items *items, size_t index)
{
    if (!items->ordered || index >= items->chain_count)
        return NULL;
    const struct item *last = items->chains[index].last;
    return last == NULL || !last->outcome.ended ? NULL : &last->outcome;
}

int items_skip(struct items *items, size_t index)
{
    if (!items->ordered)
        return 0;
    if (grow(items, index) < 0)
        return -ENOMEM;
    items->chains[index].ended = true;
    move_cursor(items);
    return 0;
}

const struct drover_outcome *items_last(const struct items *items)
{
    const struct item *item = items->first;
    while (item != NULL && item->next != NULL)
        item = item->next;
    return item == NULL ? NULL : &item->outcome;
}

static size_t count_list(const struct item *item)
{
    size_t count = 0;
    for (; item != NULL; item = item->next)
        count++;
    return count;
}

size_t items_ready(const struct items *items)
{
    if (!items->ordered)
        return count_list(items->first);
    size_t count = 0;
    for (size_t i = items->cursor; i < items->chain_count; i++) {
        count += count_list(items->chains[i].next);
        if (!items->chains[i].ended)
            break;
    }
    return count;
}

bool items_is_ready(const struct items *items)
{
    if (!items->ordered)
        return items->first != NULL;
    return items->cursor < items->chain_count &&
           items->chains[items->cursor].next != NULL;
}
