#!/bin/sh
# A line that a call prints while it runs is marked with that call, in forked
# and in reused workers.
. "$srcdir/tests/system/lib.sh"

# Prints its index, then waits for a file, so that the line is seen before the
# call's end.
cat >wait.c <<'END'
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <drover/plugin.h>

static int until(struct drover_call *call)
{
    const struct timespec pause = { .tv_nsec = 5000000 };
    printf("I am %llu\n", (unsigned long long)drover_call_index(call));
    for (int left = 2000; access(drover_arg_text(call, "file"), F_OK) < 0; left--)
        if (left == 0)
            return drover_fail(call, "the file did not come");
        else
            nanosleep(&pause, NULL);
    return drover_return_null(call);
}

static const struct drover_task tasks[] = {
    { .name = "until", .run = until,
      .params = DROVER_PARAMS({ .name = "file", .type = DROVER_TEXT }),
      .flags = DROVER_REUSABLE },
};
DROVER_PLUGIN("wait", "1.0", "Calls that wait for a file", tasks);
END
${CC:-cc} -shared -fPIC -o wait.so wait.c -I"$srcdir/include" ||
    fail "the plugin cannot be compiled"

for worker in forked reused; do
    cat >wait.yaml <<END
version: 1
plugins: {wait: ./wait.so}
workers: 1
stages:
  calls:
    task: wait.until
    worker: $worker
    each: {file: [first, second, third]}
END
    rm -f first second third errors
    : >errors
    "$drover" run wait.yaml >results 2>errors &
    run=$!
    index=0
    for file in first second third; do
        wait_until 10 grep -q "I am $index" errors ||
            fail "$worker: call $index was not heard"
        expect_line "^calls\[$index\]: I am $index\$" errors
        touch "$file"
        index=$((index + 1))
    done
    wait $run || fail "$worker: the run failed: $(cat errors)"
done
