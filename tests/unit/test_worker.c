/* A worker's life: the calls that it serves, and how it ends. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/buffer.h"
#include "life_tasks.h"
#include "unit.h"

/* --- The host's side ----------------------------------------------------- */

/* Put a call of TASK with the argument n in line. */
static void call(struct life *life, uint64_t sequence, uint64_t task, uint8_t n)
{
    const uint8_t args[] = { 0xa1, 0x61, 'n', n };
    struct message message = { .type = MESSAGE_CALL,
                               .as.call = { .sequence = sequence,
                                            .task = task,
                                            .args = { args, sizeof args } } };
    slate_post(life->slate, sequence);
    ASSERT_INT(channel_queue(&life->channel, &message), 0);
}

/* Pass NUMBER to a call; negative: no more will come. */
static void pass(struct life *life, uint64_t sequence, int number)
{
    uint8_t byte = number < 0 ? 0xf6 : (uint8_t)number;
    struct message message = {
        .type = MESSAGE_PASSED,
        .as.passed = { sequence, number >= 0, { &byte, 1 } },
    };
    ASSERT_INT(channel_queue(&life->channel, &message), 0);
    ASSERT_INT(channel_flush(&life->channel), 0);
}

/* Send what is in line, and that no more is to come. */
static void send_last(struct life *life)
{
    ASSERT_INT(channel_flush(&life->channel), 0);
    ASSERT_INT(shutdown(life->channel.socket, SHUT_WR), 0);
}

/* The stream ends, nothing is left of it, and the process ends with STATUS. */
static void expect_end(struct life *life, int status)
{
    struct message message;
    int ended;
    ASSERT_INT(channel_wait(&life->channel, -1), 0);
    ASSERT_INT(channel_fill(&life->channel, NULL), 0);
    ASSERT_INT(channel_receive(&life->channel, &message, NULL), 0);
    ASSERT_INT(waitpid(life->pid, &ended, 0), life->pid);
    ASSERT_INT(ended, status);
}

/* --- Cases --------------------------------------------------------------- */

static void a_forked_worker_serves_one_call_and_ends(void)
{
    struct life life;
    life_begin_forked(&life);
    call(&life, 1, INCREASE, 4);
    call(&life, 2, INCREASE, 5);
    ASSERT_INT(channel_flush(&life.channel), 0);
    expect_int(&life, 1, 5);
    expect_end(&life, 0);
    expect_printed(&life, "goodbye\n");
    life_end(&life);
}

static void a_reused_worker_serves_until_there_are_no_more(void)
{
    struct life life;
    life_begin_reused(&life);
    for (uint8_t i = 0; i < 20; i++)
        call(&life, i, INCREASE, i);
    send_last(&life);
    for (uint8_t i = 0; i < 20; i++) {
        expect_int(&life, i, i + 1);
        ASSERT(slate_is_started(life.slate, i));
    }
    expect_end(&life, 0);
    expect_printed(&life, "goodbye\n");
    life_end(&life);
}

static void a_call_that_was_taken_back_is_passed_over(void)
{
    struct life life;
    life_begin_reused(&life);
    for (uint8_t i = 0; i < 4; i++)
        call(&life, i, INCREASE, i);
    ASSERT(slate_recall(life.slate, 1));
    ASSERT(slate_recall(life.slate, 3));
    send_last(&life);
    expect_int(&life, 0, 1);
    expect_int(&life, 2, 3);
    expect_end(&life, 0);
    life_end(&life);
}

static void what_a_call_prints_comes_before_its_result(void)
{
    struct life life;
    struct message message;
    life_begin_reused(&life);
    for (uint8_t i = 0; i < 3; i++)
        call(&life, i, SHOUT, i);
    send_last(&life);
    for (uint8_t i = 0; i < 3; i++) {
        char words[32];
        int size = snprintf(words, sizeof words, "n is %d\nand", i);
        expect_message(&life, MESSAGE_PRINTED, &message);
        ASSERT_INT(message.as.printed.sequence, i);
        ASSERT_INT(message.as.printed.bytes.size, size);
        ASSERT(memcmp(message.as.printed.bytes.data, words, (size_t)size) == 0);
        expect_message(&life, MESSAGE_RETURNED, &message);
        ASSERT_INT(message.as.returned.sequence, i);
    }
    expect_end(&life, 0);
    life_end(&life);
}

static void what_a_forked_call_prints_is_left_in_the_pipe(void)
{
    struct life life;
    struct message message;
    life_begin_forked(&life);
    call(&life, 1, SHOUT, 3);
    send_last(&life);
    expect_message(&life, MESSAGE_RETURNED, &message);
    expect_end(&life, 0);
    expect_printed(&life, "n is 3\nandgoodbye\n");
    life_end(&life);
}

