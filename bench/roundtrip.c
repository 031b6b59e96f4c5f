/* One call at a time, there and back, on the channel and by the worker's own
 * loop; or, with the argument raw, as many bytes on a bare socket pair.
 *
 *     roundtrip call|raw COUNT
 *
 * Prints microseconds for one. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "plugin/worker.h"
#include "value/encode.h"
#include "wire/channel.h"

enum { CALL_BYTES = 40, RESULT_BYTES = 17 };

static int empty(struct drover_call *call)
{
    return drover_return_int(call, drover_arg_int(call, "i"));
}

static const struct drover_task tasks[] = {
    { .name = "empty",
      .run = empty,
      .params = DROVER_PARAMS({ .name = "i", .type = DROVER_INT }) },
};
DROVER_PLUGIN("bench", "1.0", "One task that does nothing", tasks);

static void fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static void read_all(int socket, char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t got = recv(socket, bytes, size, 0);
        if (got <= 0)
            exit(got == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
        bytes += got;
        size -= (size_t)got;
    }
}

static void answer_raw(int socket)
{
    char call[CALL_BYTES], result[RESULT_BYTES] = { 0 };
    for (;;) {
        read_all(socket, call, sizeof call);
        if (send(socket, result, sizeof result, 0) < 0)
            exit(EXIT_FAILURE);
    }
}

static void ask_raw(int socket, long count)
{
    char call[CALL_BYTES] = { 0 }, result[RESULT_BYTES];
    for (long i = 0; i < count; i++) {
        if (send(socket, call, sizeof call, 0) < 0)
            fail("send");
        read_all(socket, result, sizeof result);
    }
}

static void answer_calls(int socket, struct slate *slate, int printed)
{
    struct plugin plugin = { .exported = &drover_plugin };
    struct plugin_set plugins = { &plugin, 1 };
    if (worker_prepare() < 0)
        exit(EXIT_FAILURE);
    exit(worker_serve(&(struct worker_setting){ .socket = socket,
                                                .slate = slate,
                                                .printed = printed,
                                                .find = plugin_set_find,
                                                .find_context = &plugins,
                                                .plugins = &plugins }));
}

static void ask_call(struct channel *channel, struct slate *slate, long i)
{
    struct buffer args = BUFFER_INIT(64);
    struct message message = { .type = MESSAGE_CALL };
    if (value_put_map_head(&args, 1) < 0 || value_put_text(&args, "i", 1) < 0 ||
        value_put_int(&args, i) < 0)
        fail("arguments");
    message.as.call.sequence = (uint64_t)i;
    message.as.call.args =
        (struct drover_value){ buffer_bytes(&args), buffer_size(&args) };
    slate_post(slate, (uint64_t)i);
    if (channel_queue(channel, &message) < 0 || channel_flush(channel) < 0)
        fail("send");
    buffer_clear(&args);
    while (channel_receive(channel, &message, NULL) == 0)
        if (channel_fill_wait(channel) <= 0)
            fail("receive");
}

static void ask_calls(int socket, struct slate *slate, long count)
{
    struct channel channel;
    channel_open(&channel, &socket, MESSAGE_FROM_WORKER);
    for (long i = 0; i < count; i++)
        ask_call(&channel, slate, i);
    channel_close(&channel);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: roundtrip call|raw COUNT\n", stderr);
        return EXIT_FAILURE;
    }
    int raw = strcmp(argv[1], "raw") == 0, pair[2], printed[2], memory;
    long count = strtol(argv[2], NULL, 10);
    struct slate *slate;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
        pipe2(printed, O_CLOEXEC | O_NONBLOCK) < 0 ||
        slate_create(&slate, &memory, NULL) < 0)
        fail("setup");
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        if (raw)
            answer_raw(pair[1]);
        answer_calls(pair[1], slate, printed[0]);
    }
    close(pair[1]);
    int64_t begin_ns = clock_now_ns();
    if (raw)
        ask_raw(pair[0], count);
    else
        ask_calls(pair[0], slate, count);
    int64_t elapsed_ns = clock_now_ns() - begin_ns;
    if (raw)
        close(pair[0]);
    waitpid(pid, NULL, 0);
    printf("%.2f\n", (double)elapsed_ns / 1000 / (double)count);
    return EXIT_SUCCESS;
}
