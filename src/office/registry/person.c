/* SPDX-License-Identifier: Apache-2.0 */
#include "office/registry/name.h"
#include "office/registry/registry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- shared questions --------------------------------------------------------------------------------------------- */

int person_read(struct tx *tx, struct house *h, int32_t home, int64_t id, struct person *out, struct error *err)
{
        struct stmt *q;
        struct payload p;
        int64_t today = clock_today(h->clock);

        memset(out, 0, sizeof *out);
        int rc = tx_one(&q, tx, err,
                        "SELECT p.key_wrapped, p.version, p.state, f.sex, f.birth_day, f.death_day, f.category, f.sealed "
                        "FROM person p JOIN person_fact f ON f.home = p.home AND f.person = p.id "
                        "WHERE p.home = ?1@int AND p.id = ?2@int AND f.known_to = ?3@int AND f.valid_from <= ?4@int "
                        "AND f.valid_to > ?4@int",
                        "iiii", (int64_t)home, id, (int64_t)INSTANT_END, today);
        if (rc == 0)
                return error_raise(err, SB_REGISTRY_PERSON, "%lld", (long long)id);
        if (rc < 0)
                return rc;
        memset(&p, 0, sizeof p);
        if (stmt_blob(q, 0).n == 0) { /* erased: lists of the past go on without the name */
                text_copy(p.name, sizeof p.name, STR("—"));
        } else {
                rc = keyring_unwrap(h->keys, stmt_blob(q, 0), &out->key, err);
                if (rc == 0)
                        rc = payload_open(&out->key, stmt_blob(q, 7), &p, err);
                if (rc < 0)
                        return rc;
                rc = 0;
        }
        out->home = home;
        out->id = id;
        out->version = stmt_int(q, 1);
        text_copy(out->state, sizeof out->state, stmt_text(q, 2));
        out->sex = (enum sex)stmt_int(q, 3);
        out->birth = (day_t)stmt_int(q, 4);
        out->death = (day_t)stmt_int(q, 5);
        text_copy(out->category, sizeof out->category, stmt_text(q, 6));
        readable_number('P', home, id, out->number);
        text_copy(out->name, sizeof out->name, str_from(p.name));
        text_copy(out->id_number, sizeof out->id_number, str_from(p.id_number));
        text_copy(out->telephone, sizeof out->telephone, str_from(p.telephone));
        text_copy(out->bank_name, sizeof out->bank_name, str_from(p.bank_name));
        text_copy(out->bank_account, sizeof out->bank_account, str_from(p.bank_account));
        payload_dispose(&p);
        return 0;
}

void person_dispose(struct person *p)
{
        if (p != NULL)
                explicit_bzero(p, sizeof *p);
}

struct hash person_index(const struct keyring *k, struct str id_number)
{
        return keyring_index(k, "id", id_number);
}

int person_find(struct tx *tx, struct house *h, struct str id_number, int32_t *home, int64_t *id, struct error *err)
{
        struct stmt *q;
        struct hash index = person_index(h->keys, id_number);
        int rc = tx_one(&q, tx, err, "SELECT home, person FROM directory WHERE id_index = ?1@blob", "b",
                        (struct str){(const char *)index.b, sizeof index.b});

        if (rc == 1) {
                *home = (int32_t)stmt_int(q, 0);
                *id = stmt_int(q, 1);
        }
        return rc;
}

