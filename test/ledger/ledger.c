/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger on both engines: cases at the boundaries, then random transactions whose laws must
 * hold.
 */
#include "ledger/ledger.h"
#include "base/rng.h"
#include "support/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { HOME = 1, POOL = 10, OTHER = 11, DAY = 20000 };

struct world {
        struct store *s;
        struct ids *ids;
        struct error err;
};

static struct world fresh(void **state)
{
        struct world w = {.s = test_store_new(*(enum test_engine *)*state)};
        if (!w.s) {
                skip();
        }
        assert_int_equal(ids_open(&w.ids, w.s, HOME, 1000, &w.err), 0);
        return w;
}

static void end(struct world *w)
{
        ids_close(w->ids);
        store_close(w->s);
}

struct post {
        struct ids *ids;
        struct ledger_transaction t;
};

static int post(struct tx *tx, void *ctx, struct error *err)
{
        struct post *p = ctx;
        if (p->t.id == 0) {
                int rc = ids_next(p->ids, &p->t.id, err);
                if (rc != 0) {
                        return rc;
                }
        }
        return ledger_post(tx, p->ids, &p->t, err);
}

static struct post entry(struct world *w, const struct posting *postings, size_t count, day_t day)
{
        return (struct post){.ids = w->ids,
                             .t = {.home = HOME,
                                   .month = month_of(day),
                                   .day = day,
                                   .kind = "test",
                                   .ref_kind = "run",
                                   .ref_id = 1,
                                   .at = 1,
                                   .postings = postings,
                                   .count = count}};
}

struct question {
        int64_t pool;
        enum ledger_kind kind;
        day_t day;
        fen_t balance;
};

static int ask(struct tx *tx, void *ctx, struct error *err)
{
        struct question *q = ctx;
        return ledger_balance(tx, HOME, q->pool, q->kind, q->day, &q->balance, err);
}

static fen_t balance(struct world *w, int64_t pool, enum ledger_kind kind, day_t day)
{
        struct question q = {.pool = pool, .kind = kind, .day = day};
        assert_int_equal(store_read(w->s, ask, &q, &w->err), 0);
        return q.balance;
}

struct seal {
        struct ids *ids;
        day_t before;
};

static int seal_days(struct tx *tx, void *ctx, struct error *err)
{
        struct seal *x = ctx;
        return ledger_seal(tx, x->ids, HOME, x->before, 7, err);
}

static void test_postings_must_balance(void **state)
{
        struct world w = fresh(state);
        const struct posting bad[] = {{POOL, LEDGER_BANK, 100}, {POOL, LEDGER_FUND, -99}};
        const struct posting zero[] = {{POOL, LEDGER_BANK, 0}, {POOL, LEDGER_FUND, 0}};
        const struct posting over[] = {{POOL, LEDGER_BANK, INT64_MAX}, {POOL, LEDGER_BANK, INT64_MAX}, {POOL, LEDGER_FUND, 2}};
        const struct posting least[] = {{POOL, LEDGER_BANK, INT64_MIN}, {POOL, LEDGER_FUND, INT64_MIN}};
        const struct {
                const struct posting *p;
                size_t n;
                enum error_code code;
        } cases[] = {
            {bad, 2, SB_LEDGER_UNBALANCED},  {bad, 1, SB_LEDGER_UNBALANCED},
            {bad, 0, SB_LEDGER_UNBALANCED},  {zero, 2, SB_LEDGER_ZERO},
            {over, 3, SB_LEDGER_UNBALANCED}, {least, 2, SB_LEDGER_UNBALANCED}, /* it has no opposite */
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct error err = {0};
                struct post p = entry(&w, cases[i].p, cases[i].n, DAY);
                assert_int_equal(store_write(w.s, post, &p, &err), ERR);
                assert_int_equal(err.code, cases[i].code);
        }
        assert_int_equal(balance(&w, POOL, LEDGER_BANK, DAY_END), 0);
        end(&w);
}

