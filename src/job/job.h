/* A job: what the user wrote, checked for all that can be checked without its
 * plugins. man 5 drover-job is the user's side of it. */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/error.h>

#include "job/key.h"
#include "job/node.h"
#include "job/problems.h"

enum {
    JOB_LIMIT_STAGES = 256,
    JOB_LIMIT_PLUGINS = 64,
    JOB_LIMIT_EACH = 16, /* names in one each: */
    JOB_LIMIT_WORKERS = 1024,
};

/* A plugin that a job names.
 *
 * name      the short name by which the job's tasks call it
 * locator   NULL only with mistakes; what the job says: a name on the plugin
 * path (no '/'), or a path, made absolute by the job file's folder */
struct job_plugin {
    char *name;
    char *locator;
    struct position at;
};

/* An argument of with:, typed only when the task's declaration is known. */
struct job_argument {
    const char *name;
    struct position at;
    const struct node *value;
};

enum each_kind { EACH_LIST, EACH_RANGE, EACH_GLOB, EACH_LINES, EACH_STAGE };

/* A name of each: and what it runs over.
 *
 * list     EACH_LIST: the list's node
 * range    EACH_RANGE: from start, by step, up to but without stop, as in
 *          Python; step is not 0
 * pattern  EACH_GLOB: a pattern of glob(7); EACH_LINES: a file's path, or "-"
 *          for standard input. Relative ones are taken from the working
 *          folder of the run
 * stage    EACH_STAGE: a stage's index; only of the first name */
struct job_each {
    const char *name;
    struct position at;
    enum each_kind kind;
    const struct node *list;
    struct {
        int64_t start, stop, step;
    } range;
    const char *pattern;
    size_t stage;
};

/* A stage.
 *
 * plugin        index into job->plugins
 * task          the task's name within the plugin
 * reused        worker: reused
 * arrival       order: arrival
 * needs         indexes of stages that must be complete before this one
 *               starts, each once: those of needs: and those substituted
 * background    NULL; or what its calls' addresses are made from, see
 *               expansion_address(): each call is a background run of its own,
 *               and so are those of all other stages. No stage then needs or
 *               feeds another one, and the job has no background
 * printed       its results are the run's results
 * sound         no problem was found in it */
struct job_stage {
    const char *name;
    struct position at;
    size_t plugin;
    const char *task;
    struct position task_at;
    struct job_argument *with;
    size_t with_count;
    struct job_each *each;
    size_t each_count;
    bool reused;
    bool arrival;
    size_t *needs;
    size_t needs_count;
    const struct node *background;
    bool printed;
    bool sound;
};

/* file        as the user named it
 * from_words  it was made of words on a command line, NAME=VALUE, and nobody
 *             has written it: messages are not to speak of its keys
 * workers     slots; 0 when the job does not say
 * seed        of the calls' random numbers
 * background  where the run is to be reached: the path of a socket, taken from
 *             the working folder in which it is started; NULL: the job does
 *             not ask for the background
 * linger_ms   how long a background run stays after its end while not all
 *             results are acknowledged; -1: the job does not say
 * store_off   it wants no store
 * keep_ms     how long its store is kept after its end; -1: the job does not
 *             say. Where nobody says, see config.h, it is for ever */
struct job {
    char *file;
    bool from_words;
    char *name;
    unsigned workers;
    uint64_t seed;
    char *background;
    int64_t linger_ms;
    bool store_off;
    int64_t keep_ms;
    struct job_plugin *plugins;
    size_t plugin_count;
    struct job_stage *stages;
    size_t stage_count;
    struct node *root; /* owns what the borrowed pointers above point to */
};

/* Read the job file PATH ("-": standard input).
 *
 * Returns 0; or -EBADMSG when PROBLEMS, initialised by the caller, holds what
 * is wrong with it: *OUT is then NULL, or the job as far as it could be read,
 * which is good only for checking the stages that are sound; or another errno
 * (-ENOENT, -EACCES, ...), with ERR set to why the file could not be read. */
int job_read(const char *path, struct job **out, struct problems *problems,
             struct drover_error *err);

/* The same from memory; FILE is the name for messages and, by its folder, what
 * relative plugin paths start from. Returns 0, -EBADMSG or -ENOMEM. */
int job_parse(const char *file, const char *text, size_t size, struct job **out,
              struct problems *problems);

void job_destroy(struct job *job);

/* Find the stage whose name is the SIZE bytes at NAME. Returns whether there is
 * one; its index is then in *STAGE. */
bool job_find_stage(const struct job *job, const char *name, size_t size,
                    size_t *stage);

/* Whether calls of STAGE are made of results of another one as they come; that
 * one's index is then in *FEEDER. */
bool job_stage_is_fed(const struct job_stage *stage, size_t *feeder);

/* Whether it runs over the lines of standard input. */
bool job_stage_reads_input(const struct job_stage *stage);

/* Every key that a job file can have, by its path, for example
 * "stages.*.task". */
const struct job_key *job_keys(size_t *count);

#endif
