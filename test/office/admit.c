/* SPDX-License-Identifier: Apache-2.0
 *
 * The registration of employers (P01) and persons (P02) by their processes, on both databases: from the application to the archive, what
 * an application is told before it is taken, and two applications for one person, one after the other and at one moment.
 */
#include "office/town.h"

#include "case/application.h"
#include "support/cairo_leak.h"

#include <pthread.h>
#include <string.h>

enum { CLERK = 2, REVIEWER = 3, APPROVER = 4 };

#define TEA "{\"name\":\"云山茶业有限公司\",\"uscc\":\"91990101MA0000017J\",\"industry\":\"C15\",\"bank_name\":\"云山银行\"}"

#define SUBJECT "SELECT subject FROM process_instance WHERE id = ?1@int"
#define EMPLOYMENTS "SELECT COUNT(*) FROM employment WHERE employer = ?1@int"
#define PERSONS "SELECT COUNT(*) FROM person"

struct question {
        const char *sql, *word;
        int64_t id, count;
};

static int question_read(struct tx *tx, void *ctx, struct error *err)
{
        struct question *k = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, k->sql, "it", k->id, k->word);

        k->count = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

/* How many there are of a case and a word. */
static int64_t count_of(struct town *t, const char *sql, int64_t id, const char *word)
{
        struct question k = {.sql = sql, .id = id, .word = word};

        assert_ok(store_read(t->house.store, question_read, &k, &t->err), t->err);
        return k.count;
}

static bool waits_at(struct town *t, int64_t id, const char *node)
{
        return count_of(t, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open' AND node = ?2@text", id,
                        node) == 1;
}

static bool is_of(struct town *t, int64_t id, const char *kind)
{
        return count_of(t, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND subject_kind = ?2@text", id, kind) == 1;
}

static enum error_code apply_for(struct town *t, const char *process, const char *form, json_t **out)
{
        return town_call_as(t, CLERK, ROLE_CLERK, "", "cases.open",
                            json_pack("{s:s,s:o,s:{s:s}}", "process", process, "form", json_loads(form, 0, NULL), "applicant",
                                      "kind", "office"),
                            out);
}

static int64_t applied(struct town *t, const char *process, const char *form)
{
        json_t *out = NULL;

        assert_int_equal(apply_for(t, process, form, &out), SB_OK);
        int64_t id = town_whole(out, "case");
        json_decref(out);
        return id;
}

/* All papers of the case are given, so that it may be approved. */
static void papers_given(struct town *t, int64_t id)
{
        json_t *out = NULL, *list = json_array(), *paper;
        size_t k;

        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &out),
                         SB_OK);
        json_array_foreach(json_object_get(out, "papers"), k, paper) json_array_append_new(
            list, json_pack("{s:O,s:s}", "material", json_object_get(paper, "material"), "state", "given"));
        assert_true(json_array_size(list) > 0);
        json_decref(out);
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "cases.papers",
                                      json_pack("{s:I,s:o}", "case", (json_int_t)id, "papers", list), NULL),
                         SB_OK);
}

static void accepted(struct town *t, int64_t id)
{
        papers_given(t, id);
        assert_int_equal(town_decide(t, id, CLERK, "approve"), SB_OK);
        assert_true(waits_at(t, id, "review"));
}

/* Its letter, known by a word of its title, reaches the applicant, and the case is filed. */
static void served(struct town *t, int64_t id, const char *letter)
{
        assert_true(waits_at(t, id, "serve"));
        assert_int_equal(town_decide(t, id, CLERK, "approve"), SB_OK);
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND state = 'done' AND archive_number <> ''",
                     id),
            1);
        assert_int_equal(count_of(t,
                                  "SELECT COUNT(*) FROM document d JOIN process_instance i ON i.subject_kind = d.subject_kind "
                                  "AND i.subject = d.subject WHERE i.id = ?1@int AND d.kind = 'letter.zh' AND d.title LIKE "
                                  "?2@text",
                                  id, letter),
                         1);
}

