/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV by RFC 4180, streaming, UTF-8 (with or without BOM) or GB18030. The reader never reads more
 * than one record into memory; the record's fields are borrowed until the next call.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/text.h"
#include <stdio.h>

enum csv_encoding { CSV_UTF8, CSV_GB18030 };

struct csv_reader;

/* Read from an open stream (not closed by csv_close) or from memory (borrowed). */
int csv_open_file(struct csv_reader **out, FILE *in, enum csv_encoding enc, struct error *err);
int csv_open_text(struct csv_reader **out, struct str text, enum csv_encoding enc, struct error *err);
void csv_close(struct csv_reader *r);
/* 1 a record, 0 the end, ERR with SB_CSV_SYNTAX / SB_NOT_UTF8 / SB_LIMIT (record over 1 MiB, over
 * 4096 fields) and its line. Blank lines are passed over. After csv_header a record with more or
 * fewer fields than the header is an SB_CSV_SYNTAX too: its fields are given all the same and
 * reading may go on. After any other error every further call gives ERR again. */
int csv_next(struct csv_reader *r, const struct str **fields, size_t *count, struct error *err);
size_t csv_line(const struct csv_reader *r); /* line on which the last record began, from 1 */

/* Read the header record and remember the names; afterwards csv_column finds a column or -1. */
int csv_header(struct csv_reader *r, struct error *err);
int csv_column(const struct csv_reader *r, const char *name);
size_t csv_columns(const struct csv_reader *r);
const char *csv_column_name(const struct csv_reader *r, size_t i);

/* Append one field, quoted where needed, with a separating comma unless first; end a record with
 * CRLF. */
void csv_put(struct buf *out, bool first, struct str field);
void csv_end(struct buf *out);

#endif
