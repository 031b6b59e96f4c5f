#!/bin/sh
# Jobs that are twins of pprocess's programs print what these print: the table of
# the grid, the bottles in files that grow; and both ray tracers the same picture.
. "$srcdir/tests/system/lib.sh"

for i in 0 1 2 3 4 5 6 7 8 9; do
    seq -s ' ' $((i * 10)) $((i * 10 + 9))
done >expected
for example in simple2 simple_managed_map simple_managed_map_reusable \
    simple_managed_queue simple_continuous_queue; do
    expect_status 0 "$drover" run --format text "$examples/$example.yaml" \
        >actual 2>errors
    expect_file_equal expected actual
    [ ! -s errors ] || fail "$example: $(head -3 errors)"
done

# Those in the background: started, and collected by somebody else.
for example in simple_background_queue simple_persistent_managed; do
    [ "$("$drover" start "$examples/$example.yaml")" = "$work/task.socket" ] ||
        fail "$example does not start"
    expect_status 0 "$drover" collect --format text task.socket >actual
    expect_file_equal expected actual
    wait_until 20 test ! -e task.socket || fail "$example does not end"
done
expect_status 0 "$drover" run "$examples/simple_persistent_queue.yaml" >addresses
seq 0 9 | sed "s|.*|$work/task-&.socket|" >expected-addresses
expect_file_equal expected-addresses addresses
expect_status 0 "$drover" collect --values task-?.socket >cells
sed 's/.*"result":\([0-9]*\)}/\1/' cells | sort -n | paste -d ' ' - - - - - - - - - - >actual
expect_file_equal expected actual

# What is no cell of the grid is no part of the table.
for cells in '[[1, 2]]' '[x]' '[[10, 0, 5]]' '[[0, -1, 5]]'; do
    expect_status 1 "$drover" call grid.table "cells=$cells" >actual 2>errors
    expect_line 'cells: (element 1 is no cell|there is no cell)' errors
done

# Rows of ten, in either kind of worker, one after the other.
expect_status 0 "$drover" call grid.row i=3 >actual
for j in 0 1 2 3 4 5 6 7 8 9; do
    echo "{\"i\":3,\"j\":$j,\"result\":3$j}"
done >rows
expect_file_equal rows actual

# Bottles: one file is there, the other one comes later; each line is printed
# while its file is still being followed.
for example in bottles bottles_heartbeat; do
    rm -f wall.txt shelf.txt
    printf '%s\n' '2 green bottles' 'noise' '1 brown bottle' >wall.txt
    sed 's/idle: 5/idle: 1.5/; s/heartbeat: 2/heartbeat: 0.4/' \
        "$examples/$example.yaml" >job.yaml
    "$drover" run job.yaml >actual 2>errors &
    run=$!
    wait_until 20 grep -q '1 brown' actual || fail "$example: no bottle of wall.txt"
    echo '5 green bottles' >shelf.txt
    wait_until 20 grep -q '5 green' actual || fail "$example: no bottle of shelf.txt"
    wait "$run" || fail "$example: exit status $?"
    sort actual >sorted
    printf '%s\n' '"1 brown bottle"' '"2 green bottles"' '"5 green bottles"' >expected
    expect_file_equal expected sorted
    if [ "$example" = bottles ]; then
        [ ! -s errors ] || fail "bottles: $(head -3 errors)"
    else
        expect_line '^lines\[[01]\]: info: nothing new in (wall|shelf).txt for 0.4 s$' errors
    fi
done

# A file that is emptied, one that is replaced; so many lines and no more.
cat >job.yaml <<'END'
version: 1
plugins: {text: text}
stages:
  lines: {task: text.follow, with: {file: grows.txt, idle: 60, lines: 4}}
END
printf 'one\ntwo\r\n' >grows.txt
: >actual
"$drover" run job.yaml >actual 2>errors &
run=$!
wait_until 20 grep -q two actual || fail "the first lines are not sent"
printf 'x' >grows.txt
sleep 0.2
printf 'three\n' >>grows.txt
wait_until 20 grep -q 'three' actual || fail "nothing after the file was emptied"
echo four >other.txt
echo five >>other.txt
mv other.txt grows.txt
wait "$run" || fail "exit status $?"
printf '%s\n' '"one"' '"two"' '"xthree"' '"four"' >expected
expect_file_equal expected actual

# A folder is no file; a pattern that is none.
expect_status 1 "$drover" call text.follow file=/ 2>errors
expect_line '^  call\[0\]: error: /: Is a directory$' errors
expect_status 1 "$drover" call text.match line=x 'pattern="["' 2>errors
expect_line 'pattern "\[": ' errors
expect_status 0 "$drover" call text.match line=abc 'pattern="^b"' >actual
[ ! -s actual ] || fail "a line that does not match is returned"

# The same picture, whichever way.
for example in raytrace raytrace-forked; do
    sed 's/540/27/g; s/960/48/; s/24}/2}/' "$examples/$example.yaml" >job.yaml
    expect_status 0 "$drover" run job.yaml >actual
    mv raytrace.png "$example.picture"
done
cmp raytrace.picture raytrace-forked.picture || fail "two pictures"
head -c 8 raytrace.picture | grep -q PNG || fail "no picture"
