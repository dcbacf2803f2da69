/* SPDX-License-Identifier: Apache-2.0
 *
 * From application to archive on both databases: forms and what is sealed, drafts, papers asked for once, the clock that stands
 * meanwhile, promises, withdrawal, the archived file.
 */
#include "case/bulk.h"
#include "case/office.h"

#include "base/identity.h"
#include "case/application.h"
#include "case/file_sweep.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NODE "SELECT node FROM task WHERE instance = ?1@int AND state = 'open' AND token > 0 ORDER BY id LIMIT 1"
#define STATE "SELECT state FROM process_instance WHERE id = ?1@int"
#define DUE "SELECT due_day FROM process_instance WHERE id = ?1@int"

/* The identity number of nobody: only its check digit is right. */
static const char *identity(char out[20])
{
        text_copy(out, 20, STR("99000119900101001"));
        out[17] = id_number_digit(out);
        out[18] = '\0';
        return out;
}

static enum error_code open_case(struct desk *d, const char *form, const char *papers, int64_t *instance)
{
        json_t *in = json_pack("{s:s,s:o}", "process", "X5", "form", desk_json(d, form)), *out = NULL;

        if (papers != NULL)
                json_object_set_new(in, "papers", desk_json(d, papers));
        json_object_set_new(
            in, "applicant",
            desk_json(d, "{\"kind\":\"agent\",\"name\":\"代办人\",\"document\":\"授权委托书\",\"valid_to\":\"2026-12-31\"}"));
        enum error_code code = desk_call(d, 1, ROLE_CLERK, 10, "cases.open", in, &out);
        *instance = json_integer_value(json_object_get(out, "case"));
        json_decref(out);
        return code;
}

static int64_t case_with(struct desk *d, const char *papers)
{
        int64_t id;
        char form[200], number[20];

        text_format(form, sizeof form, "{\"amount\":\"1234.50\",\"kind\":\"b\",\"from\":\"2024-02-29\",\"id\":\"%s\"}",
                    identity(number));
        assert_int_equal(open_case(d, form, papers, &id), SB_OK);
        return id;
}

static int64_t good_case(struct desk *d)
{
        return case_with(d, "[{\"material\":\"form\",\"state\":\"given\"},{\"material\":\"proof\",\"state\":\"given\"}]");
}

static void a_form_is_checked_field_by_field(void **state)
{
        struct desk *d = desk_fresh(state);
        json_t *out = NULL, *faults;
        int64_t id;

        assert_int_equal(
            open_case(d, "{\"amount\":\"12.345\",\"kind\":\"c\",\"from\":\"2025-02-29\",\"id\":\"1\",\"more\":1}", NULL, &id),
            SB_CASE_FORM);
        assert_string_equal(d->err.where, "more amount kind from id");
        assert_int_equal(open_case(d, "{}", NULL, &id), SB_CASE_FORM);
        assert_string_equal(d->err.where, "amount id"); /* what is required */
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE id <> ?1@int", 0), 0);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.check",
                                   json_pack("{s:s,s:o}", "process", "X5", "form", desk_json(d, "{\"amount\":\"x\"}")), &out),
                         SB_OK);
        faults = json_object_get(out, "faults");
        assert_int_equal(json_array_size(faults), 2);
        assert_string_equal(json_string_value(json_object_get(json_array_get(faults, 0), "field")), "amount");
        assert_string_equal(json_string_value(json_object_get(json_array_get(faults, 1), "why")), "required");
        json_decref(out);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.open", desk_json(d, "{\"process\":\"X6\",\"form\":{}}"), NULL),
                         SB_CASE_FORM_NONE);
        desk_close(d);
}

struct asking {
        struct desk *desk;
        int64_t id;
        json_t *out;
};

static int read_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;

        return application_read(tx, &a->desk->house, a->id, &a->out, err);
}

