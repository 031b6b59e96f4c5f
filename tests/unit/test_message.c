/* Messages: the table holds what the structs say, and the decoder refuses
 * everything that is not a message. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "unit.h"
#include "value/json.h"
#include "wire/message.h"

enum { TEXT_BYTES = 512 };

/* {"i": 1} and ["a"] */
static const uint8_t map_bytes[] = { 0xa1, 0x61, 'i', 0x01 };
static const uint8_t list_bytes[] = { 0x81, 0x61, 'a' };

#define A_MAP                                                                  \
    {                                                                          \
        map_bytes, sizeof map_bytes                                            \
    }
#define A_LIST                                                                 \
    {                                                                          \
        list_bytes, sizeof list_bytes                                          \
    }
#define SPAN(text)                                                             \
    {                                                                          \
        (text), sizeof(text) - 1                                               \
    }

/* One message of each type, and its body in JSON. */
static const struct {
    struct message message;
    const char *body;
} samples[] = {
    { { MESSAGE_OPEN, .as.open = { 1, 9, A_LIST } }, "[1,9,[\"a\"]]" },
    { { MESSAGE_FORK, .as.fork = { .reused = 0, .count = 7 } }, "[0,7]" },
    { { MESSAGE_END, .as.end = { 300 } }, "[300]" },
    { { .type = MESSAGE_HOLD }, "[]" },
    { { MESSAGE_LOADING, .as.loading = { 2 } }, "[2]" },
    { { MESSAGE_REFUSED, .as.refused = { 3, SPAN("no \xc3\xa4") } },
      "[3,\"no \xc3\xa4\"]" },
    { { MESSAGE_LOADED, .as.loaded = { A_LIST } }, "[[\"a\"]]" },
    { { MESSAGE_BORN, .as.born = { 1, 70000, 0 } }, "[1,70000,0]" },
    { { MESSAGE_UNBORN, .as.unborn = { 11 } }, "[11]" },
    { { MESSAGE_GONE, .as.gone = { 1, -2, 3, 4, 5 } }, "[1,-2,3,4,5]" },
    { { MESSAGE_CALL, .as.call = { UINT64_MAX, 1, 2, INT64_MAX, A_MAP } },
      "[18446744073709551615,1,2,9223372036854775807,{\"i\":1}]" },
    { { MESSAGE_PASSED, .as.passed = { 7, 1, A_MAP } }, "[7,1,{\"i\":1}]" },
    { { MESSAGE_SENT, .as.sent = { 8, A_MAP } }, "[8,{\"i\":1}]" },
    { { MESSAGE_RETURNED, .as.returned = { 9, 10, 1, A_MAP } },
      "[9,10,1,{\"i\":1}]" },
    { { MESSAGE_FAILED, .as.failed = { 4, 3, 1, SPAN("why") } },
      "[4,3,1,\"why\"]" },
    { { MESSAGE_LOGGED, .as.logged = { 4, 2, SPAN("") } }, "[4,2,\"\"]" },
    { { MESSAGE_PRINTED, .as.printed = { 4, SPAN("\xff\0z") } },
      "[4,\"_wB6\"]" },
    { { MESSAGE_RETIRING, .as.retiring = { SPAN("tired") } }, "[\"tired\"]" },
    { { MESSAGE_HELLO, .as.hello = { 3 } }, "[3]" },
    { { MESSAGE_TAKE, .as.take = { 100, 0, 1 } }, "[100,0,1]" },
    { { MESSAGE_ACKNOWLEDGE, .as.acknowledge = { 4, 7 } }, "[4,7]" },
    { { MESSAGE_ASK, .as.ask = { 1 } }, "[1]" },
    { { .type = MESSAGE_CANCEL }, "[]" },
    { { MESSAGE_GIVE, .as.give = { 1, A_MAP } }, "[1,{\"i\":1}]" },
    { { MESSAGE_WELCOME, .as.welcome = { 3, SPAN("run-1") } },
      "[3,\"run-1\"]" },
    { { MESSAGE_ITEM, .as.item = { 1, 0, 1, SPAN("s"), 5, A_MAP, SPAN("ok"),
                                   SPAN(""), -6, 7, 8, 9, 1, A_LIST } },
      "[1,0,1,\"s\",5,{\"i\":1},\"ok\",\"\",-6,7,8,9,1,[\"a\"]]" },
    { { MESSAGE_CONFIRMED, .as.confirmed = { 4, 7 } }, "[4,7]" },
    { { MESSAGE_DRAINED, .as.drained = { 1 } }, "[1]" },
    { { MESSAGE_STATUS, .as.status = { A_MAP } }, "[{\"i\":1}]" },
    { { MESSAGE_GIVEN, .as.given = { 32 } }, "[32]" },
    { { MESSAGE_UNSERVED, .as.unserved = { 93, SPAN("no") } }, "[93,\"no\"]" },
};
enum { SAMPLE_COUNT = sizeof samples / sizeof samples[0] };

