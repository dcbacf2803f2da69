/* SPDX-License-Identifier: Apache-2.0
 *
 * Who can change what without a trace? Nobody, also not with SQL: in a demonstration city each column of each table that the schema has is
 * changed, a row taken away, a row forged, on a connection that is not this program's; the sums of the tables tell it, or the table is in
 * left_out.def with the reason. Nor can who has SQL but not the key make the sums right again. The tables are taken from the catalogue.
 */
#include "office/audit/audit.h"
#include "office/audit/tables.h"
#include "support/pg.h"
#include "testing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEED = 3, TABLES = 200, COLUMNS = 60, A_MONTH = 24400 };

static enum test_engine engine;

struct column {
        char name[48];
        char type; /* i t b r */
        int key;   /* place in the primary key, 0 none */
};
struct table {
        char name[64];
        struct column columns[COLUMNS];
        int count;
};
struct schema {
        struct table *tables;
        int count;
};

static int schema_read(struct tx *tx, void *ctx, struct error *err)
{
        struct schema *s = ctx;
        struct stmt *q = NULL;
        const char *sqlite =
            "SELECT m.name, p.name, p.type, p.pk FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = "
            "'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, p.cid";
        const char *postgresql =
            "SELECT CAST(c.relname AS @text), CAST(a.attname AS @text), format_type(a.atttypid, -1), "
            "CAST(COALESCE(array_position(i.indkey::smallint[], a.attnum), -1) + 1 AS @int) FROM pg_class c JOIN pg_attribute "
            "a "
            "ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_index i ON i.indrelid = c.oid AND "
            "i.indisprimary WHERE "
            "c.relnamespace = to_regnamespace(current_schema()) AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY "
            "c.relname, a.attnum";
        int rc = tx_query(&q, tx, err, engine == TEST_SQLITE ? sqlite : postgresql, "");
        while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                struct str name = stmt_text(q, 0), type = stmt_text(q, 2);
                if (s->count == 0 || !str_is(name, s->tables[s->count - 1].name)) {
                        assert_true(s->count < TABLES);
                        s->tables[s->count] = (struct table){.count = 0};
                        text_copy(s->tables[s->count].name, sizeof s->tables[0].name, name);
                        s->count++;
                }
                struct table *t = &s->tables[s->count - 1];
                assert_true(t->count < COLUMNS);
                struct column *c = &t->columns[t->count++];
                text_copy(c->name, sizeof c->name, stmt_text(q, 1));
                c->type = str_is(type, "INTEGER") || str_is(type, "bigint")          ? 'i'
                          : str_is(type, "TEXT") || str_is(type, "text")             ? 't'
                          : str_is(type, "REAL") || str_is(type, "double precision") ? 'r'
                                                                                     : 'b';
                c->key = (int)stmt_int(q, 3);
                rc = 0;
        }
        return rc;
}

/* A row that nobody wrote before; number makes it another one. */
static void forged(const struct table *t, int number, char *sql, size_t size)
{
        text_format(sql, size, "INSERT INTO \"%s\" VALUES (", t->name);
        for (int i = 0; i < t->count; i++) {
                size_t n = strlen(sql);
                const char *comma = i > 0 ? ", " : "";
                switch (t->columns[i].type) {
                case 'i': /* tables that are kept by months have one for it (setup) */
                        text_format(sql + n, size - n, "%s%d", comma,
                                    strcmp(t->columns[i].name, "month") == 0 ? A_MONTH : 77000000 + number);
                        break;
                case 't':
                        text_format(sql + n, size - n, "%s'forged %d'", comma, number);
                        break;
                case 'r':
                        text_format(sql + n, size - n, "%s%d.5", comma, number);
                        break;
                default:
                        text_format(sql + n, size - n, "%sCAST('forged %d' AS @blob)", comma, number);
                }
        }
        text_format(sql + strlen(sql), size - strlen(sql), ")");
}

/* " WHERE (k1, k2) = (SELECT k1, k2 FROM t ORDER BY k1, k2 LIMIT 1)": one row. */
static void one_row(const struct table *t, char *out, size_t size)
{
        char keys[512] = "";
        for (int k = 1; k < COLUMNS; k++) {
                for (int i = 0; i < t->count; i++) {
                        if (t->columns[i].key == k) {
                                size_t n = strlen(keys);
                                text_format(keys + n, sizeof keys - n, "%s\"%s\"", n > 0 ? ", " : "", t->columns[i].name);
                        }
                }
        }
        text_format(out, size, " WHERE (%s) = (SELECT %s FROM \"%s\" ORDER BY %s LIMIT 1)", keys, keys, t->name, keys);
}

