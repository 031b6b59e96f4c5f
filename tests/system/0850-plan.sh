#!/bin/sh
# What a job would do, and what of it is done.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/background.sh"

# whys FILE: the reasons, each with how often it is given.
whys()
{
    sed 's/.*"why":"\([a-z]*\)".*/\1/' "$1" | sort | uniq -c | sed 's/^ *//'
}

# expect_whys TEXT FILE
expect_whys()
{
    [ "$(whys "$2" | tr '\n' ' ')" = "$1 " ] ||
        fail "$2 has $(whys "$2" | tr '\n' ' ')"
}

# A job that was never run: all is new; what depends on results is not known.
write_job 2 <<'END'
  numbers:
    task: faulty.end
    each: {i: {range: [0, 4]}}
    with: {when: []}
  all:
    task: faulty.echo
    with: {list: "${numbers}"}
  each:
    task: faulty.echo
    each: {number: {stage: numbers}}
END
expect_status 0 "$drover" plan job.yaml >planned
expect_whys '4 new 2 unknown' planned
expect_line '^\{"stage":"numbers","index":3,"args":\{.*"i":3.*\},"why":"new"\}$' planned
expect_line '^\{"stage":"all","index":null,"args":null,"why":"unknown","after":\["numbers"\]\}$' planned

# All of it is done: then the results are known, and what was made of them.
start_job
expect_status 0 "$drover" collect "$address" >results
wait_until 10 is_unserved "$address" || fail "it does not end"
expect_status 0 "$drover" plan "$run" >planned
expect_whys '9 done' planned
expect_status 0 "$drover" plan "$address" >again
expect_file_equal planned again
expect_line '^\{"stage":"all","index":0,"args":.*"list":\[0,1,2,3\].*,"why":"done"\}$' planned

# Another input: only what is new is new, wherever it stands. The index counts
# in the job as it is now.
sed -i 's/range: \[0, 4\]/range: [4, 0, -1]/' job.yaml
expect_status 0 "$drover" plan job.yaml --against "$run" >planned
expect_whys '3 done 1 new 2 unknown' planned
expect_line '"index":0,"args":.*"i":4.*"why":"new"' planned
expect_line '"index":1,"args":.*"i":3.*"why":"done"' planned

# Of equal calls each needs a record of its own.
write_job 2 <<'END'
  s: {task: faulty.end, each: {i: [1, 1, 2]}, with: {when: []}}
END
start_job
expect_status 0 "$drover" collect "$address" >results
wait_until 10 is_unserved "$address" || fail "it does not end"
sed -i 's/\[1, 1, 2\]/[1, 2, 1, 1, 2]/' job.yaml
expect_status 0 "$drover" plan job.yaml --against "$run" >planned
expect_whys '3 done 2 new' planned
expect_line '"index":3,.*"why":"new"' planned

# What failed stays failed, unless it is to run again; what was cancelled is
# tried again anyway.
write_job 1 <<'END'
  s:
    task: faulty.end
    each: {i: {range: [0, 3]}}
    with: {when: [1], how: fail}
  hangs:
    task: faulty.hang
    needs: []
END
start_job
two_done()
{
    "$drover" status --json "$address" | grep -q '"done":2,"failed":1'
}
wait_until 10 two_done || fail "no two calls are done"
expect_status 75 "$drover" plan "$run" 2>errors
expect_line 'in use by process' errors
expect_status 0 "$drover" cancel "$address" 2>errors
expect_status 1 "$drover" collect "$address" >results
wait_until 10 is_unserved "$address" || fail "it does not end"
expect_status 0 "$drover" plan "$run" >planned
expect_whys '2 done 1 failed 1 retry' planned
expect_status 0 "$drover" plan --failed "$run" >planned
expect_whys '2 done 2 retry' planned

# A call that cannot be made, and what cannot be planned.
printf '1\nx\n' >lines
write_job 1 <<'END'
  s: {task: faulty.end, each: {i: {lines: lines}}, with: {when: []}}
END
expect_status 0 "$drover" plan job.yaml >planned
expect_line '^\{"stage":"s","index":1,"args":null,"why":"new","error":"' planned
mv lines elsewhere
expect_status 1 "$drover" plan job.yaml >planned 2>errors
expect_line '^drover: .*job.yaml:[0-9]+:[0-9]+: stage s: cannot open "lines"' errors
mv elsewhere lines
expect_status 65 "$drover" plan - 2>errors <lines
expect_status 66 "$drover" plan nothing.yaml 2>errors
expect_line '^drover: there is neither a job file nothing.yaml nor a run' errors
