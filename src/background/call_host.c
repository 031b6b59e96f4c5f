#include "background/call_host.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "background/recording.h"
#include "background/serving.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "exchange/family.h"
#include "exchange/fork_slot.h"
#include "exchange/single.h"

/* So much is recorded before it is committed, and collectors get a turn. */
enum { COMMIT_BYTES = 1024 * 1024 };

/* So much of what collectors send is kept for a call that does not take it. */
enum { UNTAKEN_MAX_BYTES = 32 * 1024 * 1024 };

/* log       the file that takes what is printed
 * signals   SIGTERM and the like, as a descriptor
 * worker    pid 0: there is none, or it is the exchange's
 * exchange  of the one call; NULL: it has not begun, or it has ended
 * behind    there is more to be recorded than one turn takes
 * leaving   a signal told us to end as soon as the call has ended */
struct call_host {
    const struct call_host_setting *setting;
    struct store *store;
    struct serving *serving;
    int log;
    int signals;
    struct forked worker;
    struct drover_exchange *exchange;
    struct recording recording;
    bool behind;
    bool leaving;
};

/* --- What collectors want ---------------------------------------------------
 */

static void cancel(void *context)
{
    struct call_host *host = context;
    if (host->exchange != NULL)
        single_cancel(host->exchange);
}

static int pass(void *context, struct drover_value value)
{
    struct call_host *host = context;
    if (host->exchange == NULL)
        return -EPIPE;
    if (single_untaken(host->exchange) >= UNTAKEN_MAX_BYTES)
        return -ENOBUFS;
    int status = drover_exchange_send(host->exchange, 0, value);
    return status == -ENOENT ? -EPIPE : status;
}

/* --- Beginning --------------------------------------------------------------
 */

static int create_store(struct call_host *host, struct drover_error *err)
{
    char *folder = getcwd(NULL, 0);
    struct store_run run = {
        .job = host->setting->name,
        .text = "",
        .file = "",
        .directory = folder == NULL ? "/" : folder,
        .address = host->setting->address,
        .background = true,
        .workers = 1,
        .keep_ms = -1,
    };
    int status = store_create(&run, &host->store, err);
    free(folder);
    if (status == 0)
        store_set_total(host->store, 1);
    return status;
}

static int serve_address(struct call_host *host, struct drover_error *err)
{
    int64_t linger_ms = host->setting->background->linger_ms;
    struct serving_setting setting = {
        .store = host->store,
        .path = host->setting->address,
        .linger_ms = linger_ms > 0 ? linger_ms : -1,
        .client = { .context = host, .cancel = cancel, .pass = pass },
    };
    return serving_open(&host->serving, &setting, err);
}

static int open_log(struct call_host *host, struct drover_error *err)
{
    int log = store_open_log(host->store, err);
    if (log < 0)
        return log;
    host->log = log;
    return 0;
}

/* Signals by which an administrator or a system that shuts down ends processes
 * cancel the call; all others do what they do in a new process: the program's
 * own functions are for its own ends. */
static int own_signals(struct call_host *host, struct drover_error *err)
{
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    host->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    if (host->signals < 0)
        return error_set(err, errno, "cannot watch for signals: %s",
                         strerror(errno));
    sigprocmask(SIG_SETMASK, &ours, NULL);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return 0;
}

static int begin_record(struct call_host *host, struct drover_error *err)
{
    int status = create_store(host, err);
    if (status == 0)
        status = serve_address(host, err);
    if (status == 0)
        status = open_log(host, err);
    host->recording = (struct recording){ .store = host->store,
                                          .stage = host->setting->name };
    return status;
}

/* --- The worker -------------------------------------------------------------
 */

/* [worker] Its parent's store and sockets are no business of a task. */
static struct drover_channel *be_worker(struct call_host *host, int socket)
{
    const struct call_host_setting *setting = host->setting;
    const struct worker_task task = { .run = setting->background->task,
                                      .context = setting->background->context };
    serving_abandon(host->serving);
    store_abandon(host->store);
    descriptor_close(&setting->daemon->link);
    if (daemon_leave_streams(host->log) < 0)
        _exit(EXIT_FAILURE);
    descriptor_close(&host->log);
    if (!setting->bare)
        fork_slot_serve(socket, NULL, setting->background->seed, &task);
    single_await_call(socket);
    return single_become(socket);
}

/* Returns 0, in a bare worker with *CHANNEL. */
static int fork_worker(struct call_host *host, struct drover_channel **channel,
                       struct drover_error *err)
{
    int status = fork_process(&host->worker, err);
    if (status == 0 && host->worker.pid == 0)
        *channel = be_worker(host, host->worker.socket);
    return status;
}

