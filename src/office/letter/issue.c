/* SPDX-License-Identifier: Apache-2.0 */
#include "office/letter/issue.h"

#include "base/arena.h"
#include "case/application.h"
#include "case/instance.h"
#include "case/pack_store.h"
#include "office/json.h"
#include "office/letter/letter.h"

#include <stdlib.h>
#include <string.h>

#define PDF_MAX ((size_t)16 << 20)

struct issuing {
        struct call *call;
        const char *template;
        const json_t *to, *fields;
        struct instance i;
        char office_code[40], body[192], name[256];
        int64_t person, sequence;
        json_t *texts, *common;
};
/* One language of it. */
struct page {
        struct issuing *x;
        enum lang lang;
        struct arena *arena;
        json_t *values;
        struct error *err;
        bool failed;
};

/* --- words ------------------------------------------------------------------------------------------------------------------------- */

static const char *keep(struct page *p, const char *text)
{
        const char *t = arena_text(p->arena, str_from(text));

        if (t == NULL && !p->failed) {
                error_raise(p->err, SB_MEMORY, "%s", "");
                p->failed = true;
        }
        return t == NULL ? "" : t;
}

/* {name} replaced by its value; a name without a value stays out. */
static const char *fill(struct page *p, const char *text)
{
        struct buf b;

        buf_init(&b, 65536);
        while (*text != '\0') {
                const char *open = strchr(text, '{'), *close = open == NULL ? NULL : strchr(open, '}');
                char name[40];
                if (close == NULL || (size_t)(close - open) > sizeof name) {
                        buf_add_text(&b, text);
                        break;
                }
                buf_add(&b, text, (size_t)(open - text));
                text_copy(name, sizeof name, (struct str){open + 1, (size_t)(close - open - 1)});
                if (json_string_value(json_object_get(p->values, name)) != NULL)
                        buf_add_text(&b, json_string_value(json_object_get(p->values, name)));
                text = close + 1;
        }
        if (buf_check(&b, p->err) < 0)
                p->failed = true;
        const char *out = p->failed ? "" : keep(p, buf_text(&b));
        buf_dispose(&b);
        return out;
}

static const char *words(struct page *p, const json_t *texts, const char *name)
{
        const char *t = json_string_value(json_object_get(json_object_get(texts, name), p->lang == LANG_EN ? "en" : "zh"));

        if (t == NULL && !p->failed) {
                error_raise(p->err, SB_LETTER_TEXT, "letters/%s.json|%s", p->x->template, name);
                p->failed = true;
        }
        return t == NULL ? "" : fill(p, t);
}

static void value_set(struct page *p, const char *name, const char *value)
{
        json_object_set_new(p->values, name, json_string(value));
}

static void number_set(struct page *p, const char *name, int64_t value)
{
        char text[24];

        value_set(p, name, text_format(text, sizeof text, "%lld", (long long)value));
}

static void values_make(struct page *p)
{
        struct issuing *x = p->x;
        const struct bpmn_process *process = bpmn_process(x->i.model, bpmn_process_find(x->i.model, x->i.process));
        day_t today = clock_today(x->call->house->clock);
        char text[80], iso[16];
        int y, m, d;

        day_split(today, &y, &m, &d);
        number_set(p, "year", y);
        number_set(p, "month", m);
        number_set(p, "day", d);
        value_set(p, "iso", day_text(today, iso));
        number_set(p, "sequence", x->sequence);
        value_set(p, "office", x->office_code);
        value_set(p, "case", x->i.number);
        value_set(p, "process", process == NULL ? x->i.process : process->title[p->lang]);
        value_set(p, "article", process == NULL ? "" : process->article);
        value_set(p, "name", x->name[0] != '\0' ? x->name : words(p, x->common, "anybody"));
        text_format(text, sizeof text, "%s|%s|%lld", x->i.number, x->template, (long long)x->sequence);
        struct hash code = keyring_index(x->call->house->keys, "letter", str_from(text));
        text_format(text, sizeof text, "%02X%02X %02X%02X %02X%02X %02X%02X", code.b[0], code.b[1], code.b[2], code.b[3],
                    code.b[4], code.b[5], code.b[6], code.b[7]);
        value_set(p, "code", text);
}

