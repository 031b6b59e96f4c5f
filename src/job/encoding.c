#include "job/encoding.h"

#include <string.h>

#include "base/text.h"
#include "job/node.h"

static bool begins_with(const char *text, size_t size, const char *bytes)
{
    size_t length = strlen(bytes);
    return size >= length && memcmp(text, bytes, length) == 0;
}

struct position encoding_position(const char *text, size_t size, size_t offset)
{
    struct position at = { 1, 1 };
    for (size_t i = 0; i < offset && i < size; i++) {
        bool is_before_newline = i + 1 < size && text[i + 1] == '\n';
        if (text[i] == '\n' || (text[i] == '\r' && !is_before_newline))
            at = (struct position){ at.line + 1, 1 };
        else if (((unsigned char)text[i] & 0xc0) != 0x80)
            at.column++;
    }
    return at;
}

/* libyaml takes more line breaks than YAML 1.2 has. */
static bool is_line_start(const char *text, size_t offset)
{
    if (offset == 0 || text[offset - 1] == '\n' || text[offset - 1] == '\r')
        return true;
    return (offset >= 2 && memcmp(text + offset - 2, "\xc2\x85", 2) == 0) ||
           (offset >= 3 && memcmp(text + offset - 3, "\xe2\x80\xa8", 3) == 0) ||
           (offset >= 3 && memcmp(text + offset - 3, "\xe2\x80\xa9", 3) == 0);
}

/* Find a %TAG line: libyaml compares each with all before it, so many of them
 * would take it minutes, and no tag that they could declare is accepted. */
static bool find_tag_directive(const char *text, size_t size, size_t *offset)
{
    const char *next = text;
    while ((next = memmem(next, size - (size_t)(next - text), "%TAG", 4)) !=
           NULL) {
        *offset = (size_t)(next - text);
        if (is_line_start(text, *offset))
            return true;
        next++;
    }
    return false;
}

bool encoding_check(const char **text, size_t *size, struct problems *problems)
{
    if (*size > NODE_LIMIT_FILE_BYTES) {
        problems_add(problems, (struct position){ 0 },
                     "the file is larger than %d bytes", NODE_LIMIT_FILE_BYTES);
        return false;
    }
    if (begins_with(*text, *size, "\xff\xfe") ||
        begins_with(*text, *size, "\xfe\xff")) {
        problems_add(problems, (struct position){ 0 },
                     "the file is in UTF-16; save it as UTF-8");
        return false;
    }
    if (begins_with(*text, *size, "\xef\xbb\xbf")) {
        *text += 3;
        *size -= 3;
    }
    size_t offset = text_utf8_valid(*text, *size);
    const char *nul = memchr(*text, '\0', offset);
    if (nul != NULL) {
        offset = (size_t)(nul - *text);
        problems_add(problems, encoding_position(*text, *size, offset),
                     "a NUL byte; save the file as UTF-8 text");
        return false;
    }
    if (offset < *size) {
        problems_add(problems, encoding_position(*text, *size, offset),
                     "the byte 0x%02x is not valid UTF-8; save the file as "
                     "UTF-8",
                     (unsigned char)(*text)[offset]);
        return false;
    }
    if (find_tag_directive(*text, *size, &offset)) {
        problems_add(problems, encoding_position(*text, *size, offset),
                     "tags cannot be declared; remove the %%TAG line");
        return false;
    }
    return true;
}
