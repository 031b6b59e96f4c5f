#!/bin/sh
# The index of text.index and text.search is that which awk makes of the same
# files, joined first or not.
. "$srcdir/tests/system/lib.sh"
LC_ALL=C
export LC_ALL

# find_words PREFIX FILE...: what text.search returns, by other means.
find_words()
{
    prefix=$1
    shift
    awk -v prefix="$prefix" '
        {
            count = split(tolower($0), words, "[^a-z]+")
            for (i = 1; i <= count; i++) {
                if (words[i] == "" || index(words[i], prefix) != 1)
                    continue
                place = words[i] "\t" FILENAME "\t" FNR
                if (!(place in seen))
                    print place
                seen[place] = 1
            }
        }' "$@" | sort -s -t '	' -k1,1 | awk -F '	' '
        $1 != word { printf "%s[\"%s\",[", word == "" ? "[" : "]]]],", $1 }
        $1 != word || $2 != file {
            printf "%s[\"%s\",[", $1 == word ? "]]," : "", $2
        }
        $1 == word && $2 == file { printf "," }
        { printf "%s", $3; word = $1; file = $2 }
        END { print word == "" ? "[]" : "]]]]]" }'
}

mkdir corpus
cat >corpus/a.txt <<'END'
Parallel programs, parallel worlds:
one word twice on a line counts once.

para, PARA and Parallelogram
END
printf 'nothing here' >corpus/b.txt
printf 'paral\nlel parallel' >corpus/c.txt
for file in /usr/share/common-licenses/*; do
    [ ! -f "$file" ] || cp "$file" corpus
done

for prefix in paral co z qqq; do
    cat >search.yaml <<END
version: 1
plugins: {text: text}
workers: 2
stages:
  index:
    task: text.index
    each: {file: {glob: corpus/*}}
  search:
    task: text.search
    with: {indexes: "\${index}", prefix: $prefix}
  join:
    task: text.join
    with: {indexes: "\${index}"}
  again:
    task: text.search
    with: {indexes: "\${join}", prefix: $prefix}
results: [search]
END
    expect_status 0 "$drover" run search.yaml >actual
    find_words "$prefix" corpus/* >expected
    expect_file_equal expected actual

    sed 's/^results:.*/results: [again]/' search.yaml >again.yaml
    expect_status 0 "$drover" run again.yaml >actual
    expect_file_equal expected actual
done

if [ -e /usr/share/common-licenses/GPL-3 ]; then
    expect_status 0 "$drover" run "$examples/word-index.yaml" >actual
    find_words paral /usr/share/common-licenses/*-* >expected
    expect_file_equal expected actual
fi

cat >missing.yaml <<'END'
version: 1
plugins: {text: text}
stages:
  index:
    task: text.index
    with: {file: nowhere}
END
expect_status 1 "$drover" run missing.yaml 2>errors
grep -q 'nowhere: No such file or directory' errors ||
    fail "a missing file is not named"
