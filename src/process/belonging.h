/* What belongs to this process alone and must not live on in those forked from
 * it: sockets at whose other end somebody waits for them to be closed, locks
 * that would stay locked. Whoever opens such things keeps a list of them here;
 * a process that is forked abandons them all, see family_abandon(). */
#ifndef PROCESS_BELONGING_H
#define PROCESS_BELONGING_H

/* A field of what is to be abandoned.
 *
 * abandon  [forked child] close the descriptors, and touch nothing else
 * link     what points to this; NULL: it is not in the list */
struct belonging {
    void (*abandon)(struct belonging *belonging);
    struct belonging *next;
    struct belonging **link;
};

void belonging_add(struct belonging *belonging);

/* Does nothing when it is not in the list. */
void belonging_remove(struct belonging *belonging);

/* [forked child] Abandon everything; the list is empty then. */
void belonging_abandon_all(void);

#endif
