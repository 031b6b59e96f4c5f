/* The schedule in a simulated world: workers are born, end calls and die at
 * random, and after every step what must always hold is looked at. A world's
 * seed is printed when it fails; SEED=n repeats just that world. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "unit.h"
#include "world_act.h"

enum { WORLDS = 400, STEPS_MAX = 100000 };

/* --- Events -------------------------------------------------------------- */

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

/* --- Worlds -------------------------------------------------------------- */

static void run_world(uint64_t seed)
{
    world_create(seed);
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
