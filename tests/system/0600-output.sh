#!/bin/sh
# Results: the same bytes however they are computed, complete however slowly
# they are read, and no fuss when the reader has had enough.
. "$srcdir/tests/system/lib.sh"

# A thousand results are the same whatever the workers.
for mode in forked reused; do
    for workers in 1 2 5; do
        write_job $workers <<END
  s:
    task: faulty.echo
    worker: $mode
    each: {number: {range: [0, 100]}, text: [a, b, c, d, e, "\u00e9", "", h, i, j]}
    with: {a: [1.5, true, null], b: {k: "\${text}"}}
END
        expect_status 0 "$drover" run job.yaml >actual
        [ -e expected ] || cp actual expected
        expect_file_equal expected actual
    done
done
[ "$(wc -l <expected)" -eq 1000 ] || fail "not a thousand results"
[ "$(sort -u expected | wc -l)" -eq 1000 ] || fail "results are the same"

# A reader that has what it wants ends the run, quietly, as SIGPIPE would.
for mode in forked reused; do
    write_job 2 <<END
  s:
    task: faulty.end
    worker: $mode
    each: {i: {range: [0, 100000000]}}
    with: {when: []}
END
    rm -f pipe
    mkfifo pipe
    head -n 1 pipe >first &
    expect_status 141 timeout 60 env "MARK=$work" "$drover" run job.yaml \
        >pipe 2>errors
    [ "$(cat first)" = 0 ] || fail "another first result"
    [ ! -s errors ] || fail "not quiet: $(cat errors)"
    no_survivors "MARK=$work" || fail "something is left"
done

# A reader that is there no more before anything is written.
rm -f pipe
mkfifo pipe
: <pipe &
expect_status 141 timeout 60 "$drover" run job.yaml >pipe 2>errors
wait $!

# peak_kib ID: the most memory that the process had.
peak_kib()
{
    sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$1/status" 2>gone.txt
}

# 250 results of 1 MiB do not fit into the host; a slow reader gets them all.
write_job 2 <<'END'
  s:
    task: faulty.big
    worker: reused
    each: {i: {range: [0, 250]}}
    with: {bytes: 1048576}
END
rm -f pipe
mkfifo pipe
"$drover" run job.yaml >pipe 2>errors &
host=$!
exec 8<pipe
peak=0
while head -c 8000000 <&8 >part && [ -s part ]; do
    wc -c <part >>sizes
    now=$(peak_kib $host)
    [ "${now:-0}" -le "$peak" ] || peak=$now
done
exec 8<&-
expect_status 0 wait $host
total=$(awk '{ n += $1 } END { printf "%d", n }' sizes)
[ "$total" -eq $((250 * (1048576 + 3))) ] || fail "$total bytes arrived"
echo "peak: $peak KiB"
[ "$peak" -gt 0 ] || fail "no memory was measured"
[ "$sanitized" = yes ] || [ "$peak" -le 131072 ] ||
    fail "the host took $peak KiB"

# What runs ahead of a call that is late waits in bounded memory.
write_job 2 <<'END'
  s:
    task: faulty.late
    worker: reused
    each: {i: {range: [0, 250]}}
    with: {until: go, bytes: 1000000}
END
"$drover" run job.yaml >actual 2>errors &
host=$!
wait_until 20 grep -q 'waiting for go' errors || fail "the late call is early"
still()
{
    sleep 0.2
    now=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$host/status")
    [ "$now" -eq "${before:-0}" ] && return
    before=$now
    return 1
}
wait_until 60 still || fail "the host does not come to rest"
peak=$(peak_kib $host)
echo "peak: $peak KiB"
touch go
expect_status 0 wait $host
[ "$(wc -c <actual)" -eq $((250 * 1000003)) ] || fail "results are missing"
[ "$sanitized" = yes ] || [ "$peak" -le 131072 ] ||
    fail "the host took $peak KiB"
