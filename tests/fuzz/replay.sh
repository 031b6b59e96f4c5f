#!/bin/sh
# Every input of every corpus goes through its target.
for target in collect job message value; do
    "$top_builddir/tests/fuzz/fuzz_$target" \
        "$srcdir/tests/fuzz/corpus/$target" || exit 1
done
