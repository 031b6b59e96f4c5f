/* Running an opened session in the foreground, as `run` and `call` do. */
#ifndef CLI_CARRY_OUT_H
#define CLI_CARRY_OUT_H

#include "cli/options.h"
#include "cli/session.h"

struct daemon;
struct store;

/* workers       0: as the job, the configuration, or else the cores say
 * no_store      nothing is recorded, whatever the job says
 * address       of a run in the background, as the user gave it; NULL: as the
 * job says, or one of its own daemon        we are a background process, which
 * says there when the run is being served; NULL: in the foreground store of a
 * run that is carried on; taken over. NULL: a new run retry_failed  of such a
 * run: calls that failed are run again */
struct carry_out_setting {
    unsigned workers;
    unsigned log_level;
    unsigned json_flags;
    bool plain;
    bool no_store;
    const char *address;
    struct daemon *daemon;
    struct store *store;
    bool retry_failed;
};

/* What every command that runs something starts from. */
struct carry_out_setting carry_out_defaults(void);

/* Values of options, see struct option_row. */
const char *carry_out_set_workers(void *setting, const char *value);
const char *carry_out_set_log_level(void *setting, const char *value);
const char *carry_out_set_format(void *setting, const char *value);
const char *carry_out_set_nan(void *setting, const char *value);
const char *carry_out_set_no_store(void *setting, const char *value);

/* The options that every such command has. */
#define CARRY_OUT_OPTIONS                                                      \
    { 0, "log-level", "LEVEL",                                                 \
      "log entries: error, warning, info (default), debug",                    \
      carry_out_set_log_level },                                               \
        { 0, "format", "json|text",                                            \
          "print results as JSON (default), or texts as they are",             \
          carry_out_set_format },                                              \
    {                                                                          \
        0, "nan", "null|text",                                                 \
            "how JSON shows NaN and infinities (default null)",                \
            carry_out_set_nan                                                  \
    }

/* Run it; results to standard output or to collectors, all else to standard
 * error. Returns the exit status. */
int carry_out(struct session *session, const struct carry_out_setting *setting);

#endif