static void test_the_same_transaction_is_posted_once(void **state)
{
        struct world w = fresh(state);
        const struct posting p2[] = {{POOL, LEDGER_BANK, 100}, {POOL, LEDGER_FUND, -100}};
        struct post p = entry(&w, p2, 2, DAY);
        assert_int_equal(store_write(w.s, post, &p, &w.err), 0);
        assert_int_equal(store_write(w.s, post, &p, &w.err), ERR);
        assert_int_equal(w.err.code, SB_STORE_UNIQUE);
        w.err = (struct error){0};
        assert_int_equal(balance(&w, POOL, LEDGER_BANK, DAY_END), 100);
        assert_int_equal(balance(&w, POOL, LEDGER_FUND, DAY), -100);
        assert_int_equal(balance(&w, POOL, LEDGER_FUND, DAY - 1), 0);
        end(&w);
}

static void test_sealed_days_take_nothing(void **state)
{
        struct world w = fresh(state);
        const struct posting p2[] = {{POOL, LEDGER_BANK, 100}, {POOL, LEDGER_FUND, -100}};
        struct seal x = {w.ids, DAY + 1};
        struct post p = entry(&w, p2, 2, DAY);
        assert_int_equal(store_write(w.s, post, &p, &w.err), 0);
        assert_int_equal(store_write(w.s, seal_days, &x, &w.err), 0);
        assert_int_equal(store_write(w.s, seal_days, &x, &w.err), 0);
        p = entry(&w, p2, 2, DAY);
        assert_int_equal(store_write(w.s, post, &p, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_SEALED);
        w.err = (struct error){0};
        p = entry(&w, p2, 2, DAY + 1);
        assert_int_equal(store_write(w.s, post, &p, &w.err), 0);
        assert_int_equal(balance(&w, POOL, LEDGER_BANK, DAY), 100);
        assert_int_equal(balance(&w, POOL, LEDGER_BANK, DAY_END), 200);
        end(&w);
}

struct personal {
        struct ids *ids;
        int64_t person, account;
        struct personal_entry entries[200];
        size_t count;
        fen_t balance;
        int64_t version;
};

static int open_account(struct tx *tx, void *ctx, struct error *err)
{
        struct personal *p = ctx;
        return personal_account_open(tx, p->ids, HOME, p->person, "pension", POOL, &p->account, err);
}

static int add_entries(struct tx *tx, void *ctx, struct error *err)
{
        struct personal *p = ctx;
        int rc = 0;
        for (size_t i = 0; rc == 0 && i < p->count; i++) {
                rc = personal_account_add(tx, p->ids, &p->entries[i], err);
        }
        return rc;
}

static int add_at_once(struct tx *tx, void *ctx, struct error *err)
{
        struct personal *p = ctx;
        return personal_account_add_many(tx, p->ids, p->entries, p->count, err);
}

static int look(struct tx *tx, void *ctx, struct error *err)
{
        struct personal *p = ctx;
        return personal_account_balance(tx, HOME, p->account, &p->balance, &p->version, err);
}

static void test_personal_accounts(void **state)
{
        struct world w = fresh(state);
        struct personal p = {.ids = w.ids, .person = 5, .count = 1};
        assert_int_equal(store_write(w.s, open_account, &p, &w.err), 0);
        int64_t account = p.account;
        assert_int_equal(store_write(w.s, open_account, &p, &w.err), 0);
        assert_int_equal(p.account, account);
        p.entries[0] = (struct personal_entry){
            .home = HOME, .month = 24000, .account = account, .transaction = 1, .kind = "contribution", .amount = 500, .at = 1};
        assert_int_equal(store_write(w.s, add_entries, &p, &w.err), 0);
        p.entries[0].amount = -501;
        assert_int_equal(store_write(w.s, add_entries, &p, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_OVERDRAWN);
        w.err = (struct error){0};
        assert_int_equal(store_write(w.s, add_at_once, &p, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_OVERDRAWN);
        w.err = (struct error){0};
        p.entries[0].amount = 0;
        assert_int_equal(store_write(w.s, add_entries, &p, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_ZERO);
        w.err = (struct error){0};
        p.entries[0].amount = -500;
        assert_int_equal(store_write(w.s, add_at_once, &p, &w.err), 0);
        assert_int_equal(store_read(w.s, look, &p, &w.err), 0);
        assert_int_equal(p.balance, 0);
        assert_int_equal(p.version, 2);
        p.entries[0].account = account + 1000000;
        p.entries[0].amount = 1;
        assert_int_equal(store_write(w.s, add_entries, &p, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_ACCOUNT);
        end(&w);
}

static void test_many_entries_at_once(void **state)
{
        struct world w = fresh(state);
        struct personal p = {.ids = w.ids, .count = 200};
        int64_t accounts[70];
        fen_t expected[70] = {0};
        for (int i = 0; i < 70; i++) {
                p.person = 100 + i;
                assert_int_equal(store_write(w.s, open_account, &p, &w.err), 0);
                accounts[i] = p.account;
        }
        for (int i = 0; i < 200; i++) {
                p.entries[i] = (struct personal_entry){.home = HOME,
                                                       .month = 24000 + i % 3,
                                                       .account = accounts[(i * 37) % 70],
                                                       .transaction = 1,
                                                       .kind = "contribution",
                                                       .amount = 1000 + i,
                                                       .at = 1};
                expected[(i * 37) % 70] += 1000 + i;
        }
        assert_int_equal(store_write(w.s, add_at_once, &p, &w.err), 0);
        for (int i = 0; i < 70; i++) {
                p.account = accounts[i];
                assert_int_equal(store_read(w.s, look, &p, &w.err), 0);
                assert_int_equal(p.balance, expected[i]);
                assert_int_equal(p.version, 1);
        }
        /* One that cannot be taken, among many: nothing is. */
        p.count = 40;
        for (int i = 0; i < 40; i++) {
                p.entries[i] = (struct personal_entry){.home = HOME,
                                                       .month = 24000,
                                                       .account = accounts[i],
                                                       .transaction = 2,
                                                       .kind = "pension",
                                                       .amount = i == 20 ? -1000000 : -10,
                                                       .at = 1};
        }
        assert_int_equal(store_write(w.s, add_at_once, &p, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_OVERDRAWN);
        char text[32];
        text_format(text, sizeof text, "%lld", (long long)accounts[20]);
        assert_string_equal(w.err.args, text);
        w.err = (struct error){0};
        p.account = accounts[0];
        assert_int_equal(store_read(w.s, look, &p, &w.err), 0);
        assert_int_equal(p.balance, expected[0]);
        end(&w);
}

struct opening {
        struct ids *ids;
        struct personal_opening o[50];
};

static int open_at_once(struct tx *tx, void *ctx, struct error *err)
{
        struct opening *x = ctx;
        return personal_account_open_many(tx, x->ids, HOME, 9, "opening", x->o, 50, 1, err);
}

static void test_accounts_opened_at_once(void **state)
{
        struct world w = fresh(state);
        struct opening x = {.ids = w.ids};
        for (int i = 0; i < 50; i++) {
                x.o[i] = (struct personal_opening){
                    .person = i + 1, .scheme = "pension", .pool = POOL, .month = 24000, .amount = i * 100};
        }
        assert_int_equal(store_write(w.s, open_at_once, &x, &w.err), 0);
        for (int i = 0; i < 50; i++) {
                struct personal p = {.ids = w.ids, .person = i + 1};
                assert_int_equal(store_write(w.s, open_account, &p, &w.err), 0);
                assert_int_equal(p.account, x.o[i].account);
                assert_int_equal(store_read(w.s, look, &p, &w.err), 0);
                assert_int_equal(p.balance, i * 100);
                assert_int_equal(p.version, i > 0);
        }
        assert_int_equal(store_write(w.s, open_at_once, &x, &w.err), ERR);
        assert_int_equal(w.err.code, SB_STORE_UNIQUE);
        end(&w);
}

/* What an account of so many fen, or of none, is asked to take at once. */
static enum error_code taken(struct world *w, int64_t account, fen_t a, fen_t b, bool many)
{
        struct personal p = {.ids = w->ids, .count = b == 0 ? 1 : 2};
        for (size_t i = 0; i < p.count; i++) {
                p.entries[i] = (struct personal_entry){.home = HOME,
                                                       .month = 24000,
                                                       .account = account,
                                                       .transaction = 1,
                                                       .kind = "test",
                                                       .amount = i == 0 ? a : b,
                                                       .at = 1};
        }
        w->err = (struct error){0};
        return store_write(w->s, many ? add_at_once : add_entries, &p, &w->err) == 0 ? SB_OK : w->err.code;
}

static void test_amounts_that_no_account_takes(void **state)
{
        struct world w = fresh(state);
        struct personal p = {.ids = w.ids, .person = 5};
        assert_int_equal(store_write(w.s, open_account, &p, &w.err), 0);
        int64_t account = p.account;
        for (int many = 0; many < 2; many++) {
                assert_int_equal(taken(&w, account, 0, 0, many), SB_LEDGER_ZERO);
                assert_int_equal(taken(&w, account, INT64_MIN, 0, many), SB_LEDGER_ZERO);
                assert_int_equal(taken(&w, account, 5, INT64_MIN, many), SB_LEDGER_ZERO);
                assert_int_equal(taken(&w, account + 1000000, 5, 0, many), SB_LEDGER_ACCOUNT);
        }
        assert_int_equal(taken(&w, account, INT64_MAX, 1, true), SB_OVERFLOW);
        assert_int_equal(taken(&w, account, INT64_MIN / 2, INT64_MIN / 2, true), SB_OVERFLOW);
        assert_int_equal(taken(&w, account, INT64_MIN / 2, INT64_MIN / 2 - 1, true), SB_OVERFLOW);
        /* A balance that overflows is refused by the database, and stays. */
        assert_int_equal(taken(&w, account, INT64_MAX, 0, false), SB_OK);
        assert_true(taken(&w, account, 1, 0, false) != SB_OK);
        assert_true(taken(&w, account, 1, 1, true) != SB_OK);
        assert_int_equal(taken(&w, account, INT64_MIN + 1, 0, true), SB_OK); /* all of it */
        w.err = (struct error){0};
        assert_int_equal(store_read(w.s, look, &p, &w.err), 0);
        assert_int_equal(p.balance, 0);
        assert_int_equal(p.version, 2);
        /* Nothing at all is nothing; an account that is not there is told. */
        p.count = 0;
        assert_int_equal(store_write(w.s, add_at_once, &p, &w.err), 0);
        p.account = 77;
        assert_int_equal(store_read(w.s, look, &p, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_ACCOUNT);
        end(&w);
}

/* One of many that is refused is named, be it because it is not there. */
static void test_who_refuses_of_many_is_named(void **state)
{
        struct world w = fresh(state);
        struct personal p = {.ids = w.ids, .count = 40};
        char text[32];
        for (int i = 0; i < 40; i++) {
                p.person = 100 + i;
                assert_int_equal(store_write(w.s, open_account, &p, &w.err), 0);
                p.entries[i] = (struct personal_entry){.home = HOME,
                                                       .month = 24000,
                                                       .account = p.account,
                                                       .transaction = 2,
                                                       .kind = "contribution",
                                                       .amount = 10,
                                                       .at = 1};
        }
        p.entries[7].account += 1000000;
        assert_int_equal(store_write(w.s, add_at_once, &p, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_ACCOUNT);
        assert_string_equal(w.err.args, text_format(text, sizeof text, "%lld", (long long)p.entries[7].account));
        p.entries[7].account -= 1000000;
        w.err = (struct error){0};
        assert_int_equal(store_write(w.s, add_at_once, &p, &w.err), 0);
        p.entries[3].amount = -11; /* one fen more than there is */
        assert_int_equal(store_write(w.s, add_at_once, &p, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_OVERDRAWN);
        assert_string_equal(w.err.args, text_format(text, sizeof text, "%lld", (long long)p.entries[3].account));
        end(&w);
}

static int open_less_than_nothing(struct tx *tx, void *ctx, struct error *err)
{
        struct personal_opening o[2] = {{.person = 1, .scheme = "pension", .pool = POOL, .amount = 5},
                                        {.person = 2, .scheme = "pension", .pool = POOL, .amount = -1}};
        int rc = personal_account_open_many(tx, ctx, HOME, 9, "opening", o, 0, 1, err);
        return rc != 0 ? rc : personal_account_open_many(tx, ctx, HOME, 9, "opening", o, 2, 1, err);
}

static void test_sums_that_overflow(void **state)
{
        struct world w = fresh(state);
        const struct posting large[] = {{POOL, LEDGER_BANK, INT64_MAX}, {POOL, LEDGER_FUND, -INT64_MAX}};
        struct question q = {.pool = POOL, .kind = LEDGER_BANK, .day = DAY_END};
        struct seal x = {w.ids, DAY + 1};
        assert_int_equal(store_write(w.s, open_less_than_nothing, w.ids, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_OVERDRAWN);
        w.err = (struct error){0};
        for (int day = 0; day < 2; day++) {
                struct post p = entry(&w, large, 2, DAY + day);
                assert_int_equal(store_write(w.s, post, &p, &w.err), 0);
        }
        assert_int_equal(store_read(w.s, ask, &q, &w.err), ERR);
        assert_int_equal(w.err.code, SB_STORE_SQL); /* the database could not add them up */
        w.err = (struct error){0};
        assert_int_equal(store_write(w.s, seal_days, &x, &w.err), 0);
        assert_int_equal(balance(&w, POOL, LEDGER_BANK, DAY), INT64_MAX);
        assert_int_equal(store_read(w.s, ask, &q, &w.err), ERR);
        assert_int_equal(w.err.code, SB_OVERFLOW);
        w.err = (struct error){0};
        x.before = DAY + 2;
        assert_int_equal(store_write(w.s, seal_days, &x, &w.err), ERR);
        assert_int_equal(w.err.code, SB_OVERFLOW);
        w.err = (struct error){0};
        x.before = DAY + 1;
        assert_int_equal(store_write(w.s, seal_days, &x, &w.err), 0); /* sealed already */
        assert_int_equal(balance(&w, POOL, LEDGER_BANK, DAY), INT64_MAX);
        end(&w);
}

struct reverse {
        struct ids *ids;
        int64_t transaction, reversal;
        day_t day;
};

static int reverse(struct tx *tx, void *ctx, struct error *err)
{
        struct reverse *r = ctx;
        return ledger_reverse(tx, r->ids, HOME, r->transaction, r->day, 0, 9, &r->reversal, err);
}

static void test_reversal(void **state)
{
        struct world w = fresh(state);
        const struct posting p3[] = {{POOL, LEDGER_BANK, 100}, {POOL, LEDGER_FUND, -60}, {POOL, LEDGER_PERSONAL, -40}};
        struct post t = entry(&w, p3, 3, DAY);
        struct personal a = {.ids = w.ids, .person = 5, .count = 1};
        assert_int_equal(store_write(w.s, post, &t, &w.err), 0);
        assert_int_equal(store_write(w.s, open_account, &a, &w.err), 0);
        a.entries[0] = (struct personal_entry){.home = HOME,
                                               .month = 24000,
                                               .account = a.account,
                                               .transaction = t.t.id,
                                               .kind = "contribution",
                                               .amount = 40,
                                               .at = 1};
        assert_int_equal(store_write(w.s, add_entries, &a, &w.err), 0);
        struct reverse r = {.ids = w.ids, .transaction = t.t.id, .day = DAY + 3};
        assert_int_equal(store_write(w.s, reverse, &r, &w.err), 0);
        assert_true(r.reversal > 0);
        assert_int_equal(balance(&w, POOL, LEDGER_BANK, DAY + 2), 100);
        assert_int_equal(balance(&w, POOL, LEDGER_BANK, DAY_END), 0);
        assert_int_equal(balance(&w, POOL, LEDGER_PERSONAL, DAY_END), 0);
        assert_int_equal(store_read(w.s, look, &a, &w.err), 0);
        assert_int_equal(a.balance, 0);
        assert_int_equal(a.version, 2);
        int64_t reversal = r.reversal;
        assert_int_equal(store_write(w.s, reverse, &r, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_REVERSED);
        w.err = (struct error){0};
        r.transaction = reversal;
        assert_int_equal(store_write(w.s, reverse, &r, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_REVERSAL);
        w.err = (struct error){0};
        r.transaction = 99999999;
        assert_int_equal(store_write(w.s, reverse, &r, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_UNKNOWN);
        end(&w);
}

static void test_reversal_of_money_that_is_spent(void **state)
{
        struct world w = fresh(state);
        const struct posting p2[] = {{POOL, LEDGER_BANK, 40}, {POOL, LEDGER_PERSONAL, -40}};
        struct post t = entry(&w, p2, 2, DAY);
        struct personal a = {.ids = w.ids, .person = 5, .count = 2};
        assert_int_equal(store_write(w.s, post, &t, &w.err), 0);
        assert_int_equal(store_write(w.s, open_account, &a, &w.err), 0);
        a.entries[0] = (struct personal_entry){.home = HOME,
                                               .month = 24000,
                                               .account = a.account,
                                               .transaction = t.t.id,
                                               .kind = "contribution",
                                               .amount = 40,
                                               .at = 1};
        a.entries[1] = a.entries[0];
        a.entries[1].transaction = 12345;
        a.entries[1].amount = -1;
        assert_int_equal(store_write(w.s, add_entries, &a, &w.err), 0);
        struct reverse r = {.ids = w.ids, .transaction = t.t.id, .day = DAY + 3};
        assert_int_equal(store_write(w.s, reverse, &r, &w.err), ERR);
        assert_int_equal(w.err.code, SB_LEDGER_OVERDRAWN);
        assert_int_equal(balance(&w, POOL, LEDGER_BANK, DAY_END), 40);
        end(&w);
}

/* Random transactions over pools, kinds and days, now and then sealed and reversed, against plain
 * sums. */

enum { DAYS = 30, KINDS = 9, POOLS = 3 };

struct model {
        fen_t sums[POOLS][KINDS + 1][DAYS]; /* of the day */
};

static fen_t model_balance(const struct model *m, int pool, int kind, int day)
{
        fen_t sum = 0;
        for (int d = 0; d <= day && d < DAYS; d++) {
                sum += m->sums[pool][kind][d];
        }
        return sum;
}

static size_t random_postings(struct rng *r, struct posting out[8])
{
        size_t n = 2 + rng_below(r, 6);
        fen_t sum = 0;
        for (size_t i = 0; i < n; i++) {
                fen_t amount = rng_between(r, -1000000, 1000000);
                amount = amount == 0 ? 1 : amount;
                if (i == n - 1) {
                        amount = -sum;
                } else if (sum + amount == 0 && i == n - 2) {
                        amount += 1;
                }
                out[i] = (struct posting){POOL + rng_below(r, POOLS), (enum ledger_kind)(1 + rng_below(r, KINDS)), amount};
                sum += amount;
        }
        return out[n - 1].amount == 0 ? 0 : n;
}

static void check_model(struct world *w, const struct model *m, struct rng *r)
{
        for (int i = 0; i < 20; i++) {
                int pool = (int)rng_below(r, POOLS), kind = 1 + (int)rng_below(r, KINDS), day = (int)rng_below(r, DAYS);
                assert_int_equal(balance(w, POOL + pool, (enum ledger_kind)kind, DAY + day), model_balance(m, pool, kind, day));
        }
}

static void add_to_model(struct model *m, const struct posting *p, size_t n, int day, int sign)
{
        for (size_t k = 0; k < n; k++) {
                m->sums[p[k].pool - POOL][p[k].kind][day] += sign * p[k].amount;
        }
}

static void random_run(struct world *w, uint64_t seed)
{
        static struct model m;
        struct {
                int64_t id;
                struct posting p[8];
                size_t n;
                bool reversed;
        } done[120];
        struct rng r = rng_new(seed, 0);
        int sealed = 0, count = 0;
        memset(&m, 0, sizeof m);
        for (int i = 0; i < 120; i++) {
                int day = sealed + (int)rng_below(&r, (uint32_t)(DAYS - sealed));
                struct posting p[8];
                size_t n = random_postings(&r, p);
                struct post t = entry(w, p, n, DAY + day);
                if (n == 0) {
                        continue;
                }
                assert_int_equal(store_write(w->s, post, &t, &w->err), 0);
                add_to_model(&m, p, n, day, 1);
                done[count].id = t.t.id;
                done[count].n = n;
                done[count].reversed = false;
                memcpy(done[count++].p, p, sizeof p);
                if (rng_below(&r, 4) == 0) {
                        uint32_t k = rng_below(&r, (uint32_t)count);
                        struct reverse x = {.ids = w->ids, .transaction = done[k].id, .day = DAY + day};
                        struct error err = {0};
                        int rc = store_write(w->s, reverse, &x, &err);
                        assert_int_equal(rc, done[k].reversed ? ERR : 0);
                        if (rc == 0) {
                                add_to_model(&m, done[k].p, done[k].n, day, -1);
                                done[k].reversed = true;
                        }
                }
                if (rng_below(&r, 20) == 0 && sealed < DAYS - 5) {
                        sealed += (int)rng_below(&r, 4);
                        struct seal x = {w->ids, DAY + sealed};
                        assert_int_equal(store_write(w->s, seal_days, &x, &w->err), 0);
                        check_model(w, &m, &r);
                }
        }
        check_model(w, &m, &r);
        fen_t all = 0;
        for (int p = 0; p < POOLS; p++) {
                for (int k = 1; k <= KINDS; k++) {
                        all += balance(w, POOL + p, (enum ledger_kind)k, DAY_END);
                }
        }
        assert_int_equal(all, 0);
}

static void test_random_transactions(void **state)
{
        for (uint64_t seed = 1; seed <= 5; seed++) {
                struct world w = fresh(state);
                random_run(&w, seed);
                end(&w);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(test_postings_must_balance),
            TEST_ON_BOTH(test_the_same_transaction_is_posted_once),
            TEST_ON_BOTH(test_sealed_days_take_nothing),
            TEST_ON_BOTH(test_personal_accounts),
            TEST_ON_BOTH(test_many_entries_at_once),
            TEST_ON_BOTH(test_accounts_opened_at_once),
            TEST_ON_BOTH(test_amounts_that_no_account_takes),
            TEST_ON_BOTH(test_who_refuses_of_many_is_named),
            TEST_ON_BOTH(test_sums_that_overflow),
            TEST_ON_BOTH(test_reversal),
            TEST_ON_BOTH(test_reversal_of_money_that_is_spent),
            TEST_ON_BOTH(test_random_transactions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
