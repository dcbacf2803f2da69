/* SPDX-License-Identifier: Apache-2.0 */
#include "office/manual/pdf.h"

#include "office/drawing/cairo.h"

#include <cairo-pdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PASSES_MAX 4

/* --- diagrams ---------------------------------------------------------------------------------------------------------------------- */

struct strips {
        int count;
        double scale, cuts[DRAWING_STRIPS_MAX + 1];
};

/* A wide drawing is cut into parts, one under the other, when that shows it larger. */
static struct strips strips_choose(const struct drawing *d, double width, double height)
{
        struct strips best = {0};
        double w, h;

        drawing_size(d, &w, &h);
        for (int n = 1; n <= DRAWING_STRIPS_MAX; n++) {
                struct strips s = {.count = n};
                double widest = 0;
                drawing_cuts(d, n, s.cuts);
                for (int i = 0; i < n; i++)
                        widest = fmax(widest, s.cuts[i + 1] - s.cuts[i]);
                s.scale = fmin(fmin(width / widest, (height - 14 * n) / (n * h)), 0.8);
                if (s.scale > best.scale * 1.12)
                        best = s;
        }
        return best;
}

static void figure_links(struct setter *s, const struct drawing *d, const struct strips *p, int i, double left, double top,
                         const char *process)
{
        const struct drawing_op *op;
        double x, y;
        char id[300];

        drawing_origin(d, &x, &y);
        for (size_t k = 0; (op = drawing_op(d, k)) != NULL; k++)
                if (op->kind == DRAWING_BEGIN && op->box[0] >= p->cuts[i] && op->box[0] + op->box[2] <= p->cuts[i + 1])
                        link_set(s, text_format(id, sizeof id, "%s-step-%s", process, op->text),
                                 left + (op->box[0] - p->cuts[i]) * p->scale, top + (op->box[1] - y) * p->scale,
                                 op->box[2] * p->scale, op->box[3] * p->scale);
}

static void cut_mark(struct setter *s, double x, double top, double height)
{
        static const double DASH[] = {3, 3};

        cairo_set_dash(s->cr, DASH, 2, 0);
        rule_put(s, x, top, x, top + height, 0.7, TONE_ACCENT);
        cairo_set_dash(s->cr, NULL, 0, 0);
}

static void strip_put(struct setter *s, const struct drawing *d, const struct strips *p, int i, const char *process)
{
        double w, h, x, y, width = (p->cuts[i + 1] - p->cuts[i]) * p->scale;
        double left = LEFT + (p->count == 1 ? (WIDTH - width) / 2 : 0);

        drawing_size(d, &w, &h);
        drawing_origin(d, &x, &y);
        if (!s->dry) {
                cairo_save(s->cr);
                cairo_rectangle(s->cr, left, s->y, width, h * p->scale);
                cairo_clip(s->cr);
                cairo_translate(s->cr, left - (p->cuts[i] - x) * p->scale, s->y);
                cairo_scale(s->cr, p->scale, p->scale);
                drawing_cairo(s->cr, s->context, FAMILY, d, &s->missing);
                cairo_restore(s->cr);
                if (i > 0)
                        cut_mark(s, left, s->y, h * p->scale);
                if (i + 1 < p->count)
                        cut_mark(s, left + width, s->y, h * p->scale);
                figure_links(s, d, p, i, left, s->y, process);
        }
        s->y += h * p->scale + 14;
}

static int diagram_put(struct setter *s, const json_t *b, struct error *err)
{
        struct style note = {.size = 8, .leading = 1, .tone = TONE_QUIET};
        const char *process = json_text(b, "process");
        struct drawing *d = NULL;
        char path[120];
        struct str xml;
        double w, h;

        text_format(path, sizeof path, "processes/%s.bpmn", process);
        int rc = pack_file(s->m->pack, path, &xml, err);
        if (rc == 0)
                rc = drawing_process(&d, xml, s->m->lang, err);
        if (rc == 0 && drawing_empty(d)) {
                note.tone = TONE_AMBER;
                s->y +=
                    text_at(s, SAY(s->m, "The model carries no diagram.", "模型未附流程图。"), &note, LEFT, s->y, WIDTH) + 6;
        } else if (rc == 0) {
                drawing_size(d, &w, &h);
                struct strips p = strips_choose(d, WIDTH, BOTTOM - TOP - 20);
                page_room(s, fmin(p.count * (h * p.scale + 14) + 12, BOTTOM - TOP));
                for (int i = 0; i < p.count; i++)
                        strip_put(s, d, &p, i, process);
                if (p.count > 1)
                        s->y += text_at(s,
                                        SAY(s->m, "Cut at the dashed lines; the parts follow one another from left to right.",
                                            "沿虚线分段，各段依次从左至右衔接。"),
                                        &note, LEFT, s->y - 6, WIDTH) +
                                2;
        }
        drawing_free(d);
        return rc;
}

