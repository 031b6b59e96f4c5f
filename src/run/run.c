/* [host] */
#include "run/run.h"

#include <errno.h>
#include <poll.h>
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
#include "process/budget.h"
#include "run/keeper_slot.h"
#include "run/state.h"

enum { FAREWELL_MS = 5000 }; /* for worker_stop, at the end of the run */

/* --- Interrupts ------------------------------------------------------------
 */

void run_notice(struct run *run, const char *text)
{
    const struct run_observer *observer = &run->setting->observer;
    observer->noticed(observer->context, text);
    recording_notice(run, text);
}

void run_cancel(void *context)
{
    struct run *run = context;
    run->waiting = false;
    if (run->cancelling || schedule_is_finished(run->schedule))
        return;
    feeding_stop(run);
    run->cancelling = true;
    run->summary->cancelled = true;
    dispatch_cancel(run->dispatch);
}

static void drain(struct run *run)
{
    feeding_stop(run);
    run->summary->cancelled = true;
    schedule_drain(run->schedule);
}

/* Whatever is waited for, it is waited for no longer. */
static void give_up(struct run *run)
{
    writing_give_up(run);
    for (size_t i = 0; i < run->slot_count; i++)
        keeper_slot_kill(dispatch_slot(run->dispatch, i));
}

static void take_signal(struct run *run)
{
    struct signalfd_siginfo signal;
    if (read(run->signals, &signal, sizeof signal) != sizeof signal)
        return;
    run->summary->signal = (int)signal.ssi_signo;
    run->interrupts += signal.ssi_signo == SIGINT ? 1 : 2;
    if (run->cancelling || run->writing_last) {
        run_notice(run, "giving up what is left");
        run->summary->cancelled = true;
        give_up(run);
    } else if (run->interrupts == 1) {
        run_notice(run, "interrupted: starting nothing new, letting running "
                        "calls finish; interrupt again to cancel them");
        drain(run);
    } else {
        run_notice(run, "cancelling the running calls");
        run_cancel(run);
    }
}

/* --- The loop --------------------------------------------------------------
 */

/* What workers send is read only while there is room for it. */
static void write_output(struct run *run)
{
    recording_turn(run);
    writing_flush(run);
    dispatch_receive(run->dispatch, !writing_is_held(run));
    dispatch_show(run->dispatch, !notes_is_full(run->setting->notes));
    if (run->sink.closed && !run->cancelling)
        run_cancel(run);
}

static void take_happening(void *context, unsigned source, size_t number)
{
    struct run *run = context;
    switch ((enum run_source)source) {
    case RUN_SIGNAL:
        take_signal(run);
        break;
    case RUN_WRITING:
        break; /* written in every turn */
    case RUN_INPUT:
        calls_resume(run, number);
        break;
    case RUN_SERVING:
        break; /* served in every turn */
    }
}

/* Do all that can be done without waiting: writing makes room for dispatching,
 * which may in turn let results go. When cancelled, nothing is done that would
 * add results. */
static void advance(struct run *run)
{
    bool busy = false;
    do {
        write_output(run);
        if (run->summary->cancelled || !writing_is_held(run))
            busy = dispatch_advance(run->dispatch);
    } while (!busy && !writing_is_idle(run));
}

static void carry_out(struct run *run)
{
    while (dispatch_failure(run->dispatch, NULL) == 0) {
        advance(run);
        if (schedule_is_finished(run->schedule))
            return;
        dispatch_turn(run->dispatch, recording_patience_ms(run));
        recording_serve(run);
    }
}

/* Write what is left, for as long as nobody interrupts. */
static void write_last(struct run *run)
{
    run->writing_last = true;
    recording_commit(run);
    for (;;) {
        writing_flush(run);
        if (!writing_has_unwritten(run))
            return;
        if (writing_wait(run))
            take_signal(run);
    }
}

