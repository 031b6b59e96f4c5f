/* The arguments of a call, made from the stage's template. */
#include "job/expansion_state.h"

#include <errno.h>

#include "base/error.h"
#include "job/literal.h"
#include "value/encode.h"
#include "value/json.h"
#include "value/json_scalar.h"

/* Put file, place and stage in front of what ERR says. Returns STATUS. */
int expansion_locate(const struct expansion *expansion, struct position at,
                     int status, struct drover_error *err)
{
    error_prefix(err, "%s:%u:%u: stage %s", expansion->job->file, at.line,
                 at.column, expansion->stage->name);
    return status;
}

static int no_room(const struct expansion *expansion, int status,
                   struct drover_error *err)
{
    if (status == -ENOMEM)
        error_no_memory(err);
    else
        error_set(err, -status, "the arguments of a call are too large");
    return expansion_locate(expansion, expansion->stage->at, status, err);
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
            return expansion_locate(expansion, source->each->at,
                                    source_report_defect(source, err), err);
    }
    return 0;
}

int expansion_compose(struct expansion *expansion, const struct piece *pieces,
                      size_t count, struct drover_error *err)
{
    struct buffer *text = &expansion->text;
    int status = check_defects(expansion, pieces, count, err);
    if (status < 0)
        return status;
    buffer_reset(text);
    for (size_t i = 0; i < count && status == 0; i++)
        status = append_piece(expansion, &pieces[i], text);
    if (status == 0)
        status = buffer_append(text, "", 1);
    return status < 0 ? no_room(expansion, status, err) : 0;
}

static int append_text(struct expansion *expansion,
                       const struct segment *segment, struct buffer *args,
                       struct drover_error *err)
{
    const struct piece *pieces = &expansion->template->pieces[segment->index];
    const struct place *place = &expansion->template->places[segment->place];
    size_t before = buffer_size(args);
    int status = expansion_compose(expansion, pieces, segment->count, err);
    if (status < 0)
        return status;
    status = literal_put_text(args, (char *)buffer_bytes(&expansion->text),
                              buffer_size(&expansion->text) - 1,
                              place->expected.type);
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
    return expansion_locate(expansion, place->at, status, err);
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
        return expansion_locate(expansion, place->at, status, err);
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

int expansion_append_arguments(struct expansion *expansion, struct buffer *args,
                               struct drover_error *err)
{
    const struct template *template = expansion->template;
    size_t before = buffer_size(args);
    for (size_t i = 0; i < template->segment_count; i++) {
        int status =
            append_segment(expansion, &template->segments[i], args, err);
        if (status < 0) {
            args->end = args->start + before;
            return status;
        }
    }
    return 0;
}
