#include "text/reader.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READER_FIRST_CAPACITY = 64 };

struct reader {
    FILE *file;
    uint64_t line;
    char *word;
    size_t capacity;
};

int reader_open(const char *path, struct reader **out)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return -ENOMEM;
    reader->line = 1;
    reader->file = fopen(path, "re");
    if (reader->file == NULL) {
        int code = errno;
        free(reader);
        return -code;
    }
    *out = reader;
    return 0;
}

void reader_close(struct reader *reader)
{
    if (reader == NULL)
        return;
    fclose(reader->file);
    free(reader->word);
    free(reader);
}

/* Not isalpha(3), which asks the locale. */
static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(int c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static int append(struct reader *reader, size_t size, char letter)
{
    if (size == READER_WORD_MAX_BYTES)
        return -EMSGSIZE;
    if (size == reader->capacity) {
        size_t capacity = size == 0 ? READER_FIRST_CAPACITY : size * 2;
        char *word = realloc(reader->word, capacity);
        if (word == NULL)
            return -ENOMEM;
        reader->word = word;
        reader->capacity = capacity;
    }
    reader->word[size] = letter;
    return 0;
}

/* The first letter of the next word, or EOF. */
static int skip_to_word(struct reader *reader)
{
    int c = getc_unlocked(reader->file);
    while (c != EOF && !is_letter(c)) {
        if (c == '\n')
            reader->line++;
        c = getc_unlocked(reader->file);
    }
    return c;
}

int reader_next(struct reader *reader, const char **text, size_t *size,
                uint64_t *line)
{
    int c = skip_to_word(reader);
    size_t length = 0;
    while (c != EOF && is_letter(c)) {
        int result = append(reader, length, lower(c));
        if (result < 0)
            return result;
        length++;
        c = getc_unlocked(reader->file);
    }
    if (c == EOF && ferror(reader->file))
        return errno > 0 ? -errno : -EIO;
    if (length == 0)
        return 0;
    *text = reader->word;
    *size = length;
    *line = reader->line;
    if (c == '\n')
        reader->line++;
    return 1;
}

const char *reader_reason(int result)
{
    return result == -EMSGSIZE ? "a word of more than 1 MiB"
                               : strerror(-result);
}
