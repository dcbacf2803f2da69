/* SPDX-License-Identifier: Apache-2.0
 *
 * The listener: the only file that knows libmicrohttpd. A request is read in a listener thread, suspended, answered by a
 * worker, resumed and sent.
 */
#include "http/oidc.h"

#include <arpa/inet.h>
#include <assert.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORKERS_MAX 64
#define QUEUE_MAX 1024

#define BODY_MAX ((size_t)64 << 20)
/* Who has no session sends no more: a letter to be verified is the largest. */
#define BODY_OPEN_MAX ((size_t)8 << 20)
/* All bodies that are being read or answered, together. */
#define BODIES_MAX ((size_t)512 << 20)
/* A head that is not there by then, or a body that comes more slowly: the connection is closed. */
#define HEAD_MS 20000
#define BODY_S 30.0
#define BODY_LEAST_A_SECOND 1024.0
#define CONNECTIONS_MAX 1000
#define PROXIES_MAX 8

/* A connection, and since when the head of a request is awaited on it; 0 while one is answered. */
struct line {
        struct MHD_Connection *connection;
        struct line *next, **link;
        int fd;
        double waits_since;
};

struct request {
        struct exchange *x;
        struct MHD_Connection *connection;
        struct request *next;
        double started;
        size_t counted; /* bytes of its body within BODIES_MAX */
        bool queued;
        enum error_code refused;
};

struct http_server {
        struct http_shared shared;
        struct MHD_Daemon *daemon;
        pthread_t workers[WORKERS_MAX];
        int worker_count;
        pthread_mutex_t lock;
        pthread_cond_t wake, tick;
        struct request *first, *last; /* waiting for a worker */
        int waiting;
        bool stopping;
        char proxies[PROXIES_MAX][48];
        int proxy_count;
        struct line *lines;
        size_t bodies; /* bytes */
        pthread_t watch;
        double head_s;
        bool watching;
};

static void *worker_main(void *arg)
{
        struct http_server *s = arg;

        for (;;) {
                pthread_mutex_lock(&s->lock);
                while (s->first == NULL && !s->stopping)
                        pthread_cond_wait(&s->wake, &s->lock);
                struct request *r = s->first;
                if (r == NULL) {
                        pthread_mutex_unlock(&s->lock);
                        return NULL;
                }
                s->first = r->next;
                if (s->first == NULL)
                        s->last = NULL;
                s->waiting--;
                pthread_mutex_unlock(&s->lock);
                exchange_answer(r->x);
                metrics_count(s->shared.metrics, r->x->status, clock_monotonic() - r->started);
                MHD_resume_connection(r->connection);
        }
}

static bool queue_put(struct http_server *s, struct request *r)
{
        pthread_mutex_lock(&s->lock);
        bool ok = s->waiting < QUEUE_MAX && !s->stopping;
        if (ok) {
                if (s->last != NULL)
                        s->last->next = r;
                else
                        s->first = r;
                s->last = r;
                s->waiting++;
                r->queued = true;
                MHD_suspend_connection(r->connection);
                pthread_cond_signal(&s->wake);
        }
        pthread_mutex_unlock(&s->lock);
        return ok;
}

static enum MHD_Result query_take(void *ctx, enum MHD_ValueKind kind, const char *key, const char *value)
{
        struct exchange *x = ctx;

        (void)kind;
        json_t *text = json_string(value == NULL ? "" : value); /* NULL when it is not UTF-8 */
        if (text == NULL || json_object_set_new(x->query, key, text) != 0)
                x->status = 400;
        return MHD_YES;
}

static void header_copy(struct MHD_Connection *c, const char *name, char *out, size_t size)
{
        const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);

        text_copy(out, size, str_from(value));
}

static bool is_proxy(const struct http_server *s, const char *address)
{
        for (int i = 0; i < s->proxy_count; i++)
                if (strcmp(s->proxies[i], address) == 0)
                        return true;
        return false;
}

/* Who asks: the peer; when that is a proxy of ours, the last address in X-Forwarded-For that is not one. What comes before it in that
 * header was written by who asks, and counts for nothing. */
