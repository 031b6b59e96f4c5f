#include "store/about.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "store/place.h"
#include "store/state.h"

/* A row of the table `run`, and the member that it is. */
struct field {
    const char *name;
    enum { FIELD_TEXT, FIELD_NUMBER } kind;
    size_t offset;
};

#define TEXT_FIELD(member)                                                     \
    {                                                                          \
#member, FIELD_TEXT, offsetof(struct about, member)                    \
    }
#define NUMBER_FIELD(member)                                                   \
    {                                                                          \
#member, FIELD_NUMBER, offsetof(struct about, member)                  \
    }

static const struct field fields[] = {
    TEXT_FIELD(job),        TEXT_FIELD(text),         TEXT_FIELD(file),
    TEXT_FIELD(directory),  TEXT_FIELD(address),      TEXT_FIELD(host),
    TEXT_FIELD(boot),       NUMBER_FIELD(background), NUMBER_FIELD(workers),
    NUMBER_FIELD(keep_ms),  NUMBER_FIELD(state),      NUMBER_FIELD(started_ms),
    NUMBER_FIELD(ended_ms), NUMBER_FIELD(attempts),
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

static struct about_text *text_of(struct about *about,
                                  const struct field *field)
{
    return (struct about_text *)(void *)((char *)about + field->offset);
}

static int64_t *number_of(struct about *about, const struct field *field)
{
    return (int64_t *)(void *)((char *)about + field->offset);
}

int64_t about_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- In memory -------------------------------------------------------------
 */

static int set_text(struct about_text *text, const char *bytes, size_t size)
{
    char *copy = malloc(size + 1);
    if (copy == NULL)
        return -ENOMEM;
    if (size > 0)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    free(text->bytes);
    text->bytes = copy;
    text->size = size;
    return 0;
}

static int set_string(struct about_text *text, const char *string)
{
    return set_text(text, string, string == NULL ? 0 : strlen(string));
}

static int set_machine(struct about *about)
{
    char host[256], boot[64];
    place_host(host, sizeof host);
    place_boot(boot, sizeof boot);
    int status = set_string(&about->host, host);
    return status == 0 ? set_string(&about->boot, boot) : status;
}

static void set_view(struct about *about)
{
    about->view = (struct store_run){
        .name = about->view.name,
        .job = about->job.bytes,
        .text = about->text.bytes,
        .text_size = about->text.size,
        .file = about->file.bytes,
        .directory = about->directory.bytes,
        .address = about->address.bytes,
        .background = about->background != 0,
        .workers = (uint64_t)about->workers,
        .keep_ms = about->keep_ms,
    };
}

int about_init(struct about *about, const struct store_run *run,
               struct drover_error *err)
{
    *about = (struct about){
        .background = run->background,
        .workers = (int64_t)run->workers,
        .keep_ms = run->keep_ms,
        .state = STORE_RUNNING,
        .started_ms = about_now_ms(),
        .attempts = 1,
    };
    if (set_string(&about->job, run->job) < 0 ||
        set_text(&about->text, run->text, run->text_size) < 0 ||
        set_string(&about->file, run->file) < 0 ||
        set_string(&about->directory, run->directory) < 0 ||
        set_string(&about->address, run->address) < 0 ||
        set_machine(about) < 0) {
        about_clear(about);
        return error_no_memory(err);
    }
    set_view(about);
    return 0;
}

void about_clear(struct about *about)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (fields[i].kind == FIELD_TEXT)
            free(text_of(about, &fields[i])->bytes);
    *about = (struct about){ .state = STORE_RUNNING };
}

int about_restart(struct about *about, const char *address, bool background,
                  struct drover_error *err)
{
    if (set_machine(about) < 0 || set_string(&about->address, address) < 0)
        return error_no_memory(err);
    about->background = background;
    about->state = STORE_RUNNING;
    about->ended_ms = 0;
    about->attempts++;
    set_view(about);
    return 0;
}

/* --- In the record ---------------------------------------------------------
 */

static int write_field(struct store *store, const struct field *field,
                       struct drover_error *err)
{
    if (field->kind == FIELD_NUMBER)
        return statement_run(store, STATEMENT_SET_RUN, err, "ti", field->name,
                             *number_of(&store->about, field));
    const struct about_text *text = text_of(&store->about, field);
    return statement_run(store, STATEMENT_SET_RUN, err, "ts", field->name,
                         (struct statement_text){ text->bytes, text->size });
}

int about_write(struct store *store, struct drover_error *err)
{
    int status = 0;
    for (size_t i = 0; i < FIELDS && status == 0; i++)
        status = write_field(store, &fields[i], err);
    return status;
}

int about_write_end(struct store *store, struct drover_error *err)
{
    int status = 0;
    for (size_t i = 0; i < FIELDS && status == 0; i++)
        if (fields[i].offset == offsetof(struct about, state) ||
            fields[i].offset == offsetof(struct about, ended_ms))
            status = write_field(store, &fields[i], err);
    return status;
}

static const struct field *find_field(const char *name)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

static int take_row(struct store *store, sqlite3_stmt *row,
                    struct drover_error *err)
{
    const struct field *field = find_field(statement_text(row, 0));
    if (field == NULL)
        return store_fail_damaged(store, "it says what no run has", err);
    if (field->kind == FIELD_NUMBER) {
        *number_of(&store->about, field) = sqlite3_column_int64(row, 1);
        return 0;
    }
    const char *text = statement_text(row, 1);
    size_t size = (size_t)sqlite3_column_bytes(row, 1);
    if (set_text(text_of(&store->about, field), text, size) < 0)
        return error_no_memory(err);
    return 0;
}

static int check(struct store *store, size_t rows, struct drover_error *err)
{
    int64_t state = store->about.state;
    if (rows != FIELDS)
        return store_fail_damaged(store, "it does not say what the run is",
                                  err);
    if (state < STORE_RUNNING || state > STORE_HALTED)
        return store_fail_damaged(store, "its run is in no known state", err);
    return statement_check(store, err);
}

int about_read(struct store *store, struct drover_error *err)
{
    sqlite3_stmt *row;
    size_t rows = 0;
    int status = statement_start(store, STATEMENT_GET_RUN, &row, err, "");
    while (status == 0) {
        status = statement_step(store, row, err);
        if (status <= 0)
            break;
        rows++;
        status = take_row(store, row, err);
    }
    sqlite3_reset(row);
    if (status == 0)
        status = check(store, rows, err);
    set_view(&store->about);
    return status;
}
