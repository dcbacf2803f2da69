/* SPDX-License-Identifier: Apache-2.0
 *
 * The auditor finds nothing in a consistent database; each damage to one row gives exactly its
 * finding.
 */
#include "office/audit/audit.h"
#include "audit/world.h"
#include "support/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct damage {
        enum error_code code;
        const char *table, *key;
        const char *sql; /* NULL: the chain of seals is forged */
};

static const struct damage damages[] = {
    {SB_AUDIT_UNBALANCED, "ledger_transaction", "1/406", "UPDATE ledger_posting SET amount_fen = 6 WHERE id = 4061"},
    {SB_AUDIT_EMPTY, "ledger_transaction", "1/499",
     "INSERT INTO ledger_transaction VALUES (1, 24000, 499, 111, 'k', 'r', 1, 0, 1, 0)"},
    {SB_AUDIT_POSTING_DAY, "ledger_posting", "1/4010", "UPDATE ledger_posting SET day = 111 WHERE id = 4010"},
    {SB_AUDIT_POSTING_DAY, "ledger_posting", "1/4010", "UPDATE ledger_posting SET month = 24001 WHERE id = 4010"},
    {SB_AUDIT_SEALED_TOTAL, "ledger_sealed", "1/10/2/100", "UPDATE ledger_sealed SET total_fen = 281 WHERE kind = 2"},
    {SB_AUDIT_SEALED_TOTAL, "ledger_sealed", "1/10/2/100", "UPDATE ledger_sealed SET postings = 2 WHERE kind = 2"},
    {SB_AUDIT_SEALED_BALANCE, "ledger_sealed", "1/10/3/100", "UPDATE ledger_sealed SET balance_fen = 0 WHERE kind = 3"},
    {SB_AUDIT_SEALED_MISSING, "ledger_sealed", "1/10/4/100", "DELETE FROM ledger_sealed WHERE kind = 4"},
    {SB_AUDIT_REVERSAL, "ledger_transaction", "1/403", "UPDATE ledger_posting SET kind = 7 WHERE id = 4031"},
    {SB_AUDIT_REVERSAL, "ledger_transaction", "1/403", "UPDATE ledger_posting SET pool = 11 WHERE id = 4030"},
    {SB_AUDIT_REVERSED_TWICE, "ledger_transaction", "1/402",
     "DROP INDEX ledger_transaction_reverses; INSERT INTO ledger_transaction VALUES (1, 24000, "
     "405, 111, 'k', 'r', 1, 402, 1, 0); "
     "INSERT INTO ledger_posting VALUES (1, 24000, 4050, 405, 10, 1, 111, -5), (1, 24000, 4051, "
     "405, 10, 5, 111, 5)"},
    {SB_AUDIT_REVERSES_NOTHING, "ledger_transaction", "1/403", "UPDATE ledger_transaction SET reverses = 9999 WHERE id = 403"},
    {SB_AUDIT_PERSONAL_BALANCE, "personal_account", "1/500", "UPDATE personal_account SET balance_fen = 54 WHERE id = 500"},
    {SB_AUDIT_PERSONAL_POSTING, "ledger_transaction", "1/406", "UPDATE ledger_posting SET kind = 9 WHERE id = 4060"},
    {SB_AUDIT_MERGED, "person", "1/101", "UPDATE person SET state = 'merged' WHERE id = 101"},
    {SB_AUDIT_MERGED, "person_merge", "1/990",
     "UPDATE person SET state = 'merged' WHERE id = 101; INSERT INTO person_merge VALUES (1, 990, 100, 101, 'merged', 'r', 0, "
     "1, 0, 2, "
     "0, '', 0, 0, '')"},
    {SB_AUDIT_ASSESSMENT, "assessment", "1/310", "UPDATE assessment SET base_fen = 1001 WHERE id = 310"},
    {SB_AUDIT_ASSESSMENT, "assessment", "1/310", "UPDATE assessment_line SET employer_fen = 121 WHERE person = 100"},
    {SB_AUDIT_ASSESSMENT, "assessment", "1/310", "UPDATE assessment_line SET person_fen = 33 WHERE person = 101"},
    {SB_AUDIT_ASSESSMENT, "assessment", "1/310", "UPDATE assessment_line SET account_fen = 47 WHERE person = 100"},
    {SB_AUDIT_ASSESSMENT, "assessment", "1/310", "UPDATE assessment SET workers = 3 WHERE id = 310"},
    {SB_AUDIT_RECEIVED, "assessment", "1/310", "UPDATE assessment SET received_fen = 281 WHERE id = 310"},
    {SB_AUDIT_ALLOCATED, "receipt", "1/320", "UPDATE receipt SET allocated_fen = 279 WHERE id = 320"},
    {SB_AUDIT_OVERALLOCATED, "receipt", "1/322", "UPDATE receipt SET amount_fen = -1 WHERE id = 322"},
    {SB_AUDIT_ROSTER, "roster_line", "1/960/1", "UPDATE employment SET valid_from = 61 WHERE id = 224"},
    {SB_AUDIT_ROSTER, "roster_line", "1/960/1", "UPDATE roster_line SET person = 101 WHERE roster = 960"},
    {SB_AUDIT_ROSTER, "roster_line", "1/961/1", "UPDATE employment SET known_to = 253402214400000000 WHERE id = 223"},
    {SB_AUDIT_ROSTER, "roster", "1/961", "UPDATE roster_line SET state = 'done' WHERE roster = 961"},
    {SB_AUDIT_ROSTER, "roster", "1/960", "UPDATE roster_line SET state = 'waiting', written = 0 WHERE roster = 960"},
    {SB_AUDIT_ORPHAN, "roster_line", "1/9999", "UPDATE roster_line SET before = 9999 WHERE roster = 960"},
    {SB_AUDIT_AWARD, "award", "1/600", "UPDATE award SET extra_fen = 6 WHERE id = 600"},
    {SB_AUDIT_PAYMENT, "payment", "1/701/600", "UPDATE payment SET amount_fen = 91 WHERE run = 701"},
    {SB_AUDIT_PAYMENT_RUN, "payment_run", "1/702", "UPDATE payment_run SET due_fen = 91 WHERE id = 702"},
    {SB_AUDIT_PAYMENT_RUN, "payment_run", "1/702", "UPDATE payment_run SET account_fen = 9 WHERE id = 702"},
    {SB_AUDIT_PAYMENT_RUN, "payment_run", "1/702", "UPDATE payment_run SET fund_fen = 81 WHERE id = 702"},
    {SB_AUDIT_PAYMENT_RUN, "payment_run", "1/702", "UPDATE payment_run SET due_count = 2 WHERE id = 702"},
    {SB_AUDIT_RELEASED, "payment_run", "1/10", "UPDATE ledger_posting SET kind = 9 WHERE id = 4040"},
    {SB_AUDIT_RELEASED, "payment_run", "1/10", "UPDATE ledger_posting SET kind = 9 WHERE id = 4042"},
    {SB_AUDIT_PAID_TWICE, "payment", "1/24000/101",
     "INSERT INTO payment VALUES (1, 24000, 700, 601, 101, 'due', '', 0, 0, 0, 1, ''); "
     "UPDATE payment_run SET due_count = 2 WHERE id = 700"},
    {SB_AUDIT_PAYMENT_RUN, "payment_run", "1/702", "UPDATE payment_run SET stopped_count = 1 WHERE id = 702"},
    {SB_AUDIT_POSTED, "assessment", "1/400",
     "UPDATE assessment SET txn = 400, person_fen = 81 WHERE id = 310; UPDATE assessment_line SET "
     "person_fen = 49 WHERE person = 100; UPDATE late_fee SET principal_fen = 281; UPDATE arrears_order SET principal_fen = "
     "281"},
    {SB_AUDIT_POSTED, "receipt", "1/320", "UPDATE receipt SET amount_fen = 281 WHERE id = 320"},
    {SB_AUDIT_UNDONE, "assessment", "1/310",
     "INSERT INTO ledger_transaction VALUES (1, 24000, 407, 111, 'k', 'r', 1, 400, 1, 0); INSERT INTO ledger_posting VALUES "
     "(1, 24000, 4070, 407, 10, 2, 111, -280), (1, 24000, 4071, 407, 10, 3, 111, 200), (1, 24000, 4072, 407, 10, 4, 111, 80); "
     "INSERT INTO personal_entry VALUES (1, 24000, 514, 500, 407, 'k', -48, 0), (1, 24000, 515, 501, 407, 'k', -32, 0); "
     "UPDATE personal_account SET balance_fen = 5 WHERE id = 500; UPDATE personal_account SET balance_fen = -10 WHERE id = "
     "501"},
    {SB_AUDIT_UNDONE, "receipt", "1/322", "UPDATE receipt SET txn = 402, amount_fen = 5 WHERE id = 322"},
    {SB_AUDIT_UNDONE, "allocation", "1/330", "UPDATE allocation SET txn = 402 WHERE id = 330"},
    {SB_AUDIT_UNDONE, "payment_run", "1/702", "UPDATE payment_run SET txn = 402 WHERE id = 702"},
    {SB_AUDIT_UNDONE, "bank_entry", "1/900/1", "UPDATE bank_entry SET txn = 402"},
    {SB_AUDIT_UNDONE, "assessment", "1/310",
     "UPDATE ledger_transaction SET kind = 'contribution.credit', ref_id = 310 WHERE id = 402; UPDATE assessment SET state = "
     "'paid' WHERE id = 310"},
    {SB_AUDIT_OVERLAP, "person_fact", "1/111", "UPDATE person_fact SET valid_from = 49 WHERE id = 111"},
    {SB_AUDIT_OVERLAP, "person_fact", "1/112", "UPDATE person_fact SET valid_to = 50, known_to = 1 WHERE id = 112"},
    {SB_AUDIT_OVERLAP, "employer_fact", "1/211", "UPDATE employer_fact SET valid_from = 49 WHERE id = 211"},
    {SB_AUDIT_OVERLAP, "employment", "1/221", "UPDATE employment SET valid_from = 49 WHERE id = 221"},
    {SB_AUDIT_OVERLAP, "contribution", "1/231", "UPDATE contribution SET month_from = 23911 WHERE id = 231"},
    {SB_AUDIT_OVERLAP, "award_stop", "1/611", "UPDATE award_stop SET month_from = 24010 WHERE id = 611"},
    {SB_AUDIT_OVERLAP, "pack_activation", "2", "UPDATE pack_activation SET valid_from = 99 WHERE id = 2"},
    {SB_AUDIT_PERIOD, "person_fact", "1/114", "UPDATE person_fact SET valid_to = 0 WHERE id = 114"},
    {SB_AUDIT_PERIOD, "employer_fact", "1/212", "UPDATE employer_fact SET valid_to = 50 WHERE id = 212"},
    {SB_AUDIT_PERIOD, "employment", "1/222", "UPDATE employment SET valid_to = -1 WHERE id = 222"},
    {SB_AUDIT_PERIOD, "contribution", "1/230", "UPDATE contribution SET month_to = month_from WHERE id = 230"},
    {SB_AUDIT_PERIOD, "person_fact", "1/114", "UPDATE person_fact SET known_to = -1 WHERE id = 114"},
    {SB_AUDIT_PERIOD, "employer_fact", "1/212", "UPDATE employer_fact SET known_to = -1 WHERE id = 212"},
    {SB_AUDIT_PERIOD, "employment", "1/222", "UPDATE employment SET known_to = -1 WHERE id = 222"},
    {SB_AUDIT_PERIOD, "contribution", "1/232", "UPDATE contribution SET known_to = -1 WHERE id = 232"},
    {SB_AUDIT_PERIOD, "award", "1/600", "UPDATE award SET known_to = -1 WHERE id = 600"},
    {SB_AUDIT_PERIOD, "award_stop", "1/611", "UPDATE award_stop SET known_to = -1 WHERE id = 611"},
    {SB_AUDIT_NO_FACT, "person", "1/102", "DELETE FROM person_fact WHERE id = 114"},
    {SB_AUDIT_NO_FACT, "employer", "1/201", "DELETE FROM employer_fact WHERE id = 212"},
    {SB_AUDIT_DIRECTORY, "person", "1/102", "DELETE FROM directory WHERE person = 102"},
    {SB_AUDIT_ORPHAN, "ledger_posting", "1/402",
     "DELETE FROM ledger_transaction WHERE id = 403; DELETE FROM ledger_posting WHERE txn = 403; "
     "DELETE FROM ledger_transaction WHERE id = 402"},
    {SB_AUDIT_ORPHAN, "personal_entry", "1/501", "DELETE FROM personal_account WHERE id = 501"},
    {SB_AUDIT_ORPHAN, "personal_account", "1/9999", "UPDATE personal_account SET person = 9999 WHERE id = 501"},
    {SB_AUDIT_ORPHAN, "person_fact", "1/9999", "UPDATE person_fact SET person = 9999 WHERE id = 112"},
    {SB_AUDIT_ORPHAN, "directory", "1/9999", "INSERT INTO directory VALUES (CAST('i9' AS @blob), 1, 9999)"},
    {SB_AUDIT_ORPHAN, "employer_fact", "1/9999", "UPDATE employer_fact SET employer = 9999 WHERE id = 211"},
    {SB_AUDIT_ORPHAN, "employment", "1/9999", "UPDATE employment SET person = 9999 WHERE id = 222"},
    {SB_AUDIT_ORPHAN, "employment", "1/9999", "UPDATE employment SET employer = 9999 WHERE id = 222"},
    {SB_AUDIT_ORPHAN, "employment", "2/201", "UPDATE employment SET employer_home = 2 WHERE id = 222"},
    {SB_AUDIT_ORPHAN, "contribution", "1/9999", "UPDATE contribution SET person = 9999 WHERE id = 232"},
    {SB_AUDIT_ORPHAN, "contribution", "1/9999", "UPDATE contribution SET employer = 9999, employer_home = 1 WHERE id = 232"},
    {SB_AUDIT_ORPHAN, "contribution", "99", "UPDATE contribution SET pool = 99 WHERE id = 232"},
    {SB_AUDIT_ORPHAN, "declaration", "1/9999", "UPDATE declaration SET employer = 9999 WHERE id = 300"},
    {SB_AUDIT_ORPHAN, "declaration_line", "1/9999", "UPDATE declaration_line SET person = 9999 WHERE person = 101"},
    {SB_AUDIT_ORPHAN, "declaration_line", "1/301", "UPDATE declaration_line SET declaration = 301 WHERE person = 101"},
    {SB_AUDIT_ORPHAN, "assessment", "1/301", "UPDATE assessment SET declaration = 301 WHERE id = 310"},
    {SB_AUDIT_ORPHAN, "assessment", "1/9999", "UPDATE assessment SET txn = 9999 WHERE id = 310"},
    {SB_AUDIT_ORPHAN, "assessment", "99", "UPDATE assessment SET pool = 99 WHERE id = 310"},
    {SB_AUDIT_ORPHAN, "assessment_line", "1/9999", "UPDATE assessment_line SET person = 9999 WHERE person = 101"},
    {SB_AUDIT_ORPHAN, "assessment_line", "1/311", "INSERT INTO assessment_line VALUES (1, 311, 1, 100, 0, 0, 0, 0)"},
    {SB_AUDIT_ORPHAN, "receipt", "1/9999", "UPDATE receipt SET employer = 9999 WHERE id = 320"},
    {SB_AUDIT_ORPHAN, "receipt", "1/9999", "UPDATE receipt SET txn = 9999 WHERE id = 320"},
    {SB_AUDIT_ORPHAN, "allocation", "1/321", "INSERT INTO allocation VALUES (1, 339, 321, 310, 0, 0, 0)"},
    {SB_AUDIT_ORPHAN, "allocation", "1/311", "INSERT INTO allocation VALUES (1, 339, 320, 311, 0, 0, 0)"},
    {SB_AUDIT_ORPHAN, "allocation", "1/9999", "UPDATE allocation SET txn = 9999 WHERE id = 330"},
    {SB_AUDIT_ORPHAN, "award", "1/9999", "UPDATE award SET person = 9999 WHERE id = 600"},
    {SB_AUDIT_ORPHAN, "award", "1/9999", "UPDATE award SET decision = 9999 WHERE id = 600"},
    {SB_AUDIT_ORPHAN, "award", "1/9999", "UPDATE award SET instance = 9999 WHERE id = 600"},
    {SB_AUDIT_ORPHAN, "award", "99", "UPDATE award SET pool = 99 WHERE id = 600"},
    {SB_AUDIT_ORPHAN, "award_stop", "1/609", "UPDATE award_stop SET award = 609 WHERE id = 611"},
    {SB_AUDIT_ORPHAN, "payment_run", "99", "UPDATE payment_run SET pool = 99 WHERE id = 702"},
    {SB_AUDIT_ORPHAN, "payment", "1/709", "INSERT INTO payment VALUES (1, 24009, 709, 600, 101, 'due', '', 0, 0, 0, 1, '')"},
    {SB_AUDIT_ORPHAN, "payment", "1/609", "UPDATE payment SET award = 609 WHERE run = 702"},
    {SB_AUDIT_ORPHAN, "payment_file", "1/709", "UPDATE payment_file SET run = 709"},
    {SB_AUDIT_POSTED, "bank_return", "1/900", "INSERT INTO bank_return VALUES (1, 900, 700, 1, 1, 5, 0, 0)"},
    {SB_AUDIT_POSTED, "bank_return", "1/900", "INSERT INTO bank_return VALUES (1, 900, 700, 1, 1, 0, 1, 5)"},
    {SB_AUDIT_ORPHAN, "bank_return", "1/901", "INSERT INTO bank_return VALUES (1, 901, 700, 1, 1, 0, 0, 0)"},
    {SB_AUDIT_ORPHAN, "bank_return", "1/709", "INSERT INTO bank_return VALUES (1, 900, 709, 1, 1, 0, 0, 0)"},
    {SB_AUDIT_ORPHAN, "bank_entry", "1/901", "UPDATE bank_entry SET statement = 901"},
    {SB_AUDIT_ORPHAN, "bank_entry", "1/9999", "UPDATE bank_entry SET txn = 9999"},
    {SB_AUDIT_ORPHAN, "decision", "1/9999", "UPDATE decision SET person = 9999"},
    {SB_AUDIT_ORPHAN, "decision", "1/9999", "UPDATE decision SET instance = 9999"},
    {SB_AUDIT_ORPHAN, "document", "1/9999", "UPDATE document SET person = 9999"},
    {SB_AUDIT_ORPHAN, "task", "1/9999", "UPDATE task SET instance = 9999"},
    {SB_AUDIT_ORPHAN, "timer", "1/9999", "UPDATE timer SET instance = 9999"},
    {SB_AUDIT_ORPHAN, "effect", "1/9999", "UPDATE effect SET instance = 9999"},
    {SB_AUDIT_ORPHAN, "run_fault", "1/9999", "UPDATE run_fault SET run = 9999"},
    {SB_AUDIT_ORPHAN, "pack_activation", "99", "UPDATE pack_activation SET pool = 99 WHERE id = 2"},
    {SB_AUDIT_ORPHAN, "pack_activation", "2", "UPDATE pack_activation SET pack_hash = CAST('x' AS @blob) WHERE id = 2"},
    {SB_AUDIT_ORPHAN, "personal_account", "99", "UPDATE personal_account SET pool = 99 WHERE id = 501"},
    {SB_AUDIT_ORPHAN, "ledger_posting", "99", "UPDATE ledger_posting SET pool = 99 WHERE txn = 401"},
    {SB_AUDIT_ROW_HASH, "audit_row", "1/1003", "UPDATE audit_row SET body = '{\"a\":2}' WHERE id = 1003"},
    {SB_AUDIT_ROW_HASH, "audit_row", "1/1003", "UPDATE audit_row SET actor = 8 WHERE id = 1003"},
    {SB_AUDIT_ROW_HASH, "audit_row", "1/1020", "UPDATE audit_row SET hash = CAST('h' AS @blob) WHERE id = 1020"},
    {SB_AUDIT_SEAL_ROOT, "audit_seal", "1/1", "DELETE FROM audit_row WHERE id = 1002"},
    {SB_AUDIT_SEAL_ROOT, "audit_seal", "1/2", "UPDATE audit_row SET seal = 0 WHERE id = 1014"},
    {SB_AUDIT_SEAL_CHAIN, "audit_seal", "1/2", NULL},
    {SB_AUDIT_SIGNATURE, "audit_seal", "1/1",
     "UPDATE audit_seal SET signature = (SELECT signature FROM audit_seal WHERE sequence = 2) "
     "WHERE sequence = 1"},
    {SB_AUDIT_SEAL_HEAD, "audit_seal", "1/1", "UPDATE audit_seal SET sealed_at = 200000000000 WHERE sequence = 1"},
    /* The same wrong late fee everywhere: only computing it anew tells. */
    {SB_AUDIT_LATE_FEE, "late_fee", "1/961",
     "UPDATE late_fee SET fee_fen = 2; UPDATE arrears_order SET fee_fen = 2; UPDATE ledger_posting SET amount_fen = 2 WHERE id "
     "= 4080; UPDATE ledger_posting SET amount_fen = -2 WHERE id = 4081"},
    {SB_AUDIT_LATE_FEE, "late_fee", "1/961",
     "UPDATE late_fee SET principal_fen = 279; UPDATE arrears_order SET principal_fen = 279"},
    {SB_AUDIT_LATE_FEE, "late_fee", "1/961", "UPDATE late_fee SET from_day = 107"},
    {SB_AUDIT_LATE_FEE, "late_fee", "1/961", "UPDATE declaration SET due_day = 104 WHERE id = 300"},
    {SB_AUDIT_LATE_FEE, "late_fee", "1/961", "UPDATE receipt SET day = 108 WHERE id = 320"},
    {SB_AUDIT_LATE_FEE, "late_fee", "1/961", "UPDATE decision SET derivation = '{}' WHERE id = 811"},
    {SB_AUDIT_LATE_FEE, "late_fee", "1/961", "UPDATE decision SET derivation = '" WORLD_FIGURES("0.2") "' WHERE id = 811"},
    {SB_AUDIT_LATE_FEE, "arrears_order", "1/950", "UPDATE arrears_order SET principal_fen = 281"},
    {SB_AUDIT_LATE_FEE, "arrears_order", "1/950", "UPDATE arrears_order SET day = 110"},
    {SB_AUDIT_RECEIVED, "late_fee", "1/961", "UPDATE late_fee SET received_fen = 1, state = 'paid'"},
    {SB_AUDIT_RECEIVED, "late_fee", "1/961", "UPDATE late_fee SET state = 'paid'"},
    {SB_AUDIT_POSTED, "arrears_order", "1/950",
     "UPDATE ledger_posting SET amount_fen = 2 WHERE id = 4080; UPDATE ledger_posting SET amount_fen = -2 WHERE id = 4081"},
    {SB_AUDIT_ORPHAN, "arrears_order", "1/9999", "UPDATE arrears_order SET employer = 9999"},
    {SB_AUDIT_ORPHAN, "late_fee", "1/9999", "UPDATE late_fee SET decision = 9999"},
    {SB_AUDIT_PAYMENT, "payment_claim", "1/970", "UPDATE payment_claim SET fund_fen = 29 WHERE id = 970"},
    {SB_AUDIT_POSTED, "payment_claim", "1/970", "UPDATE payment_claim SET amount_fen = 31, fund_fen = 31 WHERE id = 970"},
    {SB_AUDIT_POSTED, "payment_claim", "1/970", "UPDATE payment_claim SET account_fen = 5, fund_fen = 25 WHERE id = 970"},
    {SB_AUDIT_UNDONE, "payment_claim", "1/970", "UPDATE payment_claim SET state = 'cancelled' WHERE id = 970"},
    {SB_AUDIT_ORPHAN, "payment_claim", "1/9999", "UPDATE payment_claim SET payee = 9999 WHERE id = 970"},
    {SB_AUDIT_ORPHAN, "payment_claim", "1/9999", "UPDATE payment_claim SET account = 9999 WHERE id = 970"},
    {SB_AUDIT_ORPHAN, "payment_claim", "1/9999", "UPDATE payment_claim SET decision = 9999 WHERE id = 970"},
    {SB_AUDIT_ORPHAN, "payment_claim", "1/9999", "UPDATE payment_claim SET instance = 9999 WHERE id = 970"},
    {SB_AUDIT_ORPHAN, "payment_claim", "1/9999", "UPDATE payment_claim SET posted = 0, txn = 9999 WHERE id = 970"},
    {SB_AUDIT_ORPHAN, "payment_claim", "99", "UPDATE payment_claim SET pool = 99 WHERE id = 970"},
    {SB_AUDIT_ORPHAN, "payment_payee", "1/9999",
     "INSERT INTO payment_payee VALUES (1, 972, 9999, CAST('x' AS @blob), 'refused', '', 1, 0, 0, 0)"},
    {SB_AUDIT_PAYMENT, "claim_payment", "1/703/974", "UPDATE payment_claim SET account_fen = 1, fund_fen = 39 WHERE id = 974"},
    {SB_AUDIT_PAID_TWICE, "payment_claim", "1/974",
     "INSERT INTO payment_run SELECT home, 704, pool, month, 2, 'computed', list_hash, due_count, due_fen, stopped_count, "
     "account_fen, fund_fen, entered_by, released_by, released_at, pay_day, txn, file_hash, version, kind FROM payment_run "
     "WHERE "
     "id = 703; INSERT INTO claim_payment VALUES (1, 24003, 704, 974, 'due', 40, 0, 40, 975, '')"},
    {SB_AUDIT_RELEASED, "payment_claim", "1/974", "UPDATE payment_claim SET state = 'returned' WHERE id = 974"},
    {SB_AUDIT_RELEASED, "payment_claim", "1/974", "UPDATE payment_run SET state = 'filed' WHERE id = 703"},
    {SB_AUDIT_PAID_TWICE, "payment", "1/702/600", "UPDATE payment SET state = 'claimed' WHERE run = 702"},
    {SB_AUDIT_ORPHAN, "claim_payment", "1/9999", "UPDATE claim_payment SET payee = 9999"},
    {SB_AUDIT_ORPHAN, "payment_claim", "1/9999", "UPDATE payment_claim SET source_run = 9999 WHERE id = 974"},
    {SB_AUDIT_ADJUSTMENT, "assessment", "1/312", "UPDATE assessment SET reduced_fen = 6 WHERE id = 312"},
    {SB_AUDIT_ADJUSTMENT, "assessment", "1/312", "UPDATE assessment SET state = 'open' WHERE id = 312"},
    {SB_AUDIT_ADJUSTMENT, "adjustment_reduction", "1/310/102",
     "INSERT INTO adjustment_reduction VALUES (1, 310, 980, 1, 102, 0, 0, 0, 0)"},
    {SB_AUDIT_ADJUSTMENT, "adjustment_line", "1/981/102", "UPDATE adjustment_line SET base_fen = 516 WHERE adjustment = 981"},
    {SB_AUDIT_ADJUSTMENT, "adjustment_line", "1/980/102",
     "UPDATE adjustment_line SET old_account_fen = 41 WHERE adjustment = 980"},
    {SB_AUDIT_ADJUSTMENT, "adjustment", "1/981", "UPDATE adjustment SET supplement_fen = 13 WHERE id = 981"},
    {SB_AUDIT_ADJUSTMENT, "adjustment", "1/980", "UPDATE adjustment SET reduced_fen = 8 WHERE id = 980"},
    {SB_AUDIT_ADJUSTMENT, "adjustment", "1/980", "UPDATE adjustment SET excess_fen = 6 WHERE id = 980"},
    {SB_AUDIT_ADJUSTMENT, "adjustment", "1/980", "UPDATE adjustment SET refunded_fen = 4 WHERE id = 980"},
    {SB_AUDIT_ADJUSTMENT, "adjustment", "1/980", "UPDATE adjustment SET account_fen = 1 WHERE id = 980"},
    {SB_AUDIT_ADJUSTMENT, "adjustment", "1/980", "UPDATE ledger_posting SET kind = 9 WHERE id = 4123"},
    {SB_AUDIT_ADJUSTMENT, "adjustment", "1/980", "UPDATE ledger_posting SET kind = 2 WHERE id = 4121"},
    {SB_AUDIT_ADJUSTMENT, "adjustment", "1/980", "UPDATE adjustment SET state = 'reversed' WHERE id = 980"},
    {SB_AUDIT_ADJUSTMENT, "receipt", "1/323", "UPDATE receipt SET refunded_fen = 2 WHERE id = 323"},
    {SB_AUDIT_POSTED, "ledger_transaction", "1/415", "UPDATE ledger_posting SET kind = 9 WHERE id = 4150"},
    {SB_AUDIT_POSTED, "ledger_transaction", "1/415", "UPDATE ledger_posting SET kind = 9 WHERE id = 4151"},
    {SB_AUDIT_ORPHAN, "adjustment", "1/9999", "UPDATE adjustment SET person = 9999 WHERE id = 981"},
    {SB_AUDIT_ORPHAN, "adjustment", "1/9999", "UPDATE adjustment SET instance = 9999 WHERE id = 980"},
    {SB_AUDIT_SEAL_UNKNOWN, "audit_row", "1/9", "UPDATE audit_row SET seal = 9 WHERE id = 1020"},
};

