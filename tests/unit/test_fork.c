/* Forking this process, and doing without when that is not possible. The
 * program is linked with a fork(2) that can be made to fail. */
#include "process/fork.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "tasks.h"
#include "unit.h"

static int failures; /* so many forks fail, */
static int failure;  /* with this errno; */
static int forks;    /* so many were tried */

pid_t __real_fork(void);
pid_t __wrap_fork(void);

pid_t __wrap_fork(void)
{
    forks++;
    if (failures == 0)
        return __real_fork();
    failures--;
    errno = failure;
    return -1;
}

static struct drover_error err;

static void fail_forks(int count, int code)
{
    failures = count;
    failure = code;
    forks = 0;
}

static struct drover_exchange *queue_with(unsigned limit, bool reuse)
{
    struct drover_exchange *queue = drover_queue_create(
        &(struct drover_exchange_options){ .limit = limit, .reuse = reuse },
        &err);
    ASSERT(queue != NULL);
    return queue;
}

/* --- Forking ---------------------------------------------------------------
 */

static void a_fork_has_a_socket_to_its_parent(void)
{
    struct forked child;
    char byte = 0;
    ASSERT_INT(fork_process(&child, &err), 0);
    if (child.pid == 0) {
        bool blocking = (fcntl(child.socket, F_GETFL) & O_NONBLOCK) == 0;
        _exit(write(child.socket, blocking ? "y" : "n", 1) == 1 ? 0 : 1);
    }
    ASSERT(child.pid > 0);
    ASSERT(fcntl(child.socket, F_GETFL) & O_NONBLOCK);
    struct pollfd readable = { .fd = child.socket, .events = POLLIN };
    ASSERT_INT(poll(&readable, 1, SOON_MS), 1);
    ASSERT_INT(read(child.socket, &byte, 1), 1);
    ASSERT_INT(byte, 'y');
    struct pollfd ended = { .fd = child.pidfd, .events = POLLIN };
    if (child.pidfd >= 0)
        ASSERT_INT(poll(&ended, 1, SOON_MS), 1);
    fork_abandon(&child);
}

static void an_abandoned_fork_is_killed(void)
{
    struct forked child;
    ASSERT_INT(fork_process(&child, &err), 0);
    if (child.pid == 0)
        for (;;)
            pause();
    ASSERT(is_running(child.pid));
    fork_abandon(&child);
    ASSERT(!is_running(child.pid));
}

static void a_fork_that_fails_leaves_nothing(void)
{
    struct forked child = { .pid = 7 };
    fail_forks(1, ENOSYS);
    ASSERT_INT(fork_process(&child, &err), -ENOSYS);
    ASSERT_TEXT(err.message, "cannot fork: Function not implemented");
    ASSERT_INT(child.pid, 7);
}

static void channels_do_not_wait_for_a_fork(void)
{
    static const int codes[] = { EAGAIN, ENOMEM, ENOSYS };
    for (int i = 0; i < 3; i++) {
        fail_forks(2, codes[i]);
        ASSERT(drover_start(task_double, NULL, args_of(1), &err) == NULL);
        ASSERT_INT(err.code, codes[i]);
        ASSERT(drover_create(&err) == NULL);
        ASSERT_INT(err.code, codes[i]);
        ASSERT_INT(forks, 2);
    }
}

/* --- Want of processes -----------------------------------------------------
 */

static void calls_wait_until_there_are_processes_again(void)
{
    static const int codes[] = { EAGAIN, ENOMEM };
    for (int i = 0; i < 4; i++) {
        struct drover_exchange *queue = queue_with(2, i % 2 == 1);
        struct drover_outcome outcome;
        int64_t sum = 0;
        fail_forks(7, codes[i / 2]);
        for (int n = 1; n <= 10; n++)
            drover_exchange_start(queue, task_double, NULL, args_of(n));
        for (int n = 1; n <= 10; n++) {
            ASSERT_INT(drover_exchange_next(queue, &outcome, SOON_MS, &err), 1);
            ASSERT_INT(outcome.cause, DROVER_OK);
            sum += int_of(outcome.value);
        }
        ASSERT_INT(sum, 110);
        ASSERT_INT(failures, 0);
        drover_exchange_destroy(queue);
    }
}

static void it_is_tried_again_less_and_less_often(void)
{
    struct drover_exchange *queue = queue_with(1, false);
    struct drover_outcome outcome;
    fail_forks(1000 * 1000, EAGAIN);
    drover_exchange_start(queue, task_double, NULL, args_of(3));
    ASSERT_INT(drover_exchange_next(queue, &outcome, 300, &err), -ETIMEDOUT);
    ASSERT(forks > 1 && forks < 30);
    ASSERT(drover_exchange_busy(queue));
    failures = 0;
    ASSERT_INT(drover_exchange_next(queue, &outcome, SOON_MS, &err), 1);
    ASSERT_INT(int_of(outcome.value), 6);
    drover_exchange_destroy(queue);
}

