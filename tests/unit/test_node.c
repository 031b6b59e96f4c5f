#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/node.h"
#include "unit.h"

/* Parse TEXT, in which nothing may be wrong. */
static struct node *parse(const char *text)
{
    struct problems problems;
    ASSERT_INT(problems_init(&problems, "f"), 0);
    struct node *root = node_parse(text, strlen(text), &problems);
    if (problems.count > 0)
        ASSERT_TEXT(problems.kept[0].message, NULL);
    problems_clear(&problems);
    ASSERT(root != NULL);
    return root;
}

/* Parse SIZE bytes with exactly one problem; assert how it is said. */
static void assert_bytes_problem(const char *text, size_t size,
                                 const char *expected)
{
    struct problems problems;
    struct buffer line = BUFFER_INIT(4096);
    ASSERT_INT(problems_init(&problems, "f"), 0);
    node_destroy(node_parse(text, size, &problems));
    size_t count = problems.count;
    if (count > 0)
        problems_format(&problems, 0, &line);
    buffer_append(&line, "", 1);
    char *message = strdup((const char *)buffer_bytes(&line));
    buffer_clear(&line);
    problems_clear(&problems);
    ASSERT_CONTAINS(message, expected);
    free(message);
    ASSERT_INT(count, 1);
}

static void assert_problem(const char *text, const char *expected)
{
    assert_bytes_problem(text, strlen(text), expected);
}

/* The same for UNIT repeated to SIZE bytes, in well under a second. */
static void assert_large_problem(const char *unit, size_t size,
                                 const char *expected)
{
    char *text = malloc(size);
    size_t length = strlen(unit);
    ASSERT(text != NULL);
    for (size_t i = 0; i < size; i++)
        text[i] = unit[i % length];
    assert_bytes_problem(text, size, expected);
    free(text);
}

static enum node_scalar type_of(const char *text)
{
    struct node node = { .kind = NODE_SCALAR, .plain = true };
    node.text = strdup(text);
    enum node_scalar type = node_scalar_type(&node);
    free(node.text);
    return type;
}

static void assert_types(const char *const *texts, enum node_scalar type)
{
    for (; *texts != NULL; texts++)
        if (type_of(*texts) != type)
            ASSERT_TEXT(*texts, node_scalar_name(type));
}

static void a_tree_has_lists_maps_and_scalars_in_order(void)
{
    struct node *root = parse("b: [1, two]\na:\n  c: \"3\"\n");
    ASSERT_INT(root->kind, NODE_MAP);
    ASSERT_INT(root->count, 2);
    ASSERT_TEXT(root->pairs[0].key->text, "b");
    const struct node *list = node_get(root, "b");
    ASSERT_INT(list->kind, NODE_LIST);
    ASSERT_INT(list->count, 2);
    ASSERT_TEXT(list->items[1]->text, "two");
    const struct node *inner = node_get(node_get(root, "a"), "c");
    ASSERT_TEXT(inner->text, "3");
    ASSERT(!inner->plain);
    ASSERT(node_get(root, "c") == NULL);
    ASSERT(node_get(list, "b") == NULL);
    node_destroy(root);
}

static void positions_count_lines_and_characters_from_one(void)
{
    struct node *root = parse("\xef\xbb\xbf"
                              "a: 1\r\n\"\xc3\xa4\xc3\xb6\": {b: 2}\n");
    ASSERT_INT(root->pairs[0].value->at.line, 1);
    ASSERT_INT(root->pairs[0].value->at.column, 4);
    ASSERT_INT(root->pairs[1].value->at.line, 2);
    ASSERT_INT(root->pairs[1].value->at.column, 7);
    node_destroy(root);
}

static void a_text_with_nothing_in_it_is_null(void)
{
    const char *const texts[] = { "", "\n\n", "# only this\n", "---\n",
                                  "\xef\xbb\xbf" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct node *root = parse(texts[i]);
        ASSERT_INT(node_scalar_type(root), NODE_NULL);
        node_destroy(root);
    }
}

static void plain_scalars_are_typed_by_the_core_schema(void)
{
    static const char *const nulls[] = {
        "", "~", "null", "Null", "NULL", NULL
    };
    static const char *const bools[] = { "true",  "True",  "TRUE", "false",
                                         "False", "FALSE", NULL };
    static const char *const ints[] = { "0",
                                        "-0",
                                        "+7",
                                        "123",
                                        "-9223372036854775808",
                                        "0x1fF",
                                        "0o17",
                                        "18446744073709551615",
                                        NULL };
    static const char *const floats[] = {
        "1.0", "1.",    ".5",    "-0.5e-3", "1e3",  "0e5",
        "+.5", "-.inf", "+.INF", ".nan",    ".NaN", "18446744073709551616",
        NULL
    };
    assert_types(nulls, NODE_NULL);
    assert_types(bools, NODE_BOOL);
    assert_types(ints, NODE_INT);
    assert_types(floats, NODE_FLOAT);
}

