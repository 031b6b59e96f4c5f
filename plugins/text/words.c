#include "text/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_FIRST_CAPACITY = 1024 };

/* Open addressing with linear probing. The capacity is a power of two, and at
 * least half of the places are free, so a probe always ends. */
struct words {
    struct word **places;
    size_t capacity;
    size_t count;
};

struct words *words_create(void)
{
    struct words *words = calloc(1, sizeof *words);
    if (words == NULL)
        return NULL;
    words->places = calloc(WORDS_FIRST_CAPACITY, sizeof(struct word *));
    if (words->places == NULL) {
        free(words);
        return NULL;
    }
    words->capacity = WORDS_FIRST_CAPACITY;
    return words;
}

void words_destroy(struct words *words)
{
    if (words == NULL)
        return;
    for (size_t i = 0; i < words->capacity; i++)
        free(words->places[i]);
    free(words->places);
    free(words);
}

/* FNV-1a, then its high bits mixed into the low ones that choose a place. */
static uint64_t hash_text(const char *text, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++) {
        hash ^= (unsigned char)text[i];
        hash *= 0x100000001b3u;
    }
    return hash ^ (hash >> 32);
}

static bool is_word(const struct word *word, uint64_t hash, const char *text,
                    size_t size)
{
    return word->hash == hash && word->size == size &&
           memcmp(word->text, text, size) == 0;
}

/* Where the word is, or the free place where it belongs. */
static struct word **find_place(struct word **places, size_t capacity,
                                uint64_t hash, const char *text, size_t size)
{
    size_t at = (size_t)hash & (capacity - 1);
    while (places[at] != NULL && !is_word(places[at], hash, text, size))
        at = (at + 1) & (capacity - 1);
    return &places[at];
}

static bool grow(struct words *words)
{
    size_t capacity = words->capacity * 2;
    struct word **places = calloc(capacity, sizeof(struct word *));
    if (places == NULL)
        return false;
    for (size_t i = 0; i < words->capacity; i++) {
        struct word *word = words->places[i];
        if (word != NULL)
            *find_place(places, capacity, word->hash, word->text, word->size) =
                word;
    }
    free(words->places);
    words->places = places;
    words->capacity = capacity;
    return true;
}

static struct word *create_word(uint64_t hash, const char *text, size_t size)
{
    struct word *word = malloc(sizeof *word + size + 1);
    if (word == NULL)
        return NULL;
    word->number = 0;
    word->hash = hash;
    word->size = size;
    memcpy(word->text, text, size);
    word->text[size] = '\0';
    return word;
}

struct word *words_add(struct words *words, const char *text, size_t size)
{
    uint64_t hash = hash_text(text, size);
    struct word **place =
        find_place(words->places, words->capacity, hash, text, size);
    if (*place != NULL)
        return *place;
    if ((words->count + 1) * 2 > words->capacity) {
        if (!grow(words))
            return NULL;
        place = find_place(words->places, words->capacity, hash, text, size);
    }
    *place = create_word(hash, text, size);
    if (*place != NULL)
        words->count++;
    return *place;
}

size_t words_count(const struct words *words)
{
    return words->count;
}

static int compare_places(const void *a, const void *b, void *compare)
{
    words_compare_fn *order = compare;
    const struct word *const *left = a, *const *right = b;
    return (*order)(*left, *right);
}

const struct word **words_sorted(const struct words *words,
                                 words_compare_fn compare)
{
    const struct word **sorted =
        calloc(words->count + 1, sizeof(const struct word *));
    if (sorted == NULL)
        return NULL;
    size_t count = 0;
    for (size_t i = 0; i < words->capacity; i++)
        if (words->places[i] != NULL)
            sorted[count++] = words->places[i];
    qsort_r(sorted, count, sizeof(const struct word *), compare_places,
            &compare);
    return sorted;
}

int words_compare_text(const struct word *a, const struct word *b)
{
    size_t shorter = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->text, b->text, shorter);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

int words_compare_number(const struct word *a, const struct word *b)
{
    if (a->number != b->number)
        return a->number > b->number ? -1 : 1;
    return words_compare_text(a, b);
}
