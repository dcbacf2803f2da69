/* SPDX-License-Identifier: Apache-2.0 */
#include "office/registry/name.h"

#include "office/registry/registry.h"

#include <stdlib.h>
#include <string.h>

/* A correction of a fact: what was believed is closed at this instant, and rows that are believed from now on are added;
 * nothing is overwritten. The rows before valid_from keep their value, from valid_from on all have the new one. */

#define ROWS_MAX 64
struct believed {
        int64_t id;
        struct person_facts f;
        day_t valid_to;
};
struct correction {
        int64_t person, version, new_version;
        const char *field, *source;
        struct str value;
        day_t valid_from;
        int64_t ids; /* 2 × ROWS_MAX of them */
        struct seal_key key;
        struct believed rows[ROWS_MAX];
        int count;
};

static int believed_read(struct tx *tx, struct house *h, struct correction *x, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, "SELECT key_wrapped FROM person WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)h->home, x->person);
        if (rc == 0)
                return error_raise(err, SB_REGISTRY_PERSON, "%lld", (long long)x->person);
        if (rc == 1)
                rc = keyring_unwrap(h->keys, stmt_blob(q, 0), &x->key, err);
        if (rc == 0)
                rc = tx_query(&q, tx, err,
                              "SELECT id, sex, birth_day, death_day, category, sealed, valid_from, valid_to FROM person_fact "
                              "WHERE home = ?1@int AND person = ?2@int AND known_to = ?3@int ORDER BY valid_from",
                              "iii", (int64_t)h->home, x->person, (int64_t)INSTANT_END);
        x->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (x->count == ROWS_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the facts of a person", "人员信息的条数"),
                                           ROWS_MAX);
                struct believed *b = &x->rows[x->count++];
                b->id = stmt_int(q, 0);
                b->f.sex = (enum sex)stmt_int(q, 1);
                b->f.birth = (day_t)stmt_int(q, 2);
                b->f.death = (day_t)stmt_int(q, 3);
                text_copy(b->f.category, sizeof b->f.category, stmt_text(q, 4));
                b->f.valid_from = (day_t)stmt_int(q, 6);
                b->valid_to = (day_t)stmt_int(q, 7);
                rc = payload_open(&x->key, stmt_blob(q, 5), &b->f.sealed, err);
        }
        return rc;
}

static int set_text(char *out, size_t size, struct str value, struct error *err)
{
        int rc = text_check(value, size - 1, err);

        if (rc == 0)
                text_copy(out, size, value);
        return rc;
}

static int set_death(struct person_facts *f, struct str value, struct error *err)
{
        char birth[16], death[16];

        if (value.n == 0) {
                f->death = DAY_END; /* a death reported by mistake */
                return 0;
        }
        int rc = day_parse(&f->death, value, err);
        if (rc == 0 && f->death < f->birth)
                rc = error_raise(err, SB_REGISTRY_PERIOD, "%s|%s", day_text(f->birth, birth), day_text(f->death, death));
        return rc;
}

static int set_category(struct person_facts *f, struct str value, struct error *err)
{
        bool fits = f->sex == SEX_MALE ? str_is(value, "male") : str_is(value, "f55") || str_is(value, "f50");

        if (!fits)
                return error_raise(err, SB_REGISTRY_CATEGORY, "%.*s", (int)(value.n < 40 ? value.n : 40),
                                   value.n ? value.p : "");
        text_copy(f->category, sizeof f->category, value);
        return 0;
}

