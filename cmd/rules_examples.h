/* SPDX-License-Identifier: Apache-2.0
 *
 * Worked examples on the command line (pack/example.h evaluates them).
 */
#ifndef CMD_RULES_EXAMPLES_H
#define CMD_RULES_EXAMPLES_H

/* Run all entries of the files; a line for each that fails, is expected not to reproduce or cannot run, with the reason; last
 * "N passed, N failed". packs: the folder of the packs, NULL to look for it. Returns the exit code. */
int rules_examples(const char *packs, int count, char *const *files);

#endif
