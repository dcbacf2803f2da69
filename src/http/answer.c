/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include "base/rng.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* An answer larger than this is a fault of a verb that forgot to page. */
#define ANSWER_MAX ((size_t)256 << 20)

struct exchange *exchange_new(struct http_shared *shared)
{
        struct exchange *x = calloc(1, sizeof *x);
        unsigned char trace[16];

        if (x == NULL)
                return NULL;
        x->shared = shared;
        buf_init(&x->body, shared->body_max);
        buf_init(&x->out, ANSWER_MAX);
        random_bytes(trace, sizeof trace);
        sodium_bin2hex(x->trace, sizeof x->trace, trace, sizeof trace);
        return x;
}

void exchange_free(struct exchange *x)
{
        if (x == NULL)
                return;
        free(x->path);
        json_decref(x->query);
        sodium_memzero(x->session_token, sizeof x->session_token);
        buf_dispose(&x->body);
        buf_dispose(&x->out);
        free(x);
}

void answer_json(struct exchange *x, int status, const json_t *value)
{
        struct error err = {0};

        buf_clear(&x->out);
        if (json_canonical(&x->out, value, &err) < 0) {
                answer_error(x, &err);
                return;
        }
        x->status = status;
        text_copy(x->media_type, sizeof x->media_type, STR("application/json"));
}

void answer_error(struct exchange *x, const struct error *err)
{
        char name[8], type[32], text[1400];
        struct error plain = *err;
        json_t *o = json_object();

        error_name(err->code, name);
        text_format(type, sizeof type, "/errors/%s", name);
        plain.where[0] = plain.article[0] = '\0';
        x->status = err->soft ? 503 : error_http(err->code);
        if (x->status >= 500)
                log_error(x->shared->house->log, "http.fault", err);
        bool ok = o != NULL;
        ok = ok && json_put_text(o, "type", type, NULL) == 0 && json_put_text(o, "code", name, NULL) == 0 &&
             json_put_text(o, "title", error_text(&plain, x->lang, text, sizeof text), NULL) == 0 &&
             json_put_text(o, "detail", error_text(err, x->lang, text, sizeof text), NULL) == 0 &&
             json_put_int(o, "status", x->status, NULL) == 0 && json_put_text(o, "trace", x->trace, NULL) == 0;
        if (ok && err->where[0] != '\0')
                ok = json_put_text(o, "where", err->where, NULL) == 0;
        if (ok && err->article[0] != '\0')
                ok = json_put_text(o, "article", err->article, NULL) == 0;
        buf_clear(&x->out);
        if (!ok || json_canonical(&x->out, o, NULL) < 0) {
                buf_clear(&x->out);
                buf_add_text(&x->out, "{\"code\":\"SB-0001\",\"status\":500}");
        }
        text_copy(x->media_type, sizeof x->media_type, STR("application/problem+json"));
        json_decref(o);
}
