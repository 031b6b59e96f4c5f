/* Channels to processes that run a task: drover_start(). */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tasks.h"
#include "unit.h"

static const struct drover_value nothing;
static struct drover_error err;

static struct drover_channel *start(drover_task_fn task, int64_t n)
{
    struct drover_channel *channel = drover_start(task, NULL, args_of(n), &err);
    ASSERT(channel != NULL);
    return channel;
}

static int64_t receive_int(struct drover_channel *channel)
{
    struct drover_value value;
    ASSERT_INT(drover_channel_receive(channel, &value, SOON_MS, &err), 1);
    return int_of(value);
}

static int receive(struct drover_channel *channel, int timeout_ms)
{
    struct drover_value value;
    return drover_channel_receive(channel, &value, timeout_ms, &err);
}

/* --- What it runs ----------------------------------------------------------
 */

static void what_a_task_sends_and_returns_arrives_in_order(void)
{
    struct drover_channel *channel = start(task_count, 3);
    for (int i = 0; i <= 3; i++)
        ASSERT_INT(receive_int(channel), i);
    ASSERT_INT(receive(channel, SOON_MS), 0);
    ASSERT_INT(receive(channel, 0), 0);
    drover_channel_destroy(channel);
}

static int multiply(struct drover_call *call)
{
    const int64_t *factor = drover_call_context(call);
    return drover_return_int(call, *factor * drover_arg_int(call, "n"));
}

static void a_task_sees_its_context_and_its_arguments(void)
{
    int64_t factor = 6;
    struct drover_channel *channel =
        drover_start(multiply, &factor, args_of(7), &err);
    factor = 0;
    ASSERT_INT(receive_int(channel), 42);
    drover_channel_destroy(channel);
}

static int count_args(struct drover_call *call)
{
    return drover_return_int(
        call, (int64_t)drover_value_count(drover_call_args(call)));
}

static void there_may_be_no_arguments(void)
{
    struct drover_channel *channel =
        drover_start(count_args, NULL, nothing, &err);
    ASSERT_INT(receive_int(channel), 0);
    drover_channel_destroy(channel);
}

static void arguments_may_come_by_a_format(void)
{
    int64_t factor = 6;
    struct drover_channel *channel =
        drover_start_pack(multiply, &factor, &err, "{s: i}", "n", 8);
    ASSERT_INT(receive_int(channel), 48);
    drover_channel_destroy(channel);
    channel = drover_start_pack(count_args, NULL, &err, NULL);
    ASSERT_INT(receive_int(channel), 0);
    drover_channel_destroy(channel);
}

static void without_a_channel_there_is_an_error(void)
{
    struct drover_value value;
    ASSERT_INT(drover_channel_send(NULL, value_of(1), 0, &err), -EINVAL);
    ASSERT_INT(drover_channel_receive(NULL, &value, 0, &err), -EINVAL);
    ASSERT_INT(drover_channel_wait(NULL, NULL, 0, &err), -EINVAL);
    ASSERT_CONTAINS(err.message, "there is no channel");
    ASSERT_INT(drover_channel_pid(NULL), -1);
    drover_channel_close(NULL);
}

static void a_bad_format_starts_nothing(void)
{
    ASSERT(drover_start_pack(multiply, NULL, &err, "{s: q}", "n", 1) == NULL);
    ASSERT_INT(err.code, EINVAL);
    ASSERT(drover_start_pack(multiply, NULL, &err, "i", 1) == NULL);
    ASSERT_INT(err.code, EINVAL);
    ASSERT_CONTAINS(err.message, "expected a map");
}

static void the_process_is_the_one_that_the_channel_names(void)
{
    struct drover_channel *channel = start(task_pid, 0);
    pid_t pid = drover_channel_pid(channel);
    ASSERT(pid > 0 && pid != getpid());
    ASSERT_INT(receive_int(channel), pid);
    drover_channel_destroy(channel);
}

static void a_task_answers_what_it_is_sent(void)
{
    struct drover_channel *channel = start(task_add_up, 0);
    for (int i = 1, sum = 1; i <= 20; sum += ++i) {
        ASSERT_INT(drover_channel_send(channel, value_of(i), -1, &err), 0);
        ASSERT_INT(receive_int(channel), sum);
    }
    ASSERT_INT(drover_channel_send_pack(channel, &err, "i", 90), 0);
    ASSERT_INT(receive_int(channel), 300);
    drover_channel_close(channel);
    drover_channel_close(channel);
    ASSERT_INT(receive_int(channel), 300);
    ASSERT_INT(receive(channel, SOON_MS), 0);
    drover_channel_destroy(channel);
}

