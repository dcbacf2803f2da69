/* SPDX-License-Identifier: Apache-2.0 */
#include "office/letter/picture.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

#define SEAL_RED 0.80, 0.06, 0.08, 0.82

static PangoLayout *glyph_layout(PangoContext *context, const char *family, const char *text, double size)
{
        PangoLayout *layout = pango_layout_new(context);
        PangoFontDescription *font = pango_font_description_new();

        pango_font_description_set_family(font, family);
        pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
        pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
        pango_layout_set_font_description(layout, font);
        pango_font_description_free(font);
        pango_layout_set_text(layout, text, -1);
        return layout;
}

/* Text with its middle at the origin, squeezed to at most `width`. */
static void outline(cairo_t *cr, PangoContext *context, const char *family, const char *text, double size, double width)
{
        PangoLayout *layout = glyph_layout(context, family, text, size);
        PangoRectangle ink, logical;

        pango_layout_get_extents(layout, &ink, &logical);
        double w = (double)logical.width / PANGO_SCALE, h = (double)logical.height / PANGO_SCALE;
        cairo_save(cr);
        cairo_scale(cr, w > width ? width / w : 1, 1);
        cairo_move_to(cr, -w / 2, -h / 2);
        pango_cairo_layout_path(cr, layout);
        cairo_restore(cr);
        cairo_fill(cr);
        g_object_unref(layout);
}

static void star_draw(cairo_t *cr, double radius)
{
        cairo_new_path(cr);
        for (int i = 0; i < 10; i++) {
                double r = i % 2 == 0 ? radius : radius * 0.382, a = -M_PI / 2 + i * M_PI / 5;
                cairo_line_to(cr, r * cos(a), r * sin(a));
        }
        cairo_close_path(cr);
        cairo_fill(cr);
}

/* The name from left below over the top to right below, its characters evenly along the rim. */
static void rim_draw(cairo_t *cr, PangoContext *context, const char *family, const char *name, double radius)
{
        struct str s = str_from(name);
        size_t count = utf8_length(s), at = 0;
        double arc = fmin((double)count * 0.42, 1.5 * M_PI), step = count > 1 ? arc / (double)(count - 1) : 0;
        double size = fmin(radius * 0.26, count > 1 ? step * radius * 0.84 : radius * 0.26), middle = radius * 0.79;

        for (size_t i = 0; i < count; i++) {
                char one[8];
                size_t before = at;
                if (utf8_next(s, &at) < 0)
                        return;
                text_copy(one, sizeof one, (struct str){s.p + before, at - before});
                double a = -M_PI / 2 - arc / 2 + (double)i * step;
                cairo_save(cr);
                cairo_translate(cr, middle * cos(a), middle * sin(a));
                cairo_rotate(cr, a + M_PI / 2);
                outline(cr, context, family, one, size, size * 1.1);
                cairo_restore(cr);
        }
}

void seal_draw(cairo_t *cr, PangoContext *context, const char *family, const char *name, const char *kind, double x, double y,
               double radius)
{
        cairo_save(cr);
        cairo_translate(cr, x, y);
        cairo_set_source_rgba(cr, SEAL_RED);
        cairo_set_line_width(cr, radius * 0.055);
        cairo_new_path(cr);
        cairo_arc(cr, 0, 0, radius * 0.97, 0, 2 * M_PI);
        cairo_stroke(cr);
        star_draw(cr, radius * 0.3);
        rim_draw(cr, context, family, name, radius);
        if (kind[0] != '\0') {
                cairo_translate(cr, 0, radius * 0.62);
                outline(cr, context, family, kind, radius * 0.17, radius * 1.1);
        }
        cairo_restore(cr);
}
