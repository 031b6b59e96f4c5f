/* How the public headers mark what the library exports. */
#ifndef DROVER_EXPORT_H
#define DROVER_EXPORT_H

#if defined(__GNUC__)
#define DROVER_PUBLIC __attribute__((visibility("default")))
#define DROVER_PRINTF(text, first)                                             \
    __attribute__((__format__(__printf__, text, first)))
#else
#define DROVER_PUBLIC
#define DROVER_PRINTF(text, first)
#endif

#endif