static void what_waits_for_a_process_can_be_given_up(void)
{
    struct drover_exchange *queue = queue_with(3, false);
    fail_forks(1000 * 1000, EAGAIN);
    for (int n = 0; n < 5; n++)
        drover_exchange_start(queue, task_double, NULL, args_of(n));
    ASSERT_INT(drover_exchange_ready(queue, 30, &err), 0);
    drover_exchange_destroy(queue);
    failures = 0;
}

/* --- No processes ----------------------------------------------------------
 */

static void without_any_processes_each_call_has_an_outcome(void)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        struct drover_exchange *queue = queue_with(2, reuse);
        struct drover_outcome outcome;
        fail_forks(1000, ENOSYS);
        for (int n = 0; n < 10; n++)
            ASSERT_INT(
                drover_exchange_start(queue, task_double, NULL, args_of(n)), n);
        for (int n = 0; n < 10; n++) {
            ASSERT_INT(drover_exchange_next(queue, &outcome, SOON_MS, &err), 1);
            ASSERT_INT(outcome.index, n);
            ASSERT(outcome.ended);
            ASSERT_INT(outcome.cause, DROVER_LOAD);
            ASSERT_CONTAINS(outcome.text, "cannot fork: Function not impl");
        }
        ASSERT_INT(drover_exchange_next(queue, &outcome, SOON_MS, &err), 0);
        drover_exchange_destroy(queue);
    }
    failures = 0;
}

static void without_any_processes_a_map_of_values_fails(void)
{
    struct drover_builder *values = drover_builder_create();
    struct drover_builder *results = drover_builder_create();
    fail_forks(1000, ENOSYS);
    ASSERT_INT(drover_pmap(task_double, NULL, "n", list_of(values, 1, 5), 2,
                           results, &err),
               -EREMOTEIO);
    ASSERT_CONTAINS(err.message, "5 of 5 calls failed, first call 0 {\"n\":1}: "
                                 "cannot fork");
    failures = 0;
    drover_builder_destroy(values);
    drover_builder_destroy(results);
}

/* --- Standard input and output ---------------------------------------------
 */

static int print_line(struct drover_call *call)
{
    fprintf(drover_call_context(call), "task\n");
    return drover_return_null(call);
}

static size_t count_words(const char *text, const char *word)
{
    size_t count = 0;
    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        count++;
    return count;
}

static void what_was_printed_before_a_fork_is_printed_once(void)
{
    char text[1024] = "";
    int descriptor = memfd_create("output", MFD_CLOEXEC);
    FILE *file = fdopen(descriptor, "w");
    ASSERT(file != NULL);
    /* Processes that share its offset do not take turns. */
    ASSERT_INT(fcntl(descriptor, F_SETFL, O_WRONLY | O_APPEND), 0);
    for (int reuse = 0; reuse < 2; reuse++) {
        struct drover_exchange *queue = queue_with(2, reuse);
        for (int n = 0; n < 4; n++) {
            fprintf(file, "parent\n");
            drover_exchange_start(queue, print_line, file,
                                  (struct drover_value){ NULL, 0 });
        }
        ASSERT_INT(drover_exchange_finish(queue, &err), 0);
        drover_exchange_destroy(queue);
    }
    fprintf(file, "parent\n");
    struct drover_channel *channel = drover_create(&err);
    if (drover_channel_pid(channel) == 0)
        drover_exit(channel);
    drover_channel_wait(channel, NULL, SOON_MS, &err);
    drover_channel_destroy(channel);
    fflush(file);
    ASSERT(pread(descriptor, text, sizeof text - 1, 0) > 0);
    fclose(file);
    ASSERT_INT(count_words(text, "parent\n"), 9);
    ASSERT_INT(count_words(text, "task\n"), 8);
}

UNIT_CASES(CASE(a_fork_has_a_socket_to_its_parent),
           CASE(an_abandoned_fork_is_killed),
           CASE(a_fork_that_fails_leaves_nothing),
           CASE(channels_do_not_wait_for_a_fork),
           CASE(calls_wait_until_there_are_processes_again),
           CASE(it_is_tried_again_less_and_less_often),
           CASE(what_waits_for_a_process_can_be_given_up),
           CASE(without_any_processes_each_call_has_an_outcome),
           CASE(without_any_processes_a_map_of_values_fails),
           CASE(what_was_printed_before_a_fork_is_printed_once))
