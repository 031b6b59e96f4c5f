/* Collecting from the store of a run whose process has gone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "background/address.h"
#include "collecting.h"
#include "unit.h"

static void a_run_is_found_by_its_name(void)
{
    set_up(3, false);
    struct drover_collector *collector = drover_collector_create(NULL, &err);
    const char *name = strrchr(served.folder, '/') + 1;
    ASSERT_INT(drover_collector_connect(collector, name, &err), 0);
    ASSERT_INT(drover_collector_next(collector, &item, 0, &err), 1);
    ASSERT_TEXT(item.address, name);
    drover_collector_destroy(collector);
    tear_down(false);
}

static void a_store_has_one_collector_at_a_time(void)
{
    set_up(3, false);
    struct drover_collector *collector = collect();
    struct drover_collector *other = drover_collector_create(NULL, &err);
    ASSERT_INT(drover_collector_connect(other, served.path, &err), -EBUSY);
    ASSERT_INT(drover_collector_open(other), 0);
    drover_collector_destroy(collector);
    ASSERT_INT(drover_collector_connect(other, served.path, &err), 0);
    expect_items(other, 1, 3, false, true);
    expect_end(other);
    drover_collector_destroy(other);
    tear_down(true);
}

static void the_address_of_a_run_that_is_collected_is_forgotten(void)
{
    struct address_owner owner;
    set_up(3, false);
    ASSERT_INT(address_look(served.path, &owner, &err), 0);
    free(owner.store);
    struct drover_collector *collector = collect();
    expect_items(collector, 1, 3, false, true);
    expect_end(collector);
    ASSERT_INT(address_look(served.path, &owner, &err), -ENOENT);
    /* It is still found, by its store. */
    drover_collector_destroy(collector);
    collector = collect();
    expect_end(collector);
    drover_collector_destroy(collector);
    tear_down(true);
}

static void a_run_that_was_killed_is_not_all_there_is(void)
{
    served_make(&served);
    served_open(&served);
    served_add(&served, 3);
    served_close(&served);
    store_close(served.store);
    struct drover_collector *collector = collect();
    expect_items(collector, 1, 3, false, true);
    ASSERT_INT(drover_collector_next(collector, &item, SOME_MS, &err),
               -ECONNRESET);
    ASSERT_CONTAINS(err.message, "was killed before it ended");
    expect_end(collector);
    ASSERT_INT(drover_collector_confirm(collector, 0, &err), 0);
    drover_collector_destroy(collector);
    struct address_owner owner;
    ASSERT_INT(address_look(served.path, &owner, &err), 0);
    free(owner.store);
    server = 0;
    tear_down(true);
}

UNIT_CASES(CASE(a_run_is_found_by_its_name),
           CASE(a_store_has_one_collector_at_a_time),
           CASE(the_address_of_a_run_that_is_collected_is_forgotten),
           CASE(a_run_that_was_killed_is_not_all_there_is))