/* What the model says, as rows: those fields for which the pack has a word and that have a value. */
static void rows_make(struct page *p, struct letter_table *t)
{
        const json_t *labels = json_object_get(p->x->common, "labels");
        const char *name;
        json_t *value;
        char text[64];

        *t = (struct letter_table){.widths = {34, 66}, .columns = 2};
        t->title = "";
        t->head[0] = words(p, p->x->common, "head");
        t->head[1] = words(p, p->x->common, "value");
        json_object_foreach((json_t *)(uintptr_t)p->x->fields, name, value)
        {
                const char *s = json_string_value(value);
                if (json_is_integer(value))
                        s = text_format(text, sizeof text, "%lld", (long long)json_integer_value(value));
                else if (json_is_real(value))
                        s = text_format(text, sizeof text, "%.15g", json_real_value(value));
                if (s == NULL || s[0] == '\0' || json_object_get(labels, name) == NULL || t->row_count == LETTER_ROWS)
                        continue;
                t->rows[t->row_count][0] = words(p, labels, name);
                t->rows[t->row_count++][1] = keep(p, s);
        }
}

static int page_write(struct issuing *x, enum lang lang, struct buf *out, char title[256], char number[128], struct error *err)
{
        struct page p = {.x = x, .lang = lang, .arena = arena_new((size_t)4 << 20), .values = json_object(), .err = err};
        struct letter *l = calloc(1, sizeof *l);
        int rc = p.arena != NULL && p.values != NULL && l != NULL ? 0 : error_raise(err, SB_MEMORY, "%s", "");

        if (rc < 0)
                goto done;
        values_make(&p);
        l->lang = lang;
        l->day = clock_today(x->call->house->clock);
        l->date = words(&p, x->common, "date");
        l->body = x->body;
        l->number = words(&p, x->texts, "number");
        l->title = words(&p, x->texts, "title");
        l->addressee = words(&p, x->common, "addressee");
        l->paragraphs[l->paragraph_count++] = words(&p, x->texts, "opening");
        rows_make(&p, &l->amounts);
        if (json_is_true(json_object_get(x->texts, "appeal")))
                l->closing[l->closing_count++] = words(&p, x->common, "appeal");
        l->seal = words(&p, x->common, "seal");
        l->verify_text = words(&p, x->common, "verify");
        l->verify = keep(
            &p, arena_format(p.arena, "shebao:letter:%s:%s", l->number, json_string_value(json_object_get(p.values, "code"))));
        l->stamp = pack_is_demonstration(x->i.pack) ? words(&p, x->common, "stamp") : NULL;
        rc = p.failed ? ERR : letter_pdf(out, l, err);
        text_format(title, 256, "%s %s", l->title, l->number);
        text_format(number, 128, "%s", l->number);
done:
        json_decref(p.values);
        arena_free(p.arena);
        free(l);
        return rc;
}

/* --- facts ------------------------------------------------------------------------------------------------------------------------- */

static int texts_read(struct issuing *x, const char *name, json_t **out, struct error *err)
{
        char path[100];
        struct str file;
        int rc = pack_file(x->i.pack, text_format(path, sizeof path, "letters/%s.json", name), &file, err);

        return rc < 0 ? rc : json_read(out, file, err);
}

static int office_read(struct tx *tx, struct issuing *x, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT code, body FROM office WHERE id = ?1@int", "i", x->i.office);

        if (rc == 1) {
                text_copy(x->office_code, sizeof x->office_code, stmt_text(q, 0));
                text_copy(x->body, sizeof x->body, stmt_text(q, 1));
        }
        return rc < 0 ? rc : 0;
}

