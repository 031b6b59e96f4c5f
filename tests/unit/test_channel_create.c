/* Channels to processes that go on from where they were made:
 * drover_create(). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "tasks.h"
#include "unit.h"

static struct drover_error err;

/* Run CHILD in a new process; it ends well when that returns. */
static struct drover_channel *
create(void (*child)(struct drover_channel *channel))
{
    struct drover_channel *channel = drover_create(&err);
    ASSERT(channel != NULL);
    if (drover_channel_pid(channel) > 0)
        return channel;
    child(channel);
    drover_exit(channel);
}

static int64_t receive_int(struct drover_channel *channel)
{
    struct drover_value value;
    ASSERT_INT(drover_channel_receive(channel, &value, SOON_MS, &err), 1);
    return int_of(value);
}

static int receive(struct drover_channel *channel)
{
    struct drover_value value;
    return drover_channel_receive(channel, &value, SOON_MS, &err);
}

static void expect_cause(struct drover_channel *channel,
                         enum drover_cause cause, int number)
{
    struct drover_outcome outcome;
    ASSERT_INT(drover_channel_wait(channel, &outcome, SOON_MS, &err), 0);
    ASSERT_INT(outcome.cause, cause);
    ASSERT_INT(outcome.number, number);
    drover_channel_destroy(channel);
}

static void send_int(struct drover_channel *channel, int64_t n)
{
    drover_channel_send_pack(channel, NULL, "I", n);
}

/* --- Both sides ------------------------------------------------------------
 */

static void answer(struct drover_channel *channel)
{
    struct drover_value value;
    int64_t n;
    while (drover_channel_receive(channel, &value, -1, NULL) == 1 &&
           drover_value_get_int(value, &n) == 0)
        send_int(channel, 10 * n);
    send_int(channel, getpid());
}

static void both_sides_talk_to_each_other(void)
{
    struct drover_channel *channel = create(answer);
    for (int i = 0; i < 5; i++) {
        send_int(channel, i);
        ASSERT_INT(receive_int(channel), 10 * i);
    }
    drover_channel_close(channel);
    ASSERT_INT(receive_int(channel), drover_channel_pid(channel));
    ASSERT_INT(receive(channel), 0);
    expect_cause(channel, DROVER_OK, 0);
}

/* What it finds wrong is the bit that it sends. */
static void try_everything(struct drover_channel *channel)
{
    struct drover_value value = { NULL, 0 };
    struct drover_error why = { 0 };
    int wrong = 0;
    wrong |= drover_channel_pid(channel) != 0 ? 1 : 0;
    wrong |= drover_channel_wait(channel, NULL, 0, &why) != -EINVAL ? 2 : 0;
    wrong |= drover_channel_receive(channel, &value, 0, &why) != -ETIMEDOUT ||
                     why.code != ETIMEDOUT
                 ? 4
                 : 0;
    wrong |=
        drover_channel_receive(channel, &value, 20, &why) != -ETIMEDOUT ? 8 : 0;
    wrong |= drover_channel_send(channel, value, -1, &why) != -EINVAL ? 16 : 0;
    send_int(channel, wrong);
    drover_channel_close(channel);
    if (drover_channel_send_pack(channel, &why, "i", 99) != -EPIPE)
        drover_exit_failed(channel, "could send after closing");
    if (drover_channel_receive(channel, &value, -1, &why) != 1)
        drover_exit_failed(channel, "could not receive after closing");
}

static void in_the_child_each_mistake_is_told(void)
{
    struct drover_channel *channel = create(try_everything);
    ASSERT_INT(receive_int(channel), 0);
    send_int(channel, 1);
    ASSERT_INT(receive(channel), 0);
    expect_cause(channel, DROVER_OK, 0);
}

/* --- Ends ------------------------------------------------------------------
 */

static void fail_with_seven(struct drover_channel *channel)
{
    drover_exit_failed(channel, "no %d", 7);
}

static void a_child_can_say_why_it_failed(void)
{
    struct drover_outcome outcome;
    struct drover_channel *channel = create(fail_with_seven);
    ASSERT_INT(receive(channel), -EREMOTEIO);
    ASSERT_CONTAINS(err.message, "no 7");
    ASSERT_INT(drover_channel_wait(channel, &outcome, 0, &err), 0);
    ASSERT_TEXT(outcome.text, "no 7");
    expect_cause(channel, DROVER_ERROR, 0);
}

