/* SPDX-License-Identifier: Apache-2.0 */
#include "office/pension/letter_of.h"
#include "base/arena.h"
#include "office/letter/record.h"

#include <stdlib.h>
#include <string.h>

#define LETTER_FILE "letters/pension-award.json"
#define TEMPLATE "pension-award"

/* A letter being written in one language: its texts, and the values of their placeholders. */
struct writer {
        struct arena *arena;
        const json_t *texts;
        const char *lang; /* "zh" */
        json_t *values;   /* name → text */
        const json_t *flat;
        const json_t *derivation; /* as it is stored with the decision */
        struct error *err;
        bool failed;
};

static const char *keep(struct writer *w, struct str s)
{
        const char *t = arena_text(w->arena, s);

        if (!t) {
                error_raise(w->err, SB_MEMORY, "%s", "");
                w->failed = true;
        }
        return t ? t : "";
}

/* The template with {name} replaced by values; a name without a value stays out. */
static const char *fill(struct writer *w, const char *template)
{
        struct buf b;
        const char *out;

        buf_init(&b, 64 * 1024);
        while (*template) {
                const char *open = strchr(template, '{'), *close = open ? strchr(open, '}') : NULL;
                char name[40];

                if (!close || (size_t)(close - open) > sizeof(name)) {
                        buf_add_text(&b, template);
                        break;
                }
                buf_add(&b, template, (size_t)(open - template));
                text_copy(name, sizeof(name), (struct str){open + 1, (size_t)(close - open - 1)});
                if (json_string_value(json_object_get(w->values, name)))
                        buf_add_text(&b, json_string_value(json_object_get(w->values, name)));
                template = close + 1;
        }
        if (buf_check(&b, w->err))
                w->failed = true;
        out = keep(w, (struct str){b.n && !b.failed ? b.p : "", b.failed ? 0 : b.n});
        buf_dispose(&b);
        return out;
}

static const char *phrase(struct writer *w, const json_t *o, const char *what)
{
        const char *t = json_string_value(json_object_get(o, w->lang));

        if (!t) {
                error_raise(w->err, SB_LETTER_TEXT, "%s|%s", LETTER_FILE, what);
                w->failed = true;
        }
        return t ? fill(w, t) : "";
}

static const char *text_of(struct writer *w, const char *name)
{
        return phrase(w, json_object_get(w->texts, name), name);
}

static void value_set(struct writer *w, const char *name, const char *value)
{
        json_object_set_new(w->values, name, json_string(value));
}

/* A figure for people: text as it stands, money grouped. */
static const char *figure_text(struct writer *w, const char *name)
{
        static const char *const money[] = {"balance", "calc_base", "indexed_wage", "city"};
        const json_t *v = json_object_get(w->flat, name);
        struct error none = {0};
        char text[64], digits[32];
        fen_t fen;

        for (size_t i = 0; i < sizeof(money) / sizeof(money[0]); i++)
                if (strcmp(money[i], name) == 0 && figure_fen(w->flat, name, &fen, &none) == 0)
                        return keep(w, str_from(money_grouped(fen, digits)));
        if (json_is_string(v))
                return json_string_value(v);
        if (json_is_real(v))
                text_format(text, sizeof(text), "%.10g", json_real_value(v));
        else
                text_format(text, sizeof(text), "%lld", (long long)json_integer_value(v));
        return json_is_number(v) ? keep(w, str_from(text)) : "";
}

static void month_value(struct writer *w, const char *name, month_t m)
{
        char year[16], month[16], iso[16];

        text_format(year, sizeof(year), "%d", m / 12);
        text_format(month, sizeof(month), "%d", m % 12 + 1);
        value_set(w, "year", year);
        value_set(w, "month", month);
        value_set(w, "iso_month", month_text(m, iso));
        value_set(w, name, text_of(w, "month"));
}

static const char *date_line(struct writer *w, day_t day)
{
        char year[16], month[16], date[16], iso[16];
        int y, m, d;

        day_split(day, &y, &m, &d);
        text_format(year, sizeof(year), "%d", y);
        text_format(month, sizeof(month), "%d", m);
        text_format(date, sizeof(date), "%d", d);
        value_set(w, "year", year);
        value_set(w, "month", month);
        value_set(w, "day", date);
        value_set(w, "iso", day_text(day, iso));
        return text_of(w, "date");
}

