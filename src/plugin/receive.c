/* [worker] What a call receives. */
#include <errno.h>

#include "plugin/call.h"

int drover_receive(struct drover_call *call, struct drover_value *value,
                   int timeout_ms)
{
    struct message_passed passed;
    if (call->incoming == NULL || call->received_all)
        return 0;
    /* Should the host be gone, what it had sent before can still be read. */
    outbox_flush(call->outbox);
    int status =
        incoming_receive(call->incoming, call->sequence, timeout_ms, &passed);
    if (status == -ETIMEDOUT)
        return status;
    if (status == -ENOMEM || status == -EMSGSIZE) {
        call_misused(call, "no memory for what waits behind this call");
        return -ENOMEM;
    }
    if (status <= 0 || passed.has_value == 0) {
        call->received_all = true;
        return 0;
    }
    *value = passed.value;
    return 1;
}
