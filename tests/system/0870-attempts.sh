#!/bin/sh
# I4: a new attempt never starts before its predecessor's tree is dead, not even
# when the host was killed and those who clean up after it are slow, or killed,
# too.
# shellcheck disable=SC2012 # the names of runs are letters, digits and dashes
. "$srcdir/tests/system/lib.sh"

# Each attempt notes its process in `ledger`, and in `twice` whichever other
# attempt of its call is still alive; then it waits while `gate` is there.
cat >step.sh <<'END'
[ ! -e ledger ] || while read -r call pid; do
    [ "$call" != "$1" ] ||
        ! grep -q '^State:[[:space:]]*[^Z[:space:]]' "/proc/$pid/status" ||
        echo "$1 $pid" >>twice
done <ledger 2>step.txt
echo "$1 $$" >>ledger
while [ -e gate ]; do sleep 0.02; done
printf %s "$1"
END

have_begun()
{
    [ -e ledger ] && [ "$(wc -l <ledger)" -ge "$1" ]
}

run_name()
{
    basename "$(ls -td "$XDG_STATE_HOME"/drover/*/ | head -n 1)"
}

state_of()
{
    "$drover" status --json "$1" | sed -n 's/.*"state":"\([a-z]*\)".*/\1/p'
}

# --- Keepers that are stopped cannot clean up ----------------------------------

cat >job.yaml <<'END'
version: 1
plugins: {shell: shell}
workers: 2
stages:
  step:
    task: shell.run
    each: {i: [1, 2]}
    with: {command: [sh, step.sh, "${i}"], check: true}
END
touch gate
"$drover" run job.yaml >first 2>errors &
host=$!
wait_until 20 have_begun 2 || fail "calls do not run"
calls=$(cut -d ' ' -f 2 ledger)
keepers=$(tr ' ' '\n' <"/proc/$host/task/$host/children" | grep .)
name=$(run_name)
# shellcheck disable=SC2086 # several
kill -STOP $keepers
kill -KILL $host
wait $host 2>wait.txt
# Others do not wait for what resume waits for.
[ "$(state_of "$name")" = killed ] || fail "state $(state_of "$name")"
expect_status 2 "$drover" collect --no-wait "$name" >actual 2>errors
"$drover" resume "$name" >second 2>errors &
resume=$!
wait_until 20 grep -q "waiting for the calls" errors ||
    fail "resume does not wait: $(cat errors)"
have_begun 3 && fail "a second attempt beside the first"
for call in $calls; do
    is_gone "$call" && fail "the first attempt is gone"
done
# One call that is alive is enough.
# shellcheck disable=SC2086
set -- $keepers
kill -CONT "$1"
wait_until 5 is_gone "$1" || fail "a keeper does not end"
wait_until 1 have_begun 3 && fail "a keeper is still there"
kill -CONT "$2"
wait_until 20 have_begun 4 || fail "resume does not go on: $(cat errors)"
for process in $calls $keepers; do
    is_gone "$process" || fail "process $process is left"
done
rm gate
expect_status 0 wait $resume
[ ! -e twice ] || fail "alive at once: $(cat twice)"

# --- Only a keeper is killed -----------------------------------------------------

# A call starts a process in a session of its own, and notes in `beside` whichever
# of those before it is still alive; the first one then waits for ever.
cat >start.sh <<'END'
[ ! -e started ] || while read -r pid; do
    ! grep -q '^State:[[:space:]]*[^Z[:space:]]' "/proc/$pid/status" ||
        echo "$1 $pid" >>beside
done <started 2>start.txt
setsid sleep 1000 >/dev/null 2>&1 &
printf '%s\n' $! $$ >>started
while [ "$1" = 1 ]; do sleep 0.02; done
END
cat >job.yaml <<'END'
version: 1
plugins: {shell: shell}
workers: 1
stages:
  start:
    task: shell.run
    each: {i: [1, 2]}
    with: {command: [sh, start.sh, "${i}"], check: true}
END
# What the host had started before it was drover is nobody's.
sh -c 'sleep 1000 & echo $! >own; setsid sleep 1000 & echo $! >>own
    exec "$1" run job.yaml' sh "$drover" >first 2>errors &
