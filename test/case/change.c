/* SPDX-License-Identifier: Apache-2.0
 *
 * Verbs, changes that happen once, the audit trail and its seals, runs: on both databases.
 */
#include "support/permissions.h"
#include "support/pg.h"
#include "testing.h"

#include "case/case.h"
#include "case/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int echo_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        int *times = ctx;

        (void)c;
        (*times)++;
        change->subject_kind = "thing";
        change->subject = 5;
        change->audit = json_pack("{s:i}", "times", *times);
        *out = json_pack("{s:i}", "times", *times);
        return tx_exec(tx, err, "INSERT INTO setting (name, value) VALUES (?1@text, 'x')", "t", c->key);
}

static int times;
static const struct verb *echo_verb;
static int echo_run(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return verb_change(c, echo_verb, in, echo_apply, &times, out, err);
}

static int look_run(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        (void)c;
        *out = json_deep_copy(in);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static const char IN[] = "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},\"additionalProperties\":false}";
static const char NEED[] = "{\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":{\"type\":\"integer\"}}}";
static const struct verb VERBS[] = {
    {"thing.change", VERB_WRITE, "test.clerk", "POST", "/api/things", "Change", "改", IN, "{}", echo_run, SCOPE_EVERYWHERE},
    {"thing.look", VERB_READ, "test.clerk", "GET", "/api/things/{n}", "Look", "看", NEED, "{}", look_run, "thing.n"},
    {0},
};
/* The thing n belongs to office n. */
static int thing_within(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        return office_within(tx, json_integer_value(value), c->who.office, within, err);
}
static const struct scope_rule RULES[] = {{"thing", "The thing", "该物", thing_within, NULL}, {0}};
static const struct scope_rule *const SCOPES[] = {RULES, NULL};
static const struct verb *const TABLES[] = {VERBS, NULL};

struct world {
        struct house house;
        struct registry *verbs;
};

static bool world_open(struct world *w, void **state)
{
        struct error err = {0};

        memset(w, 0, sizeof *w);
        w->house.store = test_store_new(*(enum test_engine *)*state);
        if (w->house.store == NULL)
                return false;
        w->house.home = 1;
        w->house.clock = clock_virtual(day_instant(day_from(2026, 11, 24)));
        assert_ok(ids_open(&w->house.ids, w->house.store, 1, 100, &err), err);
        assert_ok(keyring_demo(&w->house.keys, 1, &err), err);
        assert_ok(registry_new(&w->verbs, TABLES, SCOPES, &err), err);
        w->house.verbs = w->verbs;
        test_permissions(&w->house);
        echo_verb = registry_find(w->verbs, "thing.change");
        times = 0;
        return true;
}

static void world_close(struct world *w)
{
        registry_free(w->verbs);
        pack_store_free(w->house.packs);
        ids_close(w->house.ids);
        keyring_free(w->house.keys);
        store_close(w->house.store);
        clock_free(w->house.clock);
}

static int audit_count(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM audit_row", "");

        *(int64_t *)ctx = rc == 1 ? stmt_int(q, 0) : -1;
        return rc < 0 ? rc : 0;
}

static int64_t audit_rows(struct world *w)
{
        struct error err = {0};
        int64_t n = -1;

        assert_ok(store_read(w->house.store, audit_count, &n, &err), err);
        return n;
}

static void a_change_happens_once(void **state)
{
        struct world w;
        struct error err = {0};
        json_t *in = json_pack("{s:i}", "n", 1), *other = json_pack("{s:i}", "n", 2), *out = NULL;

        if (!world_open(&w, state))
                skip();
        struct call c = {.house = &w.house, .who = {.staff = 3, .roles = ROLE_CLERK}, .key = "key-1"};
        assert_ok(verb_call(&c, echo_verb, in, &out, &err), err);
        json_decref(out);
        assert_ok(verb_call(&c, echo_verb, in, &out, &err), err);
        assert_int_equal(json_integer_value(json_object_get(out, "times")), 1);
        json_decref(out);
        assert_int_equal(audit_rows(&w), 1); /* what happened again was undone */
        assert_error(verb_call(&c, echo_verb, other, &out, &err), err, SB_CASE_KEY_REUSED);
        c.who.staff = 4;
        assert_error(verb_call(&c, echo_verb, in, &out, &err), err, SB_CASE_KEY_REUSED);
        c.who.roles = ROLE_AUDITOR;
        assert_error(verb_call(&c, echo_verb, in, &out, &err), err, SB_CASE_ROLE);
        c.who.roles = ROLE_CLERK;
        c.key = NULL;
        assert_error(verb_call(&c, echo_verb, in, &out, &err), err, SB_CASE_KEY_MISSING);
        json_t *wrong = json_pack("{s:s}", "n", "x");
        c.key = "key-2";
        assert_error(verb_call(&c, echo_verb, wrong, &out, &err), err, SB_FIELD_TYPE);
        json_decref(wrong);
        json_decref(in);
        json_decref(other);
        world_close(&w);
}

static void registries_refuse_nonsense(void **state)
{
        static const struct verb twice[] = {
            {"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "", IN, "{}", echo_run, SCOPE_EVERYWHERE},
            {"a", VERB_READ, DUTY_ALL, "GET", "/b", "", "", IN, "{}", echo_run, SCOPE_EVERYWHERE},
            {0},
        };
        static const struct verb nobody[] = {{"a", VERB_READ, NULL, "GET", "/a", "", "", IN, "{}", echo_run, SCOPE_EVERYWHERE},
                                             {0}};
        static const struct verb broken[] = {
            {"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "", "{", "{}", echo_run, SCOPE_EVERYWHERE}, {0}};
        static const struct verb anywhere[] = {{"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "", IN, "{}", echo_run, NULL}, {0}};
        static const struct verb no_kind[] = {{"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "", NEED, "{}", echo_run, "ghost.n"},
                                              {0}};
        static const struct verb optional[] = {{"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "", IN, "{}", echo_run, "thing.n"},
                                               {0}};
        static const struct verb no_dot[] = {{"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "", NEED, "{}", echo_run, "thing"},
                                             {0}};
        static const struct verb no_run[] = {{"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "", IN, "{}", NULL, SCOPE_EVERYWHERE},
                                             {0}};
        static const struct verb no_in[] = {
            {"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "", NULL, "{}", echo_run, SCOPE_EVERYWHERE}, {0}};
        static const struct verb no_method[] = {
            {"a", VERB_READ, DUTY_ALL, NULL, "/a", "", "", IN, "{}", echo_run, SCOPE_EVERYWHERE}, {0}};
        static const struct verb no_path[] = {
            {"a", VERB_READ, DUTY_ALL, "GET", NULL, "", "", IN, "{}", echo_run, SCOPE_EVERYWHERE}, {0}};
        static const struct verb no_answer[] = {
            {"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "", IN, "{", echo_run, SCOPE_EVERYWHERE}, {0}};
        static const struct verb one_route[] = {
            {"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "", IN, "{}", echo_run, SCOPE_EVERYWHERE},
            {"b", VERB_READ, DUTY_ALL, "GET", "/a", "", "", IN, "{}", echo_run, SCOPE_EVERYWHERE},
            {0}};
        static const struct verb opens_what[] = {
            {"a", VERB_READ, DUTY_ALL, "GET", "/a", "", "",
             "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"x-opens\":\"ghost\"}}}", "{}", echo_run,
             SCOPE_EVERYWHERE},
            {0}};
        static const struct verb *const lists[][2] = {
            {twice, NULL},     {nobody, NULL},    {broken, NULL},    {anywhere, NULL},  {no_kind, NULL},
            {optional, NULL},  {no_dot, NULL},    {no_run, NULL},    {no_in, NULL},     {no_path, NULL},
            {no_method, NULL}, {no_answer, NULL}, {one_route, NULL}, {opens_what, NULL}};
        struct registry *r = NULL;
        struct error err = {0};

        (void)state;
        for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
                assert_error(registry_new(&r, lists[i], SCOPES, &err), err, SB_CASE_VERB);
}

/* 1 ─ 2 ─ 4
 *  ╲─ 3        5 stands alone */
static int offices_put(struct tx *tx, void *ctx, struct error *err)
{
        static const int64_t parents[] = {0, 1, 1, 2, 0};
        int rc = 0;

        (void)ctx;
        for (int64_t i = 0; rc == 0 && i < 5; i++)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO office (id, code, parent, body, level, name_zh, name_en, territory, valid_from, valid_to) "
                    "VALUES (?1@int, 'o', ?2@int, 'b', 1, 'n', 'n', '990000', 0, ?3@int)",
                    "iii", i + 1, parents[i], (int64_t)DAY_END);
        return rc;
}

static void offices_act_on_what_is_theirs(void **state)
{
        static const struct {
                int64_t office, thing;
                bool may;
        } cases[] = {
            {1, 1, true},  {1, 4, true},  {2, 4, true},  {4, 4, true}, {4, 2, false}, {3, 4, false},
            {5, 1, false}, {1, 5, false}, {9, 1, false}, {1, 0, true}, {2, 0, false}, {1, 99, false},
        };
        struct world w;
        struct error err = {0};

        if (!world_open(&w, state))
                skip();
        assert_ok(store_write(w.house.store, offices_put, NULL, &err), err);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct call c = {.house = &w.house, .who = {.staff = 1, .office = cases[i].office, .roles = ROLE_CLERK}};
                json_t *in = json_pack("{s:I}", "n", (json_int_t)cases[i].thing), *out = NULL;

                if (cases[i].may)
                        assert_ok(verb_call(&c, registry_find(w.verbs, "thing.look"), in, &out, &err), err);
                else
                        assert_error(verb_call(&c, registry_find(w.verbs, "thing.look"), in, &out, &err), err, SB_CASE_OFFICE);
                json_decref(out);
                json_decref(in);
        }
        world_close(&w);
}

struct sealed {
        int64_t rows, seals, unsealed;
};

static int sealed_count(struct tx *tx, void *ctx, struct error *err)
{
        struct sealed *s = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM audit_row", "");

        s->rows = rc == 1 ? stmt_int(q, 0) : -1;
        if (rc >= 0)
                rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM audit_seal", "");
        s->seals = rc == 1 ? stmt_int(q, 0) : -1;
        if (rc >= 0)
                rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM audit_row WHERE seal = 0", "");
        s->unsealed = rc == 1 ? stmt_int(q, 0) : -1;
        return rc < 0 ? rc : 0;
}

static void the_trail_is_sealed(void **state)
{
        struct world w;
        struct error err = {0};
        struct sealed s;
        json_t *in = json_object(), *out = NULL;
        char key[32];
        int sealed;

        if (!world_open(&w, state))
                skip();
        for (int i = 0; i < 7; i++) {
                struct call c = {.house = &w.house,
                                 .who = {.staff = 3, .roles = ROLE_CLERK},
                                 .key = text_format(key, sizeof key, "key-%d", i)};
                assert_ok(verb_call(&c, echo_verb, in, &out, &err), err);
                json_decref(out);
        }
        assert_ok(audit_seal(&w.house, clock_now(w.house.clock), &sealed, &err), err);
        assert_int_equal(sealed, 0);
        clock_advance(w.house.clock, 1);
        assert_ok(audit_seal(&w.house, clock_now(w.house.clock), &sealed, &err), err);
        assert_int_equal(sealed, 7);
        assert_ok(store_read(w.house.store, sealed_count, &s, &err), err);
        assert_int_equal(s.rows, 7);
        assert_int_equal(s.seals, 1);
        assert_int_equal(s.unsealed, 0);
        json_decref(in);
        world_close(&w);
}

/* A run that writes one setting a block until the number in its inputs is reached. */
static int count_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct run *r = ctx;
        char name[32], cursor[24];

        text_format(name, sizeof name, "row-%lld", (long long)r->done);
        int rc = tx_exec(tx, err, "INSERT INTO setting (name, value) VALUES (?1@text, '')", "t", name);
        if (rc == 0)
                rc = run_progress(tx, r, str_from(text_format(cursor, sizeof cursor, "%lld", (long long)r->done + 1)), 20, 1, 0,
                                  err);
        return rc;
}

static int count_block(struct house *h, const struct run *r, enum run_result *more, struct error *err)
{
        int64_t n;
        int rc = json_get_int(r->inputs, "n", true, &n, err);

        if (rc < 0)
                return rc;
        rc = store_write(h->store, count_apply, (void *)(uintptr_t)r, err);
        *more = r->done + 1 < n ? RUN_MORE : RUN_DONE;
        return rc;
}
static const struct run_kind COUNT = {"count", count_block, NULL};
static const struct run_kind *const KINDS[] = {&COUNT, NULL};

static int run_make(struct tx *tx, void *ctx, struct error *err)
{
        struct call c = {.house = ctx, .who = {.staff = 3}};
        json_t *in = json_pack("{s:i}", "n", 20);
        int rc = run_create(tx, &c, "count", "Count", in, NULL, 77, err);

        json_decref(in);
        return rc;
}

struct run_row {
        char state[16];
        int64_t done, rows;
};

static int run_look(struct tx *tx, void *ctx, struct error *err)
{
        struct run_row *r = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT state, done FROM run WHERE id = 77", "");

        if (rc == 1) {
                text_copy(r->state, sizeof r->state, stmt_text(q, 0));
                r->done = stmt_int(q, 1);
                rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM setting WHERE name LIKE 'row-%'", "");
                r->rows = rc == 1 ? stmt_int(q, 0) : -1;
        }
        return rc < 0 ? rc : 0;
}

static void a_run_works_to_its_end(void **state)
{
        struct world w;
        struct error err = {0};
        struct run_row row = {"", 0, 0};
        bool worked;

        if (!world_open(&w, state))
                skip();
        assert_error(run_work(&w.house, KINDS, 77, NULL, NULL, &err), err, SB_CASE_RUN_UNKNOWN);
        assert_ok(store_write(w.house.store, run_make, &w.house, &err), err);
        assert_ok(run_work_any(&w.house, KINDS, &worked, &err), err);
        assert_true(worked);
        assert_ok(store_read(w.house.store, run_look, &row, &err), err);
        assert_string_equal(row.state, "done");
        assert_int_equal(row.done, 20);
        assert_int_equal(row.rows, 20);
        assert_ok(run_work_any(&w.house, KINDS, &worked, &err), err);
        assert_false(worked);
        assert_error(run_work(&w.house, KINDS, 77, NULL, NULL, &err), err, SB_CASE_RUN_STATE);
        world_close(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_change_happens_once),         cmocka_unit_test(registries_refuse_nonsense),
            TEST_ON_BOTH(offices_act_on_what_is_theirs), TEST_ON_BOTH(the_trail_is_sealed),
            TEST_ON_BOTH(a_run_works_to_its_end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
