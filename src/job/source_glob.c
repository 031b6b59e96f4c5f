#include "job/source.h"

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/text.h"

/* By bytes: the order must not depend on the locale. */
static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* found  what was found, each with PREFIX in front */
struct matches {
    glob_t found;
    size_t prefix_size;
};

/* A relative pattern is sought in the working folder, which is not always the
 * one that the user has in mind. */
static int report_no_match(const struct source *source,
                           struct drover_error *err)
{
    const char *pattern = source->each->pattern;
    char *own = source->folder == NULL ? getcwd(NULL, 0) : NULL;
    const char *folder = own == NULL ? source->folder : own;
    bool is_absolute = pattern[0] == '/' || folder == NULL;
    error_set(err, ENOENT, "no file matches \"%s\"%s%s", pattern,
              is_absolute ? "" : " in the working folder, ",
              is_absolute ? "" : folder);
    free(own);
    return -ENOENT;
}

static int find(const struct source *source, const char *pattern, glob_t *found,
                struct drover_error *err)
{
    switch (glob(pattern, GLOB_NOSORT, NULL, found)) {
    case 0:
        qsort(found->gl_pathv, found->gl_pathc, sizeof found->gl_pathv[0],
              compare_names);
        return 0;
    case GLOB_NOMATCH:
        return report_no_match(source, err);
    case GLOB_NOSPACE:
        return error_no_memory(err);
    default:
        return error_set(err, EIO, "cannot look for \"%s\"",
                         source->each->pattern);
    }
}

/* glob() knows only the process's own folder. Another one is reached by its
 * descriptor, for a name of it might hold what has a meaning in patterns. */
static int find_in(const struct source *source, int folder,
                   struct matches *matches, struct drover_error *err)
{
    const char *pattern = source->each->pattern;
    char *whole = NULL;
    if (folder < 0)
        return find(source, pattern, &matches->found, err);
    int size = asprintf(&whole, "/proc/self/fd/%d/%s", folder, pattern);
    if (size < 0)
        return error_no_memory(err);
    matches->prefix_size = (size_t)size - strlen(pattern);
    int status = find(source, whole, &matches->found, err);
    free(whole);
    return status;
}

static int glob_open(struct source *source, struct drover_error *err)
{
    struct matches *matches = calloc(1, sizeof *matches);
    int folder;
    if (matches == NULL)
        return error_no_memory(err);
    int status = source_open_folder(source, &folder, err);
    if (status == 0) {
        status = find_in(source, folder, matches, err);
        descriptor_close(&folder);
    }
    if (status < 0) {
        globfree(&matches->found);
        free(matches);
        return status;
    }
    source->own = matches;
    source->count = matches->found.gl_pathc;
    return 0;
}

static int glob_next(struct source *source, struct drover_error *err)
{
    (void)err;
    const struct matches *matches = source->own;
    source->text =
        matches->found.gl_pathv[source->index] + matches->prefix_size;
    source->size = strlen(source->text);
    bool valid = text_utf8_valid(source->text, source->size) == source->size;
    source->defect = valid ? SOURCE_FINE : SOURCE_NOT_UTF8;
    return 1;
}

static void glob_close(struct source *source)
{
    struct matches *matches = source->own;
    globfree(&matches->found);
    free(matches);
}

const struct source_kind source_glob = {
    .open = glob_open,
    .next = glob_next,
    .close = glob_close,
};
