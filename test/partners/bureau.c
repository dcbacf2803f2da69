/* SPDX-License-Identifier: Apache-2.0 */
#include "partners/bureau.h"

#include <stdlib.h>
#include <string.h>

static const char *const FEEDS[WIRES] = {"tax.due", "tax.receipts", "treasury.received"};

struct bureau *bureau_new(struct town *t, uint64_t seed)
{
        struct bureau *b = calloc(1, sizeof *b);

        assert_non_null(b);
        b->town = t;
        b->dice = rng_new(seed, 1);
        b->machine = (struct actor){.staff = 71, .office = town_office(t, "YS-SW-01"), .roles = ROLE_PARTNER};
        b->bank = (struct actor){.staff = 72, .office = town_office(t, "YS-GK-01"), .roles = ROLE_PARTNER};
        for (int i = 0; i < WIRES; i++)
                b->next[i] = 1;
        return b;
}

void bureau_free(struct bureau *b)
{
        for (int i = 0; i < b->letter_count; i++)
                free(b->letters[i].bytes);
        free(b);
}

static bool chance(struct bureau *b, uint32_t percent)
{
        return !b->calm && rng_below(&b->dice, 100) < percent;
}

/* --- what the office tells us ---------------------------------------------------------------------------------------------------- */

static struct owed *owed_find(struct bureau *b, const char *uscc, const char *scheme, month_t month)
{
        for (int i = 0; i < b->owed_count; i++)
                if (strcmp(b->owed[i].uscc, uscc) == 0 && strcmp(b->owed[i].scheme, scheme) == 0 && b->owed[i].month == month)
                        return &b->owed[i];
        assert_true(b->owed_count < OWED_MAX);
        struct owed *o = &b->owed[b->owed_count++];
        *o = (struct owed){.month = month, .held = -1};
        text_copy(o->uscc, sizeof o->uscc, str_from(uscc));
        text_copy(o->scheme, sizeof o->scheme, str_from(scheme));
        return o;
}

/* D|uscc|scheme|yyyyMM|amount|before|due day, read in our own way. */
static void assessments_take(struct bureau *b, char *text)
{
        char *rest = text, *line;

        while ((line = strsep(&rest, "\n")) != NULL) {
                char *field[7] = {NULL};
                for (int i = 0; i < 7; i++)
                        field[i] = strsep(&line, "|");
                if (strcmp(field[0], "D") != 0)
                        continue;
                assert_non_null(field[6]);
                long ym = strtol(field[3], NULL, 10);
                struct owed *o = owed_find(b, field[1], field[2], (month_t)(ym / 100 * 12 + ym % 100 - 1));
                assert_int_equal(o->amount, strtoll(field[5], NULL, 10)); /* what it was before */
                o->amount = strtoll(field[4], NULL, 10);
        }
}

static json_t *status_of(struct bureau *b, const struct actor *who, const char *feed)
{
        json_t *out = NULL;

        assert_int_equal(
            town_call_at(b->town, who, "exchange.status", json_pack("{s:s}", "feed", feed), (struct str){0}, &out, NULL),
            SB_OK);
        return out;
}

void bureau_fetch(struct bureau *b)
{
        json_t *status = status_of(b, &b->machine, "tax.assessments"), *w;
        size_t i;

        json_array_foreach(json_object_get(status, "waiting"), i, w)
        {
                int64_t sequence = town_whole(w, "sequence");
                struct buf file = {0};
                if (chance(b, 30) || sequence > b->taken + 1)
                        break; /* not fetched today, and what is behind it must wait */
                assert_int_equal(
                    town_call_at(b->town, &b->machine, "exchange.file",
                                 json_pack("{s:s,s:I}", "feed", "tax.assessments", "sequence", (json_int_t)sequence),
                                 (struct str){0}, NULL, &file),
                    SB_OK);
                struct hash hash = hash_of(file.p, file.n);
                char hex[65], *text = strndup(buf_text(&file), file.n);
                assert_string_equal(hash_hex(&hash, hex), json_string_value(json_object_get(w, "hash")));
                if (sequence == b->taken + 1) {
                        assessments_take(b, text);
                        b->taken = sequence;
                }
                free(text);
                buf_dispose(&file);
                if (!chance(b, 20)) /* else the acknowledgement is lost, and we are offered it again */
                        assert_int_equal(town_call_at(b->town, &b->machine, "exchange.acknowledge",
                                                      json_pack("{s:s,s:I,s:b}", "feed", "tax.assessments", "sequence",
                                                                (json_int_t)sequence, "accepted", 1),
                                                      (struct str){0}, NULL, NULL),
                                         SB_OK);
        }
        json_decref(status);
}

