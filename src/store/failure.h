/* What it means when SQLite fails, and how it is said: which store, what, why,
 * and what to do. */
#ifndef STORE_FAILURE_H
#define STORE_FAILURE_H

#include <sqlite3.h>

#include <drover/error.h>

/* Say in ERR that the store in FOLDER is damaged; WHY is half a sentence.
 * Returns -EUCLEAN. */
int failure_damaged(const char *folder, const char *why,
                    struct drover_error *err);

/* Say in ERR what an operation of DB, of the store in FOLDER, has failed with:
 * STATUS. DB may be NULL. Returns -ENOSPC, -EUCLEAN, -ENOMEM, or -EIO. */
int failure_report(sqlite3 *db, const char *folder, int status,
                   struct drover_error *err);

#endif
