/* [host] Stages whose results feed others: a pipeline. */
#include <errno.h>

#include "run/state.h"

enum { SPARE_SLOTS_MAX = 256 };

static size_t index_of(const struct run *run, const struct stage_run *stage)
{
    return (size_t)(stage - run->stages);
}

static int connect(struct run *run, struct stage_run *stage, size_t feeder)
{
    stage->feed = feed_create();
    if (stage->feed == NULL)
        return -ENOMEM;
    stage->feeder = &run->stages[feeder];
    stage->fed_too = stage->feeder->fed;
    stage->feeder->fed = stage;
    return 0;
}

int feeding_create(struct run *run)
{
    const struct job *job = run->setting->job;
    int status = 0;
    size_t feeder;
    for (size_t i = 0; i < job->stage_count && status == 0; i++)
        if (job_stage_is_fed(&job->stages[i], &feeder))
            status = connect(run, &run->stages[i], feeder);
    return status;
}

size_t feeding_slots(const struct run *run)
{
    size_t workers = run->setting->workers, spare = 0;
    for (size_t i = 0; i < run->setting->job->stage_count; i++)
        if (run->stages[i].fed != NULL && spare < SPARE_SLOTS_MAX)
            spare += workers;
    return workers + (spare < SPARE_SLOTS_MAX ? spare : SPARE_SLOTS_MAX);
}

/* The schedule counts what can be made at once; what is there is known here. */
void feeding_supply(struct run *run, struct stage_run *stage)
{
    size_t i = index_of(run, stage);
    if (stage->feed == NULL || stage->expansion == NULL)
        return;
    if (expansion_is_used_up(stage->expansion))
        schedule_exhausted(run->schedule, i);
    else
        schedule_supply(run->schedule, i, expansion_supply(stage->expansion));
    stages_review_hold(run, index_of(run, stage->feeder));
}

int feeding_add(struct run *run, const struct stage_run *stage,
                struct drover_value value)
{
    int status = 0;
    for (struct stage_run *fed = stage->fed; fed != NULL && status == 0;
         fed = fed->fed_too) {
        status = feed_add(fed->feed, value);
        feeding_supply(run, fed);
    }
    return status;
}

void feeding_end(struct run *run, const struct stage_run *stage)
{
    for (struct stage_run *fed = stage->fed; fed != NULL; fed = fed->fed_too) {
        feed_end(fed->feed);
        feeding_supply(run, fed);
    }
}

void feeding_close(struct run *run, struct stage_run *stage)
{
    if (stage->feed == NULL)
        return;
    feed_close(stage->feed);
    stages_review_hold(run, index_of(run, stage->feeder));
}

void feeding_stop(struct run *run)
{
    for (size_t i = 0; i < run->setting->job->stage_count; i++)
        feeding_close(run, &run->stages[i]);
}

bool feeding_is_full(const struct stage_run *stage)
{
    for (const struct stage_run *fed = stage->fed; fed != NULL;
         fed = fed->fed_too)
        if (feed_is_full(fed->feed))
            return true;
    return false;
}
