#!/bin/sh
# How runs stand, waiting for them, ending them, and what they have to say.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/background.sh"

# start_held: a run of one call that ends when $work/go is there.
start_held()
{
    rm -f "$work/go"
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
      command: [sh, -c, "echo call \${n} >&2; test \${n} = 1 || until test -e $work/go; do sleep 0.05; done"]
      check: true
END
    start_job
}

one_done()
{
    "$drover" status --json "$address" | grep -q '"done":1'
}

# --- How it stands ------------------------------------------------------------

start_held
wait_until 10 one_done || fail "the first call does not end"
"$drover" status "$address" >shown
expect_line '^run      held-' shown
expect_line '^state    running, 1 of 2 done$' shown
expect_line '^results  1, 1 of them not collected$' shown
expect_line "^address  $address\$" shown
expect_line '^store    /' shown
expect_status 0 "$drover" status --json "$address" "$run" >shown
expect_lines 2 shown
expect_line '"state":"running","pid":[0-9]+,"job":"held","done":1,"failed":0,"total":2,"items":1,"acknowledged":0,' shown
"$drover" list >listed
expect_line "^$run  running +1 +0 +2  held  $address\$" listed
"$drover" list --json >listed
expect_line "^\{\"run\":\"$run\",\"address\":\"$address\",\"state\":\"running\",\"pid\":[0-9]+,\"job\":\"held\",\"done\":1,\"failed\":0,\"total\":2," listed
expect_line '^\[$' listed

# It is waited for, for so long and no longer.
expect_status 124 "$drover" wait --timeout 100ms "$address" 2>errors
expect_line 'it has not ended by now' errors
expect_status 75 "$drover" resume "$address" >results 2>errors
expect_line 'in use by process' errors
expect_status 64 "$drover" wait --timeout 100 "$address" 2>errors
expect_line 'option --timeout: give it a unit' errors
"$drover" wait "$address" &
waiter=$!

# Who attaches sees what was there, what comes, and can leave.
env --default-signal=INT "$drover" attach "$address" >results 2>errors &
attached=$!
wait_until 10 has_lines 1 results || fail "what was there is not seen"
kill -INT "$attached"
wait "$attached"
[ $? -eq 130 ] || fail "detaching is not 130"
expect_lines 1 results
expect_line '^drover: detached; the run goes on: "drover attach ' errors
has_state running "$address" || fail "the run has ended"
"$drover" attach --values "$address" >results 2>errors &
attached=$!
touch go
wait "$waiter" || fail "exit status $? of wait"
wait "$attached" || fail "exit status $? of attach"
expect_lines 2 results
expect_status 0 "$drover" collect "$address" >results
expect_lines 2 results

# --- Cancelled ----------------------------------------------------------------

start_held
wait_until 10 one_done || fail "the first call does not end"
expect_status 0 "$drover" cancel "$address" 2>errors
expect_line "^drover: $run: cancelled, 1 of 2 done" errors
expect_status 4 "$drover" wait "$address" 2>errors
expect_line 'cancelled, 1 of 2 done, 1 failed; "drover resume" carries it on' errors
has_state cancelled "$run" || fail "it is not cancelled"
expect_status 0 "$drover" cancel "$address" 2>errors
expect_line 'it had ended already.*its process goes' errors
wait_until 10 is_unserved "$address" || fail "its process waits on"
# What it had to say is in its log, which ends when it does.
"$drover" logs -f "$address" >log &
logs=$!
expect_status 1 "$drover" collect "$address" >results
wait "$logs" || fail "exit status $? of logs"
expect_line 'cancelled' log
"$drover" logs "$run" >again
expect_file_equal log again
expect_status 69 "$drover" cancel "$address" 2>errors
expect_line 'nobody serves it' errors

# Who waits for collectors makes way for who carries the run on.
start_held
wait_until 10 one_done || fail "the first call does not end"
expect_status 0 "$drover" cancel "$address" 2>errors
expect_status 4 "$drover" wait "$address" 2>errors
waiting=$(pid_of "$address")
touch go
expect_status 0 "$drover" resume "$address" >results
is_gone "$waiting" || fail "two processes have the run"
expect_status 0 "$drover" wait "$address"
"$drover" collect "$address" >results
expect_lines 2 results
expect_status 0 "$drover" resume "$address" >results

