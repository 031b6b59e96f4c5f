/* The schedule in a simulated world: workers are born, end calls and die at
 * random, and after every step what must always hold is looked at. A world's
 * seed is printed when it fails; SEED=n repeats just that world. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dispatch/schedule.h"
#include "unit.h"

enum {
    WORLDS = 400,
    SLOTS_MAX = 6,
    STAGES_MAX = 6,
    CALLS_MAX = 4000, /* of a world */
    FED_MAX = 1000,   /* of these that come with others' results */
    STEPS_MAX = 100000,
    LINE_MAX = SLOTS_MAX * SCHEDULE_WINDOW_MAX,
};

enum { NOBODY = STAGES_MAX };

enum place { UNMADE, IN_LINE, IN_QUEUE, SETTLED };

struct call {
    size_t stage;
    enum place place;
};

enum worker { NONE, ORDERED, READY, LEAVING };

/* begun: with how many calls of the queue the worker has begun; all but the
 * last of these have ended, but that is not known yet
 * rests: its worker is kept waiting, so that only its death can happen */
struct seat {
    enum worker worker;
    bool reused;
    size_t begun;
    bool broken;
    bool rests;
    struct call *queue[SCHEDULE_WINDOW_MAX];
    size_t queued;
};

enum phase { WAITING, OPEN, EXHAUSTED, CLOSED };

/* total: calls there are, told to the schedule only when `known`
 * feeder: the level whose calls give it some of its own; NOBODY: none. `total`
 * are then those that it has as yet, and whether that is the last of them is
 * known when the feeder is closed */
struct level {
    struct schedule_stage setting;
    size_t needs[STAGES_MAX];
    size_t feeder;
    enum phase phase;
    size_t total;
    bool known;
    size_t made;
    size_t unsettled;
    bool failed;
    bool held;
    uint64_t typical_ns;
};

struct world {
    uint64_t seed;
    uint64_t random;
    struct schedule *schedule;
    size_t seat_count;
    struct seat seats[SLOTS_MAX];
    size_t level_count;
    struct level levels[STAGES_MAX];
    struct call calls[CALLS_MAX];
    size_t call_count;
    size_t fed_count;
    struct call *line[LINE_MAX];
    size_t lined;
    bool draining;
    bool feeding;
    size_t limit;
    unsigned feed_odds;
    unsigned rest_odds;
    unsigned drain_odds;
    unsigned death_odds;
    unsigned break_odds;
};

static struct world world;

/* --- Chance ------------------------------------------------------------ */

