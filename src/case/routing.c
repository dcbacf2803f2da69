/* SPDX-License-Identifier: Apache-2.0
 *
 * Where tasks go and what may be signed there: tables of the pack over the tree of offices.
 */
#include "case/authority.h"

#include <assert.h>
#include <string.h>

int signing_power(const struct pack *p, const char *process, const char *role, int level, bool *unlimited, fen_t *fen,
                  struct error *err)
{
        json_t *rows;
        int rc = pack_table_maybe(p, "signing.csv", &rows, err);

        if (rc == 0)
                rc = signing_power_of(rows, process, role, level, unlimited, fen, err);
        json_decref(rows);
        return rc;
}

int signing_level(const struct pack *p, const char *process, const char *role, fen_t amount, int *level, struct error *err)
{
        bool unlimited = false;
        fen_t fen = 0;
        int rc = 0;

        for (*level = 5; *level > 0; (*level)--) {
                rc = signing_power(p, process, role, *level, &unlimited, &fen, err);
                if (rc < 0 || unlimited || amount <= fen)
                        break;
        }
        return rc;
}

int signing_amount(const struct instance *i, bool *known, fen_t *fen, struct error *err)
{
        int p = bpmn_process_find(i->model, i->process);

        *known = false;
        *fen = 0;
        if (instance_process(i)->amount[0] == '\0' || i->state_json == NULL)
                return 0;
        return bpmn_amount(i->model, p, json_object_get(i->state_json, "variables"), known, fen, err);
}

int risk_persons(const struct pack *p, const char *risk, int *persons, struct error *err)
{
        json_t *rows, *row;
        size_t k;
        int64_t n = 0;

        *persons = 0;
        int rc = risk[0] == '\0' ? 0 : pack_table_maybe(p, "risk.csv", &rows, err);
        if (risk[0] == '\0' || rc < 0)
                return rc;
        for (k = 0; (row = json_array_get(rows, k)) != NULL; k++) {
                if (strcmp(json_text(row, "risk"), risk) == 0 && text_to_int(str_from(json_text(row, "persons")), &n))
                        *persons = (int)n;
        }
        json_decref(rows);
        return 0;
}

/* --- the way up ----------------------------------------------------------------------------------------------------------------- */

#define CHAIN(office)                                                                                                          \
        "WITH RECURSIVE above(id, parent, level, body, far) AS (SELECT id, parent, level, body_kind, 0 FROM office WHERE id "  \
        "= " office " UNION ALL SELECT o.id, o.parent, o.level, o.body_kind, a.far + 1 FROM office o JOIN above a ON o.id = "  \
        "a.parent AND o.body_kind = a.body WHERE a.far < 15) SELECT id, level FROM above ORDER BY far"

int chain_of_task_ask(struct tx *tx, int64_t home, int64_t task, struct stmt **out, struct error *err)
{
        return tx_ask(out, tx, err,
                      CHAIN("(SELECT i.office FROM task t JOIN process_instance i ON i.home = t.home AND i.id = t.instance "
                            "WHERE t.home = ?1@int AND t.id = ?2@int)"),
                      "ii", home, task);
}

static int chain_read(struct tx *tx, int64_t office, struct chain *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_query(&q, tx, err, CHAIN("?1@int"), "i", office);

        return rc ? rc : chain_take(q, out, err);
}

int chain_take(struct stmt *q, struct chain *out, struct error *err)
{
        int rc = 0;

        out->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                assert(out->count < CHAIN_MAX); /* CHAIN goes no farther */
                out->office[out->count] = stmt_int(q, 0);
                out->level[out->count++] = (int)stmt_int(q, 1);
        }
        return rc;
}

/* The level to which the pack sends such tasks of an office of `from`; `from` when it says nothing. */
static int level_to(const json_t *rows, const char *process, const char *role, int from)
{
        const char *name = signing_rows_for(rows, process, role);
        json_t *row;
        size_t k;

        for (k = 0; (row = json_array_get(rows, k)) != NULL; k++) {
                int64_t level = 0, to = 0;
                if (name != NULL && signing_row_is(row, name, role) && text_to_int(str_from(json_text(row, "level")), &level) &&
                    level == from && text_to_int(str_from(json_text(row, "to_level")), &to))
                        return (int)to;
        }
        return from;
}

int routing_office(struct tx *tx, const struct instance *i, int64_t office, const char *role, int64_t *out, struct error *err)
{
        json_t *routes = NULL, *powers = NULL;
        struct chain chain = {.count = 0};
        bool known = false, unlimited = true;
        fen_t amount = 0, power = 0;
        int at = 0;
        int rc = pack_table_maybe(i->pack, "routing.csv", &routes, err);

        *out = office;
        rc = rc ? rc : signing_amount(i, &known, &amount, err);
        if (rc == 0 && known)
                rc = pack_table_maybe(i->pack, "signing.csv", &powers, err);
        /* Only where the pack sends such tasks anywhere. */
        bool asked = json_array_size(powers) > 0 || signing_rows_for(routes, i->process, role) != NULL;
        if (rc == 0 && asked && i->chain.count > 0 && i->chain.office[0] == office)
                chain = i->chain;
        else if (rc == 0 && asked)
                rc = chain_read(tx, office, &chain, err);
        if (rc == 0 && chain.count > 0) {
                int to = level_to(routes, i->process, role, chain.level[0]);
                while (at + 1 < chain.count && chain.level[at] > to)
                        at++;
        }
        while (rc == 0 && at < chain.count) {
                rc = signing_power_of(powers, i->process, role, chain.level[at], &unlimited, &power, err);
                if (rc < 0 || unlimited || amount <= power || at + 1 == chain.count)
                        break;
                at++;
        }
        if (rc == 0 && at < chain.count)
                *out = chain.office[at];
        json_decref(routes);
        json_decref(powers);
        return rc;
}
