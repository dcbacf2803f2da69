/* SPDX-License-Identifier: Apache-2.0
 *
 * The listener: the only file that knows libmicrohttpd. A request is read in a listener thread, suspended, answered by a
 * worker, resumed and sent.
 */
#include "http/exchange.h"

#include <arpa/inet.h>
#include <assert.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS_MAX 64
#define QUEUE_MAX 1024

struct request {
        struct exchange *x;
        struct MHD_Connection *connection;
        struct request *next;
        double started;
        bool queued, refused;
};

struct http_server {
        struct http_shared shared;
        struct MHD_Daemon *daemon;
        pthread_t workers[WORKERS_MAX];
        int worker_count;
        pthread_mutex_t lock;
        pthread_cond_t wake;
        struct request *first, *last; /* waiting for a worker */
        int waiting;
        bool stopping;
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
        cookie = MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "shebao_session");
        text_copy(x->session_token, sizeof x->session_token, str_from(cookie));
        accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_LANGUAGE);
        x->lang = accept != NULL && strncmp(accept, "en", 2) == 0 ? LANG_EN : LANG_ZH;
        accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
        x->accepts_gzip = accept != NULL && strstr(accept, "gzip") != NULL;
        trace_take(c, x);
        return r;
}

static void headers_add(struct MHD_Response *response, const struct exchange *x)
{
        char text[256];

        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, x->media_type);
        MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
        MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
        MHD_add_response_header(response, "Content-Security-Policy",
                                "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
                                "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
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

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version,
                                  const char *data, size_t *size, void **state)
{
        struct http_server *s = ctx;
        struct request *r = *state;

        (void)version;
        if (r == NULL) {
                r = request_new(s, c, url, method);
                *state = r;
                return r == NULL ? MHD_NO : MHD_YES;
        }
        if (*size > 0) {
                buf_add(&r->x->body, data, *size);
                *size = 0;
                return MHD_YES;
        }
        if (r->queued)
                return request_send(r);
        if (r->x->body.failed) {
                struct error err = {0};
                error_raise(&err, SB_LIMIT, "%s|%zu", "body", s->shared.body_max);
                answer_error(r->x, &err);
                return request_send(r);
        }
        if (r->x->status == 400 || utf8_check(str_from(r->x->path), NULL) < 0)
                return request_refuse(r, SB_HTTP_NOT_FOUND, "?");
        return queue_put(s, r) ? MHD_YES : request_refuse(r, SB_HTTP_BUSY, "");
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
        struct request *r = *state;

        (void)ctx;
        (void)c;
        (void)why;
        if (r == NULL)
                return;
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
                                     on_completed, s, MHD_OPTION_CONNECTION_TIMEOUT, 60u, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                     (size_t)64 * 1024, MHD_OPTION_CONNECTION_LIMIT, 1000u, MHD_OPTION_END);
        if (s->daemon == NULL)
                return error_raise(err, SB_HTTP_LISTEN, "%s|%s", address, port);
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
        s->shared = (struct http_shared){.house = h, .pool = o->pool, .body_max = o->body_max};
        if (s->shared.body_max == 0)
                s->shared.body_max = (size_t)64 << 20;
        s->shared.metrics = metrics_new();
        if (s->shared.metrics == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
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
        if (rc == 0)
                rc = listen_start(s, o, err);
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
        pthread_mutex_unlock(&s->lock);
        /* Workers empty the queue before they end, so that no connection stays suspended. */
        for (int i = 0; i < s->worker_count; i++)
                pthread_join(s->workers[i], NULL);
        if (s->daemon != NULL)
                MHD_stop_daemon(s->daemon);
        asset_set_free(s->shared.assets);
        route_table_free(s->shared.routes);
        metrics_free(s->shared.metrics);
        pthread_cond_destroy(&s->wake);
        pthread_mutex_destroy(&s->lock);
        free(s);
}
