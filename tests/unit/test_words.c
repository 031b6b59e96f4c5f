/* The words of the text plugin: the set of words and the reader. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/reader.h"
#include "text/words.h"
#include "unit.h"

static struct word *add(struct words *words, const char *text)
{
    struct word *word = words_add(words, text, strlen(text));
    ASSERT(word != NULL);
    return word;
}

static void a_word_is_added_once_and_starts_at_zero(void)
{
    struct words *words = words_create();
    struct word *word = add(words, "drove");
    ASSERT_INT(word->number, 0);
    ASSERT_INT(word->size, 5);
    ASSERT_TEXT(word->text, "drove");
    word->number = 7;
    ASSERT(add(words, "drove") == word);
    ASSERT_INT(word->number, 7);
    ASSERT(add(words, "drover") != word);
    ASSERT(add(words, "") != word);
    ASSERT_INT(words_count(words), 3);
    words_destroy(words);
}

static void words_are_bytes_and_may_hold_nul(void)
{
    struct words *words = words_create();
    struct word *word = words_add(words, "a\0b", 3);
    ASSERT(word != NULL);
    ASSERT(words_add(words, "a\0c", 3) != word);
    ASSERT(words_add(words, "a", 1) != word);
    ASSERT(words_add(words, "a\0b", 3) == word);
    words_destroy(words);
}

enum { MANY = 50000 };

static void a_set_grows_and_its_words_stay_where_they_are(void)
{
    static struct word *kept[MANY];
    struct words *words = words_create();
    char text[16];
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "word%u", i);
        kept[i] = add(words, text);
        kept[i]->number = i;
    }
    ASSERT_INT(words_count(words), MANY);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "word%u", i);
        ASSERT(add(words, text) == kept[i]);
        ASSERT_INT(kept[i]->number, i);
    }
    ASSERT_INT(words_count(words), MANY);
    words_destroy(words);
}

static void words_sort_alphabetically_a_prefix_first(void)
{
    struct words *words = words_create();
    add(words, "ba");
    add(words, "b");
    add(words, "a");
    add(words, "bab");
    const struct word **sorted = words_sorted(words, words_compare_text);
    ASSERT_TEXT(sorted[0]->text, "a");
    ASSERT_TEXT(sorted[1]->text, "b");
    ASSERT_TEXT(sorted[2]->text, "ba");
    ASSERT_TEXT(sorted[3]->text, "bab");
    free(sorted);
    words_destroy(words);
}

static void words_sort_by_number_and_alphabetically_where_equal(void)
{
    struct words *words = words_create();
    add(words, "once")->number = 1;
    add(words, "twice")->number = 2;
    add(words, "bis")->number = 2;
    add(words, "most")->number = UINT64_MAX;
    const struct word **sorted = words_sorted(words, words_compare_number);
    ASSERT_TEXT(sorted[0]->text, "most");
    ASSERT_TEXT(sorted[1]->text, "bis");
    ASSERT_TEXT(sorted[2]->text, "twice");
    ASSERT_TEXT(sorted[3]->text, "once");
    free(sorted);
    words_destroy(words);
}

static void an_empty_set_sorts_to_nothing(void)
{
    struct words *words = words_create();
    const struct word **sorted = words_sorted(words, words_compare_text);
    ASSERT(sorted != NULL);
    ASSERT_INT(words_count(words), 0);
    free(sorted);
    words_destroy(words);
    words_destroy(NULL);
}

/* A reader of a file with these bytes, which is gone once it is closed. */
static struct reader *open_bytes(const char *bytes, size_t size)
{
    char path[] = "test_words.XXXXXX";
    int file = mkstemp(path);
    ASSERT(file >= 0);
    ASSERT_INT(write(file, bytes, size), size);
    close(file);
    struct reader *reader = NULL;
    ASSERT_INT(reader_open(path, &reader), 0);
    unlink(path);
    return reader;
}

static void assert_next(struct reader *reader, const char *expected,
                        unsigned expected_line)
{
    const char *text;
    size_t size;
    uint64_t line;
    char word[64];
    ASSERT_INT(reader_next(reader, &text, &size, &line), 1);
    snprintf(word, sizeof word, "%.*s", (int)size, text);
    ASSERT_TEXT(word, expected);
    ASSERT_INT(line, expected_line);
}

static void assert_end(struct reader *reader)
{
    const char *text;
    size_t size;
    uint64_t line;
    ASSERT_INT(reader_next(reader, &text, &size, &line), 0);
}

static void words_are_runs_of_ascii_letters_in_lower_case(void)
{
    static const char text[] = "Don't x1y2\0Z na\xc3\xafve [@`{";
    struct reader *reader = open_bytes(text, sizeof text - 1);
    static const char *const expected[] = { "don", "t",  "x", "y",
                                            "z",   "na", "ve" };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_next(reader, expected[i], 1);
    assert_end(reader);
    assert_end(reader);
    reader_close(reader);
}

static void lines_are_counted_from_one(void)
{
    static const char text[] = "one\n\nthree three\r\nfour";
    struct reader *reader = open_bytes(text, sizeof text - 1);
    assert_next(reader, "one", 1);
    assert_next(reader, "three", 3);
    assert_next(reader, "three", 3);
    assert_next(reader, "four", 4);
    assert_end(reader);
    reader_close(reader);
}

static void a_word_may_be_long_but_not_longer_than_the_limit(void)
{
    size_t size = READER_WORD_MAX_BYTES + 1;
    char *letters = malloc(size);
    memset(letters, 'A', size);
    const char *text;
    size_t length;
    uint64_t line;
    struct reader *reader = open_bytes(letters, size - 1);
    ASSERT_INT(reader_next(reader, &text, &length, &line), 1);
    ASSERT_INT(length, READER_WORD_MAX_BYTES);
    ASSERT_INT(text[length - 1], 'a');
    reader_close(reader);
    reader = open_bytes(letters, size);
    int result = reader_next(reader, &text, &length, &line);
    ASSERT_INT(result, -EMSGSIZE);
    ASSERT_TEXT(reader_reason(result), "a word of more than 1 MiB");
    reader_close(reader);
    free(letters);
}

static void what_cannot_be_read_says_why(void)
{
    struct reader *reader = NULL;
    ASSERT_INT(reader_open("no/such/file", &reader), -ENOENT);
    ASSERT(reader == NULL);
    ASSERT_INT(reader_open(".", &reader), 0);
    const char *text;
    size_t size;
    uint64_t line;
    ASSERT_INT(reader_next(reader, &text, &size, &line), -EISDIR);
    ASSERT_TEXT(reader_reason(-EISDIR), "Is a directory");
    reader_close(reader);
    reader_close(NULL);
}

UNIT_CASES(CASE(a_word_is_added_once_and_starts_at_zero),
           CASE(words_are_bytes_and_may_hold_nul),
           CASE(a_set_grows_and_its_words_stay_where_they_are),
           CASE(words_sort_alphabetically_a_prefix_first),
           CASE(words_sort_by_number_and_alphabetically_where_equal),
           CASE(an_empty_set_sorts_to_nothing),
           CASE(words_are_runs_of_ascii_letters_in_lower_case),
           CASE(lines_are_counted_from_one),
           CASE(a_word_may_be_long_but_not_longer_than_the_limit),
           CASE(what_cannot_be_read_says_why))
