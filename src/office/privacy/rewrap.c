/* SPDX-License-Identifier: Apache-2.0
 *
 * A new master key (密钥轮换): the keys of rows are wrapped anew, a few hundred in a transaction, while people work. A row that somebody changes
 * meanwhile is left to the next round. Where wrapped keys stand is the list below; the test compares it with the schema.
 */
#include "office/privacy/privacy.h"

#include "office/registry/registry.h"

#include <string.h>

#define BLOCK 200

static const struct {
        const char *table;
        /* After (home, id) ?1, ?2, at most ?3: home, id, the wrapped key. */
        const char *next;
        /* ?1 home, ?2 id, ?3 the wrapped key as it was, ?4 as it is now. */
        const char *change;
} PLACES[] = {
    {"person", "SELECT home, id, key_wrapped FROM person WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int",
     "UPDATE person SET key_wrapped = ?4@blob WHERE home = ?1@int AND id = ?2@int AND key_wrapped = ?3@blob"},
    {"application",
     "SELECT home, id, wrapped FROM application WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int",
     "UPDATE application SET wrapped = ?4@blob WHERE home = ?1@int AND id = ?2@int AND wrapped = ?3@blob"},
    {"case_draft",
     "SELECT home, id, wrapped FROM case_draft WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int",
     "UPDATE case_draft SET wrapped = ?4@blob WHERE home = ?1@int AND id = ?2@int AND wrapped = ?3@blob"},
    {"attachment",
     "SELECT home, id, wrapped FROM attachment WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int",
     "UPDATE attachment SET wrapped = ?4@blob WHERE home = ?1@int AND id = ?2@int AND wrapped = ?3@blob"},
    {"case_note", "SELECT home, id, wrapped FROM case_note WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int",
     "UPDATE case_note SET wrapped = ?4@blob WHERE home = ?1@int AND id = ?2@int AND wrapped = ?3@blob"},
    {"roster",
     "SELECT home, id, wrapped FROM roster WHERE (home, id) > (?1@int, ?2@int) AND LENGTH(wrapped) > 0 ORDER BY home, id LIMIT "
     "?3@int",
     "UPDATE roster SET wrapped = ?4@blob WHERE home = ?1@int AND id = ?2@int AND wrapped = ?3@blob"},
    {"letter", "SELECT home, id, wrapped FROM letter WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int",
     "UPDATE letter SET wrapped = ?4@blob WHERE home = ?1@int AND id = ?2@int AND wrapped = ?3@blob"},
    {"portal_account",
     "SELECT home, id, wrapped FROM portal_account WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int",
     "UPDATE portal_account SET wrapped = ?4@blob WHERE home = ?1@int AND id = ?2@int AND wrapped = ?3@blob"},
    {"exchange_batch",
     "SELECT home, id, wrapped FROM exchange_batch WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int",
     "UPDATE exchange_batch SET wrapped = ?4@blob WHERE home = ?1@int AND id = ?2@int AND wrapped = ?3@blob"},
    {"second_factor",
     "SELECT 0, id, key_wrapped FROM second_factor WHERE (0, id) > (?1@int, ?2@int) AND key_wrapped IS NOT NULL ORDER BY id "
     "LIMIT "
     "?3@int",
     "UPDATE second_factor SET key_wrapped = ?4@blob WHERE ?1@int = 0 AND id = ?2@int AND key_wrapped = ?3@blob"},
};
#define PLACE_COUNT (sizeof PLACES / sizeof PLACES[0])

struct wrapped {
        int64_t home, id;
        unsigned char was[SEAL_KEY_BYTES + SEAL_OVERHEAD], is[SEAL_KEY_BYTES + SEAL_OVERHEAD];
        bool change;
};

struct block {
        struct house *house;
        size_t place;
        int64_t home, id;
        struct wrapped rows[BLOCK];
        int count;
        int64_t changed;
};

