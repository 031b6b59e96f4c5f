/* [worker] */
#include "plugin/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "plugin/call.h"
#include "process/crash.h"
#include "process/status.h"
#include "wire/channel.h"

enum {
    FLUSH_BYTES = 4 * 1024,    /* results wait until there is so much, */
    FLUSH_NS = 1000 * 1000,    /* or for so long, */
                               /* or until no call is left to run */
    INSPECT_NS = 20000 * 1000, /* between two looks at the process's state */
    PRINTED_BYTES = 16 * 1024,
    PIPE_BYTES = 64 * 1024, /* what the pipe of printed text holds */
    PRINTS_MEASURED = 256,
    OUTBOX_FIRST_BYTES = 512,
};

/* refusal    why worker_start of a plugin refused; empty: none did
 * now_ns     when the last call ended
 * unsent_ns  when the oldest unsent result was ready; 0: none
 * print_ns   a call that took less has not printed
 * before     the state of the process that calls must leave as it was */
struct worker {
    const struct worker_setting *setting;
    struct channel channel;
    struct outbox outbox;
    struct drover_call call;
    char refusal[256];
    int64_t now_ns;
    int64_t unsent_ns;
    int64_t inspected_ns;
    uint64_t print_ns;
    struct status before;
    bool host_gone;
};

static void start_plugins(struct worker *worker)
{
    for (size_t i = 0; i < worker->setting->plugin_count; i++) {
        const struct drover_plugin *plugin =
            worker->setting->plugins[i].exported;
        int status = 0;
        if (plugin_has_hooks(plugin) && plugin->worker_start != NULL)
            status = plugin->worker_start();
        if (status != 0) {
            snprintf(worker->refusal, sizeof worker->refusal,
                     "worker_start of plugin %s returned %d", plugin->name,
                     status);
            return;
        }
    }
}

static void stop_plugins(const struct worker *worker)
{
    for (size_t i = worker->setting->plugin_count; i > 0; i--) {
        const struct drover_plugin *plugin =
            worker->setting->plugins[i - 1].exported;
        if (plugin_has_hooks(plugin) && plugin->worker_stop != NULL)
            plugin->worker_stop();
    }
}

static void put(struct worker *worker, const struct message *message)
{
    if (outbox_put(&worker->outbox, message) < 0)
        worker->host_gone = true;
}

static void flush(struct worker *worker)
{
    if (outbox_flush(&worker->outbox) < 0)
        worker->host_gone = true;
    worker->unsent_ns = 0;
}

/* Send what the call has printed, before its result. The host may be reading
 * the same pipe, but only while it holds the slate's lock. */
static void send_printed(struct worker *worker)
{
    /* Not on the stack: its pages would be touched for every forked worker. */
    static char bytes[PRINTED_BYTES];
    /* Not until it is empty: the call may have left somebody who prints. */
    for (size_t read_bytes = 0; read_bytes < PIPE_BYTES;) {
        ssize_t size = read(worker->setting->printed, bytes, sizeof bytes);
        if (size <= 0)
            break;
        read_bytes += (size_t)size;
        put(worker,
            &(struct message){ .type = MESSAGE_PRINTED,
                               .as.printed = { worker->call.sequence,
                                               { bytes, (size_t)size } } });
    }
}

static void send_failure(struct worker *worker, uint64_t elapsed_ns,
                         bool refused, const char *text)
{
    put(worker, &(struct message){ .type = MESSAGE_FAILED,
                                   .as.failed = { worker->call.sequence,
                                                  elapsed_ns,
                                                  refused,
                                                  { text, strlen(text) } } });
}

static void send_result(struct worker *worker, uint64_t elapsed_ns)
{
    static const uint8_t null = 0xf6;
    struct drover_call *call = &worker->call;
    struct message message = {
        .type = MESSAGE_RETURNED,
        .as.returned = { call->sequence, elapsed_ns,
                         call->has_result || !call->sent,
                         call->has_result ? call->result
                                          : (struct drover_value){ &null, 1 } },
    };
    int status = outbox_put(&worker->outbox, &message);
    if (status == -EMSGSIZE || status == -ENOMEM)
        send_failure(worker, elapsed_ns, false,
                     "the result is too large to be sent");
    else if (status < 0)
        worker->host_gone = true;
}

static const struct drover_task *find_task(const struct worker *worker,
                                           const struct message_call *message,
                                           size_t *param_stride)
{
    if (message->plugin >= worker->setting->plugin_count)
        return NULL;
    const struct drover_plugin *plugin =
        worker->setting->plugins[message->plugin].exported;
    *param_stride = plugin->param_stride;
    return plugin_task(plugin, message->task);
}

/* Run the call's task. Returns how long that took. */
static uint64_t run_task(struct worker *worker)
{
    struct drover_call *call = &worker->call;
    /* Not the end of the call before: what lies between is not the task's. */
    int64_t begin_ns = clock_now_ns();
    crash_set_floor(__builtin_frame_address(0));
    int returned = call->task->run(call);
    worker->now_ns = clock_now_ns();
    call_judge(call, returned);
    return (uint64_t)(worker->now_ns - begin_ns);
}

/* Looking costs a system call, which is more than a tiny task takes. But such a
 * one cannot have printed: that takes a system call, too, unless stdio holds
 * the text back. */
static bool may_have_printed(const struct worker *worker, uint64_t elapsed_ns)
{
    return elapsed_ns >= worker->print_ns || __fpending(stdout) > 0;
}

