#!/bin/sh
# What help prints fits a terminal, and names everything once; a first word that
# is no command is explained.
. "$srcdir/tests/system/lib.sh"

expect_status 0 "$drover" --help >help
commands=$(awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }' help)
for command in $commands; do
    expect_status 0 "$drover" "$command" --help >>help
    "$drover" "$command" --help | grep -q "^Usage: drover $command " ||
        fail "the help of $command does not begin with its usage"
done
[ "$(grep -c '^Usage:' help)" -ge 5 ] || fail "there is no help"
if grep -E '.{81}' help >wide; then
    fail "too wide: $(head -1 wide)"
fi

expect_status 64 "$drover" 2>errors
expect_line '^drover: which command\? \(see drover --help\)$' errors
expect_status 64 "$drover" -x 2>errors
expect_line '^drover: no option -x in front of a command' errors
expect_status 64 "$drover" rn 2>errors
expect_line '^drover: no command "rn" \(did you mean "run"\?\)$' errors
expect_status 64 "$drover" fly 2>errors
expect_line '^drover: no command "fly" \(see drover --help\)$' errors
