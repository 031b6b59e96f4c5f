#include "tasks.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "process/budget.h"
#include "process/cores.h"
#include "unit.h"

/* The budget is kept for life: no case is to blame for its descriptor. */
static __attribute__((__constructor__)) void open_budget(void)
{
    budget_open(cores_available());
}

/* --- Values --------------------------------------------------------------- */

/* PREFIX and then N as an item of nine bytes. */
static struct drover_value write_int(const char *prefix, int64_t n)
{
    static uint8_t ring[8][16];
    static unsigned next;
    uint8_t *bytes = ring[next++ % 8];
    size_t size = strlen(prefix);
    uint64_t number = n < 0 ? ~(uint64_t)n : (uint64_t)n;
    memcpy(bytes, prefix, size);
    bytes[size++] = n < 0 ? 0x3b : 0x1b;
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes[size++] = (uint8_t)(number >> shift);
    return (struct drover_value){ bytes, size };
}

struct drover_value args_of(int64_t n)
{
    return write_int("\xa1\x61n", n);
}

struct drover_value value_of(int64_t n)
{
    return write_int("", n);
}

int64_t int_of(struct drover_value value)
{
    int64_t n = -1;
    ASSERT_INT(drover_value_get_int(value, &n), 0);
    return n;
}

struct drover_value list_of(struct drover_builder *builder, int64_t first,
                            int64_t last)
{
    struct drover_value list;
    drover_builder_reset(builder);
    drover_build_list_begin(builder);
    for (int64_t n = first; n <= last; n++)
        drover_build_int(builder, n);
    drover_build_list_end(builder);
    ASSERT_INT(drover_builder_value(builder, &list, NULL), 0);
    return list;
}

/* --- Memory --------------------------------------------------------------- */

void *shared_create(size_t size)
{
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT(shared != MAP_FAILED);
    return shared;
}

void shared_destroy(void *shared, size_t size)
{
    munmap(shared, size);
}

/* --- Tasks ---------------------------------------------------------------- */

int task_double(struct drover_call *call)
{
    return drover_return_int(call, 2 * drover_arg_int(call, "n"));
}

int task_pid(struct drover_call *call)
{
    return drover_return_int(call, getpid());
}

int task_hang(struct drover_call *call)
{
    (void)call;
    for (;;)
        pause();
}

int task_end(struct drover_call *call)
{
    switch ((enum ending)drover_arg_int(call, "n")) {
    case ENDING_FAILED:
        return drover_fail(call, "no more");
    case ENDING_EXITED:
        _exit(7);
    case ENDING_KILLED:
        kill(getpid(), SIGTERM);
        break;
    case ENDING_CRASHED:
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
        break;
    default:
        break;
    }
    return drover_return_int(call, drover_arg_int(call, "n"));
}

void expect_ending(const struct drover_outcome *outcome, enum ending ending)
{
    static const struct {
        enum drover_cause cause;
        int number;
        const char *text;
    } wanted[ENDINGS] = {
        [ENDING_WELL] = { DROVER_OK, 0, "" },
        [ENDING_FAILED] = { DROVER_ERROR, 0, "no more" },
        [ENDING_EXITED] = { DROVER_EXIT, 7, "ended its process with exit" },
        [ENDING_KILLED] = { DROVER_SIGNAL, SIGTERM, "killed by signal 15" },
        [ENDING_CRASHED] = { DROVER_SIGNAL, SIGSEGV, "killed by signal 11" },
    };
    ASSERT(outcome->ended);
    ASSERT_INT(outcome->cause, wanted[ending].cause);
    ASSERT_INT(outcome->number, wanted[ending].number);
    ASSERT_CONTAINS(outcome->text, wanted[ending].text);
    ASSERT(outcome->value.size == 0 || ending == ENDING_WELL);
}

int task_add_up(struct drover_call *call)
{
    struct drover_value value;
    int64_t sum = 0, number = 0;
    while (drover_receive(call, &value, -1) == 1) {
        drover_value_get_int(value, &number);
        sum += number;
        drover_send_pack(call, "I", sum);
    }
    return drover_return_int(call, sum);
}

int task_count(struct drover_call *call)
{
    int64_t count = drover_arg_int(call, "n");
    for (int64_t i = 0; i < count; i++)
        if (drover_send_pack(call, "I", i) != 0)
            return -1;
    return drover_return_int(call, count);
}

/* --- Threads and processes ------------------------------------------------ */

static void *wait_at(void *barrier)
{
    pthread_barrier_wait(barrier);
    return NULL;
}

void beside_a_thread(void (*run)(void))
{
    pthread_barrier_t barrier;
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    ASSERT_INT(pthread_create(&thread, NULL, wait_at, &barrier), 0);
    run();
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&barrier);
}

bool is_running(pid_t pid)
{
    char path[64], state = 'X';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'X';
    fclose(file);
    return state != 'X' && state != 'Z';
}

void expect_gone(pid_t pid)
{
    int64_t deadline_ms = clock_now_ms() + 2000;
    while (is_running(pid) && clock_now_ms() < deadline_ms)
        sched_yield();
    ASSERT(!is_running(pid));
}
