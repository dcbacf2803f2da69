/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures of BPMN 2.0's notation, each drawn into the bounds that the model gives it.
 */
#include "office/drawing/internal.h"

#include <math.h>

#define STROKE(w) ((struct ink){.stroke = DRAW_INK, .width = (w)})
#define SOLID(paint) ((struct ink){.fill = (paint)})

/* --- markers ---------------------------------------------------------------------------------------------------------------
 * Shapes in a square of 20 by 20 around (0, 0). Open ones are stroked; what throws is filled. */

static const char ENVELOPE[] = "M -8 -5.5 L 8 -5.5 L 8 5.5 L -8 5.5 Z";
static const char ENVELOPE_FLAP[] = "M -8 -5.5 L 0 1 L 8 -5.5";
static const char BOLT[] = "M -7 7 L -3.2 -6.5 L 1.6 1 L 7 -7.5 L 3.4 6.2 L -1.4 -0.8 Z";
static const char ARROW_UP[] = "M 0 -8.5 L 6.2 7.5 L 0 1.4 L -6.2 7.5 Z";
static const char CROSS[] =
    "M -7.4 -5.2 L -5.2 -7.4 L 0 -2.2 L 5.2 -7.4 L 7.4 -5.2 L 2.2 0 L 7.4 5.2 L 5.2 7.4 L 0 2.2 L -5.2 7.4 "
    "L -7.4 5.2 L -2.2 0 Z";
static const char REWIND[] = "M 0 -5.5 L 0 5.5 L -8 0 Z M 8 -5.5 L 8 5.5 L 0 0 Z";
static const char PAPER[] = "M -6 -8 L 6 -8 L 6 8 L -6 8 Z";
static const char PAPER_LINES[] = "M -4 -5 L 4 -5 M -4 -1.7 L 4 -1.7 M -4 1.7 L 4 1.7 M -4 5 L 4 5";
static const char ARROW_RIGHT[] = "M -8 -3 L 1.5 -3 L 1.5 -7 L 8.5 0 L 1.5 7 L 1.5 3 L -8 3 Z";
static const char TRIANGLE[] = "M 0 -8 L 8 6 L -8 6 Z";
static const char PENTAGON[] = "M 0 -8.5 L 8.1 -2.6 L 5 6.9 L -5 6.9 L -8.1 -2.6 Z";
static const char PLUS[] = "M -2 -8 L 2 -8 L 2 -2 L 8 -2 L 8 2 L 2 2 L 2 8 L -2 8 L -2 2 L -8 2 L -8 -2 L -2 -2 Z";

static void shape_mark(struct drawing *d, const char *path, double x, double y, double scale, bool filled)
{
        pen_shape(d, path, x, y, scale);
        pen_ink(d, filled ? SOLID(DRAW_INK)
                          : (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = fmax(0.9, 1.3 * scale)});
}

static void envelope_mark(struct drawing *d, double x, double y, double scale, bool filled)
{
        shape_mark(d, ENVELOPE, x, y, scale, filled);
        pen_shape(d, ENVELOPE_FLAP, x, y, scale);
        pen_ink(d, (struct ink){.stroke = filled ? DRAW_SURFACE : DRAW_INK, .width = fmax(0.9, 1.2 * scale)});
}

static void clock_mark(struct drawing *d, double x, double y, double scale)
{
        pen_circle(d, x, y, 9 * scale);
        pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1.1});
        for (int i = 0; i < 12; i++) {
                double a = i * M_PI / 6, inner = i % 3 == 0 ? 6.4 : 7.4;
                pen_move(d, x + sin(a) * inner * scale, y - cos(a) * inner * scale);
                pen_line(d, x + sin(a) * 8.6 * scale, y - cos(a) * 8.6 * scale);
        }
        pen_ink(d, STROKE(0.8));
        pen_shape(d, "M 1.4 -5.8 L 0 0 L 4.6 1.6", x, y, scale);
        pen_ink(d, STROKE(1.2));
}

static void paper_mark(struct drawing *d, double x, double y, double scale)
{
        shape_mark(d, PAPER, x, y, scale, false);
        pen_shape(d, PAPER_LINES, x, y, scale);
        pen_ink(d, STROKE(0.9));
}

