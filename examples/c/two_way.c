/* Both directions of a channel at once. The program and the process that it has
 * made each send a few megabytes before they receive any: what arrives while
 * one sends is kept for it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <drover.h>

enum { BLOCKS = 128, BLOCK_NUMBERS = 4096 };

/* Send the numbers FIRST, FIRST + 1, ... in BLOCKS arrays. Returns 0 or a
 * negative errno value. */
static int send_numbers(struct drover_channel *channel, int64_t first,
                        struct drover_error *err)
{
    struct drover_builder *array = drover_builder_create();
    int64_t numbers[BLOCK_NUMBERS];
    size_t shape[] = { BLOCK_NUMBERS };
    struct drover_value value;
    int status = 0;
    if (array == NULL) {
        *err = (struct drover_error){ ENOMEM, "out of memory" };
        return -ENOMEM;
    }
    for (int block = 0; block < BLOCKS && status == 0; block++) {
        for (int n = 0; n < BLOCK_NUMBERS; n++)
            numbers[n] = first++;
        drover_builder_reset(array);
        drover_build_array(array, DROVER_INT64, 1, shape, numbers);
        status = drover_builder_value(array, &value, err);
        if (status == 0)
            status = drover_channel_send(channel, value, -1, err);
    }
    drover_builder_destroy(array);
    return status;
}

/* Receive as much, and add it up. Returns 0 or a negative errno value. */
static int add_numbers(struct drover_channel *channel, int64_t *sum,
                       struct drover_error *err)
{
    int64_t numbers[BLOCK_NUMBERS];
    struct drover_array array;
    struct drover_value value;
    for (int block = 0; block < BLOCKS; block++) {
        int status = drover_channel_receive(channel, &value, -1, err);
        if (status <= 0)
            return status;
        if (drover_value_get_array(value, &array) < 0 ||
            array.count != BLOCK_NUMBERS)
            continue;
        drover_array_copy(&array, numbers);
        for (int n = 0; n < BLOCK_NUMBERS; n++)
            *sum += numbers[n];
    }
    return 0;
}

static int exchange_numbers(struct drover_channel *channel, const char *name,
                            int64_t first, struct drover_error *err)
{
    int64_t sum = 0;
    int status = send_numbers(channel, first, err);
    if (status == 0)
        status = add_numbers(channel, &sum, err);
    if (status == 0)
        printf("%s: %d numbers sent, those received make %" PRId64 "\n", name,
               BLOCKS * BLOCK_NUMBERS, sum);
    return status;
}

static _Noreturn void be_child(struct drover_channel *channel)
{
    struct drover_error err;
    if (exchange_numbers(channel, "child", 1000000, &err) < 0)
        drover_exit_failed(channel, "%s", err.message);
    drover_exit(channel);
}

/* See the child end well: then it has printed, too. */
static int wait_for_child(struct drover_channel *channel,
                          struct drover_error *err)
{
    struct drover_value value;
    return drover_channel_receive(channel, &value, -1, err);
}

int main(void)
{
    struct drover_error err;
    struct drover_channel *channel = drover_create(&err);
    if (channel != NULL && drover_channel_pid(channel) == 0)
        be_child(channel);
    bool failed = channel == NULL ||
                  exchange_numbers(channel, "parent", 1, &err) < 0 ||
                  wait_for_child(channel, &err) < 0;
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    drover_channel_destroy(channel);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
