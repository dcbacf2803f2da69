/* SPDX-License-Identifier: Apache-2.0 */
#include "case/authority.h"
#include "case/office.h"

#include <string.h>

/* Offices 1 (province) ─ 10 (city) ─ 100 (county) ─ 1000 (street); 11 another city. */
enum { ENTERED = 1, REVIEWER = 21, APPROVER = 31, OTHER = 32, THIRD = 33, COUNTY = 34 };

#define HEAD                                                                                                                   \
        "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:shebao=\"urn:shebao:process\">"    \
        "<bpmn:process id=\"X7\" name=\"流程\" shebao:titleEn=\"Process\" isExecutable=\"true\" shebao:risk=\"H\" "          \
        "shebao:amount=\"amount\">"
#define USER(id, role)                                                                                                         \
        "<bpmn:userTask id=\"" id "\" name=\"办理\" shebao:titleEn=\"Do\" shebao:role=\"" role                                 \
        "\" shebao:decisions=\"approve return\"/>"
#define FLOW(id, from, to) "<bpmn:sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"

static const char X7[] = HEAD "<bpmn:startEvent id=\"start\" name=\"受理\"/>" USER("accept", "clerk")
    USER("approve", "approver") "<bpmn:endEvent id=\"end\"/>" FLOW("f1", "start", "accept") FLOW("f2", "accept", "approve")
        FLOW("f3", "approve", "end") "</bpmn:process></bpmn:definitions>";

#define PHASE(id, role, phase)                                                                                                 \
        "<bpmn:userTask id=\"" id "\" name=\"办理\" shebao:titleEn=\"Do\" shebao:role=\"" role "\" shebao:phase=\"" phase      \
        "\" shebao:decisions=\"approve return\"/>"

/* Finance prepares and carries out, each in two steps, and judges nothing. */
static const char X8[] =
    "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:shebao=\"urn:shebao:process\">"
    "<bpmn:process id=\"X8\" name=\"流程\" shebao:titleEn=\"Process\" isExecutable=\"true\" shebao:risk=\"H\">"
    "<bpmn:startEvent id=\"start\" name=\"受理\"/>" PHASE("match", "finance", "ACC") PHASE("clear", "finance", "ACC")
        PHASE("review", "finance", "REV") PHASE("second", "finance", "REV") PHASE("approve", "approver", "APR")
            PHASE("execute", "finance", "EXE") PHASE("close", "finance", "EXE")
                PHASE("count", "reviewer", "EXE") "<bpmn:endEvent id=\"end\"/>" FLOW("f1", "start", "match")
                    FLOW("f2", "match", "clear") FLOW("f3", "clear", "review") FLOW("f4", "review", "second")
                        FLOW("f5", "second", "approve") FLOW("f6", "approve", "execute") FLOW("f7", "execute", "close")
                            FLOW("f8", "close", "count") FLOW("f9", "count", "end") "</bpmn:process></bpmn:definitions>";

static const struct desk_file FILES[] = {
    {"processes/X7.bpmn", X7},
    {"processes/X8.bpmn", X8},
    {"risk.csv", "risk,persons,blind_bulk,name_zh,name_en,note_zh,note_en\nH,3,no,高,high,,\n"},
    {"signing.csv", "process,role,level,amount,note\n*,approver,1,,\n*,approver,2,1000.00,\n*,approver,3,100.00,\n"},
    {"routing.csv", "process,role,level,to_level,note\n*,approver,4,2,\n"},
    {NULL, NULL},
};

