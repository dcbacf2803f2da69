/* SPDX-License-Identifier: Apache-2.0
 *
 * cairo 1.16 forgets 768 bytes for each face of a CJK font that it puts into a PDF. To be included once by a test program that makes
 * letters: the leak checker looks past what libcairo allocated, and at nothing else.
 */
#ifndef TEST_SUPPORT_CAIRO_LEAK_H
#define TEST_SUPPORT_CAIRO_LEAK_H

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
        return "leak:libcairo\nleak:libfontconfig\n";
}

/* Nothing said of it: scripts read what the binary prints. */
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
        return "print_suppressions=0";
}

#endif
