/* [host] Puts results into the order of their calls, or lets them pass as they
 * arrive. Memory is bounded: whoever dispatches calls asks order_is_full()
 * before each one. */
#ifndef RUN_ORDER_H
#define RUN_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/value.h>

enum {
    ORDER_CALLS_MAX = 16384, /* that results may run ahead of */
    ORDER_BYTES_MAX = 32 * 1024 * 1024,
};

/* A result, and what whoever adds it knows it by. */
struct order_result {
    struct drover_value value;
    uint64_t item;
};

/* Takes the results that leave, one after the other. Returns 0 or a negative
 * errno value, which the functions below then return. */
typedef int (*order_emit_fn)(void *context, uint64_t index,
                             const struct order_result *result);

struct order;

/* arrival  let results pass as they come */
struct order *order_create(bool arrival, order_emit_fn emit, void *context);
void order_destroy(struct order *order);

/* Whether call INDEX is too far ahead of the first one that has not ended. */
bool order_is_full(const struct order *order, uint64_t index);

/* The first call that has not ended. */
uint64_t order_first(const struct order *order);

/* Whether so many bytes are held that results of call INDEX, which is not the
 * first one, had better come later. */
bool order_is_swamped(const struct order *order, uint64_t index);

/* A result of call INDEX. Returns 0, -ENOMEM, or what emit returned. */
int order_add(struct order *order, uint64_t index,
              const struct order_result *result);

/* Call INDEX has ended, whatever its outcome. Each call does so once. */
int order_end(struct order *order, uint64_t index);

#endif
