/* SPDX-License-Identifier: Apache-2.0 */
#include "office/town.h"

#include "case/case.h"
#include "office/audit/audit.h"
#include "office/audit/tables.h"
#include "office/import/import.h"
#include "office/manual/shelf.h"
#include "office/setup/setup.h"

#include "support/permissions.h"

#include <stdlib.h>
#include <string.h>

/* Office 1, of the whole province: where the staff of the tests sit. */
static int office_put(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(
            tx, err,
            "INSERT INTO office (id, code, parent, body, level, name_zh, name_en, territory, valid_from, valid_to) VALUES "
            "(1, 'YS', 0, '省中心', 1, '省中心', 'Provincial centre', '990000', 0, ?1@int)",
            "i", (int64_t)DAY_END);
}

static struct town *town_on(struct store *store, const struct verb *const *tables, instant_t at)
{
        struct town *t = calloc(1, sizeof *t);

        if (store == NULL || t == NULL) {
                free(t);
                return NULL;
        }
        t->house.store = store;
        t->house.home = 1;
        t->house.clock = clock_virtual(at);
        assert_ok(keyring_demo(&t->house.keys, 7, &t->err), t->err);
        struct store_guard g = audit_guard(t->house.keys);
        assert_ok(store_guard(store, &g, &t->err), t->err);
        assert_ok(ids_open(&t->house.ids, store, 1, 100, &t->err), t->err);
        assert_ok(registry_new(&t->verbs, tables, office_scopes, &t->err), t->err);
        t->house.verbs = t->verbs;
        test_permissions(&t->house);
        return t;
}

struct town *town_new(enum test_engine engine, const struct verb *const *tables)
{
        struct town *t = town_on(test_store_new(engine), tables, day_instant(day_from(2026, 11, 24)));

        if (t != NULL) {
                t->office = 1;
                assert_ok(store_write(t->house.store, office_put, NULL, &t->err), t->err);
        }
        return t;
}

static int office_find(struct tx *tx, void *ctx, struct error *err)
{
        struct town *t = ctx;

        return office_by_code(tx, "", &t->office, err);
}

static const char *law;

void town_law(const char *dir)
{
        law = dir;
}

struct town *town_at(struct store *store, instant_t at, bool found)
{
        struct installation facts = {.installed = true, .home = 1, .demonstration = true, .seed = 7, .pack = "demo"};
        const struct verb *tables[48] = {case_verbs};

        for (size_t i = 0; office_verbs[i] != NULL; i++)
                tables[i + 1] = office_verbs[i];
        struct town *t = town_on(store, tables, at);
        if (t == NULL)
                return NULL;
        assert_ok(manual_shelf_new(&t->house.manuals, &t->err), t->err);
        if (found) {
                assert_ok(pack_open(&t->pack, law == NULL ? "packs/demo" : law, &t->err), t->err);
                assert_ok(setup_found(&t->house, t->pack, &facts, &t->err), t->err);
        }
        assert_ok(store_read(t->house.store, office_find, t, &t->err), t->err);
        return t;
}

struct town *town_founded(enum test_engine engine)
{
        return town_at(test_store_new(engine), day_instant(day_from(2026, 11, 24)), true);
}

void town_free(struct town *t)
{
        registry_free(t->verbs);
        manual_shelf_free(t->house.manuals);
        pack_store_free(t->house.packs);
        pack_free(t->pack);
        ids_close(t->house.ids);
        keyring_free(t->house.keys);
        clock_free(t->house.clock);
        store_close(t->house.store);
        free(t);
}

/* Nobody changes anything without a trace: which tables a call changed, by the versions of their sums (kept on SQLite). */
struct trace {
        int64_t version, rows; /* before: of all sums, and of the trail */
        char tables[512];      /* changed since, other than what notes a change itself */
        bool told;             /* the trail grew */
};

