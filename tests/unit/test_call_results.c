/* What a call gives: its result or failure, log messages, and values that it
 * sends before its end. */
#include <string.h>

#include "probe.h"
#include "unit.h"

/* --- Results ------------------------------------------------------------- */

/* The result so far is the value that HEX writes. */
static void expect_result(struct probe *probe, const char *hex)
{
    struct bytes bytes;
    struct drover_value wanted = value_of_hex(&bytes, hex);
    ASSERT(probe->call.has_result);
    ASSERT_INT(probe->call.result.size, wanted.size);
    ASSERT(memcmp(probe->call.result.data, wanted.data, wanted.size) == 0);
}

static void each_return_sets_the_result_and_the_last_one_counts(void)
{
    struct probe probe;
    struct bytes bytes;
    probe_begin(&probe);
    struct drover_call *call = &probe.call;
    ASSERT(!call->has_result);
    ASSERT_INT(drover_return_null(call), 0);
    expect_result(&probe, "f6");
    ASSERT_INT(drover_return_bool(call, true), 0);
    expect_result(&probe, "f5");
    ASSERT_INT(drover_return_int(call, -1), 0);
    expect_result(&probe, "20");
    ASSERT_INT(drover_return_float(call, 2.5), 0);
    expect_result(&probe, "fb 4004000000000000");
    ASSERT_INT(drover_return_text(call, "\xc3\xa4"), 0);
    expect_result(&probe, "62 c3a4");
    ASSERT_INT(drover_return_bytes(call, "\0\xff", 2), 0);
    expect_result(&probe, "42 00ff");
    ASSERT_INT(drover_return_value(call, value_of_hex(&bytes, "8101")), 0);
    expect_result(&probe, "8101");
    ASSERT_INT(drover_return_pack(call, "{s: i}", "n", 7), 0);
    expect_result(&probe, "a1 616e 07");
    struct drover_builder *builder = drover_call_builder(call);
    drover_builder_reset(builder);
    drover_build_list_begin(builder);
    drover_build_list_end(builder);
    ASSERT_INT(drover_return_built(call), 0);
    expect_result(&probe, "80");
    ASSERT(!call->failed);
    probe_end(&probe);
}

static void a_result_that_cannot_be_built_fails_the_call(void)
{
    struct probe probe;
    probe_begin(&probe);
    ASSERT_INT(drover_return_text(&probe.call, "\xff"), CALL_FAILED);
    ASSERT(probe.call.failed);
    ASSERT_CONTAINS(probe.call.failure, "the result cannot be built: ");
    probe_end(&probe);
    probe_begin(&probe);
    ASSERT_INT(drover_return_built(&probe.call), CALL_FAILED);
    ASSERT(probe.call.failed && !probe.call.has_result);
    probe_end(&probe);
    probe_begin(&probe);
    ASSERT_INT(drover_return_value(&probe.call, (struct drover_value){ 0 }),
               CALL_FAILED);
    ASSERT(probe.call.failed);
    probe_end(&probe);
}

static void a_result_must_be_of_the_declared_type(void)
{
    struct drover_task any = probe_declared;
    any.result.type = DROVER_ANY;
    struct probe probe;
    probe_begin(&probe);
    ASSERT_INT(drover_return_int(&probe.call, 1), 0);
    call_judge(&probe.call, 0);
    ASSERT(!probe.call.failed);
    ASSERT_INT(drover_return_text(&probe.call, "1"), 0);
    call_judge(&probe.call, 0);
    probe_expect_failure(&probe,
                         "task probe returned text where it declares int");
    probe_begin_as(&probe, &any);
    ASSERT_INT(drover_return_text(&probe.call, "1"), 0);
    call_judge(&probe.call, 0);
    ASSERT(!probe.call.failed);
    probe_end(&probe);
}

static void a_number_without_a_message_is_a_failure(void)
{
    struct probe probe;
    probe_begin(&probe);
    call_judge(&probe.call, 3);
    probe_expect_failure(&probe, "task probe returned 3 without a message");
}

static void the_next_call_begins_without_the_failure_of_the_last(void)
{
    struct probe probe;
    probe_begin(&probe);
    drover_return_int(&probe.call, 1);
    drover_send_pack(&probe.call, "i", 1);
    drover_fail(&probe.call, "no");
    call_end(&probe.call);
    call_begin(&probe.call, &probe.task, value_of_hex(&probe.args, probe_args));
    ASSERT(!probe.call.failed && !probe.call.has_result && !probe.call.sent);
    probe_end(&probe);
}

/* --- Failing and logging ------------------------------------------------- */

static void failing_has_the_last_word(void)
{
    struct probe probe;
    probe_begin(&probe);
    ASSERT_INT(drover_fail(&probe.call, "cannot open %s: %d", "x", 5),
               CALL_FAILED);
    call_judge(&probe.call, 0);
    probe_expect_failure(&probe, "cannot open x: 5");
}

