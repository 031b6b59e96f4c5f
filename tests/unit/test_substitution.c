#include <errno.h>
#include <string.h>

#include "job/substitution.h"
#include "unit.h"

/* Take all pieces of TEXT; literals as they are, references between < and >.
 * Returns what the last step returned. */
static int take_all(const char *text, char *out, const char **problem)
{
    struct substitution_piece piece;
    int status;
    out[0] = '\0';
    while ((status = substitution_next(&text, &piece, problem)) == 1) {
        strcat(out, piece.is_reference ? "<" : "");
        strncat(out, piece.text, piece.size);
        strcat(out, piece.is_reference ? ">" : "|");
    }
    return status;
}

static void assert_pieces(const char *text, const char *expected)
{
    char out[256];
    const char *problem = NULL;
    ASSERT_INT(take_all(text, out, &problem), 0);
    ASSERT_TEXT(out, expected);
}

static void assert_problem(const char *text, const char *expected)
{
    char out[256];
    const char *problem = NULL;
    ASSERT_INT(take_all(text, out, &problem), -EINVAL);
    ASSERT_CONTAINS(problem, expected);
}

static void a_text_without_dollars_is_one_literal(void)
{
    assert_pieces("", "");
    assert_pieces("plain {text}", "plain {text}|");
}

static void references_are_taken_out_of_a_text(void)
{
    assert_pieces("${i}", "<i>");
    assert_pieces("a${i}b${j}", "a|<i>b|<j>");
    assert_pieces("${i}${j}", "<i><j>");
    assert_pieces("${any thing}", "<any thing>");
}

static void two_dollars_are_one(void)
{
    assert_pieces("$$", "$|");
    assert_pieces("$${i}", "$|{i}|");
    assert_pieces("$$${i}", "$|<i>");
    assert_pieces("5$$$$", "5|$|$|");
}

static void a_dollar_must_be_followed_by_a_brace_or_a_dollar(void)
{
    assert_problem("$", "stands alone");
    assert_problem("$i", "stands alone");
    assert_problem("ok ${i} $$ $ ", "stands alone");
}

static void a_reference_must_be_closed_and_have_a_name(void)
{
    assert_problem("${", "not closed");
    assert_problem("${i", "not closed");
    assert_problem("${}", "names nothing");
}

static void a_failure_leaves_cursor_and_piece(void)
{
    const char *text = "${i", *cursor = text, *problem = NULL;
    struct substitution_piece piece = { false, "x", 1 };
    ASSERT_INT(substitution_next(&cursor, &piece, &problem), -EINVAL);
    ASSERT(cursor == text);
    ASSERT_TEXT(piece.text, "x");
}

static void only_a_reference_with_nothing_around_it_is_lone(void)
{
    struct substitution_piece piece;
    ASSERT(substitution_is_lone("${count}", &piece));
    ASSERT_INT(piece.size, 5);
    ASSERT(!substitution_is_lone("${count} ", &piece));
    ASSERT(!substitution_is_lone(" ${count}", &piece));
    ASSERT(!substitution_is_lone("${a}${b}", &piece));
    ASSERT(!substitution_is_lone("$$", &piece));
    ASSERT(!substitution_is_lone("count", &piece));
    ASSERT(!substitution_is_lone("${count", &piece));
    ASSERT(!substitution_is_lone("", &piece));
}

UNIT_CASES(CASE(a_text_without_dollars_is_one_literal),
           CASE(references_are_taken_out_of_a_text), CASE(two_dollars_are_one),
           CASE(a_dollar_must_be_followed_by_a_brace_or_a_dollar),
           CASE(a_reference_must_be_closed_and_have_a_name),
           CASE(a_failure_leaves_cursor_and_piece),
           CASE(only_a_reference_with_nothing_around_it_is_lone))
