/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of banks and other partners as a pack describes them: a header, lines, a trailer; fields of fixed width or between delimiters;
 * UTF-8 or GB18030. A layout is declared by rows of three tables (doc/layouts.md):
 *
 *   layouts.csv        layout, title_zh, title_en, kind, charset, delimiter, quote, line_end, decimal
 *   layout_fields.csv  layout, record, order, field, title_zh, title_en, from, length, type, value, pad, fill, required, codes
 *   layout_codes.csv   list, code (in the file), value (ours), title_zh, title_en
 *
 * Reading and writing are pure: bytes to values and back. Values are {"header": {…}, "lines": [{…}], "trailer": {…}}, amounts whole
 * fen, numbers integers, days "2026-11-29", months "2026-11", everything else text; a field that is left out is absent. Constants,
 * counts, sums, hash totals and sequence numbers are the layout's own: written by it, checked when read, and among the values only when
 * read. Widths are bytes of the file's charset. Nothing is cut: what does not fit is refused. Knows no bank and no payment.
 */
#ifndef ENGINE_LAYOUT_LAYOUT_H
#define ENGINE_LAYOUT_LAYOUT_H

#include "base/json.h"

#define LAYOUT_FILE_BYTES ((size_t)64 << 20)
#define LAYOUT_LINES 200000    /* records in one file */
#define LAYOUT_LINE_BYTES 8192 /* bytes of one record */
#define LAYOUT_FAULTS 100      /* told of one file; the rest are not looked for */

struct layout;

/* Each fault of a declaration: the table, the line in it (0: none known) and what is wrong. */
typedef void layout_told(void *ctx, const char *table, size_t line, const struct error *fault);

/* Declare the layout of that name by the rows of the tables: arrays of objects of text, as pack_table gives them; a row may have an
 * integer "line". told may be NULL. ERR with the first fault: SB_LAYOUT_UNKNOWN (no such row), SB_LAYOUT_DECLARED, SB_LAYOUT_FIELD,
 * SB_LAYOUT_OVERLAP, SB_LAYOUT_GAP, SB_LAYOUT_CODE. */
int layout_new(struct layout **out, const char *name, const json_t *layouts, const json_t *fields, const json_t *codes,
               layout_told *told, void *ctx, struct error *err);
void layout_free(struct layout *l);

const char *layout_name(const struct layout *l);
bool layout_is_gb18030(const struct layout *l);
/* The fields of a record ("header", "line", "trailer") in their order; false past the last. own: the layout makes it; column: where it is,
 * from 1, as errors tell it. */
struct layout_field {
        const char *name;
        bool own, amount, required, coded;
        size_t column;
};
bool layout_field_at(const struct layout *l, const char *record, size_t i, struct layout_field *out);
/* The values of a coded field in the order of its list; "" past the last. */
const char *layout_code_at(const struct layout *l, const char *record, size_t i, size_t k);

/* Each fault of a file; its place is line and column (of a fixed file the byte, of a delimited one the field), from 1. */
typedef void layout_fault(void *ctx, const struct error *fault);

/* ERR with the first fault: SB_LIMIT, SB_LAYOUT_WIDTH, SB_LAYOUT_COLUMNS, SB_LAYOUT_CHARSET, SB_LAYOUT_VALUE, SB_LAYOUT_EMPTY,
 * SB_LAYOUT_RECORD, SB_LAYOUT_MISSING, SB_LAYOUT_TOTAL. fault may be NULL. */
int layout_read(const struct layout *l, struct str bytes, json_t **out, layout_fault *fault, void *ctx, struct error *err);

/* Append the file. Values without a field are left out: the layout says what a partner gets. SB_LAYOUT_FIT (longer than the field),
 * SB_LAYOUT_VALUE, SB_LAYOUT_EMPTY, SB_LIMIT, SB_OVERFLOW, with the line and column that would have been written. */
int layout_write(const struct layout *l, const json_t *values, struct buf *out, struct error *err);

#endif
