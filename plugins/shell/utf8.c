#include "shell/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd";

/* What stands at the front of some bytes.
 *
 * size     bytes that belong together, at least 1
 * missing  bytes that the character still needs behind them */
struct piece {
    size_t size;
    size_t missing;
};

static bool is_within(uint8_t byte, uint8_t low, uint8_t high)
{
    return byte >= low && byte <= high;
}

/* A whole character is a piece of which nothing is missing. A byte that begins
 * no character misses one for ever. */
static struct piece take_piece(const uint8_t *bytes, size_t size)
{
    uint8_t lead = bytes[0];
    if (lead < 0x80)
        return (struct piece){ 1, 0 };
    if (!is_within(lead, 0xc2, 0xf4))
        return (struct piece){ 1, 1 };
    size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    /* The second byte rules out overlong forms, surrogates and what is above
     * U+10FFFF. */
    uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    size_t have = 1;
    while (have < length && have < size && is_within(bytes[have], low, high)) {
        low = 0x80;
        high = 0xbf;
        have++;
    }
    return (struct piece){ have, length - have };
}

char *utf8_repair(const char *bytes, size_t size, size_t *out_size)
{
    /* At worst every byte is replaced. */
    size_t replacement_size = sizeof replacement - 1;
    char *text = malloc(size * replacement_size + 1);
    if (text == NULL)
        return NULL;
    size_t written = 0;
    for (size_t at = 0; at < size;) {
        struct piece piece = take_piece((const uint8_t *)bytes + at, size - at);
        bool is_whole = piece.missing == 0;
        size_t part = is_whole ? piece.size : replacement_size;
        memcpy(text + written, is_whole ? bytes + at : replacement, part);
        written += part;
        at += piece.size;
    }
    text[written] = '\0';
    *out_size = written;
    return text;
}

size_t utf8_whole_characters(const char *bytes, size_t size)
{
    for (size_t back = 1; back <= 3 && back <= size; back++) {
        uint8_t byte = (uint8_t)bytes[size - back];
        if ((byte & 0xc0) == 0x80)
            continue;
        struct piece piece =
            take_piece((const uint8_t *)bytes + size - back, back);
        bool only_begins = is_within(byte, 0xc2, 0xf4) && piece.missing > 0 &&
                           piece.size == back;
        return only_begins ? size - back : size;
    }
    return size;
}
