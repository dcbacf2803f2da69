/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be done with one-off payments: the verbs, and who may act on one.
 */
#include "office/payment/claim.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define TEXT(name, least, most) "\"" name "\":{\"type\":\"string\",\"minLength\":" least ",\"maxLength\":" most "}"
#define NUMBER "\"number\":{\"type\":\"string\",\"maxLength\":32}"
#define ANY "{\"type\":\"object\"}"

/* It is owed by a pool: any office of the pool may act on it, as on an award. */
static int claim_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT pool FROM payment_claim WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, json_integer_value(value));

        *within = rc == 0;
        return rc == 1 ? pool_serves(tx, stmt_int(q, 0), c->who.office, within, err) : rc;
}

static int claim_person(struct tx *tx, struct call *c, const json_t *value, int64_t *person, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT beneficiary FROM payment_claim WHERE home = ?1@int AND id = ?2@int AND beneficiary_kind = "
                        "'person'",
                        "ii", (int64_t)c->house->home, json_integer_value(value));

        *person = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

const struct scope_rule claim_scopes[] = {{"payment_claim", "The one-off payment", "该一次性支付", claim_scope, claim_person},
                                          {0}};

const struct verb claim_verbs[] = {
    {"payment.claims", VERB_READ, "payments.read", "GET", "/api/payment-claims", "One-off payments, newest first",
     "一次性支付列表",
     OBJECT("",
            ID("pool") "," ID("run") "," ID("person") "," ID("employer") "," NUMBER ",\"state\":{\"type\":\"string\",\"enum\":["
                                                                         "\"open\",\"listed\",\"paid\",\"returned\","
                                                                         "\"corrected\",\"cancelled\"]},\"kind\":{\"type\":"
                                                                         "\"string\",\"maxLength\":40}," PAGE),
     ANY, claim_list_verb, SCOPE_OFFICE},
    {"payment.claims_due", VERB_READ, "payments.read", "GET", "/api/payable-claims",
     "What a run of one-off payments made now would pay, by pool, and what waits for what", "非周期发放试算（不建立批次）",
     OBJECT("", ID("pool") ",\"day\":{\"type\":\"string\",\"format\":\"date\"}"), ANY, claims_due_verb, SCOPE_OFFICE},
    {"payment.claim_get", VERB_READ, "payments.read", "GET", "/api/payment-claims/{claim}",
     "A one-off payment: what it rests on, and where it is paid to", "一次性支付",
     OBJECT("\"claim\"", "\"claim\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"payment_claim\"}"), ANY, claim_get_verb,
     "payment_claim.claim"},
    {"payment.claim_payee", VERB_WRITE, "payments.claim", "POST", "/api/payment-claims/{claim}/payee",
     "Enter another account for a one-off payment; somebody else checks it", "登记一次性支付的收款账户（由另一人复核）",
     OBJECT("\"claim\",\"name\",\"bank\",\"account\",\"note\"",
            ID("claim") "," TEXT("name", "1", "100") "," TEXT("bank", "1", "80") "," TEXT("account", "4",
                                                                                          "40") "," TEXT("note", "4", "200")),
     ANY, claim_payee_verb, "payment_claim.claim"},
    {"payment.claim_check", VERB_WRITE, "payments.claim_check", "POST", "/api/payment-claims/{claim}/check",
     "Check the account that somebody else entered", "复核他人登记的收款账户",
     OBJECT("\"claim\",\"decision\"", ID("claim") ",\"decision\":{\"type\":\"string\",\"enum\":[\"approve\",\"refuse\"]}"), ANY,
     claim_check_verb, "payment_claim.claim"},
    {"payment.claim_cancel", VERB_WRITE, "payments.claim", "POST", "/api/payment-claims/{claim}/cancel",
     "Leave a benefit that came back to the next month after all", "撤销退回待遇的单独补发（改由下月发放）",
     OBJECT("\"claim\",\"reason\"", ID("claim") "," TEXT("reason", "4", "200")), ANY, claim_cancel_verb, "payment_claim.claim"},
    {"payment.repay", VERB_WRITE, "payments.claim", "POST", "/api/payment-runs/{run}/payments/{award}/repay",
     "Pay a benefit that came back from the bank before the next month", "银行退回的待遇单独补发",
     OBJECT("\"run\",\"award\",\"reason\"", ID("run") "," ID("award") "," TEXT("reason", "4", "200")), ANY, claim_repay_verb,
     "payment_run.run"},
    {0},
};
