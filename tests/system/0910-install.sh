#!/bin/sh
# What is installed works from where it was put: the program, its plugins, and
# the headers by which others are made.
. "$srcdir/tests/system/lib.sh"
root=$work/root

(cd "$top_builddir" && ${MAKE:-make} -s install "DESTDIR=$root") >made 2>&1 ||
    fail "make install: $(tail -5 made)"
prefix=$(sed -n 's/^prefix=//p' "$top_builddir/drover.pc")
installed=$(find "$root" -path '*/bin/drover' -type f)
[ -x "$installed" ] || fail "no program"
bundled=$(find "$root" -name grid.so -exec dirname {} \;)
[ -d "$bundled" ] || fail "no plugins"
for manual in drover.1 drover-job.5 drover.3 drover-plugin.3 drover_exchange_next.3; do
    ! command -v scdoc >which ||
        find "$root" -name "$manual*" | grep -q . || fail "no manual $manual"
done

# It runs from there.
LD_LIBRARY_PATH=$(dirname "$(find "$root" -name libdrover.so.0)")
export LD_LIBRARY_PATH
unset DROVER_CONFIG
DROVER_PLUGIN_PATH=$bundled
seq 0 99 >expected
expect_status 0 "$installed" run "$examples/grid-reused.yaml" >actual
expect_file_equal expected actual
expect_status 0 "$installed" describe raytrace >actual

# The example in the public header is a plugin that can be built and run.
command -v "${PKG_CONFIG:-pkg-config}" >which || skip "no pkg-config"
PKG_CONFIG_PATH=$(dirname "$(find "$root" -name drover.pc)")
PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
flags=$(${PKG_CONFIG:-pkg-config} --cflags drover) || fail "no flags"
case $flags in
*"-I$root$prefix"*) ;;
*) fail "pkg-config leads elsewhere: $flags" ;;
esac
version=$("$installed" --version)
[ "$version" = "drover $(${PKG_CONFIG:-pkg-config} --modversion drover)" ] ||
    fail "pkg-config knows another version"
sed -n '/^ \*     #include/,/^ \*     DROVER_PLUGIN/s/^ \* \{0,5\}//p' \
    "$srcdir/include/drover/plugin.h" >sums.c
grep -q DROVER_PLUGIN sums.c || fail "no example in plugin.h"
# shellcheck disable=SC2086 # several flags
${CC:-cc} -Wall -Wextra -Werror -shared -fPIC -o sums.so sums.c $flags ||
    fail "the example in plugin.h does not compile"
expect_status 0 "$installed" call ./sums.so.add a=40 b=2 >actual
echo 42 >expected
expect_file_equal expected actual

# A program that links to the library finds all that the headers declare.
cat >program.c <<'END'
#include <stdio.h>
#include <stdlib.h>

#include <drover.h>

int main(void)
{
    struct drover_builder *builder = drover_builder_create();
    struct drover_value value;
    char *text;
    drover_build_pack(builder, "{s: [i, i]}", "answer", 4, 2);
    if (drover_builder_value(builder, &value, NULL) < 0 ||
        drover_value_to_json(value, 0, &text, NULL) < 0)
        return 1;
    puts(text);
    free(text);
    drover_builder_destroy(builder);
    return 0;
}
END
libraries=$(${PKG_CONFIG:-pkg-config} --libs drover) || fail "no libraries"
if [ "$sanitized" = no ]; then
    # shellcheck disable=SC2086 # several flags
    ${CC:-cc} -Wall -Wextra -Werror -o program program.c $flags $libraries ||
        fail "a program does not link to the library"
    expect_status 0 ./program >actual
    echo '{"answer":[4,2]}' >expected
    expect_file_equal expected actual
fi

# The examples in C can be copied from there and built.
if [ "$sanitized" = no ]; then
    cp -r "$(find "$root" -path '*/examples/c' -type d)" programs
    ${MAKE:-make} -s -C programs CC="${CC:-cc}" \
        CFLAGS='-Wall -Wextra -Werror' >made 2>&1 ||
        fail "the examples in C do not build: $(tail -5 made)"
    for program in "$programs"/*; do
        [ ! -f "$program" ] || [ ! -x "$program" ] ||
            [ -x "programs/${program##*/}" ] ||
            fail "examples/c/Makefile does not build ${program##*/}"
    done
    GRID_DELAY_MS=0 expect_status 0 programs/simple_managed_queue >actual
    expect_line '^90 91 92 93 94 95 96 97 98 99$' actual
fi

# What was installed can be taken away.
(cd "$top_builddir" && ${MAKE:-make} -s uninstall "DESTDIR=$root") >made 2>&1 ||
    fail "make uninstall: $(tail -5 made)"
[ -z "$(find "$root" -type f -o -type l)" ] ||
    fail "left: $(find "$root" -type f -o -type l)"
