#include "wire/slate.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

enum cell_state { CELL_POSTED, CELL_RECALLED, CELL_STARTED };

/* A cell holds its call's sequence number and state in one word, so that a
 * worker that comes upon an old call sees that it is not meant any more.
 * The outbox holds the bytes base .. produced of the worker's stream. */
struct slate {
    _Atomic uint64_t base;
    _Atomic uint64_t produced;
    atomic_bool locked;
    _Atomic uint64_t cells[SLATE_CALLS];
    uint8_t outbox[SLATE_OUTBOX_BYTES];
};

int slate_map(int descriptor, struct slate **out, struct drover_error *err)
{
    void *memory = mmap(NULL, sizeof(struct slate), PROT_READ | PROT_WRITE,
                        MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED)
        return error_set(err, errno, "cannot map a slate: %s", strerror(errno));
    *out = memory;
    return 0;
}

/* A memory file that nobody can shrink under a reader. */
static int sealed_memory(size_t size)
{
    int descriptor =
        memfd_create("drover-slate", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0)
        return -errno;
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    if (ftruncate(descriptor, (off_t)size) < 0 ||
        fcntl(descriptor, F_ADD_SEALS, seals) < 0) {
        int code = errno;
        close(descriptor);
        return -code;
    }
    return descriptor;
}

int slate_create(struct slate **out, int *descriptor, struct drover_error *err)
{
    int memory = sealed_memory(sizeof(struct slate));
    if (memory < 0)
        return error_set(err, -memory, "cannot make a memory file: %s",
                         strerror(-memory));
    int status = slate_map(memory, out, err);
    if (status < 0)
        descriptor_close(&memory);
    else
        *descriptor = memory;
    return status;
}

void slate_destroy(struct slate *slate)
{
    if (slate != NULL)
        munmap(slate, sizeof *slate);
}

void slate_reset(struct slate *slate)
{
    atomic_store(&slate->base, 0);
    atomic_store(&slate->produced, 0);
    atomic_store(&slate->locked, false);
    for (size_t i = 0; i < SLATE_CALLS; i++)
        atomic_store(&slate->cells[i], UINT64_MAX);
}

static uint64_t cell(uint64_t sequence, enum cell_state state)
{
    return sequence << 2 | state;
}

void slate_post(struct slate *slate, uint64_t sequence)
{
    atomic_store_explicit(&slate->cells[sequence % SLATE_CALLS],
                          cell(sequence, CELL_POSTED), memory_order_release);
}

/* Move a call from posted to TO, unless the other side was first. */
static bool claim(struct slate *slate, uint64_t sequence, enum cell_state to)
{
    uint64_t expected = cell(sequence, CELL_POSTED);
    return atomic_compare_exchange_strong(&slate->cells[sequence % SLATE_CALLS],
                                          &expected, cell(sequence, to));
}

bool slate_recall(struct slate *slate, uint64_t sequence)
{
    return claim(slate, sequence, CELL_RECALLED);
}

bool slate_start(struct slate *slate, uint64_t sequence)
{
    return claim(slate, sequence, CELL_STARTED);
}

bool slate_is_started(const struct slate *slate, uint64_t sequence)
{
    return atomic_load(&slate->cells[sequence % SLATE_CALLS]) ==
           cell(sequence, CELL_STARTED);
}

static uint64_t outbox_used(const struct slate *slate)
{
    return atomic_load_explicit(&slate->produced, memory_order_relaxed) -
           atomic_load_explicit(&slate->base, memory_order_relaxed);
}

bool slate_put(struct slate *slate, const void *bytes, size_t size)
{
    uint64_t used = outbox_used(slate);
    if (size > SLATE_OUTBOX_BYTES - used)
        return false;
    memcpy(slate->outbox + used, bytes, size);
    /* Only whole frames are ever visible. */
    atomic_fetch_add_explicit(&slate->produced, size, memory_order_release);
    return true;
}

size_t slate_outbox(const struct slate *slate, const uint8_t **bytes)
{
    *bytes = slate->outbox;
    return (size_t)outbox_used(slate);
}

void slate_empty(struct slate *slate)
{
    atomic_store_explicit(&slate->base, atomic_load(&slate->produced),
                          memory_order_release);
    /* Seen before anything that is put over the bytes it speaks of. */
    atomic_thread_fence(memory_order_release);
}

void slate_pass(struct slate *slate, size_t size)
{
    uint64_t produced = atomic_load(&slate->produced) + size;
    atomic_store(&slate->produced, produced);
    atomic_store(&slate->base, produced);
}

int slate_rescue(const struct slate *slate, uint64_t position,
                 struct buffer *out)
{
    uint64_t base = atomic_load(&slate->base);
    uint64_t produced = atomic_load(&slate->produced);
    if (position < base || position >= produced ||
        produced - base > SLATE_OUTBOX_BYTES)
        return 0;
    size_t size = (size_t)(produced - position);
    int status = buffer_append(out, slate->outbox + (position - base), size);
    /* Bytes are only added while the base stays; a new base means that the
     * worker has sent them after all. */
    atomic_thread_fence(memory_order_acquire);
    if (status == 0 && atomic_load(&slate->base) != base)
        out->end -= size;
    return status;
}

bool slate_try_lock(struct slate *slate)
{
    return !atomic_exchange(&slate->locked, true);
}

void slate_lock(struct slate *slate)
{
    while (!slate_try_lock(slate))
        sched_yield();
}

void slate_unlock(struct slate *slate)
{
    atomic_store(&slate->locked, false);
}
