/* Sockets at paths of any length. A socket's name has at most 107 bytes, so
 * what is longer is reached through the descriptor of a folder, or of the
 * socket's file itself (/proc/self/fd, see proc(5) and unix(7)). */
#ifndef BACKGROUND_SOCKET_PATH_H
#define BACKGROUND_SOCKET_PATH_H

/* Bind SOCKET at PATH (absolute), with mode 0600 from the first moment.
 *
 * folder     descriptor of the folder that PATH is in
 * temporary  a name in that folder which nobody else uses; short. Where PATH's
 *            last part does not even fit behind the folder's descriptor, the
 *            socket has this name for a moment
 *
 * Returns 0, -EADDRINUSE when something is there, or what else bind(2) or
 * rename(2) say. */
int socket_path_bind(int socket, const char *path, int folder,
                     const char *temporary);

/* Connect SOCKET (not blocking) to the socket whose file FILE (a descriptor,
 * O_PATH) is. Returns 0; -EAGAIN when too many wait already; -ECONNREFUSED
 * when nobody listens, or what else connect(2) says. */
int socket_path_connect(int socket, int file);

#endif
