#include "exchange/schedule.h"

#include <assert.h>
#include <stdlib.h>

enum {
    WINDOW_FIRST = 2,            /* before anything was measured */
    WINDOW_NS = 2 * 1000 * 1000, /* work queued in one worker */
};

enum worker_state {
    WORKER_NONE,
    WORKER_STARTING,
    WORKER_READY,
    WORKER_SPENT, /* has served its call, or is to end; not yet gone */
};

enum stage_state {
    STAGE_WAITING, /* for what it needs */
    STAGE_OPENING, /* ACTION_OPEN was given */
    STAGE_ACTIVE,
    STAGE_EXHAUSTED, /* all calls are made, not all have their outcomes */
    STAGE_COMPLETE,
};

struct slot {
    enum worker_state worker;
    bool reused;
    bool broken;
    bool clung; /* a recall got nothing; not again before a call has ended */
    size_t first;
    size_t queued;
    struct call *queue[SCHEDULE_WINDOW_MAX];
    size_t stages[SCHEDULE_WINDOW_MAX]; /* of the calls in the queue */
};

struct stage {
    enum stage_state state;
    const struct schedule_stage *setting;
    bool failed;
    bool held;
    uint64_t left;      /* calls not yet made; UINT64_MAX: not known */
    uint64_t unsettled; /* calls made that have no outcome */
    uint64_t average_ns;
};

/* A call in line. */
struct waiting {
    struct call *call;
    size_t stage;
};

struct schedule {
    size_t slot_count;
    struct slot *slots;
    size_t stage_count;
    struct stage *stages;
    /* At most one queue's worth per slot comes back before any is sent. */
    struct waiting *line;
    size_t line_first;
    size_t line_count;
    size_t line_capacity;
    size_t cursor; /* the slot that was given something last */
    size_t broken_count;
    bool stages_changed;
    bool draining;
};

struct schedule *schedule_create(size_t slots,
                                 const struct schedule_stage *stages,
                                 size_t stage_count)
{
    struct schedule *schedule = calloc(1, sizeof *schedule);
    if (schedule == NULL)
        return NULL;
    schedule->slot_count = slots;
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
    for (size_t i = 0; i < stage_count; i++)
        schedule->stages[i].setting = &stages[i];
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

/* --- Stages ------------------------------------------------------------ */

enum need { NEED_WAIT, NEED_MET, NEED_FAILED };

static enum need judge_needs(const struct schedule *schedule,
                             const struct stage *stage)
{
    enum need need = NEED_MET;
    for (size_t i = 0; i < stage->setting->needs_count; i++) {
        const struct stage *needed =
            &schedule->stages[stage->setting->needs[i]];
        if (needed->state != STAGE_COMPLETE)
            need = NEED_WAIT;
        else if (needed->failed)
            return NEED_FAILED;
    }
    return need;
}

static void complete(struct schedule *schedule, struct stage *stage)
{
    stage->state = STAGE_COMPLETE;
    schedule->stages_changed = true;
}

/* The next stage that opens, closes or is skipped. */
static struct action next_stage_action(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->stage_count; i++) {
        struct stage *stage = &schedule->stages[i];
        struct action action = { .type = ACTION_NONE, .stage = i };
        enum need need = NEED_WAIT;
        if (stage->state == STAGE_WAITING && !schedule->draining)
            need = judge_needs(schedule, stage);
        if (need == NEED_MET) {
            stage->state = STAGE_OPENING;
            action.type = ACTION_OPEN;
        } else if (need == NEED_FAILED) {
            stage->failed = true;
            complete(schedule, stage);
            action.type = ACTION_SKIP;
        } else if (stage->state == STAGE_EXHAUSTED && stage->unsettled == 0) {
            complete(schedule, stage);
            action.type = ACTION_CLOSE;
        }
        if (action.type != ACTION_NONE)
            return action;
    }
    schedule->stages_changed = false;
    return (struct action){ .type = ACTION_NONE };
}

/* A stage whose last call is made is exhausted without asking once more. */
static void note_last_call(struct schedule *schedule, size_t stage)
{
    if (schedule->stages[stage].left == 0)
        schedule_exhausted(schedule, stage);
}

void schedule_opened(struct schedule *schedule, size_t stage, uint64_t total)
{
    schedule->stages[stage].state = STAGE_ACTIVE;
    schedule->stages[stage].left = total;
    note_last_call(schedule, stage);
}

