/* SPDX-License-Identifier: Apache-2.0
 *
 * Offices, posts, leave, substitution, who applies for whom, and family, by the verbs that people call, on both databases.
 */
#include "case/application.h"
#include "case/case.h"
#include "office/setup/setup.h"
#include "office/staff/staff.h"

#include "office/town.h"
#include "support/cairo_leak.h"

#include <string.h>

enum { ADMIN = 900, HEAD, CLERK, CLERK_TOO, REVIEWER, STREET };

struct colleague {
        int64_t id;
        const char *office, *name;
        uint32_t roles;
};
static const struct colleague STAFF[] = {
    {ADMIN, "YS", "管理", ROLE_ADMIN},          {HEAD, "YS-01", "主任", ROLE_APPROVER},
    {CLERK, "YS-01", "经办甲", ROLE_CLERK},     {CLERK_TOO, "YS-01", "经办乙", ROLE_CLERK},
    {REVIEWER, "YS-01", "复审", ROLE_REVIEWER}, {STREET, "YS-010101", "街道经办", ROLE_CLERK}};

struct hiring {
        const struct colleague *who;
        int64_t office;
};

static int hire(struct tx *tx, void *ctx, struct error *err)
{
        struct hiring *h = ctx;
        struct staff s = {.id = h->who->id, .roles = h->who->roles};
        int rc = office_by_code(tx, h->who->office, &s.office, err);

        text_format(s.login, sizeof s.login, "s%lld", (long long)s.id);
        text_copy(s.display, sizeof s.display, str_from(h->who->name));
        return rc ? rc : staff_add(tx, &s, "$none", 0, err);
}

static struct town *manned(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        for (size_t i = 0; i < sizeof STAFF / sizeof STAFF[0]; i++) {
                struct hiring h = {.who = &STAFF[i]};
                assert_ok(store_write(t->house.store, hire, &h, &t->err), t->err);
        }
        return t;
}

struct finding {
        const char *code;
        int64_t id;
};

static int find(struct tx *tx, void *ctx, struct error *err)
{
        struct finding *f = ctx;

        return office_by_code(tx, f->code, &f->id, err);
}

static int64_t office(struct town *t, const char *code)
{
        struct finding f = {.code = code};

        assert_ok(store_read(t->house.store, find, &f, &t->err), t->err);
        return f.id;
}

/* As one of the staff, from their office; the answer's id in *id. */
static enum error_code as(struct town *t, int64_t staff, const char *verb, json_t *in, json_t **out)
{
        int64_t before = t->office;
        uint32_t roles = 0;

        for (size_t i = 0; i < sizeof STAFF / sizeof STAFF[0]; i++)
                if (STAFF[i].id == staff) {
                        t->office = office(t, STAFF[i].office);
                        roles = STAFF[i].roles;
                }
        enum error_code code = town_call_as(t, staff, roles, "", verb, in, out);
        t->office = before;
        return code;
}

static int64_t id_in(json_t *out, const char *name)
{
        int64_t id = json_integer_value(json_object_get(out, name));

        json_decref(out);
        return id;
}

static const json_t *row_of(const json_t *list, const char *name, const char *value)
{
        json_t *row;
        size_t i;

        json_array_foreach(json_object_get(list, "items"), i, row)
        {
                const char *is = json_string_value(json_object_get(row, name));
                if (is != NULL && strcmp(is, value) == 0)
                        return row;
        }
        return NULL;
}

/* --- offices ------------------------------------------------------------------------------------------------------------------ */

static enum error_code change(struct town *t, int64_t id, const char *kind, int64_t parent, const char *day)
{
        json_t *in =
            json_pack("{s:I,s:s,s:s,s:s}", "office", (json_int_t)id, "kind", kind, "name_zh", "新名", "name_en", "New");

        if (parent != 0)
                json_object_set_new(in, "parent", json_integer(parent));
        if (day != NULL)
                json_object_set_new(in, "day", json_string(day));
        return as(t, ADMIN, "offices.change", in, NULL);
}

static json_t *tree(struct town *t, const char *day)
{
        json_t *out = NULL;

        assert_int_equal(as(t, ADMIN, "offices.list", json_pack("{s:s}", "day", day), &out), SB_OK);
        return out;
}

static enum error_code open_office(struct town *t, const char *code, int64_t parent, int64_t *id)
{
        json_t *out = NULL;
        enum error_code rc = as(t, ADMIN, "offices.open",
                                json_pack("{s:s,s:I,s:s,s:s,s:s}", "code", code, "parent", (json_int_t)parent, "name_zh",
                                          "新设", "name_en", "Opened", "territory", "990103"),
                                &out);

        *id = id_in(out, "id");
        return rc;
}

