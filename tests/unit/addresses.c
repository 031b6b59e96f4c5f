#include "addresses.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tasks.h"
#include "unit.h"

static struct drover_error err;

struct address *own_address(const char *path)
{
    struct address *address = NULL;
    ASSERT_INT(address_own(path, "/store", &address, &err), 0);
    ASSERT_TEXT(address_path(address), path);
    return address;
}

void expect_refused_address(const char *path, int code, const char *why)
{
    struct address *address = NULL;
    ASSERT_INT(address_own(path, "/store", &address, &err), -code);
    ASSERT_CONTAINS(err.message, why);
    ASSERT(address == NULL);
}

/* Connect, be accepted, and send a byte. */
void expect_served_address(struct address *address)
{
    char byte = 0;
    struct pollfd readable = { .fd = address_descriptor(address),
                               .events = POLLIN };
    int client =
        address_connect(address_path(address), clock_now_ms() + SOON_MS, &err);
    ASSERT(client > STDERR_FILENO);
    ASSERT_INT(poll(&readable, 1, SOON_MS), 1);
    int server = address_accept(address);
    ASSERT(server > STDERR_FILENO);
    ASSERT(fcntl(server, F_GETFL) & O_NONBLOCK);
    ASSERT(fcntl(client, F_GETFL) & O_NONBLOCK);
    ASSERT_INT(fcntl(server, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    ASSERT_INT(fcntl(client, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    ASSERT_INT(write(client, "x", 1), 1);
    ASSERT_INT(read(server, &byte, 1), 1);
    ASSERT_INT(byte, 'x');
    ASSERT_INT(address_accept(address), -EAGAIN);
    close(client);
    close(server);
}

void expect_mode(const char *path, mode_t type)
{
    struct stat file;
    ASSERT_INT(lstat(path, &file), 0);
    ASSERT_INT(file.st_mode, type | 0600);
}

void expect_missing(const char *path)
{
    ASSERT_INT(access(path, F_OK), -1);
}

void expect_address_owner(const char *path, pid_t pid, bool alive,
                          const char *store)
{
    struct address_owner owner;
    ASSERT_INT(address_look(path, &owner, &err), 0);
    ASSERT_INT(owner.pid, pid);
    ASSERT_INT(owner.alive, alive);
    ASSERT_TEXT(owner.store, store);
    free(owner.store);
}

void await_end_of_pipe(const int pipe_ends[2])
{
    char byte;
    close(pipe_ends[1]);
    while (read(pipe_ends[0], &byte, 1) > 0)
        ;
}
