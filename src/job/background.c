/* What a job says about runs in the background, and about what they leave
 * behind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/reader.h"
#include "job/substitution.h"
#include "job/wording.h"

int job_read_linger(void *context, const struct node *value)
{
    const struct job_reader *reader = context;
    scope_get_duration(&reader->scope, "linger", value,
                       &reader->job->linger_ms);
    return 0;
}

int job_read_store(void *context, const struct node *value)
{
    struct job_reader *reader = context;
    if (value->kind != NODE_MAP) {
        reader->job->store_off = scope_is_word(
            &reader->scope, "store", value, "none", "none or {keep: DURATION}");
        return 0;
    }
    size_t entered = scope_enter(&reader->scope, "store: ");
    int status = keys_read(reader, "store.", value, value->at);
    scope_leave(&reader->scope, entered);
    return status;
}

int job_read_keep(void *context, const struct node *value)
{
    const struct job_reader *reader = context;
    scope_get_duration(&reader->scope, "keep", value, &reader->job->keep_ms);
    return 0;
}

/* --- Addresses ----------------------------------------------------------- */

/* An address is a line of output, and names a socket, not a folder. */
static bool is_address(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return false;
    return text[0] != '\0' && text[strlen(text) - 1] != '/';
}

static bool get_address(const struct job_reader *reader,
                        const struct node *value, const char **out)
{
    if (!scope_get_text(&reader->scope, "background", value, out))
        return false;
    if (!is_address(*out))
        scope_expected(&reader->scope, "background", value,
                       "the path of a socket, without control characters and "
                       "without a / at its end");
    return is_address(*out);
}

/* TEXT, in which every dollar sign is two, is written to OUT, which has room
 * for as much. */
static void unescape(const struct job_reader *reader, const struct node *value,
                     const char *text, char *out)
{
    struct substitution_piece piece;
    const char *problem;
    int status;
    while ((status = substitution_next(&text, &piece, &problem)) == 1 &&
           !piece.is_reference) {
        memcpy(out, piece.text, piece.size);
        out += piece.size;
    }
    *out = '\0';
    if (status == 1)
        problem = "there is nothing to substitute here, only in a stage's "
                  "background:";
    if (status != 0)
        scope_problem(&reader->scope, value->at, "background: %s: %s",
                      wording_quote(value->text).text, problem);
}

int job_read_background(void *context, const struct node *value)
{
    const struct job_reader *reader = context;
    const char *text;
    if (!get_address(reader, value, &text))
        return 0;
    char *address = malloc(strlen(text) + 1);
    if (address == NULL)
        return -ENOMEM;
    unescape(reader, value, text, address);
    reader->job->background = address;
    return 0;
}
