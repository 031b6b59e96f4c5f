/* How a call ended. */
#ifndef EXCHANGE_OUTCOME_H
#define EXCHANGE_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/value.h>

enum outcome_cause {
    OUTCOME_OK,
    OUTCOME_ERROR,     /* the task said so, or the call could not be made */
    OUTCOME_EXIT,      /* the task ended its process */
    OUTCOME_SIGNAL,    /* its process was killed */
    OUTCOME_CANCELLED, /* by the user */
    OUTCOME_SKIPPED,   /* a stage it needs has failed */
    OUTCOME_LOST,      /* its worker vanished without a trace */
    OUTCOME_LOAD,      /* its plugin or worker could not be started */
    OUTCOME_PROTOCOL,  /* its worker sent what nobody can read */
};
enum { OUTCOME_CAUSES = OUTCOME_PROTOCOL + 1 };

/* index    of the call in its stage
 * calls    for how many calls this speaks; above 1 only where a whole stage is
 *          skipped; 0 when that is not known
 * args     a map, or an empty view when the call could not be made
 * text     what happened, in a sentence; "" for OK; terminated by NUL
 * number   the exit status or the signal, else 0
 * printed  the last that the call printed, whole lines, not terminated
 *
 * All borrowed by whoever is told of it. cpu_us and memory_kib are 0 where
 * nobody measured them. */
struct outcome {
    size_t stage;
    uint64_t index;
    uint64_t calls;
    struct drover_value args;
    enum outcome_cause cause;
    const char *text;
    int number;
    uint64_t elapsed_ns;
    uint64_t cpu_us;
    uint64_t memory_kib;
    const char *printed;
    size_t printed_size;
};

/* The cause's word, as it stands in messages and records. */
const char *outcome_cause_name(enum outcome_cause cause);

/* Judge a worker that died while it ran a call, by its wait status: sets cause
 * and number, and writes the sentence to TEXT. */
void outcome_judge_death(struct outcome *outcome, int wait_status, char *text,
                         size_t size);

#endif
