/* Keys of calls: the same for the same call, another for any other. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "plugin/call_key.h"
#include "unit.h"
#include "value_bytes.h"

static bool are_equal(struct call_key a, struct call_key b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

static void expect_key(struct call_key key, const char *expected)
{
    char hex[2 * CALL_KEY_BYTES + 1];
    for (size_t i = 0; i < CALL_KEY_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", key.bytes[i]);
    ASSERT_TEXT(hex, expected);
}

/* The key that XXH3-128 gives of these bytes in one go. */
static struct call_key hash_of(const void *bytes, size_t size)
{
    struct call_key key;
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits(bytes, size));
    memcpy(key.bytes, digest.digest, sizeof key.bytes);
    return key;
}

static void a_key_is_the_hash_of_its_parts(void)
{
    static const char task[] = "t\x61"
                               "bc\0add\0\xa1\x61i\x01";
    static const char index[] = "i\0\0\0\0\0\0\x01\x02\xa1\x61i\x01";
    struct bytes bytes;
    struct drover_value args = value_of_hex(&bytes, "a1 61 69 01");
    ASSERT(are_equal(call_key_of_task("abc", "add", args),
                     hash_of(task, sizeof task - 1)));
    ASSERT(are_equal(call_key_of_index(258, args),
                     hash_of(index, sizeof index - 1)));
}

/* They are written down, so they must never change. */
static void keys_stay_what_they_are(void)
{
    struct bytes bytes;
    struct drover_value args = value_of_hex(&bytes, "a1 61 69 01");
    struct call_key key = call_key_of_task("0123abcd", "calculate", args);
    expect_key(key, "90692f50687642f6941afedb19613060");
    ASSERT_INT(call_key_seed(&key, 7), (long long)6251371839273360949u);
    expect_key(call_key_of_index(3, args), "e0c9739bef76c08028b6b92efd74e9ee");
}

static void whatever_differs_makes_another_key(void)
{
    struct bytes one, two;
    struct drover_value a = value_of_hex(&one, "a1 61 69 01");
    struct drover_value b = value_of_hex(&two, "a1 61 69 02");
    struct drover_value none = { 0 };
    const struct call_key keys[] = {
        call_key_of_task("ab", "cd", a), call_key_of_task("ab", "cd", b),
        call_key_of_task("abc", "d", a), call_key_of_task("ab", "ce", a),
        call_key_of_task("bb", "cd", a), call_key_of_task("ab", "cd", none),
        call_key_of_index(0, a),         call_key_of_index(1, a),
        call_key_of_index(0, b),         call_key_of_index(0, none),
    };
    enum { COUNT = sizeof keys / sizeof keys[0] };
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < i; k++)
            ASSERT(!are_equal(keys[i], keys[k]));
}

static void seeds_depend_on_the_run_and_on_the_key(void)
{
    struct drover_value none = { 0 };
    struct call_key one = call_key_of_index(1, none);
    struct call_key two = call_key_of_index(2, none);
    ASSERT(call_key_seed(&one, 0) == call_key_seed(&one, 0));
    ASSERT(call_key_seed(&one, 0) != call_key_seed(&one, 1));
    ASSERT(call_key_seed(&one, 0) != call_key_seed(&two, 0));
}

UNIT_CASES(CASE(a_key_is_the_hash_of_its_parts), CASE(keys_stay_what_they_are),
           CASE(whatever_differs_makes_another_key),
           CASE(seeds_depend_on_the_run_and_on_the_key))
