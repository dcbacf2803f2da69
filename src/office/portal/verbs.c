/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of the portals' verbs. Those at a window act on an account; all others are of who signed in, and name nobody.
 */
#include "office/portal/portal.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define TEXT(name, most) "\"" name "\":{\"type\":\"string\",\"maxLength\":" most "}"
#define SAID(name, least, most) "\"" name "\":{\"type\":\"string\",\"minLength\":" least ",\"maxLength\":" most "}"
#define OPENS "\"person\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"person\"}"
#define MONTH(name) "\"" name "\":{\"type\":\"string\",\"format\":\"month\"}"
#define SCHEME "\"scheme\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{2,8}$\"}"
#define DOCUMENT "\"shown\":{\"enum\":[\"id_card\",\"social_card\",\"residence_booklet\",\"passport\",\"permit\"]}"
#define PAPER "\"shown\":{\"enum\":[\"authorisation\",\"licence\"]}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"
#define OPENED                                                                                                                 \
        OBJECT("\"account\",\"login\",\"code\",\"code_until\"",                                                                \
               ID("account") "," TEXT("login", "64") "," TEXT(                                                                 \
                   "code", "20") ",\"code_until\":{\"type\":\"string\",\"format\":\"date\"}")
#define NOTHING OBJECT("", "")

