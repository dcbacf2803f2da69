/* SPDX-License-Identifier: Apache-2.0 */
#include "office/drawing/internal.h"

#include <math.h>
#include <stdlib.h>

#define MEMORY ((size_t)16 << 20)
#define MARGIN 10.0

static void diagram_draw(struct drawing *d, const struct bpmn_diagram *of, enum lang lang)
{
        const struct bpmn_figure *f;
        const struct bpmn_line *l;

        for (size_t i = 0; (f = bpmn_diagram_figure(of, i)) != NULL; i++)
                if (f->holder && f->shape != BPMN_SHAPE_ACTIVITY)
                        artefact_draw(d, f, lang);
                else if (f->holder)
                        activity_draw(d, f, lang);
        for (size_t i = 0; (l = bpmn_diagram_line(of, i)) != NULL; i++)
                line_draw(d, l);
        /* What sits on a border comes last: boundary events over their activity. */
        for (int late = 0; late < 2; late++)
                for (size_t i = 0; (f = bpmn_diagram_figure(of, i)) != NULL; i++) {
                        bool boundary = f->shape == BPMN_SHAPE_EVENT && f->kind == BPMN_BOUNDARY;
                        if (f->holder || boundary != (late == 1))
                                continue;
                        figure_begin(d, f, lang);
                        if (f->shape == BPMN_SHAPE_EVENT)
                                event_draw(d, f);
                        else if (f->shape == BPMN_SHAPE_GATEWAY)
                                gateway_draw(d, f);
                        else if (f->shape == BPMN_SHAPE_ACTIVITY)
                                activity_draw(d, f, lang);
                        else
                                artefact_draw(d, f, lang);
                        figure_end(d);
                        solid_add(d, f->at);
                }
        labels_draw(d, of, lang);
}

int drawing_process(struct drawing **out, struct str xml, enum lang lang, struct error *err)
{
        struct drawing *d = calloc(1, sizeof *d);
        struct bpmn_diagram *of = NULL;

        if (d != NULL) {
                d->arena = arena_new(MEMORY);
                d->left = d->top = INFINITY;
                d->right = d->bottom = -INFINITY;
        }
        int rc = d == NULL || d->arena == NULL ? error_raise(err, SB_MEMORY, "%s", "") : bpmn_diagram_open(&of, xml, err);
        if (rc == 0) {
                diagram_draw(d, of, lang);
                bpmn_diagram_free(of);
                if (d->failed)
                        rc = error_raise(err, SB_LIMIT, "%s|%d", "strokes of a drawing", DRAWING_OPS_MAX);
        }
        if (rc == 0) {
                *out = d;
                d = NULL;
        }
        drawing_free(d);
        return rc;
}

void drawing_free(struct drawing *d)
{
        if (d == NULL)
                return;
        arena_free(d->arena);
        free(d->ops);
        free(d->segments);
        free(d->solids);
        free(d);
}

bool drawing_empty(const struct drawing *d)
{
        return d->count == 0;
}

void drawing_size(const struct drawing *d, double *width, double *height)
{
        *width = drawing_empty(d) ? 0 : d->right - d->left + 2 * MARGIN;
        *height = drawing_empty(d) ? 0 : d->bottom - d->top + 2 * MARGIN;
}

void drawing_origin(const struct drawing *d, double *x, double *y)
{
        *x = d->left - MARGIN;
        *y = d->top - MARGIN;
}

const struct drawing_op *drawing_op(const struct drawing *d, size_t i)
{
        return i < d->count ? &d->ops[i] : NULL;
}

const struct drawing_segment *drawing_segment(const struct drawing *d, size_t i)
{
        return &d->segments[i];
}

/* --- cuts --------------------------------------------------------------------------------------------------------------------- */

static bool free_at(const struct drawing *d, double x)
{
        for (size_t i = 0; i < d->solid_count; i++)
                if (x > d->solids[i].x - 3 && x < d->solids[i].x + d->solids[i].width + 3)
                        return false;
        return true;
}

void drawing_cuts(const struct drawing *d, int strips, double cuts[DRAWING_STRIPS_MAX + 1])
{
        double width, height, x, y;

        drawing_size(d, &width, &height);
        drawing_origin(d, &x, &y);
        cuts[0] = x;
        cuts[strips] = x + width;
        for (int i = 1; i < strips; i++) {
                double wanted = x + width * i / strips;
                cuts[i] = wanted;
                for (double off = 0; off < width / strips / 3; off += 2) {
                        if (free_at(d, wanted - off)) {
                                cuts[i] = wanted - off;
                                break;
                        }
                        if (free_at(d, wanted + off)) {
                                cuts[i] = wanted + off;
                                break;
                        }
                }
        }
}
