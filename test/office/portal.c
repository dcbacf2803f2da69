/* SPDX-License-Identifier: Apache-2.0
 *
 * The portal of the insured, on both databases: an account is opened at a window and signed in to with the code; who signed in sees their own
 * record and months, disputes and changes them, and reaches nothing of anybody else by any verb of the house.
 */
#include "office/town.h"
#include "support/cairo_leak.h"

#include "office/signin/signin.h"
#include "office/staff/staff.h"

#include <string.h>

enum { CLERK = 2, REVIEWER, APPROVER };
#define DAY_US ((instant_t)86400 * 1000000)
static const struct visitor VISITOR = {.address = "192.0.2.7", .agent = "test", .token = ""};

/* The smallest that is a PDF: its cross-reference stands where it says. */
static const char PAPER[] =
    "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[]/Count 0>> endobj\n"
    "xref\n0 1\n0000000000 65535 f \ntrailer <</Root 1 0 R/Size 1>>\nstartxref\n100\n%%EOF\n";

struct slip {
        int64_t account;
        char login[ACCOUNT_NAME], code[24];
};

/* The clerk hands a code over. */
static struct slip slip_of(struct town *t, int64_t person)
{
        struct slip s;
        json_t *out = NULL;

        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "portal.open",
                                      json_pack("{s:I,s:s}", "person", (json_int_t)person, "shown", "id_card"), &out),
                         SB_OK);
        s.account = town_whole(out, "account");
        text_copy(s.login, sizeof s.login, str_from(json_text(out, "login")));
        text_copy(s.code, sizeof s.code, str_from(json_text(out, "code")));
        json_decref(out);
        return s;
}

/* Sign in as at the page; the code of what happened. */
static enum error_code sign_in(struct town *t, const char *login, const char *password, struct session *s)
{
        char token[TOKEN_TEXT];

        error_clear(&t->err);
        int rc = session_begin(&t->house, 0, login, password, &VISITOR, s, token, &t->err);
        return rc == 0 ? SB_OK : t->err.code;
}

/* Who signed in for a person. */
static struct actor owner_of(struct town *t, int64_t person)
{
        struct slip s = slip_of(t, person);
        struct session session;

        assert_int_equal(sign_in(t, s.login, s.code, &session), SB_OK);
        return staff_actor(&session.staff, LANG_ZH);
}

static enum error_code my(struct town *t, const struct actor *who, const char *verb, json_t *in, json_t **out)
{
        return town_call_at(t, who, verb, in, STR(""), out, NULL);
}

static json_t *told(struct town *t, const struct actor *who, const char *verb, json_t *in)
{
        json_t *out = NULL;
        char text[512];

        if (my(t, who, verb, in, &out) != SB_OK)
                fail_msg("%s: %s", verb, error_text(&t->err, LANG_EN, text, sizeof text));
        return out;
}

static struct town *town_or_skip(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        return t;
}

/* --- accounts ------------------------------------------------------------------------------------------------------------------------ */

