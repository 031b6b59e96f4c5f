#include "cli/status.h"

#include <errno.h>

enum exit_status status_of_errno(int code)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
        return STATUS_NO_FILE;
    case EACCES:
    case EPERM:
        return STATUS_PERMISSION;
    case EEXIST:
    case EROFS:
        return STATUS_CANNOT_CREATE;
    case EBUSY:
    case EADDRINUSE:
        return STATUS_BUSY;
    case EPROTONOSUPPORT:
        return STATUS_VERSION;
    case ECONNREFUSED:
    case ECONNRESET:
        return STATUS_UNSERVED;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EAGAIN:
        return STATUS_INTERNAL;
    default:
        return STATUS_IO;
    }
}

enum exit_status status_of_making(int code)
{
    enum exit_status status = status_of_errno(code);
    return status == STATUS_NO_FILE || code == EINVAL ? STATUS_CANNOT_CREATE
                                                      : status;
}