static void the_tree_is_dated_and_has_no_cycle(void **state)
{
        struct town *t = manned(state);
        int64_t city = office(t, "YS-01"), county = office(t, "YS-0101"), other = office(t, "YS-0102"),
                street = office(t, "YS-010101"), agent = office(t, "YS-01010101"), medical = office(t, "YS-YB-01"), id;

        assert_int_equal(open_office(t, "YS-0103", city, &id), SB_OK);
        assert_int_equal(town_ask(t, "SELECT level FROM office WHERE id = ?1@int", id), 3);
        assert_int_equal(open_office(t, "YS-0103", city, &id), SB_STAFF_OFFICE_CHANGE); /* twice */
        assert_int_equal(open_office(t, "YS-X", agent, &id), SB_STAFF_OFFICE_CHANGE);   /* below the fifth level */
        assert_int_equal(open_office(t, "YS-X", medical, &id), SB_CASE_OFFICE);         /* of another body */
        assert_int_equal(open_office(t, "YS-X", 999999, &id), SB_CASE_OFFICE);
        assert_int_equal(change(t, county, "move", street, NULL), SB_STAFF_OFFICE_CHANGE); /* below itself */
        assert_int_equal(change(t, county, "move", county, NULL), SB_STAFF_OFFICE_CHANGE);
        assert_int_equal(change(t, street, "move", 0, NULL), SB_STAFF_OFFICE);
        assert_int_equal(change(t, street, "move", other, "2026-11-23"), SB_STAFF_OFFICE_CHANGE); /* yesterday */
        assert_int_equal(change(t, street, "move", other, "2026-12-01"), SB_OK);
        assert_int_equal(change(t, county, "rename", 0, NULL), SB_OK);
        json_t *now = tree(t, "2026-11-24"), *later = tree(t, "2026-12-01"), *before = tree(t, "2026-11-23");
        assert_int_equal(town_whole(row_of(now, "code", "YS-010101"), "parent"), county);
        assert_int_equal(town_whole(row_of(later, "code", "YS-010101"), "parent"), other);
        assert_string_equal(json_string_value(json_object_get(row_of(now, "code", "YS-0101"), "name_en")), "New");
        assert_string_not_equal(json_string_value(json_object_get(row_of(before, "code", "YS-0101"), "name_en")), "New");
        json_decref(now);
        json_decref(later);
        json_decref(before);
        clock_advance(t->house.clock, 7 * DAY_US);
        town_work(t);
        assert_int_equal(town_ask(t, "SELECT parent FROM office WHERE id = ?1@int", street), other);
        /* Who is no administrator changes nothing, and the tree of every body is there to be read. */
        assert_int_equal(as(t, CLERK, "offices.open", json_object(), NULL), SB_CASE_ROLE);
        assert_int_equal(as(t, STREET, "offices.list", json_pack("{s:b}", "all", 1), &now), SB_OK);
        assert_non_null(row_of(now, "body_kind", "medical_security"));
        assert_non_null(row_of(now, "code", "YS-YB-01"));
        json_decref(now);
        assert_int_equal(as(t, STREET, "hall.counters", json_pack("{s:I}", "office", (json_int_t)city), &now), SB_OK);
        assert_int_equal(json_array_size(json_object_get(now, "counters")), 3);
        json_decref(now);
        assert_int_equal(as(t, STREET, "hall.counters", json_pack("{s:I}", "office", (json_int_t)999999), NULL),
                         SB_SETUP_OFFICE);
        town_free(t);
}

/* A case of the street waits for its acceptance. */
static int64_t begin(struct town *t, int64_t staff, const char *applicant, int64_t person)
{
        json_t *out = NULL, *in = json_pack("{s:s,s:{s:I,s:s,s:s},s:[{s:s,s:s}]}", "process", "P05", "form", "person",
                                            (json_int_t)person, "cause", "death", "event_day", "2026-11-20", "papers",
                                            "material", "event_data", "state", "shared");

        if (applicant != NULL)
                json_object_set_new(in, "applicant", json_loads(applicant, 0, NULL));
        assert_int_equal(as(t, staff, "cases.open", in, &out), SB_OK);
        return id_in(out, "case");
}

static int64_t open_task(struct town *t, int64_t instance)
{
        return town_ask(t, "SELECT MIN(id) FROM task WHERE instance = ?1@int AND state = 'open'", instance);
}

static enum error_code on_task(struct town *t, int64_t staff, const char *verb, int64_t instance)
{
        return as(t, staff, verb, json_pack("{s:I}", "task", (json_int_t)open_task(t, instance)), NULL);
}

#define WHOSE "SELECT assignee FROM task WHERE instance = ?1@int AND state = 'open'"
#define FOR_WHOM "SELECT on_behalf_of FROM task WHERE instance = ?1@int AND state = 'open'"
#define WHERE_IS "SELECT office FROM task WHERE instance = ?1@int AND state = 'open'"