static void address_take(const struct http_server *s, struct MHD_Connection *c, struct exchange *x)
{
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        const char *forwarded = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-Forwarded-For");
        const struct sockaddr *peer = info == NULL ? NULL : info->client_addr;

        if (peer != NULL && peer->sa_family == AF_INET)
                inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, x->address, sizeof x->address);
        size_t end = forwarded == NULL ? 0 : strlen(forwarded);
        while (end > 0 && is_proxy(s, x->address)) {
                size_t start = end;
                while (start > 0 && forwarded[start - 1] != ',')
                        start--;
                unsigned char raw[16];
                char one[48];
                text_copy(one, sizeof one, str_trim((struct str){forwarded + start, end - start}));
                if (inet_pton(AF_INET, one, raw) != 1 && inet_pton(AF_INET6, one, raw) != 1)
                        return;
                memcpy(x->address, one, sizeof one);
                end = start > 0 ? start - 1 : 0;
        }
}

/* "00-<32 hex>-…": the caller's trace id (W3C Trace Context), when it is one. */
static void trace_take(struct MHD_Connection *c, struct exchange *x)
{
        const char *parent = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "traceparent");

        if (parent == NULL || strlen(parent) < 36 || parent[2] != '-' || parent[35] != '-' ||
            strspn(parent + 3, "0123456789abcdef") != 32)
                return;
        text_copy(x->trace, sizeof x->trace, (struct str){parent + 3, 32});
}

static struct request *request_new(struct http_server *s, struct MHD_Connection *c, const char *url, const char *method)
{
        struct request *r = calloc(1, sizeof *r);
        const char *accept, *cookie;

        if (r == NULL)
                return NULL;
        r->connection = c;
        r->started = clock_monotonic();
        struct exchange *x = r->x = exchange_new(&s->shared);
        if (x != NULL) {
                x->path = strdup(url);
                x->query = json_object();
        }
        if (x == NULL || x->path == NULL || x->query == NULL) {
                exchange_free(x);
                free(r);
                return NULL;
        }
        text_copy(x->method, sizeof x->method, str_from(method));
        MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, query_take, x);
        header_copy(c, MHD_HTTP_HEADER_CONTENT_TYPE, x->content_type, sizeof x->content_type);
        header_copy(c, "X-CSRF-Token", x->csrf, sizeof x->csrf);
        header_copy(c, "Idempotency-Key", x->key, sizeof x->key);
        header_copy(c, MHD_HTTP_HEADER_IF_NONE_MATCH, x->if_none_match, sizeof x->if_none_match);
        header_copy(c, MHD_HTTP_HEADER_USER_AGENT, x->agent, sizeof x->agent);
        header_copy(c, MHD_HTTP_HEADER_HOST, x->host, sizeof x->host);
        header_copy(c, MHD_HTTP_HEADER_ORIGIN, x->origin, sizeof x->origin);
        header_copy(c, "Sec-Fetch-Site", x->fetch_site, sizeof x->fetch_site);
        if (utf8_check(str_from(x->agent), NULL) < 0)
                x->agent[0] = '\0';
        address_take(s, c, x);
        cookie = MHD_lookup_connection_value(c, MHD_COOKIE_KIND, session_cookie(&s->shared));
        text_copy(x->session_token, sizeof x->session_token, str_from(cookie));
        cookie = MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "shebao_oidc");
        text_copy(x->oidc_state, sizeof x->oidc_state, str_from(cookie));
        accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_LANGUAGE);
        x->lang = accept != NULL && strncmp(accept, "en", 2) == 0 ? LANG_EN : LANG_ZH;
        accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
        x->accepts_gzip = accept != NULL && strstr(accept, "gzip") != NULL;
        trace_take(c, x);
        return r;
}

/* Every answer carries these (doc/security.md, "Guards of HTTP"). */
static const char *const GUARDS[][2] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy",
     "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), "
     "payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"},
};
/* No inline script or style but the six style attributes of the logo that the licence of bpmn.io asks for (and of the note behind it),
 * named by their hashes. */
