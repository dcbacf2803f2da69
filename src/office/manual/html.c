/* SPDX-License-Identifier: Apache-2.0
 *
 * A book as one HTML file: no script, no other file, one style sheet that its content policy names by hash. Chapters alone are
 * what the pages of the web show.
 */
#include "office/manual/internal.h"

#include "base/xml.h"
#include "office/drawing/drawing.h"

#include <string.h>

static const char STYLE[] =
    ":root{--ink:#1f2833;--quiet:#5c6876;--line:#d5dbe1;--soft:#f5f7f9;--accent:#0f5f62;--amber:#8a5200;--amber-soft:#fdf6e7}"
    "*{box-sizing:border-box}html{scroll-padding-top:12px}"
    "body{margin:0 auto;max-width:1080px;padding:28px 24px 80px;color:var(--ink);background:#fff;font:15px/1.65 \"Noto Sans "
    "CJK "
    "SC\",\"PingFang SC\",\"Microsoft YaHei\",system-ui,sans-serif}"
    "h1{font-size:30px;line-height:1.25;margin:0 0 6px}h2{font-size:23px;line-height:1.3;margin:0 0 4px}"
    "h3{font-size:17px;margin:30px 0 8px;padding-bottom:4px;border-bottom:1px solid var(--line);color:var(--accent)}"
    "h4{font-size:15px;margin:18px 0 6px}p{margin:6px 0 10px;max-width:74ch}a{color:var(--accent);text-decoration:none}"
    "a:hover{text-decoration:underline}.chapter{margin-top:64px;padding-top:18px;border-top:3px solid var(--accent)}"
    ".number{color:var(--accent);font-weight:700;margin-right:10px}.quiet{color:var(--quiet);font-size:.93em}"
    ".strong{font-weight:600}.code{font:.85em ui-monospace,\"DejaVu Sans Mono\",monospace;background:var(--soft);padding:1px "
    "4px;border-radius:3px;overflow-wrap:anywhere}.missing{color:var(--amber)}"
    ".note{padding:8px 12px;border-left:3px solid var(--line);background:var(--soft)}"
    ".note.missing{border-color:#d9a441;background:var(--amber-soft)}"
    ".table{overflow-x:auto;margin:8px 0 14px}table{border-collapse:collapse;width:100%;font-size:14px}"
    "th,td{text-align:left;vertical-align:top;padding:7px 10px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}"
    "th{background:var(--soft);font-weight:600;color:var(--quiet);font-size:13px}table.rule td{border-right:1px solid "
    "var(--line)}"
    "table.formula td,table.letter td{background:var(--soft)}tr:target td,td:target,:target{background:#fff4d6}"
    ".figure{overflow-x:auto;margin:10px 0 16px;padding:10px;border:1px solid var(--line);border-radius:8px}"
    "svg.drawing{display:block;height:auto;font-family:inherit;max-width:100%;min-width:860px}svg.wide{max-width:none}svg "
    "a:hover path{stroke:var(--accent)}"
    ".toc{columns:2;column-gap:40px;padding:0;list-style:none;margin:10px 0 30px}.toc li{break-inside:avoid;padding:3px 0}"
    ".cover{padding:40px 0 26px}.stamp{display:inline-block;border:1px solid #d9a441;color:var(--amber);padding:2px "
    "10px;border-radius:4px}"
    "@media(max-width:720px){body{padding:16px 14px 60px;font-size:16px}.toc{columns:1}table{font-size:14px}"
    "table.elements,table.elements tbody,table.elements tr,table.elements td,table.entries,table.entries tbody,table.entries "
    "tr,table.entries td{display:block;width:auto}table.elements td:first-child,table.entries td:first-child{border-bottom:0;"
    "padding-bottom:0}table.steps{min-width:720px}table.rule{min-width:560px}}"
    "@media print{body{max-width:none;padding:0;font-size:10pt}.chapter{break-before:page;border-top:0;margin-top:0}"
    "tr,.figure{break-inside:avoid}svg.drawing{max-width:100%}a{color:inherit}}";

