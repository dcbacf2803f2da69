/* SPDX-License-Identifier: Apache-2.0
 *
 * Bank files of a run. A file is derived from the rows and stored by its hash alone: the same rows give the same bytes, and bytes that
 * differ are found. A run is cut into files of PAYMENT_FILE_ROWS transfers. The kind `payment.file` makes one file a block.
 */
#include "office/payment/bank_file.h"

#include "office/payment/payment.h"
#include "office/pension/pension.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)96 << 20)
#define NAME_FORMAT "%s-%s-%d-%04d.%s" /* pool, month, sequence, part; the ending has three letters */

struct file {
        struct house *house;
        struct payment_run row;
        struct pool pool;
        struct payer payer;
        const struct pack *pack; /* that the run was made with */
        bool demonstration;
        int part; /* from 1 */
        int64_t after, last;
        int64_t count;
        fen_t sum;
        struct buf *out;
        char name[128];
        const char *media;
};

/* Number and sum of the transfers of this part, and the award that it ends with. */
static int part_measure(struct file *f, struct tx *tx, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT COUNT(*), CAST(SUM(amount_fen) AS @int), MAX(item) FROM (SELECT item, amount_fen FROM payment_row "
                   "WHERE home = ?1@int AND month = ?2@int AND run = ?3@int AND item > ?4@int AND state <> 'stopped' "
                   "ORDER BY item LIMIT ?5@int) part",
                   "iiiii", (int64_t)f->row.home, (int64_t)f->row.month, f->row.id, f->after, (int64_t)PAYMENT_FILE_ROWS);

        if (rc < 0)
                return rc;
        f->count = stmt_int(q, 0);
        f->sum = stmt_int(q, 1);
        f->last = stmt_int(q, 2);
        return 0;
}

static int transfers_add(struct file *f, struct bank_file *bank, struct tx *tx, struct error *err)
{
        struct stmt *q = NULL;
        char text[128], month[16], reference[48];
        struct payee payee;
        int rc = tx_query(
            &q, tx, err,
            "SELECT y.award, y.amount_fen, a.payee_sealed, p.key_wrapped FROM payment y JOIN award a ON a.home = y.home "
            "AND a.id = y.award JOIN person p ON p.home = y.home AND p.id = y.person WHERE y.home = ?1@int "
            "AND y.month = ?2@int AND y.run = ?3@int AND y.award > ?4@int AND y.award <= ?5@int AND y.state <> 'stopped' "
            "ORDER BY y.award",
            "iiiii", (int64_t)f->row.home, (int64_t)f->row.month, f->row.id, f->after, f->last);

        text_format(text, sizeof(text), "%s 基本养老金", month_text(f->row.month, month));
        while ((rc = row_next(rc, q, err)) == 1) {
                struct pain_transfer t = {.end_to_end = payment_reference(f->row.id, stmt_int(q, 0), reference),
                                          .amount = stmt_int(q, 1),
                                          .text = text};

                rc = payee_open(&payee, f->house->keys, stmt_blob(q, 3), stmt_blob(q, 2), err);
                t.name = payee.name;
                t.bank = payee.bank;
                t.account = payee.account;
                if (rc == 0)
                        rc = bank_file_add(bank, &t, err);
                if (rc)
                        error_where(err, "%s", reference);
        }
        explicit_bzero(&payee, sizeof(payee));
        return rc;
}

struct claim_line {
        int64_t claim, payee;
        fen_t amount;
        char kind[40];
};

