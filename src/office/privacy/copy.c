/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy of one's own record (个人信息保护法 45): what the office keeps of a person, asked of the verbs that show it, in one JSON for machines or
 * one PDF for people, with who opened the record and why. That it was made is a row of the audit trail; the copy itself is not kept.
 */
#include "office/privacy/privacy.h"

#include "case/pack_store.h"
#include "office/json.h"
#include "office/letter/letter.h"

#include <string.h>

#define COPY_BYTES ((size_t)16 << 20)
#define OPENINGS_MAX 1000

struct copying {
        struct call *call;
        int64_t person;
        bool pdf;
        json_t *record;
};

/* What a verb answers of the person, put under a name; as the system, for who asks has the right to the whole. */
static int part(struct copying *x, const char *name, const char *verb, json_t *in, struct error *err)
{
        const struct verb *v = registry_find(x->call->house->verbs, verb);
        struct call system = {.house = x->call->house, .who = {.lang = x->call->who.lang}};
        json_t *out = NULL;
        int rc =
            v == NULL || in == NULL ? error_raise(err, SB_CASE_VERB_UNKNOWN, "%s", verb) : verb_call(&system, v, in, &out, err);

        if (rc == 0)
                put_value(x->record, name, out);
        json_decref(in);
        return rc;
}

static json_t *of(const struct copying *x)
{
        return json_pack("{s:I}", "person", (json_int_t)x->person);
}

static int own_read(struct tx *tx, void *ctx, struct error *err)
{
        struct copying *x = ctx;
        struct house *h = x->call->house;
        json_t *openings = NULL, *numbers = json_object();
        struct person p;
        int rc = person_read(tx, h, h->home, x->person, &p, err);

        if (rc == 0) {
                put_text(numbers, "id_number", p.id_number);
                put_text(numbers, "telephone", p.telephone);
                put_text(numbers, "bank_account", p.bank_account);
                put_value(x->record, "numbers", json_incref(numbers));
                person_dispose(&p);
                rc = openings_list(tx, x->call, x->person, OPENINGS_MAX, &openings, err);
        }
        if (rc == 0)
                put_value(x->record, "openings", openings);
        json_decref(numbers);
        return rc;
}