static void everything_else_is_text(void)
{
    static const char *const texts[] = {
        "yes",   "on",    "no",   "010",   "12:30", "00",   "01.5", "0x",
        "0b1",   "-0x1",  "1_0",  "1e",    "e5",    ".",    "-",    "+",
        ".inf.", "-.nan", "nan",  "1e999", "tRue",  "nULL", "1 2",  "-.",
        "0o8",   "1.5.2", "1e5.", "- 1",   "0xg",   "--1",  NULL
    };
    assert_types(texts, NODE_TEXT);
    struct node *root = parse("['7', \"true\", !!str 7, !!str null]");
    for (size_t i = 0; i < root->count; i++)
        ASSERT_INT(node_scalar_type(root->items[i]), NODE_TEXT);
    node_destroy(root);
}

static void numbers_are_read_exactly_up_to_their_bounds(void)
{
    struct node *root = parse("[-9223372036854775808, 9223372036854775807, "
                              "9223372036854775808, 18446744073709551615, "
                              "0x10, 0o10, -0, 2.5, x, '1']");
    int64_t i = 5;
    uint64_t u = 5;
    ASSERT(node_get_int(root->items[0], &i) && i == INT64_MIN);
    ASSERT(!node_get_uint(root->items[0], &u));
    ASSERT(node_get_int(root->items[1], &i) && i == INT64_MAX);
    ASSERT(!node_get_int(root->items[2], &i) && i == INT64_MAX);
    ASSERT(node_get_uint(root->items[3], &u) && u == UINT64_MAX);
    ASSERT(node_get_int(root->items[4], &i) && i == 16);
    ASSERT(node_get_int(root->items[5], &i) && i == 8);
    ASSERT(node_get_int(root->items[6], &i) && i == 0);
    ASSERT(node_get_uint(root->items[6], &u) && u == 0);
    for (size_t k = 7; k < root->count; k++)
        ASSERT(!node_get_int(root->items[k], &i));
    ASSERT(!node_get_int(root, &i));
    node_destroy(root);
}

static void floats_and_bools_are_read(void)
{
    struct node *root = parse("[2.5, -3, .inf, -.inf, .nan, true, False, x]");
    double d = 0;
    bool b = false;
    ASSERT(node_get_float(root->items[0], &d) && d >= 2.5 && d <= 2.5);
    ASSERT(node_get_float(root->items[1], &d) && d >= -3 && d <= -3);
    ASSERT(node_get_float(root->items[2], &d) && isinf(d) && d > 0);
    ASSERT(node_get_float(root->items[3], &d) && isinf(d) && d < 0);
    ASSERT(node_get_float(root->items[4], &d) && isnan(d));
    ASSERT(!node_get_float(root->items[5], &d));
    ASSERT(node_get_bool(root->items[5], &b) && b);
    ASSERT(node_get_bool(root->items[6], &b) && !b);
    ASSERT(!node_get_bool(root->items[7], &b));
    node_destroy(root);
}

static void nodes_are_described_for_messages(void)
{
    static const char *const expected[] = {
        "the text \"yes\"",
        "the int 7",
        "the float 1.5",
        "the bool true",
        "null",
        "a list",
        "a map",
        ("the int 18446744073709551616, which is out of range (-2^63 to "
         "2^64 - 1)"),
        "the float 1e30",
    };
    char out[192];
    struct node *root = parse("[yes, 7, 1.5, true, ~, [], {}, "
                              "18446744073709551616, 1e30]");
    for (size_t i = 0; i < root->count; i++)
        ASSERT_TEXT(node_describe(root->items[i], out, sizeof out),
                    expected[i]);
    node_destroy(root);
    root = parse("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                 "\xc3\xa4\xc3\xa4");
    ASSERT_TEXT(node_describe(root, out, sizeof out),
                "the text \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                "aaaaaaaaaaaa...\"");
    node_destroy(root);
}

static void an_alias_is_a_copy_of_what_it_stands_for(void)
{
    struct node *root = parse("a: &x {k: [1, 2]}\nb: *x\nc: &x 3\nd: *x\n");
    const struct node *b = node_get(root, "b");
    ASSERT_INT(b->at.line, 2);
    ASSERT_INT(node_get(b, "k")->count, 2);
    ASSERT(node_get(b, "k") != node_get(node_get(root, "a"), "k"));
    ASSERT_TEXT(node_get(root, "d")->text, "3");
    node_destroy(root);
}

static void aliases_without_anchor_and_cycles_are_refused(void)
{
    assert_problem("a: *x\n", "f:1:4: no anchor \"x\"");
    assert_problem("a: &x [1, *x]\n", "f:1:11: the alias \"x\" is part of");
    assert_problem("a: &x {b: {c: *x}}\n", "f:1:15: the alias \"x\"");
}

static void alias_bombs_are_refused_at_once(void)
{
    char text[2048] = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; i++) {
        size_t used = strlen(text);
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "a%d: &a%d [*a%d", i, i, i - 1);
        for (int k = 1; k < 10; k++)
            used += (size_t)snprintf(text + used, sizeof text - used, ",*a%d",
                                     i - 1);
        snprintf(text + used, sizeof text - used, "]\n");
    }
    assert_problem(text, "too much: more than 100000");
}

