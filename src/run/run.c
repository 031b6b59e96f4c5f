/* [host] */
#include "run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "run/state.h"

enum {
    EVENTS_MAX = 64,
    TICK_MS = 50,
    ACTIONS_MAX = 10000, /* between two looks at events */
    FAREWELL_MS = 5000,  /* for worker_stop, at the end of the run */
};

/* --- Doing what the schedule says --------------------------------------------
 */

static void expand(struct run *run, const struct action *action)
{
    if (action->slot == SCHEDULE_NOBODY) {
        stages_refuse(run, action->stage);
        return;
    }
    struct call *call = stages_expand(run, action->stage);
    if (call == NULL)
        return;
    workers_send(run, action->slot, call);
    schedule_expanded(run->schedule, action->slot, action->stage, call);
    stages_review_hold(run, action->stage);
}

static void drop(struct run *run, struct call *call)
{
    struct outcome outcome = { .cause = OUTCOME_LOAD, .text = run->broken };
    if (run->summary->cancelled)
        outcome = (struct outcome){ .cause = OUTCOME_CANCELLED,
                                    .text = "taken back before it ran" };
    stages_settle(run, call, &outcome);
}

static void perform(struct run *run, const struct action *action)
{
    switch (action->type) {
    case ACTION_NONE:
        break;
    case ACTION_OPEN:
        stages_open(run, action->stage);
        break;
    case ACTION_SKIP:
        stages_skip(run, action->stage);
        break;
    case ACTION_CLOSE:
        stages_close(run, action->stage);
        break;
    case ACTION_START:
        workers_start(run, action->slot, action->reused);
        break;
    case ACTION_STOP:
        slot_stop_worker(&run->slots[action->slot].slot);
        break;
    case ACTION_EXPAND:
        expand(run, action);
        break;
    case ACTION_SEND:
        workers_send(run, action->slot, action->call);
        break;
    case ACTION_DROP:
        drop(run, action->call);
        break;
    case ACTION_RECALL:
        schedule_recalled(run->schedule, action->slot,
                          workers_recall(run, action->slot, action->count));
        break;
    }
}

static void dispatch(struct run *run)
{
    /* When draining, nothing is done that would add results. */
    unsigned left = ACTIONS_MAX;
    for (; run->failure == 0 && left > 0 &&
           (run->summary->cancelled || !writing_is_held(run));
         left--) {
        struct action action = schedule_next(run->schedule);
        if (action.type == ACTION_NONE)
            break;
        perform(run, &action);
    }
    run->busy = left == 0;
    workers_flush(run);
}

/* --- Interrupts ------------------------------------------------------------
 */

static void cancel(struct run *run)
{
    run->cancelling = true;
    run->summary->cancelled = true;
    schedule_drain(run->schedule);
    for (size_t i = 0; i < run->setting->workers; i++)
        slot_kill_worker(&run->slots[i].slot);
}

static void drain(struct run *run)
{
    run->summary->cancelled = true;
    schedule_drain(run->schedule);
}

/* Whatever is waited for, it is waited for no longer. */
static void give_up(struct run *run)
{
    writing_give_up(run);
    for (size_t i = 0; i < run->setting->workers; i++)
        slot_kill_keeper(&run->slots[i].slot);
}

static void take_signal(struct run *run)
{
    struct signalfd_siginfo signal;
    const struct run_observer *observer = &run->setting->observer;
    if (read(run->signals, &signal, sizeof signal) != sizeof signal)
        return;
    run->summary->signal = (int)signal.ssi_signo;
    run->interrupts += signal.ssi_signo == SIGINT ? 1 : 2;
    if (run->cancelling || run->writing_last) {
        observer->noticed(observer->context, "giving up what is left");
        run->summary->cancelled = true;
        give_up(run);
    } else if (run->interrupts == 1) {
        observer->noticed(observer->context,
                          "interrupted: starting nothing new, letting running "
                          "calls finish; interrupt again to cancel them");
        drain(run);
    } else {
        observer->noticed(observer->context, "cancelling the running calls");
        cancel(run);
    }
}

