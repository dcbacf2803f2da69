/* SPDX-License-Identifier: Apache-2.0
 *
 * Setting a book on paper: pages, text of runs, tables that flow over pages. The same book is set twice: once to learn on which page
 * each anchor falls, once drawn with those numbers and links; again only when that moved an anchor.
 */
#ifndef OFFICE_MANUAL_PDF_H
#define OFFICE_MANUAL_PDF_H

#include "office/manual/internal.h"

#include <pango/pangocairo.h>

#define MM (72.0 / 25.4)
#define PAGE_WIDTH (210 * MM)
#define PAGE_HEIGHT (297 * MM)
#define LEFT (20 * MM)
#define RIGHT (PAGE_WIDTH - 20 * MM)
#define TOP (25 * MM)
#define BOTTOM (PAGE_HEIGHT - 22 * MM)
#define WIDTH (RIGHT - LEFT)
/* One family, two faces: each face of a CJK font in a PDF costs a quarter of a megabyte. */
#define FAMILY "Noto Sans CJK SC"

enum tone { TONE_INK, TONE_QUIET, TONE_ACCENT, TONE_AMBER, TONE_RULE, TONE_SHADE, TONE_PALE, TONE_WHITE };
struct style {
        double size, leading; /* points; leading a factor of the font's own */
        bool bold, right, centre;
        enum tone tone;
};
struct setter {
        cairo_t *cr;
        PangoFontMap *fonts;
        PangoContext *context;
        bool dry;        /* only measuring: nothing is drawn */
        bool missing;    /* a glyph that no font has */
        int page, total; /* total 0 while it is not known */
        double y;
        json_t *anchors;     /* id → page, being made */
        const json_t *pages; /* id → page, of the pass before; NULL in the first, which knows those that it has passed */
        const char *prefix;  /* before every anchor: "zh-", "en-" or "" */
        struct manual *m;    /* of the book being set */
        const json_t *book;
        char head[300]; /* what stands over the page */
        bool bare;      /* no head and foot: the cover */
};

void tone_set(struct setter *s, enum tone tone);
void page_begin(struct setter *s);
void page_end(struct setter *s);
void page_room(struct setter *s, double height); /* on a new page when this one has none */
void rule_put(struct setter *s, double x1, double y1, double x2, double y2, double width, enum tone tone);
void box_put(struct setter *s, double x, double y, double width, double height, enum tone tone);
/* Plain text at a place; answers its height. */
double text_at(struct setter *s, const char *text, const struct style *style, double x, double y, double width);
double text_height(struct setter *s, const char *text, const struct style *style, double width);
/* An anchor here: a destination of links and of the table of contents. */
void anchor_set(struct setter *s, const char *id, double x, double y);
int anchor_page(const struct setter *s, const char *id); /* 0 while it is not known */
void link_set(struct setter *s, const char *id, double x, double y, double width, double height);
/* TEXT of a block (string or runs) as a paragraph at the current place, over pages where it must. */
void paragraph_put(struct setter *s, const json_t *text, const struct style *style, double indent, enum tone shade);
void table_put(struct setter *s, const json_t *table);

#endif
