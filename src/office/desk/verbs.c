/* SPDX-License-Identifier: Apache-2.0 */
#include "office/desk/desk.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

/* Who reverses in the books of a pool acts for the whole pool. */
static int transaction_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT pool FROM ledger_posting WHERE home = ?1@int AND txn = ?2@int ORDER BY id LIMIT 1",
                        "ii", (int64_t)c->house->home, json_integer_value(value));

        *within = rc == 0;
        return rc == 1 ? pool_within(tx, stmt_int(q, 0), c->who.office, within, err) : rc;
}

/* A personal account is its owner's, at any counter. */
static int account_anywhere(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        (void)tx, (void)c, (void)value, (void)err;
        *within = true;
        return 0;
}

static int account_person(struct tx *tx, struct call *c, const json_t *value, int64_t *person, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT person FROM personal_account WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, json_integer_value(value));

        *person = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

const struct scope_rule desk_scopes[] = {{"transaction", "The transaction", "该凭证", transaction_scope, NULL},
                                         {"account", "The account", "该账户", account_anywhere, account_person},
                                         {0}};

const struct verb desk_verbs[] = {
    {"desk.search", VERB_READ, "people.search", "POST", "/api/search",
     "Search persons, employers, cases and processes; says why each was found", "综合搜索（注明命中原因）",
     OBJECT("\"q\"",
            "\"q\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":120},\"limit\":{\"type\":\"integer\",\"minimum\":1,"
            "\"maximum\":100}"),
     LIST, desk_search, SCOPE_EVERYWHERE},
    {"desk.summary", VERB_READ, DUTY_ALL, "GET", "/api/desk", "What waits today", "今日待办概览", OBJECT("", ""),
     OBJECT("\"tasks_open\",\"runs_active\",\"due_soon\"",
            "\"tasks_open\":{\"type\":\"integer\"},\"runs_active\":{\"type\":\"integer\"},\"due_soon\":{\"type\":\"integer\"}"),
     desk_summary, SCOPE_OFFICE},
    /* Asked by the floor of cases, which knows a subject only by kind and id. */
    {"desk.titles", VERB_READ, NULL, NULL, NULL, "What subjects are, in a few words", "业务对象名称",
     OBJECT("\"subjects\"", "\"subjects\":{\"type\":\"array\",\"maxItems\":500,\"items\":{\"type\":\"object\"}}"),
     OBJECT("\"titles\"", "\"titles\":{\"type\":\"array\"}"), desk_titles, NULL},
    {"office.not_yet", VERB_READ, NULL, NULL, NULL, "What the system cannot do yet: it is done by hand and recorded",
     "系统尚未接入的办理动作：线下办理并登记",
     OBJECT("\"verb\"", "\"verb\":{\"type\":\"string\",\"minLength\":3,\"maxLength\":60}"),
     OBJECT("\"done\",\"verb\"", "\"done\":{\"type\":\"boolean\"},\"verb\":{\"type\":\"string\"}"), desk_not_yet, NULL},
    {"ledger.balances", VERB_READ, "ledger.read", "GET", "/api/ledger/balances", "Balances of all accounts at the end of a day",
     "科目余额表", OBJECT("", ID("pool") ",\"day\":{\"type\":\"string\",\"format\":\"date\"}"), LIST, ledger_balances,
     SCOPE_EVERYWHERE},
    {"ledger.transactions", VERB_READ, "ledger.read", "GET", "/api/ledger/transactions",
     "Transactions with their postings, newest first", "记账凭证列表",
     OBJECT("", ID("pool") ",\"kind\":{\"type\":\"string\",\"maxLength\":60},\"month\":{\"type\":\"string\",\"format\":"
                           "\"month\"}," PAGE),
     LIST, ledger_transactions, SCOPE_EVERYWHERE},
    {"ledger.account", VERB_READ, "ledger.account", "GET", "/api/ledger/accounts/{account}", "Entries of a personal account",
     "个人账户明细", OBJECT("\"account\"", "\"account\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"account\"}"), ANY,
     ledger_account, SCOPE_EVERYWHERE},
    {"ledger.transaction_reverse", VERB_WRITE, "ledger.reverse", "POST", "/api/ledger/transactions/{transaction}/reverse",
     "Reverse a balance that a colleague took over", "冲销期初余额凭证（不得冲销本人所记）",
     OBJECT("\"transaction\",\"reason\"",
            ID("transaction") ",\"reason\":{\"type\":\"string\",\"minLength\":4,\"maxLength\":400}"),
     ANY, ledger_transaction_reverse, "transaction.transaction"},
    {0},
};
