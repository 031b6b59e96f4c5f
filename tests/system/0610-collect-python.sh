#!/bin/sh
# Python's view: examples/collect.py, which knows only PROTOCOL.md, collects from
# an address, and what it acknowledges is given to nobody again.
. "$srcdir/tests/system/lib.sh"
mkdir state
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME
serve=$top_builddir/tests/system/serve

for python in python3 /usr/bin/python3; do
    "$python" -c 'import cbor2' 2>import.txt && break
    python=
done
[ -n "$python" ] || skip "python3 has no cbor2"

# start_run COUNT: a run that serves so many results.
start_run()
{
    rm -f serving
    "$serve" run.socket "$@" >serving 2>serve.err &
    server=$!
    wait_until 60 grep -qs ^serving serving || fail "no run is served"
}

# numbers FILE: those of the items in it.
numbers()
{
    sed -n 's/^{"number": \([0-9]*\), .*}$/\1/p' "$1"
}

# --- Everything, once -----------------------------------------------------------

start_run 2000
"$python" "$examples/collect.py" run.socket >lines 2>errors ||
    fail "collect.py: $(tail -1 errors)"
wait $server || fail "the run did not end well: $(cat serve.err)"
seq 1 2000 >expected
numbers lines >actual
expect_file_equal expected actual
[ "$(grep -c '"redelivered": 0' lines)" -eq 2000 ] || fail "something came twice"
[ "$(grep -c '"cause": "error", "text": "no such luck"' lines)" -eq 200 ] ||
    fail "failures are missing"
expect_line '"index": 0, "args": \{\}, "cause": "ok".*"has_value": 1, "value": \{"n": 0, "text": "x"\}' lines

# --- Killed in the middle, and two at a time --------------------------------------

start_run 3000
"$python" "$examples/collect.py" run.socket >first 2>errors &
collector=$!
wait_until 60 test -s first || fail "nothing comes"
kill -9 $collector
wait $collector
"$python" "$examples/collect.py" run.socket >second 2>>errors &
collector=$!
"$python" "$examples/collect.py" run.socket >third 2>>errors ||
    fail "collect.py: $(tail -1 errors)"
wait $collector || fail "collect.py: $(tail -1 errors)"
wait $server || fail "the run did not end well: $(cat serve.err)"
# What was printed twice was said to have been given before. The last line of who
# was killed may be cut.
{ cat first && echo && cat second third; } | grep '^{.*}$' >lines
seq 1 3000 >expected
numbers lines | sort -n -u >actual
expect_file_equal expected actual
numbers lines | sort -n | uniq -d >twice
grep -h '"redelivered": 1' second third >marked
numbers marked | sort -n >again
[ -z "$(comm -23 twice again)" ] || fail "not marked: $(comm -23 twice again | head)"

# --- Nobody there -----------------------------------------------------------------

for address in run.socket nothing.socket; do
    expect_status 69 "$python" "$examples/collect.py" $address >lines 2>errors
    [ "$(wc -l <errors)" -eq 1 ] || fail "it says too much: $(cat errors)"
    expect_line "^$address: " errors
done
for addresses in "" "run.socket nothing.socket"; do
    # shellcheck disable=SC2086 # a list of words
    expect_status 64 "$python" "$examples/collect.py" $addresses >lines 2>errors
    [ "$(wc -l <errors)" -eq 1 ] || fail "it says too much: $(cat errors)"
    expect_line '^usage: .*collect.py ADDRESS$' errors
done
[ "$(wc -l <"$examples/collect.py")" -le 40 ] || fail "it has become too long"
