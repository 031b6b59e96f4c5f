/* [host] A slot: one place at which one call can run, and the process's side
 * of its worker. How workers come to be is the business of a maker: by a keeper
 * that has loaded plugins (run/keeper_slot.h), or as forks of the caller
 * (exchange/fork_slot.h). Nothing here knows of stages. */
#ifndef DISPATCH_SLOT_H
#define DISPATCH_SLOT_H

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

enum slot_event_type {
    SLOT_READY,   /* the slot can make workers; some makers do not say so */
    SLOT_BORN,    /* the worker is there */
    SLOT_UNBORN,  /* it could not be forked, NUMBER is the errno */
    SLOT_GONE,    /* the worker and all it left behind are gone, NUMBER is its
                     wait status; its channel may still hold what it sent. Then
                     call slot_bury() */
    SLOT_LINGERS, /* the maker is gone, but not all that it left behind, which
                     takes long; TEXT says so */
    SLOT_DEAD,    /* the maker is gone, and with it the worker and all it left
                     behind */
    SLOT_REFUSED, /* the slot will never have a worker; TEXT says why */
};

/* unseen  somebody else was told how the worker ended; NUMBER means nothing
 * text    terminated by NUL, valid until the slot is closed */
struct slot_event {
    enum slot_event_type type;
    int number;
    bool unseen;
    uint64_t cpu_us;
    uint64_t memory_kib;
    uint64_t leftovers;
    const char *text;
};

struct slot;

/* How a slot gets its workers.
 *
 * open        begin, before the first worker is wanted
 * close       kill and free all there is; waits for it
 * dismiss     begin to close, without waiting; may be NULL
 * abandon     close what is open, leaving processes alone; may be NULL
 * start       make the slot's worker; see slot_start_worker()
 * kill        kill the worker
 * fill        take in what the slot's `control` has to say
 * next_event  take one event. Returns 1 with it, or 0
 * tick        some time has passed; may be NULL
 * stop_ahead  let workers that were made ahead end, and make no more. Returns
 *             whether there is any left; may be NULL
 * many_controls  `control` is another one for each worker */
struct slot_maker {
    int (*open)(struct slot *slot, struct drover_error *err);
    void (*close)(struct slot *slot);
    void (*dismiss)(struct slot *slot);
    void (*abandon)(struct slot *slot);
    int (*start)(struct slot *slot, bool reused, uint64_t ahead);
    void (*kill)(struct slot *slot);
    void (*fill)(struct slot *slot);
    int (*next_event)(struct slot *slot, struct slot_event *event);
    void (*tick)(struct slot *slot, int64_t now_ms);
    bool (*stop_ahead)(struct slot *slot);
    bool many_controls;
};

/* material  what the maker makes workers of; borrowed
 * made      the maker's own state, NULL unless the slot is open
 * control   can be read when the maker has something to say, or -1
 * printed   the end to read of the pipe that is the standard output and error
 *           of the workers, not blocking; -1: they have those of the caller
 * slate     what is shared with a reused worker
 * current   the worker that serves
 * free      the slate's free cells, free_count of them */
struct slot {
    const struct slot_maker *maker;
    const void *material;
    void *made;
    int control;
    int printed;
    struct slate *slate;
    struct slot_worker current;
    uint64_t call_count;
    uint8_t free[SLATE_CALLS];
    size_t free_count;
};

/* A slot that is not open. */
void slot_init(struct slot *slot, const struct slot_maker *maker,
               const void *material);

/* Open a slot; end it, so that it is as slot_init() left it. */
int slot_open(struct slot *slot, struct drover_error *err);
bool slot_is_open(const struct slot *slot);
void slot_dismiss(struct slot *slot);
void slot_close(struct slot *slot);

/* [forked child] The slot's processes are not ours: close what is open. */
void slot_abandon(struct slot *slot);

/* Take in what the maker says, once; then take event after event. Returns 1
 * with an event, or 0. */
void slot_fill(struct slot *slot);
int slot_next_event(struct slot *slot, struct slot_event *event);
void slot_tick(struct slot *slot, int64_t now_ms);

/* Have a worker; there must be none. ahead: how many forked ones are likely to
 * be wanted one after the other, this one included; 1 or more.
 *
 * Returns 1 when it is there at once, 0 when it will be told of by an event,
 * -ENOMEM. */
int slot_start_worker(struct slot *slot, bool reused, uint64_t ahead);

/* [maker] The worker has been made: its end of the channel is *SOCKET, which
 * becomes -1. */
void slot_accept_worker(struct slot *slot, int *socket, uint64_t id, pid_t pid);

/* The worker is to end in good order; it has no calls. */
void slot_stop_worker(struct slot *slot);

/* The same for all its workers, those made ahead, too; no more are made. To be
 * called again until it returns false: some may just be born. */
bool slot_stop_all(struct slot *slot);

/* Kill the worker. */
void slot_kill_worker(struct slot *slot);

/* Forget the worker that is gone, or could not be made. */
void slot_bury(struct slot *slot);

/* The sequence number of the first call to the first worker, forked. */
enum { SLOT_FIRST_SEQUENCE = SLATE_CALLS };

/* The sequence number for one more call to the current worker, and giving its
 * cell back when it has ended or come back. */
uint64_t slot_take_sequence(struct slot *slot);
void slot_give_sequence(struct slot *slot, uint64_t sequence);

#endif
