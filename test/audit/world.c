/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define END_DAY "2932896"
#define END_INSTANT "253402214400000000"
#define NO_HASH "CAST('h' AS @blob)"
#define BELIEVED "0, " END_INSTANT

/* Days 100 (sealed), 110 and 111; months 24000 … */
static const char *const rows[] = {
    "INSERT INTO pack VALUES (" NO_HASH ", 'demo', NULL, 1, " NO_HASH ", 0)",
    "INSERT INTO pool VALUES (10, 'p', 'pension', '430000', 1, '甲', 'A', 0, " END_DAY
    "), (11, 'q', 'pension', '430000', 1, '乙', 'B', 0, " END_DAY ")",
    "INSERT INTO pack_activation VALUES (1, 10, " NO_HASH ", 0, 100, " BELIEVED ", 1), (2, 10, " NO_HASH ", 100, " END_DAY
    ", " BELIEVED ", 1)",
    "INSERT INTO person VALUES (1, 100, 'active', " NO_HASH ", 1, 0), (1, 101, 'active', " NO_HASH
    ", 1, 0), (1, 102, 'active', " NO_HASH ", 1, 0)",
    "INSERT INTO person_fact VALUES (1, 110, 100, 1, 0, " END_DAY ", 'male', " NO_HASH ", 0, 50, " BELIEVED ", 't'), "
    "(1, 111, 100, 1, 0, " END_DAY ", 'male', " NO_HASH ", 50, " END_DAY ", " BELIEVED ", 't'), "
    "(1, 112, 100, 1, 0, " END_DAY ", 'male', " NO_HASH ", 20, 60, 0, 0, 't'), "
    "(1, 113, 101, 2, 0, " END_DAY ", 'f50', " NO_HASH ", 0, " END_DAY ", " BELIEVED ", 't'), "
    "(1, 114, 102, 2, 0, " END_DAY ", 'f50', " NO_HASH ", 0, " END_DAY ", " BELIEVED ", 't')",
    "INSERT INTO directory VALUES (CAST('i0' AS @blob), 1, 100), (CAST('i1' AS @blob), 1, 101), "
    "(CAST('i2' AS @blob), 1, 102)",
    "INSERT INTO employer VALUES (1, 200, 'u', 'active', 1, 0), (1, 201, 'v', 'active', 1, 0)",
    "INSERT INTO employer_fact VALUES (1, 210, 200, 'E', 'k', 'i', 't', 1, '', '', '', 0, "
    "50, " BELIEVED ", 't'), "
    "(1, 211, 200, 'E', 'k', 'i', 't', 1, '', '', '', 50, " END_DAY ", " BELIEVED ", 't'), "
    "(1, 212, 201, 'F', 'k', 'i', 't', 1, '', '', '', 50, " END_DAY ", " BELIEVED ", 't')",
    "INSERT INTO employment VALUES (1, 220, 100, 1, 200, 'worker', 0, 50, " BELIEVED ", 't'), "
    "(1, 221, 100, 1, 200, 'worker', 60, " END_DAY ", " BELIEVED ", 't'), (1, 222, 101, 1, 201, 'worker', 0, 60, " BELIEVED
    ", 't')",
    "INSERT INTO roster VALUES (1, 960, 200, 'posted', 1, '', 0, CAST('' AS @blob), CAST('' AS @blob), 0, 1, 0, 2, 0, 0, 0, "
    "'', 1), "
    "(1, 961, 201, 'reversed', 1, '', 0, CAST('' AS @blob), CAST('' AS @blob), 0, 1, 0, 2, 0, 3, 0, '', 1)",
    "INSERT INTO employment VALUES (1, 223, 102, 1, 201, 'worker', 70, " END_DAY
    ", 0, 0, 't'), (1, 224, 102, 1, 200, 'worker', 60, " END_DAY ", " BELIEVED ", 't')",
    "INSERT INTO roster_line VALUES (1, 960, 1, 'join', 102, 60, 24000, 0, '', '', 0, 0, '', 'done', '', 224, 0), "
    "(1, 961, 1, 'join', 102, 70, 24000, 0, '', '', 0, 0, '', 'reversed', '', 223, 0)",
    "INSERT INTO contribution VALUES (1, 230, 100, 1, 200, 'pension', 10, 'paid', 23900, 23912, "
    "500000, " BELIEVED ", 't'), "
    "(1, 231, 100, 1, 200, 'pension', 10, 'paid', 23912, 24000, 510000, " BELIEVED ", 't'), "
    "(1, 232, 101, 0, 0, 'pension', 10, 'deemed', 23000, 23900, 500000, " BELIEVED ", 't')",
    "INSERT INTO declaration VALUES (1, 300, 200, 24000, 'assessed', 'desk', 2, 1, 0, 2, 0, "
    "105, " NO_HASH ", 0, 1, 0), (1, 302, 201, 24000, 'paid', 'desk', 1, 1, 0, 2, 0, 105, " NO_HASH
    ", 0, 1, 0), (1, 303, 201, 24000, 'assessed', 'adjust', 1, 0, 0, 2, 0, 105, " NO_HASH ", 0, 1, 981)",
    "INSERT INTO declaration_line VALUES (1, 300, 1, 100, 600), (1, 300, 1, 101, 400), (1, 302, 1, 102, 500), (1, 303, 1, 102, "
    "515)",
    "INSERT INTO assessment VALUES (1, 310, 300, 200, 24000, 'pension', 10, 2, 1000, 200, 80, 80, "
    "280, 'received', 400, 0, 1, 0), (1, 312, 302, 201, 24000, 'pension', 10, 1, 500, 100, 40, 40, 133, 'paid', 411, 0, 1, 7), "
    "(1, 313, 303, 201, 24000, 'pension', 10, 1, 40, 8, 4, 4, 0, 'open', 417, 0, 1, 0)",
    "INSERT INTO assessment_line VALUES (1, 310, 1, 100, 600, 120, 48, 48), (1, 310, 1, 101, 400, "
    "80, 32, 32), (1, 312, 1, 102, 500, 100, 40, 40), (1, 313, 1, 102, 40, 8, 4, 4)",
    "INSERT INTO receipt VALUES (1, 320, 200, 280, 110, 'ref', 280, 'allocated', 401, 1, 0, 1, 0, 0), "
    "(1, 322, 200, 10, 110, 'other', 0, 'new', 0, 1, 0, 1, 0, 0), (1, 323, 201, 0, 112, 'adjustment', -7, 'suspense', 412, 1, "
    "1, 1, "
    "980, 3), (1, 324, 201, 140, 112, 'more', 140, 'allocated', 414, 1, 0, 1, 0, 0)",
    "INSERT INTO allocation VALUES (1, 330, 320, 310, 200, 401, 0), (1, 331, 320, 310, 80, 401, 0), (1, 332, 323, 312, -7, "
    "412, 1), "
    "(1, 333, 324, 312, 140, 415, 0)",
    /* 980 took 7 off what 102 had paid, of which 3 are refunded; 981 assessed 12 more. */
    "INSERT INTO adjustment VALUES (1, 980, 'base', 201, 102, 24000, 24000, 'refund', 0, 800, 811, 0, 7, 7, 3, 2, 'done', 2, "
    "1), "
    "(1, 981, 'base', 201, 102, 24000, 24000, 'set_off', 0, 0, 0, 12, 0, 0, 0, 0, 'done', 2, 2)",
    "INSERT INTO adjustment_line VALUES (1, 980, 1, 102, 24000, 'pension', 10, 500, 500, 100, 40, 40, 475, 475, 95, 38, 38), "
    "(1, "
    "981, 1, 102, 24000, 'pension', 10, 475, 475, 95, 38, 38, 515, 515, 103, 42, 42)",
    "INSERT INTO adjustment_reduction VALUES (1, 312, 980, 1, 102, 25, 5, 2, 2)",
    "INSERT INTO adjustment_refund VALUES (1, 978, 980, 323)",
    "INSERT INTO ledger_transaction VALUES (1, 24000, 411, 112, 'contribution.assess', 'declaration', 302, 0, 2, 0), "
    "(1, 24000, 412, 112, 'contribution.adjust', 'adjustment', 980, 0, 2, 1), (1, 24000, 413, 112, 'payment.claim', "
    "'payment_claim', "
    "978, 0, 2, 1), (1, 24000, 414, 112, 'contribution.receive', 'receipt', 324, 0, 2, 0), (1, 24000, 415, 112, "
    "'contribution.suspense', 'receipt', 324, 0, 2, 0), (1, 24000, 416, 112, 'contribution.credit', 'assessment', 312, 0, 2, "
    "0), "
    "(1, 24000, 417, 112, 'contribution.assess', 'declaration', 303, 0, 2, 2)",
    "INSERT INTO ledger_posting VALUES (1, 24000, 4110, 411, 10, 2, 112, 140), (1, 24000, 4111, 411, 10, 3, 112, -140), (1, "
    "24000, "
    "4121, 412, 10, 3, 112, 5), (1, 24000, 4122, 412, 10, 4, 112, 2), (1, 24000, 4123, 412, 10, 5, 112, -7), (1, 24000, 4130, "
    "413, "
    "10, 5, 112, 3), (1, 24000, 4131, 413, 10, 6, 112, -3), (1, 24000, 4140, 414, 10, 1, 112, 140), (1, 24000, 4141, 414, 10, "
    "5, 112, "
    "-140), (1, 24000, 4150, 415, 10, 5, 112, 140), (1, 24000, 4151, 415, 10, 2, 112, -140), (1, 24000, 4160, 416, 10, 3, 112, "
    "40), "
    "(1, 24000, 4161, 416, 10, 4, 112, -40), (1, 24000, 4170, 417, 10, 2, 112, 12), (1, 24000, 4171, 417, 10, 3, 112, -12)",
    "INSERT INTO payment_claim VALUES (1, 978, 10, 'contribution.refund', 'employer', 201, 'adjustment', 980, 0, 0, 0, 3, 0, "
    "3, 5, "
    "0, 112, 'open', 0, 0, '', '', 413, 1, 2, 1, 1)",
    "INSERT INTO ledger_transaction VALUES (1, 24000, 400, 100, 'contribution.assess', "
    "'declaration', 300, 0, 1, 0), "
    "(1, 24000, 401, 110, 'contribution.receive', 'receipt', 320, 0, 1, 0), "
    "(1, 24000, 402, 110, 'test', 'receipt', 321, 0, 1, 0), (1, 24000, 403, 111, 'test', "
    "'receipt', 321, 402, 1, 0), "
    "(1, 24000, 404, 111, 'payment.release', 'payment_run', 700, 0, 1, 0), (1, 24000, 406, 111, "
    "'interest', 'run', 1, 0, 1, 0), (1, 24000, 408, 111, 'arrears.order', 'arrears_order', 950, 0, 1, 0)",
    "INSERT INTO ledger_posting VALUES (1, 24000, 4000, 400, 10, 2, 100, 280), (1, 24000, 4001, "
    "400, 10, 3, 100, -200), "
    "(1, 24000, 4002, 400, 10, 4, 100, -80), (1, 24000, 4010, 401, 10, 1, 110, 280), (1, 24000, "
    "4011, 401, 10, 2, 110, -280), "
    "(1, 24000, 4020, 402, 10, 1, 110, 5), (1, 24000, 4021, 402, 10, 5, 110, -5), (1, 24000, 4030, "
    "403, 10, 1, 111, -5), "
    "(1, 24000, 4031, 403, 10, 5, 111, 5), (1, 24000, 4040, 404, 10, 3, 111, 80), (1, 24000, 4041, "
    "404, 10, 4, 111, 10), "
    "(1, 24000, 4042, 404, 10, 6, 111, -90), (1, 24000, 4060, 406, 10, 4, 111, -5), (1, 24000, "
    "4061, 406, 10, 7, 111, 5), (1, 24000, 4080, 408, 10, 2, 111, 1), (1, 24000, 4081, 408, 10, 3, 111, -1)",
    "INSERT INTO ledger_seal VALUES (1, 110)",
    "INSERT INTO ledger_sealed VALUES (1, 10, 2, 100, 280, 280, 1, 0), (1, 10, 3, 100, -200, -200, "
    "1, 0), (1, 10, 4, 100, -80, -80, 1, 0)",
    "INSERT INTO personal_account VALUES (1, 500, 100, 'pension', 10, 53, 2), (1, 501, 101, "
    "'pension', 10, 22, 2), (1, 502, 102, 'pension', 10, 38, 2)",
    "INSERT INTO personal_entry VALUES (1, 24000, 510, 500, 400, 'contribution', 48, 0), (1, "
    "24000, 511, 501, 400, 'contribution', 32, 0), "
    "(1, 24000, 512, 500, 406, 'interest', 5, 0), (1, 24000, 513, 501, 404, 'pension', -10, 0), (1, 24000, 516, 502, 416, "
    "'contribution', 40, 0), (1, 24000, 517, 502, 412, 'reversal', -2, 1)",
    "INSERT INTO process_instance (home, id, number, process, pack_hash, model_hash, state, subject_kind, subject, office, "
    "pool, variables, engine, started_by, started_at, due_day, ended_at, incident, version) VALUES (1, 800, 'C1', "
    "'P17', " NO_HASH ", " NO_HASH ", 'ended', 'person', 101, 1, 10, '{}', '{}', 1, 0, 120, 1, NULL, 1)",
    "INSERT INTO task (home, id, instance, token, process, node, role, office, assignee, state, created_at, due_day, done_by, "
    "done_at, outcome, version) VALUES (1, 801, 800, 1, 'P17', 'n', 'clerk', 1, 1, 'done', 0, 120, 1, 1, "
    "NULL, 1)",
    "INSERT INTO timer (home, id, instance, token, due_at, state, lease_owner, lease_until) VALUES (1, 802, 800, 1, 0, 'done', "
    "NULL, 0)",
    "INSERT INTO effect VALUES (1, 803, 800, 1, 1, 'v', '{}', 'done', NULL, 0, 1, NULL, NULL, 0)",
    "INSERT INTO decision VALUES (1, 810, 101, 'award', 600, 800, 'pension', 'award', " NO_HASH
    ", 1, 100, '{}', '[]', '{}', '{}', 1, 0), (1, 811, 0, 'employer', 200, 0, 'arrears', 'late_fees', " NO_HASH
    ", 1, 109, '{}', '[]', '{}', '" WORLD_FIGURES("0.05") "', 1, 0)",
    /* Four days of 280 fen at 0.05 % are 0.56 fen: one, rounded. */
    "INSERT INTO arrears_order VALUES (1, 950, 200, 0, 109, 280, 1, 'open', NULL, 0, NULL, 408, 1, 0, 1)",
    "INSERT INTO late_fee VALUES (1, 961, 950, 310, 200, 10, 106, 109, 280, 1, 0, 'open', 0, 408, 811, 1)",
    "INSERT INTO document VALUES (1, 820, 'D1', 'letter', 101, 'award', 600, 't', 'm', 1, " NO_HASH ", " NO_HASH ", 1, 0)",
    "INSERT INTO award VALUES (1, 600, 101, 'pension', 10, 'old_age', 800, 810, 24000, 119999, 60, "
    "10, 15, 5, 90, 'active', " NO_HASH ", 1, 2, " BELIEVED
    ", 0, 1), (1, 601, 102, 'pension', 10, 'old_age', 0, 0, 24000, 24000, 1, 0, 0, 0, 1, "
    "'ended', " NO_HASH ", 1, 2, " BELIEVED ", 0, 1)",
    "INSERT INTO award_stop VALUES (1, 610, 600, 'verification', 24010, 24011, " BELIEVED
    ", 1), (1, 611, 600, 'verification', 24011, 24012, " BELIEVED ", 1)",
    "INSERT INTO ledger_transaction VALUES (1, 24000, 409, 111, 'payment.claim', 'payment_claim', 970, 0, 1, 0)",
    "INSERT INTO ledger_posting VALUES (1, 24000, 4090, 409, 10, 3, 111, 30), (1, 24000, 4091, 409, 10, 6, 111, -30)",
    "INSERT INTO payment_claim VALUES (1, 970, 10, 'contribution.refund', 'employer', 200, 'assessment', 310, 0, 800, 811, 30, "
    "0, "
    "30, 3, 0, 111, 'open', 0, 971, '', '', 409, 1, 1, 0, 1)",
    "INSERT INTO payment_payee VALUES (1, 971, 970, " NO_HASH ", 'stands', '', 1, 0, 0, 0)",
    "INSERT INTO run VALUES (1, 700, 'payment', 't', '{}', " NO_HASH
    ", 'done', 1, 1, 0, '', NULL, NULL, 1, 0, 0, 0, NULL, 0, 1)",
    "INSERT INTO run_fault VALUES (1, 700, 1, 1, 'f', 1, '', '')",
    "INSERT INTO payment_run VALUES (1, 700, 10, 24000, 1, 'released', " NO_HASH
    ", 1, 90, 0, 10, 80, 1, 2, 0, 120, 404, " NO_HASH ", 1, 'month'), "
    "(1, 701, 10, 24001, 1, 'freezing', " NO_HASH ", 0, 0, 0, 0, 0, 1, 0, 0, 120, 0, " NO_HASH ", 1, 'month'), "
    "(1, 702, 10, 24002, 1, 'computed', " NO_HASH ", 1, 90, 0, 10, 80, 1, 0, 0, 120, 0, " NO_HASH ", 1, 'month')",
    "INSERT INTO payment VALUES (1, 24000, 700, 600, 101, 'due', '', 90, 10, 80, 1, ''), "
    "(1, 24001, 701, 600, 101, 'due', '', 90, 10, 80, 1, ''), (1, 24002, 702, 600, 101, 'due', '', "
    "90, 10, 80, 1, '')",
    "INSERT INTO payment_run VALUES (1, 703, 10, 24003, 1, 'settled', " NO_HASH ", 1, 40, 0, 0, 40, 1, 2, 0, 120, 0, " NO_HASH
    ", 1, 'claims')",
    "INSERT INTO payment_claim VALUES (1, 974, 10, 'payment.repay', 'person', 101, 'award', 600, 0, 0, 0, 40, 0, 40, 3, 0, "
    "111, "
    "'paid', 703, 975, '', '', 0, 0, 1, 0, 1)",
    "INSERT INTO payment_payee VALUES (1, 975, 974, " NO_HASH ", 'stands', '', 1, 0, 0, 0)",
    "INSERT INTO claim_payment VALUES (1, 24003, 703, 974, 'due', 40, 0, 40, 975, '')",
    "INSERT INTO payment_file VALUES (" NO_HASH ", 1, 700, 'n', 'm', 1, 0)",
    "INSERT INTO bank_statement VALUES (1, 900, " NO_HASH ", 'n', 'a', 0, 0, 1, 1, 0)",
    "INSERT INTO bank_entry VALUES (1, 900, 1, 280, 110, 'r', 'p', 'matched', 'receipt', 320, 401)",
};

