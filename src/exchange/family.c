#include "exchange/family.h"

#include <stddef.h>

#include "plugin/worker.h"
#include "process/belonging.h"
#include "process/budget.h"

static struct family_member *first;

struct family_member *family_first(void)
{
    return first;
}

void family_join(struct family_member *member)
{
    member->next = first;
    member->link = &first;
    if (first != NULL)
        first->link = &member->next;
    first = member;
}

void family_leave(struct family_member *member)
{
    if (member->link == NULL)
        return;
    *member->link = member->next;
    if (member->next != NULL)
        member->next->link = member->link;
    member->link = NULL;
}

void family_abandon(void)
{
    while (first != NULL) {
        struct family_member *member = first;
        family_leave(member);
        dispatch_abandon(member->dispatch);
    }
    belonging_abandon_all();
    worker_forget();
    budget_forget();
}