/* The payee is that of the run: what was corrected since changes no file that was sent. */
static int claim_line_add(struct file *f, struct bank_file *bank, struct tx *tx, const struct claim_line *l, struct error *err)
{
        char reference[48], key[64];
        struct payee payee;
        struct pain_transfer t = {.end_to_end = payment_reference(f->row.id, l->claim, reference), .amount = l->amount};
        int rc = payment_payee_open(tx, f->house, f->row.home, l->payee, &payee, err);

        text_format(key, sizeof key, "payment.%s", l->kind);
        t.text = pack_text(f->pack, key, LANG_ZH);
        t.text = t.text == NULL || *t.text == '\0' ? l->kind : t.text;
        t.name = payee.name;
        t.bank = payee.bank;
        t.account = payee.account;
        rc = rc ? rc : bank_file_add(bank, &t, err);
        explicit_bzero(&payee, sizeof payee);
        return rc ? error_where(err, "%s", reference) : 0;
}

static int claims_add(struct file *f, struct bank_file *bank, struct tx *tx, struct error *err)
{
        struct claim_line *lines = calloc((size_t)f->count, sizeof *lines);
        struct stmt *q = NULL;
        int64_t n = 0;
        int rc = lines ? tx_query(&q, tx, err,
                                  "SELECT y.claim, y.payee, y.amount_fen, k.kind FROM claim_payment y JOIN payment_claim k ON "
                                  "k.home = y.home AND k.id = y.claim WHERE y.home = ?1@int AND y.run = ?2@int AND y.claim > "
                                  "?3@int AND y.claim <= ?4@int ORDER BY y.claim",
                                  "iiii", (int64_t)f->row.home, f->row.id, f->after, f->last)
                       : error_raise(err, SB_MEMORY, "%s", "");

        while (n < f->count && (rc = row_next(rc, q, err)) == 1) {
                struct claim_line *l = &lines[n++];

                *l = (struct claim_line){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2), ""};
                text_copy(l->kind, sizeof l->kind, stmt_text(q, 3));
                rc = 0;
        }
        for (int64_t i = 0; rc == 0 && i < n; i++)
                rc = claim_line_add(f, bank, tx, &lines[i], err);
        free(lines);
        return rc;
}

static int part_derive(struct tx *tx, void *ctx, struct error *err)
{
        struct file *f = ctx;
        char message[40], payment[40], month[16];
        const char *extension;
        struct bank_file bank;
        struct pain_head head = {.message_id = message,
                                 .payment_id = payment,
                                 .created = f->row.released_at,
                                 .pay_day = f->row.pay_day,
                                 .payer = f->payer.name,
                                 .payer_bank = f->payer.bank,
                                 .payer_account = f->payer.account,
                                 .demonstration = f->demonstration};
        int rc;

        buf_clear(f->out);
        rc = part_measure(f, tx, err);
        if (rc || f->count == 0)
                return rc;
        rc = bank_file_form(f->pack, f->payer.layout, &extension, &f->media, err);
        if (rc)
                return rc;
        text_format(f->name, sizeof(f->name), NAME_FORMAT, f->pool.code, month_text(f->row.month, month), f->row.sequence,
                    f->part, extension);
        text_format(payment, sizeof(payment), "R%lldF%d", (long long)f->row.id, f->part);
        text_format(message, sizeof(message), "%s%s", f->demonstration ? "DEMO-" : "", payment);
        head.count = f->count;
        head.sum = f->sum;
        rc = bank_file_begin(&bank, f->pack, f->payer.layout, f->out, &head, err);
        rc = rc ? rc : payment_run_claims(&f->row) ? claims_add(f, &bank, tx, err) : transfers_add(f, &bank, tx, err);
        rc = rc ? rc : bank_file_end(&bank, err);
        bank_file_drop(&bank);
        return rc;
}

/* What a file needs besides the rows: the pool, and who pays by the pack that the run was made with. */
static int head_read(struct tx *tx, void *ctx, struct error *err)
{
        struct file *f = ctx;
        int rc = payment_run_read(tx, f->house->home, f->row.id, &f->row, err);

        return rc ? rc : pool_read(tx, f->row.pool, &f->pool, err);
}