/* --- How it ends -----------------------------------------------------------
 */

static void a_process_that_ends_badly_is_an_error_that_says_how(void)
{
    static const char *const words[ENDINGS] = {
        [ENDING_FAILED] = "no more",
        [ENDING_EXITED] = "exit status 7",
        [ENDING_KILLED] = "signal 15 (SIGTERM",
        [ENDING_CRASHED] = "signal 11 (SIGSEGV",
    };
    for (int ending = ENDING_FAILED; ending < ENDINGS; ending++) {
        struct drover_outcome outcome;
        struct drover_channel *channel = start(task_end, ending);
        for (int again = 0; again < 2; again++) {
            ASSERT_INT(receive(channel, SOON_MS), -EREMOTEIO);
            ASSERT_INT(err.code, EREMOTEIO);
            ASSERT_CONTAINS(err.message, words[ending]);
        }
        ASSERT_INT(drover_channel_wait(channel, &outcome, SOON_MS, &err), 0);
        expect_ending(&outcome, (enum ending)ending);
        ASSERT(outcome.memory_kib > 0 || ending == ENDING_FAILED);
        drover_channel_destroy(channel);
    }
}

static void values_sent_before_a_bad_end_come_first(void)
{
    struct drover_channel *channel = start(task_add_up, 0);
    ASSERT_INT(drover_channel_send_pack(channel, &err, "i", 5), 0);
    ASSERT_INT(receive_int(channel), 5);
    ASSERT_INT(drover_channel_send_pack(channel, &err, "i", 6), 0);
    /* It has answered when it waits for more. */
    ASSERT_INT(drover_channel_wait(channel, NULL, 200, &err), -ETIMEDOUT);
    ASSERT_INT(kill(drover_channel_pid(channel), SIGKILL), 0);
    ASSERT_INT(drover_channel_wait(channel, NULL, SOON_MS, &err), 0);
    ASSERT_INT(receive_int(channel), 11);
    ASSERT_INT(receive(channel, SOON_MS), -EREMOTEIO);
    ASSERT_CONTAINS(err.message, "SIGKILL");
    drover_channel_destroy(channel);
}

static void waiting_for_the_end_keeps_the_values(void)
{
    struct drover_outcome outcome;
    struct drover_channel *channel = start(task_count, 2);
    ASSERT_INT(drover_channel_wait(channel, NULL, SOON_MS, &err), 0);
    ASSERT_INT(drover_channel_wait(channel, &outcome, 0, &err), 0);
    ASSERT_INT(outcome.cause, DROVER_OK);
    ASSERT(outcome.ended);
    ASSERT_TEXT(outcome.text, "");
    ASSERT_INT(outcome.value.size, 0);
    ASSERT_INT(drover_map_get(outcome.args, "n", &outcome.value), 0);
    for (int i = 0; i <= 2; i++)
        ASSERT_INT(receive_int(channel), i);
    ASSERT_INT(receive(channel, 0), 0);
    ASSERT_INT(drover_channel_wait(channel, &outcome, 0, &err), 0);
    ASSERT_INT(outcome.cause, DROVER_OK);
    ASSERT_INT(outcome.memory_kib, 0);
    drover_channel_destroy(channel);
}

static void who_waits_too_long_is_told(void)
{
    struct drover_channel *channel = start(task_hang, 0);
    ASSERT_INT(receive(channel, 0), -ETIMEDOUT);
    ASSERT_INT(receive(channel, 20), -ETIMEDOUT);
    ASSERT_INT(err.code, ETIMEDOUT);
    ASSERT_INT(drover_channel_wait(channel, NULL, 0, &err), -ETIMEDOUT);
    ASSERT_INT(drover_channel_wait(channel, NULL, 20, &err), -ETIMEDOUT);
    drover_channel_destroy(channel);
}

static void destroying_a_channel_kills_its_process(void)
{
    struct drover_channel *channel = start(task_hang, 0);
    pid_t pid = drover_channel_pid(channel);
    ASSERT(is_running(pid));
    drover_channel_destroy(channel);
    ASSERT(!is_running(pid));
    drover_channel_destroy(NULL);
}

/* --- Sending ---------------------------------------------------------------
 */