/* What the derivation says of a name: the article of an entry, the source of a figure; NULL when it says nothing. The last step that
 * names it is the one that the result was taken from. */
static const char *derived(const struct writer *w, const char *list, const char *named, const char *name, const char *said)
{
        const json_t *steps = json_object_get(w->derivation, "steps"), *one;
        const char *found = NULL, *text;

        for (size_t i = 0; i < json_array_size(steps); i++) {
                const json_t *entries = json_object_get(json_array_get(steps, i), list);
                for (size_t k = 0; k < json_array_size(entries); k++) {
                        one = json_array_get(entries, k);
                        const char *own = json_string_value(json_object_get(one, named));
                        text = json_string_value(json_object_get(one, said));
                        if (own != NULL && strcmp(own, name) == 0 && text != NULL && text[0] != '\0')
                                found = text;
                }
        }
        return found;
}

/* A rule in the letter's words, with what the derivation says it rests on. */
static const char *rule_text(struct writer *w, const json_t *row, const char *key)
{
        const char *words = phrase(w, json_object_get(row, "rule"), key);
        const char *parameter = json_string_value(json_object_get(row, "parameter"));
        const char *source = parameter != NULL ? derived(w, "parameters", "key", parameter, "source")
                                               : derived(w, "entries", "name", key, "article");
        char text[400];

        if (source == NULL || strstr(words, source) != NULL)
                return words;
        text_format(text, sizeof(text), strcmp(w->lang, "zh") == 0 ? "%s（%s）" : "%s (%s)", words, source);
        return keep(w, str_from(text));
}

static void part_row(struct writer *w, struct letter_table *t, const char *part, fen_t amount)
{
        const json_t *texts = json_object_get(json_object_get(w->texts, "parts"), part);
        const char **row = t->rows[t->row_count];
        char text[32];

        if (amount == 0 && strcmp(part, "basic") != 0 && strcmp(part, "account") != 0)
                return;
        row[0] = phrase(w, json_object_get(texts, "name"), part);
        row[1] = phrase(w, json_object_get(texts, "formula"), part);
        row[2] = derived(w, "entries", "name", part, "article");
        if (row[2] == NULL)
                row[2] = phrase(w, json_object_get(texts, "article"), part);
        row[3] = keep(w, str_from(money_grouped(amount, text)));
        t->row_count++;
}

static void amounts_make(struct writer *w, struct letter_table *t, const struct award_facts *f)
{
        const json_t *texts = json_object_get(w->texts, "amounts");
        static const char *const heads[] = {"part", "formula", "article", "amount"};
        char text[32];

        *t = (struct letter_table){.widths = {19, 41, 22, 18}, .numbers = 8, .columns = 4, .last_strong = true};
        t->title = phrase(w, json_object_get(texts, "title"), "amounts");
        for (int i = 0; i < 4; i++)
                t->head[i] = phrase(w, json_object_get(texts, heads[i]), heads[i]);
        part_row(w, t, "basic", f->basic);
        part_row(w, t, "account", f->account);
        part_row(w, t, "transition", f->transition);
        part_row(w, t, "extra", f->extra);
        t->rows[t->row_count][0] = phrase(w, json_object_get(texts, "total"), "total");
        t->rows[t->row_count][1] = json_string_value(json_object_get(w->values, "capitals"));
        t->rows[t->row_count][2] = "";
        t->rows[t->row_count++][3] = keep(w, str_from(money_grouped(f->total, text)));
}

