#include "background/recording.h"

#include "plugin/call_key.h"
#include "store/record.h"

_Static_assert((int)RECORD_KEY_BYTES == (int)CALL_KEY_BYTES,
               "keys of different sizes");

static int add_value(struct recording *recording,
                     const struct record_call *call,
                     const struct drover_outcome *item,
                     struct drover_error *err)
{
    struct record_value value = { .number = recording->values,
                                  .value = item->value,
                                  .last = item->ended,
                                  .offered = true };
    int status = 0;
    if (recording->id == 0)
        status = record_begin(recording->store, call, &recording->id, err);
    if (status == 0)
        status = record_add_value(recording->store, recording->id, &value, NULL,
                                  err);
    if (status == 0)
        recording->values++;
    return status;
}

static int end(struct recording *recording, const struct record_call *call,
               const struct drover_outcome *item, struct drover_error *err)
{
    struct record_outcome outcome = { .cause = item->cause,
                                      .text = item->text,
                                      .number = item->number,
                                      .attempts = 1,
                                      .elapsed_ns = item->elapsed_ns,
                                      .cpu_us = item->cpu_us,
                                      .memory_kib = item->memory_kib,
                                      .printed = "" };
    recording->ended = true;
    recording->cause = item->cause;
    return record_end(recording->store, &recording->id, call, &outcome, true,
                      err);
}

int recording_add(struct recording *recording,
                  const struct drover_outcome *item, struct drover_error *err)
{
    struct call_key key = call_key_of_index(item->index, item->args);
    struct record_call call = { .stage = recording->stage,
                                .index = item->index,
                                .key = key.bytes,
                                .args = item->args };
    int status = 0;
    if (item->cause == DROVER_OK && item->value.size > 0)
        status = add_value(recording, &call, item, err);
    if (status == 0 && item->ended)
        status = end(recording, &call, item, err);
    return status;
}
