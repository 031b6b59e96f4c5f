/* [collector] Collects and acknowledges, and writes down, before it goes on,
 * what it was given and what it knows to be acknowledged:
 *
 *     collector LEDGER BATCH ADDRESS
 *
 *     got PID NUMBER STAGE INDEX K ENDED CAUSE REDELIVERED VALUE
 *     sure PID NUMBER
 *
 * K is the value's place among those of its call, -1 without a value; VALUE is
 * in hexadecimal behind an x; sure: this item and all that were got before it
 * by this process are acknowledged, and that is recorded. Every BATCH items are
 * acknowledged together. Ends with 0: there is no more; 1: something is wrong,
 * which is written to standard error; 69: the connection was lost. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <drover/collect.h>

enum { SOON_MS = 20, SOME_MS = 60000, CONNECTION_LOST = 69 };

/* One write(2) a line, so that it is whole or not there. */
static void write_line(int ledger, const char *line, size_t size)
{
    if (write(ledger, line, size) != (ssize_t)size)
        abort();
}

static void note_item(int ledger, const struct drover_collected *item)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = item->outcome.value.data;
    size_t size = item->outcome.value.size;
    int64_t k = -1;
    char *line = malloc(2 * size + 256);
    if (line == NULL)
        abort();
    if (size > 0)
        drover_value_unpack(item->outcome.value, NULL, "{s: I}", "k", &k);
    int end = snprintf(
        line, 256, "got %ld %" PRIu64 " %s %" PRIu64 " %" PRId64 " %d %s %d x",
        (long)getpid(), item->number, item->stage, item->outcome.index, k,
        item->outcome.ended, drover_cause_name(item->outcome.cause),
        item->redelivered);
    for (size_t i = 0; i < size; i++) {
        line[end++] = digits[bytes[i] >> 4];
        line[end++] = digits[bytes[i] & 15];
    }
    line[end++] = '\n';
    write_line(ledger, line, (size_t)end);
    free(line);
}

static void note_sure(int ledger, uint64_t number)
{
    char line[64];
    int size = snprintf(line, sizeof line, "sure %ld %" PRIu64 "\n",
                        (long)getpid(), number);
    write_line(ledger, line, (size_t)size);
}

static int judge(int status, const struct drover_error *err)
{
    fprintf(stderr, "collector: %s\n", err->message);
    return status == -ECONNRESET || status == -ECONNREFUSED || status == -ENOENT
               ? CONNECTION_LOST
               : 1;
}

/* What was got and not acknowledged yet.
 *
 * last     its number, and the address that it came from
 * count    how many items */
struct pending {
    struct drover_collected last;
    int count;
};

static int acknowledge(struct drover_collector *collector, int ledger,
                       struct pending *pending, struct drover_error *err)
{
    if (pending->count == 0)
        return 0;
    pending->count = 0;
    int status = drover_collector_acknowledge(collector, &pending->last, err);
    if (status == 0)
        status = drover_collector_confirm(collector, SOME_MS, err);
    if (status == 0)
        note_sure(ledger, pending->last.number);
    return status;
}

/* When nothing comes for a while, nothing is kept from others. */
static int collect(struct drover_collector *collector, int ledger, int batch,
                   const char *address)
{
    struct drover_error err;
    struct drover_collected item;
    struct pending pending = { .last = { .address = address } };
    int status = 1;
    while (status > 0) {
        status = drover_collector_next(
            collector, &item, pending.count > 0 ? SOON_MS : SOME_MS, &err);
        if (status > 0) {
            note_item(ledger, &item);
            pending.last.number = item.number;
            pending.count++;
        }
        bool due = status == -ETIMEDOUT && pending.count > 0;
        if (due || status == 0 || pending.count >= batch) {
            int noted = acknowledge(collector, ledger, &pending, &err);
            status = noted < 0 ? noted : due ? 1 : status;
        }
    }
    return status < 0 ? judge(status, &err) : 0;
}

int main(int argc, char **argv)
{
    struct drover_error err;
    if (argc != 4)
        return 64;
    int ledger = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct drover_collector *collector = drover_collector_create(NULL, &err);
    if (ledger < 0 || collector == NULL)
        return 1;
    int status = drover_collector_connect(collector, argv[3], &err);
    status = status < 0 ? judge(status, &err)
                        : collect(collector, ledger, atoi(argv[2]), argv[3]);
    drover_collector_destroy(collector);
    close(ledger);
    return status;
}
