/* Who is on the other side of a connection. */
#ifndef BACKGROUND_ADDRESS_PEER_H
#define BACKGROUND_ADDRESS_PEER_H

#include <drover/error.h>

/* Refuse (-EPERM) a process that was neither this user's nor root's when it
 * connected or began to listen; SO_PEERCRED in unix(7). */
int address_check_peer(int socket, struct drover_error *err);

#endif
