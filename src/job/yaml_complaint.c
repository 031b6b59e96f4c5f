#include "job/yaml_complaint.h"

#include <string.h>

#include "job/encoding.h"

/* Only where libyaml's own words are of little help. */
static const struct {
    const char *problem;
    const char *advice;
} rewordings[] = {
    { "found character that cannot start any token",
      "a character that no value can begin with (indent with spaces, not "
      "tabs; put a text that begins with @, ` or % in quotes)" },
    { "mapping values are not allowed in this context",
      "a \":\" where none can be (check the indentation; put a text with "
      "\": \" in it in quotes)" },
    { "did not find expected key",
      "expected a key here (check the indentation, and the quotes and brackets "
      "before)" },
    { "did not find expected node content",
      "expected a value here (is a bracket left open?)" },
    { "did not find expected '-' indicator",
      "expected a \"-\" here (check the indentation)" },
    { "did not find expected ',' or ']'",
      "expected a \",\" or the \"]\" that ends the list" },
    { "did not find expected ',' or '}'",
      "expected a \",\" or the \"}\" that ends the map" },
    { "could not find expected ':'",
      "expected a \":\" behind the key in the line before" },
    { "found unexpected end of stream",
      "the file ends within a text in quotes" },
    { "found undefined tag handle", "tags cannot be declared or used here" },
    { "did not find expected alphabetic or numeric character",
      "expected a name behind the \"*\" or \"&\" (put a text that begins with "
      "one of them in quotes)" },
    { "found unknown escape character",
      "an unknown escape (write \\\\ for a backslash, or use single quotes)" },
    { "block sequence entries are not allowed in this context",
      "a \"-\" where none can be (begin the list on a line of its own)" },
};

static const char *reword(const char *problem)
{
    for (size_t i = 0; i < sizeof rewordings / sizeof rewordings[0]; i++)
        if (strcmp(problem, rewordings[i].problem) == 0)
            return rewordings[i].advice;
    return problem;
}

static struct position position_of(yaml_mark_t mark)
{
    return (struct position){ (unsigned)mark.line + 1,
                              (unsigned)mark.column + 1 };
}

void yaml_complaint_add(const yaml_parser_t *parser, const char *text,
                        size_t size, struct problems *problems)
{
    const char *problem =
        parser->problem == NULL ? "no reason given" : parser->problem;
    if (parser->error == YAML_READER_ERROR) {
        struct position at =
            encoding_position(text, size, parser->problem_offset);
        if (parser->problem_value > 0)
            problems_add(problems, at,
                         "not YAML: the character U+%04X is not allowed",
                         (unsigned)parser->problem_value);
        else
            problems_add(problems, at, "not YAML: %s", problem);
        return;
    }
    struct position at = position_of(parser->problem_mark);
    struct position begin = position_of(parser->context_mark);
    if (parser->context != NULL && begin.line != at.line)
        problems_add(problems, at, "not YAML: %s; %s that begins in line %u",
                     reword(problem), parser->context, begin.line);
    else
        problems_add(problems, at, "not YAML: %s", reword(problem));
}
