#!/bin/sh
# A background process that a task of a job has started ends with its call, as
# all that it leaves behind.
. "$srcdir/tests/system/lib.sh"
export MARK="$work"

cat >job.yaml <<'END'
version: 1
plugins: {background: background}
workers: 1
stages:
  s:
    task: background.start
    each: {address: [a.socket, b.socket, c.socket, a.socket]}
END
expect_status 0 timeout 60 "$drover" run job.yaml >actual 2>errors
printf '%s\n' true true true true >expected
expect_file_equal expected actual
wait_until 4 no_survivors "MARK=$work" || fail "left: $(survivors "MARK=$work")"
