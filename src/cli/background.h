/* Leaving: what a command does goes on in a background process. */
#ifndef CLI_BACKGROUND_H
#define CLI_BACKGROUND_H

#include "background/daemon.h"

/* Call BODY in a background process, which ends with the exit status that it
 * returns, and wait until that says (daemon_ready()) that all is well: its
 * words are printed to standard output. Before, BODY prints what is wrong as
 * any command does.
 *
 * Returns STATUS_OK, or the status that BODY returned without having said so.
 */
int background_run(int (*body)(void *context, struct daemon *daemon),
                   void *context);

#endif
