/* [host] Serving a run while it goes on, and what it leaves behind until that
 * is collected: its store, its address and the server between them, as one
 * thing that a loop gives its turns to.
 *
 *     serving_open(&serving, &setting, err);
 *     while (!serving_is_over(serving)) {
 *         ... wait for serving_descriptor() or something of the run's, at most
 *             serving_patience_ms() ...
 *         ... record what the run gave: record_add_value(), record_end() ...
 *         serving_commit(serving, err);
 *         serving_turn(serving, err);
 *         ... serving_finish() once the run has ended ...
 *     }
 *     serving_close(serving);
 */
#ifndef BACKGROUND_SERVING_H
#define BACKGROUND_SERVING_H

#include <stdbool.h>
#include <stdint.h>

#include <drover/error.h>

#include "background/server.h"
#include "store/store.h"

struct serving;

/* store      borrowed; must outlive the serving
 * path       of the address, absolute; NULL: nobody is served, items are only
 *            recorded
 * linger_ms  how long to wait, after the run has ended, for somebody to take
 *            what is left; counted again from when the last one went. -1: until
 *            everything is acknowledged
 * client     whom the server serves; without a path it is not used */
struct serving_setting {
    struct store *store;
    const char *path;
    int64_t linger_ms;
    struct server_client client;
};

/* Become the owner of the address, and serve. Returns 0 with *OUT; the errors
 * of address_own(), -ENOMEM, -EMFILE. */
int serving_open(struct serving **out, const struct serving_setting *setting,
                 struct drover_error *err);

/* Let everybody go, and the address; when everything is acknowledged, also the
 * trace of it beside the socket. The store is still open. Takes NULL. */
void serving_close(struct serving *serving);

/* [forked child] Close what is open, and leave everything in its place; not
 * the store. Takes NULL. */
void serving_abandon(struct serving *serving);

/* Can be read when serving_turn() has something to do; -1 when nobody is
 * served. It stays the same. */
int serving_descriptor(const struct serving *serving);

/* How long that may be waited for at most: 0 and more, -1: for ever. */
int serving_patience_ms(const struct serving *serving);

/* Talk to collectors, and see that the address is still there. Returns 0 or the
 * error of the store: then the run cannot go on. An address that is lost and
 * cannot be had again is no error: it is tried again. */
int serving_turn(struct serving *serving, struct drover_error *err);

/* Commit what was recorded, and offer it to collectors. Returns 0 or the error
 * of the store. */
int serving_commit(struct serving *serving, struct drover_error *err);

/* The run has ended like this: record it, and tell whoever waits. Nothing may
 * be recorded afterwards. Returns 0 or the error of the store. */
int serving_finish(struct serving *serving, enum store_state state,
                   struct drover_error *err);

/* Whether there is nothing more to do: the run has ended, and everything is
 * acknowledged, or nobody came for what is left, or nobody is served. */
bool serving_is_over(const struct serving *serving);

#endif