/* The worker begins when it is sent its call. */
static int begin_call(struct call_host *host, struct drover_error *err)
{
    struct forked worker = host->worker;
    host->worker.pid = 0;
    host->exchange = single_create(&worker, host->setting->args, err);
    return host->exchange == NULL ? -err->code : 0;
}

/* --- The loop ---------------------------------------------------------------
 */

static int take_items(struct call_host *host, struct drover_error *err)
{
    struct drover_outcome item;
    int status = 0;
    host->behind = false;
    while (status == 0 && !host->recording.ended && !host->behind) {
        status = drover_exchange_next(host->exchange, &item, 0, err);
        if (status <= 0)
            return status == -ETIMEDOUT ? 0 : status;
        status = recording_add(&host->recording, &item, err);
        host->behind = store_uncommitted(host->store) >= COMMIT_BYTES;
    }
    return status;
}

/* What the exchange could not say, for it has failed. */
static int record_loss(struct call_host *host, const char *why,
                       struct drover_error *err)
{
    return recording_add(&host->recording,
                         &(struct drover_outcome){ .cause = DROVER_LOST,
                                                   .ended = true,
                                                   .args = host->setting->args,
                                                   .text = why },
                         err);
}

static int finish(struct call_host *host, struct drover_error *err)
{
    enum store_state state = host->recording.cause == DROVER_CANCELLED
                                 ? STORE_CANCELLED
                                 : STORE_FINISHED;
    drover_exchange_destroy(host->exchange);
    host->exchange = NULL;
    return serving_finish(host->serving, state, err);
}

/* What the call has given becomes durable, then it is offered. */
static int advance_call(struct call_host *host, struct drover_error *err)
{
    struct drover_error why;
    if (host->exchange == NULL)
        return 0;
    int status = take_items(host, &why);
    if (status < 0)
        status = record_loss(host, why.message, err);
    if (status == 0)
        status = serving_commit(host->serving, err);
    if (status == 0 && host->recording.ended)
        status = finish(host, err);
    return status;
}

static void heed_signals(struct call_host *host)
{
    struct signalfd_siginfo info;
    while (read(host->signals, &info, sizeof info) > 0) {
        host->leaving = true;
        cancel(host);
    }
}

static void wait_for_news(const struct call_host *host)
{
    struct pollfd news[] = {
        { .fd = host->signals, .events = POLLIN },
        { .fd = serving_descriptor(host->serving), .events = POLLIN },
        { .fd = host->exchange == NULL ? -1 : single_descriptor(host->exchange),
          .events = POLLIN },
    };
    (void)poll(news, sizeof news / sizeof news[0],
               host->behind ? 0 : serving_patience_ms(host->serving));
}

static bool is_over(const struct call_host *host)
{
    return serving_is_over(host->serving) ||
           (host->leaving && host->exchange == NULL);
}

static int go_on(struct call_host *host, struct drover_error *err)
{
    int status = 0;
    while (status == 0 && !is_over(host)) {
        wait_for_news(host);
        heed_signals(host);
        status = advance_call(host, err);
        if (status == 0)
            status = serving_turn(host->serving, err);
    }
    return status;
}

/* --- Its end ----------------------------------------------------------------
 */

static void close_all(struct call_host *host)
{
    drover_exchange_destroy(host->exchange);
    serving_close(host->serving);
    store_close(host->store);
}

/* It never came to anything: the starter is told why when nothing of it is
 * left. */
static _Noreturn void give_up(struct call_host *host,
                              const struct drover_error *err)
{
    if (host->worker.pid > 0)
        fork_abandon(&host->worker);
    char *folder =
        host->store == NULL ? NULL : strdup(store_folder(host->store));
    close_all(host);
    if (folder != NULL)
        (void)store_remove(folder, NULL);
    daemon_fail(host->setting->daemon, err->code, err->message);
    _exit(EXIT_FAILURE);
}

static _Noreturn void live(struct call_host *host)
{
    struct drover_error err;
    int status = go_on(host, &err);
    if (status < 0) {
        fprintf(stderr, "%s: %s\n", host->setting->name, err.message);
        (void)store_end_run(host->store, STORE_HALTED, NULL);
    }
    close_all(host);
    fflush(NULL);
    _exit(status < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

struct drover_channel *call_host_run(const struct call_host_setting *setting)
{
    struct call_host host = { .setting = setting, .log = -1, .signals = -1 };
    struct drover_channel *channel = NULL;
    struct drover_error err;
    family_abandon();
    int status = begin_record(&host, &err);
    if (status == 0)
        status = fork_worker(&host, &channel, &err);
    if (channel != NULL)
        return channel;
    if (status == 0)
        status = own_signals(&host, &err);
    if (status == 0)
        status = begin_call(&host, &err);
    if (status == 0)
        status = daemon_ready(setting->daemon, "", host.log, &err);
    if (status < 0)
        give_up(&host, &err);
    descriptor_close(&host.log);
    live(&host);
}
