/* What a kernel may answer where data, not a caller's mistake, can defeat the maths.
 *
 * Layer: kernel. Most kernels return void: with their stated preconditions met they cannot fail. */
#ifndef EK_BASE_STATUS_H
#define EK_BASE_STATUS_H

typedef enum ek_status {
    EK_OK = 0,
    EK_TOO_FEW,    /* not enough samples or observations for the result to mean anything */
    EK_DEGENERATE, /* the input has no solution: singular, zero area, one value only */
    EK_TOO_LARGE,  /* the result would not fit the arrays that the caller gave */
} ek_status;

#endif