static void an_account_is_opened_at_a_window(void **state)
{
        struct town *t = town_or_skip(state);
        int64_t person = town_person(t, "王小明", "99010119800101111", "male");
        struct slip s = slip_of(t, person), again;
        struct session session;
        char id[24], other[24], name[ACCOUNT_NAME];

        /* By the identity number, in whatever letters, or by the name on the slip; the code must be changed first. */
        town_id("99010119800101111", id);
        assert_int_equal(strlen(s.code), 14);
        assert_int_equal(sign_in(t, id, s.code, &session), SB_OK);
        assert_int_equal(session.stage, STAGE_CHANGE);
        assert_int_equal(session.staff.roles, ROLE_INSURED);
        assert_int_equal(session.staff.for_person, person);
        assert_int_equal(session.staff.person, 0); /* which would make a colleague of everybody */
        assert_int_equal(sign_in(t, s.login, s.code, &session), SB_OK);
        assert_int_equal(sign_in(t, id, "WRON-GCOD-EEEE", &session), SB_STAFF_PASSWORD);
        assert_int_equal(sign_in(t, town_id("99010119800101113", other), s.code, &session), SB_STAFF_PASSWORD);
        assert_ok(account_name(&t->house, " 91990101ma0000001x-12 ", name, &t->err), t->err);
        assert_string_equal(name, "91990101ma0000001x-12"); /* no credit code: as it was written */
        /* No identity number stands in the names of accounts. */
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM staff WHERE login LIKE '%990101%' OR display LIKE '%990101%'"), 0);
        /* A new code stands in the place of the former, and ends the sessions. */
        again = slip_of(t, person);
        assert_int_equal(again.account, s.account);
        assert_string_not_equal(again.code, s.code);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM session"), 0);
        assert_int_equal(sign_in(t, id, s.code, &session), SB_STAFF_PASSWORD);
        assert_int_equal(sign_in(t, id, again.code, &session), SB_OK);
        /* A slip that lies about is worth nothing after the days of the pack. */
        clock_advance(t->house.clock, 30 * DAY_US - 1);
        assert_int_equal(sign_in(t, id, again.code, &session), SB_OK);
        clock_advance(t->house.clock, 2);
        assert_int_equal(sign_in(t, id, again.code, &session), SB_PORTAL_CODE_ENDED);
        assert_int_equal(sign_in(t, id, "WRON-GCOD-EEEE", &session), SB_STAFF_PASSWORD);
        town_free(t);
}

static enum error_code closed(struct town *t, int64_t person, int64_t account)
{
        return town_call_as(
            t, CLERK, ROLE_CLERK, "", "portal.close",
            json_pack("{s:I,s:I,s:s}", "person", (json_int_t)person, "account", (json_int_t)account, "reason", "本人要求停用"),
            NULL);
}

static void an_account_is_closed_and_opened_again(void **state)
{
        struct town *t = town_or_skip(state);
        int64_t person = town_person(t, "王小明", "99010119800101111", "male"),
                other = town_person(t, "李䶮", "99010119800101112", "f50");
        struct slip s = slip_of(t, person);
        struct session session;
        json_t *out = NULL;

        assert_int_equal(sign_in(t, s.login, s.code, &session), SB_OK);
        assert_int_equal(closed(t, other, s.account), SB_PORTAL_ACCOUNT); /* not theirs */
        assert_int_equal(closed(t, person, s.account), SB_OK);
        assert_int_equal(closed(t, person, s.account), SB_PORTAL_ACCOUNT);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM session"), 0);
        assert_int_equal(sign_in(t, s.login, s.code, &session), SB_STAFF_PASSWORD);
        s = slip_of(t, person);
        assert_int_equal(sign_in(t, s.login, s.code, &session), SB_OK);
        assert_int_equal(
            town_call_as(t, CLERK, ROLE_CLERK, "", "portal.accounts", json_pack("{s:I}", "person", (json_int_t)person), &out),
            SB_OK);
        const json_t *row = json_array_get(json_object_get(out, "items"), 0);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        assert_true(json_is_null(json_object_get(row, "closed_at")));
        assert_true(json_is_true(json_object_get(row, "code_waits")));
        assert_null(json_object_get(row, "code"));
        json_decref(out);
        assert_int_equal(
            town_count(
                t, "SELECT COUNT(*) FROM audit_row WHERE verb IN ('portal.open', 'portal.close') AND subject_kind = 'person'"),
            3);
        /* Not by who is no clerk, and never twice the same code under one key. */
        assert_int_equal(town_call_as(t, 5, ROLE_REVIEWER, "", "portal.open",
                                      json_pack("{s:I,s:s}", "person", (json_int_t)person, "shown", "id_card"), NULL),
                         SB_CASE_ROLE);
        assert_int_equal(
            town_count(t, "SELECT COUNT(*) FROM idempotency WHERE verb LIKE 'portal.open%' OR response LIKE '%code%'"), 0);
        town_free(t);
}

