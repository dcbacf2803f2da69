/* SPDX-License-Identifier: Apache-2.0 */
#include "office/letter/issue.h"

#include "base/arena.h"
#include "case/application.h"
#include "case/instance.h"
#include "case/pack_store.h"
#include "office/json.h"
#include "office/letter/record.h"
#include "office/letter/table.h"

#include <stdlib.h>
#include <string.h>

struct issuing {
        struct call *call;
        const char *template;
        const json_t *to, *fields;
        const char *reason; /* why the case ends without a decision */
        int64_t instance;
        bool called; /* by a step of the case */
        bool party;  /* to whom the case is about, before who applied */
        json_t *own; /* fields that are looked up here */
        struct instance i;
        char office_code[40], body[2][192], name[256];
        int64_t person;
        json_t *texts, *common;
};
/* One language of it. */
struct page {
        struct issuing *x;
        enum lang lang;
        struct arena *arena;
        json_t *values;
        struct letter letter;
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
        char iso[16], status[9];
        int y, m, d;

        day_split(today, &y, &m, &d);
        number_set(p, "year", y);
        number_set(p, "month", m);
        number_set(p, "day", d);
        value_set(p, "iso", day_text(today, iso));
        value_set(p, "sequence", LETTER_SEQUENCE);
        value_set(p, "number", LETTER_NUMBER);
        value_set(p, "code", LETTER_SHORT);
        value_set(p, "office", x->office_code);
        value_set(p, "case", x->i.number);
        value_set(p, "process", process == NULL ? x->i.process : process->title[p->lang]);
        value_set(p, "article", process == NULL ? "" : process->article);
        value_set(p, "name", x->name[0] != '\0' ? x->name : words(p, x->common, "anybody"));
        status_code(x->call->house, x->i.id, status);
        value_set(p, "status_code", status);
        value_set(p, "due_day", x->i.due_day == 0 || x->i.due_day == DAY_END ? "—" : day_text(x->i.due_day, iso));
}

/* A choice of a form in the words that the pack has for it; any other text as it is. */
static void text_add(const struct page *p, struct buf *out, const char *name, const char *text)
{
        char key[160];
        const char *said = pack_text(p->x->i.pack, text_format(key, sizeof key, "choice.%s.%.80s", name, text), p->lang);

        buf_add_text(out, strcmp(said, key) == 0 ? text : said);
}

/* A value in the language of the page: a text, a number, {"zh", "en"}, or several of these. */
static void value_add(const struct page *p, struct buf *out, const char *name, const json_t *value)
{
        const json_t *own = json_object_get(value, p->lang == LANG_EN ? "en" : "zh"), *one;
        size_t i;

        if (json_is_string(own))
                buf_add_text(out, json_string_value(own));
        else if (json_is_string(value))
                text_add(p, out, name, json_string_value(value));
        else if (json_is_integer(value))
                buf_add_format(out, "%lld", (long long)json_integer_value(value));
        else if (json_is_real(value))
                buf_add_format(out, "%.15g", json_real_value(value));
        for (i = 0; i < json_array_size(value); i++) {
                one = json_array_get(value, i);
                if (out->n > 0)
                        buf_add_text(out, p->lang == LANG_EN ? "; " : "；");
                value_add(p, out, name, one);
        }
}

/* What the model says, as rows: those fields for which the pack has a word and that have a value. */
static void rows_make(struct page *p, struct letter_table *t)
{
        const json_t *labels = json_object_get(p->x->common, "labels");
        const char *name;
        json_t *value;
        struct buf text;

        *t = (struct letter_table){.widths = {34, 66}, .columns = 2};
        t->title = "";
        t->head[0] = words(p, p->x->common, "head");
        t->head[1] = words(p, p->x->common, "value");
        buf_init(&text, 65536);
        json_object_foreach((json_t *)(uintptr_t)p->x->fields, name, value)
        {
                buf_clear(&text);
                value_add(p, &text, name, value);
                if (text.n == 0 || json_object_get(labels, name) == NULL || t->row_count == LETTER_ROWS)
                        continue;
                t->rows[t->row_count][0] = words(p, labels, name);
                t->rows[t->row_count++][1] = keep(p, buf_text(&text));
        }
        if (buf_check(&text, p->err) < 0)
                p->failed = true;
        buf_dispose(&text);
}