int person_touch(struct tx *tx, int32_t home, int64_t id, int64_t expected, int64_t *version, struct error *err)
{
        struct stmt *q;
        int64_t changed;
        int rc =
            tx_exec_changed(tx, &changed, err, "UPDATE person SET version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                            "ii", (int64_t)home, id);

        if (rc < 0)
                return rc;
        if (changed == 0)
                return error_raise(err, SB_REGISTRY_PERSON, "%lld", (long long)id);
        rc = tx_one(&q, tx, err, "SELECT version FROM person WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)home, id);
        if (rc < 0)
                return rc;
        assert(rc == 1);
        if (expected != 0 && stmt_int(q, 0) != expected + 1)
                return error_raise(err, SB_OFFICE_VERSION, "%s", "");
        if (version != NULL)
                *version = stmt_int(q, 0);
        return 0;
}

/* --- checking what people write ------------------------------------------------------------------------------------ */

static int optional_text(char *out, size_t size, struct str s, struct error *err)
{
        if (s.p == NULL) {
                out[0] = '\0';
                return 0;
        }
        int rc = text_check(s, size - 1, err);
        if (rc == 0)
                text_copy(out, size, s);
        return rc;
}

static int category_check(char out[16], struct str s, enum sex sex, struct error *err)
{
        bool man = sex == SEX_MALE;
        bool fits = man ? s.n == 0 || str_is(s, "male") : str_is(s, "f55") || str_is(s, "f50");

        if (!fits)
                return error_raise(err, SB_REGISTRY_CATEGORY, "%.*s", (int)(s.n < 40 ? s.n : 40), s.n ? s.p : "");
        text_copy(out, 16, man ? STR("male") : s);
        return 0;
}

int person_facts_check(struct person_facts *out, const struct person_text *in, const char **field, struct error *err)
{
        memset(out, 0, sizeof *out);
        out->death = DAY_END;
        *field = "name";
        int rc = name_check(in->name, err);
        if (rc < 0)
                return rc;
        text_copy(out->sealed.name, sizeof out->sealed.name, in->name);
        *field = "id_number";
        rc = id_number_check(in->id_number, &out->birth, &out->sex, err);
        if (rc < 0)
                return rc;
        text_copy(out->sealed.id_number, sizeof out->sealed.id_number, in->id_number);
        *field = "category";
        rc = category_check(out->category, in->category, out->sex, err);
        if (rc < 0)
                return rc;
        *field = "telephone";
        rc = optional_text(out->sealed.telephone, sizeof out->sealed.telephone, in->telephone, err);
        if (rc < 0)
                return rc;
        *field = "bank_name";
        rc = optional_text(out->sealed.bank_name, sizeof out->sealed.bank_name, in->bank_name, err);
        if (rc < 0)
                return rc;
        *field = "bank_account";
        rc = optional_text(out->sealed.bank_account, sizeof out->sealed.bank_account, in->bank_account, err);
        if (rc < 0)
                return rc;
        *field = "valid_from";
        out->valid_from = out->birth;
        if (in->valid_from.n > 0)
                rc = day_parse(&out->valid_from, in->valid_from, err);
        if (rc == 0 && out->valid_from < out->birth) {
                char from[16], birth[16];
                rc =
                    error_raise(err, SB_REGISTRY_PERIOD, "%s|%s", day_text(out->valid_from, from), day_text(out->birth, birth));
        }
        return rc;
}

/* --- new rows ------------------------------------------------------------------------------------------------------ */

int person_new_make(struct person_new *out, const struct keyring *k, const struct person_facts *f, struct error *err)
{
        struct seal_key key;
        struct buf sealed;

        seal_key_new(&key);
        keyring_wrap(k, &key, out->wrapped);
        buf_init(&sealed, sizeof out->sealed);
        int rc = payload_seal(&key, &f->sealed, &sealed, err);
        if (rc == 0) {
                memcpy(out->sealed, sealed.p, sealed.n);
                out->sealed_n = sealed.n;
                out->index = person_index(k, str_from(f->sealed.id_number));
                out->key_count = name_keys(k, str_from(f->sealed.name), out->keys);
        }
        buf_dispose(&sealed);
        explicit_bzero(&key, sizeof key);
        return rc;
}

int person_fact_add(struct tx *tx, int32_t home, const struct person_fact_row *r, instant_t now, struct error *err)
{
        return tx_exec(tx, err,
                       "INSERT INTO person_fact (home, id, person, sex, birth_day, death_day, category, sealed, valid_from, "
                       "valid_to, known_from, known_to, source) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@int, "
                       "?7@text, ?8@blob, ?9@int, ?10@int, ?11@int, ?12@int, ?13@text)",
                       "iiiiiitbiiiit", (int64_t)home, r->id, r->person, (int64_t)r->sex, (int64_t)r->birth, (int64_t)r->death,
                       r->category, r->sealed, (int64_t)r->valid_from, (int64_t)r->valid_to, (int64_t)now, (int64_t)INSTANT_END,
                       r->source);
}

int name_keys_add(struct tx *tx, int32_t home, int kind, int64_t subject, const int64_t *keys, size_t count, struct error *err)
{
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < count; i++)
                rc = tx_exec(tx, err,
                             "INSERT INTO name_key (key, home, subject_kind, subject) VALUES (?1@int, ?2@int, ?3@int, "
                             "?4@int) ON CONFLICT DO NOTHING",
                             "iiii", keys[i], (int64_t)home, (int64_t)kind, subject);
        return rc;
}

int person_registration_make(struct person_registration *out, struct house *h, const struct person_text *in, const char **field,
                             struct error *err)
{
        int rc = person_facts_check(&out->facts, in, field, err);

        if (rc == 0)
                rc = person_new_make(&out->made, h->keys, &out->facts, err);
        if (rc == 0)
                rc = ids_next(h->ids, &out->made.id, err);
        return rc ? rc : ids_next(h->ids, &out->made.fact_id, err);
}

static int registration_rows(struct tx *tx, struct house *h, const struct person_registration *r, struct error *err)
{
        const struct person_new *m = &r->made;
        instant_t now = clock_now(h->clock);
        struct person_fact_row row = {.id = m->fact_id,
                                      .person = m->id,
                                      .sex = r->facts.sex,
                                      .birth = r->facts.birth,
                                      .death = r->facts.death,
                                      .valid_from = r->facts.valid_from,
                                      .valid_to = DAY_END,
                                      .category = r->facts.category,
                                      .source = "registration",
                                      .sealed = {(const char *)m->sealed, m->sealed_n}};
        int rc =
            tx_exec(tx, err,
                    "INSERT INTO person (home, id, state, key_wrapped, version, created_at) VALUES (?1@int, ?2@int, "
                    "'active', ?3@blob, 1, ?4@int)",
                    "iibi", (int64_t)h->home, m->id, (struct str){(const char *)m->wrapped, sizeof m->wrapped}, (int64_t)now);

        if (rc == 0)
                rc = person_fact_add(tx, h->home, &row, now, err);
        if (rc == 0)
                rc = name_keys_add(tx, h->home, NAME_PERSON, m->id, m->keys, m->key_count, err);
        return rc;
}

int person_registration_write(struct tx *tx, struct house *h, const struct person_registration *r, int32_t *home, int64_t *id,
                              struct error *err)
{
        const struct person_new *m = &r->made;
        int64_t entered = 0;
        /* The number is claimed first: of two that register it at once, the second waits here, and then finds the first. */
        int rc = tx_exec_changed(tx, &entered, err,
                                 "INSERT INTO directory (id_index, home, person) VALUES (?1@blob, ?2@int, ?3@int) ON CONFLICT "
                                 "DO NOTHING",
                                 "bii", hash_str(&m->index), (int64_t)h->home, m->id);

        if (rc == 0 && entered == 0)
                return person_find(tx, h, str_from(r->facts.sealed.id_number), home, id, err);
        *home = h->home;
        *id = m->id;
        return rc ? rc : registration_rows(tx, h, r, err);
}

/* --- registry.person_register ---------------------------------------------------------------------------------------- */

static int register_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct person_registration *r = ctx;
        int32_t home;
        int64_t id;
        char number[32];
        int rc = person_registration_write(tx, c->house, r, &home, &id, err);

        if (rc < 0)
                return rc;
        readable_number('P', home, id, number);
        if (rc == 1)
                return error_raise(err, SB_REGISTRY_DUPLICATE, "%s", number);
        change->subject_kind = "person";
        change->subject = id;
        change->audit = json_pack("{s:s}", "number", number);
        *out = json_pack("{s:I,s:s,s:i}", "id", (json_int_t)id, "number", number, "version", 1);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static struct str field_text(const json_t *in, const char *name)
{
        const char *s = json_string_value(json_object_get(in, name));

        return s == NULL ? (struct str){NULL, 0} : str_from(s);
}

int registry_person_register(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct person_registration *r = calloc(1, sizeof *r);
        struct person_text text = {
            .name = field_text(in, "name"),
            .id_number = field_text(in, "id_number"),
            .category = field_text(in, "category"),
            .telephone = field_text(in, "telephone"),
            .bank_name = field_text(in, "bank_name"),
            .bank_account = field_text(in, "bank_account"),
            .valid_from = field_text(in, "valid_from"),
        };
        const char *field;

        if (r == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = person_registration_make(r, c->house, &text, &field, err);
        if (rc < 0)
                error_where(err, "%s", field);
        if (rc == 0)
                rc =
                    verb_change(c, registry_find(c->house->verbs, "registry.person_register"), in, register_apply, r, out, err);
        explicit_bzero(r, sizeof *r);
        free(r);
        return rc;
}
