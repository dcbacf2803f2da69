/* SPDX-License-Identifier: Apache-2.0
 *
 * What is not there, or belongs to another office, is refused by every verb that is asked for it; papers and decisions are handed out as
 * they are kept or not at all; and what was done with access beyond one's office says so.
 */
#include "case/office.h"

#include <string.h>

struct asked {
        const char *verb, *in;
        enum error_code code;
};

static void all_refused(struct desk *d, int64_t office, const struct asked *all, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                json_t *out = NULL;
                enum error_code code = desk_call(d, 1, ROLE_ANY, office, all[i].verb, desk_json(d, all[i].in), &out);
                if (code != all[i].code || out != NULL)
                        fail_msg("%s: %d, not %d", all[i].verb, (int)code, (int)all[i].code);
        }
}

static void what_is_not_there_is_refused(void **state)
{
        static const struct asked ALL[] = {
            {"cases.get", "{\"case\":999}", SB_CASE_UNKNOWN},
            {"cases.map", "{\"case\":999}", SB_CASE_UNKNOWN},
            {"cases.moves", "{\"case\":999}", SB_CASE_UNKNOWN},
            {"cases.retry", "{\"case\":999}", SB_CASE_UNKNOWN},
            {"cases.archive_file", "{\"case\":999}", SB_CASE_UNKNOWN},
            {"cases.papers", "{\"case\":999,\"papers\":[]}", SB_CASE_UNKNOWN},
            {"cases.ask", "{\"case\":999}", SB_CASE_UNKNOWN},
            {"cases.pause", "{\"case\":999,\"reason\":\"papers\"}", SB_CASE_UNKNOWN},
            {"cases.resume", "{\"case\":999}", SB_CASE_UNKNOWN},
            {"cases.note", "{\"case\":999,\"text\":\"n\"}", SB_CASE_UNKNOWN},
            {"cases.withdraw", "{\"case\":999,\"reason\":\"r\"}", SB_CASE_UNKNOWN},
            {"cases.answer", "{\"case\":999,\"message\":\"m\"}", SB_CASE_UNKNOWN},
            {"tasks.take", "{\"task\":999}", SB_CASE_TASK_UNKNOWN},
            {"tasks.complete", "{\"task\":999}", SB_CASE_TASK_UNKNOWN},
            {"tasks.give_back", "{\"task\":999}", SB_CASE_TASK_UNKNOWN},
            {"tasks.hand_over", "{\"task\":999,\"staff\":2}", SB_CASE_TASK_UNKNOWN},
            {"tasks.takers", "{\"task\":999}", SB_CASE_TASK_UNKNOWN},
            {"tasks.undo", "{\"task\":999}", SB_CASE_TASK_UNKNOWN},
            {"attachments.get", "{\"attachment\":999}", SB_CASE_ATTACHMENT_UNKNOWN},
            {"attachments.remove", "{\"attachment\":999}", SB_CASE_ATTACHMENT_UNKNOWN},
            {"documents.get", "{\"document\":999}", SB_CASE_DOCUMENT},
            {"decisions.get", "{\"decision\":999}", SB_CASE_DECISION_UNKNOWN},
            {"runs.get", "{\"run\":999}", SB_CASE_RUN_UNKNOWN},
            {"runs.pause", "{\"run\":999}", SB_CASE_RUN_UNKNOWN},
            {"packs.parameters", "{\"pack\":\"nowhere\"}", SB_CASE_PACK_UNKNOWN},
            {"packs.activate", "{\"pack\":\"nowhere\",\"pool\":5,\"from\":\"2026-12-01\"}", SB_CASE_PACK_UNKNOWN},
            {"bulk.get", "{\"plan\":999}", SB_CASE_BULK_UNKNOWN},
            {"bulk.items", "{\"plan\":999}", SB_CASE_BULK_UNKNOWN},
            {"bulk.open", "{\"plan\":999,\"task\":1}", SB_CASE_BULK_UNKNOWN},
            {"bulk.exclude", "{\"plan\":999,\"task\":1,\"reason\":\"why\"}", SB_CASE_BULK_UNKNOWN},
            {"bulk.start", "{\"plan\":999}", SB_CASE_BULK_UNKNOWN},
            {"bulk.drop", "{\"plan\":999}", SB_CASE_BULK_UNKNOWN},
            {"cases.form", "{\"process\":\"X99\"}", SB_PACK_PROCESS},
            {"cases.open", "{\"process\":\"X99\",\"form\":{}}", SB_PACK_PROCESS},
        };
        struct desk *d = desk_fresh(state);

        all_refused(d, 10, ALL, sizeof ALL / sizeof ALL[0]);
        /* What only a process may call is no person's, and of no case without one. */
        assert_int_equal(desk_call(d, 1, ROLE_ANY, 10, "case.archive", json_object(), NULL), SB_CASE_ROLE);
        assert_int_equal(desk_call(d, 0, 0, 0, "case.archive", json_object(), NULL), SB_CASE_UNKNOWN);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM audit_row WHERE id <> ?1@int", 0), 0);
        desk_close(d);
}

