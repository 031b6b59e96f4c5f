#include "job/expansion.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "job/literal.h"
#include "job/source.h"
#include "job/template.h"
#include "value/encode.h"
#include "value/json.h"
#include "value/json_scalar.h"

/* sources  by name of each:, the outermost loop first
 * text     where texts are put together
 * started  the first call has been asked for
 * ended    there is none to come */
struct expansion {
    const struct job *job;
    const struct job_stage *stage;
    const struct template *template;
    struct expansion_input input;
    struct source sources[JOB_LIMIT_EACH];
    size_t source_count;
    struct buffer text;
    bool started;
    bool ended;
    int waiting; /* for this descriptor, after -EAGAIN */
};

/* Put file, place and stage in front of what ERR says. Returns STATUS. */
static int locate(const struct expansion *expansion, struct position at,
                  int status, struct drover_error *err)
{
    error_prefix(err, "%s:%u:%u: stage %s", expansion->job->file, at.line,
                 at.column, expansion->stage->name);
    return status;
}

/* --- Opening ------------------------------------------------------------- */

static int open_sources(struct expansion *expansion, struct drover_error *err)
{
    const struct job_stage *stage = expansion->stage;
    for (size_t i = 0; i < stage->each_count; i++) {
        int status =
            source_open(&stage->each[i], expansion->input.feed,
                        expansion->input.folder, &expansion->sources[i], err);
        if (status < 0)
            return locate(expansion, stage->each[i].at, status, err);
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
            return locate(expansion, place->at, status, err);
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
            return locate(expansion, source->each->at, status, err);
    }
}

/* --- Arguments ----------------------------------------------------------- */

static int no_room(const struct expansion *expansion, int status,
                   struct drover_error *err)
{
    if (status == -ENOMEM)
        error_no_memory(err);
    else
        error_set(err, -status, "the arguments of a call are too large");
    return locate(expansion, expansion->stage->at, status, err);
}

static int append_span(const struct template *template, struct extent span,
                       struct buffer *out)
{
    return buffer_append(out, buffer_bytes(&template->bytes) + span.offset,
                         span.size);
}

static int append_item(const struct expansion *expansion, size_t each,
                       size_t first, struct buffer *out)
{
    const struct template *template = expansion->template;
    size_t index = first + expansion->sources[each].index;
    return append_span(template, template->spans[index], out);
}

/* A text as it is, everything else as JSON. */
static int append_result_as_text(struct drover_value result, struct buffer *out)
{
    const char *text;
    size_t size;
    if (drover_value_get_text(result, &text, &size) == 0)
        return buffer_append(out, text, size);
    return value_print_json(out, result, DROVER_JSON_NAN_TEXT);
}

static int append_piece(const struct expansion *expansion,
                        const struct piece *piece, struct buffer *out)
{
    const struct source *source = &expansion->sources[piece->index];
    switch (piece->kind) {
    case PIECE_LITERAL:
        return append_span(expansion->template, piece->span, out);
    case PIECE_INT:
        return json_put_int(out, source->number);
    case PIECE_ITEM:
        return append_item(expansion, piece->index, piece->first, out);
    case PIECE_RESULT:
        return append_result_as_text(feed_current(source->feed), out);
    case PIECE_TEXT:
        break;
    }
    return buffer_append(out, source->text, source->size);
}

static int check_defects(const struct expansion *expansion,
                         const struct piece *pieces, size_t count,
                         struct drover_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct source *source = &expansion->sources[pieces[i].index];
        if (pieces[i].kind == PIECE_TEXT && source->defect != SOURCE_FINE)
            return locate(expansion, source->each->at,
                          source_report_defect(source, err), err);
    }
    return 0;
}

/* Put the pieces together in expansion->text, then append what their text is
 * where TYPE is expected. */
static int compose(struct expansion *expansion, const struct piece *pieces,
                   size_t count, enum drover_type type, struct buffer *args)
{
    struct buffer *text = &expansion->text;
    int status = 0;
    buffer_reset(text);
    for (size_t i = 0; i < count && status == 0; i++)
        status = append_piece(expansion, &pieces[i], text);
    if (status == 0)
        status = buffer_append(text, "", 1);
    if (status < 0)
        return status;
    return literal_put_text(args, (char *)buffer_bytes(text),
                            buffer_size(text) - 1, type);
}

static int append_text(struct expansion *expansion,
                       const struct segment *segment, struct buffer *args,
                       struct drover_error *err)
{
    const struct piece *pieces = &expansion->template->pieces[segment->index];
    const struct place *place = &expansion->template->places[segment->place];
    size_t before = buffer_size(args);
    int status = check_defects(expansion, pieces, segment->count, err);
    if (status < 0)
        return status;
    status =
        compose(expansion, pieces, segment->count, place->expected.type, args);
    if (status < 0)
        return no_room(expansion, status, err);
    struct drover_value value = {
        .data = buffer_bytes(args) + before,
        .size = buffer_size(args) - before,
    };
    status = declaration_check_argument(&place->expected, value, err);
    if (status == 0)
        return 0;
    error_prefix(err, "parameter \"%s\"", place->expected.name);
    return locate(expansion, place->at, status, err);
}

/* What a stage has given is only known now. */
static int append_result(const struct expansion *expansion,
                         const struct segment *segment, struct buffer *args,
                         struct drover_error *err)
{
    const struct source *source = &expansion->sources[segment->index];
    const struct place *place = &expansion->template->places[segment->place];
    struct drover_value value = feed_current(source->feed);
    int status = declaration_check_argument(&place->expected, value, err);
    if (status < 0) {
        error_prefix(err, "parameter \"%s\"", place->expected.name);
        return locate(expansion, place->at, status, err);
    }
    status = value_put_raw(args, value);
    return status < 0 ? no_room(expansion, status, err) : 0;
}

/* Returns as buffer_append(). */
static int append_known(const struct expansion *expansion,
                        const struct segment *segment, struct buffer *args)
{
    switch (segment->kind) {
    case SEGMENT_INT:
        return value_put_int(args, expansion->sources[segment->index].number);
    case SEGMENT_FLOAT:
        return value_put_float(
            args, (double)expansion->sources[segment->index].number);
    case SEGMENT_ITEM:
        return append_item(expansion, segment->index, segment->first, args);
    case SEGMENT_RESULTS:
        return value_put_raw(args, expansion->input.results[segment->index]);
    case SEGMENT_RESULT:
    case SEGMENT_LITERAL:
    case SEGMENT_TEXT:
        break;
    }
    return append_span(expansion->template, segment->span, args);
}

static int append_segment(struct expansion *expansion,
                          const struct segment *segment, struct buffer *args,
                          struct drover_error *err)
{
    if (segment->kind == SEGMENT_TEXT)
        return append_text(expansion, segment, args, err);
    if (segment->kind == SEGMENT_RESULT)
        return append_result(expansion, segment, args, err);
    int status = append_known(expansion, segment, args);
    return status < 0 ? no_room(expansion, status, err) : 0;
}

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
    const struct template *template = expansion->template;
    size_t before = buffer_size(args);
    for (size_t i = 0; i < template->segment_count; i++) {
        status = append_segment(expansion, &template->segments[i], args, err);
        if (status < 0) {
            args->end = args->start + before;
            name_origin(expansion, err);
            return status;
        }
    }
    return 1;
}

int expansion_descriptor(const struct expansion *expansion)
{
    return expansion->waiting;
}
