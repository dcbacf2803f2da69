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

enum { SEED = 3, TABLES = 200, COLUMNS = 60 };

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
        int rc =
            tx_query(&q, tx, err,
                     "SELECT m.name, p.name, p.type, p.pk FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = "
                     "'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, p.cid",
                     "");
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
                c->type = str_is(type, "INTEGER") ? 'i' : str_is(type, "TEXT") ? 't' : str_is(type, "REAL") ? 'r' : 'b';
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
                case 'i':
                        text_format(sql + n, size - n, "%s%d", comma, 77000000 + number);
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

/* A text is a key of the store's cache: it lives until the end. A trigger is one statement, for all its semicolons. */
static char *kept[8192];
static size_t kept_count;

static int script(struct tx *tx, void *ctx, struct error *err)
{
        const char *rest = ctx;
        int rc = 0;
        while (rc == 0 && *rest != '\0') {
                size_t n = strstr(rest, "TRIGGER") ? strlen(rest) : strcspn(rest, ";");
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
        return strcmp(table, "table_digest") == 0; /* its rows have a test of their own */
}

static void city(char url[256])
{
        const char *shebao = getenv("SHEBAO_BINARY");
        char seed[16];
        int status = -1;
        assert_non_null(shebao);
        assert_non_null(test_store_url(TEST_SQLITE, url));
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
        static const char *const tries[][2] = {
            {"award", "CREATE TRIGGER quiet AFTER INSERT ON award BEGIN DELETE FROM timer; END"},
            {"award", "ALTER TABLE award ADD COLUMN more INTEGER NOT NULL DEFAULT 0"},
            {"receipt", "DROP TABLE receipt"},
            {"shadow", "CREATE TABLE shadow (id INTEGER PRIMARY KEY) STRICT; INSERT INTO shadow VALUES (1)"},
        };
        for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
                struct trial t = {.guard = &p->guard, .table = tries[i][0], .sql = tries[i][1]};
                assert_int_equal(told_of(p->theirs, &t), 1);
        }
}

/* Who changes the sums too, with everything known but the key. */
static void test_the_sums_cannot_be_made_right_again(void **state)
{
        struct place *p = *state;
        static const char *const tries[] = {
            "UPDATE table_digest SET row_count = row_count + 1 WHERE name = 'award'",
            "UPDATE table_digest SET total = zeroblob(32) WHERE name = 'award'",
            "UPDATE table_digest SET mac = zeroblob(32) WHERE name = 'award'",
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
        assert_ok(store_write(s, forge_and_accept, &forge, &err), err);
        store_close(s);
        keyring_free(others);
        assert_true(told_of(p->theirs, &t) > 0);
        /* Whoever has the key may take it as it is, and says so in the trail. */
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
            cmocka_unit_test(test_what_did_not_happen_is_not_summed),
            cmocka_unit_test(test_another_key_makes_nothing_right),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
