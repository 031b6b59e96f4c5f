/* [host] A slot: one place at which one call can run. Its keeper, its workers
 * and what the host shares with them. Nothing here knows of stages. */
#ifndef RUN_SLOT_H
#define RUN_SLOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <drover/error.h>

#include "wire/channel.h"
#include "wire/slate.h"

/* A worker, from the order to make it until it is gone.
 *
 * wanted   it was ordered; born: it is there, and its channel is open
 * channel  its socket is -1 before it is born, and once it was told to end */
struct slot_worker {
    bool wanted;
    bool born;
    bool reused;
    uint64_t id;
    pid_t pid;
    struct channel channel;
};

/* How long a keeper that is told to end may take to do so. */
enum { SLOT_END_MS = 2000 };

/* keeper   0: none
 * ending_ms  when the keeper must have ended; 0: it was not told to end
 * loading  index of the plugin that is to be loaded next
 * printed  the end to read of the pipe that is the standard output and error
 *          of keeper and workers, not blocking
 * current  the worker that serves
 * offered  a forked one that the keeper made ahead; its socket is -1: none
 * ordered  forked workers that the keeper still has to make
 * arrived  a descriptor whose message is still to be read, or -1
 * free     the slate's free cells, free_count of them */
struct slot {
    pid_t keeper;
    int64_t ending_ms;
    size_t loading;
    bool loaded;
    struct channel control;
    struct slate *slate;
    int printed;
    struct slot_worker current;
    struct {
        int socket;
        uint64_t id;
        pid_t pid;
    } offered;
    uint64_t ordered;
    int arrived;
    uint64_t call_count;
    uint8_t free[SLATE_CALLS];
    size_t free_count;
};

enum slot_event_type {
    SLOT_LOADING, /* a plugin is being loaded */
    SLOT_REFUSED, /* ... cannot be; TEXT says why */
    SLOT_LOADED,  /* all are; DECLARATIONS tells what they offer */
    SLOT_BORN,    /* the worker is there */
    SLOT_UNBORN,  /* it could not be forked, NUMBER is the errno */
    SLOT_GONE,    /* the worker and all it left behind are gone; its channel may
                     still hold what it sent. Then call slot_bury() */
    SLOT_DEAD,    /* the keeper is gone, NUMBER is its wait status; so is its
                     worker */
};

struct slot_event {
    enum slot_event_type type;
    size_t plugin;
    int number;
    uint64_t cpu_us;
    uint64_t memory_kib;
    uint64_t leftovers;
    struct span text;
    struct drover_value declarations;
};

/* A slot without a keeper, before anything else. */
void slot_init(struct slot *slot);

/* Start the slot's keeper and have it load the plugin FILES. */
int slot_open(struct slot *slot, const char *const *files, size_t count,
              struct drover_error *err);

/* Tell the keeper to end, with all its processes. Does not wait. */
void slot_dismiss(struct slot *slot);

/* Kill the keeper, and with it its workers: SLOT_DEAD follows. */
void slot_kill_keeper(const struct slot *slot);

/* Wait for the keeper's end, up to SLOT_END_MS after it was dismissed, then
 * kill it; free everything. */
void slot_close(struct slot *slot);

/* The same for a keeper that is known to hang: kill it at once. */
void slot_abandon(struct slot *slot);

/* Read what the keeper has said, once; then take event after event. Returns 1
 * with an event, or 0. */
void slot_fill(struct slot *slot);
int slot_next_event(struct slot *slot, struct slot_event *event);

/* Have a worker; there must be none. ahead: how many forked ones are likely to
 * be wanted one after the other, this one included; 1 or more.
 *
 * Returns 1 when it is there at once, 0 when it will be told of by SLOT_BORN or
 * SLOT_UNBORN, -ENOMEM. */
int slot_start_worker(struct slot *slot, bool reused, uint64_t ahead);

/* The worker is to end in good order; it has no calls. */
void slot_stop_worker(struct slot *slot);

/* The same for all its workers, those made ahead, too; no more are made. To be
 * called again until slot_has_workers() says no: some may just be born. */
void slot_stop_all(struct slot *slot);

/* Whether there is a worker, one made ahead included. */
bool slot_has_workers(const struct slot *slot);

/* Kill the worker. */
void slot_kill_worker(struct slot *slot);

/* Forget the worker that is gone, or could not be made. */
void slot_bury(struct slot *slot);

/* The sequence number for one more call to the current worker, and giving its
 * cell back when it has ended or come back. */
uint64_t slot_take_sequence(struct slot *slot);
void slot_give_sequence(struct slot *slot, uint64_t sequence);

#endif
