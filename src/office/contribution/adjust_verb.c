/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs that the process P10 (补缴与退费) calls: whether the form can be applied for so, what the pack says, and the correction itself.
 */
#include "office/contribution/adjust.h"

#include "office/json.h"
#include "pack/pack.h"

#include <string.h>

/* What the model found, in words: "a; b". Notes that stop nothing are for the reviewer, and left out. */
static const char *words_of(const json_t *result, const char *lang, char *out, size_t size)
{
        char name[16];
        json_t *one;
        size_t i, n = 0;

        out[0] = '\0';
        text_format(name, sizeof name, "text_%s", lang);
        json_array_foreach(json_object_get(result, "reasons"), i, one)
        {
                const char *s = json_text(one, name);
                if (!json_is_true(json_object_get(one, "stops")) || strlen(s) + 4 >= size - n)
                        continue;
                text_format(out + n, size - n, "%s%s", n == 0 ? "" : strcmp(lang, "zh") == 0 ? "；" : "; ", s);
                n = strlen(out);
        }
        return out;
}

/* --- contribution.adjust_form ------------------------------------------------------------------------------------------------------ */

static const char *const FIELDS[] = {"kind",     "settle", "employer",    "person", "adjustment",
                                     "to_month", "wage",   "right_month", "scheme", "from_month"};

/* What cannot be computed for want of a figure is told when it is asked of the pack, in the case. */
int contribution_adjust_form(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct adjusting x = {.facts = NULL};
        struct error why = {0};
        char en[400], zh[400];
        const char *field = "from_month";
        int rc = adjust_compute(&x, c, json_object_get(in, "form"), &why);

        adjust_dispose(&x);
        if (rc == ERR_SOFT || (rc < 0 && error_http(why.code) >= 500)) {
                *err = why;
                return rc;
        }
        for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++)
                if (strcmp(why.where, FIELDS[i]) == 0)
                        field = FIELDS[i];
        *out = rc == 0 ? json_pack("{s:[]}", "faults")
                       : json_pack("{s:[{s:s,s:s,s:s}]}", "faults", "field", field, "zh",
                                   error_text(&why, LANG_ZH, zh, sizeof zh), "en", error_text(&why, LANG_EN, en, sizeof en));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* --- contribution.adjust_check ----------------------------------------------------------------------------------------------------- */

struct checking {
        struct adjusting x;
        struct case_decision decision;
        json_t *result, *derivation;
        struct error why; /* it cannot be computed */
};

static int check_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct checking *k = ctx;
        char en[600], zh[600];
        bool stopped = k->result == NULL || json_is_true(json_object_get(k->result, "stopped"));
        int64_t id = 0;
        int rc = k->result == NULL ? 0 : decision_store(tx, c, &k->decision, k->result, k->derivation, &id, err);

        change->subject_kind = id != 0 ? "decision" : "employer";
        change->subject = id != 0 ? id : k->x.employer.id;
        json_t *o = json_object();
        put_int(o, "decision", id);
        put_bool(o, "stopped", stopped);
        put_bool(o, "document_needed", !stopped && json_is_true(json_object_get(k->result, "document_needed")));
        put_text(o, "words",
                 k->result == NULL ? error_text(&k->why, LANG_ZH, zh, sizeof zh) : words_of(k->result, "zh", zh, sizeof zh));
        put_text(o, "words_en",
                 k->result == NULL ? error_text(&k->why, LANG_EN, en, sizeof en) : words_of(k->result, "en", en, sizeof en));
        put_money(o, "supplement", k->x.supplement);
        put_money(o, "reduced", k->x.reduced);
        put_money(o, "excess", k->x.kind == ADJUST_SUSPENSE ? k->x.suspense : k->x.excess);
        put_money(o, "amount", k->x.kind == ADJUST_SUSPENSE ? k->x.suspense : k->x.supplement + k->x.reduced);
        *out = o;
        return rc == 0 && o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rc;
}

int contribution_adjust_check(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct checking k = {.result = NULL};
        int rc = adjust_compute(&k.x, c, in, &k.why);

        rc = rc ? rc : adjust_decide(&k.x, &k.decision, &k.result, &k.derivation, &k.why);
        if (rc == ERR_SOFT || (rc < 0 && error_http(k.why.code) >= 500))
                *err = k.why;
        else
                rc = verb_change(c, registry_find(c->house->verbs, "contribution.adjust_check"), in, check_apply, &k, out, err);
        json_decref(k.result);
        json_decref(k.derivation);
        adjust_dispose(&k.x);
        return rc;
}

