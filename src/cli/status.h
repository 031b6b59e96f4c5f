/* Exit statuses of drover: documented in drover(1). The numbers from 64 on are
 * those of sysexits.h. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

enum exit_status {
    STATUS_OK = 0,
    STATUS_CALLS_FAILED = 1,
    STATUS_NOTHING = 2, /* there is nothing to collect */
    STATUS_CANCELLED = 4,
    STATUS_USAGE = 64,
    STATUS_BAD_FILE = 65, /* a job file with mistakes */
    STATUS_NO_FILE = 66,
    STATUS_UNSERVED = 69, /* nobody serves the address */
    STATUS_INTERNAL = 70,
    STATUS_CANNOT_CREATE = 73,
    STATUS_IO = 74,
    STATUS_BUSY = 75, /* another process has the address, or the store */
    STATUS_VERSION = 76,
    STATUS_PERMISSION = 77,
    STATUS_CONFIG = 78,   /* the configuration file, or a plugin */
    STATUS_TIMEOUT = 124, /* what was waited for has not come by then */
    STATUS_SIGNAL = 128,  /* plus the signal's number */
};

/* The status for an error about a file, by its positive errno number. */
enum exit_status status_of_errno(int code);

/* The same for what was to be made: what is not there, or is no name for a
 * file, is where it was to stand. */
enum exit_status status_of_making(int code);

#endif
