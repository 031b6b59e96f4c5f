/* What a run is: what store_create() was told, and how far the run has come.
 * One row of the table `run` for each of it. */
#ifndef STORE_ABOUT_H
#define STORE_ABOUT_H

#include <stdint.h>

#include <drover/error.h>

#include "store/statement.h"
#include "store/store.h"

/* A text of ours, terminated by NUL. */
struct about_text {
    char *bytes;
    size_t size;
};

/* host, boot  the machine and its boot on which the run was last started;
 * the rest is as in struct store_run and struct store_summary. */
struct about {
    struct about_text job;
    struct about_text text;
    struct about_text file;
    struct about_text directory;
    struct about_text address;
    struct about_text host;
    struct about_text boot;
    int64_t background;
    int64_t workers;
    int64_t keep_ms;
    int64_t state;
    int64_t started_ms;
    int64_t ended_ms;
    int64_t attempts;
    struct store_run view;
};

/* A run that begins now. Returns 0 or -ENOMEM. */
int about_init(struct about *about, const struct store_run *run,
               struct drover_error *err);
void about_clear(struct about *about);

/* The run begins again: attempts, state, times, the machine. Returns 0, or
 * -ENOMEM with nothing changed. */
int about_restart(struct about *about, const char *address, bool background,
                  struct drover_error *err);

/* Write store->about into the record, or of it only how the run ended; read it.
 * Return 0 or a negative errno. */
int about_write(struct store *store, struct drover_error *err);
int about_write_end(struct store *store, struct drover_error *err);
int about_read(struct store *store, struct drover_error *err);

/* Milliseconds since 1970. */
int64_t about_now_ms(void);

#endif
