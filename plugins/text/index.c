#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text/reader.h"
#include "text/tasks.h"
#include "text/words.h"

/* --- Indexing one file ---------------------------------------------------- */

/* A line on which a word stands. */
struct place {
    const struct word *word;
    uint64_t line;
};

struct places {
    struct place *items;
    size_t count;
    size_t capacity;
};

static int places_add(struct places *places, struct place place)
{
    if (places->count == places->capacity) {
        size_t capacity = places->capacity == 0 ? 1024 : places->capacity * 2;
        struct place *items =
            reallocarray(places->items, capacity, sizeof *items);
        if (items == NULL)
            return -ENOMEM;
        places->items = items;
        places->capacity = capacity;
    }
    places->items[places->count++] = place;
    return 0;
}

static int compare_places(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    if (left->word != right->word)
        return words_compare_text(left->word, right->word);
    return (left->line > right->line) - (left->line < right->line);
}

/* Note the word that stands on LINE, unless this line is noted already: a
 * word's number is the last line on which it was seen. */
static int note(struct words *words, struct places *places, const char *text,
                size_t size, uint64_t line)
{
    struct word *word = words_add(words, text, size);
    if (word == NULL)
        return -ENOMEM;
    if (word->number == line)
        return 0;
    word->number = line;
    return places_add(places, (struct place){ word, line });
}

/* Find the places of all words of the file PATH, in the order of the index.
 * Returns 0 or negative errno. */
static int index_file(struct words *words, struct places *places,
                      const char *path)
{
    struct reader *reader;
    int result = reader_open(path, &reader);
    if (result < 0)
        return result;
    const char *text;
    size_t size;
    uint64_t line;
    while ((result = reader_next(reader, &text, &size, &line)) > 0) {
        result = note(words, places, text, size, line);
        if (result < 0)
            break;
    }
    reader_close(reader);
    if (result == 0 && places->count > 0)
        qsort(places->items, places->count, sizeof places->items[0],
              compare_places);
    return result;
}

static int return_index(struct drover_call *call, const struct places *places,
                        const char *path)
{
    struct drover_builder *out = drover_call_builder(call);
    drover_build_map_begin(out);
    size_t i = 0;
    while (i < places->count) {
        const struct word *word = places->items[i].word;
        drover_build_text_sized(out, word->text, word->size);
        drover_build_list_begin(out);
        drover_build_list_begin(out);
        drover_build_text(out, path);
        drover_build_list_begin(out);
        for (; i < places->count && places->items[i].word == word; i++)
            drover_build_uint(out, places->items[i].line);
        drover_build_list_end(out);
        drover_build_list_end(out);
        drover_build_list_end(out);
    }
    drover_build_map_end(out);
    return drover_return_built(call);
}

int text_index(struct drover_call *call)
{
    const char *path = drover_arg_text(call, "file");
    struct places places = { 0 };
    struct words *words = words_create();
    if (words == NULL)
        return drover_fail(call, "no memory for a table of words");
    int result = index_file(words, &places, path);
    if (result < 0)
        result = drover_fail(call, "%s: %s", path, reader_reason(result));
    else
        result = return_index(call, &places, path);
    free(places.items);
    words_destroy(words);
    return result;
}

/* --- Using several indexes ------------------------------------------------ */

/* A word of one of the indexes: where it stands, as a list. */
struct entry {
    const char *word;
    size_t size;
    size_t index;
    struct drover_value places;
};

/* Alphabetical; what the same word has in several indexes stays in their
 * order. */
static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    size_t shorter = left->size < right->size ? left->size : right->size;
    int order = memcmp(left->word, right->word, shorter);
    if (order == 0)
        order = (left->size > right->size) - (left->size < right->size);
    if (order == 0)
        order = (left->index > right->index) - (left->index < right->index);
    return order;
}

static bool is_same_word(const struct entry *a, const struct entry *b)
{
    return a->size == b->size && memcmp(a->word, b->word, a->size) == 0;
}

/* Add the words of INDEX that begin with PREFIX to ENTRIES, which has room.
 * Returns 0, or -EINVAL when it is no index. */
static int take_index(struct entry *entries, size_t *count, size_t number,
                      struct drover_value index, const char *prefix)
{
    size_t prefix_size = strlen(prefix);
    struct drover_iterator pairs = drover_iterate(index);
    struct drover_value key;
    struct entry entry = { .index = number };
    while (drover_next_pair(&pairs, &key, &entry.places)) {
        if (drover_value_get_text(key, &entry.word, &entry.size) < 0 ||
            drover_value_type(entry.places) != DROVER_LIST)
            return -EINVAL;
        if (entry.size >= prefix_size &&
            memcmp(entry.word, prefix, prefix_size) == 0)
            entries[(*count)++] = entry;
    }
    return 0;
}

static size_t count_words(struct drover_value indexes)
{
    size_t count = 0;
    struct drover_iterator each = drover_iterate(indexes);
    struct drover_value index;
    while (drover_next(&each, &index))
        count += drover_value_count(index);
    return count;
}

/* All words of INDEXES that begin with PREFIX, sorted, for the caller to
 * free(). Returns 0 or what drover_fail() returned. */
static int take_indexes(struct drover_call *call, const char *prefix,
                        struct entry **out, size_t *out_count)
{
    struct drover_value indexes = drover_arg_value(call, "indexes");
    struct entry *entries =
        calloc(count_words(indexes) + 1, sizeof(struct entry));
    if (entries == NULL)
        return drover_fail(call, "no memory for the words of the indexes");
    size_t count = 0;
    struct drover_iterator each = drover_iterate(indexes);
    struct drover_value index;
    for (size_t i = 0; drover_next(&each, &index); i++) {
        if (take_index(entries, &count, i, index, prefix) < 0) {
            free(entries);
            return drover_fail(call, "indexes: element %zu is no index", i);
        }
    }
    qsort(entries, count, sizeof entries[0], compare_entries);
    *out = entries;
    *out_count = count;
    return 0;
}

/* Build a word and the list of its places in all indexes. Returns how many
 * entries that were. */
static size_t build_word(struct drover_builder *out,
                         const struct entry *entries, size_t count)
{
    size_t used = 0;
    drover_build_text_sized(out, entries[0].word, entries[0].size);
    drover_build_list_begin(out);
    for (; used < count && is_same_word(&entries[0], &entries[used]); used++) {
        struct drover_iterator places = drover_iterate(entries[used].places);
        struct drover_value place;
        while (drover_next(&places, &place))
            drover_build_value(out, place);
    }
    drover_build_list_end(out);
    return used;
}

int text_join(struct drover_call *call)
{
    struct entry *entries = NULL;
    size_t count = 0;
    int result = take_indexes(call, "", &entries, &count);
    if (result != 0)
        return result;
    struct drover_builder *out = drover_call_builder(call);
    drover_build_map_begin(out);
    for (size_t i = 0; i < count;)
        i += build_word(out, entries + i, count - i);
    drover_build_map_end(out);
    free(entries);
    return drover_return_built(call);
}

int text_search(struct drover_call *call)
{
    struct entry *entries = NULL;
    size_t count = 0;
    const char *prefix = drover_arg_text(call, "prefix");
    int result = take_indexes(call, prefix, &entries, &count);
    if (result != 0)
        return result;
    struct drover_builder *out = drover_call_builder(call);
    drover_build_list_begin(out);
    for (size_t i = 0; i < count;) {
        drover_build_list_begin(out);
        i += build_word(out, entries + i, count - i);
        drover_build_list_end(out);
    }
    drover_build_list_end(out);
    free(entries);
    return drover_return_built(call);
}
