#include "background/link.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "background/address.h"
#include "base/error.h"

enum { ERRNO_MAX = 4095 };

int link_judge_refusal(const struct message *message, struct drover_error *err)
{
    uint64_t code = message->as.unserved.error;
    struct span reason = message->as.unserved.reason;
    if (code == 0 || code > ERRNO_MAX)
        code = EPROTO;
    return error_set(err, (int)code, "%.*s", (int)reason.size, reason.data);
}

/* Wait for the next message. Returns 0 or a negative errno. */
static int next_message(struct link *link, int64_t deadline_ms,
                        struct message *out, struct drover_error *err)
{
    for (;;) {
        int status = channel_receive(&link->channel, out, err);
        if (status != 0)
            return status < 0 ? status : 0;
        status = channel_wait(&link->channel, deadline_ms);
        if (status < 0)
            return error_set(err, -status, "no answer: %s", strerror(-status));
        status = channel_fill(&link->channel, NULL);
        if (status == 0)
            return error_set(err, ECONNRESET,
                             "the process that served it has "
                             "ended");
        if (status < 0 && status != -EAGAIN)
            return error_set(err, -status, "cannot receive: %s",
                             strerror(-status));
    }
}

/* Send REQUEST, and wait for an answer of TYPE. */
static int request(struct link *link, const struct message *message,
                   enum message_type type, int64_t deadline_ms,
                   struct message *answer, struct drover_error *err)
{
    int status = channel_queue(&link->channel, message);
    if (status < 0)
        return error_no_memory(err);
    /* One who has closed may still have said why. */
    status = channel_flush_until(&link->channel, deadline_ms);
    if (status < 0 && status != -EPIPE)
        return error_set(err, -status, "cannot send: %s", strerror(-status));
    status = next_message(link, deadline_ms, answer, err);
    if (status < 0)
        return status;
    if (answer->type == MESSAGE_UNSERVED)
        return link_judge_refusal(answer, err);
    if (answer->type != type)
        return error_set(err, EPROTO, "an answer that makes no sense");
    return 0;
}

static int greet(struct link *link, int64_t deadline_ms,
                 struct drover_error *err)
{
    struct message hello = { MESSAGE_HELLO, .as.hello = { MESSAGE_PROTOCOL } };
    struct message answer;
    int status =
        request(link, &hello, MESSAGE_WELCOME, deadline_ms, &answer, err);
    /* It ended when we came: nobody serves the address any more. */
    if (status == -ECONNRESET)
        return error_set(err, ECONNREFUSED,
                         "the process that served it has "
                         "just ended");
    if (status < 0)
        return status;
    if (answer.as.welcome.protocol != MESSAGE_PROTOCOL)
        return error_set(err, EPROTONOSUPPORT,
                         "it speaks version %" PRIu64
                         " of the protocol, not %d",
                         answer.as.welcome.protocol, MESSAGE_PROTOCOL);
    link->run = strndup(answer.as.welcome.run.data, answer.as.welcome.run.size);
    return link->run == NULL ? error_no_memory(err) : 0;
}

int link_open(struct link *link, const char *path, int64_t deadline_ms,
              struct drover_error *err)
{
    int socket = address_connect(path, deadline_ms, err);
    if (socket < 0)
        return socket;
    *link = (struct link){ 0 };
    channel_open(&link->channel, &socket, MESSAGE_FROM_SERVER);
    int status = greet(link, deadline_ms, err);
    if (status < 0) {
        link_close(link);
        error_prefix(err, "%s", path);
    }
    return status;
}

int link_reach(struct link *link, const struct reference *reference,
               int64_t deadline_ms, struct drover_error *err)
{
    if (reference->path == NULL)
        return error_set(err, ECONNREFUSED, "run %s has no address",
                         reference->run);
    int status = link_open(link, reference->path, deadline_ms, err);
    if (status == -ENOENT)
        return error_set(err, ECONNREFUSED, "nobody serves %s",
                         reference->path);
    if (status < 0 || reference->run == NULL ||
        strcmp(link->run, reference->run) == 0)
        return status;
    status = error_set(err, ECONNREFUSED, "%s is served by run %s, not %s",
                       reference->path, link->run, reference->run);
    link_close(link);
    return status;
}

void link_close(struct link *link)
{
    channel_close(&link->channel);
    free(link->run);
    link->run = NULL;
}

static int ask(struct link *link, const struct message *message,
               int64_t deadline_ms, struct drover_value *standing,
               struct drover_error *err)
{
    struct message answer;
    int status =
        request(link, message, MESSAGE_STATUS, deadline_ms, &answer, err);
    if (status < 0)
        return status;
    if (drover_value_type(answer.as.status.standing) != DROVER_MAP)
        return error_set(err, EPROTO, "an answer that makes no sense");
    *standing = answer.as.status.standing;
    return 0;
}

int link_ask(struct link *link, bool ended, int64_t deadline_ms,
             struct drover_value *standing, struct drover_error *err)
{
    struct message message = { MESSAGE_ASK, .as.ask = { ended } };
    return ask(link, &message, deadline_ms, standing, err);
}

int link_cancel(struct link *link, int64_t deadline_ms,
                struct drover_value *standing, struct drover_error *err)
{
    struct message message = { .type = MESSAGE_CANCEL };
    return ask(link, &message, deadline_ms, standing, err);
}
