/* SPDX-License-Identifier: Apache-2.0
 *
 * What a hall offers, by the tables of the pack.
 */
#include "office/window/window.h"

#include "case/pack_store.h"
#include "office/json.h"
#include "pack/pack.h"

#include <string.h>

struct place {
        struct call *call;
        struct hall *hall;
        int64_t pool;
};

static int place_read(struct tx *tx, void *ctx, struct error *err)
{
        struct place *p = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT code, name_zh, name_en FROM office WHERE id = ?1@int", "i", p->hall->office);

        if (rc == 0)
                return error_raise(err, SB_SETUP_OFFICE, "%lld", (long long)p->hall->office);
        if (rc < 0)
                return rc;
        text_copy(p->hall->code, sizeof p->hall->code, stmt_text(q, 0));
        text_copy(p->hall->name_zh, sizeof p->hall->name_zh, stmt_text(q, 1));
        text_copy(p->hall->name_en, sizeof p->hall->name_en, stmt_text(q, 2));
        return application_pool(tx, &p->pool, err);
}

int hall_open(struct call *c, struct hall *out, struct error *err)
{
        struct place p = {.call = c, .hall = out};

        *out = (struct hall){.office = c->who.office};
        int rc = store_read(c->house->store, place_read, &p, err);
        if (rc == 0)
                rc = pack_store_for(c->house->packs, p.pool, clock_today(c->house->clock), clock_now(c->house->clock),
                                    &out->pack, err);
        rc = rc ? rc : pack_table(out->pack, "hall_services.csv", &out->services, err);
        rc = rc ? rc : pack_table(out->pack, "hall_counters.csv", &out->counters, err);
        rc = rc ? rc : pack_table(out->pack, "hall_hours.csv", &out->hours, err);
        rc = rc ? rc : pack_table(out->pack, "hall_priorities.csv", &out->priorities, err);
        if (rc < 0)
                hall_close(out);
        return rc;
}

void hall_close(struct hall *h)
{
        json_decref(h->services);
        json_decref(h->counters);
        json_decref(h->hours);
        json_decref(h->priorities);
        h->services = h->counters = h->hours = h->priorities = NULL;
}

const json_t *hall_service(const struct hall *h, const char *service, struct error *err)
{
        json_t *row;
        size_t i;

        json_array_foreach(h->services, i, row)
        {
                if (strcmp(json_text(row, "service"), service) == 0)
                        return row;
        }
        (void)error_raise(err, SB_WINDOW_SERVICE, "%.60s", service);
        return NULL;
}

bool hall_here(const struct hall *h, const json_t *row)
{
        const char *office = json_text(row, "office");

        return strcmp(office, "*") == 0 || strcmp(office, h->code) == 0;
}

/* "a;b" or "*" */
static bool listed(const char *list, const char *word)
{
        size_t n = strlen(word);

        if (strcmp(list, "*") == 0)
                return true;
        for (const char *p = list; *p != '\0'; p += strcspn(p, ";"), p += *p == ';')
                if (strncmp(p, word, n) == 0 && (p[n] == ';' || p[n] == '\0'))
                        return true;
        return false;
}

bool hall_serves(const struct hall *h, const char *counter, const char *service)
{
        json_t *row;
        size_t i;

        json_array_foreach(h->counters, i, row)
        {
                if (hall_here(h, row) && strcmp(json_text(row, "counter"), counter) == 0 &&
                    (service == NULL || listed(json_text(row, "services"), service)))
                        return true;
        }
        return false;
}

char *hall_label(char out[16], const struct hall *h, const char *service, int64_t number)
{
        struct error none = {0};
        const json_t *row = hall_service(h, service, &none);

        return text_format(out, 16, "%.3s%03lld", row == NULL ? "?" : json_text(row, "letter"), (long long)number);
}

int hall_rank(const struct hall *h, const char *reason, int64_t *rank, struct error *err)
{
        json_t *row;
        size_t i;

        json_array_foreach(h->priorities, i, row)
        {
                if (strcmp(json_text(row, "reason"), reason) == 0 && text_to_int(str_from(json_text(row, "rank")), rank))
                        return 0;
        }
        return error_raise(err, SB_WINDOW_PRIORITY, "%.40s", reason);
}

/* Rows that hold here. */
static json_t *rows_here(const struct hall *h, const json_t *rows)
{
        json_t *out = json_array(), *row;
        size_t i;

        json_array_foreach(rows, i, row)
        {
                if (hall_here(h, row))
                        json_array_append(out, row);
        }
        return out;
}

int hall_describe(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct hall h;
        int rc = hall_open(c, &h, err);

        (void)in;
        if (rc < 0)
                return rc;
        *out = json_pack("{s:I,s:s,s:s,s:O,s:o,s:o,s:O}", "office", (json_int_t)h.office, "name_zh", h.name_zh, "name_en",
                         h.name_en, "services", h.services, "counters", rows_here(&h, h.counters), "hours",
                         rows_here(&h, h.hours), "priorities", h.priorities);
        hall_close(&h);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* What hangs on the wall of any hall: its counters and when it is open. */
int hall_counters(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct call there = *c;
        struct hall h;
        int rc = json_get_int(in, "office", true, &there.who.office, err);

        rc = rc ? rc : hall_open(&there, &h, err);
        if (rc < 0)
                return rc;
        *out = json_pack("{s:I,s:O,s:o,s:o}", "office", (json_int_t)h.office, "services", h.services, "counters",
                         rows_here(&h, h.counters), "hours", rows_here(&h, h.hours));
        hall_close(&h);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}