static void trigger_mark(struct drawing *d, const struct bpmn_figure *f, double x, double y, double scale)
{
        bool throws = f->kind == BPMN_THROW || f->kind == BPMN_END;

        switch (f->trigger) {
        case BPMN_MESSAGE:
                envelope_mark(d, x, y, scale, throws);
                break;
        case BPMN_TIMER:
                clock_mark(d, x, y, scale);
                break;
        case BPMN_SIGNAL:
                shape_mark(d, TRIANGLE, x, y, scale, throws);
                break;
        case BPMN_ERROR:
                shape_mark(d, BOLT, x, y, scale, throws);
                break;
        case BPMN_ESCALATION:
                shape_mark(d, ARROW_UP, x, y, scale, throws);
                break;
        case BPMN_COMPENSATION:
                shape_mark(d, REWIND, x, y, scale, throws);
                break;
        case BPMN_CONDITIONAL:
                paper_mark(d, x, y, scale);
                break;
        case BPMN_LINK:
                shape_mark(d, ARROW_RIGHT, x, y, scale, throws);
                break;
        case BPMN_CANCEL:
                shape_mark(d, CROSS, x, y, scale, throws);
                break;
        case BPMN_TERMINATE:
                pen_circle(d, x, y, 9.4 * scale);
                pen_ink(d, SOLID(DRAW_INK));
                break;
        case BPMN_MULTIPLE:
                shape_mark(d, f->all_triggers ? PLUS : PENTAGON, x, y, scale, throws);
                break;
        default:
                break;
        }
}

/* --- events and gateways ----------------------------------------------------------------------------------------------------- */

void event_draw(struct drawing *d, const struct bpmn_figure *f)
{
        double x = f->at.x + f->at.width / 2, y = f->at.y + f->at.height / 2, radius = fmin(f->at.width, f->at.height) / 2;
        bool middle = f->kind == BPMN_CATCH || f->kind == BPMN_THROW || f->kind == BPMN_BOUNDARY;
        struct ink ring = {.fill = f->kind == BPMN_START ? DRAW_SOFT : DRAW_SURFACE, .stroke = DRAW_INK, .width = 1.5};

        if (f->kind == BPMN_END)
                ring.width = 3.4;
        if (f->dashed) {
                ring.dash[0] = 4;
                ring.dash[1] = 2.6;
        }
        pen_circle(d, x, y, radius - ring.width / 2);
        pen_ink(d, ring);
        if (middle) {
                ring.fill = DRAW_NONE;
                pen_circle(d, x, y, radius - 3.6);
                pen_ink(d, ring);
        }
        trigger_mark(d, f, x, y, radius / 18);
}

static void cross_mark(struct drawing *d, double x, double y, double reach, bool straight)
{
        double a = straight ? reach : reach * 0.74;

        if (straight) {
                pen_move(d, x - a, y);
                pen_line(d, x + a, y);
                pen_move(d, x, y - a);
                pen_line(d, x, y + a);
        } else {
                pen_move(d, x - a, y - a);
                pen_line(d, x + a, y + a);
                pen_move(d, x + a, y - a);
                pen_line(d, x - a, y + a);
        }
        pen_ink(d, STROKE(3));
}

void gateway_draw(struct drawing *d, const struct bpmn_figure *f)
{
        double x = f->at.x + f->at.width / 2, y = f->at.y + f->at.height / 2, r = fmin(f->at.width, f->at.height) / 4;

        pen_move(d, x, f->at.y);
        pen_line(d, f->at.x + f->at.width, y);
        pen_line(d, x, f->at.y + f->at.height);
        pen_line(d, f->at.x, y);
        pen_close(d);
        pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1.5});
        if (f->kind == BPMN_EXCLUSIVE && f->marked)
                cross_mark(d, x, y, r * 0.9, false);
        if (f->kind == BPMN_PARALLEL || f->kind == BPMN_COMPLEX)
                cross_mark(d, x, y, r * 1.05, true);
        if (f->kind == BPMN_COMPLEX)
                cross_mark(d, x, y, r * 1.05, false);
        if (f->kind == BPMN_INCLUSIVE) {
                pen_circle(d, x, y, r * 0.92);
                pen_ink(d, STROKE(2.6));
        }
        if (f->kind != BPMN_EVENT_GATEWAY)
                return;
        pen_circle(d, x, y, r * 1.12);
        pen_ink(d, STROKE(1.1));
        if (!f->begins) {
                pen_circle(d, x, y, r * 0.92);
                pen_ink(d, STROKE(1.1));
        }
        shape_mark(d, PENTAGON, x, y, r / 17, false);
}

/* --- activities -------------------------------------------------------------------------------------------------------------- */

