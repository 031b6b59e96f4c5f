/* [store] What a store is made of; for the files of this layer alone. */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <sqlite3.h>

#include <drover/error.h>

#include "store/about.h"
#include "store/statement.h"
#include "store/store.h"
#include "store/tally.h"

/* Where an item is. All are numbers of one byte, so that going on from one to
 * the next never changes the size of a row: SQLite then leaves the pages of a
 * large value alone. */
enum delivery_state {
    DELIVERY_WAITING = 2,
    DELIVERY_GIVEN = 3,
    DELIVERY_ACKNOWLEDGED = 4,
    DELIVERY_NOT_OFFERED = 5,
};

/* Items that are on their way to a state in what is not committed yet. */
struct span {
    enum delivery_state state;
    uint64_t first;
    uint64_t last;
};

/* A file, whatever its name is. */
struct file_identity {
    dev_t device;
    ino_t inode;
};

/* folder       absolute, without symbolic links; name is its last part
 * claim        the lock on its calls, or -1
 * witness      see witness.h; or -1
 * owner        the process that opened it
 * lent         the statement whose row a caller may still look at
 * spans        what must not be lost should the disk be full
 * recording    something else than spans is not committed
 * stages       their names; the number of one is its place + 1
 * last_call    the highest id of a call
 * fresh_call   a call that was ended without being begun and has no value yet
 * indexed      which indexes are known to be there
 * files        run.db and its log
 * failure      0, or what everything fails with; failed has the sentence */
struct store {
    char *folder;
    const char *name;
    int lock;
    int claim;
    int witness;
    pid_t owner;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    sqlite3_stmt *lent;
    struct about about;
    struct store_plugin plugin;
    struct tally tally;
    struct tally committed;
    bool in_transaction;
    bool recording;
    size_t uncommitted;
    struct span *spans;
    size_t span_count;
    size_t span_capacity;
    char **stages;
    size_t stage_count;
    size_t stage_last;
    int64_t last_call;
    int64_t fresh_call;
    bool indexed[2];
    bool folder_synced;
    int failure;
    struct drover_error failed;
    struct file_identity files[2];
    struct store *next_abandoned;
    char warning[128];
};

/* To be called first by everything that uses the record: takes back what was
 * lent. Returns 0; what the store has failed with; -EPERM in a fork. */
int store_ready(struct store *store, struct drover_error *err);

/* The same for what adds SIZE bytes, more or less: a transaction is under way
 * then. */
int store_begin(struct store *store, size_t size, struct drover_error *err);

/* SQLite has said STATUS: from now on everything fails with what that means,
 * for nobody knows what became of what was not committed. Returns it. */
int store_fail(struct store *store, int status, struct drover_error *err);

/* The record says what it cannot: as store_fail(). WHY is half a sentence. */
int store_fail_damaged(struct store *store, const char *why,
                       struct drover_error *err);

/* Move the items that SPAN says, those that are not further yet, and count. A
 * transaction must be under way. */
int store_move_items(struct store *store, const struct span *span,
                     struct drover_error *err);

/* Remember that items are on their way, see struct span. */
int store_note_span(struct store *store, struct span span,
                    struct drover_error *err);

#endif