static void a_long_failure_is_cut_between_characters(void)
{
    static char text[6000];
    for (size_t shift = 0; shift < 3; shift++) {
        struct probe probe;
        memset(text, 'x', shift);
        for (size_t i = shift; i + 1 < sizeof text; i++)
            text[i] = "\xe2\x82\xac"[(i - shift) % 3];
        probe_begin(&probe);
        drover_fail(&probe.call, "%s", text);
        size_t size = strlen(probe.call.failure);
        ASSERT(size <= 4095 && size > 4095 - 3);
        ASSERT(strncmp(probe.call.failure, text, size) == 0);
        probe_end(&probe);
    }
}

static void a_failure_that_is_no_utf_8_is_cut_there(void)
{
    struct probe probe;
    probe_begin(&probe);
    drover_fail(&probe.call, "before\xff%s", "after");
    probe_expect_failure(&probe, "before");
}

static void a_log_message_goes_out_at_once(void)
{
    struct probe probe;
    struct message message;
    probe_begin(&probe);
    drover_log(&probe.call, DROVER_LOG_WARNING, "%d of %d", 1, 2);
    ASSERT_INT(channel_fill(&probe.host, NULL), 1);
    ASSERT_INT(channel_receive(&probe.host, &message, NULL), 1);
    ASSERT_INT(message.type, MESSAGE_LOGGED);
    ASSERT_INT(message.as.logged.sequence, 77);
    ASSERT_INT(message.as.logged.level, DROVER_LOG_WARNING);
    ASSERT_INT(message.as.logged.text.size, 6);
    ASSERT(memcmp(message.as.logged.text.data, "1 of 2", 6) == 0);
    probe_end(&probe);
}

/* --- Sending ------------------------------------------------------------- */

static void sent_values_go_out_in_order(void)
{
    struct probe probe;
    probe_begin(&probe);
    ASSERT_INT(drover_send_pack(&probe.call, "[i, s]", 1, "a"), 0);
    ASSERT_INT(drover_send(&probe.call, drover_arg_value(&probe.call, "items")),
               0);
    ASSERT(probe.call.sent);
    for (size_t count = 2; count > 0; count--) {
        struct message message;
        probe_receive(&probe, &message);
        ASSERT_INT(message.type, MESSAGE_SENT);
        ASSERT_INT(message.as.sent.sequence, 77);
        ASSERT_INT(drover_value_count(message.as.sent.value), count);
    }
    probe_end(&probe);
}

static void what_is_no_value_is_not_sent(void)
{
    static const uint8_t cut[] = { 0x82, 0x01 };
    struct probe probe;
    probe_begin(&probe);
    ASSERT_INT(drover_send(&probe.call, (struct drover_value){ 0 }),
               CALL_FAILED);
    ASSERT(probe.call.failed);
    ASSERT_INT(outbox_size(&probe.outbox), 0);
    probe_end(&probe);
    probe_begin(&probe);
    ASSERT_INT(drover_send(&probe.call, (struct drover_value){ cut, 2 }),
               CALL_FAILED);
    ASSERT_CONTAINS(probe.call.failure, "a result cannot be sent: ");
    ASSERT_INT(outbox_size(&probe.outbox), 0);
    probe_end(&probe);
    probe_begin(&probe);
    ASSERT_INT(drover_send_pack(&probe.call, "s", "\xff"), CALL_FAILED);
    ASSERT_CONTAINS(probe.call.failure, "the result cannot be built: ");
    probe_end(&probe);
}

static void sending_to_a_host_that_is_gone_fails_the_call(void)
{
    static char text[100 * 1024];
    struct probe probe;
    probe_begin(&probe);
    channel_close(&probe.host);
    memset(text, 'x', sizeof text - 1);
    ASSERT_INT(drover_send_pack(&probe.call, "s", text), CALL_FAILED);
    ASSERT_TEXT(probe.call.failure, "a result cannot be sent: Broken pipe");
    probe_end(&probe);
}

static void where_nobody_sends_there_is_nothing_to_receive(void)
{
    struct probe probe;
    struct drover_value value = { 0 };
    probe_begin(&probe);
    ASSERT_INT(drover_receive(&probe.call, &value, -1), 0);
    ASSERT_INT(drover_receive(&probe.call, &value, 0), 0);
    ASSERT(value.data == NULL && !probe.call.failed);
    probe_end(&probe);
}

UNIT_CASES(CASE(each_return_sets_the_result_and_the_last_one_counts),
           CASE(a_result_that_cannot_be_built_fails_the_call),
           CASE(a_result_must_be_of_the_declared_type),
           CASE(a_number_without_a_message_is_a_failure),
           CASE(the_next_call_begins_without_the_failure_of_the_last),
           CASE(failing_has_the_last_word),
           CASE(a_long_failure_is_cut_between_characters),
           CASE(a_failure_that_is_no_utf_8_is_cut_there),
           CASE(a_log_message_goes_out_at_once),
           CASE(sent_values_go_out_in_order),
           CASE(what_is_no_value_is_not_sent),
           CASE(sending_to_a_host_that_is_gone_fails_the_call),
           CASE(where_nobody_sends_there_is_nothing_to_receive))
