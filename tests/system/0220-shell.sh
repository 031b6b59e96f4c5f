#!/bin/sh
# What shell.run tells of a command: its status or signal, its output as text,
# bounded; and when it fails the call.
. "$srcdir/tests/system/lib.sh"

# A folder on it that may not be looked into would change what is said of
# commands that are not there.
PATH=/usr/bin:/bin

# job STAGES: the job, its stages given as YAML on standard input.
job()
{
    printf 'version: 1\nplugins: {shell: shell}\nworkers: 1\nstages:\n' \
        >job.yaml
    cat >>job.yaml
}

job <<'END'
  run:
    task: shell.run
    each:
      command:
        - [echo, plain]
        - [sh, -c, "echo out; echo err >&2; exit 3"]
        - [sh, -c, "kill -TERM $$"]
        - [printf, 'a\377b\303\n\342\202z\303\244']
        - [cat]
        - [printf, "%s|", "two words", "", "${HOME}", "*"]
END
cat >expected <<'END'
{"status":0,"output":"plain\n","errors":""}
{"status":3,"output":"out\n","errors":"err\n"}
{"status":143,"signal":15,"output":"","errors":""}
{"status":0,"output":"a�b�\n�zä","errors":""}
{"status":0,"output":"","errors":""}
{"status":0,"output":"two words||${HOME}|*|","errors":""}
END
expect_status 0 "$drover" run job.yaml >actual
expect_file_equal expected actual

# Input that nobody reads is no trouble, whatever its size.
job <<'END'
  read:
    task: shell.run
    with: {command: [tr, a-z, A-Z], input: "déjà vu"}
  ignore:
    task: shell.run
    with: {command: ["true"], input: "ignored"}
    needs: [read]
END
cat >expected <<'END'
{"status":0,"output":"DéJà VU","errors":""}
{"status":0,"output":"","errors":""}
END
expect_status 0 "$drover" run job.yaml >actual
expect_file_equal expected actual

# With `check` a bad end fails the call, in the command's own words.
job <<'END'
  run:
    task: shell.run
    each:
      command:
        - ["true"]
        - [sh, -c, "echo first >&2; echo last words >&2; exit 3"]
        - [sh, -c, "exit 4"]
        - [sh, -c, "kill -KILL $$"]
    with: {check: true}
END
expect_status 1 "$drover" run job.yaml >actual 2>errors
echo '{"status":0,"output":"","errors":""}' >expected
expect_file_equal expected actual
for message in 'sh ended with status 3: last words' \
    'sh ended with status 4' 'sh ended with signal 9'; do
    grep -q "$message" errors || fail "no message: $message"
done

# What cannot be started fails the call in any case.
job <<'END'
  run:
    task: shell.run
    each: {command: [[no-such-command], [/], []]}
END
expect_status 1 "$drover" run job.yaml >actual 2>errors
[ ! -s actual ] || fail "a command that was not started has a result"
for message in 'no-such-command: command not found' '/: Permission denied' \
    'command: the list is empty'; do
    grep -q "$message" errors || fail "no message: $message"
done

# Output is cut at 1 MiB, between characters; the command is not held up.
job <<'END'
  run:
    task: shell.run
    with:
      command:
        - sh
        - -c
        - printf x; yes é | tr -d '\n' | head -c 3000000; echo end >&2; exit 5
END
expect_status 0 "$drover" run job.yaml >actual
{
    printf '{"status":5,"output":"x'
    yes é | tr -d '\n' | head -c 1048574
    printf '","errors":"end\\n","cut":true}\n'
} >expected
cmp expected actual || fail "long output is not cut as it should be"

# Nobody waits for what a command leaves behind, though it holds the streams.
job <<'END'
  run:
    task: shell.run
    with: {command: [sh, -c, "sleep 1000 & echo started"]}
END
expect_status 0 timeout 60 "$drover" run job.yaml >actual
printf '%s\n' '{"status":0,"output":"started\n","errors":""}' >expected
expect_file_equal expected actual

# For the same reason its process is not reused.
job <<'END'
  run:
    task: shell.run
    worker: reused
    with: {command: ["true"]}
END
expect_status 65 "$drover" run job.yaml 2>errors
grep -q reused errors || fail "reused workers are not named"
