/* Waiting for what happens. */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "exchange/state.h"

enum {
    CORES_MS = 20, /* between two looks whether others have given cores back */
    MEMBERS_MS = 50, /* between two looks at what members have to do */
};

int exchange_check_owner(const struct drover_exchange *exchange,
                         struct drover_error *err)
{
    if (exchange == NULL)
        return error_set(err, EINVAL,
                         "there is no exchange: it could not be created");
    if (exchange->owner == getpid())
        return 0;
    return error_set(err, EPERM,
                     "this exchange belongs to process %d, which made it",
                     (int)exchange->owner);
}

/* A process can only be made while no other threads run. Those that are there
 * already can take calls all the same. */
static void refuse_if_threads(struct drover_exchange *exchange)
{
    struct drover_error err;
    if (exchange->waiting_count > 0 &&
        !dispatch_has_workers(exchange->dispatch) &&
        fork_check_threads(&err) < 0)
        exchange_refuse_waiting(exchange, err.message);
}

void exchange_advance(struct drover_exchange *exchange)
{
    exchange_hear_members(exchange);
    refuse_if_threads(exchange);
    exchange_fit_cores(exchange);
    dispatch_advance(exchange->dispatch);
}

static int earlier(int64_t left_ms, int most_ms)
{
    return left_ms < 0 || left_ms > most_ms ? most_ms : (int)left_ms;
}

/* How long to wait for events at most, with LEFT_MS (-1: for ever) left. */
static int choose_wait(const struct drover_exchange *exchange, int64_t left_ms)
{
    if (exchange_is_short_of_cores(exchange))
        return earlier(left_ms, CORES_MS);
    if (exchange->member_count > 0)
        return earlier(left_ms, MEMBERS_MS);
    return left_ms > INT32_MAX ? INT32_MAX : (int)left_ms;
}

int exchange_await(struct drover_exchange *exchange,
                   bool (*is_done)(const struct drover_exchange *exchange),
                   int timeout_ms, struct drover_error *err)
{
    int64_t deadline_ms = clock_now_ms() + timeout_ms;
    int64_t left_ms = timeout_ms;
    int status = exchange_check_owner(exchange, err);
    for (bool looked = false; status == 0; looked = true) {
        exchange_advance(exchange);
        exchange_hand_over(exchange);
        status = dispatch_failure(exchange->dispatch, err);
        if (status == 0 && is_done(exchange))
            return 1;
        if (status < 0 || exchange->unended == 0)
            break;
        if (timeout_ms >= 0)
            left_ms = deadline_ms - clock_now_ms();
        if (looked && timeout_ms >= 0 && left_ms <= 0)
            return error_set(err, ETIMEDOUT, "nothing happened for %d ms",
                             timeout_ms);
        if (timeout_ms >= 0 && left_ms < 0)
            left_ms = 0;
        dispatch_turn(exchange->dispatch, choose_wait(exchange, left_ms));
    }
    return status;
}

/* --- Its public forms -------------------------------------------------------
 */

size_t drover_exchange_active(const struct drover_exchange *exchange)
{
    if (exchange == NULL)
        return 0;
    return dispatch_count_busy(exchange->dispatch) + exchange->member_count;
}

bool drover_exchange_busy(const struct drover_exchange *exchange)
{
    return exchange != NULL &&
           drover_exchange_active(exchange) + exchange->waiting_count >=
               exchange->slots;
}

bool drover_exchange_unfinished(const struct drover_exchange *exchange)
{
    if (exchange == NULL)
        return false;
    return exchange->unended > 0 || exchange->untaken > 0 ||
           items_is_ready(&exchange->items);
}

static bool is_ready(const struct drover_exchange *exchange)
{
    return items_is_ready(&exchange->items);
}

int64_t drover_exchange_ready(struct drover_exchange *exchange, int timeout_ms,
                              struct drover_error *err)
{
    int status = exchange_await(exchange, is_ready, timeout_ms, err);
    if (status < 0 && status != -ETIMEDOUT)
        return status;
    return (int64_t)items_ready(&exchange->items);
}

static bool is_not_busy(const struct drover_exchange *exchange)
{
    return !drover_exchange_busy(exchange);
}

int drover_exchange_wait(struct drover_exchange *exchange, int timeout_ms,
                         struct drover_error *err)
{
    int status = exchange_await(exchange, is_not_busy, timeout_ms, err);
    return status < 0 ? status : 0;
}

static bool is_never(const struct drover_exchange *exchange)
{
    (void)exchange;
    return false;
}

int drover_exchange_finish(struct drover_exchange *exchange,
                           struct drover_error *err)
{
    return exchange_await(exchange, is_never, -1, err);
}

/* --- All of them ------------------------------------------------------------
 */

/* The exchange that MEMBER is a field of. */
static struct drover_exchange *exchange_of(struct family_member *member)
{
    return (struct drover_exchange *)((char *)member -
                                      offsetof(struct drover_exchange, family));
}

/* Whether it still runs something. In a fork that the program has made by
 * itself there are those of its parent, too: these must be left alone. */
static bool is_unended(const struct drover_exchange *exchange)
{
    return exchange->unended > 0 && exchange_check_owner(exchange, NULL) == 0 &&
           dispatch_failure(exchange->dispatch, NULL) == 0;
}

static bool is_any_unended(void)
{
    for (struct family_member *member = family_first(); member != NULL;
         member = member->next)
        if (is_unended(exchange_of(member)))
            return true;
    return false;
}

/* Each gets its turn: one may wait for what another one does. */
static void turn_all(int most_ms)
{
    for (struct family_member *member = family_first(); member != NULL;
         member = member->next) {
        struct drover_exchange *exchange = exchange_of(member);
        if (!is_unended(exchange))
            continue;
        exchange_advance(exchange);
        dispatch_turn(exchange->dispatch, choose_wait(exchange, most_ms));
    }
}

int drover_wait_all(int timeout_ms)
{
    enum { TURN_MS = 10 };
    int64_t deadline_ms = clock_now_ms() + timeout_ms;
    while (is_any_unended()) {
        int64_t left_ms = deadline_ms - clock_now_ms();
        if (timeout_ms >= 0 && left_ms <= 0)
            return -ETIMEDOUT;
        turn_all(timeout_ms < 0 ? TURN_MS : earlier(left_ms, TURN_MS));
    }
    return 0;
}
