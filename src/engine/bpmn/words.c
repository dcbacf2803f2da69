/* SPDX-License-Identifier: Apache-2.0
 *
 * The office's own words on an element (namespace BPMN_NS_SHEBAO): what is read of them, and which values they may have.
 */
#include "engine/bpmn/model.h"

#include <string.h>

#define WRONG(r, n, en, zh) fault_tell((r)->faults, word_label(n), (n)->line, SB_BPMN_MODEL, "%s", ERROR_BOTH(en, zh))
#define DAYS_MAX 3660

static const char *word_label(const struct xml_node *n)
{
        const char *id = xml_attr(n, "id");

        return id == NULL ? n->name : id;
}

static const char *word(struct reader *r, const struct xml_node *n, const char *name)
{
        return reader_keep(r, xml_attr_ns(n, BPMN_NS_SHEBAO, name));
}

static bool one_of(const char *value, const char *const *names)
{
        for (; *names != NULL; names++)
                if (strcmp(value, *names) == 0)
                        return true;
        return false;
}

static int days_read(struct reader *r, const struct xml_node *n, const char *text)
{
        int64_t days = 0;

        if (text[0] != '\0' && (!text_to_int(str_from(text), &days) || days < 1 || days > DAYS_MAX))
                WRONG(r, n, "a limit is a number of days from 1 to 3660", "时限应为1至3660天");
        return days < 1 || days > DAYS_MAX ? 0 : (int)days;
}

/* --- fields of forms ------------------------------------------------------------------------------------------------------------ */

static void variable_read(struct reader *r, const struct xml_node *n, struct bpmn_variable *v)
{
        static const char *const types[] = {"text",   "number",   "money",    "date", "month", "boolean", "choice",
                                            "person", "employer", "identity", "uscc", "phone", "account", NULL};
        const char *required = xml_attr(n, "required"), *personal = xml_attr(n, "personal");

        *v = (struct bpmn_variable){
            .name = reader_keep(r, xml_attr(n, "name")),
            .type = reader_keep(r, xml_attr(n, "type")),
            .values = reader_keep(r, xml_attr(n, "values")),
            .title = {[LANG_ZH] = reader_keep(r, xml_attr(n, "titleZh")), [LANG_EN] = reader_keep(r, xml_attr(n, "titleEn"))},
            .required = required != NULL && strcmp(required, "true") == 0,
            .personal = personal != NULL && strcmp(personal, "true") == 0};
        for (int lang = LANG_ZH; lang <= LANG_EN; lang++)
                if (v->title[lang][0] == '\0')
                        v->title[lang] = v->name;
        if (v->type[0] == '\0')
                return; /* given by who starts the process, in no form */
        if (!one_of(v->type, types))
                WRONG(r, n, "a variable has a type that forms do not know", "变量类型无法用于表单");
        if ((strcmp(v->type, "choice") == 0) != (v->values[0] != '\0'))
                WRONG(r, n, "a choice, and only a choice, needs its values", "choice 类型（且仅该类型）须列出可选值");
}

static const struct xml_node *variable_next(const struct xml_node *c)
{
        while (c != NULL && !(strcmp(c->ns, BPMN_NS_SHEBAO) == 0 && strcmp(c->name, "variable") == 0))
                c = c->next;
        return c;
}

static const struct bpmn_variable *variables_read(struct reader *r, const struct xml_node *p, size_t *count)
{
        const struct xml_node *all = xml_child(p, "extensionElements"), *first = all == NULL ? NULL : all->first;
        size_t room = 0;

        for (const struct xml_node *c = variable_next(first); c != NULL; c = variable_next(c->next))
                room++;
        struct bpmn_variable *list = arena_array(r->m->arena, room + 1, sizeof *list);
        for (const struct xml_node *c = variable_next(first); list != NULL && c != NULL; c = variable_next(c->next))
                variable_read(r, c, &list[(*count)++]);
        return list;
}

/* --- nodes -------------------------------------------------------------------------------------------------------------------- */

