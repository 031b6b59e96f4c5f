/* Stages that wait for themselves by way of others. */
#include <errno.h>

#include "base/buffer.h"
#include "job/reader.h"

enum { TEXT_MAX_BYTES = 128 * 1024 };

enum mark { MARK_NEW, MARK_ON_PATH, MARK_DONE };

/* A walk along what stages need or are fed by; path is how it got to where it
 * is. */
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

static int visit(struct walk *walk, size_t index);

static int follow(struct walk *walk, size_t to)
{
    if (walk->marks[to] == MARK_NEW)
        return visit(walk, to);
    if (walk->marks[to] == MARK_ON_PATH)
        return complain(walk, place_on_path(walk, to));
    return 0;
}

static int visit(struct walk *walk, size_t index)
{
    const struct job_stage *stage = &walk->reader->job->stages[index];
    int status = 0;
    size_t feeder;
    walk->marks[index] = MARK_ON_PATH;
    walk->path[walk->depth++] = index;
    for (size_t i = 0; i < stage->needs_count && status == 0; i++)
        status = follow(walk, stage->needs[i]);
    if (status == 0 && job_stage_is_fed(stage, &feeder))
        status = follow(walk, feeder);
    walk->depth--;
    walk->marks[index] = MARK_DONE;
    return status;
}

/* --- Stages that are fed too late ------------------------------------------
 *
 * A stage whose results nobody takes is kept waiting once too many of them
 * wait. It does not end before those that it feeds have begun. */

/* Mark FROM and all that must have ended before it can end. */
static void mark_waited_for(const struct job *job, size_t from,
                            bool marks[JOB_LIMIT_STAGES])
{
    const struct job_stage *stage = &job->stages[from];
    size_t feeder;
    if (marks[from])
        return;
    marks[from] = true;
    for (size_t i = 0; i < stage->needs_count; i++)
        mark_waited_for(job, stage->needs[i], marks);
    if (job_stage_is_fed(stage, &feeder))
        mark_waited_for(job, feeder, marks);
    for (size_t i = 0; i < job->stage_count; i++) {
        const struct job_stage *fed = &job->stages[i];
        if (!job_stage_is_fed(fed, &feeder) || feeder != from)
            continue;
        for (size_t n = 0; n < fed->needs_count; n++)
            mark_waited_for(job, fed->needs[n], marks);
    }
}

static void check_fed(const struct job_reader *reader,
                      const struct job_stage *stage, size_t feeder)
{
    const struct job *job = reader->job;
    for (size_t i = 0; i < stage->needs_count; i++) {
        bool marks[JOB_LIMIT_STAGES] = { false };
        mark_waited_for(job, stage->needs[i], marks);
        if (!marks[feeder])
            continue;
        const char *source = job->stages[feeder].name;
        const char *needed = job->stages[stage->needs[i]].name;
        scope_problem(&reader->scope, stage->each[0].at,
                      "stage %s: each %s: cannot take results of stage %s as "
                      "they come and wait for stage %s, which ends only after "
                      "that",
                      stage->name, stage->each[0].name, source, needed);
        return;
    }
}

int cycle_check(struct job_reader *reader)
{
    struct walk walk = { .reader = reader };
    const struct job *job = reader->job;
    size_t before = reader->scope.problems->count, feeder;
    int status = 0;
    for (size_t i = 0; i < job->stage_count && status == 0; i++)
        if (walk.marks[i] == MARK_NEW)
            status = visit(&walk, i);
    for (size_t i = 0; i < job->stage_count && status == 0 &&
                       reader->scope.problems->count == before;
         i++)
        if (job_stage_is_fed(&job->stages[i], &feeder))
            check_fed(reader, &job->stages[i], feeder);
    return status;
}
