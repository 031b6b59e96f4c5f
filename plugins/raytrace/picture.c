#include "raytrace/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_error(struct drover_error *err, int code, const char *why)
{
    if (err != NULL) {
        err->code = code;
        snprintf(err->message, sizeof err->message, "%s", why);
    }
    return -code;
}

static int set_errno(struct drover_error *err)
{
    return set_error(err, errno, strerror(errno));
}

/* Give the file the permissions of a new one: mkostemp(3) makes it private. */
static int open_to_others(int file)
{
    mode_t mask = umask(0);
    umask(mask);
    return fchmod(file, 0666 & ~mask);
}

/* Make a temporary file; TEMPORARY is its pattern and becomes its name. */
static int create_file(char *temporary, FILE **out, struct drover_error *err)
{
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0)
        return set_errno(err);
    FILE *stream = open_to_others(file) == 0 ? fdopen(file, "wb") : NULL;
    if (stream == NULL) {
        int result = set_errno(err);
        close(file);
        unlink(temporary);
        return result;
    }
    *out = stream;
    return 0;
}

static int write_png(const struct picture *picture, FILE *file,
                     struct drover_error *err)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION,
        .width = picture->width,
        .height = picture->height,
        .format = PNG_FORMAT_RGB,
    };
    if (png_image_write_to_stdio(&image, file, 0, picture->pixels, 0, NULL))
        return 0;
    set_error(err, EIO, image.message);
    png_image_free(&image);
    return -EIO;
}

/* Write everything and let the disk have it. FILE is closed in any case. */
static int fill_file(const struct picture *picture, FILE *file,
                     int64_t *size_bytes, struct drover_error *err)
{
    int result = write_png(picture, file, err);
    struct stat status = { 0 };
    if (result == 0 && (fflush(file) != 0 || fsync(fileno(file)) < 0 ||
                        fstat(fileno(file), &status) < 0))
        result = set_errno(err);
    if (fclose(file) != 0 && result == 0)
        result = set_errno(err);
    if (result == 0)
        *size_bytes = (int64_t)status.st_size;
    return result;
}

int picture_write(const struct picture *picture, const char *path,
                  int64_t *size_bytes, struct drover_error *err)
{
    char *temporary;
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return set_error(err, ENOMEM, strerror(ENOMEM));
    FILE *file = NULL;
    int result = create_file(temporary, &file, err);
    if (result < 0) {
        free(temporary);
        return result;
    }
    int64_t size = 0;
    result = fill_file(picture, file, &size, err);
    if (result == 0 && rename(temporary, path) < 0)
        result = set_errno(err);
    if (result < 0)
        unlink(temporary);
    else
        *size_bytes = size;
    free(temporary);
    return result;
}
