/* The server gives each item to one collector, again to another when the first
 * went without acknowledging it, and to nobody afterwards (I1, I2, I3). */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background/lease.h"
#include "served.h"
#include "store/delivery.h"
#include "unit.h"

static struct served served;
static struct channel a, b;
static struct message message;

/* A served run with COUNT items, and two collectors. */
static void set_up(uint64_t count)
{
    served_make(&served);
    served_open(&served);
    served_add(&served, count);
    client_open(&served, &a);
    client_open(&served, &b);
}

static void tear_down(void)
{
    channel_close(&a);
    channel_close(&b);
    served_remove(&served);
}

static void expect_items(struct channel *channel, uint64_t first, uint64_t last,
                         bool redelivered)
{
    for (uint64_t number = first; number <= last; number++)
        client_expect_item(&served, channel, number, redelivered);
}

static void expect_confirmed(struct channel *channel, uint64_t first,
                             uint64_t last)
{
    client_expect(&served, channel, MESSAGE_CONFIRMED, &message);
    ASSERT_INT(message.as.confirmed.first, first);
    ASSERT_INT(message.as.confirmed.last, last);
}

static void expect_drained(struct channel *channel, bool complete)
{
    client_expect(&served, channel, MESSAGE_DRAINED, &message);
    ASSERT_INT(message.as.drained.complete, complete);
}

/* --- Giving -----------------------------------------------------------------
 */

static void as_many_are_given_as_were_asked_for(void)
{
    set_up(5);
    client_take(&a, 3, false, true);
    expect_items(&a, 1, 3, false);
    client_expect_silence(&served, &a);
    client_take(&a, 1, false, true);
    expect_items(&a, 4, 4, false);
    client_take(&a, 10, false, true);
    expect_items(&a, 5, 5, false);
    client_expect_silence(&served, &a);
    tear_down();
}

static void an_item_says_what_became_of_the_call(void)
{
    set_up(1);
    served_add_failure(&served, 7, DROVER_SIGNAL, "killed", 11);
    client_take(&a, 2, false, true);
    client_expect(&served, &a, MESSAGE_ITEM, &message);
    ASSERT_INT(message.as.item.index, 0);
    ASSERT_INT(message.as.item.ended, 1);
    ASSERT_INT(message.as.item.has_value, 1);
    ASSERT_INT(message.as.item.elapsed_ns, 5);
    ASSERT(message.as.item.cause.size == 2);
    client_expect(&served, &a, MESSAGE_ITEM, &message);
    ASSERT_INT(message.as.item.index, 7);
    ASSERT_INT(message.as.item.ended, 1);
    ASSERT_INT(message.as.item.has_value, 0);
    ASSERT_INT(message.as.item.code, 11);
    ASSERT(message.as.item.cause.size == 6);
    ASSERT(message.as.item.text.size == 6);
    tear_down();
}

static void who_waits_is_given_what_comes(void)
{
    set_up(0);
    client_take(&a, 10, false, true);
    client_expect_silence(&served, &a);
    served_add(&served, 2);
    expect_items(&a, 1, 2, false);
    served_add(&served, 1);
    expect_items(&a, 3, 3, false);
    tear_down();
}

static void several_share_and_nobody_gets_what_another_has(void)
{
    enum { COUNT = 160 };
    bool seen[COUNT + 1] = { false };
    size_t of_a = 0, of_b = 0;
    set_up(0);
    client_take(&a, COUNT, false, true);
    client_take(&b, COUNT, false, true);
    client_expect_silence(&served, &a);
    served_add(&served, COUNT);
    while (of_a + of_b < COUNT) {
        struct channel *channel = of_a <= of_b ? &a : &b;
        client_expect(&served, channel, MESSAGE_ITEM, &message);
        uint64_t number = message.as.item.number;
        ASSERT(number <= COUNT && !seen[number]);
        seen[number] = true;
        *(channel == &a ? &of_a : &of_b) += 1;
    }
    ASSERT_INT(of_a, COUNT / 2);
    tear_down();
}

/* --- Returning --------------------------------------------------------------
 */

static void what_a_dead_collector_had_comes_first_and_marked(void)
{
    set_up(6);
    client_take(&a, 4, false, true);
    expect_items(&a, 1, 4, false);
    client_acknowledge(&a, 2, 2);
    expect_confirmed(&a, 2, 2);
    channel_close(&a);
    client_take(&b, 10, false, true);
    expect_items(&b, 1, 1, true);
    expect_items(&b, 3, 4, true);
    expect_items(&b, 5, 6, false);
    client_expect_silence(&served, &b);
    tear_down();
}

