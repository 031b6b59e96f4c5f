/* How the public headers mark what the library exports, and what C++ needs. */
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

/* Behind a field: it is 0 when it is left out. In C it is so in any case; in
 * C++ this spares a warning. */
#ifdef __cplusplus
#define DROVER_ZERO                                                            \
    {                                                                          \
    }
#else
#define DROVER_ZERO
#endif

#endif
