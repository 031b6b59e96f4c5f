#!/bin/sh
# Every input of every corpus goes through its target.
for target in job message value; do
    program=$top_builddir/tests/fuzz/fuzz_$target
    # A libFuzzer program runs each input once with -runs=0.
    "$program" "$srcdir/tests/fuzz/corpus/$target" -runs=0 || exit 1
done
