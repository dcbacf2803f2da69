/* SPDX-License-Identifier: Apache-2.0 */
#include "case/run.h"

#include "base/rng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A block should take about 50 ms; a worker that is silent for this long is believed dead. */
#define LEASE_US ((instant_t)30 * 1000000)
#define CURSOR_MAX ((size_t)64 << 10)

struct held { /* a run under lease, with what its row said */
        struct run run;
        struct hash pack;
        json_t *inputs;
        struct buf cursor;
        char kind[64], owner[40], state[16];
};

struct str run_phase(struct str cursor)
{
        const char *end = cursor.n == 0 ? NULL : memchr(cursor.p, ':', cursor.n);
        size_t n = end == NULL ? 0 : (size_t)(end - cursor.p);

        for (size_t i = 0; i < n; i++)
                if (cursor.p[i] < 'a' || cursor.p[i] > 'z')
                        return STR("");
        return (struct str){cursor.p, n};
}

int run_create(struct tx *tx, struct call *c, const char *kind, const char *title, const json_t *inputs,
               const struct hash *pack, int64_t id, struct error *err)
{
        static const struct hash none = {{0}};
        const struct hash *hash = pack == NULL ? &none : pack;
        struct buf text;

        buf_init(&text, JSON_MAX_BYTES);
        int rc = json_canonical(&text, inputs, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO run (home, id, kind, title, inputs, pack_hash, state, total, done, failed, cursor, result, "
                    "error, "
                    "created_by, created_at, started_at, ended_at, lease_owner, lease_until, version) VALUES (?1@int, ?2@int, "
                    "?3@text, ?4@text, ?5@text, ?6@blob, 'queued', 0, 0, 0, '', NULL, NULL, ?7@int, ?8@int, 0, 0, NULL, 0, 1)",
                    "iitttbii", (int64_t)c->house->home, id, kind, title, buf_text(&text), hash_str(hash), c->who.staff,
                    clock_now(c->house->clock));
        buf_dispose(&text);
        return rc;
}

int run_progress(struct tx *tx, const struct run *r, struct str cursor, int64_t total, int64_t done_add, int64_t failed_add,
                 struct error *err)
{
        char id[24];
        int64_t changed = 0;

        assert(done_add >= 0 && failed_add >= 0 && total >= 0);
        int rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE run SET cursor = ?4@text, total = ?5@int, done = done + ?6@int, failed = failed + ?7@int, "
            "lease_until = ?8@int, version = version + 1 WHERE home = ?1@int AND id = ?2@int AND lease_owner = ?3@text "
            "AND state = 'running'",
            "iitsiiii", (int64_t)r->home, r->id, r->owner, cursor, total, done_add, failed_add,
            clock_now(r->house->clock) + LEASE_US);
        if (rc == 0 && changed != 1)
                rc = error_raise(err, SB_CASE_RUN_LOST, "%s", text_format(id, sizeof id, "%lld", (long long)r->id));
        return rc;
}

int run_result(struct tx *tx, const struct run *r, const json_t *result, struct error *err)
{
        struct buf text;

        buf_init(&text, JSON_MAX_BYTES);
        int rc = json_canonical(&text, result, err);
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE run SET result = ?3@text WHERE home = ?1@int AND id = ?2@int", "iit",
                             (int64_t)r->home, r->id, buf_text(&text));
        buf_dispose(&text);
        return rc;
}

static void held_dispose(struct held *h)
{
        json_decref(h->inputs);
        buf_dispose(&h->cursor);
}

struct lease {
        struct house *house;
        int64_t id; /* 0: any that waits */
        const struct run_kind *const *kinds;
        struct held *held;
        bool taken, unknown;
};

static const struct run_kind *kind_find(const struct run_kind *const *kinds, const char *kind)
{
        for (size_t i = 0; kinds[i] != NULL; i++)
                if (strcmp(kinds[i]->kind, kind) == 0)
                        return kinds[i];
        return NULL;
}

