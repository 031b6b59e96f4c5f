#include "job/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/error.h"

static const struct source_kind *kind_of(const struct job_each *each)
{
    switch (each->kind) {
    case EACH_LIST:
        return &source_list;
    case EACH_RANGE:
        return &source_range;
    case EACH_GLOB:
        return &source_glob;
    case EACH_LINES:
        return &source_lines;
    case EACH_STAGE:
        break;
    }
    return &source_stage;
}

int source_open(const struct job_each *each, struct feed *feed,
                const char *folder, struct source *out,
                struct drover_error *err)
{
    struct source source = { .kind = kind_of(each),
                             .each = each,
                             .feed = feed,
                             .folder = folder,
                             .index = UINT64_MAX,
                             .waits_for = -1 };
    int status = source.kind->open(&source, err);
    if (status < 0)
        return status;
    *out = source;
    return 0;
}

void source_close(struct source *source)
{
    if (source->kind != NULL && source->kind->close != NULL)
        source->kind->close(source);
    source->kind = NULL;
}

int source_next(struct source *source, struct drover_error *err)
{
    /* Before the first value the index is one below 0. */
    if (source->index + 1 >= source->count)
        return 0;
    source->index++;
    if (source->kind->next == NULL)
        return 1;
    int status = source->kind->next(source, err);
    if (status <= 0)
        source->index--;
    return status;
}

int source_rewind(struct source *source, struct drover_error *err)
{
    source->index = UINT64_MAX;
    if (source->kind->rewind == NULL)
        return 0;
    return source->kind->rewind(source, err);
}

int source_report_defect(const struct source *source, struct drover_error *err)
{
    const char *from = source->each->pattern;
    unsigned long long number = source->index + 1;
    if (source->each->kind == EACH_GLOB)
        return error_set(err, EILSEQ,
                         "the name of file %llu of \"%s\" is not valid UTF-8",
                         number, from);
    if (source->defect == SOURCE_TOO_LONG)
        return error_set(err, EMSGSIZE,
                         "line %llu of \"%s\" is longer than %d bytes", number,
                         from, SOURCE_LIMIT_LINE_BYTES);
    return error_set(err, EILSEQ, "line %llu of \"%s\" is not valid UTF-8",
                     number, from);
}

int source_open_folder(const struct source *source, int *folder,
                       struct drover_error *err)
{
    int opened = AT_FDCWD;
    if (source->folder != NULL && source->each->pattern[0] != '/')
        opened = open(source->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (opened == -1)
        return error_set(err, errno,
                         "cannot open the working folder \"%s\": %s",
                         source->folder, strerror(errno));
    *folder = opened;
    return 0;
}

/* --- Lists: their items are in the stage's template ----------------------- */

static int list_open(struct source *source, struct drover_error *err)
{
    (void)err;
    source->count = source->each->list->count;
    return 0;
}

const struct source_kind source_list = { .open = list_open };

/* --- Ranges ----------------------------------------------------------------
 */

/* Differences are taken without sign: they may be larger than an int64_t. */
uint64_t source_range_count(const struct job_each *each)
{
    uint64_t start = (uint64_t)each->range.start;
    uint64_t stop = (uint64_t)each->range.stop;
    uint64_t step = (uint64_t)each->range.step;
    if (each->range.step > 0 && each->range.start < each->range.stop)
        return (stop - start - 1) / step + 1;
    if (each->range.step < 0 && each->range.start > each->range.stop)
        return (start - stop - 1) / (0 - step) + 1;
    return 0;
}

int64_t source_range_at(const struct job_each *each, uint64_t index)
{
    return (int64_t)((uint64_t)each->range.start +
                     index * (uint64_t)each->range.step);
}

static int range_open(struct source *source, struct drover_error *err)
{
    (void)err;
    source->count = source_range_count(source->each);
    return 0;
}

static int range_next(struct source *source, struct drover_error *err)
{
    (void)err;
    source->number = source_range_at(source->each, source->index);
    return 1;
}

const struct source_kind source_range = { .open = range_open,
                                          .next = range_next };