static const enum message_sender senders[] = {
    MESSAGE_FROM_HOST_TO_KEEPER, MESSAGE_FROM_KEEPER,
    MESSAGE_FROM_HOST_TO_WORKER, MESSAGE_FROM_WORKER,
    MESSAGE_FROM_COLLECTOR,      MESSAGE_FROM_SERVER
};

static enum message_sender sender_of(enum message_type type)
{
    return (enum message_sender)((unsigned)type & 0xf0u);
}

/* The frame of sample I, to be freed; memory of its very size, so that a
 * sanitizer sees whoever reads on. */
static uint8_t *encode_sample(size_t i, size_t *size)
{
    struct buffer buffer = BUFFER_INIT(TEXT_BYTES);
    ASSERT_INT(message_encode(&buffer, &samples[i].message), 0);
    *size = buffer_size(&buffer);
    uint8_t *frame = malloc(*size);
    ASSERT(frame != NULL);
    memcpy(frame, buffer_bytes(&buffer), *size);
    buffer_clear(&buffer);
    return frame;
}

static void set_size(uint8_t *frame, size_t size)
{
    size_t body = size - MESSAGE_HEADER_BYTES;
    for (int i = 0; i < 4; i++)
        frame[i] = (uint8_t)(body >> (24 - 8 * i));
}

/* What the decoder says to a frame of TYPE with such a BODY. */
static int decode_body(enum message_type type, const void *body, size_t size,
                       struct drover_error *err)
{
    uint8_t *frame = calloc(1, MESSAGE_HEADER_BYTES + size);
    struct message message;
    ASSERT(frame != NULL);
    memcpy(frame + MESSAGE_HEADER_BYTES, body, size);
    set_size(frame, MESSAGE_HEADER_BYTES + size);
    frame[4] = (uint8_t)type;
    ASSERT_INT(message_frame_size(frame, MESSAGE_HEADER_BYTES + size,
                                  sender_of(type), NULL),
               MESSAGE_HEADER_BYTES + size);
    int status = message_decode(frame, MESSAGE_HEADER_BYTES + size,
                                sender_of(type), &message, err);
    free(frame);
    return status;
}

/* --- Good messages ---------------------------------------------------------
 */

static void there_is_a_sample_of_every_message_in_the_table(void)
{
    char line[TEXT_BYTES];
    size_t i = 0;
    for (; message_describe(i, line, sizeof line) != NULL; i++) {
        ASSERT(i < SAMPLE_COUNT);
        ASSERT_INT(strtoul(line, NULL, 16), samples[i].message.type);
    }
    ASSERT_INT(i, SAMPLE_COUNT);
}

static void a_body_holds_the_fields_in_their_order(void)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t size;
        uint8_t *frame = encode_sample(i, &size);
        struct drover_value body = { frame + MESSAGE_HEADER_BYTES,
                                     size - MESSAGE_HEADER_BYTES };
        struct buffer json = BUFFER_INIT(TEXT_BYTES);
        ASSERT_INT(frame[4], samples[i].message.type);
        ASSERT_INT(value_print_json(&json, body, 0), 0);
        ASSERT_INT(buffer_append(&json, "", 1), 0);
        ASSERT_TEXT((char *)buffer_bytes(&json), samples[i].body);
        buffer_clear(&json);
        free(frame);
    }
}

