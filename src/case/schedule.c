/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes that the clock begins, ex officio: a row for each pool and start event says when next; a case begins in the transaction
 * that moves the row to the period after, so that each period has one. Periods that passed while nobody worked begin late, one after
 * the other. Packs are looked at again every hour, and when one is put into force.
 */
#include "case/instance.h"

#include "case/pack_store.h"

#include <assert.h>
#include <string.h>

#define AGAIN_US ((instant_t)3600 * 1000000)
#define BATCH 8

struct due {
        struct house *h;
        int64_t ids[BATCH], id;
        int count;
        bool known; /* there is a row that says when packs are looked at */
        bool look;  /* now */
        const struct error *fault;
};

static int due_read(struct tx *tx, void *ctx, struct error *err)
{
        struct due *d = ctx;
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, process FROM schedule WHERE home = ?1@int AND state = 'armed' AND next_at <= ?2@int ORDER BY "
                     "next_at, id LIMIT 8",
                     "ii", (int64_t)d->h->home, clock_now(d->h->clock));

        d->count = 0;
        d->look = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                assert(d->count < BATCH);
                if (stmt_text(q, 1).n == 0)
                        d->look = true;
                else
                        d->ids[d->count++] = stmt_int(q, 0);
        }
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT 1 FROM schedule WHERE home = ?1@int AND pool = 0 AND process = ''", "i",
                            (int64_t)d->h->home);
        d->known = rc == 1;
        return rc < 0 ? rc : 0;
}

/* --- looking at packs ------------------------------------------------------------------------------------------------------------ */

/* Is the scheme one of the blank-separated ones? None: all are. */
static bool wanted(const char *schemes, const char *scheme)
{
        size_t n = strlen(scheme);

        for (const char *p = schemes; *p != '\0';) {
                size_t length = strcspn(p, " ");
                if (length == n && memcmp(p, scheme, n) == 0)
                        return true;
                p += length + (p[length] == ' ');
        }
        return schemes[0] == '\0';
}

static int row_insert(struct tx *tx, struct house *h, int64_t pool, const char *process, const char *node, instant_t next,
                      struct error *err)
{
        int64_t id;
        int rc = ids_next(h->ids, &id, err);

        return rc < 0
                   ? rc
                   : tx_exec(
                         tx, err,
                         "INSERT INTO schedule (home, id, pool, process, node, first_at, next_at, begun, state, error) VALUES "
                         "(?1@int, ?2@int, ?3@int, ?4@text, ?5@text, ?6@int, ?7@int, 0, 'armed', NULL) ON CONFLICT (home, "
                         "pool, process, node) DO NOTHING",
                         "iiittii", (int64_t)h->home, id, pool, process, node, clock_now(h->clock), next);
}

static int process_look(struct tx *tx, struct house *h, int64_t pool, const char *scheme, const char *process,
                        const struct bpmn_model *m, struct error *err)
{
        instant_t now = clock_now(h->clock), at;
        int rc = 0;

        for (int n = bpmn_start_find(m, BPMN_TIMER, "", -1); rc == 0 && n >= 0; n = bpmn_start_find(m, BPMN_TIMER, "", n)) {
                const struct bpmn_node *node = bpmn_node(m, n);
                struct error unsound = {0};
                if (node->kind != BPMN_START || node->process != bpmn_process_find(m, process) ||
                    !wanted(node->schemes, scheme) || bpmn_start_next(m, n, now, now - 1, &at, &unsound) != 1)
                        continue;
                rc = row_insert(tx, h, pool, process, node->id, at, err);
        }
        return rc;
}

static int pool_look(struct tx *tx, struct house *h, int64_t pool, const char *scheme, struct error *err)
{
        const struct bpmn_model *m;
        struct error none = {0};
        struct pack *pack = NULL;
        char name[80];
        int rc = 0;

        if (pack_store_for_in(h->packs, tx, pool, clock_today(h->clock), clock_now(h->clock), &pack, &none) < 0)
                return none.code == SB_CASE_NO_PACK ? 0 : error_hand(err, &none);
        for (size_t k = 0; rc == 0 && pack_process_name(pack, k, name, sizeof name); k++) {
                struct error unsound = {0}; /* the check of the pack tells it */
                if (pack_process(pack, name, &m, &unsound) == 0)
                        rc = process_look(tx, h, pool, scheme, name, m, err);
        }
        return rc;
}

static int look_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct due *d = ctx;
        int64_t home = d->h->home, ids[64], last = 0;
        char schemes[64][16];
        struct stmt *q = NULL;
        int count;
        int rc = d->known ? 0 : row_insert(tx, d->h, 0, "", "", 0, err);

        do {
                count = 0;
                if (rc == 0)
                        rc =
                            tx_query(&q, tx, err,
                                     "SELECT DISTINCT p.id, p.scheme FROM pool p JOIN pack_activation a ON a.pool = p.id WHERE "
                                     "p.home = ?1@int AND p.id > ?2@int ORDER BY p.id LIMIT 64",
                                     "ii", home, last);
                while ((rc = row_next(rc, q, err)) == 1) {
                        assert(count < 64);
                        last = ids[count] = stmt_int(q, 0);
                        text_copy(schemes[count++], sizeof schemes[0], stmt_text(q, 1));
                }
                for (int k = 0; rc == 0 && k < count; k++)
                        rc = pool_look(tx, d->h, ids[k], schemes[k], err);
        } while (rc == 0 && count == 64);
        /* What failed is tried again with it. */
        if (rc == 0)
                rc =
                    tx_exec(tx, err, "UPDATE schedule SET state = 'armed' WHERE home = ?1@int AND state = 'failed'", "i", home);
        return rc < 0
                   ? rc
                   : tx_exec(tx, err, "UPDATE schedule SET next_at = ?2@int WHERE home = ?1@int AND pool = 0 AND process = ''",
                             "ii", home, clock_now(d->h->clock) + AGAIN_US);
}