# One that is carried on in the foreground has no address any more.
start_held
kill_host "$address"
touch go
expect_status 0 "$drover" resume --foreground "$address" >results
expect_lines 2 results
[ ! -e "$address" ] || fail "the socket is left behind"
[ ! -e "$(dirname "$address")/.$(basename "$address").lock" ] ||
    fail "the lock file is left behind"

# Nothing stands before or between what cannot be shown.
expect_status 69 "$drover" status nowhere either >results 2>errors
[ ! -s results ] || fail "something was shown"

# --- Killed -------------------------------------------------------------------

start_held
wait_until 10 one_done || fail "the first call does not end"
"$drover" wait "$address" 2>errors &
waiter=$!
"$drover" collect "$address" >taken 2>lost &
collector=$!
wait_until 10 test -s taken || fail "nothing is collected"
kill_host "$address"
wait "$waiter"
[ $? -eq 69 ] || fail "waiting for a killed run is not 69"
expect_line 'killed, 1 of 2 done; "drover resume" carries it on' errors
wait "$collector"
[ $? -eq 69 ] || fail "losing the connection is not 69"
expect_line '^drover: .*"drover resume"' lost
expect_status 69 "$drover" wait "$address" 2>errors
expect_status 69 "$drover" collect "$address" 2>errors
"$drover" list >listed
expect_line "^$run  killed " listed

# --- In the foreground --------------------------------------------------------

rm -f go
"$drover" run job.yaml >results 2>errors &
host=$!
in_foreground()
{
    "$drover" list | grep -E '^held-[^ ]*  running  *-  *-  *-  held *$' >listed
}
wait_until 10 in_foreground || fail "the run in the foreground is not listed"
read -r run rest <listed
expect_status 69 "$drover" cancel "$run" 2>errors
expect_line "in the foreground: interrupt process $host" errors
expect_status 66 "$drover" logs "$run" 2>errors
expect_line 'it has no log: a run in the foreground says' errors
for command in attach collect resume plan; do
    expect_status 75 "$drover" $command "$run" 2>errors
    expect_line "^drover: $run: process $host has it: it runs in the foreground" errors
done
"$drover" wait "$run" &
waiter=$!
touch go
wait "$host" || fail "exit status $? of run"
wait "$waiter" || fail "exit status $? of wait"
has_state finished "$run" || fail "it is not finished"

# --- With nothing to say ------------------------------------------------------

cat >quiet.yaml <<'END'
version: 1
plugins: {shell: shell}
stages:
  s: {task: shell.run, with: {command: ["true"]}}
END
address=$("$drover" start quiet.yaml) || fail "cannot start quiet.yaml"
expect_status 0 "$drover" wait "$address"
expect_status 0 "$drover" logs "$address" >log 2>errors
[ ! -s log ] || fail "it says $(cat log)"
expect_line "^drover: $address: its log is empty" errors
expect_status 0 "$drover" collect "$address" >results

# --- What cannot be told ------------------------------------------------------

expect_status 69 "$drover" status nobody.socket 2>errors
expect_line '^drover: nobody.socket: nobody serves' errors
expect_status 69 "$drover" wait nobody.socket 2>errors
expect_status 69 "$drover" logs nobody.socket 2>errors
expect_status 69 "$drover" attach nobody.socket 2>errors
expect_status 64 "$drover" status 2>errors
expect_status 64 "$drover" list something 2>errors

# A damaged store is listed, and does not end the list.
damaged=$run
printf 'garbage' | dd of="$XDG_STATE_HOME/drover/$run/run.db" conv=notrunc 2>dd.txt
start_held
"$drover" list --json >listed
expect_line "\"run\":\"$damaged\",.*\"state\":\"damaged\".*\"error\":\"" listed
[ "$(tail -n 2 listed | grep -c '"state":"running"')" -eq 1 ] ||
    fail "the list ends at the damaged one"