static void what_is_personal_is_sealed(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = good_case(d);
        char number[20];
        const char *variables = desk_text(d, "SELECT variables FROM process_instance WHERE id = ?1@int", id);
        char masked[20];
        json_t *o = desk_json(d, variables), *out = NULL, *fields;

        text_format(masked, sizeof masked, "990001********%s", identity(number) + 14);
        assert_null(strstr(variables, identity(number)));
        assert_string_equal(json_string_value(json_object_get(o, "kind")), "b");
        assert_true(json_real_value(json_object_get(o, "amount")) > 1234.49);
        assert_true(json_is_null(json_object_get(o, "many"))); /* an optional field that was left out is null, not unknown */
        struct asking a = {.desk = d, .id = json_integer_value(json_object_get(o, "application"))};
        assert_ok(store_read(d->house.store, read_apply, &a, &d->err), d->err);
        assert_string_equal(json_string_value(json_object_get(json_object_get(a.out, "form"), "id")), identity(number));
        assert_string_equal(json_string_value(json_object_get(json_object_get(a.out, "applicant"), "name")), "代办人");
        assert_int_equal(json_integer_value(json_object_get(a.out, "case")), id);
        json_decref(a.out);
        /* No row holds it in the open, and staff see it masked. */
        assert_int_equal(
            desk_int(
                d,
                "SELECT COUNT(*) FROM application WHERE form LIKE '%990001%' OR applicant LIKE '%代办%' OR instance = -?1@int",
                id),
            0);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &out), SB_OK);
        fields = json_object_get(json_object_get(out, "application"), "fields");
        assert_string_equal(json_string_value(json_object_get(json_array_get(fields, 3), "value")), masked);
        json_decref(out);
        json_decref(o);
        desk_close(d);
}

static void an_applicant_needs_a_right(void **state)
{
        static const struct {
                const char *applicant;
                enum error_code code;
        } cases[] = {
            {"{\"kind\":\"self\"}", SB_OK},
            {"{\"kind\":\"agent\",\"name\":\"甲\"}", SB_CASE_APPLICANT},
            {"{\"kind\":\"heir\",\"document\":\"证明\"}", SB_CASE_APPLICANT},
            {"{\"kind\":\"agent\",\"name\":\"甲\",\"document\":\"委托书\",\"valid_to\":\"2026-11-23\"}", SB_CASE_APPLICANT},
            {"{\"kind\":\"agent\",\"name\":\"甲\",\"document\":\"委托书\",\"valid_to\":\"2026-11-24\"}", SB_OK}};
        struct desk *d = desk_fresh(state);
        char form[100], number[20];

        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                json_t *in = json_pack(
                    "{s:s,s:o,s:o}", "process", "X5", "form",
                    desk_json(d, text_format(form, sizeof form, "{\"amount\":\"1\",\"id\":\"%s\"}", identity(number))),
                    "applicant", desk_json(d, cases[i].applicant));
                assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.open", in, NULL), cases[i].code);
        }
        desk_close(d);
}

static int64_t draft_save(struct desk *d, int64_t staff, int64_t draft, const char *content, enum error_code code)
{
        json_t *in = json_pack("{s:s,s:o}", "process", "X5", "content", desk_json(d, content)), *out = NULL;

        if (draft != 0)
                json_object_set_new(in, "draft", json_integer(draft));
        assert_int_equal(desk_call(d, staff, ROLE_CLERK, 10, "cases.draft", in, &out), code);
        draft = json_integer_value(json_object_get(out, "draft"));
        json_decref(out);
        return draft;
}