void schedule_failed(struct schedule *schedule, size_t stage)
{
    schedule->stages[stage].failed = true;
    schedule_exhausted(schedule, stage);
}

void schedule_exhausted(struct schedule *schedule, size_t stage)
{
    schedule->stages[stage].state = STAGE_EXHAUSTED;
    schedule->stages[stage].left = 0;
    schedule->stages_changed = true;
}

/* One call of the stage has been made. */
static void count_made(struct stage *stage)
{
    if (stage->left != UINT64_MAX && stage->left > 0)
        stage->left--;
}

void schedule_unmade(struct schedule *schedule, size_t stage)
{
    count_made(&schedule->stages[stage]);
    schedule->stages[stage].failed = true;
    note_last_call(schedule, stage);
}

void schedule_settled(struct schedule *schedule, size_t stage, bool succeeded)
{
    struct stage *settled = &schedule->stages[stage];
    assert(settled->unsettled > 0);
    settled->unsettled--;
    if (!succeeded)
        settled->failed = true;
    if (settled->unsettled == 0 && settled->state == STAGE_EXHAUSTED)
        schedule->stages_changed = true;
}

void schedule_hold(struct schedule *schedule, size_t stage, bool held)
{
    schedule->stages[stage].held = held;
}

/* --- The line of calls that came back --------------------------------------
 */

static void line_push_front(struct schedule *schedule, struct waiting waiting)
{
    assert(schedule->line_count < schedule->line_capacity);
    schedule->line_first =
        (schedule->line_first + schedule->line_capacity - 1) %
        schedule->line_capacity;
    schedule->line[schedule->line_first] = waiting;
    schedule->line_count++;
}

static struct waiting line_pop(struct schedule *schedule)
{
    struct waiting first = schedule->line[schedule->line_first];
    schedule->line_first = (schedule->line_first + 1) % schedule->line_capacity;
    schedule->line_count--;
    return first;
}

/* --- A slot's queue --------------------------------------------------------
 */

static void queue_push(struct slot *slot, struct waiting waiting)
{
    assert(slot->queued < SCHEDULE_WINDOW_MAX);
    size_t last = (slot->first + slot->queued++) % SCHEDULE_WINDOW_MAX;
    slot->queue[last] = waiting.call;
    slot->stages[last] = waiting.stage;
}

static struct waiting queue_pop_front(struct slot *slot)
{
    assert(slot->queued > 0);
    size_t first = slot->first;
    slot->first = (first + 1) % SCHEDULE_WINDOW_MAX;
    slot->queued--;
    return (struct waiting){ slot->queue[first], slot->stages[first] };
}

/* The last COUNT calls go to the front of the line, in their order. */
static void queue_give_back(struct schedule *schedule, struct slot *slot,
                            size_t count)
{
    for (; count > 0; count--) {
        size_t last = (slot->first + --slot->queued) % SCHEDULE_WINDOW_MAX;
        line_push_front(schedule, (struct waiting){ slot->queue[last],
                                                    slot->stages[last] });
    }
}

size_t schedule_queued(const struct schedule *schedule, int slot)
{
    return schedule->slots[slot].queued;
}

struct call *schedule_queued_call(const struct schedule *schedule, int slot,
                                  size_t i)
{
    const struct slot *asked = &schedule->slots[slot];
    return asked->queue[(asked->first + i) % SCHEDULE_WINDOW_MAX];
}

/* --- Work ------------------------------------------------------------------
 */

static bool can_expand(const struct stage *stage)
{
    return stage->state == STAGE_ACTIVE && !stage->held && stage->left > 0;
}

/* What a slot could do next: a call in line, or a stage to expand. */
struct work {
    bool found;
    bool in_line;
    size_t stage;
};

/* The first work there is; such for workers of the mode REUSED if ANY_MODE is
 * not set. */
static struct work find_work(const struct schedule *schedule, bool any_mode,
                             bool reused)
{
    if (schedule->line_count > 0) {
        size_t stage = schedule->line[schedule->line_first].stage;
        if (any_mode || schedule->stages[stage].setting->reused == reused)
            return (struct work){ true, true, stage };
        return (struct work){ false };
    }
    for (size_t i = 0; i < schedule->stage_count; i++) {
        const struct stage *stage = &schedule->stages[i];
        if (can_expand(stage) && (any_mode || stage->setting->reused == reused))
            return (struct work){ true, false, i };
    }
    return (struct work){ false };
}

