/* A countdown between a program and a task that it has started: they take
 * turns, each says the number that it was sent, and sends the next lower one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <drover.h>

/* In the new process the task's call is the other end of the channel. */
static int count_down(struct drover_call *call)
{
    struct drover_value value;
    int64_t number;
    while (drover_receive(call, &value, -1) > 0) {
        if (drover_value_get_int(value, &number) < 0)
            return drover_fail(call, "what was sent is no int");
        printf("child: %" PRId64 "\n", number);
        fflush(stdout);
        if (number <= 0)
            break;
        int status = drover_send_pack(call, "I", number - 1);
        if (status != 0)
            return status;
    }
    return 0;
}

/* Take turns with the child, beginning with NUMBER, until it has ended. Returns
 * 0 or a negative errno value. */
static int take_turns(struct drover_channel *channel, int64_t number,
                      struct drover_error *err)
{
    struct drover_value value;
    int status = drover_channel_send_pack(channel, err, "I", number);
    while (status >= 0 &&
           (status = drover_channel_receive(channel, &value, -1, err)) > 0) {
        if (drover_value_get_int(value, &number) < 0)
            continue; /* null: what a task returns that has sent nothing */
        printf("parent: %" PRId64 "\n", number);
        fflush(stdout);
        if (number <= 0)
            drover_channel_close(channel);
        else
            status = drover_channel_send_pack(channel, err, "I", number - 1);
    }
    return status;
}

int main(int argc, char **argv)
{
    struct drover_error err;
    struct drover_channel *channel =
        drover_start_pack(count_down, NULL, &err, NULL);
    int64_t from = argc > 1 ? strtoll(argv[1], NULL, 10) : 10;
    bool failed = channel == NULL || take_turns(channel, from, &err) < 0;
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    drover_channel_destroy(channel);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
