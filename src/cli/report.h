/* What people see of a run, on standard error: lines that calls print, log
 * entries, notices, and at the end all failures. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "run/run.h"

enum { REPORT_FAILURES_MAX = 10 }; /* shown in full, of each stage and cause */

struct report;

/* job        borrowed
 * log_level  entries above it are dropped
 * notes      where lines go during the run; borrowed; NULL: the run is over,
 * and the observer is told of nothing but ends */
struct report *report_create(const struct job *job, unsigned log_level,
                             struct notes *notes);
void report_destroy(struct report *report);

/* The observer that fills the report and prints what cannot wait. */
struct run_observer report_observer(struct report *report);

/* Print the failures, root causes first. */
void report_print_failures(const struct report *report, FILE *out);

/* The same on standard error, and how many there were; nothing when nobody
 * reads the notes. */
void report_print(const struct report *report,
                  const struct run_summary *summary);

#endif
