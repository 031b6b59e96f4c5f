#!/bin/sh
# Keepers that die or hang at bad moments: each run ends, and says why.
. "$srcdir/tests/system/lib.sh"

# start_job WORKERS PLUGIN: job.yaml, the stages given on standard input.
start_job()
{
    cat >job.yaml <<END
version: 1
plugins: {p: $2, faulty: faulty}
workers: $1
stages:
END
    cat >>job.yaml
}

# A keeper that dies whenever it is to fork a worker.
start_job 2 fork-kills <<'END'
  s: {task: p.answer}
END
expect_status 1 timeout 60 "$drover" run job.yaml >actual 2>errors
expect_line '^  s\[0\]: load: 3 workers in a row died before any call: ' errors

# The second keeper hangs while it loads: the others do the work, and the run
# ends without it.
start_job 2 load-once <<'END'
  s:
    task: faulty.meet
    each: {i: [0, 1, 2]}
    with: {mark: "mark${i}", until: go}
END
env "MARK=$work" timeout 60 "$drover" run job.yaml >actual 2>errors &
host=$!
wait_until 20 test -s mark0 || fail "no call starts"
touch go
expect_status 0 wait $host
printf '%s\n' 0 1 2 >expected
expect_file_equal expected actual
no_survivors "MARK=$work" || fail "something is left"

# has_children ID N: the process has so many.
has_children()
{
    [ "$(pgrep -P "$1" | wc -l)" -eq "$2" ]
}

# A worker made ahead that dies is not made again and again while the one before
# it runs: perhaps it cannot start as long as that one does.
rm -f mark* go
start_job 1 faulty <<'END'
  s:
    task: faulty.meet
    each: {i: [0, 1, 2]}
    with: {mark: "mark${i}", until: go}
END
"$drover" run job.yaml >actual 2>errors &
host=$!
wait_until 20 test -s mark0 || fail "no call starts"
keeper=$(pgrep -P $host)
wait_until 20 has_children "$keeper" 2 || fail "no worker is made ahead"
kill -KILL "$(pgrep -P "$keeper" | grep -vx "$(cat mark0)")"
wait_until 20 has_children "$keeper" 1 || fail "the worker is made again"
wait_until 1 has_children "$keeper" 2 && fail "the worker is made again"
touch go
expect_status 0 wait $host
expect_file_equal expected actual

# run_counted CALLS RUNS: in each of so many runs every worker that has started
# stops in good order.
run_counted()
{
    run=0
    while [ $((run += 1)) -le "$2" ]; do
        rm -f notes
        expect_status 0 "$drover" run job.yaml >actual 2>errors
        starts=$(tr -dc a <notes | wc -c)
        stops=$(tr -dc z <notes | wc -c)
        [ "$starts" -ge "$1" ] || fail "$starts starts for $1 calls"
        [ "$starts" -eq "$stops" ] || fail "$starts starts, $stops stops"
    done
}

# Also those that were made ahead and are not needed in the end,
start_job 3 start-counts <<'END'
  s:
    task: p.number
    each: {i: {range: [0, 100]}}
END
run_counted 100 5

# those of keepers that others were quicker than,
start_job 3 start-counts <<'END'
  s:
    task: p.number
    each: {i: {range: [0, 3]}}
END
run_counted 3 40

# and those of a kind that is no longer wanted.
start_job 2 start-counts <<'END'
  forked:
    task: p.number
    each: {i: {range: [0, 20]}}
  reused:
    task: p.number
    worker: reused
    each: {i: {range: [0, 20]}}
END
run_counted 20 10

# The host is killed while a plugin that hangs is being loaded.
env "MARK=$work" "$drover" describe ctor-hang >actual 2>errors &
host=$!
wait_until 20 pgrep -P $host >children || fail "no keeper"
kill -KILL $host
wait_until 4 no_survivors "MARK=$work" || fail "a keeper is left"

# As many plugins as there may be, with paths as long as they may be: that is
# more than a socket holds.
cp "$top_builddir/plugins/.libs/grid.so" .
awk -v folder="$work" 'BEGIN {
    path = folder
    while (length(path) < 4080) path = path "/."
    print "version: 1\nworkers: 3\nplugins:"
    for (i = 0; i < 64; i++) print "  p" i ": " path "/grid.so"
    print "stages:\n  s:\n    task: p63.calculate"
    print "    each: {i: {range: [0, 6]}}\n    with: {j: 0}"
}' >job.yaml
expect_status 0 timeout 60 "$drover" run job.yaml >actual 2>errors
printf '%s\n' 0 10 20 30 40 50 >expected
expect_file_equal expected actual
