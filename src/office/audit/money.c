/* SPDX-License-Identifier: Apache-2.0
 *
 * Money: every total against the rows that it is the total of.
 */
#include "office/audit/internal.h"

/* Raw totals of a day, and the running balance that follows from them. */
#define DAYS                                                                                                                   \
        "WITH days AS (SELECT home, pool, kind, day, SUM(amount_fen) AS total, COUNT(*) AS "                                   \
        "postings, "                                                                                                           \
        "SUM(SUM(amount_fen)) OVER (PARTITION BY home, pool, kind ORDER BY day) AS balance "                                   \
        "FROM ledger_posting GROUP BY home, pool, kind, day) "
#define SEALED_KEY                                                                                                             \
        "CAST(s.home AS @text) || '/' || CAST(s.pool AS @text) || '/' || CAST(s.kind AS @text) "                               \
        "|| '/' || CAST(s.day AS @text)"
#define SEALED_JOIN                                                                                                            \
        "FROM ledger_sealed s LEFT JOIN days d ON d.home = s.home AND d.pool = s.pool AND d.kind "                             \
        "= s.kind "                                                                                                            \
        "AND d.day = s.day "

/* One column of an assessment against the sum of its lines. */
#define LINES(column)                                                                                                          \
        {                                                                                                                      \
                SB_AUDIT_ASSESSMENT, "assessment",                                                                             \
                    "SELECT " KEY2("a.home", "a.id") ", '" column "', " T("COALESCE(l.total, 0)") ", " T(                      \
                        "a." column) " FROM assessment a LEFT JOIN (SELECT home, "                                             \
                                     "assessment, SUM(" column ") AS total FROM assessment_line "                              \
                                     "GROUP BY home, assessment) l ON l.home = "                                               \
                                     "a.home AND l.assessment = a.id "                                                         \
                                     "WHERE a." column " <> COALESCE(l.total, 0)"                                              \
        }

/* A sum of a return file against its entries. */
#define RETURN(column, kind, sign)                                                                                             \
        {                                                                                                                      \
                SB_AUDIT_POSTED, "bank_return",                                                                                \
                    "SELECT " KEY2("b.home", "b.statement") ", '" column "', " T("COALESCE(e.total, 0)") ", " T(               \
                        "b." column) " FROM bank_return b LEFT JOIN (SELECT home, statement, SUM(" sign                        \
                                     "amount_fen) AS total "                                                                   \
                                     "FROM bank_entry WHERE matched_kind = '" kind                                             \
                                     "' GROUP BY home, statement) e ON e.home = "                                              \
                                     "b.home AND e.statement = b.statement WHERE b." column " <> COALESCE(e.total, 0)"         \
        }

/* One number of a payment run against its payments. */
#define RUN_TOTAL(column, sum)                                                                                                 \
        {                                                                                                                      \
                SB_AUDIT_PAYMENT_RUN, "payment_run",                                                                           \
                    "SELECT " KEY2("r.home", "r.id") ", '" column "', " T("COALESCE(p.total, 0)") ", " T(                      \
                        "r." column) " FROM payment_run r LEFT JOIN "                                                          \
                                     "(SELECT home, run, SUM(" sum ") AS total FROM payment_row GROUP BY "                     \
                                     "home, run) p ON p.home = r.home AND "                                                    \
                                     "p.run = r.id WHERE r.state NOT IN "                                                      \
                                     "('freezing', 'cancelled', "                                                              \
                                     "'takeover') AND r." column " <> COALESCE(p.total, 0)"                                    \
        }
#define DUE(column) "CASE WHEN state = 'stopped' THEN 0 ELSE " column " END"

/* What all released runs of a pool owe the payees, and take from fund and accounts, as posted. A
 * payment that came back and was paid anew (repaid) was taken back by the posting of the newer run.
 */
