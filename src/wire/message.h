/* The messages between host, keepers, workers and collectors. One table in
 * message.c describes them all and drives both encoding and decoding;
 * PROTOCOL.md is its prose. */
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <drover/error.h>
#include <drover/value.h>

#include "base/buffer.h"

enum {
    MESSAGE_PROTOCOL = 4,
    MESSAGE_HEADER_BYTES = 8,
    /* A body is at most so large; those from collectors are smaller, for
     * whoever wants may be one; an item has the arguments and the result of a
     * call, and each of them came or went as one message. */
    MESSAGE_LIMIT_BYTES = 256 * 1024 * 1024,
    MESSAGE_LIMIT_FROM_COLLECTOR_BYTES = 16 * 1024 * 1024,
    MESSAGE_LIMIT_FROM_SERVER_BYTES = 2 * MESSAGE_LIMIT_BYTES + 64 * 1024,
};

enum message_type {
    /* host to keeper */
    MESSAGE_OPEN = 0x10,
    MESSAGE_FORK = 0x11,
    MESSAGE_END = 0x12,
    MESSAGE_HOLD = 0x13,
    /* keeper to host */
    MESSAGE_LOADING = 0x20,
    MESSAGE_REFUSED = 0x21,
    MESSAGE_LOADED = 0x22,
    MESSAGE_BORN = 0x23,
    MESSAGE_UNBORN = 0x24,
    MESSAGE_GONE = 0x25,
    /* host to worker */
    MESSAGE_CALL = 0x30,
    MESSAGE_PASSED = 0x31,
    /* worker to host */
    MESSAGE_SENT = 0x40,
    MESSAGE_RETURNED = 0x41,
    MESSAGE_FAILED = 0x42,
    MESSAGE_LOGGED = 0x43,
    MESSAGE_PRINTED = 0x44,
    MESSAGE_RETIRING = 0x45,
    /* collector to server */
    MESSAGE_HELLO = 0x50,
    MESSAGE_TAKE = 0x51,
    MESSAGE_ACKNOWLEDGE = 0x52,
    MESSAGE_ASK = 0x53,
    MESSAGE_CANCEL = 0x54,
    MESSAGE_GIVE = 0x55,
    /* server to collector */
    MESSAGE_WELCOME = 0x60,
    MESSAGE_ITEM = 0x61,
    MESSAGE_CONFIRMED = 0x62,
    MESSAGE_DRAINED = 0x63,
    MESSAGE_STATUS = 0x64,
    MESSAGE_GIVEN = 0x65,
    MESSAGE_UNSERVED = 0x66,
};

/* Who may send a message: the high half of its type. */
enum message_sender {
    MESSAGE_FROM_HOST_TO_KEEPER = 0x10,
    MESSAGE_FROM_KEEPER = 0x20,
    MESSAGE_FROM_HOST_TO_WORKER = 0x30,
    MESSAGE_FROM_WORKER = 0x40,
    MESSAGE_FROM_COLLECTOR = 0x50,
    MESSAGE_FROM_SERVER = 0x60,
};

/* Text or bytes inside a message, borrowed from where it was decoded. */
struct span {
    const char *data;
    size_t size;
};

