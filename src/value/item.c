#include "value/item.h"

#include <cbor.h>
#include <errno.h>

static void set_number(struct item *item, enum item_kind kind, uint64_t number)
{
    item->kind = kind;
    item->number = number;
}

static void refuse(struct item *item, const char *reason)
{
    item->kind = ITEM_REFUSED;
    item->reason = reason;
}

static void on_uint8(void *item, uint8_t number)
{
    set_number(item, ITEM_UINT, number);
}

static void on_uint16(void *item, uint16_t number)
{
    set_number(item, ITEM_UINT, number);
}

static void on_uint32(void *item, uint32_t number)
{
    set_number(item, ITEM_UINT, number);
}

static void on_uint64(void *item, uint64_t number)
{
    set_number(item, ITEM_UINT, number);
}

static void on_negint8(void *item, uint8_t number)
{
    set_number(item, ITEM_NEGINT, number);
}

static void on_negint16(void *item, uint16_t number)
{
    set_number(item, ITEM_NEGINT, number);
}

static void on_negint32(void *item, uint32_t number)
{
    set_number(item, ITEM_NEGINT, number);
}

static void on_negint64(void *item, uint64_t number)
{
    set_number(item, ITEM_NEGINT, number);
}

static void on_bytes(void *context, cbor_data bytes, size_t size)
{
    struct item *item = context;
    set_number(item, ITEM_BYTES, size);
    item->content = bytes;
}

static void on_text(void *context, cbor_data text, size_t size)
{
    struct item *item = context;
    set_number(item, ITEM_TEXT, size);
    item->content = text;
}

static void on_list(void *item, size_t count)
{
    set_number(item, ITEM_LIST, count);
}

static void on_map(void *item, size_t count)
{
    set_number(item, ITEM_MAP, count);
}

static void on_tag(void *item, uint64_t tag)
{
    set_number(item, ITEM_TAG, tag);
}

static void on_double(void *context, double real)
{
    struct item *item = context;
    item->kind = ITEM_FLOAT;
    item->real = real;
}

static void on_float(void *context, float real)
{
    on_double(context, (double)real);
}

static void on_null(void *item)
{
    set_number(item, ITEM_NULL, 0);
}

static void on_bool(void *item, bool b)
{
    set_number(item, ITEM_BOOL, b);
}

static void on_undefined(void *item)
{
    refuse(item, "'undefined' is no value");
}

static void on_indefinite(void *item)
{
    refuse(item, "indefinite lengths are not accepted");
}

static void on_break(void *item)
{
    refuse(item, "a break ends nothing");
}

static const struct cbor_callbacks callbacks = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint8 = on_negint8,
    .negint16 = on_negint16,
    .negint32 = on_negint32,
    .negint64 = on_negint64,
    .byte_string_start = on_indefinite,
    .byte_string = on_bytes,
    .string = on_text,
    .string_start = on_indefinite,
    .indef_array_start = on_indefinite,
    .array_start = on_list,
    .indef_map_start = on_indefinite,
    .map_start = on_map,
    .tag = on_tag,
    .float2 = on_float,
    .float4 = on_float,
    .float8 = on_double,
    .undefined = on_undefined,
    .null = on_null,
    .boolean = on_bool,
    .indef_break = on_break,
};

/* Read an item whose number is part of its first byte. Most heads are such
 * ones, and a call of the library takes three times as long. Returns whether
 * it was one. */
static bool read_short(const uint8_t *bytes, size_t size, struct item *item)
{
    static const enum item_kind kinds[] = {
        ITEM_UINT, ITEM_NEGINT, ITEM_BYTES, ITEM_TEXT, ITEM_LIST, ITEM_MAP,
    };
    enum { NUMBER_BITS = 5, NUMBER_MASK = 31, NUMBERS = 24 };
    unsigned major = bytes[0] >> NUMBER_BITS, number = bytes[0] & NUMBER_MASK;
    if (number >= NUMBERS || major >= sizeof kinds / sizeof kinds[0])
        return false;
    bool has_content = kinds[major] == ITEM_BYTES || kinds[major] == ITEM_TEXT;
    item->size = has_content ? 1 + (size_t)number : 1;
    if (item->size > size)
        return false;
    set_number(item, kinds[major], number);
    item->content = bytes + 1;
    return true;
}

int item_read(const uint8_t *bytes, size_t size, struct item *item)
{
    if (size > 0 && read_short(bytes, size, item))
        return 0;
    refuse(item, "this head is not accepted");
    struct cbor_decoder_result result =
        cbor_stream_decode(bytes, size, &callbacks, item);
    if (result.status == CBOR_DECODER_NEDATA)
        refuse(item, "the value ends too early");
    item->size = result.read;
    return item->kind == ITEM_REFUSED ? -EPROTO : 0;
}

size_t value_item_size(struct drover_value value)
{
    const uint8_t *bytes = value.data;
    size_t used = 0;
    if (value.size == 0)
        return 0;
    for (uint64_t promised = 1; promised > 0; promised--) {
        struct item item;
        if (item_read(bytes + used, value.size - used, &item) < 0)
            return 0;
        used += item.size;
        bool holds = item.kind == ITEM_LIST || item.kind == ITEM_MAP;
        uint64_t inside = holds ? item.number : item.kind == ITEM_TAG;
        uint64_t left = value.size - used;
        if (inside > left)
            return 0;
        promised += item.kind == ITEM_MAP ? 2 * inside : inside;
        if (promised - 1 > left)
            return 0;
    }
    return used;
}
