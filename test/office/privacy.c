/* SPDX-License-Identifier: Apache-2.0
 *
 * Privacy: a record is opened for a purpose and for today, who opened it is told, curiosity is asked about, a person gets a copy.
 */
#include "office/town.h"
#include "support/cairo_leak.h"

#include "office/privacy/privacy.h"
#include "office/staff/staff.h"

#include <string.h>

#define CLERK 21
#define AUDITOR 22
#define DAY_US ((int64_t)86400 * 1000000)

static enum error_code ask(struct town *t, int64_t staff, uint32_t roles, const char *verb, json_t *in, json_t **out)
{
        const struct verb *v = registry_find(t->verbs, verb);
        struct call c = {.house = &t->house, .who = {.staff = staff, .office = t->office, .roles = roles, .lang = LANG_EN}};
        json_t *answer = NULL;
        char key[40];

        assert_non_null(v);
        error_clear(&t->err);
        c.key = v->kind == VERB_WRITE ? text_format(key, sizeof key, "privacy-%d", ++t->calls) : NULL;
        int rc = verb_call(&c, v, in, &answer, &t->err);
        json_decref(in);
        if (out != NULL)
                *out = answer;
        else
                json_decref(answer);
        return rc == 0 ? SB_OK : t->err.code;
}

static json_t *of(int64_t person)
{
        return json_pack("{s:I}", "person", (json_int_t)person);
}

static enum error_code look(struct town *t, int64_t person)
{
        return ask(t, CLERK, ROLE_CLERK, "registry.person_get", of(person), NULL);
}

static enum error_code open_for(struct town *t, int64_t person, const char *purpose)
{
        return ask(t, CLERK, ROLE_CLERK, "people.open",
                   json_pack("{s:I,s:s}", "person", (json_int_t)person, "purpose", purpose), NULL);
}

static void a_record_is_opened_for_a_purpose_and_a_day(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        json_t *out = NULL;

        if (t == NULL)
                skip();
        int64_t person = town_person(t, "参保人甲", "99010119800101111", "male");
        int64_t other = town_person(t, "参保人乙", "99010119800101112", "f50");
        assert_int_equal(look(t, person), SB_CASE_OPENING);
        assert_int_equal(look(t, 987654), SB_REGISTRY_PERSON);
        assert_int_equal(ask(t, CLERK, ROLE_CLERK, "contribution.history", of(person), NULL), SB_CASE_OPENING);
        assert_int_equal(open_for(t, person, "gossip"), SB_PRIVACY_PURPOSE);
        assert_int_equal(open_for(t, person, "audit"), SB_PRIVACY_PURPOSE); /* which is an auditor's */
        assert_int_equal(open_for(t, person, "case"), SB_PRIVACY_CASE);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM record_opening"), 0);
        assert_int_equal(open_for(t, person, "counter"), SB_OK);
        assert_int_equal(look(t, person), SB_OK);
        assert_int_equal(ask(t, CLERK, ROLE_CLERK, "contribution.history", of(person), NULL), SB_OK);
        assert_int_equal(look(t, other), SB_CASE_OPENING);
        /* It is one's own opening, and of today. */
        assert_int_equal(ask(t, AUDITOR, ROLE_AUDITOR, "registry.person_get", of(person), NULL), SB_CASE_OPENING);
        clock_advance(t->house.clock, DAY_US);
        assert_int_equal(look(t, person), SB_CASE_OPENING);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM audit_row WHERE verb = 'people.open' AND subject_kind = 'person'"),
                         1);
        /* The person sees it. */
        assert_int_equal(ask(t, AUDITOR, ROLE_AUDITOR, "people.openings", of(person), &out), SB_OK);
        const json_t *items = json_object_get(out, "items");
        assert_int_equal(json_array_size(items), 1);
        assert_string_equal(json_text(json_array_get(items, 0), "purpose"), "counter");
        assert_non_null(strstr(json_text(json_array_get(items, 0), "basis"), "个人信息保护法"));
        json_decref(out);
        town_free(t);
}