struct message_open {
    uint64_t protocol;
    uint64_t seed;             /* of the run's random numbers */
    struct drover_value paths; /* a list of texts: the plugins' files */
};
struct message_fork {
    uint64_t reused; /* 0 or 1 */
    uint64_t count;  /* forked: how many, one after the other; 0: no more */
};
struct message_end {
    uint64_t worker;
};
struct message_loading {
    uint64_t plugin; /* index into the paths */
};
struct message_refused {
    uint64_t plugin;
    struct span reason;
};
struct message_loaded {
    struct drover_value declarations; /* a list, in the order of the paths */
};
struct message_born {
    uint64_t worker; /* an id that the keeper has chosen */
    uint64_t pid;
    uint64_t reused; /* as in the order */
};
struct message_unborn {
    uint64_t error; /* errno of fork or socketpair */
};
struct message_gone {
    uint64_t worker;
    int64_t status; /* as wait(2) gives it */
    uint64_t cpu_us;
    uint64_t memory_kib;
    uint64_t leftovers; /* processes that it left behind, killed by now */
};
struct message_call {
    uint64_t sequence; /* unique in its slot; names the cell on the slate */
    uint64_t plugin;
    uint64_t task;
    uint64_t index;
    struct drover_value args;
};
struct message_passed {
    uint64_t sequence;
    uint64_t has_value; /* 0: no more will come */
    struct drover_value value;
};
struct message_sent {
    uint64_t sequence;
    struct drover_value value;
};
struct message_returned {
    uint64_t sequence;
    uint64_t elapsed_ns;
    uint64_t has_value; /* 0: the call has sent its results */
    struct drover_value value;
};
struct message_failed {
    uint64_t sequence;
    uint64_t elapsed_ns;
    uint64_t cause; /* 0: the task said so, 1: it could not be run */
    struct span text;
};
struct message_logged {
    uint64_t sequence;
    uint64_t level; /* enum drover_log_level */
    struct span text;
};
struct message_printed {
    uint64_t sequence;
    struct span bytes;
};
struct message_retiring {
    struct span reason;
};
struct message_hello {
    uint64_t protocol;
};
struct message_take {
    uint64_t count; /* so many items more */
    uint64_t peek;  /* 1: all from the first on, none for me; same each time */
    uint64_t wait;  /* 0: only what is there */
};
struct message_acknowledge {
    uint64_t
        first; /* items that were given on this connection, first .. last */
    uint64_t last;
};
struct message_ask {
    uint64_t ended; /* 1: answer when the run has ended */
};
struct message_give {
    uint64_t has_value; /* 0: no more will come */
    struct drover_value value;
};
struct message_welcome {
    uint64_t protocol;
    struct span run;
};
struct message_item {
    uint64_t number;
    uint64_t redelivered; /* 0 or 1 */
    uint64_t ended;       /* 1: the last that the call gave */
    struct span stage;
    uint64_t index;
    struct drover_value args; /* a map */
    struct span cause;
    struct span text; /* what happened; "": ok */
    int64_t code;     /* exit status or signal, else 0 */
    uint64_t elapsed_ns;
    uint64_t cpu_us;
    uint64_t memory_kib;
    uint64_t has_value;
    struct drover_value value;
};
struct message_confirmed {
    uint64_t first;
    uint64_t last;
};
struct message_drained {
    uint64_t complete; /* 1: for ever; 0: nothing is there now */
};
struct message_status {
    struct drover_value standing; /* a map, see background/standing.h */
};
struct message_given {
    uint64_t error; /* 0, or an errno number: the value was not taken */
};
struct message_unserved {
    uint64_t error; /* an errno number */
    struct span reason;
};

struct message {
    enum message_type type;
    union {
        struct message_open open;
        struct message_fork fork;
        struct message_end end;
        struct message_loading loading;
        struct message_refused refused;
        struct message_loaded loaded;
        struct message_born born;
        struct message_unborn unborn;
        struct message_gone gone;
        struct message_call call;
        struct message_passed passed;
        struct message_sent sent;
        struct message_returned returned;
        struct message_failed failed;
        struct message_logged logged;
        struct message_printed printed;
        struct message_retiring retiring;
        struct message_hello hello;
        struct message_take take;
        struct message_acknowledge acknowledge;
        struct message_ask ask;
        struct message_give give;
        struct message_welcome welcome;
        struct message_item item;
        struct message_confirmed confirmed;
        struct message_drained drained;
        struct message_status status;
        struct message_given given;
        struct message_unserved unserved;
    } as;
};

/* Append MESSAGE as one frame. Texts must be valid UTF-8 and values
 * well-formed. Returns 0, -ENOMEM or -EMSGSIZE, with BUFFER unchanged. */
int message_encode(struct buffer *buffer, const struct message *message);

/* Look at the frame that begins at BYTES and came from SENDER. Returns its size
 * when all of it is there, 0 when more bytes are needed, -EPROTO when it can be
 * none: too long, reserved bits set, of a type that is unknown or another
 * side's. The header tells, before anything is allocated. */
int64_t message_frame_size(const uint8_t *bytes, size_t size,
                           enum message_sender sender,
                           struct drover_error *err);

/* Decode the frame of SIZE bytes (as message_frame_size() gave it) that came
 * from SENDER. All of it is checked first: type and sender before the body,
 * well-formedness before the fields. What OUT holds is borrowed from BYTES.
 * Returns 0 or -EPROTO. */
int message_decode(const uint8_t *bytes, size_t size,
                   enum message_sender sender, struct message *out,
                   struct drover_error *err);

/* The table as text, one line a message: `0x30 call sequence:uint ...`; NULL
 * behind the last. For tests that hold documents against it. */
const char *message_describe(size_t i, char *line, size_t size);

#endif
