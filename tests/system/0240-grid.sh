#!/bin/sh
# The tutorial's calculation: the numbers 0 to 99, in order unless they are
# asked for in order of arrival.
. "$srcdir/tests/system/lib.sh"

seq 0 99 >expected
for example in grid grid-reused; do
    expect_status 0 "$drover" run "$examples/$example.yaml" >actual
    expect_file_equal expected actual
done

for i in 0 1 2 3 4 5 6 7 8 9; do
    for j in 0 1 2 3 4 5 6 7 8 9; do
        echo "[$i,$j,$((i * 10 + j))]"
    done
done >expected
expect_status 0 "$drover" run "$examples/grid-arrival.yaml" >arrived
sort arrived >actual
expect_file_equal expected actual

# In order of arrival the quick call overtakes the slow one, and only there.
cat >arrival.yaml <<'END'
version: 1
plugins: {grid: grid}
workers: 2
stages:
  table:
    task: grid.calculate
    order: arrival
    each: {i: [2, 0]}
    with: {j: 7, delay: "${i}"}
END
expect_status 0 "$drover" run arrival.yaml >actual
printf '7\n27\n' >expected
expect_file_equal expected actual
sed 's/order: arrival/order: input/' arrival.yaml >input.yaml
expect_status 0 "$drover" run input.yaml >actual
printf '27\n7\n' >expected
expect_file_equal expected actual

# A result that no int can hold fails its call, with the numbers.
cat >large.yaml <<'END'
version: 1
plugins: {grid: grid}
stages:
  table:
    task: grid.calculate
    each:
      i: [922337203685477580, 922337203685477581]
      j: [7, 8]
    with: {delay: 0}
END
expect_status 1 "$drover" run large.yaml >actual 2>errors
echo 9223372036854775807 >expected
expect_file_equal expected actual
for sum in '922337203685477580 \* 10 + 8' '922337203685477581 \* 10 + 7'; do
    grep -q "$sum is too large for an int" errors ||
        fail "the overflow of $sum is not explained"
done

# A delay has a range.
for delay in -1 86401 soon; do
    sed -e "s/with: .*/with: {delay: $delay}/" large.yaml >delay.yaml
    expect_status 65 "$drover" run delay.yaml 2>errors
    grep -q delay errors || fail "a delay of $delay is not named"
done