static int set_value(struct person_facts *f, const char *field, struct str value, struct error *err)
{
        struct payload *p = &f->sealed;

        if (strcmp(field, "name") == 0) {
                int rc = name_check(value, err);
                if (rc == 0)
                        text_copy(p->name, sizeof p->name, value);
                return rc;
        }
        if (strcmp(field, "id_number") == 0) {
                int rc = id_number_check(value, &f->birth, &f->sex, err);
                if (rc == 0)
                        text_copy(p->id_number, sizeof p->id_number, value);
                return rc;
        }
        if (strcmp(field, "telephone") == 0)
                return set_text(p->telephone, sizeof p->telephone, value, err);
        if (strcmp(field, "bank_name") == 0)
                return set_text(p->bank_name, sizeof p->bank_name, value, err);
        if (strcmp(field, "bank_account") == 0)
                return set_text(p->bank_account, sizeof p->bank_account, value, err);
        if (strcmp(field, "death") == 0)
                return set_death(f, value, err);
        if (strcmp(field, "category") == 0)
                return set_category(f, value, err);
        return error_raise(err, SB_REGISTRY_FIELD, "%.60s", field);
}

static int row_write(struct tx *tx, struct house *h, struct correction *x, const struct person_facts *f, day_t from, day_t to,
                     int64_t *id, const char *source, struct error *err)
{
        struct buf sealed;

        buf_init(&sealed, 2048);
        int rc = payload_seal(&x->key, &f->sealed, &sealed, err);
        struct person_fact_row row = {.id = (*id)++,
                                      .person = x->person,
                                      .sex = f->sex,
                                      .birth = f->birth,
                                      .death = f->death,
                                      .valid_from = from,
                                      .valid_to = to,
                                      .category = f->category,
                                      .source = source,
                                      .sealed = {sealed.p, sealed.n}};
        if (rc == 0)
                rc = person_fact_add(tx, h->home, &row, clock_now(h->clock), err);
        buf_dispose(&sealed);
        return rc;
}

/* One believed row that reaches past valid_from: close it, keep its earlier part, write its later part anew. */
static int row_correct(struct tx *tx, struct house *h, struct correction *x, struct believed *b, int64_t *id, struct error *err)
{
        int rc = 0;

        if (b->valid_to <= x->valid_from)
                return 0;
        rc = tx_exec(tx, err, "UPDATE person_fact SET known_to = ?3@int WHERE home = ?1@int AND id = ?2@int", "iii",
                     (int64_t)h->home, b->id, (int64_t)clock_now(h->clock));
        if (rc == 0 && b->f.valid_from < x->valid_from)
                rc = row_write(tx, h, x, &b->f, b->f.valid_from, x->valid_from, id, "unchanged", err);
        if (rc == 0)
                rc = set_value(&b->f, x->field, x->value, err);
        if (rc == 0)
                rc = row_write(tx, h, x, &b->f, b->f.valid_from > x->valid_from ? b->f.valid_from : x->valid_from, b->valid_to,
                               id, x->source, err);
        return rc;
}

/* The directory and the names are derived: brought up to what is believed now. A former name stays findable. */
static int derived_update(struct tx *tx, struct house *h, const struct correction *x, const char *old_id_number,
                          struct error *err)
{
        int64_t keys[NAME_KEYS_MAX];
        struct hash index;
        int32_t home;
        int64_t other;
        int rc;

        if (strcmp(x->field, "name") == 0)
                return name_keys_add(tx, h->home, NAME_PERSON, x->person, keys, name_keys(h->keys, x->value, keys), err);
        if (strcmp(x->field, "id_number") != 0 || str_is(x->value, old_id_number))
                return 0;
        rc = person_find(tx, h, x->value, &home, &other, err);
        bool own = rc == 1 && home == h->home && other == x->person; /* that of a record that went into this one */
        if (rc == 1 && !own) {
                char number[32];
                return error_raise(err, SB_REGISTRY_DUPLICATE, "%s", readable_number('P', home, other, number));
        }
        index = person_index(h->keys, str_from(old_id_number));
        rc = own ? 0 : rc;
        if (rc == 0)
                rc = tx_exec(tx, err, "DELETE FROM directory WHERE id_index = ?1@blob AND home = ?2@int AND person = ?3@int",
                             "bii", (struct str){(const char *)index.b, sizeof index.b}, (int64_t)h->home, x->person);
        index = person_index(h->keys, x->value);
        if (rc == 0 && !own)
                rc = tx_exec(tx, err, "INSERT INTO directory (id_index, home, person) VALUES (?1@blob, ?2@int, ?3@int)", "bii",
                             (struct str){(const char *)index.b, sizeof index.b}, (int64_t)h->home, x->person);
        return rc;
}

