#include "base/text.h"

#include <stdint.h>
#include <string.h>

enum { NAME_MAX_BYTES = 63 };

/* How many bytes the character at TEXT has, or 0 when it is not valid. */
static size_t character_size(const uint8_t *text, size_t size)
{
    uint8_t lead = text[0];
    if (lead < 0x80)
        return 1;
    size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || size < length)
        return 0;
    /* The second byte rules out overlong forms, surrogates and > U+10FFFF. */
    uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

size_t text_utf8_valid(const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t at = 0;
    while (at < size) {
        uint64_t eight;
        while (size - at >= sizeof eight) {
            memcpy(&eight, bytes + at, sizeof eight);
            if (eight & 0x8080808080808080u)
                break;
            at += sizeof eight;
        }
        if (at == size)
            break;
        size_t length = character_size(bytes + at, size - at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance; both texts at most NAME_MAX_BYTES. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][NAME_MAX_BYTES + 1];
    size_t a_size = strlen(a), b_size = strlen(b);
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(change, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

const char *text_nearest(const char *name, text_name_fn get,
                         const void *context, size_t count)
{
    size_t size = strlen(name);
    if (size > NAME_MAX_BYTES)
        return NULL;
    size_t tolerance = size < 6 ? 1 : size / 3;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *candidate = get(context, i);
        if (candidate == NULL || strlen(candidate) > NAME_MAX_BYTES)
            continue;
        size_t distance = edit_distance(name, candidate);
        if (distance <= tolerance) {
            nearest = candidate;
            if (distance == 0)
                break;
            tolerance = distance - 1;
        }
    }
    return nearest;
}

bool text_is_name(const char *text, bool dashes)
{
    if (text[0] < 'a' || text[0] > 'z')
        return false;
    size_t size = 1;
    for (; text[size] != '\0'; size++) {
        char c = text[size];
        bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        if (!letter && !digit && c != '_' && !(dashes && c == '-'))
            return false;
    }
    return size <= NAME_MAX_BYTES;
}

/* C0, DEL, and in UTF-8 the C1 controls. */
static bool is_control(const uint8_t *text, size_t size)
{
    return text[0] < 0x20 || text[0] == 0x7f ||
           (size > 1 && text[0] == 0xc2 && text[1] >= 0x80 && text[1] < 0xa0);
}

int text_escape(struct buffer *out, const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    int status = 0;
    for (size_t i = 0; i < size && status == 0; i++) {
        if (!is_control(bytes + i, size - i)) {
            status = buffer_append(out, bytes + i, 1);
            continue;
        }
        if (bytes[i] == 0xc2)
            i++;
        status = buffer_append_format(out, "\\x%02x", bytes[i]);
    }
    return status;
}

int text_escape_invalid(struct buffer *out, const char *text, size_t size)
{
    int status = 0;
    while (size > 0 && status == 0) {
        size_t valid = text_utf8_valid(text, size);
        status = buffer_append(out, text, valid);
        if (status == 0 && valid < size)
            status = buffer_append_format(out, "\\x%02x",
                                          (unsigned char)text[valid++]);
        text += valid;
        size -= valid;
    }
    return status;
}