static void every_message_comes_back_as_it_was(void)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t size;
        uint8_t *frame = encode_sample(i, &size);
        struct message message;
        struct buffer again = BUFFER_INIT(TEXT_BYTES);
        enum message_type type = samples[i].message.type;
        ASSERT_INT(message_frame_size(frame, size, sender_of(type), NULL),
                   size);
        ASSERT_INT(message_decode(frame, size, sender_of(type), &message, NULL),
                   0);
        ASSERT_INT(message.type, type);
        ASSERT_INT(message_encode(&again, &message), 0);
        ASSERT_INT(buffer_size(&again), size);
        ASSERT(memcmp(buffer_bytes(&again), frame, size) == 0);
        buffer_clear(&again);
        free(frame);
    }
}

static void fields_are_decoded_to_where_they_belong(void)
{
    size_t size;
    struct message message;
    uint8_t *frame = encode_sample(9, &size);
    ASSERT_INT(message_decode(frame, size, MESSAGE_FROM_KEEPER, &message, NULL),
               0);
    ASSERT_INT(message.as.gone.worker, 1);
    ASSERT_INT(message.as.gone.status, -2);
    ASSERT_INT(message.as.gone.cpu_us, 3);
    ASSERT_INT(message.as.gone.memory_kib, 4);
    ASSERT_INT(message.as.gone.leftovers, 5);
    free(frame);
    frame = encode_sample(16, &size);
    ASSERT_INT(message_decode(frame, size, MESSAGE_FROM_WORKER, &message, NULL),
               0);
    ASSERT_INT(message.as.printed.sequence, 4);
    ASSERT_INT(message.as.printed.bytes.size, 3);
    ASSERT(memcmp(message.as.printed.bytes.data, "\xff\0z", 3) == 0);
    free(frame);
}

static void messages_are_appended_one_after_the_other(void)
{
    struct buffer buffer = BUFFER_INIT(TEXT_BYTES);
    struct message message;
    size_t at = 0, count = 0;
    for (size_t i = 0; i < SAMPLE_COUNT; i++)
        ASSERT_INT(message_encode(&buffer, &samples[i].message), 0);
    while (at < buffer_size(&buffer)) {
        const uint8_t *frame = buffer_bytes(&buffer) + at;
        enum message_type type = samples[count++].message.type;
        int64_t size = message_frame_size(frame, buffer_size(&buffer) - at,
                                          sender_of(type), NULL);
        ASSERT(size > 0);
        ASSERT_INT(message_decode(frame, (size_t)size, sender_of(type),
                                  &message, NULL),
                   0);
        ASSERT_INT(message.type, type);
        at += (size_t)size;
    }
    ASSERT_INT(count, SAMPLE_COUNT);
    buffer_clear(&buffer);
}

static void what_does_not_fit_leaves_the_buffer_as_it_was(void)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t size;
        free(encode_sample(i, &size));
        for (size_t limit = 3; limit < size + 3; limit++) {
            struct buffer buffer = BUFFER_INIT(limit);
            ASSERT_INT(buffer_append(&buffer, "abc", 3), 0);
            ASSERT_INT(message_encode(&buffer, &samples[i].message), -EMSGSIZE);
            ASSERT_INT(buffer_size(&buffer), 3);
            ASSERT(memcmp(buffer_bytes(&buffer), "abc", 3) == 0);
            buffer_clear(&buffer);
        }
    }
}

/* --- Frames ----------------------------------------------------------------
 */

static void a_cut_frame_asks_for_more(void)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t whole;
        uint8_t *frame = encode_sample(i, &whole);
        for (size_t size = 0; size < whole; size++) {
            uint8_t *cut = malloc(size + 1);
            ASSERT(cut != NULL);
            memcpy(cut, frame, size);
            ASSERT_INT(message_frame_size(
                           cut, size, sender_of(samples[i].message.type), NULL),
                       0);
            free(cut);
        }
        free(frame);
    }
}

static void a_frame_above_the_limit_is_refused_by_its_header(void)
{
    struct drover_error err;
    uint8_t header[MESSAGE_HEADER_BYTES] = { 0x10, 0, 0, 0, MESSAGE_CALL };
    ASSERT_INT(message_frame_size(header, sizeof header,
                                  MESSAGE_FROM_HOST_TO_WORKER, &err),
               0);
    header[3] = 1;
    ASSERT_INT(message_frame_size(header, sizeof header,
                                  MESSAGE_FROM_HOST_TO_WORKER, &err),
               -EPROTO);
    ASSERT_TEXT(err.message, "frame of 268435457 bytes, limit 268435456");
    memset(header, 0xff, 4);
    ASSERT_INT(message_frame_size(header, sizeof header,
                                  MESSAGE_FROM_HOST_TO_WORKER, &err),
               -EPROTO);
}

