/* SPDX-License-Identifier: Apache-2.0
 *
 * Running another program from a benchmark: what is measured beside ours.
 */
#ifndef BENCH_COMMAND_H
#define BENCH_COMMAND_H

#include <stddef.h>

/* Run argv in a folder (NULL: here) and wait. answer: the beginning of its standard output, trimmed of the last line's end; NULL: output
 * and faults are dropped. Its exit status, -1 when it could not be run. */
int command_run(const char *folder, char *const argv[], char *answer, size_t size);

#endif