/* With the slate's lock held nobody but us reads the pipe, so there must be
 * room in it for what is flushed. */
static void flush_printed(struct worker *worker)
{
    send_printed(worker);
    fflush(stdout);
    send_printed(worker);
}

static void finish_call(struct worker *worker, uint64_t elapsed_ns)
{
    struct slate *slate = worker->setting->slate;
    bool look = slate != NULL && may_have_printed(worker, elapsed_ns);
    if (look) {
        slate_lock(slate);
        flush_printed(worker);
    } else if (slate == NULL && __fpending(stdout) > 0) {
        /* In the pipe before the host learns that the call has ended. */
        fflush(stdout);
    }
    if (worker->call.failed)
        send_failure(worker, elapsed_ns, false, worker->call.failure);
    else
        send_result(worker, elapsed_ns);
    if (look)
        slate_unlock(slate);
}

static void serve_call(struct worker *worker,
                       const struct message_call *message)
{
    struct slate *slate = worker->setting->slate;
    if (slate != NULL && !slate_start(slate, message->sequence))
        return; /* the host took it back */
    struct drover_call *call = &worker->call;
    call->sequence = message->sequence;
    call->index = message->index;
    size_t param_stride = 0;
    const struct drover_task *task = find_task(worker, message, &param_stride);
    if (worker->refusal[0] != '\0') {
        send_failure(worker, 0, true, worker->refusal);
        return;
    }
    if (task == NULL) {
        send_failure(worker, 0, true, "the worker has no such task");
        return;
    }
    call_begin(call, task, param_stride, message->args);
    finish_call(worker, run_task(worker));
    call_end(call);
}

static void flush_when_due(struct worker *worker)
{
    if (worker->unsent_ns == 0)
        worker->unsent_ns = worker->now_ns;
    if (outbox_size(&worker->outbox) >= FLUSH_BYTES ||
        worker->now_ns - worker->unsent_ns >= FLUSH_NS)
        flush(worker);
}

/* Run the calls that have arrived. Returns false when no more are to come. */
static bool serve_arrived(struct worker *worker)
{
    struct message message;
    int received;
    while ((received = channel_receive(&worker->channel, &message, NULL)) > 0) {
        serve_call(worker, &message.as.call);
        if (worker->setting->slate == NULL || worker->host_gone)
            return false;
        flush_when_due(worker);
    }
    return received == 0;
}

/* Whether calls left something behind that others would stumble over. */
static bool must_retire(struct worker *worker)
{
    struct status now;
    if (worker->now_ns - worker->inspected_ns < INSPECT_NS)
        return false;
    worker->inspected_ns = worker->now_ns;
    if (status_read(&now) < 0)
        return false;
    const char *difference = status_difference(&worker->before, &now);
    if (difference == NULL)
        return false;
    char reason[128];
    snprintf(reason, sizeof reason, "a call changed %s", difference);
    put(worker,
        &(struct message){ .type = MESSAGE_RETIRING,
                           .as.retiring = { { reason, strlen(reason) } } });
    return true;
}

static void serve(struct worker *worker)
{
    for (;;) {
        if (channel_fill_wait(&worker->channel) <= 0)
            return;
        worker->now_ns = clock_now_ns();
        bool more = serve_arrived(worker);
        if (more && worker->setting->slate != NULL && must_retire(worker))
            more = false;
        flush(worker);
        if (!more || worker->host_gone)
            return;
    }
}

/* The quickest of many writes of one byte into a pipe: no call that prints
 * takes less, for it does more than that; 0, so that every call is looked at,
 * when it cannot be told. */
static uint64_t measure_print_ns(void)
{
    int pipe_ends[2];
    int64_t quickest_ns = INT64_MAX;
    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return 0;
    for (int i = 0; i < PRINTS_MEASURED; i++) {
        int64_t begin_ns = clock_now_ns();
        bool written = write(pipe_ends[1], "", 1) == 1;
        int64_t elapsed_ns = clock_now_ns() - begin_ns;
        if (written && elapsed_ns < quickest_ns)
            quickest_ns = elapsed_ns;
    }
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    return quickest_ns == INT64_MAX ? 0 : (uint64_t)quickest_ns;
}

/* One process is one worker: its state may be static, and prepared before the
 * fork. It lies on one page, so that only one must be copied. */
static _Alignas(2048) struct worker the_worker;
_Static_assert(sizeof the_worker <= 2048, "may lie on two pages");

int worker_prepare(void)
{
    struct worker *worker = &the_worker;
    int no_socket = -1;
    /* Lines are seen while a call runs, and not lost when it crashes. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    channel_open(&worker->channel, &no_socket, MESSAGE_FROM_HOST_TO_WORKER);
    outbox_init(&worker->outbox, -1, NULL);
    worker->print_ns = measure_print_ns();
    int status = call_init(&worker->call, &worker->outbox);
    if (status == 0)
        status = buffer_reserve(&worker->outbox.buffer, OUTBOX_FIRST_BYTES);
    if (status == 0)
        status = buffer_reserve(&worker->channel.in, worker->channel.chunk);
    return status;
}

int worker_serve(const struct worker_setting *setting)
{
    struct worker *worker = &the_worker;
    worker->setting = setting;
    worker->channel.socket = setting->socket;
    worker->outbox.socket = setting->socket;
    worker->outbox.slate = setting->slate;
    start_plugins(worker);
    if (setting->slate != NULL)
        status_read(&worker->before);
    serve(worker);
    stop_plugins(worker);
    fflush(NULL);
    return EXIT_SUCCESS;
}
