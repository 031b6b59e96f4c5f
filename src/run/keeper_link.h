/* [host] What the host knows of a slot's keeper, for the files that make up
 * keeper_slot.h: keeper_slot.c (the keeper and its workers), keeper_events.c
 * (what it says), keeper_load.c (the first one). */
#ifndef RUN_KEEPER_LINK_H
#define RUN_KEEPER_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <drover/value.h>

#include "dispatch/slot.h"
#include "wire/channel.h"

/* pid            0: it is dead, and was reaped
 * wait_status    how it ended, then
 * death_ms       when it was reaped
 * death_told     all that it left is dead, too, and that was told
 * lingering      what was said because that took long; "": nothing
 * ending_ms      when it must have ended; 0: it was not told to end
 * loading        the plugin that it loads, or loaded last
 * loads          how many it has begun to load
 * load_limit_ms  when it must have loaded that one; 0: it loads none
 * refusal        why the slot cannot be had; "": it can
 * declarations   what the plugins declare, while that was just told
 * offered        a forked worker made ahead; its socket is -1: none
 * ordered        forked workers that it still has to make
 * stopping       it was told to make no more workers
 * arrived        a descriptor whose message is still to be read, or -1 */
struct keeper_link {
    pid_t pid;
    int wait_status;
    int64_t death_ms;
    bool death_told;
    char lingering[128];
    int64_t ending_ms;
    size_t loading;
    size_t loads;
    int64_t load_limit_ms;
    char refusal[512];
    bool refusal_told;
    struct drover_value declarations;
    bool loaded;
    struct channel control;
    struct {
        int socket;
        uint64_t id;
        pid_t pid;
    } offered;
    uint64_t ordered;
    bool stopping;
    int arrived;
};

/* --- keeper_slot.c */

/* Wait for the keeper's end, but not beyond DEADLINE_MS (monotonic clock): then
 * it is killed. Nothing happens when it has been reaped. */
void keeper_link_reap(struct keeper_link *link, int64_t deadline_ms);

/* --- keeper_events.c: what the maker's functions of that name do -----------
 */

void keeper_link_fill(struct slot *slot);
int keeper_link_next_event(struct slot *slot, struct slot_event *event);
void keeper_link_tick(struct slot *slot, int64_t now_ms);

#endif
