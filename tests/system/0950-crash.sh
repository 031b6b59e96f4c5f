#!/bin/sh
# The last lines of a crash in the report show where in the plugin it happened,
# also when it happened in a function that the plugin called.
. "$srcdir/tests/system/lib.sh"
if grep -q __asan_init "$drover"; then
    echo "a sanitizer explains crashes in its own way"
    exit 77
fi

cat >crash.c <<'END'
#include <drover/plugin.h>

static int crash(struct drover_call *call)
{
    const char *volatile nothing = NULL;
    int result = drover_return_text(call, nothing);
    return result + (nothing == NULL);
}

static const struct drover_task tasks[] = { { .name = "crash", .run = crash } };
DROVER_PLUGIN("crash", "1.0", "Crashes", tasks);
END
${CC:-cc} -shared -fPIC -o crash.so crash.c -I"$srcdir/include" ||
    fail "the plugin cannot be compiled"

expect_status 1 "$drover" call ./crash.so.crash 2>errors
sed '1,/it printed last:/d' errors >last
expect_line '^      \| .*/crash\.so\(.*\)\[0x' last
expect_line "drover_return_text" last
# What every backtrace would end with says nothing.
if grep -q '_start' errors; then
    fail "the backtrace goes down to the beginning of the process"
fi