static int block_read(struct tx *tx, void *ctx, struct error *err)
{
        struct block *b = ctx;
        struct stmt *q;
        int rc = tx_query(&q, tx, err, PLACES[b->place].next, "iii", b->home, b->id, (int64_t)BLOCK);

        b->count = 0;
        while (rc == 0 && b->count < BLOCK && (rc = stmt_step(q, err)) == 1) {
                struct wrapped *w = &b->rows[b->count++];
                struct str key = stmt_blob(q, 2);
                *w = (struct wrapped){.home = stmt_int(q, 0), .id = stmt_int(q, 1)};
                rc = 0;
                if (key.n != sizeof w->was) /* destroyed: the person was erased */
                        continue;
                memcpy(w->was, key.p, sizeof w->was);
                rc = keyring_rewrap(b->house->keys, key, w->is, err);
                w->change = rc == 1;
                rc = rc == 1 ? 0 : rc;
        }
        return rc == 1 ? 0 : rc;
}

static int block_write(struct tx *tx, void *ctx, struct error *err)
{
        struct block *b = ctx;
        int rc = 0;

        b->changed = 0;
        for (int i = 0; rc == 0 && i < b->count; i++) {
                const struct wrapped *w = &b->rows[i];
                int64_t n = 0;
                if (w->change)
                        rc = tx_exec_changed(tx, &n, err, PLACES[b->place].change, "iibb", w->home, w->id,
                                             (struct str){(const char *)w->was, sizeof w->was},
                                             (struct str){(const char *)w->is, sizeof w->is});
                b->changed += n;
        }
        return rc;
}

/* --- accounts of employers that stand in clear since before they were sealed ---------------------------------------------------- */

struct clearing {
        struct house *house;
        int64_t changed;
};

static int accounts_seal(struct tx *tx, void *ctx, struct error *err)
{
        struct clearing *s = ctx;
        struct {
                int64_t home, id;
                char clear[ACCOUNT_CLEAR];
        } rows[BLOCK];
        struct stmt *q;
        int n = 0;
        int rc = tx_query(
            &q, tx, err,
            "SELECT home, id, bank_account FROM employer_fact WHERE bank_account <> '' AND bank_account NOT LIKE '~%' ORDER BY "
            "home, id LIMIT ?1@int",
            "i", (int64_t)BLOCK);

        s->changed = 0;
        while (rc == 0 && n < BLOCK && (rc = stmt_step(q, err)) == 1) {
                rows[n].home = stmt_int(q, 0);
                rows[n].id = stmt_int(q, 1);
                text_copy(rows[n++].clear, ACCOUNT_CLEAR, stmt_text(q, 2));
                rc = 0;
        }
        for (int i = 0; rc >= 0 && i < n; i++) {
                char sealed[ACCOUNT_SEALED];
                account_seal(s->house->keys, str_from(rows[i].clear), sealed);
                rc = tx_exec(tx, err, "UPDATE employer_fact SET bank_account = ?3@text WHERE home = ?1@int AND id = ?2@int",
                             "iit", rows[i].home, rows[i].id, sealed);
                s->changed++;
        }
        explicit_bzero(rows, sizeof rows);
        return rc < 0 ? rc : 0;
}

int keys_rewrap(struct house *h, int64_t *changed, struct error *err)
{
        struct block b = {.house = h};
        int rc = 0;

        *changed = 0;
        for (b.place = 0; rc == 0 && b.place < PLACE_COUNT; b.place++) {
                b.home = b.id = -1;
                do {
                        bool any = false;
                        rc = store_read(h->store, block_read, &b, err);
                        for (int i = 0; rc == 0 && i < b.count; i++)
                                any |= b.rows[i].change;
                        if (rc == 0 && any)
                                rc = store_write(h->store, block_write, &b, err);
                        *changed += rc == 0 && any ? b.changed : 0;
                        if (b.count > 0) {
                                b.home = b.rows[b.count - 1].home;
                                b.id = b.rows[b.count - 1].id;
                        }
                } while (rc == 0 && b.count == BLOCK);
        }
        struct clearing s = {.house = h, .changed = 1};
        while (rc == 0 && s.changed > 0) {
                rc = store_write(h->store, accounts_seal, &s, err);
                *changed += rc == 0 ? s.changed : 0;
        }
        explicit_bzero(&b, sizeof b);
        return rc;
}
