#include "collecting.h"

#include "store/delivery.h"
#include "unit.h"

struct served served;
pid_t server;
struct drover_error err;
struct drover_collected item;

void set_up(uint64_t count, bool live)
{
    served_make(&served);
    served_add(&served, count);
    server = 0;
    if (live) {
        server = served_fork(&served, true);
        return;
    }
    served_open(&served);
    served_finish(&served);
    served_close(&served);
    store_close(served.store);
    served.store = NULL;
}

void tear_down(bool drained)
{
    if (server > 0 && drained)
        served_await(&served, server);
    else if (server > 0)
        served_kill(&served, server);
    else
        ASSERT_INT(store_open(served.folder, &served.store, NULL), 0);
    ASSERT_INT(delivery_is_complete(served.store), drained);
    served_remove(&served);
}

struct drover_collector *
collect_with(const struct drover_collector_options *options)
{
    err = (struct drover_error){ 0 };
    struct drover_collector *collector = drover_collector_create(options, &err);
    ASSERT(collector != NULL);
    int status = drover_collector_connect(collector, served.path, &err);
    ASSERT_TEXT(err.message, "");
    ASSERT_INT(status, 0);
    return collector;
}

struct drover_collector *collect(void)
{
    return collect_with(NULL);
}

void expect_item(struct drover_collector *collector, uint64_t number,
                 bool redelivered)
{
    uint64_t value;
    err = (struct drover_error){ 0 };
    int status = drover_collector_next(collector, &item, SOME_MS, &err);
    ASSERT_TEXT(err.message, "");
    ASSERT_INT(status, 1);
    ASSERT_INT(item.number, number);
    ASSERT_INT(item.redelivered, redelivered);
    ASSERT_TEXT(item.address, served.path);
    ASSERT_TEXT(item.stage, "stage");
    ASSERT_INT(item.outcome.cause, DROVER_OK);
    ASSERT_INT(drover_value_get_uint(item.outcome.value, &value), 0);
    ASSERT_INT(value, item.outcome.index);
}

void expect_items(struct drover_collector *collector, uint64_t first,
                  uint64_t last, bool redelivered, bool acknowledge)
{
    for (uint64_t number = first; number <= last; number++) {
        expect_item(collector, number, redelivered);
        if (acknowledge)
            ASSERT_INT(drover_collector_acknowledge(collector, &item, &err), 0);
    }
}

void expect_end(struct drover_collector *collector)
{
    err = (struct drover_error){ 0 };
    ASSERT_INT(drover_collector_next(collector, &item, SOME_MS, &err), 0);
    ASSERT_INT(drover_collector_open(collector), 0);
}