static void failures_and_unknown_tasks_are_told(void)
{
    struct life life;
    life_begin_reused(&life);
    call(&life, 1, GIVE_UP, 0);
    call(&life, 2, TASK_COUNT, 0);
    call(&life, 3, UINT64_MAX, 0);
    call(&life, 4, INCREASE, 1);
    send_last(&life);
    expect_failed(&life, 0, "no more");
    expect_failed(&life, 1, "the worker has no such task");
    expect_failed(&life, 1, "the worker has no such task");
    expect_int(&life, 4, 2);
    expect_end(&life, 0);
    life_end(&life);
}

static void after_a_refused_start_every_call_fails(void)
{
    struct life life;
    life_begin_as(&life, &(struct manner){ .reused = true, .refusing = true });
    call(&life, 1, INCREASE, 0);
    call(&life, 2, INCREASE, 0);
    send_last(&life);
    expect_failed(&life, 1, "worker_start of plugin life returned 5");
    expect_failed(&life, 1, "worker_start of plugin life returned 5");
    expect_end(&life, 0);
    life_end(&life);
}

static void what_is_beyond_the_size_of_a_plugin_is_no_hook(void)
{
    struct life life;
    life_begin_as(&life,
                  &(struct manner){ .refusing = true, .hookless = true });
    call(&life, 1, INCREASE, 4);
    send_last(&life);
    expect_int(&life, 1, 5);
    expect_end(&life, 0);
    expect_printed(&life, "");
    life_end(&life);
}

static void expect_poured(struct life *life)
{
    struct message message;
    for (int i = 0; i < 3; i++) {
        struct drover_value text;
        int64_t number;
        expect_message(life, MESSAGE_SENT, &message);
        ASSERT_INT(drover_value_unpack(message.as.sent.value, NULL, "[I, v]",
                                       &number, &text),
                   0);
        ASSERT_INT(number, i);
        ASSERT(text.size > LARGE);
    }
    expect_message(life, MESSAGE_RETURNED, &message);
    ASSERT_INT(message.as.returned.has_value, 0);
}

static void results_larger_than_the_outbox_arrive_whole_and_in_order(void)
{
    struct life reused, forked;
    life_begin_reused(&reused);
    call(&reused, 1, INCREASE, 1);
    call(&reused, 2, POUR, 0);
    call(&reused, 3, INCREASE, 2);
    send_last(&reused);
    expect_int(&reused, 1, 2);
    expect_poured(&reused);
    expect_int(&reused, 3, 3);
    expect_end(&reused, 0);
    life_end(&reused);
    life_begin_forked(&forked);
    call(&forked, 1, POUR, 0);
    send_last(&forked);
    expect_poured(&forked);
    expect_end(&forked, 0);
    life_end(&forked);
}

static void what_a_forked_call_sends_does_not_wait_for_its_end(void)
{
    struct life life;
    life_begin_forked(&life);
    call(&life, 1, TRICKLE, 7);
    send_last(&life);
    expect_sent(&life, 1, 7);
    ASSERT_INT(kill(life.pid, SIGKILL), 0);
    expect_end(&life, SIGKILL);
    life_end(&life);
}

static void a_call_can_have_no_result_at_all(void)
{
    struct life life;
    life_begin_reused(&life);
    call(&life, 1, HIDE, 7);
    call(&life, 2, INCREASE, 1);
    send_last(&life);
    expect_no_value(&life, 1);
    expect_int(&life, 2, 2);
    expect_end(&life, 0);
    life_end(&life);
}

static void a_worker_whose_state_a_call_changed_retires(void)
{
    struct life life;
    struct message message;
    life_begin_reused(&life);
    call(&life, 1, LEAVE, 0);
    ASSERT_INT(channel_flush(&life.channel), 0);
    expect_message(&life, MESSAGE_RETURNED, &message);
    expect_message(&life, MESSAGE_RETIRING, &message);
    static const char words[] = "a call changed the working folder";
    ASSERT_INT(message.as.retiring.reason.size, sizeof words - 1);
    ASSERT(memcmp(message.as.retiring.reason.data, words, sizeof words - 1) ==
           0);
    expect_end(&life, 0);
    life_end(&life);
}

/* The result of the first call may not have left the worker when the second
 * kills it. */