static int people_put(struct tx *tx, void *ctx, struct error *err)
{
        static const struct {
                int staff, office;
                const char *role;
        } posts[] = {{ENTERED, 10, "clerk"}, {REVIEWER, 10, "reviewer"}, {APPROVER, 10, "approver"},
                     {OTHER, 10, "clerk"},   {THIRD, 10, "clerk"},       {COUNTY, 100, "approver"}};
        int64_t from = day_from(2020, 1, 1);
        char login[16];

        (void)ctx;
        int rc = tx_exec(tx, err, "UPDATE office SET level = CASE id WHEN 1 THEN 1 WHEN 100 THEN 3 ELSE 2 END", "");

        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO office (id, code, parent, body, level, name_zh, name_en, territory, valid_from, "
                             "valid_to) VALUES (1000, 'O1000', 100, '', 4, '', '', '', 0, ?1@int)",
                             "i", (int64_t)DAY_END);
        for (size_t k = 0; rc == 0 && k < sizeof posts / sizeof posts[0]; k++) {
                rc = tx_exec(tx, err,
                             "INSERT INTO staff (id, login, display, office, roles, password, failures, person, "
                             "valid_from, valid_to, version) VALUES (?1@int, ?2@text, ?2@text, ?3@int, ?4@text, '', 0, ?5@int, "
                             "?6@int, ?7@int, 1)",
                             "ititiii", (int64_t)posts[k].staff, text_format(login, sizeof login, "s%d", posts[k].staff),
                             (int64_t)posts[k].office, posts[k].role, (int64_t)posts[k].staff + 1000, from, (int64_t)DAY_END);
                rc = rc ? rc
                        : tx_exec(tx, err,
                                  "INSERT INTO post (staff, office, role, valid_from, valid_to, appointed_by, appointed_at) "
                                  "VALUES (?1@int, ?2@int, ?3@text, ?4@int, ?5@int, 0, 0)",
                                  "iitii", (int64_t)posts[k].staff, (int64_t)posts[k].office, posts[k].role, from,
                                  (int64_t)DAY_END);
        }
        return rc;
}

static struct desk *people_open(void **state)
{
        struct desk *d = desk_open(test_store_new(*(enum test_engine *)*state), true);

        if (d == NULL)
                return NULL;
        desk_pack(d, FILES);
        assert_ok(store_write(d->house.store, people_put, d, &d->err), d->err);
        return d;
}

static int sweep(struct tx *tx, void *ctx, struct error *err)
{
        struct call c = {.house = ctx};

        return staffing_sweep(tx, &c, true, err);
}

static void leave_put(struct desk *d, int staff, day_t from, day_t to)
{
        static int64_t id = 1;

        desk_put(d,
                 "INSERT INTO leave_spell (id, staff, valid_from, valid_to, reason, state, entered_by, entered_at, decided_by, "
                 "decided_at) VALUES (?1@int, ?2@int, ?3@int, ?4@int, '', 'confirmed', 0, 0, 0, 0)",
                 id++, staff, from, to);
        assert_ok(store_write(d->house.store, sweep, &d->house, &d->err), d->err);
}

static void substitute_put(struct desk *d, int absent, int substitute, day_t to)
{
        static int64_t id = 1;

        desk_put(d,
                 "INSERT INTO substitution (id, absent, substitute, role, valid_from, valid_to, entered_by, entered_at) VALUES "
                 "(?1@int, ?2@int, ?3@int, '', 0, ?4@int, 0, 0)",
                 id++, absent, substitute, to);
        assert_ok(store_write(d->house.store, sweep, &d->house, &d->err), d->err);
}

static enum error_code verb_on(struct desk *d, const char *verb, int64_t instance, int staff, uint32_t roles, int64_t office)
{
        return desk_call(d, staff, roles, office, verb, json_pack("{s:I}", "task", (json_int_t)desk_task(d, instance)), NULL);
}

/* Entered by 1, accepted by `clerk`: the approval waits. */
static int64_t waiting(struct desk *d, const char *variables, int clerk)
{
        int64_t i = desk_start(d, "X7", variables);

        assert_int_equal(desk_decide(d, i, clerk, ROLE_CLERK, "approve"), SB_OK);
        return i;
}

#define DONE_BY "SELECT done_by FROM task WHERE instance = ?1@int AND node = 'approve'"
#define FOR_WHOM "SELECT on_behalf_of FROM task WHERE instance = ?1@int AND node = 'approve'"
#define WHOSE "SELECT assignee FROM task WHERE instance = ?1@int AND node = 'approve'"
#define WHERE_IS "SELECT office FROM task WHERE instance = ?1@int AND node = 'approve'"

