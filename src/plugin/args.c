/* [worker] The getters of a call's arguments. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/call.h"

/* A text argument as a C string, made when first asked for from BYTES. */
struct call_text {
    struct call_text *next;
    const void *bytes;
    char text[];
};

void call_end(struct drover_call *call)
{
    while (call->texts != NULL) {
        struct call_text *text = call->texts;
        call->texts = text->next;
        free(text);
    }
}

/* The argument NAME, or an empty view. */
static struct drover_value find(const struct drover_call *call,
                                const char *name)
{
    struct drover_value value = { 0 };
    for (size_t i = 0; i < call->param_count; i++)
        if (strcmp(call->params[i]->name, name) == 0)
            return call->args[i];
    if (call->task.declared == NULL)
        drover_map_get(call->all_args, name, &value);
    return value;
}

struct drover_value drover_arg_value(struct drover_call *call, const char *name)
{
    struct drover_value value = find(call, name);
    if (value.size == 0 && call->task.declared != NULL)
        call_misused(call,
                     "task %s asked for the argument \"%s\", which it does not "
                     "declare",
                     call->task.name, name);
    else if (value.size == 0)
        call_misused(call, "the call has no argument \"%s\"", name);
    return value;
}

static void wrong_type(struct drover_call *call, const char *name,
                       const char *asked, struct drover_value value)
{
    char task[CALL_TASK_BYTES];
    call_misused(call, "%s asked for the argument \"%s\" as %s, it is %s",
                 call_format_task(call, task, sizeof task), name, asked,
                 drover_type_name(drover_value_type(value)));
}

bool drover_arg_given(struct drover_call *call, const char *name)
{
    /* What is declared is always there. */
    struct drover_value value = call->task.declared == NULL
                                    ? find(call, name)
                                    : drover_arg_value(call, name);
    enum drover_type type = drover_value_type(value);
    return type != DROVER_NULL && type != DROVER_ANY;
}

bool drover_arg_bool(struct drover_call *call, const char *name)
{
    struct drover_value value = drover_arg_value(call, name);
    bool result = false;
    if (drover_value_get_bool(value, &result) < 0)
        wrong_type(call, name, "bool", value);
    return result;
}

int64_t drover_arg_int(struct drover_call *call, const char *name)
{
    struct drover_value value = drover_arg_value(call, name);
    int64_t result = 0;
    int status = drover_value_get_int(value, &result);
    if (status == -ERANGE)
        call_misused(call,
                     "the argument \"%s\" is beyond an int64_t; "
                     "drover_arg_value() takes it",
                     name);
    else if (status < 0)
        wrong_type(call, name, "int", value);
    return result;
}

double drover_arg_float(struct drover_call *call, const char *name)
{
    struct drover_value value = drover_arg_value(call, name);
    double result = 0;
    if (drover_value_get_float(value, &result) < 0)
        wrong_type(call, name, "float", value);
    return result;
}

static const char *known_text(const struct drover_call *call, const void *bytes)
{
    for (const struct call_text *text = call->texts; text; text = text->next)
        if (text->bytes == bytes)
            return text->text;
    return NULL;
}

static const char *copy_text(struct drover_call *call, const char *bytes,
                             size_t size)
{
    struct call_text *text = malloc(sizeof *text + size + 1);
    if (text == NULL) {
        call_misused(call, "out of memory");
        return "";
    }
    text->next = call->texts;
    text->bytes = bytes;
    memcpy(text->text, bytes, size);
    text->text[size] = '\0';
    call->texts = text;
    return text->text;
}

const char *drover_arg_text(struct drover_call *call, const char *name)
{
    struct drover_value value = drover_arg_value(call, name);
    const char *bytes;
    size_t size;
    if (drover_value_get_text(value, &bytes, &size) < 0) {
        wrong_type(call, name, "text", value);
        return "";
    }
    const char *known = known_text(call, bytes);
    if (known != NULL)
        return known;
    if (memchr(bytes, '\0', size) != NULL) {
        call_misused(call, "the argument \"%s\" has a NUL inside", name);
        return "";
    }
    return copy_text(call, bytes, size);
}

struct drover_value drover_call_args(struct drover_call *call)
{
    return call->all_args;
}
