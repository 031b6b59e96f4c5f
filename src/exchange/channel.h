/* The inside of a channel, for channel.c and for the exchange that looks after
 * it (members.c). */
#ifndef EXCHANGE_CHANNEL_H
#define EXCHANGE_CHANNEL_H

#include <stdbool.h>

#include <drover/channel.h>

/* In the parent a channel is an exchange of its own, continuous, with one call;
 * in the child it is that call.
 *
 * exchange  the parent's end; NULL in the child
 * call      the child's end; NULL in the parent
 * owner     the exchange that looks after it, or NULL; next: of its members;
 *           index: the channel's in it
 * closed    we have said that we send no more
 * ended     the last item has been taken; last: that one, and unseen: its value
 *           was not received yet
 * last_item keeps what `last` points to */
struct drover_channel {
    struct drover_exchange *exchange;
    struct drover_call *call;
    pid_t pid;
    struct drover_exchange *owner;
    struct drover_channel *next;
    uint64_t index;
    bool closed;
    bool ended;
    bool unseen;
    struct drover_outcome last;
};

#endif
