/* Words of text files: counting them, and an index to search. A word is a
 * maximal run of ASCII letters, in lower case. And lines of files that grow. */
#include <math.h>

#include <drover/plugin.h>

#include "text/tasks.h"

#define INDEX_DOC "word: [[file, [line, ...]], ...]"

static const struct drover_task tasks[] = {
    {
        .name = "count",
        .run = text_count,
        .summary = "Count the words of a file",
        .params = DROVER_PARAMS(
            { .name = "file", .type = DROVER_TEXT, .doc = "path of the file" },
            { .name = "min_length",
              .type = DROVER_INT,
              .fallback = "1",
              .min = 1,
              .max = INFINITY,
              .unit = "letter",
              .doc = "leave out words shorter than this" }),
        .result = { .type = DROVER_MAP,
                    .doc = "word: count, in alphabetical order" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
    {
        .name = "merge",
        .run = text_merge,
        .summary = "Add up counts and list the most frequent words",
        .params = DROVER_PARAMS({ .name = "counts",
                                  .type = DROVER_LIST,
                                  .items = DROVER_MAP,
                                  .doc = "results of count" },
                                { .name = "top",
                                  .type = DROVER_INT,
                                  .fallback = "20",
                                  .min = 1,
                                  .max = INFINITY,
                                  .unit = "word",
                                  .doc = "how many words to list at most" }),
        .result = { .type = DROVER_LIST,
                    .items = DROVER_LIST,
                    .doc = "[word, count], most frequent first, equally "
                           "frequent ones in alphabetical order" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
    {
        .name = "index",
        .run = text_index,
        .summary = "Find the lines on which each word of a file stands",
        .params = DROVER_PARAMS(
            { .name = "file", .type = DROVER_TEXT, .doc = "path of the file" }),
        .result = { .type = DROVER_MAP, .doc = INDEX_DOC },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
    {
        .name = "join",
        .run = text_join,
        .summary = "Make one index of several",
        .params = DROVER_PARAMS({ .name = "indexes",
                                  .type = DROVER_LIST,
                                  .items = DROVER_MAP,
                                  .doc = "results of index or join" }),
        .result = { .type = DROVER_MAP, .doc = INDEX_DOC },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
    {
        .name = "search",
        .run = text_search,
        .summary = "Look up the words that begin with a prefix",
        .params = DROVER_PARAMS({ .name = "indexes",
                                  .type = DROVER_LIST,
                                  .items = DROVER_MAP,
                                  .doc = "results of index or join" },
                                { .name = "prefix",
                                  .type = DROVER_TEXT,
                                  .doc = "lower-case beginning of the words; "
                                         "empty: all words" }),
        .result = { .type = DROVER_LIST,
                    .items = DROVER_LIST,
                    .doc = "[word, [[file, [line, ...]], ...]], words in "
                           "alphabetical order" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
    {
        .name = "follow",
        .run = text_follow,
        .summary = "Send the lines of a file, those added meanwhile, too",
        .params = DROVER_PARAMS(
            { .name = "file",
              .type = DROVER_TEXT,
              .doc = "path of the file, which need not be there yet" },
            { .name = "idle",
              .type = DROVER_FLOAT,
              .fallback = "5",
              .min = 0,
              .max = INFINITY,
              .unit = "s",
              .doc = "end when nothing came for so long" },
            { .name = "lines",
              .type = DROVER_INT,
              .optional = true,
              .min = 1,
              .max = INFINITY,
              .unit = "line",
              .doc = "end after so many" },
            { .name = "heartbeat",
              .type = DROVER_FLOAT,
              .fallback = "0",
              .min = 0,
              .max = INFINITY,
              .unit = "s",
              .doc = "say so whenever nothing came for so long; 0: never" }),
        .result = { .type = DROVER_TEXT,
                    .doc = "a line without its end; any number of these" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
    {
        .name = "match",
        .run = text_match,
        .summary = "Let a line pass that matches a pattern",
        .params = DROVER_PARAMS(
            { .name = "line", .type = DROVER_TEXT, .doc = "the line" },
            { .name = "pattern",
              .type = DROVER_TEXT,
              .doc = "an extended regular expression, see regex(7)" }),
        .result = { .type = DROVER_TEXT,
                    .doc = "the line, or nothing when it does not match" },
        .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE,
    },
};

DROVER_PLUGIN("text", "1.0", "Words and lines of text files", tasks);
