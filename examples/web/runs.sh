# shellcheck shell=sh
# Runs: starting them, finding them again, taking their results. Part of
# drover.cgi. Each has a folder of its own, named by its id:
#
#   job.yaml   what it does
#   about      what kind of run it is, and its numbers in words
#   socket     its address
#   drover/    its store: XDG_STATE_HOME is the folder
#   lock       is held by the request that is about it
#   taken      what was collected; result is the last line of it
#   ended      is there once the run was seen not to be running any more
#
# Of the run that a request is about:
#
#   id, folder, kind, about
#   state        as `drover status` says
#   done_count   calls that have ended, failed_count of them not well
#   total_count  how many there are; null: not known yet
drover=${DROVER:-drover}
most_runs=4
keep_minutes=1440

# An empty setting is none.
[ -n "${DROVER_CONFIG-}" ] || unset DROVER_CONFIG
[ -n "${DROVER_PLUGIN_PATH-}" ] || unset DROVER_PLUGIN_PATH

# The folder's path gets into jobs: it must be plain there.
check_settings()
{
    runs=${DROVER_WEB_STATE-}
    case $runs in
    *[!A-Za-z0-9_./-]*) ;;
    /*) [ ! -d "$runs" ] || [ ! -w "$runs" ] || return 0 ;;
    esac
    page_of_wrong_settings
}

# What runs in the background must not hold the locks of who has started it; and
# nobody waits for a page for ever.
run_drover()
{
    timeout 30 "$drover" "$@" </dev/null 8>&- 9>&-
}

# --- One run ------------------------------------------------------------------

# find_run ID: it must be exactly what make_run makes.
find_run()
{
    case $1 in
    *[!0-9a-f]*) return 1 ;;
    ????????????????????????????????) ;;
    *) return 1 ;;
    esac
    [ -f "$runs/$1/about" ] || return 1
    use_run "$1"
}

# Requests for the same run take turns.
use_run()
{
    id=$1
    folder=$runs/$id
    exec 8>"$folder/lock"
    flock 8
    XDG_STATE_HOME=$folder
    export XDG_STATE_HOME
    read -r kind about <"$folder/about"
}

look_at_run()
{
    status=$(run_drover status "$folder/socket" --json 2>"$folder/errors") ||
        return 1
    state=$(status_field state '"([a-z]+)"')
    done_count=$(status_field 'done' '([0-9]+)')
    failed_count=$(status_field failed '([0-9]+)')
    total_count=$(status_field total '([0-9]+|null)')
    case $state,$done_count,$failed_count,$total_count in
    ,* | *,,* | *,) return 1 ;;
    running,*) ;;
    *) : >"$folder/ended" ;;
    esac
    done_count=$((done_count + failed_count))
}

# status_field NAME PATTERN: what the pattern's group matches.
status_field()
{
    printf '%s\n' "$status" | sed -nE "s/.*\"$1\": ?$2.*/\\1/p"
}

# Collecting acknowledges: then the run's process has nothing left to do, and ends.
# Should this be killed in between, the results are delivered once more.
collect_results()
{
    run_drover collect "$folder/socket" --values --no-wait \
        --output "$folder/taken" 2>"$folder/errors"
}

take_results()
{
    [ ! -e "$folder/result" ] || return 0
    collect_results
    tail -n 1 "$folder/taken" >"$folder/last" && [ -s "$folder/last" ] &&
        mv "$folder/last" "$folder/result"
}

# Print a line for each call that failed. They are not taken: whoever looks
# again is told again.
failures()
{
    { run_drover collect "$folder/socket" --values --no-wait --peek \
        >"$folder/answer"; } 2>&1
}

cancel_run()
{
    run_drover cancel "$folder/socket" >"$folder/answer" 2>"$folder/errors" ||
        page_of_refusal
}

# The process of a run that was stopped may still wait for its results to be
# collected; nobody else can have the run before it is gone.
resume_run()
{
    collect_results
    run_drover logs --follow "$folder/socket" >"$folder/answer" 2>&1
    rm -f "$folder/ended"
    run_drover resume "$folder/socket" >"$folder/answer" \
        2>"$folder/errors" || page_of_refusal
}

# --- New runs -----------------------------------------------------------------

# One at a time, so that no more than allowed get through.
start_run()
{
    exec 9>"$runs/lock"
    flock 9
    remove_old_runs
    [ "$(count_running)" -lt "$most_runs" ] || page_of_many_runs
    make_run
    run_drover start "$folder/job.yaml" --at "$folder/socket" \
        >"$folder/answer" 2>"$folder/errors" && return
    : >"$folder/ended"
    page_of_refusal
}

make_run()
{
    id=$(od -An -v -N16 -tx1 /dev/urandom | tr -d ' \n')
    mkdir "$runs/$id"
    fill_template >"$runs/$id/job.yaml"
    describe_form >"$runs/$id/about"
    use_run "$id"
}

fill_template()
{
    sed -e "s|@FOLDER@|$runs/$id|" \
        -e "s|@WIDTH@|${given_width-}|" \
        -e "s|@HEIGHT@|${given_height-}|" \
        -e "s|@SAMPLES@|${given_samples-}|" \
        -e "s|@TOP@|${given_top-}|" \
        -e "s|@MIN_LENGTH@|${given_min_length-}|" \
        "$here/$given_job.yaml"
}

describe_form()
{
    case $given_job in
    picture) echo "picture $given_width × $given_height pixels," \
        "rays per pixel: $given_samples" ;;
    words) echo "words The $given_top most frequent words" \
        "of at least $given_min_length letters" ;;
    esac
}

# Those that were seen to have ended are not looked at again.
count_running()
{
    for run in "$runs"/*; do
        [ -f "$run/about" ] || continue
        [ ! -e "$run/ended" ] || continue
        (
            use_run "${run##*/}"
            look_at_run || exit
            [ "$state" != running ] || echo "$id"
        )
    done | wc -l
}

remove_old_runs()
{
    find "$runs" -mindepth 2 -maxdepth 2 -name ended -mmin "+$keep_minutes" |
        while read -r ended; do
            rm -rf "${ended%/ended}"
        done
}
