/* How the public headers mark what the library exports. */
#ifndef DROVER_EXPORT_H
#define DROVER_EXPORT_H

#if defined(__GNUC__)
#define DROVER_PUBLIC __attribute__((visibility("default")))
#define DROVER_PRINTF(format, first)                                           \
    __attribute__((format(printf, format, first)))
#else
#define DROVER_PUBLIC
#define DROVER_PRINTF(format, first)
#endif

#endif
