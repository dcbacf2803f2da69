/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes out: employers and what they owe, told to who collects. A batch is made of what was not told yet; it waits until the partner
 * acknowledges it.
 */
#include "office/exchange/exchange.h"

#include "case/pack_store.h"
#include "engine/layout/layout.h"
#include "office/json.h"

#include <stdlib.h>
#include <string.h>

struct making {
        struct call *call;
        const struct feed *feed;
        const struct layout *layout;
        struct batch b;
        json_t *lines;
        struct told {
                int64_t subject, mark;
                char reference[CLAIM_KEY], scheme[32];
                month_t month;
                fen_t amount;
        } * told; /* of each line */
        size_t count;
        struct pack *pack;
};

/* --- what is new --------------------------------------------------------------------------------------------------------------------- */

static int registrations_read(struct tx *tx, struct making *m, struct error *err)
{
        struct house *h = m->call->house;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT e.id, e.version, e.uscc, e.state, f.name, f.territory FROM employer e JOIN employer_fact f ON f.home "
            "= e.home AND f.employer = e.id AND f.known_to = ?3@int AND f.valid_from <= ?4@int AND f.valid_to > ?4@int "
            "LEFT JOIN exchange_sent s ON s.home = e.home AND s.feed = ?2@text AND s.subject = e.id WHERE e.home = ?1@int "
            "AND (s.mark IS NULL OR s.mark <> e.version) ORDER BY e.id LIMIT ?5@int",
            "itiii", (int64_t)h->home, m->feed->name, (int64_t)INSTANT_END, (int64_t)clock_today(h->clock),
            (int64_t)EXCHANGE_LINES);

        while ((rc = row_next(rc, q, err)) == 1) {
                struct told *t = &m->told[m->count++];
                json_t *o = json_object();
                *t = (struct told){.subject = stmt_int(q, 0), .mark = stmt_int(q, 1)};
                text_copy(t->reference, sizeof t->reference, stmt_text(q, 2));
                put_str(o, "uscc", stmt_text(q, 2));
                put_str(o, "state", stmt_text(q, 3));
                put_str(o, "name", stmt_text(q, 4));
                put_str(o, "territory", stmt_text(q, 5));
                json_array_append_new(m->lines, o);
        }
        return rc;
}

static void assessment_take(struct making *m, const struct stmt *q)
{
        char uscc[24], scheme[32], day[16], month[16];
        struct told *t = &m->told[m->count++];
        json_t *o = json_object();

        *t = (struct told){.subject = stmt_int(q, 0), .month = (month_t)stmt_int(q, 3), .amount = stmt_int(q, 4)};
        text_copy(uscc, sizeof uscc, stmt_text(q, 1));
        text_copy(scheme, sizeof scheme, stmt_text(q, 2));
        text_copy(t->scheme, sizeof t->scheme, stmt_text(q, 2));
        claim_key(t->reference, uscc, scheme, t->month);
        put_text(o, "uscc", uscc);
        put_text(o, "scheme", scheme);
        put_text(o, "month", month_text(t->month, month));
        put_int(o, "amount", t->amount);
        put_int(o, "before", stmt_int(q, 6));
        put_text(o, "due_day", day_text((day_t)stmt_int(q, 5), day));
        json_array_append_new(m->lines, o);
}

/* What an employer owes for a month in a scheme, where it is not what was told last. */
static int scheme_read(struct tx *tx, struct making *m, const char *scheme, month_t from, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "WITH owed AS (SELECT a.employer AS employer, a.scheme AS scheme, a.month AS month, CAST(SUM(a.employer_fen + "
            "a.person_fen - a.reduced_fen) AS @int) AS fen, MAX(d.due_day) AS due_day FROM assessment a JOIN declaration d ON d.home = a.home "
            "AND "
            "d.id = a.declaration WHERE a.home = ?1@int AND a.scheme = ?2@text AND a.month >= ?3@int GROUP BY a.employer, "
            "a.scheme, "
            "a.month) SELECT o.employer, e.uscc, o.scheme, o.month, o.fen, o.due_day, COALESCE(c.amount_fen, 0) FROM owed o "
            "JOIN "
            "employer e ON e.home = ?1@int AND e.id = o.employer LEFT JOIN exchange_claim c ON c.home = ?1@int AND c.side = "
            "'sent' "
            "AND c.employer = o.employer AND c.scheme = o.scheme AND c.month = o.month WHERE o.fen <> COALESCE(c.amount_fen, "
            "0) "
            "ORDER BY o.month, o.employer LIMIT ?4@int",
            "itii", (int64_t)m->call->house->home, scheme, (int64_t)from, (int64_t)(EXCHANGE_LINES - m->count));

        while ((rc = row_next(rc, q, err)) == 1)
                assessment_take(m, q);
        return rc;
}

