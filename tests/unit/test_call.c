/* The call that a task is given: its arguments, its results, its mistakes. */
#include <stdio.h>
#include <string.h>

#include "base/descriptor.h"
#include "plugin/call.h"
#include "unit.h"
#include "value_bytes.h"
#include "wire/channel.h"

static const struct drover_task task = {
    .name = "probe",
    .params = DROVER_PARAMS({ .name = "flag", .type = DROVER_BOOL },
                            { .name = "count", .type = DROVER_INT },
                            { .name = "ratio", .type = DROVER_FLOAT },
                            { .name = "name", .type = DROVER_TEXT },
                            { .name = "items", .type = DROVER_LIST },
                            { .name = "maybe", .type = DROVER_TEXT }),
    .result = { .type = DROVER_INT },
};

/* flag: true, count: -5, ratio: 2.5, name: "xä", items: [1], maybe: null */
static const char args_hex[] =
    "a6 64666c6167f5 65636f756e7424 65726174696ffb4004000000000000"
    "646e616d6563 78c3a4 656974656d738101 656d61796265f6";

/* A call of the task, and the host's end of its outbox. */
struct probe {
    struct drover_call call;
    struct worker_task task;
    struct outbox outbox;
    struct channel host;
    struct bytes args;
    int socket;
};

static struct worker_task declared(const struct drover_task *of)
{
    return (struct worker_task){ .name = of->name,
                                 .declared = of,
                                 .param_stride = sizeof(struct drover_param),
                                 .build_id = "1234" };
}

static void begin_task(struct probe *probe, const struct worker_task *of,
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
    probe->task = *of;
    call_begin(&probe->call, of, value_of_hex(&probe->args, args));
}

static void begin_with(struct probe *probe, const struct drover_task *of)
{
    struct worker_task as_declared = declared(of);
    begin_task(probe, &as_declared, args_hex);
}

static void begin(struct probe *probe)
{
    begin_with(probe, &task);
}

static void end(struct probe *probe)
{
    call_clear(&probe->call);
    outbox_clear(&probe->outbox);
    channel_close(&probe->host);
    descriptor_close(&probe->socket);
}

/* The next message that the call has put in line. */
static void receive(struct probe *probe, struct message *message)
{
    ASSERT_INT(outbox_flush(&probe->outbox), 0);
    while (channel_receive(&probe->host, message, NULL) == 0)
        ASSERT_INT(channel_fill(&probe->host, NULL), 1);
}

static void expect_failure(struct probe *probe, const char *words)
{
    ASSERT(probe->call.failed);
    ASSERT_TEXT(probe->call.failure, words);
    end(probe);
}

/* --- Arguments -------------------------------------------------------------
 */

static void getters_give_the_arguments(void)
{
    struct probe probe;
    begin(&probe);
    struct drover_call *call = &probe.call;
    ASSERT(drover_arg_bool(call, "flag"));
    ASSERT_INT(drover_arg_int(call, "count"), -5);
    ASSERT(drover_arg_float(call, "ratio") == 2.5);
    ASSERT(drover_arg_float(call, "count") == -5);
    ASSERT_TEXT(drover_arg_text(call, "name"), "x\xc3\xa4");
    ASSERT(drover_arg_text(call, "name") == drover_arg_text(call, "name"));
    ASSERT_INT(drover_value_count(drover_arg_value(call, "items")), 1);
    ASSERT(drover_arg_given(call, "flag"));
    ASSERT(!drover_arg_given(call, "maybe"));
    ASSERT_INT(drover_value_type(drover_arg_value(call, "maybe")), DROVER_NULL);
    ASSERT_INT(drover_value_count(drover_call_args(call)), 6);
    ASSERT_INT(drover_call_index(call), 1234567890123);
    ASSERT(!call->failed);
    end(&probe);
}

static void texts_end_with_their_call(void)
{
    struct probe probe;
    struct bytes other;
    begin(&probe);
    ASSERT_TEXT(drover_arg_text(&probe.call, "name"), "x\xc3\xa4");
    call_end(&probe.call);
    call_begin(&probe.call, &probe.task,
               value_of_hex(&other, "a4 64666c6167f4 65636f756e7400"
                                    "65726174696f00 646e616d656179"));
    ASSERT_TEXT(drover_arg_text(&probe.call, "name"), "y");
    ASSERT(!drover_arg_bool(&probe.call, "flag"));
    end(&probe);
}

