/* The address of a call that is a background run of its own. */
#include "job/expansion.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "job/background.h"
#include "job/expansion_state.h"

static int say_no_address(const char *text, size_t size,
                          struct drover_error *err)
{
    struct buffer shown = BUFFER_INIT(8 * PATH_MAX);
    int status = text_escape(&shown, text, size);
    if (status == 0)
        status = error_set(err, EINVAL,
                           "background: \"%.*s\" is no address; "
                           "expected " BACKGROUND_ADDRESS_RULE,
                           (int)buffer_size(&shown),
                           (const char *)buffer_bytes(&shown));
    else
        error_no_memory(err);
    buffer_clear(&shown);
    return status;
}

/* Lines of files can have NULs in them. */
static int check_address(const char *text, size_t size,
                         struct drover_error *err)
{
    if (size >= PATH_MAX)
        return error_set(err, ENAMETOOLONG,
                         "background: an address of %zu bytes; at most %d are "
                         "allowed",
                         size, PATH_MAX - 1);
    if (strlen(text) < size || !background_is_address(text))
        return say_no_address(text, size, err);
    return 0;
}

int expansion_address(struct expansion *expansion, char **out,
                      struct drover_error *err)
{
    const struct template *template = expansion->template;
    const struct piece *pieces = &template->pieces[template->address];
    int status =
        expansion_compose(expansion, pieces, template->address_count, err);
    if (status < 0)
        return status;
    const char *text = (const char *)buffer_bytes(&expansion->text);
    status = check_address(text, buffer_size(&expansion->text) - 1, err);
    if (status < 0)
        return expansion_locate(expansion, expansion->stage->background->at,
                                status, err);
    char *address = strdup(text);
    if (address == NULL)
        return error_no_memory(err);
    *out = address;
    return 0;
}