static void large_texts_are_not_multiplied_by_aliases(void)
{
    char *text = malloc(100000);
    ASSERT(text != NULL);
    memset(text, 'x', 60000);
    memcpy(text, "- &a x", 6);
    text[60000] = '\0';
    for (int i = 0; i < 40; i++)
        strcat(text, "\n- *a");
    assert_problem(text, "more than 2097152 bytes of text");
    free(text);
}

static void anchors_are_limited(void)
{
    char text[8192] = "";
    for (int i = 0; i <= NODE_LIMIT_ANCHORS; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "- &a%d x\n", i);
    }
    assert_problem(text, "f:257:3: more than 256 anchors");
}

static void nesting_is_limited_as_soon_as_it_is_seen(void)
{
    char text[2 * NODE_LIMIT_DEPTH + 1] = "";
    memset(text, '[', NODE_LIMIT_DEPTH);
    memset(text + NODE_LIMIT_DEPTH, ']', NODE_LIMIT_DEPTH);
    node_destroy(parse(text));
    assert_large_problem("[", 80000, "f:1:33: nested deeper than 32");
    assert_large_problem("[", NODE_LIMIT_FILE_BYTES, "f:1:33: nested deeper");
    assert_large_problem("[\n", NODE_LIMIT_FILE_BYTES, "nested deeper");
    assert_large_problem("- ", NODE_LIMIT_FILE_BYTES, "nested deeper");
    assert_large_problem("{a: ", NODE_LIMIT_FILE_BYTES, "nested deeper");
}

static void an_alias_cannot_nest_deeper_either(void)
{
    assert_problem("a: &a [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]\n"
                   "b: [[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]\n",
                   "f:2:20: nested deeper");
}

static void sizes_are_limited(void)
{
    assert_large_problem("#", NODE_LIMIT_FILE_BYTES + 1,
                         "f: the file is larger than 1048576 bytes");
    assert_large_problem("x", NODE_LIMIT_SCALAR_BYTES + 1,
                         "f:1:1: a text of more than 65536 bytes");
    assert_large_problem("- a\n", NODE_LIMIT_FILE_BYTES,
                         "too much: more than 100000");
}

static void only_utf8_text_is_accepted(void)
{
    assert_bytes_problem("\xff\xfe"
                         "a\0",
                         4, "f: the file is in UTF-16");
    assert_bytes_problem("\xfe\xff\0a", 4, "f: the file is in UTF-16");
    assert_bytes_problem("a: b\0c", 6, "f:1:5: a NUL byte");
    assert_bytes_problem("a: 1\n\xc3\xa4: \xe4\n", 10,
                         "f:2:4: the byte 0xe4 is not valid UTF-8");
    assert_problem("a: 1\nb: \x07\n", "f:2:4: not YAML: the character U+0007");
    assert_problem("a: \"\\0\"\n", "f:1:4: a NUL character");
}

static void random_bytes_are_refused_quickly(void)
{
    char *bytes = malloc(NODE_LIMIT_FILE_BYTES);
    ASSERT(bytes != NULL);
    uint32_t state = 1;
    for (size_t i = 0; i < NODE_LIMIT_FILE_BYTES; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (char)(state >> 24);
    }
    assert_bytes_problem(bytes, NODE_LIMIT_FILE_BYTES, "f:");
    free(bytes);
}

static void one_document_only(void)
{
    node_destroy(parse("---\na: 1\n...\n"));
    assert_problem("a: 1\n---\nb: 2\n", "f:2:1: a second document");
    assert_large_problem("---\n", NODE_LIMIT_FILE_BYTES, "a second document");
}

