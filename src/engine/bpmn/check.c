/* SPDX-License-Identifier: Apache-2.0
 *
 * The soundness of a model: what no single element shows. A model that passes can be executed to its end by some outcome of its
 * tasks; whether every outcome leads there depends on values, and a token without a path is an error of the step.
 */
#include "engine/bpmn/model.h"

#include <stdlib.h>
#include <string.h>

#define WRONG(f, id, line, en, zh) fault_tell(f, id, line, SB_BPMN_MODEL, "%s", ERROR_BOTH(en, zh))

static void ids_check(const struct bpmn_model *m, struct faults *f)
{
        for (size_t i = 0; i < m->node_count; i++)
                for (size_t j = i + 1; j < m->node_count; j++)
                        if (m->nodes[i].id[0] != '\0' && strcmp(m->nodes[i].id, m->nodes[j].id) == 0)
                                WRONG(f, m->nodes[j].id, m->nodes[j].line, "the id is used twice", "id 重复");
        for (size_t i = 0; i < m->flow_count; i++)
                for (size_t j = i + 1; j < m->flow_count; j++)
                        if (m->flows[i].id[0] != '\0' && strcmp(m->flows[i].id, m->flows[j].id) == 0)
                                WRONG(f, m->flows[j].id, m->flows[j].line, "the id is used twice", "id 重复");
}

static void flows_check(const struct bpmn_model *m, struct faults *f)
{
        for (size_t i = 0; i < m->flow_count; i++) {
                const struct flow *x = &m->flows[i];
                if (x->source < 0 || x->target < 0)
                        WRONG(f, x->id, x->line, "the flow leads from or to an element that is not there",
                              "顺序流的起点或终点不存在");
                else if (m->nodes[x->source].process != m->nodes[x->target].process)
                        WRONG(f, x->id, x->line, "the flow leads into another process", "顺序流不得跨流程");
                else if (m->codes[x->source].parent != m->codes[x->target].parent)
                        WRONG(f, x->id, x->line, "the flow leads into or out of a sub-process", "顺序流不得跨越子流程边界");
                else if (x->condition != NULL && m->nodes[x->source].kind == BPMN_PARALLEL)
                        WRONG(f, x->id, x->line, "a flow out of a parallel gateway has no condition",
                              "并行网关的流出不得带条件");
        }
}

static void gateway_check(const struct bpmn_model *m, size_t i, struct faults *f)
{
        const struct bpmn_node *n = &m->nodes[i];
        const struct code *c = &m->codes[i];

        for (size_t k = 0; c->out_count > 1 && k < c->out_count; k++) {
                const struct flow *x = &m->flows[c->out[k]];
                if (x->condition == NULL && x->text == NULL && c->out[k] != c->default_flow)
                        WRONG(f, x->id, x->line, "a flow out of an exclusive gateway needs a condition, or to be the default",
                              "排他网关的流出须有条件或设为默认流");
        }
        if (c->out_count == 1 && c->in_count < 2 && m->flows[c->out[0]].condition == NULL)
                WRONG(f, n->id, n->line, "the gateway neither splits nor joins", "网关既不分支也不汇合");
}

static bool inner_of_ad_hoc(const struct bpmn_model *m, size_t i)
{
        return m->codes[i].parent >= 0 && m->nodes[m->codes[i].parent].kind == BPMN_AD_HOC;
}

/* Elements that begin without a flow: by themselves, by an event, by a call or for compensation. */
static bool begins_alone(const struct bpmn_model *m, size_t i)
{
        const struct bpmn_node *n = &m->nodes[i];
        const struct code *c = &m->codes[i];

        return n->kind == BPMN_START || n->kind == BPMN_BOUNDARY || n->process < 0 || c->event_sub || c->for_compensation ||
               c->instantiate || (n->kind == BPMN_CATCH && n->trigger == BPMN_LINK) || inner_of_ad_hoc(m, i);
}

static bool ends_alone(const struct bpmn_model *m, size_t i)
{
        const struct bpmn_node *n = &m->nodes[i];
        const struct code *c = &m->codes[i];

        return n->kind == BPMN_END || n->process < 0 || c->event_sub || c->for_compensation ||
               (n->kind == BPMN_THROW && n->trigger == BPMN_LINK) ||
               (n->kind == BPMN_BOUNDARY && n->trigger == BPMN_COMPENSATION) || inner_of_ad_hoc(m, i);
}

/* What stands at a border, or waits at the side. */
static void border_check(const struct bpmn_model *m, size_t i, struct faults *f)
{
        const struct bpmn_node *n = &m->nodes[i];
        const struct code *c = &m->codes[i];
        size_t starts = 0;

        if (n->kind == BPMN_BOUNDARY && (c->attached < 0 || m->nodes[c->attached].kind < BPMN_TASK ||
                                         m->nodes[c->attached].kind > BPMN_AD_HOC || c->parent != m->codes[c->attached].parent))
                WRONG(f, n->id, n->line, "the boundary event stands at no activity", "边界事件未附着于活动");
        for (size_t k = 0; c->event_sub && k < m->node_count; k++)
                starts += m->codes[k].parent == (int)i && m->nodes[k].kind == BPMN_START && m->nodes[k].trigger != BPMN_NONE;
        if (c->event_sub && starts != 1)
                WRONG(f, n->id, n->line, "an event sub-process has one start event, which says what it waits for",
                      "事件子流程须有且仅有一个带触发条件的开始事件");
}

