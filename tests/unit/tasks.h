/* What tests of channels and exchanges call, and values for that. */
#ifndef TASKS_H
#define TASKS_H

#include <drover/exchange.h>

/* Who waits for so long waits in vain. */
enum { SOON_MS = 30 * 1000 };

/* {"n": N}, and N itself: valid until eight more have been made. */
struct drover_value args_of(int64_t n);
struct drover_value value_of(int64_t n);

/* The int that VALUE is; else the case fails. */
int64_t int_of(struct drover_value value);

/* The list of FIRST..LAST in BUILDER. */
struct drover_value list_of(struct drover_builder *builder, int64_t first,
                            int64_t last);

/* Memory that is shared with all processes forked from now on, zeroed. */
void *shared_create(size_t size);
void shared_destroy(void *shared, size_t size);

/* Tasks: 2 n; the pid; nothing, never. */
int task_double(struct drover_call *call);
int task_pid(struct drover_call *call);
int task_hang(struct drover_call *call);

/* Ends in another way for each n. */
enum ending {
    ENDING_WELL,
    ENDING_FAILED,
    ENDING_EXITED,
    ENDING_KILLED,
    ENDING_CRASHED,
    ENDINGS
};
int task_end(struct drover_call *call);

/* Assert that OUTCOME is what task_end() comes to with ENDING. */
void expect_ending(const struct drover_outcome *outcome, enum ending ending);

/* Answers each value by the sum so far, until no more come; returns that. */
int task_add_up(struct drover_call *call);

/* Sends 0 to n - 1, and returns n. */
int task_count(struct drover_call *call);

/* Run a function that must come to 0 while another thread runs. */
void beside_a_thread(void (*run)(void));

/* Whether PID is still there, and no zombie. */
bool is_running(pid_t pid);

/* Wait until it is not; the case fails after two seconds. */
void expect_gone(pid_t pid);

#endif
