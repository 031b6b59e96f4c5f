#!/bin/sh
# Interrupts: the first lets running calls finish, the second cancels them;
# SIGTERM cancels at once.
. "$srcdir/tests/system/lib.sh"

two_calls()
{
    [ "$(find . -name 'mark?' -size +0 | wc -l)" -eq 2 ]
}

# start_calls MODE: a run of ten calls, two of which have begun and wait.
start_calls()
{
    rm -f mark* go
    write_job 2 <<END
  s:
    task: faulty.meet
    worker: $1
    each: {i: {range: [0, 10]}}
    with: {mark: "mark\${i}", until: go}
  needing:
    task: faulty.echo
    worker: $1
    with: {a: "\${s}"}
results: [s, needing]
END
    # `env` gives the interrupt back that a shell takes from its children.
    env --default-signal=INT "MARK=$work" "$drover" run job.yaml >actual \
        2>errors &
    host=$!
    wait_until 20 two_calls || fail "two calls do not start"
}

for mode in forked reused; do
    # Once: what runs finishes, its results are printed, nothing new begins.
    start_calls $mode
    kill -INT $host
    wait_until 20 grep -q '^drover: interrupted: ' errors ||
        fail "the interrupt is not answered"
    touch go
    expect_status 4 wait $host
    # The two calls that had begun, whichever they are, and no other.
    find . -name 'mark?' | sed 's/.*mark//' | sort >expected
    expect_file_equal expected actual
    [ "$(wc -l <actual)" -eq 2 ] || fail "not two results: $(cat actual)"
    no_survivors "MARK=$work" || fail "something is left"

    # Twice: they are cancelled.
    start_calls $mode
    kill -INT $host
    wait_until 20 grep -q '^drover: interrupted: ' errors ||
        fail "the first interrupt is not answered"
    kill -INT $host
    expect_status 4 wait $host
    expect_line '^drover: cancelling the running calls$' errors
    expect_line '^  s\[[0-9]\]: cancelled: killed while it ran$' errors
    [ ! -s actual ] || fail "cancelled calls have results"
    no_survivors "MARK=$work" || fail "something is left"

    # SIGTERM and SIGHUP do so at once, with the status of one killed by them.
    for signal in TERM:143 HUP:129; do
        start_calls $mode
        kill -"${signal%:*}" $host
        expect_status "${signal#*:}" wait $host
        expect_line '^drover: cancelling the running calls$' errors
        expect_line '^drover: .* of .* calls did not succeed:$' errors
        no_survivors "MARK=$work" || fail "something is left"
    done
done

# A job that hangs can be interrupted, and so can one whose standard output
# nobody reads.
write_job 2 <<'END'
  s:
    task: faulty.hang
    each: {i: {range: [0, 1000]}}
END
"$drover" run job.yaml >actual 2>errors &
host=$!
wait_until 20 pgrep -P $host >children || fail "no keepers"
kill -TERM $host
expect_status 143 wait $host
write_job 2 <<'END'
  s:
    task: faulty.big
    worker: reused
    each: {i: {range: [0, 1000]}}
    with: {bytes: 100000}
END
mkfifo unread
"$drover" run job.yaml >unread 2>errors &
host=$!
exec 8<unread
head -c 1 <&8 >first
kill -TERM $host
wait_until 20 grep -q '^drover: cancelling' errors || fail "TERM is not answered"
cat <&8 >rest &
expect_status 143 wait $host
exec 8<&-

# A call that prints without end does not keep anybody from cancelling it.
for mode in forked reused; do
    write_job 1 <<END
  s:
    task: faulty.print
    worker: $mode
    with: {lines: 1000000000000}
END
    env "MARK=$work" "$drover" run job.yaml >actual 2>errors &
    host=$!
    wait_until 20 grep -q '^s\[0\]: 0:100' errors || fail "nothing is printed"
    kill -TERM $host
    wait_until 10 is_gone $host || fail "$mode: it cannot be cancelled"
    expect_status 143 wait $host
    no_survivors "MARK=$work" || fail "something is left"
done

# A reader that reads no more holds nobody up who gives up.
write_job 2 <<'END'
  s:
    task: faulty.big
    worker: reused
    each: {i: {range: [0, 1000]}}
    with: {bytes: 100000}
END
"$drover" run job.yaml >unread 2>errors &
host=$!
exec 8<unread
head -c 1 <&8 >first
kill -TERM $host
wait_until 20 grep -q '^drover: cancelling' errors || fail "TERM is not answered"
kill -TERM $host
wait_until 10 is_gone $host || fail "it waits for a reader"
expect_status 143 wait $host
exec 8<&-
expect_line '^drover: giving up what is left$' errors
