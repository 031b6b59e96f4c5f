# shellcheck shell=sh disable=SC2034
# Words for tests of documents that show files and commands. Sourced after
# lib.sh.
#
# A file begins with its name: "```c map.c". Commands and what they print stand
# in a "```console", each command after a dollar sign.
: "${CC:=cc}"

# make_stranger: a folder bin for somebody who has drover installed, and is
# warned by the compiler. Programs link to the library of this build.
make_stranger()
{
    library=$top_builddir/src/.libs
    flags=
    ! grep -q __asan_ "$library/libdrover.so" || flags="$flags -fsanitize=address"
    ! grep -q __ubsan_ "$library/libdrover.so" || flags="$flags -fsanitize=undefined"
    # CC may be "gcc -m64"; the compiler must not find the one in bin.
    compiler=$(command -v "${CC%% *}") || fail "no compiler"
    case $CC in *" "*) flags="${CC#* } $flags" ;; esac
    mkdir bin
    ln -s "$drover" bin/drover
    cat >bin/pkg-config <<STRANGER
#!/bin/sh
for word; do
    case \$word in
    --cflags) echo "-I$srcdir/include" ;;
    --libs) echo "-L$library -ldrover" ;;
    esac
done
STRANGER
    cat >bin/cc <<STRANGER
#!/bin/sh
exec $compiler $flags -Wall -Wextra -Werror "\$@"
STRANGER
    chmod +x bin/pkg-config bin/cc
    LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
}

# extract_files DOCUMENT FOLDER: make the files that the document shows.
extract_files()
{
    awk -v folder="$2" '/^```[a-z]+ [^ ]+$/ { file = folder "/" $2; next }
         /^```/ { file = "" }
         file != "" { print >file }' "$1"
}

# extract_consoles DOCUMENT SHOWN: what its consoles show, one after the other.
extract_consoles()
{
    awk '/^```console$/ { on = 1; next }
         /^```/ { on = 0 }
         on' "$1" >"$2"
}

# run_shown FOLDER SHOWN PRINTED: run the commands of a console in that folder,
# each printed before it runs, as the console shows them.
run_shown()
{
    awk '/^\$ / { command = substr($0, 3)
                  quoted = command; gsub(/\047/, "\047\\\047\047", quoted)
                  print "echo \047$ " quoted "\047"; print command }' "$2" >commands
    [ -s commands ] || fail "$2: no commands are shown"
    (cd "$1" && PATH=$work/bin:$PATH sh ../commands) >"$3" 2>&1
}
