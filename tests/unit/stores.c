#include "stores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "unit.h"

struct drover_error stores_error;

/* --- The folder ------------------------------------------------------------
 */

void stores_begin(void)
{
    scratch_create();
    setenv("XDG_STATE_HOME", scratch_path("state"), 1);
}

void stores_end(void)
{
    unsetenv("XDG_STATE_HOME");
    scratch_destroy();
}

const char *stores_file(const char *folder, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

struct store *stores_create(void)
{
    static const struct store_run run = {
        .job = "count",
        .text = "version: 1\n",
        .text_size = 11,
        .file = "/jobs/count.yaml",
        .directory = "/jobs",
        .address = "/run/count.socket",
        .background = true,
        .workers = 4,
        .keep_ms = -1,
    };
    struct store *store = NULL;
    int status = store_create(&run, &store, &stores_error);
    ASSERT_TEXT(status < 0 ? stores_error.message : "", "");
    return store;
}

struct store *stores_reopen(struct store *store)
{
    char folder[512];
    snprintf(folder, sizeof folder, "%s", store_folder(store));
    store_close(store);
    store = NULL;
    int status = store_open(folder, &store, &stores_error);
    ASSERT_TEXT(status < 0 ? stores_error.message : "", "");
    return store;
}

/* --- Calls -----------------------------------------------------------------
 */

static size_t encode_int(uint8_t *out, uint64_t i)
{
    out[0] = 0x1b;
    for (int byte = 0; byte < 8; byte++)
        out[1 + byte] = (uint8_t)(i >> (56 - 8 * byte));
    return 9;
}

uint64_t stores_int(struct drover_value value)
{
    uint64_t i = 0;
    ASSERT_INT(drover_value_get_uint(value, &i), 0);
    return i;
}

const uint8_t *stores_key(uint64_t index)
{
    static uint8_t key[RECORD_KEY_BYTES];
    memset(key, 'k', sizeof key);
    memcpy(key, &index, sizeof index);
    return key;
}

static const struct record_call *make_call(const char *stage, uint64_t index)
{
    static uint8_t args[16] = { 0xa1, 0x61, 'i' };
    static struct record_call call;
    call = (struct record_call){
        .stage = stage,
        .index = index,
        .key = stores_key(index),
        .args = { args, 3 + encode_int(args + 3, index) },
    };
    return &call;
}

static const struct record_outcome *make_outcome(enum drover_cause cause)
{
    static struct record_outcome outcome;
    outcome = (struct record_outcome){
        .cause = cause,
        .text = cause == DROVER_OK ? "" : "it broke",
        .number = cause == DROVER_OK ? 0 : 7,
        .attempts = 2,
        .elapsed_ns = 1000,
        .cpu_us = 20,
        .memory_kib = 300,
        .printed = "last words\n",
        .printed_size = 11,
        .printed_cut = true,
    };
    return &outcome;
}

int64_t stores_begin_call(struct store *store, const char *stage,
                          uint64_t index)
{
    int64_t id = 0;
    ASSERT_INT(record_begin(store, make_call(stage, index), &id, NULL), 0);
    return id;
}

int64_t stores_end_call(struct store *store, const char *stage, uint64_t index,
                        enum drover_cause cause)
{
    int64_t id = 0;
    int status = record_end(store, &id, make_call(stage, index),
                            make_outcome(cause), true, &stores_error);
    ASSERT_TEXT(status < 0 ? stores_error.message : "", "");
    return id;
}

void stores_end_begun(struct store *store, int64_t id, enum drover_cause cause)
{
    ASSERT_INT(record_end(store, &id, NULL, make_outcome(cause), true, NULL),
               0);
}

uint64_t stores_add_int(struct store *store, int64_t id, uint64_t number,
                        uint64_t i, bool last)
{
    uint8_t bytes[16];
    uint64_t item = 0;
    struct record_value value = {
        .number = number,
        .value = { bytes, encode_int(bytes, i) },
        .last = last,
        .offered = true,
    };
    int status = record_add_value(store, id, &value, &item, &stores_error);
    ASSERT_TEXT(status < 0 ? stores_error.message : "", "");
    return item;
}

int64_t stores_return_int(struct store *store, const char *stage,
                          uint64_t index)
{
    int64_t id = stores_end_call(store, stage, index, DROVER_OK);
    stores_add_int(store, id, 0, index, true);
    return id;
}
