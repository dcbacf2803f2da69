/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts: no two of one kind hold and are believed at the same time, periods run forward, every
 * person and employer is known, and no row refers to something that is not there.
 */
#include "office/audit/internal.h"

/* Pairs of rows of one subject that hold and are believed at the same time; told by the later row. The order of ids is an
 * expression, so that the pair is looked for by its subject and never by all rows with a lower id. */
#define OVERLAP(table, same, from, to)                                                                                         \
        {                                                                                                                      \
                SB_AUDIT_OVERLAP, table,                                                                                       \
                    "SELECT " KEY2("b.home", "b.id") ", '" from "', '', " T(                                                   \
                        "MIN(a.id)") " FROM " table " a JOIN " table " b ON " same " AND a.id + 0 < b.id AND a." from          \
                                     " < b." to " AND b." from " < a." to " AND a.known_from < b.known_to AND b.known_from "   \
                                     "< a.known_to GROUP BY b.home, b.id"                                                      \
        }

#define PERIOD(table, from, to)                                                                                                \
        {                                                                                                                      \
                SB_AUDIT_PERIOD, table,                                                                                        \
                    "SELECT " KEY2("home", "id") ", '" to "', " T(from) ", " T(to) " FROM " table " WHERE " to " <= " from     \
        }

/* A superseded belief has ended when or after it began; equal when it was corrected in the same
 * instant. */
#define BELIEF(table)                                                                                                          \
        {                                                                                                                      \
                SB_AUDIT_PERIOD, table,                                                                                        \
                    "SELECT " KEY2("home", "id") ", 'known_to', " T("known_from") ", " T(                                      \
                        "known_to") " FROM " table " WHERE known_to < known_from"                                              \
        }

/* What was moved to the past is there and no more here. */
#define KEPT_TWICE(living, past)                                                                                               \
        {                                                                                                                      \
                SB_AUDIT_KEPT_TWICE, past,                                                                                     \
                    "SELECT " KEY2("l.home", "l.id") ", '', '', '' FROM " living " l JOIN " past                               \
                                                     " p ON p.home = l.home AND p.id = l.id"                                   \
        }

/* Whose cancellation holds is deregistered, nobody else is, and no two hold. */
#define CANCELLED(table)                                                                                                       \
        {                                                                                                                      \
                SB_AUDIT_CANCELLED, table,                                                                                     \
                    "SELECT " KEY2("s.home", "s.id") ", 'state', " T(                                                          \
                        "COUNT(c.id)") ", s.state FROM " table                                                                 \
                                       " s LEFT JOIN cancellation c ON c.home = s.home AND c.subject = s.id AND "              \
                                       "c.subject_kind = '" table "' AND c.state = 'cancelled' GROUP BY s.home, s.id, "        \
                                       "s.state HAVING COUNT(c.id) <> CASE WHEN s.state = 'deregistered' THEN 1 WHEN "         \
                                       "s.state = 'active' THEN 0 ELSE COUNT(c.id) END"                                        \
        }

