/* SPDX-License-Identifier: Apache-2.0
 *
 * The picture of a process as its file carries it (BPMN diagram interchange): which figures stand where, how lines run, and what
 * BPMN's notation has to show of each element. Reads any BPMN 2.0 model, also what is not executed here; draws nothing itself.
 */
#ifndef ENGINE_BPMN_DIAGRAM_H
#define ENGINE_BPMN_DIAGRAM_H

#include "engine/bpmn/bpmn.h"

struct bpmn_bounds {
        double x, y, width, height;
};
enum bpmn_shape {
        BPMN_SHAPE_POOL,
        BPMN_SHAPE_LANE,
        BPMN_SHAPE_EVENT,
        BPMN_SHAPE_ACTIVITY,
        BPMN_SHAPE_GATEWAY,
        BPMN_SHAPE_DATA,
        BPMN_SHAPE_STORE,
        BPMN_SHAPE_ANNOTATION,
        BPMN_SHAPE_GROUP,
};
enum bpmn_repeat { BPMN_ONCE, BPMN_LOOP, BPMN_SIDE_BY_SIDE, BPMN_ONE_BY_ONE };

struct bpmn_figure {               /* borrowed from the diagram */
        const char *id, *title[2]; /* title by enum lang; "" where the element has none */
        enum bpmn_shape shape;
        struct bpmn_bounds at, label; /* label: width 0 where the file says nothing */
        enum bpmn_kind kind;          /* of events, activities and gateways */
        enum bpmn_trigger trigger;    /* of events */
        enum bpmn_repeat repeat;      /* of activities */
        bool dashed;                  /* an event that does not interrupt; the frame of an event sub-process */
        bool all_triggers;            /* a multiple event that waits for all of its triggers */
        bool vertical;                /* of pools and lanes: their name lies on top */
        bool expanded;                /* of sub-processes: what is inside is drawn */
        bool compensation;            /* of activities */
        bool marked;                  /* of exclusive gateways: with its cross */
        bool begins;                  /* of event gateways: begins a process */
        bool collection;              /* of data */
        bool holder;                  /* has other figures inside: pools, lanes, groups, expanded sub-processes */
};
enum bpmn_line_kind { BPMN_LINE_SEQUENCE, BPMN_LINE_MESSAGE, BPMN_LINE_ASSOCIATION, BPMN_LINE_DATA };
struct bpmn_point {
        double x, y;
};
struct bpmn_line { /* borrowed from the diagram */
        const char *id, *title[2];
        enum bpmn_line_kind kind;
        const struct bpmn_point *points;
        size_t count; /* at least 2 */
        struct bpmn_bounds label;
        bool conditional; /* leaves an activity under a condition: a small diamond at its tail */
        bool usual;       /* the default flow of its source: a small stroke at its tail */
        bool arrow;       /* an association with a direction; every other line has its arrow */
};

struct bpmn_diagram;

/* The English name of a flow that has none: the word of its condition, `review = "return"` → "return", `eligible` → "yes",
 * `not(eligible)` → "no"; "" when that is not plain. Returns out. */
char *bpmn_flow_word(char *out, size_t size, const char *condition);

/* Read the first diagram of a model. A model without one gives a diagram of nothing. SB_XML_SYNTAX, SB_LIMIT. */
int bpmn_diagram_open(struct bpmn_diagram **out, struct str xml, struct error *err);
void bpmn_diagram_free(struct bpmn_diagram *d);
const struct bpmn_figure *bpmn_diagram_figure(const struct bpmn_diagram *d, size_t i); /* NULL past the end; holders first */
const struct bpmn_line *bpmn_diagram_line(const struct bpmn_diagram *d, size_t i);     /* NULL past the end */

#endif
