#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct drover_error *err, int code, const char *format, ...)
{
    if (err == NULL)
        return -code;
    /* Arguments may point into the message that is being replaced. */
    char message[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    memcpy(err->message, message, sizeof message);
    err->code = code;
    return -code;
}

int error_prefix(struct drover_error *err, const char *format, ...)
{
    if (err == NULL)
        return -EIO;
    char context[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    return error_set(err, err->code, "%s: %s", context, err->message);
}

int error_no_memory(struct drover_error *err)
{
    return error_set(err, ENOMEM, "out of memory");
}
