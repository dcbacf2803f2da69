/* SPDX-License-Identifier: Apache-2.0
 *
 * Everyone with whom the office exchanges data (数据交换): the register of feeds, their messages, what became of each line, alarms, and the
 * differences between what we say is owed and what others say is owed and paid (差异清单). Owns the tables exchange_*. Who the partners are,
 * what a feed is for, how long it may be silent and in which form its messages come is data of the pack (partners.csv, feeds.csv,
 * layouts.csv). Knows how contributions take money (office.h), not how they are assessed.
 *
 * A message is a batch: a sequence number of its feed, bytes in the feed's layout, and what the sender says of them (SHA-256, number of
 * lines, sum). What comes in is applied in order of its numbers, each once: a number that is ahead is held, those that are missing are asked
 * for again; the same content once more changes nothing; other content under a used number is refused and raises an alarm; what is corrupt
 * is refused with its line. What goes out waits until the partner acknowledges it, and may be fetched any number of times.
 */
#ifndef OFFICE_EXCHANGE_EXCHANGE_H
#define OFFICE_EXCHANGE_EXCHANGE_H

#include "office/office.h"
#include "pack/pack.h"

struct layout;

extern const struct verb exchange_verbs[];
extern const struct scope_rule exchange_scopes[];

verb_run exchange_deliver;                       /* receive.c */
verb_run exchange_prepare, exchange_acknowledge; /* send.c */
verb_run exchange_replay;                        /* replay.c */
verb_run exchange_day, exchange_alarm_close;     /* watch.c */
/* The daily look, once a day by the server itself; nothing where it was done today or the pack has no feeds. */
int exchange_daily(struct house *h, struct error *err);
verb_run exchange_status, exchange_file, exchange_feeds, exchange_batches, exchange_differences; /* list.c */
verb_run exchange_batch_get;                                                                     /* view.c */

#define EXCHANGE_BYTES ((size_t)16 << 20) /* of one batch */
#define EXCHANGE_LINES 50000              /* of one batch that goes out */
#define EXCHANGE_AHEAD 200                /* a number may be so far ahead of the one that is due */
#define FEED_NAME 41

/* feed.c: a row of feeds.csv with its partner's body. */
struct feed {
        char name[FEED_NAME], partner[FEED_NAME], body[32], content[24], layout[FEED_NAME], leads_to[16];
        bool in;                                         /* from the partner to us */
        int64_t match_least, hearing_days, silence_days; /* -1: not known */
};
int feed_find(struct call *c, const char *name, struct feed *out, struct error *err); /* SB_EXCHANGE_FEED */
/* The same of a feed that goes that way; SB_EXCHANGE_DIRECTION. */
int feed_going(struct call *c, const char *name, bool in, struct feed *out, struct error *err);
/* The rows of feeds.csv and partners.csv of the pack that the installation goes by; none where it has no such table. */
int feed_rows(struct call *c, json_t **feeds, json_t **partners, struct error *err);
void feed_take(const json_t *row, const json_t *partners, struct feed *out);
int feed_layout(struct call *c, const struct feed *f, struct layout **out, struct error *err); /* SB_EXCHANGE_LAYOUT */
/* The state of a feed, held until the transaction ends; made when it is not there. */
struct feed_state {
        int64_t next;
        instant_t heard_at;
};
int feed_hold(struct tx *tx, struct house *h, const char *feed, struct feed_state *out, struct error *err);
int feed_heard(struct tx *tx, struct house *h, const char *feed, int64_t next, struct error *err);

/* feed.c: alarms. One that is open for the same feed, kind and sequence is not opened again. */
int alarm_open(struct tx *tx, struct house *h, const char *feed, const char *kind, int64_t sequence, int64_t batch, int code,
               struct error *err);
int alarm_over(struct tx *tx, struct house *h, const char *feed, const char *kind, int64_t sequence,
               struct error *err); /* sequence -1: each */

/* batch.c: what is kept of a batch. */
struct batch {
        int64_t id, sequence, attempt, lines, code, version;
        char feed[FEED_NAME], state[16], place[24];
        struct hash hash;
        fen_t sum;
};
int batch_read(struct tx *tx, int32_t home, int64_t id, struct batch *out, struct error *err); /* SB_EXCHANGE_BATCH */
/* The batch of a sequence that counts: 1, 0, ERR. */
int batch_of(struct tx *tx, int32_t home, const char *feed, int64_t sequence, struct batch *out, struct error *err);
int batch_add(struct tx *tx, struct call *c, struct batch *b, struct str body, struct error *err); /* gives it its id */
int batch_state(struct tx *tx, struct call *c, struct batch *b, const char *state, struct error *err);
int batch_body(struct tx *tx, struct house *h, int64_t id, struct buf *out, struct error *err);

/* What a line came to. */
struct line {
        int64_t batch, line; /* of the file, from 1 */
        const char *state;   /* applied, known, open, noted */
        const char *reference, *subject_kind, *result_kind;
        int64_t subject, result;
        int64_t confidence; /* percent */
        fen_t amount;
        int code; /* why it is open; 0 */
};

/* apply.c: the lines of a batch, each once: a line that was applied stays as it is. values: as layout_read gives them. */
struct applying {
        struct call *call;
        const struct feed *feed;
        int64_t batch;
        int64_t applied, open; /* lines, counted */
};
int batch_apply(struct tx *tx, struct applying *a, const json_t *values, struct error *err);
int line_write(struct tx *tx, int32_t home, const struct line *l, struct error *err);
/* Does the layout have the fields that the feed's content needs? SB_EXCHANGE_FIELD. */
int content_check(const struct feed *f, const struct layout *l, struct error *err);
/* Does content of this kind name people? */
bool content_personal(const char *content);

/* claim.c: what a side says of a thing. */
struct claim {
        const char *side, *key, *scheme;
        int64_t employer, batch, line;
        month_t month;
        fen_t amount;
        day_t day;
};
#define CLAIM_KEY 64
char *claim_key(char out[CLAIM_KEY], const char *uscc, const char *scheme, month_t month);
/* Said anew: what was said before holds no more. */
int claim_set(struct tx *tx, int32_t home, const struct claim *k, struct error *err);
/* Said once: *same whether what is there says the same of amount and employer; 1 it was there, 0 it is new. */
int claim_once(struct tx *tx, int32_t home, const struct claim *k, bool *same, struct error *err);

/* compare.c: hold the sides against each other; differences begin and end today. *open counts those that hold. */
int differences_find(struct tx *tx, struct house *h, int64_t *open, struct error *err);

/* send.c: make the next batches of a feed from what it has not told yet; *made counts. */
int feed_prepare(struct tx *tx, struct call *c, const struct feed *f, const struct layout *l, int64_t *made, struct error *err);

#endif