/* --- The loop --------------------------------------------------------------
 */

/* Watch the workers only while there is room for what they send. */
static void watch_workers(struct run *run, bool on)
{
    struct epoll_event event = { .events = on ? EPOLLIN : 0,
                                 .data.u64 = source_tag(SOURCE_WORKERS, 0) };
    if (run->workers_watched == on)
        return;
    run->workers_watched = on;
    epoll_ctl(run->events, EPOLL_CTL_MOD, run->worker_events, &event);
}

static void write_output(struct run *run)
{
    writing_flush(run);
    watch_workers(run, !writing_is_held(run));
    if (run->sink.closed && !run->cancelling)
        cancel(run);
}

static void receive_from_workers(struct run *run)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(run->worker_events, events, EVENTS_MAX, 0);
    for (int e = 0; e < count; e++)
        inbox_receive(run, (size_t)(uint32_t)events[e].data.u64);
}

static void take_event(struct run *run, uint64_t tag)
{
    size_t slot = (uint32_t)tag;
    switch ((enum source)(tag >> 32)) {
    case SOURCE_SIGNAL:
        take_signal(run);
        break;
    case SOURCE_SINK:
        break; /* written in every turn */
    case SOURCE_WORKERS:
        receive_from_workers(run);
        break;
    case SOURCE_CONTROL:
        control_receive(run, slot);
        break;
    case SOURCE_PRINTED:
        live_receive(run, slot);
        break;
    case SOURCE_WORKER:
        break; /* comes by SOURCE_WORKERS */
    case SOURCE_INPUT:
        stages_resume(run, slot);
        break;
    }
}

static bool needs_tick(const struct run *run)
{
    /* A reader that does not take anything is given up in time. */
    if (notes_is_full(run->setting->notes))
        return true;
    for (size_t i = 0; i < run->setting->workers; i++)
        if (run->slots[i].muted || run->slots[i].load_limit_ms > 0 ||
            schedule_queued(run->schedule, (int)i) > 0)
            return true;
    return false;
}

static void tick(struct run *run, int64_t now_ms)
{
    if (now_ms - run->tick_ms < TICK_MS)
        return;
    run->tick_ms = now_ms;
    for (size_t i = 0; i < run->setting->workers; i++) {
        control_tick(run, i, now_ms);
        live_tick(run, i);
    }
}

/* Do all that can be done without waiting: writing makes room for dispatching,
 * which may in turn let results go. */
static void advance(struct run *run)
{
    do {
        write_output(run);
        dispatch(run);
    } while (!run->busy && !writing_is_idle(run));
}

/* How long to wait for events: ms, or -1 for ever. retry_ms: until a fork is to
 * be tried again, likewise. */
static int choose_wait(const struct run *run, int retry_ms)
{
    int wait_ms = retry_ms;
    if (run->busy)
        return 0;
    if (needs_tick(run) && (wait_ms < 0 || wait_ms > TICK_MS))
        wait_ms = TICK_MS;
    return wait_ms;
}

static void turn(struct run *run, int wait_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(run->events, events, EVENTS_MAX, wait_ms);
    if (count < 0 && errno != EINTR)
        run_fail(run, -errno, "cannot wait for events");
    for (int e = 0; e < count; e++)
        take_event(run, events[e].data.u64);
}

static void carry_out(struct run *run)
{
    while (run->failure == 0) {
        int64_t now_ms = clock_now_ms();
        tick(run, now_ms);
        int retry_ms = control_retry(run, now_ms);
        advance(run);
        if (schedule_is_finished(run->schedule))
            return;
        turn(run, choose_wait(run, retry_ms));
    }
}

/* Let idle workers end in good order. */
static bool has_workers(const struct run *run)
{
    for (size_t i = 0; i < run->setting->workers; i++)
        if (slot_has_workers(&run->slots[i].slot))
            return true;
    return false;
}

