/* How a run stands, taken apart, and shown: see background/standing.h. */
#ifndef CLI_STAND_H
#define CLI_STAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <drover/value.h>

#include "base/buffer.h"

/* A text of a standing, borrowed from it; data is NULL where it says null. */
struct stand_text {
    const char *data;
    size_t size;
};

/* The fields of a standing. Numbers are -1 where it says null. */
struct stand {
    struct stand_text run;
    struct stand_text address;
    struct stand_text state;
    struct stand_text job;
    struct stand_text started;
    struct stand_text ended;
    struct stand_text store;
    struct stand_text error; /* why it is "damaged" */
    int64_t pid;
    int64_t done;
    int64_t failed;
    int64_t total;
    int64_t items;
    int64_t acknowledged;
    int64_t attempts;
    bool resumable;
};

/* Take STANDING apart; what is not in it is as if null. */
struct stand stand_read(struct drover_value standing);

bool stand_is(const struct stand *stand, const char *state);

/* The exit status that the state amounts to: STATUS_OK when every call has
 * succeeded, STATUS_CALLS_FAILED, STATUS_CANCELLED; STATUS_UNSERVED when it was
 * killed, STATUS_IO when its store is damaged. */
int stand_judge(const struct stand *stand);

/* The same for the map in STANDING, and say why it is not STATUS_OK. TEXT: as
 * the user calls the run. */
int stand_explain(const char *text, const struct buffer *standing);

/* Append "3 done, 1 failed, of 10". Returns 0, -ENOMEM or -EMSGSIZE. */
int stand_put_counts(struct buffer *out, const struct stand *stand);

/* Append all of it as lines for people. Likewise. */
int stand_put_lines(struct buffer *out, const struct stand *stand);

/* Append the values of a standing that are known without its run's help: a map
 * for a run of which nothing but this can be told.
 *
 * folder   of its store
 * state    a word
 * address, error  NULL: null, or for error left out
 * pid      0: null */
struct stand_little {
    const char *folder;
    const char *state;
    const char *address;
    const char *error;
    int64_t pid;
};
int stand_put_little(struct buffer *out, const struct stand_little *little);

#endif