/* As content policies write a hash. */
static void base64(char *out, const unsigned char *bytes, size_t n)
{
        static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

        for (size_t i = 0; i < n; i += 3) {
                size_t left = n - i;
                uint32_t v =
                    (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
                *out++ = DIGITS[v >> 18 & 63];
                *out++ = DIGITS[v >> 12 & 63];
                *out++ = left > 1 ? DIGITS[v >> 6 & 63] : '=';
                *out++ = left > 2 ? DIGITS[v & 63] : '=';
        }
        *out = '\0';
}

static void escaped(struct buf *out, const char *text)
{
        const char *end;

        for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
                xml_put_text(out, (struct str){text, (size_t)(end - text)});
                buf_add_text(out, "<br>");
        }
        xml_put_text(out, str_from(text));
}

/* Anchors of a book: "zh-" or "en-" before them where a file holds both. */
static void anchor_put(struct buf *out, const char *attribute, const char *before, const char *prefix, const char *id)
{
        char value[300];

        xml_put_attr(out, attribute, str_from(text_format(value, sizeof value, "%s%s%s", before, prefix, id)));
}

static void run_put(struct buf *out, const json_t *run, const char *prefix)
{
        const char *kind = json_text(run, "c"), *to = json_text(run, "to"), *id = json_text(run, "id");
        bool styled = kind[0] != '\0' && strcmp(kind, "chip") != 0;

        if (strcmp(kind, "page") == 0)
                return;
        if (id[0] != '\0' || styled) {
                buf_add_text(out, "<span");
                if (id[0] != '\0')
                        anchor_put(out, "id", "", prefix, id);
                if (styled)
                        xml_put_attr(out, "class", str_from(kind));
                buf_add_char(out, '>');
        }
        if (to[0] != '\0') {
                buf_add_text(out, "<a");
                anchor_put(out, "href", "#", prefix, to);
                buf_add_char(out, '>');
        }
        escaped(out, json_text(run, "t"));
        if (to[0] != '\0')
                buf_add_text(out, "</a>");
        if (id[0] != '\0' || styled)
                buf_add_text(out, "</span>");
}

void html_text(struct buf *out, const json_t *text, const char *prefix)
{
        json_t *run;
        size_t i;

        if (json_is_string(text))
                escaped(out, json_string_value(text));
        json_array_foreach((json_t *)(uintptr_t)text, i, run) run_put(out, run, prefix);
}

static void table_put(struct buf *out, const json_t *b, const char *prefix)
{
        const json_t *head = json_object_get(b, "head"), *rows = json_object_get(b, "rows"), *widths = json_object_get(b, "w");
        json_t *row, *cell;
        size_t i, k;

        buf_add_text(out, "<div class=\"table\"><table");
        if (json_text(b, "c")[0] != '\0')
                xml_put_attr(out, "class", str_from(json_text(b, "c")));
        buf_add_text(out, "><colgroup>");
        json_array_foreach((json_t *)(uintptr_t)widths, i, cell)
            buf_add_format(out, "<col width=\"%lld%%\">", (long long)json_integer_value(cell));
        buf_add_text(out, "</colgroup>");
        if (json_array_size(head) > 0) {
                buf_add_text(out, "<thead><tr>");
                json_array_foreach((json_t *)(uintptr_t)head, i, cell)
                {
                        buf_add_text(out, "<th scope=\"col\">");
                        html_text(out, cell, prefix);
                        buf_add_text(out, "</th>");
                }
                buf_add_text(out, "</tr></thead>");
        }
        buf_add_text(out, "<tbody>");
        json_array_foreach((json_t *)(uintptr_t)rows, i, row)
        {
                buf_add_text(out, "<tr>");
                json_array_foreach(row, k, cell)
                {
                        buf_add_text(out, "<td>");
                        html_text(out, cell, prefix);
                        buf_add_text(out, "</td>");
                }
                buf_add_text(out, "</tr>");
        }
        buf_add_text(out, "</tbody></table></div>\n");
}

int diagram_svg(struct buf *out, struct manual *m, const char *process, const char *title, const char *before,
                struct error *err)
{
        struct drawing *d = NULL;
        char path[120], link[120];
        struct str xml;

