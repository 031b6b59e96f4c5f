/* A set of words with a number for each: a hash table that owns its words. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* A word of the set.
 *
 * number  0 at first; what it means is the user's choice
 * text    size bytes, terminated by NUL as well */
struct word {
    uint64_t number;
    uint64_t hash;
    size_t size;
    char text[];
};

struct words;

/* An empty set. Returns NULL when there is no memory. Destroy takes NULL. */
struct words *words_create(void);
void words_destroy(struct words *words);

/* The word of SIZE bytes at TEXT, added when it is new; it belongs to the set
 * and stays where it is. Returns NULL when there is no memory. */
struct word *words_add(struct words *words, const char *text, size_t size);

/* How many different words there are. */
size_t words_count(const struct words *words);

/* All words in the order of COMPARE, as an array for the caller to free().
 * Returns NULL when there is no memory. */
typedef int (*words_compare_fn)(const struct word *a, const struct word *b);
const struct word **words_sorted(const struct words *words,
                                 words_compare_fn compare);

/* Alphabetical order, by bytes. */
int words_compare_text(const struct word *a, const struct word *b);

/* Highest number first, then alphabetical order. */
int words_compare_number(const struct word *a, const struct word *b);

#endif
