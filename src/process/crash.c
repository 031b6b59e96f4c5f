#include "process/crash.h"

#include <execinfo.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <unwind.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum {
    FRAMES_MAX = 32,
    OWN_FRAMES = 2, /* the handler and the kernel's trampoline */
    STACK_BYTES = 64 * 1024,
};

static char signal_stack[STACK_BYTES];

/* Where on this thread's stack task code begins; frames beyond are the same in
 * every crash. */
static _Thread_local uintptr_t floor_address = UINTPTR_MAX;

void crash_set_floor(const void *frame)
{
    floor_address = (uintptr_t)frame;
}

struct trace {
    void *frames[FRAMES_MAX];
    int count;
};

static _Unwind_Reason_Code add_frame(struct _Unwind_Context *at, void *context)
{
    struct trace *trace = context;
    if (trace->count == FRAMES_MAX || _Unwind_GetCFA(at) > floor_address)
        return _URC_END_OF_STACK;
    trace->frames[trace->count++] = (void *)_Unwind_GetIP(at);
    return _URC_NO_REASON;
}

/* The handler is reset by then: returning repeats the fault, and raising what
 * was sent by kill or abort delivers it once the handler is left. */
static void on_crash(int number)
{
    struct trace trace = { .count = 0 };
    _Unwind_Backtrace(add_frame, &trace);
    if (trace.count > OWN_FRAMES)
        backtrace_symbols_fd(trace.frames + OWN_FRAMES,
                             trace.count - OWN_FRAMES, STDERR_FILENO);
    raise(number);
}

void crash_explain(void)
{
    if (SANITIZED)
        return;
    sigaltstack(&(stack_t){ .ss_sp = signal_stack, .ss_size = STACK_BYTES },
                NULL);
    struct sigaction action = { .sa_handler = on_crash,
                                .sa_flags = SA_ONSTACK | (int)SA_RESETHAND };
    static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
}
