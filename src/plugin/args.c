/* [worker] The getters of a call's arguments. */
#include <stdlib.h>
#include <string.h>

#include "plugin/call.h"

/* A text argument as a C string, made when first asked for. */
struct call_text {
    struct call_text *next;
    size_t param;
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

/* Which parameter NAME is; DROVER_PARAMS_MAX, and the call fails, when it is
 * not declared. */
static size_t find(struct drover_call *call, const char *name)
{
    for (size_t i = 0; i < call->param_count; i++)
        if (strcmp(call->params[i]->name, name) == 0)
            return i;
    call_misused(call,
                 "task %s asked for the argument \"%s\", which it does not "
                 "declare",
                 call->task->name, name);
    return DROVER_PARAMS_MAX;
}

static void wrong_type(struct drover_call *call, const char *name,
                       const char *asked, struct drover_value value)
{
    call_misused(call, "task %s asked for the argument \"%s\" as %s, it is %s",
                 call->task->name, name, asked,
                 drover_type_name(drover_value_type(value)));
}

struct drover_value drover_arg_value(struct drover_call *call, const char *name)
{
    size_t i = find(call, name);
    return i < call->param_count ? call->args[i] : (struct drover_value){ 0 };
}

bool drover_arg_given(struct drover_call *call, const char *name)
{
    enum drover_type type = drover_value_type(drover_arg_value(call, name));
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
    if (drover_value_get_int(value, &result) < 0)
        wrong_type(call, name, "int of 64 bits", value);
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

static const char *known_text(const struct drover_call *call, size_t param)
{
    for (const struct call_text *text = call->texts; text; text = text->next)
        if (text->param == param)
            return text->text;
    return NULL;
}

const char *drover_arg_text(struct drover_call *call, const char *name)
{
    size_t i = find(call, name);
    if (i >= call->param_count)
        return "";
    const char *known = known_text(call, i);
    if (known != NULL)
        return known;
    const char *bytes;
    size_t size;
    if (drover_value_get_text(call->args[i], &bytes, &size) < 0) {
        wrong_type(call, name, "text", call->args[i]);
        return "";
    }
    struct call_text *text = malloc(sizeof *text + size + 1);
    if (text == NULL) {
        call_misused(call, "out of memory");
        return "";
    }
    text->next = call->texts;
    text->param = i;
    memcpy(text->text, bytes, size);
    text->text[size] = '\0';
    call->texts = text;
    return text->text;
}

struct drover_value drover_call_args(struct drover_call *call)
{
    return call->all_args;
}
