/* What forked processes let go of. */
#include <stddef.h>

#include "exchange/family.h"
#include "process/belonging.h"
#include "unit.h"

struct thing {
    int abandoned;
    struct belonging belonging;
};

static void abandon(struct belonging *belonging)
{
    struct thing *thing =
        (struct thing *)((char *)belonging - offsetof(struct thing, belonging));
    thing->abandoned++;
}

static struct thing thing(void)
{
    return (struct thing){ .belonging = { .abandon = abandon } };
}

static void each_is_abandoned_once(void)
{
    struct thing a = thing(), b = thing(), c = thing();
    belonging_add(&a.belonging);
    belonging_add(&b.belonging);
    belonging_add(&c.belonging);
    belonging_abandon_all();
    belonging_abandon_all();
    ASSERT_INT(a.abandoned, 1);
    ASSERT_INT(b.abandoned, 1);
    ASSERT_INT(c.abandoned, 1);
}

static void what_was_removed_is_left_alone(void)
{
    struct thing a = thing(), b = thing(), c = thing();
    belonging_remove(&a.belonging);
    belonging_add(&a.belonging);
    belonging_add(&b.belonging);
    belonging_add(&c.belonging);
    belonging_remove(&b.belonging);
    belonging_remove(&b.belonging);
    belonging_remove(&c.belonging);
    belonging_abandon_all();
    ASSERT_INT(a.abandoned, 1);
    ASSERT_INT(b.abandoned, 0);
    ASSERT_INT(c.abandoned, 0);
}

static void a_forked_process_abandons_them(void)
{
    struct thing a = thing();
    belonging_add(&a.belonging);
    family_abandon();
    ASSERT_INT(a.abandoned, 1);
}

UNIT_CASES(CASE(each_is_abandoned_once), CASE(what_was_removed_is_left_alone),
           CASE(a_forked_process_abandons_them))
