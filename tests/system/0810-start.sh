#!/bin/sh
# Runs in the background: `start` returns once the run is served, and leaves a
# process behind that needs nothing of where it was started.
# shellcheck disable=SC2012,SC2094,SC2016 # names of runs are plain; a socket's path
# is no file that is read; eval expands
. "$srcdir/tests/system/lib.sh"

# The one process of ours that serves.
host_of()
{
    sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$1"
}

cat >wait.yaml <<'END'
version: 1
name: waiting
plugins: {shell: shell}
workers: 1
stages:
  step:
    task: shell.run
    with: {command: [sh, -c, "while [ ! -e go ]; do sleep 0.02; done; pwd"]}
END

# --- At an address that is given -------------------------------------------------------

address=$("$drover" start wait.yaml --at wait.socket 2>errors) ||
    fail "it does not start: $(cat errors)"
[ "$address" = "$work/wait.socket" ] || fail "address: $address"
[ -S wait.socket ] || fail "there is no socket"
[ "$(stat -c %a wait.socket)" = 600 ] || fail "others may connect"
expect_status 0 "$drover" status --json wait.socket >status
expect_line '"state":"running"' status
host=$(host_of status)

# It has left the terminal, the session, the folder and the streams.
[ "$(readlink "/proc/$host/cwd")" = / ] || fail "it is in $(readlink "/proc/$host/cwd")"
read -r _ _ _ _ _ session tty _ <"/proc/$host/stat"
[ "$session" != "$(ps -o sid= -p $$ | tr -d ' ')" ] || fail "it is in our session"
[ "$tty" = 0 ] || fail "it has a terminal"
[ "$(readlink "/proc/$host/fd/0")" = /dev/null ] || fail "its input is ours"
for stream in 1 2; do
    case $(readlink "/proc/$host/fd/$stream") in
    */log) ;;
    *) fail "its stream $stream is $(readlink "/proc/$host/fd/$stream")" ;;
    esac
done

# The address is taken: the others are told by whom, and leave nothing.
stores=$(ls "$XDG_STATE_HOME/drover" | wc -l)
expect_status 75 "$drover" start wait.yaml --at wait.socket >actual 2>errors
[ ! -s actual ] || fail "it printed an address"
expect_line "wait.socket.*$host" errors
[ "$(ls "$XDG_STATE_HOME/drover" | wc -l)" -eq "$stores" ] ||
    fail "a run that did not begin left a store"

# Its task runs where it was started.
touch go
expect_status 0 "$drover" collect --values wait.socket >actual 2>errors
expect_line "\"output\":\"$work" actual
wait_until 20 is_gone "$host" || fail "it stays when all is collected"
[ ! -e wait.socket ] || fail "the socket is left"
find . -name '.wait.socket*' | grep . && fail "something is left beside it"

# --- Where the job says, or at an address of its own ------------------------------------

sed 's/^workers/background: job.socket\nworkers/' wait.yaml >background.yaml
address=$("$drover" run background.yaml 2>errors) || fail "$(cat errors)"
[ "$address" = "$work/job.socket" ] || fail "address: $address"
expect_status 0 "$drover" collect "$address" >actual 2>errors
address=$("$drover" start wait.yaml 2>errors) || fail "$(cat errors)"
case $address in
"$XDG_RUNTIME_DIR"/drover/waiting-*.socket) ;;
*) fail "address: $address" ;;
esac
expect_status 0 "$drover" collect "$address" >actual 2>errors

# --- What is wrong is said where it was started --------------------------------------------

sed 's/shell.run/shell.runn/' wait.yaml >wrong.yaml
expect_status 65 "$drover" start wrong.yaml >actual 2>errors
expect_line 'wrong.yaml:7:11: .*runn.*did you mean "run"' errors
expect_status 66 "$drover" start none.yaml >actual 2>errors
: >empty.yaml
expect_status 65 "$drover" start empty.yaml >actual 2>errors
expect_line '^empty.yaml:1:1: ' errors
expect_status 73 "$drover" start wait.yaml --at . >actual 2>errors
expect_status 73 "$drover" start wait.yaml --at none/task.socket >actual 2>errors
expect_line 'none' errors
echo text >file
expect_status 73 "$drover" start wait.yaml --at file >actual 2>errors
[ "$(cat file)" = text ] || fail "what was in the way was touched"
sed 's/^workers/store: none\nworkers/' wait.yaml >nowhere.yaml
expect_status 65 "$drover" start nowhere.yaml >actual 2>errors
expect_line 'store' errors

# --- How it went is in the log before anybody has collected -------------------------------

