/* SPDX-License-Identifier: Apache-2.0 */
#include "office/payment/bank_file.h"

#include "engine/layout/layout.h"

#include <string.h>

#define DEMONSTRATION "演示 DEMONSTRATION "

int bank_file_begin(struct bank_file *f, const struct pack *pack, const char *layout, struct buf *out,
                    const struct pain_head *head, struct error *err)
{
        *f = (struct bank_file){.out = out, .head = head};
        if (*layout == '\0')
                return pain_begin(out, head, err);
        f->values = json_pack("{s:[]}", "lines");
        if (f->values == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        return pack_layout(pack, layout, &f->layout, err);
}

/* A text that is not there is left out, so that a field that must not be empty is told. */
static int text_put(json_t *o, const char *name, const char *prefix, const char *value, struct error *err)
{
        if (*value == '\0')
                return 0;
        json_t *text = json_sprintf("%s%s", prefix, value);
        return text != NULL && json_object_set_new(o, name, text) == 0 ? 0 : error_raise(err, SB_MEMORY, "%s", "");
}

int bank_file_add(struct bank_file *f, const struct pain_transfer *t, struct error *err)
{
        if (f->layout == NULL)
                return pain_add(f->out, f->head, t, err);
        json_t *line = json_pack("{s:s,s:I}", "reference", t->end_to_end, "amount", (json_int_t)t->amount);
        int rc = line == NULL ? error_raise(err, SB_MEMORY, "%s", "") : text_put(line, "name", "", t->name, err);
        rc = rc ? rc : text_put(line, "bank", "", t->bank, err);
        rc = rc ? rc : text_put(line, "account", "", t->account, err);
        rc = rc ? rc : text_put(line, "text", f->head->demonstration ? DEMONSTRATION : "", t->text, err);
        if (rc == 0 && json_array_append(json_object_get(f->values, "lines"), line) != 0)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        json_decref(line);
        return rc;
}

static int ends_put(struct bank_file *f, struct error *err)
{
        const struct pain_head *h = f->head;
        char day[16];
        json_t *ends = json_pack("{s:s,s:s,s:s}", "message", h->message_id, "payment", h->payment_id, "pay_day",
                                 day_text(h->pay_day, day));
        int rc = ends == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                              : text_put(ends, "payer", h->demonstration ? DEMONSTRATION : "", h->payer, err);

        rc = rc ? rc : text_put(ends, "payer_bank", "", h->payer_bank, err);
        rc = rc ? rc : text_put(ends, "payer_account", "", h->payer_account, err);
        if (rc == 0 && (json_object_set(f->values, "header", ends) != 0 || json_object_set(f->values, "trailer", ends) != 0))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        json_decref(ends);
        return rc;
}

int bank_file_end(struct bank_file *f, struct error *err)
{
        if (f->layout == NULL) {
                pain_end(f->out);
                return buf_check(f->out, err);
        }
        int rc = ends_put(f, err);
        return rc ? rc : layout_write(f->layout, f->values, f->out, err);
}

void bank_file_drop(struct bank_file *f)
{
        layout_free(f->layout);
        json_decref(f->values);
        *f = (struct bank_file){0};
}

int bank_file_form(const struct pack *pack, const char *layout, const char **extension, const char **media, struct error *err)
{
        struct layout *l = NULL;

        *extension = "xml";
        *media = "application/xml";
        if (*layout == '\0')
                return 0;
        int rc = pack_layout(pack, layout, &l, err);
        if (rc == 0) {
                *extension = "txt";
                *media = layout_is_gb18030(l) ? "text/plain; charset=gb18030" : "text/plain; charset=utf-8";
        }
        layout_free(l);
        return rc;
}
