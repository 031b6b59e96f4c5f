#!/bin/sh
# Plugins are written in C++, too: compiled without a warning, loaded, run.
. "$srcdir/tests/system/lib.sh"
command -v "${CXX:=g++}" >which || skip "no C++ compiler"

# build STANDARD
build()
{
    "$CXX" "-std=$1" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
        -shared -fPIC -I"$srcdir/include" -o cxx.so \
        "$srcdir/tests/plugins/cxx.cc"
}

# expect_result EXPECTED ARGUMENT...: what drover call prints.
expect_result()
{
    echo "$1" >expected
    shift
    expect_status 0 "$drover" call "$@" >actual
    expect_file_equal expected actual
}

for standard in c++17 c++20; do
    build $standard || fail "the plugin does not compile as $standard"
    expect_result '[-1,2,5]' ./cxx.so.sort 'numbers=[5, -1, 2]'
    expect_result '"hello world"' ./cxx.so.greet
    expect_result '"hello you"' ./cxx.so.greet name=you
    expect_status 0 "$drover" describe --json ./cxx.so >description
    expect_line '"name":"numbers","type":"list","items":"int"' description
    expect_line '"idempotent","reusable"' description
    # Sanitizers cannot follow exceptions into a library loaded later.
    [ "$sanitized" = no ] || continue
    expect_status 1 "$drover" call ./cxx.so.sort \
        'numbers=[18446744073709551615]' 2>errors
    expect_line 'error: a number is too large' errors
    expect_status 1 "$drover" call ./cxx.so.let_go 2>errors
    expect_line 'signal 6' errors
    expect_line 'nobody catches this' errors
done
