#!/bin/sh
# docs/from-pprocess.md: no construct of pprocess is without an answer, the
# answers exist, and what the document shows works.
. "$srcdir/tests/system/lib.sh"
. "$srcdir/tests/system/shown.sh"
document=$srcdir/docs/from-pprocess.md

# --- Each construct has a row ---------------------------------------------------

sed -n 's/^| \(.*\) | .* |$/\1/p' "$document" >constructs
while read -r construct; do
    grep -Fqw -e "$construct" constructs || fail "no row for $construct"
done <<'CONSTRUCTS'
`start(callable
`create()`
channel.pid
exit(channel)
Channel.send
Channel.receive
Channel.close
Channel.wait
Exchange(...)
limit=N
reuse=1
continuous=1
autoclose=0
`add`
`add_wait`
`remove`
`active()`
`ready(timeout)
`wait()`
`busy()`
`unfinished()`
`finish()`
`store(timeout)
`store_data(channel)
Exchange.start
Exchange.create()
manage(fn)
waiting list
MakeReusable
`Map()`
map[i]
map[i:j]
map(fn, sequence)
for result in map
`Queue()`
for result in queue
len(queue)
pmap(fn, sequence, limit)
MakeParallel
start_persistent
create_persistent
connect_persistent
BackgroundCallable
BackgroundQueue
PersistentQueue()
.connect(address)
PersistentExchange.manage
PersistentExchange.start
get_number_of_cores()
waitall()
nested use
CONSTRUCTS

# --- What it names exists --------------------------------------------------------

cat "$srcdir"/include/drover/*.h >headers
grep -o -E '\<(drover_[a-z0-9_]+|DROVER_[A-Z0-9_]+)\>' "$document" | sort -u >names
[ "$(wc -l <names)" -ge 30 ] || fail "too few names"
while read -r name; do
    grep -qw "$name" headers || fail "$document names $name, which is not there"
done <names
sed -n 's/^| .* | \(.*\) |$/\1/p' "$document" | grep -o '`\.[a-z_]*' | tr -d '`.' |
    sort -u >fields
[ -s fields ] || fail "the table names no options"
while read -r field; do
    grep -qE "[ *]$field;" headers || fail "there is no option $field"
done <fields

# --- What it shows works -----------------------------------------------------------

make_stranger
mkdir folder
extract_files "$document" folder
extract_consoles "$document" shown
run_shown folder shown printed
expect_file_equal shown printed
