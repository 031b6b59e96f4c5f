#include "store/stages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "store/state.h"

static int append(struct store *store, const char *name,
                  struct drover_error *err)
{
    size_t count = store->stage_count;
    char *copy = strdup(name);
    char **stages =
        copy == NULL ? NULL
                     : realloc(store->stages, (count + 1) * sizeof stages[0]);
    if (stages == NULL) {
        free(copy);
        return error_no_memory(err);
    }
    stages[count] = copy;
    store->stages = stages;
    store->stage_count++;
    return 0;
}

int stages_read(struct store *store, struct drover_error *err)
{
    sqlite3_stmt *row;
    int status = statement_start(store, STATEMENT_GET_STAGES, &row, err, "");
    while (status == 0) {
        status = statement_step(store, row, err);
        if (status <= 0)
            return status;
        if (sqlite3_column_int64(row, 0) == (int64_t)store->stage_count + 1)
            status = append(store, statement_text(row, 1), err);
        else
            status = store_fail_damaged(store, "a stage is missing", err);
    }
    return status;
}

void stages_clear(struct store *store)
{
    for (size_t i = 0; i < store->stage_count; i++)
        free(store->stages[i]);
    free(store->stages);
    store->stages = NULL;
    store->stage_count = 0;
}

static bool has_name(const struct store *store, size_t i, const char *name)
{
    return i < store->stage_count && strcmp(store->stages[i], name) == 0;
}

/* Mostly the same as last time. */
int64_t stages_find(struct store *store, const char *name)
{
    size_t i = store->stage_last;
    if (!has_name(store, i, name))
        for (i = 0; i < store->stage_count; i++)
            if (has_name(store, i, name))
                break;
    if (i == store->stage_count)
        return 0;
    store->stage_last = i;
    return (int64_t)i + 1;
}

int stages_get(struct store *store, const char *name, int64_t *number,
               struct drover_error *err)
{
    *number = stages_find(store, name);
    if (*number > 0)
        return 0;
    int64_t fresh = (int64_t)store->stage_count + 1;
    int status = append(store, name, err);
    if (status < 0)
        return status;
    status = statement_run(store, STATEMENT_ADD_STAGE, err, "it", fresh, name);
    if (status < 0) {
        free(store->stages[--store->stage_count]);
        return status;
    }
    store->recording = true;
    *number = fresh;
    return 0;
}

const char *stages_name(const struct store *store, int64_t number)
{
    return number >= 1 && (size_t)number <= store->stage_count
               ? store->stages[number - 1]
               : NULL;
}