static void each_side_has_its_limit(void)
{
    static const struct {
        enum message_type type;
        size_t limit;
    } rows[] = { { MESSAGE_GIVE, MESSAGE_LIMIT_FROM_COLLECTOR_BYTES },
                 { MESSAGE_ITEM, MESSAGE_LIMIT_FROM_SERVER_BYTES },
                 { MESSAGE_RETURNED, MESSAGE_LIMIT_BYTES } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t header[MESSAGE_HEADER_BYTES] = { [4] = (uint8_t)rows[i].type };
        set_size(header, MESSAGE_HEADER_BYTES + rows[i].limit);
        ASSERT_INT(message_frame_size(header, sizeof header,
                                      sender_of(rows[i].type), NULL),
                   0);
        set_size(header, MESSAGE_HEADER_BYTES + rows[i].limit + 1);
        ASSERT_INT(message_frame_size(header, sizeof header,
                                      sender_of(rows[i].type), NULL),
                   -EPROTO);
    }
}

static void the_header_of_what_is_no_message_is_enough(void)
{
    struct drover_error err;
    uint8_t header[MESSAGE_HEADER_BYTES] = { 0, 1, 0, 0, MESSAGE_CALL };
    ASSERT_INT(
        message_frame_size(header, sizeof header, MESSAGE_FROM_WORKER, &err),
        -EPROTO);
    ASSERT_CONTAINS(err.message, "from the wrong side");
    header[4] = 0x5f;
    ASSERT_INT(
        message_frame_size(header, sizeof header, MESSAGE_FROM_COLLECTOR, &err),
        -EPROTO);
    ASSERT_CONTAINS(err.message, "unknown type");
}

static void reserved_bits_must_be_zero(void)
{
    for (int bit = 0; bit < 24; bit++) {
        struct drover_error err;
        uint8_t header[MESSAGE_HEADER_BYTES] = { 0, 0, 0, 1, MESSAGE_CALL };
        header[5 + bit / 8] = (uint8_t)(1 << bit % 8);
        ASSERT_INT(message_frame_size(header, sizeof header,
                                      MESSAGE_FROM_HOST_TO_WORKER, &err),
                   -EPROTO);
        ASSERT_TEXT(err.message, "frame with reserved bits set");
    }
}

/* --- Bad messages ----------------------------------------------------------
 */

static void a_message_from_the_wrong_side_is_refused(void)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t size;
        uint8_t *frame = encode_sample(i, &size);
        for (size_t s = 0; s < sizeof senders / sizeof senders[0]; s++) {
            struct message message;
            struct drover_error err;
            int status =
                message_decode(frame, size, senders[s], &message, &err);
            bool right = senders[s] == sender_of(samples[i].message.type);
            ASSERT_INT(status, right ? 0 : -EPROTO);
            if (!right)
                ASSERT_CONTAINS(err.message, "from the wrong side");
        }
        free(frame);
    }
}

static void an_unknown_type_is_refused(void)
{
    size_t size, known = 0;
    uint8_t *frame = encode_sample(0, &size);
    for (unsigned type = 0; type < 256; type++) {
        struct message message;
        struct drover_error err;
        bool is_known = false;
        for (size_t i = 0; i < SAMPLE_COUNT; i++)
            is_known |= (unsigned)samples[i].message.type == type;
        known += is_known;
        if (is_known)
            continue;
        frame[4] = (uint8_t)type;
        ASSERT_INT(message_decode(frame, size,
                                  (enum message_sender)(type & 0xf0u), &message,
                                  &err),
                   -EPROTO);
        ASSERT_CONTAINS(err.message, "unknown type");
    }
    ASSERT_INT(known, SAMPLE_COUNT);
    free(frame);
}