/* Who applied, before anybody is registered: the applicant's own name, or the name in the form. */
static int applicant_name(struct tx *tx, struct issuing *x, struct error *err)
{
        json_t *whole = NULL;
        int rc = x->i.application == 0 ? 0 : application_read(tx, x->call->house, x->i.application, &whole, err);
        const char *name = json_string_value(json_object_get(json_object_get(whole, "applicant"), "name"));

        if (name == NULL)
                name = json_string_value(json_object_get(json_object_get(whole, "form"), "name"));
        if (name != NULL)
                text_copy(x->name, sizeof x->name, str_from(name));
        json_decref(whole);
        return rc;
}

/* To whom: a person or an employer by its id (ids are of one sequence), or as it is written; else who applied. */
static int addressee_read(struct tx *tx, struct issuing *x, struct error *err)
{
        struct house *h = x->call->house;
        int64_t id = json_integer_value(x->to);
        struct employer e;
        struct person p;
        struct stmt *q;
        int rc;

        if (json_is_string(x->to))
                text_copy(x->name, sizeof x->name, str_from(json_string_value(x->to)));
        else if (id == 0)
                return applicant_name(tx, x, err);
        if (id == 0)
                return 0;
        rc = tx_one(&q, tx, err, "SELECT 1 FROM employer WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)h->home, id);
        if (rc == 1) {
                rc = employer_read(tx, h, h->home, id, &e, err);
                if (rc == 0)
                        text_copy(x->name, sizeof x->name, str_from(e.name));
                return rc;
        }
        if (rc == 0)
                rc = person_read(tx, h, h->home, id, &p, err);
        if (rc == 0) {
                text_copy(x->name, sizeof x->name, str_from(p.name));
                x->person = id;
                person_dispose(&p);
        }
        return rc;
}

/* The next number; the row is held until the letter stands, so that none is left out. */
static int number_take(struct tx *tx, struct issuing *x, struct error *err)
{
        struct stmt *q;
        int y, m, d;

        day_split(clock_today(x->call->house->clock), &y, &m, &d);
        int rc =
            tx_exec(tx, err,
                    "INSERT INTO letter_number (home, year, office, kind, last) VALUES (?1@int, ?2@int, ?3@int, ?4@text, 1) "
                    "ON CONFLICT (home, year, office, kind) DO UPDATE SET last = letter_number.last + 1",
                    "iiit", (int64_t)x->i.home, (int64_t)y, x->i.office, x->template);

        if (rc == 0)
                rc = tx_one(
                    &q, tx, err,
                    "SELECT last FROM letter_number WHERE home = ?1@int AND year = ?2@int AND office = ?3@int AND kind = "
                    "?4@text",
                    "iiit", (int64_t)x->i.home, (int64_t)y, x->i.office, x->template);
        x->sequence = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

/* --- letter.issue -------------------------------------------------------------------------------------------------------------------- */

static int letters_store(struct tx *tx, struct issuing *x, int64_t *document, char number[128], struct error *err)
{
        static const char *const kinds[2] = {[LANG_ZH] = "letter.zh", [LANG_EN] = "letter.en"};
        static const enum lang langs[2] = {LANG_ZH, LANG_EN};
        int rc = 0;

        for (int k = 0; rc == 0 && k < 2; k++) {
                char title[256], own[128];
                int64_t id = 0;
                struct buf pdf;
                buf_init(&pdf, PDF_MAX);
                rc = page_write(x, langs[k], &pdf, title, own, err);
                if (rc == 0)
                        rc = document_store(tx, x->call, kinds[langs[k]], x->person, x->i.subject_kind, x->i.subject, title,
                                            "application/pdf", (struct str){pdf.p, pdf.n}, &id, err);
                buf_dispose(&pdf);
                if (k == 0) {
                        *document = id;
                        text_copy(number, 128, str_from(own));
                }
        }
        return rc;
}

static int issue_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct issuing *x = ctx;
        int64_t document = 0;
        char number[128] = "";
        int rc = instance_read(tx, c->house, c->instance, &x->i, err);

        if (rc == 0)
                rc = texts_read(x, x->template, &x->texts, err);
        if (rc == 0)
                rc = texts_read(x, "common", &x->common, err);
        if (rc == 0)
                rc = office_read(tx, x, err);
        if (rc == 0)
                rc = addressee_read(tx, x, err);
        if (rc == 0)
                rc = number_take(tx, x, err);
        if (rc == 0)
                rc = letters_store(tx, x, &document, number, err);
        change->subject_kind = x->i.subject_kind[0] == '\0' ? "case" : "document";
        change->subject = document;
        if (rc == 0)
                *out = json_pack("{s:I,s:s}", "document", (json_int_t)document, "number", number);
        instance_dispose(&x->i);
        json_decref(x->texts);
        json_decref(x->common);
        x->texts = x->common = NULL;
        return rc == 0 && *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rc;
}

static int letter_issue(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct issuing x = {.call = c, .to = json_object_get(in, "to"), .fields = json_object_get(in, "fields")};
        int rc = json_get_text(in, "template", true, &x.template, err);

        if (rc == 0 && c->instance == 0)
                rc = error_raise(err, SB_CASE_UNKNOWN, "%s", "0");
        return rc < 0 ? rc : verb_change(c, registry_find(c->house->verbs, "letter.issue"), in, issue_apply, &x, out, err);
}

/* --- letter.served ------------------------------------------------------------------------------------------------------------------- */

struct service {
        int64_t document;
        const char *way, *reference;
        day_t day;
};

static int served_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct service *s = ctx;
        struct house *h = c->house;
        char day[16];
        int64_t id;
        int rc = ids_next(h->ids, &id, err);

        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO letter_service (home, id, document, instance, way, reference, day, actor, at) VALUES "
                             "(?1@int, ?2@int, ?3@int, ?4@int, ?5@text, ?6@text, ?7@int, ?8@int, ?9@int)",
                             "iiiittiii", (int64_t)h->home, id, s->document, c->instance, s->way, s->reference, (int64_t)s->day,
                             c->who.staff, (int64_t)clock_now(h->clock));
        if (rc < 0)
                return rc;
        change->subject_kind = "document";
        change->subject = s->document;
        *out = json_pack("{s:I,s:s,s:s}", "service", (json_int_t)id, "way", s->way, "day", day_text(s->day, day));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int letter_served(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct service s = {.way = "counter", .reference = "", .day = clock_today(c->house->clock)};
        int rc = json_get_int(in, "document", true, &s.document, err);

        rc = rc ? rc : json_get_text(in, "way", false, &s.way, err);
        rc = rc ? rc : json_get_text(in, "reference", false, &s.reference, err);
        rc = rc ? rc : json_get_day(in, "day", false, &s.day, err);
        return rc < 0 ? rc : verb_change(c, registry_find(c->house->verbs, "letter.served"), in, served_apply, &s, out, err);
}

#define ANY "{\"type\":\"object\"}"
const struct verb letter_verbs[] = {
    {"letter.issue", VERB_WRITE, 0, NULL, NULL, "Write and number a letter of a case by a template of the pack",
     "制发文书并编号",
     "{\"type\":\"object\",\"required\":[\"template\"],\"properties\":{\"template\":{\"type\":\"string\",\"maxLength\":40},"
     "\"to\":{},\"fields\":{\"type\":\"object\"}}}",
     ANY, letter_issue, NULL},
    {"letter.served", VERB_WRITE, 0, NULL, NULL, "Record how a letter was served", "登记文书送达",
     "{\"type\":\"object\",\"required\":[\"document\"],\"properties\":{\"document\":{\"type\":\"integer\",\"minimum\":1},"
     "\"way\":{\"enum\":[\"counter\",\"post\",\"sms\",\"public\"]},\"reference\":{\"type\":\"string\",\"maxLength\":120},"
     "\"day\":{\"type\":\"string\",\"format\":\"date\"}}}",
     ANY, letter_served, NULL},
    {0},
};
