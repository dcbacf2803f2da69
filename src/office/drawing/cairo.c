/* SPDX-License-Identifier: Apache-2.0 */
#include "office/drawing/cairo.h"

static void paint_set(cairo_t *cr, enum drawing_paint paint)
{
        const struct drawing_colour *c = drawing_colour(paint);

        cairo_set_source_rgb(cr, c->r, c->g, c->b);
}

static void path_put(cairo_t *cr, const struct drawing *d, const struct drawing_op *op, double x, double y)
{
        cairo_new_path(cr);
        for (size_t i = 0; i < op->count; i++) {
                const struct drawing_segment *s = drawing_segment(d, op->first + i);
                if (s->op == 'M')
                        cairo_move_to(cr, s->p[0] - x, s->p[1] - y);
                else if (s->op == 'L')
                        cairo_line_to(cr, s->p[0] - x, s->p[1] - y);
                else if (s->op == 'C')
                        cairo_curve_to(cr, s->p[0] - x, s->p[1] - y, s->p[2] - x, s->p[3] - y, s->p[4] - x, s->p[5] - y);
                else
                        cairo_close_path(cr);
        }
        if (op->fill != DRAW_NONE) {
                paint_set(cr, op->fill);
                cairo_fill_preserve(cr);
        }
        if (op->stroke != DRAW_NONE) {
                paint_set(cr, op->stroke);
                cairo_set_line_width(cr, op->width);
                cairo_set_dash(cr, op->dash, op->dash[0] > 0 ? 2 : 0, 0);
                cairo_stroke_preserve(cr);
        }
        cairo_new_path(cr);
}

struct type {
        cairo_t *cr;
        PangoLayout *layout;
        PangoFontDescription *font;
};

static void text_set(struct type *t, const struct drawing_op *op, double x, double y, bool *missing)
{
        int width, height;

        pango_font_description_set_absolute_size(t->font, op->size * PANGO_SCALE);
        pango_font_description_set_weight(t->font, op->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
        pango_layout_set_font_description(t->layout, t->font);
        pango_layout_set_text(t->layout, op->text, -1);
        *missing = *missing || pango_layout_get_unknown_glyphs_count(t->layout) > 0;
        pango_layout_get_size(t->layout, &width, &height);
        cairo_save(t->cr);
        cairo_translate(t->cr, op->x - x, op->y - y);
        if (op->upright)
                cairo_rotate(t->cr, -1.5707963267948966);
        cairo_move_to(t->cr, op->left ? 0 : -(double)width / PANGO_SCALE / 2,
                      -(double)pango_layout_get_baseline(t->layout) / PANGO_SCALE);
        paint_set(t->cr, op->fill);
        pango_cairo_show_layout(t->cr, t->layout);
        cairo_restore(t->cr);
}

void drawing_cairo(cairo_t *cr, PangoContext *fonts, const char *family, const struct drawing *d, bool *missing)
{
        struct type t = {.cr = cr, .layout = pango_layout_new(fonts), .font = pango_font_description_new()};
        const struct drawing_op *op;
        double x, y;

        drawing_origin(d, &x, &y);
        pango_font_description_set_family(t.font, family);
        cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
        for (size_t i = 0; (op = drawing_op(d, i)) != NULL; i++)
                if (op->kind == DRAWING_PATH)
                        path_put(cr, d, op, x, y);
                else if (op->kind == DRAWING_TEXT)
                        text_set(&t, op, x, y, missing);
        pango_font_description_free(t.font);
        g_object_unref(t.layout);
}