/* Read the row into held. 1, or 0 when there is none. */
static int held_read(struct tx *tx, struct lease *l, int64_t id, struct error *err)
{
        struct held *h = l->held;
        struct stmt *q;

        int rc = tx_one(
            &q, tx, err,
            "SELECT kind, inputs, pack_hash, total, done, failed, cursor, created_by, state FROM run WHERE home = ?1@int AND "
            "id = ?2@int",
            "ii", (int64_t)l->house->home, id);
        if (rc <= 0)
                return rc;
        text_copy(h->kind, sizeof h->kind, stmt_text(q, 0));
        (void)hash_take(&h->pack, stmt_blob(q, 2));
        buf_clear(&h->cursor);
        buf_add_str(&h->cursor, stmt_text(q, 6));
        text_copy(h->state, sizeof h->state, stmt_text(q, 8));
        json_decref(h->inputs);
        h->inputs = NULL;
        h->run = (struct run){.home = l->house->home,
                              .id = id,
                              .kind = h->kind,
                              .total = stmt_int(q, 3),
                              .done = stmt_int(q, 4),
                              .failed = stmt_int(q, 5),
                              .created_by = stmt_int(q, 7),
                              .pack = &h->pack,
                              .house = l->house,
                              .owner = h->owner};
        rc = json_read(&h->inputs, stmt_text(q, 1), err);
        h->run.inputs = h->inputs;
        h->run.cursor = (struct str){buf_text(&h->cursor), h->cursor.n};
        return rc < 0 ? rc : 1;
}

static int lease_take(struct tx *tx, struct lease *l, int64_t id, struct error *err)
{
        instant_t now = clock_now(l->house->clock);
        int64_t changed = 0;

        int rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE run SET state = 'running', lease_owner = ?3@text, lease_until = ?4@int, started_at = CASE WHEN "
            "started_at = 0 THEN ?5@int ELSE started_at END, version = version + 1 WHERE home = ?1@int AND id = ?2@int "
            "AND (state = 'queued' OR (state = 'running' AND lease_until < ?5@int))",
            "iitii", (int64_t)l->house->home, id, l->held->owner, now + LEASE_US, now);
        if (rc < 0)
                return rc;
        l->taken = changed == 1;
        rc = held_read(tx, l, id, err);
        l->unknown = rc == 0;
        return rc < 0 ? rc : 0;
}

static int lease_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct lease *l = ctx;
        struct stmt *q = NULL;
        int64_t candidates[32];
        int n = 0;

        l->taken = l->unknown = false;
        if (l->id != 0)
                return lease_take(tx, l, l->id, err);
        int rc = tx_query(
            &q, tx, err,
            "SELECT id, kind FROM run WHERE home = ?1@int AND (state = 'queued' OR (state = 'running' AND lease_until < "
            "?2@int)) ORDER BY created_at, id LIMIT 32",
            "ii", (int64_t)l->house->home, clock_now(l->house->clock));
        while ((rc = row_next(rc, q, err)) == 1) {
                char kind[64];
                text_copy(kind, sizeof kind, stmt_text(q, 1));
                if (kind_find(l->kinds, kind) != NULL)
                        candidates[n++] = stmt_int(q, 0);
        }
        for (int i = 0; rc == 0 && i < n && !l->taken; i++)
                rc = lease_take(tx, l, candidates[i], err);
        return rc;
}

struct ending {
        const struct held *held;
        const char *state;
        const char *error;
};

static int end_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct ending *e = ctx;
        const struct run *r = &e->held->run;

        return tx_exec(tx, err,
                       "UPDATE run SET state = ?4@text, error = ?5@text, ended_at = ?6@int, lease_owner = NULL, lease_until = "
                       "0, version = "
                       "version + 1 WHERE home = ?1@int AND id = ?2@int AND lease_owner = ?3@text AND state = 'running'",
                       "iittti", (int64_t)r->home, r->id, r->owner, e->state, e->error, clock_now(r->house->clock));
}

/* The program ends: whoever comes next goes on at the cursor, without waiting for the lease. */
static int put_back_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct run *r = ctx;

        return tx_exec(tx, err,
                       "UPDATE run SET state = 'queued', lease_owner = NULL, lease_until = 0, version = version + 1 WHERE home "
                       "= ?1@int AND "
                       "id = ?2@int AND lease_owner = ?3@text AND state = 'running'",
                       "iit", (int64_t)r->home, r->id, r->owner);
}

static bool stopping(const struct house *h)
{
        return h->stopping != NULL && atomic_load(h->stopping);
}

/* The run failed: its row tells the error, its rows stay, and it may be resumed once the cause is mended. */
static int run_fail(struct held *h, const struct error *why, struct error *err)
{
        char text[1400], name[8], whole[1440];
        struct ending e = {.held = h, .state = "failed"};

        text_format(whole, sizeof whole, "%s %s", error_name(why->code, name), error_text(why, LANG_EN, text, sizeof text));
        e.error = whole;
        return store_write(h->run.house->store, end_apply, &e, err);
}

struct reread {
        struct lease lease;
        bool ours;
};

static int reread_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct reread *r = ctx;
        int rc = held_read(tx, &r->lease, r->lease.held->run.id, err);

        r->ours = rc == 1 && strcmp(r->lease.held->state, "running") == 0;
        return rc < 0 ? rc : 0;
}

