#include "world.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

struct world world;

/* --- Chance -------------------------------------------------------------- */

/* splitmix64 */
uint64_t draw(void)
{
    uint64_t z = (world.random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

size_t below(size_t limit)
{
    return (size_t)(draw() % limit);
}

bool chance(unsigned of_1000)
{
    return draw() % 1000 < of_1000;
}

/* --- Its making ---------------------------------------------------------- */

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

void world_create(uint64_t seed)
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

/* --- What it is like ----------------------------------------------------- */

bool is_broken(void)
{
    for (size_t i = 0; i < world.seat_count; i++)
        if (!world.seats[i].broken)
            return false;
    return true;
}

bool is_fed(const struct level *level)
{
    return level->feeder != NOBODY;
}

bool can_expand(const struct level *level)
{
    return level->phase == OPEN && !level->held &&
           (!is_fed(level) || level->made < level->total);
}

size_t count_work(void)
{
    size_t count = world.lined;
    for (size_t i = 0; i < world.level_count; i++) {
        const struct level *level = &world.levels[i];
        if (can_expand(level))
            count += level->known ? level->total - level->made : SLOTS_MAX + 1;
    }
    return count;
}

size_t count_awake(void)
{
    size_t count = 0;
    for (size_t i = 0; i < world.seat_count; i++)
        count += world.seats[i].worker != NONE && !world.seats[i].rests;
    return count;
}

bool is_met(const struct level *level, bool *failed)
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

/* --- What must always hold ----------------------------------------------- */

void must(bool holds, const char *what, const char *file, unsigned line)
{
    if (!holds)
        printf("\n    SEED=%llu: \n", (unsigned long long)world.seed);
    unit_assert_int(holds, 1, what, file, line);
}

void must_agree(void)
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

void must_be_busy(void)
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

void must_be_complete(void)
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