static void nothing_can_be_sent_to_a_process_that_has_ended(void)
{
    struct drover_channel *channel = start(task_double, 1);
    ASSERT_INT(drover_channel_wait(channel, NULL, SOON_MS, &err), 0);
    ASSERT_INT(drover_channel_send_pack(channel, &err, "i", 1), -EPIPE);
    ASSERT_TEXT(err.message, "the other side has ended");
    drover_channel_close(channel);
    ASSERT_INT(receive_int(channel), 2);
    drover_channel_destroy(channel);
}

static void nothing_can_be_sent_after_closing(void)
{
    struct drover_channel *channel = start(task_add_up, 0);
    drover_channel_close(channel);
    ASSERT_INT(drover_channel_send(channel, value_of(1), -1, &err), -EPIPE);
    ASSERT_TEXT(err.message, "this side of the channel is closed");
    ASSERT_INT(receive_int(channel), 0);
    drover_channel_destroy(channel);
}

static void only_values_can_be_sent(void)
{
    struct drover_channel *channel = start(task_add_up, 0);
    const struct drover_value cut = { "\x19\x01", 2 };
    ASSERT_INT(drover_channel_send(channel, nothing, -1, &err), -EINVAL);
    ASSERT_INT(drover_channel_send(channel, cut, -1, &err), -EINVAL);
    ASSERT_TEXT(err.message, "what is to be sent is no value");
    ASSERT_INT(drover_channel_send_pack(channel, &err, "?"), -EINVAL);
    ASSERT_INT(drover_channel_send_pack(channel, &err, "i", 3), 0);
    ASSERT_INT(receive_int(channel), 3);
    drover_channel_destroy(channel);
}

/* --- Refusals --------------------------------------------------------------
 */

static void arguments_that_are_no_map_are_refused(void)
{
    ASSERT(drover_start(task_double, NULL, value_of(1), &err) == NULL);
    ASSERT_INT(err.code, EINVAL);
    ASSERT_TEXT(err.message, "the arguments are int, expected a map");
    ASSERT(drover_start(task_double, NULL, value_of(1), NULL) == NULL);
}

static void try_with_a_thread(void)
{
    err.code = 0;
    ASSERT(drover_start(task_double, NULL, args_of(1), &err) == NULL);
    ASSERT_INT(err.code, EDEADLK);
    ASSERT_CONTAINS(err.message, "2 threads run in this process");
    err.code = 0;
    ASSERT(drover_create(&err) == NULL);
    ASSERT_INT(err.code, EDEADLK);
}

static void beside_other_threads_no_process_is_made(void)
{
    beside_a_thread(try_with_a_thread);
    struct drover_channel *channel = start(task_double, 2);
    ASSERT_INT(receive_int(channel), 4);
    drover_channel_destroy(channel);
}

/* With any number of descriptors left it works or says why not. */
static void without_descriptors_no_process_is_made(void)
{
    struct rlimit before, low;
    struct drover_channel *channel = NULL;
    ASSERT_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    low = before;
    int failures = 0;
    for (low.rlim_cur = 3; channel == NULL && low.rlim_cur < 256;
         low.rlim_cur++) {
        setrlimit(RLIMIT_NOFILE, &low);
        err.code = 0;
        channel = drover_start(task_double, NULL, args_of(4), &err);
        setrlimit(RLIMIT_NOFILE, &before);
        failures += channel == NULL;
        ASSERT(channel != NULL || err.code == EMFILE);
    }
    ASSERT(failures > 1);
    ASSERT_INT(receive_int(channel), 8);
    drover_channel_destroy(channel);
}

UNIT_CASES(CASE(what_a_task_sends_and_returns_arrives_in_order),
           CASE(a_task_sees_its_context_and_its_arguments),
           CASE(there_may_be_no_arguments),
           CASE(arguments_may_come_by_a_format),
           CASE(without_a_channel_there_is_an_error),
           CASE(a_bad_format_starts_nothing),
           CASE(the_process_is_the_one_that_the_channel_names),
           CASE(a_task_answers_what_it_is_sent),
           CASE(a_process_that_ends_badly_is_an_error_that_says_how),
           CASE(values_sent_before_a_bad_end_come_first),
           CASE(waiting_for_the_end_keeps_the_values),
           CASE(who_waits_too_long_is_told),
           CASE(destroying_a_channel_kills_its_process),
           CASE(nothing_can_be_sent_to_a_process_that_has_ended),
           CASE(nothing_can_be_sent_after_closing),
           CASE(only_values_can_be_sent),
           CASE(arguments_that_are_no_map_are_refused),
           CASE(beside_other_threads_no_process_is_made),
           CASE(without_descriptors_no_process_is_made))
