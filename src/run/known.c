/* [host] Calls of a resumed run whose outcome is known: they are not run again,
 * but what they gave goes where it would have gone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run/state.h"

/* --- Deciding --------------------------------------------------------------
 */

/* Whether the outcome stands. That a call was cancelled says nothing of it. */
static bool stands(const struct run *run, const struct record_found *found)
{
    if (!found->ended || found->cause == DROVER_CANCELLED)
        return false;
    return found->cause == DROVER_OK || !run->setting->retry_failed;
}

enum known known_look(struct run *run, const struct call *call,
                      struct record_found *found, struct drover_error *err)
{
    if (!run->setting->resumed)
        return KNOWN_NEW;
    struct call_key key = recording_key(run, call);
    int status = matching_find(&run->recording.matching,
                               run->setting->job->stages[call->stage].name,
                               key.bytes, found, err);
    if (status <= 0)
        return status == 0 ? KNOWN_NEW : KNOWN_UNREADABLE;
    return stands(run, found) ? KNOWN_DONE : KNOWN_RETRY;
}

/* --- Taking over -----------------------------------------------------------
 */

struct taking {
    struct run *run;
    const struct call *call;
    struct drover_error *err;
};

static int keep(const struct taking *taking, int status)
{
    return status < 0 ? stages_explain(taking->run, taking->call->stage, status,
                                       taking->err)
                      : 0;
}

static int take_value(void *context, const struct record_stored *stored)
{
    const struct taking *taking = context;
    struct order_result result = {
        .value = stored->value.value,
        .item = stored->acknowledged ? RECORDING_DELIVERED : stored->item,
    };
    return keep(taking,
                order_add(taking->run->stages[taking->call->stage].order,
                          taking->call->index, &result));
}

static void tell_failure(struct run *run, const struct call *call,
                         const struct record_found *found)
{
    const struct run_observer *observer = &run->setting->observer;
    struct outcome outcome = {
        .stage = call->stage,
        .index = call->index,
        .calls = 1,
        .results = found->values,
        .args = { buffer_bytes(&call->args), buffer_size(&call->args) },
        .cause = found->cause,
        .text = found->text,
        .printed = found->printed,
        .printed_size = found->printed_size,
    };
    observer->ended(observer->context, &outcome);
}

int known_adopt(struct run *run, const struct call *call,
                const struct record_found *found, struct drover_error *err)
{
    struct stage_run *stage = &run->stages[call->stage];
    struct taking taking = { run, call, err };
    if (found->cause == DROVER_OK) {
        run->summary->succeeded++;
    } else {
        run->summary->failed++;
        stage->failed = true;
        tell_failure(run, call, found);
    }
    int status = record_read_values(run->setting->store, found->id, take_value,
                                    &taking, err);
    return status == 0 ? keep(&taking, order_end(stage->order, call->index))
                       : status;
}

/* --- Trying again ----------------------------------------------------------
 */

static int keep_value(void *context, const struct record_stored *stored)
{
    struct call_record *record = context;
    struct known_value *known = &record->known[record->known_count++];
    *known = (struct known_value){ stored->item, stored->acknowledged };
    return 0;
}

int known_retry(struct run *run, struct call *call,
                const struct record_found *found, struct drover_error *err)
{
    struct call_record *record = calloc(1, sizeof *record);
    if (record == NULL)
        return -ENOMEM;
    call->client = record;
    record->id = found->id;
    record->attempts = found->attempts;
    if (found->values == 0)
        return 0;
    record->known = calloc(found->values, sizeof *record->known);
    if (record->known == NULL)
        return -ENOMEM;
    return record_read_values(run->setting->store, found->id, keep_value,
                              record, err);
}
