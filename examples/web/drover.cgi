#!/bin/sh
# A page that starts jobs in the background, answers at once, and finds them
# again with every later request. A CGI program; lighttpd.conf has it run.
#
#   GET  /                    the forms
#   POST /  job=...           start a run; 303 to its page
#   GET  /?id=ID              its page: progress, and then what came of it
#   GET  /?id=ID&picture=1    its picture
#   POST /  id=ID&action=...  stop it, or carry it on after that; 303
#
# All that a request can name is a run, by its random id. It never names an
# address or a path, and what goes into a job are numbers within limits.
set -u
umask 077
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd) || exit 1
. "$here/request.sh"
. "$here/runs.sh"
. "$here/frame.sh"
. "$here/pages.sh"
. "$here/errors.sh"

show_something()
{
    read_parameters "${QUERY_STRING-}" id picture
    [ -z "${given_picture+given}" ] || check_word picture 1
    refuse_mistakes
    [ -n "${QUERY_STRING-}" ] || page_of_forms
    find_run "${given_id-}" || page_of_unknown_run
    [ -z "${given_picture-}" ] || send_picture
    show_run
}

show_run()
{
    look_at_run || page_of_silent_run
    case $state in
    running) page_of_progress ;;
    finished) show_end ;;
    *) page_of_trouble ;;
    esac
}

show_end()
{
    if [ "$failed_count" != 0 ] || ! take_results; then
        page_of_trouble
    fi
    case $kind in
    picture) page_of_picture ;;
    words) page_of_words ;;
    esac
}

do_something()
{
    refuse_foreign_forms
    read_body
    case "&$body&" in
    *'&job=picture&'*) read_picture_form ;;
    *'&job=words&'*) read_words_form ;;
    *'&action='*) read_action ;;
    *) complain job 'says what is to be done: <code>picture</code> or <code>words</code>.' ;;
    esac
    refuse_mistakes
    if [ -n "${given_action+given}" ]; then
        act_on_run
    else
        start_run
    fi
    send_to_run
}

read_picture_form()
{
    read_parameters "$body" job width height samples
    check_number width "$width_range"
    check_number height "$height_range"
    check_number samples "$samples_range"
}

read_words_form()
{
    read_parameters "$body" job top min_length
    check_number top "$top_range"
    check_number min_length "$min_length_range"
}

read_action()
{
    read_parameters "$body" id action
    check_word action cancel resume
}

act_on_run()
{
    find_run "${given_id-}" || page_of_unknown_run
    case $given_action in
    cancel) cancel_run ;;
    resume) resume_run ;;
    esac
}

check_settings
[ -z "${PATH_INFO-}" ] || page_of_nothing
case ${REQUEST_METHOD-} in
GET | HEAD) show_something ;;
POST) do_something ;;
*) page_of_other_method ;;
esac
