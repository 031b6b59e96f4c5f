/* A worker's life, in a forked child with a plugin of this program's own. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "plugin/worker.h"
#include "unit.h"
#include "wire/channel.h"

/* --- The plugin ------------------------------------------------------------
 */

enum {
    INCREASE,
    SHOUT,
    GIVE_UP,
    POUR,
    LEAVE,
    DIE,
    ADD_UP,
    TRICKLE,
    HIDE,
    TASK_COUNT
};
enum { LARGE = 100 * 1000 };

static int increase(struct drover_call *call)
{
    return drover_return_int(call, drover_arg_int(call, "n") + 1);
}

static int shout(struct drover_call *call)
{
    printf("n is %d\nand", (int)drover_arg_int(call, "n"));
    return drover_return_null(call);
}

static int give_up(struct drover_call *call)
{
    return drover_fail(call, "no more");
}

/* Sends texts that are larger than the outbox, and does not return one. */
static int pour(struct drover_call *call)
{
    static char text[LARGE + 1];
    memset(text, 'x', LARGE);
    for (int i = 0; i < 3; i++)
        if (drover_send_pack(call, "[i, s]", i, text) != 0)
            return -1;
    return 0;
}

/* Sends a number, and then waits for its host to end. */
static int trickle(struct drover_call *call)
{
    if (drover_send_pack(call, "I", drover_arg_int(call, "n")) != 0)
        return -1;
    for (;;)
        pause();
}

static int hide(struct drover_call *call)
{
    drover_return_int(call, drover_arg_int(call, "n"));
    return drover_return_nothing(call);
}

static int leave(struct drover_call *call)
{
    return chdir("/proc") == 0 ? drover_return_null(call) : 1;
}

static int die(struct drover_call *call)
{
    raise(SIGKILL);
    return drover_return_null(call);
}

/* Answers each value by the sum so far, n included, until no more come. */
static int add_up(struct drover_call *call)
{
    struct drover_value value;
    int64_t sum = drover_arg_int(call, "n"), number = 0;
    while (drover_receive(call, &value, -1) == 1) {
        drover_value_get_int(value, &number);
        sum += number;
        drover_send_pack(call, "I", sum);
    }
    return drover_return_int(call, sum);
}

static const struct drover_task *the_tasks(void)
{
    static const struct drover_param n[] = {
        { .name = "n", .type = DROVER_INT }, { .name = NULL }
    };
    static const struct drover_task tasks[TASK_COUNT] = {
        [INCREASE] = { .name = "increase", .run = increase, .params = n },
        [SHOUT] = { .name = "shout", .run = shout, .params = n },
        [GIVE_UP] = { .name = "give_up", .run = give_up, .params = n },
        [POUR] = { .name = "pour", .run = pour, .params = n },
        [LEAVE] = { .name = "leave", .run = leave, .params = n },
        [DIE] = { .name = "die", .run = die, .params = n },
        [TRICKLE] = { .name = "trickle", .run = trickle, .params = n },
        [HIDE] = { .name = "hide", .run = hide, .params = n },
        [ADD_UP] = { .name = "add_up", .run = add_up, .params = n },
    };
    return tasks;
}

static int refuse(void)
{
    return 5;
}

static void say_goodbye(void)
{
    printf("goodbye\n");
}

/* --- The host's side -------------------------------------------------------
 */

struct life {
    pid_t pid;
    struct channel channel;
    struct slate *slate;
    int printed;
    int (*start)(void);
    bool hookless; /* the plugin is too old to have hooks */
    bool reused;
    bool two_way;
    uint64_t seed;
};

static _Noreturn void be_worker(struct life *life, int socket, int output)
{
    struct drover_plugin exported = {
        .size = life->hookless ? offsetof(struct drover_plugin, worker_start)
                               : sizeof exported,
        .name = "life",
        .tasks = the_tasks(),
        .task_count = TASK_COUNT,
        .task_stride = sizeof(struct drover_task),
        .param_stride = sizeof(struct drover_param),
        .worker_start = life->start,
        .worker_stop = say_goodbye,
    };
    struct plugin plugin = { .exported = &exported, .build_id = "1234" };
    struct plugin_set plugins = { &plugin, 1 };
    dup2(output, STDOUT_FILENO);
    _exit(worker_serve(&(struct worker_setting){
        .socket = socket,
        .slate = life->reused ? life->slate : NULL,
        .printed = life->printed,
        .seed = life->seed,
        .two_way = life->two_way,
        .find = plugin_set_find,
        .find_context = &plugins,
        .plugins = &plugins,
    }));
}

