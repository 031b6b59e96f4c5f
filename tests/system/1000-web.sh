#!/bin/sh
# The page that starts runs in the background: what it answers, what it refuses,
# and how it looks. A browser's pictures of it are kept in tests/web/.
. "$srcdir/tests/system/lib.sh"
PATH=$PATH:/usr/sbin
for program in lighttpd chromium python3; do
    command -v $program >which || skip "no $program"
done

# Few workers, so that what is looked at while it runs does so for a while.
echo 'workers: 2' >drover.yaml
DROVER_CONFIG=$work/drover.yaml
state=$XDG_STATE_HOME/web
pictures=$top_builddir/tests/web
mkdir -p "$pictures"

# --- A server ------------------------------------------------------------------

server=
trap 'status=$?; [ -z "$server" ] || kill "$server"; (exit $status); clean_up' EXIT

free_port()
{
    python3 -c 'import socket
one = socket.create_server(("127.0.0.1", 0))
print(one.getsockname()[1])'
}

answers()
{
    kill -0 "$server" 2>dead || fail "lighttpd has ended: $(cat served)"
    request GET / 2>none
}

serve()
{
    port=$(free_port)
    DROVER_WEB_PORT=$port DROVER_WEB_STATE=$state DROVER=$drover \
        sh "$examples/web/serve" >served 2>&1 &
    server=$!
    wait_until 20 answers || fail "lighttpd does not answer"
}

# request METHOD TARGET [BODY [NAME:VALUE...]]: the file `answer` has the answer,
# without its style sheet; `raw` has all of it.
request()
{
    python3 "$srcdir/tests/web/request.py" "$port" "$@" >raw &&
        sed '/<style>/,/<\/style>/d' raw >answer
}

# expect_answer STATUS METHOD TARGET [BODY [NAME:VALUE...]]
expect_answer()
{
    expected_answer=$1
    shift
    request "$@" || fail "no answer: $*"
    [ "$(head -n 1 answer)" = "$expected_answer" ] ||
        fail "$(head -n 1 answer), not $expected_answer: $*"
}

# Start a run by its form; its id is in `id`.
start_run()
{
    expect_answer 303 POST / "$1"
    id=$(sed -n 's|^Location: /?id=||p' answer)
    echo "$id" | grep -Eqx '[0-9a-f]{32}' || fail "no run: $(cat answer)"
    folder=$state/$id
}

# page_has TEXT: the run's page does.
page_has()
{
    request GET "/?id=$id" && grep -qF -e "$1" answer
}

wait_for_page()
{
    wait_until 120 page_has "$1" || fail "never \"$1\": $(cat answer)"
}

serve

# --- The forms, and what they start -------------------------------------------

expect_answer 200 GET /
for field in width height samples top min_length; do
    expect_line "<label for=\"$field\">" answer
    expect_line "<input id=\"$field\" name=\"$field\" type=\"number\"" answer
done
expect_line "^Content-Security-Policy: default-src 'none';" answer
expect_answer 200 HEAD /
! grep -q '<html' answer || fail "an answer to HEAD has a body"

# The words are those that the same job gives in the foreground.
start_run 'job=words&top=7&min_length=6'
[ "$(stat -c %a "$folder")" = 700 ] || fail "others may look into $folder"
wait_for_page '<table>'
sed -nE 's|.*<th scope="row">([a-z]+)</th><td class="number">([0-9]+)</td>.*|\1 \2|p' \
    answer >actual
expect_status 0 "$drover" run "$folder/job.yaml" |
    sed -e 's/\],\[/\n/g' | tr -d '[]"' | tr ',' ' ' >expected
expect_file_equal expected actual
[ "$(wc -l <actual)" -eq 7 ] || fail "$(wc -l <actual) words, not 7"

# What was taken stays on the page, and nothing is left of the run's processes.
page_has '<table>' || fail "the table is not there any more"
wait_until 20 no_survivors "$folder" || fail "left: $(survivors "$folder")"
[ ! -e "$folder/socket" ] || fail "its socket is left"

# A picture; its page leads to it.
start_run 'job=picture&width=64&height=36&samples=2'
wait_for_page '<img '
expect_line "src=\"/\?id=$id&amp;picture=1\"" answer
expect_answer 200 GET "/?id=$id&picture=1"
expect_line '^Content-Type: image/png' answer
sed '1,/^$/d' raw >picture.png
expect_file_equal "$folder/picture.png" picture.png
file picture.png >kind.txt
expect_line 'PNG image data, 64 x 36' kind.txt

# --- While it runs, after it was stopped, or killed, or has failed --------------

endless='job=picture&width=1920&height=1080&samples=512'
start_run "$endless"
page_has '<progress' || fail "no progress: $(cat answer)"
expect_line '<meta http-equiv="refresh" content="1">' answer
expect_answer 404 GET "/?id=$id&picture=1"
expect_answer 303 POST / "id=$id&action=cancel"
wait_for_page 'It was stopped'
! grep -q 'http-equiv="refresh"' answer || fail "it still asks again"

