#include "job/scope.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/duration.h"

size_t scope_enter(struct scope *scope, const char *format, ...)
{
    size_t entered = strlen(scope->where);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(scope->where + entered, sizeof scope->where - entered, format,
              arguments);
    va_end(arguments);
    return entered;
}

void scope_leave(struct scope *scope, size_t entered)
{
    scope->where[entered] = '\0';
}

void scope_problem(const struct scope *scope, struct position at,
                   const char *format, ...)
{
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (problems_is_full(scope->problems) ||
        vasprintf(&message, format, arguments) < 0)
        message = NULL;
    va_end(arguments);
    problems_add(scope->problems, at, "%s%s", scope->where,
                 message == NULL ? "out of memory" : message);
    free(message);
}

void scope_expected(const struct scope *scope, const char *key,
                    const struct node *node, const char *what)
{
    char got[192];
    scope_problem(scope, node->at, "%s: expected %s, got %s", key, what,
                  node_describe(node, got, sizeof got));
}

bool scope_get_text(const struct scope *scope, const char *key,
                    const struct node *node, const char **out)
{
    if (node->kind != NODE_SCALAR || node->text[0] == '\0') {
        scope_expected(scope, key, node, "a text");
        return false;
    }
    if (node_scalar_type(node) != NODE_TEXT) {
        char got[192];
        scope_problem(scope, node->at,
                      "%s: expected a text, got %s (put it in quotes)", key,
                      node_describe(node, got, sizeof got));
        return false;
    }
    *out = node->text;
    return true;
}

bool scope_get_int(const struct scope *scope, const char *key,
                   const struct node *node, int64_t min, int64_t max,
                   int64_t *out)
{
    int64_t number;
    if (node_get_int(node, &number) && number >= min && number <= max) {
        *out = number;
        return true;
    }
    char what[96];
    bool any = min == INT64_MIN && max == INT64_MAX;
    bool too_large =
        node->kind == NODE_SCALAR && node_scalar_type(node) == NODE_INT;
    if (any && too_large)
        snprintf(what, sizeof what, "an int of -2^63 to 2^63 - 1");
    else if (any)
        snprintf(what, sizeof what, "an int");
    else
        snprintf(what, sizeof what, "an int of %" PRId64 " to %" PRId64, min,
                 max);
    scope_expected(scope, key, node, what);
    return false;
}

static void expect_duration(const struct scope *scope, const char *key,
                            const struct node *node, int status)
{
    char got[192];
    node_describe(node, got, sizeof got);
    if (status == -EDOM)
        scope_problem(
            scope, node->at,
            "%s: expected a duration, got %s (give it a unit: %.20ss)", key,
            got, node->text);
    else if (status == -ERANGE)
        scope_expected(scope, key, node,
                       "a duration of at most 10 years, 3650d");
    else
        scope_expected(scope, key, node,
                       "a duration like 90s, 1h30m, 2d or 500ms");
}

bool scope_get_duration(const struct scope *scope, const char *key,
                        const struct node *node, int64_t *out_ms)
{
    int status = -EINVAL;
    if (node->kind == NODE_SCALAR)
        status = duration_parse(node->text, out_ms);
    if (status < 0)
        expect_duration(scope, key, node, status);
    return status == 0;
}

bool scope_is_word(const struct scope *scope, const char *key,
                   const struct node *node, const char *word, const char *what)
{
    bool is_word = node->kind == NODE_SCALAR && strcmp(node->text, word) == 0;
    if (!is_word)
        scope_expected(scope, key, node, what);
    return is_word;
}
