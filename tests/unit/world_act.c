#include "world_act.h"

#include <string.h>

/* --- Stages -------------------------------------------------------------- */

/* What a level has that is fed: made known whenever that changes. */
static void supply(size_t i)
{
    struct level *level = &world.levels[i];
    size_t left = level->total - level->made;
    if (!is_fed(level) || level->phase != OPEN)
        return;
    if (left == 0 && world.levels[level->feeder].phase == CLOSED) {
        level->phase = EXHAUSTED;
        schedule_exhausted(world.schedule, i);
        return;
    }
    schedule_supply(world.schedule, i,
                    left > 0 && !level->known ? UINT64_MAX : left);
}

/* A call of a level gives others some. */
static void feed(size_t feeder)
{
    for (size_t i = 0; i < world.level_count; i++) {
        struct level *level = &world.levels[i];
        size_t more = below(4);
        if (level->feeder != feeder || world.fed_count + more > FED_MAX)
            continue;
        world.fed_count += more;
        level->total += more;
        supply(i);
    }
}

/* It gives no more. */
static void end_feed(size_t feeder)
{
    for (size_t i = 0; i < world.level_count; i++)
        if (world.levels[i].feeder == feeder)
            supply(i);
}

static void open_level(size_t i)
{
    struct level *level = &world.levels[i];
    bool failed;
    MUST(level->phase == WAITING && !world.draining);
    MUST(is_met(level, &failed));
    if (chance(50)) {
        level->failed = true;
        level->phase = EXHAUSTED;
        schedule_failed(world.schedule, i);
        return;
    }
    bool over = level->known && level->total == 0 && !is_fed(level);
    level->phase = over ? EXHAUSTED : OPEN;
    schedule_opened(world.schedule, i,
                    level->known ? level->total : UINT64_MAX);
    supply(i);
}

static void skip_level(size_t i)
{
    struct level *level = &world.levels[i];
    bool failed;
    is_met(level, &failed);
    MUST(level->phase == WAITING && failed);
    level->failed = true;
    level->phase = CLOSED;
    end_feed(i);
}

static void close_level(size_t i)
{
    struct level *level = &world.levels[i];
    MUST(level->phase == EXHAUSTED && level->unsettled == 0);
    level->phase = CLOSED;
    end_feed(i);
}

/* --- Calls --------------------------------------------------------------- */

void settle(struct call *call, bool succeeded)
{
    struct level *level = &world.levels[call->stage];
    MUST(call->place != SETTLED);
    call->place = SETTLED;
    level->unsettled--;
    level->failed |= !succeeded;
    schedule_settled(world.schedule, call->stage, succeeded);
    feed(call->stage);
}

static void count_made(struct level *level)
{
    level->made++;
    if (level->known && !is_fed(level) && level->made == level->total)
        level->phase = EXHAUSTED;
}

static void push(struct seat *seat, struct call *call)
{
    MUST(seat->worker == READY);
    MUST(world.levels[call->stage].setting.reused == seat->reused);
    MUST(seat->queued < (seat->reused ? SCHEDULE_WINDOW_MAX : 1));
    MUST(!world.feeding || seat->queued == 0 ||
         seat->queue[0]->stage == call->stage);
    seat->queue[seat->queued++] = call;
    call->place = IN_QUEUE;
}

struct call *shift(struct call **calls, size_t *count)
{
    struct call *first = calls[0];
    (*count)--;
    memmove(calls, calls + 1, *count * sizeof *calls);
    return first;
}

void give_back(struct seat *seat, size_t count)
{
    memmove(world.line + count, world.line, world.lined * sizeof *world.line);
    world.lined += count;
    seat->queued -= count;
    for (size_t i = 0; i < count; i++) {
        world.line[i] = seat->queue[seat->queued + i];
        world.line[i]->place = IN_LINE;
    }
}

static void expand(const struct action *action)
{
    struct level *level = &world.levels[action->stage];
    MUST(can_expand(level) && !world.draining && world.lined == 0);
    MUST((action->slot == SCHEDULE_NOBODY) == is_broken());
    if (level->made == level->total) {
        level->phase = EXHAUSTED;
        schedule_exhausted(world.schedule, action->stage);
        return;
    }
    count_made(level);
    if (action->slot == SCHEDULE_NOBODY || chance(20)) {
        level->failed = true;
        schedule_unmade(world.schedule, action->stage);
        supply(action->stage);
        return;
    }
    if (chance(20)) {
        schedule_known(world.schedule, action->stage);
        supply(action->stage);
        return;
    }
    struct call *call = &world.calls[world.call_count++];
    *call = (struct call){ .stage = action->stage };
    level->unsettled++;
    push(&world.seats[action->slot], call);
    supply(action->stage);
    schedule_expanded(world.schedule, action->slot, action->stage, call);
    if (chance(30)) {
        level->held = true;
        schedule_hold(world.schedule, action->stage, true);
    }
}

static struct call *take_from_line(const struct call *call)
{
    MUST(world.lined > 0 && world.line[0] == call);
    return shift(world.line, &world.lined);
}

/* A worker takes its calls in order, so only what it has not begun with can
 * be taken back; a message under way can make it less. */
static void recall(const struct action *action)
{
    struct seat *seat = &world.seats[action->slot];
    MUST(seat->worker == READY && seat->reused);
    MUST(!seat->rests || world.draining);
    MUST(action->count >= 1 && action->count <= seat->queued);
    size_t most = seat->queued - seat->begun;
    if (most > action->count)
        most = action->count;
    size_t count = chance(800) ? most : below(most + 1);
    if (world.draining)
        count = most;
    give_back(seat, count);
    schedule_recalled(world.schedule, action->slot, count);
}

/* --- Workers ------------------------------------------------------------- */

static void start(const struct action *action)
{
    struct seat *seat = &world.seats[action->slot];
    MUST(!seat->broken && !world.draining && seat->worker == NONE);
    MUST(count_awake() < world.limit);
    seat->worker = ORDERED;
    seat->reused = action->reused;
}

static void stop(struct seat *seat)
{
    MUST(seat->worker == READY && seat->queued == 0);
    seat->worker = LEAVING;
}

/* --- Any action ---------------------------------------------------------- */

static void perform(const struct action *action)
{
    switch (action->type) {
    case ACTION_NONE:
        break;
    case ACTION_OPEN:
        open_level(action->stage);
        break;
    case ACTION_SKIP:
        skip_level(action->stage);
        break;
    case ACTION_CLOSE:
        close_level(action->stage);
        break;
    case ACTION_START:
        start(action);
        break;
    case ACTION_STOP:
        stop(&world.seats[action->slot]);
        break;
    case ACTION_EXPAND:
        expand(action);
        break;
    case ACTION_SEND:
        push(&world.seats[action->slot], take_from_line(action->call));
        break;
    case ACTION_DROP:
        MUST(world.draining || is_broken());
        settle(take_from_line(action->call), false);
        break;
    case ACTION_RECALL:
        recall(action);
        break;
    }
}

void act(void)
{
    size_t most = 100 + 4 * CALLS_MAX;
    for (size_t i = 0;; i++) {
        MUST(i < most);
        struct action action = schedule_next(world.schedule);
        perform(&action);
        must_agree();
        if (action.type == ACTION_NONE)
            break;
    }
    if (!world.draining && !is_broken())
        must_be_busy();
    size_t work = count_work();
    MUST(schedule_work(world.schedule, SLOTS_MAX) ==
         (work < SLOTS_MAX ? work : SLOTS_MAX));
}
