/* SPDX-License-Identifier: Apache-2.0
 *
 * The months of a worker that were paid for, in runs of one base; rows are closed and added, so that what was known before can be read.
 */
#include "office/contribution/contribution.h"

#include <stdlib.h>
#include <string.h>

struct span {
        int64_t id, pool;
        month_t from, to; /* [from, to) */
        fen_t base;
        char source[32];
};

/* The run that records the month at the employer: 1, 0, ERR. */
static int run_of(struct tx *tx, struct house *h, const struct history_month *m, struct span *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT id, month_from, month_to, base_fen, pool, source FROM contribution WHERE home = ?1@int AND person = ?2@int "
            "AND "
            "scheme = ?3@text AND employer = ?4@int AND month_from <= ?5@int AND month_to > ?5@int AND known_to = ?6@int",
            "iitiii", (int64_t)h->home, m->person, m->scheme, m->employer, (int64_t)m->month, (int64_t)INSTANT_END);

        if (rc != 1)
                return rc;
        *out = (struct span){.id = stmt_int(q, 0),
                             .from = (month_t)stmt_int(q, 1),
                             .to = (month_t)stmt_int(q, 2),
                             .base = stmt_int(q, 3),
                             .pool = stmt_int(q, 4)};
        text_copy(out->source, sizeof out->source, stmt_text(q, 5));
        return 1;
}

static int run_close(struct tx *tx, struct house *h, int64_t id, struct error *err)
{
        return tx_exec(tx, err, "UPDATE contribution SET known_to = ?3@int WHERE home = ?1@int AND id = ?2@int", "iii",
                       (int64_t)h->home, id, (int64_t)clock_now(h->clock));
}

static int run_add(struct tx *tx, struct house *h, const struct history_month *m, const struct span *r, struct error *err)
{
        int64_t id;
        int rc = r->from >= r->to || r->base == 0 ? 1 : ids_next(h->ids, &id, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        return tx_exec(
            tx, err,
            "INSERT INTO contribution (home, id, person, employer_home, employer, scheme, pool, kind, month_from, "
            "month_to, base_fen, known_from, known_to, source) VALUES (?1@int, ?2@int, ?3@int, ?1@int, ?4@int, ?5@text, "
            "?6@int, 'paid', ?7@int, ?8@int, ?9@int, ?10@int, ?11@int, ?12@text)",
            "iiiitiiiiiit", (int64_t)h->home, id, m->person, m->employer, m->scheme, r->pool, (int64_t)r->from, (int64_t)r->to,
            r->base, (int64_t)clock_now(h->clock), (int64_t)INSTANT_END, r->source);
}

int history_extend(struct tx *tx, struct house *h, const struct history_month *m, fen_t base, struct error *err)
{
        struct span r, grown = {.from = m->month, .to = m->month + 1, .base = base, .pool = m->pool, .source = "assessment"};
        struct stmt *q;
        int rc = run_of(tx, h, m, &r, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = tx_one(
            &q, tx, err,
            "SELECT id, month_from FROM contribution WHERE home = ?1@int AND person = ?2@int AND scheme = ?3@text AND "
            "employer_home = ?1@int AND employer = ?4@int AND month_to = ?5@int AND base_fen = ?6@int AND kind = 'paid' AND "
            "pool = ?7@int AND known_to = ?8@int",
            "iitiiiii", (int64_t)h->home, m->person, m->scheme, m->employer, (int64_t)m->month, base, m->pool,
            (int64_t)INSTANT_END);
        if (rc == 1) {
                int64_t before = stmt_int(q, 0);
                grown.from = (month_t)stmt_int(q, 1);
                rc = run_close(tx, h, before, err);
        }
        return rc < 0 ? rc : run_add(tx, h, m, &grown, err);
}

int history_change(struct tx *tx, struct house *h, const struct history_month *m, fen_t more, struct error *err)
{
        struct span r;
        int rc = run_of(tx, h, m, &r, err);

        if (rc == 0)
                return more > 0 ? history_extend(tx, h, m, more, err) : 0;
        rc = rc < 0 ? rc : run_close(tx, h, r.id, err);
        struct span before = r, after = r, changed = r;
        before.to = changed.from = m->month;
        after.from = changed.to = m->month + 1;
        changed.base = r.base + more;
        if (changed.base < 0)
                changed.base = 0;
        text_copy(changed.source, sizeof changed.source, STR("adjustment"));
        rc = rc ? rc : run_add(tx, h, m, &before, err);
        rc = rc ? rc : run_add(tx, h, m, &changed, err);
        return rc ? rc : run_add(tx, h, m, &after, err);
}

int contribution_history(struct tx *tx, int32_t home, int64_t person, const char *scheme, struct contribution_run **out,
                         size_t *count, struct error *err)
{
        struct stmt *q = NULL;
        struct contribution_run *list = NULL;
        size_t n = 0, cap = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, month_from, month_to, base_fen, kind, pool FROM contribution WHERE home = ?1@int AND person = "
                     "?2@int AND scheme = ?3@text AND known_to = ?4@int ORDER BY month_from, id",
                     "iiti", (int64_t)home, person, scheme, (int64_t)INSTANT_END);

        while ((rc = row_next(rc, q, err)) == 1) {
                if (n == cap) {
                        cap = cap == 0 ? 32 : 2 * cap;
                        struct contribution_run *bigger = realloc(list, cap * sizeof *list);
                        if (bigger == NULL) {
                                rc = error_raise(err, SB_MEMORY, "%s", "");
                                break;
                        }
                        list = bigger;
                }
                list[n++] = (struct contribution_run){.id = stmt_int(q, 0),
                                                      .from = (month_t)stmt_int(q, 1),
                                                      .to = (month_t)stmt_int(q, 2),
                                                      .base = stmt_int(q, 3),
                                                      .deemed = str_is(stmt_text(q, 4), "deemed"),
                                                      .pool = stmt_int(q, 5)};
                rc = 0;
        }
        if (rc < 0) {
                free(list);
                return rc;
        }
        *out = list;
        *count = n;
        return 0;
}
