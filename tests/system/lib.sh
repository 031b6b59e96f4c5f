# What the black-box tests share. A test begins with
#
#     . "$srcdir/tests/system/lib.sh"
#
# and is then in a fresh folder, $work, that is removed at its end.
#
#   $drover     the program that was built
#   $examples   the folder of examples
#   $plugins    the folder of the plugins for tests
#
# make check sets srcdir and top_builddir.

set -u
srcdir=$(cd "${srcdir:-.}" && pwd)
top_builddir=$(cd "${top_builddir:-.}" && pwd)
drover=$top_builddir/src/drover
examples=$srcdir/examples
plugins=$top_builddir/tests/plugins/.libs
DROVER_PLUGIN_PATH=$top_builddir/plugins/.libs:$plugins
DROVER_CONFIG=$srcdir/conf/drover.yaml
export DROVER_PLUGIN_PATH DROVER_CONFIG

exec 9>&2 # a test may redirect standard error around expect_status
fail()
{
    echo "FAIL: $*" >&9
    exit 1
}

# The shell's own exit must not hide a failure, so traps keep the status.
clean_up()
{
    status=$?
    cd / && rm -rf "$work"
    exit $status
}
work=$(mktemp -d) || exit 99
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$work" || exit 99

# expect_status N COMMAND...: the command ends with that exit status.
expect_status()
{
    expected=$1
    shift
    "$@"
    actual=$?
    [ "$actual" -eq "$expected" ] ||
        fail "exit status $actual, not $expected: $*"
}

# expect_file_equal EXPECTED ACTUAL: the files are the same.
expect_file_equal()
{
    cmp -s "$1" "$2" && return
    diff -u "$1" "$2" | head -40 >&2
    fail "$2 differs from $1"
}

# expect_line PATTERN FILE: a line of the file matches (grep -E).
expect_line()
{
    grep -Eq -e "$1" "$2" && return
    sed 's/^/    /' "$2" | head -40 >&2
    fail "no line of $2 matches $1"
}

# wait_until SECONDS COMMAND...: the command succeeds within that time.
wait_until()
{
    left=$(($1 * 20))
    shift
    while [ "$left" -gt 0 ]; do
        "$@" && return 0
        left=$((left - 1))
        sleep 0.05
    done
    return 1
}

# survivors TEXT: the processes, but zombies, whose command line or
# environment holds TEXT, each by its id.
survivors()
{
    for process in /proc/[0-9]*; do
        grep -q '^State:.Z' "$process/status" 2>/dev/null && continue
        if tr '\0' '\n' 2>/dev/null <"$process/cmdline" | grep -Fq -e "$1" ||
            tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -Fq -e "$1"
        then
            echo "${process#/proc/}"
        fi
    done
}