const struct audit_check audit_facts[] = {
    OVERLAP("person_fact", "a.home = b.home AND a.person = b.person", "valid_from", "valid_to"),
    OVERLAP("employer_fact", "a.home = b.home AND a.employer = b.employer", "valid_from", "valid_to"),
    OVERLAP("employment",
            "a.home = b.home AND a.person = b.person AND a.employer_home = b.employer_home AND "
            "a.employer = b.employer",
            "valid_from", "valid_to"),
    OVERLAP("contribution",
            "a.home = b.home AND a.person = b.person AND a.scheme = b.scheme AND a.employer_home = "
            "b.employer_home "
            "AND a.employer = b.employer AND a.kind = b.kind",
            "month_from", "month_to"),
    OVERLAP("award_stop", "a.home = b.home AND a.award = b.award AND a.reason = b.reason", "month_from", "month_to"),
    {SB_AUDIT_OVERLAP, "pack_activation",
     "SELECT " T("b.id") ", 'valid_from', '', " T(
         "MIN(a.id)") " FROM pack_activation a JOIN pack_activation b "
                      "ON a.pool = b.pool AND a.id < b.id AND a.valid_from < b.valid_to AND "
                      "b.valid_from < a.valid_to "
                      "AND a.known_from < b.known_to AND b.known_from < a.known_to GROUP BY b.id"},
    PERIOD("person_fact", "valid_from", "valid_to"),
    PERIOD("employer_fact", "valid_from", "valid_to"),
    PERIOD("employment", "valid_from", "valid_to"),
    PERIOD("contribution", "month_from", "month_to"),
    BELIEF("person_fact"),
    BELIEF("employer_fact"),
    BELIEF("employment"),
    BELIEF("contribution"),
    BELIEF("award"),
    BELIEF("award_stop"),
    {SB_AUDIT_NO_FACT, "person",
     "SELECT " KEY2("p.home", "p.id") ", '', 'person_fact', '' FROM person p WHERE NOT EXISTS "
                                      "(SELECT 1 FROM person_fact f WHERE f.home = p.home AND f.person = p.id)"},
    {SB_AUDIT_NO_FACT, "employer",
     "SELECT " KEY2("e.home", "e.id") ", '', 'employer_fact', '' FROM employer e WHERE NOT EXISTS "
                                      "(SELECT 1 FROM employer_fact f WHERE f.home = e.home AND f.employer = e.id)"},
    {SB_AUDIT_DIRECTORY, "person",
     "SELECT " KEY2("p.home",
                    "p.id") ", '', 'directory', '' FROM person p LEFT JOIN "
                            "(SELECT DISTINCT home, person FROM directory) d ON d.home = "
                            "p.home AND d.person = p.id WHERE d.person IS NULL AND p.state NOT IN ('erased', 'merged')"},
    CANCELLED("person"),
    CANCELLED("employer"),
    {SB_AUDIT_CANCELLED, "employment",
     "SELECT " KEY2("m.home", "m.id") ", 'valid_to', " T("c.event_day + 1") ", " T(
         "m.valid_to") " FROM cancellation c JOIN employment m ON m.home = c.home AND m.person = c.subject WHERE "
                       "c.subject_kind = "
                       "'person' AND c.state = 'cancelled' AND m.known_to = 253402214400000000 AND m.valid_to > "
                       "c.event_day "
                       "+ 1"},
    /* A record that went into another: one merge holds, and nothing is believed of it any more but who it is. */
    {SB_AUDIT_MERGED, "person",
     "SELECT " KEY2("p.home", "p.id") ", 'state', " T(
         "COUNT(m.id)") ", p.state FROM person p LEFT JOIN person_merge m ON m.home = "
                        "p.home AND m.gone = p.id AND m.state = 'merged' GROUP BY p.home, p.id, p.state HAVING "
                        "COUNT(m.id) <> CASE WHEN p.state = 'merged' THEN 1 WHEN p.state = 'erased' THEN COUNT(m.id) ELSE 0 "
                        "END"},
    {SB_AUDIT_MERGED, "person_merge",
     "SELECT " KEY2("m.home", "m.id") ", 'gone', '', " T(
         "m.gone") " FROM person_merge m WHERE m.state = 'merged' AND (EXISTS "
                   "(SELECT 1 FROM contribution c WHERE c.home = m.home AND c.person = m.gone AND c.known_to = "
                   "253402214400000000) OR EXISTS (SELECT 1 FROM employment e WHERE e.home = m.home AND "
                   "e.person = m.gone AND e.known_to = 253402214400000000) OR EXISTS (SELECT 1 FROM "
                   "personal_account a WHERE a.home = m.home AND a.person = m.gone AND a.balance_fen <> 0))"},
    {SB_AUDIT_ROSTER, "roster_line",
     "SELECT " KEY3("l.home", "l.roster", "l.line") ", 'written', " T("l.day") ", " T(
         "COALESCE(CASE WHEN l.act = 'join' THEN m.valid_from ELSE m.valid_to - 1 "
         "END, 0)") " FROM roster_line l JOIN roster r "
                    "ON r.home = l.home AND r.id = l.roster LEFT JOIN employment m "
                    "ON m.home = l.home AND m.id = l.written AND "
                    "m.person = l.person AND m.employer = r.employer WHERE "
                    "(l.state IN ('done', 'reversed', 'kept') AND (m.id "
                    "IS NULL OR l.day <> CASE WHEN l.act = 'join' THEN "
                    "m.valid_from ELSE m.valid_to - 1 END)) OR (l.state IN "
                    "('waiting', 'failed') AND l.written <> 0)"},
    {SB_AUDIT_ROSTER, "roster_line",
     "SELECT " KEY3("l.home", "l.roster",
                    "l.line") ", 'state', 'done', l.state FROM roster_line l JOIN employment m ON m.home = "
                              "l.home AND m.id = l.written WHERE l.state = 'reversed' AND m.known_to = "
                              "253402214400000000"},
    {SB_AUDIT_ROSTER, "roster",
     "SELECT " KEY2("r.home", "r.id") ", 'state', " T(
         "COUNT(*)") ", r.state FROM roster r JOIN roster_line l ON l.home = r.home "
                     "AND l.roster = r.id WHERE (r.state IN ('posted', 'reversing', 'reversed') AND l.state = "
                     "'waiting') OR (r.state = 'reversed' AND l.state = 'done') OR (r.state IN ('entered', "
                     "'dropped') AND l.state <> 'waiting') GROUP BY r.home, r.id, r.state"},
    KEPT_TWICE("process_instance", "case_past"),
    KEPT_TWICE("task", "task_past"),
    KEPT_TWICE("timer", "timer_past"),
    KEPT_TWICE("effect", "effect_past"),
    {0, NULL, NULL},
};

