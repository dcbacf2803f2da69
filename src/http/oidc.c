/* SPDX-License-Identifier: Apache-2.0 */
#include "http/oidc.h"

#include "base/rng.h"
#include "http/jwt.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PENDING_MAX 256
#define PENDING_US ((instant_t)10 * 60 * 1000000)
#define ANSWER_MAX ((size_t)256 << 10)
#define TIMEOUT_S 10L

/* A question that was sent to the issuer with somebody's browser and waits for its answer. */
struct pending {
        char state[TOKEN_TEXT], nonce[TOKEN_TEXT], verifier[TOKEN_TEXT];
        instant_t until; /* 0: free */
};
struct oidc {
        char issuer[256], client[128], secret[256], label[2][96];
        pthread_mutex_t lock;
        struct pending pending[PENDING_MAX];
        int next;
};

static int setup_fault(struct error *err, const char *why)
{
        return error_raise(err, SB_OIDC_SETUP, "%s", why);
}

/* https, or http to this very machine (tests, a proxy beside us). */
static bool address_good(const char *url)
{
        return strncmp(url, "https://", 8) == 0 || strncmp(url, "http://127.0.0.1:", 17) == 0 ||
               strncmp(url, "http://localhost:", 17) == 0;
}

static int secret_read(struct oidc *o, const char *path, struct error *err)
{
        struct buf text;

        buf_init(&text, sizeof o->secret);
        int rc = path[0] == '\0' ? 0 : file_read(&text, path, sizeof o->secret - 1, err);
        if (rc == 0 && path[0] != '\0')
                text_copy(o->secret, sizeof o->secret, str_trim((struct str){text.p, strcspn(buf_text(&text), "\r\n")}));
        if (text.p != NULL)
                sodium_memzero(text.p, text.n);
        buf_dispose(&text);
        return rc;
}

int oidc_open(struct oidc **out, const char *path, struct error *err)
{
        struct oidc *o = calloc(1, sizeof *o);
        json_t *in = NULL;
        int rc = o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_read_file(&in, path, err);

        if (o != NULL)
                pthread_mutex_init(&o->lock, NULL);
        if (rc == 0) {
                text_copy(o->issuer, sizeof o->issuer, str_from(json_text(in, "issuer")));
                text_copy(o->client, sizeof o->client, str_from(json_text(in, "client_id")));
                text_copy(o->label[LANG_ZH], sizeof o->label[0], str_from(json_text(in, "label_zh")));
                text_copy(o->label[LANG_EN], sizeof o->label[0], str_from(json_text(in, "label_en")));
                if (!address_good(o->issuer) || o->client[0] == '\0')
                        rc = setup_fault(err, "issuer, client_id");
        }
        rc = rc ? rc : secret_read(o, json_text(in, "client_secret_file"), err);
        json_decref(in);
        if (rc < 0) {
                oidc_free(o);
                return rc;
        }
        curl_global_init(CURL_GLOBAL_DEFAULT);
        *out = o;
        return 0;
}

void oidc_free(struct oidc *o)
{
        if (o == NULL)
                return;
        pthread_mutex_destroy(&o->lock);
        sodium_memzero(o, sizeof *o);
        free(o);
}

const char *oidc_label(const struct oidc *o, enum lang lang)
{
        return o->label[lang];
}

/* --- out to the issuer -------------------------------------------------------------------------------------------------------------- */

static size_t answer_take(char *p, size_t one, size_t n, void *ctx)
{
        struct buf *out = ctx;

        buf_add(out, p, one * n);
        return out->failed ? 0 : one * n;
}

/* Does an address that the issuer names lie with the issuer itself? Nothing goes elsewhere. */
static bool of_issuer(const struct oidc *o, const char *url)
{
        const char *scheme = strstr(o->issuer, "://");
        size_t n = scheme == NULL ? 0 : (size_t)(scheme + 3 - o->issuer) + strcspn(scheme + 3, "/");

        return n > 0 && strncmp(url, o->issuer, n) == 0 && (url[n] == '/' || url[n] == '\0' || url[n] == '?');
}

