/* SPDX-License-Identifier: Apache-2.0 */
#include "office/manual/pdf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MAX 14
#define RUNS_MAX 400
#define PAD 4.2

static const double TONES[][3] = {
    [TONE_INK] = {0.11, 0.14, 0.18},     [TONE_QUIET] = {0.36, 0.41, 0.46}, [TONE_ACCENT] = {0.059, 0.373, 0.384},
    [TONE_AMBER] = {0.56, 0.32, 0.0},    [TONE_RULE] = {0.80, 0.83, 0.86},  [TONE_SHADE] = {0.955, 0.962, 0.970},
    [TONE_PALE] = {0.992, 0.963, 0.900}, [TONE_WHITE] = {1, 1, 1},
};

void tone_set(struct setter *s, enum tone tone)
{
        cairo_set_source_rgb(s->cr, TONES[tone][0], TONES[tone][1], TONES[tone][2]);
}

void rule_put(struct setter *s, double x1, double y1, double x2, double y2, double width, enum tone tone)
{
        if (s->dry)
                return;
        tone_set(s, tone);
        cairo_set_line_width(s->cr, width);
        cairo_move_to(s->cr, x1, y1);
        cairo_line_to(s->cr, x2, y2);
        cairo_stroke(s->cr);
}

void box_put(struct setter *s, double x, double y, double width, double height, enum tone tone)
{
        if (s->dry)
                return;
        tone_set(s, tone);
        cairo_rectangle(s->cr, x, y, width, height);
        cairo_fill(s->cr);
}

/* --- anchors -------------------------------------------------------------------------------------------------------------------- */

static const char *full_id(const struct setter *s, const char *id, char out[300])
{
        return text_format(out, 300, "%s%s", s->prefix, id);
}

void anchor_set(struct setter *s, const char *id, double x, double y)
{
        char full[300], attributes[400];

        full_id(s, id, full);
        if (json_object_get(s->anchors, full) != NULL)
                return;
        json_object_set_new(s->anchors, full, json_integer(s->page));
        if (s->dry)
                return;
        text_format(attributes, sizeof attributes, "name='%s' x=%.1f y=%.1f internal", full, x, fmax(0, y - 10));
        cairo_tag_begin(s->cr, CAIRO_TAG_DEST, attributes);
        cairo_tag_end(s->cr, CAIRO_TAG_DEST);
}

int anchor_page(const struct setter *s, const char *id)
{
        char full[300];

        return (int)json_integer_value(json_object_get(s->pages != NULL ? s->pages : s->anchors, full_id(s, id, full)));
}

/* Only to what the pass before has seen: a link that leads nowhere would spoil the file. */
void link_set(struct setter *s, const char *id, double x, double y, double width, double height)
{
        char full[300], attributes[500];

        if (s->dry || anchor_page(s, id) == 0)
                return;
        text_format(attributes, sizeof attributes, "dest='%s' rect=[%.2f %.2f %.2f %.2f]", full_id(s, id, full), x, y, width,
                    height);
        cairo_tag_begin(s->cr, CAIRO_TAG_LINK, attributes);
        cairo_tag_end(s->cr, CAIRO_TAG_LINK);
}

/* --- plain text ------------------------------------------------------------------------------------------------------------------- */

static PangoLayout *layout_new(struct setter *s, const struct style *style, double width)
{
        PangoLayout *layout = pango_layout_new(s->context);
        PangoFontDescription *font = pango_font_description_new();

        pango_font_description_set_family_static(font, FAMILY);
        pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
        pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
        pango_layout_set_font_description(layout, font);
        pango_font_description_free(font);
        pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
        pango_layout_set_line_spacing(layout, (float)style->leading);
        pango_layout_set_alignment(layout, style->right    ? PANGO_ALIGN_RIGHT
                                           : style->centre ? PANGO_ALIGN_CENTER
                                                           : PANGO_ALIGN_LEFT);
        return layout;
}

static double layout_height(PangoLayout *layout)
{
        int height;

        pango_layout_get_size(layout, NULL, &height);
        return (double)height / PANGO_SCALE;
}

static void layout_text(struct setter *s, PangoLayout *layout, const char *text)
{
        pango_layout_set_text(layout, text, -1);
        s->missing = s->missing || pango_layout_get_unknown_glyphs_count(layout) > 0;
}

double text_at(struct setter *s, const char *text, const struct style *style, double x, double y, double width)
{
        PangoLayout *layout = layout_new(s, style, width);

        layout_text(s, layout, text);
        if (!s->dry) {
                tone_set(s, style->tone);
                cairo_move_to(s->cr, x, y);
                pango_cairo_show_layout(s->cr, layout);
        }
        double height = layout_height(layout);
        g_object_unref(layout);
        return height;
}

