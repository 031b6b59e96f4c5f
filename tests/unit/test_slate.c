/* Slates: who gets a call that both sides reach for, and bytes that outlive
 * the worker that put them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "unit.h"
#include "wire/slate.h"

/* Host's and worker's view of the same memory. */
struct pair {
    struct slate *host;
    struct slate *worker;
};

static void open_pair(struct pair *pair)
{
    int memory = -1;
    ASSERT_INT(slate_create(&pair->host, &memory, NULL), 0);
    ASSERT_INT(slate_map(memory, &pair->worker, NULL), 0);
    ASSERT(fcntl(memory, F_GETFD) & FD_CLOEXEC);
    descriptor_close(&memory);
    slate_reset(pair->host);
}

static void close_pair(struct pair *pair)
{
    slate_destroy(pair->worker);
    slate_destroy(pair->host);
}

/* --- The memory ------------------------------------------------------------
 */

static void the_memory_cannot_be_cut_under_its_readers(void)
{
    struct slate *slate;
    int memory;
    ASSERT_INT(slate_create(&slate, &memory, NULL), 0);
    ASSERT_INT(ftruncate(memory, 0), -1);
    ASSERT_INT(errno, EPERM);
    int seals = fcntl(memory, F_GET_SEALS);
    ASSERT_INT(seals, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    descriptor_close(&memory);
    slate_destroy(slate);
    slate_destroy(NULL);
}

static void what_is_no_memory_file_is_not_mapped(void)
{
    struct slate *slate = NULL;
    struct drover_error err;
    int ends[2];
    ASSERT_INT(pipe2(ends, O_CLOEXEC), 0);
    ASSERT(slate_map(ends[0], &slate, &err) < 0);
    ASSERT(slate == NULL);
    ASSERT_CONTAINS(err.message, "cannot map a slate");
    close(ends[0]);
    close(ends[1]);
}

/* --- Calls -----------------------------------------------------------------
 */

static void a_posted_call_is_started_or_recalled_but_never_both(void)
{
    struct pair pair;
    open_pair(&pair);
    slate_post(pair.host, 256);
    ASSERT(!slate_is_started(pair.host, 256));
    ASSERT(slate_start(pair.worker, 256));
    ASSERT(slate_is_started(pair.host, 256));
    ASSERT(!slate_recall(pair.host, 256));
    ASSERT(!slate_start(pair.worker, 256));
    slate_post(pair.host, 257);
    ASSERT(slate_recall(pair.host, 257));
    ASSERT(!slate_start(pair.worker, 257));
    ASSERT(!slate_is_started(pair.host, 257));
    ASSERT(!slate_recall(pair.host, 257));
    close_pair(&pair);
}

static void a_call_that_was_never_posted_is_not_started(void)
{
    struct pair pair;
    open_pair(&pair);
    for (uint64_t sequence = 0; sequence < 2 * SLATE_CALLS; sequence++) {
        ASSERT(!slate_start(pair.worker, sequence));
        ASSERT(!slate_recall(pair.host, sequence));
        ASSERT(!slate_is_started(pair.host, sequence));
    }
    close_pair(&pair);
}

/* A recalled call's message may still be in the socket when its cell serves
 * another call. */
static void an_old_call_in_a_cell_used_again_is_refused(void)
{
    struct pair pair;
    open_pair(&pair);
    slate_post(pair.host, 5);
    ASSERT(slate_recall(pair.host, 5));
    slate_post(pair.host, 5 + SLATE_CALLS);
    ASSERT(!slate_start(pair.worker, 5));
    ASSERT(!slate_is_started(pair.host, 5 + SLATE_CALLS));
    ASSERT(slate_start(pair.worker, 5 + SLATE_CALLS));
    ASSERT(!slate_is_started(pair.host, 5));
    close_pair(&pair);
}

static void every_call_has_a_cell_of_its_own(void)
{
    struct pair pair;
    open_pair(&pair);
    for (uint64_t i = 0; i < SLATE_CALLS; i++)
        slate_post(pair.host, SLATE_CALLS + i);
    for (uint64_t i = 0; i < SLATE_CALLS; i += 2)
        ASSERT(slate_recall(pair.host, SLATE_CALLS + i));
    for (uint64_t i = 0; i < SLATE_CALLS; i++)
        ASSERT_INT(slate_start(pair.worker, SLATE_CALLS + i), i % 2);
    close_pair(&pair);
}

static void a_reset_forgets_all_calls_and_bytes(void)
{
    struct pair pair;
    const uint8_t *bytes;
    open_pair(&pair);
    slate_post(pair.host, 7);
    ASSERT(slate_put(pair.worker, "abc", 3));
    ASSERT(slate_try_lock(pair.worker));
    slate_reset(pair.host);
    ASSERT(!slate_start(pair.worker, 7));
    ASSERT_INT(slate_outbox(pair.worker, &bytes), 0);
    ASSERT(slate_try_lock(pair.host));
    close_pair(&pair);
}

struct race {
    struct slate *slate;
    pthread_barrier_t start;
    bool won[SLATE_CALLS];
};

static void *start_calls(void *context)
{
    struct race *race = context;
    pthread_barrier_wait(&race->start);
    for (uint64_t i = 0; i < SLATE_CALLS; i++)
        race->won[i] = slate_start(race->slate, i);
    return NULL;
}

/* The worker begins at the front, the host takes back from the end. */
static void when_both_reach_for_a_call_one_gets_it(void)
{
    for (int round = 0; round < 50; round++) {
        struct pair pair;
        pthread_t worker;
        struct race race;
        open_pair(&pair);
        race.slate = pair.worker;
        for (uint64_t i = 0; i < SLATE_CALLS; i++)
            slate_post(pair.host, i);
        ASSERT_INT(pthread_barrier_init(&race.start, NULL, 2), 0);
        ASSERT_INT(pthread_create(&worker, NULL, start_calls, &race), 0);
        bool taken[SLATE_CALLS];
        pthread_barrier_wait(&race.start);
        for (uint64_t i = SLATE_CALLS; i-- > 0;)
            taken[i] = slate_recall(pair.host, i);
        pthread_join(worker, NULL);
        pthread_barrier_destroy(&race.start);
        for (uint64_t i = 0; i < SLATE_CALLS; i++) {
            ASSERT(taken[i] != race.won[i]);
            ASSERT_INT(slate_is_started(pair.host, i), race.won[i]);
        }
        close_pair(&pair);
    }
}

/* --- The outbox ------------------------------------------------------------
 */

static uint8_t stream_byte(uint64_t position)
{
    return (uint8_t)(position * 31 + position / 256);
}

/* Put the next SIZE bytes of a stream that stands at POSITION. */
static bool put(struct pair *pair, uint64_t position, size_t size)
{
    static uint8_t bytes[SLATE_OUTBOX_BYTES + 1];
    for (size_t i = 0; i < size; i++)
        bytes[i] = stream_byte(position + i);
    return slate_put(pair->worker, bytes, size);
}

/* What is rescued from POSITION on are the bytes up to END. */
static void expect_rescue(struct pair *pair, uint64_t position, uint64_t end)
{
    struct buffer out = BUFFER_INIT(SLATE_OUTBOX_BYTES + 3);
    ASSERT_INT(buffer_append(&out, "abc", 3), 0);
    ASSERT_INT(slate_rescue(pair->host, position, &out), 0);
    ASSERT_INT(buffer_size(&out), 3 + (end - position));
    for (size_t i = 0; i < end - position; i++)
        ASSERT_INT(buffer_bytes(&out)[3 + i], stream_byte(position + i));
    buffer_clear(&out);
}

static void what_was_put_is_rescued_from_any_position(void)
{
    struct pair pair;
    open_pair(&pair);
    expect_rescue(&pair, 0, 0);
    ASSERT(put(&pair, 0, 10));
    ASSERT(put(&pair, 10, 20));
    for (uint64_t position = 0; position <= 30; position++)
        expect_rescue(&pair, position, 30);
    expect_rescue(&pair, 31, 31);
    close_pair(&pair);
}

static void what_was_sent_is_not_rescued_again(void)
{
    struct pair pair;
    const uint8_t *bytes;
    open_pair(&pair);
    ASSERT(put(&pair, 0, 10));
    ASSERT_INT(slate_outbox(pair.worker, &bytes), 10);
    ASSERT_INT(bytes[9], stream_byte(9));
    slate_empty(pair.worker);
    ASSERT_INT(slate_outbox(pair.worker, &bytes), 0);
    for (uint64_t position = 0; position <= 11; position++)
        expect_rescue(&pair, position, position);
    ASSERT(put(&pair, 10, 5));
    /* Bytes before the outbox are in the socket, and must be read first. */
    for (uint64_t position = 0; position < 10; position++)
        expect_rescue(&pair, position, position);
    for (uint64_t position = 10; position <= 15; position++)
        expect_rescue(&pair, position, 15);
    close_pair(&pair);
}

static void bytes_that_went_past_count_as_sent(void)
{
    struct pair pair;
    open_pair(&pair);
    ASSERT(put(&pair, 0, 10));
    slate_empty(pair.worker);
    slate_pass(pair.worker, 1000000);
    expect_rescue(&pair, 10, 10);
    expect_rescue(&pair, 1000010, 1000010);
    ASSERT(put(&pair, 1000010, 4));
    expect_rescue(&pair, 1000010, 1000014);
    expect_rescue(&pair, 1000013, 1000014);
    close_pair(&pair);
}

static void the_outbox_takes_what_fits_and_not_a_byte_more(void)
{
    struct pair pair;
    const uint8_t *bytes;
    open_pair(&pair);
    ASSERT(!put(&pair, 0, SLATE_OUTBOX_BYTES + 1));
    ASSERT_INT(slate_outbox(pair.worker, &bytes), 0);
    ASSERT(put(&pair, 0, SLATE_OUTBOX_BYTES - 1));
    ASSERT(!put(&pair, SLATE_OUTBOX_BYTES - 1, 2));
    ASSERT(put(&pair, SLATE_OUTBOX_BYTES - 1, 1));
    ASSERT(!put(&pair, SLATE_OUTBOX_BYTES, 1));
    ASSERT(put(&pair, SLATE_OUTBOX_BYTES, 0));
    expect_rescue(&pair, 0, SLATE_OUTBOX_BYTES);
    close_pair(&pair);
}

/* A worker that writes all over its slate cannot make the host read beyond
 * the outbox; it gets nothing rescued. */
static void a_scribbled_slate_gives_nothing(void)
{
    struct slate *slate;
    int memory = -1;
    struct buffer out = BUFFER_INIT(SLATE_OUTBOX_BYTES);
    ASSERT_INT(slate_create(&slate, &memory, NULL), 0);
    void *bytes = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    ASSERT(bytes != MAP_FAILED);
    static const uint64_t rows[][2] = {
        { 0, UINT64_MAX }, { 0, SLATE_OUTBOX_BYTES + 1 },
        { 5, 4 },          { UINT64_MAX, 3 },
        { UINT64_MAX, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        slate_reset(slate);
        memcpy(bytes, rows[i], sizeof rows[i]); /* base, produced */
        for (uint64_t position = 0; position < 8; position++)
            ASSERT_INT(slate_rescue(slate, position, &out), 0);
        ASSERT_INT(slate_rescue(slate, UINT64_MAX, &out), 0);
        ASSERT_INT(buffer_size(&out), 0);
    }
    munmap(bytes, 16);
    descriptor_close(&memory);
    slate_destroy(slate);
    buffer_clear(&out);
}

static void a_rescue_that_does_not_fit_is_an_error(void)
{
    struct pair pair;
    struct buffer out = BUFFER_INIT(9);
    open_pair(&pair);
    ASSERT(put(&pair, 0, 10));
    ASSERT_INT(slate_rescue(pair.host, 0, &out), -EMSGSIZE);
    ASSERT_INT(slate_rescue(pair.host, 1, &out), 0);
    ASSERT_INT(buffer_size(&out), 9);
    buffer_clear(&out);
    close_pair(&pair);
}

/* --- The lock --------------------------------------------------------------
 */

static void only_one_side_holds_the_lock(void)
{
    struct pair pair;
    open_pair(&pair);
    ASSERT(slate_try_lock(pair.host));
    ASSERT(!slate_try_lock(pair.worker));
    slate_unlock(pair.host);
    slate_lock(pair.worker);
    ASSERT(!slate_try_lock(pair.host));
    slate_unlock(pair.worker);
    ASSERT(slate_try_lock(pair.host));
    close_pair(&pair);
}

enum { TURNS = 2000 };

struct counting {
    struct slate *slate;
    volatile int *count;
};

static void *count_up(void *context)
{
    struct counting *counting = context;
    for (int i = 0; i < TURNS; i++) {
        slate_lock(counting->slate);
        *counting->count = *counting->count + 1;
        slate_unlock(counting->slate);
    }
    return NULL;
}

static void the_lock_keeps_both_sides_apart(void)
{
    struct pair pair;
    pthread_t other;
    volatile int count = 0;
    open_pair(&pair);
    struct counting host = { pair.host, &count };
    struct counting worker = { pair.worker, &count };
    ASSERT_INT(pthread_create(&other, NULL, count_up, &worker), 0);
    count_up(&host);
    pthread_join(other, NULL);
    ASSERT_INT(count, 2 * TURNS);
    close_pair(&pair);
}

UNIT_CASES(CASE(the_memory_cannot_be_cut_under_its_readers),
           CASE(what_is_no_memory_file_is_not_mapped),
           CASE(a_posted_call_is_started_or_recalled_but_never_both),
           CASE(a_call_that_was_never_posted_is_not_started),
           CASE(an_old_call_in_a_cell_used_again_is_refused),
           CASE(every_call_has_a_cell_of_its_own),
           CASE(a_reset_forgets_all_calls_and_bytes),
           CASE(when_both_reach_for_a_call_one_gets_it),
           CASE(what_was_put_is_rescued_from_any_position),
           CASE(what_was_sent_is_not_rescued_again),
           CASE(bytes_that_went_past_count_as_sent),
           CASE(the_outbox_takes_what_fits_and_not_a_byte_more),
           CASE(a_scribbled_slate_gives_nothing),
           CASE(a_rescue_that_does_not_fit_is_an_error),
           CASE(only_one_side_holds_the_lock),
           CASE(the_lock_keeps_both_sides_apart))
