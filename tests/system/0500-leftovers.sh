#!/bin/sh
# Whatever calls leave behind, nothing of it outlives its call, and nothing at
# all outlives the run, not even when the host is killed.
. "$srcdir/tests/system/lib.sh"

# gone TEXT: soon there is no process with it.
gone()
{
    wait_until 4 no_survivors "$1"
}

# Each call leaves a process in a session of its own that ignores SIGTERM; it
# is gone before the next call of the slot starts.
for mode in forked reused; do
    for holds in true false; do
        rm -f mark*
        write_job 1 <<END
  s:
    task: faulty.leave
    worker: forked
    each: {i: {range: [0, 5]}}
    with: {mark: mark, holds: $holds}
  more:
    task: faulty.end
    worker: $mode
    each: {i: {range: [0, 3]}}
    with: {when: []}
    needs: [s]
END
        expect_status 0 timeout 60 env "MARK=$work" "$drover" run job.yaml \
            >actual 2>errors
        printf '%s\n' false false false false false 0 1 2 >expected
        expect_file_equal expected actual
        is_gone "$(cat mark)" || fail "the last one is left"
        no_survivors "MARK=$work" || fail "something is left"
    done
done

# A reused worker may keep processes as long as it lives, not longer.
rm -f mark*
write_job 2 <<'END'
  s:
    task: faulty.leave
    worker: reused
    each: {i: {range: [0, 6]}}
    with: {mark: "mark${i}", holds: true}
END
expect_status 0 timeout 60 env "MARK=$work" "$drover" run job.yaml >actual
no_survivors "MARK=$work" || fail "processes of a reused worker are left"

# A run whose workers have left processes behind and still run.
start_run()
{
    rm -f mark* go
    write_job 3 <<END
  left:
    task: faulty.leave
    worker: $1
    each: {i: [0, 1, 2, 3]}
    with: {mark: "left\${i}", holds: true}
  run:
    task: faulty.meet
    worker: $1
    each: {i: [0, 1, 2]}
    with: {mark: "mark\${i}", until: go}
END
    [ "$1" = reused ] || sed -i '/^  left:/,/holds/d' job.yaml
    MARK=$work "$drover" run job.yaml >actual 2>errors &
    host=$!
    for i in 0 1 2; do
        wait_until 20 test -s mark$i || fail "call $i does not start"
    done
    [ "$(survivors "MARK=$work" | wc -l)" -ge 7 ] || fail "too few processes"
}

# The host is killed; its keepers take everything along.
for mode in forked reused; do
    start_run $mode
    kill -KILL $host
    wait $host 2>wait.txt
    gone "MARK=$work" || fail "left: $(survivors "MARK=$work")"
done

# The host and a keeper at once: not even then do workers live on.
start_run forked
keeper=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$(cat mark0)/status")
kill -KILL $host "$keeper"
wait $host 2>wait.txt
gone "MARK=$work" || fail "left: $(survivors "MARK=$work")"

# A stopped worker does not keep a run from ending.
start_run forked
kill -STOP "$(cat mark1)"
kill -TERM $host
expect_status 143 wait $host
gone "MARK=$work" || fail "a stopped worker is left"

# The host's descriptors are as many at the end of a long run as after its
# beginning; so are those of its keepers.
count_descriptors()
{
    find "/proc/$1/fd" -mindepth 1 2>find.txt | wc -l
}
mkfifo numbers
write_job 2 <<'END'
  s:
    task: faulty.end
    each: {i: {lines: numbers}}
    with: {when: []}
END
MARK=$work "$drover" run job.yaml >actual 2>errors &
host=$!
exec 8>numbers
seq 0 99 >&8
wait_until 20 grep -qx 90 actual || fail "no results"
before=$(count_descriptors $host)
seq 100 1999 >&8
wait_until 60 grep -qx 1990 actual || fail "no more results"
after=$(count_descriptors $host)
tr ' ' '\n' <"/proc/$host/task/$host/children" | grep . >keepers
while read -r keeper; do
    [ "$(count_descriptors "$keeper")" -le 12 ] ||
        fail "a keeper has $(count_descriptors "$keeper") descriptors"
done <keepers
[ -s keepers ] || fail "no keepers"
exec 8>&-
expect_status 0 wait $host
seq 0 1999 >expected
expect_file_equal expected actual
[ $((after - before)) -le 2 ] || fail "$before descriptors, then $after"

# What whoever started drover had left open does not reach tasks.
: >open.txt
expect_status 1 "$drover" call faulty.scribble >actual 2>errors 7>>open.txt
[ ! -s open.txt ] || fail "a task wrote to a descriptor that it was not given"

# A worker in which a call changed something is replaced: what calls see that
# come later is as it was. The worker looks from time to time, and after its
# first call in any case; so this changes something in the first.
for what in folder umask descriptors blocked ignored threads; do
    write_job 1 <<END
  change:
    task: faulty.change
    worker: reused
    with: {i: 1, when: 1, what: $what}
  after:
    task: faulty.change
    worker: reused
    each: {i: [2, 3]}
    with: {when: 1, what: $what}
    needs: [change]
results: [change, after]
END
    expect_status 0 timeout 60 "$drover" run job.yaml >actual
    [ "$(wc -l <actual)" -eq 3 ] || fail "three calls: $(cat actual)"
    [ "$(sort -u actual | wc -l)" -eq 1 ] ||
        fail "calls see $what as another left it: $(cat actual)"
done