/* The schemes that, by the pack in force, a tax bureau collects today, for the months since it does. */
static int assessments_read(struct tx *tx, struct making *m, struct error *err)
{
        struct house *h = m->call->house;
        json_t *schemes = NULL, *row;
        size_t i;
        int rc = pack_table(m->pack, "schemes.csv", &schemes, err);

        json_array_foreach(schemes, i, row)
        {
                const char *scheme = json_text(row, "scheme");
                const struct parameter *p = NULL;
                char dims[64];
                rc = rc ? rc
                        : pack_parameter(m->pack, "collector", text_format(dims, sizeof dims, "scheme=%s", scheme),
                                         clock_today(h->clock), &p, err);
                if (rc == 0 && strcmp(p->value, "tax") == 0 && m->count < EXCHANGE_LINES)
                        rc = scheme_read(tx, m, scheme, month_of(p->valid_from), err);
        }
        json_decref(schemes);
        return rc;
}

static int told_write(struct tx *tx, struct making *m, struct error *err)
{
        struct house *h = m->call->house;
        bool owed = strcmp(m->feed->content, "assessments") == 0;
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < m->count; i++) {
                const struct told *t = &m->told[i];
                struct line l = {.batch = m->b.id,
                                 .line = (int64_t)i + 1,
                                 .state = "noted",
                                 .reference = t->reference,
                                 .subject_kind = "employer",
                                 .subject = t->subject,
                                 .confidence = 100,
                                 .amount = t->amount,
                                 .result_kind = ""};
                struct claim k = {.side = "sent",
                                  .key = t->reference,
                                  .scheme = t->scheme,
                                  .employer = t->subject,
                                  .batch = m->b.id,
                                  .line = l.line,
                                  .month = t->month,
                                  .amount = t->amount,
                                  .day = clock_today(h->clock)};
                rc = line_write(tx, h->home, &l, err);
                if (rc == 0 && owed)
                        rc = claim_set(tx, h->home, &k, err);
                else if (rc == 0)
                        rc = tx_exec(
                            tx, err,
                            "INSERT INTO exchange_sent (home, feed, subject, mark, batch) VALUES (?1@int, ?2@text, ?3@int, "
                            "?4@int, ?5@int) ON CONFLICT (home, feed, subject) DO UPDATE SET mark = excluded.mark, batch = "
                            "excluded.batch",
                            "itiii", (int64_t)h->home, m->feed->name, t->subject, t->mark, m->b.id);
        }
        return rc;
}

/* --- a batch ------------------------------------------------------------------------------------------------------------------------- */

static int bytes_make(struct making *m, struct buf *out, struct error *err)
{
        char day[16];
        json_t *values = json_object(), *head = json_object();

        put_text(head, "made", day_text(clock_today(m->call->house->clock), day));
        put_value(values, "header", head);
        put_value(values, "lines", json_incref(m->lines));
        int rc = values == NULL ? error_raise(err, SB_MEMORY, "%s", "") : layout_write(m->layout, values, out, err);
        json_decref(values);
        return rc;
}

static int batch_make(struct tx *tx, struct making *m, struct error *err)
{
        struct house *h = m->call->house;
        struct feed_state state = {0};
        struct buf bytes;
        int rc = feed_hold(tx, h, m->feed->name, &state, err);

        buf_init(&bytes, EXCHANGE_BYTES);
        rc = rc ? rc : bytes_make(m, &bytes, err);
        m->b.sequence = state.next;
        m->b.lines = (int64_t)m->count;
        m->b.hash = hash_of(bytes.p == NULL ? "" : bytes.p, bytes.n);
        for (size_t i = 0; i < m->count; i++)
                m->b.sum += m->told[i].amount;
        text_copy(m->b.feed, sizeof m->b.feed, str_from(m->feed->name));
        text_copy(m->b.state, sizeof m->b.state, STR("waiting"));
        rc = rc ? rc : batch_add(tx, m->call, &m->b, (struct str){bytes.p, bytes.n}, err);
        rc = rc ? rc : told_write(tx, m, err);
        rc = rc ? rc
                : tx_exec(
                      tx, err,
                      "UPDATE exchange_feed SET next = next + 1, version = version + 1 WHERE home = ?1@int AND feed = ?2@text",
                      "it", (int64_t)h->home, m->feed->name);
        buf_dispose(&bytes);
        return rc;
}

