/* An exchange's share of the budget. One call runs on the core that this
 * process has of its own, for it only waits meanwhile. */
#include "process/cores.h"
#include "exchange/state.h"
#include "process/budget.h"

static bool take_core(struct drover_exchange *exchange)
{
    int core = budget_take();
    if (core >= 0)
        exchange->cores[exchange->core_count++] = core;
    return core >= 0;
}

static void give_core(struct drover_exchange *exchange)
{
    budget_give(exchange->cores[--exchange->core_count]);
}

/* How many slots there is work for, those of members included. */
static size_t count_wanted(const struct drover_exchange *exchange)
{
    size_t wanted = dispatch_count_busy(exchange->dispatch) +
                    exchange->waiting_count + exchange->member_count;
    return wanted < exchange->slots ? wanted : exchange->slots;
}

/* How many slots may work: members take their places. */
static size_t count_allowed(const struct drover_exchange *exchange)
{
    size_t allowed =
        exchange->budgeted ? exchange->core_count + 1 : exchange->slots;
    if (allowed > exchange->member_count)
        return allowed - exchange->member_count;
    /* Members only take places that there are. */
    return exchange->budgeted ? 1 : 0;
}

void exchange_fit_cores(struct drover_exchange *exchange)
{
    size_t wanted = count_wanted(exchange);
    while (exchange->core_count + 1 < wanted && take_core(exchange))
        ;
    while (exchange->core_count > 0 && exchange->core_count + 1 > wanted)
        give_core(exchange);
    schedule_limit(exchange->schedule, count_allowed(exchange));
}

bool exchange_is_short_of_cores(const struct drover_exchange *exchange)
{
    return exchange->budgeted && exchange->waiting_count > 0 &&
           exchange->core_count + 1 < exchange->slots;
}

void exchange_give_cores(struct drover_exchange *exchange)
{
    while (exchange->core_count > 0)
        give_core(exchange);
}

unsigned drover_cores(void)
{
    return cores_available();
}
