/* Values: typed data as one well-formed CBOR item (RFC 8949).
 *
 * A value in C is a view: a pointer and a size on bytes that somebody else
 * owns. Views are passed by value; nothing here frees what they point to, and
 * a view is valid for as long as those bytes are. Getters never allocate.
 *
 * Only definite lengths are used and accepted. Numeric arrays are the typed
 * arrays of RFC 8746: tags 64 to 87, inside tag 40 where they have more than
 * one dimension. Maps have text keys, each at most once.
 *
 * The getters expect well-formed bytes: views from a builder, from a call's
 * arguments or from an iterator always are. Pass bytes of any other origin to
 * drover_value_check() first. */
#ifndef DROVER_VALUE_H
#define DROVER_VALUE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/error.h>
#include <drover/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Containers may be nested this deep. */
#define DROVER_VALUE_DEPTH_MAX 64

/* An array has at most so many dimensions. */
#define DROVER_ARRAY_DIMENSIONS_MAX 8

enum drover_type {
    DROVER_ANY, /* in declarations: no matter which; of a view: no value */
    DROVER_NULL,
    DROVER_BOOL,
    DROVER_INT, /* -2^63 .. 2^64 - 1 */
    DROVER_FLOAT,
    DROVER_TEXT, /* UTF-8 */
    DROVER_BYTES,
    DROVER_LIST,
    DROVER_MAP,
    DROVER_ARRAY,
};

struct drover_value {
    const void *data;
    size_t size;
};

/* The name of TYPE as it stands in messages and documents: "int", "text". */
DROVER_PUBLIC const char *drover_type_name(enum drover_type type);

/* Check that VALUE is exactly one well-formed item: definite lengths only,
 * valid UTF-8, text keys without duplicates, depth at most
 * DROVER_VALUE_DEPTH_MAX, arrays whose sizes fit their shape, no trailing
 * bytes. Work is bounded by the size of the view, whatever lengths it claims.
 *
 * Returns 0, -EPROTO, or -ENOMEM (a map of many keys).
 * Source: RFC 8949 sections 3 and 5, RFC 8746; unlike there, an array may have
 * a dimension of 0. */
DROVER_PUBLIC int drover_value_check(struct drover_value value,
                                     struct drover_error *err);

/* The type of VALUE; DROVER_ANY when the view is empty. */
DROVER_PUBLIC enum drover_type drover_value_type(struct drover_value value);

/* Getters. Each returns 0, or -EINVAL when VALUE is of another type, or
 * -ERANGE when its number does not fit; *OUT is then untouched.
 *
 * get_float also takes an int, rounded to the nearest double.
 * get_text and get_bytes give a borrowed pointer, not terminated by NUL. */
DROVER_PUBLIC int drover_value_get_bool(struct drover_value value, bool *out);
DROVER_PUBLIC int drover_value_get_int(struct drover_value value, int64_t *out);
DROVER_PUBLIC int drover_value_get_uint(struct drover_value value,
                                        uint64_t *out);
DROVER_PUBLIC int drover_value_get_float(struct drover_value value,
                                         double *out);
DROVER_PUBLIC int drover_value_get_text(struct drover_value value,
                                        const char **text, size_t *size_bytes);
DROVER_PUBLIC int drover_value_get_bytes(struct drover_value value,
                                         const void **bytes,
                                         size_t *size_bytes);

/* How many elements a list has, or pairs a map; 0 for everything else. */
DROVER_PUBLIC size_t drover_value_count(struct drover_value value);

/* Whether VALUE is the text TEXT (terminated by NUL). */
DROVER_PUBLIC bool drover_value_is_text(struct drover_value value,
                                        const char *text);

/* Whether both values are the same bytes. */
DROVER_PUBLIC bool drover_value_equal(struct drover_value a,
                                      struct drover_value b);

/* A walk over a list or a map. The fields are the library's own. */
struct drover_iterator {
    const uint8_t *next;
    const uint8_t *end;
    size_t left;
};

/* Begin a walk over the list or map VALUE. Anything else walks like an empty
 * list. */
