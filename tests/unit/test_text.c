/* Text: UTF-8, names, the name that was meant. */
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "unit.h"

static void the_valid_prefix_is_found(void)
{
    static const struct {
        const char *text;
        size_t valid;
    } rows[] = {
        { "", 0 },
        { "plain", 5 },
        { "\xc3\xa4", 2 },
        { "\xe2\x82\xac", 3 },
        { "\xf0\x9f\x90\x91", 4 },
        { "a\xff", 1 },
        { "a\x80", 1 },
        { "a\xc3", 1 },
        { "a\xe2\x82", 1 },
        { "\xc0\xaf", 0 },         /* overlong */
        { "\xe0\x9f\xbf", 0 },     /* overlong */
        { "\xf0\x8f\xbf\xbf", 0 }, /* overlong */
        { "\xed\xa0\x80", 0 },     /* a surrogate */
        { "\xed\x9f\xbf", 3 },     /* the last before them */
        { "\xee\x80\x80", 3 },     /* the first behind them */
        { "\xf4\x8f\xbf\xbf", 4 }, /* the last of all */
        { "\xf4\x90\x80\x80", 0 }, /* above */
        { "\xf5\x80\x80\x80", 0 },
        { "eight by\xff", 8 },
        { "eight byt\xff", 9 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ASSERT_INT(text_utf8_valid(rows[i].text, strlen(rows[i].text)),
                   rows[i].valid);
    ASSERT_INT(text_utf8_valid("a\0b", 3), 3);
}

/* Eight bytes are looked at in one go: a bad one is found at each place. */
static void a_bad_byte_is_found_wherever_it_is(void)
{
    char text[40];
    for (size_t size = 1; size <= sizeof text; size++)
        for (size_t bad = 0; bad < size; bad++) {
            memset(text, 'x', sizeof text);
            text[bad] = '\xff';
            ASSERT_INT(text_utf8_valid(text, size), bad);
        }
}

static void names_are_small_letters_digits_and_underscores(void)
{
    char name[65];
    ASSERT(text_is_name("a", false));
    ASSERT(text_is_name("az_09", false));
    ASSERT(!text_is_name("", false));
    ASSERT(!text_is_name("A", false));
    ASSERT(!text_is_name("0a", false));
    ASSERT(!text_is_name("_a", false));
    ASSERT(!text_is_name("aB", false));
    ASSERT(!text_is_name("a b", false));
    ASSERT(!text_is_name("\xc3\xa4", false));
    ASSERT(!text_is_name("a-b", false));
    ASSERT(text_is_name("a-b", true));
    ASSERT(!text_is_name("-a", true));
    memset(name, 'a', sizeof name);
    name[63] = '\0';
    ASSERT(text_is_name(name, false));
    name[63] = 'a';
    name[64] = '\0';
    ASSERT(!text_is_name(name, false));
}

static const char *const names[] = { "count", NULL,   "min_length",
                                     "total", "file", "files" };

static const char *get(const void *context, size_t i)
{
    return ((const char *const *)context)[i];
}

static const char *nearest(const char *name)
{
    return text_nearest(name, get, names, sizeof names / sizeof names[0]);
}

static void the_nearest_name_is_found_by_its_edits(void)
{
    ASSERT_TEXT(nearest("count"), "count");
    ASSERT_TEXT(nearest("cuont"), "count");  /* swapped */
    ASSERT_TEXT(nearest("cont"), "count");   /* missing */
    ASSERT_TEXT(nearest("counts"), "count"); /* too many */
    ASSERT_TEXT(nearest("caunt"), "count");  /* another */
    ASSERT_TEXT(nearest("min_lenght"), "min_length");
    ASSERT_TEXT(nearest("max_lenght"), "min_length");
    ASSERT_TEXT(nearest("max_width"), NULL);
    ASSERT_TEXT(nearest("min_lngt"), "min_length");
    ASSERT_TEXT(nearest("cant"), NULL);
    ASSERT_TEXT(nearest("x"), NULL);
    ASSERT_TEXT(nearest(""), NULL);
    ASSERT_TEXT(nearest("files"), "files"); /* the nearer of two */
    ASSERT_TEXT(nearest("file"), "file");
}

static void names_that_are_too_long_are_near_to_nothing(void)
{
    char longest[65], other[65];
    const char *one[] = { longest };
    memset(longest, 'a', 64);
    memset(other, 'a', 64);
    longest[63] = other[63] = '\0';
    other[5] = 'b';
    ASSERT(text_nearest(other, get, one, 1) == longest);
    longest[63] = 'a';
    longest[64] = '\0';
    ASSERT(text_nearest(other, get, one, 1) == NULL);
    ASSERT(text_nearest(longest, get, one, 1) == NULL);
    ASSERT(text_nearest("a", get, one, 0) == NULL);
}

static void what_is_no_text_is_escaped(void)
{
    static const char *const rows[][2] = {
        { "", "" },
        { "/run/a b.socket", "/run/a b.socket" },
        { "\xff", "\\xff" },
        { "\xc3\xa4\xe4\xf6x\xc3", "\xc3\xa4\\xe4\\xf6x\\xc3" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer out = BUFFER_INIT(100);
        ASSERT_INT(text_escape_invalid(&out, rows[i][0], strlen(rows[i][0])),
                   0);
        ASSERT_INT(buffer_append(&out, "", 1), 0);
        ASSERT_TEXT((char *)buffer_bytes(&out), rows[i][1]);
        buffer_clear(&out);
    }
}

UNIT_CASES(CASE(the_valid_prefix_is_found),
           CASE(a_bad_byte_is_found_wherever_it_is),
           CASE(names_are_small_letters_digits_and_underscores),
           CASE(the_nearest_name_is_found_by_its_edits),
           CASE(names_that_are_too_long_are_near_to_nothing),
           CASE(what_is_no_text_is_escaped))