static void user_mark(struct drawing *d, double x, double y)
{
        pen_shape(d, "M -6.5 7 L -6.5 4.4 C -6.5 1.6 -4.4 0.4 -2.6 0 L 2.6 0 C 4.4 0.4 6.5 1.6 6.5 4.4 L 6.5 7 Z", x, y, 1);
        pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1});
        pen_circle(d, x, y - 3.4, 3.5);
        pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1});
}

static void gear_mark(struct drawing *d, double x, double y)
{
        for (int i = 0; i < 32; i++) {
                double a = (i + 0.5) * M_PI / 16, r = i % 4 < 2 ? 7.2 : 5.2;
                if (i == 0)
                        pen_move(d, x + cos(a) * r, y + sin(a) * r);
                else
                        pen_line(d, x + cos(a) * r, y + sin(a) * r);
        }
        pen_close(d);
        pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1});
        pen_circle(d, x, y, 2.4);
        pen_ink(d, STROKE(1));
}

static void kind_mark(struct drawing *d, const struct bpmn_figure *f)
{
        double x = f->at.x + 13, y = f->at.y + 13;

        switch (f->kind) {
        case BPMN_USER_TASK:
                user_mark(d, x, y);
                break;
        case BPMN_SERVICE_TASK:
                gear_mark(d, x, y);
                break;
        case BPMN_SEND_TASK:
        case BPMN_RECEIVE_TASK:
                envelope_mark(d, x, y, 0.85, f->kind == BPMN_SEND_TASK);
                break;
        case BPMN_SCRIPT_TASK:
                pen_shape(d, "M -3 -7 L 6.5 -7 C 2 -3.5 8.5 2.5 4 7 L -5.5 7 C -1 2.5 -7.5 -3.5 -3 -7 Z", x, y, 1);
                pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1});
                pen_shape(d, "M -2.4 -4 L 3 -4 M -2 -1.2 L 3.2 -1.2 M -1.4 1.6 L 4 1.6 M -2 4.4 L 3.4 4.4", x, y, 1);
                pen_ink(d, STROKE(0.8));
                break;
        case BPMN_RULE_TASK:
                pen_shape(d, "M -8 -6 L 8 -6 L 8 -2.4 L -8 -2.4 Z", x, y, 1);
                pen_ink(d, (struct ink){.fill = DRAW_LINE, .stroke = DRAW_INK, .width = 0.9});
                pen_shape(d, "M -8 -2.4 L 8 -2.4 L 8 6 L -8 6 Z M -8 1.8 L 8 1.8 M -3 -2.4 L -3 6", x, y, 1);
                pen_ink(d, STROKE(0.9));
                break;
        case BPMN_MANUAL_TASK:
                pen_shape(d,
                          "M -8 -1 C -7 -3 -4.5 -5.8 -3 -6 L 1 -6 C 2.6 -6 2.6 -3.8 1 -3.8 L -1 -3.8 L 7 -3.8 C 8.6 -3.8 8.6 "
                          "-1.8 7 -1.8 "
                          "L 7.6 -1.8 C 9 -1.8 9 0.4 7.6 0.4 L 6.8 0.4 C 8.2 0.4 8.2 2.6 6.8 2.6 L 5.8 2.6 C 7 2.6 7 4.8 5.8 "
                          "4.8 L -3 4.8 "
                          "C -5 4.8 -7 3.6 -8 2.4 Z",
                          x, y, 1);
                pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1});
                break;
        default:
                break;
        }
}

static void repeat_mark(struct drawing *d, enum bpmn_repeat repeat, double x, double y)
{
        if (repeat == BPMN_LOOP) {
                pen_shape(d, "M -3.6 5 C -8.6 1.6 -6 -6.2 0 -6.2 C 7.2 -6.2 8.2 3.4 2.4 5.4 M -7.2 5 L -3.4 5 L -3.4 1", x, y,
                          1);
                pen_ink(d, STROKE(1.3));
        }
        for (int i = -1; i <= 1 && (repeat == BPMN_SIDE_BY_SIDE || repeat == BPMN_ONE_BY_ONE); i++) {
                if (repeat == BPMN_SIDE_BY_SIDE) {
                        pen_move(d, x + 4 * i, y - 6);
                        pen_line(d, x + 4 * i, y + 6);
                } else {
                        pen_move(d, x - 6, y + 4 * i);
                        pen_line(d, x + 6, y + 4 * i);
                }
        }
        if (repeat == BPMN_SIDE_BY_SIDE || repeat == BPMN_ONE_BY_ONE)
                pen_ink(d, STROKE(2));
}

