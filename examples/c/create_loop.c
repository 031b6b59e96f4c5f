/* The countdown of start_loop.c, between a program and a process that goes on
 * from the same place: each has an end of the channel, and both go through the
 * same loop. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <drover.h>

/* Say each number that comes, and answer it with the next lower one, until 0 is
 * reached here or there. Returns 0 or a negative errno value. */
static int take_turns(struct drover_channel *channel, const char *name,
                      struct drover_error *err)
{
    struct drover_value value;
    int64_t number = 1;
    int status = 0;
    while (number > 0 && status >= 0 &&
           (status = drover_channel_receive(channel, &value, -1, err)) > 0) {
        drover_value_get_int(value, &number);
        printf("%s: %" PRId64 "\n", name, number);
        fflush(stdout);
        if (number > 0)
            status = drover_channel_send_pack(channel, err, "I", number - 1);
    }
    return status < 0 ? status : 0;
}

static _Noreturn void be_child(struct drover_channel *channel)
{
    struct drover_error err;
    if (take_turns(channel, "child", &err) < 0)
        drover_exit_failed(channel, "%s", err.message);
    drover_exit(channel);
}

/* Give the child the first number, take turns, and see it end. Returns 0 or a
 * negative errno value. */
static int be_parent(struct drover_channel *channel, int64_t from,
                     struct drover_error *err)
{
    struct drover_value value;
    int status = drover_channel_send_pack(channel, err, "I", from);
    if (status == 0)
        status = take_turns(channel, "parent", err);
    drover_channel_close(channel);
    return status < 0 ? status
                      : drover_channel_receive(channel, &value, -1, err);
}

int main(int argc, char **argv)
{
    struct drover_error err;
    int64_t from = argc > 1 ? strtoll(argv[1], NULL, 10) : 10;
    struct drover_channel *channel = drover_create(&err);
    if (channel != NULL && drover_channel_pid(channel) == 0)
        be_child(channel);
    bool failed = channel == NULL || be_parent(channel, from, &err) < 0;
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    drover_channel_destroy(channel);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