#define RELEASED(name, kind, amount)                                                                                           \
        {                                                                                                                      \
                SB_AUDIT_RELEASED, "payment_run",                                                                              \
                    "SELECT " KEY2("home", "pool") ", '" name "', " T("SUM(owed)") ", " T(                                     \
                        "SUM(posted)") " FROM (SELECT r.home, r.pool, " amount                                                 \
                                       " AS owed, 0 AS posted FROM payment_run r JOIN payment p "                              \
                                       "ON p.home = "                                                                          \
                                       "r.home AND p.run = r.id WHERE r.state IN ('released', "                                \
                                       "'filed', "                                                                             \
                                       "'settled') AND p.state NOT IN ('stopped', 'repaid') "                                  \
                                       "UNION ALL "                                                                            \
                                       "SELECT p.home, p.pool, 0, p.amount_fen FROM "                                          \
                                       "ledger_transaction t "                                                                 \
                                       "JOIN ledger_posting p ON p.home = t.home AND p.txn = "                                 \
                                       "t.id "                                                                                 \
                                       "WHERE t.kind = 'payment.release' AND p.kind = " kind                                   \
                                       ") x WHERE NOT EXISTS (SELECT 1 FROM payment_run r WHERE "                              \
                                       "r.home = "                                                                             \
                                       "x.home AND r.pool = x.pool AND r.state = 'releasing') "                                \
                                       "GROUP BY home, pool HAVING SUM(owed) <> SUM(posted)"                                   \
        }

/* One-off payments that were posted by themselves, against an account of their transaction. */
#define CLAIMED(name, kind, sign, column)                                                                                      \
        {                                                                                                                      \
                SB_AUDIT_POSTED, "payment_claim",                                                                              \
                    "SELECT " KEY2("k.home", "k.id") ", '" name "', " T("k." column) ", " T(                                   \
                        "COALESCE(p.total, 0)") " FROM payment_claim k LEFT JOIN (SELECT home, txn, SUM(" sign                 \
                                                "amount_fen) AS total FROM ledger_posting WHERE kind = " kind                  \
                                                " GROUP BY home, txn) p ON p.home = k.home AND p.txn = k.txn WHERE k.posted "  \
                                                "= 1 AND k." column " <> COALESCE(p.total, 0)"                                 \
        }

/* A row whose transaction was reversed without it. */
#define UNDONE(table, key)                                                                                                     \
        {                                                                                                                      \
                SB_AUDIT_UNDONE, table,                                                                                        \
                    "SELECT " key ", 'txn', '', " T("r.id") " FROM ledger_transaction r JOIN " table                           \
                                                            " x ON x.home = r.home AND x.txn = r.reverses WHERE r.reverses "   \
                                                            "<> 0"                                                             \
        }