static int head_fill(struct file *f, const struct hash *pack_hash, struct error *err)
{
        struct pack *pack = NULL;
        int rc = store_read(f->house->store, head_read, f, err);

        if (rc == 0)
                rc = pack_store_get(f->house->packs, pack_hash, &pack, err);
        if (rc == 0)
                rc = payer_of(pack, &f->pool, &f->payer, err);
        if (rc == 0) {
                f->pack = pack;
                f->demonstration = pack_is_demonstration(pack);
        }
        return rc;
}

/* --- the run ---------------------------------------------------------------------------------------------------------- */

struct file_write {
        struct file *file;
        const struct run *run;
        struct hash hash;
        bool end;
};

static int part_store(struct tx *tx, const struct file_write *w, struct error *err)
{
        const struct file *f = w->file;

        return tx_exec(
            tx, err,
            "INSERT INTO payment_file (hash, home, run, name, media_type, size, created_at) VALUES (?1@blob, ?2@int, ?3@int, "
            "?4@text, ?5@text, ?6@int, ?7@int) ON CONFLICT DO NOTHING",
            "biittii", hash_str(&w->hash), (int64_t)f->row.home, f->row.id, f->name, f->media, (int64_t)f->out->n,
            (int64_t)clock_now(f->house->clock));
}

static int file_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct file_write *w = ctx;
        const struct file *f = w->file;
        struct hash all = f->part == 1 ? w->hash : hash_pair(&f->row.file_hash, &w->hash);
        char cursor[64];
        int64_t changed = 1;
        int rc = 0;

        if (!w->end) {
                rc = part_store(tx, w, err);
                if (rc == 0)
                        rc = tx_exec(tx, err,
                                     "UPDATE payment_run SET file_hash = ?1@blob, version = version + 1 WHERE home = ?2@int "
                                     "AND id = ?3@int",
                                     "bii", hash_str(&all), (int64_t)f->row.home, f->row.id);
                text_format(cursor, sizeof(cursor), "%d %lld", f->part, (long long)f->last);
        } else {
                rc = tx_exec_changed(
                    tx, &changed, err,
                    "UPDATE payment_run SET state = 'filed', version = version + 1 WHERE home = ?1@int AND id = ?2@int "
                    "AND state = 'released'",
                    "ii", (int64_t)f->row.home, f->row.id);
                text_copy(cursor, sizeof(cursor), w->run->cursor);
        }
        if (rc == 0 && changed != 1)
                rc = error_raise(err, SB_PAYMENT_STATE, "%s|%s", f->row.state, "released");
        return rc ? rc : run_progress(tx, w->run, str_from(cursor), f->row.due_count, w->end ? 0 : f->count, 0, err);
}

static int file_cursor(struct file *f, struct str cursor, struct error *err)
{
        const char *space = cursor.n ? memchr(cursor.p, ' ', cursor.n) : NULL;
        int64_t part = 0;

        if (cursor.n && (!space || !text_to_int((struct str){cursor.p, (size_t)(space - cursor.p)}, &part) ||
                         !text_to_int((struct str){space + 1, cursor.n - (size_t)(space + 1 - cursor.p)}, &f->after)))
                return error_raise(err, SB_INTERNAL, "%s", "cursor of payment files");
        f->part = (int)part + 1;
        return 0;
}

static int file_block(struct house *h, const struct run *run, enum run_result *more, struct error *err)
{
        struct buf out;
        struct file f = {.house = h, .out = &out};
        struct file_write w = {.file = &f, .run = run};
        int rc = json_get_int(run->inputs, "payment_run", true, &f.row.id, err);

        buf_init(&out, FILE_MAX);
        if (rc == 0)
                rc = file_cursor(&f, run->cursor, err);
        if (rc == 0)
                rc = head_fill(&f, run->pack, err);
        /* Killed after the last file and before the run was marked as done: nothing is left to do. */
        if (rc == 0 && (strcmp(f.row.state, "filed") == 0 || strcmp(f.row.state, "settled") == 0)) {
                *more = RUN_DONE;
                buf_dispose(&out);
                return 0;
        }
        if (rc == 0)
                rc = store_read(h->store, part_derive, &f, err);
        if (rc == 0) {
                w.end = f.count == 0;
                w.hash = hash_of(out.p ? out.p : "", out.n);
                rc = store_write(h->store, file_apply, &w, err);
        }
        *more = w.end ? RUN_DONE : RUN_MORE;
        buf_dispose(&out);
        return rc;
}

