/* Following a file, and finding lines. */
#include <errno.h>
#include <regex.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "text/tail.h"
#include "text/tasks.h"

enum { LOOK_NS = 20 * 1000 * 1000 }; /* between two looks at the file */

/* since_s  when the last line came
 * said_s   how much silence since then has been said
 * left     how many lines are still wanted */
struct following {
    struct drover_call *call;
    struct tail *tail;
    double since_s;
    double said_s;
    int64_t left;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void note_silence(struct following *following)
{
    struct drover_call *call = following->call;
    double heartbeat_s = drover_arg_float(call, "heartbeat");
    double quiet_s = now_s() - following->since_s;
    if (heartbeat_s <= 0 || quiet_s - following->said_s < heartbeat_s)
        return;
    following->said_s += heartbeat_s;
    drover_log(call, DROVER_LOG_INFO, "nothing new in %s for %g s",
               drover_arg_text(call, "file"), following->said_s);
}

/* Nothing is there now. Returns whether to go on. */
static bool wait_a_little(struct following *following)
{
    struct timespec a_little = { .tv_nsec = LOOK_NS };
    note_silence(following);
    if (now_s() - following->since_s >=
        drover_arg_float(following->call, "idle"))
        return false;
    nanosleep(&a_little, NULL);
    return true;
}

static int send_line(struct following *following, const char *line, size_t size)
{
    following->since_s = now_s();
    following->said_s = 0;
    following->left--;
    return drover_send_pack(following->call, "S", line, size);
}

/* Returns 0, or negative: a reason, unless the call has failed already. */
static int follow(struct following *following, bool *failed)
{
    int status = 1;
    while (following->left > 0 && status >= 0) {
        const char *line;
        size_t size;
        status = tail_next(following->tail, &line, &size);
        if (status > 0) {
            *failed = send_line(following, line, size) != 0;
            status = *failed ? -EINVAL : 1;
        } else if (status == 0 && !wait_a_little(following)) {
            break;
        }
    }
    return status < 0 ? status : 0;
}

int text_follow(struct drover_call *call)
{
    const char *path = drover_arg_text(call, "file");
    struct following following = {
        .call = call,
        .tail = tail_create(path),
        .since_s = now_s(),
        .left = drover_arg_given(call, "lines") ? drover_arg_int(call, "lines")
                                                : INT64_MAX,
    };
    bool failed = false;
    if (following.tail == NULL)
        return drover_fail(call, "no memory to read %s", path);
    int status = follow(&following, &failed);
    tail_destroy(following.tail);
    if (status == 0)
        return drover_return_nothing(call);
    if (failed)
        return status;
    return drover_fail(call, "%s: %s", path,
                       status == -EMSGSIZE ? "a line is longer than 1 MiB"
                                           : strerror(-status));
}

int text_match(struct drover_call *call)
{
    regex_t expression;
    char reason[128];
    const char *pattern = drover_arg_text(call, "pattern");
    const char *line = drover_arg_text(call, "line");
    int status = regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB);
    if (status != 0) {
        regerror(status, &expression, reason, sizeof reason);
        return drover_fail(call, "pattern \"%s\": %s", pattern, reason);
    }
    bool matches = regexec(&expression, line, 0, NULL, 0) == 0;
    regfree(&expression);
    return matches ? drover_return_text(call, line)
                   : drover_return_nothing(call);
}
