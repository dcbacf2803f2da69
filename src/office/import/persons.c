/* SPDX-License-Identifier: Apache-2.0 */
#include "office/import/names.h"

#include <stdlib.h>
#include <string.h>

enum { NAME, ID_NUMBER, CATEGORY, TELEPHONE, BANK_NAME, BANK_ACCOUNT, VALID_FROM };
static const char *const COLUMNS[] = {"name",      "id_number",    "category",   "telephone",
                                      "bank_name", "bank_account", "valid_from", NULL};

static int column_of(const char *field)
{
        for (int i = 0; COLUMNS[i] != NULL; i++)
                if (strcmp(COLUMNS[i], field) == 0)
                        return i;
        return 0;
}

static int parse(struct block *b, size_t row, const struct str *cells, struct error *err)
{
        struct person_text text = {.name = cells[NAME],
                                   .id_number = cells[ID_NUMBER],
                                   .category = cells[CATEGORY],
                                   .telephone = cells[TELEPHONE],
                                   .bank_name = cells[BANK_NAME],
                                   .bank_account = cells[BANK_ACCOUNT],
                                   .valid_from = cells[VALID_FROM]};
        struct error fault = {0};
        const char *field;
        struct person_row *p = b->rows[row].u.person = malloc(sizeof *p);

        if (p == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = person_facts_check(&p->facts, &text, &field, &fault);
        if (rc < 0)
                return block_fault(b, row, column_of(field), &fault, err);
        return person_new_make(&p->made, b->house->keys, &p->facts, err);
}

/* --- who is there already --------------------------------------------------------------------------------------------------- */

/* Identity numbers of this block by their keyed hash: open addressing, lines as values. */
struct seen {
        size_t cap;
        size_t *slots; /* row + 1 */
};

static bool seen_put(struct seen *s, const struct block *b, size_t row, size_t *first)
{
        const struct hash *index = &b->rows[row].u.person->made.index;
        uint64_t h;

        memcpy(&h, index->b, sizeof h);
        for (size_t i = (size_t)h & (s->cap - 1);; i = (i + 1) & (s->cap - 1)) {
                if (s->slots[i] == 0) {
                        s->slots[i] = row + 1;
                        return true;
                }
                if (memcmp(b->rows[s->slots[i] - 1].u.person->made.index.b, index->b, HASH_BYTES) == 0) {
                        *first = s->slots[i] - 1;
                        return false;
                }
        }
}

static int noted_check(struct tx *tx, struct block *b, size_t i, struct error *err)
{
        struct error fault = {0};
        char hex[65];
        int64_t line = 0;
        int rc = block_note(tx, b, str_from(hash_hex(&b->rows[i].u.person->made.index, hex)), b->rows[i].line, &line, err);

        if (rc < 0 || line == 0)
                return rc;
        error_raise(&fault, SB_IMPORT_TWICE, "%lld", (long long)line);
        return block_fault(b, i, ID_NUMBER, &fault, err);
}

static int duplicates_check(struct tx *tx, struct block *b, struct error *err)
{
        struct seen s = {.cap = 64};
        int rc = 0;

        while (s.cap < 2 * b->count)
                s.cap *= 2;
        s.slots = calloc(s.cap, sizeof *s.slots);
        if (s.slots == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                struct error fault = {0};
                struct stmt *q;
                size_t first = 0;
                char number[32];
                if (b->rows[i].bad)
                        continue;
                if (!seen_put(&s, b, i, &first)) {
                        error_raise(&fault, SB_IMPORT_TWICE, "%lld", (long long)b->rows[first].line);
                        rc = block_fault(b, i, ID_NUMBER, &fault, err);
                        continue;
                }
                const struct hash *index = &b->rows[i].u.person->made.index;
                rc = tx_one(&q, tx, err, "SELECT home, person FROM directory WHERE id_index = ?1@blob", "b", hash_str(index));
                if (rc == 1) {
                        error_raise(&fault, SB_REGISTRY_DUPLICATE, "%s",
                                    readable_number('P', (int)stmt_int(q, 0), stmt_int(q, 1), number));
                        rc = block_fault(b, i, ID_NUMBER, &fault, err);
                } else if (rc == 0 && b->dry_run) {
                        rc = noted_check(tx, b, i, err);
                }
        }
        free(s.slots);
        return rc;
}

/* --- rows, table by table ---------------------------------------------------------------------------------------------------- */

static struct str blob(const void *p, size_t n)
{
        return (struct str){p, n};
}

static int persons_write(struct tx *tx, struct block *b, struct error *err)
{
        struct bulk *k = NULL;
        instant_t now = clock_now(b->house->clock);
        int rc =
            bulk_open(&k, tx, "person", "home@int, id@int, state@text, key_wrapped@blob, version@int, created_at@int", err);

        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                if (b->rows[i].bad)
                        continue;
                struct person_new *m = &b->rows[i].u.person->made;
                m->id = block_id(b);
                bulk_int(k, b->house->home);
                bulk_int(k, m->id);
                bulk_text(k, STR("active"));
                bulk_blob(k, blob(m->wrapped, sizeof m->wrapped));
                bulk_int(k, 1);
                bulk_int(k, now);
                rc = bulk_row(k, err);
        }
        return block_bulk_close(k, rc, err);
}

static int facts_write(struct tx *tx, struct block *b, struct error *err)
{
        struct bulk *k = NULL;
        instant_t now = clock_now(b->house->clock);
        int rc = bulk_open(&k, tx, "person_fact",
                           "home@int, id@int, person@int, sex@int, birth_day@int, death_day@int, category@text, sealed@blob, "
                           "valid_from@int, valid_to@int, known_from@int, known_to@int, source@text",
                           err);

        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                if (b->rows[i].bad)
                        continue;
                const struct person_facts *f = &b->rows[i].u.person->facts;
                const struct person_new *m = &b->rows[i].u.person->made;
                bulk_int(k, b->house->home);
                bulk_int(k, block_id(b));
                bulk_int(k, m->id);
                bulk_int(k, f->sex);
                bulk_int(k, f->birth);
                bulk_int(k, f->death);
                bulk_text(k, str_from(f->category));
                bulk_blob(k, blob(m->sealed, m->sealed_n));
                bulk_int(k, f->valid_from);
                bulk_int(k, DAY_END);
                bulk_int(k, now);
                bulk_int(k, INSTANT_END);
                bulk_text(k, STR("import"));
                rc = bulk_row(k, err);
        }
        return block_bulk_close(k, rc, err);
}

static int directory_write(struct tx *tx, struct block *b, struct error *err)
{
        struct bulk *k = NULL;
        int rc = bulk_open(&k, tx, "directory", "id_index@blob, home@int, person@int", err);

        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                if (b->rows[i].bad)
                        continue;
                const struct person_new *m = &b->rows[i].u.person->made;
                bulk_blob(k, blob(m->index.b, HASH_BYTES));
                bulk_int(k, b->house->home);
                bulk_int(k, m->id);
                rc = bulk_row(k, err);
        }
        return block_bulk_close(k, rc, err);
}

static int write(struct tx *tx, struct block *b, struct error *err)
{
        int rc = duplicates_check(tx, b, err);

        if (rc < 0 || b->dry_run)
                return rc;
        rc = persons_write(tx, b, err);
        if (rc == 0)
                rc = facts_write(tx, b, err);
        if (rc == 0)
                rc = directory_write(tx, b, err);
        if (rc == 0)
                rc = names_wait(tx, b, err);
        return rc;
}

const struct import_kind import_persons = {"persons", COLUMNS, 2, 2, parse, write};
