/* How runs stand, in words for programs. */
#include "background/standing.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stores.h"
#include "unit.h"
#include "value/encode.h"
#include "value/json.h"

static struct buffer standing = BUFFER_INIT(64 * 1024);
static struct buffer json = BUFFER_INIT(64 * 1024);

/* The standing as JSON, until the next use. */
static const char *tell(struct store *store, pid_t pid)
{
    struct drover_error err = { .message = "" };
    buffer_reset(&standing);
    buffer_reset(&json);
    ASSERT_INT(standing_write(store, pid, &standing), 0);
    drover_value_check(value_of_buffer(&standing), &err);
    ASSERT_TEXT(err.message, "");
    ASSERT_INT(value_print_json(&json, value_of_buffer(&standing), 0), 0);
    ASSERT_INT(buffer_append(&json, "", 1), 0);
    return (const char *)buffer_bytes(&json);
}

static void forget(void)
{
    buffer_clear(&standing);
    buffer_clear(&json);
}

/* PATTERN is an extended regular expression for the whole of TEXT. */
static void expect_match(const char *text, const char *pattern)
{
    regex_t expression;
    ASSERT_INT(regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB), 0);
    bool matches = regexec(&expression, text, 0, NULL, 0) == 0;
    regfree(&expression);
    if (!matches)
        ASSERT_TEXT(text, pattern);
}

#define TIME                                                                   \
    "\"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z\""

static void a_run_that_has_begun_is_running(void)
{
    char pattern[1024];
    stores_begin();
    struct store *store = stores_create();
    snprintf(
        pattern, sizeof pattern,
        "^\\{\"run\":\"count-[a-z0-9]+\",\"address\":\"/run/count.socket\","
        "\"state\":\"running\",\"pid\":4711,\"job\":\"count\","
        "\"done\":0,\"failed\":0,\"total\":null,\"items\":0,"
        "\"acknowledged\":0,\"attempts\":1,\"started\":" TIME ","
        "\"ended\":null,\"store\":\"%s\",\"resumable\":true\\}$",
        store_folder(store));
    expect_match(tell(store, 4711), pattern);
    store_close(store);
    stores_end();
    forget();
}

static void what_was_done_is_counted(void)
{
    stores_begin();
    struct store *store = stores_create();
    store_set_total(store, 5);
    stores_return_int(store, "a", 0);
    stores_return_int(store, "a", 1);
    stores_end_call(store, "a", 2, DROVER_ERROR);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_CONTAINS(tell(store, 1),
                    "\"done\":2,\"failed\":1,\"total\":5,\"items\":3,"
                    "\"acknowledged\":0,\"attempts\":1");
    store_close(store);
    stores_end();
    forget();
}

/* Inputs that have changed leave outcomes of calls that nobody makes. */
static void what_was_done_is_never_more_than_all(void)
{
    stores_begin();
    struct store *store = stores_create();
    store_set_total(store, 1);
    for (uint64_t i = 0; i < 3; i++)
        stores_return_int(store, "a", i);
    ASSERT_INT(store_commit(store, NULL), 0);
    ASSERT_CONTAINS(tell(store, 1), "\"done\":3,\"failed\":0,\"total\":3,");
    store_close(store);
    stores_end();
    forget();
}

static void a_run_that_nobody_has_was_killed(void)
{
    stores_begin();
    struct store *store = stores_reopen(stores_create());
    ASSERT_CONTAINS(tell(store, 0), "\"state\":\"killed\",\"pid\":null,");
    store_close(store);
    stores_end();
    forget();
}

static void a_run_that_ended_says_how_and_when(void)
{
    static const struct {
        enum store_state state;
        const char *name;
    } ends[] = {
        { STORE_FINISHED, "\"state\":\"finished\"" },
        { STORE_CANCELLED, "\"state\":\"cancelled\"" },
        { STORE_HALTED, "\"state\":\"halted\"" },
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        stores_begin();
        struct store *store = stores_create();
        ASSERT_INT(store_end_run(store, ends[i].state, NULL), 0);
        /* It may still be served, or not. */
        ASSERT_CONTAINS(tell(store, 4711), ends[i].name);
        ASSERT_CONTAINS(tell(store, 0), ends[i].name);
        expect_match(tell(store, 0), "\"started\":" TIME ",\"ended\":" TIME);
        store_close(store);
        stores_end();
    }
    forget();
}

static void a_foreground_run_has_no_address(void)
{
    static const struct store_run run = {
        .job = "count", .text = "", .file = "", .directory = "/", .address = ""
    };
    struct store *store = NULL;
    stores_begin();
    ASSERT_INT(store_create(&run, &store, NULL), 0);
    ASSERT_CONTAINS(tell(store, 1), "\"address\":null");
    store_close(store);
    stores_end();
    forget();
}

static void what_is_no_text_is_escaped(void)
{
    static const struct store_run run = {
        .job = "caf\xe9",
        .text = "",
        .file = "",
        .directory = "/",
        .address = "/tmp/\xc3\xa9\xff\xfe/x\xc3",
    };
    struct store *store = NULL;
    stores_begin();
    ASSERT_INT(store_create(&run, &store, NULL), 0);
    ASSERT_CONTAINS(tell(store, 1), "\"job\":\"caf\\\\xe9\"");
    ASSERT_CONTAINS(tell(store, 1),
                    "\"address\":\"/tmp/\xc3\xa9\\\\xff\\\\xfe/x\\\\xc3\"");
    store_close(store);
    stores_end();
    forget();
}

static void without_room_nothing_is_written(void)
{
    struct buffer small = BUFFER_INIT(20);
    stores_begin();
    struct store *store = stores_create();
    ASSERT_INT(buffer_append(&small, "before", 6), 0);
    ASSERT_INT(standing_write(store, 1, &small), -EMSGSIZE);
    ASSERT_INT(buffer_size(&small), 6);
    buffer_clear(&small);
    store_close(store);
    stores_end();
}

UNIT_CASES(CASE(a_run_that_has_begun_is_running),
           CASE(what_was_done_is_counted),
           CASE(what_was_done_is_never_more_than_all),
           CASE(a_run_that_nobody_has_was_killed),
           CASE(a_run_that_ended_says_how_and_when),
           CASE(a_foreground_run_has_no_address),
           CASE(what_is_no_text_is_escaped),
           CASE(without_room_nothing_is_written))