/* Side by side at the bottom: how it repeats, compensation, ad hoc, and the cross of what is folded. */
static int bottom_marks(struct drawing *d, const struct bpmn_figure *f)
{
        bool sub = f->kind >= BPMN_SUB_PROCESS && f->kind <= BPMN_AD_HOC, folded = sub && !f->expanded;
        int count = (f->repeat != BPMN_ONCE) + f->compensation + (f->kind == BPMN_AD_HOC) + folded;
        double x = f->at.x + f->at.width / 2 - 9.0 * (count - 1), y = f->at.y + f->at.height - 10;

        if (f->repeat != BPMN_ONCE) {
                repeat_mark(d, f->repeat, x, y);
                x += 18;
        }
        if (f->compensation) {
                shape_mark(d, REWIND, x, y, 0.8, false);
                x += 18;
        }
        if (folded) {
                pen_box(d, x - 7, y - 7, 14, 14, 0);
                pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1.1});
                pen_shape(d, "M -4.6 0 L 4.6 0 M 0 -4.6 L 0 4.6", x, y, 1);
                pen_ink(d, STROKE(1.3));
                x += 18;
        }
        if (f->kind == BPMN_AD_HOC) {
                pen_shape(d, "M -7 2.4 C -5 -4.6 -1 -3 0.6 -0.2 C 2 2.6 5 3.4 7 -2.6", x, y, 1);
                pen_ink(d, STROKE(1.7));
        }
        return count;
}

static void activity_label(struct drawing *d, const struct bpmn_figure *f, enum lang lang, bool marked, bool bottom)
{
        double size = 12.5, pad = marked && f->at.height < 60 ? 24 : 7, width = f->at.width - 2 * pad;
        double room = f->at.height - (bottom ? 24 : 8) - (marked ? 8 : 0);
        struct lines l;

        if (f->expanded && f->holder) {
                l = text_lines(f->title[lang], f->at.width - 20, size);
                lines_put(d, &l, f->at.x + f->at.width / 2, f->at.y + 7, size, DRAW_INK);
                return;
        }
        for (;; size -= 0.5) {
                l = text_lines(f->title[lang], width, size);
                if ((!l.cut && l.count * size * LINE_HEIGHT <= room && l.width <= width + 0.5) || size <= 7)
                        break;
        }
        double height = l.count * size * LINE_HEIGHT, middle = f->at.y + f->at.height / 2 + (marked ? 5 : 0) - (bottom ? 8 : 0);
        lines_put(d, &l, f->at.x + f->at.width / 2, middle - height / 2, size, DRAW_INK);
}

void activity_draw(struct drawing *d, const struct bpmn_figure *f, enum lang lang)
{
        struct ink frame = {.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1.5};
        bool typed = f->kind >= BPMN_USER_TASK && f->kind <= BPMN_RULE_TASK;

        if (f->kind == BPMN_USER_TASK || f->kind == BPMN_MANUAL_TASK)
                frame.fill = DRAW_SOFT;
        if (f->kind == BPMN_CALL)
                frame.width = 3.6;
        if (f->dashed) {
                frame.dash[0] = 2.4;
                frame.dash[1] = 3;
        }
        pen_box(d, f->at.x, f->at.y, f->at.width, f->at.height, 9);
        pen_ink(d, frame);
        if (f->kind == BPMN_TRANSACTION) {
                pen_box(d, f->at.x + 3, f->at.y + 3, f->at.width - 6, f->at.height - 6, 7);
                pen_ink(d, STROKE(1.2));
        }
        kind_mark(d, f);
        int marks = bottom_marks(d, f);
        activity_label(d, f, lang, typed, marks > 0);
}

/* --- pools, lanes, artefacts --------------------------------------------------------------------------------------------------- */

