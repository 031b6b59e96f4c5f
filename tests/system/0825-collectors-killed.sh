#!/bin/sh
# Collectors that are killed again and again lose nothing: what they appended is
# a ledger outside of them.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/background.sh"

write_job 2 <<'END'
  s:
    task: faulty.echo
    worker: reused
    each: {number: {range: [0, 20000]}}
END
start_job

# Any moment: while it connects, collects, writes, acknowledges.
kills=0
for round in 1 2 3 4 5; do
    for ms in 04 08 13 19 26 34 43 53; do
        timeout -s KILL "0.0$ms" "$drover" collect --output ledger "$address" \
            2>errors
        [ $? -ne 137 ] || kills=$((kills + 1))
    done
done
[ "$kills" -gt 0 ] || fail "no collector was killed"
"$drover" collect --output ledger "$address" 2>errors
status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 2 ] || fail "exit status $status"

# Whole lines, every number, and again only what is marked as such.
! grep -vq '^{"stage":"s",.*}$' ledger || fail "a line is not whole"
sed 's/.*"number":\([0-9]*\)}\(,"re.*\)*}$/\1 \2/' ledger >seen
cut -d ' ' -f 1 seen | sort -nu >actual
seq 0 19999 >expected
expect_file_equal expected actual
awk '$1 in seen && $2 == "" { print; bad = 1 } { seen[$1] } END { exit bad }' seen ||
    fail "something was given again as if it were new"