static void node_check(const struct bpmn_model *m, size_t i, struct faults *f)
{
        const struct bpmn_node *n = &m->nodes[i];
        const struct code *c = &m->codes[i];

        if (n->kind == BPMN_START && c->in_count > 0)
                WRONG(f, n->id, n->line, "a flow leads into a start event", "开始事件不得有流入");
        if (n->kind == BPMN_END && c->out_count > 0)
                WRONG(f, n->id, n->line, "a flow leads out of an end event", "结束事件不得有流出");
        if (c->in_count == 0 && !begins_alone(m, i))
                WRONG(f, n->id, n->line, "no flow leads to the element", "没有顺序流到达该元素");
        if (c->out_count == 0 && !ends_alone(m, i))
                WRONG(f, n->id, n->line, "no flow leads on from the element", "该元素没有流出");
        if (c->default_id[0] != '\0' && c->default_flow < 0)
                WRONG(f, n->id, n->line, "the default flow does not begin here", "默认流不是从该元素流出");
        if (c->default_flow >= 0 && m->flows[c->default_flow].condition != NULL)
                WRONG(f, n->id, n->line, "the default flow has a condition", "默认流不得带条件");
        if (n->kind == BPMN_EXCLUSIVE)
                gateway_check(m, i, f);
        border_check(m, i, f);
}

/* Mark what can be reached from the marked nodes, along the flows or against them. */
static void spread(const struct bpmn_model *m, bool *marked, bool back)
{
        bool more = true;

        while (more) {
                more = false;
                for (size_t i = 0; i < m->flow_count; i++) {
                        const struct flow *x = &m->flows[i];
                        int from = back ? x->target : x->source, to = back ? x->source : x->target;
                        if (from >= 0 && to >= 0 && marked[from] && !marked[to])
                                marked[to] = more = true;
                }
        }
}

static void paths_check(const struct bpmn_model *m, struct faults *f)
{
        bool *reached = calloc(2 * m->node_count + 1, sizeof *reached), *ends = reached + m->node_count;

        if (reached == NULL) {
                fault_tell(f, "definitions", 1, SB_MEMORY, "%s", "");
                return;
        }
        for (size_t i = 0; i < m->node_count; i++) {
                reached[i] = begins_alone(m, i);
                ends[i] = ends_alone(m, i);
        }
        spread(m, reached, false);
        spread(m, ends, true);
        for (size_t i = 0; i < m->node_count; i++) {
                const struct bpmn_node *n = &m->nodes[i];
                if (!reached[i] && m->codes[i].in_count > 0)
                        WRONG(f, n->id, n->line, "no path from the start leads here", "从开始事件无法到达该元素");
                if (!ends[i] && m->codes[i].out_count > 0)
                        WRONG(f, n->id, n->line, "no path from here leads to an end", "从该元素无法到达结束事件");
        }
        free(reached);
}

static void starts_check(const struct bpmn_model *m, size_t p, struct faults *f)
{
        const struct bpmn_process *x = &m->processes[p];
        size_t plain = 0, any = 0, nodes = 0;

        for (size_t i = 0; i < m->node_count; i++) {
                bool top = m->nodes[i].process == (int)p && m->codes[i].parent < 0;
                nodes += top;
                any += top && (m->nodes[i].kind == BPMN_START || m->codes[i].instantiate);
                plain += top && m->nodes[i].kind == BPMN_START && m->nodes[i].trigger == BPMN_NONE;
        }
        if (plain > 1 || (any == 0 && (nodes > 0 || x->executable)))
                WRONG(f, x->id, 1, "the process needs a start event, and only one that nothing triggers",
                      "流程须有开始事件，且至多一个无触发条件的开始事件");
}

static void processes_check(const struct bpmn_model *m, struct faults *f)
{
        size_t executable = 0;

        for (size_t p = 0; p < m->process_count; p++) {
                executable += m->processes[p].executable;
                starts_check(m, p, f);
                for (size_t q = p + 1; q < m->process_count; q++)
                        if (strcmp(m->processes[p].id, m->processes[q].id) == 0)
                                WRONG(f, m->processes[p].id, 1, "the id is used twice", "id 重复");
        }
        if (executable == 0)
                WRONG(f, "definitions", 1, "the file has no executable process (isExecutable)",
                      "文件中没有可执行流程（isExecutable）");
}

void model_check(const struct bpmn_model *m, struct faults *f)
{
        ids_check(m, f);
        processes_check(m, f);
        flows_check(m, f);
        for (size_t i = 0; i < m->node_count; i++)
                node_check(m, i, f);
        paths_check(m, f);
}
