#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

/* One interrupt may arrive twice: timeout(1) sends it to its child and to the
 * group of both. */
enum { LAST = 3 };

static volatile sig_atomic_t noted;
static volatile sig_atomic_t count;

static void note(int number)
{
    if (noted == 0)
        noted = number;
    if (++count < LAST)
        return;
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_one(int number)
{
    struct sigaction old;
    struct sigaction action = { .sa_handler = note };
    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL);
}

void interrupt_catch(void)
{
    catch_one(SIGINT);
    catch_one(SIGTERM);
    catch_one(SIGHUP);
}

int interrupt_signal(void)
{
    return noted;
}