/* The application of a worker born on 1993-05-17; the order makes the number another one's, an odd one a man's. */
static const char *worker_form(char form[400], int order, const char *category, int64_t employer, const char *from)
{
        char first[24], number[24];

        town_id(text_format(first, sizeof first, "99010119930517%03d", order), number);
        return text_format(form, 400,
                           "{\"name\":\"张三\",\"id_number\":\"%s\",\"category\":\"%s\",\"employer\":%lld,\"from\":\"%s\","
                           "\"telephone\":\"13800005678\"}",
                           number, category, (long long)employer, from);
}

static int64_t employer_registered(struct town *t)
{
        int64_t id = applied(t, "P01", TEA);

        accepted(t, id);
        assert_true(is_of(t, id, "application"));
        assert_int_equal(town_decide(t, id, CLERK, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_OK);
        assert_true(is_of(t, id, "employer"));
        served(t, id, "%凭证%");
        return town_ask(t, SUBJECT, id);
}

/* --- the tests ------------------------------------------------------------------------------------------------------------------------ */

static void from_application_to_archive(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        char form[400];

        if (t == NULL)
                skip();
        int64_t employer = employer_registered(t);
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM employer_fact WHERE employer = ?1@int AND name = '云山茶业有限公司'", employer),
            1);
        int64_t id = applied(t, "P02", worker_form(form, 1, "male", employer, "2026-10"));
        assert_int_equal(town_count(t, PERSONS), 0);
        accepted(t, id);
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_OK);
        assert_true(is_of(t, id, "person"));
        served(t, id, "%凭证%");
        int64_t person = town_ask(t, SUBJECT, id);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM employment WHERE person = ?1@int AND category = 'male'", person), 1);
        assert_int_equal(town_ask(t, "SELECT valid_from FROM employment WHERE person = ?1@int", person), day_from(2026, 10, 1));
        /* A flexible worker has no employer. */
        id = applied(t, "P02", "{\"name\":\"李四\",\"id_number\":\"990101199305170046\",\"category\":\"f50\"}");
        accepted(t, id);
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_OK);
        served(t, id, "%凭证%");
        assert_int_equal(town_count(t, PERSONS), 2);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM employment"), 1);
        town_audit(t);
        town_free(t);
}

/* What is refused before a case begins: the fields by name, and who has the number. */
static void refused(struct town *t, const char *process, const char *form, const char *where, const char *says)
{
        int64_t cases = town_count(t, "SELECT COUNT(*) FROM process_instance");

        assert_int_equal(apply_for(t, process, form, NULL), SB_CASE_FORM);
        assert_string_equal(t->err.where, where);
        if (strstr(t->err.args, says) == NULL)
                fail_msg("%s: %s", where, t->err.args);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM process_instance"), cases);
}

static void an_application_is_looked_at_before_it_is_taken(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        char form[400], number[24];
        json_t *out = NULL;

        if (t == NULL)
                skip();
        int64_t employer = town_employer(t, "云山茶业有限公司", "91990101MA0000017", "990101");
        town_person(t, "张三", "99010119930517001", "male");
        refused(t, "P01", TEA, "uscc", "云山茶业有限公司");
        refused(t, "P01", "{\"name\":\"茶\",\"uscc\":\"91990101MA0000017K\"}", "uscc", "");
        refused(t, "P02", worker_form(form, 1, "male", employer, "2026-10"), "id_number", "张三");
        refused(t, "P02", worker_form(form, 3, "f50", employer, "2026-10"), "category", "f50");
        refused(t, "P02", worker_form(form, 3, "male", employer, "1993-04"), "from", "1993-05-17"); /* before the birth */
        refused(t, "P02", worker_form(form, 3, "male", employer + 77, "2026-10"), "employer", "");
        text_format(form, sizeof form, "{\"name\":\"张三\",\"id_number\":\"%s\",\"employer\":%lld}",
                    town_id("99010119930517003", number), (long long)employer);
        refused(t, "P02", form, "from", ""); /* since when? */
        /* The page asks the same while it is filled in. */
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "cases.check",
                                      json_pack("{s:s,s:o}", "process", "P02", "form",
                                                json_loads(worker_form(form, 1, "male", employer, "2026-10"), 0, NULL)),
                                      &out),
                         SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "faults")), 1);
        json_decref(out);
        town_free(t);
}

