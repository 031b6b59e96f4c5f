#!/bin/sh
# Whatever ends a call, the others have their results, and that one is
# explained: what happened, with which arguments, and how to repeat it.
. "$srcdir/tests/system/lib.sh"

# fail_one COUNT MODE HOW: call number 321 of COUNT ends HOW.
fail_one()
{
    write_job 2 <<END
  work:
    task: faulty.end
    worker: $2
    each: {i: {range: [0, $1]}}
    with: {when: [321], how: $3}
END
    expect_status 1 "$drover" run job.yaml >actual 2>errors
    seq 0 $(($1 - 1)) | grep -vx 321 >expected
    expect_file_equal expected actual
    expect_line "^drover: 1 of $1 calls did not succeed:\$" errors
    [ "$(grep -c '^  work\[' errors)" -eq 1 ] || fail "not one failure"
    expect_line "^  work\[321\]: $4\$" errors
    expect_line '^      args:   \{"i":321,"when":\[321\],"how":"'"$3"'",' errors
}

# The command that repeats the call does so.
repeat_one()
{
    sed -n 's/^      repeat: drover //p' errors >words
    [ "$(wc -l <words)" -eq 1 ] || fail "no command to repeat the call"
    expect_status 1 sh -c "'$drover' $(cat words)" >actual 2>again
    [ ! -s actual ] || fail "the repeated call has a result"
    expect_line "^  call\[0\]: $1\$" again
}

segv='signal: killed by signal 11 \(SIGSEGV, Segmentation fault\)'
abrt='signal: killed by signal 6 \(SIGABRT, Aborted\)'
exit='exit: ended its process with exit status 3 instead of returning'
kill='signal: killed by signal 9 \(SIGKILL, Killed\) by somebody else.*'
type='error: task end returned text where it declares int'
number='error: task end returned 3 without a message'
error='error: cannot do 321, as was asked for'
if [ "$sanitized" = yes ]; then
    segv='.*'
    abrt='.*'
else
    segv="$segv(, core dumped)?"
    abrt="$abrt(, core dumped)?"
fi
for count_and_mode in '400 forked' '1000 reused'; do
    count=${count_and_mode% *}
    mode=${count_and_mode#* }
    for how in crash abort exit kill type number fail; do
        case $how in
        crash) what=$segv ;;
        abort) what=$abrt ;;
        exit) what=$exit ;;
        kill) what=$kill ;;
        type) what=$type ;;
        number) what=$number ;;
        fail) what=$error ;;
        esac
        fail_one "$count" "$mode" "$how" "$what"
        [ "$mode" = reused ] || repeat_one "$what"
    done
done
fail_one 1000 forked crash "$segv"

# Many failures of one kind are shown in part, and counted.
write_job 2 <<END
  work:
    task: faulty.end
    worker: reused
    each: {i: {range: [0, 30]}}
    with: {when: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], how: fail}
END
expect_status 1 "$drover" run job.yaml >actual 2>errors
[ "$(grep -c '^  work\[' errors)" -eq 10 ] || fail "not ten failures"
expect_line '^  work: and 2 more with the cause error$' errors
expect_line '^drover: 12 of 30 calls did not succeed:$' errors

# Every reused worker dies, and every call has its outcome nevertheless.
write_job 2 <<END
  work:
    task: faulty.end
    worker: reused
    each: {i: {range: [0, 3]}}
    with: {when: [0, 1, 2], how: kill}
END
expect_status 1 "$drover" run job.yaml >actual 2>errors
[ "$(grep -c '^  work\[[012]\]: signal' errors)" -eq 3 ] ||
    fail "three crashes, but: $(cat errors)"

# parent ID: the process's parent.
parent()
{
    sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status"
}

# Killed by somebody else while it runs: the worker, its keeper.
for victim in worker keeper; do
    for mode in forked reused; do
        rm -f mark go
        write_job 1 <<END
  work:
    task: faulty.end
    worker: $mode
    each: {i: {range: [0, 20]}}
    with: {when: []}
  victim:
    task: faulty.meet
    worker: $mode
    with: {mark: mark, until: go}
  more:
    task: faulty.end
    worker: $mode
    each: {i: {range: [20, 40]}}
    with: {when: []}