static void an_office_that_closes_hands_its_cases_on(void **state)
{
        struct town *t = manned(state);
        int64_t county = office(t, "YS-0101"), other = office(t, "YS-0102"), street = office(t, "YS-010101");
        int64_t agent = office(t, "YS-01010101"), person = town_person(t, "测试人", "99010119500101001", "male");
        int64_t i = begin(t, STREET, NULL, person);
        json_t *out = NULL;

        assert_int_equal(on_task(t, STREET, "tasks.take", i), SB_OK);
        assert_int_equal(change(t, street, "close", 0, NULL), SB_STAFF_OFFICE_CHANGE); /* the agent below is open */
        assert_int_equal(change(t, agent, "close", 0, NULL), SB_OK);
        assert_int_equal(change(t, street, "close", street, NULL), SB_STAFF_OFFICE_CHANGE);
        assert_int_equal(change(t, street, "close", agent, NULL), SB_STAFF_OFFICE_CHANGE); /* closed itself */
        assert_int_equal(change(t, office(t, "YS"), "close", 0, NULL), SB_STAFF_OFFICE_CHANGE);
        assert_int_equal(change(t, street, "close", other, "2026-12-01"), SB_OK);
        out = tree(t, "2026-12-01");
        assert_null(row_of(out, "code", "YS-010101"));
        json_decref(out);
        assert_int_equal(town_ask(t, WHERE_IS, i), street);
        clock_advance(t->house.clock, 7 * DAY_US);
        town_work(t);
        assert_int_equal(town_ask(t, WHERE_IS, i), other);
        assert_int_equal(town_ask(t, WHOSE, i), 0); /* the post ended with the office */
        assert_int_equal(town_ask(t, "SELECT office FROM process_instance WHERE id = ?1@int", i), other);
        assert_int_equal(as(t, STREET, "tasks.complete",
                            json_pack("{s:I,s:{s:s}}", "task", (json_int_t)open_task(t, i), "outcome", "decision", "approve"),
                            NULL),
                         SB_CASE_OFFICE);
        assert_int_equal(change(t, street, "rename", 0, NULL), SB_STAFF_OFFICE_CHANGE); /* it is gone */
        assert_int_equal(as(t, ADMIN, "posts.appoint",
                            json_pack("{s:i,s:I,s:s}", "staff", CLERK, "office", (json_int_t)street, "role", "clerk"), NULL),
                         SB_STAFF_OFFICE);
        assert_true(county > 0);
        town_free(t);
}

/* --- posts ---------------------------------------------------------------------------------------------------------------------- */

static enum error_code post(struct town *t, int64_t by, const char *verb, int64_t staff, const char *code, const char *role,
                            const char *from, const char *to)
{
        json_t *in =
            json_pack("{s:I,s:I,s:s}", "staff", (json_int_t)staff, "office", (json_int_t)office(t, code), "role", role);

        if (from != NULL)
                json_object_set_new(in, "valid_from", json_string(from));
        if (to != NULL)
                json_object_set_new(in, "last_day", json_string(to));
        return as(t, by, verb, in, NULL);
}

