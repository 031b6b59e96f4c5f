/* What the files of an expansion share; for them only. */
#ifndef JOB_EXPANSION_STATE_H
#define JOB_EXPANSION_STATE_H

#include "job/expansion.h"
#include "job/source.h"
#include "job/template.h"

/* sources  by name of each:, the outermost loop first
 * text     where texts are put together
 * started  the first call has been asked for
 * ended    there is none to come */
struct expansion {
    const struct job *job;
    const struct job_stage *stage;
    const struct template *template;
    struct expansion_input input;
    struct source sources[JOB_LIMIT_EACH];
    size_t source_count;
    struct buffer text;
    bool started;
    bool ended;
    int waiting; /* for this descriptor, after -EAGAIN */
};

/* Put file, place and stage in front of what ERR says. Returns STATUS. */
int expansion_locate(const struct expansion *expansion, struct position at,
                     int status, struct drover_error *err);

/* Append the arguments of the call that the sources stand at. Returns 0, or a
 * negative errno value with ARGS as before. */
int expansion_append_arguments(struct expansion *expansion, struct buffer *args,
                               struct drover_error *err);

/* Put the COUNT pieces at PIECES together: expansion->text is then their text,
 * with a NUL behind it. Returns 0 or a negative errno value. */
int expansion_compose(struct expansion *expansion, const struct piece *pieces,
                      size_t count, struct drover_error *err);

#endif
