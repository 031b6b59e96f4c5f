#include "plugin/declaration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plugin/declaration_tables.h"

/* --- The fields, described once for both directions ---------------------- */

enum field_kind {
    FIELD_TEXT,
    FIELD_TYPE,
    FIELD_BOOL,
    FIELD_FLOAT,
    FIELD_FLAGS
};

struct field {
    const char *key;
    enum field_kind kind;
    size_t offset;
};

#define FIELD(kind, type, member)                                              \
    {                                                                          \
#member, kind, offsetof(struct type, member)                           \
    }
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static const struct field declaration_fields[] = {
    FIELD(FIELD_TEXT, declaration, name),
    FIELD(FIELD_TEXT, declaration, version),
    FIELD(FIELD_TEXT, declaration, summary),
    FIELD(FIELD_TEXT, declaration, path),
    FIELD(FIELD_TEXT, declaration, build_id),
};
static const struct field task_fields[] = {
    FIELD(FIELD_TEXT, drover_task, name),
    FIELD(FIELD_TEXT, drover_task, summary),
    FIELD(FIELD_FLAGS, drover_task, flags),
};
static const struct field param_fields[] = {
    FIELD(FIELD_TEXT, drover_param, name),
    FIELD(FIELD_TYPE, drover_param, type),
    FIELD(FIELD_TYPE, drover_param, items),
    FIELD(FIELD_TEXT, drover_param, fallback),
    FIELD(FIELD_BOOL, drover_param, optional),
    FIELD(FIELD_FLOAT, drover_param, min),
    FIELD(FIELD_FLOAT, drover_param, max),
    FIELD(FIELD_TEXT, drover_param, unit),
    FIELD(FIELD_TEXT, drover_param, shape),
    FIELD(FIELD_TEXT, drover_param, doc),
};
static const struct field result_fields[] = {
    FIELD(FIELD_TYPE, drover_result, type),
    FIELD(FIELD_TYPE, drover_result, items),
    FIELD(FIELD_TEXT, drover_result, unit),
    FIELD(FIELD_TEXT, drover_result, shape),
    FIELD(FIELD_TEXT, drover_result, doc),
};

/* A field's value, of the member that its kind names. */
struct field_value {
    const char *text;
    enum drover_type type;
    bool yes;
    double real;
    unsigned flags;
};

/* The member of VALUE that holds fields of KIND, and its size. */
static void *member(struct field_value *value, enum field_kind kind,
                    size_t *size)
{
    switch (kind) {
    case FIELD_TEXT:
        *size = sizeof value->text;
        return &value->text;
    case FIELD_TYPE:
        *size = sizeof value->type;
        return &value->type;
    case FIELD_BOOL:
        *size = sizeof value->yes;
        return &value->yes;
    case FIELD_FLOAT:
        *size = sizeof value->real;
        return &value->real;
    case FIELD_FLAGS:
        break;
    }
    *size = sizeof value->flags;
    return &value->flags;
}

static struct field_value field_load(const struct field *field,
                                     const void *object)
{
    struct field_value value = { 0 };
    size_t size;
    void *to = member(&value, field->kind, &size);
    memcpy(to, (const char *)object + field->offset, size);
    return value;
}

static void field_store(const struct field *field, struct field_value value,
                        void *object)
{
    size_t size;
    const void *from = member(&value, field->kind, &size);
    memcpy((char *)object + field->offset, from, size);
}

/* --- Encoding ------------------------------------------------------------ */

static void encode_field(struct drover_builder *builder,
                         const struct field *field, const void *object)
{
    struct field_value value = field_load(field, object);
    bool absent = value.text == NULL && value.type == DROVER_ANY &&
                  !value.yes && value.real == 0 && value.flags == 0;
    if (absent)
        return;
    drover_build_text(builder, field->key);
    switch (field->kind) {
    case FIELD_TEXT:
        drover_build_text(builder, value.text);
        break;
    case FIELD_TYPE:
        drover_build_text(builder, drover_type_name(value.type));
        break;
    case FIELD_BOOL:
        drover_build_bool(builder, value.yes);
        break;
    case FIELD_FLOAT:
        drover_build_float(builder, value.real);
        break;
    case FIELD_FLAGS:
        drover_build_uint(builder, value.flags);
        break;
    }
}

static void encode_fields(struct drover_builder *builder,
                          const struct field *fields, size_t count,
                          const void *object)
{
    for (size_t i = 0; i < count; i++)
        encode_field(builder, &fields[i], object);
}

