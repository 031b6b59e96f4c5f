#!/bin/sh
# Lines of standard input, or of a named pipe, that come slowly: each is worked on
# at once, and waiting for the next one keeps nobody from interrupting the run.
. "$srcdir/tests/system/lib.sh"

cat >lines.yaml <<'END'
version: 1
plugins: {grid: grid}
stages:
  cells:
    task: grid.calculate
    each: {i: {lines: "-"}, j: {range: [0, 2]}}
END

mkfifo input
"$drover" run lines.yaml <input >actual 2>errors &
run=$!
exec 8>input

has_lines()
{
    [ "$(wc -l <actual)" -eq "$1" ]
}

echo 1 >&8
wait_until 20 has_lines 2 || fail 'the first line is not worked on'
# A line that comes in two pieces.
printf '%s' 2 >&8
printf '3\n' >&8
wait_until 20 has_lines 4 || fail 'the second line is not worked on'
# The last one, without a newline.
printf '%s' 4 >&8
exec 8>&-
wait "$run" || fail "exit status $?"
printf '%s\n' 10 11 230 231 40 41 >expected
expect_file_equal expected actual

# While no line comes.
"$drover" run lines.yaml <input >actual 2>errors &
run=$!
exec 8>input
echo 1 >&8
wait_until 20 has_lines 2 || fail 'the line is not worked on'
kill -TERM "$run"
wait "$run"
[ $? -eq 143 ] || fail 'not ended by SIGTERM while it waits for input'
exec 8>&-

# Started by nohup: a hang-up ends nothing.
(
    trap '' HUP
    "$drover" run lines.yaml <input >actual 2>errors
    echo $? >status
) &
run=$!
exec 8>input
echo 1 >&8
wait_until 20 has_lines 2 || fail 'the line is not worked on'
for process in /proc/[0-9]*; do
    [ "$(readlink "$process/cwd")" = "$(pwd -P)" ] &&
        grep -q '^drover$' "$process/comm" &&
        kill -HUP "${process#/proc/}"
done
echo 2 >&8
exec 8>&-
wait "$run"
[ "$(cat status)" -eq 0 ] || fail 'ended by a hang-up that is ignored'
printf '%s\n' 10 11 20 21 >expected
expect_file_equal expected actual

# A named pipe: nothing waits until somebody opens it to write, neither another
# stage nor a signal.
mkfifo named
write_job 1 <<'END'
  slow:
    task: grid.calculate
    each: {i: {lines: named}}
    with: {j: 0}
  quick: {task: grid.calculate, with: {i: 7, j: 7}}
END
"$drover" run job.yaml >actual 2>errors &
run=$!
wait_until 20 grep -qx 77 actual || fail 'another stage waits for a named pipe'
exec 8>named
echo 1 >&8
wait_until 20 grep -qx 10 actual || fail 'a line of a named pipe is not worked on'
printf '%s' 2 >&8
exec 8>&-
wait "$run" || fail "exit status $?"
printf '%s\n' 77 10 20 >expected
expect_file_equal expected actual

"$drover" run job.yaml >actual 2>errors &
run=$!
wait_until 20 grep -qx 77 actual || fail 'another stage waits for a named pipe'
kill -TERM "$run"
wait "$run"
[ $? -eq 143 ] || fail 'not ended by SIGTERM while nobody opens a named pipe'
