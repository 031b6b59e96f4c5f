#include "value/json.h"

#include <errno.h>

#include "base/error.h"
#include "value/array.h"
#include "value/item.h"
#include "value/json_scalar.h"

/* A list or map that is not at its end; in a map a key counts as one. */
struct level {
    bool is_map;
    uint64_t items;
    uint64_t done;
};

struct printer {
    struct buffer *out;
    unsigned flags;
    const uint8_t *at;
    const uint8_t *end;
    size_t depth;
    struct level levels[DROVER_VALUE_DEPTH_MAX];
};

/* A walk over the elements of an array. */
struct elements {
    const struct drover_array *array;
    struct drover_array one;
    const uint8_t *next;
};

static int print_element(struct printer *printer, struct elements *elements)
{
    union {
        uint8_t uint8;
        uint16_t uint16;
        uint32_t uint32;
        uint64_t uint64;
        int8_t int8;
        int16_t int16;
        int32_t int32;
        int64_t int64;
        float float32;
        double float64;
    } element;
    struct buffer *out = printer->out;
    elements->one.data = elements->next;
    elements->next += drover_element_size(elements->one.element);
    drover_array_copy(&elements->one, &element);
    switch (elements->one.element) {
    case DROVER_UINT8:
        return json_put_uint(out, element.uint8);
    case DROVER_UINT16:
        return json_put_uint(out, element.uint16);
    case DROVER_UINT32:
        return json_put_uint(out, element.uint32);
    case DROVER_UINT64:
        return json_put_uint(out, element.uint64);
    case DROVER_INT8:
        return json_put_int(out, element.int8);
    case DROVER_INT16:
        return json_put_int(out, element.int16);
    case DROVER_INT32:
        return json_put_int(out, element.int32);
    case DROVER_INT64:
        return json_put_int(out, element.int64);
    case DROVER_FLOAT32:
        return json_put_float(out, (double)element.float32, printer->flags);
    default:
        return json_put_float(out, element.float64, printer->flags);
    }
}

/* A recursion as deep as an array has dimensions. */
static int print_dimension(struct printer *printer, struct elements *elements,
                           size_t dimension)
{
    if (dimension == elements->array->dimensions)
        return print_element(printer, elements);
    int status = buffer_append(printer->out, "[", 1);
    for (size_t i = 0; i < elements->array->shape[dimension]; i++) {
        if (status == 0 && i > 0)
            status = buffer_append(printer->out, ",", 1);
        if (status == 0)
            status = print_dimension(printer, elements, dimension + 1);
        if (status < 0)
            return status;
    }
    return status < 0 ? status : buffer_append(printer->out, "]", 1);
}

static int print_array(struct printer *printer, struct item *item)
{
    struct array_item read;
    const char *reason;
    if (array_read(printer->at, (size_t)(printer->end - printer->at), &read,
                   &reason) < 0)
        return -EINVAL;
    item->size = read.size;
    struct drover_value value = { .data = printer->at, .size = read.size };
    struct drover_array array;
    if (drover_value_get_array(value, &array) < 0)
        return json_put_bytes(printer->out, read.data,
                              read.count * read.element_size);
    /* An empty array may have another dimension of any size. */
    if (array.count == 0)
        return buffer_append(printer->out, "[]", 2);
    struct elements elements = {
        .array = &array,
        .one = array,
        .next = array.data,
    };
    elements.one.count = 1;
    return print_dimension(printer, &elements, 0);
}

static int open_level(struct printer *printer, const struct item *item)
{
    bool is_map = item->kind == ITEM_MAP;
    if (item->number == 0)
        return buffer_append(printer->out, is_map ? "{}" : "[]", 2);
    if (printer->depth == DROVER_VALUE_DEPTH_MAX)
        return -EINVAL;
    printer->levels[printer->depth++] = (struct level){
        .is_map = is_map,
        .items = is_map ? 2 * item->number : item->number,
    };
    return buffer_append(printer->out, is_map ? "{" : "[", 1);
}

static int print_item(struct printer *printer, struct item *item)
{
    struct buffer *out = printer->out;
    switch (item->kind) {
    case ITEM_UINT:
        return json_put_uint(out, item->number);
    case ITEM_NEGINT:
        if (item->number > INT64_MAX)
            return -EINVAL;
        return json_put_int(out, -1 - (int64_t)item->number);
    case ITEM_FLOAT:
        return json_put_float(out, item->real, printer->flags);
    case ITEM_BOOL:
        return buffer_append_text(out, item->number != 0 ? "true" : "false");
    case ITEM_NULL:
        return buffer_append(out, "null", 4);
    case ITEM_TEXT:
        return json_put_text(out, item->content, item->number);
    case ITEM_BYTES:
        return json_put_bytes(out, item->content, item->number);
    case ITEM_LIST:
    case ITEM_MAP:
        return open_level(printer, item);
    case ITEM_TAG:
        return print_array(printer, item);
    default:
        return -EINVAL;
    }
}

/* What stands between the last item and this one. */
static int print_separator(struct printer *printer, const struct item *item)
{
    if (printer->depth == 0)
        return 0;
    struct level *level = &printer->levels[printer->depth - 1];
    uint64_t index = level->done++;
    bool is_key = level->is_map && index % 2 == 0;
    if (is_key && item->kind != ITEM_TEXT)
        return -EINVAL;
    if (index == 0)
        return 0;
    return buffer_append(printer->out, level->is_map && !is_key ? ":" : ",", 1);
}

static int close_levels(struct printer *printer)
{
    int status = 0;
    while (status == 0 && printer->depth > 0) {
        const struct level *level = &printer->levels[printer->depth - 1];
        if (level->done < level->items)
            return 0;
        status = buffer_append(printer->out, level->is_map ? "}" : "]", 1);
        printer->depth--;
    }
    return status;
}

static int step(struct printer *printer)
{
    struct item item;
    if (item_read(printer->at, (size_t)(printer->end - printer->at), &item) < 0)
        return -EINVAL;
    int status = print_separator(printer, &item);
    if (status == 0)
        status = print_item(printer, &item);
    if (status < 0)
        return status;
    printer->at += item.size;
    return close_levels(printer);
}

int value_print_json(struct buffer *out, struct drover_value value,
                     unsigned flags)
{
    struct printer printer;
    if (value.size == 0)
        return -EINVAL;
    printer.out = out;
    printer.flags = flags;
    printer.at = value.data;
    printer.end = printer.at + value.size;
    printer.depth = 0;
    size_t size_before = buffer_size(out);
    int status = step(&printer);
    while (status == 0 && printer.depth > 0)
        status = step(&printer);
    if (status < 0)
        out->end = out->start + size_before;
    return status;
}

int drover_value_to_json(struct drover_value value, unsigned flags, char **text,
                         struct drover_error *err)
{
    struct buffer out = BUFFER_INIT(SIZE_MAX / 2);
    int status = value_print_json(&out, value, flags);
    if (status == 0)
        status = buffer_append(&out, "", 1);
    if (status < 0) {
        buffer_clear(&out);
        if (status == -EINVAL)
            return error_set(err, EINVAL, "a value that is not well-formed");
        return error_no_memory(err);
    }
    *text = (char *)out.data;
    return 0;
}

int value_print_plain(struct buffer *out, struct drover_value value,
                      unsigned flags)
{
    const char *text;
    size_t size;
    if (drover_value_get_text(value, &text, &size) == 0)
        return buffer_append(out, text, size);
    return value_print_json(out, value, flags);
}
