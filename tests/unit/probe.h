/* A call in the hands of a test, without a worker around it. */
#ifndef PROBE_H
#define PROBE_H

#include "plugin/call.h"
#include "value_bytes.h"
#include "wire/channel.h"

/* The call, its task, and the host's end of its outbox. */
struct probe {
    struct drover_call call;
    struct worker_task task;
    struct outbox outbox;
    struct channel host;
    struct bytes args;
    int socket;
};

/* A task with a parameter of each type, whose result is an int, and arguments
 * for it, as hex:
 * flag: true, count: -5, ratio: 2.5, name: "xä", items: [1], maybe: null */
extern const struct drover_task probe_declared;
extern const char probe_args[];

/* As a worker knows the task that DECLARED declares; borrowed. */
struct worker_task probe_task(const struct drover_task *declared);

/* Begin a call of that task with these arguments, of another DECLARED, or of
 * any TASK with any ARGS, as hex. Its sequence number is 77, its index
 * 1234567890123. */
void probe_begin(struct probe *probe);
void probe_begin_as(struct probe *probe, const struct drover_task *declared);
void probe_begin_task(struct probe *probe, const struct worker_task *task,
                      const char *args);
void probe_end(struct probe *probe);

/* The next message that the call has put in line. */
void probe_receive(struct probe *probe, struct message *message);

/* The call has failed with just these WORDS; end it. */
void probe_expect_failure(struct probe *probe, const char *words);

#endif