void words_node(struct reader *r, const struct xml_node *n, struct bpmn_node *node)
{
        static const char *const phases[] = {"", "ACC", "REV", "REV2", "APR", "EXE", "NTF", "ARC", NULL};
        static const char *const units[] = {"", "WD", "CD", NULL};
        const char *unit = word(r, n, "limitUnit");

        node->role = word(r, n, "role");
        node->verb = word(r, n, "verb");
        node->model = word(r, n, "model");
        node->decision = word(r, n, "decision");
        node->decisions = word(r, n, "decisions");
        node->article = word(r, n, "article");
        node->phase = word(r, n, "phase");
        node->schemes = word(r, n, "schemes");
        node->limit_days = days_read(r, n, word(r, n, "limit"));
        node->limit_calendar = strcmp(unit, "CD") == 0;
        node->fields = variables_read(r, n, &node->field_count);
        for (size_t i = 0; i < node->field_count; i++)
                if (node->fields[i].type[0] == '\0')
                        WRONG(r, n, "what a step is told has a type", "环节填写项须有类型");
        if (!one_of(node->phase, phases))
                WRONG(r, n, "the phase is one of ACC REV REV2 APR EXE NTF ARC",
                      "阶段应为 ACC、REV、REV2、APR、EXE、NTF、ARC 之一");
        if (!one_of(unit, units))
                WRONG(r, n, "the unit of a limit is WD (working days) or CD (calendar days)",
                      "时限单位应为 WD（工作日）或 CD（自然日）");
}

static bool listens(const struct bpmn_node *node)
{
        return node->kind == BPMN_CATCH || node->kind == BPMN_BOUNDARY;
}

static void triggers_need(struct reader *r, const struct xml_node *n, const struct bpmn_node *node, const struct code *c)
{
        if (listens(node) && c->trigger_count == 0)
                WRONG(r, n, "the event needs to say what it waits for", "事件须说明等待什么");
        for (size_t i = 0; i < c->trigger_count; i++) {
                const struct trigger *x = &c->triggers[i];
                if ((x->kind == BPMN_MESSAGE || x->kind == BPMN_SIGNAL) && x->name[0] == '\0')
                        WRONG(r, n, "the message or signal is not declared in the file", "文件中未声明该消息或信号");
                if (x->first != NULL && (node->kind != BPMN_START || r->parent >= 0))
                        WRONG(r, n, "a cycle from a date on only begins a process", "自某日起的循环仅可用于启动流程");
                if (x->kind == BPMN_CONDITIONAL && node->kind == BPMN_START && r->parent < 0)
                        fault_tell(r->faults, word_label(n), n->line, SB_BPMN_UNSUPPORTED, "%s",
                                   ERROR_BOTH("a start by condition", "条件启动"));
        }
}

/* What the office cannot do without, and what it cannot carry. */
void words_need(struct reader *r, const struct xml_node *n, const struct bpmn_node *node, const struct code *c)
{
        if (node->kind <= BPMN_BOUNDARY || node->kind == BPMN_SEND_TASK || node->kind == BPMN_RECEIVE_TASK)
                triggers_need(r, n, node, c);
        if (node->kind == BPMN_USER_TASK && node->role[0] == '\0')
                WRONG(r, n, "the user task names no role", "用户任务未指定岗位");
        if (node->kind == BPMN_SERVICE_TASK && node->verb[0] == '\0')
                WRONG(r, n, "the service task names no verb", "服务任务未指定动作");
        if (node->kind == BPMN_RULE_TASK && (node->model[0] == '\0' || node->decision[0] == '\0'))
                WRONG(r, n, "the rule task names no model and decision", "规则任务未指定模型和决策");
        if (node->kind == BPMN_SCRIPT_TASK && c->script == NULL)
                fault_tell(r->faults, word_label(n), n->line, SB_BPMN_UNSUPPORTED, "%s",
                           ERROR_BOTH("a script that is not in FEEL", "非 FEEL 脚本"));
        if (node->kind == BPMN_CALL && c->called_id[0] == '\0')
                WRONG(r, n, "the call names no process", "调用活动未指定流程");
        if (c->loop == LOOP_MULTI && c->cardinality == NULL && c->collection[0] == '\0')
                WRONG(r, n, "the loop says neither how often nor over which list it runs", "多实例活动未说明次数或列表");
}