const struct verb portal_verbs[] = {
    /* At a window. */
    {"portal.open", VERB_WRITE, "portal.open", "POST", "/api/persons/{person}/portal",
     "Open a person’s account of the portal, after a look at the identity document: a code, told once",
     "核验身份证件后为参保人开通网上账户（开户码仅显示一次）", OBJECT("\"person\",\"shown\"", OPENS "," DOCUMENT), OPENED,
     portal_open, SCOPE_EVERYWHERE},
    {"portal.accounts", VERB_READ, "portal.open", "GET", "/api/persons/{person}/portal",
     "Has a person an account of the portal", "参保人网上账户", OBJECT("\"person\"", OPENS), LIST, portal_accounts,
     SCOPE_EVERYWHERE},
    {"portal.close", VERB_WRITE, "portal.open", "POST", "/api/persons/{person}/portal/close",
     "Close a person’s account of the portal", "停用参保人网上账户",
     OBJECT("\"person\",\"account\",\"reason\"", OPENS "," ID("account") "," SAID("reason", "4", "200")), ANY, portal_close,
     SCOPE_EVERYWHERE},
    {"portal.open_agent", VERB_WRITE, "portal.open", "POST", "/api/employers/{employer}/portal",
     "Open the account of an employer’s agent, or give it a new code, after a look at the authorisation",
     "核验授权后为单位经办人开通网上账户或重发开户码",
     OBJECT("\"employer\",\"name\",\"shown\"", ID("employer") "," ID("account") "," SAID("name", "1", "60") "," PAPER), OPENED,
     portal_open_agent, "employer.employer"},
    {"portal.agents", VERB_READ, "portal.open", "GET", "/api/employers/{employer}/portal",
     "The agents of an employer in the portal", "单位网上经办人", OBJECT("\"employer\"", ID("employer")), LIST, portal_agents,
     "employer.employer"},
    {"portal.close_agent", VERB_WRITE, "portal.open", "POST", "/api/employers/{employer}/portal/close",
     "Close the account of an employer’s agent", "停用单位经办人网上账户",
     OBJECT("\"employer\",\"account\",\"reason\"", ID("employer") "," ID("account") "," SAID("reason", "4", "200")), ANY,
     portal_close_agent, "employer.employer"},
    /* Of who signed in. */
    {"portal.me", VERB_READ, "portal.use", "GET", "/api/my", "Who signed in, for whom, and what may be asked for here",
     "我的网上账户", NOTHING, ANY, portal_me, SCOPE_SELF},
    {"portal.record", VERB_READ, "portal.self", "GET", "/api/my/record", "My record: facts, employment, accounts, benefits",
     "我的参保信息", NOTHING, ANY, portal_record, SCOPE_SELF},
    {"portal.openings", VERB_READ, "portal.self", "GET", "/api/my/openings", "Who has looked at my record, when and for what",
     "我的记录被谁查阅", NOTHING, LIST, portal_openings, SCOPE_SELF},
    {"portal.months", VERB_READ, "portal.self", "GET", "/api/my/months", "My months by scheme, and those that are missing",
     "我的缴费月份及缺口", NOTHING, ANY, portal_months, SCOPE_SELF},
    {"portal.account", VERB_READ, "portal.self", "GET", "/api/my/account", "My personal account: the statement of a year",
     "我的个人账户年度对账单", OBJECT("", "\"year\":{\"type\":\"integer\",\"minimum\":1993,\"maximum\":2100}," SCHEME), ANY,
     portal_account, SCOPE_SELF},
    {"portal.form", VERB_READ, "portal.use", "GET", "/api/my/requests/{request}", "What a request asks: fields and papers",
     "网上申请表", OBJECT("\"request\"", SAID("request", "1", "40")), ANY, portal_form, SCOPE_SELF},
    {"portal.request", VERB_WRITE, "portal.use", "POST", "/api/my/requests/{request}", "Ask for something of the pack’s list",
     "提交网上申请", OBJECT("\"request\",\"form\"", SAID("request", "1", "40") ",\"form\":{\"type\":\"object\"}"), ANY,
     portal_request, SCOPE_SELF},
    {"portal.dispute", VERB_WRITE, "portal.use", "POST", "/api/my/disputes", "Say that months or a fact are wrong, in one step",
     "对缴费月份或登记事项提出异议（一步）",
     OBJECT("\"text\"", SAID("text", "4", "300") "," TEXT("fact", "60") "," SCHEME "," MONTH("from") "," MONTH("to") "," TEXT(
                            "phone", "20")),
     ANY, portal_dispute, SCOPE_SELF},
    {"portal.change", VERB_WRITE, "portal.use", "POST", "/api/my/changes", "Ask for a change of registered data",
     "申请变更登记信息",
     OBJECT("\"item\",\"new_value\"",
            "\"item\":{\"enum\":[\"name\",\"identity\",\"birthday\",\"first_work_day\",\"phone\",\"address\",\"account\"]}"
            "," SAID("new_value", "1", "200") "," TEXT("bank_name", "60") "," TEXT("reason_of_application", "300") "," TEXT(
                "phone", "20") "," ID("person") ",\"valid_from\":{\"type\":\"string\",\"format\":\"date\"}"),
     ANY, portal_change, SCOPE_SELF},
    {"portal.applications", VERB_READ, "portal.use", "GET", "/api/my/applications", "Where my applications stand, newest first",
     "我的办件",
     OBJECT("",
            "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":20},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"),
     LIST, portal_applications, SCOPE_SELF},
    {"portal.application", VERB_READ, "portal.use", "GET", "/api/my/applications/{case}",
     "One of my applications, with its letters", "我的办件进度与文书", OBJECT("\"case\"", ID("case")), ANY, portal_application,
     SCOPE_SELF},
    {"portal.attach", VERB_WRITE, "portal.use", "POST", "/api/my/applications/{case}/attachments",
     "Add evidence (PDF, PNG, JPEG) to one of my applications", "为我的办件补充材料",
     "{\"type\":\"object\",\"x-body\":[\"application/pdf\",\"image/png\",\"image/"
     "jpeg\"],\"additionalProperties\":false,\"required\":["
     "\"case\",\"title\"],\"properties\":{" ID("case") "," SAID("title", "1", "120") "," TEXT("material", "40") "}}",
     ANY, portal_attach, SCOPE_SELF},
    {"portal.withdraw", VERB_WRITE, "portal.use", "POST", "/api/my/applications/{case}/withdraw",
     "Withdraw one of my applications", "撤回我的申请",
     OBJECT("\"case\",\"reason\"", ID("case") "," SAID("reason", "1", "500")), ANY, portal_withdraw, SCOPE_SELF},
    {"portal.letter", VERB_READ, "portal.use", "GET", "/api/my/letters/{document}", "A letter that was written to me",
     "我的文书", OBJECT("\"document\"", ID("document")), ANY, portal_letter, SCOPE_SELF},
    {0},
};
