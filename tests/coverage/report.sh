#!/bin/sh
# Print how many lines of the library's files were executed, for each file and
# in total. To be run in a build folder.
#
#   report.sh PERCENT    fails when the total is lower
#   report.sh -l FILE    print the lines of src/.../FILE that were not executed

set -u

if [ "${1:-}" = -l ]; then
    folder=$(dirname "$2")
    object=$folder/libcore_a-$(basename "$2" .c).gcda
    gcov -t "$object" 2>/dev/null | awk -v name="$2" '
        /:    0:Source:/ { shown = index($0, name) }
        shown && /^ *(#####|=====):/'
    exit
fi

counts=$(find src -name 'libcore_a-*.gcno' | sort | while read -r notes; do
    gcov -n "${notes%.gcno}.gcda" 2>/dev/null |
        sed -n "/^File/{s/^File '\(.*\)'/\1/;N;s/\nLines executed:/ /;s/% of / /;p}"
done)

# A file that no test reaches has no counts at all: none of its lines count as
# executed.
printf '%s\n' "$counts" | awk -v least="${1:-0}" '
    match($1, /src\/[a-z]+\/[a-z_0-9]+\.c$/) {
        file = substr($1, RSTART)
        hit = int($2 * $3 / 100 + 0.5)
        printf "%5.1f %%  %4d of %4d  %s\n", $2, hit, $3, file
        all += $3
        executed += hit
    }
    END {
        if (all == 0) {
            print "no counts: run the tests first"
            exit 1
        }
        percent = 100 * executed / all
        printf "%5.1f %%  %d of %d lines\n", percent, executed, all
        if (percent < least) {
            printf "less than %d %%\n", least
            exit 1
        }
    }'