DROVER_PUBLIC struct drover_iterator drover_iterate(struct drover_value value);

/* Step to the next element of a list. Returns false at the end. */
DROVER_PUBLIC bool drover_next(struct drover_iterator *iterator,
                               struct drover_value *item);

/* Step to the next pair of a map. Returns false at the end. */
DROVER_PUBLIC bool drover_next_pair(struct drover_iterator *iterator,
                                    struct drover_value *key,
                                    struct drover_value *item);

/* Element INDEX (from 0) of a list; walks from the front.
 * Returns 0, -EINVAL when VALUE is no list, -ENOENT past its end. */
DROVER_PUBLIC int drover_list_get(struct drover_value value, size_t index,
                                  struct drover_value *out);

/* The value at KEY of a map; walks from the front.
 * Returns 0, -EINVAL when VALUE is no map, -ENOENT without such a key. */
DROVER_PUBLIC int drover_map_get(struct drover_value value, const char *key,
                                 struct drover_value *out);

/* Element types of arrays, in the byte order of this machine once read. */
enum drover_element {
    DROVER_UINT8,
    DROVER_UINT16,
    DROVER_UINT32,
    DROVER_UINT64,
    DROVER_INT8,
    DROVER_INT16,
    DROVER_INT32,
    DROVER_INT64,
    DROVER_FLOAT32,
    DROVER_FLOAT64,
};

/* What an array value holds, row-major.
 *
 * data            borrowed; may be unaligned, so read it with memcpy or
 *                 drover_array_copy()
 * foreign_order   the bytes of each element are in the other byte order */
struct drover_array {
    enum drover_element element;
    size_t dimensions;
    size_t shape[DROVER_ARRAY_DIMENSIONS_MAX];
    size_t count;
    const void *data;
    bool foreign_order;
};

/* Bytes of one element. */
DROVER_PUBLIC size_t drover_element_size(enum drover_element element);

/* Look into an array value.
 * Returns 0, -EINVAL when VALUE is no array, -ENOTSUP for element types that
 * C has no standard type for (16 and 128 bit floats). */
DROVER_PUBLIC int drover_value_get_array(struct drover_value value,
                                         struct drover_array *out);

/* Copy all elements, in this machine's byte order, to OUT, which has room for
 * array->count elements of the array's own type. */
DROVER_PUBLIC void drover_array_copy(const struct drover_array *array,
                                     void *out);

/* Makes values. The first failure sticks: later calls do nothing, and
 * drover_builder_value() reports it. So calls need no check each. */
struct drover_builder;

/* Returns NULL when there is no memory. Destroy takes NULL. */
DROVER_PUBLIC struct drover_builder *drover_builder_create(void);
DROVER_PUBLIC void drover_builder_destroy(struct drover_builder *builder);

/* Forget what was built, and any failure; keep the memory. */
DROVER_PUBLIC void drover_builder_reset(struct drover_builder *builder);

/* The finished value, borrowed until the builder is reset, added to or
 * destroyed. Returns 0, or the first failure: -ENOMEM, -EINVAL (a text that
 * is no UTF-8, a container left open, a key that is no text or is there twice,
 * two values at the top, nothing built, bytes that are no value), -E2BIG
 * (nested deeper than DROVER_VALUE_DEPTH_MAX), -EMSGSIZE (more than
 * 256 MiB). */
DROVER_PUBLIC int drover_builder_value(struct drover_builder *builder,
                                       struct drover_value *out,
                                       struct drover_error *err);

/* Add one value: to the list or map that is open, else at the top. In a map
 * keys and values take turns; a key is a text. */
DROVER_PUBLIC void drover_build_null(struct drover_builder *builder);
DROVER_PUBLIC void drover_build_bool(struct drover_builder *builder, bool b);
DROVER_PUBLIC void drover_build_int(struct drover_builder *builder, int64_t i);
DROVER_PUBLIC void drover_build_uint(struct drover_builder *builder,
                                     uint64_t i);
