/* The tasks of the plugin; text.c says what each takes and returns. */
#ifndef TEXT_TASKS_H
#define TEXT_TASKS_H

#include <drover/plugin.h>

int text_count(struct drover_call *call);
int text_merge(struct drover_call *call);
int text_index(struct drover_call *call);
int text_join(struct drover_call *call);
int text_search(struct drover_call *call);
int text_follow(struct drover_call *call);
int text_match(struct drover_call *call);

#endif
