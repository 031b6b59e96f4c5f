/* Has a default that is not of its parameter's type */
#include "trivial.h"

static const struct drover_task tasks[] = {
    { .name = "answer",
      .run = answer,
      .params = DROVER_PARAMS(
          { .name = "count", .type = DROVER_INT, .fallback = "many" }) },
};
DROVER_PLUGIN("bad-fallback", "1", "Has a default of the wrong type", tasks);