static void the_wrong_getter_gives_nothing_and_fails_the_call(void)
{
    struct probe probe;
    begin(&probe);
    ASSERT(!drover_arg_bool(&probe.call, "count"));
    expect_failure(&probe, "task probe asked for the argument \"count\" as "
                           "bool, it is int");
    begin(&probe);
    ASSERT_INT(drover_arg_int(&probe.call, "ratio"), 0);
    expect_failure(&probe, "task probe asked for the argument \"ratio\" as "
                           "int, it is float");
    begin(&probe);
    ASSERT(drover_arg_float(&probe.call, "name") == 0);
    expect_failure(&probe, "task probe asked for the argument \"name\" as "
                           "float, it is text");
    begin(&probe);
    ASSERT_TEXT(drover_arg_text(&probe.call, "maybe"), "");
    expect_failure(&probe, "task probe asked for the argument \"maybe\" as "
                           "text, it is null");
}

static void an_undeclared_argument_gives_nothing_and_fails_the_call(void)
{
    static const char words[] = "task probe asked for the argument \"colour\", "
                                "which it does not declare";
    struct probe probe;
    begin(&probe);
    ASSERT(!drover_arg_bool(&probe.call, "colour"));
    expect_failure(&probe, words);
    begin(&probe);
    ASSERT_INT(drover_arg_int(&probe.call, "colour"), 0);
    expect_failure(&probe, words);
    begin(&probe);
    ASSERT(drover_arg_float(&probe.call, "colour") == 0);
    expect_failure(&probe, words);
    begin(&probe);
    ASSERT_TEXT(drover_arg_text(&probe.call, "colour"), "");
    expect_failure(&probe, words);
    begin(&probe);
    ASSERT_INT(drover_arg_value(&probe.call, "colour").size, 0);
    expect_failure(&probe, words);
    begin(&probe);
    ASSERT(!drover_arg_given(&probe.call, "colour"));
    expect_failure(&probe, words);
}

static void the_first_mistake_is_the_one_that_is_told(void)
{
    struct probe probe;
    begin(&probe);
    drover_arg_int(&probe.call, "first");
    drover_arg_int(&probe.call, "second");
    call_judge(&probe.call, 3);
    expect_failure(&probe, "task probe asked for the argument \"first\", which "
                           "it does not declare");
}

static void a_mistake_is_told_in_valid_utf_8(void)
{
    struct probe probe;
    begin(&probe);
    drover_arg_int(&probe.call, "\xff");
    expect_failure(&probe, "task probe asked for the argument \"");
}

/* --- Without a declaration -------------------------------------------------
 */

/* n: 7, x: 2.5, s: "ab", no: null, nul: "a\\0" */
static const char free_hex[] = "a5 616e07 6178fb4004000000000000 6173626162"
                               "626e6ff6 636e756c626100";

static void begin_free(struct probe *probe)
{
    static int context;
    begin_task(probe, &(struct worker_task){ .context = &context }, free_hex);
    ASSERT(drover_call_context(&probe->call) == &context);
}

static void arguments_are_found_without_a_declaration(void)
{
    struct probe probe;
    begin_free(&probe);
    struct drover_call *call = &probe.call;
    ASSERT_INT(drover_arg_int(call, "n"), 7);
    ASSERT(drover_arg_float(call, "n") == 7);
    ASSERT(drover_arg_float(call, "x") == 2.5);
    ASSERT_TEXT(drover_arg_text(call, "s"), "ab");
    ASSERT(drover_arg_text(call, "s") == drover_arg_text(call, "s"));
    ASSERT(drover_arg_given(call, "s"));
    ASSERT(!drover_arg_given(call, "no"));
    ASSERT(!drover_arg_given(call, "nothing"));
    ASSERT_INT(drover_value_count(drover_call_args(call)), 5);
    ASSERT(!call->failed);
    end(&probe);
}

