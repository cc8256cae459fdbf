#include "pipeline/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

em_status em_fail(em_error *err, em_status status, const char *fmt, ...)
{
    if (!err) return status;
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    err->status = status;
    return status;
}

em_status em_context(em_error *err, em_status status, const char *fmt, ...)
{
    if (!err) return status;
    char before[sizeof err->text];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(before, sizeof before - 3, fmt, args);
    va_end(args);
    size_t used = n < 0 ? 0 : (size_t)n;
    if (used > sizeof before - 4) used = sizeof before - 4;
    before[used++] = ':';
    before[used++] = ' ';
    const size_t room = sizeof err->text - 1 - used;
    const size_t kept = strnlen(err->text, sizeof err->text - 1);
    const size_t keep = kept < room ? kept : room;
    memmove(err->text + used, err->text, keep);
    memcpy(err->text, before, used);
    err->text[used + keep] = '\0';
    err->status = status;
    return status;
}

em_status em_worst(em_status a, em_status b)
{
    static const em_status order[] = {EM_EINTERNAL, EM_EENV,    EM_ECONFIG, EM_EINPUT,
                                      EM_EQUALITY,  EM_EPARAMS, EM_EBUSY,   EM_EPARTIAL};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (a == order[i] || b == order[i]) return order[i];
    }
    return EM_OK;
}