static int task_to_clerk(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, "UPDATE task SET assignee = ?2@int WHERE instance = ?1@int AND state = 'open'", "ii",
                       *(int64_t *)ctx, (int64_t)CLERK);
}

/* Who has a task of the person in hand is not asked; the case is written down. */
static void work_in_hand_opens_without_a_question(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        json_t *out = NULL;

        if (t == NULL)
                skip();
        int64_t person = town_person(t, "参保人甲", "99010119800101111", "male");
        json_t *in = json_pack("{s:s,s:{s:I,s:s,s:s,s:b},s:{s:s},s:{s:s,s:I}}", "process", "P51", "form", "person",
                               (json_int_t)person, "certificate", "statement", "purpose", "own", "for_other", 0, "applicant",
                               "kind", "office", "subject", "kind", "person", "id", (json_int_t)person);
        enum error_code code = town_call(t, "cases.open", in, &out);
        int64_t instance = json_integer_value(json_object_get(out, "case"));
        json_decref(out);
        if (code != SB_OK) {
                char text[600];
                fail_msg("%s", error_text(&t->err, LANG_EN, text, sizeof text));
        }
        assert_ok(store_write(t->house.store, task_to_clerk, &instance, &t->err), t->err);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM process_instance WHERE subject_kind = 'person'"), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM task WHERE state = 'open' AND assignee = 21"), 1);
        assert_int_equal(look(t, person), SB_OK);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM record_opening WHERE purpose = 'case'"), 1);
        assert_int_equal(town_count(t, "SELECT instance FROM record_opening"), instance);
        assert_int_equal(look(t, person), SB_OK); /* once a day */
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM record_opening"), 1);
        town_free(t);
}

struct hiring {
        int64_t person, other, office;
};

/* The clerk is an insured person too, and so is a colleague. */
static int hire(struct tx *tx, void *ctx, struct error *err)
{
        const struct hiring *h = ctx;
        struct staff one = {
            .id = CLERK, .office = h->office, .login = "c", .display = "经办", .roles = ROLE_CLERK, .person = h->person};
        struct staff two = {
            .id = 23, .office = h->office, .login = "d", .display = "经办", .roles = ROLE_CLERK, .person = h->other};
        int rc = staff_add(tx, &one, "$none", 0, err);

        return rc ? rc : staff_add(tx, &two, "$none", 0, err);
}

static int64_t alarms_of(struct town *t, const char *sql)
{
        return town_count(t, sql);
}
#define OF(rule) "SELECT COUNT(*) FROM record_alarm WHERE state = 'open' AND rule = '" rule "'"

