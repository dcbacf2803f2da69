/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao rules check: what can be said of rules without running them.
 */
#ifndef CMD_RULES_CHECK_H
#define CMD_RULES_CHECK_H

#include <stdbool.h>

/* Check models: of a pack (its folder, or one file of its rules), or of any folder. A line a finding; brief: no notes. Last
 * "N models, N errors, N warnings, N notes". Exit code 0 without errors and warnings. */
int rules_check_paths(bool brief, int count, char *const *paths);

#endif
