#include "cli/foresee.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/foreseen.h"
#include "cli/options.h"
#include "cli/record.h"
#include "cli/status.h"
#include "job/expansion.h"
#include "plugin/call_key.h"
#include "store/matching.h"
#include "value/encode.h"

enum { RESULTS_LIMIT_BYTES = VALUE_LIMIT_BYTES - 4096 };

/* What is known of a stage. */
enum knowledge {
    PENDING, /* it was not looked at yet */
    UNKNOWN, /* not all its results are in the record */
    KNOWN,   /* they are */
};

/* results  of a stage that is KNOWN, one behind the other; list: as a list
 * count    of them */
struct prospect {
    enum knowledge knowledge;
    struct buffer results;
    struct buffer list;
    size_t count;
};

/* build_ids  by plugin: what calls are known by
 * lists      by stage, as expansion wants them
 * result     the exit status: not all stages could begin */
struct foreseeing {
    const struct foresee_setting *setting;
    const struct job *job;
    struct matching matching;
    struct prospect *prospects;
    struct drover_value *lists;
    char *build_ids[JOB_LIMIT_PLUGINS];
    int result;
};

/* --- Stages that take results of others --------------------------------------
 */

static bool takes_from(const struct foreseeing *all, size_t stage, size_t other)
{
    size_t feeder;
    return plan_substitutes(all->setting->session->plan, stage, other) ||
           (job_stage_is_fed(&all->job->stages[stage], &feeder) &&
            feeder == other);
}

static bool is_taken_from(const struct foreseeing *all, size_t stage)
{
    for (size_t i = 0; i < all->job->stage_count; i++)
        if (takes_from(all, i, stage))
            return true;
    return false;
}

/* Whether STAGE takes results of one about which this is known. */
static bool takes_from_any(const struct foreseeing *all, size_t stage,
                           enum knowledge knowledge)
{
    for (size_t i = 0; i < all->job->stage_count; i++)
        if (all->prospects[i].knowledge == knowledge &&
            takes_from(all, stage, i))
            return true;
    return false;
}

static int print_unknown(const struct foreseeing *all, size_t stage)
{
    const char *after[JOB_LIMIT_STAGES];
    size_t count = 0;
    for (size_t i = 0; i < all->job->stage_count; i++)
        if (all->prospects[i].knowledge == UNKNOWN && takes_from(all, stage, i))
            after[count++] = all->job->stages[i].name;
    return foreseen_print_unknown(all->job->stages[stage].name, after, count);
}

static int keep_result(void *context, const struct record_stored *stored)
{
    struct prospect *prospect = context;
    struct drover_value value = stored->value.value;
    prospect->count++;
    return buffer_append(&prospect->results, value.data, value.size);
}

/* The results of a call of a stage from which others take. More than fit into
 * a value cannot be substituted anyway. */
static int keep_results(struct foreseeing *all, size_t stage, int64_t id,
                        struct drover_error *err)
{
    struct prospect *prospect = &all->prospects[stage];
    if (!is_taken_from(all, stage))
        return 0;
    int status =
        record_read_values(all->setting->store, id, keep_result, prospect, err);
    if (status == -EMSGSIZE) {
        prospect->knowledge = UNKNOWN;
        status = 0;
    }
    return status;
}

static int make_list(struct foreseeing *all, size_t stage)
{
    struct prospect *prospect = &all->prospects[stage];
    int status = value_put_list_head(&prospect->list, prospect->count);
    if (status == 0 && prospect->count > 0)
        status =
            buffer_append(&prospect->list, buffer_bytes(&prospect->results),
                          buffer_size(&prospect->results));
    all->lists[stage] = value_of_buffer(&prospect->list);
    buffer_clear(&prospect->results);
    return status;
}

/* --- Calls -------------------------------------------------------------------
 */

/* Why a call would run, or not. */
static const char *judge(const struct foreseeing *all,
                         const struct record_found *found)
{
    if (!found->ended || found->cause == DROVER_CANCELLED)
        return "retry";
    if (found->cause == DROVER_OK)
        return "done";
    return all->setting->failed ? "retry" : "failed";
}