static void what_is_missing_or_of_another_type_fails_the_call(void)
{
    struct probe probe;
    begin_free(&probe);
    ASSERT_INT(drover_arg_int(&probe.call, "i"), 0);
    expect_failure(&probe, "the call has no argument \"i\"");
    begin_free(&probe);
    ASSERT_TEXT(drover_arg_text(&probe.call, "i"), "");
    expect_failure(&probe, "the call has no argument \"i\"");
    begin_free(&probe);
    ASSERT_INT(drover_arg_value(&probe.call, "i").size, 0);
    expect_failure(&probe, "the call has no argument \"i\"");
    begin_free(&probe);
    ASSERT_INT(drover_arg_int(&probe.call, "s"), 0);
    expect_failure(&probe, "the task asked for the argument \"s\" as int, it "
                           "is text");
    begin_free(&probe);
    ASSERT_TEXT(drover_arg_text(&probe.call, "nul"), "");
    expect_failure(&probe, "the argument \"nul\" has a NUL inside");
}

static void a_task_without_a_name_is_the_task_in_messages(void)
{
    struct probe probe;
    begin_free(&probe);
    call_judge(&probe.call, 3);
    expect_failure(&probe, "the task returned 3 without a message");
    begin_free(&probe);
    drover_return_text(&probe.call, "whatever");
    call_judge(&probe.call, 0);
    ASSERT(!probe.call.failed);
    end(&probe);
}

static void no_arguments_are_an_empty_map(void)
{
    struct probe probe;
    begin_task(&probe, &(struct worker_task){ .name = "free" }, "");
    struct drover_value args = drover_call_args(&probe.call);
    ASSERT_INT(drover_value_type(args), DROVER_MAP);
    ASSERT_INT(drover_value_count(args), 0);
    ASSERT(!drover_arg_given(&probe.call, "n"));
    ASSERT(!probe.call.failed);
    ASSERT(drover_call_context(&probe.call) == NULL);
    end(&probe);
}

static void there_may_be_more_arguments_than_a_declaration_has(void)
{
    enum { COUNT = 3 * DROVER_PARAMS_MAX };
    struct probe probe;
    struct drover_builder *builder = drover_builder_create();
    struct drover_value args;
    char name[8];
    drover_build_map_begin(builder);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "n%d", i);
        drover_build_text(builder, name);
        drover_build_int(builder, i);
    }
    drover_build_map_end(builder);
    ASSERT_INT(drover_builder_value(builder, &args, NULL), 0);
    begin_free(&probe);
    call_end(&probe.call);
    call_begin(&probe.call, &(struct worker_task){ 0 }, args);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "n%d", i);
        ASSERT_INT(drover_arg_int(&probe.call, name), i);
    }
    ASSERT(!probe.call.failed);
    end(&probe);
    drover_builder_destroy(builder);
}

/* --- Randomness ------------------------------------------------------------
 */

static uint64_t seed_of(const struct worker_task *of, const char *args,
                        uint64_t index, uint64_t run_seed)
{
    struct probe probe;
    begin_task(&probe, of, args);
    probe.call.index = index;
    probe.call.run_seed = run_seed;
    uint64_t seed = drover_call_seed(&probe.call);
    end(&probe);
    return seed;
}

static void a_seed_comes_from_the_run_the_task_and_the_arguments(void)
{
    struct worker_task of = declared(&task), other = declared(&task);
    other.build_id = "5678";
    uint64_t seed = seed_of(&of, "a1616e07", 1, 0);
    ASSERT(seed_of(&of, "a1616e07", 2, 0) == seed);
    ASSERT(seed_of(&of, "a1616e07", 1, 3) != seed);
    ASSERT(seed_of(&of, "a1616e08", 1, 0) != seed);
    ASSERT(seed_of(&other, "a1616e07", 1, 0) != seed);
}

static void without_a_plugin_it_comes_from_the_index_too(void)
{
    const struct worker_task of = { 0 };
    uint64_t seed = seed_of(&of, "a1616e07", 1, 0);
    ASSERT(seed_of(&of, "a1616e07", 1, 0) == seed);
    ASSERT(seed_of(&of, "a1616e07", 2, 0) != seed);
    ASSERT(seed_of(&of, "a1616e08", 1, 0) != seed);
    ASSERT(seed_of(&of, "a1616e07", 1, 9) != seed);
}

static void random_numbers_begin_anew_with_each_call(void)
{
    struct probe probe;
    uint64_t first[3];
    begin(&probe);
    for (int i = 0; i < 3; i++)
        first[i] = drover_call_random(&probe.call);
    ASSERT(first[0] != first[1] && first[1] != first[2]);
    call_end(&probe.call);
    call_begin(&probe.call, &probe.task, value_of_hex(&probe.args, args_hex));
    for (int i = 0; i < 3; i++)
        ASSERT(drover_call_random(&probe.call) == first[i]);
    end(&probe);
}

