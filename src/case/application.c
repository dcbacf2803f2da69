/* SPDX-License-Identifier: Apache-2.0 */
#include "case/application.h"

#include "case/answer.h"
#include "case/applicant.h"
#include "case/form.h"
#include "case/instance.h"
#include "case/pack_store.h"
#include "case/paper.h"
#include "case/sealed.h"

#include <stdlib.h>
#include <string.h>

static const char SEALED[] = "application.sealed";

/* --- checking ----------------------------------------------------------------------------------------------------------------------- */

static int form_take(const struct bpmn_process *p, const json_t *form, json_t *plain, json_t *personal, struct error *err)
{
        return form_open(p) ? form_need(p->variables, p->variable_count, form, plain, personal, err)
                            : error_raise(err, SB_CASE_FORM_NONE, "%s", p->id);
}

/* Who applies. The kind, ids and dates stand open; a name and the document that gives the right are sealed. */
static int applicant_take(const json_t *applicant, day_t today, json_t *plain, json_t *personal, struct error *err)
{
        const char *kind = json_text_or(applicant, "kind", "office");
        const char *name = json_text_or(applicant, "name", NULL), *document = json_text_or(applicant, "document", NULL);
        day_t valid_to = json_day_or(applicant, "valid_to", DAY_END);

        bool for_another = strcmp(kind, "agent") == 0 || strcmp(kind, "guardian") == 0 || strcmp(kind, "heir") == 0;
        /* A person whose right is recorded needs neither again: applicant_may looks for it. */
        if (for_another && !json_is_integer(json_object_get(applicant, "person")) &&
            (name == NULL || name[0] == '\0' || document == NULL || document[0] == '\0'))
                return error_raise(err, SB_CASE_APPLICANT, "%s",
                                   ERROR_BOTH("who acts for somebody else needs a name and a power of attorney or proof",
                                              "代为办理须填写姓名及授权委托或关系证明"));
        if (valid_to < today)
                return error_raise(err, SB_CASE_APPLICANT, "%s",
                                   ERROR_BOTH("the power of attorney has ended", "授权委托已过期"));
        put_text(plain, "kind", kind);
        put_value(plain, "person", json_incref(json_object_get(applicant, "person")));
        put_value(plain, "employer", json_incref(json_object_get(applicant, "employer")));
        if (valid_to < DAY_END)
                put_day(plain, "valid_to", valid_to);
        if (name != NULL)
                put_text(personal, "name", name);
        if (document != NULL)
                put_text(personal, "document", document);
        return 0;
}

/* --- writing ------------------------------------------------------------------------------------------------------------------------ */

struct parts {
        json_t *form, *form_sealed, *applicant, *applicant_sealed;
};

static int parts_new(struct parts *p, struct error *err)
{
        *p = (struct parts){json_object(), json_object(), json_object(), json_object()};
        return p->form == NULL || p->form_sealed == NULL || p->applicant == NULL || p->applicant_sealed == NULL
                   ? error_raise(err, SB_MEMORY, "%s", "")
                   : 0;
}

static void parts_dispose(struct parts *p)
{
        json_decref(p->form);
        json_decref(p->form_sealed);
        json_decref(p->applicant);
        json_decref(p->applicant_sealed);
}

static int row_insert(struct tx *tx, struct call *c, const struct case_application *a, int64_t id, int64_t instance,
                      const struct parts *p, struct error *err)
{
        struct house *h = c->house;
        unsigned char wrapped[WRAPPED_BYTES];
        struct buf sealed, form, applicant;
        json_t *personal = json_pack("{s:O,s:O}", "form", p->form_sealed, "applicant", p->applicant_sealed);

        buf_init(&sealed, (size_t)2 << 20);
        buf_init(&form, (size_t)1 << 20);
        buf_init(&applicant, 65536);
        int rc = personal == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                  : sealed_json(h->keys, SEALED, personal, wrapped, &sealed, err);
        rc = rc ? rc : json_canonical(&form, p->form, err);
        rc = rc ? rc : json_canonical(&applicant, p->applicant, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO application (home, id, instance, process, office, handling_office, applicant, form, "
                    "wrapped, sealed, actor, created_at, channel) VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@int, ?6@int, "
                    "?7@text, ?8@text, ?9@blob, ?10@blob, ?11@int, ?12@int, ?13@text)",
                    "iiitiittbbiit", (int64_t)h->home, id, instance, a->process, a->office,
                    a->handling_office != 0 ? a->handling_office : a->office, buf_text(&applicant), buf_text(&form),
                    (struct str){(const char *)wrapped, sizeof wrapped}, (struct str){sealed.p, sealed.n}, c->who.staff,
                    clock_now(h->clock), a->channel == NULL ? "counter" : a->channel);
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE process_instance SET application = ?3@int WHERE home = ?1@int AND id = ?2@int",
                             "iii", (int64_t)h->home, instance, id);
        json_decref(personal);
        buf_dispose(&sealed);
        buf_dispose(&form);
        buf_dispose(&applicant);
        return rc;
}