/* Blocks until the end, a pause, or a failure. */
static int blocks_work(struct lease *l, run_progress_fn *progress, void *ctx, struct error *err)
{
        struct held *h = l->held;
        const struct run_kind *kind = kind_find(l->kinds, h->kind);
        enum run_result more = RUN_MORE;
        double start = clock_monotonic();
        int64_t done_before = h->run.done;
        struct error fault = {0};
        int rc = 0;

        if (kind == NULL)
                rc = error_raise(&fault, SB_CASE_RUN_KIND, "%s", h->kind);
        while (rc == 0) {
                rc = kind->block(l->house, &h->run, &more, &fault);
                if (rc == 0 && more == RUN_DONE)
                        break;
                if (rc == 0 && stopping(l->house))
                        return store_write(l->house->store, put_back_apply, &h->run, err);
                struct reread again = {.lease = *l};
                if (rc == 0)
                        rc = store_read(l->house->store, reread_apply, &again, &fault);
                if (rc == 0 && !again.ours)
                        return 0; /* paused or cancelled meanwhile: what was done stays */
                double seconds = clock_monotonic() - start;
                if (rc == 0 && progress != NULL)
                        progress(ctx, run_phase(h->run.cursor), h->run.done, h->run.total,
                                 seconds > 0 ? (double)(h->run.done - done_before) / seconds : 0);
        }
        if (rc < 0 && fault.code == SB_CASE_RUN_LOST)
                return 0;
        if (rc < 0) {
                run_fail(h, &fault, NULL);
                error_hand(err, &fault);
                return rc;
        }
        struct ending e = {.held = h, .state = "done"};
        return store_write(l->house->store, end_apply, &e, err);
}

static void owner_new(char out[40])
{
        unsigned char raw[16];

        random_bytes(raw, sizeof raw);
        for (size_t i = 0; i < sizeof raw; i++)
                text_format(out + 2 * i, 3, "%02x", raw[i]);
}

static int run_lease_work(struct lease *l, run_progress_fn *progress, void *ctx, struct error *err)
{
        struct held held = {.inputs = NULL};
        char id[24];

        buf_init(&held.cursor, CURSOR_MAX);
        owner_new(held.owner);
        l->held = &held;
        int rc = store_write(l->house->store, lease_apply, l, err);
        text_format(id, sizeof id, "%lld", (long long)l->id);
        if (rc == 0 && l->id != 0 && l->unknown)
                rc = error_raise(err, SB_CASE_RUN_UNKNOWN, "%s", id);
        else if (rc == 0 && l->id != 0 && !l->taken)
                rc = error_raise(err, SB_CASE_RUN_STATE, "%s|%s", id, held.state);
        if (rc == 0 && l->taken)
                rc = blocks_work(l, progress, ctx, err);
        held_dispose(&held);
        return rc;
}

int run_work(struct house *h, const struct run_kind *const *kinds, int64_t id, run_progress_fn *progress, void *ctx,
             struct error *err)
{
        struct lease l = {.house = h, .id = id, .kinds = kinds};

        assert(id > 0);
        return run_lease_work(&l, progress, ctx, err);
}

int run_work_any(struct house *h, const struct run_kind *const *kinds, bool *worked, struct error *err)
{
        struct lease l = {.house = h, .kinds = kinds};
        int rc = run_lease_work(&l, NULL, NULL, err);

        *worked = l.taken;
        for (size_t i = 0; rc == 0 && !*worked && kinds[i] != NULL; i++)
                if (kinds[i]->settle != NULL)
                        rc = kinds[i]->settle(h, worked, err);
        return rc;
}

struct takeover {
        struct house *house;
        int64_t id, changed;
};

static int takeover_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct takeover *t = ctx;

        return tx_exec_changed(
            tx, &t->changed, err,
            "UPDATE run SET lease_until = 0, version = version + 1 WHERE home = ?1@int AND id = ?2@int AND state = "
            "'running'",
            "ii", (int64_t)t->house->home, t->id);
}

int run_takeover(struct house *h, int64_t id, struct error *err)
{
        struct takeover t = {.house = h, .id = id};
        char text[24];
        int rc = store_write(h->store, takeover_apply, &t, err);

        if (rc == 0 && t.changed == 0)
                rc = error_raise(err, SB_CASE_RUN_STATE, "%s|%s", text_format(text, sizeof text, "%lld", (long long)id),
                                 ERROR_BOTH("not running", "未在执行"));
        return rc;
}
