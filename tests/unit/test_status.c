/* What the kernel says about this process, and what a call has changed. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/status.h"
#include "unit.h"

static struct status before;

static void begin(void)
{
    ASSERT_INT(status_read(&before), 0);
}

/* What is different now from when the case began. */
static const char *difference(void)
{
    struct status now;
    ASSERT_INT(status_read(&now), 0);
    return status_difference(&before, &now);
}

static void nothing_is_different_at_once(void)
{
    begin();
    ASSERT_TEXT(difference(), NULL);
    ASSERT_TEXT(difference(), NULL);
}

static void another_working_folder_is_seen(void)
{
    char *folder = getcwd(NULL, 0);
    begin();
    ASSERT_INT(chdir("/proc"), 0);
    const char *found = difference();
    ASSERT_INT(chdir(folder), 0);
    free(folder);
    ASSERT_TEXT(found, "the working folder");
    ASSERT_TEXT(difference(), NULL);
}

static void another_umask_is_seen(void)
{
    mode_t mask = umask(022);
    begin();
    umask(027);
    const char *found = difference();
    umask(mask);
    ASSERT_TEXT(found, "the umask");
}

static void *wait_for_the_end(void *barrier)
{
    pthread_barrier_wait(barrier);
    return NULL;
}

static void another_thread_is_seen(void)
{
    pthread_barrier_t barrier;
    pthread_t thread;
    begin();
    ASSERT_INT(status_thread_count(), before.threads);
    ASSERT_INT(pthread_barrier_init(&barrier, NULL, 2), 0);
    ASSERT_INT(pthread_create(&thread, NULL, wait_for_the_end, &barrier), 0);
    const char *found = difference();
    unsigned count = status_thread_count();
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&barrier);
    ASSERT_TEXT(found, "the number of threads");
    ASSERT_INT(count, before.threads + 1);
}

static void another_descriptor_is_seen(void)
{
    begin();
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const char *found = difference();
    close(file);
    ASSERT_TEXT(found, "the open descriptors");
    ASSERT_TEXT(difference(), NULL);
}

static void a_blocked_signal_is_seen(void)
{
    sigset_t signals, old;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    begin();
    sigprocmask(SIG_BLOCK, &signals, &old);
    const char *found = difference();
    sigprocmask(SIG_SETMASK, &old, NULL);
    ASSERT_TEXT(found, "the blocked signals");
}

static void an_ignored_signal_is_seen(void)
{
    begin();
    signal(SIGUSR2, SIG_IGN);
    const char *found = difference();
    signal(SIGUSR2, SIG_DFL);
    ASSERT_TEXT(found, "the ignored signals");
    ASSERT_TEXT(difference(), NULL);
}

UNIT_CASES(CASE(nothing_is_different_at_once),
           CASE(another_working_folder_is_seen), CASE(another_umask_is_seen),
           CASE(another_thread_is_seen), CASE(another_descriptor_is_seen),
           CASE(a_blocked_signal_is_seen), CASE(an_ignored_signal_is_seen))
