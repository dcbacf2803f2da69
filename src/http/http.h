/* SPDX-License-Identifier: Apache-2.0
 *
 * The outside world: a listener (libmicrohttpd), routes, sessions, OpenAPI, the files of the web client.
 * Listener threads parse and suspend; a fixed pool of workers runs verbs; nothing blocks in a listener.
 * Every route but the few of this floor (session, openapi, errors, health, metrics) is a verb of
 * case/verb.h with its authority. Knows no subject of the office except how staff sign in.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "case/verb.h"

struct http_server;

struct http_options {
        const char *address; /* NULL: 127.0.0.1 */
        int port;            /* 0: any free one, see http_port */
        int workers;         /* 0: 4 */
        const char *web_dir; /* the built web client; NULL: none */
        int64_t pool;        /* whose pack names the installation; 0: none is named */
        size_t body_max;     /* 0: 64 MiB */
        const char *origin;  /* "https://shebao.example.gov.cn": where people open it; NULL: http://localhost:PORT */
        const char *proxies; /* addresses whose X-Forwarded-For counts, with commas between; NULL: none */
        const char *oidc;    /* the file that names another authority to sign in by; NULL: none */
        int head_ms;         /* the head of a request is there within; 0: 20 s */
        int rate;            /* requests a second of a session; 0: 60, -1: not limited */
};

/* Start listening and answering in threads of its own. SB_HTTP_LISTEN. */
int http_start(struct http_server **out, struct house *h, const struct http_options *o, struct error *err);
int http_port(const struct http_server *s);
/* Stop accepting, finish what is being answered, end the threads. NULL is accepted. */
void http_stop(struct http_server *s);

/* The OpenAPI 3.1 document of all routes, as canonical JSON. */
int http_openapi(const struct registry *verbs, struct buf *out, struct error *err);

#endif