/* Once in a process, like a keeper: its workers are forks of it. */
static void prepare(void)
{
    static bool prepared;
    if (!prepared)
        ASSERT_INT(worker_prepare(), 0);
    prepared = true;
}

static void begin(struct life *life)
{
    int sockets[2], ends[2], memory;
    ASSERT_INT(slate_create(&life->slate, &memory, NULL), 0);
    descriptor_close(&memory);
    slate_reset(life->slate);
    ASSERT_INT(descriptor_socket_pair(sockets, NULL), 0);
    ASSERT_INT(descriptor_set_nonblocking(sockets[1], false), 0);
    ASSERT_INT(pipe2(ends, O_CLOEXEC), 0);
    ASSERT_INT(descriptor_set_nonblocking(ends[0], true), 0);
    life->printed = ends[0];
    prepare();
    fflush(NULL);
    life->pid = fork();
    ASSERT(life->pid >= 0);
    if (life->pid == 0) {
        close(sockets[0]);
        be_worker(life, sockets[1], ends[1]);
    }
    close(sockets[1]);
    close(ends[1]);
    channel_open(&life->channel, &sockets[0], MESSAGE_FROM_WORKER);
}

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

static void receive(struct life *life, struct message *message)
{
    struct drover_error err = { 0 };
    int status;
    while ((status = channel_receive(&life->channel, message, &err)) == 0) {
        ASSERT_INT(channel_wait(&life->channel, -1), 0);
        ASSERT_INT(channel_fill(&life->channel, NULL), 1);
    }
    ASSERT_TEXT(err.message, "");
    ASSERT_INT(status, 1);
}

static void expect_int(struct life *life, uint64_t sequence, int64_t expected)
{
    struct message message;
    int64_t result = 0;
    receive(life, &message);
    ASSERT_INT(message.type, MESSAGE_RETURNED);
    ASSERT_INT(message.as.returned.sequence, sequence);
    ASSERT_INT(message.as.returned.has_value, 1);
    ASSERT_INT(drover_value_get_int(message.as.returned.value, &result), 0);
    ASSERT_INT(result, expected);
}

static void expect_sent(struct life *life, uint64_t sequence, int64_t expected)
{
    struct message message;
    int64_t number = 0;
    receive(life, &message);
    ASSERT_INT(message.type, MESSAGE_SENT);
    ASSERT_INT(message.as.sent.sequence, sequence);
    ASSERT_INT(drover_value_get_int(message.as.sent.value, &number), 0);
    ASSERT_INT(number, expected);
}

