/* SPDX-License-Identifier: Apache-2.0
 *
 * Import by CSV (批量导入): persons, employers, employments, contributions and balances, as runs that stream
 * a file in blocks. Each block is one transaction with its cursor and one audit row that carries the block's
 * hash, so that a kill at any moment repeats and loses nothing. Good rows are written, bad ones are kept,
 * sealed, with their faults by line and column, and come back as CSV. A dry run lists every fault and writes
 * nothing else. Names of persons go into their index in a phase of the run of its own, for many blocks at once and in the
 * order of the index; until then a person is found by number. Knows the tables of the registry and of contributions through their bulk forms.
 */
#ifndef OFFICE_IMPORT_IMPORT_H
#define OFFICE_IMPORT_IMPORT_H

#include "office/office.h"

extern const struct verb import_verbs[];
extern const struct scope_rule import_scopes[];
extern const struct run_kind import_run;

/* What the command line asks for: a file of this machine. Answers the run, which run_work then works on. */
struct import_request {
        const char *kind, *path, *encoding; /* encoding: "utf-8" or "gb18030" */
        bool dry_run;
};
int import_create(struct call *c, const struct import_request *q, int64_t *run, struct error *err);
/* Rejected rows of a run as CSV: the file's own columns, then line and error. */
int import_rejected(struct house *h, int64_t run, enum lang lang, struct buf *out, struct error *err);
/* Faults of a run in order of line: written to out as "line 3, wage: SB-0006 …" lines, at most `limit`. Returns how many
 * there are in all, or ERR. */
int64_t import_faults_text(struct house *h, int64_t run, enum lang lang, int limit, struct buf *out, struct error *err);

#endif