/* --- sections ----------------------------------------------------------------------------------------------------------------------- */

static int block_put(struct setter *s, const json_t *b, struct error *err)
{
        struct style text = {.size = 9.6, .leading = 1.04, .tone = TONE_INK}, head = {.size = 10.6, .leading = 1, .bold = true};
        const char *kind = json_text(b, "k");

        if (strcmp(kind, "table") == 0)
                table_put(s, b);
        else if (strcmp(kind, "diagram") == 0)
                return diagram_put(s, b, err);
        else if (strcmp(kind, "h") == 0) {
                page_room(s, 70);
                s->y += 5;
                paragraph_put(s, json_object_get(b, "t"), &head, 0, TONE_WHITE);
        } else if (strcmp(kind, "note") == 0) {
                bool missing = strcmp(json_text(b, "c"), "missing") == 0;
                text.size = 9;
                text.tone = missing ? TONE_AMBER : TONE_QUIET;
                paragraph_put(s, json_object_get(b, "t"), &text, 0, missing ? TONE_PALE : TONE_SHADE);
        } else
                paragraph_put(s, json_object_get(b, "t"), &text, 0, TONE_WHITE);
        return 0;
}

/* parent: the outline entry under which it stands, an anchor; "" the top. */
static void outline_put(struct setter *s, const char *title, const char *id, bool open)
{
        char full[300];
        int flags = open ? CAIRO_PDF_OUTLINE_FLAG_OPEN : 0;

        if (s->dry)
                return;
        text_format(full, sizeof full, "dest='%s%s'", s->prefix, id);
        /* Under the last entry of a chapter, or at the top. */
        cairo_surface_t *surface = cairo_get_target(s->cr);
        static const cairo_user_data_key_t chapter = {0};
        int parent = open ? CAIRO_PDF_OUTLINE_ROOT : (int)(intptr_t)cairo_surface_get_user_data(surface, &chapter);
        int entry = cairo_pdf_surface_add_outline(surface, parent, title, full, (cairo_pdf_outline_flags_t)flags);
        if (open)
                cairo_surface_set_user_data(surface, &chapter, (void *)(intptr_t)entry, NULL);
}

static int section_put(struct setter *s, const json_t *section, const char *process, struct error *err)
{
        struct style title = {.size = 13, .leading = 1, .bold = true, .tone = TONE_ACCENT};
        char id[200];
        json_t *b;
        size_t i;
        int rc = 0;

        page_room(s, 90);
        s->y += 7;
        text_format(id, sizeof id, "%s%s%s", process, process[0] == '\0' ? "" : "-", json_text(section, "id"));
        anchor_set(s, id, LEFT, s->y);
        outline_put(s, json_text(section, "title"), id, process[0] == '\0');
        s->y += text_at(s, json_text(section, "title"), &title, LEFT, s->y, WIDTH) + 3;
        rule_put(s, LEFT, s->y, RIGHT, s->y, 0.7, TONE_ACCENT);
        s->y += 7;
        json_array_foreach(json_object_get(section, "blocks"), i, b) if (rc == 0) rc = block_put(s, b, err);
        return rc;
}

static int chapter_put(struct setter *s, const json_t *chapter, struct error *err)
{
        struct style number = {.size = 15, .leading = 1, .bold = true, .tone = TONE_ACCENT},
                     title = {.size = 22, .leading = 1, .bold = true};
        struct style group = {.size = 9.5, .leading = 1, .tone = TONE_QUIET};
        const char *process = json_text(chapter, "process");
        json_t *section;
        char text[300];
        size_t i;
        int rc = 0;

        page_end(s);
        text_format(s->head, sizeof s->head, "%s  %s", process, json_text(chapter, "title"));
        page_begin(s);
        anchor_set(s, process, LEFT, s->y);
        outline_put(s, s->head, process, true);
        s->y += text_at(s, process, &number, LEFT, s->y, WIDTH);
        s->y += text_at(s, json_text(chapter, "title"), &title, LEFT, s->y, WIDTH) + 2;
        if (json_text(chapter, "group")[0] != '\0')
                s->y +=
                    text_at(s, text_format(text, sizeof text, "%s", json_text(chapter, "group")), &group, LEFT, s->y, WIDTH);
        s->y += 6;
        json_array_foreach(json_object_get(chapter, "sections"), i, section) if (rc == 0) rc =
            section_put(s, section, process, err);
        return rc;
}