static void finished_results_survive_a_sudden_death(void)
{
    struct life life;
    struct buffer rescued = BUFFER_INIT(SLATE_OUTBOX_BYTES);
    int ended;
    life_begin_reused(&life);
    call(&life, 1, INCREASE, 1);
    call(&life, 2, DIE, 0);
    call(&life, 3, INCREASE, 3);
    ASSERT_INT(channel_flush(&life.channel), 0);
    ASSERT_INT(waitpid(life.pid, &ended, 0), life.pid);
    ASSERT_INT(ended, SIGKILL);
    while (channel_fill(&life.channel, NULL) > 0)
        ;
    ASSERT_INT(slate_rescue(life.slate, life.channel.position, &rescued), 0);
    ASSERT_INT(channel_feed(&life.channel, buffer_bytes(&rescued),
                            buffer_size(&rescued)),
               0);
    expect_int(&life, 1, 2);
    ASSERT(slate_is_started(life.slate, 2));
    ASSERT(!slate_is_started(life.slate, 3));
    buffer_clear(&rescued);
    life_end(&life);
}

static void garbage_ends_a_worker(void)
{
    struct life life;
    life_begin_reused(&life);
    ASSERT_INT(send(life.channel.socket, "GET / HTTP/1.1\r\n", 16, 0), 16);
    expect_end(&life, 0);
    life_end(&life);
}

/* What a call has sent is there before it waits for the next value. */
static void a_call_and_its_caller_take_turns(void)
{
    for (int reused = 0; reused < 2; reused++) {
        struct life life;
        life_begin_as(&life,
                      &(struct manner){ .reused = reused, .two_way = true });
        call(&life, 1, ADD_UP, 1);
        for (int i = 1, sum = 1; i < 20; i++) {
            pass(&life, 1, i);
            expect_sent(&life, 1, sum += i);
        }
        pass(&life, 1, -1);
        expect_int(&life, 1, 191);
        ASSERT_INT(shutdown(life.channel.socket, SHUT_WR), 0);
        expect_end(&life, 0);
        life_end(&life);
    }
}

static void calls_in_line_get_the_values_passed_to_them(void)
{
    struct life life;
    life_begin_as(&life, &(struct manner){ .reused = true, .two_way = true });
    call(&life, 1, ADD_UP, 0);
    call(&life, 2, INCREASE, 6);
    call(&life, 3, ADD_UP, 10);
    pass(&life, 3, 3);
    pass(&life, 2, 2);
    pass(&life, 1, 1);
    pass(&life, 3, -1);
    pass(&life, 1, -1);
    expect_sent(&life, 1, 1);
    expect_int(&life, 1, 1);
    expect_int(&life, 2, 7);
    expect_sent(&life, 3, 13);
    expect_int(&life, 3, 13);
    send_last(&life);
    expect_end(&life, 0);
    life_end(&life);
}

static void without_a_host_no_more_values_come(void)
{
    struct life life;
    life_begin_as(&life, &(struct manner){ .reused = false, .two_way = true });
    call(&life, 1, ADD_UP, 2);
    pass(&life, 1, 3);
    send_last(&life);
    expect_sent(&life, 1, 5);
    expect_int(&life, 1, 5);
    expect_end(&life, 0);
    life_end(&life);
}

static void in_a_job_nobody_passes_values(void)
{
    struct life life;
    life_begin_reused(&life);
    call(&life, 1, ADD_UP, 2);
    pass(&life, 1, 3);
    call(&life, 2, INCREASE, 2);
    ASSERT_INT(channel_flush(&life.channel), 0);
    expect_int(&life, 1, 2);
    expect_int(&life, 2, 3);
    send_last(&life);
    expect_end(&life, 0);
    life_end(&life);
}

UNIT_CASES(CASE(a_forked_worker_serves_one_call_and_ends),
           CASE(a_reused_worker_serves_until_there_are_no_more),
           CASE(a_call_that_was_taken_back_is_passed_over),
           CASE(what_a_call_prints_comes_before_its_result),
           CASE(what_a_forked_call_prints_is_left_in_the_pipe),
           CASE(failures_and_unknown_tasks_are_told),
           CASE(after_a_refused_start_every_call_fails),
           CASE(what_is_beyond_the_size_of_a_plugin_is_no_hook),
           CASE(results_larger_than_the_outbox_arrive_whole_and_in_order),
           CASE(what_a_forked_call_sends_does_not_wait_for_its_end),
           CASE(a_call_can_have_no_result_at_all),
           CASE(a_worker_whose_state_a_call_changed_retires),
           CASE(finished_results_survive_a_sudden_death),
           CASE(garbage_ends_a_worker), CASE(a_call_and_its_caller_take_turns),
           CASE(calls_in_line_get_the_values_passed_to_them),
           CASE(without_a_host_no_more_values_come),
           CASE(in_a_job_nobody_passes_values))