static void a_draft_is_kept_and_becomes_a_case(void **state)
{
        struct desk *d = desk_fresh(state);
        char form[300], number[20];
        json_t *out = NULL;
        int64_t draft = draft_save(d, 1, 0, "{\"label\":\"甲\",\"form\":{\"amount\":\"x\"}}", SB_OK);

        assert_int_equal(draft_save(d, 1, draft, "{\"label\":\"乙\",\"form\":{}}", SB_OK), draft);
        draft_save(d, 2, draft, "{}", SB_CASE_DRAFT); /* of somebody else */
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.drafts", json_object(), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "items"), 0), "label")),
                            "乙");
        json_decref(out);
        assert_int_equal(
            desk_call(d, 2, ROLE_CLERK, 10, "cases.draft_get", json_pack("{s:I}", "draft", (json_int_t)draft), NULL),
            SB_CASE_DRAFT);
        text_format(form, sizeof form, "{\"process\":\"X5\",\"draft\":%lld,\"form\":{\"amount\":\"1\",\"id\":\"%s\"}}",
                    (long long)draft, identity(number));
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.open", desk_json(d, form), NULL), SB_OK);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_draft WHERE id = ?1@int", draft), 0);
        draft = draft_save(d, 1, 0, "{}", SB_OK);
        assert_int_equal(
            desk_call(d, 2, ROLE_CLERK, 10, "cases.draft_drop", json_pack("{s:I}", "draft", (json_int_t)draft), NULL),
            SB_CASE_DRAFT);
        assert_int_equal(
            desk_call(d, 1, ROLE_CLERK, 10, "cases.draft_drop", json_pack("{s:I}", "draft", (json_int_t)draft), NULL), SB_OK);
        desk_close(d);
}

static enum error_code file_call(struct desk *d, int64_t id, const char *verb, const char *more)
{
        json_t *in = desk_json(d, more);

        json_object_set_new(in, "case", json_integer(id));
        return desk_call(d, 1, ROLE_CLERK, 10, verb, in, NULL);
}

static void papers_are_asked_for_once_and_the_clock_stands(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = good_case(d);
        day_t due = (day_t)desk_int(d, DUE, id);

        assert_int_equal(due, day_from(2026, 12, 1)); /* 25 26 27 and the make-up 28, the 30th is free */
        assert_int_equal(file_call(d, id, "cases.ask", "{\"materials\":[]}"), SB_CASE_PAPER);
        assert_int_equal(file_call(d, id, "cases.ask", "{\"materials\":[\"proof\",\"none\"]}"), SB_CASE_PAPER);
        assert_int_equal(file_call(d, id, "cases.ask", "{\"materials\":[\"proof\",\"form\"],\"note\":\"请补正\"}"), SB_OK);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_CASE_PAUSED);
        assert_int_equal(file_call(d, id, "cases.ask", "{\"materials\":[\"photo\"]}"), SB_CASE_ASK_ONCE);
        assert_int_equal(file_call(d, id, "cases.ask", "{\"materials\":[\"proof\"]}"), SB_OK); /* a reminder asks nothing new */
        assert_int_equal(file_call(d, id, "cases.pause", "{\"reason\":\"authority\"}"), SB_CASE_PAUSED);
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 27)) + 1);
        assert_int_equal(file_call(d, id, "cases.papers", "{\"papers\":[{\"material\":\"form\",\"state\":\"given\"}]}"), SB_OK);
        assert_int_equal(desk_int(d, "SELECT paused_at > 0 FROM process_instance WHERE id = ?1@int", id), 1);
        assert_int_equal(file_call(d, id, "cases.papers", "{\"papers\":[{\"material\":\"proof\",\"state\":\"given\"}]}"),
                         SB_OK);
        assert_int_equal(desk_int(d, "SELECT paused_at FROM process_instance WHERE id = ?1@int", id), 0);
        /* Three working days stood still. */
        assert_int_equal(desk_int(d, DUE, id), day_from(2026, 12, 4));
        assert_int_equal(desk_int(d, "SELECT due_day FROM task WHERE instance = ?1@int AND state = 'open'", id),
                         day_from(2026, 12, 3)); /* its own limit of 4 */
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        desk_close(d);
}

