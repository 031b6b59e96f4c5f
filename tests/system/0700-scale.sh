#!/bin/sh
# Two hundred thousand calls: exact results, in bounded memory; a product of a
# hundred million begins at once.
. "$srcdir/tests/system/lib.sh"

write_job 2 <<'END'
  s:
    task: grid.calculate
    worker: reused
    each: {i: {range: [0, 20000]}, j: {range: [0, 10]}}
END
seq 0 199999 >expected
mkfifo pipe
"$drover" run job.yaml >pipe 2>errors &
host=$!
exec 8<pipe
# More is left than goes into the pipe, so the host is there to be looked at.
head -c $(($(wc -c <expected) - 200000)) <&8 >actual
kib=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$host/status")
cat <&8 >>actual
exec 8<&-
expect_status 0 wait $host
expect_file_equal expected actual
echo "peak: $kib KiB"
[ "$kib" -gt 0 ] || fail "no memory was measured"
[ "$sanitized" = yes ] || [ "$kib" -le 65536 ] || fail "the host took $kib KiB"

# Lines, too, are read as they are needed: a reduce over many.
seq 1 100000 >numbers
write_job 2 <<'END'
  s:
    task: faulty.end
    worker: reused
    each: {i: {lines: numbers}}
    with: {when: []}
END
expect_status 0 "$drover" run job.yaml >actual
expect_file_equal numbers actual

# Many stages.
{
    printf 'version: 1\nplugins: {grid: grid}\nworkers: 2\nstages:\n'
    echo '  s0: {task: grid.calculate, with: {i: 0, j: 0}}'
    for i in $(seq 200); do
        echo "  s$i:"
        echo "    task: grid.calculate"
        echo "    worker: reused"
        echo "    with: {i: $i, j: 0}"
        echo "    needs: [s$((i - 1))]"
    done
} >stages.yaml
expect_status 0 "$drover" run stages.yaml >actual
seq 0 10 2000 >expected
expect_file_equal expected actual

# The first results of an endless job come at once.
write_job 2 <<'END'
  s:
    task: grid.calculate
    worker: reused
    each: {i: {range: [0, 100000000]}, j: {range: [0, 10]}}
END
rm -f pipe
mkfifo pipe
head -n 3 pipe >first &
expect_status 141 timeout 60 "$drover" run job.yaml >pipe
printf '0\n1\n2\n' >expected
expect_file_equal expected first
