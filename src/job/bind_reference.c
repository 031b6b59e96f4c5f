#include "job/bind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <drover/value.h>

#include "job/source.h"
#include "job/substitution.h"
#include "value/encode.h"
#include "value/json.h"

static struct buffer *bytes_of(const struct binder *binder)
{
    return &binder->template->bytes;
}

/* --- Texts put together during the run ----------------------------------- */

/* Whether a text can become what is expected: literal_put_text(). */
static bool takes_text(struct target target)
{
    switch (target.expected.type) {
    case DROVER_ANY:
    case DROVER_TEXT:
    case DROVER_BOOL:
    case DROVER_INT:
    case DROVER_FLOAT:
        return true;
    default:
        return false;
    }
}

/* The next segment is the text of the pieces from FIRST on. */
static void add_text(struct binder *binder, struct target target, size_t first,
                     struct position at)
{
    struct template *template = binder->template;
    struct place place = { at, target.expected };
    struct segment segment = { .kind = SEGMENT_TEXT,
                               .index = first,
                               .count = template->piece_count - first,
                               .place = template->place_count };
    bind_note(binder, template_add_place(template, place));
    bind_note(binder, template_add_segment(template, segment));
}

/* What an item of a list is inside of a longer text: a text as it is,
 * everything else as JSON. */
static void put_item_as_text(struct binder *binder, const struct node *item)
{
    struct target any = { .apart = true };
    struct buffer copy = BUFFER_INIT(VALUE_LIMIT_BYTES);
    struct buffer *bytes = bytes_of(binder);
    size_t start = bind_here(binder);
    const char *text;
    size_t size;
    bind_node(binder, any, item);
    int status = buffer_append(&copy, buffer_bytes(bytes) + start,
                               bind_here(binder) - start);
    bytes->end = bytes->start + start;
    if (status == 0 && binder->status == 0) {
        struct drover_value value = value_of_buffer(&copy);
        if (drover_value_get_text(value, &text, &size) == 0)
            status = buffer_append(bytes, text, size);
        else
            status = value_print_json(bytes, value, DROVER_JSON_NAN_TEXT);
    }
    bind_note(binder, status);
    buffer_clear(&copy);
}

static void add_span(struct binder *binder, size_t start)
{
    struct extent span = { start, bind_here(binder) - start };
    bind_note(binder, template_add_span(binder->template, span));
}

/* The first span of the items' texts. */
static size_t bind_item_texts(struct binder *binder, size_t index)
{
    const struct node *list = binder->stage->each[index].list;
    struct bound_items *items = &binder->items[index];
    if (items->has_texts)
        return items->texts;
    items->has_texts = true;
    items->texts = binder->template->span_count;
    for (size_t i = 0; i < list->count; i++) {
        size_t start = bind_here(binder);
        put_item_as_text(binder, list->items[i]);
        add_span(binder, start);
    }
    return items->texts;
}

static void add_each_piece(struct binder *binder, size_t index)
{
    struct piece piece = { .kind = PIECE_TEXT, .index = index };
    enum each_kind kind = binder->stage->each[index].kind;
    if (kind == EACH_RANGE)
        piece.kind = PIECE_INT;
    if (kind == EACH_STAGE)
        piece.kind = PIECE_RESULT;
    if (kind == EACH_LIST) {
        piece.kind = PIECE_ITEM;
        piece.first = bind_item_texts(binder, index);
    }
    bind_note(binder, template_add_piece(binder->template, piece));
}

static void add_literal_piece(struct binder *binder, const char *text,
                              size_t size)
{
    struct piece piece = { .kind = PIECE_LITERAL,
                           .span = { bind_here(binder), size } };
    bind_note(binder, buffer_append(bytes_of(binder), text, size));
    bind_note(binder, template_add_piece(binder->template, piece));
}

/* --- Names of each: ------------------------------------------------------ */

/* A range is right when both its ends are. */
static void check_range(struct binder *binder, struct target target,
                        const struct job_each *each)
{
    uint64_t count = source_range_count(each);
    if (count == 0)
        return;
    int64_t ends[] = { each->range.start, source_range_at(each, count - 1) };
    struct buffer *bytes = bytes_of(binder);
    size_t start = bind_here(binder);
    bool fits = true;
    for (size_t i = 0; i < 2 && fits; i++) {
        bind_note(binder, value_put_int(bytes, ends[i]));
        fits = bind_check(binder, target, each->at, start);
        bytes->end = bytes->start + start;
    }
}