/* --- beginning --------------------------------------------------------------------------------------------------------------------- */

struct row {
        int64_t pool, office;
        char process[80], node[80];
        instant_t first, next;
};

/* 1 the row, locked, when it is still due. The office is the topmost one of the pool's territory, or above all. */
static int row_read(struct tx *tx, struct due *d, struct row *r, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT pool, process, node, first_at, next_at FROM schedule WHERE home = ?1@int AND id = ?2@int AND state = "
            "'armed' AND next_at <= ?3@int @lock",
            "iii", (int64_t)d->h->home, d->id, clock_now(d->h->clock));

        if (rc != 1)
                return rc;
        r->pool = stmt_int(q, 0);
        text_copy(r->process, sizeof r->process, stmt_text(q, 1));
        text_copy(r->node, sizeof r->node, stmt_text(q, 2));
        r->first = stmt_int(q, 3);
        r->next = stmt_int(q, 4);
        r->office = 0;
        rc = tx_one(
            &q, tx, err,
            "SELECT o.id FROM office o LEFT JOIN pool p ON p.id = ?1@int ORDER BY CASE WHEN o.territory = p.territory THEN 0 "
            "ELSE 1 END, o.level, o.id LIMIT 1",
            "i", r->pool);
        if (rc == 1)
                r->office = stmt_int(q, 0);
        return rc < 0 ? rc : 1;
}

static int row_move(struct tx *tx, struct due *d, const char *state, instant_t next, int64_t begun, struct error *err)
{
        return tx_exec(
            tx, err,
            "UPDATE schedule SET next_at = ?3@int, begun = begun + ?4@int, state = ?5@text, error = NULL WHERE home = "
            "?1@int AND id = ?2@int",
            "iiiit", (int64_t)d->h->home, d->id, next, begun, state);
}

static int begin_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct due *d = ctx;
        struct call c = {.house = d->h};
        const struct bpmn_model *m = NULL;
        struct pack *pack = NULL;
        char day[16];
        int64_t id;
        instant_t next = 0;
        struct row r;
        int rc = row_read(tx, d, &r, err);

        if (rc != 1)
                return rc;
        rc = pack_store_for_in(d->h->packs, tx, r.pool, clock_today(d->h->clock), clock_now(d->h->clock), &pack, err);
        if (rc == 0)
                rc = pack_process(pack, r.process, &m, err);
        if (rc < 0)
                return rc;
        const struct bpmn_node *node = bpmn_node_find(m, r.node);
        if (node == NULL || node->kind != BPMN_START || node->trigger != BPMN_TIMER)
                return row_move(tx, d, "done", r.next, 0, err); /* the law of today does not begin it any more */
        int at = 0;
        while (bpmn_node(m, at) != node)
                at++;
        int more = bpmn_start_next(m, at, r.first, r.next, &next, err);
        if (more < 0)
                return more;
        json_t *variables = json_pack("{s:s}", "due", day_text(instant_day(r.next), day));
        struct origin origin = {.start = at + 1, .pack = pack};
        struct case_start start = {.process = r.process,
                                   .subject_kind = "pool",
                                   .subject = r.pool,
                                   .office = r.office,
                                   .pool = r.pool,
                                   .variables = variables};
        rc = variables == NULL ? error_raise(err, SB_MEMORY, "%s", "") : instance_begin(tx, &c, &start, &origin, &id, err);
        json_decref(variables);
        return rc == 0 ? row_move(tx, d, more == 1 ? "armed" : "done", more == 1 ? next : r.next, 1, err) : rc;
}

static int failed_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct due *d = ctx;
        struct buf text;
        int rc = fault_text(&text, "", d->fault, err);

        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE schedule SET state = 'failed', error = ?3@text WHERE home = ?1@int AND id = ?2@int AND state = "
                    "'armed'",
                    "iit", (int64_t)d->h->home, d->id, buf_text(&text));
        buf_dispose(&text);
        return rc;
}

int schedule_work(struct house *h, int *done, struct error *err)
{
        struct due d = {.h = h};
        int rc = store_read(h->store, due_read, &d, err);

        if (rc == 0 && (d.look || !d.known))
                rc = store_write(h->store, look_apply, &d, err);
        for (int k = 0; rc == 0 && k < d.count; k++) {
                struct error fault = {0};
                d.id = d.ids[k];
                int begun = store_write(h->store, begin_apply, &d, &fault);
                if (tried_later(begun, &fault)) {
                        error_hand(err, &fault);
                        return begun;
                }
                if (begun < 0) {
                        d.fault = &fault;
                        log_error(h->log, "case.schedule", &fault);
                        rc = store_write(h->store, failed_apply, &d, err);
                }
                (*done)++;
        }
        return rc;
}