/* A text that only some letters have. */
static void paragraph_add(struct page *p, const char **list, int *count, const char *name)
{
        if (json_object_get(p->x->texts, name) != NULL)
                list[(*count)++] = words(p, p->x->texts, name);
}

static int page_make(struct page *p)
{
        struct issuing *x = p->x;
        struct letter *l = &p->letter;

        if (p->arena == NULL || p->values == NULL)
                return error_raise(p->err, SB_MEMORY, "%s", "");
        values_make(p);
        l->lang = p->lang;
        l->day = clock_today(x->call->house->clock);
        l->date = words(p, x->common, "date");
        l->body = x->body[p->lang];
        l->number = words(p, x->texts, "number");
        l->title = words(p, x->texts, "title");
        l->addressee = words(p, x->common, "addressee");
        l->paragraphs[l->paragraph_count++] = words(p, x->texts, "opening");
        rows_make(p, &l->amounts);
        paragraph_add(p, l->between, &l->between_count, "duty");
        if (json_is_true(json_object_get(x->texts, "appeal")))
                l->closing[l->closing_count++] = words(p, x->common, "appeal");
        paragraph_add(p, l->closing, &l->closing_count, "closing");
        l->seal = words(p, x->common, "seal");
        l->verify_text = words(p, x->common, "verify");
        l->stamp = pack_is_demonstration(x->i.pack) ? words(p, x->common, "stamp") : NULL;
        return p->failed ? ERR : 0;
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
        json_t *rows = NULL, *row;
        size_t i;
        int rc = tx_one(&q, tx, err, "SELECT code, body FROM office WHERE id = ?1@int", "i", x->i.office);

        if (rc == 1) {
                text_copy(x->office_code, sizeof x->office_code, stmt_text(q, 0));
                text_copy(x->body[LANG_ZH], sizeof x->body[LANG_ZH], stmt_text(q, 1));
        }
        text_copy(x->body[LANG_EN], sizeof x->body[LANG_EN], str_from(x->body[LANG_ZH]));
        if (rc >= 0)
                rc = pack_table_maybe(x->i.pack, "offices.csv", &rows, err);
        json_array_foreach(rows, i, row)
        {
                const char *code = json_string_value(json_object_get(row, "office"));
                const char *name = json_string_value(json_object_get(row, "body_en"));
                if (code != NULL && name != NULL && name[0] != '\0' && strcmp(code, x->office_code) == 0)
                        text_copy(x->body[LANG_EN], sizeof x->body[LANG_EN], str_from(name));
        }
        json_decref(rows);
        return rc < 0 ? rc : 0;
}

static int person_name(struct tx *tx, struct issuing *x, int64_t id, struct error *err)
{
        struct house *h = x->call->house;
        struct person p;
        int rc = person_read(tx, h, h->home, id, &p, err);

        if (rc == 0) {
                text_copy(x->name, sizeof x->name, str_from(p.name));
                x->person = id;
                person_dispose(&p);
        }
        return rc;
}

/* 1: it is one of the register's employers, and named. */
static int employer_name(struct tx *tx, struct issuing *x, int64_t id, struct error *err)
{
        struct house *h = x->call->house;
        struct employer e;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM employer WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)h->home, id);

        if (rc != 1)
                return rc;
        rc = employer_read(tx, h, h->home, id, &e, err);
        if (rc == 0)
                text_copy(x->name, sizeof x->name, str_from(e.name));
        return rc < 0 ? rc : 1;
}