static void what_is_of_another_office_is_refused(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}"), task = desk_task(d, id);
        static const struct {
                const char *verb, *more;
                bool of_task;
        } ALL[] = {{"cases.get", "{}", false},
                   {"cases.map", "{}", false},
                   {"cases.moves", "{}", false},
                   {"cases.retry", "{}", false},
                   {"cases.archive_file", "{}", false},
                   {"cases.papers", "{\"papers\":[]}", false},
                   {"cases.ask", "{}", false},
                   {"cases.pause", "{\"reason\":\"papers\"}", false},
                   {"cases.resume", "{}", false},
                   {"cases.note", "{\"text\":\"n\"}", false},
                   {"cases.withdraw", "{\"reason\":\"r\"}", false},
                   {"cases.answer", "{\"message\":\"m\"}", false},
                   {"tasks.take", "{}", true},
                   {"tasks.complete", "{\"outcome\":{\"decision\":\"approve\"}}", true},
                   {"tasks.takers", "{}", true},
                   {"tasks.hand_over", "{\"staff\":2}", true}};

        for (size_t i = 0; i < sizeof ALL / sizeof ALL[0]; i++) {
                json_t *in = desk_json(d, ALL[i].more), *out = NULL;
                json_object_set_new(in, ALL[i].of_task ? "task" : "case", json_integer(ALL[i].of_task ? task : id));
                enum error_code code = desk_call(d, 1, ROLE_ANY, 11, ALL[i].verb, in, &out);
                if (code != SB_CASE_OFFICE || out != NULL)
                        fail_msg("%s: %d", ALL[i].verb, (int)code);
        }
        assert_int_equal(desk_task(d, id), task);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM audit_row WHERE id <> ?1@int", 0), 0);
        desk_close(d);
}

/* --- papers and decisions ---------------------------------------------------------------------------------------------------------------- */

#define HASH "(SELECT pack_hash FROM process_instance WHERE id = ?1@int)"
#define DECISION(id, result)                                                                                                   \
        "INSERT INTO decision (home, id, person, subject_kind, subject, instance, model, name, pack_hash, semantics, "         \
        "law_day, "                                                                                                            \
        "inputs, dependencies, result, derivation, actor, known_from) VALUES (1, " id                                          \
        ", 6, 'thing', 77, ?1@int, 'm', 'n', " HASH ", 1, ?2@int, '{\"n\":1}', '[]', " result ", 'null', 1, 1000000)"
#define DOCUMENT(id, kind, subject)                                                                                            \
        "INSERT INTO document (home, id, number, kind, person, subject_kind, subject, title, media_type, size, hash, body, "   \
        "actor, created_at) VALUES (1, " id ", 'N1', " kind ", 6, " subject ", 'title', 'application/pdf', 0, " HASH ", " HASH \
        ", 1, 1000000)"

