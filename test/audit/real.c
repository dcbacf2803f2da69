/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ledger and the audit trail write in earnest, the auditor finds right: its own SQL and
 * formulas against theirs.
 */
#include "base/rng.h"
#include "case/case.h"
#include "ledger/ledger.h"
#include "office/audit/audit.h"
#include "support/pg.h"
#include "testing.h"

#include <string.h>

enum { HOME = 1, POOL = 10, PERSONS = 40, DAY = 20000 };

static int insert_people(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        int rc = tx_exec(tx, err,
                         "INSERT INTO pool (id, code, scheme, territory, home, name_zh, name_en, valid_from, "
                         "valid_to) VALUES (10, 'p', 'pension', '430000', 1, 'x', 'x', 0, 2932896)",
                         "");
        for (int64_t i = 1; rc == 0 && i <= PERSONS; i++) {
                rc = tx_exec(tx, err,
                             "INSERT INTO person (home, id, state, key_wrapped, version, created_at) VALUES "
                             "(1, ?1@int, 'active', ?2@blob, 1, 0)",
                             "ib", i, STR("k"));
                if (rc == 0) {
                        rc = tx_exec(tx, err,
                                     "INSERT INTO person_fact (home, id, person, sex, birth_day, death_day, "
                                     "category, "
                                     "sealed, valid_from, valid_to, known_from, known_to, source) VALUES "
                                     "(1, ?1@int, "
                                     "?1@int, 1, 0, 2932896, 'male', ?2@blob, 0, 2932896, 0, 1, 't')",
                                     "ib", i, STR("s"));
                }
                if (rc == 0) {
                        char index[16];
                        text_format(index, sizeof index, "%d", (int)i);
                        rc = tx_exec(tx, err,
                                     "INSERT INTO directory (id_index, home, person) VALUES "
                                     "(?1@blob, 1, ?2@int)",
                                     "bi", str_from(index), i);
                }
        }
        return rc;
}

struct step {
        struct house *house;
        struct rng rng;
        int64_t ids[64];
        int count;
        bool reverse, seal;
        day_t day;
};

/* A declaration's worth of money: fund and accounts of some persons, opened as they come. */
static int post_some(struct tx *tx, struct step *s, struct error *err)
{
        struct personal_entry entries[PERSONS];
        fen_t personal = 0, fund = rng_between(&s->rng, 1, 100000);
        struct call c = {.house = s->house, .who = {.staff = 7, .office = 3}};
        size_t n = 1 + rng_below(&s->rng, PERSONS - 1);
        int64_t id = 0;
        int rc = ids_next(s->house->ids, &id, err);
        for (size_t i = 0; rc == 0 && i < n; i++) {
                entries[i] = (struct personal_entry){.home = HOME,
                                                     .month = month_of(s->day),
                                                     .transaction = id,
                                                     .kind = "contribution",
                                                     .amount = rng_between(&s->rng, 1, 5000),
                                                     .at = 1};
                personal += entries[i].amount;
                rc = personal_account_open(tx, s->house->ids, HOME, 1 + rng_below(&s->rng, PERSONS), "pension", POOL,
                                           &entries[i].account, err);
        }
        struct posting p[] = {
            {POOL, LEDGER_BANK, fund + personal}, {POOL, LEDGER_FUND, -fund}, {POOL, LEDGER_PERSONAL, -personal}};
        struct ledger_transaction t = {.home = HOME,
                                       .month = month_of(s->day),
                                       .id = id,
                                       .day = s->day,
                                       .kind = "test",
                                       .ref_kind = "run",
                                       .ref_id = 1,
                                       .at = 1,
                                       .postings = p,
                                       .count = 3};
        if (rc == 0) {
                rc = ledger_post(tx, s->house->ids, &t, err);
        }
        if (rc == 0) {
                rc = personal_account_add_many(tx, s->house->ids, entries, n, err);
        }
        if (rc == 0) {
                rc = audit_add(tx, &c, "test.post", "run", id, NULL, err);
                s->ids[s->count++] = id;
        }
        return rc;
}

static int step(struct tx *tx, void *ctx, struct error *err)
{
        struct step *s = ctx;
        if (s->seal) {
                return ledger_seal(tx, s->house->ids, HOME, s->day, 5, err);
        }
        if (s->reverse) {
                return ledger_reverse(tx, s->house->ids, HOME, s->ids[--s->count], s->day, 7, 9, &s->ids[63], err);
        }
        return post_some(tx, s, err);
}

static void nothing_found(void *ctx, const struct audit_finding *f)
{
        (void)ctx;
        print_error("%d %s %.*s: %.*s, %.*s\n", (int)f->code, f->table, (int)f->key.n, f->key.p, (int)f->expected.n,
                    f->expected.p, (int)f->found.n, f->found.p);
}

static void test_ledger_and_trail_are_found_right(void **state)
{
        struct house h = {.store = test_store_new(*(enum test_engine *)*state), .home = HOME};
        struct error err = {0};
        struct audit_result result;
        int sealed = 0;
        if (!h.store) {
                skip();
        }
        h.clock = clock_virtual(day_instant(DAY));
        assert_ok(keyring_demo(&h.keys, 1, &err), err);
        assert_ok(ids_open(&h.ids, h.store, HOME, 100, &err), err);
        assert_ok(store_write(h.store, insert_people, NULL, &err), err);
        struct step s = {.house = &h, .rng = rng_new(3, 0), .day = DAY};
        for (int i = 0; i < 40; i++) {
                s.reverse = i % 5 == 4;
                s.seal = i % 13 == 12;
                s.day += i % 3 == 0;
                clock_advance(h.clock, 3600000000);
                assert_ok(store_write(h.store, step, &s, &err), err);
                if (i % 9 == 8) {
                        assert_ok(audit_seal(&h, clock_now(h.clock) + 1, &sealed, &err), err);
                }
        }
        struct audit_options options = {.keys = h.keys};
        assert_ok(audit_run(&result, h.store, &options, nothing_found, NULL, &err), err);
        assert_int_equal(result.findings, 0);
        assert_true(sealed > 0);
        ids_close(h.ids);
        keyring_free(h.keys);
        clock_free(h.clock);
        store_close(h.store);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(test_ledger_and_trail_are_found_right),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