static void curiosity_is_asked_about(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        json_t *out = NULL;

        if (t == NULL)
                skip();
        struct hiring h = {.office = t->office};
        h.person = town_person(t, "王经办", "99010119800101111", "male");
        h.other = town_person(t, "李同事", "99010119800101112", "f50");
        int64_t spouse = town_person(t, "陈配偶", "99010119810101114", "f50");
        int64_t namesake = town_person(t, "王某某", "99010119700101113", "male");
        int64_t stranger = town_person(t, "赵某某", "99010119700101115", "male");
        assert_ok(store_write(t->house.store, hire, &h, &t->err), t->err);
        assert_int_equal(town_call(t, "registry.kin_add",
                                   json_pack("{s:I,s:I,s:s,s:s}", "person", (json_int_t)h.person, "relative",
                                             (json_int_t)spouse, "kind", "spouse", "source", "结婚证"),
                                   NULL),
                         SB_OK);
        assert_int_equal(open_for(t, stranger, "counter"), SB_OK);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM record_alarm"), 0); /* honest work raises nothing */
        assert_int_equal(open_for(t, h.person, "counter"), SB_OK);
        assert_int_equal(alarms_of(t, OF("own")), 1);
        assert_int_equal(alarms_of(t, OF("kin")), 0);
        assert_int_equal(open_for(t, spouse, "counter"), SB_OK);
        assert_int_equal(alarms_of(t, OF("kin")), 1);
        assert_int_equal(open_for(t, h.other, "counter"), SB_OK);
        assert_int_equal(alarms_of(t, OF("colleague")), 1);
        assert_int_equal(open_for(t, namesake, "counter"), SB_OK);
        assert_int_equal(alarms_of(t, OF("family_name")), 2); /* and one's own */
        assert_int_equal(open_for(t, stranger, "correction"), SB_OK);
        assert_int_equal(alarms_of(t, OF("no_case")), 1);
        assert_int_equal(alarms_of(t, OF("many")), 0);

        /* An auditor judges, with a reason, and nobody their own. */
        assert_int_equal(ask(t, CLERK, ROLE_CLERK, "privacy.alarms", json_object(), NULL), SB_CASE_ROLE);
        assert_int_equal(ask(t, AUDITOR, ROLE_AUDITOR, "privacy.alarms", json_object(), &out), SB_OK);
        const json_t *items = json_object_get(out, "items");
        assert_int_equal(json_array_size(items), 6);
        assert_string_equal(json_text(json_array_get(items, 0), "rule"), "no_case");
        int64_t alarm = json_integer_value(json_object_get(json_array_get(items, 0), "id"));
        json_decref(out);
        json_t *in = json_pack("{s:I,s:s,s:s}", "alarm", (json_int_t)alarm, "finding", "misuse", "note", "no reason was given");
        assert_int_equal(ask(t, CLERK, ROLE_AUDITOR, "privacy.alarm_decide", json_deep_copy(in), NULL), SB_PRIVACY_ALARM_OWN);
        assert_int_equal(ask(t, AUDITOR, ROLE_AUDITOR, "privacy.alarm_decide", json_deep_copy(in), NULL), SB_OK);
        assert_int_equal(ask(t, AUDITOR, ROLE_AUDITOR, "privacy.alarm_decide", in, NULL), SB_PRIVACY_ALARM);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM record_alarm WHERE state = 'misuse' AND decided_by = 22"), 1);
        town_free(t);
}

/* Thirty people in a day, where colleagues open a few. */
static void many_records_in_a_day(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        char first[24];

        if (t == NULL)
                skip();
        for (int i = 0; i < 31; i++) {
                int64_t person =
                    town_person(t, "参保人", text_format(first, sizeof first, "9901011980010%04d", 1000 + i * 2 + 1), "male");
                assert_int_equal(open_for(t, person, "counter"), SB_OK);
                assert_int_equal(alarms_of(t, OF("many")), i < 29 ? 0 : 1);
        }
        town_free(t);
}

static void a_person_gets_a_copy(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        struct raw_reply raw = {.media_type = ""};
        json_t *record = NULL, *out = NULL;
        char id[24];

        if (t == NULL)
                skip();
        int64_t person = town_person(t, "参保人甲", "99010119800101111", "male");
        assert_int_equal(ask(t, CLERK, ROLE_CLERK, "people.export", of(person), NULL), SB_CASE_OPENING);
        assert_int_equal(open_for(t, person, "counter"), SB_OK);
        assert_int_equal(ask(t, CLERK, ROLE_FINANCE, "people.export", of(person), NULL), SB_CASE_ROLE);
        assert_int_equal(ask(t, CLERK, ROLE_CLERK, "people.export", of(person), &record), SB_OK);
        assert_string_equal(json_text(json_object_get(record, "numbers"), "id_number"), town_id("99010119800101111", id));
        assert_int_equal(json_array_size(json_object_get(record, "openings")), 1);
        json_decref(record);
        const struct verb *v = registry_find(t->verbs, "people.export");
        struct call c = {.house = &t->house,
                         .who = {.staff = CLERK, .office = t->office, .roles = ROLE_CLERK, .lang = LANG_ZH},
                         .raw = &raw,
                         .key = "privacy-pdf"};
        json_t *in = json_pack("{s:I,s:s}", "person", (json_int_t)person, "format", "pdf");
        buf_init(&raw.bytes, (size_t)64 << 20);
        assert_ok(verb_call(&c, v, in, &out, &t->err), t->err);
        assert_string_equal(raw.media_type, "application/pdf");
        assert_memory_equal(raw.bytes.p, "%PDF", 4);
        json_decref(in);
        json_decref(out);
        buf_dispose(&raw.bytes);
        /* That it was made is in the trail; what it says is not. */
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM audit_row WHERE verb = 'people.export'"), 2);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM idempotency WHERE response LIKE '%990101%'"), 0);
        town_free(t);
}