static void a_post_gives_the_right_where_and_while_it_holds(void **state)
{
        struct desk *d = people_open(state);

        if (d == NULL)
                skip();
        int64_t i = waiting(d, "{\"amount\": 50}", OTHER);
        assert_int_equal(verb_on(d, "tasks.take", i, COUNTY, ROLE_APPROVER, 100), SB_CASE_OFFICE);
        assert_int_equal(verb_on(d, "tasks.take", i, THIRD, ROLE_CLERK, 10), SB_CASE_ROLE);
        desk_put(d, "UPDATE post SET valid_to = ?2@int WHERE staff = ?1@int AND ?3@int = ?4@int", APPROVER,
                 day_from(2026, 11, 24), 0, 0);
        assert_int_equal(verb_on(d, "tasks.take", i, APPROVER, ROLE_APPROVER, 10), SB_CASE_OFFICE);
        desk_put(d, "UPDATE post SET valid_to = ?2@int WHERE staff = ?1@int AND ?3@int = ?4@int", APPROVER,
                 day_from(2026, 11, 25), 0, 0);
        assert_int_equal(verb_on(d, "tasks.take", i, APPROVER, ROLE_APPROVER, 10), SB_OK);
        assert_int_equal(verb_on(d, "tasks.give_back", i, APPROVER, ROLE_APPROVER, 10), SB_OK);
        assert_int_equal(desk_int(d, WHOSE, i), 0);
        assert_int_equal(desk_call(d, APPROVER, ROLE_APPROVER, 10, "tasks.hand_over",
                                   json_pack("{s:I,s:i}", "task", (json_int_t)desk_task(d, i), "staff", THIRD), NULL),
                         SB_CASE_ROLE);
        desk_close(d);
}

