#!/bin/sh
# The four programs in C that render the scene write the same picture, which is
# also that of the plugin.
. "$srcdir/tests/system/lib.sh"

for way in scene scene_pmap scene_queue scene_reuse; do
    expect_status 0 "$programs/$way" "$way.png" 96 54 2 >actual 2>errors
    size=$(($(wc -c <"$way.png")))
    echo "$way.png: 96 x 54 pixels, $size bytes" >expected
    expect_file_equal expected actual
    [ ! -s errors ] || fail "$way complains: $(head -3 errors)"
    cmp scene.png "$way.png" || fail "$way makes another picture"
done
cat >picture.yaml <<'END_OF_JOB'
version: 1
plugins: {raytrace: raytrace}
stages:
  rows:
    task: raytrace.row
    each: {y: {range: [0, 54]}}
    with: {width: 96, height: 54, samples: 2}
  picture:
    task: raytrace.assemble
    with: {rows: "${rows}", file: plugin.png}
END_OF_JOB
expect_status 0 "$drover" run picture.yaml >actual
cmp scene.png plugin.png || fail 'the plugin makes another picture'

# What cannot be written is said, and so is what cannot be understood.
for way in scene scene_pmap scene_queue scene_reuse; do
    expect_status 1 "$programs/$way" nowhere/picture.png 4 2 1 2>errors
    expect_line '^cannot write nowhere/picture.png: No such file' errors
    for size in 0 -1 16385 wide '4 0' '4 2 0' '4 2 1 1'; do
        # shellcheck disable=SC2086 # several words
        expect_status 1 "$programs/$way" wrong.png $size 2>errors
        expect_line '^usage: ' errors
    done
done
expect_status 1 "$programs/scene" 2>errors
[ ! -e wrong.png ] || fail 'a wrong picture is written'
