/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports on both engines: what goes in, what comes back and why, dry runs, broken CSV, GB18030, files that
 * change, and a run that is cut off between blocks and goes on without losing or repeating a row.
 */
#include "office/town.h"

#include "office/desk/desk.h"
#include "office/import/block.h"
#include "office/registry/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct verb *const TABLES[] = {registry_verbs, import_verbs, desk_verbs, NULL};
static const struct run_kind *const KINDS[] = {&import_run, NULL};

static int pool_put(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(
            tx, err,
            "INSERT INTO pool (id, code, scheme, territory, home, name_zh, name_en, valid_from, valid_to) VALUES (1, 'EP', "
            "'EP', '990000', 1, '养老', 'Pension', 0, 2932896)",
            "");
}

static struct town *fresh(void **state)
{
        struct town *t = town_new(*(enum test_engine *)*state, TABLES);

        if (t == NULL)
                skip();
        assert_ok(store_write(t->house.store, pool_put, NULL, &t->err), t->err);
        return t;
}

static const char *file_put(const char *name, const char *bytes, size_t n)
{
        static char path[512];

        text_format(path, sizeof path, "%s/%s", test_scratch(), name);
        assert_ok(file_write(path, bytes, n, NULL), (struct error){0});
        return path;
}

static enum error_code create(struct town *t, const char *kind, const char *path, bool dry, const char *encoding, int64_t *run)
{
        struct call c = {.house = &t->house, .who = {.staff = 1, .office = 1, .roles = ROLE_ANY}};
        struct import_request q = {.kind = kind, .path = path, .encoding = encoding, .dry_run = dry};

        error_clear(&t->err);
        return import_create(&c, &q, run, &t->err) == 0 ? SB_OK : t->err.code;
}

static int64_t import(struct town *t, const char *kind, const char *text, bool dry)
{
        int64_t run = 0;

        assert_int_equal(create(t, kind, file_put("in.csv", text, strlen(text)), dry, "utf-8", &run), SB_OK);
        assert_ok(run_work(&t->house, KINDS, run, NULL, NULL, &t->err), t->err);
        return run;
}

static void expect_faults(struct town *t, int64_t run, const char *expected)
{
        struct buf out;

        buf_init(&out, 1 << 20);
        assert_true(import_faults_text(&t->house, run, LANG_EN, 100, &out, &t->err) >= 0);
        /* Only place and code are compared: the texts may be worded better one day. */
        char *text = strdup(buf_text(&out)), *to = text;
        for (const char *p = buf_text(&out); *p != '\0';) {
                const char *code = strstr(p, "SB-");
                size_t n = (size_t)(code - p) + 7;
                memmove(to, p, n);
                to += n;
                *to++ = '\n';
                p = strchr(p, '\n') + 1;
        }
        *to = '\0';
        assert_string_equal(text, expected);
        free(text);
        buf_dispose(&out);
}

static char *person_line(char *out, size_t size, const char *name, int serial, const char *category)
{
        char first[24], id[24];

        text_format(first, sizeof first, "99010119%02d%02d%02d%03d", 50 + serial / 1000 % 40, 1 + serial % 12, 1 + serial % 28,
                    serial / 12 % 1000);
        return text_format(out, size, "%s,%s,%s\r\n", name, town_id(first, id), category);
}

static void persons(void **state)
{
        struct town *t = fresh(state);
        char good[128], text[2048];

        person_line(good, sizeof good, "王小明", 12, "male"); /* serial/12 = 1: odd, a man */
        text_format(text, sizeof text,
                    "name,id_number,category\r\n%s李四,990101199002301239,male\r\n%s,123,male\r\n\"张\n三\",990101198001011235,"
                    "male\r\n",
                    good, "赵五");
        int64_t run = import(t, "persons", text, false);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person"), 1);
        expect_faults(t, run, "line 3, id_number: SB-0019\nline 4, id_number: SB-0019\nline 5, name: SB-0607\n");
        /* The same file again: the good row is there already, and the text of it does not lie open. */
        run = import(t, "persons", text, false);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person"), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM run_fault WHERE line = 2 AND code = 605"), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM run_fault WHERE record LIKE '%王%' OR args LIKE '%990101%'"), 0);
        struct buf csv;
        buf_init(&csv, 1 << 20);
        assert_ok(import_rejected(&t->house, run, LANG_EN, &csv, &t->err), t->err);
        assert_non_null(strstr(buf_text(&csv), "name,id_number,category,line,error\r\n"));
        assert_non_null(strstr(buf_text(&csv), "赵五,123,male,4,"));
        assert_non_null(strstr(buf_text(&csv), "王小明,"));
        buf_dispose(&csv);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM audit_row WHERE verb = 'import.block'"), 2);
        town_free(t);
}