static void band_draw(struct drawing *d, const struct bpmn_figure *f, enum lang lang)
{
        double size = f->shape == BPMN_SHAPE_POOL ? 13 : 12, band = 30;
        struct bpmn_bounds b = f->at;

        pen_box(d, b.x, b.y, b.width, b.height, 0);
        pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_QUIET, .width = 1.2});
        pen_box(d, b.x, b.y, f->vertical ? b.width : band, f->vertical ? band : b.height, 0);
        pen_ink(d, (struct ink){.fill = DRAW_BAND, .stroke = DRAW_QUIET, .width = 1.2});
        struct lines l = text_lines(f->title[lang], (f->vertical ? b.width : b.height) - 10, size);
        while (l.count > 2 && size > 8)
                l = text_lines(f->title[lang], (f->vertical ? b.width : b.height) - 10, size -= 0.5);
        if (f->vertical) {
                lines_put(d, &l, b.x + b.width / 2, b.y + (band - l.count * size * LINE_HEIGHT) / 2, size, DRAW_INK);
                return;
        }
        for (int i = 0; i < l.count; i++) {
                text_put(d, l.line[i], b.x + band / 2, b.y + b.height / 2, size, DRAW_INK, false);
                if (d->failed)
                        return;
                struct drawing_op *op = &d->ops[d->count - 1];
                op->upright = true;
                op->x = b.x + band / 2 + size * 0.36 + (i - (l.count - 1) / 2.0) * size * LINE_HEIGHT;
        }
}

static void annotation_draw(struct drawing *d, const struct bpmn_figure *f, enum lang lang)
{
        double size = 12;
        struct lines l = text_lines(f->title[lang], f->at.width - 10, size);

        while ((l.cut || l.count * size * LINE_HEIGHT > f->at.height) && size > 7)
                l = text_lines(f->title[lang], f->at.width - 10, size -= 0.5);
        pen_move(d, f->at.x + 12, f->at.y);
        pen_line(d, f->at.x, f->at.y);
        pen_line(d, f->at.x, f->at.y + f->at.height);
        pen_line(d, f->at.x + 12, f->at.y + f->at.height);
        pen_ink(d, (struct ink){.stroke = DRAW_QUIET, .width = 1.2});
        for (int i = 0; i < l.count; i++) {
                text_put(d, l.line[i], f->at.x + f->at.width / 2, f->at.y + 2 + size * LINE_HEIGHT * i + size, size, DRAW_QUIET,
                         false);
                if (d->failed)
                        return;
                d->ops[d->count - 1].left = true;
                d->ops[d->count - 1].x = f->at.x + 6;
        }
}

static void data_draw(struct drawing *d, const struct bpmn_figure *f)
{
        struct bpmn_bounds b = f->at;
        double fold = fmin(12, b.width / 3), x = b.x + b.width / 2;

        pen_move(d, b.x, b.y);
        pen_line(d, b.x + b.width - fold, b.y);
        pen_line(d, b.x + b.width, b.y + fold);
        pen_line(d, b.x + b.width, b.y + b.height);
        pen_line(d, b.x, b.y + b.height);
        pen_close(d);
        pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1.3});
        pen_move(d, b.x + b.width - fold, b.y);
        pen_line(d, b.x + b.width - fold, b.y + fold);
        pen_line(d, b.x + b.width, b.y + fold);
        pen_ink(d, STROKE(1.1));
        for (int i = -1; i <= 1 && f->collection; i++) {
                pen_move(d, x + 4 * i, b.y + b.height - 11);
                pen_line(d, x + 4 * i, b.y + b.height - 3);
        }
        if (f->collection)
                pen_ink(d, STROKE(1.6));
}

static void store_draw(struct drawing *d, const struct bpmn_figure *f)
{
        struct bpmn_bounds b = f->at;
        double rim = b.height * 0.12, right = b.x + b.width;

        pen_move(d, b.x, b.y + rim);
        pen_curve(d, b.x, b.y - rim * 0.3, right, b.y - rim * 0.3, right, b.y + rim);
        pen_line(d, right, b.y + b.height - rim);
        pen_curve(d, right, b.y + b.height + rim * 0.3, b.x, b.y + b.height + rim * 0.3, b.x, b.y + b.height - rim);
        pen_close(d);
        pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_INK, .width = 1.3});
        for (int i = 0; i < 3; i++) {
                double y = b.y + rim + i * rim * 0.8;
                pen_move(d, b.x, y);
                pen_curve(d, b.x, y + rim * 1.3, right, y + rim * 1.3, right, y);
        }
        pen_ink(d, STROKE(1.1));
}

void artefact_draw(struct drawing *d, const struct bpmn_figure *f, enum lang lang)
{
        switch (f->shape) {
        case BPMN_SHAPE_POOL:
        case BPMN_SHAPE_LANE:
                band_draw(d, f, lang);
                break;
        case BPMN_SHAPE_ANNOTATION:
                annotation_draw(d, f, lang);
                break;
        case BPMN_SHAPE_DATA:
                data_draw(d, f);
                break;
        case BPMN_SHAPE_STORE:
                store_draw(d, f);
                break;
        default:
                pen_box(d, f->at.x, f->at.y, f->at.width, f->at.height, 9);
                pen_ink(d, (struct ink){.stroke = DRAW_QUIET, .width = 1.3, .dash = {8, 4}});
                break;
        }
}

