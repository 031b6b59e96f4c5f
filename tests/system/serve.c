/* A run for tests that collect: serves COUNT results, which are recorded
 * beforehand, at ADDRESS, until all are acknowledged and everybody knows.
 *
 *     serve ADDRESS COUNT [SIZE [leave]]
 *
 * Each result is {"n": its number, "text": SIZE times an x}; every tenth call
 * has failed. Says "serving RUN" when it is ready. With `leave` it goes as soon
 * as all of them were given to somebody, as if it were killed. */
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "background/server.h"
#include "store/delivery.h"
#include "store/record.h"

_Noreturn static void give_up(const struct drover_error *err)
{
    fprintf(stderr, "serve: %s\n", err->message);
    exit(EXIT_FAILURE);
}

static void add_value(struct store *store, struct drover_builder *builder,
                      const struct record_call *call, const char *text)
{
    const struct record_outcome ok = { .text = "", .attempts = 1 };
    struct record_value value = { .last = true, .offered = true };
    struct drover_error err;
    int64_t id = 0;
    drover_builder_reset(builder);
    drover_build_pack(builder, "{s: U, s: s}", "n", call->index, "text", text);
    if (drover_builder_value(builder, &value.value, &err) < 0 ||
        record_begin(store, call, &id, &err) < 0 ||
        record_add_value(store, id, &value, NULL, &err) < 0 ||
        record_end(store, &id, call, &ok, true, &err) < 0)
        give_up(&err);
}

static void add_failure(struct store *store, const struct record_call *call)
{
    const struct record_outcome no = { .cause = DROVER_ERROR,
                                       .text = "no such luck",
                                       .attempts = 1 };
    struct drover_error err;
    int64_t id = 0;
    if (record_end(store, &id, call, &no, true, &err) < 0)
        give_up(&err);
}

static void record_all(struct store *store, uint64_t count, const char *text)
{
    static const uint8_t key[RECORD_KEY_BYTES] = { 1 };
    struct drover_builder *builder = drover_builder_create();
    struct drover_error err;
    if (builder == NULL)
        exit(EXIT_FAILURE);
    for (uint64_t i = 0; i < count; i++) {
        struct record_call call = { .stage = "stage", .index = i, .key = key };
        if (i % 10 == 9)
            add_failure(store, &call);
        else
            add_value(store, builder, &call, text);
    }
    drover_builder_destroy(builder);
    if (store_end_run(store, STORE_FINISHED, &err) < 0)
        give_up(&err);
}

static bool all_given(struct store *store, uint64_t count)
{
    struct delivery_item last;
    struct drover_error err;
    int found = delivery_next(store, count - 1, false, &last, &err);
    if (found < 0)
        give_up(&err);
    return found == 0 || last.redelivered;
}

static void serve(struct store *store, struct address *address, uint64_t leave)
{
    static const struct server_client nobody = { 0 };
    struct drover_error err;
    struct server *server = server_create(store, address, &nobody, &err);
    if (server == NULL || server_finish(server, &err) < 0)
        give_up(&err);
    printf("serving %s\n", store_name(store));
    fflush(stdout);
    while (!server_is_drained(server)) {
        struct pollfd polled = { server_descriptor(server), POLLIN, 0 };
        (void)poll(&polled, 1, 1000);
        if (server_turn(server, &err) < 0)
            give_up(&err);
        if (leave > 0 && all_given(store, leave))
            break;
    }
    server_destroy(server);
}

int main(int argc, char **argv)
{
    struct drover_error err;
    struct store *store;
    struct address *address;
    char *path;
    if (argc < 3)
        return EXIT_FAILURE;
    uint64_t count = strtoul(argv[2], NULL, 10);
    size_t size = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
    char *text = calloc(1, size + 1);
    if (text == NULL)
        return EXIT_FAILURE;
    memset(text, 'x', size);
    if (address_resolve(argv[1], &path, &err) < 0)
        give_up(&err);
    struct store_run run = { .job = "served",
                             .text = "",
                             .file = "",
                             .directory = "/",
                             .address = path,
                             .background = true,
                             .workers = 1,
                             .keep_ms = -1 };
    if (store_create(&run, &store, &err) < 0)
        give_up(&err);
    record_all(store, count, text);
    if (address_own(path, store_folder(store), &address, &err) < 0)
        give_up(&err);
    serve(store, address, argc > 4 ? count : 0);
    address_release(address, delivery_is_complete(store));
    store_close(store);
    free(path);
    free(text);
    return EXIT_SUCCESS;
}
