# shellcheck shell=sh
# What all answers share. Part of drover.cgi.

# begin_page STATUS TITLE [SECONDS]: with SECONDS the page asks for itself again.
begin_page()
{
    refresh=${3:+"<meta http-equiv=\"refresh\" content=\"$3\">"}
    cat <<END
Status: $1
Content-Type: text/html; charset=utf-8
Cache-Control: no-store
Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
Referrer-Policy: same-origin
X-Content-Type-Options: nosniff

<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
$refresh
<title>$2 · drover</title>
<style>
END
    cat "$here/style.css"
    cat <<'END'
</style>
<header>
<a href="/">
<svg viewBox="0 0 24 24" aria-hidden="true">
<circle cx="4" cy="4" r="2.5"/><circle cx="4" cy="12" r="2.5"/>
<circle cx="4" cy="20" r="2.5"/><circle cx="12" cy="8" r="2.5"/>
<circle cx="12" cy="16" r="2.5"/><circle cx="20" cy="12" r="3.5"/>
</svg>
drover</a>
</header>
<main>
END
}

end_page()
{
    cat <<'END'
</main>
<footer>Made by a shell script with <code>drover start</code>,
<code>drover status</code> and <code>drover collect</code>.</footer>
</html>
END
    exit 0
}

# Lead on to the run's own address, by which it is found again.
send_to_run()
{
    cat <<END
Status: 303 See Other
Location: /?id=$id
Cache-Control: no-store
Content-Length: 0

END
    exit 0
}

# Make a text fit to stand in a page.
escape()
{
    sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/"/\&quot;/g'
}

# message_page STATUS TITLE: a page that says what is wrong; HTML from standard
# input.
message_page()
{
    begin_page "$1" "$2"
    printf '<h1>%s</h1>\n<section class="card trouble">\n' "$2"
    cat
    cat <<'END'
</section>
<p class="actions"><a class="button" href="/">Start something</a></p>
END
    end_page
}
