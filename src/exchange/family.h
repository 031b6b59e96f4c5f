/* All exchanges that this process has made, those inside channels, too: a
 * process that is forked from it must let go of them. */
#ifndef EXCHANGE_FAMILY_H
#define EXCHANGE_FAMILY_H

#include "dispatch/dispatch.h"

/* One for each exchange, as a field of it.
 *
 * dispatch  its dispatch
 * link      what points to this member; NULL: it has left */
struct family_member {
    struct dispatch *dispatch;
    struct family_member *next;
    struct family_member **link;
};

void family_join(struct family_member *member);
void family_leave(struct family_member *member);

/* The first of all members, or NULL. */
struct family_member *family_first(void);

/* [forked child] This process has a family of its own, without any member, is
 * the worker of none, and has none of its parent's belongings. */
void family_abandon(void);

#endif
