/* Results of another stage, as they come. */
#include "job/feed.h"
#include "job/source.h"

static int stage_open(struct source *source, struct drover_error *err)
{
    (void)err;
    source->count = UINT64_MAX;
    return 0;
}

static int stage_next(struct source *source, struct drover_error *err)
{
    (void)err;
    return feed_next(source->feed);
}

const struct source_kind source_stage = { .open = stage_open,
                                          .next = stage_next };
