/* The store of a run: its durable record, a folder that outlives every process
 * and can be copied and read elsewhere. In it are
 *
 *     lock      held (a lock of the open file description, see fcntl(2)) by
 *               whoever has the store open; says who: its process id
 *     calls     held, in the same way, by all processes that may run calls of
 *               the run: they may outlive the one that has the store open
 *     run.db    the record, an SQLite database
 *     commits   how many succeeded, which the record is held against
 *     address   when it was made, and where the run is reached: can be read
 *               while somebody has the store open
 *     log       what a background run has to say
 *     ballast   room to be freed when the disk is full, so that a last commit
 *               succeeds
 *
 * Whoever opens a store has it alone. What is added is written by
 * store_commit(), all of it or nothing; what is not committed when the process
 * dies has not happened. A store belongs to the process that opened it: forks
 * of it must call store_abandon() or end without touching it.
 *
 * Errors of all functions, besides those they name: -ENOMEM; -ENOSPC when the
 * disk is full; -EIO when it is unknown whether a commit happened; -EUCLEAN
 * when the record is damaged; -EPERM in a fork. After one that came of the
 * record a store takes nothing more, and what was not committed is lost: all
 * but store_end_run(), after -ENOSPC, and store_close() fail with the same
 * error. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <drover/error.h>

struct store;

/* How far a run has come, as the record says. One that is RUNNING and whose
 * store nobody has open was killed. */
enum store_state {
    STORE_RUNNING,
    STORE_FINISHED,  /* every call has its outcome */
    STORE_CANCELLED, /* the user ended it before that */
    STORE_HALTED,    /* it could not go on: the disk was full, say */
};

/* What a run is, told when it begins.
 *
 * name        of the run, as store_make_name() gives it; NULL: one is made
 * job         the job's name
 * text        of the job file, text_size bytes; empty for runs of C programs
 * file        where the job was read from, absolute; "": from nowhere
 * directory   the working folder that relative paths are taken from, absolute
 * address     where it is reached, absolute; "": a foreground run
 * background  it was started in the background
 * workers     how many slots
 * keep_ms     how long the store is kept after the end; -1: for ever */
struct store_run {
    const char *name;
    const char *job;
    const char *text;
    size_t text_size;
    const char *file;
    const char *directory;
    const char *address;
    bool background;
    uint64_t workers;
    int64_t keep_ms;
};

/* A plugin as the run has loaded it, see struct declaration. */
struct store_plugin {
    const char *name;
    const char *file;
    const char *version;
    const char *build_id;
};

/* How a run stands. Times are milliseconds since 1970 (UTC); 0: not yet.
 *
 * total     how many calls there are; UINT64_MAX: that is not known yet
 * done      calls with the outcome ok; failed: with any other
 * items     offered to collectors, and how many of them are acknowledged
 * attempts  how often the run was begun: 1, and once more for each resuming */
struct store_summary {
    enum store_state state;
    int64_t started_ms;
    int64_t ended_ms;
    uint64_t total;
    uint64_t done;
    uint64_t failed;
    uint64_t items;
    uint64_t acknowledged;
    uint64_t attempts;
};

/* --- shelf.c, create.c, find.c: where stores are ---------------------------
 *
 * They stand in one folder, $XDG_STATE_HOME/drover or
 * ~/.local/state/drover, which is made (0700) when it is not there. A store's
 * folder has the name of its run: the job's name and a random part,
 * `wordcount-7kq2m9x4bt`. */

enum { STORE_NAME_BYTES = 96 };

/* A name for a new run of JOB: what of that can stand in a file's name, and a
 * random part that makes it unlike any other. Returns 0 or why there are no
 * random numbers. */
int store_make_name(const char *job, char name[STORE_NAME_BYTES],
                    struct drover_error *err);

/* Make a store for a new run, and open it.
 *
 * Returns 0 with *OUT; -EACCES or -EPERM when the folder is another user's or
 * others may write there; what else mkdir(2) and open(2) say. Nothing is left
 * behind on failure. */
int store_create(const struct store_run *run, struct store **out,
                 struct drover_error *err);

/* The folder of the run that REFERENCE names: a run's name, the path of a
 * store's folder, or an address (then the youngest run that was started there).
 * Returns 0 with *FOLDER, to be freed; -ENOENT. */
int store_find(const char *reference, char **folder, struct drover_error *err);