uint64_t schedule_work(const struct schedule *schedule, uint64_t limit)
{
    uint64_t count = schedule->line_count;
    for (size_t i = 0; i < schedule->stage_count && count < limit; i++) {
        const struct stage *stage = &schedule->stages[i];
        if (can_expand(stage))
            count = stage->left < limit - count ? count + stage->left : limit;
    }
    return count < limit ? count : limit;
}

/* Workers that are idle, or will be as soon as they are born. */
static size_t count_idle(const struct schedule *schedule)
{
    size_t idle = 0;
    for (size_t i = 0; i < schedule->slot_count; i++) {
        const struct slot *slot = &schedule->slots[i];
        if (slot->worker == WORKER_STARTING ||
            (slot->worker == WORKER_READY && slot->queued == 0))
            idle++;
    }
    return idle;
}

/* Whether one more worker would find something to do. */
static bool is_worker_wanted(const struct schedule *schedule)
{
    size_t idle = count_idle(schedule);
    return schedule_work(schedule, idle + 1) > idle;
}

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

/* --- What a slot does next --------------------------------------------------
 */

static struct action give(struct schedule *schedule, size_t i, struct work work)
{
    struct action action = { .slot = (int)i, .stage = work.stage };
    struct slot *slot = &schedule->slots[i];
    schedule->cursor = i;
    if (!work.in_line) {
        action.type = ACTION_EXPAND;
        return action;
    }
    struct waiting waiting = line_pop(schedule);
    queue_push(slot, waiting);
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

static struct action next_without_worker(struct schedule *schedule, size_t i)
{
    struct work work = find_work(schedule, true, false);
    if (!work.found || !is_worker_wanted(schedule))
        return nothing;
    return start(schedule, i, schedule->stages[work.stage].setting->reused);
}

/* An idle worker of the wrong mode makes room for one of the right mode. */
static struct action stop_if_useless(struct schedule *schedule, size_t i)
{
    struct slot *slot = &schedule->slots[i];
    if (slot->queued > 0 || !find_work(schedule, true, false).found)
        return nothing;
    slot->worker = WORKER_SPENT;
    return (struct action){ .type = ACTION_STOP, .slot = (int)i };
}

static struct action next_forked(struct schedule *schedule, size_t i)
{
    struct work work = find_work(schedule, false, false);
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

static struct action next_reused(struct schedule *schedule, size_t i)
{
    size_t queued = schedule->slots[i].queued;
    struct work work = find_work(schedule, false, true);
    if (!work.found)
        return stop_if_useless(schedule, i);
    const struct stage *stage = &schedule->stages[work.stage];
    if (queued >= window(stage))
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
        if (slot->reused && !slot->clung && slot->queued > most) {
            longest = i;
            most = slot->queued;
        }
    }
    return longest;
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
                            .call = line_pop(schedule).call };
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
    queue_give_back(schedule, &schedule->slots[slot], count);
    if (count > 0 && !schedule->draining)
        schedule->slots[slot].clung = false;
}

/* --- All of it ---------------------------------------------------------- */

/* No slot is left: every call there is gets its outcome all the same. */
static struct action next_without_slots(struct schedule *schedule)
{
    struct work work = find_work(schedule, true, false);
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
        struct action action = next_stage_action(schedule);
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
    queue_push(&schedule->slots[slot], (struct waiting){ call, stage });
    schedule->stages[stage].unsettled++;
    count_made(&schedule->stages[stage]);
    note_last_call(schedule, stage);
}

void schedule_born(struct schedule *schedule, int slot)
{
    struct slot *born = &schedule->slots[slot];
    if (born->worker == WORKER_STARTING)
        born->worker = WORKER_READY;
}

struct call *schedule_ended(struct schedule *schedule, int slot,
                            uint64_t elapsed_ns)
{
    struct slot *served = &schedule->slots[slot];
    struct waiting ended = queue_pop_front(served);
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
        running = queue_pop_front(left).call;
    queue_give_back(schedule, left, left->queued);
    left->worker = WORKER_NONE;
    left->clung = false;
    return running;
}

void schedule_broken(struct schedule *schedule, int slot)
{
    if (!schedule->slots[slot].broken)
        schedule->broken_count++;
    schedule->slots[slot].broken = true;
    schedule->slots[slot].worker = WORKER_NONE;
}

void schedule_drain(struct schedule *schedule)
{
    schedule->draining = true;
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