double text_height(struct setter *s, const char *text, const struct style *style, double width)
{
        PangoLayout *layout = layout_new(s, style, width);

        layout_text(s, layout, text);
        double height = layout_height(layout);
        g_object_unref(layout);
        return height;
}

/* --- pages ------------------------------------------------------------------------------------------------------------------------- */

void page_begin(struct setter *s)
{
        s->page++;
        s->y = TOP;
}

void page_end(struct setter *s)
{
        struct style small = {.size = 7.8, .leading = 1, .tone = TONE_QUIET}, right = small;
        char text[200];

        if (s->dry)
                return;
        if (!s->bare) {
                right.right = true;
                text_at(s, s->head, &small, LEFT, 13 * MM, WIDTH * 0.7);
                text_at(s, json_text(s->book, "title"), &right, LEFT + WIDTH * 0.5, 13 * MM, WIDTH * 0.5);
                rule_put(s, LEFT, 18.4 * MM, RIGHT, 18.4 * MM, 0.5, TONE_RULE);
                text_format(text, sizeof text, "%s · %s", json_text(s->book, "subtitle"), json_text(s->book, "version"));
                text_at(s, text, &small, LEFT, PAGE_HEIGHT - 14.5 * MM, WIDTH * 0.6);
                text_format(text, sizeof text, "%d / %d", s->page, s->total);
                text_at(s, text, &right, LEFT, PAGE_HEIGHT - 14.5 * MM, WIDTH);
                if (json_is_true(json_object_get(s->book, "demonstration"))) {
                        small.centre = true;
                        small.tone = TONE_AMBER;
                        text_at(s, pack_text(s->m->pack, "demonstration", s->m->lang), &small, LEFT, PAGE_HEIGHT - 14.5 * MM,
                                WIDTH);
                }
        }
        cairo_show_page(s->cr);
}

void page_room(struct setter *s, double height)
{
        if (s->y + height <= BOTTOM)
                return;
        page_end(s);
        page_begin(s);
}

/* --- runs --------------------------------------------------------------------------------------------------------------------------- */

struct span { /* a run within the text of a layout */
        int from, to;
        const char *link, *id;
};
struct set_text {
        PangoLayout *layout;
        struct span spans[RUNS_MAX];
        size_t count;
        double height;
};

static void attribute_add(PangoAttrList *list, PangoAttribute *a, int from, int to)
{
        a->start_index = (guint)from;
        a->end_index = (guint)to;
        pango_attr_list_insert(list, a);
}

static void tone_add(PangoAttrList *list, enum tone tone, int from, int to)
{
        attribute_add(list,
                      pango_attr_foreground_new((guint16)(TONES[tone][0] * 65535), (guint16)(TONES[tone][1] * 65535),
                                                (guint16)(TONES[tone][2] * 65535)),
                      from, to);
}

static void run_add(struct setter *s, struct set_text *t, struct buf *text, PangoAttrList *list, const json_t *run,
                    const struct style *style)
{
        const char *kind = json_text(run, "c"), *to = json_text(run, "to"), *id = json_text(run, "id");
        int from = (int)text->n;

        if (strcmp(kind, "page") == 0) {
                if (anchor_page(s, to) > 0)
                        buf_add_format(text, "%d", anchor_page(s, to));
        } else
                buf_add_text(text, json_text(run, "t"));
        int end = (int)text->n;
        if (strcmp(kind, "strong") == 0)
                attribute_add(list, pango_attr_weight_new(PANGO_WEIGHT_BOLD), from, end);
        if (strcmp(kind, "quiet") == 0 || strcmp(kind, "code") == 0 || strcmp(kind, "page") == 0) {
                tone_add(list, TONE_QUIET, from, end);
                attribute_add(list, pango_attr_size_new_absolute((int)(style->size * 0.92 * PANGO_SCALE)), from, end);
        }
        if (strcmp(kind, "missing") == 0)
                tone_add(list, TONE_AMBER, from, end);
        else if (to[0] != '\0')
                tone_add(list, TONE_ACCENT, from, end);
        if ((to[0] != '\0' || id[0] != '\0') && t->count < RUNS_MAX)
                t->spans[t->count++] = (struct span){from, end, to, id};
}

