# shellcheck shell=sh
# What a request says, checked before anything is done with it. Part of
# drover.cgi.
#
#   given_NAME   the value of each parameter that was given
#   mistakes     what is wrong with the parameters: items of a list, in HTML
mistakes=

# Least and most of each number.
width_range='16 1920'
height_range='16 1080'
samples_range='1 512'
top_range='2 500'
min_length_range='2 30'

# complain NAME WHY: one more mistake. WHY is HTML.
complain()
{
    mistakes="$mistakes<li><code>$1</code> $2</li>
"
}

refuse_mistakes()
{
    [ -z "$mistakes" ] || page_of_mistakes
}

# read_parameters TEXT NAME...: set given_NAME from a text like a=1&b=2. Only
# these names may be in it, each once. Values stay encoded as they came: none
# that is allowed has anything to decode.
read_parameters()
{
    rest=$1
    shift
    while [ -n "$rest" ]; do
        pair=${rest%%&*}
        rest=${rest#"$pair"}
        rest=${rest#&}
        take_parameter "${pair%%=*}" "${pair#*=}" "$@"
    done
}

# take_parameter NAME VALUE ALLOWED...
take_parameter()
{
    name=$1
    value=$2
    shift 2
    for known in "$@"; do
        [ "$name" = "$known" ] || continue
        eval "earlier=\${given_$known+given}"
        [ -z "$earlier" ] || complain "$known" 'is there twice.'
        eval "given_$known=\$value"
        return
    done
    complain "$(printf '%.40s' "$name" | escape)" \
        "is no parameter here; there are: $(code_list "$@")."
}

code_list()
{
    list=$(printf '<code>%s</code>, ' "$@")
    echo "${list%, }"
}

# check_number NAME RANGE: the parameter must be a whole number within it.
check_number()
{
    eval "value=\${given_$1-}"
    least=${2% *}
    most=${2#* }
    case $value in
    '' | *[!0-9]* | 0?* | ?????*) ;;
    *) [ "$value" -lt "$least" ] || [ "$value" -gt "$most" ] || return 0 ;;
    esac
    complain "$1" "must be a whole number from $least to $most."
}

# check_word NAME WORD...: the parameter must be one of the words.
check_word()
{
    name=$1
    shift
    eval "value=\${given_$name-}"
    for word in "$@"; do
        [ "$value" != "$word" ] || return 0
    done
    complain "$name" "must be one of: $(code_list "$@")."
}

# Set `body`: what was posted, which is never much.
read_body()
{
    case ${CONTENT_LENGTH-} in
    '' | *[!0-9]* | ????*) page_of_large_request ;;
    esac
    body=$(head -c "$CONTENT_LENGTH")
}

# A page of another site can post here, too, but cannot hide that it does.
refuse_foreign_forms()
{
    case ${HTTP_ORIGIN-none} in
    none | "http://${HTTP_HOST-}") ;;
    *) page_of_foreign_form ;;
    esac
}
