/* A word index of the text files below a folder, and a search in it:
 *
 *     start_indexer FOLDER PREFIX...
 *
 * Each file is a call of a task that the plugin text has, too; as many run at
 * once as there are cores. The map keeps what they return, so the index is
 * nothing but the words of all of them, in order. */
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <drover.h>

#include "text/tasks.h"

/* A word of one file, which is a number here.
 *
 * places  [[path, [line, ...]]] */
struct entry {
    uint64_t file;
    const char *word;
    size_t size;
    struct drover_value places;
};

struct index {
    struct entry *entries;
    size_t count;
};

/* --- Building it ------------------------------------------------------------
 */

static int compare_paths(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Start a call for each file below FOLDER. Returns how many things could not be
 * read, and says which. */
static int start_files(const struct drover_managed *index, char *folder)
{
    char *roots[] = { folder, NULL };
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, compare_paths);
    int unread = walk == NULL;
    const FTSENT *found;
    while (walk != NULL && (found = fts_read(walk)) != NULL) {
        if (found->fts_info == FTS_F) {
            drover_managed_call(index, "{s: s}", "file", found->fts_path);
        } else if (found->fts_errno != 0) {
            fprintf(stderr, "%s: %s\n", found->fts_path,
                    strerror(found->fts_errno));
            unread++;
        }
    }
    if (walk != NULL)
        fts_close(walk);
    return unread;
}

/* Add the words of one file: a map of words to their places. */
static bool add_words(struct index *index, struct drover_value words,
                      uint64_t file)
{
    size_t most = index->count + drover_value_count(words) + 1;
    struct entry *entries = reallocarray(index->entries, most, sizeof *entries);
    struct drover_iterator each = drover_iterate(words);
    struct drover_value key;
    struct entry entry = { .file = file };
    if (entries == NULL)
        return false;
    index->entries = entries;
    while (drover_next_pair(&each, &key, &entry.places))
        if (drover_value_get_text(key, &entry.word, &entry.size) == 0)
            entries[index->count++] = entry;
    return true;
}

/* Alphabetical, by bytes. */
static int compare_words(const char *a, size_t a_size, const char *b,
                         size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

/* By words, then by files. */
static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = compare_words(left->word, left->size, right->word, right->size);
    return order != 0 ? order
                      : (left->file > right->file) - (left->file < right->file);
}

/* Take what the calls return. Returns how many have failed, and says which. */
static int take_files(struct drover_exchange *map, struct index *index)
{
    struct drover_outcome outcome;
    struct drover_error err;
    char line[1024];
    int status, failed = 0;
    while ((status = drover_exchange_next(map, &outcome, -1, &err)) > 0) {
        if (outcome.cause == DROVER_OK &&
            add_words(index, outcome.value, outcome.index))
            continue;
        fprintf(stderr, "%s\n",
                outcome.cause == DROVER_OK
                    ? "no memory for the index"
                    : drover_outcome_format(&outcome, line, sizeof line));
        failed++;
    }
    if (status < 0)
        fprintf(stderr, "%s\n", err.message);
    if (index->count > 0)
        qsort(index->entries, index->count, sizeof *index->entries,
              compare_entries);
    return status < 0 ? status : failed;
}

/* --- Searching it -----------------------------------------------------------
 */

/* The first entry that is not before PREFIX. */
static size_t find_first(const struct index *index, const char *prefix,
                         size_t size)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct entry *entry = &index->entries[middle];
        if (compare_words(entry->word, entry->size, prefix, size) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Print "word file:line,line". */
static void print_place(const struct entry *entry, struct drover_value place)
{
    const char *path;
    size_t size;
    struct drover_value lines, item;
    int64_t line;
    if (drover_value_unpack(place, NULL, "[S, v]", &path, &size, &lines) < 0)
        return;
    printf("%.*s %.*s", (int)entry->size, entry->word, (int)size, path);
    struct drover_iterator each = drover_iterate(lines);
    for (char before = ':'; drover_next(&each, &item); before = ',')
        if (drover_value_get_int(item, &line) == 0)
            printf("%c%" PRId64, before, line);
    printf("\n");
}

static void search(const struct index *index, const char *prefix)
{
    size_t size = strlen(prefix);
    for (size_t n = find_first(index, prefix, size); n < index->count; n++) {
        const struct entry *entry = &index->entries[n];
        if (entry->size < size || memcmp(entry->word, prefix, size) != 0)
            return;
        struct drover_iterator each = drover_iterate(entry->places);
        struct drover_value place;
        while (drover_next(&each, &place))
            print_place(entry, place);
    }
}

int main(int argc, char **argv)
{
    struct drover_error err;
    struct index index = { 0 };
    if (argc < 3) {
        fprintf(stderr, "usage: %s FOLDER PREFIX...\n", argv[0]);
        return EXIT_FAILURE;
    }
    struct drover_exchange *map = drover_map_create(NULL, &err);
    if (map == NULL) {
        fprintf(stderr, "%s\n", err.message);
        return EXIT_FAILURE;
    }
    struct drover_managed index_file = drover_manage(map, text_index, NULL);
    bool complete = start_files(&index_file, argv[1]) == 0;
    complete = take_files(map, &index) == 0 && complete;

    for (char **prefix = argv + 2; *prefix != NULL; prefix++)
        search(&index, *prefix);
    free(index.entries);
    drover_exchange_destroy(map);
    return fflush(stdout) == 0 && complete ? EXIT_SUCCESS : EXIT_FAILURE;
}
