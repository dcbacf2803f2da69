/* SPDX-License-Identifier: Apache-2.0 */
#include "office/exchange/exchange.h"

#include <string.h>

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define FEED "\"feed\":{\"type\":\"string\",\"pattern\":\"^[a-z0-9_.-]{1,40}$\"}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

/* A machine of a partner reaches the feeds of its own body; whoever else the pack gives the duty reaches each. */
static int feed_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct error none = {0};
        struct feed f = {.name = ""};

        (void)tx;
        (void)err;
        *within = (c->who.roles & ROLE_PARTNER) == 0 || feed_find(c, json_string_value(value), &f, &none) < 0 ||
                  strcmp(f.body, c->who.body) == 0;
        return 0;
}

const struct scope_rule exchange_scopes[] = {{"feed", "The feed", "该数据交换项", feed_scope, NULL}, {0}};

const struct verb exchange_verbs[] = {
    {"exchange.deliver", VERB_WRITE, "exchange.deliver", "POST", "/api/exchange/feeds/{feed}/batches",
     "Deliver a batch of a feed; the answer says what became of it", "报送一个批次并取得回执",
     "{\"type\":\"object\",\"x-body\":[\"text/plain\",\"application/"
     "octet-stream\"],\"additionalProperties\":false,\"required\":["
     "\"feed\",\"sequence\"],\"properties\":{" FEED
     "," ID("sequence") ",\"lines\":{\"type\":\"integer\",\"minimum\":0},\"sum\":{"
                        "\"type\":\"string\",\"format\":\"money\"},\"hash\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$"
                        "\"}}}",
     OBJECT("\"sequence\",\"state\"", ID("sequence") ",\"state\":{\"type\":\"string\"}"), exchange_deliver, "feed.feed"},
    {"exchange.status", VERB_READ, "exchange.deliver", "GET", "/api/exchange/feeds/{feed}",
     "What a partner has to send again and to fetch", "需补报的序号和待取走的批次", OBJECT("\"feed\"", FEED), ANY,
     exchange_status, "feed.feed"},
    {"exchange.file", VERB_READ, "exchange.deliver", "GET", "/api/exchange/feeds/{feed}/batches/{sequence}",
     "The bytes of a batch that goes out", "取走一个批次的报文", OBJECT("\"feed\",\"sequence\"", FEED "," ID("sequence")), ANY,
     exchange_file, "feed.feed"},
    {"exchange.acknowledge", VERB_WRITE, "exchange.deliver", "POST",
     "/api/exchange/feeds/{feed}/batches/{sequence}/acknowledgement", "The partner’s answer to a batch that it fetched",
     "对取走的批次给出回执",
     OBJECT("\"feed\",\"sequence\",\"accepted\"",
            FEED "," ID("sequence") ",\"accepted\":{\"type\":\"boolean\"},\"note\":{\"type\":\"string\",\"maxLength\":400}"),
     ANY, exchange_acknowledge, "feed.feed"},
    {"exchange.feeds", VERB_READ, "exchange.read", "GET", "/api/exchange/feeds", "The register of feeds, and which are late",
     "数据交换登记（含逾期未到）", OBJECT("", ""), LIST, exchange_feeds, SCOPE_EVERYWHERE},
    {"exchange.batches", VERB_READ, "exchange.read", "GET", "/api/exchange/batches", "Batches, newest first", "交换批次列表",
     OBJECT("", FEED
            ",\"state\":{\"type\":\"string\",\"enum\":[\"held\",\"applied\",\"refused\",\"waiting\",\"acknowledged\"]}," PAGE),
     LIST, exchange_batches, SCOPE_EVERYWHERE},
    {"exchange.batch_get", VERB_READ, "exchange.read", "GET", "/api/exchange/batches/{batch}",
     "A batch, and what its lines came to", "批次及逐行处理结果", OBJECT("\"batch\"", ID("batch") "," PAGE), ANY,
     exchange_batch_get, SCOPE_EVERYWHERE},
    {"exchange.differences", VERB_READ, "exchange.differences", "GET", "/api/exchange/differences",
     "Differences between what is told as owed, held due, collected, taken in and booked, of a day", "征缴差异清单（按日）",
     OBJECT("", "\"day\":{\"type\":\"string\",\"format\":\"date\"},\"kind\":{\"type\":\"string\",\"maxLength\":20},\"ended\":{"
                "\"type\":"
                "\"boolean\"}," PAGE),
     LIST, exchange_differences, SCOPE_OFFICE},
    {"exchange.prepare", VERB_WRITE, "exchange.work", "POST", "/api/exchange/feeds/{feed}/prepare",
     "Make the next batch of what was not told yet", "生成待发送批次", OBJECT("\"feed\"", FEED), ANY, exchange_prepare,
     "feed.feed"},
    {"exchange.replay", VERB_WRITE, "exchange.work", "POST", "/api/exchange/batches/{batch}/replay",
     "A message again: open lines are tried once more, what went out is offered again", "重放批次",
     OBJECT("\"batch\"", ID("batch")), ANY, exchange_replay, SCOPE_EVERYWHERE},
    {"exchange.day", VERB_WRITE, "exchange.work", "POST", "/api/exchange/day",
     "The daily look: send what is new, find silent feeds and differences", "每日核对：发送新增、检查静默、生成差异清单",
     OBJECT("", ""), ANY, exchange_day, SCOPE_EVERYWHERE},
    {"exchange.alarm_close", VERB_WRITE, "exchange.work", "POST", "/api/exchange/alarms/{alarm}/close",
     "Close an alarm that does not end by itself", "解除预警并注明处理情况",
     OBJECT("\"alarm\",\"note\"", ID("alarm") ",\"note\":{\"type\":\"string\",\"minLength\":4,\"maxLength\":400}"), ANY,
     exchange_alarm_close, SCOPE_EVERYWHERE},
    {0},
};
