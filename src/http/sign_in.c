/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing in and out over HTTP: the cookie, the CSRF word, who guesses waits.
 */
#include "http/exchange.h"

#include "case/access.h"
#include "case/pack_store.h"

#include <string.h>

/* What a client must know of the installation. */
static int pack_describe(struct exchange *x, json_t *out, struct error *err)
{
        struct http_shared *s = x->shared;
        struct pack *pack = NULL;
        char hex[65];

        if (s->pool == 0)
                return json_put_bool(out, "demonstration", false, err);
        int rc = pack_store_for(s->house->packs, s->pool, clock_today(s->house->clock), clock_now(s->house->clock), &pack, err);
        if (rc < 0)
                return rc;
        json_t *p = json_object();
        if (p == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        rc = json_put_text(p, "name", pack_name(pack), err);
        if (rc == 0)
                rc = json_put_text(p, "title_zh", pack_title(pack, LANG_ZH), err);
        if (rc == 0)
                rc = json_put_text(p, "title_en", pack_title(pack, LANG_EN), err);
        if (rc == 0)
                rc = json_put_text(p, "hash", hash_hex(pack_hash(pack), hex), err);
        if (rc == 0)
                rc = json_put_bool(out, "demonstration", pack_is_demonstration(pack), err);
        if (rc < 0) {
                json_decref(p);
                return rc;
        }
        return json_put(out, "pack", p, err);
}

static json_t *roles_json(uint32_t roles)
{
        struct buf text;
        json_t *list = json_array();

        buf_init(&text, 128);
        staff_roles_text(&text, roles);
        for (const char *p = buf_text(&text); *p != '\0';) {
                size_t n = strcspn(p, ",");
                json_array_append_new(list, json_stringn(p, n));
                p += n + (p[n] == ',');
        }
        buf_dispose(&text);
        return list;
}

static int session_describe(struct exchange *x, const struct session *session, json_t **out, struct error *err)
{
        const struct staff *s = &session->staff;
        char today[16];
        json_t *o =
            json_pack("{s:{s:I,s:s,s:s,s:o,s:{s:I,s:s,s:s,s:s}},s:s,s:b,s:b,s:s,s:s}", "staff", "id", (json_int_t)s->id,
                      "login", s->login, "display", s->display, "roles", roles_json(s->roles), "office", "id",
                      (json_int_t)s->office, "code", s->office_code, "name_zh", s->office_zh, "name_en", s->office_en, "stage",
                      stage_word(session->stage), "required", session->required, "factor", session->factor_at != 0, "csrf",
                      session->csrf, "today", day_text(clock_today(x->shared->house->clock), today));

        struct call c = {.house = x->shared->house, .who = staff_actor(s, x->lang)};
        bool known = session->stage != STAGE_FACTOR; /* before that it may be anybody who has the password */
        json_t *duties = NULL;

        if (o == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = known ? pack_describe(x, o, err) : 0;
        rc = rc || !known ? rc : access_duties(&c, &duties, err);
        if (rc == 0)
                rc = json_put(json_object_get(o, "staff"), "duties", duties == NULL ? json_array() : duties, err);
        if (rc < 0) {
                json_decref(o);
                return rc;
        }
        if (session->emergency != 0) {
                json_t *e = json_object();
                char until[32];
                json_put_int(e, "id", session->emergency, err);
                json_put_text(e, "until", instant_text(session->emergency_until, until), err);
                rc = json_put(o, "emergency", e, err);
        }
        *out = o;
        return rc;
}

int body_json(struct exchange *x, json_t **out, struct error *err)
{
        if (strncmp(x->content_type, "application/json", 16) != 0)
                return error_raise(err, SB_HTTP_TYPE, "%s", "application/json");
        int rc = json_read(out, (struct str){buf_text(&x->body), x->body.n}, err);
        if (rc == 0 && !json_is_object(*out)) {
                json_decref(*out);
                *out = NULL;
                return error_raise(err, SB_FIELD_TYPE, "%s|%s", "body", "object");
        }
        return rc;
}

const char *session_cookie(const struct http_shared *s)
{
        return s->secure ? "__Host-shebao_session" : "shebao_session";
}

void cookie_put(struct exchange *x, const char *token)
{
        text_format(x->set_cookie, sizeof x->set_cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s",
                    session_cookie(x->shared), token, token[0] == '\0' ? 0 : 43200, x->shared->secure ? "; Secure" : "");
}

static int wait_told(struct exchange *x, int seconds, struct error *err)
{
        x->retry_after_s = seconds;
        return seconds == 0 ? 0 : error_raise(err, SB_SIGNIN_WAIT, "%d", seconds);
}

/* Whoever guesses waits before the password is looked at, whether or not there is such a name. */
static int guess(struct exchange *x, const char *login, const char *password, struct session *session, char token[TOKEN_TEXT],
                 struct error *err)
{
        struct house *h = x->shared->house;
        struct limiter *l = x->shared->limiter;
        struct visitor v = {.address = x->address, .agent = x->agent, .token = x->session_token};
        instant_t now = clock_now(h->clock);
        struct error fault = {0};
        int rc = wait_told(x, limiter_take(l, LIMIT_SIGN_IN, x->address, now, false), err);

        rc = rc ? rc : wait_told(x, limiter_take(l, LIMIT_FAILED, x->address, now, true), err);
        rc = rc ? rc : wait_told(x, limiter_guess(l, x->address, login, now), err);
        if (rc < 0)
                return rc;
        rc = session_begin(h, x->shared->pool, login, password, &v, session, token, &fault);
        if (rc == 0 || fault.code == SB_STAFF_PASSWORD)
                limiter_guessed(l, x->address, login, rc == 0, now);
        if (rc < 0 && err != NULL)
                *err = fault;
        return rc;
}

int session_post(struct exchange *x, json_t **out, struct error *err)
{
        struct session session = {.id = 0};
        char token[TOKEN_TEXT];
        const char *login, *password;
        json_t *in = NULL;

        int rc = body_json(x, &in, err);
        rc = rc ? rc : json_get_text(in, "login", true, &login, err);
        rc = rc ? rc : json_get_text(in, "password", true, &password, err);
        rc = rc ? rc : guess(x, login, password, &session, token, err);
        if (rc == 0) {
                cookie_put(x, token);
                rc = session_describe(x, &session, out, err);
        }
        json_decref(in);
        return rc;
}

int session_get(struct exchange *x, json_t **out, struct error *err)
{
        struct session session;
        int rc = session_find(x->shared->house, x->session_token, &session, err);

        return rc < 0 ? rc : session_describe(x, &session, out, err);
}

int session_checked(struct exchange *x, struct session *out, struct error *err)
{
        int rc = session_find(x->shared->house, x->session_token, out, err);

        return rc == 0 && strcmp(out->csrf, x->csrf) != 0 ? error_raise(err, SB_HTTP_CSRF, "%s", "") : rc;
}

int session_remove(struct exchange *x, json_t **out, struct error *err)
{
        struct session session;
        int rc = session_checked(x, &session, err);

        if (rc == 0)
                rc = session_end(x->shared->house, x->session_token, err);
        if (rc < 0)
                return rc;
        cookie_put(x, "");
        *out = json_object();
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int moved_by(struct exchange *x, struct session *s, bool anew, struct error *err)
{
        char token[TOKEN_TEXT];
        bool rotated = false;
        int rc = session_advance(x->shared->house, x->shared->pool, s, anew, &rotated, token, err);

        if (rotated)
                cookie_put(x, token);
        return rc;
}

int session_moved(struct exchange *x, struct session *s, struct error *err)
{
        return moved_by(x, s, false, err);
}

int session_challenge(struct exchange *x, json_t **out, struct error *err)
{
        struct session session;
        struct rp rp;
        int rc = session_checked(x, &session, err);

        if (rc < 0)
                return rc;
        rp_of(&rp, x->shared->origin);
        *out = json_object();
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : factors_offer(x->shared->house, &session, &rp, *out, err);
}

/* Show a second factor: to finish signing in, or again before what is signed. The token is new afterwards. */
int session_factor(struct exchange *x, json_t **out, struct error *err)
{
        struct limiter *l = x->shared->limiter;
        instant_t now = clock_now(x->shared->house->clock);
        struct session session;
        struct error fault = {0};
        struct rp rp;
        char who[24];
        json_t *in = NULL;
        int rc = session_checked(x, &session, err);

        rc = rc ? rc : body_json(x, &in, err);
        if (rc < 0)
                return rc;
        text_format(who, sizeof who, "%lld", (long long)session.staff.id);
        rp_of(&rp, x->shared->origin);
        rc = wait_told(x, limiter_take(l, LIMIT_FACTOR, who, now, true), &fault);
        rc = rc ? rc : factor_show(x->shared->house, &session, &rp, in, &fault);
        if (rc < 0 && (fault.code == SB_SIGNIN_CODE || fault.code == SB_SIGNIN_KEY))
                limiter_take(l, LIMIT_FACTOR, who, now, false);
        rc = rc ? rc : moved_by(x, &session, true, &fault);
        rc = rc ? rc : session_describe(x, &session, out, &fault);
        if (rc < 0 && err != NULL)
                *err = fault;
        json_decref(in);
        return rc;
}