static void changed(const struct table *t, const struct column *c, char *sql, size_t size)
{
        char where[1200];
        one_row(t, where, sizeof where);
        const char *to = c->type == 'i' ? "+ 1000003" : c->type == 't' ? "|| 'x'" : c->type == 'r' ? "+ 0.5" : NULL;
        if (to) {
                text_format(sql, size, "UPDATE \"%s\" SET \"%s\" = COALESCE(\"%s\", %s) %s%s", t->name, c->name, c->name,
                            c->type == 't' ? "''" : "0", to, where);
        } else {
                text_format(sql, size, "UPDATE \"%s\" SET \"%s\" = CAST('another' AS @blob)%s", t->name, c->name, where);
        }
}

struct trial {
        const struct store_guard *guard;
        const char *table, *sql;
        int64_t changed;
        int told;
        bool kept;
};

static void hear(void *ctx, const char *table, const char *what, int64_t expected, int64_t found)
{
        struct trial *t = ctx;
        (void)what;
        (void)expected;
        (void)found;
        t->told += t->table == NULL || strcmp(table, t->table) == 0;
}

/* A text is a key of the store's cache: it lives until the end. What begins and ends is one statement, for all its semicolons. */
static char *kept[8192];
static size_t kept_count;

static int script(struct tx *tx, void *ctx, struct error *err)
{
        const char *rest = ctx;
        int rc = 0;
        while (rc == 0 && *rest != '\0') {
                size_t n = strstr(rest, "BEGIN") ? strlen(rest) : strcspn(rest, ";");
                char *one = strndup(rest, n);
                assert_true(one != NULL && kept_count < sizeof kept / sizeof *kept);
                kept[kept_count++] = one;
                rc = tx_exec(tx, err, one, "");
                rest += n + (rest[n] == ';');
        }
        return rc;
}

static int try(struct tx *tx, void *ctx, struct error *err)
{
        struct trial *t = ctx;
        t->told = 0;
        int rc = t->sql ? script(tx, (void *)(uintptr_t)t->sql, err) : 0;
        rc = rc ? rc : store_guard_check(tx, t->guard, t->table, hear, t, &t->kept, err);
        return rc == 0 ? error_raise(err, SB_OVERFLOW, "%s", "roll back") : rc;
}

/* How many findings; the change is rolled back. -1: the database refuses it. */
static int told_of(struct store *s, struct trial *t)
{
        struct error err = {0};
        char text[512];
        store_write(s, try, t, &err);
        if (err.code == SB_STORE_UNIQUE || err.code == SB_STORE_CONSTRAINT) {
                return -1;
        }
        if (err.code != SB_OVERFLOW) {
                fail_msg("%s: %s", t->sql, error_text(&err, LANG_EN, text, sizeof text));
        }
        assert_true(t->kept);
        return t->told;
}

static bool left_out(const char *table)
{
        static const char *const out[] = {
#define LEFT_OUT(name, why) #name,
#include "office/audit/left_out.def"
#undef LEFT_OUT
        };
        for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
                if (strcmp(out[i], table) == 0) {
                        return true;
                }
        }
        return strcmp(table, "table_digest") == 0 || strcmp(table, "table_change") == 0; /* they have a test of their own */
}

