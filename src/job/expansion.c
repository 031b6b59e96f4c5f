#include "job/expansion.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "job/expansion_state.h"
#include "value/encode.h"

/* --- Opening ------------------------------------------------------------- */

static int open_sources(struct expansion *expansion, struct drover_error *err)
{
    const struct job_stage *stage = expansion->stage;
    for (size_t i = 0; i < stage->each_count; i++) {
        int status =
            source_open(&stage->each[i], expansion->input.feed,
                        expansion->input.folder, &expansion->sources[i], err);
        if (status < 0)
            return expansion_locate(expansion, stage->each[i].at, status, err);
        expansion->source_count++;
        if (expansion->sources[i].count == 0)
            expansion->ended = true;
    }
    return 0;
}

/* What other stages gave is known now, and the same for all calls. */
static int check_results(const struct expansion *expansion,
                         struct drover_error *err)
{
    const struct template *template = expansion->template;
    for (size_t i = 0; i < template->segment_count; i++) {
        const struct segment *segment = &template->segments[i];
        if (segment->kind != SEGMENT_RESULTS)
            continue;
        const struct place *place = &template->places[segment->place];
        int status = declaration_check_argument(
            &place->expected, expansion->input.results[segment->index], err);
        if (status < 0) {
            error_prefix(err, "parameter \"%s\": the results of stage %s",
                         place->expected.name,
                         expansion->job->stages[segment->index].name);
            return expansion_locate(expansion, place->at, status, err);
        }
    }
    return 0;
}

int expansion_open(const struct plan *plan, size_t stage,
                   const struct expansion_input *input, struct expansion **out,
                   struct drover_error *err)
{
    struct expansion *expansion = calloc(1, sizeof *expansion);
    if (expansion == NULL)
        return error_no_memory(err);
    expansion->job = plan_job(plan);
    expansion->stage = &expansion->job->stages[stage];
    expansion->template = plan_stage_template(plan, stage);
    expansion->input = *input;
    buffer_init(&expansion->text, VALUE_LIMIT_BYTES);
    int status = check_results(expansion, err);
    if (status == 0)
        status = open_sources(expansion, err);
    if (status < 0) {
        expansion_close(expansion);
        return status;
    }
    *out = expansion;
    return 0;
}

void expansion_close(struct expansion *expansion)
{
    if (expansion == NULL)
        return;
    for (size_t i = 0; i < expansion->source_count; i++)
        source_close(&expansion->sources[i]);
    buffer_clear(&expansion->text);
    free(expansion);
}

uint64_t expansion_total(const struct expansion *expansion)
{
    const uint64_t most = (uint64_t)1 << 63;
    uint64_t total = 1;
    for (size_t i = 0; i < expansion->source_count; i++)
        if (expansion->sources[i].count == 0)
            return 0;
    for (size_t i = 0; i < expansion->source_count; i++)
        if (__builtin_mul_overflow(total, expansion->sources[i].count,
                                   &total) ||
            total > most)
            return UINT64_MAX;
    return total;
}

/* The calls that are left of what the first name stands at. */
static uint64_t left_of_round(const struct expansion *expansion)
{
    uint64_t left = 0;
    if (!expansion->started)
        return 0;
    for (size_t i = 1; i < expansion->source_count; i++) {
        const struct source *source = &expansion->sources[i];
        if (source->count == UINT64_MAX ||
            __builtin_mul_overflow(left, source->count, &left) ||
            __builtin_add_overflow(left, source->count - 1 - source->index,
                                   &left))
            return UINT64_MAX;
    }
    return left;
}

uint64_t expansion_supply(const struct expansion *expansion)
{
    uint64_t left = left_of_round(expansion);
    uint64_t supply = feed_count(expansion->input.feed);
    if (expansion->ended)
        return 0;
    if (left == UINT64_MAX)
        return UINT64_MAX;
    for (size_t i = 1; i < expansion->source_count; i++)
        if (supply > 0 && (expansion->sources[i].count == UINT64_MAX ||
                           __builtin_mul_overflow(
                               supply, expansion->sources[i].count, &supply)))
            return UINT64_MAX;
    if (__builtin_add_overflow(supply, left, &supply))
        return UINT64_MAX;
    return supply;
}

bool expansion_is_used_up(const struct expansion *expansion)
{
    return expansion->ended || (feed_has_ended(expansion->input.feed) &&
                                expansion_supply(expansion) == 0);
}

/* --- The loops ----------------------------------------------------------- */

/* Step the sources to the next combination. Returns 1, 0 after the last one,
 * or a negative errno value. */
static int step(struct expansion *expansion, struct drover_error *err)
{
    size_t last = expansion->source_count - 1;
    size_t level = expansion->started ? last : 0;
    if (expansion->source_count == 0)
        return !expansion->started;
    for (;;) {
        struct source *source = &expansion->sources[level];
        int status = source_next(source, err);
        if (status == 1 && level == last)
            return 1;
        if (status == 1) {
            source++;
            level++;
            status =
                source->index == UINT64_MAX ? 0 : source_rewind(source, err);
        } else if (status == 0) {
            if (level == 0 || source->count == 0)
                return 0;
            level--;
        }
        if (status == -EAGAIN) {
            expansion->waiting = source->waits_for;
            return status;
        }
        if (status < 0)
            return expansion_locate(expansion, source->each->at, status, err);
    }
}

/* --- Calls ------------------------------------------------------------------
 */

/* Which line of which file, or which result of a stage, made the call that
 * cannot be made. */
static void name_origin(const struct expansion *expansion,
                        struct drover_error *err)
{
    for (size_t i = 0; err != NULL && i < expansion->source_count; i++) {
        const struct source *source = &expansion->sources[i];
        if (source->each->kind == EACH_STAGE)
            error_set(err, err->code, "%s (result %llu of stage %s)",
                      err->message, (unsigned long long)source->index + 1,
                      expansion->job->stages[source->each->stage].name);
        if (source->each->kind != EACH_LINES || source->defect != SOURCE_FINE)
            continue;
        error_set(err, err->code, "%s (line %llu of \"%s\")", err->message,
                  (unsigned long long)source->index + 1, source->each->pattern);
    }
}

int expansion_next(struct expansion *expansion, struct buffer *args,
                   struct drover_error *err)
{
    if (expansion->ended)
        return 0;
    int status = step(expansion, err);
    /* Loops that have ended do so once more when they are asked again. */
    if (status == -EAGAIN)
        return status;
    expansion->started = true;
    if (status <= 0) {
        expansion->ended = true;
        return status;
    }
    status = expansion_append_arguments(expansion, args, err);
    if (status < 0)
        name_origin(expansion, err);
    return status < 0 ? status : 1;
}

int expansion_descriptor(const struct expansion *expansion)
{
    return expansion->waiting;
}
