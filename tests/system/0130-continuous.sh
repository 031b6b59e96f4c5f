#!/bin/sh
# Calls that send many results: each is printed when its turn has come, not when
# the call ends, and counted in the call's outcome.
. "$srcdir/tests/system/lib.sh"

: >actual
has_lines()
{
    [ "$(wc -l <actual)" -eq "$1" ]
}

# While the call goes on, whichever way its worker works.
for mode in forked reused; do
    for order in input arrival; do
        rm -f go
        write_job 1 <<END
  s:
    task: faulty.drip
    worker: $mode
    order: $order
    with: {i: 7, count: 3, until: go}
END
        "$drover" run job.yaml >actual 2>errors &
        run=$!
        wait_until 20 has_lines 3 ||
            fail "$mode, $order: results wait for the end of the call"
        touch go
        wait "$run" || fail "$mode, $order: exit status $?"
        printf '7\n7\n7\n' >expected
        expect_file_equal expected actual
    done
done

# In order of the input the first call that has not ended is let through; in
# order of arrival everyone is.
for order in input arrival; do
    rm -f go-*
    write_job 2 <<END
  s:
    task: faulty.drip
    order: $order
    each: {i: [1, 2]}
    with: {count: 2, until: "go-\${i}"}
END
    "$drover" run job.yaml >actual 2>errors &
    run=$!
    if [ "$order" = input ]; then
        wait_until 20 grep -q 1 actual || fail "the first call is not let through"
        touch go-1
    fi
    wait_until 20 grep -q 2 actual || fail "$order: the second call waits"
    wait_until 20 has_lines 4 || fail "$order: not all of the second call's"
    touch go-1 go-2
    wait "$run" || fail "$order: exit status $?"
    printf '%s\n' 1 1 2 2 >expected
    sort actual >sorted
    expect_file_equal expected sorted
    [ "$order" = arrival ] || expect_file_equal expected actual
done

# What came before a failure counts, and is said.
touch go
for mode in forked reused; do
    write_job 1 <<END
  s:
    task: faulty.drip
    worker: $mode
    each: {count: [0, 1, 3]}
    with: {i: 7, until: go, fails: true}
END
    expect_status 1 "$drover" run job.yaml >actual 2>errors
    printf '7\n7\n7\n7\n' >expected
    expect_file_equal expected actual
    expect_line '^  s\[0\]: error: ran dry$' errors
    expect_line '^  s\[1\]: error: ran dry \(after 1 result\)$' errors
    expect_line '^  s\[2\]: error: ran dry \(after 3 results\)$' errors
done
