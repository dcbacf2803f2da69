/* SPDX-License-Identifier: Apache-2.0
 *
 * The desk: tasks are taken, done, put back, handed over, taken back; cases wait, go on, are withdrawn, noted, looked at. Whoever may
 * not is told so, and somebody else does it.
 */
#include "office/sim/internal.h"

#include "engine/bpmn/bpmn.h"

#include <string.h>

enum { OPEN_MAX = 600 };

struct open_task {
        int64_t id, instance, office, assignee;
        char process[8], node[24], role[16];
        bool paused;
};
struct open_tasks {
        struct open_task *list;
        int count;
};

static int open_read(struct tx *tx, struct reading *r, struct error *err)
{
        struct open_tasks *o = r->ctx;
        struct stmt *q;
        int rc = tx_query(
            &q, tx, err,
            "SELECT t.id, t.instance, t.office, t.assignee, t.process, t.node, t.role, i.paused_at FROM task t JOIN "
            "process_instance i ON i.home = t.home AND i.id = t.instance WHERE t.state = 'open' AND t.token > 0 ORDER BY "
            "t.id",
            "");

        o->count = 0;
        while (rc == 0 && o->count < OPEN_MAX && (rc = stmt_step(q, err)) == 1) {
                struct open_task *t = &o->list[o->count++];
                *t = (struct open_task){.id = stmt_int(q, 0),
                                        .instance = stmt_int(q, 1),
                                        .office = stmt_int(q, 2),
                                        .assignee = stmt_int(q, 3),
                                        .paused = stmt_int(q, 7) != 0};
                text_copy(t->process, sizeof t->process, stmt_text(q, 4));
                text_copy(t->node, sizeof t->node, stmt_text(q, 5));
                text_copy(t->role, sizeof t->role, stmt_text(q, 6));
                rc = 0;
        }
        return rc < 0 ? rc : 0;
}

static bool task_pick(struct world *w, struct open_task *out)
{
        static struct open_task none;
        struct open_task list[OPEN_MAX];
        struct open_tasks o = {.list = list};

        *out = none;
        look(w, open_read, &o);
        if (w->failed || o.count == 0)
                return false;
        /* The older ones more often. */
        int at = pick(w, o.count), other = pick(w, o.count);
        *out = list[at < other ? at : other];
        return true;
}

static uint32_t role_of(const char *word)
{
        static const struct {
                const char *word;
                uint32_t role;
        } roles[] = {
            {"clerk", ROLE_CLERK}, {"reviewer", ROLE_REVIEWER}, {"approver", ROLE_APPROVER}, {"finance", ROLE_FINANCE}};

        for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
                if (strcmp(roles[i].word, word) == 0)
                        return roles[i].role;
        return 0;
}

static int staff_index(const struct world *w, int64_t id)
{
        for (int i = 0; i < w->t->staff_count; i++)
                if (w->staff[i].id == id)
                        return i;
        return -1;
}

/* --- what is told ----------------------------------------------------------------------------------------------------------- */

static const char *word_at(const char *words, int n, char out[24])
{
        while (n-- > 0)
                words += strcspn(words, " ") + (words[strcspn(words, " ")] != '\0');
        return text_copy(out, 24, (struct str){words, strcspn(words, " ")});
}

static int word_count(const char *words)
{
        int n = words[0] != '\0';

        for (; *words != '\0'; words++)
                n += *words == ' ';
        return n;
}

static json_t *value_make(struct world *w, const struct bpmn_variable *f)
{
        char text[24];

        if (strcmp(f->type, "boolean") == 0)
                return json_boolean(chance(w, 15) && strcmp(f->name, "papers_missing") != 0);
        if (strcmp(f->type, "choice") == 0)
                return json_string(word_at(f->values, pick(w, word_count(f->values)), text));
        if (strcmp(f->type, "number") == 0)
                return json_integer(pick(w, 9) + 1);
        if (strcmp(f->type, "money") == 0)
                return json_string(money_text(10000 + pick(w, 400000), text));
        if (strcmp(f->type, "date") == 0)
                return json_string(day_text(clock_today(w->house.clock), text));
        if (strcmp(f->type, "month") == 0)
                return json_string(month_text(month_of(clock_today(w->house.clock)), text));
        if (strcmp(f->type, "phone") == 0)
                return json_string("13800001234");
        return json_string(text_format(text, sizeof text, "内容%d", pick(w, 1000)));
}

