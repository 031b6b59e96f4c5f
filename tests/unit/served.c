#include "served.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "scratch.h"
#include "store/record.h"
#include "unit.h"
#include "value/encode.h"

enum { PATIENCE_MS = 20000, LIMIT_BYTES = 64 * 1024 * 1024 };

/* --- The run ----------------------------------------------------------------
 */

void served_make(struct served *served)
{
    struct drover_error err = { 0 };
    scratch_create();
    *served = (struct served){ .path = strdup(scratch_path("run.socket")) };
    struct store_run run = { .job = "test",
                             .text = "",
                             .file = "",
                             .directory = "/",
                             .address = served->path,
                             .background = true,
                             .workers = 1,
                             .keep_ms = -1 };
    scratch_make_folder(scratch_path("state"));
    setenv("XDG_STATE_HOME", scratch_path("state"), 1);
    ASSERT_INT(store_create(&run, &served->store, &err), 0);
    served->folder = strdup(store_folder(served->store));
}

static void end_call(struct served *served, uint64_t index,
                     const struct record_outcome *outcome, int64_t *id)
{
    static const uint8_t key[RECORD_KEY_BYTES] = { 1 };
    struct record_call call = { .stage = "stage", .index = index, .key = key };
    ASSERT_INT(record_end(served->store, id, &call, outcome, true, NULL), 0);
}

static void add_value(struct served *served, uint64_t index)
{
    static const uint8_t key[RECORD_KEY_BYTES] = { 1 };
    struct record_call call = { .stage = "stage", .index = index, .key = key };
    struct record_outcome ok = {
        .cause = DROVER_OK, .text = "", .attempts = 1, .elapsed_ns = 5
    };
    struct buffer bytes = BUFFER_INIT(64);
    int64_t id = 0;
    ASSERT_INT(value_put_uint(&bytes, index), 0);
    struct record_value value = { .value = value_of_buffer(&bytes),
                                  .last = true,
                                  .offered = true };
    ASSERT_INT(record_begin(served->store, &call, &id, NULL), 0);
    ASSERT_INT(record_add_value(served->store, id, &value, NULL, NULL), 0);
    end_call(served, index, &ok, &id);
    buffer_clear(&bytes);
}

static void commit(struct served *served)
{
    ASSERT_INT(store_commit(served->store, NULL), 0);
    if (served->server != NULL)
        ASSERT_INT(server_offer(served->server, NULL), 0);
}

void served_add(struct served *served, uint64_t count)
{
    struct store_summary summary;
    store_summarize(served->store, &summary);
    for (uint64_t i = 0; i < count; i++)
        add_value(served, summary.items + i);
    commit(served);
}

void served_add_failure(struct served *served, uint64_t index,
                        enum drover_cause cause, const char *text, int number)
{
    struct record_outcome outcome = {
        .cause = cause, .text = text, .number = number, .attempts = 1
    };
    int64_t id = 0;
    end_call(served, index, &outcome, &id);
    commit(served);
}

/* --- Serving ----------------------------------------------------------------
 */

static void cancel(void *context)
{
    struct served *served = context;
    served->cancelled++;
}

static int pass(void *context, struct drover_value value)
{
    struct served *served = context;
    if (served->refusal != 0)
        return served->refusal;
    served->passed++;
    served->passed_last = -1;
    (void)drover_value_get_int(value, &served->passed_last);
    return 0;
}

void served_open(struct served *served)
{
    struct server_client client = { .context = served,
                                    .cancel = cancel,
                                    .pass = pass };
    struct drover_error err = { 0 };
    ASSERT_INT(
        address_own(served->path, served->folder, &served->address, &err), 0);
    served->server =
        server_create(served->store, served->address, &client, &err);
    ASSERT(served->server != NULL);
}

void served_finish(struct served *served)
{
    ASSERT_INT(store_end_run(served->store, STORE_FINISHED, NULL), 0);
    if (served->server != NULL)
        ASSERT_INT(server_finish(served->server, NULL), 0);
}

static void turn(struct served *served)
{
    if (served->server != NULL)
        ASSERT_INT(server_turn(served->server, NULL), 0);
}

void served_settle(struct served *served)
{
    struct pollfd polled = { server_descriptor(served->server), POLLIN, 0 };
    do
        turn(served);
    while (poll(&polled, 1, 0) > 0);
}

void served_close(struct served *served)
{
    server_destroy(served->server);
    served->server = NULL;
    address_release(served->address, false);
    served->address = NULL;
}

void served_remove(struct served *served)
{
    served_close(served);
    store_close(served->store);
    free(served->folder);
    free(served->path);
    scratch_destroy();
}

/* --- In another process -----------------------------------------------------
 */