int application_pool(struct tx *tx, int64_t *pool, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT pool FROM pack_activation ORDER BY pool LIMIT 1", "");

        *pool = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

int days_of_pack(struct tx *tx, struct house *h, int64_t pool, const char *key, int64_t *days, struct error *err)
{
        const struct parameter *figure;
        struct error missing = {0}; /* no pack, no such figure: it says nothing */
        struct pack *pack;
        int rc = pool != 0 ? 0 : application_pool(tx, &pool, err);

        *days = 0;
        if (rc < 0 || pool == 0)
                return rc < 0 ? rc : 0;
        rc = pack_store_for_in(h->packs, tx, pool, clock_today(h->clock), clock_now(h->clock), &pack, &missing);
        if (rc < 0 && missing.code != SB_CASE_NO_PACK)
                return error_hand(err, &missing);
        if (rc == 0 && pack_parameter(pack, key, "", clock_today(h->clock), &figure, &missing) == 0 &&
            !text_to_int(str_from(figure->value), days))
                return error_raise(err, SB_PARAMETER_VALUE, "%s|%s|%s", figure->value, figure->key, figure->unit);
        return 0;
}

/* What the case is about when nobody says: the first person, or else the first employer, of the form. */
static void subject_of(const struct bpmn_process *p, const struct parts *parts, struct case_start *start, int64_t application)
{
        static const char *const kinds[] = {"person", "employer"};

        start->subject_kind = "application";
        start->subject = application;
        for (size_t k = 0; k < 2; k++)
                for (size_t i = 0; i < p->variable_count; i++) {
                        const json_t *value = json_object_get(parts->form, p->variables[i].name);
                        if (strcmp(p->variables[i].type, kinds[k]) == 0 && json_is_integer(value)) {
                                start->subject_kind = kinds[k];
                                start->subject = json_integer_value(value);
                                return;
                        }
                }
}

static int begin(struct tx *tx, struct call *c, const struct case_application *a, const struct bpmn_process *p,
                 const struct parts *parts, int64_t pool, int64_t *instance, struct error *err)
{
        int64_t id;
        struct case_start start = {.process = a->process,
                                   .subject_kind = a->subject_kind,
                                   .subject = a->subject,
                                   .office = a->handling_office != 0 ? a->handling_office : a->office,
                                   .pool = pool};
        json_t *variables = json_copy(parts->form);
        int rc = variables == NULL ? error_raise(err, SB_MEMORY, "%s", "") : ids_next(c->house->ids, &id, err);

        if (rc == 0)
                rc = json_put_int(variables, "application", id, err);
        if (rc == 0 && start.subject_kind == NULL)
                subject_of(p, parts, &start, id);
        start.variables = variables;
        struct applicant_subject subject = {start.subject_kind, start.subject};
        if (rc == 0)
                rc = applicant_may(tx, c, a->applicant, a->process, &subject, err);
        if (rc == 0)
                rc = case_start(tx, c, &start, instance, err);
        if (rc == 0)
                rc = row_insert(tx, c, a, id, *instance, parts, err);
        json_decref(variables);
        return rc;
}

/* A case accepted for another office must come to somebody. */
static int handling_check(struct tx *tx, const struct case_application *a, day_t today, struct error *err)
{
        struct stmt *q;
        int rc =
            a->handling_office == 0
                ? 1
                : tx_one(&q, tx, err, "SELECT 1 FROM office WHERE id = ?1@int AND valid_from <= ?2@int AND valid_to > ?2@int",
                         "ii", a->handling_office, (int64_t)today);

        if (rc == 0)
                return error_raise(err, SB_CASE_HANDLING, "%lld", (long long)a->handling_office);
        return rc < 0 ? rc : 0;
}

int case_open(struct tx *tx, struct call *c, const struct case_application *a, int64_t *instance, struct error *err)
{
        struct house *h = c->house;
        day_t today = clock_today(h->clock);
        const struct bpmn_model *m = NULL;
        struct pack *pack = NULL;
        int64_t pool = a->pool;
        struct parts parts;
        int rc = parts_new(&parts, err);

        if (rc == 0)
                rc = handling_check(tx, a, today, err);
        if (rc == 0 && pool == 0)
                rc = application_pool(tx, &pool, err);
        if (rc == 0)
                rc = pack_store_for(h->packs, pool, today, clock_now(h->clock), &pack, err);
        if (rc == 0)
                rc = pack_process(pack, a->process, &m, err);
        const struct bpmn_process *p = rc < 0 ? NULL : bpmn_process(m, bpmn_process_find(m, a->process));
        if (rc == 0)
                rc = form_take(p, a->form, parts.form, parts.form_sealed, err);
        if (rc == 0)
                rc = applicant_take(a->applicant, today, parts.applicant, parts.applicant_sealed, err);
        if (rc == 0)
                rc = begin(tx, c, a, p, &parts, pool, instance, err);
        if (rc == 0)
                rc = papers_begin(tx, c, pack, a->process, *instance, a->papers, err);
        parts_dispose(&parts);
        return rc;
}

/* --- reading ------------------------------------------------------------------------------------------------------------------------ */

static int merge(json_t *into, struct str text, const json_t *sealed, struct error *err)
{
        json_t *open = NULL;
        int rc = json_read(&open, text, err);

        if (rc == 0 && (json_object_update(into, open) != 0 ||
                        (json_is_object(sealed) && json_object_update(into, (json_t *)(uintptr_t)sealed) != 0)))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        json_decref(open);
        return rc;
}

int application_read(struct tx *tx, struct house *h, int64_t id, json_t **out, struct error *err)
{
        json_t *form = json_object(), *applicant = json_object(), *sealed = NULL;
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT process, instance, office, handling_office, applicant, form, wrapped, sealed, channel FROM application "
            "WHERE home = ?1@int AND id = ?2@int",
            "ii", (int64_t)h->home, id);

        *out = NULL;
        if (rc == 0)
                rc = error_raise(err, SB_CASE_APPLICATION, "%lld", (long long)id);
        if (rc == 1)
                rc = sealed_read(h->keys, SEALED, stmt_blob(q, 6), stmt_blob(q, 7), &sealed, err);
        if (rc == 0)
                rc = merge(form, stmt_text(q, 5), json_object_get(sealed, "form"), err);
        if (rc == 0)
                rc = merge(applicant, stmt_text(q, 4), json_object_get(sealed, "applicant"), err);
        if (rc == 0 && (*out = json_object()) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0) {
                put_str(*out, "process", stmt_text(q, 0));
                put_int(*out, "case", stmt_int(q, 1));
                put_int(*out, "office", stmt_int(q, 2));
                put_int(*out, "handling_office", stmt_int(q, 3));
                put_str(*out, "channel", stmt_text(q, 8));
                put_value(*out, "form", json_incref(form));
                put_value(*out, "applicant", json_incref(applicant));
        }
        json_decref(sealed);
        json_decref(form);
        json_decref(applicant);
        return rc;
}