/* Rows of `child` whose (home column, id column) are not in `parent`; one finding for each missing
 * thing. 0 refers to nothing where `none` allows it. */
#define ORPHAN_AT(child, home, column, parent, none)                                                                           \
        {                                                                                                                      \
                SB_AUDIT_ORPHAN, child,                                                                                        \
                    "SELECT DISTINCT " KEY2("c." home, "c." column) ", '" column "', '" parent "', '' FROM " child             \
                                                                    " c WHERE " none "NOT EXISTS (SELECT 1 FROM " parent       \
                                                                    " p WHERE p.home = c." home " AND p.id = c." column ")"    \
        }
#define ORPHAN(child, column, parent) ORPHAN_AT(child, "home", column, parent, "")
#define ORPHAN_OR_NONE(child, column, parent) ORPHAN_AT(child, "home", column, parent, "c." column " <> 0 AND ")
#define ORPHAN_POOL(child, none)                                                                                               \
        {                                                                                                                      \
                SB_AUDIT_ORPHAN, child,                                                                                        \
                    "SELECT DISTINCT " T("c.pool") ", 'pool', 'pool', '' FROM " child " c WHERE " none                         \
                                                   "NOT EXISTS (SELECT 1 FROM pool p WHERE p.id = c.pool)"                     \
        }

