#!/bin/sh
# The programs in C with background calls: what one process has started another
# one collects, whoever was killed in between.
# shellcheck disable=SC2012 # the names of runs are letters, digits and dashes
. "$srcdir/tests/system/lib.sh"
ways='simple_background_queue simple_persistent_queue simple_persistent_managed'
GRID_DELAY_MS=0
export GRID_DELAY_MS

for i in 0 1 2 3 4 5 6 7 8 9; do
    seq -s ' ' $((i * 10)) $((i * 10 + 9))
done >grid

# no_addresses: nobody serves here, and nothing is left of those who did.
no_addresses()
{
    for entry in ./*.socket .*.lock; do
        [ ! -e "$entry" ] || return 1
    done
}

# no_background: nor is there any process.
no_background()
{
    no_addresses && no_survivors "$XDG_STATE_HOME"
}

for way in $ways; do
    # In one process; standard output at its end says that all have left it.
    table=$("$programs/$way" 2>errors) || fail "$way: $(head -3 errors)"
    echo "$table" >actual
    expect_file_equal grid actual
    [ ! -s errors ] || fail "$way complains: $(head -3 errors)"
    wait_until 10 no_background || fail "$way leaves something: $(ls -A)"

    # In two.
    nothing=$("$programs/$way" --start 2>errors) || fail "$way: $(head -3 errors)"
    [ -z "$nothing" ] || fail "$way --start prints $nothing"
    expect_status 0 "$programs/$way" --reconnect >actual 2>errors
    expect_file_equal grid actual
    [ ! -s errors ] || fail "$way complains: $(head -3 errors)"
    wait_until 10 no_background || fail "$way leaves something: $(ls -A)"

    # Nobody had anything to say about that.
    [ -z "$(cat state/drover/*/log)" ] || fail "$way: $(cat state/drover/*/log)"
done

expect_status 64 "$programs/simple_background_queue" --begin 2>errors
expect_line '^usage: .*simple_background_queue ' errors

# There is nothing to reconnect to: all was collected, or nothing was started.
mkdir elsewhere
for way in $ways; do
    for place in . elsewhere; do
        (cd "$place" && expect_status 1 "$programs/$way" --reconnect) \
            >actual 2>errors || exit 1
        [ ! -s actual ] || fail "$way prints a table of nothing"
        expect_line "^nothing is left .*: \".*$way --start\" begins" errors
    done
    expect_line '^task[-0]*\.socket: nobody serves' errors
done

# One address, one owner; the second one says who it is. A collector that is
# killed does not matter, nor does it that the socket's file is gone.
GRID_DELAY_MS=300
expect_status 0 "$programs/simple_background_queue" --start
expect_status 1 "$programs/simple_background_queue" --start 2>errors
expect_line 'task\.socket.* [0-9]+' errors
"$programs/simple_background_queue" --reconnect >actual &
kill -9 $!
wait $! 2>killed
expect_status 0 "$programs/simple_background_queue" --reconnect >actual
expect_file_equal grid actual
wait_until 10 no_background || fail "something is left: $(ls -A)"

# To the commands of drover these are runs like others.
GRID_DELAY_MS=300
expect_status 0 "$programs/simple_background_queue" --start
expect_status 0 "$drover" status --json task.socket >actual
expect_line '"state":"running".*"job":"simple_background_queue".*"total":1[,}]' actual
expect_status 0 "$drover" collect --values task.socket >actual
echo "[$(seq -s , 0 99)]" >expected
expect_file_equal expected actual
wait_until 10 no_background || fail "something is left: $(ls -A)"

GRID_DELAY_MS=60000
expect_status 0 "$programs/simple_background_queue" --start
expect_status 0 "$drover" cancel task.socket 2>errors
expect_status 1 "$programs/simple_background_queue" --reconnect >actual 2>errors
expect_line '^call 0: ' errors
expect_status 0 "$drover" list >actual
expect_line '^simple_background_queue-[^ ]* +cancelled ' actual
wait_until 10 no_background || fail "something is left: $(ls -A)"

# killed: kill -9 all background processes, and see that they are gone.
killed()
{
    for process in $(survivors "$XDG_STATE_HOME"); do
        kill -9 "$process" 2>kill.txt
    done
    no_survivors "$XDG_STATE_HOME"
}

# has_recorded SIZE: the log of some record is larger than that.
has_recorded()
{
    find state -name '*-wal' -size +"$1" | grep -q .
}

# What was recorded when the background process was killed is collected without
# it, and the address can be used again.
for way in simple_persistent_managed simple_persistent_queue; do
    GRID_DELAY_MS=0
    rm -rf state
    expect_status 0 "$programs/$way" --start
    wait_until 10 has_recorded 20k || fail "$way records nothing"
    wait_until 10 killed || fail "cannot kill $way"
    expect_status 65 "$drover" resume "$(ls state/drover | head -1)" 2>errors
    expect_line 'a call of the program' errors
    for run in state/drover/*-*; do
        "$drover" wait "$run"
        "$drover" purge "$run"
    done >said 2>&1
    ! grep 'drover resume' said || fail "a call of a program is to be resumed"
    "$programs/$way" --reconnect >actual 2>errors
    tr ' ' '\n' <grid >cells
    tr ' ' '\n' <actual | paste -d ' ' cells - | awk '$1 != $2 && $2 != "-"' >wrong
    [ ! -s wrong ] || fail "$way: wrong results: $(head -3 wrong)"
    [ "$(grep -c '[0-9]' actual)" -ge 1 ] || fail "$way: nothing was recorded"
    expect_status 0 "$programs/$way" >actual
    expect_file_equal grid actual
    wait_until 10 no_background || fail "$way leaves something: $(ls -A)"
done

# A row cannot be started: those before it run already. A row is killed: the
# others come, and nobody says that nothing is left.
way=simple_persistent_queue
: >task-9.socket
expect_status 1 "$programs/$way" --start 2>errors
expect_line '^.*task-9\.socket is there, and is no socket$' errors
expect_line "^9 of 10 rows run already: \".*$way --reconnect\" collects them$" errors
rm task-9.socket
cat >stays.yaml <<'END'
version: 1
plugins: {shell: shell}
stages:
  stays: {task: shell.run, with: {command: [sleep, "600"]}}
END
expect_status 0 "$drover" start --at task-9.socket stays.yaml >actual
process=$("$drover" status --json task-9.socket | sed 's/.*"pid":\([0-9]*\).*/\1/')
kill -9 "$process"
wait_until 10 is_gone "$process" || fail "it cannot be killed"
expect_status 1 "$programs/$way" --reconnect >actual 2>errors
{ head -n 9 grid && echo - - - - - - - - - -; } >expected
expect_file_equal expected actual
expect_status 1 "$programs/$way" --reconnect >actual 2>>errors
[ ! -s actual ] || fail "something comes twice"
[ "$(grep -c '^task-9\.socket: run stays-.* was killed before it ended' errors)" -eq 2 ] ||
    fail "not twice: $(cat errors)"
[ "$(wc -l <errors)" -eq 2 ] || fail "it says too much: $(cat errors)"
expect_status 0 "$programs/$way" >actual
expect_file_equal grid actual
wait_until 10 no_background || fail "something is left: $(ls -A)"
