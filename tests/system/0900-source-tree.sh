#!/bin/sh
# The source tree is as it says it is: layers, lists of files, public headers,
# exported symbols.
. "$srcdir/tests/system/lib.sh"
cd "$srcdir" || exit 99

# --- Layers: each include in src/ is one that src/LAYERS allows ---------------

for folder in src/*/; do
    layer=$(basename "$folder")
    grep -q "^$layer:" src/LAYERS || fail "src/LAYERS does not know $layer"
done
grep -n '^[[:space:]]*#[[:space:]]*include' src/*/*.[ch] | awk '
    BEGIN {
        while ((getline line <"src/LAYERS") > 0) {
            if (line ~ /^</) {
                split(line, words, " ")
                owner[words[1]] = words[2]
            } else if (line ~ /^[a-z]+:/) {
                layer = line
                sub(/:.*/, "", layer)
                sub(/^[a-z]+:/, "", line)
                allowed[layer] = " " layer " " line " "
            }
        }
    }
    {
        split($0, part, ":")
        split(part[1], path, "/")
        layer = path[2]
        if (match($0, /<[^>]*>/)) {
            header = substr($0, RSTART, RLENGTH)
            if (header in owner && owner[header] != layer)
                print part[1] ":" part[2] ": " header
        } else if (match($0, /"[^"]*"/)) {
            split(substr($0, RSTART + 1, RLENGTH - 2), name, "/")
            if (!(2 in name) || index(allowed[layer], " " name[1] " ") == 0)
                print part[1] ":" part[2] ": \"" name[1] "/" name[2] "\""
            delete name
        }
    }' >"$work/wrong"
[ ! -s "$work/wrong" ] ||
    fail "against src/LAYERS: $(cat "$work/wrong")"

# What a layer may use is a layer, and none may use the other in a circle.
sed -n 's/^\([a-z]*\):\(.*\)/\1 \2/p' src/LAYERS | awk '
    {
        for (i = 2; i <= NF; i++)
            if (!($i in seen))
                print $1 " is said to use " $i ", which is no layer below it"
        seen[$1] = 1
    }' >"$work/wrong"
[ ! -s "$work/wrong" ] || fail "$(cat "$work/wrong")"

# No system header that another layer owns gets in through the back door.
for header in yaml.h dlfcn.h cbor.h sqlite3.h; do
    grep -q "^<$header>" src/LAYERS || fail "src/LAYERS does not own $header"
done

# --- Every source file is listed, every listed file is there ------------------

cat Makefile.am examples/*.am tests/*/*.am bench/*.am man/*.am 2>"$work/cat.txt" |
    grep -v '^[[:space:]]*#' | sed 's/[[:space:]=\\]/\n/g' |
    grep -E '^(src|include|plugins|examples|tests|bench)/.*\.[ch]$' |
    sort -u >"$work/listed"
find src include plugins examples tests bench -name '*.[ch]' | sort >"$work/there"
# A unit test without a list of its own is made of the file of its name.
while read -r file; do
    grep -qx "$file" "$work/listed" && continue
    program=${file%.c}
    grep -qE "(^|[[:space:]])$program( |\$|\.la)" tests/*/*.am bench/*.am ||
        echo "$file"
done <"$work/there" >"$work/unlisted"
[ ! -s "$work/unlisted" ] || fail "not listed: $(cat "$work/unlisted")"
while read -r file; do
    [ -f "$file" ] || echo "$file"
done <"$work/listed" >"$work/missing"
[ ! -s "$work/missing" ] || fail "listed, but not there: $(cat "$work/missing")"
[ "$(wc -l <"$work/listed")" -gt 100 ] || fail "too few files are listed"
for test in tests/system/[0-9]*.sh; do
    grep -q "$test" tests/system/system.am || fail "$test is never run"
done

# --- Public headers compile alone, in C and in C++ ----------------------------

cd "$work" || exit 99
compile()
{
    command -v "$1" >which || return 0
    "$@" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
        -Wundef -Wcast-qual -Wwrite-strings -Wpointer-arith -Werror \
        -fsyntax-only -I"$srcdir/include" "$source" || fail "$header does not compile by $*"
}
(cd "$srcdir/include" && printf '%s\n' drover.h drover/*.h) >headers
while read -r header; do
    echo "#include <$header>" >alone.c
    echo "int main(void) { return 0; }" >>alone.c
    cp alone.c alone.cc
    source=alone.c
    compile gcc -std=c11 -Wstrict-prototypes
    compile clang -std=c11 -Wstrict-prototypes
    source=alone.cc
    compile g++ -std=c++17
    compile clang++ -std=c++17
done <headers
[ "$(wc -l <headers)" -ge 7 ] || fail "too few public headers"

# --- Exported: what the public headers declare, by library and program ---------

# The names of functions after DROVER_PUBLIC.
cat "$srcdir"/include/drover/*.h | tr '\n' ' ' |
    sed 's|/\*[^*]*\*\([^/*][^*]*\*\)*/| |g' | tr ';' '\n' |
    sed -n 's/.*DROVER_PUBLIC[^(]*\(drover_[a-z_0-9]*\)[[:space:]]*(.*/\1/p' |
    sort -u >declared
[ "$(wc -l <declared)" -gt 50 ] || fail "too few declarations are found"
exported()
{
    nm -D --defined-only "$1" | awk '$2 ~ /[TDBRVW]/ { print $3 }' |
        sed 's/@.*//' | grep "$2" | sort -u
}
exported "$top_builddir/src/.libs/libdrover.so" \
    '^drover_' >by-library
expect_file_equal declared by-library
exported "$drover" '^drover_' >by-program
expect_file_equal declared by-program
if [ "$sanitized" = no ]; then
    exported "$top_builddir/src/.libs/libdrover.so" . |
        grep -vx 'DROVER_[0-9.]*' >all
    expect_file_equal declared all
fi
for plugin in "$top_builddir"/plugins/.libs/*.so; do
    exported "$plugin" . | grep -v '^__' >symbols
    echo drover_plugin >expected
    [ "$sanitized" = yes ] || expect_file_equal expected symbols
done
