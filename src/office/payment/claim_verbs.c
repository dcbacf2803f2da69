/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be done with one-off payments: the verbs, and who may act on one.
 */
#include "office/payment/claim.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
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
     OBJECT("", ID("pool") "," ID("run") "," ID("person") "," ID("employer") ",\"state\":{\"type\":\"string\",\"enum\":["
                                                                             "\"open\",\"listed\",\"paid\",\"returned\","
                                                                             "\"corrected\",\"cancelled\"]},\"kind\":{\"type\":"
                                                                             "\"string\",\"maxLength\":40}," PAGE),
     ANY, claim_list_verb, SCOPE_OFFICE},
    {"payment.claim_get", VERB_READ, "payments.read", "GET", "/api/payment-claims/{claim}",
     "A one-off payment: what it rests on, and where it is paid to", "一次性支付",
     OBJECT("\"claim\"", "\"claim\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"payment_claim\"}"), ANY, claim_get_verb,
     "payment_claim.claim"},
    {0},
};