/* Somebody of the register, if that is where {"person", "employer"} are: 1 named. */
static int registered_name(struct tx *tx, struct issuing *x, const json_t *who, struct error *err)
{
        int64_t person = json_integer_value(json_object_get(who, "person"));
        int64_t employer = json_integer_value(json_object_get(who, "employer"));
        struct stmt *q;
        int rc = employer == 0 ? 0 : employer_name(tx, x, employer, err);

        if (rc != 0 || person == 0)
                return rc;
        rc = tx_one(&q, tx, err, "SELECT 1 FROM person WHERE home = ?1@int AND id = ?2@int", "ii",
                    (int64_t)x->call->house->home, person);
        if (rc == 1 && (rc = person_name(tx, x, person, err)) == 0)
                rc = 1;
        return rc;
}

/* Who applied: somebody of the register, before anybody is registered the applicant's own name, or the name in the form. */
static int applicant_name(struct tx *tx, struct issuing *x, struct error *err)
{
        const json_t *about = json_object_get(x->i.state_json, "variables");
        json_t *whole = NULL;
        int rc = x->i.application == 0 ? 0 : application_read(tx, x->call->house, x->i.application, &whole, err);
        const json_t *applicant = json_object_get(whole, "applicant");
        const char *own = json_string_value(json_object_get(applicant, "name"));
        const char *party = json_string_value(json_object_get(json_object_get(whole, "form"), "name"));
        const char *name = own == NULL || (x->party && party != NULL) ? party : own;

        if (rc == 0 && x->party)
                rc = registered_name(tx, x, about, err);
        if (rc == 0 && !(x->party && name != NULL))
                rc = registered_name(tx, x, applicant, err);
        if (rc == 0 && name != NULL)
                text_copy(x->name, sizeof x->name, str_from(name));
        else if (rc == 0)
                rc = registered_name(tx, x, about, err);
        json_decref(whole);
        return rc < 0 ? rc : 0;
}

/* To whom: a person or an employer by its id (ids are of one sequence), or as it is written; else who applied. */
static int addressee_read(struct tx *tx, struct issuing *x, struct error *err)
{
        int64_t id = json_integer_value(x->to);

        if (json_is_string(x->to))
                text_copy(x->name, sizeof x->name, str_from(json_string_value(x->to)));
        else if (id == 0)
                return applicant_name(tx, x, err);
        if (id == 0)
                return 0;
        int rc = employer_name(tx, x, id, err);
        return rc == 0 ? person_name(tx, x, id, err) : rc < 0 ? rc : 0;
}

/* Names of the papers of the case that are missing, in both languages where the pack has them. */
static int papers_read(struct tx *tx, struct issuing *x, struct buf *names, struct error *err)
{
        json_t *rows = NULL, *row;
        struct stmt *q = NULL;
        size_t i;
        int rc = pack_table_maybe(x->i.pack, "materials.csv", &rows, err);

        rc = rc ? rc
                : tx_query(&q, tx, err,
                           "SELECT material FROM case_paper WHERE home = ?1@int AND instance = ?2@int AND state = 'missing' "
                           "ORDER BY material",
                           "ii", (int64_t)x->i.home, x->i.id);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct str material = stmt_text(q, 0);
                json_array_foreach(rows, i, row)
                {
                        const char *process = json_string_value(json_object_get(row, "process"));
                        const char *code = json_string_value(json_object_get(row, "material"));
                        const char *name = json_string_value(json_object_get(row, "name_zh"));
                        const char *name_en = json_string_value(json_object_get(row, "name_en"));
                        if (process == NULL || code == NULL || name == NULL || name_en == NULL ||
                            strcmp(process, x->i.process) != 0 || !str_is(material, code))
                                continue;
                        buf_add_format(names, "%s%s (%s)", names->n == 0 ? "" : "；", name, name_en);
                }
        }
        json_decref(rows);
        return rc ? rc : buf_check(names, err);
}

