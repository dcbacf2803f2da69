/* SPDX-License-Identifier: Apache-2.0
 *
 * The daily look: what is new goes out, a feed that is silent for longer than the pack allows raises an alarm, and the differences are found.
 */
#include "office/exchange/exchange.h"

#include "engine/layout/layout.h"
#include "office/json.h"

#include <string.h>

struct look {
        json_t *feeds, *partners;
        int64_t made, silent, open;
};

/* Silent since it was last heard of, or since it was first looked at. */
static int silence_look(struct tx *tx, struct call *c, struct look *l, const struct feed *f, struct error *err)
{
        struct house *h = c->house;
        struct feed_state state;
        struct stmt *q;
        int rc = feed_hold(tx, h, f->name, &state, err);

        if (rc < 0 || f->silence_days < 0)
                return rc;
        rc = tx_one(&q, tx, err, "SELECT since, heard_at FROM exchange_feed WHERE home = ?1@int AND feed = ?2@text", "it",
                    (int64_t)h->home, f->name);
        if (rc != 1)
                return rc;
        instant_t since = stmt_int(q, 1) != 0 ? stmt_int(q, 1) : stmt_int(q, 0);
        if (clock_today(h->clock) - instant_day(since) <= f->silence_days)
                return 0;
        l->silent++;
        return alarm_open(tx, h, f->name, "silent", 0, 0, 0, err);
}

static int feed_look(struct tx *tx, struct call *c, struct look *l, const struct feed *f, struct error *err)
{
        bool makes = strcmp(f->content, "registrations") == 0 || strcmp(f->content, "assessments") == 0;
        struct layout *layout = NULL;

        if (f->layout[0] == '\0')
                return 0;
        if (f->in)
                return silence_look(tx, c, l, f, err);
        if (!makes)
                return 0;
        int rc = feed_layout(c, f, &layout, err);
        rc = rc ? rc : feed_prepare(tx, c, f, layout, &l->made, err);
        layout_free(layout);
        return rc;
}

static int day_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct look *l = ctx;
        struct feed_state whole;
        json_t *row;
        size_t i;
        int rc = feed_hold(tx, c->house, "", &whole, err); /* one look after the other */

        l->made = l->silent = l->open = 0;
        json_array_foreach(l->feeds, i, row)
        {
                struct feed f;
                feed_take(row, l->partners, &f);
                rc = rc ? rc : feed_look(tx, c, l, &f, err);
        }
        rc = rc ? rc : differences_find(tx, c->house, &l->open, err);
        rc = rc ? rc
                : tx_exec(tx, err, "UPDATE exchange_feed SET day = ?2@int WHERE home = ?1@int AND feed = ''", "ii",
                          (int64_t)c->house->home, (int64_t)clock_today(c->house->clock));
        if (rc < 0)
                return rc;
        change->subject_kind = "exchange_feed";
        change->audit = json_pack("{s:I,s:I,s:I}", "made", (json_int_t)l->made, "silent", (json_int_t)l->silent, "differences",
                                  (json_int_t)l->open);
        *out = json_deep_copy(change->audit);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int exchange_day(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct look l = {.feeds = NULL};
        int rc = feed_rows(c, &l.feeds, &l.partners, err);

        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "exchange.day"), in, day_apply, &l, out, err);
        json_decref(l.feeds);
        json_decref(l.partners);
        return rc;
}

static int day_read(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        int64_t *day = ctx;
        int rc = tx_one(&q, tx, err, "SELECT day FROM exchange_feed WHERE feed = ''", "");

        *day = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

int exchange_daily(struct house *h, struct error *err)
{
        struct call c = {.house = h, .who = {.roles = ROLE_ANY}};
        struct error none = {0};
        json_t *feeds = NULL, *partners = NULL, *in, *out = NULL;
        int64_t day = 0, today = clock_today(h->clock);
        char key[48];
        int rc = store_read(h->store, day_read, &day, err);

        if (rc < 0 || day >= today || feed_rows(&c, &feeds, &partners, &none) < 0 || json_array_size(feeds) == 0) {
                json_decref(feeds);
                json_decref(partners);
                return rc;
        }
        json_decref(feeds);
        json_decref(partners);
        c.key = text_format(key, sizeof key, "exchange-day-%lld", (long long)today);
        in = json_object();
        rc = in == NULL ? error_raise(err, SB_MEMORY, "%s", "") : exchange_day(&c, in, &out, err);
        json_decref(in);
        json_decref(out);
        return rc;
}

/* --- exchange.alarm_close ------------------------------------------------------------------------------------------------------------ */

struct closing {
        int64_t alarm;
        const char *note;
};

/* Silence and gaps end by themselves. */
static int close_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct closing *k = ctx;
        int64_t changed = 0;
        int rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE exchange_alarm SET closed_at = ?3@int, closed_by = ?4@int, note = ?5@text WHERE home = "
            "?1@int AND id = ?2@int AND closed_at = 0 AND kind IN ('content', 'refused', 'reference', 'rejected')",
            "iiiit", (int64_t)c->house->home, k->alarm, clock_now(c->house->clock), c->who.staff, k->note);

        if (rc == 0 && changed == 0)
                rc = error_raise(err, SB_EXCHANGE_ALARM, "%lld", (long long)k->alarm);
        if (rc < 0)
                return rc;
        change->subject_kind = "exchange_alarm";
        change->subject = k->alarm;
        *out = json_pack("{s:I}", "id", (json_int_t)k->alarm);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int exchange_alarm_close(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct closing k = {.note = ""};
        int rc = json_get_int(in, "alarm", true, &k.alarm, err);

        rc = rc ? rc : json_get_text(in, "note", true, &k.note, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "exchange.alarm_close"), in, close_apply, &k, out, err);
}
