#include "dispatch/schedule.h"

#include <stdlib.h>

#include "dispatch/schedule_state.h"

enum {
    WINDOW_FIRST = 2,            /* before anything was measured */
    WINDOW_NS = 2 * 1000 * 1000, /* work queued in one worker */
};

struct schedule *schedule_create(size_t slots,
                                 const struct schedule_stage *stages,
                                 size_t stage_count)
{
    struct schedule *schedule = calloc(1, sizeof *schedule);
    if (schedule == NULL)
        return NULL;
    schedule->slot_count = schedule->limit = slots;
    schedule->slots = calloc(slots, sizeof *schedule->slots);
    schedule->stage_count = stage_count;
    schedule->stages = calloc(stage_count + 1, sizeof *schedule->stages);
    schedule->line_capacity = slots * SCHEDULE_WINDOW_MAX;
    schedule->line = calloc(schedule->line_capacity, sizeof *schedule->line);
    if (schedule->slots == NULL || schedule->stages == NULL ||
        schedule->line == NULL) {
        schedule_destroy(schedule);
        return NULL;
    }
    for (size_t i = 0; i < stage_count; i++) {
        schedule->stages[i].setting = &stages[i];
        schedule->feeding |= stages[i].fed;
    }
    schedule->stages_changed = true;
    return schedule;
}

void schedule_destroy(struct schedule *schedule)
{
    if (schedule == NULL)
        return;
    free(schedule->slots);
    free(schedule->stages);
    free(schedule->line);
    free(schedule);
}

/* --- What a slot does next --------------------------------------------------
 */

/* How many calls of STAGE a reused worker may have queued. */
static size_t window(const struct stage *stage)
{
    if (stage->average_ns == 0)
        return WINDOW_FIRST;
    uint64_t calls = WINDOW_NS / stage->average_ns;
    if (calls < 1)
        return 1;
    return calls < SCHEDULE_WINDOW_MAX ? (size_t)calls : SCHEDULE_WINDOW_MAX;
}

static struct action give(struct schedule *schedule, size_t i, struct work work)
{
    struct action action = { .slot = (int)i, .stage = work.stage };
    struct slot *slot = &schedule->slots[i];
    schedule->cursor = i;
    if (!work.in_line) {
        action.type = ACTION_EXPAND;
        return action;
    }
    struct waiting waiting = schedule_pop_line(schedule);
    schedule_push_queue(slot, waiting);
    action.type = ACTION_SEND;
    action.call = waiting.call;
    return action;
}

static struct action start(struct schedule *schedule, size_t i, bool reused)
{
    struct slot *slot = &schedule->slots[i];
    slot->worker = WORKER_STARTING;
    slot->reused = reused;
    return (struct action){ .type = ACTION_START,
                            .slot = (int)i,
                            .reused = reused };
}

static const struct action nothing = { .type = ACTION_NONE };

/* A reused worker without a call; slot_count when there is none. */
static size_t find_idle_slot(const struct schedule *schedule)
{
    size_t i = 0;
    for (; i < schedule->slot_count; i++) {
        const struct slot *slot = &schedule->slots[i];
        if (slot->worker == WORKER_READY && slot->reused && slot->queued == 0)
            break;
    }
    return i;
}

/* The slot with the longest queue of those that may give some of it back;
 * slot_count when there is none. */
static size_t find_longest_queue(const struct schedule *schedule)
{
    size_t longest = schedule->slot_count, most = 1;
    for (size_t i = 0; i < schedule->slot_count; i++) {
        const struct slot *slot = &schedule->slots[i];
        if (slot->reused && !slot->clung && !slot->resting &&
            slot->queued > most) {
            longest = i;
            most = slot->queued;
        }
    }
    return longest;
}

static bool is_any_starting(const struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->slot_count; i++)
        if (schedule->slots[i].worker == WORKER_STARTING)
            return true;
    return false;
}

/* Whether one more reused worker could take calls from another one's queue. */
static bool is_help_wanted(const struct schedule *schedule)
{
    return find_longest_queue(schedule) < schedule->slot_count &&
           find_idle_slot(schedule) == schedule->slot_count &&
           !is_any_starting(schedule);
}

/* Whether there are COUNT workers or more, and a limit that it is about. */
static bool has_workers(const struct schedule *schedule, size_t count)
{
    if (schedule->limit >= schedule->slot_count)
        return false;
    for (size_t i = 0; i < schedule->slot_count && count > 0; i++)
        count -= schedule->slots[i].worker != WORKER_NONE &&
                 !schedule->slots[i].resting;
    return count == 0;
}