static void posts_are_dated_and_do_not_overlap(void **state)
{
        struct town *t = manned(state);
        int64_t person = town_person(t, "测试人", "99010119500101001", "male"), i;
        json_t *out = NULL;

        assert_int_equal(post(t, ADMIN, "posts.appoint", CLERK, "YS-01", "clerk", NULL, NULL), SB_STAFF_POST); /* holds it */
        assert_int_equal(post(t, ADMIN, "posts.appoint", CLERK, "YS-0101", "reviewer", "2026-12-01", "2026-12-31"), SB_OK);
        assert_int_equal(post(t, ADMIN, "posts.appoint", CLERK, "YS-0101", "reviewer", "2026-12-31", NULL), SB_STAFF_POST);
        assert_int_equal(post(t, ADMIN, "posts.appoint", CLERK, "YS-0101", "reviewer", "2027-01-01", NULL), SB_OK);
        assert_int_equal(post(t, ADMIN, "posts.appoint", CLERK, "YS-0102", "reviewer", "2026-12-31", "2026-12-01"),
                         SB_STAFF_POST);
        assert_int_equal(post(t, ADMIN, "posts.appoint", ADMIN, "YS", "approver", NULL, NULL), SB_STAFF_POST); /* oneself */
        assert_int_equal(post(t, ADMIN, "posts.appoint", CLERK, "YS-YB-01", "clerk", NULL, NULL), SB_CASE_OFFICE);
        assert_int_equal(post(t, ADMIN, "posts.appoint", 12345, "YS-01", "clerk", NULL, NULL), SB_STAFF_UNKNOWN);
        assert_int_equal(post(t, HEAD, "posts.appoint", CLERK, "YS-01", "reviewer", NULL, NULL), SB_CASE_ROLE);
        assert_int_equal(post(t, ADMIN, "posts.end", CLERK, "YS-01", "finance", NULL, NULL), SB_STAFF_POST);
        assert_int_equal(post(t, ADMIN, "posts.end", CLERK, "YS-01", "clerk", NULL, "2026-11-01"), SB_STAFF_POST); /* past */
        /* The post ends, and what they held goes back to the office. */
        i = begin(t, CLERK, NULL, person);
        assert_int_equal(on_task(t, CLERK, "tasks.take", i), SB_OK);
        assert_int_equal(post(t, ADMIN, "posts.end", CLERK, "YS-01", "clerk", NULL, NULL), SB_OK);
        assert_int_equal(town_ask(t, WHOSE, i), 0);
        assert_int_equal(on_task(t, CLERK, "tasks.take", i), SB_CASE_OFFICE);
        assert_int_equal(on_task(t, CLERK_TOO, "tasks.take", i), SB_OK);
        assert_int_equal(as(t, ADMIN, "staff.end", json_pack("{s:i}", "staff", ADMIN), NULL), SB_STAFF_POST);
        assert_int_equal(as(t, ADMIN, "staff.end", json_pack("{s:i}", "staff", CLERK_TOO), NULL), SB_OK);
        assert_int_equal(town_ask(t, WHOSE, i), 0);
        assert_int_equal(as(t, HEAD, "staff.list", json_object(), &out), SB_OK);
        assert_null(row_of(out, "display", "经办乙"));
        assert_non_null(row_of(out, "display", "街道经办"));
        assert_null(row_of(out, "display", "管理")); /* above */
        json_decref(out);
        assert_int_equal(as(t, HEAD, "staff.powers", json_object(), &out), SB_OK);
        assert_true(json_array_size(json_object_get(out, "signing")) > 0 && json_array_size(json_object_get(out, "risk")) > 0);
        json_decref(out);
        town_free(t);
}

/* --- leave and substitution ---------------------------------------------------------------------------------------------------- */

static enum error_code leave(struct town *t, int64_t by, int64_t staff, const char *from, const char *to, int64_t *id)
{
        json_t *out = NULL, *in = json_pack("{s:s,s:s}", "valid_from", from, "last_day", to);

        if (staff != by)
                json_object_set_new(in, "staff", json_integer(staff));
        enum error_code code = as(t, by, "leave.enter", in, &out);
        *id = id_in(out, "leave");
        return code;
}

static enum error_code decide(struct town *t, int64_t by, int64_t id, const char *decision)
{
        return as(t, by, "leave.decide", json_pack("{s:I,s:s}", "leave", (json_int_t)id, "decision", decision), NULL);
}

static enum error_code stand_in(struct town *t, int64_t by, int64_t absent, int64_t other, const char *from, const char *to)
{
        return as(t, by, "substitution.add",
                  json_pack("{s:I,s:I,s:s,s:s}", "absent", (json_int_t)absent, "substitute", (json_int_t)other, "valid_from",
                            from, "last_day", to),
                  NULL);
}

static void leave_is_asked_for_and_confirmed(void **state)
{
        struct town *t = manned(state);
        int64_t id, more;

        assert_int_equal(leave(t, CLERK, CLERK, "2026-11-25", "2026-11-24", &id), SB_STAFF_LEAVE);
        assert_int_equal(leave(t, CLERK, CLERK, "2026-11-01", "2026-11-23", &id), SB_STAFF_LEAVE); /* it is over */
        assert_int_equal(leave(t, CLERK, CLERK, "2026-11-24", "2026-11-26", &id), SB_OK);
        assert_int_equal(leave(t, CLERK, CLERK, "2026-11-26", "2026-11-30", &more), SB_STAFF_LEAVE); /* overlaps */
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM leave_spell WHERE id = ?1@int AND state = 'asked'", id), 1);
        assert_int_equal(decide(t, CLERK, id, "confirm"), SB_CASE_ROLE);     /* one's own */
        assert_int_equal(decide(t, CLERK_TOO, id, "confirm"), SB_CASE_ROLE); /* no head */
        assert_int_equal(leave(t, CLERK_TOO, CLERK, "2026-12-01", "2026-12-02", &more), SB_CASE_ROLE);
        assert_int_equal(decide(t, HEAD, id, "confirm"), SB_OK);
        assert_int_equal(decide(t, HEAD, id, "confirm"), SB_STAFF_LEAVE); /* it is decided */
        assert_int_equal(decide(t, HEAD, 99999, "confirm"), SB_STAFF_LEAVE);
        assert_int_equal(decide(t, CLERK, id, "cancel"), SB_OK); /* who does not go after all */
        assert_int_equal(leave(t, HEAD, CLERK, "2026-12-01", "2026-12-02", &id), SB_OK);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM leave_spell WHERE id = ?1@int AND state = 'confirmed'", id), 1);
        town_free(t);
}

