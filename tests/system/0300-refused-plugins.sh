#!/bin/sh
# A plugin that cannot be used is refused in one sentence, whatever it does
# while it is loaded: the host lives, nothing is left running.
. "$srcdir/tests/system/lib.sh"

# refuse NAME PATTERN: `describe` and `check` say so, with the status 78.
refuse()
{
    expect_status 78 timeout 60 "$drover" describe "$1" >actual 2>errors
    [ ! -s actual ] || fail "$1: a description"
    grep -v '^plugin: ' errors >sentences
    [ "$(wc -l <sentences)" -eq 1 ] || fail "$1: not one line: $(cat errors)"
    expect_line "^drover: plugin $1: $2\$" sentences
    cat >job.yaml <<END
version: 1
plugins: {good: grid, bad: "$1"}
stages:
  s: {task: bad.answer}
  t: {task: good.calculate, with: {i: 1, k: 2}}
END
    expect_status 78 timeout 60 env "MARK=$work" "$drover" run job.yaml \
        >actual 2>errors
    [ ! -s actual ] || fail "$1: results"
    # All that is wrong with the job is said in the same go.
    grep -v '^plugin: ' errors >sentences
    expect_line "^job.yaml:2:23: plugin bad: $2\$" sentences
    expect_line '^job.yaml:5:[0-9]+: stage t: no parameter "k"' sentences
    no_survivors "MARK=$work" || fail "$1: something is left running"
}

by_file='[^ ]*/'
if [ "$sanitized" = no ]; then
    refuse ctor-crash \
        'crashed while it was loaded: signal 11 \(SIGSEGV\)'
fi
refuse ctor-exit 'ended the process with exit status 3 while it was loaded'
refuse ctor-thread 'left 1 threads? running when it was loaded, .*'
refuse wrong-magic "is no drover plugin: .*"
refuse wrong-major 'was built for plugin ABI 2\.0, this drover has 1\.0; .*'
refuse higher-minor 'was built for plugin ABI 1\.1, this drover has 1\.0; .*'
refuse task-twice 'task 2 \(answer\): it is there twice'
refuse task-name 'task 1 \(Not A Name\): its name is not lower-case .*'
refuse bad-fallback 'task 1 \(answer\): parameter 1 \(count\): .*many.*'
refuse no-symbol \
    "is no drover plugin: it exports no drover_plugin"
refuse missing-symbol 'cannot be loaded: .*drover_test_nowhere.*'
refuse grdi 'no file grdi.so in .*\(did you mean "grid"\?\)'
refuse xyzzyx 'no file xyzzyx.so in [^(]*'

# Files that are no shared objects, or only the beginning of one.
mkdir folder
DROVER_PLUGIN_PATH=$work/folder:$DROVER_PLUGIN_PATH
echo 'This is no plugin.' >folder/written.so
refuse written 'cannot be loaded: .*written.so: .*'
: >folder/empty.so
refuse empty 'cannot be loaded: .*empty.so: .*'
mkdir folder/directory.so
refuse directory "${by_file}directory.so is no file"
ln -s nowhere folder/dangling.so
refuse dangling 'no file dangling.so in .*'
mkfifo folder/pipe.so
refuse pipe "${by_file}pipe.so is no file"
if [ "$sanitized" = no ]; then
    for part in 64 1000 5000 9000; do
        head -c $part "$plugins/faulty.so" >folder/cut.so
        expect_status 78 timeout 60 "$drover" describe cut >actual 2>errors
        [ "$(grep -vc '^plugin: ' errors)" -eq 1 ] ||
            fail "cut at $part: not one line: $(cat errors)"
        expect_line '^drover: plugin cut: (cannot be loaded|crashed|.* is no)' \
            errors
    done
fi

# Files that others could have written.
umask 022
cp "$plugins/faulty.so" folder/open.so
expect_status 0 "$drover" describe open >actual
chmod o+w folder/open.so
refuse open "${by_file}open.so can be written by others; .*chmod .*"
chmod o-w folder/open.so
chmod o+w folder
refuse open "${by_file}folder can be written by others; .*chmod .*"
chmod +t folder
expect_status 0 "$drover" describe open >actual
chmod o-w,-t folder
if [ "$(id -u)" -eq 0 ]; then
    chown 65534 folder/open.so
    refuse open "${by_file}open.so belongs to user 65534, .*"
    chown 0 folder/open.so
fi
expect_status 0 "$drover" describe open >actual

# A constructor may print; that goes to standard error, marked.
echo 42 >expected
expect_status 0 "$drover" call ctor-prints.answer >actual 2>errors
expect_file_equal expected actual
expect_line '^plugin: hello from a constructor$' errors
expect_status 0 "$drover" describe ctor-prints >actual
! grep -q hello actual || fail "a constructor prints into a description"

# Refusing or crashing in worker_start fails the calls, not the host.
for mode in forked reused; do
    for name in start-refuses start-crashes; do
        # A sanitizer ends the process in a way of its own.
        [ "$sanitized $name" != 'yes start-crashes' ] || continue
        cat >job.yaml <<END
version: 1
plugins: {bad: $name, grid: grid}
workers: 2
stages:
  s: {task: bad.answer, worker: $mode}
  t: {task: grid.calculate, worker: $mode, each: {i: [0, 1, 2]}, with: {j: 3}}
END
        expect_status 1 timeout 60 "$drover" run job.yaml >actual 2>errors
        [ ! -s actual ] || fail "$name: results: $(cat actual)"
        expect_line '^drover: 4 of 4 calls did not succeed:$' errors
        if [ $name = start-refuses ]; then
            what='load: worker_start of plugin start-refuses returned 5$'
        else
            what='(load: .*died before any call: |signal: (.*the last one: )?)killed by signal 11'
        fi
        expect_line "^  s\[0\]: $what" errors
        expect_line "^  t\[2\]: $what" errors
    done
done

# A plugin that never gets loaded is given up after ten seconds.
expect_status 78 timeout 60 "$drover" describe ctor-hang >actual 2>errors
echo 'drover: plugin ctor-hang: did not load within 10 s' >expected
expect_file_equal expected errors