static void a_substitute_acts_on_behalf_and_never_in_chains(void **state)
{
        struct desk *d = people_open(state);
        day_t today = day_from(2026, 11, 24);

        if (d == NULL)
                skip();
        int64_t i = waiting(d, "{\"amount\": 50}", OTHER), k = waiting(d, "{\"amount\": 50}", OTHER);
        assert_int_equal(verb_on(d, "tasks.take", i, APPROVER, ROLE_APPROVER, 10), SB_OK);
        substitute_put(d, APPROVER, THIRD, today + 10);
        assert_int_equal(verb_on(d, "tasks.take", k, THIRD, ROLE_CLERK, 10), SB_CASE_ROLE); /* no leave, no substitute */
        leave_put(d, APPROVER, today, today + 2);
        assert_int_equal(desk_int(d, WHOSE, i), THIRD);
        assert_int_equal(desk_int(d, FOR_WHOM, i), APPROVER);
        /* The substitute's substitute has nothing: what the one held goes back to the office. */
        substitute_put(d, THIRD, REVIEWER, today + 10);
        leave_put(d, THIRD, today, today + 1);
        assert_int_equal(desk_int(d, WHOSE, i), 0);
        assert_int_equal(verb_on(d, "tasks.take", k, REVIEWER, ROLE_REVIEWER, 10), SB_CASE_ROLE);
        /* Nor does somebody approve for the absent what they did themselves. */
        substitute_put(d, APPROVER, OTHER, today + 10);
        assert_int_equal(verb_on(d, "tasks.take", k, OTHER, ROLE_CLERK, 10), SB_CASE_FOUR_EYES);
        assert_int_equal(desk_decide(d, k, THIRD, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_int(d, DONE_BY, k), THIRD);
        assert_int_equal(desk_int(d, FOR_WHOM, k), APPROVER);
        assert_int_equal(verb_on(d, "tasks.take", i, THIRD, ROLE_CLERK, 10), SB_OK);
        clock_advance(d->house.clock, 2 * (instant_t)86400 * 1000000);
        desk_work(d);
        assert_int_equal(desk_int(d, WHOSE, i), APPROVER);
        assert_int_equal(desk_int(d, FOR_WHOM, i), 0);
        assert_int_equal(verb_on(d, "tasks.complete", i, THIRD, ROLE_CLERK, 10), SB_CASE_TASK_GONE);
        desk_close(d);
}

static void who_leaves_gives_the_tasks_back(void **state)
{
        struct desk *d = people_open(state);

        if (d == NULL)
                skip();
        int64_t i = waiting(d, "{\"amount\": 50}", OTHER);
        assert_int_equal(verb_on(d, "tasks.take", i, APPROVER, ROLE_APPROVER, 10), SB_OK);
        desk_put(d, "UPDATE staff SET valid_to = ?2@int WHERE id = ?1@int AND ?3@int = ?4@int", APPROVER,
                 day_from(2026, 11, 26), 0, 0);
        desk_work(d);
        assert_int_equal(desk_int(d, WHOSE, i), APPROVER);
        clock_advance(d->house.clock, 2 * (instant_t)86400 * 1000000);
        desk_work(d);
        assert_int_equal(desk_int(d, WHOSE, i), 0);
        desk_close(d);
}

static void amounts_go_to_who_may_sign_them(void **state)
{
        struct desk *d = people_open(state);

        if (d == NULL)
                skip();
        int64_t at = waiting(d, "{\"amount\": 1000}", OTHER), above = waiting(d, "{\"amount\": 1000.01}", OTHER);
        assert_int_equal(desk_int(d, WHERE_IS, at), 10);
        assert_int_equal(desk_int(d, WHERE_IS, above), 1);
        assert_int_equal(verb_on(d, "tasks.take", at, APPROVER, ROLE_APPROVER, 10), SB_OK);
        /* Where it lies is no help to who may not sign it; and it is sent up again. */
        desk_put(d, "UPDATE task SET office = ?2@int WHERE instance = ?1@int AND node = 'approve' AND ?3@int = ?4@int", above,
                 10, 0, 0);
        assert_int_equal(desk_decide(d, above, APPROVER, ROLE_APPROVER, "approve"), SB_CASE_SIGNING);
        assert_int_equal(desk_int(d, WHERE_IS, above), 1);
        desk_close(d);
}

static void small_offices_send_approvals_up(void **state)
{
        struct desk *d = people_open(state);

        if (d == NULL)
                skip();
        desk_put(d, "UPDATE office SET level = ?2@int WHERE id = ?1@int AND ?3@int = ?4@int", 10, 4, 0, 0);
        desk_put(d, "UPDATE office SET level = ?2@int WHERE id = ?1@int AND ?3@int = ?4@int", 1, 2, 0, 0);
        int64_t i = waiting(d, "{\"amount\": 50}", OTHER);
        assert_int_equal(desk_int(d, WHERE_IS, i), 1);
        assert_int_equal(desk_int(d, "SELECT office FROM task WHERE instance = ?1@int AND node = 'accept'", i), 10);
        desk_close(d);
}

static void nobody_decides_their_own_case(void **state)
{
        struct desk *d = people_open(state);

        if (d == NULL)
                skip();
        int64_t i = waiting(d, "{\"amount\": 50, \"person\": 1031}", OTHER);
        assert_int_equal(verb_on(d, "tasks.take", i, APPROVER, ROLE_APPROVER, 10), SB_CASE_OWN);
        desk_close(d);
}

/* However many worked at a case, whoever did is known. */
static void of_many_hands_none_is_forgotten(void **state)
{
        struct desk *d = people_open(state);

        if (d == NULL)
                skip();
        desk_put(d, "INSERT INTO post SELECT id, 10, 'approver', ?2@int, ?3@int, 0, 0 FROM staff WHERE id = ?1@int", THIRD, 0,
                 DAY_END, 0);
        int64_t i = waiting(d, "{\"amount\": 50}", OTHER);
        for (int k = 0; k < 80; k++)
                desk_put(
                    d,
                    "INSERT INTO task (home, id, instance, token, process, node, role, office, assignee, state, created_at, "
                    "due_day, done_by, done_at, outcome, version) SELECT home, ?2@int, instance, token, process, 'before', "
                    "role, office, ?3@int, 'done', created_at, due_day, ?3@int, done_at, outcome, version FROM task WHERE "
                    "instance = ?1@int AND node = 'accept'",
                    i, 9000 + k, k < 79 ? 500 + k : THIRD, 0);
        assert_int_equal(desk_decide(d, i, THIRD, ROLE_APPROVER, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(desk_decide(d, i, APPROVER, ROLE_APPROVER, "approve"), SB_OK);
        desk_close(d);
}

static void one_officer_does_the_steps_of_one_work(void **state)
{
        enum { FIRST = 50, SECOND, LEADER, PAYS };
        static const struct {
                int who;
                uint32_t role;
                enum error_code code;
        } steps[] = {
            {FIRST, ROLE_FINANCE, SB_OK},
            {FIRST, ROLE_FINANCE, SB_OK},             /* clears what they matched */
            {FIRST, ROLE_FINANCE, SB_CASE_FOUR_EYES}, /* a review is another's, of whatever role */
            {SECOND, ROLE_FINANCE, SB_OK},
            {SECOND, ROLE_FINANCE, SB_CASE_FOUR_EYES}, /* and so is the second */
            {PAYS, ROLE_FINANCE, SB_OK},
            {LEADER, ROLE_APPROVER, SB_OK},
            {FIRST, ROLE_FINANCE, SB_CASE_FOUR_EYES}, /* who prepared does not carry out */
            {PAYS + 1, ROLE_FINANCE, SB_OK},
            {PAYS + 1, ROLE_FINANCE, SB_OK},              /* closes what they posted */
            {PAYS + 1, ROLE_REVIEWER, SB_CASE_FOUR_EYES}, /* of another role it is other work */
            {LEADER, ROLE_REVIEWER, SB_CASE_FOUR_EYES},
            {PAYS + 2, ROLE_REVIEWER, SB_OK},
        };
        struct desk *d = people_open(state);

        if (d == NULL)
                skip();
        int64_t i = desk_start(d, "X8", "{}");
        for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
                enum error_code code = desk_decide(d, i, steps[k].who, steps[k].role, "approve");
                if (code != steps[k].code)
                        fail_msg("step %d: %d", (int)k, (int)code);
        }
        assert_int_equal(desk_task(d, i), 0);
        desk_close(d);
}

/* Whoever tries what: a case of risk H that was approved has three pairs of hands. */
static void no_case_of_risk_h_has_fewer_persons_than_the_table_says(void **state)
{
        static const int people[] = {ENTERED, OTHER, THIRD, APPROVER, REVIEWER};
        struct desk *d = people_open(state);
        uint64_t seed = 7;
        int approved = 0, refused = 0;

        if (d == NULL)
                skip();
        desk_put(
            d, "INSERT INTO post SELECT id, 10, 'approver', ?1@int, ?2@int, ?3@int, ?4@int FROM staff WHERE id NOT IN (31, 34)",
            0, DAY_END, 0, 0);
        desk_put(d, "INSERT INTO post SELECT id, 10, 'clerk', ?1@int, ?2@int, ?3@int, ?4@int FROM staff WHERE id IN (21, 31)",
                 0, DAY_END, 0, 0);
        for (int n = 0; n < 60; n++) {
                int64_t i = desk_start(d, "X7", "{\"amount\": 50}");
                for (int step = 0; step < 12 && desk_task(d, i) > 0; step++) {
                        seed = seed * 6364136223846793005u + 1442695040888963407u;
                        enum error_code code =
                            desk_decide(d, i, people[(seed >> 33) % 5], ROLE_CLERK | ROLE_APPROVER, "approve");
                        assert_true(code == SB_OK || code == SB_CASE_FOUR_EYES || code == SB_CASE_PERSONS);
                        refused += code == SB_CASE_PERSONS;
                }
                if (desk_task(d, i) > 0)
                        continue;
                approved++;
                assert_true(
                    desk_int(d,
                             "SELECT COUNT(*) FROM (SELECT started_by AS s FROM process_instance WHERE id = ?1@int UNION "
                             "SELECT done_by FROM task WHERE instance = ?1@int) x",
                             i) >= 3);
        }
        assert_true(approved > 10 && refused > 0);
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_post_gives_the_right_where_and_while_it_holds),
            TEST_ON_BOTH(a_substitute_acts_on_behalf_and_never_in_chains),
            TEST_ON_BOTH(who_leaves_gives_the_tasks_back),
            TEST_ON_BOTH(amounts_go_to_who_may_sign_them),
            TEST_ON_BOTH(small_offices_send_approvals_up),
            TEST_ON_BOTH(nobody_decides_their_own_case),
            TEST_ON_SQLITE(of_many_hands_none_is_forgotten),
            TEST_ON_BOTH(one_officer_does_the_steps_of_one_work),
            TEST_ON_BOTH(no_case_of_risk_h_has_fewer_persons_than_the_table_says),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
