/* SPDX-License-Identifier: Apache-2.0
 *
 * What the registration processes (P01, P02) do with an application: look at it before it is taken, say whether its subject is known
 * already, and admit who was approved. Two applications may ask for one person at the same time; the second is told, and writes
 * nothing.
 */
#include "case/application.h"
#include "case/instance.h"
#include "office/json.h"
#include "office/registry/registry.h"

#include <string.h>

/* A whole application; its texts live as long as this. */
struct admission {
        json_t *whole;
        const json_t *form;
};

static int admission_read(struct tx *tx, struct house *h, int64_t application, struct admission *a, struct error *err)
{
        int rc = application_read(tx, h, application, &a->whole, err);

        a->form = json_object_get(a->whole, "form");
        return rc;
}

static struct str text_of(const struct admission *a, const char *name)
{
        const char *s = json_string_value(json_object_get(a->form, name));

        return s == NULL ? (struct str){"", 0} : str_from(s);
}

static json_t *answer_make(bool known, char prefix, int32_t home, int64_t id)
{
        char number[32];

        readable_number(prefix, home, id, number);
        return json_pack("{s:b,s:b,s:I,s:s}", "known", known, "admitted", !known, "id", (json_int_t)id, "number", number);
}

static struct person_text person_text_of(const struct admission *a)
{
        return (struct person_text){.name = text_of(a, "name"),
                                    .id_number = text_of(a, "id_number"),
                                    .category = text_of(a, "category"),
                                    .telephone = text_of(a, "telephone"),
                                    .bank_name = text_of(a, "bank_name"),
                                    .bank_account = text_of(a, "bank_account")};
}

static struct employer_text employer_text_of(const struct admission *a)
{
        return (struct employer_text){.name = text_of(a, "name"),
                                      .uscc = text_of(a, "uscc"),
                                      .kind = text_of(a, "kind"),
                                      .industry = text_of(a, "industry"),
                                      .territory = text_of(a, "territory"),
                                      .contact = text_of(a, "contact"),
                                      .bank_name = text_of(a, "bank_name"),
                                      .bank_account = text_of(a, "bank_account")};
}

/* --- registry.person_check, registry.employer_check ------------------------------------------------------------------ */

struct looking {
        struct call *call;
        struct admission a;
        const char *field; /* what why is about */
        struct error why;  /* SB_OK: nothing is wrong */
};

/* What is wrong goes into why: the answer is a fault of the form, not a failure of the question. */
static int person_look(struct tx *tx, void *ctx, struct error *err)
{
        struct looking *k = ctx;
        struct house *h = k->call->house;
        struct person_facts facts;
        struct person_text text = person_text_of(&k->a);
        struct person known = {.id = 0};
        int32_t home;
        int64_t id;
        month_t month;
        char number[32];

        error_clear(&k->why);
        int rc = person_facts_check(&facts, &text, &k->field, &k->why);
        day_t birth = facts.birth;
        explicit_bzero(&facts, sizeof facts);
        if (rc < 0)
                return 0;
        k->field = "id_number";
        rc = person_find(tx, h, text.id_number, &home, &id, err);
        int back = rc == 1 && home == h->home ? may_return(tx, h, "person", id, err) : 0;
        if (back < 0)
                return back;
        if (rc == 1 && back == 0) {
                readable_number('P', home, id, number);
                rc = home == h->home ? person_read(tx, h, home, id, &known, err) : 0;
                error_raise(&k->why, SB_REGISTRY_DUPLICATE, "%s %s", number, known.name);
                person_dispose(&known);
                return rc;
        }
        k->field = "from";
        if (rc >= 0 && json_is_integer(json_object_get(k->a.form, "employer")) &&
            month_parse(&month, text_of(&k->a, "from"), &k->why) == 0 && month_first(month) < birth) {
                char from[16], born[16];
                error_raise(&k->why, SB_REGISTRY_PERIOD, "%s|%s", day_text(month_first(month), from), day_text(birth, born));
        }
        return rc < 0 ? rc : 0;
}