        text_format(path, sizeof path, "processes/%s.bpmn", process);
        int rc = pack_file(m->pack, path, &xml, err);
        if (rc == 0)
                rc = drawing_process(&d, xml, m->lang, err);
        if (rc == 0 && !drawing_empty(d))
                drawing_svg(out, d, title, text_format(link, sizeof link, "%s%s-step-", before, process));
        drawing_free(d);
        return rc;
}

static int diagram_put(struct buf *out, struct manual *m, const json_t *b, const char *title, const char *prefix,
                       struct error *err)
{
        struct buf svg;
        char before[40];

        buf_init(&svg, (size_t)16 << 20);
        int rc = diagram_svg(&svg, m, json_text(b, "process"), title, text_format(before, sizeof before, "#%s", prefix), err);
        rc = rc ? rc : buf_check(&svg, err);
        if (rc == 0 && svg.n == 0) {
                buf_add_text(out, "<p class=\"note missing\">");
                escaped(out, SAY(m, "The model carries no diagram.", "模型未附流程图。"));
                buf_add_text(out, "</p>\n");
        } else if (rc == 0) {
                buf_add_text(out, "<div class=\"figure\" tabindex=\"0\">");
                buf_add(out, svg.p, svg.n);
                buf_add_text(out, "</div>\n");
        }
        buf_dispose(&svg);
        return rc;
}

static int block_put(struct buf *out, struct manual *m, const json_t *b, const char *title, const char *prefix,
                     struct error *err)
{
        const char *kind = json_text(b, "k");

        if (strcmp(kind, "table") == 0) {
                table_put(out, b, prefix);
        } else if (strcmp(kind, "diagram") == 0) {
                return diagram_put(out, m, b, title, prefix, err);
        } else if (strcmp(kind, "h") == 0) {
                buf_add_text(out, "<h4>");
                html_text(out, json_object_get(b, "t"), prefix);
                buf_add_text(out, "</h4>\n");
        } else {
                buf_add_text(out, "<p");
                if (strcmp(kind, "note") == 0)
                        buf_add_format(out, " class=\"note %s\"", json_text(b, "c"));
                buf_add_char(out, '>');
                html_text(out, json_object_get(b, "t"), prefix);
                buf_add_text(out, "</p>\n");
        }
        return 0;
}

static int section_put(struct buf *out, struct manual *m, const json_t *s, const char *process, const char *title,
                       const char *prefix, struct error *err)
{
        char id[120];
        json_t *b;
        size_t i;
        int rc = 0;

        buf_add_text(out, "<section");
        text_format(id, sizeof id, "%s%s%s", process, process[0] == '\0' ? "" : "-", json_text(s, "id"));
        anchor_put(out, "id", "", prefix, id);
        buf_add_text(out, "><h3>");
        escaped(out, json_text(s, "title"));
        buf_add_text(out, "</h3>\n");
        json_array_foreach(json_object_get(s, "blocks"), i, b) if (rc == 0) rc = block_put(out, m, b, title, prefix, err);
        buf_add_text(out, "</section>\n");
        return rc;
}

static int chapter_put(struct buf *out, struct manual *m, const json_t *chapter, const char *prefix, struct error *err)
{
        const char *process = json_text(chapter, "process"), *title = json_text(chapter, "title");
        json_t *s;
        size_t i;
        int rc = 0;

        json_array_foreach(json_object_get(chapter, "sections"), i, s) if (rc == 0) rc =
            section_put(out, m, s, process, title, prefix, err);
        return rc;
}

/* --- the file ------------------------------------------------------------------------------------------------------------------------ */