const struct run_kind payment_file_kind = {"payment.file", file_block, NULL};

/* --- derived again ---------------------------------------------------------------------------------------------------- */

struct found {
        const struct hash *hash;
        struct file *file;
        struct hash pack;
};

static int file_find(struct tx *tx, void *ctx, struct error *err)
{
        struct found *x = ctx;
        struct file *f = x->file;
        struct stmt *q = NULL;
        char hex[65], part[8] = "";
        int64_t number = 0;
        int rc = tx_one(&q, tx, err,
                        "SELECT f.run, f.name, r.pack_hash FROM payment_file f JOIN run r ON r.home = f.home AND r.id = f.run "
                        "WHERE f.hash = ?1@blob AND f.home = ?2@int",
                        "bi", hash_str(x->hash), (int64_t)f->house->home);

        if (rc == 0)
                return error_raise(err, SB_PAYMENT_FILE, "%s", hash_hex(x->hash, hex));
        if (rc < 0)
                return rc;
        f->row.id = stmt_int(q, 0);
        text_copy(f->name, sizeof(f->name), stmt_text(q, 1));
        if (stmt_blob(q, 2).n == HASH_BYTES)
                memcpy(x->pack.b, stmt_blob(q, 2).p, HASH_BYTES);
        if (strlen(f->name) > 8)
                text_copy(part, sizeof(part), (struct str){f->name + strlen(f->name) - 8, 4});
        if (!text_to_int(str_from(part), &number) || number < 1)
                return error_raise(err, SB_INTERNAL, "%s", f->name);
        f->part = (int)number;
        return 0;
}

/* The award after which a part begins. */
static int part_begin(struct tx *tx, void *ctx, struct error *err)
{
        struct file *f = ctx;
        struct stmt *q = NULL;
        int rc;

        f->after = 0;
        if (f->part == 1)
                return 0;
        rc = tx_one(&q, tx, err,
                    "SELECT item FROM payment_row WHERE home = ?1@int AND month = ?2@int AND run = ?3@int AND state <> "
                    "'stopped' ORDER BY item LIMIT 1 OFFSET ?4@int",
                    "iiii", (int64_t)f->row.home, (int64_t)f->row.month, f->row.id,
                    (int64_t)(f->part - 1) * PAYMENT_FILE_ROWS - 1);
        f->after = rc == 1 ? stmt_int(q, 0) : INT64_MAX;
        return rc < 0 ? rc : 0;
}

int payment_file_derive(struct house *h, const struct hash *hash, struct buf *out, char name[128], char media[64],
                        struct error *err)
{
        struct file f = {.house = h, .out = out};
        struct found x = {.hash = hash, .file = &f};
        struct hash made;
        char hex[65];
        int rc = store_read(h->store, file_find, &x, err);

        if (rc == 0)
                rc = head_fill(&f, &x.pack, err);
        if (rc == 0)
                rc = store_read(h->store, part_begin, &f, err);
        if (rc == 0)
                rc = store_read(h->store, part_derive, &f, err);
        if (rc)
                return rc;
        made = hash_of(out->p ? out->p : "", out->n);
        if (memcmp(made.b, hash->b, HASH_BYTES) != 0) {
                buf_clear(out);
                return error_raise(err, SB_PAYMENT_FILE_CHANGED, "%s", hash_hex(hash, hex));
        }
        text_copy(name, 128, str_from(f.name));
        text_copy(media, 64, str_from(f.media));
        return 0;
}