static void a_promise_is_checked_later(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = good_case(d);
        static const char promise[] = "{\"papers\":[{\"material\":\"proof\",\"state\":\"promised\",\"due\":\"2026-12-30\"}]}";
        json_t *out = NULL;

        assert_int_equal(file_call(d, id, "cases.papers",
                                   "{\"papers\":[{\"material\":\"form\",\"state\":\"promised\",\"due\":"
                                   "\"2026-12-30\"}]}"),
                         SB_CASE_PAPER); /* no promise stands in for it */
        assert_int_equal(file_call(d, id, "cases.papers", "{\"papers\":[{\"material\":\"proof\",\"state\":\"promised\"}]}"),
                         SB_CASE_PAPER); /* until when? */
        assert_int_equal(file_call(d, id, "cases.papers", promise), SB_OK);
        int64_t task = desk_int(d, "SELECT id FROM task WHERE instance = ?1@int AND token = 0 AND state = 'open'", id);
        assert_int_equal(desk_int(d, "SELECT due_day FROM task WHERE id = ?1@int", task), day_from(2026, 12, 30));
        assert_int_equal(desk_call(d, 4, ROLE_CLERK, 10, "tasks.complete",
                                   json_pack("{s:I,s:{s:s}}", "task", (json_int_t)task, "outcome", "decision", "approve"),
                                   NULL),
                         SB_CASE_DECISION);
        assert_int_equal(desk_call(d, 4, ROLE_CLERK, 10, "tasks.complete",
                                   json_pack("{s:I,s:{s:s,s:s}}", "task", (json_int_t)task, "outcome", "decision", "broken",
                                             "note", "与登记不符"),
                                   NULL),
                         SB_OK);
        assert_string_equal(desk_text(d, "SELECT state FROM case_paper WHERE instance = ?1@int AND material = 'proof'", id),
                            "broken");
        assert_int_equal(desk_call(d, 3, ROLE_APPROVER, 10, "tasks.list", json_pack("{s:b}", "mine", 1), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1); /* what follows is for an approver */
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "items"), 0), "title_en")),
                            "A promise was broken: decide what follows");
        json_decref(out);
        assert_string_equal(desk_text(d, NODE, id), "enter"); /* the steps of the model are where they were */
        desk_close(d);
}

/* Why a bulk approval would leave the case to be looked at by itself. */
static const char *exception_of(struct desk *d, int64_t id)
{
        static const struct run_kind *const kinds[] = {&bulk_plan_kind, NULL};
        json_t *out = NULL;

        assert_int_equal(desk_call(d, 3, ROLE_APPROVER, 10, "bulk.plan", json_pack("{s:s}", "step", "approve"), &out), SB_OK);
        assert_ok(run_work(&d->house, kinds, json_integer_value(json_object_get(out, "run")), NULL, NULL, &d->err), d->err);
        json_decref(out);
        return desk_text(d, "SELECT reason FROM bulk_item WHERE instance = ?1@int ORDER BY plan DESC LIMIT 1", id);
}

/* What is needed and nobody has recorded stops the approval, not the steps before it; what is not needed does not. */
static void nothing_is_approved_without_its_papers(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = case_with(d, NULL);

        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 2, ROLE_REVIEWER, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 3, ROLE_APPROVER, "approve"), SB_CASE_PAPER_MISSING);
        assert_string_equal(exception_of(d, id), "papers"); /* nor together with others */
        assert_int_equal(file_call(d, id, "cases.papers",
                                   "{\"papers\":[{\"material\":\"form\",\"state\":\"given\"},{\"material\":\"proof\","
                                   "\"state\":\"missing\"},{\"material\":\"photo\",\"state\":\"missing\"}]}"),
                         SB_OK);
        assert_int_equal(desk_decide(d, id, 3, ROLE_APPROVER, "approve"), SB_CASE_PAPER_MISSING);
        assert_int_equal(file_call(d, id, "cases.papers",
                                   "{\"papers\":[{\"material\":\"proof\",\"state\":\"promised\",\"due\":\"2026-12-30\"}]}"),
                         SB_OK);
        assert_string_equal(exception_of(d, id), "papers"); /* somebody looks whether it came */
        assert_int_equal(desk_decide(d, id, 3, ROLE_APPROVER, "approve"), SB_OK);
        id = good_case(d);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 2, ROLE_REVIEWER, "approve"), SB_OK);
        assert_string_equal(exception_of(d, id), ""); /* all papers are there */
        desk_close(d);
}

