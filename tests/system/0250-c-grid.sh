#!/bin/sh
# The programs in C about the grid print it, however they come by their results.
. "$srcdir/tests/system/lib.sh"
GRID_DELAY_MS=0
export GRID_DELAY_MS

for i in 0 1 2 3 4 5 6 7 8 9; do
    seq -s ' ' $((i * 10)) $((i * 10 + 9))
done >grid

for way in simple simple1 simple2 simple_pmap simple_pmap_iter \
    simple_managed_map simple_managed_map_reusable simple_managed_queue \
    simple_continuous_queue simple_managed simple_create simple_create_map \
    simple_create_queue simple_start simple_start_queue; do
    expect_status 0 "$programs/$way" >actual 2>errors
    expect_file_equal grid actual
    [ ! -s errors ] || fail "$way complains: $(head -3 errors)"
done

# What calls change in memory, their caller does not see.
expect_status 0 "$programs/simple_mutation" >actual
seq -f 'row %g here: untouched' 0 9 | cat - grid >expected
expect_file_equal expected actual
expect_status 0 "$programs/simple_mutation_queue" >actual
echo 'counter: at most 1 in calls, 0 here' | cat - grid >expected
expect_file_equal expected actual

# Results in any order reach their cells in spite of it: calls take their time.
GRID_DELAY_MS=3
for way in simple_managed_queue simple_continuous_queue simple_create_queue \
    simple_start_queue; do
    expect_status 0 "$programs/$way" >actual
    expect_file_equal grid actual
done

# A table that could not be printed is no success.
GRID_DELAY_MS=0
for way in simple simple_pmap_iter simple_managed_queue; do
    expect_status 1 "$programs/$way" >/dev/full 2>errors
done
