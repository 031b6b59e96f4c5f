#include "job/job.h"

#include <stdlib.h>
#include <string.h>

bool job_find_stage(const struct job *job, const char *name, size_t size,
                    size_t *stage)
{
    for (size_t i = 0; i < job->stage_count; i++) {
        const char *other = job->stages[i].name;
        if (strncmp(other, name, size) == 0 && other[size] == '\0') {
            *stage = i;
            return true;
        }
    }
    return false;
}

bool job_stage_is_fed(const struct job_stage *stage, size_t *feeder)
{
    if (stage->each_count == 0 || stage->each[0].kind != EACH_STAGE)
        return false;
    *feeder = stage->each[0].stage;
    return true;
}

bool job_stage_reads_input(const struct job_stage *stage)
{
    for (size_t i = 0; i < stage->each_count; i++) {
        const struct job_each *each = &stage->each[i];
        if (each->kind == EACH_LINES && each->pattern != NULL &&
            strcmp(each->pattern, "-") == 0)
            return true;
    }
    return false;
}

void job_destroy(struct job *job)
{
    if (job == NULL)
        return;
    for (size_t i = 0; i < job->plugin_count; i++) {
        free(job->plugins[i].name);
        free(job->plugins[i].locator);
    }
    for (size_t i = 0; i < job->stage_count; i++) {
        free(job->stages[i].with);
        free(job->stages[i].each);
        free(job->stages[i].needs);
    }
    free(job->plugins);
    free(job->stages);
    free(job->file);
    free(job->name);
    free(job->background);
    node_destroy(job->root);
    free(job);
}
