/* The addresses of calls that are background runs of their own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "planned.h"
#include "scratch.h"
#include "unit.h"
#include "value/encode.h"

/* The addresses of all calls of STAGE, see planned_make(), one a line; for one
 * that cannot be the message. */
static const char *addresses_of(const char *stage)
{
    static char text[16384];
    const struct expansion_input input = { .folder = NULL };
    struct buffer out = BUFFER_INIT(sizeof text);
    struct buffer args = BUFFER_INIT(VALUE_LIMIT_BYTES);
    struct planned planned = planned_make(stage);
    struct expansion *expansion = NULL;
    struct drover_error err;
    ASSERT_INT(expansion_open(planned.plan, 0, &input, &expansion, &err), 0);
    while (expansion_next(expansion, &args, &err) == 1) {
        char *address = NULL;
        int status = expansion_address(expansion, &address, &err);
        ASSERT_INT(status, address == NULL ? -err.code : 0);
        buffer_append_text(&out, address == NULL ? err.message : address);
        buffer_append_text(&out, "\n");
        free(address);
        buffer_reset(&args);
    }
    buffer_append(&out, "", 1);
    memcpy(text, buffer_bytes(&out), buffer_size(&out));
    expansion_close(expansion);
    planned_clear(&planned);
    buffer_clear(&out);
    buffer_clear(&args);
    return text;
}

static void each_call_has_the_address_of_its_values(void)
{
    ASSERT_TEXT(addresses_of("    task: grid.calculate\n"
                             "    each: {i: {range: [0, 2]}, j: [7, 9]}\n"
                             "    background: task-${i}-${j}.socket\n"),
                "task-0-7.socket\ntask-0-9.socket\n"
                "task-1-7.socket\ntask-1-9.socket\n");
}

static void a_name_may_be_used_for_the_address_only(void)
{
    ASSERT_TEXT(addresses_of("    task: grid.calculate\n"
                             "    each: {name: [north, 2024, true]}\n"
                             "    with: {i: 1, j: 2}\n"
                             "    background: /run/$$/${name}\n"),
                "/run/$/north\n/run/$/2024\n/run/$/true\n");
}

static void a_lone_name_is_the_address(void)
{
    ASSERT_TEXT(addresses_of("    task: grid.calculate\n"
                             "    each: {at: [a.socket, b.socket]}\n"
                             "    with: {i: 1, j: 2}\n"
                             "    background: ${at}\n"),
                "a.socket\nb.socket\n");
}

static void without_a_name_it_is_for_the_one_call(void)
{
    ASSERT_TEXT(addresses_of("    task: grid.calculate\n"
                             "    with: {i: 1, j: 2}\n"
                             "    background: $$one.socket\n"),
                "$one.socket\n");
}

static void an_address_is_checked_once_it_is_known(void)
{
    static const char lines[] = "a\n\nb/\nc\x1b\nd\0e\nf\xff\ng\n";
    scratch_enter();
    SCRATCH_WRITE("names", lines);
    const char *addresses = addresses_of("    task: grid.calculate\n"
                                         "    each: {at: {lines: names}}\n"
                                         "    with: {i: 1, j: 2}\n"
                                         "    background: ${at}\n");
    scratch_leave();
#define NO_ADDRESS(text)                                                       \
    "job.yaml:8:17: stage a: background: \"" text "\" is no address; "         \
    "expected the path of a socket, without control characters and without "   \
    "a / at its end\n"
    ASSERT_TEXT(addresses,
                "a\n" NO_ADDRESS("") NO_ADDRESS("b/") NO_ADDRESS("c\\x1b")
                    NO_ADDRESS("d\\x00e") "job.yaml:6:12: stage a: line 6 of "
                                          "\"names\" is not valid UTF-8\ng\n");
}

static void an_address_may_be_as_long_as_a_path(void)
{
    char lines[2 * 4096 + 1];
    memset(lines, 'x', sizeof lines);
    lines[4095] = lines[sizeof lines - 1] = '\n';
    scratch_enter();
    scratch_write("names", lines, sizeof lines);
    const char *addresses = addresses_of("    task: grid.calculate\n"
                                         "    each: {at: {lines: names}}\n"
                                         "    with: {i: 1, j: 2}\n"
                                         "    background: ${at}\n");
    scratch_leave();
    ASSERT(memcmp(addresses, lines, 4096) == 0);
    ASSERT_TEXT(addresses + 4096,
                "job.yaml:8:17: stage a: background: an address of 4096 bytes; "
                "at most 4095 are allowed\n");
}

UNIT_CASES(CASE(each_call_has_the_address_of_its_values),
           CASE(a_name_may_be_used_for_the_address_only),
           CASE(a_lone_name_is_the_address),
           CASE(without_a_name_it_is_for_the_one_call),
           CASE(an_address_is_checked_once_it_is_known),
           CASE(an_address_may_be_as_long_as_a_path))