const struct audit_check audit_orphans[] = {
    ORPHAN("ledger_posting", "txn", "ledger_transaction"),
    ORPHAN("personal_entry", "account", "personal_account"),
    ORPHAN("personal_account", "person", "person"),
    ORPHAN("person_fact", "person", "person"),
    ORPHAN("directory", "person", "person"),
    ORPHAN("employer_fact", "employer", "employer"),
    ORPHAN("employment", "person", "person"),
    ORPHAN_AT("employment", "employer_home", "employer", "employer", "c.employer <> 0 AND "),
    ORPHAN("contribution", "person", "person"),
    ORPHAN_AT("contribution", "employer_home", "employer", "employer", "c.employer <> 0 AND "),
    ORPHAN_OR_NONE("cancellation", "instance", "case_any"),
    ORPHAN_OR_NONE("cancellation", "decision", "decision"),
    ORPHAN("cancellation_work", "cancellation", "cancellation"),
    ORPHAN("cancellation_work", "ended", "employment"),
    ORPHAN_OR_NONE("cancellation_work", "shortened", "employment"),
    ORPHAN("person_merge", "kept", "person"),
    ORPHAN("person_merge", "gone", "person"),
    ORPHAN_OR_NONE("person_merge", "txn", "ledger_transaction"),
    ORPHAN("person_merge_row", "merge", "person_merge"),
    ORPHAN("roster", "employer", "employer"),
    ORPHAN("roster_line", "roster", "roster"),
    ORPHAN_OR_NONE("roster_line", "person", "person"),
    ORPHAN_OR_NONE("roster_line", "before", "employment"),
    ORPHAN("exchange_match", "person", "person"),
    ORPHAN("exchange_match", "batch", "exchange_batch"),
    ORPHAN("declaration", "employer", "employer"),
    ORPHAN("declaration_line", "declaration", "declaration"),
    ORPHAN_AT("declaration_line", "person_home", "person", "person", ""),
    ORPHAN("assessment", "declaration", "declaration"),
    ORPHAN_OR_NONE("assessment", "txn", "ledger_transaction"),
    ORPHAN("assessment_line", "assessment", "assessment"),
    ORPHAN_AT("assessment_line", "person_home", "person", "person", ""),
    ORPHAN("receipt", "employer", "employer"),
    ORPHAN_OR_NONE("receipt", "txn", "ledger_transaction"),
    ORPHAN("allocation", "receipt", "receipt"),
    ORPHAN("allocation", "assessment", "assessment"),
    ORPHAN_OR_NONE("allocation", "txn", "ledger_transaction"),
    ORPHAN_OR_NONE("declaration", "adjustment", "adjustment"),
    ORPHAN_OR_NONE("receipt", "adjustment", "adjustment"),
    ORPHAN("adjustment", "employer", "employer"),
    ORPHAN_OR_NONE("adjustment", "person", "person"),
    ORPHAN_OR_NONE("adjustment", "reverses", "adjustment"),
    ORPHAN_OR_NONE("adjustment", "instance", "case_any"),
    ORPHAN_OR_NONE("adjustment", "decision", "decision"),
    ORPHAN("adjustment_line", "adjustment", "adjustment"),
    ORPHAN_AT("adjustment_line", "person_home", "person", "person", ""),
    ORPHAN("adjustment_reduction", "adjustment", "adjustment"),
    ORPHAN("adjustment_reduction", "assessment", "assessment"),
    ORPHAN("adjustment_refund", "adjustment", "adjustment"),
    ORPHAN("adjustment_refund", "claim", "payment_claim"),
    ORPHAN("adjustment_refund", "receipt", "receipt"),
    ORPHAN("arrears_order", "employer", "employer"),
    ORPHAN_OR_NONE("arrears_order", "instance", "case_any"),
    ORPHAN_OR_NONE("arrears_order", "txn", "ledger_transaction"),
    ORPHAN("late_fee", "arrears_order", "arrears_order"),
    ORPHAN("late_fee", "assessment", "assessment"),
    ORPHAN("late_fee", "decision", "decision"),
    ORPHAN_OR_NONE("late_fee", "txn", "ledger_transaction"),
    ORPHAN("late_fee_allocation", "receipt", "receipt"),
    ORPHAN("late_fee_allocation", "late_fee", "late_fee"),
    ORPHAN_OR_NONE("late_fee_allocation", "txn", "ledger_transaction"),
    ORPHAN("award", "person", "person"),
    ORPHAN_OR_NONE("award", "decision", "decision"),
    ORPHAN_OR_NONE("award", "instance", "case_any"),
    ORPHAN("award_stop", "award", "award"),
    ORPHAN_OR_NONE("payment_run", "txn", "ledger_transaction"),
    ORPHAN("payment", "run", "payment_run"),
    ORPHAN("payment", "award", "award"),
    ORPHAN("payment_file", "run", "payment_run"),
    ORPHAN("payment_payee", "claim", "payment_claim"),
    ORPHAN("claim_payment", "run", "payment_run"),
    ORPHAN("claim_payment", "claim", "payment_claim"),
    ORPHAN("claim_payment", "payee", "payment_payee"),
    ORPHAN_OR_NONE("payment_claim", "source_run", "payment_run"),
    ORPHAN_OR_NONE("payment_claim", "payee", "payment_payee"),
    ORPHAN_OR_NONE("payment_claim", "account", "personal_account"),
    ORPHAN_OR_NONE("payment_claim", "decision", "decision"),
    ORPHAN_OR_NONE("payment_claim", "instance", "case_any"),
    ORPHAN_OR_NONE("payment_claim", "txn", "ledger_transaction"),
    ORPHAN("bank_entry", "statement", "bank_statement"),
    ORPHAN("bank_return", "statement", "bank_statement"),
    ORPHAN("bank_return", "run", "payment_run"),
    ORPHAN_OR_NONE("bank_entry", "txn", "ledger_transaction"),
    ORPHAN_OR_NONE("decision", "person", "person"),
    ORPHAN_OR_NONE("decision", "instance", "case_any"),
    ORPHAN_OR_NONE("document", "person", "person"),
    ORPHAN("task", "instance", "case_any"),
    ORPHAN("effect", "instance", "case_any"),
    ORPHAN("timer", "instance", "case_any"),
    ORPHAN("task_past", "instance", "case_past"),
    ORPHAN("effect_past", "instance", "case_past"),
    ORPHAN("timer_past", "instance", "case_past"),
    ORPHAN("run_fault", "run", "run"),
    ORPHAN_POOL("pack_activation", ""),
    ORPHAN_POOL("contribution", "c.pool <> 0 AND "),
    ORPHAN_POOL("assessment", ""),
    ORPHAN_POOL("award", ""),
    ORPHAN_POOL("payment_run", ""),
    ORPHAN_POOL("payment_claim", ""),
    ORPHAN_POOL("personal_account", ""),
    ORPHAN_POOL("ledger_posting", ""),
    {SB_AUDIT_ORPHAN, "pack_activation",
     "SELECT " T("a.id") ", 'pack_hash', 'pack', '' FROM pack_activation a WHERE NOT EXISTS "
                         "(SELECT 1 FROM pack p WHERE p.hash = a.pack_hash)"},
    {0, NULL, NULL},
};