static struct action next_without_worker(struct schedule *schedule, size_t i)
{
    if (has_workers(schedule, schedule->limit))
        return nothing;
    struct work work = schedule_find_work(schedule, true, false);
    if (!work.found && is_help_wanted(schedule))
        return start(schedule, i, true);
    if (!work.found ||
        !schedule_wants_worker(schedule, schedule->slots[i].warm))
        return nothing;
    return start(schedule, i, schedule->stages[work.stage].setting->reused);
}

static struct action stop(struct schedule *schedule, size_t i)
{
    schedule->slots[i].worker = WORKER_SPENT;
    return (struct action){ .type = ACTION_STOP, .slot = (int)i };
}

/* An idle worker of the wrong mode makes room for one of the right mode. */
static struct action stop_if_useless(struct schedule *schedule, size_t i)
{
    if (schedule->slots[i].queued > 0 ||
        !schedule_find_work(schedule, true, false).found)
        return nothing;
    return stop(schedule, i);
}

static struct action next_forked(struct schedule *schedule, size_t i)
{
    struct work work = schedule_find_work(schedule, false, false);
    if (schedule->slots[i].queued > 0)
        return nothing;
    return work.found ? give(schedule, i, work) : stop_if_useless(schedule, i);
}

static bool has_free_slot(const struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->slot_count; i++)
        if (schedule->slots[i].worker == WORKER_NONE &&
            !schedule->slots[i].broken)
            return true;
    return false;
}

/* Where stages feed others, a call that is kept waiting keeps those behind it
 * waiting. They must not be those that it waits for. */
static bool would_mix(const struct schedule *schedule, const struct slot *slot,
                      size_t stage)
{
    return schedule->feeding && slot->queued > 0 &&
           slot->stages[slot->first] != stage;
}

static struct action next_reused(struct schedule *schedule, size_t i)
{
    size_t queued = schedule->slots[i].queued;
    struct work work = schedule_find_work(schedule, false, true);
    if (!work.found)
        return stop_if_useless(schedule, i);
    const struct stage *stage = &schedule->stages[work.stage];
    if (queued >= window(stage) || (queued > 0 && schedule->slots[i].choked) ||
        would_mix(schedule, &schedule->slots[i], work.stage))
        return nothing;
    /* A call that takes long would wait while another slot could run it. */
    if (queued > 0 && stage->average_ns == 0 && has_free_slot(schedule))
        return nothing;
    return give(schedule, i, work);
}

static struct action next_slot_action(struct schedule *schedule, size_t i)
{
    const struct slot *slot = &schedule->slots[i];
    switch (slot->worker) {
    case WORKER_NONE:
        return slot->broken ? nothing : next_without_worker(schedule, i);
    case WORKER_READY:
        if (slot->queued == 0 && has_workers(schedule, schedule->limit + 1))
            return stop(schedule, i);
        return slot->reused ? next_reused(schedule, i)
                            : next_forked(schedule, i);
    case WORKER_STARTING:
    case WORKER_SPENT:
        break;
    }
    return nothing;
}

/* --- Taking calls back ------------------------------------------------------
 */

static struct action recall(struct schedule *schedule, size_t i, size_t count)
{
    schedule->slots[i].clung = true;
    return (
        struct action){ .type = ACTION_RECALL, .slot = (int)i, .count = count };
}

/* An idle slot takes half of the longest queue. */
static struct action next_steal(struct schedule *schedule)
{
    size_t longest = find_longest_queue(schedule);
    size_t idle = find_idle_slot(schedule);
    if (longest == schedule->slot_count || idle == schedule->slot_count)
        return nothing;
    /* Or else they might go back to where they came from. */
    schedule->cursor = idle;
    return recall(schedule, longest, schedule->slots[longest].queued / 2);
}

static struct action drop(struct schedule *schedule)
{
    return (struct action){ .type = ACTION_DROP,
                            .slot = SCHEDULE_NOBODY,
                            .call = schedule_pop_line(schedule).call };
}

static struct action next_drain(struct schedule *schedule)
{
    if (schedule->line_count > 0)
        return drop(schedule);
    for (size_t i = 0; i < schedule->slot_count; i++) {
        const struct slot *slot = &schedule->slots[i];
        if (slot->reused && slot->queued > 0 && !slot->clung)
            return recall(schedule, i, slot->queued);
    }
    return nothing;
}

