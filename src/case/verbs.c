/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do with cases, and the table of the verbs of this floor.
 */
#include "case/verbs.h"

#include "case/applicant.h"
#include "case/instance.h"
#include "case/paper.h"

#include <string.h>

/* --- tasks ---------------------------------------------------------------------------------------------------------------------- */

struct tasking {
        int64_t task, instance;
        const json_t *outcome;
};

static int instance_of(struct tx *tx, struct house *h, struct tasking *t, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT instance FROM task WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)h->home,
                        t->task);

        if (rc == 0)
                return error_raise(err, SB_CASE_TASK_UNKNOWN, "%lld", (long long)t->task);
        if (rc == 1)
                t->instance = stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

static int answer_of(struct tasking *t, struct change *change, json_t **out, struct error *err)
{
        change->subject_kind = "task";
        change->subject = t->task;
        change->audit = json_pack("{s:I}", "case", (json_int_t)t->instance);
        *out = json_pack("{s:I,s:I}", "task", (json_int_t)t->task, "case", (json_int_t)t->instance);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int take_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct tasking *t = ctx;
        int rc = instance_of(tx, c->house, t, err);

        if (rc == 0)
                rc = case_task_take(tx, c, t->task, err);
        return rc == 0 ? answer_of(t, change, out, err) : rc;
}

static int complete_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct tasking *t = ctx;
        const char *decision = json_text(t->outcome, "decision");
        int rc = case_task_complete(tx, c, t->task, t->outcome, err);

        if (rc < 0)
                return rc;
        t->instance = c->follow->instance;
        rc = answer_of(t, change, out, err);
        if (rc == 0 && decision[0] != '\0')
                put_text(change->audit, "decision", decision);
        /* Who decided may go on with the next step at once, when it is theirs. */
        json_t *next = rc == 0 ? json_array() : NULL;
        for (int k = 0; next != NULL && k < c->follow->task_count; k++)
                json_array_append_new(next, json_integer(c->follow->tasks[k]));
        return rc == 0 && json_object_set_new(*out, "next", next) != 0 ? error_raise(err, SB_MEMORY, "%s", "") : rc;
}

static int tasks_take(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct tasking t = {.task = json_int_or(in, "task", 0)};
        int rc = verb_change(c, registry_find(c->house->verbs, "tasks.take"), in, take_apply, &t, out, err);

        if (rc < 0)
                task_send_up(c, t.task, err);
        return rc;
}

/* What follows is done before the answer, so that the page shows it; what is left when that fails is done by any worker. */
static void follow(struct call *c, int64_t instance)
{
        struct error later = {0};

        if (case_work_instance(c->house, instance, &later) < 0)
                log_error(c->house->log, "case.work", &later);
}

static int tasks_complete(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct tasking t = {.task = json_int_or(in, "task", 0), .outcome = json_object_get(in, "outcome")};
        int rc = case_change(c, registry_find(c->house->verbs, "tasks.complete"), in, complete_apply, &t, out, err);

        if (rc < 0)
                task_send_up(c, t.task, err);
        return rc;
}

/* --- retry ----------------------------------------------------------------------------------------------------------------------- */

