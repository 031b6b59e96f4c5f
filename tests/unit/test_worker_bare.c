/* Workers of C programs: tasks without a declaration, processes that are
 * workers in the midst of something else, and workers forked by workers. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "life.h"
#include "plugin/worker.h"
#include "unit.h"

/* --- The host's side -------------------------------------------------------
 */

/* What it prints is kept together; CUnit has taken the buffer away. */
static int live_buffered(struct life *life, int socket)
{
    static char buffer[BUFSIZ];
    const life_fn *live = life->manner;
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    return (*live)(life, socket);
}

static void begin(struct life *life, life_fn live)
{
    life_begin(life, live_buffered, &live);
}

static void send_message(struct channel *channel, const struct message *message)
{
    ASSERT_INT(channel_queue(channel, message), 0);
    ASSERT_INT(channel_flush(channel), 0);
}

/* Without arguments. */
static void call(struct life *life, uint64_t sequence, uint64_t index)
{
    static const uint8_t no_args = 0xa0;
    slate_post(life->slate, sequence);
    send_message(&life->channel,
                 &(struct message){ .type = MESSAGE_CALL,
                                    .as.call = { .sequence = sequence,
                                                 .index = index,
                                                 .args = { &no_args, 1 } } });
}

static void pass(struct channel *channel, uint64_t sequence, uint8_t number)
{
    send_message(channel, &(struct message){
                              .type = MESSAGE_PASSED,
                              .as.passed = { sequence, 1, { &number, 1 } } });
}

/* The worker closes and ends well, and has printed just this. */
static void expect_end(struct life *life, const char *printed)
{
    struct message message;
    int status;
    ASSERT(!life_hear(&life->channel, &message));
    ASSERT_INT(waitpid(life->pid, &status, 0), life->pid);
    ASSERT_INT(status, 0);
    expect_printed(life, printed);
    life_end(life);
}

static void close_sending(struct life *life)
{
    ASSERT_INT(shutdown(life->channel.socket, SHUT_WR), 0);
}

/* --- Tasks without a declaration -------------------------------------------
 */

/* The task that the process has: FIND_CONTEXT is the pointer to it, its own
 * context is a number. */
static bool find_one(const void *find_context,
                     const struct message_call *message,
                     struct worker_task *out)
{
    static int number = 40;
    const drover_task_fn *run = find_context;
    *out = (struct worker_task){ .run = *run, .context = &number };
    return message->index < 100;
}

static int serve(struct life *life, int socket, drover_task_fn run, bool reused)
{
    return worker_serve(
        &(struct worker_setting){ .socket = socket,
                                  .slate = reused ? life->slate : NULL,
                                  .printed = -1,
                                  .seed = 5,
                                  .two_way = true,
                                  .find = find_one,
                                  .find_context = &run });
}

static int add_context(struct drover_call *call)
{
    const int *number = drover_call_context(call);
    printf("call %d, ", (int)drover_call_index(call));
    return drover_return_int(call, *number + (int64_t)drover_call_index(call));
}

static int serve_sums(struct life *life, int socket)
{
    return serve(life, socket, add_context, true);
}

static void a_worker_needs_no_plugins(void)
{
    struct life life;
    begin(&life, serve_sums);
    call(&life, 1, 1);
    call(&life, 2, 2);
    call(&life, 3, 100);
    close_sending(&life);
    expect_int(&life, 1, 41);
    expect_int(&life, 2, 42);
    expect_failed(&life, 1, "the worker has no such task");
    expect_end(&life, "call 1, call 2, ");
}

/* --- Bare workers ----------------------------------------------------------
 */

/* Doubles one number, then ends. */
static int double_one(struct life *life, int socket)
{
    struct drover_value value;
    int64_t number = 0;
    (void)life;
    struct drover_call *bare = worker_begin_bare(&socket, 9, 1);
    if (bare == NULL || socket != -1 || drover_call_index(bare) != 9 ||
        drover_call_context(bare) != NULL ||
        drover_value_count(drover_call_args(bare)) != 0)
        return 1;
    printf("bare");
    /* Before the host knows that it may send. */
    if (drover_receive(bare, &value, 0) != -ETIMEDOUT ||
        drover_send_pack(bare, "i", 1) != 0 ||
        drover_receive(bare, &value, -1) != 1 ||
        drover_value_get_int(value, &number) < 0)
        return 2;
    drover_send_pack(bare, "I", 2 * number);
    return worker_end_bare(bare, false);
}

static void a_process_can_be_a_worker_in_its_midst(void)
{
    struct life life;
    begin(&life, double_one);
    expect_sent(&life, 9, 1);
    pass(&life.channel, 9, 21);
    expect_sent(&life, 9, 42);
    expect_no_value(&life, 9);
    expect_end(&life, "bare");
}