static void tags_other_than_the_core_ones_are_refused(void)
{
    node_destroy(parse("{a: !!int 1, b: !!seq [], c: !!map {}, d: !!null ~}"));
    assert_problem("a: !x 1\n", "f:1:4: the tag \"!x\" is not supported");
    assert_problem("a: !!int x\n", "the tag \"tag:yaml.org,2002:int\"");
    assert_problem("a: !!set {b}\n", "tag:yaml.org,2002:set");
    assert_problem("%TAG ! tag:x,1:\n---\na: !b 1\n", "f:1:1: tags cannot be");
    assert_problem("a: '\xe2\x80\xa8%TAG'\n", "f:1:6: tags cannot be");
}

static void keys_are_scalars_and_no_merges(void)
{
    assert_problem("? [a]\n: 1\n", "f:1:3: a list or map cannot be a key");
    assert_problem("a: &a {b: 1}\nc:\n  <<: *a\n", "f:3:3: merge keys");
    node_destroy(parse("'<<': 1"));
}

static void duplicate_keys_are_all_said_and_the_tree_is_there(void)
{
    const char *text = "a: 1\nb: 2\n'a': 3\nc: {d: 1, d: 2}\n";
    struct problems problems;
    ASSERT_INT(problems_init(&problems, "f"), 0);
    struct node *root = node_parse(text, strlen(text), &problems);
    ASSERT(root != NULL);
    problems_sort(&problems);
    ASSERT_INT(problems.count, 2);
    ASSERT_TEXT(problems.kept[0].message,
                "the key \"a\" is there already, in line 1");
    ASSERT_INT(problems.kept[1].at.line, 4);
    ASSERT_INT(problems.kept[1].at.column, 11);
    ASSERT_TEXT(node_get(root, "a")->text, "1");
    node_destroy(root);
    problems_clear(&problems);
}

static void libyaml_errors_have_a_place_and_advice(void)
{
    assert_problem("a:\n\tb: 1\n", "f:2:1: not YAML: a character that no");
    assert_problem("a: b: c\n", "f:1:5: not YAML: a \":\" where none can be");
    assert_problem("a: [1, 2\nb: 3\n", "begins in line 1");
    assert_problem("a: 'x\n", "the file ends within a text in quotes");
}

static void messages_stay_one_line(void)
{
    assert_problem("\"a\\n\\e\\x9b\": 1\n\"a\\n\\e\\x9b\": 2\n",
                   "the key \"a\\x0a\\x1b\\x9b\" is there");
}

static void problems_are_counted_beyond_what_is_kept(void)
{
    struct problems problems;
    ASSERT_INT(problems_init(&problems, "f"), 0);
    for (unsigned i = 0; i < PROBLEMS_MAX + 5; i++)
        problems_add(&problems, (struct position){ 1000 - i / 2, 1 }, "%u", i);
    ASSERT_INT(problems.count, PROBLEMS_MAX + 5);
    ASSERT_INT(problems_kept(&problems), PROBLEMS_MAX);
    problems_sort(&problems);
    ASSERT_TEXT(problems.kept[0].message, "98");
    ASSERT_TEXT(problems.kept[1].message, "99");
    ASSERT_TEXT(problems.kept[PROBLEMS_MAX - 1].message, "1");
    problems_clear(&problems);
}

UNIT_CASES(
    CASE(a_tree_has_lists_maps_and_scalars_in_order),
    CASE(positions_count_lines_and_characters_from_one),
    CASE(a_text_with_nothing_in_it_is_null),
    CASE(plain_scalars_are_typed_by_the_core_schema),
    CASE(everything_else_is_text),
    CASE(numbers_are_read_exactly_up_to_their_bounds),
    CASE(floats_and_bools_are_read), CASE(nodes_are_described_for_messages),
    CASE(an_alias_is_a_copy_of_what_it_stands_for),
    CASE(aliases_without_anchor_and_cycles_are_refused),
    CASE(alias_bombs_are_refused_at_once),
    CASE(large_texts_are_not_multiplied_by_aliases), CASE(anchors_are_limited),
    CASE(nesting_is_limited_as_soon_as_it_is_seen),
    CASE(an_alias_cannot_nest_deeper_either), CASE(sizes_are_limited),
    CASE(only_utf8_text_is_accepted), CASE(random_bytes_are_refused_quickly),
    CASE(one_document_only), CASE(tags_other_than_the_core_ones_are_refused),
    CASE(keys_are_scalars_and_no_merges),
    CASE(duplicate_keys_are_all_said_and_the_tree_is_there),
    CASE(libyaml_errors_have_a_place_and_advice), CASE(messages_stay_one_line),
    CASE(problems_are_counted_beyond_what_is_kept))