static void fractions_fill_the_unit_interval(void)
{
    enum { COUNT = 10000 };
    struct probe probe;
    double sum = 0, least = 1, most = 0;
    begin(&probe);
    for (int i = 0; i < COUNT; i++) {
        double x = drover_call_random_unit(&probe.call);
        ASSERT(x >= 0 && x < 1);
        least = x < least ? x : least;
        most = x > most ? x : most;
        sum += x;
    }
    ASSERT(least < 0.01 && most > 0.99);
    ASSERT(sum > 0.48 * COUNT && sum < 0.52 * COUNT);
    end(&probe);
}

/* --- Results ---------------------------------------------------------------
 */

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
    begin(&probe);
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
    end(&probe);
}

static void a_result_that_cannot_be_built_fails_the_call(void)
{
    struct probe probe;
    begin(&probe);
    ASSERT_INT(drover_return_text(&probe.call, "\xff"), CALL_FAILED);
    ASSERT(probe.call.failed);
    ASSERT_CONTAINS(probe.call.failure, "the result cannot be built: ");
    end(&probe);
    begin(&probe);
    ASSERT_INT(drover_return_built(&probe.call), CALL_FAILED);
    ASSERT(probe.call.failed && !probe.call.has_result);
    end(&probe);
    begin(&probe);
    ASSERT_INT(drover_return_value(&probe.call, (struct drover_value){ 0 }),
               CALL_FAILED);
    ASSERT(probe.call.failed);
    end(&probe);
}

static void a_result_must_be_of_the_declared_type(void)
{
    struct drover_task any = task;
    any.result.type = DROVER_ANY;
    struct probe probe;
    begin(&probe);
    ASSERT_INT(drover_return_int(&probe.call, 1), 0);
    call_judge(&probe.call, 0);
    ASSERT(!probe.call.failed);
    ASSERT_INT(drover_return_text(&probe.call, "1"), 0);
    call_judge(&probe.call, 0);
    expect_failure(&probe, "task probe returned text where it declares int");
    begin_with(&probe, &any);
    ASSERT_INT(drover_return_text(&probe.call, "1"), 0);
    call_judge(&probe.call, 0);
    ASSERT(!probe.call.failed);
    end(&probe);
}

static void a_number_without_a_message_is_a_failure(void)
{
    struct probe probe;
    begin(&probe);
    call_judge(&probe.call, 3);
    expect_failure(&probe, "task probe returned 3 without a message");
}

static void the_next_call_begins_without_the_failure_of_the_last(void)
{
    struct probe probe;
    begin(&probe);
    drover_return_int(&probe.call, 1);
    drover_send_pack(&probe.call, "i", 1);
    drover_fail(&probe.call, "no");
    call_end(&probe.call);
    call_begin(&probe.call, &probe.task, value_of_hex(&probe.args, args_hex));
    ASSERT(!probe.call.failed && !probe.call.has_result && !probe.call.sent);
    end(&probe);
}

/* --- Failing and logging ---------------------------------------------------
 */

static void failing_has_the_last_word(void)
{
    struct probe probe;
    begin(&probe);
    ASSERT_INT(drover_fail(&probe.call, "cannot open %s: %d", "x", 5),
               CALL_FAILED);
    call_judge(&probe.call, 0);
    expect_failure(&probe, "cannot open x: 5");
}

static void a_long_failure_is_cut_between_characters(void)
{
    static char text[6000];
    for (size_t shift = 0; shift < 3; shift++) {
        struct probe probe;
        memset(text, 'x', shift);
        for (size_t i = shift; i + 1 < sizeof text; i++)
            text[i] = "\xe2\x82\xac"[(i - shift) % 3];
        begin(&probe);
        drover_fail(&probe.call, "%s", text);
        size_t size = strlen(probe.call.failure);
        ASSERT(size <= 4095 && size > 4095 - 3);
        ASSERT(strncmp(probe.call.failure, text, size) == 0);
        end(&probe);
    }
}

static void a_failure_that_is_no_utf_8_is_cut_there(void)
{
    struct probe probe;
    begin(&probe);
    drover_fail(&probe.call, "before\xff%s", "after");
    expect_failure(&probe, "before");
}