static void city(char url[256])
{
        const char *shebao = getenv("SHEBAO_BINARY");
        char seed[16];
        int status = -1;
        assert_non_null(shebao);
        assert_non_null(test_store_url(engine, url));
        text_format(seed, sizeof seed, "%d", SEED);
        pid_t pid = fork();
        if (pid == 0) {
                int quiet = open("/dev/null", O_WRONLY);
                dup2(quiet, STDOUT_FILENO);
                dup2(quiet, STDERR_FILENO);
                execl(shebao, shebao, "demo", "--db", url, "--persons", "60", "--seed", seed, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
}

struct place {
        char url[256];
        struct keyring *keys;
        struct store_guard guard;
        struct store *ours, *theirs; /* with the key; anybody's with SQL */
        struct schema schema;
};

/* A month of each table that is kept by months, for what is forged. */
static int months_made(struct tx *tx, void *ctx, struct error *err)
{
        static const char *const monthly[] = {"case_past", "task_past", "timer_past", "effect_past"};
        (void)ctx;
        int rc = 0;
        for (size_t i = 0; rc == 0 && i < sizeof monthly / sizeof *monthly; i++) {
                rc = store_month(tx, monthly[i], A_MONTH, err);
        }
        return rc;
}

static int setup(void **state)
{
        struct place *p = calloc(1, sizeof *p);
        struct error err = {0};
        struct store_options options = {.readers = 1};
        assert_non_null(p);
        city(p->url);
        p->schema.tables = calloc(TABLES, sizeof *p->schema.tables);
        assert_non_null(p->schema.tables);
        assert_ok(keyring_demo(&p->keys, SEED, &err), err);
        p->guard = audit_guard(p->keys);
        assert_ok(store_open(&p->ours, p->url, &options, &err), err);
        assert_ok(store_guard(p->ours, &p->guard, &err), err);
        assert_ok(store_open(&p->theirs, p->url, &options, &err), err);
        assert_ok(store_read(p->theirs, schema_read, &p->schema, &err), err);
        assert_ok(store_write(p->ours, months_made, &p->schema, &err), err);
        /* A table that the city left empty gets a row as this program writes it. */
        for (int i = 0; i < p->schema.count; i++) {
                char sql[8192];
                if (!left_out(p->schema.tables[i].name)) {
                        forged(&p->schema.tables[i], i, sql, sizeof sql);
                        assert_ok(store_write(p->ours, script, sql, &err), err);
                }
        }
        *state = p;
        return 0;
}

static int teardown(void **state)
{
        struct place *p = *state;
        store_close(p->ours);
        store_close(p->theirs);
        while (kept_count > 0) {
                free(kept[--kept_count]);
        }
        keyring_free(p->keys);
        free(p->schema.tables);
        free(p);
        return 0;
}

static void test_what_the_program_writes_is_right(void **state)
{
        struct place *p = *state;
        struct trial t = {.guard = &p->guard};
        assert_true(p->schema.count > 60);
        assert_int_equal(told_of(p->theirs, &t), 0);
}

static void test_each_change_by_sql_is_told(void **state)
{
        struct place *p = *state;
        int tried = 0, refused = 0, missed = 0;
        char sql[8192], where[1200];
        for (int i = 0; i < p->schema.count; i++) {
                const struct table *t = &p->schema.tables[i];
                struct trial trial = {.guard = &p->guard, .table = t->name, .sql = sql};
                if (left_out(t->name)) {
                        continue;
                }
                for (int k = -2; k < t->count; k++) {
                        if (k == -2) {
                                forged(t, 5000 + i, sql, sizeof sql);
                        } else if (k == -1) {
                                one_row(t, where, sizeof where);
                                text_format(sql, sizeof sql, "DELETE FROM \"%s\"%s", t->name, where);
                        } else {
                                changed(t, &t->columns[k], sql, sizeof sql);
                        }
                        int told = told_of(p->theirs, &trial);
                        tried++;
                        refused += told < 0;
                        if (told == 0) {
                                missed++;
                                print_error("not told: %s\n", sql);
                        }
                }
        }
        print_message("%d changes of %d tables tried, %d refused by the database\n", tried, p->schema.count, refused);
        assert_int_equal(missed, 0);
        assert_true(refused * 20 < tried);
}

static void test_a_table_and_a_trigger_are_told(void **state)
{
        struct place *p = *state;
        static const char *const sqlite[][2] = {
            {"award", "CREATE TRIGGER quiet AFTER INSERT ON award BEGIN DELETE FROM timer; END"},
            {"award", "ALTER TABLE award ADD COLUMN more INTEGER NOT NULL DEFAULT 0"},
            {"receipt", "DROP TABLE receipt"},
            {"shadow", "CREATE TABLE shadow (id INTEGER PRIMARY KEY) STRICT; INSERT INTO shadow VALUES (1)"},
            {NULL},
        };
        static const char *const postgresql[][2] = {
            {"award", "CREATE TRIGGER quiet BEFORE UPDATE ON award FOR EACH ROW EXECUTE FUNCTION "
                      "suppress_redundant_updates_trigger()"},
            {"award", "ALTER TABLE award ADD COLUMN more bigint NOT NULL DEFAULT 0"},
            {"award", "ALTER TABLE award DISABLE TRIGGER shebao_changed"},
            {"award", "DROP TRIGGER shebao_changed ON award"},
            {"award",
             "CREATE OR REPLACE FUNCTION shebao_changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"},
            {"award", "ALTER TABLE award DISABLE TRIGGER ALL; UPDATE award SET total_fen = total_fen + 1; ALTER TABLE award "
                      "ENABLE TRIGGER ALL"},
            {"award", "CREATE RULE quiet AS ON DELETE TO award DO INSTEAD NOTHING"},
            {"award", "CREATE TABLE award_more () INHERITS (award)"},
            {"award", "TRUNCATE award"},
            {"case_past", "CREATE TRIGGER quiet BEFORE UPDATE ON case_past_203305 FOR EACH ROW EXECUTE FUNCTION "
                          "suppress_redundant_updates_trigger()"},
            {"case_past", "ALTER TABLE case_past_203305 DISABLE TRIGGER shebao_changed"},
            {"receipt", "DROP TABLE receipt"},
            {"shadow", "CREATE TABLE shadow (id bigint PRIMARY KEY); INSERT INTO shadow VALUES (1)"},
            {NULL},
        };
        const char *const(*tries)[2] = engine == TEST_SQLITE ? sqlite : postgresql;
        for (size_t i = 0; tries[i][0]; i++) {
                struct trial t = {.guard = &p->guard, .table = tries[i][0], .sql = tries[i][1]};
                if (told_of(p->theirs, &t) != 1) {
                        fail_msg("not told: %s", tries[i][1]);
                }
        }
}

/* Who changes the sums too, with everything known but the key. */
static void test_the_sums_cannot_be_made_right_again(void **state)
{
        struct place *p = *state;
        static const char *const tries[] = {
            "UPDATE table_digest SET row_count = row_count + 1 WHERE name = 'award'",
            "UPDATE table_digest SET total = CAST('00000000000000000000000000000000' AS @blob) WHERE name = 'award'",
            "UPDATE table_digest SET mac = CAST('00000000000000000000000000000000' AS @blob) WHERE name = 'award'",
            "UPDATE table_digest SET (mac, total, version) = (SELECT mac, total, version FROM table_digest WHERE name = "
            "'timer') "
            "WHERE name = 'award'",
            "DELETE FROM table_digest WHERE name = 'award'",
            "DELETE FROM table_digest WHERE name = ''",
            "DELETE FROM award; DELETE FROM table_digest WHERE name = 'award'",
            "UPDATE table_digest SET version = version - 1 WHERE name = ''",
            "INSERT INTO table_digest SELECT 'award2', version, row_count, total, shape, mac FROM table_digest LIMIT 1",
        };
        for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
                struct trial t = {.guard = &p->guard, .sql = tries[i]};
                if (told_of(p->theirs, &t) < 1) {
                        fail_msg("not told: %s", tries[i]);
                }
        }
}

/* PostgreSQL: what each transaction changed stands in a row of its own until it is brought into the sums. */
static void test_a_change_cannot_be_taken_away(void **state)
{
        struct place *p = *state;
        static const char *const tries[] = {
            "DELETE FROM table_change WHERE number = (SELECT MAX(number) - 3 FROM table_change)",
            "DELETE FROM table_change WHERE (stream, number) IN (SELECT stream, MIN(number) FROM table_change GROUP BY stream)",
            "DELETE FROM table_change",
            "UPDATE table_change SET body = '' WHERE number = (SELECT MAX(number) FROM table_change)",
            "UPDATE table_change SET mac = CAST('00000000000000000000000000000000' AS @blob) WHERE number = (SELECT "
            "MAX(number) "
            "FROM table_change)",
            "UPDATE table_change SET number = number + 1000000",
            "INSERT INTO table_change SELECT stream + 1, number, body, mac FROM table_change WHERE number = (SELECT "
            "MAX(number) FROM table_change)",
            "INSERT INTO table_change SELECT stream, number + 1, body, mac FROM table_change WHERE number = (SELECT "
            "MAX(number) FROM table_change)",
        };
        if (engine == TEST_SQLITE) {
                skip();
        }
        for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
                struct trial t = {.guard = &p->guard, .sql = tries[i]};
                if (told_of(p->theirs, &t) < 1) {
                        fail_msg("not told: %s", tries[i]);
                }
        }
}

