#include "job/wording.h"

#include <stdio.h>
#include <string.h>

enum { QUOTE_MAX_BYTES = 60 };

struct quotation wording_quote(const char *text)
{
    struct quotation quotation;
    size_t size = strnlen(text, QUOTE_MAX_BYTES + 1);
    bool is_cut = size > QUOTE_MAX_BYTES;
    if (is_cut)
        size = text_utf8_valid(text, QUOTE_MAX_BYTES);
    snprintf(quotation.text, sizeof quotation.text, "\"%.*s%s\"", (int)size,
             text, is_cut ? "..." : "");
    return quotation;
}

/* Write the names, with commas between them. Returns whether they fit. */
static bool list_names(char *out, size_t size, text_name_fn get,
                       const void *context, size_t count)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = get(context, i);
        if (name == NULL)
            continue;
        int length = snprintf(out + used, size - used, "%s%s",
                              used == 0 ? "" : ", ", name);
        if (length < 0 || (size_t)length >= size - used)
            return false;
        used += (size_t)length;
    }
    return used > 0;
}

struct suggestion wording_suggest(const struct problems *problems,
                                  const char *name, text_name_fn get,
                                  const void *context, size_t count)
{
    struct suggestion suggestion = { "" };
    if (problems_is_full(problems))
        return suggestion;
    const char *nearest = text_nearest(name, get, context, count);
    char all[200];
    if (nearest != NULL)
        snprintf(suggestion.text, sizeof suggestion.text,
                 " (did you mean \"%s\"?)", nearest);
    else if (list_names(all, sizeof all, get, context, count))
        snprintf(suggestion.text, sizeof suggestion.text, " (there is: %s)",
                 all);
    return suggestion;
}
