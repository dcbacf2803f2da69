/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks that change hands: put back, handed to a colleague, sent up to where their amount can be signed.
 */
#include "case/authority.h"
#include "case/verbs.h"

struct handing {
        int64_t task, staff, office;
        const char *note;
};

static int handed(const struct handing *x, struct change *change, json_t **out, struct error *err)
{
        change->subject_kind = "task";
        change->subject = x->task;
        if (x->staff != 0)
                change->audit = json_pack("{s:I}", "staff", (json_int_t)x->staff);
        *out = json_pack("{s:I}", "task", (json_int_t)x->task);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int back_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct handing *x = ctx;
        int rc = case_task_give_back(tx, c, x->task, x->note, err);

        return rc == 0 ? handed(x, change, out, err) : rc;
}

static int over_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct handing *x = ctx;
        int rc = case_task_hand_over(tx, c, x->task, x->staff, x->note, err);

        return rc == 0 ? handed(x, change, out, err) : rc;
}

int tasks_give_back(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct handing x = {.task = json_int_or(in, "task", 0), .note = json_text(in, "note")};

        return verb_change(c, registry_find(c->house->verbs, "tasks.give_back"), in, back_apply, &x, out, err);
}

int tasks_hand_over(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct handing x = {
            .task = json_int_or(in, "task", 0), .staff = json_int_or(in, "staff", 0), .note = json_text(in, "note")};

        return verb_change(c, registry_find(c->house->verbs, "tasks.hand_over"), in, over_apply, &x, out, err);
}

struct sending_up {
        struct call *call;
        int64_t task;
};

static int up_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct sending_up *s = ctx;
        int64_t office;

        return case_task_route(tx, s->call, s->task, &office, err);
}

/* The refusal stands; the task lies where it can be signed. */
void task_send_up(struct call *c, int64_t task, const struct error *refusal)
{
        struct sending_up s = {c, task};
        struct error later = {0};

        if (error_is(refusal, SB_CASE_SIGNING) && store_write(c->house->store, up_apply, &s, &later) < 0)
                log_error(c->house->log, "task.route", &later);
}
