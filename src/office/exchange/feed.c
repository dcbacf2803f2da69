/* SPDX-License-Identifier: Apache-2.0
 *
 * Feeds as the pack declares them, their state in the database, and their alarms.
 */
#include "office/exchange/exchange.h"

#include "case/pack_store.h"
#include "engine/layout/layout.h"

#include <string.h>

int feed_rows(struct call *c, json_t **feeds, json_t **partners, struct error *err)
{
        struct pack *pack = NULL;
        int rc = pack_store_home(c->house->packs, c->house->clock, &pack, err);

        *feeds = *partners = NULL;
        rc = rc ? rc : pack_table_maybe(pack, "feeds.csv", feeds, err);
        return rc ? rc : pack_table_maybe(pack, "partners.csv", partners, err);
}

static int64_t figure(const json_t *row, const char *name)
{
        int64_t n;

        return text_to_int(str_from(json_text(row, name)), &n) ? n : -1;
}

static void cell(const json_t *row, const char *name, char *out, size_t size)
{
        text_copy(out, size, str_from(json_text(row, name)));
}

void feed_take(const json_t *row, const json_t *partners, struct feed *out)
{
        const json_t *p;
        size_t i;

        *out = (struct feed){.in = strcmp(json_text(row, "direction"), "in") == 0,
                             .match_least = figure(row, "match_least"),
                             .hearing_days = figure(row, "hearing_days"),
                             .silence_days = figure(row, "silence_days")};
        cell(row, "feed", out->name, sizeof out->name);
        cell(row, "partner", out->partner, sizeof out->partner);
        cell(row, "content", out->content, sizeof out->content);
        cell(row, "layout", out->layout, sizeof out->layout);
        cell(row, "leads_to", out->leads_to, sizeof out->leads_to);
        json_array_foreach(partners, i, p)
        {
                if (strcmp(json_text(p, "partner"), out->partner) == 0)
                        cell(p, "body", out->body, sizeof out->body);
        }
}

int feed_find(struct call *c, const char *name, struct feed *out, struct error *err)
{
        json_t *feeds, *partners, *row;
        bool found = false;
        size_t i;
        int rc = feed_rows(c, &feeds, &partners, err);

        json_array_foreach(feeds, i, row)
        {
                if (found || strcmp(json_text(row, "feed"), name) != 0)
                        continue;
                feed_take(row, partners, out);
                found = true;
        }
        json_decref(feeds);
        json_decref(partners);
        return rc == 0 && !found ? error_raise(err, SB_EXCHANGE_FEED, "%.40s", name) : rc;
}

int feed_going(struct call *c, const char *name, bool in, struct feed *out, struct error *err)
{
        int rc = feed_find(c, name, out, err);

        if (rc == 0 && out->in != in)
                rc = out->in ? error_raise(err, SB_EXCHANGE_DIRECTION, "%s|%s", name,
                                           ERROR_BOTH("the partner delivers it", "由对方报送"))
                             : error_raise(err, SB_EXCHANGE_DIRECTION, "%s|%s", name,
                                           ERROR_BOTH("we deliver it, the partner collects", "由本机构发送、对方取走"));
        return rc;
}

int feed_layout(struct call *c, const struct feed *f, struct layout **out, struct error *err)
{
        struct pack *pack = NULL;

        if (f->layout[0] == '\0')
                return error_raise(err, SB_EXCHANGE_LAYOUT, "%s", f->name);
        int rc = pack_store_home(c->house->packs, c->house->clock, &pack, err);
        rc = rc ? rc : pack_layout(pack, f->layout, out, err);
        return rc ? rc : content_check(f, *out, err);
}

int feed_hold(struct tx *tx, struct house *h, const char *feed, struct feed_state *out, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_exec(tx, err,
                    "INSERT INTO exchange_feed (home, feed, next, since, heard_at, day, version) VALUES (?1@int, ?2@text, 1, "
                    "?3@int, 0, 0, 1) ON CONFLICT (home, feed) DO NOTHING",
                    "iti", (int64_t)h->home, feed, clock_now(h->clock));

        rc = rc ? rc
                : tx_one(&q, tx, err, "SELECT next, heard_at FROM exchange_feed WHERE home = ?1@int AND feed = ?2@text @lock",
                         "it", (int64_t)h->home, feed);
        if (rc == 1)
                *out = (struct feed_state){stmt_int(q, 0), stmt_int(q, 1)};
        return rc < 0 ? rc : 0;
}

int feed_heard(struct tx *tx, struct house *h, const char *feed, int64_t next, struct error *err)
{
        int rc =
            tx_exec(tx, err,
                    "UPDATE exchange_feed SET next = ?3@int, heard_at = ?4@int, version = version + 1 WHERE home = ?1@int AND "
                    "feed = ?2@text",
                    "itii", (int64_t)h->home, feed, next, clock_now(h->clock));

        return rc ? rc : alarm_over(tx, h, feed, "silent", 0, err);
}

int alarm_open(struct tx *tx, struct house *h, const char *feed, const char *kind, int64_t sequence, int64_t batch, int code,
               struct error *err)
{
        struct stmt *q;
        int64_t id;
        int rc = tx_one(&q, tx, err,
                        "SELECT 1 FROM exchange_alarm WHERE home = ?1@int AND feed = ?2@text AND kind = ?3@text AND sequence = "
                        "?4@int AND closed_at = 0 LIMIT 1",
                        "itti", (int64_t)h->home, feed, kind, sequence);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = ids_next(h->ids, &id, err);
        return rc ? rc
                  : tx_exec(tx, err,
                            "INSERT INTO exchange_alarm (home, id, feed, kind, sequence, batch, code, opened_at, closed_at, "
                            "closed_by, "
                            "note) VALUES (?1@int, ?2@int, ?3@text, ?4@text, ?5@int, ?6@int, ?7@int, ?8@int, 0, 0, '')",
                            "iittiiii", (int64_t)h->home, id, feed, kind, sequence, batch, (int64_t)code, clock_now(h->clock));
}

int alarm_over(struct tx *tx, struct house *h, const char *feed, const char *kind, int64_t sequence, struct error *err)
{
        return tx_exec(
            tx, err,
            "UPDATE exchange_alarm SET closed_at = ?5@int WHERE home = ?1@int AND feed = ?2@text AND kind = ?3@text AND "
            "closed_at = 0 AND (?4@int < 0 OR sequence = ?4@int)",
            "ittii", (int64_t)h->home, feed, kind, sequence, clock_now(h->clock));
}
