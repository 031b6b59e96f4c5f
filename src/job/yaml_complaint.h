/* What libyaml has against a text, in words for those who wrote it. */
#ifndef JOB_YAML_COMPLAINT_H
#define JOB_YAML_COMPLAINT_H

#include <stddef.h>
#include <yaml.h>

#include "job/problems.h"

/* Add the error that PARSER stopped with, which is not one of memory. TEXT and
 * SIZE are what it was given to parse: its reader tells offsets, not lines. */
void yaml_complaint_add(const yaml_parser_t *parser, const char *text,
                        size_t size, struct problems *problems);

#endif