const char *application_choice(const struct pack *pack, const char *field, const char *value, enum lang lang)
{
        char key[160];
        const char *word = pack_text(pack, text_format(key, sizeof key, "choice.%s.%s", field, value), lang);

        if (strcmp(word, key) == 0)
                word = pack_text(pack, text_format(key, sizeof key, "choice.%s", value), lang);
        return strcmp(word, key) == 0 ? value : word;
}

json_t *application_field(const struct pack *pack, const struct bpmn_variable *v)
{
        json_t *o = form_field_json(v), *value, *choices = json_array();
        size_t i;

        for (i = 0; (value = json_array_get(json_object_get(o, "values"), i)) != NULL; i++) {
                const char *word = json_string_value(value);
                json_array_append_new(choices, json_pack("{s:s,s:s,s:s}", "value", word, "title_zh",
                                                         application_choice(pack, v->name, word, LANG_ZH), "title_en",
                                                         application_choice(pack, v->name, word, LANG_EN)));
        }
        put_value(o, "values", choices);
        return o;
}

static json_t *field_view(const struct pack *pack, const struct bpmn_variable *v, const json_t *value)
{
        char masked[2100];
        json_t *o = application_field(pack, v);

        if (v->personal && json_is_string(value))
                put_text(o, "value", form_masked(v, json_string_value(value), masked, sizeof masked));
        else
                put_value(o, "value", value == NULL ? json_null() : json_incref((json_t *)(uintptr_t)value));
        return o;
}

int application_view(struct tx *tx, struct house *h, const struct instance *i, int64_t id, json_t **out, struct error *err)
{
        const struct bpmn_process *p = instance_process(i);
        json_t *fields = json_array(), *form;
        int rc = application_read(tx, h, id, out, err);

        form = rc == 0 ? json_object_get(*out, "form") : NULL;
        for (size_t k = 0; rc == 0 && k < p->variable_count; k++)
                if (p->variables[k].type[0] != '\0')
                        json_array_append_new(
                            fields, field_view(i->pack, &p->variables[k], json_object_get(form, p->variables[k].name)));
        if (rc == 0) {
                json_object_del(*out, "form");
                put_int(*out, "id", id);
                put_value(*out, "fields", json_incref(fields));
        }
        json_decref(fields);
        return rc;
}