void schedule_recalled(struct schedule *schedule, int slot, size_t count)
{
    schedule_give_back(schedule, &schedule->slots[slot], count);
    if (count > 0 && !schedule->draining)
        schedule->slots[slot].clung = false;
}

/* --- All of it ---------------------------------------------------------- */

/* No slot is left: every call there is gets its outcome all the same. */
static struct action next_without_slots(struct schedule *schedule)
{
    struct work work = schedule_find_work(schedule, true, false);
    if (!work.found)
        return nothing;
    if (work.in_line)
        return drop(schedule);
    return (struct action){ .type = ACTION_EXPAND,
                            .slot = SCHEDULE_NOBODY,
                            .stage = work.stage };
}

struct action schedule_next(struct schedule *schedule)
{
    if (schedule->stages_changed) {
        struct action action = schedule_next_stage(schedule);
        if (action.type != ACTION_NONE)
            return action;
    }
    if (schedule->draining)
        return next_drain(schedule);
    if (schedule->broken_count == schedule->slot_count)
        return next_without_slots(schedule);
    for (size_t n = 0; n < schedule->slot_count; n++) {
        size_t i = (schedule->cursor + n) % schedule->slot_count;
        struct action action = next_slot_action(schedule, i);
        if (action.type != ACTION_NONE)
            return action;
    }
    return next_steal(schedule);
}

void schedule_expanded(struct schedule *schedule, int slot, size_t stage,
                       struct call *call)
{
    schedule_push_queue(&schedule->slots[slot],
                        (struct waiting){ call, stage });
    schedule->stages[stage].unsettled++;
    schedule_count_made(schedule, stage);
}

void schedule_born(struct schedule *schedule, int slot)
{
    struct slot *born = &schedule->slots[slot];
    if (born->worker == WORKER_STARTING)
        born->worker = WORKER_READY;
    born->warm = true;
}

struct call *schedule_ended(struct schedule *schedule, int slot,
                            uint64_t elapsed_ns)
{
    struct slot *served = &schedule->slots[slot];
    struct waiting ended = schedule_pop_queue(served);
    struct stage *stage = &schedule->stages[ended.stage];
    /* A moving average over about eight calls; at least 1, which is "known". */
    stage->average_ns = stage->average_ns == 0
                            ? elapsed_ns + 1
                            : (stage->average_ns * 7 + elapsed_ns) / 8 + 1;
    served->clung = schedule->draining;
    if (!served->reused)
        served->worker = WORKER_SPENT;
    return ended.call;
}

struct call *schedule_gone(struct schedule *schedule, int slot, bool started)
{
    struct slot *left = &schedule->slots[slot];
    struct call *running = NULL;
    if (started && left->queued > 0)
        running = schedule_pop_queue(left).call;
    schedule_give_back(schedule, left, left->queued);
    left->worker = WORKER_NONE;
    left->clung = left->choked = left->resting = false;
    return running;
}

void schedule_broken(struct schedule *schedule, int slot)
{
    if (!schedule->slots[slot].broken)
        schedule->broken_count++;
    schedule->slots[slot].broken = true;
    schedule->slots[slot].worker = WORKER_NONE;
}

void schedule_choke(struct schedule *schedule, int slot, bool choked)
{
    schedule->slots[slot].choked = choked;
}

void schedule_rest(struct schedule *schedule, int slot, bool resting)
{
    schedule->slots[slot].resting = resting;
}

bool schedule_has_other(const struct schedule *schedule, int slot)
{
    for (size_t i = 0; i < schedule->slot_count; i++)
        if ((int)i != slot && !schedule->slots[i].broken &&
            !schedule->slots[i].resting)
            return true;
    return false;
}

void schedule_drain(struct schedule *schedule)
{
    schedule->draining = true;
}

bool schedule_is_draining(const struct schedule *schedule)
{
    return schedule->draining;
}

void schedule_limit(struct schedule *schedule, size_t count)
{
    schedule->limit = count;
}

bool schedule_is_finished(const struct schedule *schedule)
{
    if (schedule->stages_changed)
        return false;
    for (size_t i = 0; i < schedule->slot_count; i++)
        if (schedule->slots[i].queued > 0)
            return false;
    if (schedule->draining)
        return schedule->line_count == 0;
    for (size_t i = 0; i < schedule->stage_count; i++)
        if (schedule->stages[i].state != STAGE_COMPLETE)
            return false;
    return true;
}
