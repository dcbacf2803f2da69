/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be found in the chapters of a manual, in their order. One owner; only read once it is made.
 */
#ifndef OFFICE_MANUAL_INDEX_H
#define OFFICE_MANUAL_INDEX_H

#include "base/arena.h"
#include "office/manual/internal.h"

struct index_unit { /* a row of a table or a paragraph */
        struct index_unit *next;
        const char *section, *section_title, *anchor, *text, *low; /* low: lower case */
};
struct index_article {
        struct index_article *next;
        const char *law, *article, *anchor;
};
struct index_chapter {
        struct index_chapter *next;
        const char *process, *title, *low_process, *low_title;
        const char *section, *section_title; /* the first */
        const char *law_title;
        struct index_unit *units;
        struct index_article *articles;
};
struct manual_index {
        struct arena *arena;
        struct index_chapter *first;
};

int manual_index_new(struct manual_index **out, struct manual *m, struct error *err);
void manual_index_free(struct manual_index *x);
/* {items}, as manual_search answers. */
int manual_index_search(json_t **out, const struct manual_index *x, const char *q, size_t most, struct error *err);

#endif
