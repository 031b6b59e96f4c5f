#include "probe.h"

#include "base/descriptor.h"
#include "unit.h"

const struct drover_task probe_declared = {
    .name = "probe",
    .params = DROVER_PARAMS({ .name = "flag", .type = DROVER_BOOL },
                            { .name = "count", .type = DROVER_INT },
                            { .name = "ratio", .type = DROVER_FLOAT },
                            { .name = "name", .type = DROVER_TEXT },
                            { .name = "items", .type = DROVER_LIST },
                            { .name = "maybe", .type = DROVER_TEXT }),
    .result = { .type = DROVER_INT },
};

const char probe_args[] =
    "a6 64666c6167f5 65636f756e7424 65726174696ffb4004000000000000"
    "646e616d6563 78c3a4 656974656d738101 656d61796265f6";

struct worker_task probe_task(const struct drover_task *declared)
{
    return (struct worker_task){ .name = declared->name,
                                 .declared = declared,
                                 .param_stride = sizeof(struct drover_param),
                                 .build_id = "1234" };
}

void probe_begin_task(struct probe *probe, const struct worker_task *task,
                      const char *args)
{
    int sockets[2];
    ASSERT_INT(descriptor_socket_pair(sockets, NULL), 0);
    ASSERT_INT(descriptor_set_nonblocking(sockets[0], false), 0);
    probe->socket = sockets[0];
    channel_open(&probe->host, &sockets[1], MESSAGE_FROM_WORKER);
    outbox_init(&probe->outbox, probe->socket, NULL);
    ASSERT_INT(call_init(&probe->call, &probe->outbox), 0);
    probe->call.sequence = 77;
    probe->call.index = 1234567890123;
    probe->task = *task;
    call_begin(&probe->call, task, value_of_hex(&probe->args, args));
}

void probe_begin_as(struct probe *probe, const struct drover_task *declared)
{
    struct worker_task as_declared = probe_task(declared);
    probe_begin_task(probe, &as_declared, probe_args);
}

void probe_begin(struct probe *probe)
{
    probe_begin_as(probe, &probe_declared);
}

void probe_end(struct probe *probe)
{
    call_clear(&probe->call);
    outbox_clear(&probe->outbox);
    channel_close(&probe->host);
    descriptor_close(&probe->socket);
}

void probe_receive(struct probe *probe, struct message *message)
{
    ASSERT_INT(outbox_flush(&probe->outbox), 0);
    while (channel_receive(&probe->host, message, NULL) == 0)
        ASSERT_INT(channel_fill(&probe->host, NULL), 1);
}

void probe_expect_failure(struct probe *probe, const char *words)
{
    ASSERT(probe->call.failed);
    ASSERT_TEXT(probe->call.failure, words);
    probe_end(probe);
}