sed 's/pwd/exit 3/; s/while.*done; //; s/command:/check: true, command:/' wait.yaml >fails.yaml
expect_status 0 "$drover" start fails.yaml --at fails.socket >actual
expect_status 1 "$drover" wait fails.socket 2>errors
wait_until 20 eval '"$drover" logs fails.socket | grep -q "resume --failed"' ||
    fail "the log says nothing: $("$drover" logs fails.socket)"
"$drover" logs fails.socket >log
expect_line '^drover: 1 of 1 calls did not succeed:' log

# Its process waits for collectors; that keeps nobody from carrying it on.
expect_status 0 "$drover" resume --failed fails.socket >actual 2>errors
expect_status 1 "$drover" wait fails.socket 2>errors
expect_status 0 "$drover" cancel fails.socket 2>errors
expect_line 'it had ended already' errors
expect_status 1 "$drover" collect fails.socket >actual
[ "$(wc -l <actual)" -eq 1 ] || fail "more than one outcome: $(cat actual)"

# --- Many at once: one serves -----------------------------------------------------------------

rm go
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    { "$drover" start wait.yaml --at one.socket >"out$i" 2>"err$i"
      echo $? >"status$i"; } &
done
wait
[ "$(cat status? status?? | grep -cx 0)" -eq 1 ] ||
    fail "served by $(cat status? status?? | grep -cx 0)"
[ "$(cat status? status?? | grep -cx 75)" -eq 15 ] || fail "$(cat err? err??)"
touch go
expect_status 0 "$drover" collect one.socket >actual 2>errors

# --- A host that was killed ----------------------------------------------------------------------

rm go
expect_status 0 "$drover" start wait.yaml --at killed.socket >actual
"$drover" status --json killed.socket >status
host=$(host_of status)
kill -KILL "$host"
wait_until 20 is_gone "$host"
expect_status 0 "$drover" status --json killed.socket >status
expect_line '"state":"killed"' status
touch go
# In the background again, at the same address, in spite of what is left there.
address=$(cd / && "$drover" resume "$work/killed.socket" 2>"$work/errors") ||
    fail "$(cat errors)"
[ "$address" = "$work/killed.socket" ] || fail "address: $address"
expect_status 0 "$drover" collect killed.socket >actual 2>errors
expect_line '"cause":"ok"' actual
[ "$(wc -l <actual)" -eq 1 ] || fail "$(cat actual)"

# Input cannot be read from where it has left.
cat >lines.yaml <<"END"
version: 1
name: lines
plugins: {shell: shell}
stages:
  step:
    task: shell.run
    each: {line: {lines: "-"}}
    with: {command: [echo, "${line}"]}
END
seq 3 >input
expect_status 65 "$drover" start lines.yaml <input >actual 2>errors
expect_line 'lines.yaml: stage step: .*no standard input' errors
[ ! -s actual ] || fail "it printed an address"

# --- What cannot be carried on stays as it is ----------------------------------------------------

expect_status 0 "$drover" start wait.yaml --at shared.socket >actual
expect_status 0 "$drover" wait shared.socket
"$drover" status --json shared.socket >status
host=$(host_of status)
run=$(sed -n 's/.*"run":"\([^"]*\)".*/\1/p' status)
kill -KILL "$host"
wait_until 20 is_gone "$host"
expect_status 0 "$drover" start wait.yaml --at shared.socket >actual
expect_status 75 "$drover" resume "$run" >actual 2>errors
expect_line 'shared.socket is in use' errors
expect_status 0 "$drover" status --json "$run" >status
expect_line '"state":"finished".*"attempts":1,' status
expect_status 0 "$drover" collect shared.socket >actual

# --- Nobody is left alone with what has begun ----------------------------------------------------

expect_status 74 "$drover" start wait.yaml --at untold.socket >/dev/full 2>errors
expect_line "^drover: the run has begun all the same, at $work/untold.socket\$" errors
expect_status 0 "$drover" collect untold.socket >actual

# An address that cannot be made.
expect_status 73 "$drover" start wait.yaml --at "$work/nowhere/at.socket" 2>errors
expect_line 'nowhere/at.socket' errors

# A run that is taken to the foreground has no address any more.
expect_status 0 "$drover" start wait.yaml --at taken.socket >actual
"$drover" status --json taken.socket >status
host=$(host_of status)
kill -KILL "$host"
wait_until 20 is_gone "$host"
expect_status 0 "$drover" resume --foreground taken.socket >actual 2>errors
expect_line "goes on here, and is not reached at $work/taken.socket any more" errors
