/* Calls in the background: what they give is collected. */
#include <drover/background.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nest.h"
#include "tasks.h"
#include "unit.h"

static struct drover_error err;

static void start(const char *address, drover_task_fn task, int64_t n)
{
    struct drover_background call = { .address = address, .task = task };
    ASSERT_INT(drover_background_start(&call, args_of(n), &err), 0);
}

static struct drover_collector *connect_to(const char *address)
{
    struct drover_collector *collector = drover_collector_create(NULL, &err);
    ASSERT(collector != NULL);
    ASSERT_INT(drover_collector_connect(collector, address, &err), 0);
    return collector;
}

static void expect_item(struct drover_collector *collector,
                        struct drover_collected *item)
{
    ASSERT_INT(drover_collector_next(collector, item, SOON_MS, &err), 1);
    ASSERT_INT(drover_collector_acknowledge(collector, item, &err), 0);
}

static void expect_int(struct drover_collector *collector, int64_t n)
{
    struct drover_collected item;
    expect_item(collector, &item);
    ASSERT_INT(item.outcome.cause, DROVER_OK);
    ASSERT_INT(int_of(item.outcome.value), n);
}

/* There is no more, and the background process ends. */
static void expect_end(struct drover_collector *collector, const char *address)
{
    struct drover_collected item;
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err), 0);
    drover_collector_destroy(collector);
    nest_expect_gone(address);
    ASSERT_INT(access(address, F_OK), -1);
}

/* --- Results ----------------------------------------------------------------
 */

static void what_a_call_sends_and_returns_is_collected(void)
{
    nest_enter();
    start("sum.socket", task_count, 3);
    struct drover_collector *collector = connect_to("sum.socket");
    for (int64_t n = 0; n < 4; n++)
        expect_int(collector, n);
    expect_end(collector, "sum.socket");
    nest_leave();
}

static void each_item_says_whose_it_is(void)
{
    nest_enter();
    struct drover_background call = { .address = "sum.socket",
                                      .task = task_count,
                                      .name = "count-up_2" };
    struct drover_collected item;
    ASSERT_INT(drover_background_start(&call, args_of(1), &err), 0);
    struct drover_collector *collector = connect_to("sum.socket");
    expect_item(collector, &item);
    ASSERT(!item.outcome.ended);
    ASSERT_TEXT(item.stage, "count-up_2");
    expect_item(collector, &item);
    ASSERT(item.outcome.ended);
    ASSERT_INT(item.outcome.index, 0);
    ASSERT_INT(item.outcome.args.size, args_of(1).size);
    expect_end(collector, "sum.socket");
    nest_leave();
}

static void without_a_name_the_program_has_given_one(void)
{
    nest_enter();
    struct drover_collected item;
    start("sum.socket", task_double, 1);
    struct drover_collector *collector = connect_to("sum.socket");
    expect_item(collector, &item);
    ASSERT_CONTAINS(item.stage, "test_background");
    expect_end(collector, "sum.socket");
    nest_leave();
}

static void arguments_can_be_packed_or_left_out(void)
{
    nest_enter();
    struct drover_background call = { .address = "a.socket",
                                      .task = task_double };
    ASSERT_INT(drover_background_start_pack(&call, &err, "{s: i}", "n", 4), 0);
    struct drover_collector *collector = connect_to("a.socket");
    expect_int(collector, 8);
    expect_end(collector, "a.socket");
    call.task = task_pid;
    ASSERT_INT(drover_background_start_pack(&call, &err, NULL), 0);
    collector = connect_to("a.socket");
    struct drover_collected item;
    expect_item(collector, &item);
    expect_end(collector, "a.socket");
    nest_leave();
}

static int return_context(struct drover_call *call)
{
    const int64_t *n = drover_call_context(call);
    return drover_return_int(call, *n);
}

static void a_task_sees_the_memory_of_the_program(void)
{
    nest_enter();
    int64_t n = 17;
    struct drover_background call = { .address = "a.socket",
                                      .task = return_context,
                                      .context = &n };
    ASSERT_INT(drover_background_start_pack(&call, &err, NULL), 0);
    n = 18;
    struct drover_collector *collector = connect_to("a.socket");
    expect_int(collector, 17);
    expect_end(collector, "a.socket");
    nest_leave();
}

/* Its end must not be that of the call. */
static void start_and_end(void)
{
    pid_t starter = fork();
    ASSERT(starter >= 0);
    if (starter == 0) {
        struct drover_background call = { .address = "a.socket",
                                          .task = task_count };
        _exit(-drover_background_start(&call, args_of(2), NULL));
    }
    int status;
    ASSERT_INT(waitpid(starter, &status, 0), starter);
    ASSERT_INT(status, 0);
}