struct hired {
        struct staff staff;
        char hash[128];
};

static int hire(struct tx *tx, void *ctx, struct error *err)
{
        struct hired *h = ctx;

        return staff_add(tx, &h->staff, h->hash, 0, err);
}

static void nobody_opens_their_own_account(void **state)
{
        struct town *t = town_or_skip(state);
        int64_t own = town_person(t, "王小明", "99010119800101111", "male"),
                wife = town_person(t, "李䶮", "99010119800101112", "f50");
        struct hired h = {
            .staff = {.id = CLERK, .office = t->office, .roles = ROLE_CLERK, .person = own, .login = "clerk", .display = "甲"}};

        assert_ok(password_hash(h.hash, "demonstration", &t->err), t->err);
        assert_ok(store_write(t->house.store, hire, &h, &t->err), t->err);
        json_t *in = json_pack("{s:I,s:s}", "person", (json_int_t)own, "shown", "id_card");
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "portal.open", in, NULL), SB_PORTAL_OWN);
        assert_int_equal(
            town_call_as(t, 9, ROLE_CLERK, "", "registry.kin_add",
                         json_pack("{s:I,s:I,s:s,s:s,s:s}", "person", (json_int_t)own, "relative", (json_int_t)wife, "kind",
                                   "spouse", "source", "marriage certificate", "valid_from", "2005-01-01"),
                         NULL),
            SB_OK);
        in = json_pack("{s:I,s:s}", "person", (json_int_t)wife, "shown", "id_card");
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "portal.open", in, NULL), SB_PORTAL_OWN);
        town_free(t);
}

