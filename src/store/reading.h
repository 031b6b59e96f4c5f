/* What comes out of the record is looked at before anybody uses it. */
#ifndef STORE_READING_H
#define STORE_READING_H

#include <stdint.h>

#include <drover/outcome.h>
#include <drover/value.h>

#include "store/statement.h"

/* All return 0, or what the store has failed with: -EUCLEAN, -ENOMEM. What they
 * give is valid until the next step of ROW. */

/* A cause; DROVER_OK where there is none. */
int reading_get_cause(struct store *store, sqlite3_stmt *row, int column,
                      enum drover_cause *out, struct drover_error *err);

/* A well-formed value or an empty view. */
int reading_get_args(struct store *store, sqlite3_stmt *row, int column,
                     struct drover_value *out, struct drover_error *err);

/* The value of an item of the call ID, which fits its checksum. Its number,
 * checksum and bytes are in these columns. */
struct reading_columns {
    int number;
    int checksum;
    int value;
};
int reading_get_value(struct store *store, sqlite3_stmt *row,
                      const struct reading_columns *columns, int64_t id,
                      struct drover_value *out, struct drover_error *err);

#endif