static const char POLICY_PAGE[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-hashes' "
    "'sha256-r3vOsuepBDg6tz/cOusiNJ9Y4Lp9hGQTT7pzDks1Xxc=' "
    "'sha256-CA/eh4+2R0J7cEQ14gBMtx834RIOjzMUqCM+evtrkp4=' "
    "'sha256-JpvvTIK7ulxf/3oA+AUuVbO9Labs8npGWGm9X9nGIWw=' "
    "'sha256-9OIpRRx0bq4t4s2zyqbocMNwedniLDaxLB+FlLIjNgM=' "
    "'sha256-GAdrtwahSjGXI0UQQnfyEVtPn+wfgQxvyrjyQuByfuU=' "
    "'sha256-ZG9bHUWWXDZyu7zfItuLwGK+cah/hweM0RfXpZpxZVM='; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";
static const char POLICY_REST[] = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

static void headers_add(struct MHD_Response *response, const struct exchange *x)
{
        char text[256];

        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, x->media_type);
        for (size_t i = 0; i < sizeof GUARDS / sizeof GUARDS[0]; i++)
                MHD_add_response_header(response, GUARDS[i][0], GUARDS[i][1]);
        MHD_add_response_header(response, "Content-Security-Policy",
                                strncmp(x->media_type, "text/html", 9) == 0 ? POLICY_PAGE : POLICY_REST);
        if (x->shared->secure)
                MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
        if (x->status == 302)
                MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, x->location);
        if (x->retry_after_s > 0) {
                text_format(text, sizeof text, "%d", x->retry_after_s);
                MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, text);
        }
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
                                x->cacheable ? "public, max-age=31536000, immutable" : "no-store");
        text_format(text, sizeof text, "00-%s-%.16s-01", x->trace, x->trace);
        MHD_add_response_header(response, "traceresponse", text);
        if (x->set_cookie[0] != '\0')
                MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, x->set_cookie);
        if (x->etag[0] != '\0')
                MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, x->etag);
        if (x->gzip)
                MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
        if (x->file_name[0] != '\0') {
                text_format(text, sizeof text, "attachment; filename=\"%s\"", x->file_name);
                MHD_add_response_header(response, "Content-Disposition", text);
        }
}

static enum MHD_Result request_send(struct request *r)
{
        struct exchange *x = r->x;
        struct str body = x->borrowed.p != NULL ? x->borrowed : (struct str){buf_text(&x->out), x->out.n};
        struct MHD_Response *response =
            MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_PERSISTENT);

        if (response == NULL)
                return MHD_NO;
        headers_add(response, x);
        enum MHD_Result sent = MHD_queue_response(r->connection, (unsigned)x->status, response);
        MHD_destroy_response(response);
        return sent;
}

static enum MHD_Result request_refuse(struct request *r, enum error_code code, const char *values)
{
        struct error err = {0};

        error_raise(&err, code, "%s", values);
        answer_error(r->x, &err);
        return request_send(r);
}

static struct line *line_of(struct MHD_Connection *c)
{
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

        return info == NULL ? NULL : info->socket_context;
}

static void line_wait(struct http_server *s, struct MHD_Connection *c, double since)
{
        struct line *l = line_of(c);

        pthread_mutex_lock(&s->lock);
        if (l != NULL)
                l->waits_since = since;
        pthread_mutex_unlock(&s->lock);
}

static void on_connection(void *ctx, struct MHD_Connection *c, void **state, enum MHD_ConnectionNotificationCode what)
{
        struct http_server *s = ctx;
        struct line *l = *state;

        if (what == MHD_CONNECTION_NOTIFY_STARTED) {
                const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
                l = info == NULL ? NULL : calloc(1, sizeof *l);
                if (l == NULL)
                        return;
                *l = (struct line){.connection = c, .fd = info->connect_fd, .waits_since = clock_monotonic()};
                pthread_mutex_lock(&s->lock);
                l->next = s->lines;
                l->link = &s->lines;
                if (s->lines != NULL)
                        s->lines->link = &l->next;
                s->lines = l;
                pthread_mutex_unlock(&s->lock);
                *state = l;
                return;
        }
        if (l == NULL)
                return;
        pthread_mutex_lock(&s->lock);
        *l->link = l->next;
        if (l->next != NULL)
                l->next->link = l->link;
        pthread_mutex_unlock(&s->lock);
        free(l);
        *state = NULL;
}

/* Once a second: connections on which no head came in time are shut. Under the lock none of them can be closed meanwhile, so that the
 * number of the socket is still theirs. */
static void *watch_main(void *arg)
{
        struct http_server *s = arg;
        struct timespec until;

        pthread_mutex_lock(&s->lock);
        while (!s->stopping) {
                clock_gettime(CLOCK_REALTIME, &until);
                until.tv_sec++;
                pthread_cond_timedwait(&s->tick, &s->lock, &until);
                double now = clock_monotonic();
                for (struct line *l = s->lines; l != NULL; l = l->next)
                        if (l->waits_since > 0 && now - l->waits_since > s->head_s)
                                shutdown(l->fd, SHUT_RDWR);
        }
        pthread_mutex_unlock(&s->lock);
        return NULL;
}

