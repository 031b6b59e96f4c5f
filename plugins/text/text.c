/* Words of text files: counting them, and an index to search. A word is a
 * maximal run of ASCII letters, in lower case. */
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
};

DROVER_PLUGIN("text", "1.0", "Words of text files", tasks);
