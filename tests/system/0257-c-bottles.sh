#!/bin/sh
# The programs in C that follow growing files: lines come as they are written,
# the whole tree of processes ends with the program.
. "$srcdir/tests/system/lib.sh"

# They run for ever, also when this test fails.
program=
trap 'status=$?; [ -z "$program" ] || kill "$program"; (exit $status); clean_up' EXIT

# wait_for LINE: the program prints it.
wait_for()
{
    wait_until 30 grep -qxF "$1" actual || fail "it does not come: $1"
}

# end_program: end the program; its processes end with it.
end_program()
{
    [ "$(survivors "$mark" | wc -l)" -ge "$1" ] ||
        fail "there are not $1 processes"
    kill "$program"
    wait "$program"
    program=
    wait_until 10 no_survivors "$mark" || fail "left: $(survivors "$mark")"
}

# What marks its processes, and no others.
mark=$work/a.log
echo '99 bottles of beer on the wall' >a.log
printf 'no more\n98 bottles' >b.log

"$programs/bottles" -e bottles -e wall "$mark" b.log >actual 2>errors &
program=$!
wait_for "bottles: $mark: 99 bottles of beer on the wall"
wait_for "wall: $mark: 99 bottles of beer on the wall"
echo ' of beer' >>b.log
wait_for 'bottles: b.log: 98 bottles of beer'
for number in 97 96 95; do
    echo "$number bottles" >>a.log
    echo "take one down" >>a.log
    echo "$number left on the wall" >>b.log
    wait_for "bottles: $mark: $number bottles"
    wait_for "wall: b.log: $number left on the wall"
done
printf 'bottles \377\200\n' >>b.log
wait_until 30 env LC_ALL=C grep -q '^bottles: b.log: bottles ..$' actual ||
    fail 'a line that is no UTF-8 does not come'
[ "$(wc -l <actual)" -eq 10 ] || fail "too many lines: $(cat actual)"
# The program, two that look for words, four that follow.
end_program 7
[ ! -s errors ] || fail "complaints: $(head -3 errors)"

: >a.log
: >actual
"$programs/bottles_heartbeat" -t 0.2 -e beer "$mark" >>actual 2>errors &
program=$!
wait_for 'nothing for 0.2 s'
echo 'more beer' >>a.log
wait_for "beer: $mark: more beer"
: >actual
wait_for 'nothing for 0.2 s'
end_program 3

# When a file cannot be followed, all that need it say so, and it is over.
for way in bottles bottles_heartbeat; do
    expect_status 1 "$programs/$way" -e one -e two "$mark" nowhere 2>errors
    for call in 'call 0 .*"pattern":"one"' 'call 1 .*"pattern":"two"'; do
        expect_line "$call.*: nowhere: No such file or directory" errors
    done
    for arguments in '' 'a.log' '-e beer' '-x'; do
        # shellcheck disable=SC2086 # several words
        expect_status 1 "$programs/$way" $arguments 2>errors
        expect_line '^usage: ' errors
    done
done
for seconds in 0 -1 soon; do
    expect_status 1 "$programs/bottles_heartbeat" -t $seconds -e x a.log 2>errors
    expect_line '^usage: .*-t SECONDS' errors
done
expect_status 1 "$programs/bottles" -t 1 -e x a.log 2>errors