/* A letter that somebody asks for says what the case says: the day by which it is due, the papers that are missing. */
static int asked_fields(struct tx *tx, struct issuing *x, struct error *err)
{
        struct buf names;
        char day[16];

        buf_init(&names, 16384);
        int rc = papers_read(tx, x, &names, err);
        json_decref(x->own);
        x->own = json_object();
        if (rc == 0 && names.n > 0)
                put_text(x->own, "papers", buf_text(&names));
        if (rc == 0 && x->i.due_day != 0 && x->i.due_day != DAY_END)
                put_text(x->own, "decide_by", day_text(x->i.due_day, day));
        x->fields = x->own;
        buf_dispose(&names);
        return rc;
}

/* --- letter.issue -------------------------------------------------------------------------------------------------------------------- */

static int letters_record(struct tx *tx, struct issuing *x, struct letter_made *made, struct error *err)
{
        struct page *pages = calloc(2, sizeof *pages);
        struct letter_new n = {.template = x->template,
                               .pack = x->i.pack,
                               .office = x->i.office,
                               .instance = x->i.id,
                               .person = x->person,
                               .subject_kind = x->i.subject_kind[0] == '\0' ? "case" : x->i.subject_kind,
                               .subject = x->i.subject_kind[0] == '\0' ? x->i.id : x->i.subject};
        int rc = pages == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        for (int k = 0; rc == 0 && k < 2; k++) {
                pages[k] = (struct page){
                    .x = x, .lang = (enum lang)k, .arena = arena_new((size_t)1 << 20), .values = json_object(), .err = err};
                rc = page_make(&pages[k]);
                n.pages[k] = &pages[k].letter;
        }
        if (rc == 0)
                rc = letter_record(tx, x->call, &n, made, err);
        for (int k = 0; pages != NULL && k < 2; k++) {
                json_decref(pages[k].values);
                arena_free(pages[k].arena);
        }
        free(pages);
        return rc;
}

static int issue_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct issuing *x = ctx;
        struct letter_made made = {.document = 0};
        int rc = instance_read(tx, c->house, x->instance, &x->i, err);

        x->person = 0;
        x->name[0] = '\0';
        if (rc == 0 && !x->called)
                rc = office_allowed(tx, c, x->i.office, x->i.number, err);
        if (rc == 0)
                rc = texts_read(x, x->template, &x->texts, err);
        if (rc == 0)
                rc = texts_read(x, "common", &x->common, err);
        if (rc == 0)
                rc = office_read(tx, x, err);
        if (rc == 0)
                rc = addressee_read(tx, x, err);
        if (rc == 0 && !x->called)
                rc = asked_fields(tx, x, err);
        if (rc == 0)
                rc = letters_record(tx, x, &made, err);
        if (rc == 0 && json_is_true(json_object_get(x->texts, "ends_case")))
                rc = letter_close_unserved(tx, c, x->instance, made.document, "replaced", made.number, err);
        change->subject_kind = x->i.subject_kind[0] == '\0' ? "case" : "document";
        change->subject = made.document;
        if (rc == 0)
                *out = json_pack("{s:I,s:s}", "document", (json_int_t)made.document, "number", made.number);
        instance_dispose(&x->i);
        json_decref(x->texts);
        json_decref(x->common);
        x->texts = x->common = NULL;
        return rc == 0 && *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rc;
}

static int issue(struct issuing *x, const char *verb, const json_t *in, json_t **out, struct error *err)
{
        return verb_change(x->call, registry_find(x->call->house->verbs, verb), in, issue_apply, x, out, err);
}

static int letter_issue(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct issuing x = {.call = c,
                            .to = json_object_get(in, "to"),
                            .fields = json_object_get(in, "fields"),
                            .instance = c->instance,
                            .called = true};
        int rc = json_get_text(in, "template", true, &x.template, err);

        if (rc == 0 && c->instance == 0)
                rc = error_raise(err, SB_CASE_UNKNOWN, "%s", "0");
        return rc < 0 ? rc : issue(&x, "letter.issue", in, out, err);
}

