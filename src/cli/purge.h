/* Removing stores that have served their time. */
#ifndef CLI_PURGE_H
#define CLI_PURGE_H

/* Remove stores whose time (store_run()->keep_ms after the end) is over: to be
 * called when a new one is made. It looks at a few of them, and once it has
 * seen all not again for an hour; most of the time it is one look at a file.
 * Nothing that goes wrong here keeps a run from beginning. */
void purge_expired(void);

#endif
