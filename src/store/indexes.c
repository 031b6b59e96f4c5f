#include "store/indexes.h"

#include "store/state.h"

int indexes_need(struct store *store, enum schema_index index,
                 struct drover_error *err)
{
    if (store->indexed[index])
        return 0;
    int status = store_begin(store, 0, err);
    if (status < 0)
        return status;
    int made = schema_add_index(store->db, index);
    if (made != SQLITE_OK)
        return store_fail(store, made, err);
    store->recording = true;
    store->indexed[index] = true;
    return 0;
}