static int employer_look(struct tx *tx, void *ctx, struct error *err)
{
        struct looking *k = ctx;
        struct house *h = k->call->house;
        struct employer_text text = employer_text_of(&k->a);
        struct employer known = {.id = 0};
        int32_t home;
        int64_t id;
        char number[32];

        error_clear(&k->why);
        if (employer_text_check(&text, &k->field, &k->why) < 0)
                return 0;
        k->field = "uscc";
        int rc = employer_find(tx, text.uscc, &home, &id, err);
        int back = rc == 1 && home == h->home ? may_return(tx, h, "employer", id, err) : 0;
        if (back != 0)
                return back < 0 ? back : 0;
        if (rc == 1) {
                readable_number('E', home, id, number);
                rc = home == h->home ? employer_read(tx, h, home, id, &known, err) : 0;
                error_raise(&k->why, SB_REGISTRY_USCC_DUPLICATE, "%s %s", number, known.name);
        }
        return rc;
}

static int look(struct call *c, store_apply *fn, const json_t *in, json_t **out, struct error *err)
{
        struct looking k = {.call = c, .a = {.form = json_object_get(in, "form")}, .field = ""};
        char zh[400], en[400];
        int rc = store_read(c->house->store, fn, &k, err);

        if (rc < 0)
                return rc;
        if (k.why.code == SB_OK)
                *out = json_pack("{s:[]}", "faults");
        else
                *out = json_pack("{s:[{s:s,s:s,s:s}]}", "faults", "field", k.field, "zh",
                                 error_text(&k.why, LANG_ZH, zh, sizeof zh), "en", error_text(&k.why, LANG_EN, en, sizeof en));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int person_check(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return look(c, person_look, in, out, err);
}

static int employer_check(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return look(c, employer_look, in, out, err);
}

/* --- registry.applicant_known ---------------------------------------------------------------------------------------- */

struct known {
        struct call *call;
        int64_t application;
        json_t *answer;
};

static int known_read(struct tx *tx, void *ctx, struct error *err)
{
        struct known *k = ctx;
        struct house *h = k->call->house;
        struct admission a = {.whole = NULL};
        int32_t home = 0;
        int64_t id = 0;
        char prefix = 'P';

        json_decref(k->answer);
        k->answer = NULL;
        int rc = admission_read(tx, h, k->application, &a, err);
        if (rc == 0 && text_of(&a, "id_number").n > 0) {
                rc = person_find(tx, h, text_of(&a, "id_number"), &home, &id, err);
        } else if (rc == 0) {
                prefix = 'E';
                rc = employer_find(tx, text_of(&a, "uscc"), &home, &id, err);
        }
        if (rc == 1 && home == h->home) {
                int back = may_return(tx, h, prefix == 'P' ? "person" : "employer", id, err);
                rc = back < 0 ? back : !back; /* who comes back is no duplicate */
        }
        if (rc == 0)
                k->answer = json_pack("{s:b,s:n,s:n}", "known", false, "id", "number");
        else if (rc == 1)
                k->answer = answer_make(true, prefix, home, id);
        json_decref(a.whole);
        if (rc < 0)
                return rc;
        return k->answer == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int applicant_known(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct known k = {.call = c};
        int rc = json_get_int(in, "application", true, &k.application, err);

        if (rc == 0)
                rc = store_read(c->house->store, known_read, &k, err);
        if (rc == 0)
                *out = k.answer;
        else
                json_decref(k.answer);
        return rc;
}

/* --- registry.person_admit, registry.employer_admit ------------------------------------------------------------------ */

/* The case is from now on the case of whom it admitted: it stands on that page. */
static int admitted(struct tx *tx, struct call *c, const char *kind, char prefix, bool known, int32_t home, int64_t id,
                    struct change *change, json_t **out, struct error *err)
{
        int rc = known ? 0 : case_subject(tx, c, kind, id, err);

        change->subject_kind = kind;
        change->subject = id;
        change->audit = json_pack("{s:b,s:I}", "known", known, "case", (json_int_t)c->instance);
        *out = answer_make(known, prefix, home, id);
        if (rc == 0 && (*out == NULL || change->audit == NULL))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        return rc;
}

/* The spell that the application tells of, from the first day of its month. */
static int spell_of(struct tx *tx, struct house *h, const struct admission *a, int64_t person, const char *category,
                    struct error *err)
{
        struct spell s = {.person = person, .to = DAY_END, .category = category};
        month_t month;
        int64_t employer = json_integer_value(json_object_get(a->form, "employer"));
        int rc;

        if (employer == 0)
                return 0;
        s.employer = employer;
        rc = month_parse(&month, text_of(a, "from"), err);
        if (rc == 0)
                rc = ids_next(h->ids, &s.id, err);
        s.from = month_first(month);
        return rc ? rc : spell_open(tx, h, &s, err);
}

static int person_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct person_registration *r = calloc(1, sizeof *r);
        struct admission a = {.whole = NULL};
        const char *field = "application";
        int32_t home = 0;
        int64_t id = 0;
        int rc =
            r == NULL ? error_raise(err, SB_MEMORY, "%s", "") : admission_read(tx, c->house, *(const int64_t *)ctx, &a, err);

        if (rc == 0) {
                struct person_text text = person_text_of(&a);
                rc = person_registration_make(r, c->house, &text, &field, err);
                if (rc < 0)
                        error_where(err, "%s", field);
        }
        if (rc == 0)
                rc = person_registration_write(tx, c->house, r, &home, &id, err);
        if (rc == 1 && home == c->house->home)
                rc = person_return(tx, c, id, &r->facts, err);
        bool known = rc == 1;
        if (rc == 0)
                rc = spell_of(tx, c->house, &a, id, r->facts.category, err);
        if (rc >= 0)
                rc = admitted(tx, c, "person", 'P', known, home, id, change, out, err);
        if (r != NULL)
                explicit_bzero(r, sizeof *r);
        free(r);
        json_decref(a.whole);
        return rc;
}

static int employer_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct employer_registration r;
        struct admission a = {.whole = NULL};
        const char *field = "application";
        int32_t home = 0;
        int64_t id = 0;
        int rc = admission_read(tx, c->house, *(const int64_t *)ctx, &a, err);

        if (rc == 0) {
                struct employer_text text = employer_text_of(&a);
                rc = employer_registration_make(&r, c->house, &text, json_integer_value(json_object_get(a.whole, "office")),
                                                &field, err);
                if (rc < 0)
                        error_where(err, "%s", field);
        }
        if (rc == 0)
                rc = employer_registration_write(tx, c->house, &r, &home, &id, err);
        if (rc == 1 && home == c->house->home)
                rc = employer_return(tx, c, id, &r, err);
        if (rc >= 0)
                rc = admitted(tx, c, "employer", 'E', rc == 1, home, id, change, out, err);
        json_decref(a.whole);
        return rc;
}

