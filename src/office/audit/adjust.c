/* SPDX-License-Identifier: Apache-2.0
 *
 * Corrections of contributions: each line, total and posting against the rows that it is of; and what money in suspense paid against what
 * was booked for it. With the checks of money.c no fen is lost between what was assessed, taken off, received and refunded.
 */
#include "office/audit/internal.h"

/* One number of an adjustment against what it made. */
#define HEAD(column, made)                                                                                                     \
        {                                                                                                                      \
                SB_AUDIT_ADJUSTMENT, "adjustment",                                                                             \
                    "SELECT " KEY2("j.home", "j.id") ", '" column "', " T("COALESCE(m.total, 0)") ", " T(                      \
                        "j." column) " FROM adjustment j LEFT JOIN (" made                                                     \
                                     ") m ON m.home = j.home AND m.adjustment = j.id WHERE j." column                          \
                                     " <> COALESCE(m.total, 0)"                                                                \
        }

/* What it posted in one account, by all its transactions, against what it took off and what had been paid of that. */
#define REDUCED                                                                                                                \
        "(SELECT CAST(COALESCE(SUM(r.employer_fen + r.person_fen), 0) AS @int) FROM adjustment_reduction r WHERE r.home = "    \
        "j.home AND r.adjustment = j.id)"
#define EXCESS                                                                                                                 \
        "(SELECT CAST(COALESCE(-SUM(l.amount_fen), 0) AS @int) FROM receipt c JOIN allocation l ON l.home = c.home AND "       \
        "l.receipt = c.id WHERE c.home = j.home AND c.adjustment = j.id AND l.amount_fen < 0)"
#define POSTED(name, kind, owed)                                                                                               \
        {                                                                                                                      \
                SB_AUDIT_ADJUSTMENT, "adjustment",                                                                             \
                    "SELECT " KEY2("home", "id") ", '" name "', " T("owed") ", " T(                                            \
                        "posted") " FROM (SELECT j.home, j.id, " owed                                                          \
                                  " AS owed, (SELECT CAST(COALESCE(SUM(x.amount_fen), 0) AS @int) FROM ledger_transaction t "  \
                                  "JOIN ledger_posting x ON x.home = t.home AND x.txn = t.id WHERE t.home = j.home AND "       \
                                  "t.ref_kind = 'adjustment' AND t.ref_id = j.id AND t.kind = 'contribution.adjust' AND "      \
                                  "x.kind = " kind ") AS posted FROM adjustment j) y WHERE owed <> posted"                     \
        }

/* What money in suspense paid, by each of its transactions. */
#define SPENT(name, kind, sign)                                                                                                \
        {                                                                                                                      \
                SB_AUDIT_POSTED, "ledger_transaction",                                                                         \
                    "SELECT " KEY2("home", "txn") ", '" name "', " T("SUM(paid)") ", " T(                                      \
                        "SUM(posted)") " FROM (SELECT t.home, t.id AS txn, 0 AS paid, " sign                                   \
                                       "p.amount_fen AS posted FROM ledger_transaction t JOIN ledger_posting p ON p.home = "   \
                                       "t.home AND p.txn = t.id AND p.kind = " kind                                            \
                                       " WHERE t.kind = 'contribution.suspense' AND t.reverses = 0 UNION ALL SELECT t.home, "  \
                                       "t.id, l.amount_fen, 0 FROM ledger_transaction t JOIN allocation l ON l.home = t.home " \
                                       "AND l.txn = t.id WHERE t.kind = 'contribution.suspense' UNION ALL SELECT t.home, "     \
                                       "t.id, f.amount_fen, 0 FROM ledger_transaction t JOIN late_fee_allocation f ON f.home " \
                                       "= t.home AND f.txn = t.id WHERE t.kind = 'contribution.suspense') x GROUP BY home, "   \
                                       "txn HAVING SUM(paid) <> SUM(posted)"                                                   \
        }

