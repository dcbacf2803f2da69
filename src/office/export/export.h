/* SPDX-License-Identifier: Apache-2.0
 *
 * The canonical export (规范导出): every row of the installation as lines of JSON, in an order and form that neither the
 * database nor chance decides, so that two databases hold the same exactly when their digests are equal.
 *
 * A table begins with a line {"columns":[…],"table":NAME}; a row is an array of its values: whole numbers, texts, bytes in
 * hexadecimal. Sealed values stand opened: their sealed form is random. Left out are what chance made (wrapped keys, hashes
 * of passwords, leases, a run's own key and the path of its file), what belongs to one machine (sessions, blocks of ids,
 * migrations) and what follows from other rows (name keys, the directory, the bytes of packs and documents, whose hashes
 * stand). Of applications, drafts, notes and attachments the rows stand without what is sealed in them, and of a task the outcome without
 * the state of its case before it. The export holds personal data in clear.
 */
#ifndef OFFICE_EXPORT_EXPORT_H
#define OFFICE_EXPORT_EXPORT_H

#include "base/hash.h"
#include "case/verb.h"

#include <stdio.h>

/* out NULL: only the digest, over the bytes that would be written. rows: how many. */
int export_write(struct house *h, FILE *out, struct hash *digest, int64_t *rows, struct error *err);

/* Tables and how they are exported: i from 0, NULL at the end; *left_out tells that the table is not exported, on purpose. */
const char *export_table(size_t i, bool *left_out);

#endif