static int settle(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return store_guard_settle(tx, err);
}

static void test_what_is_brought_in_stays_right(void **state)
{
        struct place *p = *state;
        struct error err = {0};
        struct trial t = {.guard = &p->guard};
        for (int i = 0; i < 3; i++) {
                assert_ok(store_write(p->ours, script,
                                      (void *)(uintptr_t) "UPDATE award SET version = version + 1; DELETE FROM inbox", &err),
                          err);
                assert_int_equal(told_of(p->theirs, &t), 0);
                assert_ok(store_write(p->ours, settle, NULL, &err), err);
                assert_int_equal(told_of(p->theirs, &t), 0);
        }
        t.sql = "DELETE FROM table_change; UPDATE award SET version = version - 1";
        assert_true(told_of(p->theirs, &t) > 0);
}

struct accept {
        const char *sql, *table;
};

static int forge_and_accept(struct tx *tx, void *ctx, struct error *err)
{
        struct accept *a = ctx;
        int rc = a->sql ? script(tx, (void *)(uintptr_t)a->sql, err) : 0;
        return rc ? rc : store_guard_accept(tx, a->table, err);
}

static void test_another_key_makes_nothing_right(void **state)
{
        struct place *p = *state;
        struct error err = {0};
        struct keyring *others = NULL;
        struct store *s = NULL;
        struct trial t = {.guard = &p->guard};
        struct accept forge = {"UPDATE award SET total_fen = total_fen + 100", "award"}, right = {NULL, "award"};
        assert_ok(keyring_demo(&others, SEED + 1, &err), err);
        struct store_guard g = audit_guard(others);
        assert_ok(store_open(&s, p->url, NULL, &err), err);
        assert_ok(store_guard(s, &g, &err), err);
        if (engine == TEST_POSTGRESQL) { /* their key fits nothing that is kept */
                assert_error(store_write(s, forge_and_accept, &forge, &err), err, SB_STORE_CHANGES);
                err = (struct error){0};
                assert_ok(store_write(s, script, (void *)(uintptr_t)forge.sql, &err), err);
        } else {
                assert_ok(store_write(s, forge_and_accept, &forge, &err), err);
        }
        store_close(s);
        keyring_free(others);
        assert_true(told_of(p->theirs, &t) > 0);
        /* Whoever has the key may take it as it is, and says so in the trail. */
        struct accept changes = {NULL, "table_change"};
        if (engine == TEST_POSTGRESQL) { /* theirs stands among the changes: it is taken first */
                assert_error(store_write(p->ours, forge_and_accept, &right, &err), err, SB_STORE_CHANGES);
                err = (struct error){0};
                assert_ok(store_write(p->ours, forge_and_accept, &changes, &err), err);
        }
        assert_ok(store_write(p->ours, forge_and_accept, &right, &err), err);
        for (int i = 0; i < p->schema.count; i++) { /* their connection wrote sums of other tables too */
                right.table = p->schema.tables[i].name;
                assert_ok(store_write(p->ours, forge_and_accept, &right, &err), err);
        }
        assert_int_equal(told_of(p->theirs, &t), 0);
}

