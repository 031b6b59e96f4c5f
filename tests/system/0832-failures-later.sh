#!/bin/sh
# Who comes back later is told which calls failed, as its end told who stayed.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/background.sh"
LC_ALL=C
export LC_ALL

# failures_of RUN: what status tells of them, below its first lines.
failures_of()
{
    expect_status 0 "$drover" status --failures "$1" >shown
    sed -n '/^failures/,$p' shown
}

# youngest: the run that began last.
youngest()
{
    "$drover" list | tail -n 1 | cut -d ' ' -f 1
}

# reported FILE: the report in what a run has said.
reported()
{
    sed -n '/ did not succeed.*:$/,/^drover: run again/p' "$1" |
        grep -v '^drover: '
}

# --- In the foreground --------------------------------------------------------

cat >job.yaml <<'END'
version: 1
name: failing
seed: 7
plugins: {faulty: faulty, shell: shell}
workers: 1
stages:
  s:
    task: shell.run
    each: {n: [0, 1, 2]}
    with: {command: [sh, -c, "exit ${n}"], check: true}
  t:
    task: faulty.end
    each: {i: [3, 4]}
    with: {when: [4], how: exit}
  u:
    task: shell.run
    needs: [s]
    with: {command: ["true"]}
END
expect_status 1 "$drover" run job.yaml >results 2>errors
run=$(youngest)
reported errors >expected
expect_line '^  t\[1\]: exit: ' expected
expect_line '^      repeat: drover call --seed 7 ' expected
expect_line '^  u: skipped: ' expected
failures_of "$run" >later
expect_line '^failures 4$' later
sed 1d later >actual
expect_file_equal expected actual

# Elsewhere it is said where the commands are for.
(cd / && failures_of "$run") >later
expect_line "^failures 4, to be repeated in $work\$" later

# For programs, all that is recorded.
expect_status 0 "$drover" status --json --failures "$run" "$run" >shown
expect_lines 2 shown
expect_line '^\{"run":"failing-.*,"store":"[^"]*","resumable":(true|false),"failures":\[\{"stage":"s","index":1,"args":\{"command":\["sh","-c","exit 1"\],.*\}\]\}$' shown
expect_line ',\{"stage":"t","index":1,"args":\{"i":4,[^}]*\},"cause":"exit","error":"ended its process with exit status 3 instead of returning","code":3,"attempts":1,"elapsed_ns":0,"cpu_us":[0-9]*,"memory_kib":[1-9][0-9]*,"printed":"","printed_cut":false\}' shown
expect_line '"cause":"error",[^}]*,"elapsed_ns":[1-9][0-9]*,"cpu_us":0,"memory_kib":0,' shown
expect_line ',\{"stage":"u","index":0,"args":\{\},"cause":"skipped",.*,"attempts":0,' shown
expect_status 0 "$drover" status --json "$run" >shown
grep -q failures shown && fail "failures are told unasked"

# What a call printed last, at the end, later, and by who carries the run on.
cat >job.yaml <<END
version: 1
name: printing
plugins: {shell: shell}
workers: 1
stages:
  s:
    task: shell.run
    with: {command: [sh, -c, "printf 'first\\\\n\\\\377second\\\\n' >/proc/\$\$PPID/fd/2; kill -9 \$\$PPID"]}
END
expect_status 1 "$drover" run job.yaml >results 2>errors
expect_line '^      \| first$' errors
run=$(youngest)
reported errors >expected
failures_of "$run" | sed 1d >actual
expect_file_equal expected actual
"$drover" status --json --failures "$run" >shown
expect_line '"cause":"signal",.*,"code":9,.*,"printed":"first\\n\\\\xffsecond\\n",' shown
expect_status 1 "$drover" resume "$run" >results 2>errors
reported errors >actual
expect_file_equal expected actual

# Nothing has failed.
cat >job.yaml <<'END'
version: 1
name: fine
plugins: {shell: shell}
stages:
  s: {task: shell.run, with: {command: ["true"]}}
END
expect_status 0 "$drover" run job.yaml >results
run=$(youngest)
[ "$(failures_of "$run")" = "failures none" ] || fail "$(cat shown)"
"$drover" status --json --failures "$run" >shown
expect_line ',"failures":\[\]\}$' shown

# A job that came from no file finds its plugins where the run was begun.
cp "$plugins/faulty.so" .
expect_status 1 "$drover" run - <<END >results 2>errors
version: 1
plugins: {faulty: ./faulty.so}
stages:
  s: {task: faulty.end, with: {when: [0]}}
END
run=$(youngest)
reported errors | sed -n 's/^ *repeat: //p' >expected
(cd / && failures_of "$run") | sed -n 's/^ *repeat: //p' >actual
expect_line 'faulty\.so\.end' expected
expect_file_equal expected actual

# --- In the background --------------------------------------------------------

cat >job.yaml <<END
version: 1
name: held
plugins: {shell: shell}
workers: 1
stages:
  s:
    task: shell.run
    each: {n: [1, 2]}
    with:
      command: [sh, -c, "test \${n} = 2 || exit 1; until test -e $work/go; do sleep 0.05; done"]
      check: true
END
start_job
# What is offered is recorded.
one_failed()
{
    "$drover" collect --peek --no-wait "$address" >offered 2>errors
    [ -s offered ]
}
wait_until 10 one_failed || fail "the first call does not end"
failures_of "$address" >later
echo "failures are in its log at its end: drover logs $address" >expected
expect_file_equal expected later
expect_status 0 "$drover" status --json --failures "$address" >shown
expect_line ',"failures":null\}$' shown
touch go
expect_status 1 "$drover" wait "$address" 2>errors
failures_of "$address" >later
echo "failures are in its log: drover logs $address" >expected
expect_file_equal expected later
"$drover" logs "$address" >log
reported log >expected
expect_status 1 "$drover" collect "$address" >results
wait_until 10 is_unserved "$address" || fail "it does not end"
failures_of "$address" | sed 1d >actual
expect_file_equal expected actual
expect_line '^  s\[0\]: error: ' actual

# A run that was killed: what had failed by then.
rm go
start_job
wait_until 10 one_failed || fail "the first call does not end"
kill_host "$address"
failures_of "$run" | sed 1d >actual
expect_file_equal expected actual

# One that others have open.
"$drover" run job.yaml >results 2>errors &
host=$!
in_foreground()
{
    "$drover" list | grep '^held-[^ ]* *running ' >listed
}
wait_until 10 in_foreground || fail "the run is not listed"
read -r run rest <listed
[ "$(failures_of "$run")" = "failures are told where it runs, at its end" ] ||
    fail "$(cat shown)"
touch go
wait "$host"

# A call of a C program has no job.
GRID_DELAY_MS=60000 "$programs/simple_background_queue" --start ||
    fail "cannot start the program"
expect_status 0 "$drover" cancel task.socket 2>errors
expect_status 1 "$drover" collect task.socket >results
wait_until 10 is_unserved task.socket || fail "it does not end"
failures_of task.socket >later
expect_lines 2 later
expect_line '^failures 1$' later
expect_line '^  [a-z_-]*simple_background_queue\[0\]: cancelled: ' later