/* An administrator has no power over an account of somebody outside, and nobody makes staff of it. */
static void an_account_is_none_of_the_staff(void **state)
{
        struct town *t = town_or_skip(state);
        int64_t person = town_person(t, "王小明", "99010119800101111", "male");
        struct slip s = slip_of(t, person);
        json_t *out = NULL;

        assert_int_equal(
            town_call_as(t, 8, ROLE_ADMIN, "", "security.reset",
                         json_pack("{s:I,s:s,s:s}", "staff", (json_int_t)s.account, "what", "password", "reason", "because"),
                         NULL),
            SB_STAFF_UNKNOWN);
        assert_int_equal(town_call_as(t, 8, ROLE_ADMIN, "", "posts.appoint",
                                      json_pack("{s:I,s:I,s:s}", "staff", (json_int_t)s.account, "office",
                                                (json_int_t)t->office, "role", "clerk"),
                                      NULL),
                         SB_STAFF_UNKNOWN);
        assert_int_equal(town_call_as(t, 8, ROLE_ADMIN, "", "staff.list", json_object(), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        town_free(t);
}

/* --- nothing of anybody else --------------------------------------------------------------------------------------------------------- */

/* Every route of the house, as who is outside of it. */
static void no_other_verb_answers_who_is_outside(void **state)
{
        static const uint32_t roles[] = {ROLE_INSURED, ROLE_EMPLOYER};
        struct town *t = town_or_skip(state);
        int64_t person = town_person(t, "王小明", "99010119800101111", "male"),
                firm = town_employer(t, "云城第一机械厂", "91990101MA0000001", "990101");
        struct actor who = owner_of(t, person);
        const struct verb *v;
        int refused = 0;

        for (size_t i = 0; (v = registry_at(t->verbs, i)) != NULL; i++) {
                json_t *out = NULL, *in = json_object();
                bool self = v->scope != NULL && strcmp(v->scope, SCOPE_SELF) == 0;
                const json_t *fields = json_object_get(registry_schema_in(t->verbs, v), "properties");
                if (self) { /* whom it is of cannot be said */
                        assert_null(json_object_get(fields, "employer"));
                        assert_null(json_object_get(fields, "office"));
                        assert_null(json_object_get(fields, "account"));
                        assert_true(json_object_get(fields, "person") == NULL || strcmp(v->name, "portal.change") == 0);
                }
                for (size_t k = 0; k < 2 && !self && (v->duty == NULL || strcmp(v->duty, DUTY_SIGNED_IN) != 0); k++) {
                        struct call c = {.house = &t->house, .who = who, .key = v->kind == VERB_WRITE ? "outside-1" : NULL};
                        c.who.roles = roles[k];
                        c.who.employer = firm;
                        error_clear(&t->err);
                        if (verb_call(&c, v, in, &out, &t->err) == 0 || t->err.code != SB_CASE_ROLE)
                                fail_msg("%s answers who is outside of the office", v->name);
                        refused++;
                }
                json_decref(in);
        }
        assert_true(refused > 300);
        /* And who is inside does not reach what is somebody's own. */
        error_clear(&t->err);
        assert_int_equal(town_call(t, "portal.me", json_object(), NULL), SB_CASE_ROLE);
        assert_int_equal(town_call(t, "portal.record", json_object(), NULL), SB_CASE_ROLE);
        town_free(t);
}

struct pair {
        struct town *town;
        int64_t mine, other, firm, stranger;
        struct actor me, they;
};

static void months_import(struct town *t)
{
        char csv[600], mine[24], other[24];

        town_id("99010119800101111", mine);
        town_id("99010119800101112", other);
        town_import(
            t, "contributions",
            text_format(
                csv, sizeof csv,
                "id_number,scheme,from,to,base,kind\n%s,EP,2024-01,2024-03,6000.00,paid\n%s,EP,2024-06,2026-08,6100.00,paid\n"
                "%s,UI,2024-01,2024-12,6000.00,paid\n%s,EP,2010-01,2010-12,7777.00,paid\n",
                mine, mine, mine, other));
}

static struct pair pair_new(void **state)
{
        struct pair p = {.town = town_or_skip(state)};

        p.mine = town_person(p.town, "王小明", "99010119800101111", "male");
        p.other = town_person(p.town, "李䶮", "99010119800101112", "f50");
        p.firm = town_employer(p.town, "云城第一机械厂", "91990101MA0000001", "990101");
        p.stranger = town_employer(p.town, "山城第二纺织厂", "91990101MA0000002", "990101");
        town_employ(p.town, p.mine, p.firm, day_from(2024, 4, 1));
        months_import(p.town);
        p.me = owner_of(p.town, p.mine);
        p.they = owner_of(p.town, p.other);
        return p;
}

static void i_see_my_record_and_my_months(void **state)
{
        struct pair p = pair_new(state);
        json_t *out = told(p.town, &p.me, "portal.me", json_object());

        assert_string_equal(json_text(out, "kind"), "insured");
        assert_string_equal(json_text(out, "name"), "王小明");
        assert_true(json_array_size(json_object_get(out, "requests")) >= 3);
        json_decref(out);
        out = told(p.town, &p.me, "portal.record", json_object());
        assert_string_equal(json_text(out, "name"), "王小明");
        assert_null(strstr(json_text(out, "id_number_masked"), "19800101111"));
        assert_int_equal(json_array_size(json_object_get(out, "employments")), 1);
        json_decref(out);
        out = told(p.town, &p.me, "portal.months", json_object());
        const json_t *schemes = json_object_get(out, "schemes"), *pension = json_array_get(schemes, 0), *gaps, *gap;
        assert_int_equal(json_array_size(schemes), 2);
        assert_string_equal(json_text(pension, "scheme"), "EP");
        assert_int_equal(town_whole(pension, "months_paid"), 3 + 27);
        gaps = json_object_get(pension, "gaps");
        assert_int_equal(json_array_size(gaps), 2);
        gap = json_array_get(gaps, 0);
        assert_string_equal(json_text(gap, "from"), "2024-04");
        assert_int_equal(town_whole(gap, "months"), 2);
        assert_string_equal(json_text(gap, "employer_name"), "云城第一机械厂");
        assert_true(json_is_false(json_object_get(gap, "open")));
        gap = json_array_get(gaps, 1); /* still employed, and nothing came */
        assert_string_equal(json_text(gap, "from"), "2026-09");
        assert_string_equal(json_text(gap, "to"), "2026-11");
        assert_true(json_is_true(json_object_get(gap, "open")));
        json_decref(out);
        /* Each their own. */
        out = told(p.town, &p.they, "portal.months", json_object());
        pension = json_array_get(json_object_get(out, "schemes"), 0);
        assert_int_equal(town_whole(pension, "months_paid"), 12);
        assert_int_equal(json_array_size(json_object_get(pension, "gaps")),
                         0); /* who has no employer has nothing outstanding */
        json_decref(out);
        out = told(p.town, &p.me, "portal.account", json_pack("{s:i}", "year", 2025));
        assert_int_equal(town_whole(out, "person"), p.mine);
        assert_int_equal(json_array_size(json_object_get(out, "covered")), 12);
        json_decref(out);
        out = told(p.town, &p.me, "portal.openings", json_object());
        assert_true(json_array_size(json_object_get(out, "items")) >= 1); /* the clerk at the window */
        assert_null(json_object_get(json_array_get(json_object_get(out, "items"), 0), "note"));
        json_decref(out);
        /* The registration of who died is closed, here too. */
        assert_int_equal(
            town_call(p.town, "registry.person_correct",
                      json_pack("{s:I,s:s,s:s,s:s,s:I}", "person", (json_int_t)p.other, "field", "death", "value", "2026-11-01",
                                "source", "certificate", "version",
                                (json_int_t)town_ask(p.town, "SELECT version FROM person WHERE id = ?1@int", p.other)),
                      NULL),
            SB_OK);
        assert_int_equal(my(p.town, &p.they, "portal.record", json_object(), NULL), SB_PORTAL_ENDED);
        assert_int_equal(my(p.town, &p.they, "portal.dispute", json_pack("{s:s}", "text", "我还在世"), NULL), SB_PORTAL_ENDED);
        town_free(p.town);
}

/* --- what I ask for ------------------------------------------------------------------------------------------------------------------- */

static json_t *of_case(int64_t id)
{
        return json_pack("{s:I}", "case", (json_int_t)id);
}

static void a_month_is_disputed_in_one_step(void **state)
{
        struct pair p = pair_new(state);
        char files[300];
        json_t *out;

        p.town->house.files = text_format(files, sizeof files, "%s/files", test_scratch());
        out =
            told(p.town, &p.me, "portal.dispute",
                 json_pack("{s:s,s:s,s:s,s:s}", "scheme", "EP", "from", "2024-04", "to", "2024-05", "text", "单位当时已代扣"));
        int64_t id = town_whole(out, "case");
        json_decref(out);
        assert_int_equal(
            town_ask(p.town,
                     "SELECT subject FROM process_instance WHERE id = ?1@int AND process = 'P52' AND subject_kind = 'person'",
                     id),
            p.mine);
        assert_int_equal(
            town_ask(p.town, "SELECT COUNT(*) FROM application WHERE instance = ?1@int AND channel = 'portal'", id), 1);
        assert_int_equal(town_call_as(p.town, CLERK, ROLE_CLERK, "", "cases.get", of_case(id), &out), SB_OK);
        const json_t *application = json_object_get(out, "application");
        assert_string_equal(json_text(application, "channel"), "portal");
        assert_string_equal(json_text(json_object_get(application, "applicant"), "kind"), "self");
        json_decref(out);
        /* Mine stands in my list, and in nobody else's. */
        out = told(p.town, &p.me, "portal.applications", json_object());
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        assert_int_equal(town_whole(json_array_get(json_object_get(out, "items"), 0), "case"), id);
        json_decref(out);
        out = told(p.town, &p.they, "portal.applications", json_object());
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        out = told(p.town, &p.me, "portal.application", of_case(id));
        assert_string_equal(json_text(out, "state"), "active");
        assert_int_equal(json_array_size(json_object_get(out, "steps")), 1);
        assert_null(json_object_get(out, "application"));
        json_decref(out);
        assert_int_equal(my(p.town, &p.they, "portal.application", of_case(id), NULL), SB_PORTAL_CASE);
        assert_int_equal(
            my(p.town, &p.they, "portal.withdraw", json_pack("{s:I,s:s}", "case", (json_int_t)id, "reason", "我的"), NULL),
            SB_PORTAL_CASE);
        /* Evidence, by its owner alone. */
        json_t *in = json_pack("{s:I,s:s}", "case", (json_int_t)id, "title", "工资条");
        assert_int_equal(town_call_at(p.town, &p.they, "portal.attach", json_incref(in), str_from(PAPER), NULL, NULL),
                         SB_PORTAL_CASE);
        assert_int_equal(town_call_at(p.town, &p.me, "portal.attach", in, str_from(PAPER), NULL, NULL), SB_OK);
        assert_int_equal(town_ask(p.town, "SELECT COUNT(*) FROM attachment WHERE instance = ?1@int", id), 1);
        /* What cannot be. */
        assert_int_equal(my(p.town, &p.me, "portal.dispute",
                            json_pack("{s:s,s:s,s:s}", "text", "不对", "from", "2026-10", "to", "2026-01"), NULL),
                         SB_FIELD_TYPE);
        assert_int_equal(my(p.town, &p.me, "portal.dispute",
                            json_pack("{s:s,s:s,s:s}", "text", "这不对的", "from", "2026-10", "to", "2026-01"), NULL),
                         SB_PORTAL_PERIOD);
        assert_int_equal(
            my(p.town, &p.me, "portal.dispute", json_pack("{s:s,s:s}", "text", "这不对的", "from", "2027-01"), NULL),
            SB_PORTAL_PERIOD);
        assert_int_equal(
            my(p.town, &p.me, "portal.withdraw", json_pack("{s:I,s:s}", "case", (json_int_t)id, "reason", "已核对清楚"), NULL),
            SB_OK);
        assert_int_equal(town_ask(p.town, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND state = 'active'", id),
                         0);
        town_audit(p.town);
        town_free(p.town);
}

/* A form of the portal names nobody but its owner and employers of theirs. */
static void a_form_names_nobody_else(void **state)
{
        struct pair p = pair_new(state);
        json_t *out = told(p.town, &p.me, "portal.form", json_pack("{s:s}", "request", "change")), *field;
        size_t i;

        json_array_foreach(json_object_get(out, "fields"), i, field)
            assert_string_not_equal(json_text(field, "name"), "person");
        json_decref(out);
        static const struct {
                bool mine; /* the employer named */
                enum error_code code;
        } rows[] = {{false, SB_PORTAL_FIELD}, {true, SB_OK}};
        for (i = 0; i < 2; i++)
                assert_int_equal(my(p.town, &p.me, "portal.request",
                                    json_pack("{s:s,s:{s:s,s:s,s:b,s:I}}", "request", "dispute", "form", "kind", "complaint",
                                              "content", "未签合同", "anonymous", 0, "about_employer",
                                              (json_int_t)(rows[i].mine ? p.firm : p.stranger)),
                                    NULL),
                                 rows[i].code);
        /* Whoever is sent as the person: it is who signed in. */
        out = told(p.town, &p.me, "portal.request",
                   json_pack("{s:s,s:{s:I,s:s,s:s,s:s}}", "request", "change", "form", "person", (json_int_t)p.other, "item",
                             "phone", "new_value", "13900000001", "valid_from", "2026-11-01"));
        assert_int_equal(town_ask(p.town, "SELECT subject FROM process_instance WHERE id = ?1@int", town_whole(out, "case")),
                         p.mine);
        json_decref(out);
        assert_int_equal(
            my(p.town, &p.me, "portal.change",
               json_pack("{s:s,s:s,s:I}", "item", "phone", "new_value", "13900000001", "person", (json_int_t)p.other), &out),
            SB_OK);
        assert_int_equal(town_ask(p.town, "SELECT subject FROM process_instance WHERE id = ?1@int", town_whole(out, "case")),
                         p.mine);
        json_decref(out);
        /* The pack says what may be asked for. */
        assert_int_equal(my(p.town, &p.me, "portal.request", json_pack("{s:s,s:{}}", "request", "P09", "form"), NULL),
                         SB_PORTAL_REQUEST);
        assert_int_equal(my(p.town, &p.me, "portal.form", json_pack("{s:s}", "request", "declare"), NULL), SB_PORTAL_REQUEST);
        town_free(p.town);
}

static void a_change_is_decided_by_the_office(void **state)
{
        struct pair p = pair_new(state);
        json_t *out = told(p.town, &p.me, "portal.change", json_pack("{s:s,s:s}", "item", "phone", "new_value", "13900000001"));
        json_t *list = json_array(), *paper, *letter;
        int64_t id = town_whole(out, "case");
        struct buf file;
        size_t k;

        json_decref(out);
        assert_int_equal(town_call_as(p.town, CLERK, ROLE_CLERK, "", "cases.get", of_case(id), &out), SB_OK);
        json_array_foreach(json_object_get(out, "papers"), k, paper) json_array_append_new(
            list, json_pack("{s:O,s:s}", "material", json_object_get(paper, "material"), "state", "given"));
        json_decref(out);
        assert_int_equal(town_call_as(p.town, CLERK, ROLE_CLERK, "", "cases.papers",
                                      json_pack("{s:I,s:o}", "case", (json_int_t)id, "papers", list), NULL),
                         SB_OK);
        assert_int_equal(town_decide(p.town, id, CLERK, "approve"), SB_OK);
        assert_int_equal(town_decide(p.town, id, REVIEWER, "approve"), SB_OK);
        assert_int_equal(town_decide(p.town, id, APPROVER, "approve"), SB_OK);
        out = told(p.town, &p.me, "portal.record", json_object());
        assert_string_equal(json_text(out, "telephone_masked"), "139****0001");
        json_decref(out);
        /* The letter of it, to its owner alone. */
        out = told(p.town, &p.me, "portal.application", of_case(id));
        letter = json_array_get(json_object_get(out, "letters"), 0);
        json_t *which = json_pack("{s:I}", "document", (json_int_t)town_whole(letter, "document"));
        json_decref(out);
        assert_int_equal(town_call_at(p.town, &p.me, "portal.letter", json_incref(which), STR(""), NULL, &file), SB_OK);
        assert_true(file.n > 1000 && memcmp(file.p, "%PDF", 4) == 0);
        buf_dispose(&file);
        assert_int_equal(my(p.town, &p.they, "portal.letter", which, NULL), SB_PORTAL_CASE);
        town_audit(p.town);
        town_free(p.town);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_account_is_opened_at_a_window),     TEST_ON_BOTH(an_account_is_closed_and_opened_again),
            TEST_ON_BOTH(nobody_opens_their_own_account),       TEST_ON_BOTH(an_account_is_none_of_the_staff),
            TEST_ON_BOTH(no_other_verb_answers_who_is_outside), TEST_ON_BOTH(i_see_my_record_and_my_months),
            TEST_ON_BOTH(a_month_is_disputed_in_one_step),      TEST_ON_BOTH(a_form_names_nobody_else),
            TEST_ON_BOTH(a_change_is_decided_by_the_office),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
