/* SPDX-License-Identifier: Apache-2.0 */
#include "office/rules/rules.h"

/* Rules are public law: all staff may read them and try them. Drafts are made by who answers for law or keeps the packs. */
#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define SOURCE "\"source\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":80}"
#define MODEL "\"model\":{\"type\":\"string\",\"pattern\":\"^[a-z][a-z0-9_]*$\",\"maxLength\":60}"
#define VERSION "\"version\":{\"type\":\"integer\",\"minimum\":1}"
#define WITH "\"with\":{\"type\":\"string\",\"maxLength\":80}"
#define ANY "{\"type\":\"object\"}"

const struct verb rules_verbs[] = {
    {"rules.sources", VERB_READ, DUTY_ALL, "GET", "/api/rules", "Stored packs and open drafts", "政策包与草稿", OBJECT("", ""),
     ANY, rules_sources, SCOPE_EVERYWHERE},
    {"rules.models", VERB_READ, DUTY_ALL, "GET", "/api/rules/{source}/models",
     "The rule models of a pack or draft, with their decisions and articles", "规则模型列表", OBJECT("\"source\"", SOURCE), ANY,
     rules_models, SCOPE_EVERYWHERE},
    {"rules.model", VERB_READ, DUTY_ALL, "GET", "/api/rules/{source}/models/{model}",
     "A model: its XML, its elements and tables, and what each decision asks for", "规则模型",
     OBJECT("\"source\",\"model\"", SOURCE "," MODEL), ANY, rules_model, SCOPE_EVERYWHERE},
    {"rules.evaluate", VERB_READ, DUTY_ALL, "POST", "/api/rules/{source}/models/{model}/evaluate",
     "Try a decision with given values on a day of law; nothing is stored", "试算（不保存）",
     OBJECT("\"source\",\"model\",\"decision\",\"day\",\"inputs\"",
            SOURCE "," MODEL ",\"decision\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":120},"
                   "\"day\":{\"type\":\"string\",\"format\":\"date\"},\"inputs\":{\"type\":\"object\"}"),
     ANY, rules_evaluate, SCOPE_EVERYWHERE},
    {"rules.cases", VERB_READ, DUTY_ALL, "GET", "/api/rules/{source}/cases",
     "Run the worked examples of a pack or draft; failures first", "运行算例（未通过的在前）",
     OBJECT("\"source\"", SOURCE "," MODEL), ANY, rules_cases, SCOPE_EVERYWHERE},
    {"rules.check", VERB_READ, DUTY_ALL, "GET", "/api/rules/{source}/check", "Every fault of a pack or draft", "检查政策包",
     OBJECT("\"source\"", SOURCE), ANY, rules_check, SCOPE_EVERYWHERE},
    {"rules.compare", VERB_READ, DUTY_ALL, "GET", "/api/rules/{source}/compare",
     "Models and figures that differ from another version (a draft: from its origin)", "版本比较：模型与参数",
     OBJECT("\"source\"", SOURCE "," WITH), ANY, rules_compare, SCOPE_EVERYWHERE},
    {"rules.model_compare", VERB_READ, DUTY_ALL, "GET", "/api/rules/{source}/models/{model}/compare",
     "What changed in a model: tables row by row, other expressions by text", "版本比较：逐行",
     OBJECT("\"source\",\"model\"", SOURCE "," MODEL "," WITH), ANY, rules_model_compare, SCOPE_EVERYWHERE},
    {"rules.draft_create", VERB_WRITE, "rules.draft", "POST", "/api/rules/{source}/drafts", "Begin a draft of a stored pack",
     "新建政策包草稿",
     OBJECT("\"source\",\"title\"", SOURCE ",\"title\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":80}"), ANY,
     rules_draft_create, SCOPE_EVERYWHERE},
    {"rules.draft_save", VERB_WRITE, "rules.draft", "POST", "/api/rules/{source}/models/{model}",
     "Save a model in a draft; it must compile within the pack", "保存草稿中的规则模型",
     OBJECT("\"source\",\"model\",\"xml\"", SOURCE "," MODEL "," VERSION ",\"xml\":{\"type\":\"string\",\"minLength\":1}"), ANY,
     rules_draft_save, SCOPE_EVERYWHERE},
    {"rules.draft_undo", VERB_WRITE, "rules.draft", "POST", "/api/rules/{source}/undo", "Take back the last step of a draft",
     "撤销草稿的上一步", OBJECT("\"source\"", SOURCE "," VERSION), ANY, rules_draft_undo, SCOPE_EVERYWHERE},
    {"rules.draft_discard", VERB_WRITE, "rules.draft", "POST", "/api/rules/{source}/discard", "Discard a draft", "放弃草稿",
     OBJECT("\"source\"", SOURCE "," VERSION), ANY, rules_draft_discard, SCOPE_EVERYWHERE},
    {0},
};