static void derivation_make(struct writer *w, struct letter_table *t)
{
        const json_t *texts = json_object_get(w->texts, "derivation"), *rows = json_object_get(w->texts, "rows");
        static const char *const heads[] = {"item", "value", "rule"};
        json_t *row;
        size_t i;

        *t = (struct letter_table){.widths = {34, 20, 46}, .columns = 3};
        t->title = phrase(w, json_object_get(texts, "title"), "derivation");
        for (int k = 0; k < 3; k++)
                t->head[k] = phrase(w, json_object_get(texts, heads[k]), heads[k]);
        json_array_foreach(rows, i, row)
        {
                const char *key = json_string_value(json_object_get(row, "key"));
                const char *value = key ? figure_text(w, key) : "";

                if (!*value || strcmp(value, "0") == 0 || t->row_count == LETTER_ROWS)
                        continue;
                t->rows[t->row_count][0] = phrase(w, json_object_get(row, "name"), key);
                t->rows[t->row_count][1] = value;
                t->rows[t->row_count++][2] = rule_text(w, row, key);
        }
}

/* Everything that a text may name. */
static void values_make(struct writer *w, struct call *c, const struct award_facts *f, const struct question *q,
                        const char *office)
{
        char number[32], text[64], masked[40];
        struct buf capitals;
        const char *key;
        json_t *v;

        json_object_foreach((json_t *)(uintptr_t)w->flat, key, v) value_set(w, key, figure_text(w, key));
        if (!json_object_get(w->flat, "city"))
                value_set(w, "city", figure_text(w, "calc_base"));
        value_set(w, "name", q->person.name);
        value_set(w, "id_number", text_mask(masked, sizeof(masked), q->person.id_number, 6, 4));
        value_set(w, "award", readable_number(AWARD_PREFIX, c->house->home, f->award, number));
        if (f->replaces)
                value_set(w, "replaces", readable_number(AWARD_PREFIX, c->house->home, f->replaces, text));
        buf_init(&capitals, 512);
        if (money_capitals(&capitals, f->total) == 0)
                value_set(w, "capitals", buf_text(&capitals));
        buf_dispose(&capitals);
        value_set(w, "total", money_grouped(f->total, text));
        value_set(w, "sequence", LETTER_SEQUENCE);
        value_set(w, "number", LETTER_NUMBER);
        value_set(w, "code", LETTER_SHORT);
        value_set(w, "office", office);
        month_value(w, "from", f->from);
}

struct body_read {
        struct call *call;
        int64_t office;
        char code[40], body[192], name_en[192];
};

static int body_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct body_read *b = ctx;
        struct stmt *q = NULL;
        int rc = tx_one(
            &q, tx, err,
            "SELECT o.code, o.body, o.name_en, o.id FROM office o WHERE o.id = COALESCE((SELECT i.office FROM case_any i "
            "WHERE i.home = ?1@int AND i.id = ?2@int), ?3@int)",
            "iii", (int64_t)b->call->house->home, b->call->instance, b->call->who.office);

        if (rc == 1) {
                text_copy(b->code, sizeof(b->code), stmt_text(q, 0));
                text_copy(b->body, sizeof(b->body), stmt_text(q, 1));
                text_copy(b->name_en, sizeof(b->name_en), stmt_text(q, 2));
                b->office = stmt_int(q, 3);
        }
        return rc < 0 ? rc : 0;
}

/* The body that decides: of the case's office, by offices.csv in the letter's language; else the first of the pack. */
static const char *body_of(struct writer *w, const struct body_read *b, const struct pack *pack, const struct question *q)
{
        json_t *rows = NULL, *row;
        struct error none = {0};
        const char *found = NULL, *name;
        size_t i;

        if (pack_table(pack, "offices.csv", &rows, &none) == 0)
                json_array_foreach(rows, i, row)
                {
                        const char *code = json_string_value(json_object_get(row, "office"));
                        bool own = code && strcmp(code, b->code) == 0;

                        name = json_string_value(json_object_get(row, strcmp(w->lang, "en") == 0 ? "body_en" : "body_zh"));
                        if (name && *name && (own || !found))
                                found = keep(w, str_from(name));
                        if (own)
                                break;
                }
        json_decref(rows);
        if (!found && *b->body)
                found = keep(w, str_from(b->body));
        return found ? found : q->pool_row.name_zh;
}

/* A letter in one language; its texts live in the arena. */
struct one {
        struct arena *arena;
        json_t *values, *flat;
        struct letter letter;
};
struct award_letters {
        struct pack *pack; /* borrowed */
        int64_t office, instance, replaces;
        json_t *texts;
        struct one by_lang[2];
};