struct trial {
        const struct keyring *keys;
        const struct damage *damage; /* NULL: none */
        struct audit_result result;
        bool right;
        char said[1024];
};

static void hear(void *ctx, const struct audit_finding *f)
{
        struct trial *t = ctx;
        char name[8];
        t->right = t->damage && f->code == t->damage->code && strcmp(f->table, t->damage->table) == 0 &&
                   str_is(f->key, t->damage->key);
        size_t n = strlen(t->said);
        text_format(t->said + n, sizeof t->said - n, "%s %s %.*s %.*s: %.*s, %.*s\n", error_name(f->code, name), f->table,
                    (int)f->key.n, f->key.p, (int)f->field.n, f->field.p, (int)f->expected.n, f->expected.p, (int)f->found.n,
                    f->found.p);
}

static int try(struct tx *tx, void *ctx, struct error *err)
{
        struct trial *t = ctx;
        struct audit_options options = {.keys = t->keys};
        int rc = 0;
        t->said[0] = '\0';
        if (t->damage) {
                rc = t->damage->sql ? world_script(tx, t->damage->sql, err) : world_forge_chain(tx, t->keys, err);
        }
        if (rc == 0) {
                rc = audit_run_in(&t->result, tx, &options, hear, t, err);
        }
        return rc == 0 ? error_raise(err, SB_OVERFLOW, "%s", "roll back") : rc;
}

