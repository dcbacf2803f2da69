/* SPDX-License-Identifier: Apache-2.0 */
#include "office/letter/letter.h"
#include "office/letter/picture.h"

#include <assert.h>
#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

/* A4 in points, margins after GB/T 9704 (党政机关公文格式): top 37 mm, left 28 mm, right 26 mm, bottom 35 mm. */
#define MM (72.0 / 25.4)
#define PAGE_WIDTH (210 * MM)
#define PAGE_HEIGHT (297 * MM)
#define LEFT (27 * MM)
#define RIGHT (PAGE_WIDTH - 25 * MM)
#define TOP (26 * MM)
#define BOTTOM (PAGE_HEIGHT - 26 * MM)
#define WIDTH (RIGHT - LEFT)

/* One family: each face of a CJK font that a PDF holds costs a quarter of a megabyte. */
#define SERIF "Noto Serif CJK SC"
#define SANS SERIF
#define PDF_MAX ((size_t)16 << 20)

struct colour {
        double r, g, b, a;
};
static const struct colour INK = {0.10, 0.10, 0.12, 1}, QUIET = {0.38, 0.38, 0.42, 1}, RED = {0.76, 0.05, 0.07, 1},
                           STAMP = {0.76, 0.05, 0.07, 0.13}, RULE = {0.55, 0.55, 0.58, 1}, SHADE = {0.955, 0.950, 0.940, 1};

struct page {
        const struct letter *letter;
        cairo_surface_t *surface;
        cairo_t *cr;
        PangoFontMap *fonts;
        PangoContext *context;
        double y;
        int number, total; /* total 0: still counting */
        bool missing;      /* a glyph that no font has */
};

static void colour_set(cairo_t *cr, struct colour c)
{
        cairo_set_source_rgba(cr, c.r, c.g, c.b, c.a);
}

struct style {
        const char *family;
        double size, leading; /* points; leading a factor */
        bool bold;
        PangoAlignment align;
        double indent;  /* first line, points */
        double spacing; /* between letters, points */
        struct colour colour;
};

