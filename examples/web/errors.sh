# shellcheck shell=sh
# Pages that say why a request is not answered. Each ends the program. Part of
# drover.cgi.

page_of_mistakes()
{
    message_page '400 Bad Request' 'That cannot be asked for' <<END
<ul>
$mistakes</ul>
END
}

page_of_foreign_form()
{
    message_page '403 Forbidden' 'This form is not from here' <<'END'
<p>Another site's page has sent it. Nothing was started.</p>
END
}

page_of_nothing()
{
    message_page '404 Not Found' 'There is nothing here' <<'END'
<p>The only pages are the first one and those of runs.</p>
END
}

page_of_unknown_run()
{
    message_page '404 Not Found' 'There is no such run' <<'END'
<p>A run's page has a random id of 32 characters in its address. Perhaps some of
them are missing, or nobody has looked at it since it ended, for a day.</p>
END
}

page_of_other_method()
{
    echo 'Allow: GET, HEAD, POST'
    message_page '405 Method Not Allowed' 'That cannot be done here' <<'END'
<p>Pages can be read (GET) and forms can be sent (POST).</p>
END
}

page_of_large_request()
{
    message_page '413 Content Too Large' 'That is no form of this page' <<'END'
<p>What a form sends has a length, of less than 1000 bytes.</p>
END
}

page_of_wrong_settings()
{
    message_page '500 Internal Server Error' 'This page is not set up' <<'END'
<p><code>DROVER_WEB_STATE</code> must be the absolute path of a folder that may
be written, of letters, digits and <code>_ . - /</code> only.</p>
END
}

# What drover said is in the run's file of errors.
page_of_refusal()
{
    message_page '500 Internal Server Error' 'drover would not do it' <<END
<pre>$(escape <"$folder/errors")</pre>
END
}

page_of_many_runs()
{
    echo 'Retry-After: 10'
    message_page '503 Service Unavailable' 'Others are at work' <<END
<p>There are $most_runs runs that go on, and no more are allowed at a time. Nothing
was started; try again when one of them has ended.</p>
END
}
