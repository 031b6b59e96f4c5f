#!/bin/sh
# The command line: help and version, mistakes, and standard streams that are
# closed or full.
. "$srcdir/tests/system/lib.sh"

# Help goes to standard output, and names every command and option.
for asking in --help -h help; do
    expect_status 0 "$drover" $asking >actual 2>errors
    [ ! -s errors ] || fail "$asking: $(cat errors)"
    expect_line '^Usage: drover ' actual
    for command in run call check describe; do
        expect_line "^  $command " actual
    done
done
for command in run call check describe; do
    for asking in --help -h; do
        expect_status 0 "$drover" $command $asking >actual 2>errors
        [ ! -s errors ] || fail "$command $asking: $(cat errors)"
        expect_line "^Usage: drover $command " actual
        expect_line '^  -h, --help +print this help$' actual
    done
done
expect_status 0 "$drover" --version >actual
expect_line '^drover [0-9]+\.[0-9]+\.[0-9]+$' actual

# complain PATTERN ARGUMENT...: a mistake in the command line is one line, and
# the status 64.
complain()
{
    pattern=$1
    shift
    expect_status 64 "$drover" "$@" >actual 2>errors </dev/null
    [ ! -s actual ] || fail "a mistake on standard output: $*"
    [ "$(wc -l <errors)" -eq 1 ] || fail "not one line: $(cat errors)"
    expect_line "^drover: $pattern\$" errors
}
complain 'which command\? \(see drover --help\)'
complain 'no command "rnu" \(did you mean "run"\?\)' rnu
complain 'no command "xyzzy" \(see drover --help\)' xyzzy
complain 'no command ".*' ''
complain 'no option --frobnicate in front of a command .*' --frobnicate
for command in run check; do
    complain "$command takes one job file \(see drover $command --help\)" \
        $command
    complain "$command takes one job file .*" $command a.yaml b.yaml
    complain "$command takes one job file, not an empty name .*" $command ''
done
complain 'describe takes one .* \(see drover describe --help\)' describe
complain 'describe takes one .*' describe text grid
complain 'no option --wurkers \(did you mean --workers\?\) .*' \
    run --wurkers=3 job.yaml
complain 'call takes PLUGIN.TASK .*' call
complain '"grid" is not PLUGIN.TASK .*' call grid
complain '".task" is not PLUGIN.TASK .*' call .task
complain '"./grid.so/x" is not PLUGIN.TASK .*' call ./grid.so/x
complain '"i" is not NAME=VALUE on one line .*' call grid.calculate i

# A path of a plugin that lacks something.
cp "$top_builddir/plugins/.libs/grid.so" .
complain 'no file "./grid" \(did you mean "./grid.so.calculate"\?\) .*' \
    call ./grid.calculate i=1 j=2
complain '"./grid.so" is a plugin; add which task, as in ./grid.so.TASK .*' \
    call ./grid.so
expect_status 78 "$drover" describe ./grid >actual 2>errors
expect_line '^drover: plugin ./grid: no file "./grid" .*"./grid.so"' errors
cat >job.yaml <<'END'
version: 1
plugins: {grid: ./grid}
stages:
  s: {task: grid.calculate, with: {i: 1, j: 2}}
END
expect_status 78 "$drover" check job.yaml >actual 2>errors
expect_line '^job.yaml:2:11: plugin grid: no file ".*/grid" .*/grid.so"' errors

# An argument that is missing.
expect_status 65 "$drover" call grid.calculate i=1 >actual 2>errors
echo 'drover: task grid.calculate needs the parameter "j" (an int): add j=VALUE' \
    >expected
expect_file_equal expected errors
complain 'option --workers: expected a number of 1 to 1024 .*' \
    run --workers 0 job.yaml
for number in -1 1025 99999999999999999999 two '' 1.5 ' '; do
    complain 'option --workers: expected a number .*' \
        run "--workers=$number" job.yaml
    complain 'option --workers: expected a number .*' run -w "$number" job.yaml
done
complain 'option --workers needs a value .*' run --workers
complain 'option --log-level: expected error, warning, .*' \
    run --log-level loud job.yaml
complain 'option --nan: expected null or text .*' run --nan zero job.yaml
complain 'option --format: expected json or text .*' run --format yaml job.yaml
complain 'no option --jsn \(did you mean --json\?\) .*' describe --jsn grid
complain 'no option -x .*' run -x job.yaml

# Options may follow operands; "--" ends them.
printf '42\n' >expected
expect_status 0 "$drover" call grid.calculate i=4 j=2 --nan text >actual
expect_file_equal expected actual
expect_status 66 "$drover" run -- --help >actual 2>errors
expect_line '^drover: .*--help: No such file or directory$' errors

# Closed standard streams change nothing else.
write_job 2 <<'END'
  table:
    task: grid.calculate
    each: {i: {range: [0, 4]}, j: {range: [0, 10]}}
END
seq 0 39 >expected
expect_status 0 "$drover" run job.yaml >actual <&-
expect_file_equal expected actual
expect_status 0 "$drover" run job.yaml >actual 2>&-
expect_file_equal expected actual
expect_status 0 "$drover" run job.yaml >actual <&- 2>&-
expect_file_equal expected actual
"$drover" run job.yaml <&- >&- 2>&-
status=$?
case $status in
0 | 74) ;;
*) fail "exit status $status with all streams closed" ;;
esac
# A job's own output does not get into a file that took a closed stream's place.
write_job 2 <<'END'
  loud:
    task: faulty.print
    each: {i: {range: [0, 10]}}
END
seq 0 9 >expected
expect_status 0 "$drover" run job.yaml >actual <&- 2>&-
expect_file_equal expected actual

# What cannot be written is said.
for command in 'run job.yaml' 'call grid.calculate i=1 j=2' 'check job.yaml' \
    'describe grid' 'describe --json grid' --help --version 'run --help'; do
    # shellcheck disable=SC2086
    expect_status 74 "$drover" $command >/dev/full 2>errors
    expect_line '^drover: cannot write to standard output' errors
done

# Being started with signals ignored or blocked changes nothing.
seq 0 9 >expected
(
    trap '' CHLD PIPE
    expect_status 0 "$drover" run job.yaml >actual 2>errors
) || exit 1
expect_file_equal expected actual