/* --- lines ----------------------------------------------------------------------------------------------------------------------- */

/* A head that points from `from` to `to`. open: a stroked angle, else a triangle. */
static void head_draw(struct drawing *d, struct bpmn_point from, struct bpmn_point to, bool open, struct ink ink)
{
        double angle = atan2(to.y - from.y, to.x - from.x), length = 9.5, spread = 0.42;
        struct bpmn_point a = {to.x - length * cos(angle - spread), to.y - length * sin(angle - spread)};
        struct bpmn_point b = {to.x - length * cos(angle + spread), to.y - length * sin(angle + spread)};

        pen_move(d, a.x, a.y);
        pen_line(d, to.x, to.y);
        pen_line(d, b.x, b.y);
        if (!open)
                pen_close(d);
        pen_ink(d, ink);
}

static void tail_draw(struct drawing *d, const struct bpmn_line *l)
{
        struct bpmn_point a = l->points[0], b = l->points[1];
        double angle = atan2(b.y - a.y, b.x - a.x), c = cos(angle), s = sin(angle);

        if (l->kind == BPMN_LINE_MESSAGE) {
                pen_circle(d, a.x + 4 * c, a.y + 4 * s, 4);
                pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_LINE, .width = 1.2});
        }
        if (l->conditional) {
                pen_move(d, a.x, a.y);
                pen_line(d, a.x + 7 * c - 4 * s, a.y + 7 * s + 4 * c);
                pen_line(d, a.x + 14 * c, a.y + 14 * s);
                pen_line(d, a.x + 7 * c + 4 * s, a.y + 7 * s - 4 * c);
                pen_close(d);
                pen_ink(d, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_LINE, .width = 1.2});
        }
        if (l->usual) {
                double x = a.x + 9 * c, y = a.y + 9 * s;
                pen_move(d, x + 3 * c - 5 * s, y + 3 * s + 5 * c);
                pen_line(d, x - 3 * c + 5 * s, y - 3 * s - 5 * c);
                pen_ink(d, (struct ink){.stroke = DRAW_LINE, .width = 1.4});
        }
}

/* Corners are rounded a little, as they are in editors. */
static void run_draw(struct drawing *d, const struct bpmn_line *l)
{
        pen_move(d, l->points[0].x, l->points[0].y);
        for (size_t i = 1; i + 1 < l->count; i++) {
                struct bpmn_point a = l->points[i - 1], b = l->points[i], c = l->points[i + 1];
                double before = hypot(b.x - a.x, b.y - a.y), after = hypot(c.x - b.x, c.y - b.y);
                double r = fmin(6, fmin(before, after) / 2);
                if (before < 0.01 || after < 0.01)
                        continue;
                pen_line(d, b.x - (b.x - a.x) / before * r, b.y - (b.y - a.y) / before * r);
                pen_curve(d, b.x, b.y, b.x, b.y, b.x + (c.x - b.x) / after * r, b.y + (c.y - b.y) / after * r);
        }
        pen_line(d, l->points[l->count - 1].x, l->points[l->count - 1].y);
}

void line_draw(struct drawing *d, const struct bpmn_line *l)
{
        struct ink ink = {.stroke = DRAW_LINE, .width = 1.4};
        struct bpmn_point before = l->points[l->count - 2], end = l->points[l->count - 1];

        if (l->kind == BPMN_LINE_MESSAGE) {
                ink.dash[0] = 7;
                ink.dash[1] = 4;
        } else if (l->kind != BPMN_LINE_SEQUENCE) {
                ink.dash[0] = 1.6;
                ink.dash[1] = 3.2;
        }
        run_draw(d, l);
        pen_ink(d, ink);
        if (l->kind == BPMN_LINE_SEQUENCE)
                head_draw(d, before, end, false, (struct ink){.fill = DRAW_LINE});
        else if (l->kind == BPMN_LINE_MESSAGE)
                head_draw(d, before, end, false, (struct ink){.fill = DRAW_SURFACE, .stroke = DRAW_LINE, .width = 1.2});
        else if (l->arrow)
                head_draw(d, before, end, true, (struct ink){.stroke = DRAW_LINE, .width = 1.3});
        tail_draw(d, l);
}
