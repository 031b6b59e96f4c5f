/* What the texts of a stage substitute, checked as they are read; for the files
 * that read a job only. */
#ifndef JOB_REFERENCE_H
#define JOB_REFERENCE_H

#include <stdbool.h>

#include "base/text.h"
#include "job/reader.h"
#include "job/substitution.h"

/* Checks one reference in the text NODE. Returns 0, whatever problems were
 * added, or -ENOMEM. */
typedef int (*reference_fn)(struct job_reader *reader, const struct node *node,
                            const struct substitution_piece *reference);

/* Check all references in the text NODE, and how they are written. Returns 0 or
 * -ENOMEM. */
int reference_check_text(struct job_reader *reader, const struct node *node,
                         reference_fn check);

/* Whether REFERENCE is a name of each: of the stage being read. */
bool reference_is_each_name(const struct job_reader *reader,
                            const struct substitution_piece *reference);

/* Add the problem "no WHAT", REFERENCE's name, and what it was probably meant
 * to be; COUNT and GET as for text_nearest(), with READER. Returns 0 or
 * -ENOMEM. */
int reference_complain_unknown(const struct job_reader *reader,
                               struct position at, const char *what,
                               const struct substitution_piece *reference,
                               text_name_fn get, size_t count);

#endif
