#!/bin/sh
# Random numbers of calls depend on the job's seed and on what the call is, and
# on nothing else.
. "$srcdir/tests/system/lib.sh"

# write_job SEED WORKER RANGE
write_job()
{
    cat >job.yaml <<END
version: 1
seed: $1
plugins: {random: random}
stages:
  draw:
    task: random.numbers
    each: {i: {range: $3}}
    worker: $2
END
}

write_job 0 forked '[0, 20]'
expect_status 0 "$drover" run --workers 1 job.yaml >expected
[ "$(sort -u expected | wc -l)" -eq 20 ] || fail "calls have the same numbers"
tr -d '[]' <expected | tr , '\n' | sort -u >numbers
[ "$(wc -l <numbers)" -eq 100 ] || fail "numbers come twice"
expect_status 0 "$drover" run --workers 4 job.yaml >actual
expect_file_equal expected actual

for workers in 1 4; do
    write_job 0 reused '[0, 20]'
    expect_status 0 "$drover" run --workers $workers job.yaml >actual
    expect_file_equal expected actual
done

# In another order, and without a seed, which then is 0.
write_job 0 reused '[19, -1, -1]'
sed -i /seed:/d job.yaml
expect_status 0 "$drover" run --workers 4 job.yaml >actual
tac expected >reversed
expect_file_equal reversed actual

# Equal calls have equal numbers, wherever they stand.
cat >job.yaml <<END
version: 1
plugins: {other: random}
stages:
  draw:
    task: other.numbers
    each: {count: [3, 3]}
    with: {i: 7}
END
expect_status 0 "$drover" run job.yaml >actual
sed -n '8p;8p' expected >equal
expect_file_equal equal actual

# Another seed, other numbers.
write_job 1 reused '[0, 20]'
expect_status 0 "$drover" run --workers 4 job.yaml >actual
[ "$(sort -u expected actual | wc -l)" -eq 40 ] || fail "the seed does not matter"

# One call by itself: the same.
sed -n 8p actual >one
expect_status 0 "$drover" call --seed 1 random.numbers i=7 >actual
expect_file_equal one actual
expect_status 0 "$drover" call random.numbers i=7 >actual
sed -n 8p expected >one
expect_file_equal one actual

# The command that repeats a failed call has the seed.
write_job 1 forked '[7, 8]'
echo '    with: {fail: true}' >>job.yaml
expect_status 1 "$drover" run job.yaml >actual 2>errors
expect_line '^ *repeat: drover call --seed 1 random.numbers .i=7. ' errors

for seed in -1 x 9223372036854775808 ''; do
    expect_status 64 "$drover" call --seed "$seed" random.numbers >actual 2>errors
    expect_line 'expected an int of 0 to 9223372036854775807' errors
done