static void found_after_import(void **state)
{
        struct town *t = fresh(state);
        char line[128], text[1024];
        json_t *out = NULL;

        text_format(text, sizeof text, "name,id_number,category\n%s",
                    person_line(line, sizeof line, "欧阳䶮𬭚", 12, "male"));
        import(t, "persons", text, false);
        assert_int_equal(town_call(t, "desk.search", json_pack("{s:s}", "q", "䶮𬭚"), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        json_decref(out);
        town_free(t);
}

static void dry_run(void **state)
{
        struct town *t = fresh(state);
        char a[128], text[1024];

        person_line(a, sizeof a, "王小明", 12, "male");
        text_format(text, sizeof text, "name,id_number,category\n%s%sx\n", a, a);
        int64_t run = import(t, "persons", text, true);
        expect_faults(t, run, "line 3, id_number: SB-0644\nline 4: SB-0011\n");
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person"), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM inbox"), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM audit_row WHERE verb = 'import.block'"), 0);
        town_free(t);
}

static void refused_at_once(void **state)
{
        struct town *t = fresh(state);
        int64_t run;

        assert_int_equal(create(t, "wishes", "/dev/null", false, "utf-8", &run), SB_IMPORT_KIND);
        assert_int_equal(create(t, "persons", "/nowhere/at.csv", false, "utf-8", &run), SB_IO);
        assert_int_equal(create(t, "persons", file_put("h.csv", "name,number\n", 12), false, "utf-8", &run), SB_IMPORT_COLUMN);
        assert_int_equal(create(t, "persons", file_put("e.csv", "", 0), false, "utf-8", &run), SB_CSV_SYNTAX);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM run"), 0);
        town_free(t);
}

static void broken_csv(void **state)
{
        struct town *t = fresh(state);
        char a[128], b[128], text[2048];

        person_line(a, sizeof a, "王小明", 12, "male");
        person_line(b, sizeof b, "王大明", 36, "male");
        text_format(text, sizeof text, "name,id_number,category\n%s\"王\"x,1,male\n%s\"never closed,2,male\n", a, b);
        int64_t run = import(t, "persons", text, false);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person"), 2);
        expect_faults(t, run, "line 3: SB-0011\nline 5: SB-0011\n");
        town_free(t);
}

static void gb18030(void **state)
{
        struct town *t = fresh(state);
        struct buf bytes;
        char a[128], text[1024];
        json_t *out = NULL;
        int64_t run;

        buf_init(&bytes, 65536);
        text_format(text, sizeof text, "name,id_number,category\n%s", person_line(a, sizeof a, "李䶮𬭚", 12, "male"));
        assert_ok(text_to_gb18030(&bytes, str_from(text), &t->err), t->err);
        assert_int_equal(create(t, "persons", file_put("gb.csv", bytes.p, bytes.n), false, "gb18030", &run), SB_OK);
        assert_ok(run_work(&t->house, KINDS, run, NULL, NULL, &t->err), t->err);
        assert_int_equal(town_call(t, "desk.search", json_pack("{s:s}", "q", "李䶮𬭚"), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        json_decref(out);
        buf_dispose(&bytes);
        town_free(t);
}

static void history(void **state)
{
        struct town *t = fresh(state);
        char id[24], uscc[24], text[2048];
        int64_t person = town_person(t, "王小明", "99010119800101123", "male");

        town_employer(t, "云城第一机械厂", "91990101MA0000001", "990101");
        town_id("99010119800101123", id);
        town_uscc("91990101MA0000001", uscc);
        text_format(
            text, sizeof text,
            "id_number,uscc,from,to\n%s,%s,2001-01-01,2003-12-31\n%s,%s,2003-12-31,\n%s,%s,2004-01-01,\n%s,%s,2004-02-30,\n",
            id, uscc, id, uscc, id, uscc, id, uscc);
        int64_t run = import(t, "employments", text, false);
        expect_faults(t, run, "line 3, from: SB-0611\nline 5, from: SB-0007\n");
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM employment"), 2);
        text_format(text, sizeof text,
                    "id_number,scheme,from,to,base,uscc\n%s,EP,2001-01,2001-12,1000.00,%s\n%s,EP,2001-12,2002-12,1100.00,%s\n"
                    "%s,EP,2002-01,2002-12,1100.00,%s\n%s,XX,2003-01,2003-12,1.00,%s\n%s,EP,2003-01,2003-12,1.005,%s\n"
                    "%s,EP,2004-12,2004-01,1.00,%s\n",
                    id, uscc, id, uscc, id, uscc, id, uscc, id, uscc, id, uscc);
        run = import(t, "contributions", text, false);
        expect_faults(t, run, "line 3, from: SB-0630\nline 5, scheme: SB-0647\nline 6, base: SB-0006\nline 7, to: SB-0610\n");
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM contribution"), 2);
        text_format(text, sizeof text, "id_number,scheme,balance\n%s,EP,12345.67\n%s,EP,1.00\n%s,EP,-1.00\n", id, id, id);
        run = import(t, "balances", text, false);
        expect_faults(t, run, "line 3, id_number: SB-0644\nline 4, balance: SB-0628\n");
        assert_int_equal(town_count(t, "SELECT balance_fen FROM personal_account"), 1234567);
        assert_int_equal(town_count(t, "SELECT CAST(SUM(amount_fen) AS @int) FROM ledger_posting"), 0);
        assert_int_equal(town_count(t, "SELECT amount_fen FROM ledger_posting WHERE kind = 4"), -1234567);
        run = import(t, "balances", text, false);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM run_fault WHERE code = 649"), 2);
        assert_true(person > 0 && run > 0);
        town_free(t);
}

/* --- cut off --------------------------------------------------------------------------------------------------------------------- */

#define MANY 12000
static const char *many_persons(void)
{
        struct buf b;
        char line[128];

        buf_init(&b, (size_t)16 << 20);
        buf_add_text(&b, "name,id_number,category\n");
        for (int i = 0, n = 0; n < MANY; i++) {
                char first[24], id[24];
                /* Odd sequence numbers: men. */
                text_format(first, sizeof first, "99%04d19700101%03d", i / 500, 2 * (i % 500) + 1);
                text_format(line, sizeof line, "王小明,%s,male\n", town_id(first, id));
                buf_add_text(&b, line);
                n++;
        }
        const char *path = file_put("many.csv", b.p, b.n);
        buf_dispose(&b);
        return path;
}

/* A worker whose house stops after each block: the run is put back, and the next worker goes on at the cursor. */
static int one_block(struct town *t, int64_t run, char state[16])
{
        atomic_bool stop = true;
        t->house.stopping = &stop;
        int rc = run_work(&t->house, KINDS, run, NULL, NULL, &t->err);
        t->house.stopping = NULL;
        text_copy(state, 16, town_count(t, "SELECT COUNT(*) FROM run WHERE state = 'done'") == 1 ? STR("done") : STR("queued"));
        return rc;
}

static void found_by_name(struct town *t, const char *name, size_t count)
{
        json_t *out = NULL;

        assert_int_equal(town_call(t, "desk.search", json_pack("{s:s}", "q", name), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), count);
        json_decref(out);
}

static void resumed(void **state)
{
        struct town *t = fresh(state);
        char at[16] = "";
        int64_t run, waited = 0, phase = 0, steps = 0;

        assert_int_equal(create(t, "persons", many_persons(), false, "utf-8", &run), SB_OK);
        for (; strcmp(at, "done") != 0; steps++) {
                assert_true(steps < 100);
                assert_ok(one_block(t, run, at), t->err);
                phase += town_count(t, "SELECT COUNT(*) FROM run WHERE cursor LIKE 'names:%' AND state = 'queued'");
                waited += town_count(t, "SELECT COUNT(*) FROM name_key_pending") > 0;
        }
        assert_true(phase > 2 && waited > 2);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person"), MANY);
        assert_int_equal(town_count(t, "SELECT done FROM run"), MANY);
        assert_int_equal(town_count(t, "SELECT total FROM run"), MANY);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM name_key_pending"), 0);
        /* Everybody has the same name, so each key stands once for each of them. */
        int64_t keys = town_count(t, "SELECT COUNT(DISTINCT key) FROM name_key");
        assert_true(keys >= 5);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM name_key"), keys * MANY);
        assert_true(town_count(t, "SELECT COUNT(*) FROM audit_row WHERE verb = 'import.block'") > 1);
        town_free(t);
}

/* Keys that a correction wrote while they waited do not stop the merge. */
static int keys_before(struct tx *tx, void *ctx, struct error *err)
{
        struct town *t = ctx;
        int64_t keys[NAME_KEYS_MAX];
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT MIN(id) FROM person", "");
        int64_t person = rc == 1 ? stmt_int(q, 0) : 0;

        return rc < 0 ? rc
                      : name_keys_add(tx, t->house.home, NAME_PERSON, person, keys,
                                      name_keys(t->house.keys, STR("欧阳小明"), keys), err);
}

static void corrected_while_names_wait(void **state)
{
        struct town *t = fresh(state);
        char line[128], text[1024], at[16];
        int64_t run;

        text_format(text, sizeof text, "name,id_number,category\n%s", person_line(line, sizeof line, "欧阳小明", 12, "male"));
        const char *path = file_put("waits.csv", text, strlen(text));
        assert_int_equal(create(t, "persons", path, false, "utf-8", &run), SB_OK);
        assert_ok(one_block(t, run, at), t->err);
        assert_string_equal(at, "queued");
        assert_true(town_count(t, "SELECT COUNT(*) FROM name_key_pending") > 0);
        found_by_name(t, "欧阳小明", 0);
        assert_ok(store_write(t->house.store, keys_before, t, &t->err), t->err);
        assert_ok(one_block(t, run, at), t->err);
        assert_string_equal(at, "done");
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM name_key_pending"), 0);
        found_by_name(t, "欧阳小明", 1);
        town_free(t);
}

static int cancel(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(tx, err, "UPDATE run SET state = 'cancelled'", "");
}

/* What a cancelled run wrote is found by name too, once a worker has nothing else to do. */
static void cancelled_while_names_wait(void **state)
{
        struct town *t = fresh(state);
        char line[128], text[1024], at[16];
        int64_t run;
        bool worked = false;

        text_format(text, sizeof text, "name,id_number,category\n%s", person_line(line, sizeof line, "欧阳小明", 12, "male"));
        const char *path = file_put("waits.csv", text, strlen(text));
        assert_int_equal(create(t, "persons", path, false, "utf-8", &run), SB_OK);
        assert_ok(one_block(t, run, at), t->err);
        assert_ok(store_write(t->house.store, cancel, NULL, &t->err), t->err);
        assert_ok(run_work_any(&t->house, KINDS, &worked, &t->err), t->err);
        assert_true(worked);
        found_by_name(t, "欧阳小明", 1);
        assert_ok(run_work_any(&t->house, KINDS, &worked, &t->err), t->err);
        assert_false(worked);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(persons),
            TEST_ON_BOTH(found_after_import),
            TEST_ON_BOTH(dry_run),
            TEST_ON_BOTH(refused_at_once),
            TEST_ON_BOTH(broken_csv),
            TEST_ON_BOTH(gb18030),
            TEST_ON_BOTH(history),
            TEST_ON_BOTH(resumed),
            TEST_ON_BOTH(corrected_while_names_wait),
            TEST_ON_BOTH(cancelled_while_names_wait),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