static int trace_read(struct tx *tx, void *ctx, struct error *err)
{
        struct trace *r = ctx;
        struct stmt *q;
        size_t n = 0;
        int64_t rows = 0;
        int rc = tx_one(&q, tx, err, "SELECT row_count FROM table_digest WHERE name = 'audit_row'", "");

        rows = rc == 1 ? stmt_int(q, 0) : 0;
        r->told = rows > r->rows;
        r->tables[0] = '\0';
        rc = rc < 0
                 ? rc
                 : tx_query(
                       &q, tx, err,
                       "SELECT name FROM table_digest WHERE version > ?1@int AND name NOT IN ('', 'id_block', 'idempotency', "
                       "'audit_row') ORDER BY name",
                       "i", r->version);
        while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                text_format(r->tables + n, sizeof r->tables - n, " %.*s", (int)stmt_text(q, 0).n, stmt_text(q, 0).p);
                n = strlen(r->tables);
                rc = 0;
        }
        rc = rc < 0 ? rc : tx_one(&q, tx, err, "SELECT version FROM table_digest WHERE name = ''", "");
        r->version = rc == 1 ? stmt_int(q, 0) : 0;
        r->rows = rows;
        return rc < 0 ? rc : 0;
}

/* Whose record: a verb is refused that shows one, and they say why, as a page asks them to. */
static bool record_open(struct town *t, struct call *c, const char *verb)
{
        struct call asks = {.house = &t->house, .who = c->who};
        const struct verb *v = registry_find(t->verbs, "people.open");
        int64_t person = 0;
        json_t *reason, *out = NULL;
        char key[40];

        if (v == NULL || strcmp(verb, "people.open") == 0)
                return false;
        assert_true(strncmp(t->err.where, "person/", 7) == 0 && text_to_int(str_from(t->err.where + 7), &person));
        error_clear(&t->err);
        asks.key = text_format(key, sizeof key, "test-open-%d", ++t->calls);
        reason = json_pack("{s:I,s:s}", "person", (json_int_t)person, "purpose",
                           (c->who.roles & ROLE_CLERK) != 0     ? "counter"
                           : (c->who.roles & ROLE_AUDITOR) != 0 ? "audit"
                                                                : "complaint");
        int rc = verb_call(&asks, v, reason, &out, &t->err);
        json_decref(reason);
        json_decref(out);
        return rc == 0;
}

static enum error_code call(struct town *t, struct call *c, const char *verb, json_t *in, json_t **out)
{
        json_t *answer = NULL;
        char key[40], text[1024];
        const struct verb *v = registry_find(t->verbs, verb);

        assert_non_null(v);
        error_clear(&t->err);
        if (v->kind == VERB_WRITE && c->key == NULL)
                c->key = text_format(key, sizeof key, "test-key-%d", ++t->calls);
        if (v->kind == VERB_READ)
                c->key = NULL;
        c->house = &t->house;
        struct trace trace = {.version = 0};
        struct error none = {0};
        assert_ok(store_read(t->house.store, trace_read, &trace, &none), none);
        int rc = verb_call(c, v, in, &answer, &t->err);
        if (rc != 0 && t->err.code == SB_CASE_OPENING && record_open(t, c, verb))
                rc = verb_call(c, v, in, &answer, &t->err);
        assert_ok(store_read(t->house.store, trace_read, &trace, &none), none);
        if (trace.tables[0] != '\0' && !trace.told)
                fail_msg("%s (%s) changed%s without a row of the trail", verb, rc == 0 ? "done" : "refused", trace.tables);
        json_decref(in);
        assert_true(rc == 0 || t->err.code != SB_OK);
        if (rc == 0)
                assert_int_equal(t->err.code, SB_OK);
        if (rc != 0 && error_http(t->err.code) >= 500)
                print_error("%s: %s\n", verb, error_text(&t->err, LANG_EN, text, sizeof text));
        if (out != NULL)
                *out = answer;
        else
                json_decref(answer);
        return rc == 0 ? SB_OK : t->err.code;
}

