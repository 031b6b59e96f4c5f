#include "store/indexes.h"

#include "store/state.h"

static int make(struct store *store, enum schema_index index,
                struct drover_error *err)
{
    int status = store_begin(store, 0, err);
    if (status < 0)
        return status;
    store->recording = true;
    int made = schema_add_index(store->db, index);
    return made == SQLITE_OK ? 0 : store_fail(store, made, err);
}

int indexes_need(struct store *store, enum schema_index index,
                 struct drover_error *err)
{
    bool there = store->indexed[index];
    int status = SQLITE_OK;
    if (!there)
        status = schema_has_index(store->db, index, &there);
    if (status != SQLITE_OK)
        return store_fail(store, status, err);
    status = there ? 0 : make(store, index, err);
    store->indexed[index] = status == 0;
    return status;
}