/* Of three applications for one person one is carried out; one that stood before the reviewer meanwhile is told, and one that is accepted
 * afterwards comes before the approver as an exception. */
static void one_person_is_registered_once(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        char form[400];
        int64_t cases[3];

        if (t == NULL)
                skip();
        int64_t employer = town_employer(t, "云山茶业有限公司", "91990101MA0000017", "990101");
        for (int i = 0; i < 3; i++)
                cases[i] = applied(t, "P02", worker_form(form, 1, "male", employer, "2026-10"));
        accepted(t, cases[0]);
        accepted(t, cases[1]);
        assert_int_equal(town_decide(t, cases[0], REVIEWER, "approve"), SB_OK);
        served(t, cases[0], "%凭证%");
        assert_int_equal(town_decide(t, cases[1], REVIEWER, "approve"), SB_OK);
        assert_true(waits_at(t, cases[1], "correct"));
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND variables LIKE '%已登记，编号 P01-%'",
                     cases[1]),
            1);
        assert_int_equal(town_decide(t, cases[1], CLERK, "return"), SB_OK);
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND state = 'done' AND archive_number <> ''",
                     cases[1]),
            1);
        accepted(t, cases[2]);
        assert_int_equal(town_decide(t, cases[2], REVIEWER, "approve"), SB_OK);
        assert_true(waits_at(t, cases[2], "approve"));
        assert_int_equal(town_decide(t, cases[2], APPROVER, "refuse"), SB_OK);
        served(t, cases[2], "%不予办理%");
        assert_int_equal(town_count(t, PERSONS), 1);
        assert_int_equal(town_ask(t, EMPLOYMENTS, employer), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM directory"), 1);
        town_free(t);
}

struct deciding {
        struct town *town;
        int64_t task;
        pthread_t thread;
        enum error_code code;
};

static void *decide_run(void *ctx)
{
        struct deciding *d = ctx;
        char key[40];
        struct error err = {0};
        struct call call = {.house = &d->town->house,
                            .who = {.staff = REVIEWER, .office = d->town->office, .roles = ROLE_REVIEWER},
                            .key = text_format(key, sizeof key, "at-once-%lld", (long long)d->task)};
        json_t *out = NULL, *in = json_pack("{s:I,s:{s:s}}", "task", (json_int_t)d->task, "outcome", "decision", "approve");
        int rc = verb_call(&call, registry_find(d->town->verbs, "tasks.complete"), in, &out, &err);

        d->code = rc == 0 ? SB_OK : err.code;
        json_decref(in);
        json_decref(out);
        return NULL;
}

static void approve_at_once(struct town *t, const int64_t cases[2])
{
        struct deciding two[2];

        for (int i = 0; i < 2; i++)
                two[i] = (struct deciding){
                    .town = t, .task = town_ask(t, "SELECT id FROM task WHERE instance = ?1@int AND state = 'open'", cases[i])};
        for (int i = 0; i < 2; i++)
                assert_int_equal(pthread_create(&two[i].thread, NULL, decide_run, &two[i]), 0);
        for (int i = 0; i < 2; i++)
                pthread_join(two[i].thread, NULL);
        assert_int_equal(two[0].code, SB_OK);
        assert_int_equal(two[1].code, SB_OK);
        town_work(t);
}