static void whoever_started_it_may_end(void)
{
    nest_enter();
    start_and_end();
    struct drover_collector *collector = connect_to("a.socket");
    for (int64_t n = 0; n < 3; n++)
        expect_int(collector, n);
    expect_end(collector, "a.socket");
    nest_leave();
}

/* --- Ends -------------------------------------------------------------------
 */

static void each_ending_is_collected(void)
{
    for (int64_t ending = 0; ending < ENDINGS; ending++) {
        struct drover_collected item;
        nest_enter();
        start("a.socket", task_end, ending);
        struct drover_collector *collector = connect_to("a.socket");
        expect_item(collector, &item);
        expect_ending(&item.outcome, (enum ending)ending);
        expect_end(collector, "a.socket");
        nest_leave();
    }
}

static int send_two_and_crash(struct drover_call *call)
{
    drover_send_pack(call, "i", 1);
    drover_send_pack(call, "i", 2);
    signal(SIGABRT, SIG_DFL);
    abort();
}

static void what_came_before_a_crash_is_kept(void)
{
    nest_enter();
    struct drover_collected item;
    start("a.socket", send_two_and_crash, 0);
    struct drover_collector *collector = connect_to("a.socket");
    expect_int(collector, 1);
    expect_int(collector, 2);
    expect_item(collector, &item);
    ASSERT_INT(item.outcome.cause, DROVER_SIGNAL);
    ASSERT_INT(item.outcome.number, SIGABRT);
    expect_end(collector, "a.socket");
    nest_leave();
}

static void a_signal_to_the_background_process_cancels_the_call(void)
{
    nest_enter();
    struct drover_collected item;
    start("a.socket", task_hang, 0);
    ASSERT_INT(kill(nest_owner("a.socket"), SIGTERM), 0);
    nest_expect_gone("a.socket");
    struct drover_collector *collector = connect_to("a.socket");
    expect_item(collector, &item);
    ASSERT_INT(item.outcome.cause, DROVER_CANCELLED);
    expect_end(collector, "a.socket");
    nest_leave();
}

/* Sends 1, and then waits for ever. */
static int send_and_hang(struct drover_call *call)
{
    drover_send_pack(call, "i", 1);
    return task_hang(call);
}

static void what_was_recorded_outlives_the_background_process(void)
{
    nest_enter();
    struct drover_collected item;
    start("a.socket", send_and_hang, 0);
    struct drover_collector *collector = connect_to("a.socket");
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err), 1);
    nest_kill("a.socket");
    drover_collector_destroy(collector);
    collector = connect_to("a.socket");
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err), 1);
    ASSERT_INT(int_of(item.outcome.value), 1);
    ASSERT(item.redelivered);
    ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err),
               -ECONNRESET);
    ASSERT_CONTAINS(err.message, "was killed before it ended");
    ASSERT(strstr(err.message, "resume") == NULL);
    drover_collector_destroy(collector);
    nest_leave();
}

/* Leaves a process behind that nobody knows of, for a minute at most. */
static int leave_process(struct drover_call *call)
{
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        signal(SIGALRM, SIG_DFL);
        alarm(60);
        for (;;)
            pause();
    }
    drover_send_pack(call, "i", (int)pid);
    return task_hang(call);
}

static void what_a_task_leaves_behind_keeps_no_address(void)
{
    nest_enter();
    struct drover_collected item;
    start("a.socket", leave_process, 0);
    struct drover_collector *collector = connect_to("a.socket");
    ASSERT_INT(drover_collector_next(collector, &item, SOON_MS, &err), 1);
    pid_t left = (pid_t)int_of(item.outcome.value);
    drover_collector_destroy(collector);
    nest_kill("a.socket");
    ASSERT(is_running(left));
    start("a.socket", task_double, 3);
    ASSERT_INT(kill(left, SIGKILL), 0);
    collector = connect_to("a.socket");
    expect_int(collector, 6);
    expect_end(collector, "a.socket");
    nest_leave();
}

static void a_background_process_need_not_stay(void)
{
    nest_enter();
    struct drover_background call = { .address = "a.socket",
                                      .task = task_double,
                                      .linger_ms = 1 };
    ASSERT_INT(drover_background_start(&call, args_of(5), &err), 0);
    nest_expect_gone("a.socket");
    struct drover_collector *collector = connect_to("a.socket");
    expect_int(collector, 10);
    expect_end(collector, "a.socket");
    nest_leave();
}

/* --- Surroundings -----------------------------------------------------------
 */

static int return_folder(struct drover_call *call)
{
    char folder[4096];
    return drover_return_text(call, getcwd(folder, sizeof folder));
}

