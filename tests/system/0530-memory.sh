#!/bin/sh
# Much at once does not make the host's memory grow beyond bounds.
. "$srcdir/tests/system/lib.sh"
[ "$sanitized" = no ] || skip "sanitizers need memory of their own"

# Results that come long before those of the call in front of theirs.
for mode in forked reused; do
    rm -f go
    cat >job.yaml <<END
version: 1
plugins: {floods: floods}
workers: 2
stages:
  s:
    task: floods.flood
    worker: $mode
    each: {i: [0, 1]}
    with: {count: 300, size: 1000000, until: go}
END
    "$drover" run job.yaml >actual 2>errors &
    host=$!
    wait_until 4 is_gone $host && fail "it does not wait"
    peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$host/status)
    touch go
    expect_status 0 wait $host
    [ "$peak" -lt 200000 ] || fail "$mode: the host needs $peak kB"
    [ "$(wc -l <actual)" -eq 301 ] || fail "$(wc -l <actual) results, not 301"
    head -1 actual | grep -q '"first"' || fail "not in order"
done

# Large arguments of tiny calls do not pile up on the way to a worker.
cat >job.yaml <<'END'
version: 1
plugins: {floods: floods, faulty: faulty}
workers: 1
stages:
  big:
    task: faulty.big
    with: {bytes: 20000000}
  s:
    task: floods.ignore
    worker: reused
    each: {i: {range: [0, 60]}}
    with: {what: "${big}"}
results: [s]
END
expect_status 0 "$drover" run job.yaml >actual 2>errors
seq 0 59 >expected
expect_file_equal expected actual

# What is more than can be substituted is said, also when it is known.
cat >job.yaml <<'END'
version: 1
plugins: {floods: floods, faulty: faulty}
workers: 1
stages:
  big:
    task: faulty.big
    each: {i: {range: [0, 3]}}
    with: {bytes: 100000000}
  s: {task: floods.ignore, with: {i: 0, what: "${big}"}}
results: [s]
END
expect_status 74 "$drover" run job.yaml >actual 2>errors
run=$("$drover" list | tail -n 1 | cut -d ' ' -f 1)
expect_status 74 "$drover" resume "$run" >actual 2>again
expect_line '^drover: the results of stage big are too large to be substituted' again
expect_line '^drover: the results of stage big are too large to be substituted' errors
