/* The one table of a job's keys. The manual, drover-job(5), has each of them.
 */
#include "job/reader.h"

/* Within a map the order of reading: stages need the plugins, results: the
 * stages; substitutions in with: need the names of each:. */
static const struct job_key keys[] = {
    { "version", true, job_read_version },
    { "name", false, job_read_name },
    { "plugins", false, plugins_read },
    { "workers", false, job_read_workers },
    { "stages", true, stage_read_all },
    { "stages.*.task", true, stage_read_task },
    { "stages.*.each", false, each_read },
    { "stages.*.each.*.range", false, each_read_range },
    { "stages.*.each.*.glob", false, each_read_glob },
    { "stages.*.each.*.lines", false, each_read_lines },
    { "stages.*.with", false, with_read },
    { "stages.*.worker", false, stage_read_worker },
    { "stages.*.order", false, stage_read_order },
    { "stages.*.needs", false, stage_read_needs },
    { "results", false, job_read_results },
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