enum error_code town_call(struct town *t, const char *verb, json_t *in, json_t **out)
{
        struct call c = {.who = {.staff = 1, .office = t->office, .roles = ROLE_ANY}};

        return call(t, &c, verb, in, out);
}

enum error_code town_call_as(struct town *t, int64_t staff, uint32_t roles, const char *key, const char *verb, json_t *in,
                             json_t **out)
{
        struct call c = {.who = {.staff = staff, .office = t->office, .roles = roles}, .key = key[0] == '\0' ? NULL : key};

        return call(t, &c, verb, in, out);
}

enum error_code town_call_body(struct town *t, const char *verb, json_t *in, const char *body, json_t **out)
{
        struct call c = {
            .who = {.staff = 1, .office = t->office, .roles = ROLE_ANY}, .body = str_from(body), .body_type = "text/csv"};

        return call(t, &c, verb, in, out);
}

enum error_code town_call_at(struct town *t, const struct actor *who, const char *verb, json_t *in, struct str body,
                             json_t **out, struct buf *file)
{
        struct raw_reply raw = {.file_name = ""};
        struct call c = {
            .who = *who, .body = body, .body_type = body.n > 0 ? "text/plain" : NULL, .raw = file != NULL ? &raw : NULL};

        buf_init(&raw.bytes, (size_t)64 << 20);
        enum error_code code = call(t, &c, verb, in, out);

        if (file != NULL)
                *file = raw.bytes;
        return code;
}

struct office_asked {
        const char *code;
        int64_t id;
};

static int office_code_read(struct tx *tx, void *ctx, struct error *err)
{
        struct office_asked *o = ctx;

        return office_by_code(tx, o->code, &o->id, err);
}

int64_t town_office(struct town *t, const char *code)
{
        struct office_asked o = {.code = code};

        assert_ok(store_read(t->house.store, office_code_read, &o, &t->err), t->err);
        return o.id;
}

char *town_id(const char *first17, char out[24])
{
        assert_int_equal(strlen(first17), 17);
        return text_format(out, 24, "%s%c", first17, id_number_digit(first17));
}

char *town_uscc(const char *first17, char out[24])
{
        assert_int_equal(strlen(first17), 17);
        return text_format(out, 24, "%s%c", first17, uscc_digit(first17));
}

static int64_t id_of(struct town *t, enum error_code code, json_t *out)
{
        char text[512];

        if (code != SB_OK)
                fail_msg("%s", error_text(&t->err, LANG_EN, text, sizeof text));
        int64_t id = json_integer_value(json_object_get(out, "id"));
        json_decref(out);
        assert_true(id > 0);
        return id;
}

int64_t town_person(struct town *t, const char *name, const char *first17, const char *category)
{
        char id[24];
        json_t *out = NULL;
        json_t *in = json_pack("{s:s,s:s,s:s}", "name", name, "id_number", town_id(first17, id), "category", category);

        enum error_code code = town_call(t, "registry.person_register", in, &out);

        return id_of(t, code, out);
}

int64_t town_employer(struct town *t, const char *name, const char *first17, const char *territory)
{
        char uscc[24];
        json_t *out = NULL;
        json_t *in = json_pack("{s:s,s:s,s:s}", "name", name, "uscc", town_uscc(first17, uscc), "territory", territory);

        enum error_code code = town_call(t, "registry.employer_register", in, &out);

        return id_of(t, code, out);
}

void town_employ(struct town *t, int64_t person, int64_t employer, day_t from)
{
        char day[16];

        assert_int_equal(town_call(t, "registry.employment_open",
                                   json_pack("{s:I,s:I,s:s}", "person", (json_int_t)person, "employer", (json_int_t)employer,
                                             "from", day_text(from, day)),
                                   NULL),
                         SB_OK);
}

