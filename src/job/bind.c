#include "job/bind.h"

#include <errno.h>
#include <string.h>

#include <drover/value.h>

#include "base/error.h"
#include "job/literal.h"
#include "value/encode.h"

void bind_note(struct binder *binder, int status)
{
    if (binder->status == 0)
        binder->status = status;
}

const struct drover_task *bind_find_task(const struct binder *binder,
                                         const struct job_stage *stage)
{
    const struct declaration *declaration =
        stage->sound ? binder->declarations[stage->plugin] : NULL;
    if (declaration == NULL)
        return NULL;
    return declaration_find_task(declaration, stage->task);
}

/* --- Checking ------------------------------------------------------------ */

static void add_problem(struct binder *binder, struct target target,
                        struct position at, const char *message)
{
    bool unwritable = target.expected.type == DROVER_BYTES ||
                      target.expected.type == DROVER_ARRAY;
    problems_add(binder->problems, at, "stage %s: parameter \"%s\": %s%s",
                 binder->stage->name, target.expected.name, message,
                 unwritable ? " (a job file cannot hold what is expected)"
                            : "");
}

void bind_complain(struct binder *binder, struct target target,
                   struct position at, const char *got)
{
    char expected[160];
    struct drover_error err;
    declaration_format_expected(&target.expected, expected, sizeof expected);
    error_set(&err, EINVAL, "expected %s, got %s", expected, got);
    add_problem(binder, target, at, err.message);
}

bool bind_check(struct binder *binder, struct target target, struct position at,
                size_t start)
{
    struct drover_error err;
    if (binder->status < 0)
        return true;
    struct drover_value value = {
        .data = buffer_bytes(&binder->template->bytes) + start,
        .size = bind_here(binder) - start,
    };
    int status = declaration_check_argument(&target.expected, value, &err);
    if (status < 0)
        add_problem(binder, target, at, err.message);
    return status == 0;
}

/* --- Filling ------------------------------------------------------------- */

void bind_finish(struct binder *binder, struct target target, size_t start)
{
    struct segment segment = {
        .kind = SEGMENT_LITERAL,
        .span = { start, bind_here(binder) - start },
    };
    if (!target.apart)
        bind_note(binder, template_add_segment(binder->template, segment));
}

/* Whether the quotes around SCALAR are all that is wrong with its type. */
static bool is_only_quoted(const struct node *scalar, enum drover_type expected)
{
    struct node bare = *scalar;
    bool b;
    double real;
    bare.plain = true;
    return !scalar->plain &&
           ((expected == DROVER_BOOL && node_get_bool(&bare, &b)) ||
            (expected == DROVER_INT && node_scalar_type(&bare) == NODE_INT) ||
            (expected == DROVER_FLOAT && node_get_float(&bare, &real)));
}

/* Whether SCALAR is meant to be an int, but there is no such int. */
static bool is_lost_int(const struct node *scalar, enum drover_type expected)
{
    return expected == DROVER_INT && node_is_beyond_ints(scalar);
}

static void bind_scalar(struct binder *binder, struct target target,
                        const struct node *node)
{
    size_t start = bind_here(binder);
    enum drover_type expected = target.expected.type;
    char got[192];
    bind_note(binder,
              literal_put_scalar(&binder->template->bytes, node, expected));
    if (is_only_quoted(node, expected))
        bind_complain(binder, target, node->at,
                      "a text; write it without quotes");
    else if (is_lost_int(node, expected))
        bind_complain(binder, target, node->at,
                      node_describe(node, got, sizeof got));
    else
        bind_check(binder, target, node->at, start);
    bind_finish(binder, target, start);
}

/* Whether the target may be filled with a list, or a map. */
static bool is_open_to(struct target target, enum drover_type type)
{
    return target.expected.type == DROVER_ANY || target.expected.type == type;
}

static void bind_list(struct binder *binder, struct target target,
                      const struct node *node)
{
    if (!is_open_to(target, DROVER_LIST)) {
        bind_complain(binder, target, node->at, "a list");
        return;
    }
    struct target element = { .expected = declaration_element(&target.expected),
                              .apart = target.apart };
    size_t start = bind_here(binder);
    bind_note(binder,
              value_put_list_head(&binder->template->bytes, node->count));
    bind_finish(binder, target, start);
    for (size_t i = 0; i < node->count; i++)
        bind_node(binder, element, node->items[i]);
}

static void bind_key(struct binder *binder, struct target target,
                     const char *key)
{
    size_t start = bind_here(binder);
    bind_note(binder,
              value_put_text(&binder->template->bytes, key, strlen(key)));
    bind_finish(binder, target, start);
}

static void bind_map(struct binder *binder, struct target target,
                     const struct node *node)
{
    if (!is_open_to(target, DROVER_MAP)) {
        bind_complain(binder, target, node->at, "a map");
        return;
    }
    struct target inside = { .expected = { .name = target.expected.name },
                             .apart = target.apart };
    size_t start = bind_here(binder);
    bind_note(binder,
              value_put_map_head(&binder->template->bytes, node->count));
    bind_finish(binder, target, start);
    for (size_t i = 0; i < node->count; i++) {
        bind_key(binder, target, node->pairs[i].key->text);
        bind_node(binder, inside, node->pairs[i].value);
    }
}

void bind_node(struct binder *binder, struct target target,
               const struct node *node)
{
    switch (node->kind) {
    case NODE_LIST:
        bind_list(binder, target, node);
        break;
    case NODE_MAP:
        bind_map(binder, target, node);
        break;
    case NODE_SCALAR:
        if (!target.apart && strchr(node->text, '$') != NULL)
            bind_substituted(binder, target, node);
        else
            bind_scalar(binder, target, node);
        break;
    }
}

/* --- Arguments ----------------------------------------------------------- */

void bind_begin(struct binder *binder, size_t count)
{
    struct target all = { .apart = false };
    size_t start = bind_here(binder);
    bind_note(binder, value_put_map_head(&binder->template->bytes, count));
    bind_finish(binder, all, start);
}

void bind_with(struct binder *binder, const struct drover_param *param,
               const struct node *value)
{
    struct target target = { .expected = *param };
    bind_key(binder, target, param->name);
    bind_node(binder, target, value);
}

void bind_each(struct binder *binder, const struct drover_param *param,
               size_t each)
{
    struct target target = { .expected = *param };
    bind_key(binder, target, param->name);
    bind_each_name(binder, target, each, binder->stage->each[each].at);
}

void bind_fallback(struct binder *binder, const struct drover_param *param)
{
    struct target target = { .expected = *param };
    struct drover_value value;
    bind_key(binder, target, param->name);
    struct drover_builder *builder = drover_builder_create();
    if (builder == NULL) {
        bind_note(binder, -ENOMEM);
        return;
    }
    size_t start = bind_here(binder);
    declaration_build_fallback(builder, param);
    int status = drover_builder_value(builder, &value, NULL);
    if (status == 0)
        status = value_put_raw(&binder->template->bytes, value);
    bind_note(binder, status);
    bind_finish(binder, target, start);
    drover_builder_destroy(builder);
}

void bind_address(struct binder *binder)
{
    struct template *template = binder->template;
    template->address = template->piece_count;
    bind_pieces(binder, binder->stage->background->text);
    template->address_count = template->piece_count - template->address;
}
