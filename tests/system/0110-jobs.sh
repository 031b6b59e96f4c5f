#!/bin/sh
# What a job file can ask for: nested loops, lines, patterns, substitution,
# stages that need others, orders, workers.
# shellcheck disable=SC2016 # ${...} is for drover, not for the shell
. "$srcdir/tests/system/lib.sh"

# run_job: job.yaml gives exactly the lines of the file `expected`.
run_job()
{
    expect_status 0 timeout 60 "$drover" run job.yaml >actual
    expect_file_equal expected actual
}

# echoed A B: what faulty.echo returns for these, as JSON.
echoed()
{
    echo "{\"a\":$1,\"b\":$2,\"list\":null,\"text\":null,\"number\":null}"
}

# The name that stands first is the outer loop, whatever the task's order.
write_job 3 <<'END'
  s:
    task: faulty.echo
    each: {b: [1, 2], a: [x, "y z", 3]}
END
for b in 1 2; do
    for a in '"x"' '"y z"' 3; do
        echoed "$a" "$b"
    done
done >expected
run_job

# Ranges: with steps, downwards, empty.
write_job 1 <<'END'
  s:
    task: faulty.end
    each: {i: {range: [9, -4, -3]}}
    with: {when: []}
END
printf '%s\n' 9 6 3 0 -3 >expected
run_job
write_job 1 <<'END'
  none:
    task: faulty.end
    each: {i: {range: [5, 5]}}
    with: {when: []}
  nobody:
    task: faulty.end
    each: {i: []}
    with: {when: []}
  gathered:
    task: faulty.echo
    with: {a: "${none}", b: "${nobody}"}
END
echoed '[]' '[]' >expected
run_job

# Lines of a file: any ending, the last one with or without; empty ones count;
# text that looks like a number becomes one where an int is expected.
printf 'one\r\n\n  two \n"3"\nlast' >lines
write_job 2 <<'END'
  s:
    task: faulty.echo
    each: {text: {lines: lines}}
END
expect_status 0 "$drover" run job.yaml >actual
sed -n 's/.*"text":\(.*\),"number".*/\1/p' actual >texts
printf '%s\n' '"one"' '""' '"  two "' '"\"3\""' '"last"' >expected
expect_file_equal expected texts
printf '7\n-8' >lines
write_job 2 <<'END'
  s:
    task: faulty.end
    each: {i: {lines: lines}}
    with: {when: []}
END
printf '7\n-8\n' >expected
run_job

# As the inner loop a file is read anew in each turn of the outer one.
printf 'x\ny\n' >lines
write_job 2 <<'END'
  s:
    task: faulty.echo
    each: {a: [1, 2, 3], b: {lines: lines}}
END
for a in 1 2 3; do
    echoed $a '"x"'
    echoed $a '"y"'
done >expected
run_job

# Standard input is read as it comes, from a pipe as from a file.
write_job 1 <<'END'
  s:
    task: faulty.end
    worker: reused
    each: {i: {lines: "-"}}
    with: {when: []}
END
seq 1 5000 >numbers
expect_status 0 "$drover" run job.yaml <numbers >actual
expect_file_equal numbers actual
seq 1 5000 | "$drover" run job.yaml >actual || fail "lines of a pipe"
expect_file_equal numbers actual
# A pattern's files come sorted; when there are none, that is said.
mkdir files
touch files/b.txt files/a.txt files/c.md files/.hidden.txt
write_job 2 <<'END'
  s:
    task: faulty.echo
    each: {text: {glob: "files/*.txt"}, number: [1]}
  none:
    task: faulty.echo
    each: {text: {glob: "files/*.nothing"}}
END
expect_status 1 "$drover" run job.yaml >actual 2>errors
expect_line "^  none: error: .* no file matches \"files/\\*\\.nothing\" in the \
working folder, $(pwd -P)\$" errors
expect_line '^drover: 1 stage did not begin:$' errors
sed -n 's/.*"text":\(.*\),"number".*/\1/p' actual >texts
printf '"files/a.txt"\n"files/b.txt"\n' >expected
expect_file_equal expected texts

# Substitution: alone a value keeps its type, inside text it is formatted; it
# reaches into lists; $$ is a dollar sign.
write_job 2 <<'END'
  s:
    task: faulty.echo
    each: {number: [7], text: ["a b"]}
    with:
      a: "${number}"
      b: "<${number}|${text}> $${number} $$5"
      list: ["${number}", [x, "${text}"], 5.5, true, null]
END
echo '{"a":7,"b":"<7|a b> ${number} $5","list":[7,["x","a b"],5.5,true,null],"text":"a b","number":7}' \
    >expected
run_job

# All results of a stage, in input order, wherever they are substituted.
write_job 3 <<'END'
  squares:
    task: faulty.end
    each: {i: {range: [0, 5]}}
    with: {when: []}
  pairs:
    task: faulty.many
    worker: reused
    each: {i: [1, 2]}
    with: {count: 2}
  s:
    task: faulty.echo
    with: {a: "${squares}", list: ["${pairs}", "${squares}"]}
