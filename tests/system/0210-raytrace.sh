#!/bin/sh
# A picture rendered in parallel is a sound PNG file, and the same one however
# many workers there are and whichever way they work.
. "$srcdir/tests/system/lib.sh"

# render WORKERS MODE FILE
render()
{
    cat >picture.yaml <<END
version: 1
plugins: {raytrace: raytrace}
workers: $1
stages:
  rows:
    task: raytrace.row
    worker: $2
    each: {y: {range: [0, 54]}}
    with: {width: 96, height: 54, samples: 2}
  picture:
    task: raytrace.assemble
    with: {rows: "\${rows}", file: $3}
END
    expect_status 0 "$drover" run picture.yaml >actual
    size=$(($(wc -c <"$3")))
    echo "{\"file\":\"$3\",\"width\":96,\"height\":54,\"bytes\":$size}" \
        >expected
    expect_file_equal expected actual
}

render 1 forked first.png
for mode in forked reused; do
    for workers in 1 2; do
        render "$workers" "$mode" again.png
        cmp first.png again.png ||
            fail "another picture with $workers $mode workers"
    done
done
[ "$(echo *.png*)" = "again.png first.png" ] || fail "a temporary file is left"

# It is a PNG file with all its rows, and there is something to be seen.
if command -v python3 >check.txt; then
    python3 - first.png <<'END' || fail "first.png is damaged"
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n", "signature"
at, kinds, packed = 8, [], b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at:at + 8])
    body = data[at + 8:at + 8 + size]
    crc, = struct.unpack(">I", data[at + 8 + size:at + 12 + size])
    assert crc == zlib.crc32(kind + body), kind
    kinds.append(kind)
    packed += body if kind == b"IDAT" else b""
    at += 12 + size
assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND", kinds
assert struct.unpack(">II", data[16:24]) == (96, 54), "size"
pixels = zlib.decompress(packed)
assert len(pixels) == 54 * (1 + 96 * 3), "rows"
assert len(set(pixels)) > 100, "nothing to be seen"
END
else
    file first.png | grep -q 'PNG image data, 96 x 54, 8-bit/color RGB' ||
        fail "first.png is no PNG file"
fi

# A file that is there already is replaced; one that cannot be made is named.
echo old >old.png
render 2 reused old.png
cmp first.png old.png || fail "the old file is still there"
cat >nowhere.yaml <<'END'
version: 1
plugins: {raytrace: raytrace}
stages:
  rows:
    task: raytrace.row
    each: {y: [0, 1]}
    with: {width: 4, height: 2, samples: 1}
  picture:
    task: raytrace.assemble
    with: {rows: "${rows}", file: nowhere/picture.png}
END
expect_status 1 "$drover" run nowhere.yaml 2>errors
grep -q 'cannot write nowhere/picture.png: No such file or directory' errors ||
    fail "the file that could not be written is not named"

# Rows of different widths make no picture; a row below the last there is not.
cat >wrong.yaml <<'END'
version: 1
plugins: {raytrace: raytrace}
stages:
  below:
    task: raytrace.row
    with: {y: 2, width: 4, height: 2, samples: 1}
  rows:
    task: raytrace.row
    each: {width: [4, 5]}
    with: {y: 0, height: 2, samples: 1}
  picture:
    task: raytrace.assemble
    with: {rows: "${rows}", file: wrong.png}
END
expect_status 1 "$drover" run wrong.yaml 2>errors
grep -q 'y: there is no row 2 in a height of 2' errors ||
    fail "a row below the picture is rendered"
grep -q 'rows: element 1 is no row of pixels, or not as wide' errors ||
    fail "rows of different widths are put together"
[ ! -e wrong.png ] || fail "a wrong picture is written"
