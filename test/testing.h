/* SPDX-License-Identifier: Apache-2.0
 *
 * What every test program includes: cmocka, and checks on a struct error. Knows nothing of any
 * floor but base.
 */
#ifndef TEST_TESTING_H
#define TEST_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include <stdio.h>

/* The call succeeds; its error is told when it does not. */
#define assert_ok(call, err)                                                                                                   \
        do {                                                                                                                   \
                if ((call) != 0) {                                                                                             \
                        char text_[1024];                                                                                      \
                        fail_msg("%s: %s", #call, error_text(&(err), LANG_EN, text_, sizeof text_));                           \
                }                                                                                                              \
        } while (0)

/* The call fails with this code, and the error is cleared. */
#define assert_error(call, err, expected)                                                                                      \
        do {                                                                                                                   \
                error_clear(&(err));                                                                                           \
                assert_true((call) < 0);                                                                                       \
                assert_int_equal((err).code, (expected));                                                                      \
                error_clear(&(err));                                                                                           \
        } while (0)

#endif