static void a_gap_stops_the_approval_when_its_day_has_passed(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = good_case(d);

        assert_int_equal(file_call(d, id, "cases.papers",
                                   "{\"papers\":[{\"material\":\"photo\",\"state\":\"gap\",\"due\":\"2026-11-26\"}]}"),
                         SB_OK);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 2, ROLE_REVIEWER, "approve"), SB_OK);
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 27)));
        assert_int_equal(desk_decide(d, id, 3, ROLE_APPROVER, "approve"), SB_CASE_PAPER_MISSING);
        assert_int_equal(file_call(d, id, "cases.papers", "{\"papers\":[{\"material\":\"photo\",\"state\":\"shared\"}]}"),
                         SB_OK);
        assert_int_equal(desk_decide(d, id, 3, ROLE_APPROVER, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

static void a_closed_case_has_an_index(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = good_case(d);
        json_t *out = NULL;

        assert_int_equal(file_call(d, id, "cases.note", "{\"text\":\"申请人来电\"}"), SB_OK);
        assert_int_equal(file_call(d, id, "cases.archive_file", "{}"), SB_CASE_NOT_ARCHIVED);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 2, ROLE_REVIEWER, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 3, ROLE_APPROVER, "approve"), SB_OK);
        assert_int_equal(
            desk_call(d, 1, ROLE_CLERK, 10, "cases.archive_file", json_pack("{s:I}", "case", (json_int_t)id), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "steps")), 3);
        assert_int_equal(strlen(json_string_value(json_object_get(json_array_get(json_object_get(out, "steps"), 0), "hash"))),
                         64);
        assert_int_equal(strlen(json_string_value(json_object_get(out, "hash"))), 64);
        json_decref(out);
        assert_int_equal(desk_int(d, "SELECT archived_at > 0 FROM process_instance WHERE id = ?1@int", id), 1);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND before_state IS NOT NULL", id), 0);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &out), SB_OK);
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "notes"), 0), "text")),
                            "申请人来电");
        json_decref(out);
        desk_close(d);
}

