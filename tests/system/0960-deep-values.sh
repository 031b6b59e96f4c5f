#!/bin/sh
# A value may be nested 64 deep, on its own and as a result that another stage
# takes; a deeper one fails its call with a message.
. "$srcdir/tests/system/lib.sh"

cat >deep.c <<'END'
#include <drover/plugin.h>

static int nest(struct drover_call *call)
{
    struct drover_builder *out = drover_call_builder(call);
    int64_t depth = drover_arg_int(call, "depth");
    for (int64_t i = 0; i < depth; i++)
        drover_build_list_begin(out);
    for (int64_t i = 0; i < depth; i++)
        drover_build_list_end(out);
    return drover_return_built(call);
}

static int measure(struct drover_call *call)
{
    struct drover_value value = drover_arg_value(call, "value");
    int64_t depth = 0;
    do
        depth++;
    while (drover_list_get(value, 0, &value) == 0);
    return drover_return_int(call, depth);
}

static const struct drover_task tasks[] = {
    { .name = "nest", .run = nest, .flags = DROVER_REUSABLE,
      .params = DROVER_PARAMS({ .name = "depth", .type = DROVER_INT }) },
    { .name = "measure", .run = measure, .flags = DROVER_REUSABLE,
      .params = DROVER_PARAMS({ .name = "value", .type = DROVER_LIST }) },
};
DROVER_PLUGIN("deep", "1.0", "Deep values", tasks);
END
${CC:-cc} -shared -fPIC -o deep.so deep.c -I"$srcdir/include" ||
    fail "the plugin cannot be compiled"

expect_status 0 "$drover" call ./deep.so.nest depth=64 >result
[ "$(tr -dc '[' <result | wc -c)" -eq 64 ] || fail "64 lists became another number"
expect_status 1 "$drover" call ./deep.so.nest depth=65 2>errors
expect_line 'call\[0\]: error: .*nested deeper than 64' errors

for worker in forked reused; do
    cat >deep.yaml <<END
version: 1
plugins: {deep: ./deep.so}
stages:
  nest: {task: deep.nest, worker: $worker, with: {depth: 64}}
  measure: {task: deep.measure, worker: $worker, with: {value: "\${nest}"}}
END
    expect_status 0 "$drover" run deep.yaml >result
    echo 65 >expected
    expect_file_equal expected result
done
