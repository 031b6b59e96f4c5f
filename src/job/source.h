/* What a name of each: runs over: one value after the other, again and again
 * for the loops outside of it. */
#ifndef JOB_SOURCE_H
#define JOB_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include <drover/error.h>

#include "job/job.h"

enum { SOURCE_LIMIT_LINE_BYTES = 1024 * 1024 };

/* Why the current value cannot be used. */
enum source_defect { SOURCE_FINE, SOURCE_NOT_UTF8, SOURCE_TOO_LONG };

struct feed;
struct source_kind;

/* A source and its current value, valid until the next step.
 *
 * index   of the current value, from 0
 * count   how many values a round has; UINT64_MAX while that is not known
 * number  of ranges: the value
 * text    of globs and lines: the value, SIZE bytes and a NUL
 * feed    of stages: where their results come from
 * folder  that relative paths are taken from; NULL: the process's own
 * waits_for  the descriptor to wait for after -EAGAIN; -1: there is none
 * own     the kind's own */
struct source {
    const struct source_kind *kind;
    const struct job_each *each;
    uint64_t index;
    uint64_t count;
    int64_t number;
    char *text;
    size_t size;
    enum source_defect defect;
    struct feed *feed;
    const char *folder;
    int waits_for;
    void *own;
};

/* Begin the first round over EACH, which is borrowed until the source is
 * closed, and so are FEED, which only results of a stage need, and FOLDER, as
 * in struct source. Returns 0 or a negative errno value. */
int source_open(const struct job_each *each, struct feed *feed,
                const char *folder, struct source *out,
                struct drover_error *err);
void source_close(struct source *source);

/* Step to the next value. Returns 1, 0 when the round has ended, -EAGAIN when
 * the value is not there yet and would have to be waited for, or another
 * negative errno value. */
int source_next(struct source *source, struct drover_error *err);

/* Begin another round. Returns 0 or a negative errno value. */
int source_rewind(struct source *source, struct drover_error *err);

/* Set ERR to what is wrong with the current value, which has a defect.
 * Returns -EILSEQ or -EMSGSIZE. */
int source_report_defect(const struct source *source, struct drover_error *err);

/* How many ints EACH, a range, has, and which one is at INDEX. */
uint64_t source_range_count(const struct job_each *each);
int64_t source_range_at(const struct job_each *each, uint64_t index);

/* --- Between source.c and its kinds -------------------------------------- */

/* open    set what the source needs; it is all 0 but for what source_open() is
 *         given, and its index is UINT64_MAX
 * next    set the value INDEX, which is below the count; as source_next()
 * rewind  go back to the front; NULL: nothing to do
 * close   NULL: nothing to do */
struct source_kind {
    int (*open)(struct source *source, struct drover_error *err);
    int (*next)(struct source *source, struct drover_error *err);
    int (*rewind)(struct source *source, struct drover_error *err);
    void (*close)(struct source *source);
};

/* Open the folder that the source's path is taken from. Returns 0 with *FOLDER
 * a descriptor to be closed, or below 0 when the path says all or the process's
 * own folder is meant; or a negative errno value. */
int source_open_folder(const struct source *source, int *folder,
                       struct drover_error *err);

extern const struct source_kind source_list;
extern const struct source_kind source_range;
extern const struct source_kind source_glob;
extern const struct source_kind source_lines;
extern const struct source_kind source_stage;

#endif