static PangoLayout *layout_new(struct page *p, const char *text, const struct style *s, double width)
{
        PangoLayout *layout = pango_layout_new(p->context);
        PangoFontDescription *font = pango_font_description_new();
        PangoAttrList *attributes = pango_attr_list_new();

        pango_font_description_set_family(font, s->family);
        pango_font_description_set_absolute_size(font, s->size * PANGO_SCALE);
        pango_font_description_set_weight(font, s->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
        pango_layout_set_font_description(layout, font);
        pango_font_description_free(font);
        pango_attr_list_insert(
            attributes, pango_attr_language_new(pango_language_from_string(p->letter->lang == LANG_EN ? "en" : "zh-cn")));
        if (s->spacing != 0)
                pango_attr_list_insert(attributes, pango_attr_letter_spacing_new((int)(s->spacing * PANGO_SCALE)));
        pango_layout_set_attributes(layout, attributes);
        pango_attr_list_unref(attributes);
        pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
        pango_layout_set_alignment(layout, s->align);
        pango_layout_set_indent(layout, (int)(s->indent * PANGO_SCALE));
        pango_layout_set_line_spacing(layout, (float)s->leading);
        pango_layout_set_text(layout, text, -1);
        p->missing = p->missing || pango_layout_get_unknown_glyphs_count(layout) > 0;
        return layout;
}

static double layout_height(PangoLayout *layout)
{
        int height;

        pango_layout_get_size(layout, NULL, &height);
        return (double)height / PANGO_SCALE;
}

static void layout_show(struct page *p, PangoLayout *layout, double x, double y, struct colour c)
{
        colour_set(p->cr, c);
        cairo_move_to(p->cr, x, y);
        pango_cairo_update_layout(p->cr, layout);
        pango_cairo_show_layout(p->cr, layout);
}

/* Set text at (x, y) in a width; answers its height. */
static double text_at(struct page *p, const char *text, const struct style *s, double x, double y, double width)
{
        PangoLayout *layout = layout_new(p, text, s, width);
        double height = layout_height(layout);

        layout_show(p, layout, x, y, s->colour);
        g_object_unref(layout);
        return height;
}

static void line(struct page *p, double x1, double y1, double x2, double y2, double width, struct colour c)
{
        colour_set(p->cr, c);
        cairo_set_line_width(p->cr, width);
        cairo_move_to(p->cr, x1, y1);
        cairo_line_to(p->cr, x2, y2);
        cairo_stroke(p->cr);
}

/* --- pages ------------------------------------------------------------------------------------------------------------------ */

static void stamp_put(struct page *p)
{
        struct style s = {
            .family = SANS, .size = 52, .leading = 1, .bold = true, .align = PANGO_ALIGN_CENTER, .spacing = 6, .colour = STAMP};

        if (!p->letter->stamp)
                return;
        cairo_save(p->cr);
        cairo_translate(p->cr, PAGE_WIDTH / 2, PAGE_HEIGHT / 2);
        cairo_rotate(p->cr, -M_PI / 5);
        text_at(p, p->letter->stamp, &s, -PAGE_WIDTH / 2, -70, PAGE_WIDTH);
        cairo_restore(p->cr);
}

static void foot_put(struct page *p)
{
        struct style s = {.family = SANS, .size = 8, .leading = 1, .align = PANGO_ALIGN_CENTER, .colour = QUIET};
        struct style left = s;
        char text[128];

        left.align = PANGO_ALIGN_LEFT;
        text_format(text, sizeof(text), "%d / %d", p->number, p->total);
        line(p, LEFT, PAGE_HEIGHT - 19 * MM, RIGHT, PAGE_HEIGHT - 19 * MM, 0.4, RULE);
        text_at(p, p->letter->number, &left, LEFT, PAGE_HEIGHT - 17.5 * MM, WIDTH);
        s.align = PANGO_ALIGN_RIGHT;
        text_at(p, text, &s, LEFT, PAGE_HEIGHT - 17.5 * MM, WIDTH);
        if (p->letter->stamp) {
                s.align = PANGO_ALIGN_CENTER;
                s.colour = RED;
                text_at(p, p->letter->stamp, &s, LEFT, PAGE_HEIGHT - 17.5 * MM, WIDTH);
        }
}

static void page_end(struct page *p)
{
        foot_put(p);
        stamp_put(p);
        cairo_show_page(p->cr);
}

static void page_begin(struct page *p)
{
        p->number++;
        p->y = TOP;
}

/* Room for `height` points, on a new page when this one has none. */
static void room(struct page *p, double height)
{
        if (p->y + height <= BOTTOM)
                return;
        page_end(p);
        page_begin(p);
}

/* --- pieces ------------------------------------------------------------------------------------------------------------------- */

static void head_put(struct page *p)
{
        const struct letter *l = p->letter;
        bool en = l->lang == LANG_EN;
        struct style body = {.family = SERIF,
                             .size = en ? 22 : 30,
                             .leading = 1.1,
                             .bold = true,
                             .align = PANGO_ALIGN_CENTER,
                             .spacing = en ? 0.5 : 4,
                             .colour = RED};
        struct style number = {.family = SERIF, .size = 11.5, .leading = 1.1, .align = PANGO_ALIGN_CENTER, .colour = INK};
        struct style title = {.family = SERIF,
                              .size = en ? 17 : 21,
                              .leading = 1.15,
                              .bold = true,
                              .align = PANGO_ALIGN_CENTER,
                              .spacing = en ? 0 : 2,
                              .colour = INK};
        /* A long name is set smaller, so that the head stays on one line. */
        while (body.size > 15) {
                PangoLayout *one = layout_new(p, l->body, &body, WIDTH);
                int lines = pango_layout_get_line_count(one);

                g_object_unref(one);
                if (lines == 1)
                        break;
                body.size -= 1;
                body.spacing *= 0.8;
        }
        p->y += text_at(p, l->body, &body, LEFT, p->y, WIDTH) + 10;
        p->y += text_at(p, l->number, &number, LEFT, p->y, WIDTH) + 9;
        line(p, LEFT, p->y, RIGHT, p->y, 2.4, RED);
        line(p, LEFT, p->y + 3.4, RIGHT, p->y + 3.4, 0.7, RED);
        p->y += 22;
        p->y += text_at(p, l->title, &title, LEFT, p->y, WIDTH) + 14;
}

static void paragraph(struct page *p, const char *text, bool indent)
{
        bool en = p->letter->lang == LANG_EN;
        struct style s = {.family = SERIF,
                          .size = en ? 10.5 : 11.5,
                          .leading = en ? 1.12 : 1.16,
                          .colour = INK,
                          .indent = indent && !en ? 23 : 0,
                          .align = PANGO_ALIGN_LEFT};
        PangoLayout *layout = layout_new(p, text, &s, WIDTH);
        double height = layout_height(layout);

        pango_layout_set_justify(layout, en ? FALSE : TRUE);
        room(p, height);
        layout_show(p, layout, LEFT, p->y, s.colour);
        g_object_unref(layout);
        p->y += height + (en ? 6 : 5);
}

struct cells {
        const struct letter_table *table;
        double size, pad;
};

static double cell_x(const struct letter_table *t, int column)
{
        int before = 0;

        for (int i = 0; i < column; i++)
                before += t->widths[i];
        return LEFT + WIDTH * before / 100.0;
}

static struct style cell_style(const struct cells *c, int column, bool strong, struct colour colour)
{
        return (struct style){.family = SANS,
                              .size = c->size,
                              .leading = 1.05,
                              .bold = strong,
                              .colour = colour,
                              .align = c->table->numbers >> column & 1 ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT};
}

static double row_height(struct page *p, const struct cells *c, const char *const *texts, bool strong)
{
        double height = 0;

        for (int i = 0; i < c->table->columns; i++) {
                struct style s = cell_style(c, i, strong, INK);
                PangoLayout *layout =
                    layout_new(p, texts[i] ? texts[i] : "", &s, WIDTH * c->table->widths[i] / 100.0 - 2 * c->pad);

                height = fmax(height, layout_height(layout));
                g_object_unref(layout);
        }
        return height + 2 * c->pad;
}

static void row_put(struct page *p, const struct cells *c, const char *const *texts, bool strong, struct colour colour,
                    bool shade)
{
        double height = row_height(p, c, texts, strong);

        room(p, height);
        if (shade) {
                colour_set(p->cr, SHADE);
                cairo_rectangle(p->cr, LEFT, p->y, WIDTH, height);
                cairo_fill(p->cr);
        }
        for (int i = 0; i < c->table->columns; i++) {
                struct style s = cell_style(c, i, strong, colour);
                text_at(p, texts[i] ? texts[i] : "", &s, cell_x(c->table, i) + c->pad, p->y + c->pad,
                        WIDTH * c->table->widths[i] / 100.0 - 2 * c->pad);
        }
        p->y += height;
        line(p, LEFT, p->y, RIGHT, p->y, 0.35, RULE);
}

static void table_put(struct page *p, const struct letter_table *t, double size)
{
        struct cells c = {.table = t, .size = size, .pad = size * 0.42};
        struct style title = {.family = SANS, .size = size + 0.5, .leading = 1, .bold = true, .colour = INK};

        if (t->row_count == 0)
                return;
        assert(t->columns > 0 && t->columns <= LETTER_CELLS && t->row_count <= LETTER_ROWS);
        p->y += 4;
        room(p, 70);
        if (t->title[0] != '\0')
                p->y += text_at(p, t->title, &title, LEFT, p->y, WIDTH) + 5;
        line(p, LEFT, p->y, RIGHT, p->y, 1.1, INK);
        row_put(p, &c, t->head, true, QUIET, true);
        for (int i = 0; i < t->row_count; i++)
                row_put(p, &c, t->rows[i], t->last_strong && i == t->row_count - 1, INK,
                        t->last_strong && i == t->row_count - 1);
        line(p, LEFT, p->y, RIGHT, p->y, 1.1, INK);
        p->y += 10;
}

static int code_put(struct page *p, double x, double y, double side, struct error *err)
{
        QRcode *code = QRcode_encodeString(p->letter->verify, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
        double cell;

        if (!code)
                return error_raise(err, SB_LETTER_PDF, "%s", "QR");
        cell = side / code->width;
        colour_set(p->cr, INK);
        for (int i = 0; i < code->width * code->width; i++)
                if (code->data[i] & 1)
                        cairo_rectangle(p->cr, x + i % code->width * cell, y + i / code->width * cell, cell, cell);
        cairo_fill(p->cr);
        QRcode_free(code);
        return 0;
}

/* The place of a seal that is put on by hand. */
static void place_put(struct page *p, double x, double y, double radius, double width)
{
        struct style seal = {.family = SANS, .size = 9, .leading = 1, .align = PANGO_ALIGN_CENTER, .colour = RULE};
        static const double dashes[] = {3, 3};

        cairo_save(p->cr);
        colour_set(p->cr, RULE);
        cairo_set_line_width(p->cr, 0.6);
        cairo_set_dash(p->cr, dashes, 2, 0);
        cairo_new_path(p->cr);
        cairo_arc(p->cr, x, y, radius, 0, 2 * M_PI);
        cairo_stroke(p->cr);
        cairo_restore(p->cr);
        text_at(p, p->letter->seal, &seal, x - width / 2, y - radius + 7 * MM, width);
}

/* Left the code to verify by, right who signs, the date, and the seal over both. */
static int end_put(struct page *p, struct error *err)
{
        const struct letter *l = p->letter;
        struct style sign = {.family = SERIF, .size = 12, .leading = 1.3, .align = PANGO_ALIGN_CENTER, .colour = INK};
        struct style small = {.family = SANS, .size = 7.6, .leading = 1.1, .align = PANGO_ALIGN_LEFT, .colour = QUIET};
        double width = 74 * MM, x = RIGHT - width, radius = 20 * MM, height = 46 * MM, side = 34 * MM, centre;
        int rc;

        room(p, height);
        p->y += 6;
        centre = p->y + radius;
        if (l->seal_name == NULL)
                place_put(p, x + width / 2, centre, radius, width);
        text_at(p, l->body, &sign, x, centre - 3 * MM, width);
        text_at(p, l->date, &sign, x, centre + 4.5 * MM, width);
        if (l->seal_name != NULL)
                seal_draw(p->cr, p->context, SERIF, l->seal_name, l->seal_kind, x + width / 2, centre, radius);
        rc = code_put(p, LEFT, p->y + 3 * MM, side, err);
        text_at(p, l->verify_text, &small, LEFT + side + 3 * MM, p->y + 4 * MM, WIDTH - width - side - 5 * MM);
        p->y += height;
        return rc;
}

static int letter_set(struct page *p, struct error *err)
{
        const struct letter *l = p->letter;

        p->number = 0;
        page_begin(p);
        head_put(p);
        paragraph(p, l->addressee, false);
        for (int i = 0; i < l->paragraph_count; i++)
                paragraph(p, l->paragraphs[i], true);
        table_put(p, &l->amounts, 10);
        for (int i = 0; i < l->between_count; i++)
                paragraph(p, l->between[i], true);
        table_put(p, &l->derivation, 8.4);
        for (int i = 0; i < l->closing_count; i++)
                paragraph(p, l->closing[i], true);
        if (end_put(p, err))
                return ERR;
        page_end(p);
        return 0;
}

static cairo_status_t bytes_add(void *ctx, const unsigned char *bytes, unsigned int n)
{
        buf_add(ctx, bytes, n);
        return ((struct buf *)ctx)->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static int pass(struct buf *out, const struct letter *l, int total, int *pages, struct error *err)
{
        struct page p = {.letter = l, .total = total};
        char day[16], made[48];
        cairo_status_t status;
        int rc;

        buf_clear(out);
        p.surface = cairo_pdf_surface_create_for_stream(bytes_add, out, PAGE_WIDTH, PAGE_HEIGHT);
        text_format(made, sizeof(made), "%sT00:00:00+08:00", day_text(l->day, day));
        cairo_pdf_surface_set_metadata(p.surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
        cairo_pdf_surface_set_metadata(p.surface, CAIRO_PDF_METADATA_MOD_DATE, made);
        cairo_pdf_surface_set_metadata(p.surface, CAIRO_PDF_METADATA_TITLE, l->title);
        cairo_pdf_surface_set_metadata(p.surface, CAIRO_PDF_METADATA_AUTHOR, l->body);
        cairo_pdf_surface_set_metadata(p.surface, CAIRO_PDF_METADATA_SUBJECT, l->number);
        cairo_pdf_surface_set_metadata(p.surface, CAIRO_PDF_METADATA_CREATOR, "shebao");
        p.cr = cairo_create(p.surface);
        p.fonts = pango_cairo_font_map_new();
        p.context = pango_font_map_create_context(p.fonts);
        pango_cairo_update_context(p.cr, p.context);
        rc = letter_set(&p, err);
        g_object_unref(p.context);
        g_object_unref(p.fonts);
        cairo_destroy(p.cr);
        cairo_surface_finish(p.surface);
        status = cairo_surface_status(p.surface);
        cairo_surface_destroy(p.surface);
        *pages = p.number;
        if (rc == 0 && p.missing)
                rc = error_raise(err, SB_LETTER_FONT, "%s", l->number);
        if (rc == 0 && status != CAIRO_STATUS_SUCCESS)
                rc = error_raise(err, SB_LETTER_PDF, "%s", cairo_status_to_string(status));
        return rc ? rc : buf_check(out, err);
}

int letter_pdf(struct buf *out, const struct letter *l, struct error *err)
{
        int pages = 0, rc;

        assert(l->paragraph_count <= LETTER_PARAGRAPHS && l->between_count <= LETTER_PARAGRAPHS &&
               l->closing_count <= LETTER_PARAGRAPHS);
        /* Once to count the pages, once with their number. */
        rc = pass(out, l, 1, &pages, err);
        if (rc == 0 && pages > 1)
                rc = pass(out, l, pages, &pages, err);
        return rc;
}