static void an_applicant_withdraws(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = good_case(d);

        assert_int_equal(file_call(d, id, "cases.pause", "{\"reason\":\"weather\"}"), SB_CASE_PAUSE_REASON);
        assert_int_equal(file_call(d, id, "cases.pause", "{\"reason\":\"authority\"}"), SB_OK);
        assert_int_equal(file_call(d, id, "cases.withdraw", "{\"reason\":\"不再办理\"}"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "cancelled");
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open'", id), 0);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_archive WHERE instance = ?1@int", id), 1);
        assert_int_equal(file_call(d, id, "cases.resume", "{}"), SB_CASE_STATE);
        desk_close(d);
}

/* A one-page document with its cross-reference where it says. */
static void pdf_make(char out[400])
{
        char body[300];

        text_format(body, sizeof body,
                    "%%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[]/Count "
                    "0>> endobj\n");
        text_format(out, 400, "%sxref\n0 1\n0000000000 65535 f \ntrailer <</Root 1 0 R/Size 1>>\nstartxref\n%zu\n%%%%EOF\n",
                    body, strlen(body));
}

static enum error_code attach(struct desk *d, int64_t id, struct str bytes, const char *material, int64_t *attachment)
{
        const struct verb *v = registry_find(d->verbs, "attachments.add");
        char key[40];
        struct call c = {.house = &d->house,
                         .who = {.staff = 1, .office = 10, .roles = ROLE_CLERK, .lang = LANG_EN},
                         .key = text_format(key, sizeof key, "attach-%d", ++d->keys),
                         .body = bytes,
                         .body_type = "application/pdf"};
        json_t *in = json_pack("{s:I,s:s}", "case", (json_int_t)id, "title", "scan.pdf"), *out = NULL;

        if (material != NULL)
                json_object_set_new(in, "material", json_string(material));
        error_clear(&d->err);
        int rc = verb_call(&c, v, in, &out, &d->err);
        *attachment = json_integer_value(json_object_get(out, "attachment"));
        json_decref(out);
        json_decref(in);
        return rc == 0 ? SB_OK : d->err.code;
}

static enum error_code fetch(struct desk *d, int64_t attachment, struct buf *bytes)
{
        struct raw_reply raw = {.media_type = ""};
        struct call c = {.house = &d->house, .who = {.staff = 1, .office = 10, .roles = ROLE_CLERK}, .raw = &raw};
        json_t *in = json_pack("{s:I}", "attachment", (json_int_t)attachment), *out = NULL;

        buf_init(&raw.bytes, 1 << 20);
        error_clear(&d->err);
        int rc = verb_call(&c, registry_find(d->verbs, "attachments.get"), in, &out, &d->err);
        buf_clear(bytes);
        buf_add(bytes, raw.bytes.p, raw.bytes.n);
        buf_dispose(&raw.bytes);
        json_decref(out);
        json_decref(in);
        return rc == 0 ? SB_OK : d->err.code;
}

static bool damaging;
static int kept;

static int file_look(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        char bytes[5] = "";

        (void)st;
        (void)ftw;
        if (flag != FTW_F)
                return 0;
        kept++;
        FILE *f = fopen(path, "r+b");
        assert_non_null(f);
        assert_int_equal(fread(bytes, 1, 4, f), 4);
        assert_string_not_equal(bytes, "%PDF"); /* sealed */
        if (damaging) {
                rewind(f);
                assert_int_equal(fwrite("XXXX", 1, 4, f), 4);
        }
        fclose(f);
        return 0;
}

/* How many files are kept; damage: their bytes are changed on the disk. */
static int files_kept(struct desk *d, bool damage)
{
        damaging = damage;
        kept = 0;
        nftw(d->files, file_look, 8, FTW_PHYS);
        return kept;
}

static void a_scan_is_kept_beside_the_database(void **state)
{
        static const char png[] =
            "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\0IEND\xae\x42\x60\x82";
        struct desk *d = desk_fresh(state);
        int64_t id = good_case(d), scan, other;
        int before = files_kept(d, false);
        char pdf[400];
        struct buf bytes;

        buf_init(&bytes, 1 << 20);
        pdf_make(pdf);
        assert_int_equal(attach(d, id, STR("MZ not a document"), NULL, &other), SB_CASE_ATTACHMENT);
        assert_int_equal(attach(d, id, (struct str){pdf, strlen(pdf) - 20}, NULL, &other), SB_CASE_ATTACHMENT); /* cut off */
        assert_int_equal(attach(d, id, (struct str){png, sizeof png - 20}, NULL, &other), SB_CASE_ATTACHMENT);
        assert_int_equal(attach(d, id, STR(""), NULL, &other), SB_CASE_ATTACHMENT);
        assert_int_equal(attach(d, id + 1000000, str_from(pdf), NULL, &other), SB_CASE_UNKNOWN);
        assert_int_equal(files_kept(d, false), before); /* what was refused left nothing */
        assert_int_equal(attach(d, id, str_from(pdf), "proof", &scan), SB_OK);
        assert_int_equal(attach(d, id, (struct str){png, sizeof png - 1}, NULL, &other), SB_OK);
        assert_int_equal(files_kept(d, false), before + 2);
        assert_string_equal(desk_text(d, "SELECT state FROM case_paper WHERE instance = ?1@int AND material = 'proof'", id),
                            "given");
        assert_int_equal(fetch(d, scan, &bytes), SB_OK);
        assert_int_equal(bytes.n, strlen(pdf));
        assert_memory_equal(bytes.p, pdf, bytes.n);
        assert_int_equal(
            desk_call(d, 2, ROLE_CLERK, 10, "attachments.remove", json_pack("{s:I}", "attachment", (json_int_t)other), NULL),
            SB_CASE_ATTACHMENT_OWNER);
        assert_int_equal(
            desk_call(d, 1, ROLE_CLERK, 10, "attachments.remove", json_pack("{s:I}", "attachment", (json_int_t)other), NULL),
            SB_OK);
        assert_int_equal(fetch(d, other, &bytes), SB_CASE_ATTACHMENT_UNKNOWN);
        assert_int_equal(files_kept(d, false), before + 1);
        clock_advance(d->house.clock, 1000000);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(
            desk_call(d, 1, ROLE_CLERK, 10, "attachments.remove", json_pack("{s:I}", "attachment", (json_int_t)scan), NULL),
            SB_CASE_ATTACHMENT_OWNER); /* the case went on with it */
        files_kept(d, true);
        assert_int_equal(fetch(d, scan, &bytes), SB_CASE_FILE_DAMAGED);
        /* A row that was changed beside the programs names no file that can be shown. */
        static const char *const changed[] = {"hash = wrapped", "file_hash = wrapped", "wrapped = hash"};
        for (size_t k = 0; k < 3; k++) {
                char sql[80];
                assert_int_equal(attach(d, id, (struct str){png, sizeof png - 1}, NULL, &other), SB_OK);
                desk_put(d, text_format(sql, sizeof sql, "UPDATE attachment SET %s WHERE id = ?1@int", changed[k]), other, 0, 0,
                         0);
                assert_int_equal(fetch(d, other, &bytes), SB_CASE_FILE_DAMAGED);
        }
        buf_dispose(&bytes);
        desk_close(d);
}

static enum error_code undo(struct desk *d, int64_t staff, int64_t task)
{
        return desk_call(d, staff, ROLE_ANY, 10, "tasks.undo", json_pack("{s:I}", "task", (json_int_t)task), NULL);
}

static void an_own_step_is_taken_back(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = good_case(d), enter = desk_task(d, id), review;
        char before[2000];
        json_t *out = NULL;

        clock_step(d->house.clock, 10);
        text_copy(before, sizeof before, str_from(desk_text(d, "SELECT engine FROM process_instance WHERE id = ?1@int", id)));
        assert_int_equal(undo(d, 1, enter), SB_CASE_UNDO); /* not done yet */
        clock_advance(d->house.clock, 1000000);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(undo(d, 2, enter), SB_CASE_UNDO);
        assert_int_equal(undo(d, 1, enter), SB_OK);
        assert_string_equal(desk_text(d, "SELECT engine FROM process_instance WHERE id = ?1@int", id), before);
        assert_int_equal(desk_task(d, id), enter);
        /* Once more: what was put away the first time stays so. */
        for (int k = 0; k < 2; k++) {
                clock_advance(d->house.clock, 1000000);
                assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
                assert_int_equal(undo(d, 1, enter), SB_OK);
                assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open'", id), 1);
        }
        /* And the case goes on from there as if nothing had been. */
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        review = desk_task(d, id);
        clock_advance(d->house.clock, 1000000);
        assert_int_equal(desk_decide(d, id, 2, ROLE_REVIEWER, "return"), SB_OK);
        assert_string_equal(desk_text(d, NODE, id), "enter");
        assert_int_equal(desk_call(d, 2, ROLE_REVIEWER, 10, "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &out),
                         SB_OK);
        assert_int_equal(json_integer_value(json_object_get(out, "undo")), review);
        json_decref(out);
        assert_int_equal(undo(d, 2, review), SB_OK);
        assert_string_equal(desk_text(d, NODE, id), "review");
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open'", id), 1);
        clock_advance(d->house.clock, 1000000);
        assert_int_equal(desk_decide(d, id, 2, ROLE_REVIEWER, "approve"), SB_OK);
        assert_int_equal(undo(d, 1, enter), SB_CASE_UNDO); /* another step was done since */
        assert_int_equal(
            desk_call(d, 3, ROLE_APPROVER, 10, "tasks.take", json_pack("{s:I}", "task", (json_int_t)desk_task(d, id)), NULL),
            SB_OK);
        assert_int_equal(undo(d, 2, review), SB_CASE_UNDO); /* somebody has the next one */
        assert_int_equal(desk_decide(d, id, 3, ROLE_APPROVER, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

static void a_step_with_effects_or_long_past_stays(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}"), enter = desk_task(d, id);

        clock_advance(d->house.clock, 1000000);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK); /* thing.do is done with it */
        assert_int_equal(undo(d, 1, enter), SB_CASE_UNDO);
        id = good_case(d);
        enter = desk_task(d, id);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        clock_advance(d->house.clock, (instant_t)16 * 60 * 1000000);
        assert_int_equal(undo(d, 1, enter), SB_CASE_UNDO);
        desk_close(d);
}

/* A file that no row names is found once it is old, and taken away only when asked; one that is gone is told. */
static void files_that_nobody_names_are_swept(void **state)
{
        static const struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
        struct desk *d = desk_fresh(state);
        struct file_sweep found;
        int64_t id = good_case(d), attachment;
        char pdf[400];
        char folder[400], path[500];

        pdf_make(pdf);
        assert_int_equal(attach(d, id, str_from(pdf), NULL, &attachment), SB_OK);
        assert_ok(file_sweep(&d->house, true, &found, &d->err), d->err);
        assert_int_equal(found.rows, 1);
        assert_int_equal(found.missing, 0);
        assert_int_equal(found.files, 0); /* too young to be judged */
        mkdir(text_format(folder, sizeof folder, "%s/ab", d->house.files), 0700);
        text_format(path, sizeof path, "%s/%s", folder, "cdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789");
        assert_ok(file_write(path, "x", 1, &d->err), d->err);
        assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
        assert_ok(file_sweep(&d->house, false, &found, &d->err), d->err);
        assert_int_equal(found.orphans, 1);
        assert_int_equal(access(path, R_OK), 0);
        assert_ok(file_sweep(&d->house, true, &found, &d->err), d->err);
        assert_int_equal(found.removed, 1);
        assert_int_equal(access(path, R_OK), -1);
        /* What is none of its files is left alone: a short name, one that is no hash, a folder, hidden ones. */
        static const char *const strange[] = {"cd", "zzef0123456789abcdef0123456789abcdef0123456789abcdef0123456789", ".cdef"};
        for (size_t k = 0; k < 3; k++) {
                text_format(path, sizeof path, "%s/%s", folder, strange[k]);
                assert_ok(file_write(path, "x", 1, &d->err), d->err);
                assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
        }
        char deep[500], hidden[500], far[500];
        text_format(deep, sizeof deep, "%s/%s", folder, "00ef0123456789abcdef0123456789abcdef0123456789abcdef0123456789");
        assert_int_equal(mkdir(deep, 0700), 0);
        assert_int_equal(utimensat(AT_FDCWD, deep, old, 0), 0);
        assert_int_equal(mkdir(text_format(hidden, sizeof hidden, "%s/.x", d->house.files), 0700), 0);
        assert_int_equal(mkdir(text_format(far, sizeof far, "%s/abc", d->house.files), 0700), 0);
        assert_ok(file_sweep(&d->house, true, &found, &d->err), d->err);
        assert_int_equal(found.files, 0);
        assert_int_equal(found.removed, 0);
        for (size_t k = 0; k < 3; k++)
                assert_int_equal(unlink(text_format(path, sizeof path, "%s/%s", folder, strange[k])), 0);
        assert_int_equal(rmdir(deep), 0);
        assert_int_equal(rmdir(hidden), 0);
        assert_int_equal(rmdir(far), 0);
        d->house.files = folder; /* where its file is not */
        assert_ok(file_sweep(&d->house, true, &found, &d->err), d->err);
        assert_int_equal(found.missing, 1);
        d->house.files = d->files;
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_form_is_checked_field_by_field),
            TEST_ON_BOTH(what_is_personal_is_sealed),
            TEST_ON_BOTH(an_applicant_needs_a_right),
            TEST_ON_BOTH(a_draft_is_kept_and_becomes_a_case),
            TEST_ON_BOTH(papers_are_asked_for_once_and_the_clock_stands),
            TEST_ON_BOTH(nothing_is_approved_without_its_papers),
            TEST_ON_BOTH(a_promise_is_checked_later),
            TEST_ON_BOTH(a_gap_stops_the_approval_when_its_day_has_passed),
            TEST_ON_BOTH(a_closed_case_has_an_index),
            TEST_ON_BOTH(files_that_nobody_names_are_swept),
            TEST_ON_BOTH(an_applicant_withdraws),
            TEST_ON_BOTH(a_scan_is_kept_beside_the_database),
            TEST_ON_BOTH(an_own_step_is_taken_back),
            TEST_ON_BOTH(a_step_with_effects_or_long_past_stays),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
