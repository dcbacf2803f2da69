/* SPDX-License-Identifier: Apache-2.0
 *
 * The manual (业务手册): a chapter for each process of a pack, made from what the server runs: the process model, the rules that
 * decide, the figures in force, the letters. It cannot drift, and it says plainly what is missing. One generator makes a chapter as
 * data; HTML and PDF are set from that data. Sees a pack and a table of verbs.
 *
 * A chapter: {process, title, group, sections: [{id, title, blocks}], articles: [{law, article}], roles: [role]}. A block:
 *   {k: "p", t: TEXT}                    {k: "note", c: "info|missing|law", t: TEXT}      {k: "h", t, id?}
 *   {k: "table", w: [parts], head: [TEXT], rows: [[TEXT]], c?}                            {k: "diagram", process}
 * TEXT is a string or a list of runs {t, to?, id?, c?}: to: an anchor of the manual, id: an anchor that stands here,
 * c: strong, quiet, missing, chip, code.
 */
#ifndef OFFICE_MANUAL_MANUAL_H
#define OFFICE_MANUAL_MANUAL_H

#include "office/office.h"
#include "pack/pack.h"

struct manual; /* of one pack, one language and one day of law */

/* p is borrowed and must live as long. SB_PACK_… when a table of the pack is broken. */
int manual_open(struct manual **out, struct pack *p, enum lang lang, day_t day, struct error *err);
void manual_close(struct manual *m);
/* A chapter as data, and the whole book: {title, lead, front: [section], chapters, index, roles, glossary}. SB_MANUAL_PROCESS. */
int manual_chapter(json_t **out, struct manual *m, const char *process, struct error *err);
int manual_book(json_t **out, struct manual *m, const char *process, struct error *err); /* process NULL: all */

/* Whole documents; books: one for each language, in order, from the same pack. The same books give the same bytes. */
int manual_html(struct buf *out, struct manual *const *ms, json_t *const *books, size_t count, struct error *err);
int manual_pdf(struct buf *out, struct manual *const *ms, json_t *const *books, size_t count, struct error *err);

#endif