const struct audit_check audit_money[] = {
    {SB_AUDIT_UNBALANCED, "ledger_transaction",
     "SELECT " KEY2("home", "txn") ", '', '0', " T("SUM(amount_fen)") " FROM ledger_posting "
                                                                      "GROUP BY home, txn HAVING SUM(amount_fen) <> 0"},
    {SB_AUDIT_EMPTY, "ledger_transaction",
     "SELECT " KEY2("t.home", "t.id") ", '', 'postings', 'none' FROM ledger_transaction t WHERE NOT EXISTS "
                                      "(SELECT 1 FROM ledger_posting p WHERE p.home = t.home AND p.txn = t.id)"},
    {SB_AUDIT_POSTING_DAY, "ledger_posting",
     "SELECT " KEY2("p.home", "p.id") ", '', " KEY2("t.month", "t.day") ", " KEY2(
         "p.month", "p.day") " FROM ledger_posting p JOIN ledger_transaction t ON t.home = p.home "
                             "AND t.id = p.txn "
                             "WHERE t.day <> p.day OR t.month <> p.month"},
    {SB_AUDIT_SEALED_TOTAL, "ledger_sealed",
     DAYS "SELECT " SEALED_KEY ", 'total_fen', " T("COALESCE(d.total, 0)") ", " T(
         "s.total_fen") " " SEALED_JOIN "WHERE s.total_fen <> COALESCE(d.total, 0)"},
    {SB_AUDIT_SEALED_TOTAL, "ledger_sealed",
     DAYS "SELECT " SEALED_KEY ", 'postings', " T("COALESCE(d.postings, 0)") ", " T(
         "s.postings") " " SEALED_JOIN "WHERE s.postings <> COALESCE(d.postings, 0)"},
    {SB_AUDIT_SEALED_BALANCE, "ledger_sealed",
     DAYS "SELECT " SEALED_KEY ", 'balance_fen', " T("d.balance") ", " T("s.balance_fen") " " SEALED_JOIN
                                                                                          "WHERE s.balance_fen <> d.balance"},
    {SB_AUDIT_SEALED_MISSING, "ledger_sealed",
     DAYS "SELECT CAST(d.home AS @text) || '/' || CAST(d.pool AS @text) || '/' || CAST(d.kind AS "
          "@text) || '/' || "
          "CAST(d.day AS @text), '', " T("d.total") ", '' FROM days d JOIN ledger_seal w ON w.home = d.home "
                                                    "WHERE d.day < w.sealed_before AND NOT EXISTS (SELECT 1 FROM "
                                                    "ledger_sealed s WHERE s.home = d.home "
                                                    "AND s.pool = d.pool AND s.kind = d.kind AND s.day = d.day)"},
    {SB_AUDIT_REVERSAL, "ledger_transaction",
     "SELECT " KEY2("home", "id") ", '', '0', " T(
         "COUNT(*)") " FROM "
                     "(SELECT home, id, pool, kind FROM "
                     "(SELECT t.home, t.id, p.pool, p.kind, p.amount_fen FROM ledger_transaction t "
                     "JOIN ledger_posting p "
                     "ON p.home = t.home AND p.txn = t.id WHERE t.reverses <> 0 AND EXISTS (SELECT "
                     "1 FROM ledger_transaction o "
                     "WHERE o.home = t.home AND o.id = t.reverses) UNION ALL "
                     "SELECT t.home, t.id, p.pool, p.kind, p.amount_fen FROM ledger_transaction t "
                     "JOIN ledger_posting p "
                     "ON p.home = t.home AND p.txn = t.reverses WHERE t.reverses <> 0) both_sides "
                     "GROUP BY home, id, pool, kind HAVING SUM(amount_fen) <> 0) unequal GROUP BY "
                     "home, id"},
    {SB_AUDIT_REVERSED_TWICE, "ledger_transaction",
     "SELECT " KEY2("home", "reverses") ", 'reverses', '1', " T(
         "COUNT(*)") " FROM ledger_transaction "
                     "WHERE reverses <> 0 GROUP BY home, reverses HAVING COUNT(*) > 1"},
    {SB_AUDIT_REVERSES_NOTHING, "ledger_transaction",
     "SELECT " KEY2("r.home", "r.id") ", 'reverses', '', " T(
         "r.reverses") " FROM ledger_transaction r "
                       "WHERE r.reverses <> 0 AND NOT EXISTS (SELECT 1 FROM ledger_transaction t "
                       "WHERE t.home = r.home "
                       "AND t.id = r.reverses AND t.reverses = 0)"},
    {SB_AUDIT_PERSONAL_BALANCE, "personal_account",
     "SELECT " KEY2("a.home", "a.id") ", 'balance_fen', " T("COALESCE(e.total, 0)") ", " T(
         "a.balance_fen") " FROM personal_account a LEFT JOIN (SELECT home, account, "
                          "SUM(amount_fen) AS total FROM personal_entry "
                          "GROUP BY home, account) e ON e.home = a.home AND e.account = a.id "
                          "WHERE a.balance_fen <> COALESCE(e.total, 0)"},
    {SB_AUDIT_PERSONAL_POSTING, "ledger_transaction",
     "SELECT " KEY2("home", "txn") ", 'personal', " T("SUM(posted)") ", " T(
         "SUM(entered)") " FROM "
                         "(SELECT home, txn, -amount_fen AS posted, 0 AS entered FROM "
                         "ledger_posting WHERE kind = 4 UNION ALL "
                         "SELECT home, txn, 0, amount_fen FROM personal_entry) both_sides "
                         "GROUP BY home, txn HAVING SUM(posted) <> SUM(entered)"},
    /* Interest: each line against the account's entry, what it rests on against the entries before it, the run against its lines. */
    {SB_AUDIT_POSTED, "interest_line",
     "SELECT " KEY3("l.home", "l.run", "l.account") ", 'interest_fen', " T("COALESCE(e.total, 0)") ", " T(
         "l.interest_fen") " FROM interest_line l LEFT JOIN (SELECT home, account, txn, SUM(amount_fen) AS total FROM "
                           "personal_entry WHERE kind = 'interest' GROUP BY home, account, txn) e ON e.home = l.home AND "
                           "e.account = l.account AND e.txn = l.txn WHERE l.interest_fen <> COALESCE(e.total, 0)"},
    {SB_AUDIT_POSTED, "interest_line",
     "SELECT " KEY3("l.home", "l.run", "l.account") ", 'opening_fen', " T("COALESCE(SUM(x.amount_fen), 0)") ", " T(
         "l.opening_fen") " FROM interest_line l JOIN interest_run r ON r.home = l.home AND r.id = l.run LEFT JOIN (SELECT "
                          "e.home, e.account, e.amount_fen, e.at, CASE WHEN COALESCE(o.kind, t.kind) IN ('account.interest', "
                          "'account.merge') "
                          "THEN e.month ELSE t.month END AS counts FROM personal_entry e JOIN ledger_transaction t ON t.home = "
                          "e.home "
                          "AND t.id = e.txn LEFT JOIN ledger_transaction o ON o.home = t.home AND o.id = t.reverses AND "
                          "t.reverses <> 0) x ON x.home = l.home AND x.account = l.account AND x.at <= l.at AND x.counts < "
                          "r.year * 12 GROUP BY l.home, l.run, l.account, l.opening_fen HAVING l.opening_fen <> "
                          "COALESCE(SUM(x.amount_fen), 0)"},
    {SB_AUDIT_POSTED, "interest_run",
     "SELECT " KEY2("r.home", "r.id") ", 'total_fen', " T("COALESCE(l.total, 0)") ", " T(
         "r.total_fen") " FROM interest_run r LEFT JOIN (SELECT home, run, SUM(interest_fen) AS total FROM interest_line GROUP "
                        "BY home, run) l ON l.home = r.home AND l.run = r.id WHERE r.total_fen <> COALESCE(l.total, 0)"},
    {SB_AUDIT_UNDONE, "interest_line",
     "SELECT " KEY3("l.home", "l.run", "l.account") ", 'txn', '', " T(
         "t.id") " FROM interest_line l JOIN interest_run r ON r.home = l.home AND r.id = l.run JOIN ledger_transaction t ON "
                 "t.home = l.home AND t.reverses = l.txn WHERE l.txn <> 0 AND r.state IN ('running', 'posted')"},
    /* The answer of a bank: what left and what came back against its entries. */
    RETURN("total_fen", "payment_run", "-"),
    RETURN("returned_fen", "payment", ""),
    LINES("base_fen"),
    LINES("employer_fen"),
    LINES("person_fen"),
    LINES("account_fen"),
    {SB_AUDIT_ASSESSMENT, "assessment",
     "SELECT " KEY2("a.home", "a.id") ", 'workers', " T("COALESCE(l.total, 0)") ", " T(
         "a.workers") " FROM assessment a LEFT JOIN (SELECT home, assessment, COUNT(*) AS total "
                      "FROM assessment_line "
                      "GROUP BY home, assessment) l ON l.home = a.home AND l.assessment = a.id "
                      "WHERE a.workers <> COALESCE(l.total, 0)"},
    {SB_AUDIT_RECEIVED, "assessment",
     "SELECT " KEY2("a.home", "a.id") ", 'received_fen', " T("COALESCE(l.total, 0)") ", " T(
         "a.received_fen") " FROM assessment a LEFT JOIN (SELECT home, assessment, SUM(amount_fen) "
                           "AS total FROM allocation "
                           "GROUP BY home, assessment) l ON l.home = a.home AND l.assessment = "
                           "a.id "
                           "WHERE a.received_fen <> COALESCE(l.total, 0)"},
    {SB_AUDIT_ALLOCATED, "receipt",
     "SELECT " KEY2("r.home", "r.id") ", 'allocated_fen', " T("COALESCE(l.total, 0)") ", " T(
         "r.allocated_fen") " FROM receipt r LEFT JOIN (SELECT home, receipt, SUM(amount_fen) AS "
                            "total FROM (SELECT home, receipt, amount_fen FROM allocation UNION ALL SELECT home, receipt, "
                            "amount_fen "
                            "FROM late_fee_allocation) paid "
                            "GROUP BY home, receipt) l ON l.home = r.home AND l.receipt = r.id "
                            "WHERE r.allocated_fen <> COALESCE(l.total, 0)"},
    {SB_AUDIT_OVERALLOCATED, "receipt",
     "SELECT " KEY2("home", "id") ", 'amount_fen', " T("allocated_fen + refunded_fen") ", " T(
         "amount_fen") " FROM receipt "
                       "WHERE allocated_fen + refunded_fen > amount_fen"},
    {SB_AUDIT_AWARD, "award",
     "SELECT " KEY2("home", "id") ", 'total_fen', " T(
         "basic_fen + account_fen + transition_fen + "
         "extra_fen") ", " T("total_fen") " FROM award WHERE total_fen <> basic_fen + account_fen "
                                          "+ transition_fen + "
                                          "extra_fen"},
    {SB_AUDIT_PAYMENT, "payment",
     "SELECT " KEY3("home", "run", "award") ", 'amount_fen', " T("account_fen + fund_fen") ", " T(
         "amount_fen") " FROM payment WHERE amount_fen <> account_fen + fund_fen"},
    RUN_TOTAL("due_fen", DUE("amount_fen")),
    RUN_TOTAL("account_fen", DUE("account_fen")),
    RUN_TOTAL("fund_fen", DUE("fund_fen")),
    RUN_TOTAL("due_count", DUE("1")),
    RUN_TOTAL("stopped_count", "CASE WHEN state = 'stopped' THEN 1 ELSE 0 END"),
    RELEASED("payable", "6", "-p.amount_fen"),
    RELEASED("personal", "4", "p.account_fen"),
    RELEASED("fund", "3", "p.fund_fen"),
    /* One usual month (reason '') a person, pool and month; arrears and repayments have their own
       word. */
    {SB_AUDIT_PAID_TWICE, "payment",
     "SELECT " KEY3("p.home", "p.month", "p.person") ", " T("r.pool") ", '1', " T(
         "COUNT(*)") " FROM payment p JOIN payment_run r ON r.home = p.home AND r.id = p.run "
                     "WHERE p.state IN ('due', 'claimed') AND p.reason = '' AND r.state IN ('releasing', "
                     "'released', "
                     "'filed', 'settled') GROUP BY p.home, p.month, p.person, r.pool HAVING "
                     "COUNT(*) > 1"},
    /* Assessed and received: as posted. One transaction may hold several assessments. */
    {SB_AUDIT_POSTED, "assessment",
     "SELECT " KEY2("a.home", "a.txn") ", 'receivable', " T("a.total") ", " T(
         "COALESCE(p.total, 0)") " FROM (SELECT home, txn, SUM(employer_fen + person_fen) AS total "
                                 "FROM assessment WHERE txn <> 0 GROUP BY home, txn) a "
                                 "JOIN ledger_transaction t ON t.home = a.home AND t.id = a.txn "
                                 "LEFT JOIN "
                                 "(SELECT home, txn, SUM(amount_fen) AS total FROM ledger_posting "
                                 "WHERE kind = 2 AND amount_fen > 0 GROUP BY home, txn) p ON "
                                 "p.home = a.home "
                                 "AND p.txn = a.txn WHERE a.total <> COALESCE(p.total, 0)"},
    {SB_AUDIT_POSTED, "receipt",
     "SELECT " KEY2("r.home", "r.id") ", 'bank', " T("r.amount_fen") ", " T(
         "COALESCE(p.total, 0)") " FROM receipt r JOIN ledger_transaction t ON t.home = r.home AND "
                                 "t.id = "
                                 "r.txn LEFT JOIN (SELECT home, txn, SUM(amount_fen) AS total FROM "
                                 "ledger_posting WHERE kind = 1 GROUP BY home, txn) p ON p.home = "
                                 "r.home AND "
                                 "p.txn = r.txn WHERE r.txn <> 0 AND r.amount_fen <> "
                                 "COALESCE(p.total, 0)"},
    UNDONE("assessment", KEY2("x.home", "x.id")),
    UNDONE("receipt", KEY2("x.home", "x.id")),
    UNDONE("allocation", KEY2("x.home", "x.id")),
    /* Late fees: received as allocated; of an order as posted, and not above what was owed when it fell due. */
    {SB_AUDIT_RECEIVED, "late_fee",
     "SELECT " KEY2("f.home", "f.id") ", 'received_fen', " T("COALESCE(l.total, 0)") ", " T(
         "f.received_fen") " FROM late_fee f LEFT JOIN (SELECT home, late_fee, SUM(amount_fen) AS total FROM "
                           "late_fee_allocation GROUP BY home, late_fee) l ON l.home = f.home AND l.late_fee = f.id WHERE "
                           "f.received_fen <> COALESCE(l.total, 0) OR f.received_fen > f.fee_fen OR (f.state = 'paid') <> "
                           "(f.received_fen = f.fee_fen)"},
    {SB_AUDIT_POSTED, "arrears_order",
     "SELECT " KEY2("o.home", "o.id") ", 'fee_fen', " T("COALESCE(f.total, 0)") ", " T(
         "COALESCE(p.total, 0)") " FROM arrears_order o LEFT JOIN (SELECT home, arrears_order, SUM(fee_fen) AS total FROM "
                                 "late_fee GROUP BY home, arrears_order) f ON f.home = o.home AND f.arrears_order = o.id LEFT "
                                 "JOIN (SELECT home, txn, SUM(amount_fen) AS total FROM ledger_posting WHERE kind = 2 GROUP BY "
                                 "home, txn) p ON p.home = o.home AND p.txn = o.txn WHERE o.fee_fen <> COALESCE(f.total, 0) OR "
                                 "o.fee_fen <> COALESCE(p.total, 0)"},
    {SB_AUDIT_LATE_FEE, "arrears_order",
     "SELECT " KEY2("o.home", "o.id") ", 'principal_fen', " T("COALESCE(f.total, 0)") ", " T(
         "o.principal_fen") " FROM arrears_order o LEFT JOIN (SELECT home, arrears_order, SUM(principal_fen) AS total, "
                            "MIN(to_day) AS first, MAX(to_day) AS last FROM late_fee GROUP BY home, arrears_order) f ON "
                            "f.home = o.home AND f.arrears_order = o.id WHERE o.principal_fen <> COALESCE(f.total, 0) OR "
                            "f.first <> o.day OR f.last <> o.day"},
    /* A line of a message that was booked: the receipt is there, of the same money, and of one line that was applied. */
    {SB_AUDIT_RECEIVED, "exchange_line",
     "SELECT " KEY3("l.home", "l.batch", "l.line") ", 'amount_fen', " T("COALESCE(r.amount_fen, 0)") ", " T(
         "l.amount_fen") " FROM exchange_line l LEFT JOIN receipt r ON r.home = l.home AND r.id = l.result AND r.employer = "
                         "l.subject "
                         "WHERE l.result_kind = 'receipt' AND (l.amount_fen <> COALESCE(r.amount_fen, 0) OR (l.state = "
                         "'applied' AND "
                         "EXISTS (SELECT 1 FROM exchange_line o WHERE o.home = l.home AND o.result_kind = 'receipt' AND "
                         "o.result = "
                         "l.result AND o.state = 'applied' AND (o.batch, o.line) <> (l.batch, l.line))))"},
    UNDONE("arrears_order", KEY2("x.home", "x.id")),
    UNDONE("late_fee_allocation", KEY2("x.home", "x.id")),
    /* One-off payments: the parts make the amount; all of a transaction as posted; a cancelled one, and no other, is reversed. */
    {SB_AUDIT_PAYMENT, "payment_claim",
     "SELECT " KEY2("home", "id") ", 'amount_fen', " T("account_fen + fund_fen") ", " T(
         "amount_fen") " FROM payment_claim WHERE amount_fen <> account_fen + fund_fen"},
    CLAIMED("payable", "6", "-", "amount_fen"),
    CLAIMED("personal", "4", "", "account_fen"),
    {SB_AUDIT_UNDONE, "payment_claim",
     "SELECT " KEY2("k.home", "k.id") ", 'state', k.state, " T(
         "COALESCE(t.id, 0)") " FROM payment_claim k LEFT JOIN ledger_transaction t ON t.home = k.home AND t.reverses = k.txn "
                              "WHERE k.posted = 1 AND (k.state = 'cancelled') <> (t.id IS NOT NULL)"},
    /* What stands in a run is what is owed; a claim is in the state that its rows say; a benefit that came back is claimed once. */
    {SB_AUDIT_PAYMENT, "claim_payment",
     "SELECT " KEY3("y.home", "y.run", "y.claim") ", 'amount_fen', " T("k.amount_fen") ", " T(
         "y.amount_fen") " FROM claim_payment y JOIN payment_claim k ON k.home = y.home AND k.id = y.claim WHERE y.amount_fen "
                         "<> k.amount_fen OR y.account_fen <> k.account_fen OR y.fund_fen <> k.fund_fen"},
    {SB_AUDIT_PAID_TWICE, "payment_claim",
     "SELECT " KEY2("y.home", "y.claim") ", 'runs', '1', " T(
         "COUNT(*)") " FROM claim_payment y JOIN payment_run r ON r.home = y.home AND r.id = y.run WHERE y.state = 'due' AND "
                     "r.state <> 'cancelled' GROUP BY y.home, y.claim HAVING COUNT(*) > 1"},
    {SB_AUDIT_RELEASED, "payment_claim",
     "SELECT " KEY2("k.home",
                    "k.id") ", 'run', k.state, COALESCE(r.state, 'none') FROM payment_claim k LEFT JOIN claim_payment "
                            "y ON y.home = k.home AND y.claim = k.id AND y.run = k.run LEFT JOIN payment_run r ON r.home = "
                            "y.home AND r.id = y.run WHERE "
                            "(k.state IN ('listed', 'paid') AND (y.state IS NULL OR y.state <> 'due')) OR (k.state = 'paid' "
                            "AND r.state <> 'settled') OR "
                            "(k.state = 'listed' AND r.state IN ('settled', 'cancelled')) OR (k.state IN ('returned', "
                            "'corrected') AND k.run <> 0 AND "
                            "(y.state IS NULL OR y.state <> 'returned'))"},
    {SB_AUDIT_PAID_TWICE, "payment",
     "SELECT " KEY3("y.home", "y.run", "y.award") ", 'claimed', y.state, " T(
         "COUNT(k.id)") " FROM payment y LEFT JOIN payment_claim k ON k.home = y.home AND k.source_run = y.run AND k.ref_kind "
                        "= "
                        "'award' AND k.ref = y.award AND k.state <> 'cancelled' WHERE y.state = 'claimed' OR k.id IS NOT NULL "
                        "GROUP BY y.home, y.run, y.award, y.state HAVING COUNT(k.id) <> 1 OR y.state <> 'claimed'"},
    UNDONE("payment_run", KEY2("x.home", "x.id")),
    UNDONE("bank_entry", KEY3("x.home", "x.statement", "x.line")),
    {SB_AUDIT_UNDONE, "assessment",
     "SELECT " KEY2("a.home", "a.id") ", 'credit', '', " T(
         "r.id") " FROM ledger_transaction r JOIN ledger_transaction t ON t.home = r.home AND t.id = r.reverses JOIN "
                 "assessment a ON a.home = t.home AND a.id = t.ref_id WHERE r.reverses <> 0 AND t.kind = "
                 "'contribution.credit' AND a.state = 'paid'"},
    {0, NULL, NULL},
};
