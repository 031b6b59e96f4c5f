#!/bin/sh
# The programs in C that talk to one process over a channel, in both directions.
. "$srcdir/tests/system/lib.sh"

# count_down FROM: what both programs are to print.
count_down()
{
    name=child
    for number in $(seq "$1" -1 0); do
        echo "$name: $number"
        case $name in child) name=parent ;; *) name=child ;; esac
    done
}

for way in create_loop start_loop; do
    for from in 0 1 10 333; do
        count_down "$from" >expected
        expect_status 0 "$programs/$way" "$from" >actual
        expect_file_equal expected actual
    done
    expect_status 0 "$programs/$way" >actual
    [ "$(wc -l <actual)" -eq 11 ] || fail "$way does not begin with 10"
done

# 524288 numbers from 1000000, and as many from 1, which add up to that.
expect_status 0 "$programs/two_way" >printed
sort printed >actual
cat >expected <<'END_OF_LINES'
child: 524288 numbers sent, those received make 137439215616
parent: 524288 numbers sent, those received make 661726691328
END_OF_LINES
expect_file_equal expected actual
