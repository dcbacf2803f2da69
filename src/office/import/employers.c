/* SPDX-License-Identifier: Apache-2.0 */
#include "office/import/block.h"
#include "office/registry/name.h"

#include <stdlib.h>
#include <string.h>

enum { NAME, USCC, KIND, INDUSTRY, TERRITORY, CONTACT, BANK_NAME, BANK_ACCOUNT };
static const char *const COLUMNS[] = {"name",    "uscc",      "kind",         "industry", "territory",
                                      "contact", "bank_name", "bank_account", NULL};

static int column_of(const char *field)
{
        for (int i = 0; COLUMNS[i] != NULL; i++)
                if (strcmp(COLUMNS[i], field) == 0)
                        return i;
        return 0;
}

static struct str cell(struct str s)
{
        return s.p == NULL ? STR("") : s;
}

static int parse(struct block *b, size_t row, const struct str *c, struct error *err)
{
        struct employer_text t = {.name = c[NAME],
                                  .uscc = c[USCC],
                                  .kind = cell(c[KIND]),
                                  .industry = cell(c[INDUSTRY]),
                                  .territory = cell(c[TERRITORY]),
                                  .contact = cell(c[CONTACT]),
                                  .bank_name = cell(c[BANK_NAME]),
                                  .bank_account = cell(c[BANK_ACCOUNT])};
        struct error fault = {0};
        const char *field;
        struct employer_row *e = &b->rows[row].u.employer;

        if (employer_text_check(&t, &field, &fault) < 0)
                return block_fault(b, row, column_of(field), &fault, err);
        text_copy(e->name, sizeof e->name, t.name);
        text_copy(e->uscc, sizeof e->uscc, t.uscc);
        text_copy(e->kind, sizeof e->kind, t.kind);
        text_copy(e->industry, sizeof e->industry, t.industry);
        text_copy(e->territory, sizeof e->territory, t.territory);
        text_copy(e->contact, sizeof e->contact, t.contact);
        text_copy(e->bank_name, sizeof e->bank_name, t.bank_name);
        text_copy(e->bank_account, sizeof e->bank_account, t.bank_account);
        return 0;
}

static int row_insert(struct tx *tx, struct block *b, const struct employer_row *e, struct error *err)
{
        int64_t id = block_id(b), fact = block_id(b), home = b->house->home, now = clock_now(b->house->clock);
        int64_t keys[NAME_KEYS_MAX];
        char account[ACCOUNT_SEALED];

        account_seal(b->house->keys, str_from(e->bank_account), account);
        int rc = tx_exec(tx, err,
                         "INSERT INTO employer (home, id, uscc, state, version, created_at) VALUES (?1@int, ?2@int, ?3@text, "
                         "'active', 1, ?4@int)",
                         "iiti", home, id, e->uscc, now);

        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO employer_fact (home, id, employer, name, kind, industry, territory, office, contact, "
                             "bank_name, bank_account, valid_from, valid_to, known_from, known_to, source) VALUES (?1@int, "
                             "?2@int, ?3@int, ?4@text, ?5@text, ?6@text, ?7@text, ?8@int, ?9@text, ?10@text, ?11@text, "
                             "?12@int, ?13@int, ?14@int, ?15@int, 'import')",
                             "iiittttitttiiii", home, fact, id, e->name, e->kind, e->industry, e->territory, b->office,
                             e->contact, e->bank_name, account, (int64_t)0, (int64_t)DAY_END, now, (int64_t)INSTANT_END);
        if (rc == 0)
                rc = name_keys_add(tx, b->house->home, NAME_EMPLOYER, id, keys,
                                   name_keys(b->house->keys, str_from(e->name), keys), err);
        return rc;
}

static int noted_check(struct tx *tx, struct block *b, size_t i, struct error *err)
{
        struct error fault = {0};
        int64_t line = 0;
        int rc = block_note(tx, b, str_from(b->rows[i].u.employer.uscc), b->rows[i].line, &line, err);

        if (rc < 0 || line == 0)
                return rc;
        error_raise(&fault, SB_IMPORT_TWICE, "%lld", (long long)line);
        return block_fault(b, i, USCC, &fault, err);
}

/* Employers are few beside persons: row by row, so that one of the same file is found like one of the table. */
static int write(struct tx *tx, struct block *b, struct error *err)
{
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                const struct employer_row *e = &b->rows[i].u.employer;
                struct error fault = {0};
                int32_t home;
                int64_t id;
                char number[32];
                if (b->rows[i].bad)
                        continue;
                rc = employer_find(tx, str_from(e->uscc), &home, &id, err);
                if (rc == 1) {
                        error_raise(&fault, SB_REGISTRY_USCC_DUPLICATE, "%s", readable_number('E', home, id, number));
                        rc = block_fault(b, i, USCC, &fault, err);
                } else if (rc == 0) {
                        rc = b->dry_run ? noted_check(tx, b, i, err) : row_insert(tx, b, e, err);
                }
        }
        return rc;
}

const struct import_kind import_employers = {"employers", COLUMNS, 2, 2, parse, write};