_Noreturn static void serve_for_ever(struct served *served, bool ended,
                                     int ready)
{
    if (store_open(served->folder, &served->store, NULL) < 0)
        _exit(1);
    served_open(served);
    if (ended && server_finish(served->server, NULL) < 0)
        _exit(2);
    close(ready);
    while (!ended || !server_is_drained(served->server)) {
        struct pollfd polled = { server_descriptor(served->server), POLLIN, 0 };
        (void)poll(&polled, 1, 1000);
        if (server_turn(served->server, NULL) < 0)
            _exit(3);
    }
    served_close(served);
    store_close(served->store);
    _exit(0);
}

pid_t served_fork(struct served *served, bool ended)
{
    int ready[2];
    char byte;
    if (ended)
        served_finish(served);
    served_close(served);
    store_close(served->store);
    served->store = NULL;
    ASSERT_INT(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ready[0]);
        serve_for_ever(served, ended, ready[1]);
    }
    ASSERT(child > 0);
    close(ready[1]);
    ASSERT_INT(read(ready[0], &byte, 1), 0);
    close(ready[0]);
    return child;
}

static void await_end(struct served *served, pid_t child, int expected)
{
    int status;
    ASSERT_INT(waitpid(child, &status, 0), child);
    ASSERT_INT(status, expected);
    ASSERT_INT(store_open(served->folder, &served->store, NULL), 0);
}

void served_kill(struct served *served, pid_t child)
{
    kill(child, SIGKILL);
    await_end(served, child, SIGKILL);
}

void served_await(struct served *served, pid_t child)
{
    await_end(served, child, 0);
}

/* --- A collector by hand ----------------------------------------------------
 */

void client_connect(struct served *served, struct channel *channel)
{
    struct drover_error err = { 0 };
    int socket =
        address_connect(served->path, clock_now_ms() + PATIENCE_MS, &err);
    ASSERT_TEXT(err.message, "");
    ASSERT(socket >= 0);
    channel_open(channel, &socket, MESSAGE_FROM_SERVER);
}

void client_open(struct served *served, struct channel *channel)
{
    struct message message = { MESSAGE_HELLO,
                               .as.hello = { MESSAGE_PROTOCOL } };
    client_connect(served, channel);
    client_say(channel, &message);
    client_expect(served, channel, MESSAGE_WELCOME, &message);
}

void client_say(struct channel *channel, const struct message *message)
{
    ASSERT_INT(channel_queue(channel, message), 0);
    ASSERT_INT(channel_flush(channel), 0);
}

void client_take(struct channel *channel, uint64_t count, bool peek, bool wait)
{
    struct message take = { MESSAGE_TAKE, .as.take = { count, peek, wait } };
    client_say(channel, &take);
}

void client_acknowledge(struct channel *channel, uint64_t first, uint64_t last)
{
    struct message message = { MESSAGE_ACKNOWLEDGE,
                               .as.acknowledge = { first, last } };
    client_say(channel, &message);
}

void client_send_bytes(struct channel *channel, const void *bytes, size_t size)
{
    ASSERT_INT(buffer_append(&channel->out, bytes, size), 0);
    ASSERT_INT(channel_flush(channel), 0);
}

bool client_hear(struct served *served, struct channel *channel,
                 struct message *message)
{
    struct drover_error err = { 0 };
    int64_t deadline_ms = clock_now_ms() + PATIENCE_MS;
    while (clock_now_ms() < deadline_ms) {
        int status = channel_receive(channel, message, &err);
        ASSERT_TEXT(err.message, "");
        if (status > 0)
            return true;
        turn(served);
        status = channel_fill(channel, NULL);
        if (status == 0)
            return false;
        if (status == -EAGAIN)
            (void)channel_wait(channel, served->server == NULL
                                            ? deadline_ms
                                            : clock_now_ms() + 1);
    }
    ASSERT_TEXT("nothing came", "something");
    return false;
}

void client_expect(struct served *served, struct channel *channel,
                   enum message_type type, struct message *message)
{
    ASSERT(client_hear(served, channel, message));
    ASSERT_INT(message->type, type);
}

void client_expect_item(struct served *served, struct channel *channel,
                        uint64_t number, bool redelivered)
{
    struct message message;
    client_expect(served, channel, MESSAGE_ITEM, &message);
    ASSERT_INT(message.as.item.number, number);
    ASSERT_INT(message.as.item.redelivered, redelivered);
}

void client_expect_silence(struct served *served, struct channel *channel)
{
    struct message message;
    served_settle(served);
    (void)channel_fill(channel, NULL);
    ASSERT_INT(channel_receive(channel, &message, NULL), 0);
}
