/* SPDX-License-Identifier: Apache-2.0
 *
 * What a child pack may change of its parent's processes: it may add steps and papers and shorten limits, never drop a step or a
 * needed paper nor give a step more time. Only what the child's own files bring about is told.
 */
#include "pack/pack_internal.h"

#include "engine/bpmn/bpmn.h"

#include <string.h>

static bool is_step(const struct bpmn_node *n)
{
        return n->kind == BPMN_USER_TASK || n->kind == BPMN_SERVICE_TASK || n->kind == BPMN_RULE_TASK;
}

/* A limit in working days is never shorter than one of as many calendar days, and nobody knows how much longer. */
static bool slower(const struct bpmn_node *own, const struct bpmn_node *above)
{
        if (above->limit_days == 0)
                return false;
        return own->limit_days == 0 || own->limit_days > above->limit_days || (!own->limit_calendar && above->limit_calendar);
}

/* A process that names no class is treated as the highest: never approved blind. */
static int risk_rank(const char *risk)
{
        return strcmp(risk, "L") == 0 ? 0 : strcmp(risk, "M") == 0 ? 1 : 2;
}

/* The class of risk says how many persons a case needs, and the amount who may sign it: neither is lowered or left out below. */
static void class_loosens(struct pack *p, const char *file, const char *name, const struct bpmn_model *own,
                          const struct bpmn_model *above, struct faults *f)
{
        const struct bpmn_process *mine = bpmn_process(own, bpmn_process_find(own, name)),
                                  *theirs = bpmn_process(above, bpmn_process_find(above, name));

        if (mine == NULL || theirs == NULL)
                return;
        if (risk_rank(mine->risk) < risk_rank(theirs->risk))
                faults_tell(f, FAULT, p, file, 0, SB_PACK_LIMIT, "%s|%s|%s|%s", "risk", mine->risk, p->parent->name,
                            theirs->risk[0] == '\0' ? "H" : theirs->risk);
        if (theirs->amount[0] != '\0' && mine->amount[0] == '\0')
                faults_tell(f, FAULT, p, file, 0, SB_PACK_LIMIT, "%s|%s|%s|%s", "amount", "-", p->parent->name, theirs->amount);
}

void process_loosens(struct pack *p, const char *file, const char *name, const struct bpmn_model *own, struct faults *f)
{
        const struct bpmn_model *above;
        const struct bpmn_node *n;
        struct error none = {0};
        char mine[40], theirs[40];

        if (p->parent == NULL || pack_process(p->parent, name, &above, &none) < 0)
                return;
        class_loosens(p, file, name, own, above, f);
        for (int i = 0; (n = bpmn_node(above, i)) != NULL; i++) {
                const struct bpmn_node *same = bpmn_node_find(own, n->id);
                if (!is_step(n))
                        continue;
                if (same == NULL || same->kind != n->kind || strcmp(same->role, n->role) != 0)
                        faults_tell(f, FAULT, p, file, same == NULL ? 0 : (size_t)same->line, SB_PACK_STEP, "%s|%s|%s", name,
                                    n->id, p->parent->name);
                else if (slower(same, n))
                        faults_tell(
                            f, FAULT, p, file, (size_t)same->line, SB_PACK_LIMIT, "%s|%s|%s|%s", n->id,
                            text_format(mine, sizeof mine, "%d %s", same->limit_days, same->limit_calendar ? "CD" : "WD"),
                            p->parent->name,
                            text_format(theirs, sizeof theirs, "%d %s", n->limit_days, n->limit_calendar ? "CD" : "WD"));
        }
}

static const json_t *paper_of(const json_t *rows, const json_t *of)
{
        json_t *row;
        size_t i;

        json_array_foreach(rows, i, row)
        {
                if (strcmp(json_text(row, "process"), json_text(of, "process")) == 0 &&
                    strcmp(json_text(row, "material"), json_text(of, "material")) == 0)
                        return row;
        }
        return NULL;
}

static bool says(const json_t *row, const char *column, const char *word)
{
        return row != NULL && strcmp(json_text(row, column), word) == 0;
}

/* Needed above, and not here; or to be there at once above, while here a promise is enough or it may follow. A paper that a child asks
 * for of its own accord is its own affair. */
void materials_loosen(struct pack *p, struct faults *f)
{
        json_t *own = NULL, *above = NULL, *row;
        struct error none = {0};
        size_t i;

        if (p->parent != NULL && files_find(p, "materials.csv") != NULL && pack_table(p, "materials.csv", &own, &none) == 0 &&
            pack_table(p->parent, "materials.csv", &above, &none) == 0)
                json_array_foreach(above, i, row)
                {
                        const json_t *same = paper_of(own, row);
                        bool dropped = says(row, "required", "yes") && !says(same, "required", "yes");
                        bool eased = same != NULL && ((says(same, "promise", "yes") && !says(row, "promise", "yes")) ||
                                                      (says(same, "gap", "yes") && !says(row, "gap", "yes")));
                        if (dropped || eased)
                                faults_tell(f, FAULT, p, "materials.csv", 0, SB_PACK_STEP, "%s|%s|%s",
                                            json_text(row, "process"), json_text(row, "material"), p->parent->name);
                }
        json_decref(own);
        json_decref(above);
}