/* --- the book ------------------------------------------------------------------------------------------------------------------------ */

static void cover_put(struct setter *s)
{
        struct style title = {.size = s->m->lang == LANG_EN ? 30 : 36, .leading = 1.05, .bold = true};
        struct style sub = {.size = 15, .leading = 1.1, .tone = TONE_ACCENT},
                     small = {.size = 9, .leading = 1.1, .tone = TONE_QUIET};
        char text[400];

        page_begin(s);
        s->bare = true;
        box_put(s, 0, 0, 9 * MM, PAGE_HEIGHT, TONE_ACCENT);
        double y = 88 * MM;
        y += text_at(s, json_text(s->book, "title"), &title, 30 * MM, y, 150 * MM) + 10;
        y += text_at(s, json_text(s->book, "subtitle"), &sub, 30 * MM, y, 150 * MM) + 4;
        text_format(text, sizeof text, SAY(s->m, "Version %s · law of %s · %zu chapters", "%s版 · 适用%s的规定 · 共%zu章"),
                    json_text(s->book, "version"), json_text(s->book, "day"),
                    json_array_size(json_object_get(s->book, "chapters")));
        y += text_at(s, text, &small, 30 * MM, y + 6, 150 * MM) + 12;
        if (json_is_true(json_object_get(s->book, "demonstration"))) {
                sub.tone = TONE_AMBER;
                text_at(s, pack_text(s->m->pack, "demonstration", s->m->lang), &sub, 30 * MM, y + 8, 150 * MM);
        }
        text_format(text, sizeof text,
                    SAY(s->m, "Made from the pack with SHA-256\n%s", "由下列散列值的政策包生成（SHA-256）\n%s"),
                    json_text(s->book, "hash"));
        text_at(s, text, &small, 30 * MM, PAGE_HEIGHT - 40 * MM, 160 * MM);
        page_end(s);
        s->bare = false;
        page_begin(s);
}

static void contents_line(struct setter *s, const char *number, const char *title, const char *id)
{
        struct style text = {.size = 9.8, .leading = 1},
                     strong = {.size = 9.8, .leading = 1, .bold = true, .tone = TONE_ACCENT};
        struct style right = {.size = 9.8, .leading = 1, .right = true};
        char page[20];
        double x = LEFT + (number[0] == '\0' ? 0 : 32);

        double height = text_height(s, title, &text, WIDTH - 72);
        page_room(s, height + 3);
        if (number[0] != '\0')
                text_at(s, number, &strong, LEFT, s->y, 32);
        text_at(s, title, &text, x, s->y, WIDTH - 72);
        text_format(page, sizeof page, "%d", anchor_page(s, id));
        text_at(s, page, &right, LEFT, s->y, WIDTH);
        rule_put(s, LEFT, s->y + height + 1, RIGHT, s->y + height + 1, 0.25, TONE_RULE);
        link_set(s, id, LEFT, s->y, WIDTH, height);
        s->y += height + 2.4;
}

static void contents_put(struct setter *s)
{
        struct style title = {.size = 17, .leading = 1, .bold = true, .tone = TONE_ACCENT},
                     group = {.size = 9, .leading = 1, .bold = true, .tone = TONE_QUIET};
        const char *last = "";
        json_t *one;
        size_t i;

        page_end(s);
        text_copy(s->head, sizeof s->head, str_from(SAY(s->m, "Contents", "目录")));
        page_begin(s);
        anchor_set(s, "contents", LEFT, s->y);
        outline_put(s, s->head, "contents", true);
        s->y += text_at(s, s->head, &title, LEFT, s->y, WIDTH) + 8;
        json_array_foreach(json_object_get(s->book, "chapters"), i, one)
        {
                if (strcmp(last, json_text(one, "group")) != 0) {
                        last = json_text(one, "group");
                        page_room(s, 36);
                        s->y += 7;
                        s->y += text_at(s, last, &group, LEFT, s->y, WIDTH) + 2;
                }
                contents_line(s, json_text(one, "process"), json_text(one, "title"), json_text(one, "process"));
        }
        s->y += 10;
        json_array_foreach(json_object_get(s->book, "back"), i, one)
            contents_line(s, "", json_text(one, "title"), json_text(one, "id"));
}