END
        "$drover" run job.yaml >actual 2>errors &
        host=$!
        wait_until 20 test -s mark || fail "the call does not start"
        worker=$(cat mark)
        if [ "$victim" = worker ]; then
            kill -KILL "$worker"
            what='signal: killed by signal 9 .* by somebody else'
        else
            kill -KILL "$(parent "$worker")"
            what='lost: the process that keeps its worker was killed'
        fi
        expect_status 1 wait "$host"
        seq 0 39 >expected
        sort -n actual >sorted
        expect_file_equal expected sorted
        expect_line '^drover: 1 of 41 calls did not succeed:$' errors
        expect_line "^  victim\[0\]: $what" errors
        is_gone "$worker" || fail "the worker lives on"
    done
done

# A task that kills its keeper, or makes a mess of its own descriptors, is the
# one that fails. But what a reused worker cannot send is taken from its slate.
for task in kill_keeper close_all scribble; do
    for mode in forked reused; do
        [ "$task $mode" = 'close_all reused' ] && continue
        write_job 1 <<END
  bad:
    task: faulty.$task
    worker: $mode
    each: {i: [0, 1]}
  good:
    task: faulty.end
    worker: $mode
    each: {i: {range: [0, 20]}}
    with: {when: []}
results: [good]
END
        expect_status 1 timeout 60 "$drover" run job.yaml >actual 2>errors
        seq 0 19 >expected
        expect_file_equal expected actual
        expect_line '^drover: 2 of 22 calls did not succeed:$' errors
        expect_line '^  bad\[0\]: (lost|exit|protocol|signal): ' errors
        expect_line '^  bad\[1\]: (lost|exit|protocol|signal): ' errors
    done
done

# Results of a task that closed its channel are not lost, and no call after it
# runs twice.
write_job 1 <<'END'
  bad:
    task: faulty.close_all
    worker: reused
    each: {i: [0]}
  good:
    task: faulty.end
    worker: reused
    each: {i: {range: [0, 20]}}
    with: {when: []}
results: [good]
END
expect_status 0 timeout 60 "$drover" run job.yaml >actual 2>errors
seq 0 19 >expected
expect_file_equal expected actual

# What needs a failed stage is skipped, with all that needs it in turn.
write_job 2 <<END
  bad:
    task: faulty.end
    each: {i: [0, 1, 2]}
    with: {when: [1]}
  child:
    task: faulty.echo
    with: {a: "\${bad}"}
  grandchild:
    task: faulty.echo
    each: {a: [1, 2]}
    needs: [child]
  other:
    task: faulty.echo
    with: {a: 1}
results: [bad, child, grandchild, other]
END
expect_status 1 "$drover" run job.yaml >actual 2>errors
printf '%s\n' 0 2 '{"a":1,"b":null,"list":null,"text":null,"number":null}' \
    >expected
sort actual >sorted
expect_file_equal expected sorted
expect_line '^drover: 1 of 4 calls did not succeed, 2 stages did not begin:$' errors
expect_line '^  child: skipped: ' errors
expect_line '^  grandchild: skipped: ' errors
bad=$(grep -n '^  bad\[1\]' errors | cut -d : -f 1)
child=$(grep -n '^  child:' errors | cut -d : -f 1)
[ "$bad" -lt "$child" ] || fail "the root cause does not come first"

# A call that cannot even be made is a failed call; the others are made.
printf '1\n2\nthree\n4\n' >numbers
write_job 2 <<END
  work:
    task: faulty.end
    each: {i: {lines: numbers}}
    with: {when: []}
END
expect_status 1 "$drover" run job.yaml >actual 2>errors
printf '1\n2\n4\n' >expected
expect_file_equal expected actual
expect_line '^drover: 1 of 4 calls did not succeed:$' errors
expect_line '^  work\[2\]: error: .*"i": expected an int, got the text "three" \(line 3 of "numbers"\)$' errors

# An argument that the plugin has not declared is the plugin's mistake.
expect_status 1 "$drover" call faulty.undeclared >actual 2>errors
[ ! -s actual ] || fail "a result out of nothing"
expect_line 'call\[0\]: error: .*nobody_said' errors
