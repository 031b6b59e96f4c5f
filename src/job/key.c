#include "job/key.h"

#include <string.h>

#include "job/wording.h"

/* The keys of one map. */
struct key_folder {
    const struct key_table *table;
    const char *folder;
};

/* The name of key I if it is one of this map's, or NULL. */
static const char *name_of(const void *context, size_t i)
{
    const struct key_folder *folder = context;
    const char *path = folder->table->keys[i].path;
    size_t length = strlen(folder->folder);
    if (strncmp(path, folder->folder, length) != 0 ||
        strchr(path + length, '.') != NULL)
        return NULL;
    return path + length;
}

static bool is_known(const struct key_folder *folder, const char *key)
{
    for (size_t i = 0; i < folder->table->count; i++) {
        const char *name = name_of(folder, i);
        if (name != NULL && strcmp(name, key) == 0)
            return true;
    }
    return false;
}

static void check_unknown(const struct scope *scope,
                          const struct key_folder *folder,
                          const struct node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct node *key = map->pairs[i].key;
        if (is_known(folder, key->text))
            continue;
        struct suggestion suggestion = wording_suggest(
            scope->problems, key->text, name_of, folder, folder->table->count);
        scope_problem(scope, key->at, "no key %s%s",
                      wording_quote(key->text).text, suggestion.text);
    }
}

int key_read_map(const struct scope *scope, const struct key_table *table,
                 const char *folder, const struct node *map, struct position at,
                 void *context)
{
    const struct key_folder here = { table, folder };
    check_unknown(scope, &here, map);
    for (size_t i = 0; i < table->count; i++) {
        const char *name = name_of(&here, i);
        if (name == NULL)
            continue;
        const struct node *value = node_get(map, name);
        if (value == NULL && table->keys[i].required != NULL)
            scope_problem(scope, at, "the key \"%s\" is missing (write %s)",
                          name, table->keys[i].required);
        int status = value == NULL ? 0 : table->keys[i].read(context, value);
        if (status < 0)
            return status;
    }
    return 0;
}
