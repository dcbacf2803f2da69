/* SPDX-License-Identifier: Apache-2.0
 *
 * What is asked for in a portal (网上申请): the pack's portal.csv says which process by whom. It becomes a case as at the counter, with who signed in
 * as applicant and as the one whom it is about.
 */
#include "case/pack_store.h"
#include "office/portal/portal.h"
#include "pack/permission.h"

#include <string.h>

static const char TABLE[] = "portal.csv";

static const char *kind_of(const struct call *c)
{
        return c->who.person != 0 ? "insured" : "employer";
}

static int rows_read(struct call *c, json_t **rows, struct error *err)
{
        struct pack *pack = NULL;
        int rc = pack_store_home(c->house->packs, c->house->clock, &pack, err);

        *rows = NULL;
        return rc ? rc : pack_table_maybe(pack, TABLE, rows, err);
}

int portal_requests(struct call *c, json_t **out, struct error *err)
{
        static const char *const FIELDS[] = {"request", "process", "title_zh", "title_en", "note_zh", "note_en", NULL};
        json_t *rows = NULL, *list = json_array(), *row;
        size_t i;
        int rc = list == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rows_read(c, &rows, err);

        json_array_foreach(rows, i, row)
        {
                json_t *o;
                if (!word_listed(json_text(row, "who"), kind_of(c)))
                        continue;
                o = json_object();
                portal_copy(o, row, FIELDS);
                json_array_append_new(list, o);
        }
        json_decref(rows);
        if (rc == 0)
                *out = json_incref(list);
        json_decref(list);
        return rc;
}

/* The process of a request. SB_PORTAL_REQUEST. */
static int process_of(struct call *c, const char *request, char *out, size_t size, struct error *err)
{
        json_t *list = NULL, *row;
        size_t i;
        int rc = portal_requests(c, &list, err);

        out[0] = '\0';
        json_array_foreach(list, i, row)
        {
                if (strcmp(json_text(row, "request"), request) == 0)
                        text_copy(out, size, str_from(json_text(row, "process")));
        }
        json_decref(list);
        return rc == 0 && out[0] == '\0' ? error_raise(err, SB_PORTAL_REQUEST, "%s", request) : rc;
}

static int form_ask(struct call *c, const char *request, json_t **out, struct error *err)
{
        char process[16];
        int rc = process_of(c, request, process, sizeof process, err);

        return rc ? rc : portal_ask(c, "cases.form", json_pack("{s:s}", "process", process), out, err);
}

static bool names_somebody(const json_t *field)
{
        return strcmp(json_text(field, "type"), "person") == 0 || strcmp(json_text(field, "type"), "employer") == 0;
}

/* The field that is filled in here, not by who asks. */
static bool set_here(const struct call *c, const json_t *field)
{
        const char *name = json_text(field, "name");

        return names_somebody(field) && strcmp(name, c->who.person != 0 ? "person" : "employer") == 0;
}

int portal_form(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        static const char *const HEAD[] = {"process", "title_zh", "title_en", "article", "limit", "papers", NULL};
        json_t *whole = NULL, *fields = json_array(), *field;
        size_t i;
        int rc = form_ask(c, json_text(in, "request"), &whole, err);

        json_array_foreach(json_object_get(whole, "fields"), i, field)
        {
                if (!set_here(c, field))
                        json_array_append(fields, field);
        }
        if (rc == 0 && (*out = json_object()) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0) {
                portal_copy(*out, whole, HEAD);
                put_value(*out, "fields", json_incref(fields));
        }
        json_decref(fields);
        json_decref(whole);
        return rc;
}

/* --- whom a form may name ----------------------------------------------------------------------------------------------------------- */

struct naming {
        struct call *call;
        const json_t *fields, *form;
        const char *wrong; /* the field that names somebody else */
};

/* Did or does the person work for the employer? */
static int works(struct tx *tx, struct call *c, int64_t person, int64_t employer, struct error *err)
{
        struct stmt *q;

        return tx_one(
            &q, tx, err,
            "SELECT 1 FROM employment WHERE home = ?1@int AND person = ?2@int AND employer_home = ?1@int AND employer = ?3@int "
            "AND known_to = ?4@int LIMIT 1",
            "iiii", (int64_t)c->house->home, person, employer, (int64_t)INSTANT_END);
}

static int named_read(struct tx *tx, void *ctx, struct error *err)
{
        struct naming *n = ctx;
        const struct actor *who = &n->call->who;
        json_t *field;
        size_t i;
        int rc = 0;

        n->wrong = NULL;
        json_array_foreach(n->fields, i, field)
        {
                const json_t *value = json_object_get(n->form, json_text(field, "name"));
                bool person = strcmp(json_text(field, "type"), "person") == 0;
                if (!names_somebody(field) || set_here(n->call, field) || value == NULL || json_is_null(value))
                        continue;
                int64_t id = json_integer_value(value);
                if (person == (who->person != 0)) /* a person names no other person, an employer no other employer */
                        rc = id == (person ? who->person : who->employer);
                else
                        rc = works(tx, n->call, person ? id : who->person, person ? who->employer : id, err);
                if (rc < 0)
                        return rc;
                if (rc == 0 && n->wrong == NULL)
                        n->wrong = json_text(field, "name");
        }
        return 0;
}