static int retry_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        int64_t id = *(const int64_t *)ctx, home = c->house->home;
        struct instance i;
        int rc = instance_lock(tx, c->house, id, &i, err);

        if (rc == 0)
                rc = office_allowed(tx, c, i.office, i.number, err);
        if (rc == 0 && strcmp(i.state, "incident") != 0)
                rc = error_raise(err, SB_CASE_STATE, "%s|%s", i.number, i.state);
        if (rc == 0)
                rc = held_release(tx, c->house, &i, err);
        instance_dispose(&i);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE message SET state = 'open', error = NULL WHERE home = ?1@int AND target = ?2@int AND state = "
                    "'failed'",
                    "ii", home, id);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE effect SET state = 'open', attempts = 0, lease_owner = NULL, lease_until = 0 WHERE home = "
                             "?1@int AND instance "
                             "= ?2@int AND state = 'failed'",
                             "ii", home, id);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE timer SET state = 'armed' WHERE home = ?1@int AND instance = ?2@int AND state = 'failed'",
                             "ii", home, id);
        if (rc == 0)
                rc =
                    tx_exec(tx, err,
                            "UPDATE process_instance SET state = 'active', incident = NULL WHERE home = ?1@int AND id = ?2@int",
                            "ii", home, id);
        if (rc < 0)
                return rc;
        change->subject_kind = "case";
        change->subject = id;
        *out = json_pack("{s:I}", "case", (json_int_t)id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int cases_retry(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t id = json_int_or(in, "case", 0);
        int rc = verb_change(c, registry_find(c->house->verbs, "cases.retry"), in, retry_apply, &id, out, err);

        if (rc == 0)
                follow(c, id);
        return rc;
}

/* --- the table -------------------------------------------------------------------------------------------------------------------- */

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define WORD(name) "\"" name "\":{\"type\":\"string\",\"maxLength\":60}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define ANY "{\"type\":\"object\"}"
#define NOTE "\"note\":{\"type\":\"string\",\"maxLength\":500}"
#define DAY(name) "\"" name "\":{\"type\":\"string\",\"format\":\"date\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

const struct verb case_verbs[] = {
    {"tasks.list", VERB_READ, "cases.read", "GET", "/api/tasks", "Tasks of the own office and those below it, by deadline",
     "待办任务（按时限）",
     OBJECT("", "\"state\":{\"enum\":[\"open\",\"done\"]},\"mine\":{\"type\":\"boolean\"},\"overdue\":{\"type\":\"boolean\"},"
                "\"warning\":{\"enum\":[\"none\",\"half\",\"late80\",\"overdue\",\"paused\"]}," ID("office") "," WORD(
                    "text") "," WORD("process") "," WORD("role") "," PAGE),
     LIST, tasks_list, SCOPE_OFFICE},
    {"tasks.take", VERB_WRITE, "cases.work", "POST", "/api/tasks/{task}/take", "Take a task, so that nobody else does it",
     "领取任务", OBJECT("\"task\"", ID("task")), ANY, tasks_take, SCOPE_OFFICE},
    {"tasks.complete", VERB_WRITE, "cases.work", "POST", "/api/tasks/{task}/complete",
     "Decide a task; what follows is done at once", "办理任务",
     OBJECT("\"task\"",
            ID("task") ",\"outcome\":{\"type\":\"object\",\"properties\":{\"decision\":{\"type\":\"string\",\"maxLength\":40},"
                       "\"note\":{\"type\":\"string\",\"maxLength\":500}}}"),
     ANY, tasks_complete, SCOPE_OFFICE},
    {"cases.get", VERB_READ, "cases.read", "GET", "/api/cases/{case}",
     "A case: where it stands, who did what, what it rests on", "案件", OBJECT("\"case\"", ID("case")), ANY, cases_get,
     SCOPE_OFFICE},
    {"cases.list", VERB_READ, "cases.read", "GET", "/api/cases", "Cases of the own office and those below it, newest first",
     "案件列表", OBJECT("", WORD("state") "," WORD("process") "," WORD("subject_kind") "," ID("subject") "," PAGE), LIST,
     cases_list, SCOPE_OFFICE},
    {"cases.retry", VERB_WRITE, "cases.retry", "POST", "/api/cases/{case}/retry", "Try again what failed in a case",
     "重试案件中失败的步骤", OBJECT("\"case\"", ID("case")), ANY, cases_retry, SCOPE_OFFICE},
    {"incidents.list", VERB_READ, "cases.incidents", "GET", "/api/incidents",
     "What is stuck: cases, messages and dates that failed, with the reason", "异常事项：出错停办的案件、消息和定时事项",
     OBJECT("", ""), LIST, incidents_list, SCOPE_OFFICE},
    {"incidents.retry", VERB_WRITE, "cases.incidents_retry", "POST", "/api/incidents/retry",
     "Try a message or a date again that failed", "重试出错的消息或定时事项",
     OBJECT("\"kind\",\"id\"", "\"kind\":{\"enum\":[\"message\",\"schedule\"]}," ID("id")), ANY, incidents_retry, SCOPE_OFFICE},
    {"processes.list", VERB_READ, DUTY_ALL, "GET", "/api/processes", "The processes in force, with their limits",
     "业务事项列表", OBJECT("", ""), LIST, processes_list, SCOPE_EVERYWHERE},
    {"cases.form", VERB_READ, "cases.read", "GET", "/api/processes/{process}/form",
     "What a process asks: fields, papers, limit, steps", "业务事项的申请表、材料与时限",
     OBJECT("\"process\"", WORD("process")), ANY, cases_form, SCOPE_EVERYWHERE},
    {"cases.check", VERB_READ, "cases.work", "POST", "/api/processes/{process}/check",
     "What is wrong with a form, field by field", "逐项检查申请表",
     OBJECT("\"process\",\"form\"", WORD("process") ",\"form\":{\"type\":\"object\"}"), ANY, cases_check, SCOPE_EVERYWHERE},
    {"cases.open", VERB_WRITE, "cases.work", "POST", "/api/cases", "Accept an application and begin its case", "受理申请",
     OBJECT(
         "\"process\",\"form\"",
         WORD("process") ",\"form\":{\"type\":\"object\"},\"applicant\":" APPLICANT_IN ",\"papers\":" PAPERS_IN
                         ",\"subject\":" OBJECT("\"kind\",\"id\"", WORD("kind") "," ID("id")) "," ID("handling_office") "," ID(
                             "draft") ",\"channel\":{\"enum\":[\"counter\",\"paper\",\"telephone\",\"post\"]}"),
     ANY, cases_open, SCOPE_OFFICE},
    {"cases.draft", VERB_WRITE, "cases.work", "POST", "/api/drafts", "Keep an application that is not ready", "保存申请草稿",
     OBJECT("\"process\",\"content\"", WORD("process") ",\"content\":{\"type\":\"object\"}," ID("draft")), ANY, cases_draft,
     SCOPE_EVERYWHERE},
    {"cases.drafts", VERB_READ, "cases.work", "GET", "/api/drafts", "My drafts, newest first", "我的草稿", OBJECT("", ""), LIST,
     cases_drafts, SCOPE_EVERYWHERE},
    {"cases.draft_get", VERB_READ, "cases.work", "GET", "/api/drafts/{draft}", "A draft of mine", "草稿",
     OBJECT("\"draft\"", ID("draft")), ANY, cases_draft_get, SCOPE_EVERYWHERE},
    {"cases.draft_drop", VERB_WRITE, "cases.work", "POST", "/api/drafts/{draft}/drop", "Throw a draft away", "删除草稿",
     OBJECT("\"draft\"", ID("draft")), ANY, cases_draft_drop, SCOPE_EVERYWHERE},
    {"cases.papers", VERB_WRITE, "cases.work", "POST", "/api/cases/{case}/papers",
     "Say how the papers of a case stand; when nothing that was asked for is missing any more, its clock goes on",
     "登记案件材料", OBJECT("\"case\",\"papers\"", ID("case") ",\"papers\":" PAPERS_IN), ANY, cases_papers, SCOPE_OFFICE},
    {"cases.ask", VERB_WRITE, "cases.work", "POST", "/api/cases/{case}/ask", "Ask once for all missing papers; the clock stops",
     "一次性告知补正材料",
     OBJECT("\"case\"", ID("case") ",\"materials\":{\"type\":\"array\",\"maxItems\":50,\"items\":{\"type\":\"string\","
                                   "\"maxLength\":40}}," NOTE "," DAY("expected")),
     ANY, cases_ask, SCOPE_OFFICE},
    {"cases.pause", VERB_WRITE, "cases.work", "POST", "/api/cases/{case}/pause", "Stop the clock of a case, with the reason",
     "中止计时",
     OBJECT("\"case\",\"reason\"",
            ID("case") "," WORD("reason") "," NOTE ",\"document\":{\"type\":\"string\",\"maxLength\":200}," DAY("expected")),
     ANY, cases_pause, SCOPE_OFFICE},
    {"cases.resume", VERB_WRITE, "cases.work", "POST", "/api/cases/{case}/resume", "Let the clock of a case go on", "恢复计时",
     OBJECT("\"case\"", ID("case") "," NOTE), ANY, cases_resume, SCOPE_OFFICE},
    {"cases.note", VERB_WRITE, "cases.note", "POST", "/api/cases/{case}/notes", "Add a note to the file", "添加备注",
     OBJECT("\"case\",\"text\"", ID("case") ",\"text\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":2000}"), ANY,
     cases_note, SCOPE_OFFICE},
    {"cases.withdraw", VERB_WRITE, "cases.work", "POST", "/api/cases/{case}/withdraw", "The applicant withdraws: the case ends",
     "申请人撤回申请",
     OBJECT("\"case\",\"reason\"", ID("case") ",\"reason\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":500}"), ANY,
     cases_withdraw, SCOPE_OFFICE},
    {"attachments.add", VERB_WRITE, "cases.work", "POST", "/api/cases/{case}/attachments",
     "Attach a scan (PDF, PNG, JPEG) to a case", "添加附件",
     "{\"type\":\"object\",\"x-body\":[\"application/pdf\",\"image/png\",\"image/"
     "jpeg\"],\"additionalProperties\":false,\"required\":["
     "\"case\",\"title\"],\"properties\":{" ID("case") ",\"title\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":120},"
                                                       "\"material\":{\"type\":\"string\",\"maxLength\":40}}}",
     ANY, attachments_add, SCOPE_OFFICE},
    {"attachments.get", VERB_READ, "cases.read", "GET", "/api/attachments/{attachment}",
     "An attachment, checked against its hash", "附件原件", OBJECT("\"attachment\"", ID("attachment")), ANY, attachments_get,
     SCOPE_OFFICE},
    {"attachments.remove", VERB_WRITE, "cases.work", "POST", "/api/attachments/{attachment}/remove",
     "Take away an attachment of one's own before the case goes on", "删除附件", OBJECT("\"attachment\"", ID("attachment")),
     ANY, attachments_remove, SCOPE_OFFICE},
    {"tasks.give_back", VERB_WRITE, "cases.work", "POST", "/api/tasks/{task}/give-back",
     "Put an own task back for anybody to take", "退回任务池", OBJECT("\"task\"", ID("task") "," NOTE), ANY, tasks_give_back,
     SCOPE_OFFICE},
    {"tasks.hand_over", VERB_WRITE, "cases.work", "POST", "/api/tasks/{task}/hand-over",
     "Give a task to a colleague who may do it", "转交任务", OBJECT("\"task\",\"staff\"", ID("task") "," ID("staff") "," NOTE),
     ANY, tasks_hand_over, SCOPE_OFFICE},
    {"tasks.takers", VERB_READ, "cases.work", "GET", "/api/tasks/{task}/takers",
     "Who holds the role of a task, whether each may do it, and why not", "谁可承办该任务", OBJECT("\"task\"", ID("task")),
     LIST, tasks_takers, SCOPE_OFFICE},
    {"cases.moves", VERB_READ, "cases.read", "GET", "/api/cases/{case}/moves",
     "How the tasks of a case changed hands, newest first", "案件任务流转记录", OBJECT("\"case\"", ID("case")), LIST,
     cases_moves, SCOPE_OFFICE},
    {"applicants.add", VERB_WRITE, "people.applicants", "POST", "/api/applicant-powers",
     "Record who may apply for somebody: agent, heir, guardian, an employer's operator", "登记代办权限",
     OBJECT("\"kind\",\"principal_kind\",\"principal\",\"person\",\"document\"",
            "\"kind\":{\"enum\":[\"agent\",\"heir\",\"guardian\",\"operator\"]},\"principal_kind\":{\"enum\":[\"person\","
            "\"employer\"]}"
            "," ID("principal") "," ID(
                "person") ",\"processes\":{\"type\":\"string\",\"maxLength\":300},\"document\":{\"type\":"
                          "\"string\",\"minLength\":1,\"maxLength\":200}," DAY("valid_from") "," DAY("last_day")),
     ANY, applicants_add, SCOPE_EVERYWHERE},
    {"applicants.end", VERB_WRITE, "people.applicants", "POST", "/api/applicant-powers/{power}/end", "End such a right today",
     "终止代办权限", OBJECT("\"power\"", ID("power")), ANY, applicants_end, SCOPE_EVERYWHERE},
    {"applicants.list", VERB_READ, "people.read", "GET", "/api/applicant-powers", "Who may apply for a person or an employer",
     "代办权限列表",
     OBJECT("\"principal_kind\",\"principal\"", "\"principal_kind\":{\"enum\":[\"person\",\"employer\"]}," ID("principal")),
     LIST, applicants_list, SCOPE_EVERYWHERE},
    {"tasks.undo", VERB_WRITE, "cases.work", "POST", "/api/tasks/{task}/undo",
     "Take back an own step that has had no effect yet", "撤销本人刚办理的步骤", OBJECT("\"task\"", ID("task")), ANY,
     tasks_undo, SCOPE_OFFICE},
    {"cases.archive_file", VERB_READ, "cases.read", "GET", "/api/cases/{case}/archive",
     "The index of an archived case, with the hash of each piece", "归档目录", OBJECT("\"case\"", ID("case")), ANY,
     cases_archive_file, SCOPE_OFFICE},
    {"case.archive", VERB_WRITE, NULL, NULL, NULL, "Close the file of a case: its index with hashes, under one number",
     "案卷归档", ANY, ANY, case_archive_verb, SCOPE_WITHIN},
    {"cases.answer", VERB_WRITE, "cases.work", "POST", "/api/cases/{case}/answers",
     "Record what a case waits for: the reply of another authority, a bank, an objection", "登记案件等待的外部答复",
     OBJECT("\"case\",\"message\"",
            ID("case") ",\"message\":{\"type\":\"string\",\"maxLength\":199},\"fields\":{\"type\":\"object\"}," NOTE),
     ANY, cases_answer, SCOPE_OFFICE},
    {"cases.message", VERB_WRITE, "cases.work", "POST", "/api/messages",
     "Bring a message to the case that waits for it; the same message again changes nothing",
     "向等待的案件投递消息（重复投递不重复生效）",
     OBJECT("\"name\"", WORD("name") ",\"key\":{\"type\":\"string\",\"maxLength\":119},\"id\":{\"type\":\"string\","
                                     "\"maxLength\":120},\"body\":{\"type\":\"object\"}," ID("pool")),
     ANY, cases_message, SCOPE_OFFICE},
    {"documents.get", VERB_READ, "cases.read", "GET", "/api/documents/{document}", "A document as it was made", "文书原件",
     OBJECT("\"document\"", ID("document")), ANY, documents_get, "document.document"},
    {"decisions.get", VERB_READ, "cases.read", "GET", "/api/decisions/{decision}",
     "A decision with its inputs, result and derivation", "决定及其依据", OBJECT("\"decision\"", ID("decision")), ANY,
     decisions_get, "decision.decision"},
    {"runs.list", VERB_READ, DUTY_ALL, "GET", "/api/runs", "Background runs, newest first", "后台批次列表",
     OBJECT("", WORD("kind") "," WORD("state") "," PAGE), LIST, runs_list, SCOPE_EVERYWHERE},
    {"runs.get", VERB_READ, DUTY_ALL, "GET", "/api/runs/{run}", "A background run: progress and result", "后台批次",
     OBJECT("\"run\"", ID("run")), ANY, runs_get, SCOPE_EVERYWHERE},
    {"runs.pause", VERB_WRITE, "runs.control", "POST", "/api/runs/{run}/pause", "Pause a run after its current block",
     "暂停批次", OBJECT("\"run\"", ID("run")), ANY, runs_pause, SCOPE_OFFICE},
    {"runs.resume", VERB_WRITE, "runs.control", "POST", "/api/runs/{run}/resume", "Go on with a run that was paused or failed",
     "继续批次", OBJECT("\"run\"", ID("run")), ANY, runs_resume, SCOPE_OFFICE},
    {"runs.cancel", VERB_WRITE, "runs.control", "POST", "/api/runs/{run}/cancel", "End a run; what it did stays", "取消批次",
     OBJECT("\"run\"", ID("run")), ANY, runs_cancel, SCOPE_OFFICE},
    {"packs.list", VERB_READ, DUTY_ALL, "GET", "/api/packs", "Packs in the database, and where they are in force", "政策包列表",
     OBJECT("", PAGE), LIST, packs_list, SCOPE_EVERYWHERE},
    {"packs.parameters", VERB_READ, DUTY_ALL, "GET", "/api/packs/{pack}/parameters",
     "The dated figures of a pack with their sources", "政策包参数及其依据",
     OBJECT("\"pack\"", "\"pack\":{\"type\":\"string\",\"maxLength\":64}," WORD("key")), LIST, packs_parameters,
     SCOPE_EVERYWHERE},
    {"packs.activate", VERB_WRITE, "system.packs", "POST", "/api/packs/{pack}/activate",
     "Make a pack the law of a pool from a day on", "自某日起在统筹区启用政策包",
     OBJECT("\"pack\",\"pool\",\"from\"",
            "\"pack\":{\"type\":\"string\",\"maxLength\":64}," ID("pool") ",\"from\":{\"type\":\"string\",\"format\":"
                                                                          "\"date\"}"),
     ANY, packs_activate, "pool.pool"},
    {0},
};