static void who_waits_gets_what_another_returns(void)
{
    set_up(2);
    client_take(&a, 2, false, true);
    expect_items(&a, 1, 2, false);
    client_take(&b, 2, false, true);
    client_expect_silence(&served, &b);
    channel_close(&a);
    expect_items(&b, 1, 2, true);
    tear_down();
}

/* An acknowledgement is read to its end though nobody is there any more. */
static void an_acknowledgement_counts_though_its_sender_is_gone(void)
{
    set_up(3);
    client_take(&a, 3, false, true);
    expect_items(&a, 1, 3, false);
    client_acknowledge(&a, 1, 2);
    channel_close(&a);
    client_take(&b, 3, false, true);
    expect_items(&b, 3, 3, true);
    tear_down();
}

/* So do many, more than are read at once, with answers that nobody reads. */
static void all_acknowledgements_count_though_their_sender_is_gone(void)
{
    enum { COUNT = 3000 };
    set_up(COUNT + 1);
    client_take(&a, COUNT, false, true);
    expect_items(&a, 1, COUNT, false);
    for (uint64_t number = 1; number <= COUNT; number++) {
        message = (struct message){ MESSAGE_ACKNOWLEDGE,
                                    .as.acknowledge = { number, number } };
        ASSERT_INT(channel_queue(&a, &message), 0);
    }
    ASSERT_INT(channel_flush(&a), 0);
    channel_close(&a);
    served_settle(&served);
    client_take(&b, COUNT, false, true);
    expect_items(&b, COUNT + 1, COUNT + 1, false);
    tear_down();
}

/* --- Acknowledging ----------------------------------------------------------
 */

static void what_is_acknowledged_is_given_to_nobody(void)
{
    set_up(4);
    client_take(&a, 3, false, true);
    expect_items(&a, 1, 3, false);
    client_acknowledge(&a, 1, 3);
    expect_confirmed(&a, 1, 3);
    channel_close(&a);
    client_take(&b, 4, false, true);
    expect_items(&b, 4, 4, false);
    client_expect_silence(&served, &b);
    tear_down();
}

static void what_others_have_cannot_be_acknowledged(void)
{
    set_up(6);
    client_take(&a, 2, false, true);
    expect_items(&a, 1, 2, false);
    client_take(&b, 2, false, true);
    expect_items(&b, 3, 4, false);
    client_acknowledge(&b, 0, UINT64_MAX);
    expect_confirmed(&b, 3, 4);
    client_acknowledge(&b, 1, 2);
    client_acknowledge(&b, 5, 6);
    client_acknowledge(&b, 4, 3);
    client_expect_silence(&served, &b);
    channel_close(&a);
    client_take(&b, 9, false, true);
    expect_items(&b, 1, 2, true);
    expect_items(&b, 5, 6, false);
    tear_down();
}

static void acknowledging_twice_is_confirmed_once(void)
{
    set_up(2);
    client_take(&a, 2, false, true);
    expect_items(&a, 1, 2, false);
    client_acknowledge(&a, 1, 2);
    client_acknowledge(&a, 1, 2);
    expect_confirmed(&a, 1, 2);
    client_expect_silence(&served, &a);
    tear_down();
}

/* With pieces between what others have, too. */
static void a_confirmation_covers_only_what_the_collector_had(void)
{
    set_up(32);
    client_take(&a, 16, false, true);
    client_take(&b, 16, false, true);
    uint64_t had = 0, told = 0;
    for (int i = 0; i < 16; i++) {
        client_expect(&served, &a, MESSAGE_ITEM, &message);
        had += message.as.item.number;
    }
    client_acknowledge(&a, 1, 32);
    for (int i = 0; i < 16;) {
        client_expect(&served, &a, MESSAGE_CONFIRMED, &message);
        for (uint64_t n = message.as.confirmed.first;
             n <= message.as.confirmed.last; n++, i++)
            told += n;
    }
    ASSERT_INT(told, had);
    tear_down();
}