host=$!
wait_until 20 test -s started || fail "the call does not run"
kill -KILL "$(pgrep -P $host drover-keeper)"
expect_status 1 wait $host
expect_line '^  start\[0\]: lost: ' errors
[ "$(wc -l <started)" -eq 4 ] || fail "the second call did not run: $(cat errors)"
[ ! -e beside ] || fail "alive beside the next call: $(cat beside)"
while read -r process; do
    is_gone "$process" || fail "process $process is left"
done <started
while read -r process; do
    is_gone "$process" && fail "process $process was killed, which is not ours"
    kill -KILL "$process"
done <own

# --- What a killed keeper has left does not end ------------------------------------

# A process whose tracer is stopped stays, killed or not, until that goes on.
is_traced()
{
    grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$1/status"
}

rm started
"$drover" run job.yaml >first 2>errors &
host=$!
wait_until 20 test -s started || fail "the call does not run"
process=$(head -n 1 started)
strace -o trace -p "$process" 2>strace.txt &
tracer=$!
# Where there is no strace, or tracing is not allowed, this is not tried.
if wait_until 2 is_traced "$process"; then
    kill -STOP $tracer
    kill -KILL "$(pgrep -P $host drover-keeper)"
    wait_until 20 grep -q "^drover: a keeper was killed, and process $process,\
 which ran below it, does not end; still waiting\$" errors ||
        fail "it is not said that something is left: $(cat errors)"
    [ "$(wc -l <started)" -eq 2 ] || fail "a call beside what is left"
    kill -KILL $tracer
else
    kill -KILL "$(pgrep -P $host drover-keeper)"
fi
expect_status 1 wait $host
[ "$(wc -l <started)" -eq 4 ] || fail "the second call did not run: $(cat errors)"
[ ! -e beside ] || fail "alive beside the next call: $(cat beside)"

# --- Nobody is left to clean up after commands ------------------------------------

# The host and the keeper are killed, the worker goes with it, the command does
# not.
cat >job.yaml <<'END'
version: 1
plugins: {shell: shell}
workers: 1
stages:
  step:
    task: shell.run
    with: {command: [sh, step.sh, "1"], check: true}
END
rm -f ledger twice
touch gate
"$drover" run job.yaml >first 2>errors &
host=$!
wait_until 20 have_begun 1 || fail "the call does not run"
command=$(cut -d ' ' -f 2 ledger)
worker=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$command/status")
keeper=$(pgrep -P $host)
name=$(run_name)
kill -STOP "$keeper"
kill -KILL $host "$keeper"
wait $host 2>wait.txt
wait_until 5 is_gone "$worker" || fail "a worker is left"
is_gone "$command" && fail "the command is gone"
"$drover" resume "$name" >second 2>errors &
resume=$!
wait_until 20 grep -q "waiting for the calls" errors ||
    fail "resume does not wait: $(cat errors)"
have_begun 2 && fail "a second attempt beside the first"
kill -KILL "$command"
wait_until 20 have_begun 2 || fail "resume does not go on: $(cat errors)"
rm gate
expect_status 0 wait $resume
[ ! -e twice ] || fail "alive at once: $(cat twice)"

# --- Nor after what a reused worker has forked -----------------------------------

# A reused worker has left a process behind, and works on another call; then the
# host and the keeper are killed. Workers go with their keeper, that one does not.
write_job 1 <<'END'
  left:
    task: faulty.leave
    worker: reused
    with: {mark: left, holds: false}
  run:
    task: faulty.meet
    worker: reused
    needs: [left]
    with: {i: 7, mark: mark, until: go}
results: [run]
END
"$drover" run job.yaml >first 2>errors &
host=$!
wait_until 20 test -s mark || fail "the second call does not run"
keeper=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$(cat mark)/status")
name=$(run_name)
# Stopped first, the keeper does not see that the host has gone.
kill -STOP "$keeper"
kill -KILL $host "$keeper"
wait $host 2>wait.txt
wait_until 5 is_gone "$(cat mark)" || fail "a worker is left"
touch go
expect_status 75 "$drover" resume "$name" >second 2>errors
expect_line "^drover: calls that were under way when run $name was killed have \
not ended: process $(cat left); end what is left, or try again later\$" errors
[ "$(state_of "$name")" = killed ] || fail "state $(state_of "$name")"
kill -KILL "$(cat left)"
expect_status 0 "$drover" resume "$name" >second 2>errors
echo 7 >expected
expect_file_equal expected second