# It is carried on from there, more than once.
start_run 'job=picture&width=1600&height=900&samples=4'
expect_answer 303 POST / "id=$id&action=cancel"
wait_for_page 'It was stopped'
expect_line 'value="resume"' answer
expect_answer 303 POST / "id=$id&action=resume"
page_has '<progress' || fail "no progress: $(cat answer)"
process=$(XDG_STATE_HOME=$folder "$drover" status --json "$folder/socket" |
    sed -nE 's/.*"pid": ?([0-9]+).*/\1/p')
kill -KILL "$process" || fail "there is no process $process"
wait_for_page 'Its process was killed'
expect_line 'value="resume"' answer
expect_answer 303 POST / "id=$id&action=resume"
wait_for_page '<img '

start_run 'job=picture&width=320&height=180&samples=8'
mkdir "$folder/picture.png"
wait_for_page 'Something went wrong'
expect_line 'cannot write .*picture.png' answer
failed=$id
expect_answer 404 GET "/?id=$id&picture=1"

# --- Refused ------------------------------------------------------------------

# refused_for PARAMETER METHOD TARGET [BODY]: the page says what is wrong with it.
refused_for()
{
    wrong=$1
    shift
    expect_answer 400 "$@"
    expect_line "<li><code>$wrong</code> " answer
}

runs_before=$(ls "$state")
picture='job=picture&width=64&height=36'
refused_for samples POST / "$picture"
for samples in 0 513 -1 1.5 08 1e2 99999999999999999999 '' '1 ' '1%0a' '1|e'; do
    refused_for samples POST / "$picture&samples=$samples"
done
refused_for width POST / 'job=picture&width=1921&height=36&samples=1'
refused_for height POST / 'job=picture&width=64&height=15&samples=1'
refused_for width POST / "width=64&$picture&samples=1"
refused_for top POST / "$picture&samples=1&top=3"
refused_for top POST / 'job=words&top=501&min_length=3'
refused_for min_length POST / 'job=words&top=5&min_length=x'
refused_for job POST / 'job=shell&command=id'
refused_for job POST / ''
refused_for file POST / 'job=words&top=5&min_length=3&file=/etc/passwd'
refused_for address POST / 'job=words&top=5&min_length=3&address=/run/x'
refused_for action POST / "id=$id&action=delete"
refused_for address GET "/?address=/etc/passwd"
refused_for address GET "/?id=$id&address=/etc/passwd"
refused_for '&lt;i&gt;' POST / 'job=words&top=5&min_length=3&<i>=1'
refused_for id GET "/?id=$id&id=$id"
refused_for picture GET "/?id=$id&picture=../job.yaml"

# All that is wrong is said at once.
refused_for width POST / 'job=picture&width=&height=&samples='
[ "$(grep -c '<li>' answer)" -eq 3 ] || fail "not all mistakes are named"

# Ids of nothing; and what is no id, even if there is a folder of that name.
upper=A${id#?}
cp -r "$folder" "$state/$upper"
cp -r "$folder" "$state/${id%?}"
for unknown in 00000000000000000000000000000000 "$upper" "${id}0" "${id%?}" '' \
    '*' '????????????????????????????????' . .. ../../etc '%2e%2e' \
    "../state/$id" "$id/" "$id/../$id" lock; do
    expect_answer 404 GET "/?id=$unknown"
done
expect_answer 400 GET "/?id=$id%00"
expect_answer 404 GET "/?id=../state/$id&picture=1"
expect_answer 404 POST / "id=../state/$id&action=cancel"

rm -r "${state:?}/$upper" "${state:?}/${id%?}"

# Other paths, among them files that are there.
for path in /drover.cgi /runs.sh /lighttpd.conf "/$id" "/$id/job.yaml" /../../etc/passwd \
    /%2e%2e/%2e%2e/etc/passwd /drover.cgi/../runs.sh //etc/passwd '/x?id=1'; do
    expect_answer 404 GET "$path"
    expect_line 'There is nothing here' answer
done

# Other methods, other sites, other names for this machine, large requests.
words='job=words&top=5&min_length=3'
expect_answer 405 DELETE /
expect_answer 405 PUT / "$words"
expect_answer 403 POST / "$words" 'Origin:http://example.org'
expect_answer 403 POST / "$words" 'Origin:null'
expect_answer 403 GET / '' 'Host:example.org'
expect_answer 413 POST / "$words&$(printf '%01000d' 0)"
[ "$(ls "$state")" = "$runs_before" ] || fail "what was refused left something"

# No more than four at a time.
ids=
for _ in 1 2 3 4; do
    start_run "$endless"
    ids="$ids $id"
done
expect_answer 503 POST / "$endless"
for id in $ids; do
    expect_answer 303 POST / "id=$id&action=cancel"
    folder=$state/$id
    wait_for_page 'It was stopped'
done

# --- In a browser -------------------------------------------------------------

PYTHONDONTWRITEBYTECODE=1 timeout 300 python3 "$srcdir/tests/web/visit.py" \
    "http://127.0.0.1:$port/" "$failed" "$pictures" "$work/profile" ||
    fail "the browser did not see what it should"
for picture in form form-dark form-narrow progress stopped picture words words-dark \
    failed refused; do
    file "$pictures/$picture.png" >kind.txt
    expect_line 'PNG image data' kind.txt
done
