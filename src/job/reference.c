#include "job/reference.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/wording.h"

bool reference_is_each_name(const struct job_reader *reader,
                            const struct substitution_piece *reference)
{
    const struct job_stage *stage = reader->stage;
    for (size_t i = 0; i < stage->each_count; i++) {
        const char *other = stage->each[i].name;
        if (strncmp(other, reference->text, reference->size) == 0 &&
            other[reference->size] == '\0')
            return true;
    }
    return false;
}

int reference_complain_unknown(const struct job_reader *reader,
                               struct position at, const char *what,
                               const struct substitution_piece *reference,
                               text_name_fn get, size_t count)
{
    char *name = strndup(reference->text, reference->size);
    if (name == NULL)
        return -ENOMEM;
    struct suggestion suggestion =
        wording_suggest(reader->scope.problems, name, get, reader, count);
    scope_problem(&reader->scope, at, "no %s %s%s", what,
                  wording_quote(name).text, suggestion.text);
    free(name);
    return 0;
}

/* Problems beyond those that are kept are not looked for: a small file can have
 * very many of them. */
int reference_check_text(struct job_reader *reader, const struct node *node,
                         reference_fn check)
{
    const char *cursor = node->text, *problem;
    struct substitution_piece piece;
    while (!problems_is_full(reader->scope.problems)) {
        int status = substitution_next(&cursor, &piece, &problem);
        if (status < 0)
            scope_problem(&reader->scope, node->at, "%s: %s",
                          wording_quote(node->text).text, problem);
        if (status <= 0)
            return 0;
        if (piece.is_reference) {
            status = check(reader, node, &piece);
            if (status < 0)
                return status;
        }
    }
    return 0;
}
