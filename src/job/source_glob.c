#include "job/source.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/* By bytes: the order must not depend on the locale. */
static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A relative pattern is sought in the working folder, which is not always the
 * one that the user has in mind. */
static int report_no_match(const char *pattern, struct drover_error *err)
{
    char *folder = pattern[0] == '/' ? NULL : getcwd(NULL, 0);
    error_set(err, ENOENT, "no file matches \"%s\"%s%s", pattern,
              folder == NULL ? "" : " in the working folder, ",
              folder == NULL ? "" : folder);
    free(folder);
    return -ENOENT;
}

static int match(const char *pattern, glob_t *found, struct drover_error *err)
{
    switch (glob(pattern, GLOB_NOSORT, NULL, found)) {
    case 0:
        qsort(found->gl_pathv, found->gl_pathc, sizeof found->gl_pathv[0],
              compare_names);
        return 0;
    case GLOB_NOMATCH:
        return report_no_match(pattern, err);
    case GLOB_NOSPACE:
        return error_no_memory(err);
    default:
        return error_set(err, EIO, "cannot look for \"%s\"", pattern);
    }
}

static int glob_open(struct source *source, struct drover_error *err)
{
    glob_t *found = calloc(1, sizeof *found);
    if (found == NULL)
        return error_no_memory(err);
    int status = match(source->each->pattern, found, err);
    if (status < 0) {
        globfree(found);
        free(found);
        return status;
    }
    source->own = found;
    source->count = found->gl_pathc;
    return 0;
}

static int glob_next(struct source *source, struct drover_error *err)
{
    (void)err;
    const glob_t *found = source->own;
    source->text = found->gl_pathv[source->index];
    source->size = strlen(source->text);
    bool valid = text_utf8_valid(source->text, source->size) == source->size;
    source->defect = valid ? SOURCE_FINE : SOURCE_NOT_UTF8;
    return 1;
}

static void glob_close(struct source *source)
{
    globfree(source->own);
    free(source->own);
}

const struct source_kind source_glob = {
    .open = glob_open,
    .next = glob_next,
    .close = glob_close,
};