/* Find the record that stands for the call. Returns 1, 0 or an error. */
static int find(struct foreseeing *all, const struct job_stage *stage,
                struct drover_value args, struct record_found *found,
                struct drover_error *err)
{
    if (all->setting->store == NULL)
        return 0;
    struct call_key key =
        call_key_of_task(all->build_ids[stage->plugin], stage->task, args);
    return matching_find(&all->matching, stage->name, key.bytes, found, err);
}

/* Returns 0 or an error. */
static int look_at(struct foreseeing *all, size_t stage, uint64_t index,
                   struct drover_value args, struct drover_error *err)
{
    const struct job_stage *job_stage = &all->job->stages[stage];
    struct record_found found = { .id = 0 };
    struct foreseen foreseen = { .stage = job_stage->name,
                                 .index = index,
                                 .args = args,
                                 .json_flags = all->setting->json_flags };
    int status = find(all, job_stage, args, &found, err);
    if (status < 0)
        return status;
    foreseen.why = status == 0 ? "new" : judge(all, &found);
    if (status > 0 && found.ended && found.cause == DROVER_OK)
        status = keep_results(all, stage, found.id, err);
    else
        all->prospects[stage].knowledge = UNKNOWN;
    return status < 0 ? status : foreseen_print(&foreseen);
}

/* A call that cannot be made would be told as a failure. */
static int look_at_unmade(struct foreseeing *all, size_t stage, uint64_t index,
                          const char *wrong)
{
    const struct foreseen foreseen = { .stage = all->job->stages[stage].name,
                                       .index = index,
                                       .why = "new",
                                       .wrong = wrong };
    all->prospects[stage].knowledge = UNKNOWN;
    return foreseen_print(&foreseen);
}

/* A stage while its calls are made.
 *
 * results  of the stage that feeds it; those that are not in the feed yet
 * made     so many calls */
struct making {
    size_t stage;
    struct expansion *expansion;
    struct feed *feed;
    struct drover_iterator results;
    uint64_t made;
};

/* Wait for a line that is not there yet, or add the next result to the feed.
 * Returns 0 or an error. */
static int provide(struct making *making)
{
    struct pollfd input = { .fd = expansion_descriptor(making->expansion),
                            .events = POLLIN };
    struct drover_value value;
    if (input.fd >= 0)
        return poll(&input, 1, -1) < 0 && errno != EINTR ? -errno : 0;
    if (drover_next(&making->results, &value))
        return feed_add(making->feed, value);
    feed_end(making->feed);
    return 0;
}

/* Returns 1 when there may be more, 0 or an error. */
static int look_at_next(struct foreseeing *all, struct making *making,
                        struct buffer *args, struct drover_error *err)
{
    buffer_reset(args);
    int made = expansion_next(making->expansion, args, err);
    int status = 0;
    if (made == 0)
        return 0;
    if (made == -EAGAIN)
        status = provide(making);
    else if (made > 0)
        status = look_at(all, making->stage, making->made++,
                         value_of_buffer(args), err);
    else
        status =
            look_at_unmade(all, making->stage, making->made++, err->message);
    return status < 0 ? status : 1;
}

static int look_at_all(struct foreseeing *all, struct making *making,
                       struct drover_error *err)
{
    struct buffer args = BUFFER_INIT(VALUE_LIMIT_BYTES);
    size_t feeder;
    int status;
    if (job_stage_is_fed(&all->job->stages[making->stage], &feeder))
        making->results = drover_iterate(all->lists[feeder]);
    while ((status = look_at_next(all, making, &args, err)) > 0)
        ;
    buffer_clear(&args);
    return status;
}

static int open_expansion(const struct foreseeing *all, struct making *making,
                          struct drover_error *err)
{
    const struct expansion_input input = { all->lists, making->feed,
                                           all->setting->folder };
    return expansion_open(all->setting->session->plan, making->stage, &input,
                          &making->expansion, err);
}

