/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this folder share: a drawing under work, and text that is fitted into a width.
 */
#ifndef OFFICE_DRAWING_INTERNAL_H
#define OFFICE_DRAWING_INTERNAL_H

#include "base/arena.h"
#include "engine/bpmn/diagram.h"
#include "office/drawing/drawing.h"

#define DRAWING_OPS_MAX 100000
#define DRAWING_LINES_MAX 12 /* of one label */

struct drawing {
        struct arena *arena;
        struct drawing_op *ops;
        size_t count, room;
        struct drawing_segment *segments;
        size_t segment_count, segment_room, path; /* path: where the path under work begins */
        double left, top, right, bottom;          /* what is drawn */
        struct bpmn_bounds *solids;               /* what a cut must not go through */
        size_t solid_count, solid_room;
        bool failed; /* out of memory, or too much */
};

struct ink {
        enum drawing_paint fill, stroke;
        double width, dash[2];
};

void pen_move(struct drawing *d, double x, double y);
void pen_line(struct drawing *d, double x, double y);
void pen_curve(struct drawing *d, double x1, double y1, double x2, double y2, double x, double y);
void pen_close(struct drawing *d);
void pen_circle(struct drawing *d, double x, double y, double radius);
void pen_box(struct drawing *d, double x, double y, double width, double height, double radius);
/* "M 0 0 L 1 1 …": a shape in its own units, set at (x, y) and scaled. */
void pen_shape(struct drawing *d, const char *path, double x, double y, double scale);
void pen_ink(struct drawing *d, struct ink ink); /* ends the path */
void solid_add(struct drawing *d, struct bpmn_bounds b);
void figure_begin(struct drawing *d, const struct bpmn_figure *f, enum lang lang);
void figure_end(struct drawing *d);

/* A label broken into lines of a width at a size. */
struct lines {
        struct str line[DRAWING_LINES_MAX];
        int count;
        double width; /* of the widest line */
        bool cut;     /* there was more text than lines */
};
double text_width(struct str s, double size);
struct lines text_lines(const char *text, double width, double size);
void text_put(struct drawing *d, struct str line, double x, double y, double size, enum drawing_paint paint, bool bold);
/* Lines around a middle; answers the height. */
void lines_put(struct drawing *d, const struct lines *l, double x, double top, double size, enum drawing_paint paint);
#define LINE_HEIGHT 1.28

/* shapes.c */
void event_draw(struct drawing *d, const struct bpmn_figure *f);
void gateway_draw(struct drawing *d, const struct bpmn_figure *f);
void activity_draw(struct drawing *d, const struct bpmn_figure *f, enum lang lang);
void artefact_draw(struct drawing *d, const struct bpmn_figure *f,
                   enum lang lang); /* pools, lanes, data, annotations, groups */
void line_draw(struct drawing *d, const struct bpmn_line *l);
/* labels.c: names of events, gateways, data and lines, beside them. */
void labels_draw(struct drawing *d, const struct bpmn_diagram *of, enum lang lang);

#endif
