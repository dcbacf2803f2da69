/* SPDX-License-Identifier: Apache-2.0 */
#include "office/drawing/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CIRCLE 0.5522847498 /* of a radius: how far the handles of a quarter of a circle stand */

static const struct drawing_colour COLOURS[DRAW_PAINTS] = {
    [DRAW_NONE] = {0, 0, 0, "none", "none"},
    [DRAW_INK] = {0.122, 0.157, 0.200, "#1f2833", "ink"},
    [DRAW_QUIET] = {0.361, 0.408, 0.463, "#5c6876", "quiet"},
    [DRAW_LINE] = {0.278, 0.329, 0.388, "#475463", "line"},
    [DRAW_ACCENT] = {0.059, 0.373, 0.384, "#0f5f62", "accent"},
    [DRAW_SURFACE] = {1, 1, 1, "#ffffff", "surface"},
    [DRAW_SOFT] = {0.933, 0.965, 0.965, "#eef6f6", "soft"},
    [DRAW_BAND] = {0.953, 0.961, 0.969, "#f3f5f7", "band"},
};

const struct drawing_colour *drawing_colour(enum drawing_paint paint)
{
        return &COLOURS[paint];
}

/* One more element at the end of a growing array; NULL when it must not or cannot grow. */
static void *grow(struct drawing *d, void *array, size_t *count, size_t *room, size_t size)
{
        if (d->failed || *count >= DRAWING_OPS_MAX) {
                d->failed = true;
                return NULL;
        }
        if (*count == *room) {
                size_t more = *room == 0 ? 256 : *room * 2;
                void **at = array;
                void *bigger = realloc(*at, more * size);
                if (bigger == NULL) {
                        d->failed = true;
                        return NULL;
                }
                *at = bigger;
                *room = more;
        }
        void *one = (char *)*(void **)array + *count * size;
        memset(one, 0, size);
        (*count)++;
        return one;
}

static struct drawing_op *op_add(struct drawing *d, enum drawing_kind kind)
{
        struct drawing_op *op = grow(d, &d->ops, &d->count, &d->room, sizeof *d->ops);

        if (op != NULL)
                op->kind = kind;
        return op;
}

static void reach(struct drawing *d, double x, double y)
{
        d->left = fmin(d->left, x);
        d->top = fmin(d->top, y);
        d->right = fmax(d->right, x);
        d->bottom = fmax(d->bottom, y);
}

static void segment_add(struct drawing *d, char op, const double *p, int points)
{
        struct drawing_segment *s = grow(d, &d->segments, &d->segment_count, &d->segment_room, sizeof *d->segments);

        if (s == NULL)
                return;
        s->op = op;
        for (int i = 0; i < points; i++) {
                s->p[2 * i] = p[2 * i];
                s->p[2 * i + 1] = p[2 * i + 1];
                reach(d, p[2 * i], p[2 * i + 1]);
        }
}

void pen_move(struct drawing *d, double x, double y)
{
        segment_add(d, 'M', (double[]){x, y}, 1);
}

void pen_line(struct drawing *d, double x, double y)
{
        segment_add(d, 'L', (double[]){x, y}, 1);
}

void pen_curve(struct drawing *d, double x1, double y1, double x2, double y2, double x, double y)
{
        segment_add(d, 'C', (double[]){x1, y1, x2, y2, x, y}, 3);
}

void pen_close(struct drawing *d)
{
        segment_add(d, 'Z', NULL, 0);
}

void pen_circle(struct drawing *d, double x, double y, double radius)
{
        double k = radius * CIRCLE;

        pen_move(d, x + radius, y);
        pen_curve(d, x + radius, y + k, x + k, y + radius, x, y + radius);
        pen_curve(d, x - k, y + radius, x - radius, y + k, x - radius, y);
        pen_curve(d, x - radius, y - k, x - k, y - radius, x, y - radius);
        pen_curve(d, x + k, y - radius, x + radius, y - k, x + radius, y);
        pen_close(d);
}

void pen_box(struct drawing *d, double x, double y, double width, double height, double radius)
{
        double r = fmin(radius, fmin(width, height) / 2), k = r * (1 - CIRCLE), right = x + width, low = y + height;

        pen_move(d, x + r, y);
        pen_line(d, right - r, y);
        if (r > 0)
                pen_curve(d, right - k, y, right, y + k, right, y + r);
        pen_line(d, right, low - r);
        if (r > 0)
                pen_curve(d, right, low - k, right - k, low, right - r, low);
        pen_line(d, x + r, low);
        if (r > 0)
                pen_curve(d, x + k, low, x, low - k, x, low - r);
        pen_line(d, x, y + r);
        if (r > 0)
                pen_curve(d, x, y + k, x + k, y, x + r, y);
        pen_close(d);
}

void pen_shape(struct drawing *d, const char *path, double x, double y, double scale)
{
        for (const char *at = path; *at != '\0';) {
                double p[6] = {0};
                char op = *at++;
                int n = op == 'C' ? 6 : op == 'Z' ? 0 : 2;
                for (int i = 0; i < n; i++) {
                        char *end;
                        p[i] = strtod(at, &end) * scale + (i % 2 == 0 ? x : y);
                        at = end;
                }
                segment_add(d, op, p, n / 2);
                while (*at == ' ')
                        at++;
        }
}