/* The formulas of case/case.h, written a third time. */

static struct hash row_hash(int64_t id, const char *body)
{
        char text[256];
        text_format(text, sizeof text, "1\n%lld\n1000\n7\n3\ntest.verb\nperson\n100\n%s", (long long)id, body);
        return hash_of(text, strlen(text));
}

static int add_row(struct tx *tx, int64_t id, int64_t seal, struct hash *out, struct error *err)
{
        *out = row_hash(id, "{\"a\":1}");
        return tx_exec(tx, err,
                       "INSERT INTO audit_row (home, id, at, actor, office, verb, subject_kind, "
                       "subject, body, hash, seal) "
                       "VALUES (1, ?1@int, 1000, 7, 3, 'test.verb', 'person', 100, '{\"a\":1}', "
                       "?2@blob, ?3@int)",
                       "ibi", id, ((struct str){(const char *)out->b, HASH_BYTES}), seal);
}

static struct hash merkle(struct hash *level, size_t n)
{
        while (n > 1) {
                size_t m = 0;
                for (size_t i = 0; i < n; i += 2) {
                        level[m++] = i + 1 < n ? hash_pair(&level[i], &level[i + 1]) : level[i];
                }
                n = m;
        }
        return level[0];
}

static struct hash head_of(const struct hash *previous, const struct hash *root, int sequence, int64_t first, int64_t count)
{
        char bytes[256];
        bytes[0] = 2;
        memcpy(bytes + 1, previous->b, HASH_BYTES);
        memcpy(bytes + 33, root->b, HASH_BYTES);
        text_format(bytes + 65, sizeof bytes - 65, "1 %d 0 %lld %lld %lld", sequence, (long long)first,
                    (long long)(first + count - 1), (long long)count);
        return hash_of(bytes, 65 + strlen(bytes + 65));
}

