/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawings (图) as a list of strokes, fills and lines of text, made once and set as SVG or by cairo, so that a page and a print show
 * the same. Knows how BPMN's notation looks; where figures stand comes from the model (engine/bpmn/diagram.h). Needs no fonts to be
 * made: widths of text are estimated on the safe side, so the same model gives the same drawing on every machine.
 */
#ifndef OFFICE_DRAWING_DRAWING_H
#define OFFICE_DRAWING_DRAWING_H

#include "base/text.h"

struct drawing;

/* A process model as its diagram shows it, labels in one language. A model without a diagram gives a drawing that is empty.
 * SB_XML_SYNTAX, SB_LIMIT. */
int drawing_process(struct drawing **out, struct str xml, enum lang lang, struct error *err);
void drawing_free(struct drawing *d);
bool drawing_empty(const struct drawing *d);
void drawing_size(const struct drawing *d, double *width, double *height); /* in units of the diagram */

/* Append an <svg> element. title: read aloud by screen readers; link: what stands before a figure's id in its link
 * ("#P17-step-"), NULL without links. Colours are presentation attributes beside classes (d-FILL-STROKE of paths, d-ink
 * of texts), so that a page may restyle them. */
void drawing_svg(struct buf *out, const struct drawing *d, const char *title, const char *link);

/* Where a wide drawing may be cut into `strips` parts without going through a figure: cuts[0] = its left edge … cuts[strips] its
 * right. */
#define DRAWING_STRIPS_MAX 4
void drawing_cuts(const struct drawing *d, int strips, double cuts[DRAWING_STRIPS_MAX + 1]);

/* For a sink of its own (cairo): every stroke, text and figure in order. */
enum drawing_paint {
        DRAW_NONE,
        DRAW_INK,
        DRAW_QUIET,
        DRAW_LINE,
        DRAW_ACCENT,
        DRAW_SURFACE,
        DRAW_SOFT,
        DRAW_BAND,
        DRAW_PAINTS,
};
struct drawing_colour {
        double r, g, b;
        const char *web, *name; /* "#0f766e", "accent" */
};
const struct drawing_colour *drawing_colour(enum drawing_paint paint);

struct drawing_segment {
        char op; /* M L C Z */
        double p[6];
};
enum drawing_kind { DRAWING_PATH, DRAWING_TEXT, DRAWING_BEGIN, DRAWING_END };
struct drawing_op {
        enum drawing_kind kind;
        size_t first, count; /* of a path: its segments */
        enum drawing_paint fill, stroke;
        double width, dash[2];    /* of a stroke; dash 0: solid */
        const char *text;         /* of a text: one line; of a beginning: the figure's id */
        const char *said;         /* of a beginning: the figure's name, its id where it has none */
        double x, y, size;        /* of a text: the middle of its baseline (left: its left end) */
        bool bold, left, upright; /* upright: turned by a quarter to the left */
        double box[4];            /* of a beginning: x, y, width, height of the figure */
};
const struct drawing_op *drawing_op(const struct drawing *d, size_t i); /* NULL past the end */
const struct drawing_segment *drawing_segment(const struct drawing *d, size_t i);
void drawing_origin(const struct drawing *d, double *x, double *y); /* left upper corner in the units of its operations */

#endif
