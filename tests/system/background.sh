# shellcheck shell=sh
# Words for tests of runs in the background. Sourced after lib.sh.

# start_job: start job.yaml; its address is then in $address, its run's name in
# $run.
start_job()
{
    address=$("$drover" start job.yaml) || fail "cannot start job.yaml"
    [ -S "$address" ] || fail "no socket at $address"
    run=$(basename "$address" .socket)
}

# field NAME ADDRESS: what status says of it.
field()
{
    "$drover" status --json "$2" | sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

# pid_of ADDRESS: the process that serves it.
pid_of()
{
    field pid "$1"
}

# has_state STATE ADDRESS
has_state()
{
    [ "$(field state "$2")" = "$1" ]
}

# is_unserved ADDRESS: nobody serves it any more.
is_unserved()
{
    [ "$(pid_of "$1")" = null ]
}

# kill_host ADDRESS: with SIGKILL, and wait until it is gone.
kill_host()
{
    host=$(pid_of "$1")
    kill -9 "$host" || fail "nobody serves $1"
    wait_until 10 is_gone "$host" || fail "$host is not gone"
}

# has_lines N FILE
has_lines()
{
    [ "$(wc -l <"$2")" -eq "$1" ]
}

# expect_lines N FILE
expect_lines()
{
    has_lines "$1" "$2" || {
        head -5 "$2" >&2
        fail "$2 has $(wc -l <"$2") lines, not $1"
    }
}
