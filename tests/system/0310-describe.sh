#!/bin/sh
# What a plugin offers, for people and for programs; where plugins are found.
# shellcheck disable=SC2016 # ${...} is for drover, not for the shell
. "$srcdir/tests/system/lib.sh"

# For people: tasks, parameters with type, unit, range and default, results.
expect_status 0 "$drover" describe grid >actual 2>errors
[ ! -s errors ] || fail "$(cat errors)"
expect_line "^grid 1\.0: The tutorial's calculation\$" actual
expect_line '^/.*/grid\.so$' actual
expect_line '^  grid\.calculate$' actual
expect_line '^    i +int, required$' actual
expect_line '^    delay +float in s, 0 to 86400, default 0$' actual
expect_line '^    returns +int$' actual
expect_line '^    returns +list of int$' actual
expect_line '^    may run in reused workers$' actual
expect_status 0 "$drover" describe text >actual
expect_line '^    min_length +int in letter, at least 1, default 1$' actual
expect_status 0 "$drover" describe shell >actual
! grep -q 'reused' actual || fail "shell.run is said to be reusable"

# For programs: one line of JSON that says the same.
for plugin in grid text shell raytrace faulty; do
    expect_status 0 "$drover" describe --json $plugin >$plugin.json
    [ "$(wc -l <$plugin.json)" -eq 1 ] || fail "$plugin: not one line"
done
if command -v python3 >which; then
    python3 - <<'END' || fail "the JSON says something else"
import json
for name in "grid text shell raytrace faulty".split():
    plugin = json.load(open(name + ".json"))
    assert plugin["name"] == name, plugin["name"]
    assert plugin["path"].startswith("/"), plugin["path"]
    assert plugin["tasks"], "no tasks"
grid = json.load(open("grid.json"))
assert [task["name"] for task in grid["tasks"]] == [
    "calculate", "locate", "row", "table"]
assert grid["tasks"][0]["flags"] == ["idempotent", "reusable"], grid["tasks"]
shell = json.load(open("shell.json"))
assert "flags" not in shell["tasks"][0], shell["tasks"]
params = grid["tasks"][0]["params"]
assert [param["name"] for param in params] == ["i", "j", "delay"], params
assert params[0]["type"] == "int" and params[2]["type"] == "float", params
assert params[2]["unit"] == "s" and params[2]["fallback"] == "0", params
END
fi

# where PATTERN NAME: the plugin that is found by this name.
where()
{
    expect_status 0 "$drover" describe "$2" >actual
    sed -n 2p actual >path
    expect_line "$1" path
}

# The environment's folders in their order, then the configuration's.
mkdir first second third 'with space'
for folder in first second third 'with space'; do
    cp "$plugins/faulty.so" "$folder"
done
cp "$plugins/faulty.so" second/other.so
cp "$plugins/faulty.so" third/more.so
cp "$plugins/faulty.so" 'with space/last.so'
printf 'plugin_path: [%s, "%s"]\n' "$work/third" "$work/with space" >config.yaml
DROVER_CONFIG=$work/config.yaml
DROVER_PLUGIN_PATH=$work/first:$work/second
where "^$work/first/faulty.so\$" faulty
where "^$work/second/other.so\$" other
where "^$work/third/more.so\$" more
where "^$work/with space/last.so\$" last
DROVER_PLUGIN_PATH=$work/second
where "^$work/second/faulty.so\$" faulty
DROVER_PLUGIN_PATH=::second:
where "^$work/second/faulty.so\$" faulty
unset DROVER_PLUGIN_PATH
where "^$work/third/faulty.so\$" faulty
where "^$work/(\./)?second/other.so\$" ./second/other.so
where "^$work/second/other.so\$" "$work/second/other.so"
expect_status 78 "$drover" describe nothing >actual 2>errors
expect_line "no file nothing.so in $work/third, $work/with space, /" errors

# A path in a job file is seen from the file, whatever the working folder.
mkdir jobs
cat >jobs/job.yaml <<'END'
version: 1
plugins: {near: ../second/other.so}
stages:
  s: {task: near.end, with: {i: 1, when: []}}
END
echo 1 >expected
for folder in . second /; do
    (cd $folder && exec "$drover" run "$work/jobs/job.yaml") >actual ||
        fail "a plugin near the job is not found from $folder"
    expect_file_equal expected actual
done
expect_status 0 "$drover" run jobs/job.yaml >actual
expect_file_equal expected actual
(cd jobs && "$drover" run job.yaml) >actual || fail "not found from there"
expect_file_equal expected actual

# A call names its plugin by a path, too.
expect_status 0 "$drover" call second/other.so.end when='[]' i=1 >actual
expect_file_equal expected actual

# The command that repeats a failed call finds the plugin, too.
sed 's/i: 1, when: \[\]/i: 1, when: [1]/' jobs/job.yaml >jobs/failing.yaml
expect_status 1 "$drover" run jobs/failing.yaml >actual 2>errors
sed -n 's/^      repeat: drover //p' errors >words
expect_status 1 sh -c "'$drover' $(cat words)" >actual 2>errors
expect_line '^  call\[0\]: error: cannot do 1, as was asked for$' errors

# A configuration with mistakes is not used; one that was named must be there.
printf 'plugin_pth: []\nworkers: many\n' >config.yaml
expect_status 78 "$drover" run jobs/job.yaml >actual 2>errors
expect_line 'config.yaml:1:1: no key "plugin_pth" .did you mean "plugin_path"' \
    errors
expect_line 'config.yaml:2:10: .*"many"' errors
DROVER_CONFIG=$work/nowhere.yaml
expect_status 78 "$drover" run jobs/job.yaml >actual 2>errors
expect_line '^drover: .*nowhere.yaml: No such file or directory$' errors

# The number of workers that the configuration says.
printf 'workers: 2\nplugin_path: [%s]\n' "$plugins" >config.yaml
DROVER_CONFIG=$work/config.yaml
cat >job.yaml <<'END'
version: 1
plugins: {faulty: faulty}
stages:
  s:
    task: faulty.meet
    each: {i: [0, 1, 2]}
    with: {mark: "mark${i}", until: go}
END
"$drover" run job.yaml >actual 2>errors &
wait_until 20 test -s mark1 || fail "fewer than two workers"
[ ! -e mark2 ] || fail "more than two workers"
touch go
expect_status 0 wait $!
