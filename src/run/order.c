/* [host] */
#include "run/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "value/item.h"

/* What is held of one call: its results, and their items. */
struct held {
    struct buffer values;
    struct buffer items;
    bool ended;
};

/* next   the first call that has not ended
 * ring   calls next .. next + capacity - 1, at index % capacity */
struct order {
    bool arrival;
    order_emit_fn emit;
    void *context;
    uint64_t next;
    struct held *ring;
    uint64_t capacity;
    size_t held_bytes;
};

enum { CAPACITY_FIRST = 64, VALUES_KEPT_BYTES = 1024 };

struct order *order_create(bool arrival, order_emit_fn emit, void *context)
{
    struct order *order = malloc(sizeof *order);
    if (order != NULL)
        *order = (struct order){ .arrival = arrival,
                                 .emit = emit,
                                 .context = context };
    return order;
}

void order_destroy(struct order *order)
{
    if (order == NULL)
        return;
    for (uint64_t i = 0; i < order->capacity; i++) {
        buffer_clear(&order->ring[i].values);
        buffer_clear(&order->ring[i].items);
    }
    free(order->ring);
    free(order);
}

bool order_is_full(const struct order *order, uint64_t index)
{
    return !order->arrival && (index - order->next >= ORDER_CALLS_MAX ||
                               order->held_bytes >= ORDER_BYTES_MAX);
}

uint64_t order_first(const struct order *order)
{
    return order->next;
}

bool order_is_swamped(const struct order *order, uint64_t index)
{
    return !order->arrival && index != order->next &&
           order->held_bytes >= ORDER_BYTES_MAX;
}

/* Double the ring until INDEX has a place in it. */
static int make_room(struct order *order, uint64_t index)
{
    uint64_t capacity = order->capacity == 0 ? CAPACITY_FIRST : order->capacity;
    while (index - order->next >= capacity)
        capacity *= 2;
    struct held *ring = calloc(capacity, sizeof *ring);
    if (ring == NULL)
        return -ENOMEM;
    for (uint64_t i = 0; i < capacity; i++) {
        buffer_init(&ring[i].values, SIZE_MAX);
        buffer_init(&ring[i].items, SIZE_MAX);
    }
    for (uint64_t i = 0; i < order->capacity; i++)
        ring[(order->next + i) % capacity] =
            order->ring[(order->next + i) % order->capacity];
    free(order->ring);
    order->ring = ring;
    order->capacity = capacity;
    return 0;
}

static struct held *place(struct order *order, uint64_t index)
{
    if (index - order->next >= order->capacity && make_room(order, index) < 0)
        return NULL;
    return &order->ring[index % order->capacity];
}

int order_add(struct order *order, uint64_t index,
              const struct order_result *result)
{
    if (order->arrival || index == order->next)
        return order->emit(order->context, index, result);
    struct held *held = place(order, index);
    if (held == NULL)
        return -ENOMEM;
    int status =
        buffer_append(&held->items, &result->item, sizeof result->item);
    if (status == 0)
        status = buffer_append(&held->values, result->value.data,
                               result->value.size);
    if (status == 0)
        order->held_bytes += result->value.size;
    return status;
}

/* Let go what is held of the call that is now the first. */
static int emit_held(struct order *order, struct held *held)
{
    int status = 0;
    order->held_bytes -= buffer_size(&held->values);
    while (status == 0 && buffer_size(&held->values) > 0) {
        struct order_result result = {
            .value = { buffer_bytes(&held->values), buffer_size(&held->values) }
        };
        result.value.size = value_item_size(result.value);
        memcpy(&result.item, buffer_bytes(&held->items), sizeof result.item);
        status = order->emit(order->context, order->next, &result);
        buffer_consume(&held->values, result.value.size);
        buffer_consume(&held->items, sizeof result.item);
    }
    buffer_shrink(&held->values, VALUES_KEPT_BYTES);
    buffer_shrink(&held->items, VALUES_KEPT_BYTES);
    return status;
}

int order_end(struct order *order, uint64_t index)
{
    int status = 0;
    if (order->arrival)
        return 0;
    if (index != order->next) {
        struct held *held = place(order, index);
        if (held == NULL)
            return -ENOMEM;
        held->ended = true;
        return 0;
    }
    /* The call that everyone waited for, and those behind it that are done;
     * the first that is not passes what it has so far. */
    bool ended = true;
    while (ended && status == 0) {
        order->next++;
        if (order->capacity == 0)
            break;
        struct held *held = &order->ring[order->next % order->capacity];
        status = emit_held(order, held);
        ended = held->ended;
        held->ended = false;
    }
    return status;
}