void pen_ink(struct drawing *d, struct ink ink)
{
        struct drawing_op *op = op_add(d, DRAWING_PATH);

        if (op != NULL) {
                op->first = d->path;
                op->count = d->segment_count - d->path;
                op->fill = ink.fill;
                op->stroke = ink.stroke;
                op->width = ink.width;
                op->dash[0] = ink.dash[0];
                op->dash[1] = ink.dash[1];
        }
        d->path = d->segment_count;
}

void solid_add(struct drawing *d, struct bpmn_bounds b)
{
        struct bpmn_bounds *s = grow(d, &d->solids, &d->solid_count, &d->solid_room, sizeof *d->solids);

        if (s != NULL)
                *s = b;
}

void figure_begin(struct drawing *d, const struct bpmn_figure *f, enum lang lang)
{
        const char *said = f->title[lang][0] != '\0' ? f->title[lang] : f->title[LANG_ZH];
        struct drawing_op *op = op_add(d, DRAWING_BEGIN);

        if (op == NULL)
                return;
        op->text = arena_text(d->arena, str_from(f->id));
        op->said = arena_text(d->arena, str_from(said[0] == '\0' ? f->id : said));
        op->box[0] = f->at.x;
        op->box[1] = f->at.y;
        op->box[2] = f->at.width;
        op->box[3] = f->at.height;
        d->failed = d->failed || op->text == NULL || op->said == NULL;
}

void figure_end(struct drawing *d)
{
        op_add(d, DRAWING_END);
}

/* --- text ------------------------------------------------------------------------------------------------------------------ */

static double glyph_width(int32_t c)
{
        if (c >= 0x2E80)
                return 1.0;
        if (c >= 0x2000)
                return 0.6;
        if (c < 0x80 && strchr("ijltfI.,:;'|!()[] /", (int)c) != NULL)
                return 0.33;
        if (c == 'm' || c == 'w' || c == 'M' || c == 'W' || c == '%' || c == '@')
                return 0.88;
        return c >= 'A' && c <= 'Z' ? 0.66 : 0.565;
}

double text_width(struct str s, double size)
{
        double width = 0;

        for (size_t i = 0; i < s.n;) {
                int32_t c = utf8_next(s, &i);
                if (c < 0)
                        break;
                width += glyph_width(c) * size;
        }
        return width;
}

static bool among(int32_t c, const char *set)
{
        struct str s = str_from(set);

        for (size_t i = 0; i < s.n;)
                if (utf8_next(s, &i) == c)
                        return true;
        return false;
}

/* May a line end between two characters? Chinese breaks anywhere but before what closes and after what opens. */
static bool may_break(int32_t before, int32_t after)
{
        if (among(after, "，。、；：！？）》」』”’％…·,.;:!?)]}%") || among(before, "（《「『“‘([{"))
                return false;
        return before == ' ' || before == '/' || before == '-' || before >= 0x2E80 || after >= 0x2E80;
}

/* The end of the line that begins at `from`; at least one character. */
static size_t line_end(struct str s, size_t from, double width, double size)
{
        size_t best = 0, at = from;
        double used = 0;
        int32_t before = -1;

        while (at < s.n) {
                size_t next = at;
                int32_t c = utf8_next(s, &next);
                if (c < 0)
                        return s.n;
                if (c == '\n')
                        return at;
                if (at > from && may_break(before, c))
                        best = at;
                double w = glyph_width(c) * size;
                if (used + w > width && at > from && c != ' ')
                        return best > from ? best : at;
                used += w;
                before = c;
                at = next;
        }
        return at;
}

struct lines text_lines(const char *text, double width, double size)
{
        struct str s = str_trim(str_from(text));
        struct lines l = {0};
        size_t at = 0;

        while (at < s.n) {
                if (l.count == DRAWING_LINES_MAX) {
                        l.cut = true;
                        break;
                }
                size_t end = line_end(s, at, width, size);
                struct str line = str_trim((struct str){s.p + at, end - at});
                l.line[l.count++] = line;
                l.width = fmax(l.width, text_width(line, size));
                at = end;
                while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\n'))
                        at++;
        }
        return l;
}

void text_put(struct drawing *d, struct str line, double x, double y, double size, enum drawing_paint paint, bool bold)
{
        struct drawing_op *op = op_add(d, DRAWING_TEXT);
        double half = text_width(line, size) / 2;

        if (op == NULL)
                return;
        op->text = arena_text(d->arena, line);
        op->x = x;
        op->y = y;
        op->size = size;
        op->fill = paint;
        op->bold = bold;
        d->failed = d->failed || op->text == NULL;
        reach(d, x - half, y - size);
        reach(d, x + half, y + size * 0.3);
}

void lines_put(struct drawing *d, const struct lines *l, double x, double top, double size, enum drawing_paint paint)
{
        for (int i = 0; i < l->count; i++)
                text_put(d, l->line[i], x, top + size * LINE_HEIGHT * i + size * 1.0, size, paint, false);
}
