/* How a call ended, as it is told within the program; <drover/outcome.h> has
 * the form in which the library's users see it, and the causes. */
#ifndef DISPATCH_OUTCOME_H
#define DISPATCH_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drover/outcome.h>
#include <drover/value.h>

/* index    of the call in its stage
 * calls    for how many calls this speaks; above 1 only where a whole stage is
 *          skipped; 0 when that is not known
 * results  how many values the call gave: those it sent and what it returned
 * args     a map, or an empty view when the call could not be made
 * text     what happened, in a sentence; "" for OK; terminated by NUL
 * number   the exit status or the signal, else 0
 * printed  the last that the call printed, whole lines, not terminated;
 *          printed_cut: it had printed more before
 *
 * All borrowed by whoever is told of it. cpu_us and memory_kib are 0 where
 * nobody measured them. */
struct outcome {
    size_t stage;
    uint64_t index;
    uint64_t calls;
    uint64_t results;
    struct drover_value args;
    enum drover_cause cause;
    const char *text;
    int number;
    uint64_t elapsed_ns;
    uint64_t cpu_us;
    uint64_t memory_kib;
    const char *printed;
    size_t printed_size;
    bool printed_cut;
};

/* Judge a worker that died while it ran a call, by its wait status: sets cause
 * and number, and writes the sentence to TEXT. */
void outcome_judge_death(struct outcome *outcome, int wait_status, char *text,
                         size_t size);

#endif
