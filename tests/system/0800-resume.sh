#!/bin/sh
# Runs that are carried on: after a kill only calls without an outcome run again.
# What was printed is not printed again, but for what that was not recorded of yet.
# shellcheck disable=SC2012 # the names of runs are letters, digits and dashes
. "$srcdir/tests/system/lib.sh"

# write_steps NUMBERS: a job whose calls note in `ledger` that they run; those
# whose number is in `gate` wait until that is gone.
write_steps()
{
    cat >step.sh <<'END'
echo "$1" >>ledger
while [ -e gate ] && grep -qx "$1" gate; do sleep 0.02; done
[ ! -e "bad-$1" ] || exit 3
printf %s "$1"
END
    cat >job.yaml <<END
version: 1
plugins: {shell: shell, text: text}
workers: 2
stages:
  step:
    task: shell.run
    each: {i: $1}
    with: {command: [sh, step.sh, "\${i}"], check: true}
END
}

run_name()
{
    basename "$(ls -td "$XDG_STATE_HOME"/drover/*/ | head -n 1)"
}

# kill_run BEGUN PRINTED: once so many calls have begun, and the results of so
# many are printed, and so recorded.
kill_run()
{
    "$drover" run job.yaml >first 2>errors &
    host=$!
    wait_until 20 test -e ledger || fail "no call begins"
    wait_until 20 eval "[ \$(wc -l <ledger) -ge $1 ]" || fail "calls do not run"
    wait_until 20 eval "[ \$(wc -l <first) -ge $2 ]" ||
        fail "nothing is printed"
    kill -KILL $host
    wait $host 2>wait.txt
}

numbers_of()
{
    sed -n 's/.*"output":"\([0-9]*\)".*/\1/p' "$@" | sort -nu
}

# --- A kill in the middle ----------------------------------------------------------

write_steps '{range: [0, 12]}'
printf '6\n7\n' >gate
kill_run 8 6
[ "$(wc -l <ledger)" -eq 8 ] || fail "8 calls should have begun"
rm gate
name=$(run_name)
expect_status 0 "$drover" resume "$name" >second 2>errors
sort -n ledger >actual
{ seq 0 11 && printf '6\n7\n'; } | sort -n >expected
expect_file_equal expected actual
numbers_of first second >actual
seq 0 11 >expected
expect_file_equal expected actual

# Once more: all is done, nothing runs, nothing is printed.
expect_status 0 "$drover" resume "$name" >third 2>errors
[ ! -s third ] || fail "printed twice: $(cat third)"
[ "$(wc -l <ledger)" -eq 14 ] || fail "calls ran again"

# --- Inputs that have changed since ---------------------------------------------------

rm -f ledger
seq 0 5 >numbers
write_steps '{lines: numbers}'
printf '4\n5\n' >gate
kill_run 6 4
rm gate
# Another order, one less, one more.
printf '9\n3\n2\n1\n0\n5\n' >numbers
expect_status 0 "$drover" resume "$(run_name)" >second 2>errors
sort -n ledger >actual
printf '0\n1\n2\n3\n4\n5\n5\n9\n' >expected
expect_file_equal expected actual

# --- Failures, and those that need what failed ------------------------------------------

rm -f ledger
write_steps '[1, 2, 3]'
cat >>job.yaml <<END
  last:
    task: shell.run
    needs: [step]
    with: {command: [echo, all]}
results: [step, last]
END
touch bad-2
expect_status 1 "$drover" run job.yaml >first 2>errors
name=$(run_name)
expect_line 'last: skipped: needs stage step' errors
rm bad-2
# The outcome stands, and is told again.
expect_status 1 "$drover" resume "$name" >second 2>errors
[ ! -s second ] || fail "something was printed"
expect_line 'step\[1\]: error: ' errors
[ "$(wc -l <ledger)" -eq 3 ] || fail "a call ran again"
expect_status 0 "$drover" resume --failed "$name" >second 2>errors
numbers_of second >actual
echo 2 >expected
expect_file_equal expected actual
expect_line '"output":"all' second
[ "$(wc -l <ledger)" -eq 4 ] || fail "more than one call ran again"

# --- Equal calls are calls of their own ---------------------------------------------------

rm -f ledger
write_steps '[1, 1, 1, 8]'
echo 8 >gate
kill_run 4 3
rm gate
expect_status 0 "$drover" resume "$(run_name)" >second 2>errors
[ "$(grep -cx 1 ledger)" -eq 3 ] || fail "equal calls ran again"
numbers_of first second >actual
printf '1\n8\n' >expected
expect_file_equal expected actual

# --- What cannot be ---------------------------------------------------------------------

expect_status 69 "$drover" resume nobody-knows >actual 2>errors
expect_line '^drover: .*nobody-knows' errors
expect_status 0 "$drover" run --no-store job.yaml >actual 2>errors
[ "$(run_name)" != "" ] || fail "there are no stores"
stores=$(ls "$XDG_STATE_HOME/drover" | wc -l)
expect_status 0 "$drover" run --no-store job.yaml >actual 2>errors
[ "$(ls "$XDG_STATE_HOME/drover" | wc -l)" -eq "$stores" ] ||
    fail "--no-store left a store"
