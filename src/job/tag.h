/* Tags: the core ones may say what a node is anyway; only !!str makes a
 * difference, what it stands before is a text. */
#ifndef JOB_TAG_H
#define JOB_TAG_H

#include <stdbool.h>

#include "job/node.h"

/* Apply TAG, in full ("tag:yaml.org,2002:int"), to NODE. Returns whether it is
 * a core tag that fits it. */
bool tag_apply(const char *tag, struct node *node);

#endif