static int add_seal(struct tx *tx, const struct keyring *keys, struct hash *previous, int sequence, int64_t first,
                    int64_t count, struct error *err)
{
        struct hash leaves[16];
        unsigned char signature[64];
        int rc = 0;
        assert(count <= 16);
        for (int64_t i = 0; rc == 0 && i < count; i++) {
                rc = add_row(tx, first + i, sequence, &leaves[i], err);
        }
        struct hash root = merkle(leaves, (size_t)count);
        struct hash head = head_of(previous, &root, sequence, first, count);
        struct str bytes = {(const char *)head.b, HASH_BYTES};
        keyring_sign(keys, bytes, signature);
        if (rc == 0) {
                rc = tx_exec(tx, err,
                             "INSERT INTO audit_seal (home, sequence, day, first_id, last_id, "
                             "row_count, root, previous, head, "
                             "signature, sealed_at) VALUES (1, ?1@int, 0, ?2@int, ?3@int, ?4@int, "
                             "?5@blob, ?6@blob, ?7@blob, "
                             "?8@blob, 2000)",
                             "iiiibbbb", (int64_t)sequence, first, first + count - 1, count,
                             ((struct str){(const char *)root.b, HASH_BYTES}),
                             ((struct str){(const char *)previous->b, HASH_BYTES}), bytes,
                             ((struct str){(const char *)signature, sizeof signature}));
        }
        *previous = head;
        return rc;
}