/* An employer's account is read as it was written, and stands nowhere in clear; a row of before is sealed by the next round. */
static int clear_again(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(tx, err, "UPDATE employer_fact SET bank_account = '6222020000000001'", "");
}

static const char *account_of(struct town *t, int64_t employer, json_t **out)
{
        assert_int_equal(town_call(t, "registry.employer_get", json_pack("{s:I}", "employer", (json_int_t)employer), out),
                         SB_OK);
        return json_text(*out, "bank_account_masked");
}

static void accounts_of_employers_are_sealed(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        json_t *out = NULL;
        int64_t changed = 0;
        char uscc[24];

        if (t == NULL)
                skip();
        json_t *in = json_pack("{s:s,s:s,s:s,s:s}", "name", "湖滨工厂", "uscc", town_uscc("91990101MA0000001", uscc),
                               "territory", "990101", "bank_account", "6222020000000001");
        assert_int_equal(town_call(t, "registry.employer_register", in, &out), SB_OK);
        int64_t employer = json_integer_value(json_object_get(out, "id"));
        json_decref(out);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM employer_fact WHERE bank_account LIKE '~%'"), 1);
        assert_non_null(strstr(account_of(t, employer, &out), "0001"));
        json_decref(out);
        assert_ok(store_write(t->house.store, clear_again, NULL, &t->err), t->err);
        assert_non_null(strstr(account_of(t, employer, &out), "0001"));
        json_decref(out);
        assert_ok(keys_rewrap(&t->house, &changed, &t->err), t->err);
        assert_int_equal(changed, 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM employer_fact WHERE bank_account LIKE '~%'"), 1);
        assert_non_null(strstr(account_of(t, employer, &out), "0001"));
        json_decref(out);
        town_free(t);
}

static int die_long_ago(struct tx *tx, void *ctx, struct error *err)
{
        int rc = tx_exec(tx, err, "UPDATE person_fact SET death_day = ?2@int WHERE person <> ?1@int", "ii", *(int64_t *)ctx,
                         (int64_t)day_from(1920, 1, 1));

        return rc ? rc : tx_exec(tx, err, "UPDATE person SET version = version + 1 WHERE id <> ?1@int", "i", *(int64_t *)ctx);
}

/* Who died long ago is erased but for who is held: nobody finds them, no name is left, money and lists go on. */
static void what_is_due_is_erased(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        json_t *out = NULL, *in;
        char id[24];

        if (t == NULL)
                skip();
        int64_t dead = town_person(t, "钱已故", "99010118990101111", "male");
        int64_t held = town_person(t, "孙已故", "99010118990101113", "male");
        int64_t alive = town_person(t, "李健在", "99010119800101111", "male");
        assert_ok(store_write(t->house.store, die_long_ago, &alive, &t->err), t->err);
        in = json_pack("{s:I,s:s}", "person", (json_int_t)held, "reason", "a suit goes on");
        assert_int_equal(town_call(t, "people.hold", in, &out), SB_OK);
        int64_t hold = json_integer_value(json_object_get(out, "id"));
        json_decref(out);

        assert_int_equal(town_call(t, "privacy.retention", json_object(), &out), SB_OK);
        const json_t *row = json_array_get(json_object_get(out, "items"), 0);
        assert_string_equal(json_text(row, "class"), "person");
        assert_int_equal(json_integer_value(json_object_get(row, "due")), 1);
        json_decref(out);
        assert_int_equal(ask(t, CLERK, ROLE_CLERK, "privacy.erase", json_pack("{s:s}", "class", "person"), NULL), SB_CASE_ROLE);
        assert_int_equal(town_call(t, "privacy.erase", json_pack("{s:s}", "class", "person"), &out), SB_OK);
        assert_int_equal(json_integer_value(json_object_get(out, "erased")), 1);
        json_decref(out);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person WHERE state = 'erased'"), 1);
        assert_int_equal(town_ask(t, "SELECT LENGTH(key_wrapped) FROM person WHERE id = ?1@int", dead), 0);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM directory WHERE person = ?1@int", dead), 0);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM name_key WHERE subject = ?1@int AND subject_kind = 1", dead), 0);
        assert_int_equal(town_call(t, "desk.search", json_pack("{s:s}", "q", town_id("99010118990101111", id)), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        assert_int_equal(town_call(t, "registry.person_get", of(dead), &out), SB_OK);
        assert_string_equal(json_text(out, "name"), "—");
        json_decref(out);
        assert_int_equal(town_call(t, "registry.person_get", of(held), &out), SB_OK);
        assert_string_equal(json_text(out, "name"), "孙已故");
        json_decref(out);
        town_audit(t);

        /* The hold ends, and so does the record. */
        assert_int_equal(town_call(t, "people.hold_end", json_pack("{s:I}", "hold", (json_int_t)hold), NULL), SB_OK);
        assert_int_equal(town_call(t, "people.hold_end", json_pack("{s:I}", "hold", (json_int_t)hold), NULL), SB_PRIVACY_HOLD);
        assert_int_equal(town_call(t, "privacy.erase", json_pack("{s:s}", "class", "person"), NULL), SB_OK);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person WHERE state = 'erased'"), 2);
        assert_int_equal(town_call(t, "privacy.erase", json_pack("{s:s}", "class", "application"), NULL), SB_OK);
        assert_int_equal(town_call(t, "privacy.erase", json_pack("{s:s}", "class", "letter"), NULL), SB_OK);
        town_free(t);
}

/* Real law does not come into a demonstration. */
static void a_demonstration_stays_one(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        struct pack *real = NULL;

        if (t == NULL)
                skip();
        assert_ok(pack_open(&real, "packs/cn-hunan", &t->err), t->err);
        assert_ok(pack_store_put(t->house.packs, real, clock_now(t->house.clock), &t->err), t->err);
        pack_free(real);
        json_t *in = json_pack("{s:s,s:I,s:s}", "pack", "cn-hunan", "pool", (json_int_t)town_pool(t), "from", "2027-01-01");
        assert_int_equal(town_call(t, "packs.activate", in, NULL), SB_CASE_PACK_KIND);
        in = json_pack("{s:s,s:I,s:s}", "pack", "demo", "pool", (json_int_t)town_pool(t), "from", "2027-01-01");
        assert_int_equal(town_call(t, "packs.activate", in, NULL), SB_OK);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_record_is_opened_for_a_purpose_and_a_day),
            TEST_ON_BOTH(work_in_hand_opens_without_a_question),
            TEST_ON_BOTH(curiosity_is_asked_about),
            TEST_ON_BOTH(many_records_in_a_day),
            TEST_ON_BOTH(a_person_gets_a_copy),
            TEST_ON_BOTH(a_demonstration_stays_one),
            TEST_ON_BOTH(what_is_due_is_erased),
            TEST_ON_BOTH(accounts_of_employers_are_sealed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