/* Working days of a timer, on its definition or on the event that holds it; 0 none. */
int words_working_days(struct reader *r, const struct xml_node *event, const struct xml_node *definition)
{
        const char *days = word(r, definition, "workingDays");

        return days_read(r, definition, days[0] != '\0' ? days : word(r, event, "workingDays"));
}

/* --- processes ---------------------------------------------------------------------------------------------------------------- */

void words_process(struct reader *r, const struct xml_node *p, struct bpmn_process *out)
{
        static const char *const risks[] = {"", "L", "M", "H", NULL};
        const char *amount = word(r, p, "amount");

        out->article = word(r, p, "article");
        out->risk = word(r, p, "risk");
        out->after = word(r, p, "after");
        out->check = word(r, p, "check");
        out->amount = "";
        if (!one_of(out->risk, risks))
                WRONG(r, p, "the risk is L, M or H", "风险等级应为 L、M 或 H");
        if (amount[0] != '\0')
                r->m->amounts[out - r->m->processes] = reader_formula(r, p, amount, &out->amount);
        out->variables = variables_read(r, p, &out->variable_count);
}

/* --- the amount of a case ----------------------------------------------------------------------------------------------------- */

int bpmn_amount(const struct bpmn_model *m, int process, const json_t *variables, bool *known, fen_t *fen, struct error *err)
{
        struct value_scope scope = {.variables = variables};
        json_t *value = NULL;
        char text[32];
        int rc = 0;

        *known = false;
        if (process < 0 || (size_t)process >= m->process_count || m->amounts[process] == NULL)
                return 0;
        const char *amount = m->processes[process].amount;
        rc = expression_json(m->amounts[process], &scope, amount, &value, err);
        if (rc == 0 && !json_is_null(value)) {
                const char *yuan = json_is_integer(value)
                                       ? text_format(text, sizeof text, "%lld", (long long)json_integer_value(value))
                                       : json_string_value(value);
                rc = yuan == NULL ? error_raise(err, SB_BPMN_EXPRESSION, "%.120s|%s", amount,
                                                ERROR_BOTH("an amount in yuan is needed", "应为以元计的金额"))
                                  : money_parse(fen, str_from(yuan), err);
                *known = rc == 0;
        }
        json_decref(value);
        return rc;
}

const char *bpmn_outcome(const struct bpmn_model *m, const struct bpmn_node *n, size_t i, char out[64])
{
        static const char RESULT[] = "result.";
        const struct code *c = &m->codes[n - m->nodes];

        for (size_t k = 0; k < c->output_count; k++)
                for (const char *p = c->outputs[k].text; (p = strstr(p, RESULT)) != NULL;) {
                        p += sizeof RESULT - 1;
                        size_t length = strspn(p, "abcdefghijklmnopqrstuvwxyz_0123456789");
                        if (length > 0 && i-- == 0)
                                return text_copy(out, 64, (struct str){p, length});
                }
        return NULL;
}

static bool hears(const struct bpmn_model *m, int node, const char *name)
{
        const struct code *c = &m->codes[node];
        bool waits = m->nodes[node].kind != BPMN_START;

        for (size_t k = 0; waits && k < c->trigger_count; k++)
                if (c->triggers[k].kind == BPMN_MESSAGE && strcmp(c->triggers[k].name, name) == 0)
                        return true;
        return false;
}

const struct bpmn_node *bpmn_hears(const struct bpmn_model *m, const char *element, const char *name)
{
        const struct bpmn_node *n = bpmn_node_find(m, element);
        const struct code *c = n == NULL ? NULL : &m->codes[n - m->nodes];

        if (c == NULL || hears(m, (int)(n - m->nodes), name))
                return n;
        for (size_t k = 0; n->kind == BPMN_EVENT_GATEWAY && k < c->out_count; k++) {
                int to = m->flows[c->out[k]].target;
                if (to >= 0 && hears(m, to, name))
                        return &m->nodes[to];
        }
        return NULL;
}
