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

# What does not come because the background process was killed is missed.
cd tutorial && PATH=$work/bin:$PATH || exit 1
sed 's/SIZE = 100000/&000/' leave.c >stay.c
# shellcheck disable=SC2046 # a list of words
cc -o stay stay.c $(pkg-config --cflags --libs drover) || fail "stay.c"
no_background()
{
    for process in $(survivors "$XDG_STATE_HOME"); do
        kill -9 "$process" 2>kill.txt
    done
    no_survivors "$XDG_STATE_HOME"
}
expect_status 0 ./stay >actual
wait_until 10 no_background || fail "it cannot be killed"
expect_status 1 ./back >actual 2>errors
expect_line '^back: primes\.socket: run stay-[^ ]* was killed before it ended$' errors
# The call is made anew.
expect_status 0 ./leave >actual
expect_status 0 ./back >actual 2>errors
[ "$(wc -l <actual)" -eq 10 ] || fail "not all comes: $(cat actual)"