static int fail_bare(struct life *life, int socket)
{
    (void)life;
    struct drover_call *bare = worker_begin_bare(&socket, 9, 1);
    drover_fail(bare, "no %s", "way");
    return worker_end_bare(bare, true);
}

static int fail_silently(struct life *life, int socket)
{
    (void)life;
    return worker_end_bare(worker_begin_bare(&socket, 9, 1), true);
}

static void a_bare_call_can_fail(void)
{
    struct life life;
    begin(&life, fail_bare);
    expect_failed(&life, 0, "no way");
    expect_end(&life, "");
    begin(&life, fail_silently);
    expect_failed(&life, 0, "it did not say why");
    expect_end(&life, "");
}

static int compare_seeds(struct life *life, int socket)
{
    (void)life;
    int other = dup(socket);
    struct drover_call *bare = worker_begin_bare(&socket, 3, 1);
    uint64_t seed = drover_call_seed(bare);
    bare = worker_begin_bare(&other, 4, 1);
    return drover_call_seed(bare) == seed ? 1 : worker_end_bare(bare, false);
}

static void bare_calls_have_seeds_of_their_own(void)
{
    struct life life;
    begin(&life, compare_seeds);
    expect_no_value(&life, 4);
    expect_end(&life, "");
}

/* --- Workers forked by workers ---------------------------------------------
 */

/* In the child of a task: what it sees of the task's call is not its own. */
static int be_child(struct drover_call *outer, int socket)
{
    struct drover_value value;
    worker_forget();
    /* One of these gets the number that the worker's socket had. */
    int successors[2] = { dup(socket), dup(socket) };
    if (drover_call_index(outer) != 1 ||
        drover_value_count(drover_call_args(outer)) != 0 ||
        drover_send_pack(outer, "i", 1) == 0 ||
        drover_receive(outer, &value, -1) != 0)
        return 1;
    close(successors[0]);
    close(successors[1]);
    struct drover_call *bare = worker_begin_bare(&socket, 7, 0);
    printf("child ");
    if (bare == outer || drover_send_pack(bare, "i", 7) != 0)
        return 2;
    return worker_end_bare(bare, false);
}

/* What the child says to this task: 7 and that it has returned, no more. */
static bool hear_child(int socket)
{
    struct channel channel;
    struct message message;
    channel_open(&channel, &socket, MESSAGE_FROM_WORKER);
    bool good =
        life_hear(&channel, &message) && message.type == MESSAGE_SENT &&
        message.as.sent.sequence == 7 && life_hear(&channel, &message) &&
        message.type == MESSAGE_RETURNED && !life_hear(&channel, &message);
    channel_close(&channel);
    return good;
}

/* Forks a child while a value that it has sent and a text that it has printed
 * are still here. */
static int nest(struct drover_call *call)
{
    int sockets[2], status = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
        return drover_fail(call, "no socket");
    drover_send_pack(call, "i", 5);
    printf("parent ");
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(sockets[0]);
        _exit(be_child(call, sockets[1]));
    }
    close(sockets[1]);
    if (!hear_child(sockets[0]))
        return drover_fail(call, "the child spoke otherwise");
    if (waitpid(pid, &status, 0) != pid || status != 0)
        return drover_fail(call, "the child ended with %d", status);
    printf("again ");
    return drover_return_int(call, 6);
}

static int serve_nest_forked(struct life *life, int socket)
{
    return serve(life, socket, nest, false);
}

static int serve_nest_reused(struct life *life, int socket)
{
    return serve(life, socket, nest, true);
}

static void a_task_can_fork_a_worker(void)
{
    static const life_fn lives[] = { serve_nest_forked, serve_nest_reused };
    for (int i = 0; i < 2; i++) {
        struct life life;
        begin(&life, lives[i]);
        call(&life, 1, 1);
        close_sending(&life);
        expect_sent(&life, 1, 5);
        expect_int(&life, 1, 6);
        expect_end(&life, "parent child again ");
    }
}

static void who_is_no_worker_has_nothing_to_forget(void)
{
    worker_forget();
    ASSERT_INT(worker_prepare(), 0);
    worker_forget();
    ASSERT_INT(worker_prepare(), 0);
}

UNIT_CASES(CASE(a_worker_needs_no_plugins),
           CASE(a_process_can_be_a_worker_in_its_midst),
           CASE(a_bare_call_can_fail), CASE(bare_calls_have_seeds_of_their_own),
           CASE(a_task_can_fork_a_worker),
           CASE(who_is_no_worker_has_nothing_to_forget))
