/* SPDX-License-Identifier: Apache-2.0
 *
 * One request and its answer, free of the listener's library, so that the API can be tested without a
 * socket. Filled by server.c, answered by exchange_answer on a worker, sent by server.c.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "http/http.h"
#include "office/staff/staff.h"

struct route_table;
struct asset_set;
struct metrics;

/* What all exchanges of a server share. */
struct http_shared {
        struct house *house;
        struct route_table *routes;
        struct asset_set *assets; /* NULL: no web client */
        struct metrics *metrics;
        int64_t pool;
        size_t body_max;
};

#define TOKEN_TEXT 64
struct exchange {
        struct http_shared *shared;
        /* the request */
        char method[8];
        char *path;    /* decoded, without query; owned */
        json_t *query; /* object of strings; owned */
        struct buf body;
        char content_type[96];
        char session_token[TOKEN_TEXT], csrf[TOKEN_TEXT], key[96];
        char if_none_match[80];
        char trace[40]; /* W3C trace id, taken over or made */
        bool accepts_gzip;
        enum lang lang;
        /* the answer */
        int status;
        struct buf out;
        struct str borrowed; /* answered instead of `out` when p is not NULL (a file of the web client) */
        char media_type[64], file_name[128], set_cookie[192], etag[80];
        bool gzip, cacheable;
};

struct exchange *exchange_new(struct http_shared *shared);
void exchange_free(struct exchange *x);
/* Find the route, the session, check, call, and fill the answer. Never fails: a fault becomes problem+json. */
void exchange_answer(struct exchange *x);

/* Answers (answer.c). */
void answer_json(struct exchange *x, int status, const json_t *value);
void answer_error(struct exchange *x, const struct error *err);

/* Sessions (session.c): opaque tokens, stored as hashes; idle 30 minutes, at most 12 hours. */
struct session {
        struct staff staff;
        char csrf[TOKEN_TEXT];
};
int session_find(struct house *h, const char *token, struct session *out, struct error *err); /* SB_HTTP_SIGN_IN */
int session_begin(struct house *h, const char *login, const char *password, struct session *out, char token[TOKEN_TEXT],
                  struct error *err);
int session_end(struct house *h, const char *token, struct error *err);

/* Routes (route.c): verbs with a path, found by method and path. */
int route_table_new(struct route_table **out, const struct registry *verbs, struct error *err);
void route_table_free(struct route_table *t);
/* The verb and the {values} of its path as an object of strings (owned by the caller). SB_HTTP_NOT_FOUND, SB_HTTP_METHOD. */
int route_find(const struct route_table *t, const char *method, const char *path, const struct verb **verb, json_t **values,
               struct error *err);

/* Files of the web client, read at the start (asset.c). */
int asset_set_load(struct asset_set **out, const char *dir, struct error *err);
void asset_set_free(struct asset_set *a);
/* Answer with the file of the path, or with index.html for a page of the client; false when it is neither. */
bool asset_answer(const struct asset_set *a, struct exchange *x);

/* Counters in Prometheus' text form (metrics.c). */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);
void metrics_count(struct metrics *m, int status, double seconds);
void metrics_text(struct metrics *m, struct buf *out);

#endif
