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
  s:
    task: p.answer
    each: {i: [1, 2, 3]}
END
sed -i '/each:/d' job.yaml
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
