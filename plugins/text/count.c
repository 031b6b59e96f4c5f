#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text/reader.h"
#include "text/tasks.h"
#include "text/words.h"

/* Count the words of the file PATH. Returns 0 or negative errno. */
static int count_file(struct words *words, const char *path, size_t min_length)
{
    struct reader *reader;
    int result = reader_open(path, &reader);
    if (result < 0)
        return result;
    const char *text;
    size_t size;
    uint64_t line;
    while ((result = reader_next(reader, &text, &size, &line)) > 0) {
        if (size < min_length)
            continue;
        struct word *word = words_add(words, text, size);
        if (word == NULL) {
            result = -ENOMEM;
            break;
        }
        word->number++;
    }
    reader_close(reader);
    return result;
}

static int return_counts(struct drover_call *call, const struct words *words)
{
    const struct word **sorted = words_sorted(words, words_compare_text);
    if (sorted == NULL)
        return drover_fail(call, "no memory to sort the words");
    struct drover_builder *out = drover_call_builder(call);
    drover_build_map_begin(out);
    for (size_t i = 0; i < words_count(words); i++) {
        drover_build_text_sized(out, sorted[i]->text, sorted[i]->size);
        drover_build_uint(out, sorted[i]->number);
    }
    drover_build_map_end(out);
    free(sorted);
    return drover_return_built(call);
}

int text_count(struct drover_call *call)
{
    const char *path = drover_arg_text(call, "file");
    size_t min_length = (size_t)drover_arg_int(call, "min_length");
    struct words *words = words_create();
    if (words == NULL)
        return drover_fail(call, "no memory for a table of words");
    int result = count_file(words, path, min_length);
    if (result < 0)
        result = drover_fail(call, "%s: %s", path, reader_reason(result));
    else
        result = return_counts(call, words);
    words_destroy(words);
    return result;
}

/* Add COUNTS, a result of count, to WORDS. Returns 0, -ENOMEM, -EINVAL (a
 * number is no count) or -ERANGE (a sum is too large). */
static int add_counts(struct words *words, struct drover_value counts)
{
    struct drover_iterator pairs = drover_iterate(counts);
    struct drover_value key, item;
    while (drover_next_pair(&pairs, &key, &item)) {
        const char *text = NULL;
        size_t size = 0;
        uint64_t count;
        if (drover_value_get_text(key, &text, &size) < 0 ||
            drover_value_get_uint(item, &count) < 0)
            return -EINVAL;
        struct word *word = words_add(words, text, size);
        if (word == NULL)
            return -ENOMEM;
        if (__builtin_add_overflow(word->number, count, &word->number))
            return -ERANGE;
    }
    return 0;
}

static int merge(struct drover_call *call, struct words *words)
{
    struct drover_iterator maps =
        drover_iterate(drover_arg_value(call, "counts"));
    struct drover_value counts;
    for (size_t i = 0; drover_next(&maps, &counts); i++) {
        int result = add_counts(words, counts);
        if (result == -EINVAL)
            return drover_fail(call,
                               "counts: element %zu holds something "
                               "that is no count",
                               i);
        if (result < 0)
            return drover_fail(call, "counts: element %zu: %s", i,
                               strerror(-result));
    }
    return 0;
}

static int return_top(struct drover_call *call, const struct words *words)
{
    const struct word **sorted = words_sorted(words, words_compare_number);
    if (sorted == NULL)
        return drover_fail(call, "no memory to sort the words");
    size_t top = (size_t)drover_arg_int(call, "top");
    struct drover_builder *out = drover_call_builder(call);
    drover_build_list_begin(out);
    for (size_t i = 0; i < words_count(words) && i < top; i++)
        drover_build_pack(out, "[S, U]", sorted[i]->text, sorted[i]->size,
                          sorted[i]->number);
    drover_build_list_end(out);
    free(sorted);
    return drover_return_built(call);
}

int text_merge(struct drover_call *call)
{
    struct words *words = words_create();
    if (words == NULL)
        return drover_fail(call, "no memory for a table of words");
    int result = merge(call, words);
    if (result == 0)
        result = return_top(call, words);
    words_destroy(words);
    return result;
}
