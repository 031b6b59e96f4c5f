#!/bin/sh
# What is wrong with a job file is said exactly, in one go, and nothing is run.
. "$srcdir/tests/system/lib.sh"

# Every bad job of the collection, by `check` and by `run`.
cp "$srcdir"/tests/bad-jobs/* . || fail "no bad jobs"
count=0
for job in [0-9]*.yaml; do
    expected=${job%.yaml}.expected
    status=65
    grep -Eq 'no file [a-z.]+\.so in|cannot (open|be loaded)' "$expected" &&
        status=78
    for command in check run; do
        expect_status $status timeout 10 "$drover" $command "$job" \
            >actual 2>errors
        expect_file_equal "$expected" errors
        [ ! -s actual ] || fail "$job: output in spite of mistakes"
    done
    count=$((count + 1))
done
[ $count -ge 100 ] || fail "only $count bad jobs"

# refuse STATUS PATTERN FILE: one clear line about the file, soon.
refuse()
{
    begin=$(date +%s%N)
    for command in check run; do
        expect_status "$1" timeout 10 "$drover" $command "$3" \
            >actual 2>errors </dev/null
        [ ! -s actual ] || fail "$3: output in spite of mistakes"
        [ "$(wc -l <errors)" -eq 1 ] || fail "$3: not one line: $(cat errors)"
        [ "$(wc -c <errors)" -le 400 ] || fail "$3: a long line: $(cat errors)"
        expect_line "$2" errors
    done
    end=$(date +%s%N)
    echo "$3: $(((end - begin) / 2000000)) ms"
}

# Files that are not there, or cannot be read as one.
refuse 66 '^drover: .*nowhere.yaml: No such file or directory$' nowhere.yaml
refuse 64 '^drover: (check|run) takes one job file, not an empty name ' ''
refuse 66 '^drover: .*: Is a directory$' .
refuse 66 '^drover: .*: Not a directory$' 001-empty.yaml/job.yaml
ln -s loop.yaml loop.yaml
refuse 66 '^drover: .*loop.yaml: Too many levels of symbolic links$' loop.yaml
name=$(printf '%0300d' 0)
expect_status 66 "$drover" check "$name" >actual 2>errors
expect_line 'File name too long$' errors
if [ "$(id -u)" -ne 0 ]; then
    cp 002-only-comments.yaml locked.yaml
    chmod 0 locked.yaml
    refuse 77 '^drover: .*locked.yaml: Permission denied$' locked.yaml
fi

# Contents that no job has.
: >empty.yaml
refuse 65 '^empty.yaml:1:1: ' empty.yaml
head -c 80000 /dev/zero | tr '\0' '[' >brackets.yaml
refuse 65 '^brackets.yaml:1:' brackets.yaml
head -c 80000 /dev/zero | tr '\0' '{' >braces.yaml
refuse 65 '^braces.yaml:1:' braces.yaml
awk 'BEGIN { for (i = 0; i < 300; i++) { printf "%*s- \n", 2 * i, "" } }' \
    >deep.yaml
refuse 65 '^deep.yaml:[0-9]+:' deep.yaml
head -c 1048576 /dev/urandom >random.yaml
refuse 65 '^random.yaml:' random.yaml
refuse 65 '^.*/src/drover:' "$drover"
printf 'version: 1\0\nstages: {}\n' >nul.yaml
refuse 65 '^nul.yaml:1:' nul.yaml
printf '\376\377\0v\0e\0r\0s\0i\0o\0n' >utf16.yaml
refuse 65 '^utf16.yaml: .*UTF-16' utf16.yaml
printf 'version: 1\nname: "\303("\n' >latin.yaml
refuse 65 '^latin.yaml:2:' latin.yaml
yes '# many comments' | head -c 2000000 >large.yaml
refuse 65 '^large.yaml:' large.yaml
refuse 65 '^/dev/zero:' /dev/zero
{
    echo 'version: 1'
    echo 'plugins: {grid: grid}'
    echo 'a: &a [x, x, x, x, x, x, x, x, x, x]'
    before=a
    for name in b c d e f g h i; do
        echo "$name: &$name [*$before, *$before, *$before, *$before, \
*$before, *$before, *$before, *$before, *$before, *$before]"
        before=$name
    done
} >bomb.yaml
refuse 65 '^bomb.yaml:[0-9]+:' bomb.yaml
{
    printf 'version: 1\nplugins: {grid: grid}\nstages:\n  s:\n    task: '
    head -c 100000 /dev/zero | tr '\0' x
    echo
} >scalar.yaml
refuse 65 '^scalar.yaml:5:' scalar.yaml

# A pipe that never ends; a job from a pipe is read like any other.
mkfifo endless
yes '- - -' >endless 2>yes.txt &
writer=$!
expect_status 65 timeout 10 "$drover" check endless >actual 2>errors
[ "$(wc -l <errors)" -eq 1 ] || fail "endless: not one line: $(cat errors)"
wait $writer
write_job 1 <<'END'
  s: {task: grid.calculate, with: {i: 1, j: 2}}
END
echo 12 >expected
cat job.yaml >endless &
expect_status 0 "$drover" run endless >actual
expect_file_equal expected actual
expect_status 0 "$drover" run /dev/stdin <job.yaml >actual
expect_file_equal expected actual

# Very many mistakes are shown in part, and counted.
{
    printf 'version: 1\nplugins: {grid: grid}\nstages:\n'
    for i in $(seq 200); do
        echo "  s$i: {task: grid.nothing}"
    done
} >many.yaml
expect_status 65 "$drover" check many.yaml 2>errors
expect_line '^many.yaml: and [0-9]+ more$' errors
shown=$(grep -c '^many.yaml:[0-9]*:[0-9]*: stage s[0-9]*: ' errors)
more=$(sed -n 's/^many.yaml: and \([0-9]*\) more$/\1/p' errors)
[ $((shown + more)) -eq 200 ] || fail "$shown and $more are not 200"

# What check finds no mistake in can be run.
expect_status 0 "$drover" check job.yaml >actual
expect_line '^job.yaml: no mistakes found$' actual