static void text_set(struct setter *s, struct set_text *t, const json_t *text, const struct style *style, double width)
{
        PangoAttrList *list = pango_attr_list_new();
        struct buf all;
        json_t *run;
        size_t i;

        t->count = 0;
        t->layout = layout_new(s, style, width);
        buf_init(&all, (size_t)4 << 20);
        if (json_is_string(text))
                buf_add_text(&all, json_string_value(text));
        json_array_foreach((json_t *)(uintptr_t)text, i, run) run_add(s, t, &all, list, run, style);
        pango_layout_set_attributes(t->layout, list); /* before the text, which is measured with them */
        layout_text(s, t->layout, buf_text(&all));
        pango_attr_list_unref(list);
        buf_dispose(&all);
        t->height = layout_height(t->layout);
}

/* Links and anchors that lie on a line. */
static void line_spans(struct setter *s, const struct set_text *t, PangoLayoutLine *line, double x, double y, double height,
                       double width)
{
        int first = line->start_index, last = line->start_index + line->length;

        for (size_t i = 0; i < t->count; i++) {
                const struct span *p = &t->spans[i];
                int from = p->from > first ? p->from : first, to = p->to < last ? p->to : last, *ranges, n;
                if (p->id[0] != '\0' && p->from >= first && (p->from < last || p->from == first))
                        anchor_set(s, p->id, x, y);
                if (p->link[0] == '\0' || from >= to)
                        continue;
                pango_layout_line_get_x_ranges(line, from, to, &ranges, &n);
                for (int k = 0; k < n; k++) {
                        double left = (double)ranges[2 * k] / PANGO_SCALE, right = (double)ranges[2 * k + 1] / PANGO_SCALE;
                        if (right > left && left < width)
                                link_set(s, p->link, x + left, y, right - left, height);
                }
                g_free(ranges);
        }
}

/* Draw the lines from `line` on that end above `bottom`; answers how many, and their height. */
static int lines_draw(struct setter *s, const struct set_text *t, int line, double x, double y, double bottom, enum tone tone,
                      double *height)
{
        PangoLayoutIter *iter = pango_layout_get_iter(t->layout);
        int at = 0, drawn = 0;
        double begin = 0;

        *height = 0;
        do {
                int top, low;
                pango_layout_iter_get_line_yrange(iter, &top, &low);
                if (at++ < line)
                        continue;
                if (drawn == 0)
                        begin = (double)top / PANGO_SCALE;
                double place = y + (double)top / PANGO_SCALE - begin, end = y + (double)low / PANGO_SCALE - begin;
                if (end > bottom + 0.5)
                        break;
                PangoLayoutLine *l = pango_layout_iter_get_line_readonly(iter);
                PangoRectangle logical;
                pango_layout_iter_get_line_extents(iter, NULL, &logical);
                if (!s->dry) {
                        tone_set(s, tone);
                        cairo_move_to(s->cr, x + (double)logical.x / PANGO_SCALE,
                                      y + (double)pango_layout_iter_get_baseline(iter) / PANGO_SCALE - begin);
                        pango_cairo_show_layout_line(s->cr, l);
                }
                line_spans(s, t, l, x, place, end - place, (double)pango_layout_get_width(t->layout) / PANGO_SCALE);
                *height = end - y;
                drawn++;
        } while (pango_layout_iter_next_line(iter));
        pango_layout_iter_free(iter);
        return drawn;
}

void paragraph_put(struct setter *s, const json_t *text, const struct style *style, double indent, enum tone shade)
{
        struct set_text *t = calloc(1, sizeof *t);
        int line = 0, lines;

        if (t == NULL)
                return;
        text_set(s, t, text, style, WIDTH - indent - (shade == TONE_WHITE ? 0 : 12));
        lines = pango_layout_get_line_count(t->layout);
        while (line < lines) {
                double height, left = LEFT + indent, bottom = BOTTOM;
                int drawn;
                page_room(s, line == 0 ? fmin(t->height + 8, 40) : 14);
                if (shade != TONE_WHITE) {
                        double tall = fmin(t->height + 8, BOTTOM - s->y);
                        box_put(s, left, s->y, WIDTH - indent, tall, shade);
                        box_put(s, left, s->y, 2.2, tall, shade == TONE_PALE ? TONE_AMBER : TONE_RULE);
                        left += 9;
                        s->y += 4;
                        bottom -= 2;
                }
                drawn = lines_draw(s, t, line, left, s->y, bottom, style->tone, &height);
                if (drawn == 0)
                        break;
                line += drawn;
                s->y += height + (shade == TONE_WHITE ? 0 : 4);
        }
        s->y += 4;
        g_object_unref(t->layout);
        free(t);
}

/* --- tables -------------------------------------------------------------------------------------------------------------------------- */