/* Whichever comes first: one registers the person or the employer, the other is told, nothing is left half done. */
static void two_are_approved_at_one_moment(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        char form[400], number[24], first[24];

        if (t == NULL)
                skip();
        int64_t employer = town_employer(t, "云山茶业有限公司", "91990101MA0000017", "990101");
        for (int round = 0; round < 4; round++) {
                bool person = round % 2 == 0;
                int64_t cases[2];
                if (person)
                        worker_form(form, 2 * round + 1, "male", employer, "2026-10");
                else
                        text_format(form, sizeof form, "{\"name\":\"茶业\",\"uscc\":\"%s\"}",
                                    town_uscc(text_format(first, sizeof first, "91990101MA%07d", 100 + round), number));
                for (int i = 0; i < 2; i++)
                        accepted(t, cases[i] = applied(t, person ? "P02" : "P01", form));
                approve_at_once(t, cases);
                assert_int_equal(waits_at(t, cases[0], "correct") + waits_at(t, cases[1], "correct"), 1);
                assert_int_equal(waits_at(t, cases[0], "serve") + waits_at(t, cases[1], "serve"), 1);
                assert_int_equal(town_count(t, PERSONS), round / 2 + 1);
                assert_int_equal(town_ask(t, EMPLOYMENTS, employer), round / 2 + 1);
                assert_int_equal(town_count(t, "SELECT COUNT(*) FROM employer"), 1 + (round + 1) / 2);
                assert_int_equal(town_count(t, "SELECT COUNT(*) FROM employer_fact"), 1 + (round + 1) / 2);
        }
        town_free(t);
}

struct unlooked {
        struct town *town;
        const char *form;
        int64_t instance;
};

static int unlooked_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct unlooked *u = ctx;
        struct call call = {.house = &u->town->house, .who = {.staff = CLERK, .office = u->town->office, .roles = ROLE_CLERK}};
        json_t *form = json_loads(u->form, 0, NULL);
        struct case_application a = {.process = "P02", .form = form, .office = u->town->office};
        int rc = case_open(tx, &call, &a, &u->instance, err);

        json_decref(form);
        return rc;
}

/* A case that nobody's form was looked at for (a joint service opens it) goes back to the clerk with the reason; nothing is written. */
static void what_cannot_be_registered_goes_back(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        char form[400];

        if (t == NULL)
                skip();
        int64_t employer = town_employer(t, "云山茶业有限公司", "91990101MA0000017", "990101");
        struct unlooked u = {.town = t, .form = worker_form(form, 1, "male", employer, "1990-01")};
        assert_ok(store_write(t->house.store, unlooked_apply, &u, &t->err), t->err);
        town_work(t);
        accepted(t, u.instance);
        assert_int_equal(town_decide(t, u.instance, REVIEWER, "approve"), SB_OK);
        assert_true(waits_at(t, u.instance, "correct"));
        assert_int_equal(town_ask(t,
                                  "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND variables LIKE '%1990-01-01%'",
                                  u.instance),
                         1); /* why not */
        assert_int_equal(town_count(t, PERSONS), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM directory"), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM name_key WHERE subject_kind = 1"), 0);
        assert_int_equal(town_ask(t, EMPLOYMENTS, employer), 0);
        town_free(t);
}

static int letters_gone(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(tx, err, "DELETE FROM letter", "");
}

/* A case that waited for its letter to be served when letters got rows of their own goes on to its end. */
static void a_letter_of_before_is_served(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        int64_t id = applied(t, "P01", TEA);
        accepted(t, id);
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_OK);
        assert_ok(store_write(t->house.store, letters_gone, NULL, &t->err), t->err);
        served(t, id, "%凭证%");
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(from_application_to_archive),         TEST_ON_BOTH(an_application_is_looked_at_before_it_is_taken),
            TEST_ON_BOTH(one_person_is_registered_once),       TEST_ON_BOTH(two_are_approved_at_one_moment),
            TEST_ON_BOTH(what_cannot_be_registered_goes_back), TEST_ON_BOTH(a_letter_of_before_is_served),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
