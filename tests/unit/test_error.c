/* Filling errors. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

static void an_error_holds_its_code_and_sentence(void)
{
    struct drover_error err;
    ASSERT_INT(error_set(&err, ENOENT, "no file %s", "x"), -ENOENT);
    ASSERT_INT(err.code, ENOENT);
    ASSERT_TEXT(err.message, "no file x");
    ASSERT_INT(error_no_memory(&err), -ENOMEM);
    ASSERT_TEXT(err.message, "out of memory");
    ASSERT_INT(error_set(NULL, EPERM, "unseen"), -EPERM);
}

static void context_goes_in_front(void)
{
    struct drover_error err;
    error_set(&err, EACCES, "cannot open it");
    ASSERT_INT(error_prefix(&err, "job %s", "a.yaml"), -EACCES);
    ASSERT_TEXT(err.message, "job a.yaml: cannot open it");
    ASSERT_INT(error_prefix(NULL, "job"), -EIO);
}

static void a_message_may_be_made_of_the_one_before(void)
{
    struct drover_error err;
    error_set(&err, EIO, "first");
    error_set(&err, EIO, "%s, second", err.message);
    ASSERT_TEXT(err.message, "first, second");
}

static void what_is_too_long_is_cut(void)
{
    struct drover_error err;
    char text[1000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    error_set(&err, EIO, "%s", text);
    ASSERT_INT(strlen(err.message), sizeof err.message - 1);
    error_prefix(&err, "%s", "front");
    ASSERT_INT(strlen(err.message), sizeof err.message - 1);
    ASSERT(memcmp(err.message, "front: xxx", 10) == 0);
}

UNIT_CASES(CASE(an_error_holds_its_code_and_sentence),
           CASE(context_goes_in_front),
           CASE(a_message_may_be_made_of_the_one_before),
           CASE(what_is_too_long_is_cut))
