/* SPDX-License-Identifier: Apache-2.0
 *
 * Can an instance that began on one model go on by another? Where every element at which it stands is the same kind of thing at the
 * same place in both, its state means the same.
 */
#include "engine/bpmn/model.h"

#include <string.h>

static int unfit(const char *node, const char *both, struct error *err)
{
        error_raise(err, SB_BPMN_FIT, "%s|%s", node, both);
        return error_where(err, "%s", node);
}

static int index_of(const struct bpmn_model *m, const char *id)
{
        const struct bpmn_node *n = id == NULL ? NULL : bpmn_node_find(m, id);

        return n == NULL ? -1 : (int)(n - m->nodes);
}

/* The same element by id, or none on both sides. */
static bool same(const struct bpmn_model *a, int i, const struct bpmn_model *b, int j)
{
        return i < 0 || j < 0 ? i < 0 && j < 0 : strcmp(a->nodes[i].id, b->nodes[j].id) == 0;
}

static bool listens_beside(const struct bpmn_model *m, size_t i, int node)
{
        const struct bpmn_node *n = &m->nodes[i];

        return n->kind == BPMN_BOUNDARY && m->codes[i].attached == node && n->trigger != BPMN_COMPENSATION;
}

/* Events that would listen at an activity in one model and not in the other: nobody would have begun to listen. */
static bool same_listeners(const struct bpmn_model *a, int i, const struct bpmn_model *b, int j)
{
        size_t here = 0, there = 0;

        for (size_t k = 0; k < a->node_count; k++)
                here += listens_beside(a, k, i);
        for (size_t k = 0; k < b->node_count; k++) {
                int other = listens_beside(b, k, j) ? index_of(a, b->nodes[k].id) : -1;
                there += listens_beside(b, k, j);
                if (listens_beside(b, k, j) && (other < 0 || !listens_beside(a, (size_t)other, i)))
                        return false;
        }
        return here == there;
}

/* The same of the event sub-processes of a scope: node, or -1 and the process of that id. */
static size_t begun_by_events(const struct bpmn_model *m, const char *process, const char *node, const struct bpmn_model *in)
{
        size_t count = 0;

        for (size_t k = 0; k < m->node_count; k++) {
                int up = m->codes[k].parent;
                bool inside = node == NULL ? up < 0 && m->nodes[k].process >= 0 &&
                                                 strcmp(m->processes[m->nodes[k].process].id, process) == 0
                                           : up >= 0 && strcmp(m->nodes[up].id, node) == 0;
                if (inside && m->codes[k].event_sub && (in == NULL || index_of(in, m->nodes[k].id) >= 0))
                        count++;
        }
        return count;
}

static bool same_scope(const struct bpmn_model *a, const struct bpmn_model *b, const char *process, const char *node)
{
        size_t n = begun_by_events(a, process, node, NULL);

        return n == begun_by_events(b, process, node, NULL) && n == begun_by_events(a, process, node, b);
}

static int token_fits(const struct bpmn_model *a, const struct bpmn_model *b, const char *process, const json_t *token,
                      struct error *err)
{
        const char *id = json_string_value(json_object_get(token, "node"));
        const char *flow = json_string_value(json_object_get(token, "flow"));
        int i = index_of(a, id), j = index_of(b, id);
        bool there = false;

        if (i < 0)
                return error_raise(err, SB_BPMN_STATE, "%s", id == NULL ? "node" : id);
        if (j < 0)
                return unfit(id, ERROR_BOTH("the element is not there", "该元素不存在"), err);
        if (a->nodes[i].kind != b->nodes[j].kind || a->nodes[i].trigger != b->nodes[j].trigger ||
            a->codes[i].loop != b->codes[j].loop)
                return unfit(id, ERROR_BOTH("it is another kind of element", "元素类型不同"), err);
        if (!same(a, a->codes[i].parent, b, b->codes[j].parent) || !same(a, a->codes[i].attached, b, b->codes[j].attached))
                return unfit(id, ERROR_BOTH("it stands at another place", "元素所处位置不同"), err);
        if (strcmp(a->nodes[i].verb, b->nodes[j].verb) != 0)
                return unfit(id, ERROR_BOTH("it calls another verb", "所调用的动作不同"), err);
        if (!same_listeners(a, i, b, j) || !same_scope(a, b, process, id))
                return unfit(id, ERROR_BOTH("other events listen beside it", "旁路监听的事件不同"), err);
        for (size_t k = 0; flow != NULL && k < b->flow_count; k++)
                there = there || (strcmp(b->flows[k].id, flow) == 0 && b->flows[k].target == j);
        return flow != NULL && !there ? unfit(id, ERROR_BOTH("the flow by which it came is not there", "来路顺序流不存在"), err)
                                      : 0;
}

int bpmn_state_fits(const struct bpmn_model *from, const struct bpmn_model *to, const json_t *state, struct error *err)
{
        const char *process = json_string_value(json_object_get(state, "process"));
        struct state read;
        json_t *token;
        size_t k;
        int rc = 0;

        if (process == NULL || bpmn_process_find(to, process) < 0)
                return error_raise(err, SB_BPMN_PROCESS, "%s", process == NULL ? "-" : process);
        if (!same_scope(from, to, process, NULL))
                return unfit(process, ERROR_BOTH("other events listen beside it", "旁路监听的事件不同"), err);
        json_array_foreach(json_object_get(state, "tokens"), k, token)
        {
                if (rc == 0)
                        rc = token_fits(from, to, process, token, err);
        }
        if (rc < 0)
                return rc;
        rc = state_read(&read, to, state, err);
        state_dispose(&read);
        return rc;
}