/* Call VISIT with each store's folder, the oldest run first, until it returns
 * other than 0. Returns that, 0, or a negative errno. */
int store_visit(int (*visit)(void *context, const char *folder), void *context,
                struct drover_error *err);

/* The process that has the store in FOLDER open; 0: nobody, -1: that cannot be
 * told, for whoever it is has not said so yet. */
pid_t store_owner(const char *folder);

/* The address that was written beside the record, "" for foreground runs; can
 * be read while somebody else has the store open. To be freed; NULL: out of
 * memory, or there is none. */
char *store_read_address(const char *folder);

/* Remove the store in FOLDER with all that is in it. Returns 0, or -EBUSY when
 * somebody has it open. */
int store_remove(const char *folder, struct drover_error *err);

/* --- store.c, open.c, commit.c, claim.c: the record as a whole -------------
 */

/* Open the store in FOLDER. Its record is checked when it was not closed in
 * good order.
 *
 * Returns 0 with *OUT; -EBUSY when a process has it open (ERR names it),
 * -ENOENT, -EUCLEAN when it is damaged, -EPROTONOSUPPORT when it is of another
 * version of drover, -EACCES, -ENOTDIR. */
int store_open(const char *folder, struct store **out,
               struct drover_error *err);

/* Claim the run's calls: no other process runs any, until we let go of the
 * store and all that have a duplicate of the claim's descriptor have ended. So
 * no call is begun while an attempt of it is alive, of which the store's lock
 * tells nothing: that goes with the process that has the store open.
 *
 * patience_ms  how long to wait for those who were left when that was killed
 *
 * Returns 0, -EBUSY (ERR names one of them), or what open(2) says. */
int store_claim_calls(struct store *store, int64_t patience_ms,
                      struct drover_error *err);

/* The claim, a lock of the open file description: to be given to those who run
 * calls. Borrowed, above 2; -1 without a claim. */
int store_claim_descriptor(const struct store *store);

/* Commit what there is and close. Takes NULL. */
void store_close(struct store *store);

/* [forked child] Forget the store without touching it: it is the parent's. */
void store_abandon(struct store *store);

/* The run's name, the folder, and what store_create() was told; all borrowed
 * until the store is closed. */
const char *store_name(const struct store *store);
const char *store_folder(const struct store *store);
const struct store_run *store_run(const struct store *store);

/* Open the log, to be appended to; it is made when it is not there. Returns a
 * descriptor above 2, to be closed, or what open(2) says. */
int store_open_log(const struct store *store, struct drover_error *err);

/* Write down the run's plugins, in the order of the job. In a resumed run this
 * replaces them. */
int store_set_plugins(struct store *store, const struct store_plugin *plugins,
                      size_t count, struct drover_error *err);

/* The plugin at index I: 1 with *OUT, borrowed until the next call, or 0. */
int store_get_plugin(struct store *store, size_t i, struct store_plugin *out,
                     struct drover_error *err);

/* The run is carried on: RUNNING again, one attempt more, nobody else's address
 * in it. ADDRESS: as in struct store_run. Committed at once. */
int store_reopen_run(struct store *store, const char *address, bool background,
                     struct drover_error *err);

void store_set_total(struct store *store, uint64_t total);

/* The run has ended like this, now. Committed at once, with all that there is.
 * On a full disk what is not committed is lost; all ballast is freed then, so
 * that at least the state is written, unless that is STORE_FINISHED, which
 * would not be true: -ENOSPC. One that has ended before is not halted by what
 * goes wrong afterwards: it stays as it is. */
int store_end_run(struct store *store, enum store_state state,
                  struct drover_error *err);

/* Something that people may want to know later: a sentence. */
int store_add_event(struct store *store, const char *text,
                    struct drover_error *err);

/* How it stands, as far as that is committed: counted, no need to ask the
 * record. */
void store_summarize(const struct store *store, struct store_summary *out);

/* Write what was added since the last commit. Does nothing when nothing was. On
 * a full disk some ballast is freed for what collectors were given and have
 * acknowledged; when there was more than that, -ENOSPC. */
int store_commit(struct store *store, struct drover_error *err);

/* Whether something was added since the last commit; and about how much, in
 * bytes. */
size_t store_uncommitted(const struct store *store);

/* What people should know of where the store is, in a sentence; "": nothing. */
const char *store_warning(const struct store *store);

/* The word for a state: "running", "finished", "cancelled", "halted". */
const char *store_state_name(enum store_state state);

#endif