static int correction_make(struct tx *tx, struct house *h, struct correction *x, struct error *err)
{
        int64_t id = x->ids;
        char old_id_number[24] = "";
        int rc = person_touch(tx, h->home, x->person, x->version, &x->new_version, err);

        if (rc == 0)
                rc = believed_read(tx, h, x, err);
        if (rc == 0 && x->count > 0)
                text_copy(old_id_number, sizeof old_id_number, str_from(x->rows[x->count - 1].f.sealed.id_number));
        /* A birth or a death holds for the whole life, whenever it became known. */
        if (rc == 0 && x->count > 0 &&
            (strcmp(x->field, "id_number") == 0 || strcmp(x->field, "death") == 0 || x->valid_from < x->rows[0].f.valid_from))
                x->valid_from = x->rows[0].f.valid_from;
        for (int i = 0; rc == 0 && i < x->count; i++)
                rc = row_correct(tx, h, x, &x->rows[i], &id, err);
        if (rc == 0)
                rc = derived_update(tx, h, x, old_id_number, err);
        return rc;
}

int person_change(struct tx *tx, struct house *h, const struct person_change *in, int64_t expected, int64_t *version,
                  struct error *err)
{
        struct correction *x = calloc(1, sizeof *x);
        int rc = x == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        if (rc < 0)
                return rc;
        x->person = in->person;
        x->field = in->field;
        x->source = in->source;
        x->value = in->value;
        x->valid_from = in->valid_from;
        x->version = expected;
        rc = ids_range(h->ids, (int64_t)2 * ROWS_MAX, &x->ids, err);
        if (rc == 0)
                rc = correction_make(tx, h, x, err);
        *version = x->new_version;
        explicit_bzero(x, sizeof *x);
        free(x);
        return rc;
}

static int correct_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct correction *x = ctx;
        int rc = correction_make(tx, c->house, x, err);

        if (rc < 0)
                return rc;
        change->subject_kind = "person";
        change->subject = x->person;
        change->audit = json_pack("{s:s,s:s}", "field", x->field, "source", x->source);
        *out = json_pack("{s:I,s:I}", "id", (json_int_t)x->person, "version", (json_int_t)x->new_version);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int registry_person_correct(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct correction *x = calloc(1, sizeof *x);
        struct person_facts probe = {.birth = -400000, .death = DAY_END};
        const char *value = "";

        if (x == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        x->valid_from = clock_today(c->house->clock);
        int rc = json_get_int(in, "person", true, &x->person, err);
        if (rc == 0)
                rc = json_get_text(in, "field", true, &x->field, err);
        if (rc == 0)
                rc = json_get_text(in, "value", true, &value, err);
        if (rc == 0)
                rc = json_get_text(in, "source", true, &x->source, err);
        if (rc == 0)
                rc = json_get_day(in, "valid_from", false, &x->valid_from, err);
        if (rc == 0)
                rc = json_get_int(in, "version", true, &x->version, err);
        x->value = str_from(value);
        if (rc == 0 && strcmp(x->field, "category") != 0) {
                rc = set_value(&probe, x->field, x->value, err);
                if (rc < 0)
                        error_where(err, "%s", err != NULL && err->code == SB_REGISTRY_FIELD ? "field" : "value");
        }
        if (rc == 0)
                rc = ids_range(c->house->ids, (int64_t)2 * ROWS_MAX, &x->ids, err);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "registry.person_correct"), in, correct_apply, x, out, err);
        explicit_bzero(x, sizeof *x);
        free(x);
        return rc;
}