int feed_prepare(struct tx *tx, struct call *c, const struct feed *f, const struct layout *l, int64_t *made, struct error *err)
{
        struct making m = {.call = c, .feed = f, .layout = l, .lines = json_array()};
        bool owed = strcmp(f->content, "assessments") == 0;
        int rc = pack_store_home(c->house->packs, c->house->clock, &m.pack, err);

        m.told = calloc(EXCHANGE_LINES, sizeof *m.told);
        if (rc == 0 && (m.told == NULL || m.lines == NULL))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        rc = rc ? rc : owed ? assessments_read(tx, &m, err) : registrations_read(tx, &m, err);
        if (rc == 0 && m.count > 0) {
                rc = batch_make(tx, &m, err);
                ++*made;
        }
        json_decref(m.lines);
        free(m.told);
        return rc;
}

/* --- exchange.prepare --------------------------------------------------------------------------------------------------------------- */

struct preparing {
        struct feed feed;
        struct layout *layout;
};

static int prepare_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct preparing *p = ctx;
        int64_t made = 0;
        int rc = feed_prepare(tx, c, &p->feed, p->layout, &made, err);

        if (rc < 0)
                return rc;
        change->subject_kind = "exchange_feed";
        change->audit = json_pack("{s:s,s:I}", "feed", p->feed.name, "made", (json_int_t)made);
        *out = json_pack("{s:I}", "made", (json_int_t)made);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int exchange_prepare(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct preparing p = {.layout = NULL};
        const char *name;
        int rc = json_get_text(in, "feed", true, &name, err);

        rc = rc ? rc : feed_going(c, name, false, &p.feed, err);
        rc = rc ? rc : feed_layout(c, &p.feed, &p.layout, err);
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "exchange.prepare"), in, prepare_apply, &p, out, err);
        layout_free(p.layout);
        return rc;
}

/* --- exchange.acknowledge ----------------------------------------------------------------------------------------------------------- */

struct answering {
        struct feed feed;
        int64_t sequence;
        bool accepted;
        const char *note;
};

static int acknowledge_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct answering *a = ctx;
        const char *state = a->accepted ? "acknowledged" : "refused";
        struct feed_state feed;
        struct batch b;
        int rc = feed_hold(tx, c->house, a->feed.name, &feed, err), found;

        if (rc < 0)
                return rc;
        found = batch_of(tx, c->house->home, a->feed.name, a->sequence, &b, err);
        if (found <= 0)
                return found < 0 ? found : error_raise(err, SB_EXCHANGE_BATCH, "%s/%lld", a->feed.name, (long long)a->sequence);
        /* Said again: nothing changes; an acknowledgement is not taken back. */
        if (strcmp(b.state, "waiting") != 0 && strcmp(b.state, state) != 0)
                return error_raise(err, SB_EXCHANGE_STATE, "%s", b.state);
        if (strcmp(b.state, "waiting") == 0) {
                rc = batch_state(tx, c, &b, state, err);
                if (rc == 0)
                        rc = a->accepted ? alarm_over(tx, c->house, a->feed.name, "rejected", a->sequence, err)
                                         : alarm_open(tx, c->house, a->feed.name, "rejected", a->sequence, b.id, 0, err);
                if (rc == 0 && a->note[0] != '\0')
                        rc = tx_exec(
                            tx, err,
                            "UPDATE exchange_alarm SET note = ?4@text WHERE home = ?1@int AND feed = ?2@text AND kind = "
                            "'rejected' AND sequence = ?3@int AND closed_at = 0",
                            "itit", (int64_t)c->house->home, a->feed.name, a->sequence, a->note);
                rc = rc ? rc
                        : tx_exec(tx, err, "UPDATE exchange_feed SET heard_at = ?3@int WHERE home = ?1@int AND feed = ?2@text",
                                  "iti", (int64_t)c->house->home, a->feed.name, clock_now(c->house->clock));
        }
        if (rc < 0)
                return rc;
        change->subject_kind = "exchange_batch";
        change->subject = b.id;
        change->audit = json_pack("{s:s,s:I,s:s}", "feed", a->feed.name, "sequence", (json_int_t)a->sequence, "state", state);
        *out = json_deep_copy(change->audit);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int exchange_acknowledge(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct answering a = {.note = ""};
        const char *name;
        int rc = json_get_text(in, "feed", true, &name, err);

        rc = rc ? rc : feed_going(c, name, false, &a.feed, err);
        rc = rc ? rc : json_get_int(in, "sequence", true, &a.sequence, err);
        rc = rc ? rc : json_get_bool(in, "accepted", true, &a.accepted, err);
        rc = rc ? rc : json_get_text(in, "note", false, &a.note, err);
        return rc ? rc
                  : verb_change(c, registry_find(c->house->verbs, "exchange.acknowledge"), in, acknowledge_apply, &a, out, err);
}