/* At the counter: the receipt of an application, the notice of what is missing. */
static int letters_write(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct issuing x = {.call = c};
        int rc = json_get_text(in, "template", true, &x.template, err);

        rc = rc ? rc : json_get_int(in, "case", true, &x.instance, err);
        rc = rc ? rc : issue(&x, "letters.write", in, out, err);
        json_decref(x.own);
        return rc;
}

/* --- a case ends without a decision ---------------------------------------------------------------------------------------------------- */

/* Did somebody apply? What the office opened itself ends without a letter. An heir is written to, not whom the case is about. */
static int applied(struct tx *tx, struct issuing *x, struct error *err)
{
        struct instance i = {.id = 0};
        json_t *whole = NULL;
        int rc = instance_read(tx, x->call->house, x->instance, &i, err);

        if (rc == 0 && i.application != 0)
                rc = application_read(tx, x->call->house, i.application, &whole, err);
        const char *kind = json_string_value(json_object_get(json_object_get(whole, "applicant"), "kind"));
        bool asked = kind != NULL && strcmp(kind, "office") != 0;
        x->party = kind != NULL && strcmp(kind, "heir") != 0;
        json_decref(whole);
        instance_dispose(&i);
        return rc < 0 ? rc : asked;
}

/* The applicant is told; letters that were not served hold no longer. An office without its seal ends the case all the same. */
static int withdrawal_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct issuing *x = ctx;
        struct error fault = {0};
        int rc = applied(tx, x, err);

        if (rc < 0)
                return rc;
        if (rc == 1 && (rc = issue_apply(tx, c, ctx, change, out, &fault)) == 0)
                return 0;
        if (rc < 0 && fault.code != SB_LETTER_SEAL) {
                if (err != NULL)
                        *err = fault;
                return rc;
        }
        error_clear(&fault);
        change->subject_kind = "case";
        change->subject = x->instance;
        rc = letter_close_unserved(tx, c, x->instance, 0, "withdrawn", x->reason, err);
        if (rc == 0 && (*out = json_pack("{s:i}", "document", 0)) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        return rc;
}

static int letter_withdrawal(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        json_t *fields = json_pack("{s:O}", "reason", json_object_get(in, "reason"));
        struct issuing x = {.call = c, .template = "withdrawal", .fields = fields, .instance = c->instance, .called = true};
        int rc = fields == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_get_text(in, "reason", true, &x.reason, err);

        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "letter.withdrawal"), in, withdrawal_apply, &x, out, err);
        json_decref(fields);
        return rc;
}

#define ANY "{\"type\":\"object\"}"
const struct verb issue_verbs[] = {
    {"letter.issue", VERB_WRITE, NULL, NULL, NULL, "Write and number a letter of a case by a template of the pack",
     "制发文书并编号",
     "{\"type\":\"object\",\"required\":[\"template\"],\"properties\":{\"template\":{\"type\":\"string\",\"maxLength\":40},"
     "\"to\":{},\"fields\":{\"type\":\"object\"}}}",
     ANY, letter_issue, NULL},
    {"letter.withdrawal", VERB_WRITE, NULL, NULL, NULL, "Tell the applicant that the case has ended without a decision",
     "告知申请人案件终止办理",
     "{\"type\":\"object\",\"required\":[\"reason\"],\"properties\":{\"reason\":{\"type\":\"string\"}}}", ANY,
     letter_withdrawal, NULL},
    {"letters.write", VERB_WRITE, "letters.write", "POST", "/api/cases/{case}/letters",
     "Write the receipt of an application, or the notice of all papers that are missing", "出具受理回执、一次性告知书",
     "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"case\",\"template\"],\"properties\":{\"case\":{"
     "\"type\":"
     "\"integer\",\"minimum\":1},\"template\":{\"enum\":[\"acceptance-receipt\",\"one-time-notice\"]}}}",
     ANY, letters_write, SCOPE_OFFICE},
    {0},
};