static void no_collector_has_more_than_it_may(void)
{
    enum { COUNT = LEASE_ITEMS_MAX + 10 };
    set_up(COUNT);
    for (uint64_t number = 1; number <= LEASE_ITEMS_MAX; number++) {
        if (number % SERVER_CREDIT_MAX == 1)
            client_take(&a, 2 * SERVER_CREDIT_MAX, false, true);
        client_expect_item(&served, &a, number, false);
    }
    client_take(&a, 10, false, true);
    client_expect_silence(&served, &a);
    client_acknowledge(&a, 1, 3);
    expect_confirmed(&a, 1, 3);
    expect_items(&a, LEASE_ITEMS_MAX + 1, LEASE_ITEMS_MAX + 3, false);
    client_expect_silence(&served, &a);
    tear_down();
}

static void who_has_all_that_it_may_does_not_wait_for_more(void)
{
    enum { COUNT = LEASE_ITEMS_MAX + 10 };
    set_up(COUNT);
    for (uint64_t number = 1; number <= LEASE_ITEMS_MAX; number++) {
        if (number % SERVER_CREDIT_MAX == 1)
            client_take(&a, SERVER_CREDIT_MAX, false, false);
        client_expect_item(&served, &a, number, false);
    }
    client_take(&a, 100, false, false);
    expect_drained(&a, false);
    client_acknowledge(&a, 1, 10);
    expect_confirmed(&a, 1, 10);
    client_take(&a, 100, false, false);
    expect_items(&a, LEASE_ITEMS_MAX + 1, COUNT, false);
    expect_drained(&a, false);
    tear_down();
}

/* --- Crashes ----------------------------------------------------------------
 */

static void a_killed_server_loses_nothing_and_repeats_nothing_acknowledged(void)
{
    served_make(&served);
    served_add(&served, 6);
    pid_t child = served_fork(&served, false);
    client_open(&served, &a);
    client_take(&a, 4, false, true);
    expect_items(&a, 1, 4, false);
    client_acknowledge(&a, 1, 2);
    expect_confirmed(&a, 1, 2);
    served_kill(&served, child);
    ASSERT(!client_hear(&served, &a, &message));
    served_open(&served);
    client_open(&served, &b);
    client_take(&b, 10, false, true);
    expect_items(&b, 3, 4, true);
    expect_items(&b, 5, 6, false);
    tear_down();
}

static void a_fork_that_abandons_the_server_disturbs_nobody(void)
{
    set_up(3);
    client_take(&a, 1, false, true);
    expect_items(&a, 1, 1, false);
    pid_t child = fork();
    if (child == 0) {
        server_abandon(served.server);
        address_abandon(served.address);
        store_abandon(served.store);
        _exit(0);
    }
    ASSERT_INT(waitpid(child, NULL, 0), child);
    client_take(&a, 1, false, true);
    expect_items(&a, 2, 2, false);
    client_acknowledge(&a, 1, 2);
    expect_confirmed(&a, 1, 2);
    tear_down();
}

/* --- Peeking and not waiting ------------------------------------------------
 */

static void who_peeks_sees_everything_and_takes_nothing(void)
{
    set_up(3);
    client_take(&a, 2, false, true);
    expect_items(&a, 1, 2, false);
    client_acknowledge(&a, 1, 1);
    expect_confirmed(&a, 1, 1);
    client_take(&b, 2, true, true);
    expect_items(&b, 1, 2, true);
    client_take(&b, 10, true, true);
    expect_items(&b, 3, 3, false);
    served_add(&served, 1);
    expect_items(&b, 4, 4, false);
    client_acknowledge(&b, 1, 4);
    client_expect_silence(&served, &b);
    client_take(&a, 10, false, true);
    expect_items(&a, 3, 4, false);
    tear_down();
}

static void who_peeks_is_told_when_all_was_seen(void)
{
    set_up(2);
    client_take(&a, 1, true, true);
    expect_items(&a, 1, 1, false);
    served_finish(&served);
    client_expect_silence(&served, &a);
    client_take(&a, 1, true, true);
    expect_items(&a, 2, 2, false);
    expect_drained(&a, true);
    tear_down();
}

static void who_does_not_wait_is_told_that_nothing_is_there(void)
{
    set_up(2);
    client_take(&a, 10, false, false);
    expect_items(&a, 1, 2, false);
    expect_drained(&a, false);
    served_add(&served, 1);
    client_expect_silence(&served, &a);
    client_take(&a, 10, false, false);
    expect_items(&a, 3, 3, false);
    expect_drained(&a, false);
    client_take(&b, 10, true, false);
    expect_items(&b, 1, 3, true);
    expect_drained(&b, false);
    tear_down();
}