static void a_body_cut_at_any_place_is_refused(void)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t whole;
        uint8_t *frame = encode_sample(i, &whole);
        for (size_t size = MESSAGE_HEADER_BYTES; size < whole; size++)
            ASSERT_INT(decode_body(samples[i].message.type,
                                   frame + MESSAGE_HEADER_BYTES,
                                   size - MESSAGE_HEADER_BYTES, NULL),
                       -EPROTO);
        free(frame);
    }
}

static void a_flipped_bit_never_confuses_the_decoder(void)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t size, refused = 0;
        uint8_t *frame = encode_sample(i, &size);
        for (size_t bit = 0; bit < size * 8; bit++) {
            struct message message;
            struct drover_error err = { 0 };
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
            int64_t frame_size = message_frame_size(
                frame, size, sender_of(samples[i].message.type), &err);
            if (frame_size == (int64_t)size) {
                int status = message_decode(frame, size,
                                            sender_of(samples[i].message.type),
                                            &message, &err);
                ASSERT(status == 0 || status == -EPROTO);
                ASSERT((status == 0) == (err.message[0] == '\0'));
                refused += status != 0;
            } else {
                ASSERT(frame_size <= (int64_t)size);
            }
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        ASSERT(refused > 0);
        free(frame);
    }
}

static void a_body_that_is_not_what_the_table_says_is_refused(void)
{
    static const struct {
        enum message_type type;
        const char *body;
        size_t size;
        const char *why;
    } rows[] = {
        { MESSAGE_END, "\x01", 1, "\"end\" is no list of 1 fields" },
        { MESSAGE_END, "\x80", 1, "\"end\" is no list of 1 fields" },
        { MESSAGE_END, "\x82\x01\x01", 3, "\"end\" is no list of 1 fields" },
        { MESSAGE_END, "\xa1\x01\x01", 3, "message \"end\"" },
        { MESSAGE_END, "\x81\x20", 2, "field worker is of the wrong type" },
        { MESSAGE_END,
          "\x81\x61"
          "1",
          3, "field worker is of the wrong type" },
        { MESSAGE_END, "\x81\xf6", 2, "field worker is of the wrong type" },
        { MESSAGE_END, "\x81\x01\x01", 3, "message \"end\"" },
        { MESSAGE_RETIRING,
          "\x81\x41"
          "a",
          3, "field reason is of the wrong type" },
        { MESSAGE_RETIRING, "\x81\x61\xff", 3, "message \"retiring\"" },
        { MESSAGE_PRINTED,
          "\x82\x01\x61"
          "a",
          4, "field bytes is of the wrong type" },
        { MESSAGE_GONE, "\x85\x01\x1b\x80\0\0\0\0\0\0\0\x01\x01\x01", 14,
          "field status is of the wrong type" },
        { MESSAGE_LOADED, "", 0, "message \"loaded\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct drover_error err;
        ASSERT_INT(decode_body(rows[i].type, rows[i].body, rows[i].size, &err),
                   -EPROTO);
        ASSERT_CONTAINS(err.message, rows[i].why);
    }
}

static void a_line_that_is_too_short_for_a_description_is_cut(void)
{
    char line[12];
    ASSERT(message_describe(0, line, sizeof line) == line);
    ASSERT_TEXT(line, "0x10 open p");
    ASSERT(message_describe(SAMPLE_COUNT, line, sizeof line) == NULL);
}

UNIT_CASES(CASE(there_is_a_sample_of_every_message_in_the_table),
           CASE(a_body_holds_the_fields_in_their_order),
           CASE(every_message_comes_back_as_it_was),
           CASE(fields_are_decoded_to_where_they_belong),
           CASE(messages_are_appended_one_after_the_other),
           CASE(what_does_not_fit_leaves_the_buffer_as_it_was),
           CASE(a_cut_frame_asks_for_more),
           CASE(a_frame_above_the_limit_is_refused_by_its_header),
           CASE(each_side_has_its_limit),
           CASE(the_header_of_what_is_no_message_is_enough),
           CASE(reserved_bits_must_be_zero),
           CASE(a_message_from_the_wrong_side_is_refused),
           CASE(an_unknown_type_is_refused),
           CASE(a_body_cut_at_any_place_is_refused),
           CASE(a_flipped_bit_never_confuses_the_decoder),
           CASE(a_body_that_is_not_what_the_table_says_is_refused),
           CASE(a_line_that_is_too_short_for_a_description_is_cut))