const struct audit_check audit_adjustments[] = {
    {SB_AUDIT_ADJUSTMENT, "assessment",
     "SELECT " KEY2("a.home", "a.id") ", 'reduced_fen', " T("COALESCE(r.total, 0)") ", " T(
         "a.reduced_fen") " FROM assessment a LEFT JOIN (SELECT home, assessment, SUM(employer_fen + person_fen) AS total FROM "
                          "adjustment_reduction GROUP BY home, assessment) r ON r.home = a.home AND r.assessment = a.id WHERE "
                          "a.reduced_fen <> COALESCE(r.total, 0)"},
    /* No more is received than is owed; and that is the whole, exactly when it is paid. */
    {SB_AUDIT_ADJUSTMENT, "assessment",
     "SELECT " KEY2("home", "id") ", 'state', " T("owed") ", " T(
         "received") " FROM (SELECT a.home, a.id, a.state, a.employer_fen + a.person_fen - COALESCE(r.total, 0) AS owed, "
                     "COALESCE(l.total, 0) AS received FROM assessment a LEFT JOIN (SELECT home, assessment, SUM(employer_fen "
                     "+ "
                     "person_fen) AS total FROM adjustment_reduction GROUP BY home, assessment) r ON r.home = a.home AND "
                     "r.assessment = a.id LEFT JOIN (SELECT home, assessment, SUM(amount_fen) AS total FROM allocation GROUP "
                     "BY "
                     "home, assessment) l ON l.home = a.home AND l.assessment = a.id) x WHERE received > owed OR (state = "
                     "'open' "
                     "AND received = owed) OR (state = 'paid' AND received < owed)"},
    /* No more is taken off a worker's line than it has. */
    {SB_AUDIT_ADJUSTMENT, "adjustment_reduction",
     "SELECT " KEY3("r.home", "r.assessment", "r.person") ", '', " T("COALESCE(l.employer_fen + l.person_fen, 0)") ", " T(
         "r.employer_fen + r.person_fen") " FROM (SELECT home, assessment, person_home, person, SUM(base_fen) AS base_fen, "
                                          "SUM(employer_fen) AS employer_fen, SUM(person_fen) AS person_fen, SUM(account_fen) "
                                          "AS "
                                          "account_fen FROM adjustment_reduction GROUP BY home, assessment, person_home, "
                                          "person) r "
                                          "LEFT JOIN assessment_line l ON l.home = r.home AND l.assessment = r.assessment AND "
                                          "l.person_home = r.person_home AND l.person = r.person WHERE l.person IS NULL OR "
                                          "r.base_fen > l.base_fen OR r.employer_fen > l.employer_fen OR r.person_fen > "
                                          "l.person_fen OR r.account_fen > l.account_fen"},
    /* Old and new of each worker's month against what was assessed anew and taken off. */
    {SB_AUDIT_ADJUSTMENT, "adjustment_line",
     "SELECT " KEY3("home", "adjustment", "person") ", scheme, " T("SUM(said)") ", " T(
         "SUM(made)") " FROM (SELECT home, adjustment, person_home, person, month, scheme, employer_fen + person_fen - "
                      "old_employer_fen - old_person_fen AS said, 0 AS made, base_fen - old_base_fen AS base, employer_fen - "
                      "old_employer_fen AS employer, account_fen - old_account_fen AS account FROM adjustment_line UNION ALL "
                      "SELECT "
                      "d.home, d.adjustment, l.person_home, l.person, a.month, a.scheme, 0, l.employer_fen + l.person_fen, "
                      "-l.base_fen, -l.employer_fen, -l.account_fen FROM declaration d JOIN assessment a ON a.home = d.home "
                      "AND "
                      "a.declaration = d.id JOIN assessment_line l ON l.home = a.home AND l.assessment = a.id WHERE "
                      "d.adjustment <> "
                      "0 UNION ALL SELECT r.home, r.adjustment, r.person_home, r.person, a.month, a.scheme, 0, "
                      "-(r.employer_fen + "
                      "r.person_fen), r.base_fen, r.employer_fen, r.account_fen FROM adjustment_reduction r JOIN assessment a "
                      "ON "
                      "a.home = r.home AND a.id = r.assessment) x GROUP BY home, adjustment, person_home, person, month, "
                      "scheme "
                      "HAVING SUM(said) <> SUM(made) OR SUM(base) <> 0 OR SUM(employer) <> 0 OR SUM(account) <> 0"},
    HEAD("supplement_fen", "SELECT d.home, d.adjustment, SUM(a.employer_fen + a.person_fen) AS total FROM declaration d JOIN "
                           "assessment a ON a.home = d.home AND a.declaration = d.id WHERE d.adjustment <> 0 GROUP BY d.home, "
                           "d.adjustment"),
    HEAD("reduced_fen",
         "SELECT home, adjustment, SUM(employer_fen + person_fen) AS total FROM adjustment_reduction GROUP BY home, "
         "adjustment"),
    HEAD("excess_fen",
         "SELECT r.home, r.adjustment, -SUM(l.amount_fen) AS total FROM receipt r JOIN allocation l ON l.home = "
         "r.home AND l.receipt = r.id WHERE r.adjustment <> 0 AND l.amount_fen < 0 GROUP BY r.home, r.adjustment"),
    HEAD("refunded_fen",
         "SELECT f.home, f.adjustment, SUM(k.amount_fen) AS total FROM adjustment_refund f JOIN payment_claim k ON "
         "k.home = f.home AND k.id = f.claim GROUP BY f.home, f.adjustment"),
    HEAD("account_fen",
         "SELECT t.home, t.ref_id AS adjustment, -SUM(e.amount_fen) AS total FROM ledger_transaction t JOIN "
         "personal_entry e ON e.home = t.home AND e.txn = t.id WHERE t.kind = 'contribution.adjust' GROUP BY t.home, "
         "t.ref_id"),
    POSTED("receivable", "2", EXCESS " - " REDUCED),
    POSTED("suspense", "5", "-" EXCESS),
    /* Only an adjustment that another one takes back is reversed. */
    {SB_AUDIT_ADJUSTMENT, "adjustment",
     "SELECT " KEY2("j.home", "j.id") ", 'state', j.state, " T(
         "COUNT(b.id)") " FROM adjustment j LEFT JOIN adjustment b ON b.home = j.home AND b.reverses = j.id GROUP BY j.home, "
                        "j.id, "
                        "j.state HAVING COUNT(b.id) <> CASE WHEN j.state = 'reversed' THEN 1 ELSE 0 END"},
    {SB_AUDIT_ADJUSTMENT, "receipt",
     "SELECT " KEY2("r.home", "r.id") ", 'refunded_fen', " T("COALESCE(k.total, 0)") ", " T(
         "r.refunded_fen") " FROM receipt r LEFT JOIN (SELECT f.home, f.receipt, SUM(c.amount_fen) AS total FROM "
                           "adjustment_refund "
                           "f JOIN payment_claim c ON c.home = f.home AND c.id = f.claim WHERE c.state <> 'cancelled' GROUP BY "
                           "f.home, f.receipt) k ON k.home = r.home AND k.receipt = r.id WHERE r.refunded_fen <> "
                           "COALESCE(k.total, "
                           "0)"},
    SPENT("receivable", "2", "-"),
    SPENT("suspense", "5", ""),
    {0, NULL, NULL},
};
