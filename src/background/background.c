#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <drover/background.h>

#include "background/address.h"
#include "background/call_host.h"
#include "base/error.h"
#include "base/text.h"
#include "exchange/single.h"
#include "process/fork.h"

enum { NAME_BYTES = 64 };

/* --- What is to be called ---------------------------------------------------
 */

/* What of the program's name can be the name of a call. */
static void name_after_program(char name[NAME_BYTES])
{
    size_t size = 0;
    for (const char *c = program_invocation_short_name;
         *c != '\0' && size < NAME_BYTES - 1; c++) {
        int small = tolower((unsigned char)*c);
        if (size > 0 || (small >= 'a' && small <= 'z'))
            name[size++] = isalnum(small) && isascii(small) ? (char)small : '_';
    }
    name[size] = '\0';
    if (size == 0)
        strcpy(name, "program");
}

static int choose_name(const struct drover_background *background,
                       char name[NAME_BYTES], struct drover_error *err)
{
    name_after_program(name);
    if (background->name == NULL)
        return 0;
    if (!text_is_name(background->name, true))
        return error_set(err, EINVAL,
                         "the name \"%s\": expected small letters, digits, '_' "
                         "and '-', a letter first, at most %d",
                         background->name, NAME_BYTES - 1);
    strcpy(name, background->name);
    return 0;
}

/* --- Starting ---------------------------------------------------------------
 */

static int await(struct daemon *daemon, struct drover_error *err)
{
    char words[16];
    int status;
    return daemon_await(daemon, words, sizeof words, &status, err);
}

/* Fork the background process; it does not return, but with *CHILD in its
 * worker. */
static int start(const struct call_host_setting *setting,
                 struct drover_channel **child, struct drover_error *err)
{
    struct call_host_setting settled = *setting;
    struct daemon daemon;
    int status = daemon_fork(&daemon, err);
    if (status < 0)
        return status;
    settled.daemon = &daemon;
    if (daemon.pid > 0)
        return await(&daemon, err);
    *child = call_host_run(&settled);
    return 0;
}

static int connect_collector(const struct drover_background *background,
                             struct drover_error *err)
{
    if (background->collector == NULL)
        return 0;
    int status = drover_collector_connect(background->collector,
                                          background->address, err);
    if (status < 0)
        error_prefix(err, "the call was started, but");
    return status;
}

/* SETTING lacks the address and the name. */
static int start_at_address(struct call_host_setting *setting,
                            struct drover_channel **child,
                            struct drover_error *err)
{
    const struct drover_background *background = setting->background;
    char name[NAME_BYTES];
    char *address = NULL;
    int status = choose_name(background, name, err);
    if (status == 0)
        status = address_resolve(background->address, &address, err);
    if (status == 0) {
        setting->name = name;
        setting->address = address;
        status = start(setting, child, err);
    }
    free(address);
    if (status == 0 && *child == NULL)
        status = connect_collector(background, err);
    return status;
}

int drover_background_start(const struct drover_background *background,
                            struct drover_value args, struct drover_error *err)
{
    struct call_host_setting setting = { .background = background,
                                         .args = args };
    struct drover_channel *none = NULL;
    int status = single_check_args(args, err);
    return status < 0 ? status : start_at_address(&setting, &none, err);
}

int drover_background_create(const struct drover_background *background,
                             struct drover_channel **child,
                             struct drover_error *err)
{
    struct call_host_setting setting = { .background = background,
                                         .bare = true };
    struct drover_channel *created = NULL;
    int status = start_at_address(&setting, &created, err);
    if (status == 0)
        *child = created;
    return status;
}

/* --- With arguments by a format ---------------------------------------------
 */

static int start_packed(const struct drover_background *background,
                        struct drover_builder *builder, const char *format,
                        va_list arguments, struct drover_error *err)
{
    struct drover_value args;
    if (builder == NULL)
        return error_no_memory(err);
    drover_build_pack_v(builder, format, arguments);
    int status = drover_builder_value(builder, &args, err);
    return status < 0 ? status : drover_background_start(background, args, err);
}

int drover_background_start_pack(const struct drover_background *background,
                                 struct drover_error *err, const char *format,
                                 ...)
{
    struct drover_builder *builder = drover_builder_create();
    va_list arguments;
    va_start(arguments, format);
    int status = start_packed(background, builder,
                              format == NULL ? "{}" : format, arguments, err);
    va_end(arguments);
    drover_builder_destroy(builder);
    return status;
}
