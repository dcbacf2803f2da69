/* SPDX-License-Identifier: Apache-2.0
 *
 * One request and its answer, free of the listener's library, so that the API can be tested without a
 * socket. Filled by server.c, answered by exchange_answer on a worker, sent by server.c.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "http/http.h"
#include "office/signin/signin.h"

struct route_table;
struct asset_set;
struct metrics;
struct limiter;
struct oidc;

/* What all exchanges of a server share. */
struct http_shared {
        struct house *house;
        struct route_table *routes;
        struct asset_set *assets; /* NULL: no web client */
        struct metrics *metrics;
        struct limiter *limiter;
        struct oidc *oidc; /* NULL: local accounts alone */
        int64_t pool;
        size_t body_max;
        char origin[256]; /* of the web client; https: TLS ends before us */
        bool secure;
};

struct exchange {
        struct http_shared *shared;
        /* the request */
        char method[8];
        char *path;    /* decoded, without query; owned */
        json_t *query; /* object of strings; owned */
        struct buf body;
        char content_type[96];
        char session_token[TOKEN_TEXT], csrf[TOKEN_TEXT], oidc_state[TOKEN_TEXT], key[96];
        char if_none_match[80];
        char trace[40];               /* W3C trace id, taken over or made */
        char address[48], agent[160]; /* of who asks, as the nearest proxy of ours saw it */
        char host[256], origin[256], fetch_site[16];
        bool accepts_gzip;
        enum lang lang;
        /* the answer */
        int status;
        struct buf out;
        struct str borrowed; /* answered instead of `out` when p is not NULL (a file of the web client) */
        char media_type[64], file_name[128], set_cookie[192], etag[80];
        bool gzip, cacheable;
        char location[2048]; /* where to go instead, with 302 */
        int retry_after_s;   /* told with 429; 0 nothing */
};

struct exchange *exchange_new(struct http_shared *shared);
void exchange_free(struct exchange *x);
/* Find the route, the session, check, call, and fill the answer. Never fails: a fault becomes problem+json. */
void exchange_answer(struct exchange *x);

/* Answers (answer.c). */
void answer_json(struct exchange *x, int status, const json_t *value);
void answer_error(struct exchange *x, const struct error *err);

/* Signing in and out (sign_in.c): the routes under /api/session. */
const char *session_cookie(const struct http_shared *s);
int session_post(struct exchange *x, json_t **out, struct error *err);
int session_get(struct exchange *x, json_t **out, struct error *err);
int session_remove(struct exchange *x, json_t **out, struct error *err);
int session_challenge(struct exchange *x, json_t **out, struct error *err);
int session_factor(struct exchange *x, json_t **out, struct error *err);
/* The session of a request that changes something: its CSRF word is there. */
int session_checked(struct exchange *x, struct session *out, struct error *err);
/* After a verb about signing in: the session may stand elsewhere now, and then has a new token. */
int session_moved(struct exchange *x, struct session *s, struct error *err);
/* The cookie of a session; "" takes it away. */
void cookie_put(struct exchange *x, const char *token);
int body_json(struct exchange *x, json_t **out, struct error *err);

/* Who asks too much waits (limit.c). Bounded memory: at most LIMIT_ENTRIES buckets, the one that was idle longest gives way. */
enum limit {
        LIMIT_ADDRESS, /* everything that an address asks */
        LIMIT_SESSION,
        LIMIT_PUBLIC,  /* what needs no session, of an address */
        LIMIT_SIGN_IN, /* attempts to sign in from an address */
        LIMIT_FAILED,  /* wrong ones of an address, of any name */
        LIMIT_FACTOR,  /* wrong second factors of a member of staff */
        LIMIT_COUNT
};
struct limiter *limiter_new(int session_a_second); /* 0: nobody waits but who guesses */
void limiter_free(struct limiter *l);
/* Take a token: 0, or the seconds until there is one. `look`: take none. */
int limiter_take(struct limiter *l, enum limit kind, const char *who, instant_t now, bool look);
/* Guessing a password for a name (whether it exists or not) from an address: seconds to wait; what came of it. Five wrong ones are free,
 * then each doubles the wait, 15 s to 15 min. A name that is guessed from many addresses makes those wait at once who were wrong before;
 * an address that was never wrong is never kept out by others. */
int limiter_guess(struct limiter *l, const char *address, const char *login, instant_t now);
void limiter_guessed(struct limiter *l, const char *address, const char *login, bool right, instant_t now);

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
