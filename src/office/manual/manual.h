/* SPDX-License-Identifier: Apache-2.0
 *
 * The manual (业务手册): a chapter for each process of a pack, made from what the server runs: the process model, the rules that
 * decide, the figures in force, the letters. It cannot drift, and it says plainly what is missing. One generator makes a chapter as
 * data; HTML, PDF and the pages of the web are set from that data. Sees a pack and a table of verbs; the database only where verbs ask
 * which versions an installation has kept.
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

extern const struct verb manual_verbs[];

struct manual; /* of one pack, one language and one day of law */

/* p is borrowed and must live as long. SB_PACK_… when a table of the pack is broken. */
int manual_open(struct manual **out, struct pack *p, enum lang lang, day_t day, struct error *err);
void manual_close(struct manual *m);
/* The version of the pack before the oldest one that m knows: chapters then tell what differs between each two. stored: when each came, 0
 * where nobody knows. p is borrowed as above. */
int manual_older(struct manual *m, struct pack *p, day_t stored, struct error *err);
/* Where words stand: {items: [{process, title, section, section_title, anchor, text, why}]}, best first. Every word of q (parted by blanks) is
 * in the same row or paragraph; "社会保险法 16" finds the article. why: number, title, article, text. */
int manual_search(json_t **out, struct manual *m, const char *q, size_t most, struct error *err);
/* A chapter as data, and the whole book: {title, lead, front: [section], chapters, index, roles, glossary}. SB_MANUAL_PROCESS. */
int manual_chapter(json_t **out, struct manual *m, const char *process, struct error *err);
int manual_book(json_t **out, struct manual *m, const char *process, struct error *err); /* process NULL: all */

/* Whole documents; books: one for each language, in order, from the same pack. The same books give the same bytes. */
int manual_html(struct buf *out, struct manual *const *ms, json_t *const *books, size_t count, struct error *err);
int manual_pdf(struct buf *out, struct manual *const *ms, json_t *const *books, size_t count, struct error *err);

/* Verbs. */
int manual_list_verb(struct call *c, const json_t *in, json_t **out, struct error *err);
int manual_chapter_verb(struct call *c, const json_t *in, json_t **out, struct error *err);
int manual_search_verb(struct call *c, const json_t *in, json_t **out, struct error *err);

#endif
