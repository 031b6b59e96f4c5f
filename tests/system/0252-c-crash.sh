#!/bin/sh
# A process that dies costs a program in C one call: the call is said, with how
# it ended; all the others have their results.
. "$srcdir/tests/system/lib.sh"
GRID_DELAY_MS=1000
export GRID_DELAY_MS
# shellcheck disable=SC3045 # dash has it
ulimit -c 0

# The last ones run for ever, also when this test fails.
program=
trap 'status=$?; [ -z "$program" ] || kill "$program"; (exit $status); clean_up' EXIT

# has_state PROCESS STATE: its letter in /proc.
has_state()
{
    grep -q "^State:[[:space:]]*$2" "/proc/$1/status" 2>state.txt
}

has_ended_or_stopped()
{
    is_gone "$1" || has_state "$1" T
}

# strike PROGRAM: a child of that process aborts. It is stopped before, so that
# it cannot end in another way meanwhile.
strike()
{
    child=$(cut -d ' ' -f 1 "/proc/$1/task/$1/children" 2>cut.txt)
    [ -n "$child" ] && kill -STOP "$child" 2>kill.txt || return 1
    wait_until 10 has_ended_or_stopped "$child"
    has_state "$child" T || return 1
    kill -ABRT "$child" && kill -CONT "$child"
}

# strike_to_the_end PROGRAM: until it has ended. A child that dies before it has
# begun with its call costs nothing: another one makes the call.
strike_to_the_end()
{
    strike "$1"
    is_gone "$1"
}

ways='simple_managed_queue simple_managed_map simple_managed_map_reusable
    simple_managed simple_create simple_start_queue simple_pmap
    simple_pmap_iter simple_mutation_queue simple_continuous_queue'
for way in $ways; do
    "$programs/$way" >"$way.out" 2>"$way.err" &
    echo $! >"$way.pid"
done
# Twice, for a child may not have begun with its call, or have ended it.
for _ in 1 2; do
    for way in $ways; do
        wait_until 30 strike "$(cat "$way.pid")" || fail "$way has no children"
    done
done

for i in 0 1 2 3 4 5 6 7 8 9; do
    seq -s ' ' $((i * 10)) $((i * 10 + 9))
done >grid

for way in $ways; do
    expect_status 1 wait "$(cat "$way.pid")"
    expect_line 'call [0-9]+( .+)?: killed by signal 6 \(SIGABRT, Aborted\)' \
        "$way.err"
done

# Which call that was can be seen by its arguments.
expect_line '^call [0-9]+ \{"i":[0-9],"j":[0-9]\}: killed' simple_managed_map.err

# Each call that is lost is said once, and all others are there.
for way in simple_managed_queue simple_managed_map simple_managed_map_reusable \
    simple_managed simple_create simple_start_queue simple_pmap_iter; do
    lost=$(tr ' ' '\n' <"$way.out" | grep -c '^-$')
    said=$(grep -c 'killed by signal 6' "$way.err")
    if [ "$lost" -lt 1 ] || [ "$lost" -gt 2 ] || [ "$lost" -ne "$said" ]; then
        fail "$way: $lost results are missing, $said calls are said"
    fi
    # The cells of the table, and those of the table with its gaps.
    tr ' ' '\n' <grid >cells
    tr ' ' '\n' <"$way.out" | paste -d ' ' cells - |
        awk '$1 != $2 && $2 != "-"' >wrong
    [ ! -s wrong ] || fail "$way: wrong results: $(head -3 wrong)"
done
# Of the calls that send a row each, two at most, what came before is there.
tr ' ' '\n' <simple_continuous_queue.out | paste -d ' ' cells - |
    awk '$2 == "-" { gap[int($1 / 10)] = 1; next }
        $1 != $2 || int($1 / 10) in gap { print }
        END { for (row in gap) rows++; if (rows < 1 || rows > 2) print rows }' \
        >wrong
[ ! -s wrong ] || fail "simple_continuous_queue: wrong: $(head -3 wrong)"
expect_line '^[12] of 100 calls failed, first call ' simple_pmap.err
[ ! -s simple_pmap.out ] || fail 'the list of an incomplete map is printed'

# A picture that lacks a row, which takes long, is not written.
for way in scene_pmap scene_queue scene_reuse; do
    "$programs/$way" lost.png 16384 1 1000 2>errors &
    program=$!
    wait_until 30 strike_to_the_end "$program" || fail "$way does not end"
    expect_status 1 wait "$program"
    program=
    expect_line 'call 0 \{"y":0\}: killed by signal 6' errors
    [ ! -e lost.png ] || fail "$way writes half a picture"
done
expect_line '^lost.png is not written: of 1 rows 1 are missing$' errors

# Whoever waits for a process hears of its death.
for way in create_loop start_loop; do
    "$programs/$way" 1000000000 >/dev/null 2>errors &
    program=$!
    wait_until 30 strike_to_the_end "$program" || fail "$way does not end"
    expect_status 1 wait "$program"
    program=
    expect_line '^the other side: killed by signal 6 \(SIGABRT' errors
done
