#include "job/problems.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MESSAGE_MAX_BYTES = 128 * 1024 };

int problems_init(struct problems *problems, const char *file)
{
    *problems = (struct problems){ .file = strdup(file) };
    return problems->file == NULL ? -ENOMEM : 0;
}

void problems_clear(struct problems *problems)
{
    for (size_t i = 0; i < problems_kept(problems); i++)
        free(problems->kept[i].message);
    free(problems->file);
    *problems = (struct problems){ .count = 0 };
}

bool problems_is_full(const struct problems *problems)
{
    return problems->count >= PROBLEMS_MAX;
}

size_t problems_kept(const struct problems *problems)
{
    return problems_is_full(problems) ? PROBLEMS_MAX : problems->count;
}

/* TEXT as one line, to be freed; NULL without memory. */
static char *escape(const char *text)
{
    struct buffer line = BUFFER_INIT(MESSAGE_MAX_BYTES);
    if (text_escape(&line, text, strlen(text)) < 0 ||
        buffer_append(&line, "", 1) < 0) {
        buffer_clear(&line);
        return NULL;
    }
    return (char *)line.data;
}

void problems_add(struct problems *problems, struct position at,
                  const char *format, ...)
{
    if (problems_is_full(problems)) {
        problems->count++;
        return;
    }
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    va_end(arguments);
    problems->kept[problems->count++] = (struct problem){
        .at = at,
        .message = message == NULL ? NULL : escape(message),
    };
    free(message);
}

static bool is_before(struct position a, struct position b)
{
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

void problems_sort(struct problems *problems)
{
    for (size_t i = 1; i < problems_kept(problems); i++) {
        struct problem moved = problems->kept[i];
        size_t to = i;
        for (; to > 0 && is_before(moved.at, problems->kept[to - 1].at); to--)
            problems->kept[to] = problems->kept[to - 1];
        problems->kept[to] = moved;
    }
}

int problems_format(const struct problems *problems, size_t i,
                    struct buffer *out)
{
    const struct problem *problem = &problems->kept[i];
    const char *message =
        problem->message == NULL ? "out of memory" : problem->message;
    if (problem->at.line == 0)
        return buffer_append_format(out, "%s: %s", problems->file, message);
    return buffer_append_format(out, "%s:%u:%u: %s", problems->file,
                                problem->at.line, problem->at.column, message);
}