/* A stage that could not begin has no calls. */
static int expand(struct foreseeing *all, size_t stage,
                  struct drover_error *err)
{
    struct making making = { .stage = stage, .feed = feed_create() };
    int status = 0;
    if (making.feed == NULL)
        return error_no_memory(err);
    if (open_expansion(all, &making, err) == 0) {
        status = look_at_all(all, &making, err);
        expansion_close(making.expansion);
    } else {
        all->prospects[stage].knowledge = UNKNOWN;
        all->result = STATUS_CALLS_FAILED;
        say("%s", err->message);
    }
    feed_destroy(making.feed);
    return status;
}

/* --- Stages ------------------------------------------------------------------
 */

static int look_at_stage(struct foreseeing *all, size_t stage,
                         struct drover_error *err)
{
    struct prospect *prospect = &all->prospects[stage];
    int status;
    if (takes_from_any(all, stage, UNKNOWN)) {
        prospect->knowledge = UNKNOWN;
        return print_unknown(all, stage);
    }
    prospect->knowledge = KNOWN;
    status = expand(all, stage, err);
    if (status == 0 && prospect->knowledge == KNOWN)
        status = make_list(all, stage);
    return status;
}

/* Those from which others take come first. */
static int look_at_stages(struct foreseeing *all, struct drover_error *err)
{
    size_t left = all->job->stage_count;
    int status = 0;
    while (left > 0 && status == 0)
        for (size_t i = 0; status == 0 && i < all->job->stage_count; i++)
            if (all->prospects[i].knowledge == PENDING &&
                !takes_from_any(all, i, PENDING)) {
                status = look_at_stage(all, i, err);
                left--;
            }
    return status;
}

/* --- Plugins -----------------------------------------------------------------
 */

/* Calls are known by the plugins with which the run was begun. */
static int choose_build_id(struct foreseeing *all, size_t i)
{
    const struct session *session = all->setting->session;
    char *build_id = record_choose_build_id(session, all->setting->store, i);
    if (build_id == NULL)
        return -ENOMEM;
    if (strcmp(build_id, session->declarations[i]->build_id) != 0)
        say("plugin %s has changed since the run began; what was done with it "
            "then counts as done",
            all->job->plugins[i].name);
    all->build_ids[i] = build_id;
    return 0;
}

static int init(struct foreseeing *all)
{
    size_t stages = all->job->stage_count;
    int status = 0;
    matching_init(&all->matching, all->setting->store);
    all->prospects = calloc(stages, sizeof *all->prospects);
    all->lists = calloc(stages, sizeof *all->lists);
    if (all->prospects == NULL || all->lists == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < stages; i++) {
        buffer_init(&all->prospects[i].results, RESULTS_LIMIT_BYTES);
        buffer_init(&all->prospects[i].list, VALUE_LIMIT_BYTES);
    }
    for (size_t i = 0; status == 0 && i < all->job->plugin_count; i++)
        status = choose_build_id(all, i);
    return status;
}

static void clear(struct foreseeing *all)
{
    for (size_t i = 0; all->prospects != NULL && i < all->job->stage_count;
         i++) {
        buffer_clear(&all->prospects[i].results);
        buffer_clear(&all->prospects[i].list);
    }
    for (size_t i = 0; i < JOB_LIMIT_PLUGINS; i++)
        free(all->build_ids[i]);
    free(all->prospects);
    free(all->lists);
    matching_clear(&all->matching);
}

int foresee(const struct foresee_setting *setting)
{
    struct foreseeing all = { .setting = setting,
                              .job = setting->session->job };
    struct drover_error err;
    error_no_memory(&err);
    int status = init(&all);
    if (status == 0)
        status = look_at_stages(&all, &err);
    clear(&all);
    if (status == 0)
        return all.result;
    /* main says what is wrong with standard output. */
    if (status == -EPIPE)
        return STATUS_OK;
    say("%s", err.message);
    return (int)status_of_errno(-status);
}
