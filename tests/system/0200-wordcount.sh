#!/bin/sh
# The words that text.count and text.merge count are those that tr, sort and
# uniq count in the same files.
. "$srcdir/tests/system/lib.sh"
LC_ALL=C
export LC_ALL

# words MIN FILE...: "count word" lines, in alphabetical order.
words()
{
    min=$1
    shift
    for file; do
        tr '[:upper:]' '[:lower:]' <"$file" | tr -cs '[:lower:]' '\n'
    done | awk -v min="$min" 'length >= min && length > 0' | sort | uniq -c
}

# The corpus: licences, and what is likely to be handled wrongly.
mkdir corpus
for file in /usr/share/common-licenses/*; do
    [ ! -f "$file" ] || cp "$file" corpus
done
: >corpus/empty
printf 'no newline at the end' >corpus/open
printf '\000nul\000 na\303\257ve CamelCase don'\''t x1y2' >corpus/odd
head -c 200000 /dev/zero | tr '\000' z >corpus/long

for min in 1 4; do
    cat >count.yaml <<END
version: 1
plugins: {text: text}
workers: 2
stages:
  count:
    task: text.count
    each: {file: {glob: corpus/*}}
    with: {min_length: $min}
END
    expect_status 0 "$drover" run count.yaml >actual
    for file in corpus/*; do
        words "$min" "$file" | awk '
            { list = list (NR > 1 ? "," : "") "\"" $2 "\":" $1 }
            END { print "{" list "}" }'
    done >expected
    expect_file_equal expected actual
done

cat >total.yaml <<'END'
version: 1
plugins: {text: text}
stages:
  count:
    task: text.count
    worker: reused
    each: {file: {glob: corpus/*}}
  total:
    task: text.merge
    with: {counts: "${count}", top: 500}
END
expect_status 0 "$drover" run total.yaml >actual
words 1 corpus/* | sort -k1,1nr -k2,2 | head -n 500 | awk '
    { list = list (NR > 1 ? "," : "") "[\"" $2 "\"," $1 "]" }
    END { print "[" list "]" }' >expected
expect_file_equal expected actual

# The example takes its files from where Debian has them.
if [ -e /usr/share/common-licenses/GPL-3 ]; then
    expect_status 0 "$drover" run "$examples/wordcount.yaml" >actual
    words 3 /usr/share/common-licenses/*-* | sort -k1,1nr -k2,2 |
        head -n 20 | awk '
            { list = list (NR > 1 ? "," : "") "[\"" $2 "\"," $1 "]" }
            END { print "[" list "]" }' >expected
    expect_file_equal expected actual
fi

# What cannot be read fails its call and says why.
cat >missing.yaml <<'END'
version: 1
plugins: {text: text}
stages:
  count:
    task: text.count
    each: {file: [corpus/open, nowhere, corpus]}
END
expect_status 1 "$drover" run missing.yaml >actual 2>errors
echo '{"at":1,"end":1,"newline":1,"no":1,"the":1}' >expected
expect_file_equal expected actual
grep -q 'nowhere: No such file or directory' errors ||
    fail "a missing file is not named"
grep -q 'corpus: Is a directory' errors || fail "a folder is not named"