json_t *outcome_make(struct world *w, const char *process, const char *node, const char **decision)
{
        const struct bpmn_model *model = NULL;
        struct error err = {0};
        json_t *outcome = json_object();
        const struct bpmn_node *n = pack_process(w->t->pack, process, &model, &err) == 0 ? bpmn_node_find(model, node) : NULL;

        *decision = "approve";
        if (n == NULL) {
                sim_fail(w, "%s has no step %s", process, node);
                return outcome;
        }
        if (chance(w, 9) && text_has_word(n->decisions, "return"))
                *decision = "return";
        else if (chance(w, 4) && text_has_word(n->decisions, "refuse"))
                *decision = "refuse";
        for (size_t i = 0; i < n->field_count; i++)
                json_object_set_new(outcome, n->fields[i].name, value_make(w, &n->fields[i]));
        json_object_set_new(outcome, "decision", json_string(*decision));
        json_object_set_new(outcome, "note", json_string("因为"));
        return outcome;
}

void case_opened(struct world *w, const json_t *answer, const char *process, int64_t subject)
{
        int64_t id = number_of(answer, "case");

        if (!w->failed && id == 0)
                sim_fail(w, "%s began no case", process);
        if (!w->failed)
                m_case_add(w, id, process, subject);
}

/* --- doing it ----------------------------------------------------------------------------------------------------------------- */

static const enum error_code MAY_NOT[] = {
    SB_CASE_ROLE,    SB_CASE_OFFICE,    SB_CASE_FOUR_EYES, SB_CASE_SIGNING,       SB_CASE_PERSONS,
    SB_CASE_RELATED, SB_CASE_TASK_GONE, SB_CASE_PAUSED,    SB_CASE_PAPER_MISSING, SB_OK};

static void papers_give(struct world *w, int staff, int64_t instance)
{
        static const enum error_code none[] = {SB_CASE_OFFICE, SB_CASE_ROLE, SB_OK};
        json_t *file = NULL, *papers = json_array(), *one;
        size_t i;

        ask(w, staff, "cases.get", json_pack("{s:I}", "case", (json_int_t)instance), &file);
        json_array_foreach(json_object_get(file, "papers"), i, one) json_array_append_new(
            papers, json_pack("{s:O,s:s}", "material", json_object_get(one, "material"), "state", "given"));
        json_decref(file);
        if (json_array_size(papers) > 0)
                allowed(
                    w,
                    ask(w, staff, "cases.papers", json_pack("{s:I,s:O}", "case", (json_int_t)instance, "papers", papers), NULL),
                    "cases.papers", none);
        json_decref(papers);
}

static void done_note(struct world *w, const struct open_task *t, int staff, const char *decision)
{
        struct m_case *c = m_case(w->m, t->instance);

        if (c == NULL) {
                sim_fail(w, "a task of a case %lld that nobody began", (long long)t->instance);
                return;
        }
        if (c->done_count == DONE_MAX) {
                memmove(&c->done[0], &c->done[1], (DONE_MAX - 1) * sizeof c->done[0]);
                c->done_count--;
        }
        struct m_done *d = &c->done[c->done_count++];
        *d = (struct m_done){.task = t->id, .staff = w->staff[staff].id};
        text_copy(d->node, sizeof d->node, str_from(t->node));
        text_copy(d->decision, sizeof d->decision, str_from(decision));
}

/* Taken back, as long as nothing came of it; and never twice. */
static void undo(struct world *w, const struct open_task *t, int staff)
{
        static const enum error_code late[] = {SB_CASE_UNDO, SB_CASE_PAST, SB_OK};
        json_t *in = json_pack("{s:I}", "task", (json_int_t)t->id);

        if (!allowed(w, ask(w, staff, "tasks.undo", json_incref(in), NULL), "tasks.undo", late)) {
                json_decref(in);
                return;
        }
        if (chance(w, 50) && ask(w, staff, "tasks.undo", json_incref(in), NULL) == SB_OK)
                sim_fail(w, "task %lld was taken back twice", (long long)t->id);
        json_decref(in);
}

static void complete(struct world *w, const struct open_task *t)
{
        uint32_t role = role_of(t->role);
        int first = staff_index(w, t->assignee), from = pick(w, w->t->staff_count);
        day_t today = clock_today(w->house.clock);
        const char *decision = "";

        /* Whose it is, those of its office, everybody else. */
        for (int k = -1; k < 2 * w->t->staff_count && !w->failed; k++) {
                int staff = k < 0 ? first : (from + k) % w->t->staff_count;
                bool near = staff >= 0 && w->staff[staff].office == t->office;
                if (staff < 0 || (k >= 0 && (staff == first || (w->staff[staff].roles & role) == 0)) ||
                    (k >= 0 && near != (k < w->t->staff_count)) || w->staff[staff].away_until > today)
                        continue;
                json_t *outcome = outcome_make(w, t->process, t->node, &decision);
                enum error_code code = ask(w, staff, "tasks.complete",
                                           json_pack("{s:I,s:o}", "task", (json_int_t)t->id, "outcome", outcome), NULL);
                char what[80];
                text_format(what, sizeof what, "tasks.complete of %s %s (task %lld, case %lld)", t->process, t->node,
                            (long long)t->id, (long long)t->instance);
                sim_trace(w, "    %s: %s", what, decision);
                if (allowed(w, code, what, MAY_NOT)) {
                        done_note(w, t, staff, decision);
                        settle(w);
                        if (chance(w, 8))
                                undo(w, t, staff);
                        return;
                }
                if (code == SB_CASE_PAPER_MISSING) {
                        papers_give(w, somebody(w, ROLE_CLERK, 0), t->instance);
                        return;
                }
                if (code == SB_CASE_PAUSED || code == SB_CASE_TASK_GONE)
                        return;
        }
}

