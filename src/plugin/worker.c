/* [worker] */
#include "plugin/worker.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "plugin/call.h"
#include "plugin/incoming.h"
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
    WORKER_BYTES = 2048,
};

/* refusal    why worker_start of a plugin refused; empty: none did
 * now_ns     when the last call ended
 * unsent_ns  when the oldest unsent result was ready; 0: none
 * print_ns   a call that took less has not printed
 * before     the state of the process that calls must leave as it was
 * forgotten  the next older one in the list of these */
struct worker {
    struct worker_setting setting;
    struct incoming incoming;
    struct outbox outbox;
    struct drover_call call;
    char refusal[256];
    int64_t now_ns;
    int64_t unsent_ns;
    int64_t inspected_ns;
    uint64_t print_ns;
    struct status before;
    bool host_gone;
    struct worker *forgotten;
};

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
        ssize_t size = read(worker->setting.printed, bytes, sizeof bytes);
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

static const uint8_t null_byte = 0xf6;
static const struct drover_value null = { &null_byte, 1 };

static void send_empty(struct worker *worker, uint64_t elapsed_ns)
{
    put(worker,
        &(struct message){ .type = MESSAGE_RETURNED,
                           .as.returned = { worker->call.sequence, elapsed_ns,
                                            .value = null } });
}

static void send_result(struct worker *worker, uint64_t elapsed_ns)
{
    struct drover_call *call = &worker->call;
    struct message message = {
        .type = MESSAGE_RETURNED,
        .as.returned = { call->sequence, elapsed_ns,
                         call->has_result || !call->sent,
                         call->has_result ? call->result : null },
    };
    int status = outbox_put(&worker->outbox, &message);
    if (status == -EMSGSIZE || status == -ENOMEM)
        send_failure(worker, elapsed_ns, false,
                     "the result is too large to be sent");
    else if (status < 0)
        worker->host_gone = true;
}