END
echo '{"a":[0,1,2,3,4],"b":null,"list":[[[1,0],[1,1],[2,0],[2,1]],[0,1,2,3,4]],"text":null,"number":null}' \
    >expected
run_job

# Which stages' results are printed.
cat >>job.yaml <<'END'
results: [pairs]
END
printf '%s\n' '[1,0]' '[1,1]' '[2,0]' '[2,1]' >expected
run_job

# A stage begins when what it needs has ended.
write_job 4 <<'END'
  last:
    task: faulty.end
    worker: reused
    each: {i: {range: [20, 30]}}
    with: {when: []}
    needs: [middle]
  first:
    task: faulty.end
    each: {i: {range: [0, 10]}}
    with: {when: []}
  middle:
    task: faulty.end
    each: {i: {range: [10, 20]}}
    with: {when: []}
    needs: [first]
results: [first, middle, last]
END
seq 0 29 >expected
run_job

# Results sent ahead of the end; a call that neither sends nor returns any has
# the result null.
for mode in forked reused; do
    write_job 2 <<END
  s:
    task: faulty.many
    worker: $mode
    each: {i: {range: [0, 30]}}
    with: {count: 3, returns: false}
END
    for i in $(seq 0 29); do
        printf '[%s,0]\n[%s,1]\n[%s,2]\n' "$i" "$i" "$i"
    done >expected
    run_job
    sed -i 's/count: 3/count: 0/' job.yaml
    yes null | head -n 30 >expected
    run_job
done

# Order of arrival: the same results, in any order.
write_job 4 <<'END'
  s:
    task: faulty.end
    order: arrival
    each: {i: {range: [0, 200]}}
    with: {when: []}
END
seq 0 199 >expected
expect_status 0 "$drover" run job.yaml >actual
sort -n actual >sorted
expect_file_equal expected sorted

# Both orders with a call that is late: it holds back what follows, or not.
for order in input arrival; do
    rm -f mark go
    write_job 2 <<END
  s:
    task: faulty.meet
    order: $order
    each: {i: [0, 1], mark: [mark]}
    with: {until: "go\${i}"}
END
    rm -f go0 go1
    touch go1
    "$drover" run job.yaml >actual 2>errors &
    host=$!
    if [ $order = arrival ]; then
        wait_until 20 grep -qx 1 actual || fail "the early result waits"
        printf '1\n0\n' >expected
    else
        printf '0\n1\n' >expected
    fi
    touch go0
    expect_status 0 wait $host
    expect_file_equal expected actual
done

# The number of workers: of the command line, else of the job.
write_job 1 <<'END'
  s:
    task: faulty.meet
    each: {i: [0, 1, 2]}
    with: {mark: "mark${i}", until: go}
END
sed -i 's/^workers: 1/workers: 2/' job.yaml
for workers in 3 2; do
    rm -f mark? go
    [ $workers = 3 ] && option='--workers=3' || option='--nan=null'
    "$drover" run "$option" job.yaml >actual 2>errors &
    host=$!
    wait_until 20 test -s mark$((workers - 1)) || fail "$workers workers: fewer"
    wait_until 20 test -s mark0 || fail "not begun in order"
    [ $workers = 3 ] || [ ! -e mark2 ] || fail "two workers: more"
    touch go
    expect_status 0 wait $host
done

# Values of all types come back as they were given.
write_job 1 <<'END'
  s:
    task: faulty.echo
    each:
      a: [9223372036854775807, -9223372036854775808, 1.5, 1e300, .inf, true,
          null, "", "true", yes, 010, "ä\n\u2028\U0001F600", {k: [1, {}]}]
END
{
    for a in 9223372036854775807 -9223372036854775808 1.5 1e+300 null true \
        null '""' '"true"' '"yes"' '"010"'; do
        echoed "$a" null
    done
} >expected
expect_status 0 "$drover" run job.yaml >actual
head -11 actual >actual-11
expect_file_equal expected actual-11
sed -n 13p actual >actual-13
echoed '{"k":[1,{}]}' null >expected
expect_file_equal expected actual-13
expect_status 0 "$drover" run --nan=text job.yaml >actual
sed -n 5p actual >actual-5
echoed '"Infinity"' null >expected
expect_file_equal expected actual-5
if command -v python3 >which; then
    python3 -c '
import json, sys
assert json.loads(sys.argv[1])["a"] == "\u00e4\n\u2028\U0001F600"' \
        "$(sed -n 12p actual)" || fail "text has changed"
fi

# A single call; its values are written as in a job file.
expect_status 0 "$drover" call faulty.echo a=1 b='[x, {y: 2.5}]' text='$5 $${a}' \
    number=3 >actual
echo '{"a":1,"b":["x",{"y":2.5}],"list":null,"text":"$5 $${a}","number":3}' \
    >expected
expect_file_equal expected actual