static void encode_params(struct drover_builder *builder,
                          const struct drover_plugin *plugin,
                          const struct drover_task *task)
{
    drover_build_list_begin(builder);
    for (size_t i = 0; tables_has_param(plugin, task, i); i++) {
        struct drover_param param = tables_param(plugin, task, i);
        drover_build_map_begin(builder);
        encode_fields(builder, param_fields, COUNT_OF(param_fields), &param);
        drover_build_map_end(builder);
    }
    drover_build_list_end(builder);
}

static void encode_task(struct drover_builder *builder,
                        const struct drover_plugin *plugin,
                        const struct drover_task *task)
{
    drover_build_map_begin(builder);
    encode_fields(builder, task_fields, COUNT_OF(task_fields), task);
    drover_build_text(builder, "params");
    encode_params(builder, plugin, task);
    drover_build_text(builder, "result");
    drover_build_map_begin(builder);
    encode_fields(builder, result_fields, COUNT_OF(result_fields),
                  &task->result);
    drover_build_map_end(builder);
    drover_build_map_end(builder);
}

void declaration_encode(struct drover_builder *builder,
                        const struct drover_plugin *plugin, const char *path,
                        const char *build_id)
{
    struct declaration head = { .name = plugin->name,
                                .version = plugin->version,
                                .summary = plugin->summary,
                                .path = path,
                                .build_id = build_id };
    drover_build_map_begin(builder);
    encode_fields(builder, declaration_fields, COUNT_OF(declaration_fields),
                  &head);
    drover_build_text(builder, "tasks");
    drover_build_list_begin(builder);
    for (size_t i = 0; i < plugin->task_count; i++) {
        struct drover_task task = tables_task(plugin, i);
        encode_task(builder, plugin, &task);
    }
    drover_build_list_end(builder);
    drover_build_map_end(builder);
}

/* --- Decoding ------------------------------------------------------------ */

/* All that a declaration points to.
 *
 * texts   one after the other, each ended by NUL. Encoded, a text takes a byte
 *         at least beside its own, so all fit in the size of the value
 * params  of all tasks, each task's ended by an entry without a name */
struct declaration_memory {
    char *texts;
    size_t texts_size;
    struct drover_param *params;
    size_t param_count;
};

static int decode_text(struct declaration_memory *memory,
                       struct drover_value value, const char **out)
{
    const char *text;
    size_t size;
    if (drover_value_get_text(value, &text, &size) < 0 ||
        memchr(text, '\0', size) != NULL)
        return -EPROTO;
    char *copy = memory->texts + memory->texts_size;
    memcpy(copy, text, size);
    copy[size] = '\0';
    memory->texts_size += size + 1;
    *out = copy;
    return 0;
}

static int decode_type(struct drover_value value, enum drover_type *out)
{
    for (unsigned type = DROVER_ANY; type <= DROVER_ARRAY; type++)
        if (drover_value_is_text(value, drover_type_name(type))) {
            *out = (enum drover_type)type;
            return 0;
        }
    return -EPROTO;
}

static int decode_flags(struct drover_value value, unsigned *out)
{
    uint64_t flags;
    if (drover_value_get_uint(value, &flags) < 0 || flags > UINT32_MAX)
        return -EPROTO;
    *out = (unsigned)flags;
    return 0;
}

static int decode_field(struct declaration_memory *memory, enum field_kind kind,
                        struct drover_value value, struct field_value *out)
{
    switch (kind) {
    case FIELD_TEXT:
        return decode_text(memory, value, &out->text);
    case FIELD_TYPE:
        return decode_type(value, &out->type);
    case FIELD_BOOL:
        return drover_value_get_bool(value, &out->yes);
    case FIELD_FLOAT:
        return drover_value_get_float(value, &out->real);
    case FIELD_FLAGS:
        break;
    }
    return decode_flags(value, &out->flags);
}

static int decode_fields(struct declaration_memory *memory,
                         const struct field *fields, size_t count,
                         struct drover_value map, void *object,
                         struct drover_error *err)
{
    if (drover_value_type(map) != DROVER_MAP)
        return error_set(err, EPROTO, "a declaration has %s for a map",
                         drover_type_name(drover_value_type(map)));
    for (size_t i = 0; i < count; i++) {
        struct field_value decoded = { 0 };
        struct drover_value value;
        if (drover_map_get(map, fields[i].key, &value) < 0)
            continue;
        if (decode_field(memory, fields[i].kind, value, &decoded) < 0)
            return error_set(err, EPROTO,
                             "a declaration's \"%s\" is not what it should be",
                             fields[i].key);
        field_store(&fields[i], decoded, object);
    }
    return 0;
}

