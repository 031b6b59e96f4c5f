/* The inside of an exchange, for the files that make it up: exchange.c (its
 * life, and what the dispatch asks of it), start.c (calls begin), take.c
 * (outcomes are taken), loop.c (waiting), members.c (added channels),
 * cores.c (its share of the budget). */
#ifndef EXCHANGE_STATE_H
#define EXCHANGE_STATE_H

#include <drover/exchange.h>

#include "dispatch/dispatch.h"
#include "exchange/family.h"
#include "exchange/fork_slot.h"
#include "exchange/items.h"

enum { EXCHANGE_CHAINS = 512 };

/* A task that is called with a context; all that differ are kept.
 *
 * next   of all; similar: the next one whose hash has the same remainder */
struct exchange_task {
    struct exchange_task *next;
    struct exchange_task *similar;
    struct worker_task task;
};

/* owner      the process that made it
 * budgeted   it has no limit of its own, but the budget's
 * slots      how many it has
 * ready      a child that is to become its first worker; pid 0: there is none
 * tasks      all that were called; chains: the same, by their hashes
 * waiting    calls that were not given to a slot yet, in order
 * started    how many calls and members there were: the next one's index
 * unended    how many of them have no outcome yet
 * untaken    how many outcomes there are that nobody has taken
 * members    added channels that have not ended
 * heard_ms   when all of them were looked at last
 * departed   of those that are not kept: ended, and their outcome not taken
 * leaving    one whose outcome was taken, to be destroyed as that is forgotten
 * cores      taken from the budget
 * stored     how many the store callback was given since that was last set to 0
 * wanted     the call that drover_exchange_get() waits for */
struct drover_exchange {
    struct family_member family;
    struct drover_exchange_options options;
    pid_t owner;
    bool budgeted;
    size_t slots;
    struct dispatch *dispatch;
    struct schedule *schedule;
    struct schedule_stage stage;
    struct fork_material material;
    struct forked ready;
    struct exchange_task *tasks;
    struct exchange_task *chains[EXCHANGE_CHAINS];
    struct drover_builder *builder;
    struct call *waiting;
    struct call **waiting_last;
    size_t waiting_count;
    uint64_t started;
    uint64_t unended;
    uint64_t untaken;
    struct items items;
    struct drover_channel *members;
    size_t member_count;
    int64_t heard_ms;
    struct drover_channel *departed;
    struct drover_channel *leaving;
    int *cores;
    size_t core_count;
    uint64_t stored;
    size_t wanted;
};

/* --- exchange.c -------------------------------------------------------------
 */

/* The same as the public functions, and with a child that is there already to
 * be its first worker. */
struct drover_exchange *
exchange_create(const struct drover_exchange_options *options, bool ordered,
                const struct forked *ready, struct drover_error *err);

/* Add an outcome, or a value sent ahead of one. */
void exchange_add_item(struct drover_exchange *exchange,
                       const struct drover_outcome *outcome);

/* --- start.c ----------------------------------------------------------------
 */

/* Start a call of TASK, or say in its outcome why not. Returns its index, or
 * -ENOMEM. */
int64_t exchange_start(struct drover_exchange *exchange,
                       const struct worker_task *task,
                       struct drover_value args);

/* Give all waiting calls the outcome that they cannot be run. */
void exchange_refuse_waiting(struct drover_exchange *exchange, const char *why);

/* The first call in line leaves it; NULL: there is none. */
struct call *exchange_pop_waiting(struct drover_exchange *exchange);

/* --- loop.c -----------------------------------------------------------------
 */

/* Do what can be done without waiting. */
void exchange_advance(struct drover_exchange *exchange);

/* Wait until IS_DONE. Returns 1; 0 when all has ended and it is not done;
 * -ETIMEDOUT; another errno when the exchange cannot go on. */
int exchange_await(struct drover_exchange *exchange,
                   bool (*is_done)(const struct drover_exchange *exchange),
                   int timeout_ms, struct drover_error *err);

/* Refuse work in a process that has not made the exchange. */
int exchange_check_owner(const struct drover_exchange *exchange,
                         struct drover_error *err);

/* --- take.c -----------------------------------------------------------------
 */

/* Hand everything that there is to the store callback. Returns how many. */
int64_t exchange_hand_over(struct drover_exchange *exchange);

/* --- cores.c ----------------------------------------------------------------
 */

/* Take cores for what is to run, give back what is not needed, and tell the
 * schedule how many slots may work. */
void exchange_fit_cores(struct drover_exchange *exchange);

/* Whether calls wait for cores that others have. */
bool exchange_is_short_of_cores(const struct drover_exchange *exchange);
void exchange_give_cores(struct drover_exchange *exchange);

/* --- members.c --------------------------------------------------------------
 */

/* Take what member INDEX has to say. */
void exchange_hear_member(struct drover_exchange *exchange, uint64_t index);

/* Take what they all have to say, now and then: what needs its time to be
 * noticed does not wake us. */
void exchange_hear_members(struct drover_exchange *exchange);

/* The outcome of CHANNEL, which has departed, is taken. */
void exchange_depart(struct drover_exchange *exchange,
                     struct drover_channel *channel);

/* All of them are the caller's again, or are destroyed. */
void exchange_release_members(struct drover_exchange *exchange);

#endif
