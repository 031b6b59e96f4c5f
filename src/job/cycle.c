/* Stages that wait for themselves by way of others. */
#include <errno.h>

#include "base/buffer.h"
#include "job/reader.h"

enum { TEXT_MAX_BYTES = 128 * 1024 };

enum mark { MARK_NEW, MARK_ON_PATH, MARK_DONE };

/* A walk along what stages need; path is how it got to where it is. */
struct walk {
    const struct job_reader *reader;
    enum mark marks[JOB_LIMIT_STAGES];
    size_t path[JOB_LIMIT_STAGES];
    size_t depth;
};

/* Say the cycle that the path has from FROM on, beginning with the stage that
 * comes first in the file. */
static int complain(const struct walk *walk, size_t from)
{
    const struct job *job = walk->reader->job;
    const struct scope *scope = &walk->reader->scope;
    const size_t *cycle = walk->path + from;
    size_t count = walk->depth - from, first = 0;
    for (size_t i = 1; i < count; i++)
        if (cycle[i] < cycle[first])
            first = i;
    const struct job_stage *stage = &job->stages[cycle[first]];
    if (problems_is_full(scope->problems)) {
        problems_add(scope->problems, stage->at, "needs itself");
        return 0;
    }
    struct buffer text = BUFFER_INIT(TEXT_MAX_BYTES);
    int status = buffer_append_text(&text, stage->name);
    for (size_t i = 1; i <= count && status == 0; i++)
        status = buffer_append_format(
            &text, " -> %s", job->stages[cycle[(first + i) % count]].name);
    if (status == 0)
        scope_problem(scope, stage->at,
                      "stage %s: needs itself by way of others: %.*s",
                      stage->name, (int)buffer_size(&text),
                      (const char *)buffer_bytes(&text));
    buffer_clear(&text);
    return status;
}

static size_t place_on_path(const struct walk *walk, size_t stage)
{
    size_t at = 0;
    while (walk->path[at] != stage)
        at++;
    return at;
}

static int visit(struct walk *walk, size_t index)
{
    const struct job_stage *stage = &walk->reader->job->stages[index];
    int status = 0;
    walk->marks[index] = MARK_ON_PATH;
    walk->path[walk->depth++] = index;
    for (size_t i = 0; i < stage->needs_count && status == 0; i++) {
        size_t needed = stage->needs[i];
        if (walk->marks[needed] == MARK_NEW)
            status = visit(walk, needed);
        else if (walk->marks[needed] == MARK_ON_PATH)
            status = complain(walk, place_on_path(walk, needed));
    }
    walk->depth--;
    walk->marks[index] = MARK_DONE;
    return status;
}

int cycle_check(struct job_reader *reader)
{
    struct walk walk = { .reader = reader };
    int status = 0;
    for (size_t i = 0; i < reader->job->stage_count && status == 0; i++)
        if (walk.marks[i] == MARK_NEW)
            status = visit(&walk, i);
    return status;
}
