/* SPDX-License-Identifier: Apache-2.0
 *
 * The anchors of the audit trail (锚定): a signed line a day that says how far the chains of seals of all homes reach. Its value is that it
 * is kept elsewhere: `serve --anchors FILE` appends each to a file that another machine or the auditor takes away. office/audit/anchor.c
 * holds the trail against them.
 */
#ifndef CASE_ANCHOR_H
#define CASE_ANCHOR_H

#include "case/verb.h"

/* Anchor what is sealed, when no anchor is of today yet (or `now`, whatever there is). Nothing where nothing was ever sealed. body, canonical
 * JSON: anchor (1, 2, …), day, at, previous (hash of the anchor before, zeros for the first), homes [{home, seal, head, rows}], and where the
 * tables are kept in sum version and tables. */
int anchor_make(struct house *h, bool now, bool *made, struct error *err);
/* SHA-256("shebao anchor\n" ‖ body): what is chained and signed (Ed25519). */
struct hash anchor_hash(struct str body);
/* Append to the file what it does not hold yet, a line {"body":…,"signature":"hex"} each. SB_AUDIT_ANCHOR_LOST when its last line is not in
 * the database: then nothing is written. */
int anchor_write(struct store *s, const char *path, int *written, struct error *err);

#endif
