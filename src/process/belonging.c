#include "process/belonging.h"

#include <stddef.h>

static struct belonging *first;

void belonging_add(struct belonging *belonging)
{
    belonging->next = first;
    belonging->link = &first;
    if (first != NULL)
        first->link = &belonging->next;
    first = belonging;
}

void belonging_remove(struct belonging *belonging)
{
    if (belonging->link == NULL)
        return;
    *belonging->link = belonging->next;
    if (belonging->next != NULL)
        belonging->next->link = belonging->link;
    belonging->link = NULL;
}

void belonging_abandon_all(void)
{
    while (first != NULL) {
        struct belonging *belonging = first;
        belonging_remove(belonging);
        belonging->abandon(belonging);
    }
}