static int record_make(struct copying *x, struct error *err)
{
        struct house *h = x->call->house;

        x->record = json_pack("{s:s,s:i}", "format", "shebao-personal-record", "version", 1);
        if (x->record == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        put_instant(x->record, "made_at", clock_now(h->clock));
        int rc = part(x, "person", "registry.person_get", of(x), err);
        rc = rc ? rc : part(x, "timeline", "registry.person_timeline", of(x), err);
        rc = rc ? rc : part(x, "contributions", "contribution.history", of(x), err);
        rc = rc ? rc : part(x, "relations", "registry.relations", of(x), err);
        return rc ? rc : store_read(h->store, own_read, x, err);
}

/* --- for people --------------------------------------------------------------------------------------------------------------------- */

struct page {
        struct copying *x;
        struct letter l;
        char lines[4][400];
};

static void contributions_put(struct letter_table *t, const struct copying *x, bool zh)
{
        const json_t *row, *items = json_object_get(json_object_get(x->record, "contributions"), "items");
        size_t n = json_array_size(items), i;

        *t = (struct letter_table){
            .title = zh ? "缴费记录（由近及远，至多40段）" : "Contributions, newest first, at most 40 spells",
            .head = {zh ? "起" : "From", zh ? "止" : "To", zh ? "险种" : "Scheme", zh ? "缴费基数（元）" : "Base (yuan)"},
            .widths = {22, 22, 28, 28},
            .numbers = 8,
            .columns = 4};
        for (i = n; i > 0 && t->row_count < LETTER_ROWS; i--) {
                row = json_array_get(items, i - 1);
                const char **cells = t->rows[t->row_count++];
                cells[0] = json_text(row, "from");
                cells[1] = json_text(row, "to");
                cells[2] = json_text(row, "scheme");
                cells[3] = json_text(row, "base");
        }
}

static void openings_put(struct letter_table *t, const struct copying *x, bool zh)
{
        const json_t *row, *items = json_object_get(x->record, "openings");
        size_t i;

        *t = (struct letter_table){
            .title = zh ? "记录查阅情况（由近及远，至多40次）" : "Who opened the record, newest first, at most 40",
            .head = {zh ? "时间" : "When", zh ? "机构" : "Office", zh ? "事由" : "Why", zh ? "案件" : "Case"},
            .widths = {26, 24, 28, 22},
            .columns = 4};
        json_array_foreach(items, i, row)
        {
                if (t->row_count == LETTER_ROWS)
                        break;
                const char **cells = t->rows[t->row_count++];
                cells[0] = json_text(row, "opened_at");
                cells[1] = json_text(row, zh ? "office_zh" : "office_en");
                cells[2] = json_text(row, zh ? "purpose_zh" : "purpose_en");
                cells[3] = json_text(row, "case_number");
        }
}

static int pdf_make(struct copying *x, struct buf *out, struct error *err)
{
        struct page page = {.x = x};
        struct letter *l = &page.l;
        struct pack *pack = NULL;
        day_t today = clock_today(x->call->house->clock);
        const json_t *person = json_object_get(x->record, "person"), *numbers = json_object_get(x->record, "numbers");
        bool zh = x->call->who.lang == LANG_ZH;
        char day[16];
        int rc = pack_store_home(x->call->house->packs, x->call->house->clock, &pack, err);

        if (rc < 0)
                return rc;
        l->lang = x->call->who.lang;
        l->body = pack_title(pack, l->lang);
        l->number = json_text(person, "number");
        l->title = zh ? "个人记录复制件" : "Copy of a personal record";
        l->addressee = json_text(person, "name");
        text_format(page.lines[0], sizeof page.lines[0], "%s %s · %s %s · %s %s", zh ? "公民身份号码" : "Identity number",
                    json_text(numbers, "id_number"), zh ? "电话" : "Telephone", json_text(numbers, "telephone"),
                    zh ? "银行账号" : "Bank account", json_text(numbers, "bank_account"));
        text_format(page.lines[1], sizeof page.lines[1],
                    zh ? "现有用工登记%zu条，待遇%zu项，个人账户%zu个；全部内容见随附的机器可读文件（JSON）。"
                       : "%zu spells of work, %zu awards, %zu accounts; the file for machines (JSON) holds all of it.",
                    json_array_size(json_object_get(person, "employments")), json_array_size(json_object_get(person, "awards")),
                    json_array_size(json_object_get(person, "accounts")));
        l->paragraphs[l->paragraph_count++] = page.lines[0];
        l->paragraphs[l->paragraph_count++] = page.lines[1];
        contributions_put(&l->amounts, x, zh);
        openings_put(&l->derivation, x, zh);
        l->closing[l->closing_count++] =
            zh ? "依据个人信息保护法第四十五条提供。内容有误的，可以申请更正（第四十六条）。"
               : "Given under article 45 of the Personal Information Protection Law. Who finds it wrong may ask for a "
                 "correction (article 46).";
        l->date = day_text(today, day);
        l->day = today;
        l->seal = "";
        l->verify = l->number;
        l->verify_text = zh ? "本件为本人记录的复制件，不作为权益证明。" : "A copy of one’s own record; it certifies no right.";
        l->stamp = pack_is_demonstration(pack) ? (zh ? "演示" : "DEMONSTRATION") : NULL;
        return letter_pdf(out, l, err);
}

/* --- the verb ----------------------------------------------------------------------------------------------------------------------- */

static int copy_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct copying *x = ctx;

        (void)tx;
        (void)c;
        change->subject_kind = "person";
        change->subject = x->person;
        change->audit = json_pack("{s:s}", "format", x->pdf ? "pdf" : "json");
        /* The answer that is kept beside the idempotency key holds no personal data. */
        *out = json_pack("{s:I}", "person", (json_int_t)x->person);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int answer(struct copying *x, json_t **out, struct error *err)
{
        struct raw_reply *raw = x->call->raw;
        const char *number = json_text(json_object_get(x->record, "person"), "number");

        if (raw == NULL) {
                *out = json_incref(x->record);
                return 0;
        }
        buf_clear(&raw->bytes);
        int rc = x->pdf ? pdf_make(x, &raw->bytes, err) : json_canonical(&raw->bytes, x->record, err);
        text_copy(raw->media_type, sizeof raw->media_type,
                  x->pdf ? STR("application/pdf") : STR("application/json; charset=utf-8"));
        text_format(raw->file_name, sizeof raw->file_name, "%.60s.%s", number, x->pdf ? "pdf" : "json");
        *out = json_object();
        return rc ? rc : *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : buf_check(&raw->bytes, err);
}

int people_export(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct copying x = {.call = c};
        const char *format = "json";
        json_t *recorded = NULL;
        int rc = json_get_int(in, "person", true, &x.person, err);

        rc = rc ? rc : json_get_text(in, "format", false, &format, err);
        x.pdf = strcmp(format, "pdf") == 0;
        rc = rc ? rc : record_make(&x, err); /* who does not exist is told before it is written down */
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "people.export"), in, copy_apply, &x, &recorded, err);
        json_decref(recorded);
        rc = rc ? rc : answer(&x, out, err);
        json_decref(x.record);
        return rc;
}
