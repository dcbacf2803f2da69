/* SPDX-License-Identifier: Apache-2.0
 *
 * What every seed begins with: the demonstration's city, as the system before left it, with more people in the office.
 */
#include "office/sim/internal.h"

#include "office/audit/tables.h"
#include "office/demo/demo.h"
#include "office/setup/setup.h"
#include "office/staff/staff.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_DAY day_from(2026, 1, 5)
#define TEMPLATE_SEED 7

static const struct {
        const char *login, *office;
        uint32_t role;
} MORE[] = {
    {"clerk4", "YS-01", ROLE_CLERK},       {"clerk5", "YS", ROLE_CLERK},          {"reviewer4", "YS-01", ROLE_REVIEWER},
    {"reviewer5", "YS-01", ROLE_REVIEWER}, {"reviewer6", "YS", ROLE_REVIEWER},    {"approver2", "YS", ROLE_APPROVER},
    {"approver3", "YS-01", ROLE_APPROVER}, {"approver4", "YS-01", ROLE_APPROVER}, {"finance2", "YS", ROLE_FINANCE},
    {"finance3", "YS-01", ROLE_FINANCE},   {"finance4", "YS", ROLE_FINANCE},
};
#define MORE_COUNT (sizeof MORE / sizeof MORE[0])

struct hiring {
        int64_t first;
};

static int hire(struct tx *tx, void *ctx, struct error *err)
{
        const struct hiring *h = ctx;
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < MORE_COUNT; i++) {
                struct staff s = {.id = h->first + (int64_t)i, .roles = MORE[i].role};
                text_copy(s.login, sizeof s.login, str_from(MORE[i].login));
                text_copy(s.display, sizeof s.display, str_from(MORE[i].login));
                rc = office_by_code(tx, MORE[i].office, &s.office, err);
                if (rc == 0)
                        rc = staff_add(tx, &s, "$none", day_from(2016, 1, 1), err);
        }
        return rc;
}

int city_found(struct house *h, struct sim_template *t, const char *work_dir, struct error *err)
{
        struct installation facts = {
            .installed = true, .home = h->home, .demonstration = true, .seed = TEMPLATE_SEED, .pack = "demo"};
        struct demo_options demo = {
            .persons = SIM_PERSONS, .seed = TEMPLATE_SEED, .today = FIRST_DAY, .work_dir = work_dir, .takeover_only = true};
        struct hiring hiring = {0};
        int rc = store_migrate(h->store, h->clock, err);

        rc = rc ? rc : setup_found(h, t->pack, &facts, err);
        rc = rc ? rc : demo_make(h, t->runs, t->pack, &demo, err);
        rc = rc ? rc : ids_range(h->ids, (int64_t)MORE_COUNT, &hiring.first, err);
        return rc ? rc : store_write(h->store, hire, &hiring, err);
}

static int staff_read_all(struct sim_template *t, struct tx *tx, struct error *err)
{
        struct stmt *q;
        int rc = tx_query(&q, tx, err, "SELECT id, office, roles FROM staff ORDER BY id", "");

        t->staff_count = 0;
        while (rc == 0 && t->staff_count < STAFF_MAX && (rc = stmt_step(q, err)) == 1) {
                struct sim_staff *s = &t->staff[t->staff_count++];
                *s = (struct sim_staff){.id = stmt_int(q, 0), .office = stmt_int(q, 1)};
                rc = staff_roles_parse(&s->roles, stmt_text(q, 2), err);
        }
        return rc < 0 ? rc : 0;
}

int template_read(struct sim_template *t, struct tx *tx, struct error *err)
{
        struct stmt *q = NULL;
        int n = 0;
        int rc = tx_query(&q, tx, err, "SELECT id, scheme FROM pool ORDER BY id", "");

        while ((rc = row_next(rc, q, err)) == 1) {
                if (n == POOLS)
                        return error_raise(err, SB_LIMIT, "%s|%d", "pools", POOLS);
                t->pools[n].id = stmt_int(q, 0);
                text_copy(t->pools[n++].scheme, sizeof t->pools[0].scheme, stmt_text(q, 1));
        }
        rc = rc < 0 ? rc : staff_read_all(t, tx, err);
        rc = rc ? rc : office_by_code(tx, "YS-01", &t->counter, err);
        return rc ? rc : office_by_code(tx, "YS", &t->centre, err);
}

static int read_apply(struct tx *tx, void *ctx, struct error *err)
{
        return template_read(ctx, tx, err);
}

static int image_make(struct sim_template *t, const char *work_dir, struct error *err)
{
        struct house h = {.home = 1, .verbs = t->verbs, .keys = t->keys};
        struct store_options o = {.create = true, .vfs = t->url == NULL ? disk_vfs(t->disk) : NULL};
        struct store_guard guard = audit_guard(t->keys);
        int rc = 0;

        h.clock = clock_virtual(day_instant(month_first(month_of(FIRST_DAY) - 1)) + (instant_t)8 * 3600 * 1000000);
        if (h.clock == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        rc = rc ? rc : store_open(&h.store, t->url == NULL ? disk_url(t->disk) : t->url, &o, err);
        rc = rc ? rc : store_guard(h.store, &guard, err);
        rc = rc ? rc : pack_store_new(&t->packs, h.store, err);
        h.packs = t->packs;
        rc = rc ? rc : ids_open(&h.ids, h.store, 1, 5000, err);
        rc = rc ? rc : city_found(&h, t, work_dir, err);
        rc = rc ? rc : store_read(h.store, read_apply, t, err);
        t->begins = day_instant(FIRST_DAY) + (instant_t)9 * 3600 * 1000000;
        t->taken_over = month_of(FIRST_DAY) - 2;
        ids_close(h.ids);
        store_close(h.store);
        clock_free(h.clock);
        return rc;
}

int sim_template_make(struct sim_template **out, const struct registry *verbs, const struct run_kind *const *runs,
                      struct pack *pack, const char *work_dir, const char *url, struct error *err)
{
        struct sim_template *t = calloc(1, sizeof *t);
        int rc = t == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        if (rc == 0) {
                t->verbs = verbs;
                t->runs = runs;
                t->pack = pack;
                t->url = url;
                rc = keyring_demo(&t->keys, TEMPLATE_SEED, err);
        }
        rc = rc ? rc : disk_new(&t->disk, NULL, TEMPLATE_SEED, err);
        rc = rc ? rc : image_make(t, work_dir, err);
        if (rc == 0)
                *out = t;
        else
                sim_template_free(t);
        return rc;
}

void sim_template_free(struct sim_template *t)
{
        if (t == NULL)
                return;
        pack_store_free(t->packs);
        keyring_free(t->keys);
        disk_free(t->disk);
        free(t);
}