static enum error_code got(struct desk *d, const char *verb, const char *field, int id, json_t **out)
{
        return desk_call(d, 1, ROLE_CLERK, 10, verb, json_pack("{s:i}", field, id), out);
}

static void a_decision_is_told_as_it_was_made(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");
        json_t *out = NULL;

        desk_put(d, DECISION("501", "'{\"fen\":12}'"), id, day_from(2026, 11, 1), 0, 0);
        desk_put(d, DECISION("502", "'{'"), id, day_from(2026, 11, 1), 0, 0);
        assert_int_equal(got(d, "decisions.get", "decision", 501, &out), SB_OK);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(out, "result"), "fen")), 12);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(out, "inputs"), "n")), 1);
        assert_true(json_is_null(json_object_get(out, "derivation")));
        assert_int_equal(json_integer_value(json_object_get(out, "case")), id);
        assert_string_equal(desk_word(out, "law_day"), "2026-11-01");
        json_decref(out);
        assert_int_equal(got(d, "decisions.get", "decision", 502, &out), SB_JSON_SYNTAX); /* a row that was damaged */
        assert_null(out);
        /* Without a case it stands in the record of a person. */
        desk_put(d, "UPDATE decision SET instance = 0 WHERE id = 501 AND ?1@int <> 0", id, 0, 0, 0);
        assert_int_equal(got(d, "decisions.get", "decision", 501, &out), SB_OK);
        assert_true(json_is_null(json_object_get(out, "case")));
        json_decref(out);
        desk_close(d);
}

static void a_document_is_of_the_body_that_made_it(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");
        json_t *out = NULL;

        desk_put(d, DOCUMENT("601", "'letter.notice'", "'case', ?1@int"), id, 0, 0, 0);
        desk_put(d, DOCUMENT("602", "'scan'", "'thing', 77"), id, 0, 0, 0);
        /* A letter whose PDF nobody has set, in a house that has no letters to set: as it is. */
        assert_int_equal(got(d, "documents.get", "document", 601, &out), SB_OK);
        assert_string_equal(desk_word(out, "kind"), "letter.notice");
        assert_string_equal(desk_word(out, "number"), "N1");
        json_decref(out);
        assert_int_equal(got(d, "documents.get", "document", 602, &out), SB_OK);
        assert_string_equal(desk_word(out, "title"), "title");
        json_decref(out);
        desk_put(d, "UPDATE office SET body_kind = 'tax' WHERE id = ?1@int", 10, 0, 0, 0);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 11, "documents.get", json_pack("{s:i}", "document", 601), NULL),
                         SB_CASE_OFFICE);
        desk_close(d);
}

/* --- beyond one's office ------------------------------------------------------------------------------------------------------------------- */

static void what_is_done_beyond_ones_office_says_so(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");
        struct call c = {
            .house = &d->house, .who = {.staff = 1, .office = 10, .roles = ROLE_CLERK, .emergency = 44}, .key = "beyond"};
        json_t *in = json_pack("{s:I,s:s}", "case", (json_int_t)id, "text", "looked at"), *out = NULL;

        assert_ok(verb_call(&c, registry_find(d->verbs, "cases.note"), in, &out, &d->err), d->err);
        json_decref(out);
        json_decref(in);
        assert_non_null(strstr(desk_text(d, "SELECT body FROM audit_row WHERE verb = 'cases.note' AND subject = ?1@int", id),
                               "\"emergency\":44"));
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM emergency_use WHERE access = 44 AND subject = ?1@int", id), 1);
        /* What others do in the same case carries no such mark. */
        assert_int_equal(desk_case(d, id, "cases.note", "{\"text\":\"seen\"}", NULL), SB_OK);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM emergency_use WHERE subject = ?1@int", id), 1);
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_is_not_there_is_refused),
            TEST_ON_SQLITE(what_is_of_another_office_is_refused),
            TEST_ON_SQLITE(a_decision_is_told_as_it_was_made),
            TEST_ON_SQLITE(a_document_is_of_the_body_that_made_it),
            TEST_ON_BOTH(what_is_done_beyond_ones_office_says_so),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
