/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder of attachments against their rows: a crash, or a scan that was taken away, may leave a file that no row names.
 */
#ifndef CASE_FILE_SWEEP_H
#define CASE_FILE_SWEEP_H

#include "case/verb.h"

enum { FILE_SWEEP_AGE_S = 3600 }; /* younger files may be about to be named */
struct file_sweep {
        int64_t rows, missing;           /* attachments that are kept; of these without a file */
        int64_t files, orphans, removed; /* files old enough; of these named by no row; taken away */
};
/* Count, and take away what nobody names when `remove`. SB_CASE_FILES when the house has no folder. */
int file_sweep(struct house *h, bool remove, struct file_sweep *out, struct error *err);

#endif