static void a_task_runs_where_it_was_started(void)
{
    nest_enter();
    struct drover_collected item;
    const char *text;
    size_t size;
    start("a.socket", return_folder, 0);
    struct drover_collector *collector = connect_to("a.socket");
    expect_item(collector, &item);
    ASSERT_INT(drover_value_get_text(item.outcome.value, &text, &size), 0);
    ASSERT_INT(size, strlen(nest_folder()));
    ASSERT(strncmp(text, nest_folder(), size) == 0);
    expect_end(collector, "a.socket");
    nest_leave();
}

/* Input that is at its end; output that goes elsewhere; no terminal. */
static int look_around(struct drover_call *call)
{
    struct stat out, fault;
    char byte;
    int64_t wrong = 0;
    wrong |= read(STDIN_FILENO, &byte, 1) != 0 ? 1 : 0;
    wrong |= fstat(STDOUT_FILENO, &out) != 0 ? 2 : 0;
    wrong |= fstat(STDERR_FILENO, &fault) != 0 ? 2 : 0;
    wrong |= out.st_ino != fault.st_ino || !S_ISREG(out.st_mode) ? 4 : 0;
    wrong |= getsid(0) == drover_arg_int(call, "n") ? 8 : 0;
    puts("printed by the task");
    return drover_return_int(call, wrong);
}

static void a_task_has_left_terminal_and_streams(void)
{
    nest_enter();
    start("a.socket", look_around, getsid(0));
    struct drover_collector *collector = connect_to("a.socket");
    expect_int(collector, 0);
    expect_end(collector, "a.socket");
    ASSERT_INT(system("grep -q 'printed by the task' state/drover/*/log"), 0);
    nest_leave();
}

static void ignored_children_do_not_matter(void)
{
    nest_enter();
    struct drover_collected item;
    sighandler_t before = signal(SIGCHLD, SIG_IGN);
    start("a.socket", task_end, ENDING_EXITED);
    signal(SIGCHLD, before);
    struct drover_collector *collector = connect_to("a.socket");
    expect_item(collector, &item);
    expect_ending(&item.outcome, ENDING_EXITED);
    expect_end(collector, "a.socket");
    nest_leave();
}

/* The sum of 0, 2, ..., 2 (n - 1), each from a call of its own. */
static int add_calls(struct drover_call *call)
{
    struct drover_exchange *queue = drover_queue_create(NULL, NULL);
    struct drover_managed twice = drover_manage(queue, task_double, NULL);
    struct drover_outcome outcome;
    int64_t sum = 0, one = 0;
    for (int i = 0; i < drover_arg_int(call, "n"); i++)
        drover_managed_call(&twice, "{s: i}", "n", i);
    while (drover_exchange_next(queue, &outcome, -1, NULL) > 0) {
        if (drover_value_get_int(outcome.value, &one) < 0)
            return drover_fail(call, "%s", outcome.text);
        sum += one;
    }
    drover_exchange_destroy(queue);
    return drover_return_int(call, sum);
}

static void a_task_may_itself_call_in_parallel(void)
{
    nest_enter();
    start("a.socket", add_calls, 20);
    struct drover_collector *collector = connect_to("a.socket");
    expect_int(collector, 380);
    expect_end(collector, "a.socket");
    nest_leave();
}

static int start_another(struct drover_call *call)
{
    struct drover_background inner = { .address = "inner.socket",
                                       .task = task_double };
    struct drover_error why;
    if (drover_background_start(&inner, args_of(21), &why) < 0)
        return drover_fail(call, "%s", why.message);
    return 0;
}

static void a_task_may_start_another_background_call(void)
{
    nest_enter();
    start("outer.socket", start_another, 0);
    struct drover_collector *collector = connect_to("outer.socket");
    struct drover_collected item;
    expect_item(collector, &item);
    ASSERT_TEXT(item.outcome.text, "");
    expect_end(collector, "outer.socket");
    collector = connect_to("inner.socket");
    expect_int(collector, 42);
    expect_end(collector, "inner.socket");
    nest_leave();
}

UNIT_CASES(CASE(what_a_call_sends_and_returns_is_collected),
           CASE(each_item_says_whose_it_is),
           CASE(without_a_name_the_program_has_given_one),
           CASE(arguments_can_be_packed_or_left_out),
           CASE(a_task_sees_the_memory_of_the_program),
           CASE(whoever_started_it_may_end), CASE(each_ending_is_collected),
           CASE(what_came_before_a_crash_is_kept),
           CASE(a_signal_to_the_background_process_cancels_the_call),
           CASE(what_was_recorded_outlives_the_background_process),
           CASE(what_a_task_leaves_behind_keeps_no_address),
           CASE(a_background_process_need_not_stay),
           CASE(a_task_runs_where_it_was_started),
           CASE(a_task_has_left_terminal_and_streams),
           CASE(ignored_children_do_not_matter),
           CASE(a_task_may_itself_call_in_parallel),
           CASE(a_task_may_start_another_background_call))