/* A piece of a body: what is too large, too slow or too much for all together is refused when it has come to its end. */
static enum MHD_Result body_take(struct http_server *s, struct request *r, const char *data, size_t size)
{
        struct exchange *x = r->x;
        double took = clock_monotonic() - r->started;
        size_t most = x->session_token[0] == '\0' && s->shared.body_max > BODY_OPEN_MAX ? BODY_OPEN_MAX : s->shared.body_max;

        if (took > BODY_S && (double)(x->body.n + size) < took * BODY_LEAST_A_SECOND)
                return MHD_NO;
        if (r->refused != SB_OK)
                return MHD_YES;
        pthread_mutex_lock(&s->lock);
        bool room = s->bodies + size <= BODIES_MAX;
        if (room) {
                s->bodies += size;
                r->counted += size;
        }
        pthread_mutex_unlock(&s->lock);
        if (!room) {
                r->refused = SB_HTTP_BUSY;
        } else if (x->body.n + size > most) {
                r->refused = SB_LIMIT;
                buf_dispose(&x->body);
        } else {
                buf_add(&x->body, data, size);
                r->refused = x->body.failed ? SB_LIMIT : SB_OK;
        }
        return MHD_YES;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version,
                                  const char *data, size_t *size, void **state)
{
        struct http_server *s = ctx;
        struct request *r = *state;
        struct error err = {0};

        (void)version;
        if (r == NULL) {
                line_wait(s, c, 0);
                r = request_new(s, c, url, method);
                *state = r;
                return r == NULL ? MHD_NO : MHD_YES;
        }
        if (*size > 0) {
                size_t n = *size;
                *size = 0;
                return body_take(s, r, data, n);
        }
        if (r->queued)
                return request_send(r);
        if (r->refused == SB_LIMIT) {
                error_raise(&err, SB_LIMIT, "%s|%zu", "body", s->shared.body_max);
                answer_error(r->x, &err);
                return request_send(r);
        }
        if (r->refused != SB_OK)
                return request_refuse(r, r->refused, "");
        if (r->x->status == 400 || utf8_check(str_from(r->x->path), NULL) < 0)
                return request_refuse(r, SB_HTTP_NOT_FOUND, "?");
        return queue_put(s, r) ? MHD_YES : request_refuse(r, SB_HTTP_BUSY, "");
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
        struct http_server *s = ctx;
        struct request *r = *state;

        (void)why;
        if (r == NULL)
                return;
        pthread_mutex_lock(&s->lock);
        s->bodies -= r->counted;
        pthread_mutex_unlock(&s->lock);
        line_wait(s, c, clock_monotonic());
        exchange_free(r->x);
        free(r);
        *state = NULL;
}

static int listen_start(struct http_server *s, const struct http_options *o, struct error *err)
{
        const char *address = o->address == NULL ? "127.0.0.1" : o->address;
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)o->port)};
        char port[16];

        text_format(port, sizeof port, "%d", o->port);
        if (inet_pton(AF_INET, address, &at.sin_addr) != 1 || o->port < 0 || o->port > 65535)
                return error_raise(err, SB_HTTP_LISTEN, "%s|%s", address, port);
        s->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, (uint16_t)o->port, NULL, NULL,
                                     on_request, s, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at, MHD_OPTION_NOTIFY_COMPLETED,
                                     on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
                                     MHD_OPTION_CONNECTION_TIMEOUT, 60u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)64 * 1024,
                                     MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                                     s->proxy_count > 0 ? 0u : CONNECTIONS_MAX / 4u, MHD_OPTION_END);
        if (s->daemon == NULL)
                return error_raise(err, SB_HTTP_LISTEN, "%s|%s", address, port);
        return 0;
}

static int proxies_take(struct http_server *s, const char *list, struct error *err)
{
        for (const char *p = list; p != NULL && *p != '\0';) {
                size_t n = strcspn(p, ",");
                unsigned char raw[16];
                char one[48];
                text_copy(one, sizeof one, str_trim((struct str){p, n}));
                bool good = inet_pton(AF_INET, one, raw) == 1 || inet_pton(AF_INET6, one, raw) == 1;
                if (!good || s->proxy_count == PROXIES_MAX)
                        return error_raise(err, SB_HTTP_PARAMETER, "%s|%s", "proxies",
                                           ERROR_BOTH("at most 8 addresses with commas between", "以逗号分隔的地址，最多8个"));
                memcpy(s->proxies[s->proxy_count++], one, sizeof one);
                p += n + (p[n] == ',');
        }
        return 0;
}

