/* SPDX-License-Identifier: Apache-2.0 */
#include "office/registry/registry.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define TEXT(name) "\"" name "\":{\"type\":\"string\",\"maxLength\":200}"
#define OPENS "\"person\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"person\"}"
#define DAY(name) "\"" name "\":{\"type\":\"string\",\"format\":\"date\"}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define ANY "{\"type\":\"object\"}"
#define REGISTERED OBJECT("\"id\",\"number\",\"version\"", ID("id") "," TEXT("number") "," ID("version"))
#define NEW_ID OBJECT("\"id\"", ID("id"))
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

/* An employer is handled by the office that keeps it and by those above; nobody's is open to all. */
static int employer_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT office FROM employer_fact WHERE home = ?1@int AND employer = ?2@int AND known_to = ?3@int "
                        "ORDER BY valid_from DESC LIMIT 1",
                        "iii", (int64_t)c->house->home, json_integer_value(value), (int64_t)INSTANT_END);

        *within = rc == 0;
        return rc == 1 ? office_within(tx, stmt_int(q, 0), c->who.office, within, err) : rc;
}

static int employment_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT employer FROM employment WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, json_integer_value(value));

        *within = rc == 0;
        if (rc != 1)
                return rc;
        rc = scope_need(tx, c, "employer", stmt_int(q, 0), err);
        *within = rc == 0;
        return rc;
}

/* Any counter serves a person: there is no office to ask for. */
static int person_anywhere(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        (void)tx, (void)c, (void)value, (void)err;
        *within = true;
        return 0;
}

const struct scope_rule registry_scopes[] = {{"person", "The person", "该参保人", person_anywhere, NULL},
                                             {"employer", "The employer", "该单位", employer_scope, NULL},
                                             {"employment", "The employment", "该用工记录", employment_scope, NULL},
                                             {0}};

const struct verb registry_verbs[] = {
    {"registry.person_register", VERB_WRITE, "people.enter", "POST", "/api/persons", "Register a person", "登记参保人",
     OBJECT("\"name\",\"id_number\"", TEXT("name") "," TEXT("id_number") "," TEXT("category") "," TEXT("telephone") "," TEXT(
                                          "bank_name") "," TEXT("bank_account") "," TEXT("valid_from")),
     REGISTERED, registry_person_register, SCOPE_EVERYWHERE},
    {"registry.person_get", VERB_READ, "people.read", "GET", "/api/persons/{person}", "A person as known now", "参保人当前信息",
     OBJECT("\"person\"", OPENS), ANY, registry_person_get, SCOPE_EVERYWHERE},
    {"registry.person_reveal", VERB_WRITE, "people.reveal", "POST", "/api/persons/{person}/reveal",
     "Look at the numbers in full; recorded with the reason", "查看完整号码（连同理由记录）",
     OBJECT("\"person\",\"reason\"", OPENS ",\"reason\":{\"type\":\"string\",\"maxLength\":400}"), ANY, registry_person_reveal,
     SCOPE_EVERYWHERE},
    {"registry.person_timeline", VERB_READ, "people.read", "GET", "/api/persons/{person}/timeline", "The life line of a person",
     "人员生命线", OBJECT("\"person\"", OPENS), ANY, registry_person_timeline, SCOPE_EVERYWHERE},
    {"registry.person_correct", VERB_WRITE, "people.enter", "POST", "/api/persons/{person}/facts",
     "Correct a fact from a day on", "更正人员信息",
     OBJECT("\"person\",\"field\",\"value\",\"source\",\"version\"",
            ID("person") "," TEXT("field") "," TEXT("value") "," DAY(
                "valid_from") ",\"source\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":120}," ID("version")),
     OBJECT("\"id\",\"version\"", ID("id") "," ID("version")), registry_person_correct, SCOPE_EVERYWHERE},
    {"registry.employer_register", VERB_WRITE, "employers.enter", "POST", "/api/employers", "Register an employer",
     "登记参保单位",
     OBJECT("\"name\",\"uscc\"", TEXT("name") "," TEXT("uscc") "," TEXT("kind") "," TEXT("industry") "," TEXT(
                                     "territory") "," TEXT("bank_name") "," TEXT("bank_account") "," TEXT("contact")),
     REGISTERED, registry_employer_register, SCOPE_EVERYWHERE},
    {"registry.employer_get", VERB_READ, "employers.read", "GET", "/api/employers/{employer}", "An employer as known now",
     "参保单位当前信息", OBJECT("\"employer\"", ID("employer")), ANY, registry_employer_get, "employer.employer"},
    {"registry.employer_workers", VERB_READ, "employers.read", "GET", "/api/employers/{employer}/workers",
     "Who works for the employer in a month", "单位当月职工",
     OBJECT("\"employer\"", ID("employer") ",\"month\":{\"type\":\"string\",\"format\":\"month\"}," PAGE), LIST,
     registry_employer_workers, "employer.employer"},
    {"registry.employment_open", VERB_WRITE, "people.enter", "POST", "/api/employments", "Begin a spell of employment",
     "办理职工增员",
     OBJECT("\"person\",\"employer\",\"from\"",
            ID("person") "," ID("employer") ","
                                            "\"category\":{\"type\":\"string\",\"maxLength\":30}," DAY("from") "," DAY("to")),
     NEW_ID, registry_employment_open, "employer.employer"},
    {"registry.employment_end", VERB_WRITE, "people.enter", "POST", "/api/employments/{employment}/end",
     "End a spell of employment", "办理职工减员",
     OBJECT("\"employment\",\"to\",\"reason\"", ID("employment") "," DAY("to") "," TEXT("reason")), NEW_ID,
     registry_employment_end, "employment.employment"},
    {0},
};