/* GET, or POST of a form; no redirects, no proxy of the environment, a short while. */
static int fetch(const struct oidc *o, const char *url, const char *form, json_t **out, struct error *err)
{
        CURL *c = curl_easy_init();
        struct error broken = {0};
        struct buf text;
        long status = 0;

        if (c == NULL || !of_issuer(o, url)) {
                curl_easy_cleanup(c);
                return error_raise(err, SB_OIDC_ISSUER, "%s",
                                   ERROR_BOTH("it names an address that is not its own", "地址不属于签发方"));
        }
        buf_init(&text, ANSWER_MAX);
        curl_easy_setopt(c, CURLOPT_URL, url);
        curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(c, CURLOPT_PROXY, "");
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_TIMEOUT, TIMEOUT_S);
        curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, answer_take);
        curl_easy_setopt(c, CURLOPT_WRITEDATA, &text);
        if (form != NULL) {
                curl_easy_setopt(c, CURLOPT_POSTFIELDS, form);
                if (o->secret[0] != '\0') {
                        curl_easy_setopt(c, CURLOPT_USERNAME, o->client);
                        curl_easy_setopt(c, CURLOPT_PASSWORD, o->secret);
                }
        }
        CURLcode done = curl_easy_perform(c);
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_cleanup(c);
        int rc = 0;
        if (done != CURLE_OK || status != 200)
                rc = error_raise(err, SB_OIDC_ISSUER, "%s", done != CURLE_OK ? curl_easy_strerror(done) : "HTTP");
        else if (json_read(out, (struct str){buf_text(&text), text.n}, &broken) < 0)
                rc = error_raise(err, SB_OIDC_ISSUER, "%s", "JSON");
        if (text.p != NULL)
                sodium_memzero(text.p, text.n);
        buf_dispose(&text);
        return rc;
}

static int discover(const struct oidc *o, json_t **out, struct error *err)
{
        char url[384];
        size_t n = strlen(o->issuer);

        text_format(url, sizeof url, "%.*s/.well-known/openid-configuration",
                    (int)(n > 0 && o->issuer[n - 1] == '/' ? n - 1 : n), o->issuer);
        int rc = fetch(o, url, NULL, out, err);
        if (rc == 0 && strcmp(json_text(*out, "issuer"), o->issuer) != 0)
                rc = error_raise(err, SB_OIDC_ISSUER, "%s", ERROR_BOTH("it gives itself another name", "签发方名称不符"));
        return rc;
}

static void escaped(struct buf *out, const char *name, const char *value)
{
        char *text = curl_easy_escape(NULL, value, 0);

        buf_add_format(out, "%s%s=%s", out->n == 0 || out->p[out->n - 1] == '?' ? "" : "&", name, text == NULL ? "" : text);
        curl_free(text);
}

/* --- there and back ------------------------------------------------------------------------------------------------------------------- */