/* "https://host" or "http://host:port", nothing behind it. */
static int origin_take(struct http_shared *s, const struct http_options *o, struct error *err)
{
        size_t scheme;

        if (o->origin == NULL && o->port != 0)
                text_format(s->origin, sizeof s->origin, "http://localhost:%d", o->port);
        if (o->origin == NULL)
                return 0; /* a port that the system chooses is told once we listen */
        s->secure = strncmp(o->origin, "https://", 8) == 0;
        scheme = s->secure ? 8 : strncmp(o->origin, "http://", 7) == 0 ? 7 : 0;
        text_copy(s->origin, sizeof s->origin, str_from(o->origin));
        if (scheme == 0 || o->origin[scheme] == '\0' || strpbrk(o->origin + scheme, "/?# ") != NULL ||
            strlen(o->origin) >= sizeof s->origin)
                return error_raise(err, SB_HTTP_PARAMETER, "%s|%s", "origin", "https://shebao.example.gov.cn");
        return 0;
}

int http_start(struct http_server **out, struct house *h, const struct http_options *o, struct error *err)
{
        struct http_server *s = calloc(1, sizeof *s);
        int workers = o->workers == 0 ? 4 : o->workers;
        int rc = 0;

        if (s == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        assert(workers > 0 && workers <= WORKERS_MAX);
        pthread_mutex_init(&s->lock, NULL);
        pthread_cond_init(&s->wake, NULL);
        pthread_cond_init(&s->tick, NULL);
        s->shared = (struct http_shared){.house = h, .pool = o->pool, .body_max = o->body_max};
        s->head_s = (o->head_ms == 0 ? HEAD_MS : o->head_ms) / 1000.0;
        if (s->shared.body_max == 0)
                s->shared.body_max = BODY_MAX;
        s->shared.metrics = metrics_new();
        s->shared.limiter = limiter_new(o->rate == 0 ? 60 : o->rate < 0 ? 0 : o->rate);
        if (s->shared.metrics == NULL || s->shared.limiter == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        rc = rc ? rc : origin_take(&s->shared, o, err);
        rc = rc ? rc : proxies_take(s, o->proxies, err);
        if (rc == 0 && o->oidc != NULL)
                rc = oidc_open(&s->shared.oidc, o->oidc, err);
        if (rc == 0)
                rc = route_table_new(&s->shared.routes, h->verbs, err);
        if (rc == 0 && o->web_dir != NULL)
                rc = asset_set_load(&s->shared.assets, o->web_dir, err);
        while (rc == 0 && s->worker_count < workers) {
                if (pthread_create(&s->workers[s->worker_count], NULL, worker_main, s) != 0)
                        rc = error_raise(err, SB_INTERNAL, "%s", "pthread_create");
                else
                        s->worker_count++;
        }
        if (rc == 0 && pthread_create(&s->watch, NULL, watch_main, s) != 0)
                rc = error_raise(err, SB_INTERNAL, "%s", "pthread_create");
        else
                s->watching = rc == 0;
        if (rc == 0)
                rc = listen_start(s, o, err);
        if (rc == 0 && s->shared.origin[0] == '\0')
                text_format(s->shared.origin, sizeof s->shared.origin, "http://localhost:%d", http_port(s));
        if (rc < 0) {
                http_stop(s);
                return rc;
        }
        *out = s;
        return 0;
}

int http_port(const struct http_server *s)
{
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);

        return info == NULL ? 0 : info->port;
}

void http_stop(struct http_server *s)
{
        if (s == NULL)
                return;
        if (s->daemon != NULL)
                MHD_quiesce_daemon(s->daemon);
        pthread_mutex_lock(&s->lock);
        s->stopping = true;
        pthread_cond_broadcast(&s->wake);
        pthread_cond_broadcast(&s->tick);
        pthread_mutex_unlock(&s->lock);
        if (s->watching)
                pthread_join(s->watch, NULL);
        /* Workers empty the queue before they end, so that no connection stays suspended. */
        for (int i = 0; i < s->worker_count; i++)
                pthread_join(s->workers[i], NULL);
        if (s->daemon != NULL)
                MHD_stop_daemon(s->daemon);
        asset_set_free(s->shared.assets);
        route_table_free(s->shared.routes);
        metrics_free(s->shared.metrics);
        limiter_free(s->shared.limiter);
        oidc_free(s->shared.oidc);
        pthread_cond_destroy(&s->tick);
        pthread_cond_destroy(&s->wake);
        pthread_mutex_destroy(&s->lock);
        free(s);
}
