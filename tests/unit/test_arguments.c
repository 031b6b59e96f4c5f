/* The arguments of a call that a program makes, against a declaration. */
#include "exchange/arguments.h"

#include <errno.h>
#include <string.h>

#include "unit.h"
#include "value_bytes.h"

static struct drover_error err;

static const struct drover_task task = {
    .name = "mix",
    .params =
        DROVER_PARAMS({ .name = "a", .type = DROVER_INT },
                      { .name = "b", .type = DROVER_TEXT, .fallback = "x" },
                      { .name = "c", .type = DROVER_FLOAT, .optional = true }),
};
static const struct drover_task without = { .name = "none" };

/* What comes of the arguments ARGS is WANTED. */
static void expect(const struct drover_task *declared, const char *args,
                   const char *wanted)
{
    struct bytes given, complete;
    struct buffer out = BUFFER_INIT(1024);
    struct drover_value value = value_of_hex(&complete, wanted);
    ASSERT_INT(
        arguments_complete(declared, value_of_hex(&given, args), &out, &err),
        0);
    ASSERT_INT(buffer_size(&out), value.size);
    ASSERT(memcmp(buffer_bytes(&out), value.data, value.size) == 0);
    buffer_clear(&out);
}

static void expect_refused(const struct drover_task *declared, const char *args,
                           const char *words)
{
    struct bytes given;
    struct buffer out = BUFFER_INIT(1024);
    ASSERT_INT(
        arguments_complete(declared, value_of_hex(&given, args), &out, &err),
        -EINVAL);
    ASSERT_INT(buffer_size(&out), 0);
    ASSERT_CONTAINS(err.message, words);
}

static void without_a_declaration_any_map_will_do(void)
{
    expect(NULL, "", "a0");
    expect(NULL, "a0", "a0");
    expect(NULL, "a2 617a01 616102", "a2 617a01 616102");
}

static void what_is_missing_is_filled_in(void)
{
    expect(&task, "a1 616107", "a3 616107 61626178 6163f6");
    expect(&without, "", "a0");
}

static void arguments_come_in_the_order_of_the_declaration(void)
{
    expect(&task, "a3 6163fb3ff8000000000000 61626179 616107",
           "a3 616107 61626179 6163fb3ff8000000000000");
}

static void what_is_no_map_is_refused(void)
{
    expect_refused(NULL, "01", "the arguments are int, expected a map");
    expect_refused(&task, "8101", "the arguments are list, expected a map");
    expect_refused(NULL, "a1", "the arguments are no well-formed value");
    expect_refused(NULL, "a001", "the arguments are no well-formed value");
}

static void unknown_missing_and_wrong_arguments_are_refused(void)
{
    expect_refused(&task, "a2 616107 616401",
                   "task mix has no parameter \"d\"");
    expect_refused(&without, "a1 616107", "task none has no parameter \"a\"");
    expect_refused(&task, "", "task mix needs the parameter \"a\" (int)");
    expect_refused(&task, "a1 61616178", "parameter \"a\" of task mix: ");
}

static void too_large_arguments_are_refused_with_a_reason(void)
{
    struct bytes given;
    struct buffer out = BUFFER_INIT(4);
    strcpy(err.message, "");
    ASSERT_INT(arguments_complete(
                   NULL, value_of_hex(&given, "a2 617a01 616102"), &out, &err),
               -EMSGSIZE);
    ASSERT_CONTAINS(err.message, "too large");
    strcpy(err.message, "");
    ASSERT_INT(arguments_complete(&task, value_of_hex(&given, "a1 616107"),
                                  &out, &err),
               -EMSGSIZE);
    ASSERT_CONTAINS(err.message, "too large");
    buffer_clear(&out);
}

UNIT_CASES(CASE(without_a_declaration_any_map_will_do),
           CASE(what_is_missing_is_filled_in),
           CASE(arguments_come_in_the_order_of_the_declaration),
           CASE(what_is_no_map_is_refused),
           CASE(unknown_missing_and_wrong_arguments_are_refused),
           CASE(too_large_arguments_are_refused_with_a_reason))
