/* Items on their way from a store to a collector: what the record says, as a
 * message, and what the collector makes of that. */
#ifndef BACKGROUND_ITEM_H
#define BACKGROUND_ITEM_H

#include <drover/collect.h>
#include <drover/error.h>

#include "base/buffer.h"
#include "store/delivery.h"
#include "wire/message.h"

/* Append ITEM as a frame. Returns 0, -ENOMEM or -EMSGSIZE. */
int item_encode(struct buffer *out, const struct delivery_item *item);

/* What MESSAGE, an item, says. Texts are copied to WORDS, all else is borrowed
 * from where the message is; `address` is left alone. Returns 0, -EPROTO when
 * it says what no server would, -ENOMEM. */
int item_decode(const struct message *message, struct buffer *words,
                struct drover_collected *out, struct drover_error *err);

#endif
