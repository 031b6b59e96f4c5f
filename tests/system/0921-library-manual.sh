#!/bin/sh
# The manual of the library: what the headers declare stands in exactly one
# page's synopsis, as it is there, and is spoken of in that page; the pages'
# examples compile without a warning and print what they show.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/shown.sh"

# declarations: those of a header, or of a synopsis, one a line. Comments, marks
# and what is for C++ only are left out; of macros with parameters only those
# are left.
declarations()
{
    sed -e 's|/\*.*\*/||' -e '\|/\*|,\|\*/|d' | awk '
    /^#ifdef __cplusplus/ { skip = 1; next }
    /^#(else|endif)/ { skip = 0; next }
    skip { next }
    continued { continued = /\\$/; next }
    /^#define [A-Z_]*\(/ {
        continued = /\\$/
        sub(/^#define /, "")
        sub(/\).*/, ");")
    }
    /^#define [A-Z_]+ +[^ ]/ { print; next }
    /^#/ { next }
    { text = text " " $0 }
    END {
        gsub(/DROVER_PUBLIC|DROVER_ZERO|DROVER_PRINTF\([^)]*\)/, "", text)
        gsub(/__attribute__\(\([a-z_]*\)\)/, "", text)
        gsub(/[ \t]+/, " ", text)
        gsub(/ ?\* ?/, "*", text); gsub(/ ?\( ?/, "(", text)
        gsub(/ ?\) ?/, ")", text); gsub(/ ?; ?/, ";", text)
        gsub(/ ?, ?/, ",", text); gsub(/ ?[{] ?/, "{", text)
        gsub(/,?[}]/, "}", text)
        for (i = 1; i <= length(text); i++) {
            c = substr(text, i, 1)
            depth += (c == "{") - (c == "}")
            one = one c
            if (c == ";" && depth == 0) {
                sub(/^ /, "", one)
                print one
                one = ""
            }
        }
        if (one !~ /^ *$/)
            print "unfinished:" one
    }'
}

# --- Synopses --------------------------------------------------------------------

for header in "$srcdir"/include/drover/*.h; do
    case $header in */export.h) ;; *) declarations <"$header" ;; esac
done | sort -u >expected
[ "$(wc -l <expected)" -ge 130 ] || fail "the headers declare too little"

for page in "$srcdir"/man/*.3.scd; do
    name=$(basename "$page" .3.scd)
    awk '/^# / { on = $2 == "SYNOPSIS" }
        /^```/ { block = !block; next }
        on && block' "$page" | declarations >"$name.synopsis"
    cat "$name.synopsis"
done | sort >actual
expect_file_equal expected actual

# --- What is declared is spoken of -------------------------------------------------

for synopsis in *.synopsis; do
    name=${synopsis%.synopsis}
    sed -e '1,/^# DESCRIPTION/d' -e 's/\\\(.\)/\1/g' "$srcdir/man/$name.3.scd" >page
    [ -s page ] || fail "$name(3) has no description"
    grep -o -E '\<(drover_[a-z0-9_]+|DROVER_[A-Z0-9_]+)\(' "$synopsis" | tr -d '(' >names
    grep -o -E '\<DROVER_[A-Z0-9_]+' "$synopsis" >>names
    grep -o -E '^(struct|enum) drover_[a-z_]+[{;]' "$synopsis" | tr -d '{;' >>names
    while read -r declared; do
        tr -s '\n\t' ' ' <page | grep -Fqw -e "$declared" ||
            fail "$name(3) does not speak of $declared"
    done <names
    for part in EXAMPLE 'SEE ALSO'; do
        grep -q "^# $part\$" page || fail "$name(3) has no $part"
    done
done

# --- Examples ------------------------------------------------------------------------

make_stranger
mkdir folder
# The first block is the file that the text names, the second a console.
for page in "$srcdir"/man/*.3.scd; do
    name=$(basename "$page" .3.scd)
    # scdoc's backslashes are not for the reader.
    rm -f shown
    sed 's/\\\(.\)/\1/g' "$page" | awk 'BEGIN { file = "folder/none" }
        /^# / { on = $2 == "EXAMPLE" }
        on && match($0, /_[a-z]+\.c_/) {
            file = "folder/" substr($0, RSTART + 1, RLENGTH - 2) }
        on && /^```$/ { block = block == 0 ? ++blocks : 0; next }
        on && block == 1 { print >file }
        on && block == 2 { print >"shown" }'
    [ -s shown ] || fail "$name(3) shows no example"
    run_shown folder shown printed
    expect_file_equal shown printed
done
for source in folder/*.c; do
    "$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
        -I"$srcdir/include" "$source" || fail "$source has warnings"
done