static void expect_failed(struct life *life, uint64_t cause, const char *words)
{
    struct message message;
    char text[128];
    receive(life, &message);
    ASSERT_INT(message.type, MESSAGE_FAILED);
    ASSERT_INT(message.as.failed.cause, cause);
    snprintf(text, sizeof text, "%.*s", (int)message.as.failed.text.size,
             message.as.failed.text.data);
    ASSERT_TEXT(text, words);
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

/* What is left in the pipe of printed text. */
static void expect_printed(struct life *life, const char *expected)
{
    char text[128] = "";
    ssize_t size = read(life->printed, text, sizeof text - 1);
    ASSERT(size >= 0);
    ASSERT_TEXT(text, expected);
}

static void end(struct life *life)
{
    channel_close(&life->channel);
    descriptor_close(&life->printed);
    slate_destroy(life->slate);
}

/* --- Cases -----------------------------------------------------------------
 */

static void a_forked_worker_serves_one_call_and_ends(void)
{
    struct life life = { .reused = false };
    begin(&life);
    call(&life, 1, INCREASE, 4);
    call(&life, 2, INCREASE, 5);
    ASSERT_INT(channel_flush(&life.channel), 0);
    expect_int(&life, 1, 5);
    expect_end(&life, 0);
    expect_printed(&life, "goodbye\n");
    end(&life);
}

static void a_reused_worker_serves_until_there_are_no_more(void)
{
    struct life life = { .reused = true };
    begin(&life);
    for (uint8_t i = 0; i < 20; i++)
        call(&life, i, INCREASE, i);
    send_last(&life);
    for (uint8_t i = 0; i < 20; i++) {
        expect_int(&life, i, i + 1);
        ASSERT(slate_is_started(life.slate, i));
    }
    expect_end(&life, 0);
    expect_printed(&life, "goodbye\n");
    end(&life);
}

static void a_call_that_was_taken_back_is_passed_over(void)
{
    struct life life = { .reused = true };
    begin(&life);
    for (uint8_t i = 0; i < 4; i++)
        call(&life, i, INCREASE, i);
    ASSERT(slate_recall(life.slate, 1));
    ASSERT(slate_recall(life.slate, 3));
    send_last(&life);
    expect_int(&life, 0, 1);
    expect_int(&life, 2, 3);
    expect_end(&life, 0);
    end(&life);
}

static void what_a_call_prints_comes_before_its_result(void)
{
    struct life life = { .reused = true };
    struct message message;
    begin(&life);
    for (uint8_t i = 0; i < 3; i++)
        call(&life, i, SHOUT, i);
    send_last(&life);
    for (uint8_t i = 0; i < 3; i++) {
        char words[32];
        int size = snprintf(words, sizeof words, "n is %d\nand", i);
        receive(&life, &message);
        ASSERT_INT(message.type, MESSAGE_PRINTED);
        ASSERT_INT(message.as.printed.sequence, i);
        ASSERT_INT(message.as.printed.bytes.size, size);
        ASSERT(memcmp(message.as.printed.bytes.data, words, (size_t)size) == 0);
        receive(&life, &message);
        ASSERT_INT(message.type, MESSAGE_RETURNED);
        ASSERT_INT(message.as.returned.sequence, i);
    }
    expect_end(&life, 0);
    end(&life);
}

static void what_a_forked_call_prints_is_left_in_the_pipe(void)
{
    struct life life = { .reused = false };
    struct message message;
    begin(&life);
    call(&life, 1, SHOUT, 3);
    send_last(&life);
    receive(&life, &message);
    ASSERT_INT(message.type, MESSAGE_RETURNED);
    expect_end(&life, 0);
    expect_printed(&life, "n is 3\nandgoodbye\n");
    end(&life);
}

static void failures_and_unknown_tasks_are_told(void)
{
    struct life life = { .reused = true };
    begin(&life);
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
    end(&life);
}

static void after_a_refused_start_every_call_fails(void)
{
    struct life life = { .reused = true, .start = refuse };
    begin(&life);
    call(&life, 1, INCREASE, 0);
    call(&life, 2, INCREASE, 0);
    send_last(&life);
    expect_failed(&life, 1, "worker_start of plugin life returned 5");
    expect_failed(&life, 1, "worker_start of plugin life returned 5");
    expect_end(&life, 0);
    end(&life);
}

static void what_is_beyond_the_size_of_a_plugin_is_no_hook(void)
{
    struct life life = { .start = refuse, .hookless = true };
    begin(&life);
    call(&life, 1, INCREASE, 4);
    send_last(&life);
    expect_int(&life, 1, 5);
    expect_end(&life, 0);
    expect_printed(&life, "");
    end(&life);
}

static void expect_poured(struct life *life)
{
    struct message message;
    for (int i = 0; i < 3; i++) {
        struct drover_value text;
        int64_t number;
        receive(life, &message);
        ASSERT_INT(message.type, MESSAGE_SENT);
        ASSERT_INT(drover_value_unpack(message.as.sent.value, NULL, "[I, v]",
                                       &number, &text),
                   0);
        ASSERT_INT(number, i);
        ASSERT(text.size > LARGE);
    }
    receive(life, &message);
    ASSERT_INT(message.type, MESSAGE_RETURNED);
    ASSERT_INT(message.as.returned.has_value, 0);
}

static void results_larger_than_the_outbox_arrive_whole_and_in_order(void)
{
    struct life reused = { .reused = true }, forked = { .reused = false };
    begin(&reused);
    call(&reused, 1, INCREASE, 1);
    call(&reused, 2, POUR, 0);
    call(&reused, 3, INCREASE, 2);
    send_last(&reused);
    expect_int(&reused, 1, 2);
    expect_poured(&reused);
    expect_int(&reused, 3, 3);
    expect_end(&reused, 0);
    end(&reused);
    begin(&forked);
    call(&forked, 1, POUR, 0);
    send_last(&forked);
    expect_poured(&forked);
    expect_end(&forked, 0);
    end(&forked);
}

static void what_a_forked_call_sends_does_not_wait_for_its_end(void)
{
    struct life life = { .reused = false };
    begin(&life);
    call(&life, 1, TRICKLE, 7);
    send_last(&life);
    expect_sent(&life, 1, 7);
    ASSERT_INT(kill(life.pid, SIGKILL), 0);
    expect_end(&life, SIGKILL);
    end(&life);
}

static void a_call_can_have_no_result_at_all(void)
{
    struct life life = { .reused = true };
    struct message message;
    begin(&life);
    call(&life, 1, HIDE, 7);
    call(&life, 2, INCREASE, 1);
    send_last(&life);
    receive(&life, &message);
    ASSERT_INT(message.type, MESSAGE_RETURNED);
    ASSERT_INT(message.as.returned.has_value, 0);
    expect_int(&life, 2, 2);
    expect_end(&life, 0);
    end(&life);
}

static void a_worker_whose_state_a_call_changed_retires(void)
{
    struct life life = { .reused = true };
    struct message message;
    begin(&life);
    call(&life, 1, LEAVE, 0);
    ASSERT_INT(channel_flush(&life.channel), 0);
    receive(&life, &message);
    ASSERT_INT(message.type, MESSAGE_RETURNED);
    receive(&life, &message);
    ASSERT_INT(message.type, MESSAGE_RETIRING);
    static const char words[] = "a call changed the working folder";
    ASSERT_INT(message.as.retiring.reason.size, sizeof words - 1);
    ASSERT(memcmp(message.as.retiring.reason.data, words, sizeof words - 1) ==
           0);
    expect_end(&life, 0);
    end(&life);
}

/* The result of the first call may not have left the worker when the second
 * kills it. */
static void finished_results_survive_a_sudden_death(void)
{
    struct life life = { .reused = true };
    struct buffer rescued = BUFFER_INIT(SLATE_OUTBOX_BYTES);
    int ended;
    begin(&life);
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
    end(&life);
}

static void garbage_ends_a_worker(void)
{
    struct life life = { .reused = true };
    begin(&life);
    ASSERT_INT(send(life.channel.socket, "GET / HTTP/1.1\r\n", 16, 0), 16);
    expect_end(&life, 0);
    end(&life);
}

/* What a call has sent is there before it waits for the next value. */
static void a_call_and_its_caller_take_turns(void)
{
    for (int reused = 0; reused < 2; reused++) {
        struct life life = { .reused = reused, .two_way = true };
        begin(&life);
        call(&life, 1, ADD_UP, 1);
        for (int i = 1, sum = 1; i < 20; i++) {
            pass(&life, 1, i);
            expect_sent(&life, 1, sum += i);
        }
        pass(&life, 1, -1);
        expect_int(&life, 1, 191);
        ASSERT_INT(shutdown(life.channel.socket, SHUT_WR), 0);
        expect_end(&life, 0);
        end(&life);
    }
}

static void calls_in_line_get_the_values_passed_to_them(void)
{
    struct life life = { .reused = true, .two_way = true };
    begin(&life);
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
    end(&life);
}

static void without_a_host_no_more_values_come(void)
{
    struct life life = { .reused = false, .two_way = true };
    begin(&life);
    call(&life, 1, ADD_UP, 2);
    pass(&life, 1, 3);
    send_last(&life);
    expect_sent(&life, 1, 5);
    expect_int(&life, 1, 5);
    expect_end(&life, 0);
    end(&life);
}

static void in_a_job_nobody_passes_values(void)
{
    struct life life = { .reused = true };
    begin(&life);
    call(&life, 1, ADD_UP, 2);
    pass(&life, 1, 3);
    call(&life, 2, INCREASE, 2);
    ASSERT_INT(channel_flush(&life.channel), 0);
    expect_int(&life, 1, 2);
    expect_int(&life, 2, 3);
    send_last(&life);
    expect_end(&life, 0);
    end(&life);
}

UNIT_CASES(CASE(a_call_and_its_caller_take_turns),
           CASE(calls_in_line_get_the_values_passed_to_them),
           CASE(without_a_host_no_more_values_come),
           CASE(in_a_job_nobody_passes_values),
           CASE(a_forked_worker_serves_one_call_and_ends),
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
           CASE(garbage_ends_a_worker))
