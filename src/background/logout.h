/* Whether what is left in the background outlives the login that started it: a
 * system may end all processes of a session with the session. */
#ifndef BACKGROUND_LOGOUT_H
#define BACKGROUND_LOGOUT_H

#include <stdbool.h>

/* Whether systemd will end this process when its user logs out: it is in the
 * scope of a session, and logind.conf(5) says KillUserProcesses for this user.
 * What cannot be read does not say so.
 *
 * root  "", or a folder in which a test has the files of a system */
bool logout_ends_us(const char *root);

#endif