/* The form with whom it is about: one field of it, whatever was sent there. */
static int form_complete(struct call *c, const json_t *fields, const json_t *form, json_t **out, struct error *err)
{
        struct naming n = {.call = c, .fields = fields, .form = form};
        json_t *field;
        size_t i;
        int rc = store_read(c->house->store, named_read, &n, err);

        if (rc == 0 && n.wrong != NULL) {
                error_raise(err, SB_PORTAL_FIELD, "%s", n.wrong);
                return error_where(err, "%s", n.wrong);
        }
        *out = rc == 0 ? json_copy((json_t *)(uintptr_t)form) : NULL;
        if (rc == 0 && *out == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        json_array_foreach(fields, i, field)
        {
                if (rc == 0 && set_here(c, field))
                        put_int(*out, json_text(field, "name"), c->who.person != 0 ? c->who.person : c->who.employer);
        }
        return rc;
}

/* Whom the case is about: who asks; a worker, where an employer names one. */
static json_t *subject_of(const struct call *c, const json_t *form)
{
        int64_t worker = c->who.person == 0 ? json_int_or(form, "person", 0) : 0;

        if (c->who.person != 0 || worker != 0)
                return json_pack("{s:s,s:I}", "kind", "person", "id", (json_int_t)(worker != 0 ? worker : c->who.person));
        return json_pack("{s:s,s:I}", "kind", "employer", "id", (json_int_t)c->who.employer);
}

int portal_apply(struct call *c, const char *request, const json_t *form, json_t **out, struct error *err)
{
        bool insured = c->who.person != 0;
        json_t *whole = NULL, *filled = NULL;
        int64_t own = 0;
        int rc = insured ? portal_person(c, &own, err) : portal_employer(c, &own, err);

        rc = rc ? rc : form_ask(c, request, &whole, err);
        rc = rc ? rc : form_complete(c, json_object_get(whole, "fields"), form, &filled, err);
        if (rc == 0)
                rc = portal_ask(c, "cases.open",
                                json_pack("{s:s,s:O,s:{s:s,s:I},s:o}", "process", json_text(whole, "process"), "form", filled,
                                          "applicant", "kind", insured ? "self" : "employer", insured ? "person" : "employer",
                                          (json_int_t)own, "subject", subject_of(c, filled)),
                                out, err);
        json_decref(filled);
        json_decref(whole);
        return rc;
}

int portal_request(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return portal_apply(c, json_text(in, "request"), json_object_get(in, "form"), out, err);
}

/* --- one step ------------------------------------------------------------------------------------------------------------------------ */

/* "Employees' pension 2024-03 – 2024-05" of the months that are disputed. */
static int period_text(struct call *c, const json_t *in, char *out, size_t size, struct error *err)
{
        char first[16], last[16], name[96];
        json_t *rows = NULL, *row;
        month_t from = 0, to = 0, now = month_of(clock_today(c->house->clock));
        struct pack *pack = NULL;
        size_t i;
        int rc = json_get_month(in, "from", false, &from, err);

        rc = rc ? rc : json_get_month(in, "to", false, &to, err);
        out[0] = '\0';
        if (rc < 0 || (from == 0 && to == 0))
                return rc;
        to = to == 0 ? from : to;
        if (from == 0 || from > to || to > now)
                return error_raise(err, SB_PORTAL_PERIOD, "%s|%s", json_text(in, "from"), month_text(to, last));
        rc = pack_store_home(c->house->packs, c->house->clock, &pack, err);
        rc = rc ? rc : pack_table_maybe(pack, "schemes.csv", &rows, err);
        text_copy(name, sizeof name, str_from(json_text(in, "scheme")));
        json_array_foreach(rows, i, row)
        {
                if (strcmp(json_text(row, "scheme"), json_text(in, "scheme")) == 0)
                        text_copy(name, sizeof name, str_from(json_text(row, c->who.lang == LANG_ZH ? "name_zh" : "name_en")));
        }
        json_decref(rows);
        text_format(out, size, "%s %s – %s", name, month_text(from, first), month_text(to, last));
        return rc;
}

/* “This is wrong”: about months of a scheme, or a fact of the record, in one step. */
int portal_dispute(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        char period[160], content[2100];
        const char *fact = json_text(in, "fact"), *about;
        int rc = period_text(c, in, period, sizeof period, err);

        if (rc < 0)
                return rc;
        about = period[0] != '\0' ? period : fact;
        text_format(content, sizeof content, "%s%s%s", about,
                    about[0] == '\0'         ? ""
                    : c->who.lang == LANG_ZH ? "："
                                             : ": ",
                    json_text(in, "text"));
        json_t *form = json_pack("{s:s,s:s,s:b}", "kind", "dispute", "content", content, "anonymous", 0);
        if (form != NULL && json_text(in, "phone")[0] != '\0')
                put_text(form, "phone", json_text(in, "phone"));
        rc = form == NULL ? error_raise(err, SB_MEMORY, "%s", "") : portal_apply(c, "dispute", form, out, err);
        json_decref(form);
        return rc;
}

int portal_change(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        static const char *const FIELDS[] = {"item", "new_value", NULL};
        static const char *const MAYBE[] = {"bank_name", "reason_of_application", "phone", "person", NULL};
        day_t from = clock_today(c->house->clock);
        json_t *form = json_object();
        int rc = form == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_get_day(in, "valid_from", false, &from, err);

        portal_copy(form, in, FIELDS);
        for (size_t i = 0; MAYBE[i] != NULL; i++)
                if (json_object_get(in, MAYBE[i]) != NULL)
                        put_value(form, MAYBE[i], json_incref(json_object_get(in, MAYBE[i])));
        put_day(form, "valid_from", from);
        rc = rc ? rc : portal_apply(c, "change", form, out, err);
        json_decref(form);
        return rc;
}
