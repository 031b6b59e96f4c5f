#!/bin/sh
# `each: {item: {stage: NAME}}`: a call for each result of another stage, made as
# soon as it is there.
# shellcheck disable=SC2016 # ${...} is for drover, not for the shell
. "$srcdir/tests/system/lib.sh"

# run_job: job.yaml gives exactly the lines of the file `expected`.
run_job()
{
    expect_status 0 timeout 60 "$drover" run job.yaml >actual
    expect_file_equal expected actual
}

# Three stages in a row, one stage that feeds two, another loop inside. Only what
# feeds nobody is printed.
for workers in 1 3; do
    for mode in forked reused; do
        write_job $workers <<END
  first:
    task: grid.calculate
    worker: $mode
    each: {i: {range: [0, 5]}}
    with: {j: 0}
  second:
    task: grid.calculate
    each: {x: {stage: first}, j: {range: [0, 3]}}
    with: {i: "\${x}"}
  third:
    task: grid.calculate
    worker: $mode
    each: {i: {stage: second}}
    with: {j: 5}
END
        for x in 0 10 20 30 40; do
            for j in 0 1 2; do echo $(((x * 10 + j) * 10 + 5)); done
        done >expected
        run_job
        cat >>job.yaml <<'END'
  other:
    task: faulty.echo
    each: {a: {stage: second}}
    with: {text: "is ${a}"}
results: [first, other]
END
        for x in 0 10 20 30 40; do
            echo $x
            for j in 0 1 2; do
                n=$((x * 10 + j))
                echo "{\"a\":$n,\"b\":null,\"list\":null,\"text\":\"is $n\",\"number\":null}"
            done
        done | sort >expected
        expect_status 0 timeout 60 "$drover" run job.yaml | sort >actual
        expect_file_equal expected actual
    done
done

# A stage that gives nothing feeds nothing, and so does one with an empty loop.
write_job 2 <<'END'
  none: {task: grid.calculate, each: {i: []}, with: {j: 0}}
  some: {task: grid.calculate, each: {i: [1, 2]}, with: {j: 0}}
  idle: {task: grid.calculate, each: {i: {stage: none}}, with: {j: 0}}
  void: {task: grid.calculate, each: {i: {stage: some}, j: []}}
  all: {task: faulty.echo, with: {a: "${idle}", b: "${void}"}}
END
echo '{"a":[],"b":[],"list":null,"text":null,"number":null}' >expected
run_job

# Calls are made while the stage that feeds them goes on. (`until` is made only
# when the fed stage's results are there.)
for mode in forked reused; do
    for order in input arrival; do
        rm -f go
        write_job 2 <<END
  source:
    task: faulty.drip
    worker: $mode
    order: $order
    with: {i: 4, count: 2, until: go}
  sink:
    task: grid.calculate
    worker: $mode
    each: {i: {stage: source}}
    with: {j: 2}
END
        "$drover" run job.yaml >actual 2>errors &
        run=$!
        wait_until 20 grep -q 42 actual ||
            fail "$mode, $order: nothing is fed while the source goes on"
        touch go
        wait "$run" || fail "$mode, $order: exit status $?"
        printf '42\n42\n' >expected
        expect_file_equal expected actual
    done
done

# A call that failed feeds what it gave before; the others are fed on.
write_job 2 <<'END'
  source:
    task: faulty.end
    each: {i: [1, 2, 3]}
    with: {when: [2]}
  drip:
    task: faulty.drip
    with: {i: 9, count: 3, until: job.yaml, fails: true}
  sink: {task: grid.calculate, each: {i: {stage: source}}, with: {j: 0}}
  last: {task: grid.calculate, each: {i: {stage: drip}}, with: {j: 0}}
results: [sink]
END
expect_status 1 timeout 60 "$drover" run job.yaml >actual 2>errors
printf '10\n30\n' >expected
expect_file_equal expected actual
expect_line '^drover: 2 of 9 calls did not succeed:$' errors
expect_line '^  drip\[0\]: error: ran dry \(after 3 results\)$' errors