/* An older state, sums and all, is genuine; the anchors say that there was a later one (test/cmd/anchors.sh). A closure that fails, and one
 * whose group goes on, leave the sums right. */
static int fails(struct tx *tx, void *ctx, struct error *err)
{
        int rc = script(tx, ctx, err);
        return rc ? rc : error_raise(err, SB_OVERFLOW, "%s", "");
}

static void test_what_did_not_happen_is_not_summed(void **state)
{
        struct place *p = *state;
        struct error err = {0};
        struct trial t = {.guard = &p->guard};
        assert_error(store_write(p->ours, fails, (void *)(uintptr_t) "DELETE FROM ticket; UPDATE award SET version = 9", &err),
                     err, SB_OVERFLOW);
        assert_ok(
            store_write(p->ours, script, (void *)(uintptr_t) "UPDATE award SET version = version + 1; DELETE FROM inbox", &err),
            err);
        assert_int_equal(told_of(p->theirs, &t), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_what_the_program_writes_is_right),
            cmocka_unit_test(test_each_change_by_sql_is_told),
            cmocka_unit_test(test_a_table_and_a_trigger_are_told),
            cmocka_unit_test(test_the_sums_cannot_be_made_right_again),
            cmocka_unit_test(test_a_change_cannot_be_taken_away),
            cmocka_unit_test(test_what_is_brought_in_stays_right),
            cmocka_unit_test(test_what_did_not_happen_is_not_summed),
            cmocka_unit_test(test_another_key_makes_nothing_right),
        };
        char url[256];
        int failed = cmocka_run_group_tests_name("sqlite", tests, setup, teardown);
        engine = TEST_POSTGRESQL;
        return test_store_url(engine, url) ? failed + cmocka_run_group_tests_name("postgresql", tests, setup, teardown)
                                           : failed;
}
