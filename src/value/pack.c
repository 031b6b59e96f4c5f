#include <errno.h>

#include <drover/value.h>

#include "value/builder.h"
#include "value/format.h"

/* A va_list is an array on some machines: inside a struct it can be passed by
 * pointer on all of them. */
struct pack {
    struct drover_builder *builder;
    va_list arguments;
};

static void pack_text_sized(struct pack *pack)
{
    const char *text = va_arg(pack->arguments, const char *);
    size_t size = va_arg(pack->arguments, size_t);
    drover_build_text_sized(pack->builder, text, size);
}

static void pack_bytes(struct pack *pack)
{
    const void *bytes = va_arg(pack->arguments, const void *);
    size_t size = va_arg(pack->arguments, size_t);
    drover_build_bytes(pack->builder, bytes, size);
}

static void pack_container(struct drover_builder *builder, char letter)
{
    switch (letter) {
    case '[':
        drover_build_list_begin(builder);
        break;
    case ']':
        drover_build_list_end(builder);
        break;
    case '{':
        drover_build_map_begin(builder);
        break;
    case '}':
        drover_build_map_end(builder);
        break;
    default:
        builder_fail(builder, EINVAL, "a format with the letter '%c'", letter);
    }
}

static void pack_letter(struct pack *pack, char letter)
{
    struct drover_builder *builder = pack->builder;
    switch (letter) {
    case 'n':
        drover_build_null(builder);
        break;
    case 'b':
        drover_build_bool(builder, va_arg(pack->arguments, int) != 0);
        break;
    case 'i':
        drover_build_int(builder, va_arg(pack->arguments, int));
        break;
    case 'I':
        drover_build_int(builder, va_arg(pack->arguments, int64_t));
        break;
    case 'U':
        drover_build_uint(builder, va_arg(pack->arguments, uint64_t));
        break;
    case 'f':
        drover_build_float(builder, va_arg(pack->arguments, double));
        break;
    case 's':
        drover_build_text(builder, va_arg(pack->arguments, const char *));
        break;
    case 'S':
        pack_text_sized(pack);
        break;
    case 'y':
        pack_bytes(pack);
        break;
    case 'v':
        drover_build_value(builder,
                           va_arg(pack->arguments, struct drover_value));
        break;
    default:
        pack_container(builder, letter);
    }
}

void drover_build_pack_v(struct drover_builder *builder, const char *format,
                         va_list arguments)
{
    struct pack pack = { .builder = builder };
    va_copy(pack.arguments, arguments);
    /* A failure may leave arguments of types unknown: read no further. */
    for (char letter; !builder_has_failed(builder) &&
                      (letter = format_next(&format)) != '\0';)
        pack_letter(&pack, letter);
    va_end(pack.arguments);
}

void drover_build_pack(struct drover_builder *builder, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    drover_build_pack_v(builder, format, arguments);
    va_end(arguments);
}