# A stage that needs another one is fed once that is done; one that is skipped, or
# cannot begin, keeps nobody waiting; who is fed by it gets nothing.
write_job 2 <<'END'
  source: {task: faulty.many, with: {i: 1, count: 40000}}
  broken: {task: faulty.end, with: {when: [0]}}
  gate: {task: grid.calculate, with: {i: 1, j: 1}}
  after: {task: faulty.echo, worker: reused, needs: gate, each: {a: {stage: source}}}
  never: {task: faulty.echo, needs: broken, each: {a: {stage: source}}}
  lines: {task: faulty.echo, each: {a: {stage: source}, b: {lines: no-such-file}}}
  end: {task: faulty.echo, each: {a: {stage: never}}}
results: [after, end]
END
expect_status 1 timeout 120 "$drover" run job.yaml >actual 2>errors
[ "$(wc -l <actual)" -eq 40000 ] || fail "$(wc -l <actual) results, not 40000"
expect_line '^  never: skipped: needs stage broken' errors
expect_line '^  lines: error: .*cannot open "no-such-file"' errors

# A source that had to wait goes on with its further calls.
write_job 1 <<'END'
  source: {task: faulty.many, each: {i: [1, 2]}, with: {count: 16400}}
  sink: {task: faulty.echo, worker: reused, each: {a: {stage: source}}}
END
expect_status 0 timeout 60 "$drover" run job.yaml >actual
[ "$(wc -l <actual)" -eq 32800 ] || fail "$(wc -l <actual) results, not 32800"

# What does not fit the parameter fails its call, with which result it was.
write_job 1 <<'END'
  source:
    task: faulty.echo
    each: {text: [x, y]}
  any: {task: faulty.hang, each: {i: []}}
  sink: {task: grid.calculate, each: {i: {stage: any}}, with: {j: 0}}
  wrong: {task: faulty.echo, each: {number: {stage: source}}}
END
expect_status 65 "$drover" check job.yaml 2>errors
expect_line 'stage wrong: parameter "number": expected an int.*, got a result of stage source, a map$' errors

# However fast the source: what waits is bounded, nothing is lost. With one slot
# the source makes room while it waits.
[ "$sanitized" = no ] || exit 0
for workers in 1 2; do
    cat >job.yaml <<END
version: 1
plugins: {floods: floods, faulty: faulty, grid: grid}
workers: $workers
stages:
  source:
    task: floods.flood
    each: {i: [0, 1]}
    with: {count: 400, size: 1000000, until: job.yaml}
  sink:
    task: floods.measure
    each: {text: {stage: source}}
  many: {task: faulty.many, worker: reused, with: {count: 60000}}
  eat: {task: faulty.echo, worker: reused, each: {a: {stage: many}}}
results: [sink, eat]
END
    "$drover" run job.yaml >actual 2>errors &
    host=$!
    peak=0
    while ! is_gone $host; do
        now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$host/status 2>gone.txt)
        peak=${now:-$peak}
        sleep 0.02
    done
    expect_status 0 wait $host
    [ "$peak" -lt 200000 ] || fail "$workers workers: the host needs $peak kB"
    [ "$(grep -cx 1000000 actual)" -eq 400 ] || fail "large results are lost"
    [ "$(grep -cx 5 actual)" -eq 1 ] || fail "the first result is lost"
    [ "$(wc -l <actual)" -eq 60401 ] || fail "$(wc -l <actual) results"
    grep -o '"a":\[0,[0-9]*\]' actual | tr -dc '0-9,\n' | cut -d, -f2 >order
    seq 0 59999 >expected
    expect_file_equal expected order
done

# An interrupt keeps no source waiting for calls that are not made any more.
rm -f go
write_job 2 <<'END'
  source: {task: faulty.many, with: {count: 300000}}
  sink:
    task: faulty.meet
    each: {x: {stage: source}}
    with: {mark: "met-${x}", until: go}
results: [sink]
END
# `env` gives the interrupt back that a shell takes from its children.
env --default-signal=INT "$drover" run job.yaml >actual 2>errors &
run=$!
wait_until 20 test -e 'met-[0,0]' || fail "no call of the fed stage has begun"
sleep 0.5
kill -INT $run
touch go
expect_status 4 wait $run