static void tasks_go_to_the_substitute_and_come_back(void **state)
{
        struct town *t = manned(state);
        int64_t person = town_person(t, "测试人", "99010119500101001", "male"), i = begin(t, CLERK, NULL, person), id, late;
        json_t *out = NULL;

        assert_int_equal(on_task(t, CLERK, "tasks.take", i), SB_OK);
        assert_int_equal(stand_in(t, CLERK, CLERK, CLERK, "2026-11-24", "2026-11-30"), SB_STAFF_SUBSTITUTE); /* oneself */
        assert_int_equal(stand_in(t, CLERK, CLERK, 12345, "2026-11-24", "2026-11-30"), SB_CASE_STAFF);
        assert_int_equal(stand_in(t, CLERK, CLERK, CLERK_TOO, "2026-11-20", "2026-11-23"), SB_STAFF_SUBSTITUTE); /* past */
        assert_int_equal(stand_in(t, CLERK_TOO, CLERK, CLERK_TOO, "2026-11-24", "2026-11-30"), SB_CASE_ROLE);    /* not asked */
        assert_int_equal(stand_in(t, CLERK, CLERK, CLERK_TOO, "2026-11-24", "2026-11-30"), SB_OK);
        assert_int_equal(stand_in(t, CLERK, CLERK, HEAD, "2026-11-30", "2026-12-03"), SB_STAFF_SUBSTITUTE); /* two at once */
        assert_int_equal(leave(t, CLERK, CLERK, "2026-11-24", "2026-11-26", &id), SB_OK);
        assert_int_equal(town_ask(t, WHOSE, i), CLERK); /* nobody has confirmed it */
        assert_int_equal(decide(t, HEAD, id, "confirm"), SB_OK);
        assert_int_equal(town_ask(t, WHOSE, i), CLERK_TOO);
        assert_int_equal(town_ask(t, FOR_WHOM, i), CLERK);
        assert_int_equal(as(t, HEAD, "cases.moves", json_pack("{s:I}", "case", (json_int_t)i), &out), SB_OK);
        assert_string_equal(json_string_value(json_object_get(row_of(out, "kind", "leave"), "to")), "经办乙");
        json_decref(out);
        /* No chains: who is to be away does not stand in, and a substitute who falls ill hands nothing on. */
        assert_int_equal(stand_in(t, HEAD, HEAD, CLERK, "2026-11-25", "2026-11-25"), SB_STAFF_SUBSTITUTE);
        assert_int_equal(stand_in(t, CLERK_TOO, CLERK_TOO, STREET, "2026-11-24", "2026-11-30"), SB_OK);
        assert_int_equal(leave(t, HEAD, CLERK_TOO, "2026-11-24", "2026-11-24", &late), SB_OK);
        assert_int_equal(town_ask(t, WHOSE, i), 0);
        assert_int_equal(town_ask(t, FOR_WHOM, i), 0);
        assert_int_equal(on_task(t, STREET, "tasks.take", i), SB_OK); /* by the post of the one, not for the other */
        assert_int_equal(town_ask(t, FOR_WHOM, i), CLERK_TOO);
        assert_int_equal(decide(t, HEAD, late, "cancel"), SB_OK);
        assert_int_equal(on_task(t, CLERK_TOO, "tasks.take", i), SB_OK);
        clock_advance(t->house.clock, 3 * DAY_US);
        town_work(t);
        assert_int_equal(town_ask(t, FOR_WHOM, i), 0);
        town_free(t);
}

