# shellcheck shell=sh disable=SC2034
# What the black-box tests share. A test begins with
#
#     . "$srcdir/tests/system/lib.sh"
#
# and is then in a fresh folder, $work, that is removed at its end.
#
#   $drover     the program that was built
#   $examples   the folder of examples
#   $programs   the folder of the examples in C, built
#   $plugins    the folder of the plugins for tests
#
# Stores are in $work/state, sockets without an address of their own in
# $work/runtime. What runs in the background when a test ends is killed.
#
# Descriptor 9 is where failures are told; tests leave it alone.
#
# make check sets srcdir and top_builddir, and `sanitized` to yes when drover
# was built with sanitizers.

set -u
srcdir=$(cd "${srcdir:-.}" && pwd)
top_builddir=$(cd "${top_builddir:-.}" && pwd)
drover=$top_builddir/src/drover
examples=$srcdir/examples
programs=$top_builddir/examples/c
plugins=$top_builddir/tests/plugins/.libs
DROVER_PLUGIN_PATH=$top_builddir/plugins/.libs:$plugins
DROVER_CONFIG=$srcdir/conf/drover.yaml
export DROVER_PLUGIN_PATH DROVER_CONFIG
sanitized=${sanitized:-no}

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
    cd "$work" && for process in $(survivors "$XDG_STATE_HOME"); do
        kill -9 "$process" 2>kill.txt
    done
    cd / && rm -rf "$work"
    exit $status
}
work=$(mktemp -d) || exit 99
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$work" || exit 99
XDG_STATE_HOME=$work/state
XDG_RUNTIME_DIR=$work/runtime
export XDG_STATE_HOME XDG_RUNTIME_DIR
mkdir -m 700 "$XDG_RUNTIME_DIR" || exit 99

# expect_status N COMMAND...: the command ends with that exit status.
expect_status()
{
    expected_status=$1
    shift
    "$@"
    actual_status=$?
    [ "$actual_status" -eq "$expected_status" ] ||
        fail "exit status $actual_status, not $expected_status: $*"
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

# skip REASON: this test makes no sense here.
skip()
{
    echo "SKIP: $*" >&2
    exit 77
}

# write_job WORKERS: job.yaml of the plugins for tests and the bundled grid and
# text, its stages given on standard input.
write_job()
{
    cat >job.yaml <<END
version: 1
plugins: {faulty: faulty, grid: grid, text: text}
workers: $1
stages:
END
    cat >>job.yaml
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

# is_gone ID: there is no such process, or only a zombie.
is_gone()
{
    ! grep -q '^State:[[:space:]]*[^Z[:space:]]' "/proc/$1/status" 2>gone.txt
}

# survivors TEXT: the processes, but zombies, whose command line or
# environment holds TEXT, each by its id. TEXT must not be in the environment
# of the test itself.
survivors()
{
    grep -alsF -e "$1" /proc/[0-9]*/environ /proc/[0-9]*/cmdline |
        cut -d / -f 3 | sort -u >survivors.txt
    # The search has found itself; that is over.
    while read -r process; do
        is_gone "$process" || echo "$process"
    done <survivors.txt
}

# no_survivors TEXT: there are none.
no_survivors()
{
    [ -z "$(survivors "$1")" ]
}