/* The list at KEY of MAP, of at most LIMIT elements. */
static int get_list(struct drover_value map, const char *key, size_t limit,
                    struct drover_value *out, struct drover_error *err)
{
    struct drover_value list;
    if (drover_map_get(map, key, &list) < 0 ||
        drover_value_type(list) != DROVER_LIST ||
        drover_value_count(list) > limit)
        return error_set(err, EPROTO,
                         "a declaration's \"%s\" is no list of at most %zu",
                         key, limit);
    *out = list;
    return 0;
}

static int decode_params(struct declaration_memory *memory,
                         struct drover_value list, struct drover_task *task,
                         struct drover_error *err)
{
    struct drover_iterator iterator = drover_iterate(list);
    struct drover_value item;
    task->params = memory->params + memory->param_count;
    while (drover_next(&iterator, &item)) {
        struct drover_param *param = &memory->params[memory->param_count++];
        int status = decode_fields(memory, param_fields, COUNT_OF(param_fields),
                                   item, param, err);
        if (status < 0)
            return status;
        if (param->name == NULL)
            return error_set(err, EPROTO, "a parameter without a name");
    }
    memory->param_count++;
    return 0;
}

static int decode_task(struct declaration_memory *memory,
                       struct drover_value value, struct drover_task *task,
                       struct drover_error *err)
{
    struct drover_value params, result;
    int status = decode_fields(memory, task_fields, COUNT_OF(task_fields),
                               value, task, err);
    if (status == 0)
        status = get_list(value, "params", DROVER_PARAMS_MAX, &params, err);
    if (status == 0)
        status = decode_params(memory, params, task, err);
    if (status == 0 && drover_map_get(value, "result", &result) < 0)
        status = error_set(err, EPROTO, "a task without a result");
    if (status == 0)
        status = decode_fields(memory, result_fields, COUNT_OF(result_fields),
                               result, &task->result, err);
    return status;
}

static struct declaration *allocate(size_t size, size_t task_count)
{
    struct declaration *declaration = calloc(1, sizeof *declaration);
    struct declaration_memory *memory = calloc(1, sizeof *memory);
    if (declaration == NULL || memory == NULL) {
        free(declaration);
        free(memory);
        return NULL;
    }
    declaration->memory = memory;
    memory->texts = malloc(size + 1);
    memory->params = calloc(task_count * (DROVER_PARAMS_MAX + 1) + 1,
                            sizeof *memory->params);
    declaration->tasks = calloc(task_count + 1, sizeof *declaration->tasks);
    if (memory->texts == NULL || memory->params == NULL ||
        declaration->tasks == NULL) {
        declaration_destroy(declaration);
        return NULL;
    }
    return declaration;
}

static int decode(struct declaration *declaration, struct drover_value value,
                  struct drover_value tasks, struct drover_error *err)
{
    struct drover_iterator iterator = drover_iterate(tasks);
    struct drover_value item;
    int status =
        decode_fields(declaration->memory, declaration_fields,
                      COUNT_OF(declaration_fields), value, declaration, err);
    while (status == 0 && drover_next(&iterator, &item))
        status =
            decode_task(declaration->memory, item,
                        &declaration->tasks[declaration->task_count++], err);
    if (status == 0 &&
        (declaration->path == NULL || declaration->build_id == NULL))
        status = error_set(err, EPROTO, "a declaration without its file");
    if (status == 0)
        status = declaration_check(declaration, err);
    if (status != -EINVAL)
        return status;
    if (err != NULL)
        err->code = EPROTO;
    return -EPROTO;
}

int declaration_decode(struct drover_value value, struct declaration **out,
                       struct drover_error *err)
{
    struct drover_value tasks;
    int status = get_list(value, "tasks", DECLARATION_LIMIT_TASKS, &tasks, err);
    if (status < 0)
        return status;
    struct declaration *declaration =
        allocate(value.size, drover_value_count(tasks));
    if (declaration == NULL)
        return error_no_memory(err);
    status = decode(declaration, value, tasks, err);
    if (status < 0) {
        declaration_destroy(declaration);
        return status;
    }
    *out = declaration;
    return 0;
}

void declaration_destroy(struct declaration *declaration)
{
    if (declaration == NULL)
        return;
    free(declaration->memory->texts);
    free(declaration->memory->params);
    free(declaration->memory);
    free(declaration->tasks);
    free(declaration);
}