static void say_farewell(struct run *run)
{
    int64_t deadline_ms = clock_now_ms() + FAREWELL_MS;
    schedule_drain(run->schedule);
    watch_workers(run, true);
    while (run->failure == 0 && has_workers(run)) {
        int64_t left_ms = deadline_ms - clock_now_ms();
        if (left_ms <= 0)
            break;
        /* In every turn: a worker may be born only now. */
        for (size_t i = 0; i < run->setting->workers; i++)
            slot_stop_all(&run->slots[i].slot);
        turn(run, (int)left_ms);
    }
}

/* Write what is left, for as long as nobody interrupts. */
static void write_last(struct run *run)
{
    run->writing_last = true;
    for (;;) {
        writing_flush(run);
        if (!writing_has_unwritten(run))
            return;
        if (writing_wait(run))
            take_signal(run);
    }
}

/* --- Before and after --------------------------------------------------------
 */

/* Those that end a run; but what was ignored when we were started, as by nohup,
 * stays without effect. */
static sigset_t wanted_signals(void)
{
    static const int candidates[] = { SIGINT, SIGTERM, SIGHUP };
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        struct sigaction action;
        if (sigaction(candidates[i], NULL, &action) == 0 &&
            action.sa_handler != SIG_IGN)
            sigaddset(&signals, candidates[i]);
    }
    return signals;
}

static int open_events(struct run *run)
{
    sigset_t signals = wanted_signals();
    run->events = epoll_create1(EPOLL_CLOEXEC);
    run->worker_events = epoll_create1(EPOLL_CLOEXEC);
    run->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    struct epoll_event event = { .events = EPOLLIN };
    int failed = run->events < 0 || run->worker_events < 0 || run->signals < 0;
    if (!failed) {
        event.data.u64 = source_tag(SOURCE_SIGNAL, 0);
        failed |=
            epoll_ctl(run->events, EPOLL_CTL_ADD, run->signals, &event) < 0;
        event.data.u64 = source_tag(SOURCE_WORKERS, 0);
        failed |= epoll_ctl(run->events, EPOLL_CTL_ADD, run->worker_events,
                            &event) < 0;
        run->workers_watched = true;
    }
    return failed ? -errno : 0;
}

static int open_run(struct run *run)
{
    sink_init(&run->sink, run->setting->output, run->setting->json_flags);
    int status = open_events(run);
    if (status == 0)
        status = stages_create(run);
    if (status == 0)
        status = workers_create(run);
    if (status < 0)
        return status;
    run->schedule = schedule_create(run->setting->workers, run->schedule_stages,
                                    run->setting->job->stage_count);
    if (run->schedule == NULL)
        return -ENOMEM;
    run->slots[0].slot = *run->setting->first;
    slot_init(run->setting->first);
    workers_adopt(run, 0);
    return run->failure;
}

static void close_run(struct run *run)
{
    workers_destroy(run);
    stages_destroy(run);
    schedule_destroy(run->schedule);
    calls_clear(run);
    sink_clear(&run->sink);
    descriptor_close(&run->signals);
    descriptor_close(&run->worker_events);
    descriptor_close(&run->events);
}

int run_job(const struct run_setting *setting, struct run_summary *summary,
            struct drover_error *err)
{
    struct run run = { .setting = setting,
                       .summary = summary,
                       .events = -1,
                       .worker_events = -1,
                       .signals = -1,
                       .err = err };
    *summary = (struct run_summary){ 0 };
    int status = open_run(&run);
    if (status < 0) {
        run_fail(&run, status, "cannot begin the run");
    } else {
        carry_out(&run);
        say_farewell(&run);
        if (summary->cancelled && !run.sink.closed)
            stages_tell_unmade(&run);
        write_last(&run);
    }
    summary->output_closed = run.sink.closed && run.sink.error == 0;
    summary->output_error = run.sink.error == ECANCELED ? 0 : run.sink.error;
    close_run(&run);
    return run.failure;
}
