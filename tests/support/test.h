/* What every test program here includes: cmocka, temp folders, real data, comparisons. */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/base/error.h"

/* A new empty folder of this test program, removed when the program ends. `name` tells several
 * apart. The text stays valid to the end. */
const char *test_folder(const char *name);

/* Path of a real data file or folder under ../shared (or $ECOMON_SHARED), or NULL where it is
 * absent; then the caller says so with TEST_NEEDS. */
const char *test_shared(const char *path);

/* Skips the test, aloud, where a file of ../shared is not on this machine. */
#define TEST_NEEDS(path)                                                                           \
    do {                                                                                           \
        if (!(path)) {                                                                             \
            print_message("SKIPPED: ../shared is not on this machine\n");                          \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

/* Fails with the error's text unless `call` gives EM_OK. */
#define TEST_OK(call)                                                                              \
    do {                                                                                           \
        if ((call) != EM_OK) fail_msg("%s: %s", #call, err.text);                                  \
    } while (0)

/* |got - want| <= tol, printed with both numbers. NaN never passes. */
void test_near_at(double got, double want, double tol, const char *file, int line);
#define TEST_NEAR(got, want, tol) test_near_at((got), (want), (tol), __FILE__, __LINE__)

/* True if the two arrays are equal bit by bit. */
bool test_same_bits(const void *a, const void *b, size_t bytes);

#endif
