#include "exchange/arguments.h"

#include <errno.h>

#include "base/error.h"
#include "plugin/declaration.h"
#include "value/encode.h"

static const uint8_t empty_map = 0xa0;

static int check_form(struct drover_value args, struct drover_error *err)
{
    int status = drover_value_check(args, err);
    if (status < 0)
        return error_set(err, status == -ENOMEM ? ENOMEM : EINVAL,
                         "the arguments are no well-formed value");
    if (drover_value_type(args) != DROVER_MAP)
        return error_set(err, EINVAL, "the arguments are %s, expected a map",
                         drover_type_name(drover_value_type(args)));
    return 0;
}

static int check_names(const struct drover_task *task, struct drover_value args,
                       struct drover_error *err)
{
    struct drover_iterator pairs = drover_iterate(args);
    struct drover_value key, value;
    while (drover_next_pair(&pairs, &key, &value)) {
        const struct drover_param *param = task->params;
        while (param != NULL && param->name != NULL &&
               !drover_value_is_text(key, param->name))
            param++;
        if (param == NULL || param->name == NULL) {
            const char *name;
            size_t size;
            drover_value_get_text(key, &name, &size);
            return error_set(err, EINVAL, "task %s has no parameter \"%.*s\"",
                             task->name, (int)size, name);
        }
    }
    return 0;
}

static int build_one(struct drover_builder *builder,
                     const struct drover_task *task,
                     const struct drover_param *param, struct drover_value args,
                     struct drover_error *err)
{
    struct drover_value value;
    int status = 0;
    drover_build_text(builder, param->name);
    if (drover_map_get(args, param->name, &value) == 0) {
        status = declaration_check_argument(param, value, err);
        if (status < 0)
            return error_prefix(err, "parameter \"%s\" of task %s", param->name,
                                task->name);
        drover_build_value(builder, value);
    } else if (declaration_is_required(param)) {
        status =
            error_set(err, EINVAL, "task %s needs the parameter \"%s\" (%s)",
                      task->name, param->name, drover_type_name(param->type));
    } else {
        declaration_build_fallback(builder, param);
    }
    return status;
}

static int complete(const struct drover_task *task, struct drover_value args,
                    struct drover_builder *builder, struct drover_error *err)
{
    int status = check_names(task, args, err);
    drover_build_map_begin(builder);
    for (const struct drover_param *param = task->params;
         status == 0 && param != NULL && param->name != NULL; param++)
        status = build_one(builder, task, param, args, err);
    drover_build_map_end(builder);
    return status;
}

static int put(struct buffer *out, struct drover_value args,
               struct drover_error *err)
{
    int status = value_put_raw(out, args);
    return status < 0 ? error_set(err, -status, "the arguments are too large")
                      : 0;
}

int arguments_complete(const struct drover_task *declared,
                       struct drover_value args, struct buffer *out,
                       struct drover_error *err)
{
    if (args.size == 0)
        args = (struct drover_value){ &empty_map, 1 };
    int status = check_form(args, err);
    if (status < 0 || declared == NULL)
        return status < 0 ? status : put(out, args, err);
    struct drover_builder *builder = drover_builder_create();
    if (builder == NULL)
        return error_no_memory(err);
    struct drover_value built;
    status = complete(declared, args, builder, err);
    if (status == 0)
        status = drover_builder_value(builder, &built, err);
    if (status == 0)
        status = put(out, built, err);
    drover_builder_destroy(builder);
    return status;
}
