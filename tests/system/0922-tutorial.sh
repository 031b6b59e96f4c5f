#!/bin/sh
# The tutorial: its programs compile without a warning and print what it shows.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/shown.sh"
tutorial=$srcdir/docs/tutorial.md

make_stranger
mkdir tutorial
extract_files "$tutorial" tutorial
extract_consoles "$tutorial" shown
run_shown tutorial shown printed
expect_file_equal shown printed

# Nothing is shown that is not tried.
for source in tutorial/*.c; do
    grep -q "^\$ cc .*${source#tutorial/}" shown || fail "$source is not compiled"
done
for job in tutorial/*.yaml; do
    grep -q "^\$ drover run ${job#tutorial/}" shown || fail "$job is not run"
done
[ "$(grep -c "^\$ cc " shown)" -ge 10 ] || fail "too few programs"

# A whole program, errors handled, is short.
[ "$(wc -l <tutorial/thousand.c)" -le 25 ] || fail "thousand.c is too long"
