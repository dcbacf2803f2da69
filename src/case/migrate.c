/* SPDX-License-Identifier: Apache-2.0
 *
 * Running cases go over to the model of another pack, each in a transaction of its own with its audit row, where everything at which
 * it stands means the same there (engine/bpmn: bpmn_state_fits). What it did is not touched, nor is its due day: the limit is that of
 * the day on which it began.
 */
#include "case/application.h"
#include "case/instance.h"

#include "case/pack_store.h"

#include <assert.h>
#include <string.h>

#define PAGE 200

struct moving {
        struct house *h;
        const struct case_migration *m;
        int64_t after, ids[PAGE], id;
        int count;
        char number[32];
        bool moved, same;
};

static int page_read(struct tx *tx, void *ctx, struct error *err)
{
        struct moving *v = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT id FROM process_instance WHERE home = ?1@int AND process = ?2@text AND state IN ('active', "
                          "'incident') AND id > ?3@int ORDER BY id LIMIT 200",
                          "iti", (int64_t)v->h->home, v->m->process, v->after);

        v->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                assert(v->count < PAGE);
                v->ids[v->count++] = stmt_int(q, 0);
        }
        return rc;
}

static int target_find(struct tx *tx, struct moving *v, const struct instance *i, struct pack **pack,
                       const struct bpmn_model **model, struct error *err)
{
        struct house *h = v->h;
        int rc = v->m->to != NULL
                     ? pack_store_get(h->packs, v->m->to, pack, err)
                     : pack_store_for_in(h->packs, tx, i->pool, clock_today(h->clock), clock_now(h->clock), pack, err);

        return rc == 0 ? pack_process(*pack, i->process, model, err) : rc;
}

/* The rows that people read name what the model says now. */
static int tasks_move(struct tx *tx, const struct instance *i, const struct bpmn_model *model, struct error *err)
{
        const struct bpmn_node *n;
        int rc = 0;

        for (int k = 0; rc == 0 && (n = bpmn_node(model, k)) != NULL; k++)
                if (n->kind == BPMN_USER_TASK)
                        rc = tx_exec(tx, err,
                                     "UPDATE task SET role = ?4@text, version = version + 1 WHERE home = ?1@int AND instance = "
                                     "?2@int AND node = ?3@text AND state IN ('open', 'held') AND role <> ?4@text",
                                     "iitt", (int64_t)i->home, i->id, n->id, n->role);
        return rc;
}

static int row_move(struct tx *tx, struct moving *v, const struct instance *i, struct pack *pack, struct error *err)
{
        char path[80], from[65], to[65];
        struct hash model;
        struct str xml;
        struct call c = {.house = v->h, .who = v->m->who};
        int rc = pack_file(pack, text_format(path, sizeof path, "processes/%s.bpmn", i->process), &xml, err);

        if (rc < 0)
                return rc;
        model = hash_of(xml.p, xml.n);
        rc = tx_exec(
            tx, err,
            "UPDATE process_instance SET pack_hash = ?3@blob, model_hash = ?4@blob, version = version + 1 WHERE home = "
            "?1@int AND id = ?2@int",
            "iibb", (int64_t)i->home, i->id, (struct str){(const char *)pack_hash(pack)->b, HASH_BYTES}, hash_str(&model));
        json_t *body = json_pack("{s:s,s:s}", "from", hash_hex(&i->pack_hash, from), "to", hash_hex(pack_hash(pack), to));
        if (rc == 0)
                rc = body == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                  : audit_add(tx, &c, "process.migrate", "case", i->id, body, err);
        json_decref(body);
        return rc;
}

static int move_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct moving *v = ctx;
        struct instance i = {.id = 0};
        const struct bpmn_model *model = NULL;
        struct pack *pack = NULL;
        int rc = v->m->dry_run ? instance_read(tx, v->h, v->id, &i, err) : instance_lock(tx, v->h, v->id, &i, err);

        v->moved = v->same = false;
        if (rc == 0)
                text_copy(v->number, sizeof v->number, str_from(i.number));
        bool runs = rc == 0 && instance_runs(&i);
        if (runs)
                rc = target_find(tx, v, &i, &pack, &model, err);
        v->same = rc == 0 && (!runs || memcmp(pack_hash(pack)->b, i.pack_hash.b, HASH_BYTES) == 0);
        if (rc == 0 && !v->same)
                rc = bpmn_state_fits(i.model, model, i.state_json, err);
        if (rc == 0 && !v->same && !v->m->dry_run)
                rc = row_move(tx, v, &i, pack, err);
        if (rc == 0 && !v->same && !v->m->dry_run)
                rc = tasks_move(tx, &i, model, err);
        v->moved = rc == 0 && !v->same;
        instance_dispose(&i);
        return rc;
}

/* A name that neither a case nor the pack in force knows is a slip, not a process without cases. */
static int known_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct moving *v = ctx;
        const struct bpmn_model *m = NULL;
        struct pack *pack = NULL;
        struct stmt *q;
        int64_t pool = 0;
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM case_any WHERE home = ?1@int AND process = ?2@text LIMIT 1", "it",
                        (int64_t)v->h->home, v->m->process);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = application_pool(tx, &pool, err);
        if (rc == 0)
                rc = pack_store_for_in(v->h->packs, tx, pool, clock_today(v->h->clock), clock_now(v->h->clock), &pack, err);
        return rc == 0 ? pack_process(pack, v->m->process, &m, err) : rc;
}

int case_migrate(struct house *h, const struct case_migration *m, int *migrated, int *cannot, struct error *err)
{
        struct moving v = {.h = h, .m = m};
        int rc = store_read(h->store, known_apply, &v, err);

        *migrated = *cannot = 0;
        if (rc < 0)
                return rc;
        do {
                rc = store_read(h->store, page_read, &v, err);
                for (int k = 0; rc == 0 && k < v.count; k++) {
                        struct error why = {0};
                        v.id = v.after = v.ids[k];
                        v.number[0] = '\0';
                        int moved = (m->dry_run ? store_read : store_write)(h->store, move_apply, &v, &why);
                        if (tried_later(moved, &why)) {
                                error_hand(err, &why);
                                return moved;
                        }
                        *migrated += moved == 0 && v.moved;
                        *cannot += moved < 0;
                        if (m->report != NULL && (moved < 0 || v.moved))
                                m->report(m->ctx, v.number, moved < 0 ? &why : NULL);
                }
        } while (rc == 0 && v.count == PAGE);
        return rc;
}
