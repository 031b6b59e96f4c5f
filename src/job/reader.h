/* What the files that read a job share; for them only. Each reads its part of
 * the tree into the job, adding problems as it finds them.
 *
 * The functions that keys.c names are read functions of job/key.h, with a
 * struct job_reader as their context: they return 0 or -ENOMEM. */
#ifndef JOB_READER_H
#define JOB_READER_H

#include "job/job.h"
#include "job/key.h"
#include "job/scope.h"

/* What a name has to be, for messages. */
#define READER_NAME_RULE                                                       \
    "use small letters, digits and _, beginning with a letter"

/* stage            the stage being read; NULL outside of stages:
 * each             the name of each: being read
 * has_results      the job says itself whose results are printed
 * plugins_unknown  there is a plugins: that could not be read
 * substituted      by stage: whether another one takes its results
 * input_reader     the stage that reads standard input, or NULL */
struct job_reader {
    struct job *job;
    struct scope scope;
    struct job_stage *stage;
    struct job_each *each;
    bool has_results;
    bool plugins_unknown;
    bool substituted[JOB_LIMIT_STAGES];
    const struct job_stage *input_reader;
};

/* keys.c: read the map at FOLDER of the job's one table of keys. */
int keys_read(struct job_reader *reader, const char *folder,
              const struct node *map, struct position at);

/* job.c */
int job_read_version(void *context, const struct node *value);
int job_read_name(void *context, const struct node *value);
int job_read_workers(void *context, const struct node *value);
int job_read_seed(void *context, const struct node *value);
int job_read_results(void *context, const struct node *value);

/* background.c */
int job_read_background(void *context, const struct node *value);
int job_read_linger(void *context, const struct node *value);
int job_read_store(void *context, const struct node *value);
int job_read_keep(void *context, const struct node *value);
int stage_read_background(void *context, const struct node *value);

/* Look for what cannot be in a job with a stage whose calls are background runs
 * of their own. */
void background_check(const struct job_reader *reader);

/* plugins.c */
int plugins_read(void *context, const struct node *value);

/* stage.c */
int stage_read_all(void *context, const struct node *value);
int stage_read_task(void *context, const struct node *value);
int stage_read_worker(void *context, const struct node *value);
int stage_read_order(void *context, const struct node *value);
int stage_read_needs(void *context, const struct node *value);

/* Read the value of KEY, a list of names of stages, or one: set NAMED, by
 * stage, for those that are there. */
void stage_read_names(struct job_reader *reader, const char *key,
                      const struct node *value, bool named[JOB_LIMIT_STAGES]);

/* Find the stage that VALUE, of KEY, names. Returns whether there is one;
 * otherwise a problem was added. */
bool stage_find_named(const struct job_reader *reader, const char *key,
                      const struct node *value, size_t *stage);

/* Let the stage being read wait for stage NEEDED, once. */
void stage_add_need(struct job_reader *reader, size_t needed);

/* each.c */
int each_read(void *context, const struct node *value);
int each_read_range(void *context, const struct node *value);
int each_read_glob(void *context, const struct node *value);
int each_read_lines(void *context, const struct node *value);
int each_read_stage(void *context, const struct node *value);

/* with.c */
int with_read(void *context, const struct node *value);

/* cycle.c: look for stages that wait for themselves, in whatever way. Returns 0
 * or -ENOMEM. */
int cycle_check(struct job_reader *reader);

#endif