static void taking_goes_on_as_it_began(void)
{
    set_up(2);
    client_take(&a, 1, false, true);
    expect_items(&a, 1, 1, false);
    client_take(&a, 1, true, true);
    client_expect(&served, &a, MESSAGE_UNSERVED, &message);
    ASSERT_INT(message.as.unserved.error, EPROTO);
    ASSERT(!client_hear(&served, &a, &message));
    client_take(&b, 9, false, true);
    expect_items(&b, 1, 1, true);
    expect_items(&b, 2, 2, false);
    tear_down();
}

/* --- The end ----------------------------------------------------------------
 */

static void all_is_over_when_the_run_has_ended_and_all_is_acknowledged(void)
{
    set_up(2);
    client_take(&a, 10, false, true);
    expect_items(&a, 1, 2, false);
    client_acknowledge(&a, 1, 2);
    expect_confirmed(&a, 1, 2);
    client_expect_silence(&served, &a);
    ASSERT(!server_is_drained(served.server));
    served_finish(&served);
    expect_drained(&a, true);
    ASSERT(server_is_drained(served.server));
    client_take(&b, 1, false, true);
    expect_drained(&b, true);
    client_expect_silence(&served, &b);
    client_take(&b, 1, false, true);
    expect_drained(&b, true);
    tear_down();
}

static void others_wait_for_who_has_the_last_items(void)
{
    set_up(2);
    client_take(&a, 2, false, true);
    expect_items(&a, 1, 2, false);
    client_take(&b, 2, false, true);
    client_expect_silence(&served, &b);
    served_finish(&served);
    /* Nothing more will come for the one who has them. */
    expect_drained(&a, true);
    client_expect_silence(&served, &b);
    ASSERT(!server_is_drained(served.server));
    client_acknowledge(&a, 1, 1);
    expect_confirmed(&a, 1, 1);
    client_expect_silence(&served, &b);
    channel_close(&a);
    expect_items(&b, 2, 2, true);
    expect_drained(&b, true);
    client_acknowledge(&b, 2, 2);
    expect_confirmed(&b, 2, 2);
    ASSERT(server_is_drained(served.server));
    tear_down();
}

static void a_run_without_items_is_over_when_it_ends(void)
{
    set_up(0);
    client_take(&a, 10, false, true);
    client_expect_silence(&served, &a);
    served_finish(&served);
    expect_drained(&a, true);
    client_take(&b, 10, true, true);
    expect_drained(&b, true);
    tear_down();
}

static void a_server_that_begins_with_everything_acknowledged_says_so(void)
{
    set_up(3);
    client_take(&a, 3, false, true);
    expect_items(&a, 1, 3, false);
    client_acknowledge(&a, 1, 3);
    expect_confirmed(&a, 1, 3);
    served_finish(&served);
    served_close(&served);
    served_open(&served);
    ASSERT_INT(server_finish(served.server, NULL), 0);
    channel_close(&b);
    client_open(&served, &b);
    client_take(&b, 1, false, true);
    expect_drained(&b, true);
    tear_down();
}

UNIT_CASES(CASE(as_many_are_given_as_were_asked_for),
           CASE(an_item_says_what_became_of_the_call),
           CASE(who_waits_is_given_what_comes),
           CASE(several_share_and_nobody_gets_what_another_has),
           CASE(what_a_dead_collector_had_comes_first_and_marked),
           CASE(who_waits_gets_what_another_returns),
           CASE(an_acknowledgement_counts_though_its_sender_is_gone),
           CASE(all_acknowledgements_count_though_their_sender_is_gone),
           CASE(what_is_acknowledged_is_given_to_nobody),
           CASE(what_others_have_cannot_be_acknowledged),
           CASE(acknowledging_twice_is_confirmed_once),
           CASE(a_confirmation_covers_only_what_the_collector_had),
           CASE(no_collector_has_more_than_it_may),
           CASE(who_has_all_that_it_may_does_not_wait_for_more),
           CASE(a_killed_server_loses_nothing_and_repeats_nothing_acknowledged),
           CASE(a_fork_that_abandons_the_server_disturbs_nobody),
           CASE(who_peeks_sees_everything_and_takes_nothing),
           CASE(who_peeks_is_told_when_all_was_seen),
           CASE(who_does_not_wait_is_told_that_nothing_is_there),
           CASE(taking_goes_on_as_it_began),
           CASE(all_is_over_when_the_run_has_ended_and_all_is_acknowledged),
           CASE(others_wait_for_who_has_the_last_items),
           CASE(a_run_without_items_is_over_when_it_ends),
           CASE(a_server_that_begins_with_everything_acknowledged_says_so))
