/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables that say who decides: signing.csv (up to which amount a role signs at a level) and risk.csv (how many persons a class of
 * risk needs). A child may only tighten them, and a model has to have room for the persons that its class needs.
 */
#include "pack/pack_internal.h"

#include "engine/bpmn/bpmn.h"

#include <string.h>

bool signing_row_is(const json_t *row, const char *process, const char *role)
{
        return strcmp(json_text(row, "process"), process) == 0 && strcmp(json_text(row, "role"), role) == 0;
}

const char *signing_rows_for(const json_t *rows, const char *process, const char *role)
{
        json_t *row;
        size_t k;
        const char *found = NULL;

        json_array_foreach(rows, k, row)
        {
                if (signing_row_is(row, process, role))
                        return process;
                if (signing_row_is(row, "*", role))
                        found = "*";
        }
        return found;
}

int signing_power_of(const json_t *rows, const char *process, const char *role, int level, bool *unlimited, fen_t *fen,
                     struct error *err)
{
        const char *name = signing_rows_for(rows, process, role);
        json_t *row;
        size_t k;

        *unlimited = name == NULL;
        *fen = 0;
        json_array_foreach(rows, k, row)
        {
                int64_t at = 0;
                if (name == NULL || !signing_row_is(row, name, role) || !text_to_int(str_from(json_text(row, "level")), &at) ||
                    at != level)
                        continue;
                *unlimited = json_text(row, "amount")[0] == '\0';
                return *unlimited ? 0 : money_parse(fen, str_from(json_text(row, "amount")), err);
        }
        return 0;
}

/* --- a child only tightens --------------------------------------------------------------------------------------------------- */

struct tightening {
        struct pack *pack;
        json_t *own, *above;
        struct faults *faults;
};

static const char *power_text(bool unlimited, fen_t fen, char out[32])
{
        return unlimited ? "*" : money_text(fen, out);
}

static void power_compare(const struct tightening *t, const char *process, const char *role)
{
        for (int level = 1; level <= 5; level++) {
                bool free_own = false, free_above = false;
                fen_t own = 0, above = 0;
                char what[120], mine[32], theirs[32];
                struct error wrong = {0};
                if (signing_power_of(t->own, process, role, level, &free_own, &own, &wrong) < 0 ||
                    signing_power_of(t->above, process, role, level, &free_above, &above, &wrong) < 0) {
                        faults_tell(t->faults, FAULT, t->pack, "signing.csv", 0, SB_PACK_CELL, "%s|amount|%s", process,
                                    ERROR_BOTH("an amount in yuan", "应为金额（元）"));
                        return;
                }
                if (!free_above && (free_own || own > above))
                        faults_tell(t->faults, FAULT, t->pack, "signing.csv", 0, SB_PACK_LIMIT, "%s|%s|%s|%s",
                                    text_format(what, sizeof what, "%.40s %.20s level=%d", process, role, level),
                                    power_text(free_own, own, mine), t->pack->parent->name,
                                    power_text(free_above, above, theirs));
        }
}

/* Each process and role that one of the tables names, once: the row before names neither pair again. */
static bool named_before(const json_t *rows, size_t until, const json_t *row)
{
        for (size_t k = 0; k < until; k++)
                if (signing_row_is(json_array_get(rows, k), json_text(row, "process"), json_text(row, "role")))
                        return true;
        return false;
}

static void signing_loosens(const struct tightening *t)
{
        size_t n = json_array_size(t->above), m = json_array_size(t->own);

        for (size_t k = 0; k < n + m; k++) {
                const json_t *rows = k < n ? t->above : t->own;
                const json_t *row = json_array_get(rows, k < n ? k : k - n);
                bool told = named_before(rows, k < n ? k : k - n, row) || (k >= n && named_before(t->above, n, row));
                if (!told)
                        power_compare(t, json_text(row, "process"), json_text(row, "role"));
        }
}

static void risk_loosens(const struct tightening *t)
{
        json_t *row, *same;
        size_t k, i;

        json_array_foreach(t->above, k, row)
        {
                int64_t needed = 0, own = 0;
                bool blind = true;
                text_to_int(str_from(json_text(row, "persons")), &needed);
                json_array_foreach(t->own, i, same)
                {
                        if (strcmp(json_text(same, "risk"), json_text(row, "risk")) != 0)
                                continue;
                        text_to_int(str_from(json_text(same, "persons")), &own);
                        blind = strcmp(json_text(same, "blind_bulk"), "no") != 0;
                }
                if (own < needed || (blind && strcmp(json_text(row, "blind_bulk"), "no") == 0))
                        faults_tell(t->faults, FAULT, t->pack, "risk.csv", 0, SB_PACK_STEP, "risk.csv|%s|%s",
                                    json_text(row, "risk"), t->pack->parent->name);
        }
}

static void table_loosens(struct pack *p, const char *file, void (*compare)(const struct tightening *), struct faults *f)
{
        struct tightening t = {.pack = p, .faults = f};
        struct error none = {0};

        if (p->parent != NULL && files_find(p, file) != NULL && pack_table(p, file, &t.own, &none) == 0 &&
            pack_table(p->parent, file, &t.above, &none) == 0)
                compare(&t);
        json_decref(t.own);
        json_decref(t.above);
}

void authority_loosens(struct pack *p, struct faults *f)
{
        table_loosens(p, "signing.csv", signing_loosens, f);
        table_loosens(p, "risk.csv", risk_loosens, f);
}

/* --- room for as many persons as the class needs -------------------------------------------------------------------------------- */

static int64_t persons_needed(const struct pack *p, const char *risk)
{
        json_t *rows = NULL, *row;
        struct error none = {0};
        int64_t n = 0;
        size_t k;

        if (pack_table(p, "risk.csv", &rows, &none) < 0)
                return 0;
        json_array_foreach(rows, k, row)
        {
                if (strcmp(json_text(row, "risk"), risk) == 0)
                        text_to_int(str_from(json_text(row, "persons")), &n);
        }
        json_decref(rows);
        return n;
}

/* What another process begins when it has been carried out has passed through the hands that the class of that one needs. */
static bool hands_before(struct pack *p, const struct bpmn_process *process, int needed)
{
        const struct bpmn_model *m;
        struct error none = {0};
        int at = process->after[0] == '\0' || pack_process(p, process->after, &m, &none) < 0
                     ? -1
                     : bpmn_process_find(m, process->after);

        return at >= 0 && persons_needed(p, bpmn_process(m, at)->risk) >= needed;
}

void persons_check(struct pack *p, const struct bpmn_model *m, const char *name, bpmn_report *report, void *ctx)
{
        int at = bpmn_process_find(m, name), hands = 0;
        const struct bpmn_process *process = at < 0 ? NULL : bpmn_process(m, at);
        int needed = process == NULL || process->risk[0] == '\0' ? 0 : (int)persons_needed(p, process->risk);
        const struct bpmn_node *n = NULL;
        struct error fault = {0};

        if (process == NULL || hands_before(p, process, needed) || bpmn_hands(m, at, needed, &n, &hands, &fault) < 0 ||
            n == NULL) {
                if (fault.code != SB_OK)
                        report(ctx, &fault);
                return;
        }
        error_raise(&fault, SB_PACK_PERSONS, "%s|%s|%d|%s|%d", name, process->risk, needed, n->id, hands);
        error_where(&fault, "%s line %d", n->id, n->line);
        report(ctx, &fault);
}
