/* Background processes that are killed at any moment: what they gave is neither
 * lost nor given again. */
#include <drover/background.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nest.h"
#include "tasks.h"
#include "unit.h"

enum { ROUNDS = 40, VALUES = 300 };

/* What became of the value N of a call, which is the N + 1st.
 *
 * given      how often it was collected
 * confirmed  its acknowledgement was confirmed */
static struct {
    unsigned given;
    bool confirmed;
} ledger[VALUES + 1];

static struct drover_error err;

static unsigned rounds(void)
{
    const char *divisor = getenv("UNIT_DIVISOR");
    return divisor == NULL ? ROUNDS : 1 + ROUNDS / (unsigned)atoi(divisor);
}

static struct drover_collector *start(void)
{
    /* As many as may be left unacknowledged. */
    struct drover_collector_options options = { .window = VALUES };
    struct drover_background call = {
        .address = "a.socket",
        .task = task_count,
        .collector = drover_collector_create(&options, &err),
    };
    memset(ledger, 0, sizeof ledger);
    ASSERT_INT(drover_background_start(&call, args_of(VALUES), &err), 0);
    return call.collector;
}

/* Take one value down. Returns whether there was one. */
static bool take(struct drover_collector *collector,
                 struct drover_collected *item)
{
    int status = drover_collector_next(collector, item, SOON_MS, &err);
    if (status < 0)
        ASSERT_INT(status, -ECONNRESET);
    if (status <= 0)
        return false;
    if (item->outcome.cause != DROVER_OK)
        return true;
    int64_t n = int_of(item->outcome.value);
    ASSERT(n >= 0 && n <= VALUES);
    ASSERT(!ledger[n].confirmed);
    ASSERT(ledger[n].given == 0 || item->redelivered);
    ledger[n].given++;
    return true;
}

/* Take COUNT values, and have the first ACKNOWLEDGED of them confirmed. */
static void take_some(struct drover_collector *collector, int64_t count,
                      int64_t acknowledged)
{
    struct drover_collected item;
    for (int64_t n = 0; n < count; n++) {
        ASSERT(take(collector, &item));
        if (n < acknowledged)
            ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    }
    ASSERT_INT(drover_collector_confirm(collector, SOON_MS, &err), 0);
    for (int64_t n = 0; n < acknowledged; n++)
        ledger[n].confirmed = true;
}

/* Nobody serves it any more; what there is was recorded. Of the values up to
 * the last one none is missing; of the first COUNT, which were given before,
 * all come again that were not confirmed. */
static void take_the_rest(int64_t count)
{
    struct drover_collected item;
    struct drover_collector *collector = drover_collector_create(NULL, &err);
    ASSERT_INT(drover_collector_connect(collector, "a.socket", &err), 0);
    while (take(collector, &item))
        ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    drover_collector_destroy(collector);
    int64_t n = 0;
    for (; n < count; n++)
        ASSERT_INT(ledger[n].given, ledger[n].confirmed ? 1 : 2);
    while (n <= VALUES && ledger[n].given > 0)
        n++;
    for (; n <= VALUES; n++)
        ASSERT_INT(ledger[n].given, 0);
}

/* Until some moment or other. */
static void let_others_run(long most)
{
    for (long turns = random() % most; turns > 0; turns--)
        sched_yield();
}

static void nothing_is_lost_or_given_twice_whenever_it_is_killed(void)
{
    unsigned seed = (unsigned)time(NULL);
    printf("seed %u ", seed);
    srandom(seed);
    for (unsigned round = 0; round < rounds(); round++) {
        nest_enter();
        struct drover_collector *collector = start();
        int64_t count = random() % VALUES;
        take_some(collector, count, count > 0 ? random() % count : 0);
        let_others_run(4000);
        nest_kill("a.socket");
        drover_collector_destroy(collector);
        take_the_rest(count);
        nest_leave();
    }
}

/* Killed before anybody came. */
static void what_was_recorded_before_anybody_came_is_a_beginning(void)
{
    for (unsigned round = 0; round < rounds(); round++) {
        nest_enter();
        drover_collector_destroy(start());
        let_others_run(20 * 1000);
        if (nest_owner("a.socket") > 0)
            nest_kill("a.socket");
        take_the_rest(0);
        nest_leave();
    }
}

UNIT_CASES(CASE(nothing_is_lost_or_given_twice_whenever_it_is_killed),
           CASE(what_was_recorded_before_anybody_came_is_a_beginning))