static void a_log_message_goes_out_at_once(void)
{
    struct probe probe;
    struct message message;
    begin(&probe);
    drover_log(&probe.call, DROVER_LOG_WARNING, "%d of %d", 1, 2);
    ASSERT_INT(channel_fill(&probe.host, NULL), 1);
    ASSERT_INT(channel_receive(&probe.host, &message, NULL), 1);
    ASSERT_INT(message.type, MESSAGE_LOGGED);
    ASSERT_INT(message.as.logged.sequence, 77);
    ASSERT_INT(message.as.logged.level, DROVER_LOG_WARNING);
    ASSERT_INT(message.as.logged.text.size, 6);
    ASSERT(memcmp(message.as.logged.text.data, "1 of 2", 6) == 0);
    end(&probe);
}

/* --- Sending ---------------------------------------------------------------
 */

static void sent_values_go_out_in_order(void)
{
    struct probe probe;
    begin(&probe);
    ASSERT_INT(drover_send_pack(&probe.call, "[i, s]", 1, "a"), 0);
    ASSERT_INT(drover_send(&probe.call, drover_arg_value(&probe.call, "items")),
               0);
    ASSERT(probe.call.sent);
    for (size_t count = 2; count > 0; count--) {
        struct message message;
        receive(&probe, &message);
        ASSERT_INT(message.type, MESSAGE_SENT);
        ASSERT_INT(message.as.sent.sequence, 77);
        ASSERT_INT(drover_value_count(message.as.sent.value), count);
    }
    end(&probe);
}

static void what_is_no_value_is_not_sent(void)
{
    static const uint8_t cut[] = { 0x82, 0x01 };
    struct probe probe;
    begin(&probe);
    ASSERT_INT(drover_send(&probe.call, (struct drover_value){ 0 }),
               CALL_FAILED);
    ASSERT(probe.call.failed);
    ASSERT_INT(outbox_size(&probe.outbox), 0);
    end(&probe);
    begin(&probe);
    ASSERT_INT(drover_send(&probe.call, (struct drover_value){ cut, 2 }),
               CALL_FAILED);
    ASSERT_CONTAINS(probe.call.failure, "a result cannot be sent: ");
    ASSERT_INT(outbox_size(&probe.outbox), 0);
    end(&probe);
    begin(&probe);
    ASSERT_INT(drover_send_pack(&probe.call, "s", "\xff"), CALL_FAILED);
    ASSERT_CONTAINS(probe.call.failure, "the result cannot be built: ");
    end(&probe);
}

static void sending_to_a_host_that_is_gone_fails_the_call(void)
{
    static char text[100 * 1024];
    struct probe probe;
    begin(&probe);
    channel_close(&probe.host);
    memset(text, 'x', sizeof text - 1);
    ASSERT_INT(drover_send_pack(&probe.call, "s", text), CALL_FAILED);
    ASSERT_TEXT(probe.call.failure, "a result cannot be sent: Broken pipe");
    end(&probe);
}

static void where_nobody_sends_there_is_nothing_to_receive(void)
{
    struct probe probe;
    struct drover_value value = { 0 };
    begin(&probe);
    ASSERT_INT(drover_receive(&probe.call, &value, -1), 0);
    ASSERT_INT(drover_receive(&probe.call, &value, 0), 0);
    ASSERT(value.data == NULL && !probe.call.failed);
    end(&probe);
}

UNIT_CASES(CASE(arguments_are_found_without_a_declaration),
           CASE(what_is_missing_or_of_another_type_fails_the_call),
           CASE(a_task_without_a_name_is_the_task_in_messages),
           CASE(no_arguments_are_an_empty_map),
           CASE(there_may_be_more_arguments_than_a_declaration_has),
           CASE(a_seed_comes_from_the_run_the_task_and_the_arguments),
           CASE(without_a_plugin_it_comes_from_the_index_too),
           CASE(random_numbers_begin_anew_with_each_call),
           CASE(fractions_fill_the_unit_interval),
           CASE(where_nobody_sends_there_is_nothing_to_receive),
           CASE(getters_give_the_arguments), CASE(texts_end_with_their_call),
           CASE(the_wrong_getter_gives_nothing_and_fails_the_call),
           CASE(an_undeclared_argument_gives_nothing_and_fails_the_call),
           CASE(the_first_mistake_is_the_one_that_is_told),
           CASE(a_mistake_is_told_in_valid_utf_8),
           CASE(each_return_sets_the_result_and_the_last_one_counts),
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
           CASE(sending_to_a_host_that_is_gone_fails_the_call))
