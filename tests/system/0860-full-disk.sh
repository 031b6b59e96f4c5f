#!/bin/sh
# A disk that becomes full halts a run: that is said, what was committed is
# there, and once there is room the run is carried on.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/background.sh"

if [ "${1:-}" != inside ]; then
    unshare -m true 2>errors || skip "no file system of our own: $(cat errors)"
    unshare -m sh "$srcdir/tests/system/${0##*/}" inside
    exit
fi
mkdir -m 700 "$XDG_STATE_HOME"
mount -t tmpfs -o size=600k none "$XDG_STATE_HOME" 2>errors ||
    skip "cannot mount: $(cat errors)"
trap 'status=$?; umount -l "$XDG_STATE_HOME"; (exit $status); clean_up' EXIT

cat >job.yaml <<"END"
version: 1
plugins: {shell: shell}
workers: 2
stages:
  s:
    task: shell.run
    each: {i: {range: [0, 400]}}
    with: {command: [printf, "${i} %03000d", "0"]}
END

# make_room: the disk is not full any more.
make_room()
{
    mount -o remount,size=64m "$XDG_STATE_HOME"
}

# --- In the foreground ---------------------------------------------------------------------------

expect_status 74 "$drover" run job.yaml >first 2>errors
expect_line 'the disk is full; what was committed is safe' errors
run=$(ls "$XDG_STATE_HOME/drover")
expect_status 74 "$drover" wait "$run" 2>errors
expect_line 'halted' errors
make_room
expect_status 0 "$drover" resume "$run" >second 2>errors
cat first second | wc -l >actual
[ "$(cat actual)" -eq 400 ] || fail "$(cat actual) results, not 400"
cat first second | sort -u | wc -l >actual
[ "$(cat actual)" -eq 400 ] || fail "$(cat actual) different results, not 400"

# --- In the background ---------------------------------------------------------------------------

rm -r "$XDG_STATE_HOME/drover"
mount -o remount,size=600k "$XDG_STATE_HOME"
start_job
wait_until 60 is_unserved "$address" || fail "it goes on"
has_state halted "$address" || fail "it is $(field state "$address")"
expect_line 'the disk is full' "$XDG_STATE_HOME/drover/$run/log"
make_room
expect_status 0 "$drover" resume "$run" >actual
expect_status 0 "$drover" collect "$address" >actual
expect_lines 400 actual