static void a_task_is_handed_to_who_may_do_it(void **state)
{
        struct town *t = manned(state);
        int64_t person = town_person(t, "测试人", "99010119500101001", "male"), i = begin(t, CLERK, NULL, person);
        json_t *out = NULL, *in = json_pack("{s:I}", "task", (json_int_t)open_task(t, i));

        assert_int_equal(as(t, CLERK, "tasks.takers", json_deep_copy(in), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1); /* the other clerk of the city */
        assert_true(json_is_true(json_object_get(row_of(out, "display", "经办乙"), "may")));
        json_decref(out);
        assert_int_equal(as(t, REVIEWER, "tasks.takers", json_deep_copy(in), NULL), SB_CASE_ROLE);
        assert_int_equal(on_task(t, CLERK, "tasks.take", i), SB_OK);
        json_object_set_new(in, "staff", json_integer(REVIEWER));
        assert_int_equal(as(t, CLERK, "tasks.hand_over", json_deep_copy(in), NULL), SB_CASE_ROLE);
        json_object_set_new(in, "staff", json_integer(CLERK_TOO));
        json_object_set_new(in, "note", json_string("出差"));
        assert_int_equal(as(t, CLERK_TOO, "tasks.hand_over", json_deep_copy(in), NULL), SB_CASE_TASK_GONE); /* not theirs */
        assert_int_equal(as(t, CLERK, "tasks.hand_over", in, NULL), SB_OK);
        assert_int_equal(town_ask(t, WHOSE, i), CLERK_TOO);
        assert_int_equal(on_task(t, CLERK, "tasks.give_back", i), SB_CASE_TASK_GONE);
        /* Who did the step before is shown with the reason why not. */
        assert_int_equal(post(t, ADMIN, "posts.appoint", CLERK_TOO, "YS-01", "reviewer", NULL, NULL), SB_OK);
        assert_int_equal(as(t, CLERK_TOO, "tasks.complete",
                            json_pack("{s:I,s:{s:s}}", "task", (json_int_t)open_task(t, i), "outcome", "decision", "approve"),
                            NULL),
                         SB_OK);
        town_work(t);
        assert_int_equal(as(t, REVIEWER, "tasks.takers", json_pack("{s:I}", "task", (json_int_t)open_task(t, i)), &out), SB_OK);
        assert_false(json_is_true(json_object_get(row_of(out, "display", "经办乙"), "may")));
        assert_true(strlen(json_string_value(json_object_get(row_of(out, "display", "经办乙"), "why"))) > 0);
        json_decref(out);
        town_free(t);
}

static size_t listed(struct town *t, const char *name, json_t *value)
{
        json_t *out = NULL, *in = json_object();

        json_object_set_new(in, name, value);
        assert_int_equal(as(t, HEAD, "tasks.list", in, &out), SB_OK);
        size_t n = json_array_size(json_object_get(out, "items"));
        json_decref(out);
        return n;
}

static void tasks_are_found_by_office_warning_and_number(void **state)
{
        struct town *t = manned(state);
        int64_t person = town_person(t, "测试人", "99010119500101001", "male");
        int64_t i = begin(t, CLERK, NULL, person);
        json_t *out = NULL;
        char number[40];

        begin(t, STREET, NULL, town_person(t, "又一人", "99010119500101003", "male"));
        assert_int_equal(listed(t, "office", json_integer(office(t, "YS-01"))), 2);
        assert_int_equal(listed(t, "office", json_integer(office(t, "YS-0101"))), 1);
        assert_int_equal(listed(t, "office", json_integer(office(t, "YS"))), 2); /* never beyond the own tree */
        assert_int_equal(listed(t, "office", json_integer(office(t, "YS-0102"))), 0);
        assert_int_equal(as(t, HEAD, "cases.get", json_pack("{s:I}", "case", (json_int_t)i), &out), SB_OK);
        text_copy(number, sizeof number, str_from(json_string_value(json_object_get(out, "number"))));
        json_decref(out);
        assert_int_equal(listed(t, "text", json_string(number)), 1);
        assert_int_equal(listed(t, "text", json_string("nothing")), 0);
        assert_int_equal(listed(t, "warning", json_string("none")), 2);
        assert_int_equal(listed(t, "warning", json_string("overdue")), 0);
        clock_advance(t->house.clock, 25 * DAY_US);
        assert_int_equal(listed(t, "warning", json_string("overdue")), 2);
        assert_int_equal(listed(t, "warning", json_string("none")), 0);
        town_free(t);
}

/* --- who applies for whom -------------------------------------------------------------------------------------------------------- */

static enum error_code apply_for(struct town *t, int64_t person, const char *kind, int64_t by)
{
        json_t *in =
            json_pack("{s:s,s:{s:I,s:s,s:s},s:{s:s,s:I},s:{s:s,s:I,s:s}}", "process", "P05", "form", "person",
                      (json_int_t)person, "cause", "death", "event_day", "2026-11-20", "subject", "kind", "person", "id",
                      (json_int_t)person, "applicant", "kind", kind, "person", (json_int_t)by, "name", "代办人");

        return as(t, CLERK, "cases.open", in, NULL);
}

static enum error_code empower(struct town *t, const char *kind, const char *of, int64_t principal, int64_t person,
                               const char *processes, const char *to, int64_t *id)
{
        json_t *out = NULL, *in = json_pack("{s:s,s:s,s:I,s:I,s:s,s:s}", "kind", kind, "principal_kind", of, "principal",
                                            (json_int_t)principal, "person", (json_int_t)person, "document", "公证书1号",
                                            "processes", processes);

        if (to != NULL)
                json_object_set_new(in, "last_day", json_string(to));
        enum error_code code = as(t, CLERK, "applicants.add", in, &out);
        *id = id_in(out, "id");
        return code;
}

static void who_applies_for_another_needs_a_right_that_holds(void **state)
{
        struct town *t = manned(state);
        int64_t person = town_person(t, "测试人", "99010119500101001", "male");
        int64_t agent = town_person(t, "代办人", "99010119800101001", "male"), id;

        assert_int_equal(apply_for(t, person, "agent", agent), SB_CASE_POWER_NONE);
        assert_int_equal(empower(t, "agent", "person", person, agent, "", NULL, &id), SB_CASE_APPLICANT); /* no last day */
        assert_int_equal(empower(t, "agent", "person", person, agent, "P17", "2026-12-31", &id), SB_OK);
        assert_int_equal(apply_for(t, person, "agent", agent), SB_CASE_POWER_PROCESS);
        assert_int_equal(empower(t, "agent", "person", person, agent, "P05", "2026-11-30", &id), SB_OK);
        assert_int_equal(apply_for(t, person, "heir", agent), SB_CASE_POWER_NONE); /* of another kind */
        assert_int_equal(apply_for(t, person, "agent", agent), SB_OK);
        clock_advance(t->house.clock, 7 * DAY_US);
        assert_int_equal(apply_for(t, person, "agent", agent), SB_CASE_POWER_PROCESS); /* expired; the other is for P17 */
        assert_int_equal(empower(t, "heir", "person", person, agent, "", NULL, &id), SB_OK);
        assert_int_equal(as(t, CLERK, "applicants.end", json_pack("{s:I}", "power", (json_int_t)id), NULL), SB_OK);
        assert_int_equal(as(t, CLERK, "applicants.end", json_pack("{s:I}", "power", (json_int_t)id), NULL),
                         SB_CASE_POWER_ENDED);
        assert_int_equal(apply_for(t, person, "heir", agent), SB_CASE_POWER_ENDED);
        assert_int_equal(empower(t, "guardian", "person", person, agent, "", NULL, &id), SB_OK);
        assert_int_equal(apply_for(t, person, "guardian", agent), SB_OK);
        town_free(t);
}

static void an_operator_acts_for_the_employer_that_named_them(void **state)
{
        struct town *t = manned(state);
        int64_t operator= town_person(t, "专管员", "99010119800101001", "male"), id;
        int64_t named = town_employer(t, "甲公司", "91990100MA0000001", "990100");
        int64_t other = town_employer(t, "乙公司", "91990100MA0000002", "990100");
        json_t *out = NULL;

        assert_int_equal(empower(t, "operator", "employer", named, operator, "", NULL, &id), SB_OK);
        for (int k = 0; k < 2; k++) {
                int64_t employer = k == 0 ? named : other;
                json_t *in = json_pack("{s:s,s:{s:I,s:s,s:s,s:s},s:{s:s,s:I},s:{s:s,s:I,s:s}}", "process", "P04", "form",
                                       "employer", (json_int_t)employer, "item", "name", "new_value", "新名称", "valid_from",
                                       "2026-11-24", "subject", "kind", "employer", "id", (json_int_t)employer, "applicant",
                                       "kind", "operator", "person", (json_int_t) operator, "name", "专管员");
                assert_int_equal(as(t, CLERK, "cases.open", in, NULL), k == 0 ? SB_OK : SB_CASE_POWER_NONE);
        }
        assert_int_equal(as(t, CLERK, "applicants.list",
                            json_pack("{s:s,s:I}", "principal_kind", "employer", "principal", (json_int_t)named), &out),
                         SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        json_decref(out);
        town_free(t);
}

/* --- family -------------------------------------------------------------------------------------------------------------------- */

struct selfsame {
        int64_t staff, person;
};

static int person_put(struct tx *tx, void *ctx, struct error *err)
{
        const struct selfsame *k = ctx;

        return tx_exec(tx, err, "UPDATE staff SET person = ?2@int WHERE id = ?1@int", "ii", k->staff, k->person);
}

static enum error_code related(struct town *t, const char *verb, const char *other, int64_t person, int64_t with,
                               const char *to)
{
        json_t *in = json_pack("{s:I,s:I,s:s}", "person", (json_int_t)person, other, (json_int_t)with, "source", "户口簿");

        if (to != NULL)
                json_object_set_new(in, "last_day", json_string(to));
        return as(t, CLERK, verb, in, NULL);
}

static json_t *relations_of(struct town *t, int64_t person)
{
        json_t *out = NULL;

        assert_int_equal(as(t, CLERK, "registry.relations", json_pack("{s:I}", "person", (json_int_t)person), &out), SB_OK);
        return out;
}

/* The kinship of the two is seen from both sides, each household member by the others; a kinship that ended ends once. */
static void relations_are_seen_and_end(struct town *t, int64_t person, int64_t self)
{
        json_t *out = relations_of(t, self), *one, *items = json_object_get(out, "items");
        int64_t kin = 0;
        size_t k;

        assert_int_equal(json_array_size(items), 3);
        json_array_foreach(items, k, one)
        {
                if (strcmp(json_text(one, "tie"), "kin") != 0)
                        continue;
                assert_int_equal(town_whole(one, "other"), person);
                assert_string_equal(json_text(one, "name"), "测试人");
                kin = town_whole(one, "id");
        }
        json_decref(out);
        for (int again = 0; again < 2; again++)
                assert_int_equal(
                    as(t, CLERK, "registry.relation_end",
                       json_pack("{s:I,s:s,s:I}", "relation", (json_int_t)kin, "tie", "kin", "person", (json_int_t)self), NULL),
                    again == 0 ? SB_OK : SB_REGISTRY_RELATION);
        out = relations_of(t, person);
        assert_true(json_array_size(json_object_get(out, "items")) >= 3);
        json_decref(out);
}

static void nobody_decides_about_family_or_household(void **state)
{
        struct town *t = manned(state);
        int64_t person = town_person(t, "测试人", "99010119500101001", "male");
        int64_t self = town_person(t, "经办甲", "99010119800101001", "male");
        int64_t wife = town_person(t, "经办乙", "99010119800101002", "f55");
        int64_t i = begin(t, STREET, NULL, person);
        struct selfsame ties[] = {{CLERK, self}, {CLERK_TOO, wife}};

        for (size_t k = 0; k < 2; k++)
                assert_ok(store_write(t->house.store, person_put, &ties[k], &t->err), t->err);
        assert_int_equal(related(t, "registry.kin_add", "relative", person, person, NULL), SB_FIELD_TYPE);
        assert_int_equal(related(t, "registry.kin_add", "relative", person, self, "2026-11-01"), SB_FIELD_TYPE);
        assert_int_equal(related(t, "registry.kin_add", "relative", person, self, "2026-11-30"), SB_OK);
        assert_int_equal(on_task(t, CLERK, "tasks.take", i), SB_CASE_RELATED);
        /* Into the household of one who is in it already: all three live together. */
        assert_int_equal(related(t, "registry.household_add", "with", self, person, NULL), SB_OK);
        assert_int_equal(on_task(t, CLERK_TOO, "tasks.take", i), SB_OK);
        assert_int_equal(on_task(t, CLERK_TOO, "tasks.give_back", i), SB_OK);
        assert_int_equal(related(t, "registry.household_add", "with", wife, self, NULL), SB_OK);
        assert_int_equal(on_task(t, CLERK_TOO, "tasks.take", i), SB_CASE_RELATED);
        assert_int_equal(on_task(t, STREET, "tasks.take", i), SB_OK);
        assert_int_equal(on_task(t, STREET, "tasks.give_back", i), SB_OK);
        relations_are_seen_and_end(t, person, self);
        assert_int_equal(on_task(t, CLERK_TOO, "tasks.take", i), SB_CASE_RELATED);
        town_free(t);
}

/* --- asked once, by letter ------------------------------------------------------------------------------------------------------ */

static void what_is_missing_is_asked_for_by_a_numbered_letter(void **state)
{
        struct town *t = manned(state);
        int64_t i = begin(t, CLERK, NULL, town_person(t, "测试人", "99010119500101001", "male"));
        json_t *out = NULL, *in = json_pack("{s:I,s:[s]}", "case", (json_int_t)i, "materials", "identity");
        json_t *papers = NULL, *one;
        size_t k;

        assert_int_equal(as(t, CLERK, "cases.get", json_pack("{s:I}", "case", (json_int_t)i), &papers), SB_OK);
        json_t *asked = json_array();
        json_array_foreach(json_object_get(papers, "papers"), k, one)
            json_array_append(asked, json_object_get(one, "material"));
        json_object_set_new(in, "materials", asked);
        json_decref(papers);
        assert_int_equal(as(t, CLERK, "cases.ask", in, &out), SB_OK);
        assert_null(json_object_get(out, "letter_problem"));
        const json_t *letter = json_object_get(out, "letter");
        assert_true(strlen(json_string_value(json_object_get(letter, "number"))) > 0);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM document WHERE id = ?1@int", town_whole(letter, "document")), 1);
        json_decref(out);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(the_tree_is_dated_and_has_no_cycle),
            TEST_ON_BOTH(an_office_that_closes_hands_its_cases_on),
            TEST_ON_BOTH(posts_are_dated_and_do_not_overlap),
            TEST_ON_BOTH(leave_is_asked_for_and_confirmed),
            TEST_ON_BOTH(tasks_go_to_the_substitute_and_come_back),
            TEST_ON_BOTH(a_task_is_handed_to_who_may_do_it),
            TEST_ON_BOTH(tasks_are_found_by_office_warning_and_number),
            TEST_ON_BOTH(who_applies_for_another_needs_a_right_that_holds),
            TEST_ON_BOTH(an_operator_acts_for_the_employer_that_named_them),
            TEST_ON_BOTH(nobody_decides_about_family_or_household),
            TEST_ON_BOTH(what_is_missing_is_asked_for_by_a_numbered_letter),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