static int build(struct tx *tx, void *ctx, struct error *err)
{
        return world_build(tx, ctx, err);
}

static struct store *world(void **state, struct keyring **keys)
{
        struct store *s = test_store_new(*(enum test_engine *)*state);
        struct error err = {0};
        if (!s) {
                skip();
        }
        assert_int_equal(keyring_demo(keys, 1, &err), 0);
        if (store_write(s, build, *keys, &err) != 0) {
                char text[1024];
                fail_msg("%s", error_text(&err, LANG_EN, text, sizeof text));
        }
        return s;
}

static void test_a_consistent_database(void **state)
{
        struct keyring *keys = NULL;
        struct store *s = world(state, &keys);
        struct trial t = {.keys = keys};
        struct audit_options options = {.keys = keys};
        struct error err = {0};
        assert_int_equal(audit_run(&t.result, s, &options, hear, &t, &err), 0);
        assert_string_equal(t.said, "");
        assert_int_equal(t.result.findings, 0);
        assert_true(t.result.checks > 80);
        keyring_free(keys);
        store_close(s);
}

static void test_an_empty_database(void **state)
{
        struct store *s = test_store_new(*(enum test_engine *)*state);
        struct audit_result result = {0};
        struct error err = {0};
        if (!s) {
                skip();
        }
        assert_int_equal(audit_run(&result, s, NULL, NULL, NULL, &err), 0);
        assert_int_equal(result.findings, 0);
        store_close(s);
}

