/* Every statement that a store ever runs, in one table, prepared when it is
 * first needed. */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include <stdint.h>

#include <sqlite3.h>

#include <drover/error.h>
#include <drover/value.h>

struct store;

enum statement {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_SET_RUN,
    STATEMENT_GET_RUN,
    STATEMENT_SET_TALLY,
    STATEMENT_GET_TALLY,
    STATEMENT_LAST,
    STATEMENT_REMOVE_PLUGINS,
    STATEMENT_ADD_PLUGIN,
    STATEMENT_GET_PLUGIN,
    STATEMENT_ADD_EVENT,
    STATEMENT_ADD_STAGE,
    STATEMENT_GET_STAGES,
    STATEMENT_BEGIN_CALL,
    STATEMENT_ADD_CALL,
    STATEMENT_END_CALL,
    STATEMENT_GET_CAUSE,
    STATEMENT_FIND_CALL,
    STATEMENT_COUNT_VALUES,
    STATEMENT_GET_VALUES,
    STATEMENT_GET_FAILURES,
    STATEMENT_ADD_ITEM,
    STATEMENT_FIND_ITEM,
    STATEMENT_WITHDRAW_ITEM,
    STATEMENT_WITHDRAW_UNMADE,
    STATEMENT_REMOVE_UNMADE,
    STATEMENT_NEXT_OPEN_ITEM,
    STATEMENT_NEXT_ITEM,
    STATEMENT_MOVE_ITEMS,
    STATEMENTS,
};

/* A text of a known size for `s`. */
struct statement_text {
    const char *text;
    size_t size;
};

/* Bind what FORMAT names to a statement, a letter each: i int64_t, t const char
 * *, s struct statement_text, b struct drover_value (an empty one is NULL),
 * k const uint8_t * (a call's key), n nothing (NULL). All is borrowed until the
 * statement has run. Returns 0 with *OUT, ready for statement_step(), or the
 * negative errno that the store has failed with. */
int statement_start(struct store *store, enum statement id, sqlite3_stmt **out,
                    struct drover_error *err, const char *format, ...);

/* Returns 1: there is a row; 0: there is none any more, and the statement is
 * ready to be started again; or as statement_start(). */
int statement_step(struct store *store, sqlite3_stmt *statement,
                   struct drover_error *err);

/* Start, step to the end. */
int statement_run(struct store *store, enum statement id,
                  struct drover_error *err, const char *format, ...);

/* Whether all that was taken from the row was there: 0, or -ENOMEM. */
int statement_check(struct store *store, struct drover_error *err);

/* A text of the row, "" where there is none; valid until the next step. */
const char *statement_text(sqlite3_stmt *statement, int column);

/* Bytes of the row. */
struct drover_value statement_value(sqlite3_stmt *statement, int column);

/* Forget all that was prepared. */
void statement_forget(struct store *store);

#endif
