#include "life.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "unit.h"

void life_begin(struct life *life, life_fn live, const void *manner)
{
    int sockets[2], ends[2], memory;
    ASSERT_INT(slate_create(&life->slate, &memory, NULL), 0);
    descriptor_close(&memory);
    slate_reset(life->slate);
    ASSERT_INT(descriptor_socket_pair(sockets, NULL), 0);
    ASSERT_INT(descriptor_set_nonblocking(sockets[1], false), 0);
    ASSERT_INT(pipe2(ends, O_CLOEXEC), 0);
    ASSERT_INT(descriptor_set_nonblocking(ends[0], true), 0);
    life->printed = ends[0];
    life->manner = manner;
    fflush(NULL);
    life->pid = fork();
    ASSERT(life->pid >= 0);
    if (life->pid == 0) {
        close(sockets[0]);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[1]);
        _exit(live(life, sockets[1]));
    }
    close(sockets[1]);
    close(ends[1]);
    channel_open(&life->channel, &sockets[0], MESSAGE_FROM_WORKER);
}

void life_end(struct life *life)
{
    channel_close(&life->channel);
    descriptor_close(&life->printed);
    slate_destroy(life->slate);
}

bool life_hear(struct channel *channel, struct message *message)
{
    while (channel_receive(channel, message, NULL) == 0)
        if (channel_wait(channel, -1) < 0 || channel_fill(channel, NULL) <= 0)
            return false;
    return true;
}

void expect_message(struct life *life, enum message_type type,
                    struct message *message)
{
    struct drover_error err = { 0 };
    int status;
    while ((status = channel_receive(&life->channel, message, &err)) == 0) {
        ASSERT_INT(channel_wait(&life->channel, -1), 0);
        ASSERT_INT(channel_fill(&life->channel, NULL), 1);
    }
    ASSERT_TEXT(err.message, "");
    ASSERT_INT(status, 1);
    ASSERT_INT(message->type, type);
}

void expect_int(struct life *life, uint64_t sequence, int64_t expected)
{
    struct message message;
    int64_t result = 0;
    expect_message(life, MESSAGE_RETURNED, &message);
    ASSERT_INT(message.as.returned.sequence, sequence);
    ASSERT_INT(message.as.returned.has_value, 1);
    ASSERT_INT(drover_value_get_int(message.as.returned.value, &result), 0);
    ASSERT_INT(result, expected);
}

void expect_no_value(struct life *life, uint64_t sequence)
{
    struct message message;
    expect_message(life, MESSAGE_RETURNED, &message);
    ASSERT_INT(message.as.returned.sequence, sequence);
    ASSERT_INT(message.as.returned.has_value, 0);
}

void expect_sent(struct life *life, uint64_t sequence, int64_t expected)
{
    struct message message;
    int64_t number = 0;
    expect_message(life, MESSAGE_SENT, &message);
    ASSERT_INT(message.as.sent.sequence, sequence);
    ASSERT_INT(drover_value_get_int(message.as.sent.value, &number), 0);
    ASSERT_INT(number, expected);
}

void expect_failed(struct life *life, uint64_t cause, const char *words)
{
    struct message message;
    char text[128];
    expect_message(life, MESSAGE_FAILED, &message);
    ASSERT_INT(message.as.failed.cause, cause);
    snprintf(text, sizeof text, "%.*s", (int)message.as.failed.text.size,
             message.as.failed.text.data);
    ASSERT_TEXT(text, words);
}

void expect_printed(struct life *life, const char *expected)
{
    char text[128] = "";
    ssize_t size = read(life->printed, text, sizeof text - 1);
    ASSERT(size >= 0);
    ASSERT_TEXT(text, expected);
}
