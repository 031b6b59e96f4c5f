/* The one table of a job's keys. The manual, drover-job(5), has each of them.
 */
#include "job/reader.h"

/* Within a map the order of reading: stages need the plugins, results: the
 * stages; substitutions in with: and background: need the names of each:. */
static const struct job_key keys[] = {
    { "version", "version: 1", job_read_version },
    { "name", NULL, job_read_name },
    { "plugins", NULL, plugins_read },
    { "workers", NULL, job_read_workers },
    { "seed", NULL, job_read_seed },
    { "background", NULL, job_read_background },
    { "linger", NULL, job_read_linger },
    { "store", NULL, job_read_store },
    { "store.keep", "keep: DURATION", job_read_keep },
    { "stages", "stages:, with a map of names below it", stage_read_all },
    { "stages.*.task", "task: PLUGIN.TASK", stage_read_task },
    { "stages.*.each", NULL, each_read },
    { "stages.*.each.*.range", NULL, each_read_range },
    { "stages.*.each.*.glob", NULL, each_read_glob },
    { "stages.*.each.*.lines", NULL, each_read_lines },
    { "stages.*.each.*.stage", NULL, each_read_stage },
    { "stages.*.with", NULL, with_read },
    { "stages.*.worker", NULL, stage_read_worker },
    { "stages.*.order", NULL, stage_read_order },
    { "stages.*.needs", NULL, stage_read_needs },
    { "stages.*.background", NULL, stage_read_background },
    { "results", NULL, job_read_results },
};

const struct job_key *job_keys(size_t *count)
{
    *count = sizeof keys / sizeof keys[0];
    return keys;
}

int keys_read(struct job_reader *reader, const char *folder,
              const struct node *map, struct position at)
{
    static const struct key_table table = { keys,
                                            sizeof keys / sizeof keys[0] };
    return key_read_map(&reader->scope, &table, folder, map, at, reader);
}
