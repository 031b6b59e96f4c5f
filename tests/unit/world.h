/* A world for the schedule, made at random: its slots and their workers, its
 * stages and their calls, as they would be. */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dispatch/schedule.h"

enum {
    SLOTS_MAX = 6,
    STAGES_MAX = 6,
    CALLS_MAX = 4000, /* of a world */
    FED_MAX = 1000,   /* of these that come with others' results */
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

/* The one there is. */
extern struct world world;

/* Make it, with a schedule that knows nothing yet. The same SEED makes the same
 * world. */
void world_create(uint64_t seed);

/* --- Chance -------------------------------------------------------------- */

/* The world's next random number: any, 0 .. LIMIT - 1, and true OF_1000 times
 * in thousand. */
uint64_t draw(void);
size_t below(size_t limit);
bool chance(unsigned of_1000);

/* --- What it is like ----------------------------------------------------- */

/* Whether all its slots are broken. */
bool is_broken(void);

/* Whether LEVEL has a feeder. */
bool is_fed(const struct level *level);

/* Whether LEVEL can make a call now, as far as the schedule can know. */
bool can_expand(const struct level *level);

/* Calls to give out, as far as the schedule can know, up to some. */
size_t count_work(void);

/* How many workers do not rest. */
size_t count_awake(void);

/* Whether all that LEVEL needs is complete; *FAILED: some of that has failed,
 * so that it never will be. */
bool is_met(const struct level *level, bool *failed);

/* --- What must always hold ----------------------------------------------- */

/* Assert CONDITION, and say the seed when it does not hold. */
#define MUST(condition) must((condition), #condition, __FILE__, __LINE__)

void must(bool holds, const char *what, const char *file, unsigned line);

/* The schedule knows the queue of every slot. */
void must_agree(void);

/* Nothing is left undone while somebody could do it. */
void must_be_busy(void);

/* Every call that was made has its outcome, every stage its end. */
void must_be_complete(void);

#endif
