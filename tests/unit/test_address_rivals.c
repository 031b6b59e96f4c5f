/* Owning an address when many want to. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "addresses.h"
#include "background/address_lock.h"
#include "background/address_place.h"
#include "scratch.h"
#include "unit.h"

enum { RIVALS = 16 };

/* What rivals wait for and tell: who owns, or whom they heard of. */
struct contest {
    const char *path;
    int start[2];
    int words[2];
    int end[2];
};

struct answer {
    int status;
    pid_t pid;
    char message[200];
};

static int compete(const struct contest *contest)
{
    struct drover_error why = { .message = "" };
    struct address *address = NULL;
    struct answer answer = { .pid = getpid() };
    await_end_of_pipe(contest->start);
    answer.status = address_own(contest->path, "/store", &address, &why);
    snprintf(answer.message, sizeof answer.message, "%.199s", why.message);
    if (write(contest->words[1], &answer, sizeof answer) != sizeof answer)
        return 1;
    await_end_of_pipe(contest->end);
    if (address != NULL)
        address_release(address, true);
    return 0;
}

static void start_rivals(struct contest *contest, pid_t rivals[RIVALS])
{
    ASSERT_INT(pipe2(contest->start, O_CLOEXEC), 0);
    ASSERT_INT(pipe2(contest->words, O_CLOEXEC), 0);
    ASSERT_INT(pipe2(contest->end, O_CLOEXEC), 0);
    fflush(NULL);
    for (size_t i = 0; i < RIVALS; i++) {
        rivals[i] = fork();
        ASSERT(rivals[i] >= 0);
        if (rivals[i] == 0)
            _exit(compete(contest));
    }
    close(contest->start[0]);
    close(contest->start[1]);
}

static void end_rivals(struct contest *contest, const pid_t rivals[RIVALS])
{
    close(contest->end[1]);
    close(contest->end[0]);
    close(contest->words[0]);
    close(contest->words[1]);
    for (size_t i = 0; i < RIVALS; i++) {
        int status = -1;
        ASSERT_INT(waitpid(rivals[i], &status, 0), rivals[i]);
        ASSERT_INT(status, 0);
    }
}

/* One has it, and all others name that one. */
static void judge(const struct contest *contest)
{
    struct answer answers[RIVALS];
    size_t winners = 0;
    char words[64] = "";
    for (size_t i = 0; i < RIVALS; i++)
        ASSERT_INT(read(contest->words[0], &answers[i], sizeof answers[i]),
                   sizeof answers[i]);
    for (size_t i = 0; i < RIVALS; i++) {
        if (answers[i].status == 0) {
            winners++;
            snprintf(words, sizeof words, "process %d serves",
                     (int)answers[i].pid);
        }
    }
    ASSERT_INT(winners, 1);
    for (size_t i = 0; i < RIVALS; i++) {
        if (answers[i].status == 0)
            continue;
        ASSERT_INT(answers[i].status, -EADDRINUSE);
        ASSERT_CONTAINS(answers[i].message, words);
    }
}

static void hold_contest(const char *path)
{
    struct contest contest = { .path = path };
    pid_t rivals[RIVALS];
    start_rivals(&contest, rivals);
    judge(&contest);
    end_rivals(&contest, rivals);
}

static void of_sixteen_at_once_one_becomes_the_owner(void)
{
    scratch_create();
    for (int i = 0; i < 4; i++) {
        hold_contest(scratch_path("x"));
        ASSERT_INT(scratch_count(scratch_path(".")), 0);
        /* With something of an earlier owner there. */
        address_release(own_address(scratch_path("x")), false);
        hold_contest(scratch_path("x"));
        ASSERT_INT(scratch_count(scratch_path(".")), 0);
    }
    scratch_destroy();
}

/* --- A file that comes and goes ----------------------------------------------
 */

enum { PROCESSES = 4, ATTEMPTS = 800 };

/* What only the owner may have: the token's file. */
static int hold_token(const char *token)
{
    int file = open(token, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return -errno;
    close(file);
    return unlink(token) < 0 ? -errno : 0;
}

/* Lock and remove, again and again: never are there two. */
static int lock_often(const char *path, const char *token)
{
    struct address_place place;
    if (address_place_open(path, &place, NULL) < 0)
        return 1;
    for (int i = 0; i < ATTEMPTS; i++) {
        int lock = address_lock_acquire(&place, NULL);
        if (lock == -EADDRINUSE)
            continue;
        if (lock < 0 || address_lock_write(lock, "/store", NULL) < 0 ||
            hold_token(token) < 0)
            return 2;
        address_lock_remove(&place, lock);
        close(lock);
    }
    address_place_close(&place);
    return 0;
}

static int own_often(const char *path, const char *token)
{
    for (int i = 0; i < ATTEMPTS / 5; i++) {
        struct address *address;
        int status = address_own(path, "/store", &address, NULL);
        if (status == -EADDRINUSE)
            continue;
        if (status < 0 || hold_token(token) < 0)
            return 1;
        address_release(address, i % 2 == 0);
    }
    return 0;
}

static void run_in_many(int (*function)(const char *path, const char *token))
{
    pid_t pids[PROCESSES];
    scratch_create();
    fflush(NULL);
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(function(scratch_path("x"), scratch_path("token")));
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        ASSERT_INT(waitpid(pids[i], &status, 0), pids[i]);
        ASSERT_INT(status, 0);
    }
    scratch_destroy();
}

static void a_lock_file_that_was_removed_locks_nothing(void)
{
    run_in_many(lock_often);
}

static void while_owners_come_and_go_there_is_one(void)
{
    run_in_many(own_often);
}

UNIT_CASES(CASE(of_sixteen_at_once_one_becomes_the_owner),
           CASE(a_lock_file_that_was_removed_locks_nothing),
           CASE(while_owners_come_and_go_there_is_one))