DROVER_PUBLIC void drover_build_float(struct drover_builder *builder, double d);
DROVER_PUBLIC void drover_build_text(struct drover_builder *builder,
                                     const char *text);
DROVER_PUBLIC void drover_build_text_sized(struct drover_builder *builder,
                                           const char *text, size_t size_bytes);
DROVER_PUBLIC void drover_build_bytes(struct drover_builder *builder,
                                      const void *bytes, size_t size_bytes);
/* A copy of VALUE, which is checked: see drover_value_check(). */
DROVER_PUBLIC void drover_build_value(struct drover_builder *builder,
                                      struct drover_value value);

/* An array of the given shape, copied from DATA (this machine's byte order,
 * row-major, the product of the shape times drover_element_size() bytes).
 *
 * dimensions  1..DROVER_ARRAY_DIMENSIONS_MAX */
DROVER_PUBLIC void drover_build_array(struct drover_builder *builder,
                                      enum drover_element element,
                                      size_t dimensions, const size_t *shape,
                                      const void *data);

/* Lists and maps: begin, add, end. */
DROVER_PUBLIC void drover_build_list_begin(struct drover_builder *builder);
DROVER_PUBLIC void drover_build_list_end(struct drover_builder *builder);
DROVER_PUBLIC void drover_build_map_begin(struct drover_builder *builder);
DROVER_PUBLIC void drover_build_map_end(struct drover_builder *builder);

/* Build by a format, one letter a value; blanks, commas and colons between
 * them are for the reader and mean nothing.
 *
 *   n  null                       i  int             I  int64_t
 *   b  bool (passed as int)       U  uint64_t        f  double
 *   s  const char *, text         S  const char *, size_t: text
 *   y  const void *, size_t: bytes
 *   v  struct drover_value
 *   [ ]  list                     { }  map: keys are s, then a value each
 *
 * Example: drover_build_pack(b, "{s: i, s: [f, f]}", "i", 1, "at", x, y);
 * No text may be NULL. A bad format is a failure of the builder (-EINVAL). */
DROVER_PUBLIC void drover_build_pack(struct drover_builder *builder,
                                     const char *format, ...);
DROVER_PUBLIC void drover_build_pack_v(struct drover_builder *builder,
                                       const char *format, va_list arguments);

/* The reverse: take VALUE apart by a format. Letters as for packing, each
 * with a pointer to where the result goes; b takes bool *, s takes
 * const char ** and S const char **, size_t * (both borrowed; s, too, is not
 * terminated by NUL and so only of use in a map's keys), v takes
 * struct drover_value *. In a map each key is given as const char * by an s,
 * and the value is looked up by it; "s?" marks a key that may be missing, whose
 * targets are then untouched. A list must have as many elements as named.
 *
 * Returns 0, -EINVAL (something else is there; says where), -ENOENT (a key is
 * missing), -ERANGE (a number does not fit). On failure some targets may have
 * been written. */
DROVER_PUBLIC int drover_value_unpack(struct drover_value value,
                                      struct drover_error *err,
                                      const char *format, ...);

/* How drover_value_to_json() writes what JSON has no form for. */
enum drover_json_flags {
    DROVER_JSON_NAN_NULL = 0, /* NaN and the infinities become null */
    DROVER_JSON_NAN_TEXT = 1, /* ... become "NaN", "Infinity", "-Infinity" */
};

/* VALUE as JSON text (RFC 8259) on one line, terminated by NUL: integers
 * exact, floats in the shortest form that reads back the same (always with a
 * point or an exponent), bytes as base64url without padding (RFC 4648), arrays
 * as nested lists, an array without elements as []. Arrays of 16 and 128 bit
 * floats are written as their bytes.
 *
 * Returns 0 with *TEXT to be freed by the caller with free(), -ENOMEM, or
 * -EINVAL when VALUE is not well-formed. */
DROVER_PUBLIC int drover_value_to_json(struct drover_value value,
                                       unsigned flags, char **text,
                                       struct drover_error *err);

#ifdef __cplusplus
}
#endif

#endif
