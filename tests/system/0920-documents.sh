#!/bin/sh
# The documents say what the program does: what the README shows is run, and
# what code lists in tables is looked for in the manual and in PROTOCOL.md.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/shown.sh"

# --- README: its files are made, its commands run ----------------------------

make_stranger
mkdir readme
CPATH=$srcdir/include
export CPATH
extract_files "$srcdir/README.md" readme
for file in factors.yaml names.c names.yaml squares.c; do
    [ -s "readme/$file" ] || fail "README.md does not show $file"
done
extract_consoles "$srcdir/README.md" shown
[ "$(grep -c '^\$ ' shown)" -ge 5 ] || fail "README.md shows too few commands"
run_shown readme shown printed

# Backtraces differ from machine to machine, and the README shortens them; runs
# have random names.
normalise()
{
    sed -e "s|$work/readme/|./|g" -e '/\[0x[0-9a-f]*\]$/d' -e '/^\.\.\.$/d' \
        -e 's/\(names\)-[0-9a-z]\{10\}/\1-RUN/' "$1"
}
normalise shown >expected
normalise printed >actual
if grep -q __asan_init "$drover"; then
    # A sanitizer explains crashes in its own way.
    sed '/^\$ drover run names/,$d' expected >expected.head
    sed '/^\$ drover run names/,$d' actual >actual.head
    expect_file_equal expected.head actual.head
else
    expect_file_equal expected actual
    expect_line '^surnames\[1\]: .*names\.so\(.*\[0x[0-9a-f]+\]$' printed
fi

# The mistake mended, what it says to do makes the call that had failed.
run=$(sed -n 's/.* drover resume --failed \(names-[0-9a-z]*\)$/\1/p' printed)
# shellcheck disable=SC2016 # back quotes, not a command
again=$(sed -n 's/^`drover \(resume .*\) names-[0-9a-z]*`.*/\1/p' "$srcdir/README.md")
sed 's/space + 1)/space ? space + 1 : "none")/' readme/names.c >readme/mended.c
(cd readme && PATH=$work/bin:$PATH &&
    cc -shared -fPIC -o names.so mended.c) || fail "mended.c"
# shellcheck disable=SC2086 # a list of words
expect_status 0 "$drover" $again "$run" >actual 2>errors
echo '"none"' >expected
expect_file_equal expected actual

# --- Jobs in the manual ----------------------------------------------------------

# Each block that begins with a version is a whole job.
mkdir jobs
awk '/^```$/ { inside = !inside; first = inside; file = ""; next }
     inside && first && /^version: / { file = "jobs/" ++jobs ".yaml" }
     { first = 0 }
     file != "" { print >file }' "$srcdir"/man/*.scd
[ -s jobs/4.yaml ] || fail "the manual shows too few jobs"
for job in jobs/*.yaml; do
    expect_status 0 "$drover" check "$job" >checked
done

# --- Files that documents name exist -----------------------------------------

for document in README.md HACKING.md src/README.md src/wire/PROTOCOL.md \
    docs/tutorial.md; do
    # In back quotes, with a slash or an ending that files here have.
    # shellcheck disable=SC2016 # back quotes, not a command
    grep -o '`[A-Za-z0-9_./-]*`' "$srcdir/$document" | tr -d '`' |
        grep -E '^(src|include|plugins|tests|examples|conf|man|bench|docs|\.ci)/|^[A-Za-z.-]+\.(md|am|ac|in)$|^(LICENSE|bootstrap|\.clang-format)$' |
        sort -u >named
    [ -s named ] || fail "$document names no file"
    while read -r file; do
        # Recipes speak of files to come; the repository's own files are not in
        # a tarball; pages of the manual are built.
        case $file in
        *NAME*) continue ;;
        .ci/*) [ -e "$srcdir/.git" ] || continue ;;
        man/*.[135]) file=$file.scd ;;
        esac
        [ -e "$srcdir/$file" ] || fail "$document names $file, which is not there"
    done <named
done

# --- The manual ----------------------------------------------------------------

# expect_word WORD PAGE: the page has WORD, not just as a part of another one.
# scdoc's backslashes are not for the reader.
expect_word()
{
    sed 's/\\\(.\)/\1/g' "$srcdir/man/$2.scd" >page
    grep -Fqw -e "$1" page || fail "man/$2.scd does not name $1"
}

"$drover" --help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }' \
    >commands
[ "$(wc -l <commands)" -ge 4 ] || fail "drover --help lists no commands"
while read -r command; do
    expect_word "drover $command" drover.1
    "$drover" "$command" --help | grep -o -E -e '--?[a-z][a-z-]*' | sort -u >options
    grep -q -e '^--help$' options || fail "$command --help shows no options"
    # Each command has a part of its own, up to the next one.
    awk -v head="## drover $command" 'index($0, head) == 1 { on = 1; print; next }
        /^#/ { on = 0 } on' "$srcdir/man/drover.1.scd" | sed 's/\\\(.\)/\1/g' >part
    [ -s part ] || fail "man/drover.1.scd has no part \"drover $command\""
    while read -r option; do
        case $option in --help|-h) part=page ;; *) part=part ;; esac
        grep -Fqw -e "$option" "$part" ||
            fail "man/drover.1.scd: drover $command: $option is missing"
    done <options
done <commands
expect_word --version drover.1

cat "$srcdir"/src/*/*.c | grep -o '[^a-z]getenv("[A-Z_]*")' |
    sed 's/.*getenv("\(.*\)")/\1/' | sort -u >variables