/* Run the call's task. Returns how long that took. */
static uint64_t run_task(struct worker *worker)
{
    struct drover_call *call = &worker->call;
    /* Not the end of the call before: what lies between is not the task's. */
    int64_t begin_ns = clock_now_ns();
    crash_set_floor(__builtin_frame_address(0));
    int returned = call->task.run(call);
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
    struct slate *slate = worker->setting.slate;
    bool captures = slate != NULL && worker->setting.printed >= 0;
    bool look = captures && may_have_printed(worker, elapsed_ns);
    if (look) {
        slate_lock(slate);
        flush_printed(worker);
    } else if (!captures && __fpending(stdout) > 0) {
        /* Out before the host learns that the call has ended. */
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
    const struct worker_setting *setting = &worker->setting;
    struct drover_call *call = &worker->call;
    struct worker_task task = { 0 };
    if (setting->slate != NULL &&
        !slate_start(setting->slate, message->sequence))
        return; /* the host took it back */
    call->sequence = message->sequence;
    call->index = message->index;
    if (worker->refusal[0] != '\0') {
        send_failure(worker, 0, true, worker->refusal);
    } else if (!setting->find(setting->find_context, message, &task)) {
        send_failure(worker, 0, true, "the worker has no such task");
    } else {
        call_begin(call, &task, message->args);
        finish_call(worker, run_task(worker));
        call_end(call);
    }
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
    struct message_call call;
    int received;
    while ((received = incoming_next_call(&worker->incoming, &call)) > 0) {
        serve_call(worker, &call);
        incoming_end_call(&worker->incoming);
        if (worker->setting.slate == NULL || worker->host_gone)
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
        if (incoming_wait(&worker->incoming) <= 0)
            return;
        worker->now_ns = clock_now_ns();
        bool more = serve_arrived(worker);
        if (more && worker->setting.slate != NULL && must_retire(worker))
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

/* --- The worker that this process is ---------------------------------------
 */

/* NULL before it is prepared. It lies on one page, so that after a fork only
 * one must be copied. */
static struct worker *the_worker;
_Static_assert(sizeof *the_worker <= WORKER_BYTES, "may lie on two pages");

/* Those that processes were from which this one was forked. Their calls'
 * arguments may still be in use. */
static struct worker *forgotten;

static void destroy(struct worker *worker)
{
    call_clear(&worker->call);
    incoming_clear(&worker->incoming);
    outbox_clear(&worker->outbox);
    free(worker);
}

static struct worker *create(void)
{
    struct worker *worker = aligned_alloc(WORKER_BYTES, WORKER_BYTES);
    int no_socket = -1;
    if (worker == NULL)
        return NULL;
    *worker = (struct worker){ 0 };
    incoming_init(&worker->incoming, &no_socket);
    outbox_init(&worker->outbox, -1, NULL);
    struct channel *channel = &worker->incoming.channel;
    int status = call_init(&worker->call, &worker->outbox);
    if (status == 0)
        status = buffer_reserve(&worker->outbox.buffer, OUTBOX_FIRST_BYTES);
    if (status == 0)
        status = buffer_reserve(&channel->in, channel->chunk);
    if (status == 0)
        return worker;
    destroy(worker);
    return NULL;
}

static bool is_at_work(const struct worker *worker)
{
    return worker != NULL && worker->incoming.channel.socket >= 0;
}

/* Have a worker that is not at work yet. Returns NULL when out of memory. */
static struct worker *prepared(void)
{
    worker_forget();
    if (the_worker == NULL)
        the_worker = create();
    return the_worker;
}

static void start(struct worker *worker, const struct worker_setting *setting)
{
    worker->setting = *setting;
    worker->incoming.channel.socket = setting->socket;
    worker->outbox.socket = setting->socket;
    worker->outbox.slate = setting->slate;
    worker->call.run_seed = setting->seed;
    worker->call.incoming = setting->two_way ? &worker->incoming : NULL;
}

int worker_prepare(void)
{
    struct worker *worker = prepared();
    if (worker == NULL)
        return -ENOMEM;
    worker->print_ns = measure_print_ns();
    return 0;
}

int worker_serve(const struct worker_setting *setting)
{
    struct worker *worker = prepared();
    if (worker == NULL)
        return EXIT_FAILURE;
    start(worker, setting);
    if (setting->plugins != NULL)
        plugin_set_start(setting->plugins, worker->refusal,
                         sizeof worker->refusal);
    if (setting->slate != NULL)
        status_read(&worker->before);
    serve(worker);
    if (setting->plugins != NULL)
        plugin_set_stop(setting->plugins);
    fflush(NULL);
    return EXIT_SUCCESS;
}

struct drover_call *worker_begin_bare(int *socket, uint64_t sequence,
                                      uint64_t seed)
{
    struct worker *worker = prepared();
    if (worker == NULL)
        return NULL;
    start(worker, &(struct worker_setting){ .socket = *socket,
                                            .printed = -1,
                                            .seed = seed,
                                            .two_way = true });
    *socket = -1;
    struct drover_call *call = &worker->call;
    call->sequence = call->index = sequence;
    call_begin(call, &(struct worker_task){ 0 }, (struct drover_value){ 0 });
    worker->now_ns = clock_now_ns();
    return call;
}

int worker_end_bare(struct drover_call *call, bool failed)
{
    struct worker *worker = the_worker;
    assert(worker != NULL && call == &worker->call);
    uint64_t elapsed_ns = (uint64_t)(clock_now_ns() - worker->now_ns);
    fflush(NULL);
    if (!failed)
        send_empty(worker, elapsed_ns);
    else
        send_failure(worker, elapsed_ns, false,
                     call->failed ? call->failure : "it did not say why");
    flush(worker);
    return EXIT_SUCCESS;
}

void worker_forget(void)
{
    struct worker *worker = the_worker;
    if (!is_at_work(worker))
        return;
    descriptor_close(&worker->incoming.channel.socket);
    worker->call.incoming = NULL;
    outbox_abandon(&worker->outbox);
    worker->forgotten = forgotten;
    forgotten = worker;
    the_worker = NULL;
}