struct table {
        const json_t *head, *widths;
        double x[CELLS_MAX + 1];
        size_t columns;
        bool shaded, framed;
        double size;
};
struct row {
        struct set_text *cells[CELLS_MAX];
        int line[CELLS_MAX];
        size_t count;
        double height;
};

static void row_set(struct setter *s, struct row *r, const struct table *t, const json_t *cells, bool head)
{
        struct style style = {
            .size = head ? t->size - 0.4 : t->size, .leading = 1.0, .bold = head, .tone = head ? TONE_QUIET : TONE_INK};
        json_t *cell;
        size_t i;

        *r = (struct row){0};
        json_array_foreach((json_t *)(uintptr_t)cells, i, cell)
        {
                if (i >= t->columns)
                        break;
                r->cells[i] = calloc(1, sizeof *r->cells[i]);
                if (r->cells[i] == NULL)
                        break;
                text_set(s, r->cells[i], cell, &style, t->x[i + 1] - t->x[i] - 2 * PAD);
                r->height = fmax(r->height, r->cells[i]->height + 2 * PAD);
                r->count++;
        }
}

static void row_dispose(struct row *r)
{
        for (size_t i = 0; i < r->count; i++) {
                g_object_unref(r->cells[i]->layout);
                free(r->cells[i]);
        }
}

/* Draw what fits above `bottom`; true when the whole row is drawn. */
static bool row_part(struct setter *s, struct row *r, const struct table *t, double bottom, bool head)
{
        double tallest = 0;
        bool whole = true;

        for (size_t i = 0; i < r->count; i++) {
                double height;
                r->line[i] += lines_draw(s, r->cells[i], r->line[i], t->x[i] + PAD, s->y + PAD, bottom - PAD,
                                         head ? TONE_QUIET : TONE_INK, &height);
                whole = whole && r->line[i] >= pango_layout_get_line_count(r->cells[i]->layout);
                tallest = fmax(tallest, height);
        }
        double top = s->y;
        s->y += tallest + 2 * PAD;
        rule_put(s, LEFT, s->y, RIGHT, s->y, 0.4, TONE_RULE);
        for (size_t i = 1; t->framed && i < t->columns; i++)
                rule_put(s, t->x[i], top, t->x[i], s->y, 0.3, TONE_RULE);
        return whole;
}

static void head_put(struct setter *s, const struct table *t)
{
        struct row r;

        if (json_array_size(t->head) == 0) {
                rule_put(s, LEFT, s->y, RIGHT, s->y, 0.4, TONE_RULE);
                return;
        }
        row_set(s, &r, t, t->head, true);
        box_put(s, LEFT, s->y, WIDTH, r.height, TONE_SHADE);
        row_part(s, &r, t, BOTTOM + 100, true);
        row_dispose(&r);
}

static void body_row(struct setter *s, const struct table *t, const json_t *cells)
{
        struct row r;
        double most = BOTTOM - TOP;

        row_set(s, &r, t, cells, false);
        if (s->y + r.height > BOTTOM && (r.height < most * 0.45 || BOTTOM - s->y < 80)) {
                page_end(s);
                page_begin(s);
                head_put(s, t);
        }
        for (;;) {
                if (t->shaded)
                        box_put(s, LEFT, s->y, WIDTH, fmin(r.height, BOTTOM - s->y), TONE_SHADE);
                double before = s->y;
                if (row_part(s, &r, t, BOTTOM, false) || s->y - before > most)
                        break;
                page_end(s);
                page_begin(s);
                head_put(s, t);
        }
        row_dispose(&r);
}

void table_put(struct setter *s, const json_t *table)
{
        struct table t = {.head = json_object_get(table, "head"), .widths = json_object_get(table, "w")};
        const char *kind = json_text(table, "c");
        json_t *one;
        double sum = 0, before = 0;
        size_t i;

        t.columns = json_array_size(t.widths) < CELLS_MAX ? json_array_size(t.widths) : CELLS_MAX;
        json_array_foreach((json_t *)(uintptr_t)t.widths, i, one) sum += (double)json_integer_value(one);
        for (i = 0; i <= t.columns; i++) {
                t.x[i] = LEFT + WIDTH * before / (sum > 0 ? sum : 1);
                before += (double)json_integer_value(json_array_get(t.widths, i));
        }
        t.framed = strcmp(kind, "rule") == 0;
        t.shaded = strcmp(kind, "formula") == 0 || strcmp(kind, "letter") == 0;
        t.size = t.columns > 6 ? 7.4 : strcmp(kind, "steps") == 0 ? 8.3 : 8.8;
        page_room(s, 54);
        head_put(s, &t);
        json_array_foreach(json_object_get(table, "rows"), i, one) body_row(s, &t, one);
        s->y += 8;
}
