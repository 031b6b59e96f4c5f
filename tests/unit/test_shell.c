/* The shell plugin: repairing text, and running commands. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "shell/command.h"
#include "shell/utf8.h"
#include "unit.h"

#define FFFD "\xef\xbf\xbd"

static void text_is_repaired_part_by_part(void)
{
    static const struct {
        const char *bytes;
        const char *text;
    } rows[] = {
        { "", "" },
        { "plain", "plain" },
        { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x91",
          "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x91" },
        { "a\xff"
          "b",
          "a" FFFD "b" },
        { "\x80\x80", FFFD FFFD },
        { "\xc3", FFFD },
        { "\xe2\x82"
          "z",
          FFFD "z" },
        { "\xf0\x9f\x90"
          "z",
          FFFD "z" },
        { "\xc0\xaf", FFFD FFFD },
        { "\xe0\x80\xaf", FFFD FFFD FFFD },
        { "\xed\xa0\x80", FFFD FFFD FFFD },
        { "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD },
        { "\xf5", FFFD },
        { "\xf0\x9f\xc3\xa4", FFFD "\xc3\xa4" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = 0;
        char *text = utf8_repair(rows[i].bytes, strlen(rows[i].bytes), &size);
        ASSERT_TEXT(text, rows[i].text);
        ASSERT_INT(size, strlen(rows[i].text));
        free(text);
    }
}

/* All strings of four bytes out of those at the borders of the rules. */
static void repaired_text_is_always_valid_and_valid_text_stays(void)
{
    static const char border[] = "\0a\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2"
                                 "\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3"
                                 "\xf4\xf5\xff";
    const size_t count = sizeof border - 1;
    size_t wrong = 0;
    for (size_t n = 0; n < count * count * count * count; n++) {
        char bytes[4];
        for (size_t i = 0, rest = n; i < sizeof bytes; i++, rest /= count)
            bytes[i] = border[rest % count];
        size_t size = 0;
        char *text = utf8_repair(bytes, sizeof bytes, &size);
        bool was_valid = text_utf8_valid(bytes, sizeof bytes) == sizeof bytes;
        bool is_same =
            size == sizeof bytes && memcmp(text, bytes, sizeof bytes) == 0;
        wrong += text_utf8_valid(text, size) != size;
        wrong += was_valid != is_same;
        free(text);
    }
    ASSERT_INT(wrong, 0);
}

static void only_a_character_that_is_cut_in_two_is_left_out(void)
{
    static const struct {
        const char *bytes;
        size_t whole;
    } rows[] = {
        { "", 0 },
        { "abc", 3 },
        { "a\xc3", 1 },
        { "a\xc3\xa4", 3 },
        { "a\xe2\x82", 1 },
        { "a\xe2\x82\xac", 4 },
        { "a\xf0\x9f\x90", 1 },
        { "a\xf0\x9f\x90\x91", 5 },
        { "a\xff", 2 },
        { "\x80\x80\x80\x80", 4 },
        { "a\xe0\x80", 3 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ASSERT_INT(utf8_whole_characters(rows[i].bytes, strlen(rows[i].bytes)),
                   rows[i].whole);
}

/* The last argument of a shell; the caller clears COMMAND. */
static int run_script(struct command *command, const char *script,
                      const char *input)
{
    char *copy = strdup(script);
    char shell[] = "sh", option[] = "-c";
    char *argv[] = { shell, option, copy, NULL };
    int result = command_run(command, argv, input);
    free(copy);
    return result;
}

static void assert_captured(const struct capture *capture, const char *expected)
{
    size_t size = 0;
    char *text = capture_text(capture, &size);
    ASSERT_TEXT(text, expected);
    ASSERT(!capture->cut);
    free(text);
}

static void a_command_has_streams_and_a_status(void)
{
    struct command command = COMMAND_INIT;
    ASSERT_INT(run_script(&command, "cat; echo no >&2; exit 9", "given"), 0);
    assert_captured(&command.output, "given");
    assert_captured(&command.errors, "no\n");
    ASSERT_INT(command.status, 9);
    ASSERT_INT(command.signal, 0);
    command_clear(&command);
}

static void without_input_there_is_nothing_to_read(void)
{
    struct command command = COMMAND_INIT;
    ASSERT_INT(run_script(&command, "wc -c", NULL), 0);
    assert_captured(&command.output, "0\n");
    command_clear(&command);
}

static void a_signal_is_told_from_a_status(void)
{
    struct command command = COMMAND_INIT;
    ASSERT_INT(run_script(&command, "kill -KILL $$", NULL), 0);
    ASSERT_INT(command.status, 128 + SIGKILL);
    ASSERT_INT(command.signal, SIGKILL);
    command_clear(&command);
}

static void a_command_starts_with_default_signals(void)
{
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    void (*handler)(int) = signal(SIGTERM, SIG_IGN);
    struct command command = COMMAND_INIT;
    ASSERT_INT(run_script(&command, "kill -TERM $$", NULL), 0);
    signal(SIGTERM, handler);
    sigprocmask(SIG_SETMASK, &before, NULL);
    ASSERT_INT(command.signal, SIGTERM);
    command_clear(&command);
}

static void a_flood_is_drained_and_cut(void)
{
    struct command command = COMMAND_INIT;
    ASSERT_INT(run_script(&command, "yes | head -c 3000000; exit 4", NULL), 0);
    ASSERT_INT(command.status, 4);
    ASSERT_INT(command.output.size, CAPTURE_MAX_BYTES);
    ASSERT(command.output.cut);
    ASSERT(!command.errors.cut);
    command_clear(&command);
}

static void output_of_just_the_limit_is_not_cut(void)
{
    struct command command = COMMAND_INIT;
    ASSERT_INT(run_script(&command, "yes | head -c 1048576", NULL), 0);
    ASSERT_INT(command.output.size, CAPTURE_MAX_BYTES);
    ASSERT(!command.output.cut);
    command_clear(&command);
}

static void a_command_that_is_not_there_is_an_error(void)
{
    char name[] = "no-such-command-anywhere";
    char *argv[] = { name, NULL };
    struct command command = COMMAND_INIT;
    /* A folder on it that may not be looked into would give -EACCES. */
    setenv("PATH", "/usr/bin:/bin", 1);
    ASSERT_INT(command_run(&command, argv, NULL), -ENOENT);
    command_clear(&command);
}

UNIT_CASES(CASE(text_is_repaired_part_by_part),
           CASE(repaired_text_is_always_valid_and_valid_text_stays),
           CASE(only_a_character_that_is_cut_in_two_is_left_out),
           CASE(a_command_has_streams_and_a_status),
           CASE(without_input_there_is_nothing_to_read),
           CASE(a_signal_is_told_from_a_status),
           CASE(a_command_starts_with_default_signals),
           CASE(a_flood_is_drained_and_cut),
           CASE(output_of_just_the_limit_is_not_cut),
           CASE(a_command_that_is_not_there_is_an_error))