static void exit_with_three(struct drover_channel *channel)
{
    send_int(channel, 1);
    _exit(3);
}

static void raise_hangup(struct drover_channel *channel)
{
    (void)channel;
    signal(SIGHUP, SIG_DFL);
    raise(SIGHUP);
}

static void ending_in_any_other_way_is_told(void)
{
    struct drover_channel *channel = create(exit_with_three);
    ASSERT_INT(receive_int(channel), 1);
    ASSERT_INT(receive(channel), -EREMOTEIO);
    expect_cause(channel, DROVER_EXIT, 3);
    expect_cause(create(raise_hangup), DROVER_SIGNAL, SIGHUP);
}

/* Whether it has ended before we are told of it, or before we can greet it. */
static void ending_at_once_is_told_as_well(void)
{
    for (int i = 0; i < 50; i++)
        expect_cause(create(raise_hangup), DROVER_SIGNAL, SIGHUP);
}

static void hang(struct drover_channel *channel)
{
    (void)channel;
    for (;;)
        pause();
}

static void destroying_the_channel_kills_the_child(void)
{
    struct drover_channel *channel = create(hang);
    pid_t pid = drover_channel_pid(channel);
    drover_channel_destroy(channel);
    ASSERT(!is_running(pid));
}

/* --- Families --------------------------------------------------------------
 */

static struct drover_channel *elder;

/* The elder brother's channel is the parent's. */
static void use_what_is_not_ours(struct drover_channel *channel)
{
    struct drover_value value;
    int wrong = 0;
    wrong |= drover_channel_receive(elder, &value, 0, NULL) != -EPERM ? 1 : 0;
    wrong |= drover_channel_send(elder, value_of(1), 0, NULL) != -EPERM ? 2 : 0;
    wrong |= drover_channel_wait(elder, NULL, 0, NULL) != -EPERM ? 4 : 0;
    drover_channel_close(elder);
    drover_channel_destroy(elder);
    send_int(channel, wrong);
}

static void channels_of_the_parent_are_not_the_childs(void)
{
    elder = create(answer);
    struct drover_channel *younger = create(use_what_is_not_ours);
    ASSERT_INT(receive_int(younger), 0);
    expect_cause(younger, DROVER_OK, 0);
    send_int(elder, 4);
    ASSERT_INT(receive_int(elder), 40);
    drover_channel_close(elder);
    expect_cause(elder, DROVER_OK, 0);
}

static void have_a_child(struct drover_channel *channel)
{
    struct drover_channel *child = create(hang);
    send_int(channel, drover_channel_pid(child));
    hang(channel);
}

static void grandchildren_die_with_the_child(void)
{
    struct drover_channel *channel = create(have_a_child);
    pid_t grandchild = (pid_t)receive_int(channel);
    ASSERT(is_running(grandchild));
    ASSERT_INT(kill(drover_channel_pid(channel), SIGKILL), 0);
    expect_cause(channel, DROVER_SIGNAL, SIGKILL);
    expect_gone(grandchild);
}

static void ask_a_child(struct drover_channel *channel)
{
    struct drover_channel *child = create(answer);
    struct drover_value value;
    send_int(child, 7);
    if (drover_channel_receive(child, &value, -1, NULL) == 1)
        drover_channel_send(channel, value, -1, NULL);
    drover_channel_close(child);
    drover_channel_wait(child, NULL, -1, NULL);
    drover_channel_destroy(child);
}

static void children_have_channels_of_their_own(void)
{
    struct drover_channel *channel = create(ask_a_child);
    ASSERT_INT(receive_int(channel), 70);
    expect_cause(channel, DROVER_OK, 0);
}

UNIT_CASES(CASE(both_sides_talk_to_each_other),
           CASE(in_the_child_each_mistake_is_told),
           CASE(a_child_can_say_why_it_failed),
           CASE(ending_in_any_other_way_is_told),
           CASE(ending_at_once_is_told_as_well),
           CASE(destroying_the_channel_kills_the_child),
           CASE(channels_of_the_parent_are_not_the_childs),
           CASE(grandchildren_die_with_the_child),
           CASE(children_have_channels_of_their_own))