static void change_hands(struct world *w, const struct open_task *t)
{
        static const enum error_code not_over[] = {SB_CASE_ROLE,      SB_CASE_OFFICE,  SB_CASE_FOUR_EYES,
                                                   SB_CASE_SIGNING,   SB_CASE_PERSONS, SB_CASE_RELATED,
                                                   SB_CASE_TASK_GONE, SB_CASE_STAFF,   SB_OK};
        int staff = t->assignee != 0 ? staff_index(w, t->assignee) : somebody(w, role_of(t->role), 0);
        int other = somebody(w, role_of(t->role), 0);

        if (staff < 0 || other < 0)
                return;
        if (t->assignee == 0)
                allowed(w, ask(w, staff, "tasks.take", json_pack("{s:I}", "task", (json_int_t)t->id), NULL), "tasks.take",
                        not_over);
        else if (chance(w, 40))
                allowed(w,
                        ask(w, staff, "tasks.give_back", json_pack("{s:I,s:s}", "task", (json_int_t)t->id, "note", "忙"), NULL),
                        "tasks.give_back", not_over);
        else
                allowed(w,
                        ask(w, staff, "tasks.hand_over",
                            json_pack("{s:I,s:I,s:s}", "task", (json_int_t)t->id, "staff", (json_int_t)w->staff[other].id,
                                      "note", "请代办"),
                            NULL),
                        "tasks.hand_over", not_over);
}

void desk_task(struct world *w)
{
        struct open_task t;

        if (!task_pick(w, &t))
                return;
        if (t.paused) {
                static const enum error_code no[] = {SB_CASE_NOT_PAUSED, SB_CASE_OFFICE, SB_CASE_ROLE, SB_OK};
                if (chance(w, 50))
                        allowed(w,
                                ask(w, somebody(w, ROLE_CLERK, 0), "cases.resume",
                                    json_pack("{s:I}", "case", (json_int_t)t.instance), NULL),
                                "cases.resume", no);
                else
                        papers_give(w, somebody(w, ROLE_CLERK, 0), t.instance);
                return;
        }
        if (chance(w, 12))
                change_hands(w, &t);
        else
                complete(w, &t);
}

/* --- beside the way ------------------------------------------------------------------------------------------------------------- */

static bool application(const char *process)
{
        return strcmp(process, "P01") == 0 || strcmp(process, "P02") == 0 || strcmp(process, "P04") == 0 ||
               strcmp(process, "P23") == 0;
}

void desk_beside(struct world *w)
{
        static const enum error_code no[] = {SB_CASE_OFFICE,   SB_CASE_ROLE, SB_CASE_PAUSED,     SB_CASE_STATE,
                                             SB_CASE_WITHDRAW, SB_CASE_PAST, SB_CASE_NOT_PAUSED, SB_OK};
        static const char *const READS[] = {"cases.get", "cases.map", "cases.moves", "letters.list"};
        struct open_task t;
        int clerk = somebody(w, ROLE_CLERK, 0);

        if (clerk < 0 || !task_pick(w, &t))
                return;
        json_t *in = json_pack("{s:I}", "case", (json_int_t)t.instance);
        switch (pick(w, 6)) {
        case 0:
                json_object_set_new(in, "reason", json_string("authority"));
                allowed(w, ask(w, clerk, "cases.pause", json_incref(in), NULL), "cases.pause", no);
                break;
        case 1:
                allowed(w, ask(w, clerk, "cases.resume", json_incref(in), NULL), "cases.resume", no);
                break;
        case 2:
                json_object_set_new(in, "text", json_string("来电询问进度"));
                allowed(w, ask(w, clerk, "cases.note", json_incref(in), NULL), "cases.note", no);
                break;
        case 3:
                if (!application(t.process) || chance(w, 60))
                        break;
                json_object_set_new(in, "reason", json_string("申请人撤回"));
                if (allowed(w, ask(w, clerk, "cases.withdraw", json_incref(in), NULL), "cases.withdraw", no)) {
                        struct m_case *c = m_case(w->m, t.instance);
                        struct m_person *p = c == NULL ? NULL : m_person(w->m, c->subject);
                        if (p != NULL && p->busy == c->id)
                                p->busy = 0;
                }
                break;
        default:
                allowed(w, ask(w, clerk, READS[pick(w, 4)], json_incref(in), NULL), "a look at a case", no);
        }
        json_decref(in);
}