[ "$(wc -l <variables)" -ge 3 ] || fail "the code reads no environment"
while read -r variable; do
    expect_word "$variable" drover.1
done <variables

sed -n 's/^ *STATUS_[A-Z_]* = \([0-9]*\),.*/\1/p' "$srcdir/src/cli/status.h" \
    >statuses
[ "$(wc -l <statuses)" -ge 5 ] || fail "no exit statuses in src/cli/status.h"
while read -r status; do
    grep -Eq "^\*$status( \+ _n_)?\*" "$srcdir/man/drover.1.scd" ||
        fail "man/drover.1.scd does not explain the exit status $status"
done <statuses

sed -n 's/^    \[DROVER_[A-Z]*\] = "\(.*\)",$/\1/p; s/^        \[DROVER_[A-Z]*\] = "\(.*\)",$/\1/p' \
    "$srcdir/src/dispatch/outcome.c" >causes
[ "$(wc -l <causes)" -ge 5 ] || fail "no causes in src/dispatch/outcome.c"
while read -r cause; do
    grep -Eq "^\*$cause\*" "$srcdir/man/drover.1.scd" ||
        fail "man/drover.1.scd does not explain the cause $cause"
done <causes

# keys_of FILE: the paths of the table of keys in it.
keys_of()
{
    sed -n 's/^    { "\([a-z_.*]*\)", .*/\1/p' "$srcdir/src/job/$1"
}

# Each key has a line of its own: "*stages.\*.task* ...".
keys_of keys.c >keys
[ "$(wc -l <keys)" -ge 10 ] || fail "no keys in src/job/keys.c"
while read -r key; do
    sed 's/\\\(.\)/\1/g' "$srcdir/man/drover-job.5.scd" | grep -Fq "*$key* " ||
        fail "man/drover-job.5.scd has no entry for $key"
done <keys
keys_of config.c >keys
[ -s keys ] || fail "no keys in src/job/config.c"
while read -r key; do
    sed '1,/^# CONFIGURATION/d' "$srcdir/man/drover-job.5.scd" |
        grep -q "^\*$key\* " ||
        fail "man/drover-job.5.scd has no entry for the configuration's $key"
    grep -qw "$key" "$srcdir/conf/drover.yaml" ||
        fail "conf/drover.yaml does not name $key"
done <keys

# The pages are well made, if those are here who can tell.
for source in "$srcdir"/man/*.scd; do
    page=$(basename "$source" .scd)
    scdoc <"$source" >"$page" 2>/dev/null || break
    ! command -v man >/dev/null || LC_ALL=C.UTF-8 man --warnings -l "$page" \
        2>complaints >/dev/null || break
    [ ! -s complaints ] || fail "$page: $(head -3 complaints)"
done

# --- The protocol ----------------------------------------------------------------

# The table's rows, from the code: 0x30 call sequence:uint ...
cat >messages.c <<'END'
#include <stdio.h>

#include "wire/message.h"

int main(void)
{
    char line[512];
    for (size_t i = 0; message_describe(i, line, sizeof line) != NULL; i++)
        puts(line);
}
END
core=$top_builddir/src/libcore.a
flags=
grep -q __asan_ "$core" && flags="$flags -fsanitize=address"
grep -q __ubsan_ "$core" && flags="$flags -fsanitize=undefined"
grep -q __gcov_ "$core" && flags="$flags --coverage"
# shellcheck disable=SC2086 # lists of words
$CC $flags -I"$srcdir/src" -I"$srcdir/include" -o messages messages.c "$core" \
    -lcbor -lxxhash ${LDFLAGS-} || fail "the list of messages cannot be made"
./messages >expected
[ "$(wc -l <expected)" -ge 10 ] || fail "there are no messages"

# | 0x30 | call | host to worker | sequence: uint, ... | meaning |
awk -F ' *[|] *' '/^[|] *0x/ {
        gsub(/`/, ""); gsub(/: /, ":", $5); gsub(/, /, " ", $5)
        print $2 " " $3 ($5 == "" ? "" : " " $5) }' \
    "$srcdir/src/wire/PROTOCOL.md" >actual
expect_file_equal expected actual

# The numbers that bound it.
for number in "version $(sed -n 's/.*MESSAGE_PROTOCOL = \([0-9]*\),/\1/p' \
        "$srcdir/src/wire/message.h")" \
    "$(sed -n 's/.*SLATE_CALLS = \([0-9]*\),.*/\1/p' \
        "$srcdir/src/wire/slate.h") cells"; do
    grep -Fqiw "$number" "$srcdir/src/wire/PROTOCOL.md" ||
        fail "PROTOCOL.md does not say: $number"
done
