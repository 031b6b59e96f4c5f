#!/bin/sh
# Stores that have served their time are removed, and no others.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/background.sh"

write_job 1 <<'END'
  s:
    task: faulty.end
    each: {i: {range: [0, 3]}}
    with: {when: []}
END

# stores: the names of those that there are.
stores()
{
    ls "$XDG_STATE_HOME/drover"
}

# One that was collected, one that was not, one that is served.
start_job
collected=$run
expect_status 0 "$drover" collect "$address" >results
wait_until 10 is_unserved "$collected" || fail "it does not end"
start_job
uncollected=$run
expect_status 0 "$drover" wait "$address"
kill_host "$address"
uncollected_address=$address
start_job
served=$run

# Without a word nothing goes: nothing said how long stores are kept.
expect_status 0 "$drover" purge >removed
[ ! -s removed ] || fail "something was removed: $(cat removed)"
expect_status 0 "$drover" purge --older 1h >removed
[ ! -s removed ] || fail "something was removed: $(cat removed)"

# What was collected goes; first it is only said.
expect_status 0 "$drover" purge --older 0s --dry-run >removed
echo "$collected: would be removed" >expected
expect_file_equal expected removed
expect_status 0 "$drover" purge --older 0s >removed
echo "$collected: removed" >expected
expect_file_equal expected removed
expect_status 69 "$drover" status "$collected" 2>errors

# By name, and only with a word what was not collected; never what is served.
expect_status 1 "$drover" purge "$uncollected" 2>errors
expect_line "^drover: $uncollected is not removed: it has 3 results that nobody" errors
expect_status 0 "$drover" purge --uncollected "$uncollected" >removed
expect_line "^$uncollected: removed\$" removed
folder=$(dirname "$uncollected_address")
[ ! -e "$folder/.$uncollected.socket.lock" ] || fail "a lock file is left"
expect_status 75 "$drover" purge --uncollected "$served" 2>errors
expect_line 'in use by process' errors
expect_status 69 "$drover" purge nothing 2>errors

# One that was killed can be carried on.
"$drover" cancel "$address" 2>errors
expect_status 0 "$drover" collect "$address" >results
write_job 1 <<'END'
  s:
    task: faulty.hang
END
start_job
kill_host "$address"
expect_status 0 "$drover" purge --older 0s >removed
expect_line "^$served: removed\$" removed
expect_status 1 "$drover" purge "$run" 2>errors
expect_line '"drover resume" can carry it on' errors
[ "$(stores)" = "$run" ] || fail "not only $run is there: $(stores)"
expect_status 0 "$drover" purge --uncollected --older 0s >removed
[ -z "$(stores)" ] || fail "something is left: $(stores)"

# A job says how long: then also what nobody has collected goes, at a word, or
# when another run begins; the latter once an hour.
write_job 1 <<'END'
  s: {task: faulty.end, each: {i: [1]}, with: {when: []}}
END
cp job.yaml plain.yaml
echo 'store: {keep: 1ms}' >>job.yaml
start_job
expect_status 0 "$drover" wait "$address"
kill_host "$address"
expect_status 0 "$drover" purge >removed
expect_line "^$run: removed\$" removed
start_job
expect_status 0 "$drover" wait "$address"
kill_host "$address"
expired=$run
cp plain.yaml job.yaml
expect_status 0 "$drover" run job.yaml >results
stores | grep -q "$expired" || fail "it was looked for all the time"
touch -d '2 hours ago' "$XDG_STATE_HOME/drover/.purge"
expect_status 0 "$drover" run job.yaml >results
! stores | grep -q "$expired" || fail "$expired is still there"
[ "$(stores | wc -l)" -eq 2 ] || fail "something else is gone: $(stores)"