void town_import(struct town *t, const char *kind, const char *text)
{
        char path[512];
        struct call c = {.house = &t->house, .who = {.staff = 1, .office = t->office, .roles = ROLE_ANY}};
        struct import_request q = {
            .kind = kind, .path = text_format(path, sizeof path, "%s/%s.csv", test_scratch(), kind), .encoding = "utf-8"};
        int64_t run = 0;

        assert_ok(file_write(path, text, strlen(text), &t->err), t->err);
        assert_ok(import_create(&c, &q, &run, &t->err), t->err);
        assert_ok(run_work(&t->house, office_runs, run, NULL, NULL, &t->err), t->err);
        assert_int_equal(town_ask(t, "SELECT failed FROM run WHERE id = ?1@int", run), 0);
}

void town_work(struct town *t)
{
        bool worked = true;
        int done = 1;

        while (done > 0 || worked) {
                assert_ok(case_work(&t->house, 1000, &done, &t->err), t->err);
                assert_ok(run_work_any(&t->house, office_runs, &worked, &t->err), t->err);
        }
}

enum error_code town_decide(struct town *t, int64_t instance, int64_t staff, const char *decision)
{
        int64_t task = town_ask(t, "SELECT id FROM task WHERE instance = ?1@int AND state = 'open'", instance);

        assert_true(task > 0);
        enum error_code code = town_call_as(
            t, staff, ROLE_ANY, "", "tasks.complete",
            json_pack("{s:I,s:{s:s,s:s}}", "task", (json_int_t)task, "outcome", "decision", decision, "note", "因为"), NULL);
        if (code == SB_OK)
                town_work(t);
        return code;
}

static void finding_print(void *ctx, const struct audit_finding *f)
{
        (void)ctx;
        print_error("audit: %d %s %.*s %.*s: %.*s, found %.*s\n", (int)f->code, f->table, (int)f->key.n, f->key.p,
                    (int)f->field.n, f->field.p, (int)f->expected.n, f->expected.p, (int)f->found.n, f->found.p);
}

void town_audit(struct town *t)
{
        struct audit_options options = {.keys = t->house.keys};
        struct audit_result result;

        assert_ok(audit_run(&result, t->house.store, &options, finding_print, NULL, &t->err), t->err);
        assert_true(result.checks > 0);
        assert_int_equal(result.findings, 0);
        assert_int_equal(town_count(t, "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS @int) FROM ledger_posting"), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM (SELECT txn FROM ledger_posting GROUP BY home, txn, pool HAVING "
                                       "SUM(amount_fen) <> 0) x"),
                         0);
}

int64_t town_pool(struct town *t)
{
        return town_count(t, "SELECT id FROM pool WHERE code = 'YS-EP'");
}

int64_t town_whole(const json_t *o, const char *name)
{
        const json_t *v = json_object_get(o, name);

        if (!json_is_integer(v))
                fail_msg("no whole number %s", name);
        return json_integer_value(v);
}

fen_t town_money(const json_t *o, const char *name)
{
        const char *text = json_string_value(json_object_get(o, name));
        fen_t amount = 0;

        if (text == NULL || money_parse(&amount, str_from(text), NULL) != 0)
                fail_msg("no money %s", name);
        return amount;
}

struct counting {
        const char *sql;
        int64_t about, value;
        bool asks;
};

static int count_read(struct tx *tx, void *ctx, struct error *err)
{
        struct counting *c = ctx;
        struct stmt *q;
        int rc = c->asks ? tx_one(&q, tx, err, c->sql, "i", c->about) : tx_one(&q, tx, err, c->sql, "");

        c->value = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

int64_t town_count(struct town *t, const char *sql)
{
        struct counting c = {.sql = sql};

        assert_ok(store_read(t->house.store, count_read, &c, &t->err), t->err);
        return c.value;
}

int64_t town_ask(struct town *t, const char *sql, int64_t about)
{
        struct counting c = {.sql = sql, .about = about, .asks = true};

        assert_ok(store_read(t->house.store, count_read, &c, &t->err), t->err);
        return c.value;
}
