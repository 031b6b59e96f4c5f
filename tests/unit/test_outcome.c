/* How the death of a worker is put into words. */
#include <signal.h>
#include <string.h>

#include "dispatch/outcome.h"
#include "unit.h"
#include "value_bytes.h"

/* Wait statuses are written as Linux has them: a signal in the low bits, 0x80
 * for a core dump, an exit status above. */
static void expect(int wait_status, enum drover_cause cause, int number,
                   const char *words)
{
    struct outcome outcome = { 0 };
    char text[256];
    outcome_judge_death(&outcome, wait_status, text, sizeof text);
    ASSERT_INT(outcome.cause, cause);
    ASSERT_INT(outcome.number, number);
    ASSERT(outcome.text == text);
    ASSERT_TEXT(text, words);
}

static void an_exit_is_told_with_its_status(void)
{
    expect(0, DROVER_EXIT, 0,
           "ended its process with exit status 0 instead of returning, or "
           "closed descriptors of its worker");
    expect(42 << 8, DROVER_EXIT, 42,
           "ended its process with exit status 42 instead of returning");
    expect(255 << 8, DROVER_EXIT, 255,
           "ended its process with exit status 255 instead of returning");
}

static void a_signal_is_told_with_its_name(void)
{
    expect(SIGSEGV, DROVER_SIGNAL, SIGSEGV,
           "killed by signal 11 (SIGSEGV, Segmentation fault)");
    expect(SIGABRT | 0x80, DROVER_SIGNAL, SIGABRT,
           "killed by signal 6 (SIGABRT, Aborted), core dumped");
    expect(SIGKILL, DROVER_SIGNAL, SIGKILL,
           "killed by signal 9 (SIGKILL, Killed) by somebody else, perhaps "
           "for want of memory");
    expect(40, DROVER_SIGNAL, 40, "killed by signal 40 (SIG?, unknown)");
}

static void a_sentence_is_cut_where_there_is_no_room(void)
{
    for (size_t size = 1; size < 40; size++) {
        struct outcome outcome = { 0 };
        char text[256];
        memset(text, 'x', sizeof text);
        outcome_judge_death(&outcome, SIGKILL, text, size);
        ASSERT_INT(strlen(text), size - 1);
        ASSERT_INT(text[size], 'x');
    }
}

static void every_cause_has_a_word(void)
{
    static const char *const words[] = { "ok",     "error",     "exit",
                                         "signal", "cancelled", "skipped",
                                         "lost",   "load",      "protocol" };
    for (int i = 0; i < DROVER_CAUSES; i++)
        ASSERT_TEXT(drover_cause_name((enum drover_cause)i), words[i]);
}

/* --- In one line ------------------------------------------------------------
 */

static void expect_line(const struct drover_outcome *outcome, const char *line)
{
    char out[256];
    ASSERT(drover_outcome_format(outcome, out, sizeof out) == out);
    ASSERT_TEXT(out, line);
}

static void an_outcome_is_one_line_for_people(void)
{
    struct bytes args, value;
    struct drover_outcome outcome = { .cause = DROVER_SIGNAL,
                                      .index = 3,
                                      .text = "killed by signal 11" };
    expect_line(&outcome, "call 3: killed by signal 11");
    outcome.args = value_of_hex(&args, "a2 616901 616a02");
    expect_line(&outcome, "call 3 {\"i\":1,\"j\":2}: killed by signal 11");
    outcome.cause = DROVER_OK;
    outcome.text = "";
    expect_line(&outcome, "call 3 {\"i\":1,\"j\":2}: ended without a value");
    outcome.value = value_of_hex(&value, "8201f97e00");
    expect_line(&outcome, "call 3 {\"i\":1,\"j\":2}: [1,\"NaN\"]");
    outcome.args = value_of_hex(&args, "");
    outcome.value = value_of_hex(&value, "ff");
    expect_line(&outcome, "call 3: a value that cannot be shown");
}

static void a_line_is_cut_between_characters(void)
{
    struct drover_outcome outcome = { .cause = DROVER_ERROR,
                                      .text = "a\xc3\xa4z" };
    static const struct {
        size_t size;
        const char *line;
    } cuts[] = { { 1, "" },
                 { 4, "cal" },
                 { 10, "call 0: a" },
                 { 11, "call 0: a" },
                 { 12, "call 0: a\xc3\xa4" },
                 { 13, "call 0: a\xc3\xa4z" } };
    char out[32];
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
        ASSERT_TEXT(drover_outcome_format(&outcome, out, cuts[i].size),
                    cuts[i].line);
    out[0] = '!';
    ASSERT(drover_outcome_format(&outcome, out, 0) == out);
    ASSERT_INT(out[0], '!');
}

UNIT_CASES(CASE(an_outcome_is_one_line_for_people),
           CASE(a_line_is_cut_between_characters),
           CASE(an_exit_is_told_with_its_status),
           CASE(a_signal_is_told_with_its_name),
           CASE(a_sentence_is_cut_where_there_is_no_room),
           CASE(every_cause_has_a_word))