static void bind_range(struct binder *binder, struct target target,
                       size_t index, struct position at)
{
    struct segment segment = { .kind = SEGMENT_INT, .index = index };
    switch (target.expected.type) {
    case DROVER_TEXT:
        add_each_piece(binder, index);
        add_text(binder, target, binder->template->piece_count - 1, at);
        return;
    case DROVER_FLOAT:
        segment.kind = SEGMENT_FLOAT;
        break;
    case DROVER_INT:
    case DROVER_ANY:
        break;
    default:
        bind_complain(binder, target, at, "the ints of a range");
        return;
    }
    check_range(binder, target, &binder->stage->each[index]);
    bind_note(binder, template_add_segment(binder->template, segment));
}

static bool expect_the_same(const struct drover_param *a,
                            const struct drover_param *b)
{
    return a->type == b->type && a->items == b->items && a->min == b->min &&
           a->max == b->max && a->optional == b->optional;
}

/* The first span of the items' values. */
static size_t bind_item_values(struct binder *binder, struct target target,
                               size_t index)
{
    const struct node *list = binder->stage->each[index].list;
    struct bound_items *items = &binder->items[index];
    if (items->has_values &&
        expect_the_same(&items->expected, &target.expected))
        return items->values;
    items->has_values = true;
    items->expected = target.expected;
    items->values = binder->template->span_count;
    target.apart = true;
    for (size_t i = 0; i < list->count; i++) {
        size_t start = bind_here(binder);
        bind_node(binder, target, list->items[i]);
        add_span(binder, start);
    }
    return items->values;
}

static void bind_items(struct binder *binder, struct target target,
                       size_t index)
{
    struct segment segment = {
        .kind = SEGMENT_ITEM,
        .index = index,
        .first = bind_item_values(binder, target, index),
    };
    bind_note(binder, template_add_segment(binder->template, segment));
}

static void bind_text_source(struct binder *binder, struct target target,
                             size_t index, struct position at)
{
    bool lines = binder->stage->each[index].kind == EACH_LINES;
    bool fits = target.expected.type == DROVER_TEXT ||
                target.expected.type == DROVER_ANY ||
                (lines && takes_text(target));
    if (!fits) {
        bind_complain(binder, target, at,
                      lines ? "the lines of a file" : "the names of files");
        return;
    }
    add_each_piece(binder, index);
    add_text(binder, target, binder->template->piece_count - 1, at);
}

static bool may_become(enum drover_type expected, enum drover_type type)
{
    return expected == DROVER_ANY || type == DROVER_ANY || type == expected ||
           (type == DROVER_INT && expected == DROVER_FLOAT);
}

/* What is not declared shows during the run. */
static void bind_stage(struct binder *binder, struct target target,
                       size_t index, struct position at)
{
    size_t feeder = binder->stage->each[index].stage;
    const struct job_stage *stage = &binder->job->stages[feeder];
    const struct drover_task *task = bind_find_task(binder, stage);
    struct drover_param result = { .type = DROVER_ANY };
    if (task != NULL)
        result = (struct drover_param){ .type = task->result.type,
                                        .items = task->result.items };
    if (!may_become(target.expected.type, result.type) ||
        !may_become(declaration_element(&target.expected).type,
                    declaration_element(&result).type)) {
        char type[80], got[256];
        declaration_format_expected(&result, type, sizeof type);
        snprintf(got, sizeof got, "a result of stage %s, %s", stage->name,
                 type);
        bind_complain(binder, target, at, got);
        return;
    }
    struct place place = { at, target.expected };
    struct segment segment = { .kind = SEGMENT_RESULT,
                               .index = index,
                               .place = binder->template->place_count };
    bind_note(binder, template_add_place(binder->template, place));
    bind_note(binder, template_add_segment(binder->template, segment));
}

void bind_each_name(struct binder *binder, struct target target, size_t each,
                    struct position at)
{
    binder->used[each] = true;
    switch (binder->stage->each[each].kind) {
    case EACH_RANGE:
        bind_range(binder, target, each, at);
        break;
    case EACH_LIST:
        bind_items(binder, target, each);
        break;
    case EACH_GLOB:
    case EACH_LINES:
        bind_text_source(binder, target, each, at);
        break;
    case EACH_STAGE:
        bind_stage(binder, target, each, at);
        break;
    }
}

