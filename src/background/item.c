#include "background/item.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/error.h"

static struct span span_of(const char *text)
{
    return (struct span){ .data = text, .size = strlen(text) };
}

/* VALUE, or something that is well-formed when there is none. */
static struct drover_value value_or(struct drover_value value,
                                    const uint8_t *instead)
{
    return value.size > 0 ? value : (struct drover_value){ instead, 1 };
}

int item_encode(struct buffer *out, const struct delivery_item *item)
{
    static const uint8_t no_args = 0xa0, no_value = 0xf6; /* {}, null */
    struct message message = { .type = MESSAGE_ITEM };
    message.as.item = (struct message_item){
        .number = item->number,
        .redelivered = item->redelivered,
        .ended = item->ended,
        .stage = span_of(item->stage),
        .index = item->index,
        .args = value_or(item->args, &no_args),
        .cause = span_of(drover_cause_name(item->cause)),
        .text = span_of(item->text),
        .code = item->code,
        .elapsed_ns = item->elapsed_ns,
        .cpu_us = item->cpu_us,
        .memory_kib = item->memory_kib,
        .has_value = item->value.size > 0,
        .value = value_or(item->value, &no_value),
    };
    return message_encode(out, &message);
}

static bool find_cause(struct span word, enum drover_cause *out)
{
    for (int i = 0; i < DROVER_CAUSES; i++) {
        const char *name = drover_cause_name((enum drover_cause)i);
        if (strlen(name) == word.size &&
            memcmp(name, word.data, word.size) == 0) {
            *out = (enum drover_cause)i;
            return true;
        }
    }
    return false;
}

static bool is_credible(const struct message_item *item)
{
    return item->number > 0 && item->number < UINT64_MAX &&
           item->redelivered <= 1 && item->ended <= 1 && item->has_value <= 1 &&
           item->code >= INT_MIN && item->code <= INT_MAX &&
           drover_value_type(item->args) == DROVER_MAP;
}

static int append_word(struct buffer *words, struct span word)
{
    int status = buffer_append(words, word.data, word.size);
    return status < 0 ? status : buffer_append(words, "", 1);
}

/* Texts get an end, for those who read them as C does. */
static int copy_texts(const struct message_item *item, struct buffer *words,
                      struct drover_collected *out)
{
    buffer_reset(words);
    int status = append_word(words, item->stage);
    if (status == 0)
        status = append_word(words, item->text);
    if (status < 0)
        return status;
    out->stage = (const char *)buffer_bytes(words);
    out->outcome.text = out->stage + item->stage.size + 1;
    return 0;
}

int item_decode(const struct message *message, struct buffer *words,
                struct drover_collected *out, struct drover_error *err)
{
    static const struct drover_value none = { NULL, 0 };
    const struct message_item *item = &message->as.item;
    enum drover_cause cause;
    if (!is_credible(item) || !find_cause(item->cause, &cause))
        return error_set(err, EPROTO, "an item that makes no sense");
    if (copy_texts(item, words, out) < 0)
        return error_no_memory(err);
    out->number = item->number;
    out->redelivered = item->redelivered == 1;
    out->outcome = (struct drover_outcome){
        .cause = cause,
        .ended = item->ended == 1,
        .index = item->index,
        .args = drover_value_count(item->args) > 0 ? item->args : none,
        .value = item->has_value == 1 ? item->value : none,
        .text = out->outcome.text,
        .number = (int)item->code,
        .elapsed_ns = item->elapsed_ns,
        .cpu_us = item->cpu_us,
        .memory_kib = item->memory_kib,
    };
    return 0;
}