/* --- what we collect -------------------------------------------------------------------------------------------------------------- */

static bool paid_for(const struct bureau *b, const char *uscc, month_t month)
{
        for (int i = 0; i < b->doc_count; i++)
                if (strcmp(b->docs[i].uscc, uscc) == 0 && b->docs[i].month == month)
                        return true;
        return false;
}

/* An employer pays a month whole, once we know all that it owes for it: five schemes. */
static fen_t whole_month(const struct bureau *b, const struct owed *o)
{
        fen_t sum = 0;
        int schemes = 0;

        for (int i = 0; i < b->owed_count; i++)
                if (strcmp(b->owed[i].uscc, o->uscc) == 0 && b->owed[i].month == o->month) {
                        sum += b->owed[i].amount;
                        schemes++;
                }
        return schemes == 5 ? sum : 0;
}

void bureau_collect(struct bureau *b, month_t all)
{
        for (int i = 0; i < b->owed_count; i++) {
                struct owed *o = &b->owed[i];
                fen_t sum;
                if (paid_for(b, o->uscc, o->month) || (o->month >= all && rng_below(&b->dice, 100) < 92) ||
                    (sum = whole_month(b, o)) == 0)
                        continue;
                assert_true(b->doc_count < DOCS_MAX);
                struct doc *d = &b->docs[b->doc_count++];
                *d = (struct doc){.month = o->month, .amount = sum, .day = clock_today(b->town->house.clock)};
                text_copy(d->uscc, sizeof d->uscc, str_from(o->uscc));
                text_format(d->reference, sizeof d->reference, "SP-%06d", b->doc_count);
        }
}

/* --- what we tell ------------------------------------------------------------------------------------------------------------------ */

static struct letter *letter_new(struct bureau *b, enum wire wire, int first, int count)
{
        assert_true(b->letter_count < LETTERS_MAX);
        struct letter *l = &b->letters[b->letter_count++];
        *l = (struct letter){.wire = wire, .sequence = b->next[wire]++, .lines = count, .first = first, .count = count};
        return l;
}

static const char *compact(month_t m, char out[16])
{
        return text_format(out, 16, "%04d%02d", (int)(m / 12), (int)(m % 12 + 1));
}

static void due_write(struct bureau *b)
{
        struct buf text;
        int first = b->told_count;
        fen_t sum = 0;

        buf_init(&text, (size_t)1 << 20);
        buf_add_text(&text, "H|\n");
        for (int i = 0; i < b->owed_count; i++) {
                struct owed *o = &b->owed[i];
                char line[128], month[16];
                bool wrong = o->held < 0 && chance(b, 15);
                fen_t says = wrong ? o->amount + rng_between(&b->dice, 1, 5000) : o->amount;
                if (o->held == says || (o->wrong && rng_below(&b->dice, 100) < 80 && !b->calm))
                        continue;
                o->held = says;
                o->wrong = wrong;
                assert_true(b->told_count < OWED_MAX);
                b->told[b->told_count] = *o;
                b->told[b->told_count++].amount = says;
                sum += says;
                buf_add_text(&text, text_format(line, sizeof line, "D|%s|%s|%s|%lld\n", o->uscc, o->scheme,
                                                compact(o->month, month), (long long)says));
        }
        if (b->told_count > first) {
                char line[64];
                struct letter *l = letter_new(b, WIRE_DUE, first, b->told_count - first);
                l->sum = sum;
                buf_add_text(&text, text_format(line, sizeof line, "T|%lld|%lld\n", (long long)l->lines, (long long)sum));
                l->bytes = strdup(buf_text(&text));
        }
        buf_dispose(&text);
}

static void money_write(struct bureau *b, enum wire wire, int *told)
{
        char line[160], month[16], day[16];
        struct buf text;
        int first = *told;
        fen_t sum = 0;

        if (first == b->doc_count)
                return;
        buf_init(&text, (size_t)1 << 20);
        buf_add_text(&text, "H|\n");
        for (; *told < b->doc_count; ++*told) {
                const struct doc *d = &b->docs[*told];
                int y, m, n;
                day_text(d->day, day);
                assert_int_equal(sscanf(day, "%d-%d-%d", &y, &m, &n), 3);
                sum += d->amount;
                buf_add_text(&text, text_format(line, sizeof line, "D|%s|%s|%s|%lld|%04d%02d%02d\n", d->reference, d->uscc,
                                                compact(d->month, month), (long long)d->amount, y, m, n));
        }
        struct letter *l = letter_new(b, wire, first, *told - first);
        l->sum = sum;
        buf_add_text(&text, text_format(line, sizeof line, "T|%lld|%lld\n", (long long)l->lines, (long long)sum));
        l->bytes = strdup(buf_text(&text));
        buf_dispose(&text);
}