/* --- Results of stages --------------------------------------------------- */

static void bind_results(struct binder *binder, struct target target,
                         size_t index, struct position at)
{
    const struct job_stage *stage = &binder->job->stages[index];
    const struct drover_task *task = bind_find_task(binder, stage);
    struct drover_param results = { .type = DROVER_LIST };
    if (task != NULL)
        results.items = task->result.type;
    if (!may_become(target.expected.type, DROVER_LIST) ||
        !may_become(declaration_element(&target.expected).type,
                    results.items)) {
        char list[80], got[256];
        declaration_format_expected(&results, list, sizeof list);
        snprintf(got, sizeof got, "all results of stage %s, %s", stage->name,
                 list);
        bind_complain(binder, target, at, got);
        return;
    }
    struct place place = { at, target.expected };
    struct segment segment = { .kind = SEGMENT_RESULTS,
                               .index = index,
                               .place = binder->template->place_count };
    bind_note(binder, template_add_place(binder->template, place));
    bind_note(binder, template_add_segment(binder->template, segment));
}

/* --- Texts of with: ------------------------------------------------------ */

static bool is_name(const char *name, const struct substitution_piece *piece)
{
    return strncmp(name, piece->text, piece->size) == 0 &&
           name[piece->size] == '\0';
}

static size_t find_each(const struct binder *binder,
                        const struct substitution_piece *piece)
{
    size_t i = 0;
    while (i < binder->stage->each_count &&
           !is_name(binder->stage->each[i].name, piece))
        i++;
    return i;
}

static size_t find_stage(const struct binder *binder,
                         const struct substitution_piece *piece)
{
    size_t i = 0;
    while (i < binder->job->stage_count &&
           !is_name(binder->job->stages[i].name, piece))
        i++;
    return i;
}

/* A name of nothing has been reported when the job was read. */
static void bind_lone(struct binder *binder, struct target target,
                      const struct substitution_piece *reference,
                      struct position at)
{
    size_t each = find_each(binder, reference);
    size_t stage = find_stage(binder, reference);
    if (each < binder->stage->each_count)
        bind_each_name(binder, target, each, at);
    else if (stage < binder->job->stage_count)
        bind_results(binder, target, stage, at);
}

bool bind_pieces(struct binder *binder, const char *text)
{
    struct substitution_piece piece;
    const char *problem;
    bool referring = false;
    while (substitution_next(&text, &piece, &problem) == 1) {
        size_t each = find_each(binder, &piece);
        if (!piece.is_reference) {
            add_literal_piece(binder, piece.text, piece.size);
        } else if (each < binder->stage->each_count) {
            binder->used[each] = true;
            add_each_piece(binder, each);
            referring = true;
        }
    }
    return referring;
}

/* All pieces from FIRST on are literals: they are one text. */
static void bind_unescaped(struct binder *binder, struct target target,
                           size_t first, struct position at)
{
    struct template *template = binder->template;
    struct buffer text = BUFFER_INIT(VALUE_LIMIT_BYTES);
    int status = 0;
    for (size_t i = first; i < template->piece_count && status == 0; i++)
        status = buffer_append(&text,
                               buffer_bytes(&template->bytes) +
                                   template->pieces[i].span.offset,
                               template->pieces[i].span.size);
    template->piece_count = first;
    size_t start = bind_here(binder);
    if (status == 0)
        status =
            value_put_text(&template->bytes, (const char *)buffer_bytes(&text),
                           buffer_size(&text));
    bind_note(binder, status);
    bind_check(binder, target, at, start);
    bind_finish(binder, target, start);
    buffer_clear(&text);
}

void bind_substituted(struct binder *binder, struct target target,
                      const struct node *scalar)
{
    struct substitution_piece reference;
    if (substitution_is_lone(scalar->text, &reference)) {
        bind_lone(binder, target, &reference, scalar->at);
        return;
    }
    size_t first = binder->template->piece_count;
    if (!bind_pieces(binder, scalar->text))
        bind_unescaped(binder, target, first, scalar->at);
    else if (takes_text(target))
        add_text(binder, target, first, scalar->at);
    else
        bind_complain(binder, target, scalar->at, "a text");
}