/* splitmix64 */
static uint64_t draw(void)
{
    uint64_t z = (world.random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(size_t limit)
{
    return (size_t)(draw() % limit);
}

static bool chance(unsigned of_1000)
{
    return draw() % 1000 < of_1000;
}

/* --- What must always hold ---------------------------------------------- */

#define MUST(condition) must((condition), #condition, __LINE__)

static void must(bool holds, const char *what, unsigned line)
{
    if (!holds)
        printf("\n    SEED=%llu: \n", (unsigned long long)world.seed);
    unit_assert_int(holds, 1, what, __FILE__, line);
}

static bool is_broken(void)
{
    for (size_t i = 0; i < world.seat_count; i++)
        if (!world.seats[i].broken)
            return false;
    return true;
}

static void must_agree(void)
{
    for (size_t i = 0; i < world.seat_count; i++) {
        const struct seat *seat = &world.seats[i];
        bool same = schedule_queued(world.schedule, (int)i) == seat->queued;
        for (size_t q = 0; same && q < seat->queued; q++)
            same = schedule_queued_call(world.schedule, (int)i, q) ==
                   seat->queue[q];
        MUST(same);
    }
}

static bool is_fed(const struct level *level)
{
    return level->feeder != NOBODY;
}

static bool can_expand(const struct level *level)
{
    return level->phase == OPEN && !level->held &&
           (!is_fed(level) || level->made < level->total);
}

static bool is_work_for(bool reused)
{
    if (world.lined > 0)
        return world.levels[world.line[0]->stage].setting.reused == reused;
    for (size_t i = 0; i < world.level_count; i++)
        if (can_expand(&world.levels[i]) &&
            world.levels[i].setting.reused == reused)
            return true;
    return false;
}

/* Calls to give out, as far as the schedule can know, up to some. */
static size_t count_work(void)
{
    size_t count = world.lined;
    for (size_t i = 0; i < world.level_count; i++) {
        const struct level *level = &world.levels[i];
        if (can_expand(level))
            count += level->known ? level->total - level->made : SLOTS_MAX + 1;
    }
    return count;
}

static size_t count_awake(void)
{
    size_t count = 0;
    for (size_t i = 0; i < world.seat_count; i++)
        count += world.seats[i].worker != NONE && !world.seats[i].rests;
    return count;
}

/* Nothing is left undone while somebody could do it. */
static void must_be_busy(void)
{
    size_t idle = 0, free = 0;
    for (size_t i = 0; i < world.seat_count; i++) {
        const struct seat *seat = &world.seats[i];
        bool is_idle = seat->worker == READY && seat->queued == 0;
        idle += is_idle || seat->worker == ORDERED;
        free += seat->worker == NONE && !seat->broken;
        MUST(!is_idle || !is_work_for(seat->reused));
    }
    MUST(free == 0 || count_work() <= idle || count_awake() >= world.limit);
}

/* --- Stages ------------------------------------------------------------ */

static bool is_met(const struct level *level, bool *failed)
{
    bool met = true;
    *failed = false;
    for (size_t i = 0; i < level->setting.needs_count; i++) {
        const struct level *needed = &world.levels[level->needs[i]];
        met &= needed->phase == CLOSED && !needed->failed;
        *failed |= needed->phase == CLOSED && needed->failed;
    }
    return met;
}

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

static void settle(struct call *call, bool succeeded)
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

static struct call *shift(struct call **calls, size_t *count)
{
    struct call *first = calls[0];
    (*count)--;
    memmove(calls, calls + 1, *count * sizeof *calls);
    return first;
}

/* The last calls of the queue go to the front of the line. */
static void give_back(struct seat *seat, size_t count)
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

/* Everything that can be done without an event, in a bounded number of
 * actions: each call is given out at most a few times. */
static void act(void)
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

/* --- Events ----------------------------------------------------------------
 */

static void end_call(size_t i)
{
    struct seat *seat = &world.seats[i];
    struct call *call = shift(seat->queue, &seat->queued);
    const struct level *level = &world.levels[call->stage];
    uint64_t elapsed_ns = draw() % (2 * level->typical_ns + 1);
    seat->begun--;
    if (!seat->reused)
        seat->worker = LEAVING;
    MUST(schedule_ended(world.schedule, (int)i, elapsed_ns) == call);
    settle(call, !chance(10));
}

/* The worker is gone, whatever it was at. What had ended becomes known. */
static void lose_worker(size_t i)
{
    struct seat *seat = &world.seats[i];
    while (seat->begun > 1)
        end_call(i);
    bool started = seat->begun > 0;
    struct call *running = NULL;
    if (started)
        running = shift(seat->queue, &seat->queued);
    give_back(seat, seat->queued);
    seat->begun = 0;
    seat->worker = NONE;
    seat->rests = false;
    MUST(schedule_gone(world.schedule, (int)i, started) == running);
    if (running != NULL)
        settle(running, false);
}

static void break_slot(size_t i)
{
    if (world.seats[i].worker != NONE)
        lose_worker(i);
    world.seats[i].broken = true;
    schedule_broken(world.schedule, (int)i);
}

/* A worker that is not the last one is kept waiting, or no longer. */
static void rest(size_t i)
{
    struct seat *seat = &world.seats[i];
    bool other = false;
    for (size_t k = 0; k < world.seat_count; k++)
        other |= k != i && !world.seats[k].broken && !world.seats[k].rests;
    MUST(schedule_has_other(world.schedule, (int)i) == other);
    if (!other && !seat->rests)
        return;
    seat->rests = !seat->rests;
    schedule_rest(world.schedule, (int)i, seat->rests);
}

static void happen_to_worker(size_t i)
{
    struct seat *seat = &world.seats[i];
    if (seat->rests || (seat->begun > 0 && chance(world.rest_odds)))
        rest(i);
    else if (seat->worker == ORDERED && !chance(100)) {
        seat->worker = READY;
        schedule_born(world.schedule, (int)i);
    } else if (seat->worker == ORDERED || seat->worker == LEAVING ||
               chance(world.death_odds)) {
        lose_worker(i);
    } else if (seat->begun < seat->queued &&
               (seat->begun == 0 || chance(300))) {
        seat->begun++;
    } else if (seat->begun > 0) {
        end_call(i);
    }
}

static void let_go(void)
{
    for (size_t i = 0; i < world.level_count; i++)
        if (world.levels[i].held) {
            world.levels[i].held = false;
            schedule_hold(world.schedule, i, false);
        }
}

static bool can_anything_happen(void)
{
    for (size_t i = 0; i < world.level_count; i++)
        if (world.levels[i].held)
            return true;
    for (size_t i = 0; i < world.seat_count; i++) {
        const struct seat *seat = &world.seats[i];
        if (seat->worker == ORDERED || seat->worker == LEAVING ||
            seat->queued > 0)
            return true;
    }
    return false;
}

static void happen(void)
{
    size_t i = below(world.seat_count);
    struct seat *seat = &world.seats[i];
    if (chance(world.drain_odds)) {
        world.draining = true;
        schedule_drain(world.schedule);
    } else if (chance(world.break_odds)) {
        break_slot(i);
    } else if (chance(50)) {
        let_go();
    } else if (seat->worker != NONE) {
        happen_to_worker(i);
    }
}

/* --- Worlds ----------------------------------------------------------------
 */

static void create_level(size_t i)
{
    static const uint64_t typical_ns[] = { 0, 100, 20000, 300000, 5000000 };
    static const size_t totals[] = { 1, 3, 10, 100,
                                     (CALLS_MAX - FED_MAX) / STAGES_MAX };
    struct level *level = &world.levels[i];
    *level = (struct level){ .known = chance(600) };
    level->typical_ns = typical_ns[below(5)];
    level->total = below(totals[below(5)] + 1);
    for (size_t needed = 0; needed < i; needed++)
        if (chance(300))
            level->needs[level->setting.needs_count++] = needed;
    level->feeder = i > 0 && chance(world.feed_odds) ? below(i) : NOBODY;
    level->setting.fed = is_fed(level);
    world.feeding |= is_fed(level);
    if (is_fed(level))
        level->total = 0;
    level->setting.needs = level->needs;
    level->setting.reused = chance(600);
}

static void create_world(uint64_t seed)
{
    static struct schedule_stage settings[STAGES_MAX];
    memset(&world, 0, sizeof world);
    world.seed = world.random = seed;
    world.seat_count = 1 + below(SLOTS_MAX);
    world.level_count = 1 + below(STAGES_MAX);
    world.death_odds = chance(500) ? 0 : 1 + (unsigned)below(100);
    world.limit = chance(500) ? world.seat_count : 1 + below(world.seat_count);
    world.feed_odds = chance(500) ? 0 : 500;
    world.rest_odds = chance(500) ? 0 : 1 + (unsigned)below(200);
    world.break_odds = chance(700) ? 0 : 1 + (unsigned)below(10);
    world.drain_odds = chance(700) ? 0 : 1 + (unsigned)below(10);
    for (size_t i = 0; i < world.level_count; i++) {
        create_level(i);
        settings[i] = world.levels[i].setting;
    }
    world.schedule =
        schedule_create(world.seat_count, settings, world.level_count);
    MUST(world.schedule != NULL);
    schedule_limit(world.schedule, world.limit);
}

/* Every call that was made has its outcome, every stage its end. */
static void must_be_complete(void)
{
    MUST(world.lined == 0);
    for (size_t i = 0; i < world.call_count; i++)
        MUST(world.calls[i].place == SETTLED);
    for (size_t i = 0; i < world.level_count && !world.draining; i++) {
        const struct level *level = &world.levels[i];
        MUST(level->phase == CLOSED);
        MUST(level->failed || level->made == level->total);
    }
}

static void run_world(uint64_t seed)
{
    create_world(seed);
    act();
    for (size_t step = 0; !schedule_is_finished(world.schedule); step++) {
        MUST(step < STEPS_MAX && can_anything_happen());
        happen();
        act();
    }
    must_be_complete();
    schedule_destroy(world.schedule);
}

static void every_world_comes_to_a_good_end(void)
{
    const char *wanted = getenv("SEED");
    if (wanted != NULL) {
        run_world(strtoull(wanted, NULL, 10));
        return;
    }
    uint64_t first = (uint64_t)clock_now_ns();
    printf("\n    SEED=%llu and the %d after it ", (unsigned long long)first,
           WORLDS - 1);
    for (uint64_t i = 0; i < WORLDS; i++)
        run_world(first + i);
}

UNIT_CASES(CASE(every_world_comes_to_a_good_end))
