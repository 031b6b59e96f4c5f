#!/bin/sh
# What calls print comes out on standard error, each line with the stage and
# index of the call that printed it, and nothing of it on standard output.
. "$srcdir/tests/system/lib.sh"
LC_ALL=C
export LC_ALL

# Whichever way calls run, no line is lost or given to another call; the lines
# of a call stay in their order.
seq 0 999 >results
for i in $(seq 0 7 999); do
    printf 'loud[%s]: %s:0\nloud[%s]: %s:1\nloud[%s]: end\n' \
        "$i" "$i" "$i" "$i" "$i"
done >lines
for mode in forked reused; do
    for stream in stdout stderr; do
        write_job 2 <<END
  loud:
    task: faulty.print
    worker: $mode
    each: {i: {range: [0, 1000]}}
    with: {lines: 2, every: 7, rest: end, stream: $stream}
END
        expect_status 0 "$drover" run job.yaml >actual 2>errors
        expect_file_equal results actual
        sort -s -t '[' -k 2,2n errors >sorted
        expect_file_equal lines sorted
    done
done

# Calls of two stages share the slots.
for i in $(seq 0 49); do
    echo "first[$i]: $i:0"
    echo "second[$i]: $((i + 50)):0"
done | sort >lines
for mode in forked reused; do
    write_job 2 <<END
  first:
    task: faulty.print
    worker: $mode
    each: {i: {range: [0, 50]}}
  second:
    task: faulty.print
    worker: $mode
    each: {i: {range: [50, 100]}}
END
    expect_status 0 "$drover" run job.yaml >actual 2>errors
    sort errors >sorted
    expect_file_equal lines sorted
done

# Bytes of any kind, ten million of them, and no newline at the end: nothing
# stands still, nothing is lost, and every line is marked.
for i in $(seq 0 255); do
    printf '%b' "\\0$(printf %o "$i")"
done >blocks
for i in 1 2 3 4 5 6 7 8; do
    cat blocks blocks >twice
    mv twice blocks
done
for i in $(seq 160); do
    cat blocks
done | head -c 10000000 >expected
echo >>expected
for mode in forked reused; do
    write_job 1 <<END
  loud:
    task: faulty.garbage
    worker: $mode
    each: {bytes: [10000000]}
END
    expect_status 0 timeout 60 "$drover" run job.yaml >actual 2>errors
    [ "$(cat actual)" = 10000000 ] || fail "the result is lost in noise"
    sed 's/^loud\[0\]: //' errors >unmarked
    cmp expected unmarked || fail "bytes are lost or changed ($mode)"
    [ "$(grep -ac '^loud\[0\]: ' errors)" -eq "$(wc -l <errors)" ] ||
        fail "a line is not marked ($mode)"
done

# Neither does it when the last line no longer goes into a full pipe.
size=65536
write_job 1 <<END
  loud:
    task: faulty.garbage
    worker: reused
    each: {bytes: [$((size - 245)), $((size - 1)), $size, $((size + 9))]}
END
expect_status 0 timeout 60 "$drover" run job.yaml >actual 2>errors

# A line that is printed by a call that goes on for long is seen meanwhile.
for mode in forked reused; do
    write_job 1 <<END
  quick:
    task: faulty.print
    worker: $mode
    each: {i: {range: [0, 20]}}
  long:
    task: faulty.meet
    worker: $mode
    with: {mark: mark, until: go}
    needs: [quick]
END
    rm -f mark go
    "$drover" run job.yaml >actual 2>errors &
    host=$!
    wait_until 20 grep -q '^long\[0\]: waiting for go$' errors ||
        fail "a line of a running call is held back ($mode)"
    touch go
    expect_status 0 wait "$host"
done

# Log entries are marked too; their level decides which are shown.
log()
{
    expect_status 0 "$drover" call "$@" faulty.log >actual 2>errors
    [ "$(cat actual)" = null ] || fail "log: $(cat actual)"
}
log
printf 'call[0]: %s\n' 'error: an error' 'warning: a warning' \
    'info: for information' >expected
expect_file_equal expected errors
log --log-level debug
echo 'call[0]: debug: for debugging' >>expected
expect_file_equal expected errors
log --log-level=error
echo 'call[0]: error: an error' >expected
expect_file_equal expected errors

# Standard error that is read slowly is read whole.
rm -f slow
mkfifo slow
for mode in forked reused; do
    write_job 2 <<END
  loud:
    task: faulty.print
    worker: $mode
    each: {i: {range: [0, 200]}}
    with: {lines: 1000}
END
    "$drover" run job.yaml >actual 2>slow &
    host=$!
    exec 7<slow
    : >errors
    while head -c 100000 <&7 >part && [ -s part ]; do
        cat part >>errors
    done
    exec 7<&-
    expect_status 0 wait $host
    [ "$(wc -l <errors)" -eq 200000 ] || fail "lines are lost ($mode)"
    [ "$(grep -c '^loud\[[0-9]*\]: [0-9]*:[0-9]*$' errors)" -eq 200000 ] ||
        fail "lines are mixed ($mode)"
done

# When nobody reads it, the run goes on nevertheless, and says how many lines
# got lost.
for mode in forked reused; do
    write_job 2 <<END
  loud:
    task: faulty.print
    worker: $mode
    each: {i: {range: [0, 200]}}
    with: {lines: 1000}
END
    "$drover" run job.yaml >actual 2>slow &
    host=$!
    exec 7<slow
    has_all()
    {
        [ "$(wc -l <actual)" -eq 200 ]
    }
    wait_until 60 has_all || fail "standard error stops the run ($mode)"
    cat <&7 >errors
    exec 7<&-
    expect_status 0 wait $host
    missing=$(sed -n 's/^drover: \([0-9]*\) lines are missing here: .*/\1/p' \
        errors)
    shown=$(grep -c '^loud\[[0-9]*\]: ' errors)
    [ "${missing:-0}" -gt 0 ] || fail "no lines are missing ($mode)"
    [ $((missing + shown)) -eq 200000 ] ||
        fail "$missing lines missing, $shown shown ($mode)"
done

# Nor does it keep anybody from ending the run: two signals.
"$drover" run job.yaml >actual 2>slow &
host=$!
exec 7<slow
head -c 1 <&7 >first
kill -TERM $host
killed()
{
    kill -TERM $host 2>gone.txt
    is_gone $host
}
wait_until 20 killed || fail "standard error keeps the run from ending"
exec 7<&-
expect_status 143 wait $host