/* --- contribution.adjust ----------------------------------------------------------------------------------------------------------- */

struct doing {
        struct adjusting x;
        struct case_decision decision;
        json_t *decided_on, *result, *derivation;
        struct adjust_done done;
};

static json_t *said(const struct doing *d, int32_t home)
{
        const struct adjusting *x = &d->x;
        char number[32];
        json_t *o = json_object();

        put_bool(o, "done", true);
        put_int(o, "adjustment", d->done.id);
        put_text(o, "number", readable_number(ADJUSTMENT_PREFIX, (int)home, d->done.id, number));
        put_money(o, "supplement", x->supplement);
        put_money(o, "reduced", x->reduced);
        put_money(o, "excess", x->kind == ADJUST_SUSPENSE ? d->done.refunded : x->excess);
        put_money(o, "refunded", d->done.refunded);
        return o;
}

/* One after the other for an employer and for a person; and it is what was decided on, or nothing is done. */
static int adjust_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct doing *d = ctx;
        struct adjusting *x = &d->x;
        struct house *h = c->house;
        int rc = employer_hold(tx, h, x->employer.id, err);

        if (rc == 0 && x->person != 0)
                rc = person_touch(tx, h->home, x->person, 0, NULL, err);
        rc = rc ? rc : adjust_again(tx, x, err);
        rc = rc ? rc : adjust_facts(tx, x, err);
        if (rc == 0 && !json_equal(x->facts, d->decided_on))
                rc = error_raise(err, SB_OFFICE_VERSION, "%s", "");
        d->decision.inputs = d->decided_on;
        rc = rc ? rc : decision_store(tx, c, &d->decision, d->result, d->derivation, &d->done.decision, err);
        rc = rc ? rc : adjust_carry_out(tx, x, &d->done, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "adjustment";
        change->subject = d->done.id;
        *out = said(d, h->home);
        change->audit = json_deep_copy(*out);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* Who reviewed saw an amount: it is that, or somebody looks again. */
static int reviewed_check(const struct adjusting *x, const json_t *in, struct error *err)
{
        fen_t amount = x->kind == ADJUST_SUSPENSE ? x->suspense : x->supplement + x->reduced, reviewed = 0;
        const json_t *v = json_object_get(in, "amount");
        char now[24], then[24];

        if (v == NULL || json_is_null(v))
                return 0;
        int rc = pack_money(v, &reviewed, err);
        return rc < 0 || reviewed == amount
                   ? rc
                   : error_raise(err, SB_ADJUST_REVIEWED, "%s|%s", money_text(reviewed, then), money_text(amount, now));
}

static int decided_check(const struct doing *d, struct error *err)
{
        char en[600], zh[600];

        if (json_is_true(json_object_get(d->result, "stopped")))
                return error_raise(err, SB_ADJUST_STOPPED, "%s\x1e%s", words_of(d->result, "en", en, sizeof en),
                                   words_of(d->result, "zh", zh, sizeof zh));
        if (json_is_true(json_object_get(d->result, "document_needed")) && !d->x.document)
                return error_raise(
                    err, SB_ADJUST_STOPPED, "%s",
                    ERROR_BOTH("a binding document is needed for so many months", "补缴月数较多，须附生效法律文书"));
        return 0;
}

int contribution_adjust(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct doing d = {.result = NULL};
        int rc = adjust_compute(&d.x, c, in, err);

        rc = rc ? rc : reviewed_check(&d.x, in, err);
        rc = rc ? rc : adjust_decide(&d.x, &d.decision, &d.result, &d.derivation, err);
        rc = rc ? rc : decided_check(&d, err);
        d.decided_on = json_incref(d.x.facts);
        d.done.result = d.result;
        rc = rc ? rc : ids_next(c->house->ids, &d.done.id, err);
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "contribution.adjust"), in, adjust_apply, &d, out, err);
        json_decref(d.decided_on);
        json_decref(d.result);
        json_decref(d.derivation);
        adjust_dispose(&d.x);
        return rc;
}
