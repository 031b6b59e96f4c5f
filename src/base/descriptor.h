/* File descriptors. */
#ifndef BASE_DESCRIPTOR_H
#define BASE_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>

#include <drover/error.h>

/* Close *DESCRIPTOR unless it is -1, and make it -1. */
void descriptor_close(int *descriptor);

/* Make sure that 0, 1 and 2 are open, so that nothing else lands there. Opens
 * /dev/null for those that are not, only to read, so that writing fails as it
 * would have. Returns 0 or a negative errno value. */
int descriptor_open_standard(void);

/* Move *DESCRIPTOR to a number above 2 if it has none such, where a program
 * without standard output would print into it. Close-on-exec. Returns 0, or a
 * negative errno value and it is closed, -1. */
int descriptor_move_up(int *descriptor);

/* Set O_NONBLOCK on the open file description. */
int descriptor_set_nonblocking(int descriptor, bool on);

/* Raise the soft limit of open descriptors to the hard one. Returns how many
 * this process may open. */
size_t descriptor_raise_limit(void);

/* A pair of connected, non-blocking, close-on-exec stream sockets, above 2. */
int descriptor_socket_pair(int pair[2], struct drover_error *err);

#endif
