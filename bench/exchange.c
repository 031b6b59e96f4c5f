/* Calls that a C program makes through an exchange, two at a time: how many a
 * second, printed.
 *
 *     exchange forked|reused COUNT */
#include <drover.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int echo(struct drover_call *call)
{
    return drover_return_int(call, drover_arg_int(call, "n"));
}

/* Returns how many calls succeeded. */
static int run(const struct drover_exchange_options *options, int count)
{
    struct drover_error err;
    struct drover_outcome outcome;
    int succeeded = 0;
    struct drover_exchange *queue = drover_queue_create(options, &err);
    if (queue == NULL)
        return 0;
    struct drover_managed call = drover_manage(queue, echo, NULL);
    for (int n = 0; n < count; n++)
        drover_managed_call(&call, "{s: i}", "n", n);
    while (drover_exchange_next(queue, &outcome, -1, &err) > 0)
        succeeded += outcome.cause == DROVER_OK;
    drover_exchange_destroy(queue);
    return succeeded;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: exchange forked|reused COUNT\n");
        return 64;
    }
    struct drover_exchange_options options = {
        .limit = 2, .reuse = strcmp(argv[1], "reused") == 0
    };
    int count = atoi(argv[2]);
    double begin_s = now_s();
    if (run(&options, count) != count)
        return 1;
    printf("%.1f\n", count / (now_s() - begin_s));
    return 0;
}