static void cover_put(struct buf *out, struct manual *m, const json_t *book)
{
        buf_add_text(out, "<header class=\"cover\"><h1>");
        escaped(out, json_text(book, "title"));
        buf_add_text(out, "</h1><p>");
        escaped(out, json_text(book, "subtitle"));
        buf_add_format(out, SAY(m, " · version %s · law of %s", " · %s版 · 适用%s的规定"), json_text(book, "version"),
                       json_text(book, "day"));
        buf_add_format(out, "</p><p class=\"quiet\">SHA-256 <span class=\"code\">%s</span></p>", json_text(book, "hash"));
        if (json_is_true(json_object_get(book, "demonstration"))) {
                buf_add_text(out, "<p><span class=\"stamp\">");
                escaped(out, pack_text(m->pack, "demonstration", m->lang));
                buf_add_text(out, "</span></p>");
        }
        buf_add_text(out, "</header>\n");
}

static void contents_put(struct buf *out, struct manual *m, const json_t *book, const char *prefix)
{
        json_t *one;
        size_t i;

        buf_add_text(out, "<nav><h3>");
        buf_add_text(out, SAY(m, "Contents", "目录"));
        buf_add_text(out, "</h3><ol class=\"toc\">\n");
        json_array_foreach(json_object_get(book, "chapters"), i, one)
        {
                buf_add_text(out, "<li><a");
                anchor_put(out, "href", "#", prefix, json_text(one, "process"));
                buf_add_format(out, "><span class=\"number\">%s</span>", json_text(one, "process"));
                escaped(out, json_text(one, "title"));
                buf_add_text(out, "</a></li>\n");
        }
        json_array_foreach(json_object_get(book, "back"), i, one)
        {
                buf_add_text(out, "<li><a");
                anchor_put(out, "href", "#", prefix, json_text(one, "id"));
                buf_add_char(out, '>');
                escaped(out, json_text(one, "title"));
                buf_add_text(out, "</a></li>\n");
        }
        buf_add_text(out, "</ol></nav>\n");
}

static int book_put(struct buf *out, struct manual *m, const json_t *book, const char *prefix, struct error *err)
{
        json_t *one;
        size_t i;
        int rc = 0;

        buf_add_format(out, "<main lang=\"%s\">\n", SAY(m, "en", "zh-CN"));
        cover_put(out, m, book);
        json_array_foreach(json_object_get(book, "front"), i, one) if (rc == 0) rc =
            section_put(out, m, one, "", "", prefix, err);
        contents_put(out, m, book, prefix);
        json_array_foreach(json_object_get(book, "chapters"), i, one)
        {
                if (rc < 0)
                        break;
                buf_add_text(out, "<article class=\"chapter\"");
                anchor_put(out, "id", "", prefix, json_text(one, "process"));
                buf_add_format(out, "><h2><span class=\"number\">%s</span>", json_text(one, "process"));
                escaped(out, json_text(one, "title"));
                buf_add_text(out, "</h2>\n");
                if (json_text(one, "group")[0] != '\0') {
                        buf_add_text(out, "<p class=\"quiet\">");
                        escaped(out, json_text(one, "group"));
                        buf_add_text(out, "</p>\n");
                }
                rc = chapter_put(out, m, one, prefix, err);
                buf_add_text(out, "</article>\n");
        }
        json_array_foreach(json_object_get(book, "back"), i, one) if (rc == 0) rc =
            section_put(out, m, one, "", "", prefix, err);
        buf_add_text(out, "</main>\n");
        return rc;
}

int manual_html(struct buf *out, struct manual *const *ms, json_t *const *books, size_t count, struct error *err)
{
        struct hash h = hash_of(STYLE, sizeof STYLE - 1);
        char policy[64];
        int rc = 0;

        base64(policy, h.b, sizeof h.b);
        buf_add_format(
            out,
            "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" "
            "content=\"default-src 'none'; style-src 'sha256-%s'\"><meta name=\"viewport\" "
            "content=\"width=device-width,initial-scale=1\"><title>",
            SAY(ms[0], "en", "zh-CN"), policy);
        escaped(out, json_text(books[0], "title"));
        buf_add_format(out, "</title><style>%s</style></head><body>\n", STYLE);
        for (size_t i = 0; rc == 0 && i < count; i++)
                rc = book_put(out, ms[i], books[i], count == 1 ? "" : SAY(ms[i], "en-", "zh-"), err);
        buf_add_text(out, "</body></html>\n");
        return rc < 0 ? rc : buf_check(out, err);
}