static void test_each_damage_is_found_alone(void **state)
{
        struct keyring *keys = NULL;
        struct store *s = world(state, &keys);
        int wrong = 0;
        for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
                struct trial t = {.keys = keys, .damage = &damages[i]};
                struct error err = {0};
                char text[1024];
                store_write(s, try, &t, &err);
                if (err.code != SB_OVERFLOW) {
                        print_error("%s\n  %s\n", damages[i].sql, error_text(&err, LANG_EN, text, sizeof text));
                        wrong++;
                } else if (t.result.findings != 1 || !t.right) {
                        print_error("%s\n  expected %s %s, found:\n%s", damages[i].sql, damages[i].table, damages[i].key,
                                    t.said);
                        wrong++;
                }
        }
        struct trial t = {.keys = keys};
        struct error err = {0};
        store_write(s, try, &t, &err);
        assert_string_equal(t.said, "");
        keyring_free(keys);
        store_close(s);
        world_forget();
        assert_int_equal(wrong, 0);
}

static void test_another_installation_has_other_keys(void **state)
{
        struct keyring *keys = NULL, *others = NULL;
        struct store *s = world(state, &keys);
        struct error err = {0};
        assert_int_equal(keyring_demo(&others, 2, &err), 0);
        struct trial t = {.keys = others};
        struct audit_options options = {.keys = others};
        assert_int_equal(audit_run(&t.result, s, &options, hear, &t, &err), 0);
        assert_int_equal(t.result.findings, 2);
        assert_non_null(strstr(t.said, "SB-0789"));
        keyring_free(others);
        keyring_free(keys);
        store_close(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(test_an_empty_database),
            TEST_ON_BOTH(test_a_consistent_database),
            TEST_ON_BOTH(test_each_damage_is_found_alone),
            TEST_ON_BOTH(test_another_installation_has_other_keys),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