static int admit(struct call *c, const char *verb, change_apply *apply, const json_t *in, json_t **out, struct error *err)
{
        int64_t application;
        int rc = json_get_int(in, "application", true, &application, err);

        return rc ? rc : verb_change(c, registry_find(c->house->verbs, verb), in, apply, &application, out, err);
}

static int person_admit(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return admit(c, "registry.person_admit", person_apply, in, out, err);
}

static int employer_admit(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return admit(c, "registry.employer_admit", employer_apply, in, out, err);
}

#define APPLICATION                                                                                                            \
        "{\"type\":\"object\",\"properties\":{\"application\":{\"type\":\"integer\",\"minimum\":1}},\"required\":["            \
        "\"application\"]}"
#define FOUND                                                                                                                  \
        "{\"type\":\"object\",\"properties\":{\"known\":{\"type\":\"boolean\"},\"admitted\":{\"type\":\"boolean\"},\"id\":{"   \
        "\"type\":[\"integer\",\"null\"]},\"number\":{\"type\":[\"string\",\"null\"]}},\"required\":[\"known\"]}"

#define FORM "{\"type\":\"object\",\"properties\":{\"form\":{\"type\":\"object\"}},\"required\":[\"form\"]}"
#define FAULTS "{\"type\":\"object\",\"properties\":{\"faults\":{\"type\":\"array\"}},\"required\":[\"faults\"]}"

const struct verb admit_verbs[] = {
    {"registry.person_check", VERB_READ, NULL, NULL, NULL, "Whether a person could be registered as the form says",
     "查验参保人登记表", FORM, FAULTS, person_check, NULL},
    {"registry.employer_check", VERB_READ, NULL, NULL, NULL, "Whether an employer could be registered as the form says",
     "查验用人单位登记表", FORM, FAULTS, employer_check, NULL},
    {"registry.applicant_known", VERB_READ, NULL, NULL, NULL, "Whether who asks to be registered is registered already",
     "查询申请登记对象是否已登记", APPLICATION, FOUND, applicant_known, NULL},
    {"registry.person_admit", VERB_WRITE, NULL, NULL, NULL,
     "Register the person of an approved application, with the employment", "登记获准的参保人及用工关系", APPLICATION, FOUND,
     person_admit, NULL},
    {"registry.employer_admit", VERB_WRITE, NULL, NULL, NULL, "Register the employer of an approved application",
     "登记获准的用人单位", APPLICATION, FOUND, employer_admit, NULL},
    {0},
};
