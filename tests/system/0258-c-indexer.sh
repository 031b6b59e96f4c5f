#!/bin/sh
# The word index of the program in C is that which awk makes of the same files.
. "$srcdir/tests/system/lib.sh"
LC_ALL=C
export LC_ALL

# find_words PREFIX FILE...: what the program prints, by other means.
find_words()
{
    prefix=$1
    shift
    awk -v prefix="$prefix" '
        {
            count = split(tolower($0), words, "[^a-z]+")
            for (i = 1; i <= count; i++)
                if (words[i] != "" && index(words[i], prefix) == 1 &&
                    !seen[words[i], FILENAME, FNR]++)
                    print words[i] " " FILENAME, FNR
        }' "$@" | sort -s -k1,1 | awk '
        { at = $1 " " $2 }
        at != last { printf "%s%s:%s", last == "" ? "" : "\n", at, $3 }
        at == last { printf ",%s", $3 }
        { last = at }
        END { if (last != "") print "" }'
}

mkdir -p corpus/more
cat >corpus/a.txt <<'END_OF_TEXT'
Parallel programs, parallel worlds:
one word twice on a line counts once.

para, PARA and Parallelogram
END_OF_TEXT
printf 'nothing here' >corpus/more/b.txt
printf 'paral\nlel parallel' >corpus/more/c.txt
: >corpus/more/empty
for file in /usr/share/common-licenses/*; do
    [ ! -f "$file" ] || cp "$file" corpus
done

for prefix in paral co z qqq; do
    expect_status 0 "$programs/start_indexer" corpus $prefix >actual 2>errors
    # In the order in which the program walks: folders and files by name.
    # shellcheck disable=SC2046 # a list of files
    find_words $prefix $(find corpus -type f | sort) >expected
    expect_file_equal expected actual
    [ ! -s errors ] || fail "complaints: $(head -3 errors)"
done
[ "$(wc -l <expected)" -eq 0 ] || fail "there is something under qqq"

# Several prefixes, one after the other.
expect_status 0 "$programs/start_indexer" corpus/more l n >actual
cat >expected <<'END_OF_INDEX'
lel corpus/more/c.txt:2
nothing corpus/more/b.txt:1
END_OF_INDEX
expect_file_equal expected actual

# What cannot be read is named; the rest is searched all the same.
head -c 1100000 /dev/zero | tr '\0' x >corpus/more/long
ln -s nowhere corpus/more/link
expect_status 1 "$programs/start_indexer" corpus/more l n >actual 2>errors
expect_file_equal expected actual
expect_line 'call 3 \{"file":"corpus/more/long"\}: corpus/more/long: a word of more' \
    errors
expect_status 1 "$programs/start_indexer" nowhere paral >actual 2>errors
expect_line '^nowhere: No such file or directory' errors
expect_status 1 "$programs/start_indexer" corpus 2>errors
expect_line '^usage: ' errors
