#include "background/socket_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Whether what FORMAT says fits into ADDRESS: it is never cut. */
__attribute__((format(printf, 2, 3))) static bool
fill(struct sockaddr_un *address, const char *format, ...)
{
    va_list arguments;
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    va_start(arguments, format);
    int size = vsnprintf(address->sun_path, sizeof address->sun_path, format,
                         arguments);
    va_end(arguments);
    return size >= 0 && (size_t)size < sizeof address->sun_path;
}

static int bind_to(int socket, const struct sockaddr_un *address)
{
    /* The file gets the mode that the socket has before it is bound. */
    if (fchmod(socket, S_IRUSR | S_IWUSR) < 0 ||
        bind(socket, (const struct sockaddr *)address, sizeof *address) < 0)
        return -errno;
    return 0;
}

static int bind_and_rename(int socket, int folder, const char *temporary,
                           const char *name)
{
    struct sockaddr_un address;
    struct stat there;
    if (fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) == 0)
        return -EADDRINUSE;
    if (!fill(&address, "/proc/self/fd/%d/%s", folder, temporary))
        return -ENAMETOOLONG;
    /* Of one who was killed between the two. */
    unlinkat(folder, temporary, 0);
    int status = bind_to(socket, &address);
    if (status == 0 && renameat(folder, temporary, folder, name) < 0) {
        status = -errno;
        unlinkat(folder, temporary, 0);
    }
    return status;
}

int socket_path_bind(int socket, const char *path, int folder,
                     const char *temporary)
{
    struct sockaddr_un address;
    const char *name = strrchr(path, '/') + 1;
    if (fill(&address, "%s", path) ||
        fill(&address, "/proc/self/fd/%d/%s", folder, name))
        return bind_to(socket, &address);
    return bind_and_rename(socket, folder, temporary, name);
}

int socket_path_connect(int socket, int file)
{
    struct sockaddr_un address;
    if (!fill(&address, "/proc/self/fd/%d", file))
        return -ENAMETOOLONG;
    if (connect(socket, (const struct sockaddr *)&address, sizeof address) < 0)
        return -errno;
    return 0;
}