static int write_one(struct one *o, enum lang lang, struct call *c, const struct award_facts *f, const struct question *q,
                     const struct body_read *body, const struct pack *pack, const json_t *texts, struct error *err)
{
        struct letter *l = &o->letter;
        day_t today = clock_today(c->house->clock);

        o->arena = arena_new((size_t)4 << 20);
        o->values = json_object();
        o->flat = result_flat(q->result);
        if (o->arena == NULL || o->values == NULL || o->flat == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        struct writer w = {.arena = o->arena,
                           .texts = texts,
                           .lang = lang == LANG_EN ? "en" : "zh",
                           .values = o->values,
                           .flat = o->flat,
                           .derivation = q->derivation,
                           .err = err};
        values_make(&w, c, f, q, body->code);
        l->lang = lang;
        l->day = today;
        l->date = date_line(&w, today);
        l->body = body_of(&w, body, pack, q);
        l->number = text_of(&w, "number");
        l->title = text_of(&w, "title");
        l->addressee = text_of(&w, "addressee");
        l->paragraphs[l->paragraph_count++] = text_of(&w, "opening");
        l->paragraphs[l->paragraph_count++] = text_of(&w, "grant");
        if (f->replaces)
                l->paragraphs[l->paragraph_count++] = text_of(&w, "replaces");
        amounts_make(&w, &l->amounts, f);
        if (json_is_true(json_object_get(o->flat, "provisional")))
                l->between[l->between_count++] = text_of(&w, "provisional");
        derivation_make(&w, &l->derivation);
        l->closing[l->closing_count++] = text_of(&w, "pay");
        l->closing[l->closing_count++] = text_of(&w, "appeal");
        l->seal = text_of(&w, "seal");
        l->verify_text = text_of(&w, "verify");
        l->stamp = pack_is_demonstration(pack) ? text_of(&w, "stamp") : NULL;
        return w.failed ? ERR : 0;
}

void award_letters_free(struct award_letters *l)
{
        if (l == NULL)
                return;
        for (int k = 0; k < 2; k++) {
                json_decref(l->by_lang[k].values);
                json_decref(l->by_lang[k].flat);
                arena_free(l->by_lang[k].arena);
        }
        json_decref(l->texts);
        free(l);
}

int award_letters_make(struct award_letters **out, struct call *c, const struct award_facts *facts, const struct question *q,
                       struct error *err)
{
        instant_t now = clock_now(c->house->clock);
        struct award_letters *l = calloc(1, sizeof *l);
        struct body_read body = {.call = c};
        struct str file;
        int rc = l == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                           : pack_store_for(c->house->packs, q->pool, q->decision.day, now, &l->pack, err);

        if (rc == 0)
                rc = store_read(c->house->store, body_apply, &body, err);
        if (rc == 0)
                rc = pack_file(l->pack, LETTER_FILE, &file, err);
        if (rc == 0)
                rc = json_read(&l->texts, file, err);
        for (int k = 0; rc == 0 && k < 2; k++)
                rc = write_one(&l->by_lang[k], (enum lang)k, c, facts, q, &body, l->pack, l->texts, err);
        if (rc == 0) {
                l->office = body.office;
                l->instance = c->instance;
                l->replaces = facts->replaces;
                *out = l;
                return 0;
        }
        award_letters_free(l);
        return rc;
}

int award_letters_store(struct tx *tx, struct call *c, const struct award_letters *l, int64_t person, int64_t award,
                        int64_t *document, struct error *err)
{
        struct letter_made made = {.document = 0};
        struct letter_new n = {.template = TEMPLATE,
                               .pack = l->pack,
                               .office = l->office,
                               .instance = l->instance,
                               .person = person,
                               .subject_kind = "award",
                               .subject = award,
                               .pages = {&l->by_lang[0].letter, &l->by_lang[1].letter}};
        int rc = l->replaces == 0 ? 0 : letter_close(tx, c, "award", l->replaces, "replaced", "", err);

        rc = rc ? rc : letter_record(tx, c, &n, &made, err);
        *document = made.document;
        return rc;
}
