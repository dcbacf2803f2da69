/* SPDX-License-Identifier: Apache-2.0
 *
 * Names that stand beside their figure: where the model puts them when they fit there, else the nearest place that covers nothing.
 * English is longer than the Chinese that a model was drawn with.
 */
#include "office/drawing/internal.h"

#include <math.h>

#define SIZE 11.5
#define PLACES_MAX 40

struct places {
        struct bpmn_bounds at[PLACES_MAX];
        int count;
};
struct labeller {
        struct drawing *d;
        const struct bpmn_diagram *of;
        enum lang lang;
        struct bpmn_bounds taken[2000];
        size_t taken_count;
};

static double overlap(struct bpmn_bounds a, struct bpmn_bounds b)
{
        double w = fmin(a.x + a.width, b.x + b.width) - fmax(a.x, b.x),
               h = fmin(a.y + a.height, b.y + b.height) - fmax(a.y, b.y);

        return w > 0 && h > 0 ? w * h : 0;
}

/* How far a straight piece of a line runs through a box (pieces are nearly always level or upright). */
static double crossed(struct bpmn_bounds b, struct bpmn_point p, struct bpmn_point q)
{
        struct bpmn_bounds piece = {fmin(p.x, q.x) - 1.5, fmin(p.y, q.y) - 1.5, fabs(p.x - q.x) + 3, fabs(p.y - q.y) + 3};

        if (fabs(p.x - q.x) < 2 || fabs(p.y - q.y) < 2)
                return overlap(b, piece);
        for (int i = 0; i <= 20; i++) {
                double x = p.x + (q.x - p.x) * i / 20, y = p.y + (q.y - p.y) * i / 20;
                if (x > b.x && x < b.x + b.width && y > b.y && y < b.y + b.height)
                        return b.height * 4;
        }
        return 0;
}

static double cost(const struct labeller *w, struct bpmn_bounds b)
{
        const struct bpmn_figure *f;
        const struct bpmn_line *l;
        double sum = 0;

        for (size_t i = 0; (f = bpmn_diagram_figure(w->of, i)) != NULL; i++)
                if (!f->holder)
                        sum += 4 * overlap(b, f->at);
                else if (f->shape != BPMN_SHAPE_GROUP && overlap(b, f->at) > 0 && overlap(b, f->at) < b.width * b.height)
                        sum += 40; /* across a border */
        for (size_t i = 0; (l = bpmn_diagram_line(w->of, i)) != NULL; i++)
                for (size_t k = 1; k < l->count; k++)
                        sum += 2 * crossed(b, l->points[k - 1], l->points[k]);
        for (size_t i = 0; i < w->taken_count; i++)
                sum += 6 * overlap(b, w->taken[i]);
        return sum;
}

static void place_add(struct places *p, double x, double y, double width, double height)
{
        if (p->count < PLACES_MAX)
                p->at[p->count++] = (struct bpmn_bounds){x, y, width, height};
}

/* The first place that costs nothing, else the cheapest; a place counts a little for its rank. */
static struct bpmn_bounds best(const struct labeller *w, const struct places *p)
{
        double least = INFINITY;
        int found = 0;

        for (int i = 0; i < p->count; i++) {
                double c = cost(w, p->at[i]) + i * 0.5;
                if (c < least) {
                        least = c;
                        found = i;
                }
        }
        return p->at[found];
}

static void label_set(struct labeller *w, const struct lines *l, struct bpmn_bounds at, enum drawing_paint paint)
{
        lines_put(w->d, l, at.x + at.width / 2, at.y, SIZE, paint);
        solid_add(w->d, at);
        if (w->taken_count < sizeof w->taken / sizeof w->taken[0])
                w->taken[w->taken_count++] = at;
}

static void figure_label(struct labeller *w, const struct bpmn_figure *f)
{
        double wide = fmax(f->shape == BPMN_SHAPE_DATA ? 90 : 96, f->label.width), gap = 4;
        struct lines l = text_lines(f->title[w->lang], wide, SIZE);
        double width = l.width + 2, height = l.count * SIZE * LINE_HEIGHT, x = f->at.x + f->at.width / 2;
        double low = f->at.y + f->at.height;
        struct places p = {0};

        if (l.count == 0)
                return;
        if (f->label.width > 0) {
                double middle = f->label.x + f->label.width / 2;
                bool above = f->label.y + f->label.height <= f->at.y + 2;
                place_add(&p, middle - width / 2, above ? f->label.y + f->label.height - height : f->label.y, width, height);
        }
        place_add(&p, x - width / 2, low + gap, width, height);
        place_add(&p, x - width / 2, f->at.y - gap - height, width, height);
        for (int side = 0; side < 2; side++) {
                place_add(&p, side == 0 ? f->at.x + f->at.width + gap : f->at.x - gap - width, low + gap - 6, width, height);
                place_add(&p, side == 0 ? f->at.x + f->at.width + gap : f->at.x - gap - width, f->at.y - gap - height + 6,
                          width, height);
                place_add(&p, side == 0 ? x + 6 : x - 6 - width, low + gap, width, height);
                place_add(&p, side == 0 ? x + 6 : x - 6 - width, f->at.y - gap - height, width, height);
        }
        label_set(w, &l, best(w, &p), DRAW_INK);
}

static void line_places(struct places *p, const struct bpmn_line *l, double width, double height)
{
        static const double WHERE[] = {0.5, 0.3, 0.7};

        for (size_t k = 1; k < l->count; k++)
                for (size_t i = 0; i < 3; i++) {
                        struct bpmn_point a = l->points[k - 1], b = l->points[k];
                        double x = a.x + (b.x - a.x) * WHERE[i], y = a.y + (b.y - a.y) * WHERE[i];
                        if (fabs(b.x - a.x) >= fabs(b.y - a.y)) {
                                place_add(p, x - width / 2, y - height - 3, width, height);
                                place_add(p, x - width / 2, y + 4, width, height);
                        } else {
                                place_add(p, x + 5, y - height / 2, width, height);
                                place_add(p, x - 5 - width, y - height / 2, width, height);
                        }
                }
}

static void line_label(struct labeller *w, const struct bpmn_line *line)
{
        struct lines l = text_lines(line->title[w->lang], fmax(84, line->label.width), SIZE);
        double width = l.width + 2, height = l.count * SIZE * LINE_HEIGHT;
        struct places p = {0};

        if (l.count == 0)
                return;
        if (line->label.width > 0)
                place_add(&p, line->label.x + line->label.width / 2 - width / 2,
                          line->label.y + line->label.height / 2 - height / 2, width, height);
        line_places(&p, line, width, height);
        label_set(w, &l, best(w, &p), DRAW_QUIET);
}

void labels_draw(struct drawing *d, const struct bpmn_diagram *of, enum lang lang)
{
        struct labeller *w = arena_new_of(d->arena, struct labeller);
        const struct bpmn_figure *f;
        const struct bpmn_line *l;

        if (w == NULL) {
                d->failed = true;
                return;
        }
        w->d = d;
        w->of = of;
        w->lang = lang;
        for (size_t i = 0; (f = bpmn_diagram_figure(of, i)) != NULL; i++)
                if (f->shape == BPMN_SHAPE_EVENT || f->shape == BPMN_SHAPE_GATEWAY || f->shape == BPMN_SHAPE_DATA ||
                    f->shape == BPMN_SHAPE_STORE)
                        figure_label(w, f);
        for (size_t i = 0; (l = bpmn_diagram_line(of, i)) != NULL; i++)
                line_label(w, l);
}