static int book_set(struct setter *s, struct error *err)
{
        json_t *one;
        size_t i;
        int rc = 0;

        cover_put(s);
        text_copy(s->head, sizeof s->head, str_from(""));
        json_array_foreach(json_object_get(s->book, "front"), i, one) if (rc == 0) rc = section_put(s, one, "", err);
        contents_put(s);
        json_array_foreach(json_object_get(s->book, "chapters"), i, one) if (rc == 0) rc = chapter_put(s, one, err);
        json_array_foreach(json_object_get(s->book, "back"), i, one)
        {
                if (rc < 0)
                        break;
                page_end(s);
                text_copy(s->head, sizeof s->head, str_from(json_text(one, "title")));
                page_begin(s);
                rc = section_put(s, one, "", err);
        }
        page_end(s);
        return rc;
}

/* --- passes ---------------------------------------------------------------------------------------------------------------------------- */

static cairo_status_t bytes_add(void *ctx, const unsigned char *bytes, unsigned int n)
{
        buf_add(ctx, bytes, n);
        return ((struct buf *)ctx)->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

struct books {
        struct manual *const *ms;
        json_t *const *list;
        size_t count;
};

static void metadata_set(cairo_surface_t *surface, const json_t *book)
{
        char made[48];

        text_format(made, sizeof made, "%sT00:00:00+08:00", json_text(book, "day"));
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, made);
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, json_text(book, "title"));
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, json_text(book, "hash"));
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "shebao");
}

static int pass(struct buf *out, const struct books *b, struct setter *s, struct error *err)
{
        int rc = 0;

        buf_clear(out);
        cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(bytes_add, out, PAGE_WIDTH, PAGE_HEIGHT);
        metadata_set(surface, b->list[0]);
        s->cr = cairo_create(surface);
        pango_cairo_update_context(s->cr, s->context);
        s->page = 0;
        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                s->m = b->ms[i];
                s->book = b->list[i];
                s->prefix = b->count == 1 ? "" : SAY(s->m, "en-", "zh-");
                pango_context_set_language(s->context, pango_language_from_string(SAY(s->m, "en", "zh-cn")));
                rc = book_set(s, err);
        }
        cairo_status_t drawn = cairo_status(s->cr);
        cairo_destroy(s->cr);
        cairo_surface_finish(surface);
        if (drawn == CAIRO_STATUS_SUCCESS)
                drawn = cairo_surface_status(surface);
        cairo_surface_destroy(surface);
        if (rc == 0 && drawn != CAIRO_STATUS_SUCCESS)
                rc = error_raise(err, SB_MANUAL_PDF, "%s", cairo_status_to_string(drawn));
        if (rc == 0 && s->missing)
                rc = error_raise(err, SB_MANUAL_FONT, "%s", "");
        return rc;
}

int manual_pdf(struct buf *out, struct manual *const *ms, json_t *const *books, size_t count, struct error *err)
{
        struct books b = {ms, books, count};
        PangoFontMap *fonts = pango_cairo_font_map_new(); /* one for all passes: finding fonts is what costs */
        PangoContext *context = pango_font_map_create_context(fonts);
        json_t *known = NULL;
        bool settled = false;
        int total = 0, rc = 0;

        /* Measured, then drawn; once more where numbers of pages moved what comes after them. */
        for (int i = 0; rc == 0 && !settled && i < PASSES_MAX; i++) {
                struct setter s = {.dry = i == 0, .pages = known, .total = total, .fonts = fonts, .context = context};
                s.anchors = json_object();
                rc = pass(out, &b, &s, err);
                settled = known != NULL && total == s.page && json_equal(known, s.anchors);
                json_decref(known);
                known = s.anchors;
                total = s.page;
        }
        g_object_unref(context);
        g_object_unref(fonts);
        json_decref(known);
        return rc < 0 ? rc : buf_check(out, err);
}
