/* SPDX-License-Identifier: Apache-2.0
 *
 * A drawing as SVG that stands in a page: no style sheet, no script, numbers with at most two decimals.
 */
#include "office/drawing/internal.h"

#include "base/xml.h"

static void number(struct buf *out, double v)
{
        char text[32];

        text_format(text, sizeof text, "%.2f", v);
        struct str s = str_from(text);
        while (s.n > 0 && s.p[s.n - 1] == '0')
                s.n--;
        if (s.n > 0 && s.p[s.n - 1] == '.')
                s.n--;
        if (str_is(s, "-0"))
                s = STR("0");
        buf_add_str(out, s);
}

static void attribute(struct buf *out, const char *name, double v)
{
        buf_add_format(out, " %s=\"", name);
        number(out, v);
        buf_add_char(out, '"');
}

static void path_put(struct buf *out, const struct drawing *d, const struct drawing_op *op)
{
        static const int POINTS[] = {['M'] = 2, ['L'] = 2, ['C'] = 6, ['Z'] = 0};
        double x, y;

        drawing_origin(d, &x, &y);
        buf_add_format(out, "<path class=\"d-%s-%s\" fill=\"%s\" d=\"", drawing_colour(op->fill)->name,
                       drawing_colour(op->stroke)->name, drawing_colour(op->fill)->web);
        for (size_t i = 0; i < op->count; i++) {
                const struct drawing_segment *s = drawing_segment(d, op->first + i);
                buf_add_char(out, s->op);
                for (int k = 0; k < POINTS[(unsigned char)s->op]; k++) {
                        if (k > 0)
                                buf_add_char(out, ' ');
                        number(out, s->p[k] - (k % 2 == 0 ? x : y));
                }
        }
        buf_add_char(out, '"');
        if (op->stroke != DRAW_NONE) {
                buf_add_format(out, " stroke=\"%s\" stroke-linejoin=\"round\"", drawing_colour(op->stroke)->web);
                attribute(out, "stroke-width", op->width);
                if (op->dash[0] > 0) {
                        buf_add_text(out, " stroke-dasharray=\"");
                        number(out, op->dash[0]);
                        buf_add_char(out, ' ');
                        number(out, op->dash[1]);
                        buf_add_char(out, '"');
                }
        }
        buf_add_text(out, "/>");
}

static void text_set(struct buf *out, const struct drawing *d, const struct drawing_op *op)
{
        double x, y;

        drawing_origin(d, &x, &y);
        buf_add_text(out, "<text");
        attribute(out, "x", op->x - x);
        attribute(out, "y", op->y - y);
        attribute(out, "font-size", op->size);
        buf_add_format(out, " text-anchor=\"%s\" class=\"d-%s\" fill=\"%s\"", op->left ? "start" : "middle",
                       drawing_colour(op->fill)->name, drawing_colour(op->fill)->web);
        if (op->upright) {
                buf_add_text(out, " transform=\"rotate(-90 ");
                number(out, op->x - x);
                buf_add_char(out, ' ');
                number(out, op->y - y);
                buf_add_text(out, ")\"");
        }
        buf_add_char(out, '>');
        xml_put_text(out, str_from(op->text));
        buf_add_text(out, "</text>");
}

/* The figure that begins at operation i holds words of its own; those of events and gateways stand beside them. */
static bool figure_speaks(const struct drawing *d, size_t i)
{
        const struct drawing_op *op;

        while ((op = drawing_op(d, ++i)) != NULL && op->kind != DRAWING_END)
                if (op->kind == DRAWING_TEXT)
                        return true;
        return false;
}

void drawing_svg(struct buf *out, const struct drawing *d, const char *title, const char *link)
{
        const struct drawing_op *op;
        double width, height;

        drawing_size(d, &width, &height);
        buf_add_format(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"drawing%s\" role=\"%s\"",
                       width > 1500 ? " wide" : "", link == NULL ? "img" : "group");
        attribute(out, "width", width);
        attribute(out, "height", height);
        buf_add_text(out, " viewBox=\"0 0 ");
        number(out, width);
        buf_add_char(out, ' ');
        number(out, height);
        buf_add_text(out, "\"><title>");
        xml_put_text(out, str_from(title));
        buf_add_text(out, "</title>");
        for (size_t i = 0; (op = drawing_op(d, i)) != NULL; i++)
                if (op->kind == DRAWING_PATH)
                        path_put(out, d, op);
                else if (op->kind == DRAWING_TEXT)
                        text_set(out, d, op);
                else if (op->kind == DRAWING_BEGIN) {
                        buf_add_text(out, link == NULL ? "<g" : "<a");
                        if (link != NULL) {
                                struct buf target;
                                buf_init(&target, 1000);
                                buf_add_format(&target, "%s%s", link, op->text);
                                xml_put_attr(out, "href", str_from(buf_text(&target)));
                                buf_dispose(&target);
                                if (!figure_speaks(d, i))
                                        xml_put_attr(out, "aria-label", str_from(op->said));
                        }
                        xml_put_attr(out, "data-node", str_from(op->text));
                        buf_add_char(out, '>');
                } else
                        buf_add_text(out, link == NULL ? "</g>" : "</a>");
        buf_add_text(out, "</svg>");
}
