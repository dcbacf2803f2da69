/* SPDX-License-Identifier: Apache-2.0 */
#include "office/registry/name.h"
#include "office/registry/registry.h"

#include <assert.h>
#include <string.h>

#define ACCOUNT_CONTEXT "employer_fact.bank_account"

void account_seal(const struct keyring *k, struct str clear, char out[ACCOUNT_SEALED])
{
        static const char digit[] = "0123456789abcdef";
        unsigned char sealed[ACCOUNT_CLEAR + SEAL_OVERHEAD];
        struct seal_key key;
        size_t n = clear.n + SEAL_OVERHEAD;

        out[0] = '\0';
        if (clear.n == 0 || clear.n >= ACCOUNT_CLEAR) /* longer ones were refused before (employer_text_check) */
                return;
        keyring_field_key(k, ACCOUNT_CONTEXT, &key);
        seal(&key, ACCOUNT_CONTEXT, clear, sealed);
        explicit_bzero(&key, sizeof key);
        out[0] = '~';
        for (size_t i = 0; i < n; i++) {
                out[1 + 2 * i] = digit[sealed[i] >> 4];
                out[2 + 2 * i] = digit[sealed[i] & 15];
        }
        out[1 + 2 * n] = '\0';
}

static int digit_of(char c)
{
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int account_open(const struct keyring *k, struct str text, char out[ACCOUNT_CLEAR], struct error *err)
{
        unsigned char sealed[ACCOUNT_CLEAR + SEAL_OVERHEAD];
        struct seal_key key;
        struct buf clear;
        size_t n = text.n == 0 ? 0 : (text.n - 1) / 2;

        if (text.n == 0 || text.p[0] != '~') {
                text_copy(out, ACCOUNT_CLEAR, text);
                return 0;
        }
        if (n > sizeof sealed || text.n != 1 + 2 * n)
                return error_raise(err, SB_SEAL_BROKEN, "%s", "");
        for (size_t i = 0; i < n; i++) {
                int high = digit_of(text.p[1 + 2 * i]), low = digit_of(text.p[2 + 2 * i]);
                if (high < 0 || low < 0)
                        return error_raise(err, SB_SEAL_BROKEN, "%s", "");
                sealed[i] = (unsigned char)(high << 4 | low);
        }
        buf_init(&clear, ACCOUNT_CLEAR);
        keyring_field_key(k, ACCOUNT_CONTEXT, &key);
        int rc = unseal(&key, ACCOUNT_CONTEXT, (struct str){(const char *)sealed, n}, &clear, err);
        explicit_bzero(&key, sizeof key);
        text_copy(out, ACCOUNT_CLEAR, (struct str){clear.p, rc == 0 ? clear.n : 0});
        buf_dispose(&clear);
        return rc;
}

int employer_hold(struct tx *tx, struct house *h, int64_t employer, struct error *err)
{
        int64_t changed;
        int rc =
            tx_exec_changed(tx, &changed, err, "UPDATE employer SET version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                            "ii", (int64_t)h->home, employer);

        return rc == 0 && changed == 0 ? error_raise(err, SB_REGISTRY_EMPLOYER, "%lld", (long long)employer) : rc;
}

int employer_read(struct tx *tx, struct house *h, int32_t home, int64_t id, struct employer *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT e.uscc, e.state, e.version, f.name, f.kind, f.industry, f.territory, f.office, f.contact, "
                        "f.bank_name, f.bank_account FROM employer e JOIN employer_fact f ON f.home = e.home AND f.employer = "
                        "e.id WHERE e.home = ?1@int AND e.id = ?2@int AND f.known_to = ?3@int AND f.valid_from <= ?4@int AND "
                        "f.valid_to > ?4@int",
                        "iiii", (int64_t)home, id, (int64_t)INSTANT_END, (int64_t)clock_today(h->clock));

        if (rc == 0)
                return error_raise(err, SB_REGISTRY_EMPLOYER, "%lld", (long long)id);
        if (rc < 0)
                return rc;
        memset(out, 0, sizeof *out);
        out->home = home;
        out->id = id;
        readable_number('E', home, id, out->number);
        text_copy(out->uscc, sizeof out->uscc, stmt_text(q, 0));
        text_copy(out->state, sizeof out->state, stmt_text(q, 1));
        out->version = stmt_int(q, 2);
        text_copy(out->name, sizeof out->name, stmt_text(q, 3));
        text_copy(out->kind, sizeof out->kind, stmt_text(q, 4));
        text_copy(out->industry, sizeof out->industry, stmt_text(q, 5));
        text_copy(out->territory, sizeof out->territory, stmt_text(q, 6));
        out->office = stmt_int(q, 7);
        text_copy(out->contact, sizeof out->contact, stmt_text(q, 8));
        text_copy(out->bank_name, sizeof out->bank_name, stmt_text(q, 9));
        static_assert(sizeof out->bank_account == ACCOUNT_CLEAR, "an account");
        return account_open(h->keys, stmt_text(q, 10), out->bank_account, err);
}

int employer_find(struct tx *tx, struct str uscc, int32_t *home, int64_t *id, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT home, id FROM employer WHERE uscc = ?1@text", "s", uscc);

        if (rc == 1) {
                *home = (int32_t)stmt_int(q, 0);
                *id = stmt_int(q, 1);
        }
        return rc;
}

int employer_text_check(const struct employer_text *in, const char **field, struct error *err)
{
        const struct {
                const char *name;
                struct str value;
                size_t max;
        } rest[] = {{"kind", in->kind, 31},        {"industry", in->industry, 31},   {"territory", in->territory, 15},
                    {"contact", in->contact, 127}, {"bank_name", in->bank_name, 95}, {"bank_account", in->bank_account, 63}};

        *field = "name";
        int rc = name_check(in->name, err);
        if (rc < 0)
                return rc;
        *field = "uscc";
        rc = uscc_check(in->uscc, err);
        for (size_t i = 0; rc == 0 && i < sizeof rest / sizeof rest[0]; i++) {
                *field = rest[i].name;
                rc = text_check(rest[i].value, rest[i].max, err);
        }
        return rc;
}

int employer_registration_make(struct employer_registration *out, struct house *h, const struct employer_text *in,
                               int64_t office, const char **field, struct error *err)
{
        int rc = employer_text_check(in, field, err);

        if (rc < 0)
                return rc;
        *out = (struct employer_registration){.text = *in, .office = office, .from = clock_today(h->clock)};
        out->key_count = name_keys(h->keys, in->name, out->keys);
        rc = ids_next(h->ids, &out->id, err);
        return rc ? rc : ids_next(h->ids, &out->fact_id, err);
}

int employer_rows(struct tx *tx, struct house *h, const struct employer_registration *r, int64_t employer, struct error *err)
{
        int64_t home = h->home, now = clock_now(h->clock);
        const struct employer_text *t = &r->text;
        char account[ACCOUNT_SEALED];

        account_seal(h->keys, t->bank_account, account);
        int rc = tx_exec(tx, err,
                         "INSERT INTO employer_fact (home, id, employer, name, kind, industry, territory, office, contact, "
                         "bank_name, bank_account, valid_from, valid_to, known_from, known_to, source) VALUES (?1@int, "
                         "?2@int, ?3@int, ?4@text, ?5@text, ?6@text, ?7@text, ?8@int, ?9@text, ?10@text, ?11@text, "
                         "?12@int, ?13@int, ?14@int, ?15@int, 'registration')",
                         "iiissssisstiiii", home, r->fact_id, employer, t->name, t->kind, t->industry, t->territory, r->office,
                         t->contact, t->bank_name, account, (int64_t)r->from, (int64_t)DAY_END, now, (int64_t)INSTANT_END);

        if (rc == 0)
                rc = name_keys_add(tx, h->home, NAME_EMPLOYER, employer, r->keys, r->key_count, err);
        return rc;
}

int employer_registration_write(struct tx *tx, struct house *h, const struct employer_registration *r, int32_t *home,
                                int64_t *id, struct error *err)
{
        int64_t entered = 0;
        /* As with persons: the code is claimed first, and the second of two that register it at once finds the first. */
        int rc = tx_exec_changed(tx, &entered, err,
                                 "INSERT INTO employer (home, id, uscc, state, version, created_at) VALUES (?1@int, ?2@int, "
                                 "?3@text, 'active', 1, ?4@int) ON CONFLICT (uscc) DO NOTHING",
                                 "iisi", (int64_t)h->home, r->id, r->text.uscc, (int64_t)clock_now(h->clock));

        if (rc == 0 && entered == 0)
                return employer_find(tx, r->text.uscc, home, id, err);
        *home = h->home;
        *id = r->id;
        return rc ? rc : employer_rows(tx, h, r, r->id, err);
}

static int register_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        int32_t home;
        int64_t id;
        char number[32];
        int rc = employer_registration_write(tx, c->house, ctx, &home, &id, err);

        if (rc < 0)
                return rc;
        readable_number('E', home, id, number);
        if (rc == 1)
                return error_raise(err, SB_REGISTRY_USCC_DUPLICATE, "%s", number);
        change->subject_kind = "employer";
        change->subject = id;
        change->audit = json_pack("{s:s}", "number", number);
        *out = json_pack("{s:I,s:s,s:i}", "id", (json_int_t)id, "number", number, "version", 1);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static struct str field_text(const json_t *in, const char *name)
{
        const char *s = json_string_value(json_object_get(in, name));

        return s == NULL ? STR("") : str_from(s);
}

int registry_employer_register(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct employer_text text = {.name = field_text(in, "name"),
                                     .uscc = field_text(in, "uscc"),
                                     .kind = field_text(in, "kind"),
                                     .industry = field_text(in, "industry"),
                                     .territory = field_text(in, "territory"),
                                     .contact = field_text(in, "contact"),
                                     .bank_name = field_text(in, "bank_name"),
                                     .bank_account = field_text(in, "bank_account")};
        struct employer_registration r;
        const char *field;
        int rc = employer_registration_make(&r, c->house, &text, c->who.office, &field, err);

        if (rc < 0)
                error_where(err, "%s", field);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "registry.employer_register"), in, register_apply, &r, out,
                                 err);
        return rc;
}
