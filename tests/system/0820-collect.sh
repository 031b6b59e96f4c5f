#!/bin/sh
# Collecting: what was acknowledged is given to nobody again, all else is.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/background.sh"

# numbers FILE: the results of faulty.echo, sorted.
numbers()
{
    sed -n 's/.*"value":{[^}]*"number":\([0-9]*\).*/\1/p' "$1" | sort -n
}

# start_numbers N: a job with N results, all there when this returns.
start_numbers()
{
    write_job 2 <<END
  s:
    task: faulty.echo
    worker: reused
    each: {number: {range: [0, $1]}}
END
    start_job
    expect_status 0 "$drover" wait "$address"
}

# All of them, each once; the run goes when the last is acknowledged.
start_numbers 1000
host=$(pid_of "$address")
expect_status 0 "$drover" collect "$address" >results
expect_lines 1000 results
seq 0 999 >expected
numbers results >actual
expect_file_equal expected actual
expect_line '^\{"stage":"s","index":0,"args":\{.*\},"cause":"ok","value":\{.*\}\}$' results
! grep -q redelivered results || fail "nobody had them before"
wait_until 10 is_gone "$host" || fail "the run does not end"
[ ! -e "$address" ] || fail "the socket is left"
# By the address or by the name, there is nothing more.
expect_status 2 "$drover" collect "$address" >results
expect_status 2 "$drover" collect "$run" >results
[ ! -s results ] || fail "something was given again"

# --peek takes nothing, --no-wait does.
start_numbers 10
expect_status 0 "$drover" collect --peek "$address" >peeked
expect_status 0 "$drover" collect --peek --values "$address" >values
expect_lines 10 peeked
expect_lines 10 values
expect_line '^\{"a":' values
expect_status 0 "$drover" collect --no-wait "$address" >results
expect_file_equal peeked results

# An address that is named twice is one.
start_numbers 10
expect_status 0 "$drover" collect "$address" "$address" >results
expect_lines 10 results

# From the store, when the process is gone; by the same command.
start_numbers 10
kill_host "$address"
expect_status 0 "$drover" collect --peek "$address" >peeked
expect_status 0 "$drover" collect "$address" >results
expect_file_equal peeked results
expect_status 2 "$drover" collect "$address"

# A collector that is killed in the middle: what it did not acknowledge comes
# again, and says so.
start_numbers 1000
mkfifo pipe
"$drover" collect "$address" >pipe &
collector=$!
exec 5<pipe
for i in 1 2 3 4 5; do
    read -r line <&5
    echo "$line" >>first
done
has_acknowledged()
{
    [ "$("$drover" status --json "$address" |
        sed 's/.*"acknowledged":\([0-9]*\).*/\1/')" -ge "$1" ]
}
wait_until 10 has_acknowledged 5 || fail "5 were read, and not acknowledged"
kill -9 "$collector"
wait "$collector" 2>killed.txt
exec 5<&-
expect_status 0 "$drover" collect "$address" >rest
expect_line '"redelivered":true\}$' rest
numbers first >given
numbers rest >>given
sort -nu given >actual
expect_file_equal expected actual
# At most one line was read and not acknowledged.
[ "$(wc -l <given)" -le 1001 ] || fail "$(wc -l <given) results of 1000"

# A reader that has enough leaves the rest to others.
start_numbers 1000
"$drover" collect "$address" | head -n 5 >first
expect_lines 5 first
expect_status 0 "$drover" collect "$address" >rest
numbers first >given
numbers rest >>given
sort -nu given >actual
expect_file_equal expected actual
[ "$(wc -l <rest)" -ge 994 ] || fail "more than one was lost to head"

# Two at once share.
start_numbers 1000
"$drover" collect "$address" >one &
first=$!
"$drover" collect "$address" >other &
second=$!
wait "$first" && wait "$second"
status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 2 ] || fail "exit status $status"
numbers one >given
numbers other >>given
sort -n given >actual
expect_file_equal expected actual

# To a file, which is appended to; half a line that somebody was killed in is
# cut off first.
start_numbers 10
printf '{"stage":"old"}\n{"stage":"ha' >file
expect_status 0 "$drover" collect --output file "$address" >results 2>errors
[ ! -s results ] || fail "something on standard output"
expect_lines 11 file
expect_line '^drover: file: cut off 12 bytes' errors
[ "$(head -n 1 file)" = '{"stage":"old"}' ] || fail "the old line is gone"
seq 0 9 >expected
numbers file >actual
expect_file_equal expected actual

# One writer at a time; who ends by a signal says which.
write_job 1 <<'END'
  s: {task: faulty.hang}
END
start_job
"$drover" collect --output file "$address" &
collector=$!
has_lock()
{
    grep -qs '^lock:' "/proc/$collector/fdinfo/"*
}
wait_until 10 has_lock || fail "the file is not locked"
expect_status 75 "$drover" collect --output file "$address" 2>errors
expect_line '^drover: another process is collecting to file$' errors
kill -TERM "$collector"
wait "$collector"
[ $? -eq 143 ] || fail "a collector that was terminated does not say so"
expect_status 130 timeout --preserve-status -s INT 1 "$drover" collect "$address"
expect_status 0 "$drover" cancel "$address" 2>errors

# From many addresses; one that is not there does not stop the others.
start_numbers 10
one=$address
start_numbers 20
other=$address
expect_status 69 "$drover" collect "$one" missing.socket "$other" >results \
    2>errors
expect_lines 30 results
expect_line 'missing.socket' errors
[ "$(grep -cF "\"address\":\"$one\"" results)" -eq 10 ] || fail "not from $one"

# What was given and not acknowledged when the process went will come again:
# that is said, though the run had ended and another address goes on.
write_job 1 <<END
  s:
    task: shell.run
    with: {command: [sh, -c, "until test -e $work/go; do sleep 0.05; done"]}
END
sed -i 's/^plugins:.*/plugins: {shell: shell}/' job.yaml
start_job
"$top_builddir/tests/system/serve" going.socket 3 1 leave >serving &
wait_until 10 grep -qs ^serving serving || fail "no run is served"
"$drover" collect going.socket "$address" >results 2>errors &
collector=$!
wait_until 10 has_lines 3 results
touch go
wait "$collector"
status=$?
[ "$status" -eq 69 ] || fail "exit status $status: $(cat errors)"
expect_line 'going.socket: .*may be given out again$' errors
expect_status 0 "$drover" collect going.socket >results
[ "$(grep -c redelivered results)" -eq 3 ] || fail "not all three came again"

# Calls that failed are results, too.
write_job 2 <<'END'
  s:
    task: faulty.end
    each: {i: {range: [0, 4]}}
    with: {when: [2], how: fail}
END
start_job
expect_status 1 "$drover" collect --peek "$address" >results
expect_lines 4 results
expect_line '"index":2,"args":.*"cause":"error","value":null,"error":"' results
expect_status 1 "$drover" collect --values "$address" >results 2>errors
expect_lines 3 results
expect_line '^drover: s\[2\] \{.*"i":2.*\}: ' errors

# What there is not, and what it cannot do.
expect_status 69 "$drover" collect nobody.socket 2>errors
expect_status 64 "$drover" collect 2>errors
expect_status 73 "$drover" collect --output /nowhere/file x 2>errors
expect_line '^drover: cannot open /nowhere/file: ' errors