int world_forge_chain(struct tx *tx, const struct keyring *keys, struct error *err)
{
        struct stmt *q = NULL;
        struct hash root, previous = {{9}};
        unsigned char signature[64];
        int rc = tx_one(&q, tx, err, "SELECT root FROM audit_seal WHERE sequence = 2", "");
        if (rc != 1) {
                return ERR;
        }
        memcpy(root.b, stmt_blob(q, 0).p, HASH_BYTES);
        struct hash head = head_of(&previous, &root, 2, 1010, 5);
        struct str bytes = {(const char *)head.b, HASH_BYTES};
        keyring_sign(keys, bytes, signature);
        return tx_exec(tx, err,
                       "UPDATE audit_seal SET previous = ?1@blob, head = ?2@blob, signature = "
                       "?3@blob WHERE sequence = 2",
                       "bbb", ((struct str){(const char *)previous.b, HASH_BYTES}), bytes,
                       ((struct str){(const char *)signature, sizeof signature}));
}

static char *kept[512];
static size_t kept_count;

void world_forget(void)
{
        while (kept_count > 0) {
                free(kept[--kept_count]);
        }
}

int world_script(struct tx *tx, const char *script, struct error *err)
{
        int rc = 0;
        while (rc == 0 && *script != '\0') {
                size_t n = strcspn(script, ";");
                char *one = strndup(script, n);
                if (!one || kept_count == sizeof kept / sizeof *kept) {
                        free(one);
                        return error_raise(err, SB_MEMORY, "%s", "");
                }
                kept[kept_count++] = one;
                rc = tx_exec(tx, err, one, "");
                script += n + (script[n] == ';');
        }
        return rc;
}

int world_build(struct tx *tx, const struct keyring *keys, struct error *err)
{
        struct hash previous = {{0}}, unsealed;
        int rc = 0;
        for (size_t i = 0; rc == 0 && i < sizeof rows / sizeof *rows; i++) {
                rc = tx_exec(tx, err, rows[i], "");
        }
        if (rc == 0) {
                rc = add_seal(tx, keys, &previous, 1, 1000, 7, err);
        }
        if (rc == 0) {
                rc = add_seal(tx, keys, &previous, 2, 1010, 5, err);
        }
        return rc == 0 ? add_row(tx, 1020, 0, &unsealed, err) : rc;
}