static void word_new(char out[TOKEN_TEXT])
{
        unsigned char raw[32];

        random_bytes(raw, sizeof raw);
        sodium_bin2base64(out, TOKEN_TEXT, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* The oldest gives way when there are too many. */
static void pending_put(struct oidc *o, const struct pending *p)
{
        pthread_mutex_lock(&o->lock);
        o->pending[o->next] = *p;
        o->next = (o->next + 1) % PENDING_MAX;
        pthread_mutex_unlock(&o->lock);
}

static bool pending_take(struct oidc *o, const char *state, instant_t now, struct pending *out)
{
        bool found = false;

        pthread_mutex_lock(&o->lock);
        for (int i = 0; i < PENDING_MAX && !found; i++) {
                struct pending *p = &o->pending[i];
                found = p->until > now && strcmp(p->state, state) == 0;
                if (found) {
                        *out = *p;
                        *p = (struct pending){.until = 0};
                }
        }
        pthread_mutex_unlock(&o->lock);
        return found;
}

static void back_address(const struct exchange *x, char *out, size_t size)
{
        text_format(out, size, "%s/oidc/callback", x->shared->origin);
}

/* The answer comes with the browser that the question went with: a cookie of its own says so. */
static void state_cookie(struct exchange *x, const char *state)
{
        text_format(x->set_cookie, sizeof x->set_cookie, "shebao_oidc=%s; Path=/oidc; HttpOnly; SameSite=Lax; Max-Age=%d%s",
                    state, state[0] == '\0' ? 0 : 600, x->shared->secure ? "; Secure" : "");
}

int oidc_begin(struct exchange *x, struct error *err)
{
        struct oidc *o = x->shared->oidc;
        struct pending p = {.until = clock_now(x->shared->house->clock) + PENDING_US};
        char back[384], challenge[TOKEN_TEXT];
        json_t *known = NULL;
        struct buf url;
        int rc = discover(o, &known, err);

        if (rc == 0 && !of_issuer(o, json_text(known, "authorization_endpoint")))
                rc = error_raise(err, SB_OIDC_ISSUER, "%s", "authorization_endpoint");
        if (rc < 0) {
                json_decref(known);
                return rc;
        }
        word_new(p.state);
        word_new(p.nonce);
        word_new(p.verifier);
        struct hash h = hash_of(p.verifier, strlen(p.verifier));
        sodium_bin2base64(challenge, sizeof challenge, h.b, HASH_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        back_address(x, back, sizeof back);
        buf_init(&url, sizeof x->location - 1);
        buf_add_format(&url, "%s%s", json_text(known, "authorization_endpoint"),
                       strchr(json_text(known, "authorization_endpoint"), '?') == NULL ? "?" : "");
        escaped(&url, "response_type", "code");
        escaped(&url, "scope", "openid");
        escaped(&url, "client_id", o->client);
        escaped(&url, "redirect_uri", back);
        escaped(&url, "state", p.state);
        escaped(&url, "nonce", p.nonce);
        escaped(&url, "code_challenge", challenge);
        escaped(&url, "code_challenge_method", "S256");
        rc = buf_check(&url, err);
        if (rc == 0) {
                pending_put(o, &p);
                state_cookie(x, p.state);
                text_copy(x->location, sizeof x->location, (struct str){url.p, url.n});
                x->status = 302;
        }
        sodium_memzero(&p, sizeof p);
        buf_dispose(&url);
        json_decref(known);
        return rc;
}

/* The code for the token, and the token's claims. */
static int redeem(struct exchange *x, const struct pending *p, const char *code, json_t **claims, struct error *err)
{
        struct oidc *o = x->shared->oidc;
        struct jwt_expected want = {
            .issuer = o->issuer, .audience = o->client, .nonce = p->nonce, .now = clock_now(x->shared->house->clock)};
        json_t *known = NULL, *answer = NULL, *keys = NULL;
        char back[384];
        struct buf form;
        int rc = discover(o, &known, err);

        back_address(x, back, sizeof back);
        buf_init(&form, 8192);
        escaped(&form, "grant_type", "authorization_code");
        escaped(&form, "code", code);
        escaped(&form, "redirect_uri", back);
        escaped(&form, "client_id", o->client);
        escaped(&form, "code_verifier", p->verifier);
        rc = rc ? rc : buf_check(&form, err);
        rc = rc ? rc : fetch(o, json_text(known, "token_endpoint"), buf_text(&form), &answer, err);
        rc = rc ? rc : fetch(o, json_text(known, "jwks_uri"), NULL, &keys, err);
        rc = rc ? rc : jwt_verify(json_text(answer, "id_token"), keys, &want, claims, err);
        if (form.p != NULL)
                sodium_memzero(form.p, form.n);
        buf_dispose(&form);
        json_decref(known);
        json_decref(answer);
        json_decref(keys);
        return rc;
}

struct linked {
        const char *subject;
        day_t today;
        struct staff staff;
};

static int linked_read(struct tx *tx, void *ctx, struct error *err)
{
        struct linked *l = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT id FROM staff WHERE oidc_subject = ?1@text", "t", l->subject);

        if (rc == 0)
                return error_raise(err, SB_OIDC_UNLINKED, "%s", "");
        return rc < 0 ? rc : staff_read(tx, stmt_int(q, 0), l->today, &l->staff, err);
}

static int callback_in(struct exchange *x, const struct pending *p, struct error *err)
{
        struct visitor v = {.address = x->address, .agent = x->agent, .token = x->session_token};
        struct linked l = {.today = clock_today(x->shared->house->clock)};
        struct session session = {.id = 0};
        char token[TOKEN_TEXT];
        json_t *claims = NULL;
        int rc = redeem(x, p, json_text(x->query, "code"), &claims, err);

        if (rc == 0) {
                l.subject = json_text(claims, "sub");
                rc = store_read(x->shared->house->store, linked_read, &l, err);
        }
        rc = rc ? rc : session_begin_as(x->shared->house, x->shared->pool, &l.staff, &v, &session, token, err);
        if (rc == 0) {
                cookie_put(x, token);
                text_copy(x->location, sizeof x->location, STR("/"));
                x->status = 302;
        }
        json_decref(claims);
        return rc;
}

int oidc_callback(struct exchange *x, struct error *err)
{
        const char *state = json_text(x->query, "state");
        struct pending p;
        bool mine = state[0] != '\0' && strcmp(state, x->oidc_state) == 0 &&
                    pending_take(x->shared->oidc, state, clock_now(x->shared->house->clock), &p);
        int rc = !mine ? error_raise(err, SB_OIDC_STATE, "%s", "") : 0;

        if (rc == 0 && json_text(x->query, "code")[0] == '\0')
                rc = error_raise(err, SB_OIDC_ISSUER, "%.80s", json_text(x->query, "error"));
        rc = rc ? rc : callback_in(x, &p, err);
        sodium_memzero(&p, sizeof p);
        return rc;
}
