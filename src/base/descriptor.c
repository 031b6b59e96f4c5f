#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

void descriptor_close(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

int descriptor_open_standard(void)
{
    for (;;) {
        int descriptor = open("/dev/null", O_RDONLY);
        if (descriptor < 0)
            return -errno;
        if (descriptor > STDERR_FILENO) {
            close(descriptor);
            return 0;
        }
    }
}

int descriptor_move_up(int *descriptor)
{
    if (*descriptor > STDERR_FILENO)
        return 0;
    int up = fcntl(*descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int status = up < 0 ? -errno : 0;
    close(*descriptor);
    *descriptor = up;
    return status;
}

int descriptor_set_nonblocking(int descriptor, bool on)
{
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0)
        return -errno;
    int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return fcntl(descriptor, F_SETFL, wanted) < 0 ? -errno : 0;
}

size_t descriptor_raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 1024;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return (size_t)limit.rlim_cur;
}

int descriptor_socket_pair(int pair[2], struct drover_error *err)
{
    int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int made[2];
    int status = socketpair(AF_UNIX, type, 0, made) < 0 ? -errno : 0;
    for (int i = 0; i < 2 && status == 0; i++) {
        status = descriptor_move_up(&made[i]);
        if (status < 0)
            descriptor_close(&made[1 - i]);
    }
    if (status < 0)
        return error_set(err, -status, "cannot make a socket pair: %s",
                         strerror(-status));
    memcpy(pair, made, sizeof made);
    return 0;
}
