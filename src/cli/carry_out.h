/* Running an opened session in the foreground, as `run` and `call` do. */
#ifndef CLI_CARRY_OUT_H
#define CLI_CARRY_OUT_H

#include "cli/options.h"
#include "cli/session.h"

/* workers  0: as the job, the configuration, or else the cores say */
struct carry_out_setting {
    unsigned workers;
    unsigned log_level;
    unsigned json_flags;
    bool plain;
};

/* What every command that runs something starts from. */
struct carry_out_setting carry_out_defaults(void);

/* Values of options, see struct option_row. */
const char *carry_out_set_workers(void *setting, const char *value);
const char *carry_out_set_log_level(void *setting, const char *value);
const char *carry_out_set_format(void *setting, const char *value);
const char *carry_out_set_nan(void *setting, const char *value);

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

/* Run it; results to standard output, all else to standard error. Returns the
 * exit status. */
int carry_out(struct session *session, const struct carry_out_setting *setting);

#endif
