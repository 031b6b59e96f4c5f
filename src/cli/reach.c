#include "cli/reach.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "background/link.h"
#include "background/standing.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "cli/options.h"
#include "cli/stand.h"
#include "cli/status.h"

/* Whoever only looks into a store does it for less than this. */
enum { LOOK_MS = 250, NAP_MS = 10 };

/* --- Standings ---------------------------------------------------------------
 */

static int ask(const struct reference *reference, int64_t deadline_ms,
               struct buffer *out, struct drover_error *err)
{
    struct link link;
    struct drover_value standing;
    int status = link_reach(&link, reference, deadline_ms, err);
    if (status < 0)
        return status;
    status = link_ask(&link, false, deadline_ms, &standing, err);
    if (status == 0)
        status = buffer_append(out, standing.data, standing.size);
    link_close(&link);
    return status;
}

static int read_store(const char *folder, struct buffer *out,
                      struct drover_error *err)
{
    struct store *store;
    int status = store_open(folder, &store, err);
    if (status < 0)
        return status;
    status = standing_write(store, 0, out);
    store_close(store);
    return status;
}

static bool is_unserved(int status)
{
    return status == -ENOENT || status == -ECONNREFUSED ||
           status == -ECONNRESET;
}

/* One look at a run. -EBUSY: somebody has it, and does not serve it. */
static int look(const struct reference *reference, int64_t deadline_ms,
                struct buffer *out, struct drover_error *err)
{
    int status = ask(reference, deadline_ms, out, err);
    if (!is_unserved(status))
        return status;
    if (reference->folder == NULL)
        return error_set(err, ENOENT,
                         "nobody serves it, and its store is not there");
    return read_store(reference->folder, out, err);
}

int reach_standing(const struct reference *reference, int64_t patience_ms,
                   struct buffer *out, struct drover_error *err)
{
    int64_t now_ms = clock_now_ms();
    int status;
    while ((status = look(reference, now_ms + patience_ms, out, err)) ==
               -EBUSY &&
           reference->folder != NULL && clock_now_ms() < now_ms + LOOK_MS)
        clock_pause_ms(NAP_MS);
    if (status != -EBUSY || reference->folder == NULL)
        return status;
    const struct stand_little little = {
        .folder = reference->folder,
        .state = reference->path == NULL ? "running" : "busy",
        .address = reference->path,
        .pid = store_owner(reference->folder),
    };
    return stand_put_little(out, &little);
}

int reach_store(const char *folder, struct store **out,
                struct drover_error *err)
{
    int64_t until_ms = clock_now_ms() + LOOK_MS;
    int status;
    while ((status = store_open(folder, out, err)) == -EBUSY &&
           clock_now_ms() < until_ms)
        clock_pause_ms(NAP_MS);
    return status;
}

/* --- Ends --------------------------------------------------------------------
 */

static int64_t sooner(int64_t deadline_ms, int64_t patience_ms)
{
    int64_t until_ms = clock_now_ms() + patience_ms;
    return deadline_ms >= 0 && deadline_ms < until_ms ? deadline_ms : until_ms;
}

static int say_not_ended(struct drover_error *err)
{
    return error_set(err, ETIMEDOUT, "it has not ended by now");
}

/* Have who serves the run tell when it has ended. */
static int ask_for_end(const struct reference *reference, int64_t deadline_ms,
                       struct buffer *out, struct drover_error *err)
{
    struct link link;
    struct drover_value standing;
    int status = link_reach(&link, reference,
                            sooner(deadline_ms, REACH_PATIENCE_MS), err);
    if (status < 0)
        return status;
    status = link_ask(&link, true, deadline_ms, &standing, err);
    if (status == 0)
        status = buffer_append(out, standing.data, standing.size);
    link_close(&link);
    return status == -ETIMEDOUT ? say_not_ended(err) : status;
}

/* Wait until a process is gone. Returns 0, -ETIMEDOUT, or what pidfd_open(2)
 * says. */
static int await_process(int64_t pid, int64_t deadline_ms)
{
    int process = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    if (process < 0)
        return errno == ESRCH ? 0 : -errno;
    struct pollfd end = { .fd = process, .events = POLLIN };
    int64_t left_ms =
        deadline_ms < 0 ? INT32_MAX : deadline_ms - clock_now_ms();
    if (left_ms < 0)
        left_ms = 0;
    int ready = poll(&end, 1, left_ms > INT32_MAX ? INT32_MAX : (int)left_ms);
    descriptor_close(&process);
    return ready == 0 ? -ETIMEDOUT : 0;
}

/* Whether somebody has the run, and only the end of that process will tell. */
static bool is_held(const struct buffer *standing, int64_t *pid)
{
    struct stand stand = stand_read(
        (struct drover_value){ buffer_bytes(standing), buffer_size(standing) });
    *pid = stand.pid;
    return stand_is(&stand, "running") || stand_is(&stand, "busy");
}

/* The process may let go of the store, and live on. */
static int await_holder(int64_t pid, int64_t deadline_ms,
                        struct drover_error *err)
{
    int status = pid <= 0 ? -ETIMEDOUT
                          : await_process(pid, sooner(deadline_ms, LOOK_MS));
    if (pid <= 0)
        clock_pause_ms(NAP_MS);
    if (status != -ETIMEDOUT || deadline_ms < 0 || clock_now_ms() < deadline_ms)
        return 0;
    return say_not_ended(err);
}

int reach_end(const struct reference *reference, int64_t deadline_ms,
              struct buffer *out, struct drover_error *err)
{
    int64_t pid;
    for (;;) {
        int status = ask_for_end(reference, deadline_ms, out, err);
        if (!is_unserved(status))
            return status;
        status = reach_standing(reference, REACH_PATIENCE_MS, out, err);
        if (status < 0 || !is_held(out, &pid))
            return status;
        buffer_reset(out);
        status = await_holder(pid, deadline_ms, err);
        if (status < 0)
            return status;
    }
}

/* --- What went wrong ---------------------------------------------------------
 */

int reach_exit_status(int code)
{
    switch (code) {
    case ENOENT:
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
    case ETIMEDOUT:
        return STATUS_UNSERVED;
    case EBUSY:
    case EADDRINUSE:
        return STATUS_BUSY;
    case ENODATA:
        return STATUS_NO_FILE;
    case EPROTO:
    case EPROTONOSUPPORT:
        return STATUS_VERSION;
    default:
        return (int)status_of_errno(code);
    }
}

/* A store in use is no answer to who asked for a run. Of one with an address
 * who has it can be asked. Returns whether anything was said. */
static bool complain_of_holder(const char *text)
{
    struct reference reference;
    if (reference_find(text, &reference, NULL) < 0)
        return false;
    bool foreground = reference.path == NULL && reference.folder != NULL;
    pid_t pid = foreground ? store_owner(reference.folder) : 0;
    if (pid > 0)
        say("%s: process %ld has it: it runs in the foreground, or is being "
            "looked into; \"drover wait %s\" waits for the end of that",
            text, (long)pid, text);
    reference_clear(&reference);
    return pid > 0;
}

int reach_complain(const char *text, const struct drover_error *err)
{
    if (err->code == EBUSY && complain_of_holder(text))
        return STATUS_BUSY;
    if (strstr(err->message, text) != NULL)
        say("%s", err->message);
    else
        say("%s: %s", text, err->message);
    return reach_exit_status(err->code);
}
