# shellcheck shell=sh
# The forms, and what the page of a run shows. Each function page_of_... and
# send_... answers the request and ends the program. Part of drover.cgi.

# --- The forms ----------------------------------------------------------------

page_of_forms()
{
    begin_page '200 OK' 'Start something'
    cat <<'END'
<h1>Start it, leave, come back</h1>
<p class="lead">What you start here runs in the background, in processes of its
own. Its page shows how it gets on, now or whenever you come back to it.</p>
<div class="cards">
<section class="card">
<h2>A picture</h2>
<p class="quiet">By ray tracing. Every row is a call; one more call makes a
picture of them.</p>
<form method="post" action="/">
<input type="hidden" name="job" value="picture">
<div class="fields">
END
    number_field width 'Width' 960 "$width_range"
    number_field height 'Height' 540 "$height_range"
    number_field samples 'Rays per pixel' 24 "$samples_range"
    cat <<'END'
</div>
<button>Paint the picture</button>
</form>
</section>
<section class="card">
<h2>Words of the licences</h2>
<p class="quiet">Every licence text of this machine is a call that counts its
words; one more call adds them up.</p>
<form method="post" action="/">
<input type="hidden" name="job" value="words">
<div class="fields">
END
    number_field top 'How many words' 20 "$top_range"
    number_field min_length 'Letters at least' 4 "$min_length_range"
    cat <<'END'
</div>
<button>Count the words</button>
</form>
</section>
</div>
END
    end_page
}

# number_field NAME LABEL VALUE RANGE
number_field()
{
    cat <<END
<div><label for="$1">$2</label>
<input id="$1" name="$1" type="number" required min="${4% *}" max="${4#* }"
 value="$3" aria-describedby="$1-range">
<small id="$1-range">${4% *} to ${4#* }</small></div>
END
}

# --- The page of a run --------------------------------------------------------

page_of_progress()
{
    begin_page '200 OK' "$(far)" 1
    begin_run
    cat <<END
<section class="card">
<p class="far"><strong>$(far)</strong> <span class="quiet">$(calls_done)</span></p>
<progress aria-label="Calls done" $(progress_values)></progress>
<p class="quiet">This page looks again every second. You may close it: the run
goes on, and the page's address leads back to it.</p>
</section>
END
    end_run "$(button_for cancel 'Stop it')"
}

begin_run()
{
    case $kind in
    picture) echo '<h1>A picture</h1>' ;;
    words) echo '<h1>Words of the licences</h1>' ;;
    esac
    printf '<p class="lead">%s</p>\n' "$about"
}

# end_run [BUTTON...]
end_run()
{
    echo '<div class="actions">'
    [ $# -eq 0 ] || printf '%s\n' "$@"
    cat <<'END'
<a class="button plain" href="/">Start something else</a>
</div>
END
    end_page
}

# button_for ACTION TEXT
button_for()
{
    cat <<END
<form method="post" action="/">
<input type="hidden" name="id" value="$id">
<button class="plain" name="action" value="$1">$2</button>
</form>
END
}

# How many calls there will be is known when the last stage has begun.
is_total_known()
{
    [ "$total_count" != null ] && [ "$total_count" -gt 0 ]
}

far()
{
    if is_total_known; then
        echo "$((done_count * 100 / total_count)) %"
    else
        echo 'At work'
    fi
}

calls_done()
{
    if is_total_known; then
        echo "$done_count of $total_count calls done"
    else
        echo "$done_count calls done"
    fi
}

progress_values()
{
    ! is_total_known || echo "max=\"$total_count\" value=\"$done_count\""
}

page_of_picture()
{
    begin_page '200 OK' 'A picture'
    begin_run
    cat <<END
<figure><img src="/?id=$id&amp;picture=1" alt="Balls of glass, metal and varnish
on a tiled plain, with hills behind"></figure>
END
    end_run "<a class=\"button\" href=\"/?id=$id&amp;picture=1\" download=\"picture.png\">Save the picture</a>"
}

send_picture()
{
    [ -f "$folder/picture.png" ] || page_of_nothing
    cat <<END
Content-Type: image/png
Content-Length: $(wc -c <"$folder/picture.png")
Cache-Control: private, max-age=3600
X-Content-Type-Options: nosniff

END
    exec 8>&- # a slow reader keeps nobody else waiting
    cat "$folder/picture.png"
    exit 0
}

page_of_words()
{
    begin_page '200 OK' 'Words of the licences'
    begin_run
    cat <<'END'
<section class="card">
<table>
<thead><tr><th class="number" scope="col">Rank</th><th scope="col">Word</th>
<th class="number" scope="col">Times</th><td></td></tr></thead>
<tbody>
END
    rows_of_words
    printf '</tbody>\n</table>\n</section>\n'
    end_run
}

# The result is like [["the",42],["and",23]], the most frequent first.
rows_of_words()
{
    sed -e 's/\],\[/\n/g' "$folder/result" | tr -d '[]" ' | awk -F , '
        $1 !~ /^[a-z]+$/ || $2 !~ /^[0-9]+$/ { next }
        !most { most = $2 }
        {
            printf "<tr><td class=\"number quiet\">%d</td>", ++rank
            printf "<th scope=\"row\">%s</th><td class=\"number\">%d</td>", $1, $2
            printf "<td class=\"bar\"><i style=\"width:%.1f%%\"></i></td></tr>\n",
                $2 * 100 / most
        }'
}

# --- When it did not go well --------------------------------------------------

page_of_trouble()
{
    begin_page '200 OK' "$(trouble)"
    begin_run
    case $state in
    cancelled) echo '<section class="card">' ;;
    *) echo '<section class="card trouble">' ;;
    esac
    printf '<h2>%s</h2>\n<p>%s</p>\n' "$(trouble)" "$(remains)"
    [ "$state" = cancelled ] || show_report
    echo '</section>'
    case $state in
    finished) end_run ;;
    *) end_run "$(button_for resume 'Carry on where it stopped')" ;;
    esac
}

trouble()
{
    case $state in
    cancelled) echo 'It was stopped' ;;
    killed) echo 'Its process was killed' ;;
    *) echo 'Something went wrong' ;;
    esac
}

remains()
{
    done_count=$((done_count - failed_count))
    case $state in
    finished) echo "$(calls_done), $failed_count failed." ;;
    *) echo "$(calls_done). They are kept; nothing of them is lost." ;;
    esac
}

# Which calls failed and why; when there are none, the last of what the run has
# said about itself.
show_report()
{
    report=$(failures | head -n 20 | cut -c -300 | escape)
    [ -n "$report" ] ||
        report=$(run_drover logs "$folder/socket" 2>&1 | tail -n 20 |
            cut -c -300 | escape)
    [ -z "$report" ] || printf '<pre>%s</pre>\n' "$report"
}

# It may well answer the next time.
page_of_silent_run()
{
    begin_page '200 OK' 'No answer' 2
    begin_run
    cat <<END
<section class="card trouble">
<h2>drover cannot say how it gets on</h2>
<pre>$(escape <"$folder/errors")</pre>
</section>
END
    end_run
}