static void letter_carry(struct bureau *b, struct letter *l, bool damaged)
{
        char hex[65], sum[24], *bytes = strdup(l->bytes);
        struct hash hash = hash_of(l->bytes, strlen(l->bytes));
        json_t *out = NULL;

        if (damaged)
                bytes[rng_below(&b->dice, (uint32_t)strlen(bytes))] ^= 1;
        json_t *in = json_pack("{s:s,s:I,s:I,s:s}", "feed", FEEDS[l->wire], "sequence", (json_int_t)l->sequence, "lines",
                               (json_int_t)l->lines, "sum", money_text(l->sum, sum));
        if (rng_below(&b->dice, 2) == 0) /* some senders say no hash: then the form alone speaks */
                json_object_set_new(in, "hash", json_string(hash_hex(&hash, hex)));
        else if (damaged)
                json_object_set_new(in, "hash", json_string(hash_hex(&hash, hex)));
        assert_int_equal(town_call_at(b->town, l->wire == WIRE_TREASURY ? &b->bank : &b->machine, "exchange.deliver", in,
                                      str_from(bytes), &out, NULL),
                         SB_OK);
        const char *state = json_string_value(json_object_get(out, "state"));
        if (damaged) {
                /* A damaged copy of what is there already is refused too. */
                assert_string_equal(state, "refused");
                b->refused++;
        } else {
                assert_true(strcmp(state, "applied") == 0 || strcmp(state, "held") == 0);
                assert_int_equal(json_is_true(json_object_get(out, "repeated")), l->arrived);
                l->arrived = true;
        }
        json_decref(out);
        free(bytes);
}

static void letter_send(struct bureau *b, struct letter *l)
{
        if (chance(b, 12)) { /* lost on its way, and we think that it came */
                l->answered = true;
                b->lost++;
                return;
        }
        if (chance(b, 12)) {
                letter_carry(b, l, true);
                b->damaged++;
                return; /* it was refused: tomorrow again */
        }
        letter_carry(b, l, false);
        if (chance(b, 15)) {
                letter_carry(b, l, false);
                b->repeated++;
        }
        l->answered = !chance(b, 15); /* else the answer is lost, and we send it again */
}

static void asked_again(struct bureau *b)
{
        for (int w = 0; w < WIRES; w++) {
                json_t *status = status_of(b, w == WIRE_TREASURY ? &b->bank : &b->machine, FEEDS[w]), *s;
                int64_t next = town_whole(status, "next");
                size_t i;
                json_array_foreach(json_object_get(status, "missing"), i, s)
                {
                        for (int k = 0; k < b->letter_count; k++)
                                if ((int)b->letters[k].wire == w && b->letters[k].sequence == json_integer_value(s))
                                        b->letters[k].answered = false;
                }
                /* At the end of the month both sides compare how far they are. */
                for (int k = 0; b->calm && k < b->letter_count; k++)
                        if ((int)b->letters[k].wire == w && b->letters[k].sequence >= next)
                                b->letters[k].answered = false;
                json_decref(status);
        }
}

void bureau_tell(struct bureau *b)
{
        int order[LETTERS_MAX], n = 0;

        due_write(b);
        if (!chance(b, 40))
                money_write(b, WIRE_RECEIPTS, &b->receipts_told);
        if (!chance(b, 40))
                money_write(b, WIRE_TREASURY, &b->treasury_told);
        asked_again(b);
        for (int i = 0; i < b->letter_count; i++)
                if (!b->letters[i].answered && !chance(b, 10))
                        order[n++] = i;
        for (int i = n - 1; i > 0; i--)
                if (chance(b, 50)) {
                        int k = (int)rng_below(&b->dice, (uint32_t)i + 1), x = order[i];
                        order[i] = order[k];
                        order[k] = x;
                        b->swapped += i != k;
                }
        for (int i = 0; i < n; i++)
                letter_send(b, &b->letters[order[i]]);
}

int64_t bureau_applied(const struct bureau *b, enum wire wire)
{
        int64_t n = 0;

        for (int i = 0; i < b->letter_count; i++)
                if (b->letters[i].wire == wire) {
                        if (!b->letters[i].arrived)
                                break;
                        n = b->letters[i].sequence;
                }
        return n;
}