/* Wait for collectors, for as long as nobody interrupts. The run has ended. */
static void serve_last(struct run *run)
{
    run->waiting = true;
    while (run->waiting && dispatch_failure(run->dispatch, NULL) == 0 &&
           recording_is_wanted(run)) {
        struct pollfd polled[] = {
            { .fd = run->signals, .events = POLLIN },
            { .fd = recording_descriptor(run), .events = POLLIN },
        };
        if (poll(polled, 2, recording_patience_ms(run)) > 0 &&
            polled[0].revents != 0)
            return;
        recording_serve(run);
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

static int open_signals(struct run *run)
{
    sigset_t signals = wanted_signals();
    run->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (run->signals < 0)
        return -errno;
    return dispatch_watch(run->dispatch, run->signals, EPOLLIN, RUN_SIGNAL, 0);
}

static void pass_printed(void *context, int stage, uint64_t index,
                         const char *line, size_t size)
{
    const struct run_observer *observer =
        &((struct run *)context)->setting->observer;
    observer->printed(observer->context, stage, index, line, size);
}

static void pass_logged(void *context, int stage, uint64_t index,
                        unsigned level, const char *text, size_t size)
{
    const struct run_observer *observer =
        &((struct run *)context)->setting->observer;
    observer->logged(observer->context, stage, index, level, text, size);
}

static void pass_noticed(void *context, const char *text)
{
    run_notice(context, text);
}

static struct dispatch *create_dispatch(struct run *run,
                                        struct drover_error *err)
{
    const struct run_setting *setting = run->setting;
    return dispatch_create(
        &(struct dispatch_setting){
            .slots = run->slot_count,
            .maker = &keeper_slot_maker,
            .material = setting->material,
            .stages = run->schedule_stages,
            .stage_count = setting->job->stage_count,
            .client = { .context = run,
                        .open = stages_open,
                        .skip = stages_skip,
                        .close = stages_close,
                        .expand = calls_expand,
                        .refuse = calls_refuse,
                        .result = calls_take_result,
                        .ended = calls_settle,
                        .wait_for = calls_must_wait,
                        .printed = pass_printed,
                        .logged = pass_logged,
                        .noticed = pass_noticed,
                        .happened = take_happening },
        },
        err);
}

/* What tasks run in processes of their own shares the cores that are left. */
static void take_cores(const struct run *run)
{
    for (unsigned i = 1; i < run->setting->workers; i++)
        budget_take();
}

/* The first keeper was there before the store. */
static int hand_over_claim(const struct run_setting *setting,
                           struct drover_error *err)
{
    int held = setting->material->held;
    return held <= STDERR_FILENO ? 0
                                 : keeper_slot_hold(setting->first, held, err);
}

static int open_run(struct run *run, struct drover_error *err)
{
    take_cores(run);
    sink_init(&run->sink, run->setting->output, run->setting->json_flags);
    run->sink.plain = run->setting->plain;
    if (stages_create(run) < 0)
        return error_no_memory(err);
    run->slot_count = feeding_slots(run);
    run->dispatch = create_dispatch(run, err);
    if (run->dispatch == NULL)
        return -EAGAIN;
    run->schedule = dispatch_schedule(run->dispatch);
    schedule_limit(run->schedule, run->setting->workers);
    int status = open_signals(run);
    if (status < 0)
        return error_set(err, -status, "cannot wait for signals: %s",
                         strerror(-status));
    status = hand_over_claim(run->setting, err);
    if (status < 0)
        return status;
    dispatch_adopt(run->dispatch, 0, run->setting->first);
    status = recording_open(run, err);
    if (status < 0)
        return status;
    return dispatch_failure(run->dispatch, err);
}

/* Say that it goes on. */
static int begin_run(struct run *run, struct drover_error *err)
{
    const struct run_observer *observer = &run->setting->observer;
    int status = observer->begun == NULL
                     ? 0
                     : observer->begun(observer->begun_context, err);
    run->summary->begun = status == 0;
    return status;
}

static void tell_waiting(const struct run *run)
{
    const struct run_observer *observer = &run->setting->observer;
    if (observer->waits != NULL)
        observer->waits(observer->begun_context, run->summary);
}

/* All calls have ended, or no more will be made. */
static int end_run(struct run *run, struct drover_error *err)
{
    dispatch_say_farewell(run->dispatch, clock_now_ms() + FAREWELL_MS);
    if (run->summary->cancelled && !run->sink.closed)
        stages_tell_unmade(run);
    write_last(run);
    struct drover_error end_err;
    int status = dispatch_failure(run->dispatch, err);
    int end_status = recording_finish(run, &end_err);
    if (status == 0 && end_status < 0) {
        *err = end_err;
        status = end_status;
    }
    if (status == 0 && recording_is_served(run)) {
        dispatch_dismiss(run->dispatch);
        tell_waiting(run);
        serve_last(run);
        status = dispatch_failure(run->dispatch, err);
    }
    return status;
}

static void close_run(struct run *run)
{
    recording_close(run);
    dispatch_destroy(run->dispatch);
    stages_destroy(run);
    sink_clear(&run->sink);
    descriptor_close(&run->signals);
}

int run_job(const struct run_setting *setting, struct run_summary *summary,
            struct drover_error *err)
{
    struct run run = { .setting = setting, .summary = summary, .signals = -1 };
    *summary = (struct run_summary){ 0 };
    int status = open_run(&run, err);
    if (status == 0)
        status = begin_run(&run, err);
    if (status == 0) {
        carry_out(&run);
        status = end_run(&run, err);
    }
    summary->output_closed = run.sink.closed && run.sink.error == 0;
    summary->output_error = run.sink.error == ECANCELED ? 0 : run.sink.error;
    close_run(&run);
    return status;
}
