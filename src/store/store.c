/* SPDX-License-Identifier: Apache-2.0
 *
 * The public face of the store: opening by URL, the runner that repeats soft failures, and
 * statements handed on to the engine.
 */
#include "store/internal.h"

#include "base/rng.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct store_options with_defaults(const struct store_options *o)
{
        struct store_options d = {0};
        if (o) {
                d = *o;
        }
        d.readers = d.readers > 0 ? d.readers : 4;
        d.writers = d.writers > 0 ? d.writers : 4;
        d.attempts = d.attempts > 0 ? d.attempts : 8;
        d.busy_ms = d.busy_ms > 0 ? d.busy_ms : 5000;
        return d;
}

/* An address without the password that it may hold. */
static void public_url(const char *url, char out[64])
{
        const char *at = strrchr(url, '@');
        const char *secret = at ? strchr(url, ':') : NULL;
        secret = secret && strncmp(secret, "://", 3) == 0 ? strchr(secret + 1, ':') : secret;
        if (secret && secret < at) {
                text_format(out, 64, "%.*s…%s", (int)(secret - url) + 1, url, at);
        } else {
                text_format(out, 64, "%s", url);
        }
}

int store_open(struct store **out, const char *url, const struct store_options *options, struct error *err)
{
        const struct engine *engine = NULL;
        const char *rest = url;
        if (strncmp(url, "sqlite:", 7) == 0 && url[7] != '\0') {
                engine = &sqlite_engine;
                rest = url + 7;
        } else if (strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0) {
                engine = &postgresql_engine;
        } else {
                char shown[64];
                public_url(url, shown);
                return error_raise(err, SB_STORE_URL, "%s", shown);
        }
        struct store *s = calloc(1, sizeof *s);
        if (!s) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        s->engine = engine;
        s->options = with_defaults(options);
        pthread_mutex_init(&s->lock, NULL);
        int rc = engine->open(&s->backend, s, rest, &s->options, err);
        if (rc == 0) {
                *out = s;
                s = NULL;
        }
        store_close(s);
        return rc;
}

void store_close(struct store *s)
{
        if (!s) {
                return;
        }
        if (s->backend) {
                s->engine->close(s->backend);
        }
        for (size_t i = 0; i < s->interned_count; i++) {
                free(s->interned[i]);
        }
        free(s->interned);
        pthread_mutex_destroy(&s->lock);
        free(s);
}

bool store_is_postgresql(const struct store *s)
{
        return s->engine->postgresql;
}

void store_cut(struct store *s)
{
        if (s->engine->cut) {
                s->engine->cut(s->backend);
        }
}

static const char *intern_new(struct store *s, const char *sql)
{
        if (s->interned_count == s->interned_cap) {
                size_t cap = s->interned_cap * 2 + 32;
                char **bigger = realloc(s->interned, cap * sizeof *bigger);
                if (!bigger) {
                        return NULL;
                }
                s->interned = bigger;
                s->interned_cap = cap;
        }
        char *copy = strdup(sql);
        if (copy) {
                s->interned[s->interned_count++] = copy;
        }
        return copy;
}

const char *store_intern(struct store *s, const char *sql, struct error *err)
{
        const char *found = NULL;
        pthread_mutex_lock(&s->lock);
        for (size_t i = 0; i < s->interned_count && !found; i++) {
                if (strcmp(s->interned[i], sql) == 0) {
                        found = s->interned[i];
                }
        }
        if (!found) {
                found = intern_new(s, sql);
        }
        pthread_mutex_unlock(&s->lock);
        if (!found) {
                error_raise(err, SB_MEMORY, "%s", "");
        }
        return found;
}

/* The runner. */

static void pause_before(int attempt)
{
        uint32_t r = 0;
        random_bytes(&r, sizeof r);
        int64_t limit_us = (int64_t)1000 << (attempt < 8 ? attempt : 8);
        int64_t us = 500 + (int64_t)r % limit_us;
        struct timespec t = {us / 1000000, (us % 1000000) * 1000};
        nanosleep(&t, NULL);
}

static int run(struct store *s, int flags, bool read, store_apply *apply, void *ctx, struct error *err)
{
        for (int attempt = 1;; attempt++) {
                struct error mine = {0};
                int rc = read ? s->engine->read(s->backend, apply, ctx, &mine)
                              : s->engine->write(s->backend, flags, apply, ctx, &mine);
                if (rc == 0) {
                        return 0;
                }
                if (rc != ERR_SOFT || attempt == s->options.attempts) {
                        if (err && err->code == SB_OK) {
                                *err = mine;
                        }
                        return rc;
                }
                pause_before(attempt);
                flags |= WRITE_SOLO;
        }
}

int store_write(struct store *s, store_apply *apply, void *ctx, struct error *err)
{
        return run(s, 0, false, apply, ctx, err);
}

int store_write_serializable(struct store *s, store_apply *apply, void *ctx, struct error *err)
{
        return run(s, WRITE_SERIALIZABLE, false, apply, ctx, err);
}

int store_write_side(struct store *s, store_apply *apply, void *ctx, struct error *err)
{
        return run(s, WRITE_SIDE, false, apply, ctx, err);
}

int store_read(struct store *s, store_apply *apply, void *ctx, struct error *err)
{
        return run(s, 0, true, apply, ctx, err);
}

bool store_passes(const struct error *err)
{
        switch (err->code) {
        case SB_STORE_OPEN:
        case SB_STORE_FULL:
        case SB_STORE_IO:
        case SB_STORE_BUSY:
        case SB_STORE_CONFLICT:
        case SB_STORE_CONNECTION:
        case SB_STORE_UNKNOWN:
        case SB_STORE_READONLY:
                return true;
        default:
                return err->soft;
        }
}

/* Transactions. */

void tx_begin(struct tx *tx, struct store *s, const struct engine *e)
{
        *tx = (struct tx){.store = s, .engine = e};
}

int tx_failed(struct tx *tx, const struct error *mine, struct error *err)
{
        if (!tx->failed) {
                tx->failed = true;
                tx->first = *mine;
                tx->soft = mine->soft;
        }
        if (err && err->code == SB_OK) {
                *err = *mine;
        }
        return tx->soft ? ERR_SOFT : ERR;
}

int tx_verdict(struct tx *tx, int rc, struct error *err)
{
        if (tx->in_bulk && rc == 0) {
                return error_raise(err, SB_INTERNAL, "%s", "a bulk was left open");
        }
        if (rc > 0) {
                return error_raise(err, SB_INTERNAL, "%s", "a transaction's closure answered a number");
        }
        if (tx->failed && (err->code == SB_OK || tx->soft)) {
                *err = tx->first; /* what the closure made of it or left unsaid */
        }
        if (tx->failed && (rc == 0 || tx->soft)) {
                /* Whatever apply made of it: a failure that passes is worth another attempt. */
                return tx->soft ? ERR_SOFT : ERR;
        }
        return rc;
}

void tx_hook_add(struct tx *tx, struct tx_hook *h)
{
        h->next = tx->hooks;
        tx->hooks = h;
}

void tx_hooks_run(struct tx_hook *first, bool committed)
{
        while (first) {
                struct tx_hook *next = first->next;
                first->end(first->ctx, committed);
                first = next;
        }
}

/* Statements. */

static size_t slot_of(const char *sql, size_t cap)
{
        uint64_t h = (uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15);
        return (size_t)(h >> 32) & (cap - 1);
}

struct stmt *stmt_cache_get(const struct stmt_cache *c, const char *sql)
{
        if (c->cap == 0) {
                return NULL;
        }
        for (size_t i = slot_of(sql, c->cap); c->slots[i]; i = (i + 1) & (c->cap - 1)) {
                if (c->slots[i]->sql == sql) {
                        return c->slots[i];
                }
        }
        return NULL;
}

static void cache_insert(struct stmt **slots, size_t cap, struct stmt *q)
{
        size_t i = slot_of(q->sql, cap);
        while (slots[i]) {
                i = (i + 1) & (cap - 1);
        }
        slots[i] = q;
}

int stmt_cache_put(struct stmt_cache *c, struct stmt *q, struct error *err)
{
        if (c->count * 2 >= c->cap) {
                size_t cap = c->cap ? c->cap * 2 : 256;
                struct stmt **slots = calloc(cap, sizeof *slots);
                if (!slots) {
                        return error_raise(err, SB_MEMORY, "%s", "");
                }
                for (size_t i = 0; i < c->cap; i++) {
                        if (c->slots[i]) {
                                cache_insert(slots, cap, c->slots[i]);
                        }
                }
                free(c->slots);
                c->slots = slots;
                c->cap = cap;
        }
        cache_insert(c->slots, c->cap, q);
        c->count++;
        return 0;
}

int tx_prepare(struct stmt **out, struct tx *tx, const char *sql, struct error *err)
{
        struct error mine = {0};
        int rc = 0;
        if (tx->in_bulk) {
                error_raise(&mine, SB_INTERNAL, "%s", "a statement while a bulk is open");
        } else if (tx->failed) {
                /* PostgreSQL refuses everything after a failure; so does SQLite here. */
                mine = tx->first;
        } else {
                rc = tx->engine->prepare(out, tx, sql, &mine);
                if (rc == 0) {
                        (*out)->ahead = false;
                }
        }
        return mine.code == SB_OK ? rc : tx_failed(tx, &mine, err);
}

void stmt_bind_int(struct stmt *q, int i, int64_t v)
{
        q->engine->bind_int(q, i, v);
}

void stmt_bind_real(struct stmt *q, int i, double v)
{
        q->engine->bind_real(q, i, v);
}

void stmt_bind_text(struct stmt *q, int i, struct str v)
{
        q->engine->bind_bytes(q, i, v, true, false);
}

void stmt_bind_blob(struct stmt *q, int i, struct str v)
{
        q->engine->bind_bytes(q, i, v, false, false);
}

void stmt_bind_null(struct stmt *q, int i)
{
        q->engine->bind_null(q, i);
}

static int advance(struct stmt *q, int (*how)(struct stmt *q, struct error *err), struct error *err)
{
        struct error mine = {0};
        int rc = 0;
        if (q->tx->failed) {
                mine = q->tx->first;
        } else if (q->misuse) {
                error_raise(&mine, SB_STORE_SQL, "%s|%.200s", q->misuse, q->sql);
        } else {
                rc = how(q, &mine);
        }
        return mine.code == SB_OK ? rc : tx_failed(q->tx, &mine, err);
}

int stmt_step(struct stmt *q, struct error *err)
{
        if (q->ahead) {
                q->ahead = false;
                return q->ahead_rc;
        }
        return advance(q, q->engine->step, err);
}

void stmt_reset(struct stmt *q)
{
        q->misuse = NULL;
        q->ahead = false;
        q->engine->reset(q);
}

int64_t stmt_changed(const struct stmt *q)
{
        return q->changed;
}

int64_t stmt_int(const struct stmt *q, int column)
{
        return q->engine->column_int(q, column);
}

double stmt_real(const struct stmt *q, int column)
{
        return q->engine->column_real(q, column);
}

struct str stmt_text(const struct stmt *q, int column)
{
        return q->engine->column_bytes(q, column, true);
}

struct str stmt_blob(const struct stmt *q, int column)
{
        return q->engine->column_bytes(q, column, false);
}

bool stmt_null(const struct stmt *q, int column)
{
        return q->engine->column_null(q, column);
}

static void bind_all(struct stmt *q, const char *types, va_list args)
{
        for (int i = 1; types[i - 1] != '\0'; i++) {
                switch (types[i - 1]) {
                case 'i':
                        stmt_bind_int(q, i, va_arg(args, int64_t));
                        break;
                case 'r':
                        stmt_bind_real(q, i, va_arg(args, double));
                        break;
                case 't': {
                        const char *text = va_arg(args, const char *);
                        if (text) {
                                stmt_bind_text(q, i, str_from(text));
                        } else {
                                stmt_bind_null(q, i);
                        }
                        break;
                }
                case 's':
                        stmt_bind_text(q, i, va_arg(args, struct str));
                        break;
                case 'b':
                        stmt_bind_blob(q, i, va_arg(args, struct str));
                        break;
                case 'n':
                        stmt_bind_null(q, i);
                        break;
                default:
                        q->misuse = "an unknown type of parameter";
                        return;
                }
        }
}

static int query(struct stmt **out, struct tx *tx, struct error *err, const char *sql, const char *types, va_list args)
{
        int rc = tx_prepare(out, tx, sql, err);
        if (rc == 0) {
                bind_all(*out, types, args);
        }
        return rc;
}

int tx_query(struct stmt **out, struct tx *tx, struct error *err, const char *sql, const char *types, ...)
{
        va_list args;
        va_start(args, types);
        int rc = query(out, tx, err, sql, types, args);
        va_end(args);
        return rc;
}

int tx_ask(struct stmt **out, struct tx *tx, struct error *err, const char *sql, const char *types, ...)
{
        va_list args;
        va_start(args, types);
        int rc = query(out, tx, err, sql, types, args);
        va_end(args);
        if (rc == 0 && (*out)->engine->ask) {
                rc = advance(*out, (*out)->engine->ask, err);
        } else if (rc == 0) {
                rc = stmt_step(*out, err);
                (*out)->ahead = rc >= 0;
                (*out)->ahead_rc = rc;
                rc = rc < 0 ? rc : 0;
        }
        return rc;
}

/* Run to the end; rows of a RETURNING are passed over. */
static int finish(struct stmt *q, struct error *err)
{
        int rc = stmt_step(q, err);
        while (rc == 1) {
                rc = stmt_step(q, err);
        }
        return rc;
}

int tx_exec(struct tx *tx, struct error *err, const char *sql, const char *types, ...)
{
        struct stmt *q = NULL;
        va_list args;
        va_start(args, types);
        int rc = query(&q, tx, err, sql, types, args);
        va_end(args);
        if (rc == 0) {
                rc = q->engine->send ? advance(q, q->engine->send, err) : finish(q, err);
        }
        return rc;
}

int tx_exec_changed(struct tx *tx, int64_t *changed, struct error *err, const char *sql, const char *types, ...)
{
        struct stmt *q = NULL;
        va_list args;
        va_start(args, types);
        int rc = query(&q, tx, err, sql, types, args);
        va_end(args);
        if (rc == 0) {
                rc = finish(q, err);
        }
        if (rc == 0) {
                *changed = stmt_changed(q);
        }
        return rc;
}

int tx_one(struct stmt **out, struct tx *tx, struct error *err, const char *sql, const char *types, ...)
{
        va_list args;
        va_start(args, types);
        int rc = query(out, tx, err, sql, types, args);
        va_end(args);
        return rc == 0 ? stmt_step(*out, err) : rc;
}

static int guard_begin(struct tx *tx, void *ctx, struct error *err)
{
        return tx->engine->guard(tx, ctx, err);
}

int store_guard(struct store *s, const struct store_guard *g, struct error *err)
{
        struct store_guard copy = *g;
        return store_write(s, guard_begin, &copy, err);
}

int store_guard_check(struct tx *tx, const struct store_guard *g, const char *only, store_guard_tell *tell, void *ctx,
                      bool *kept, struct error *err)
{
        *kept = false;
        return tx->engine->guard_check(tx, g, only, tell, ctx, kept, err);
}

int store_guard_accept(struct tx *tx, const char *table, struct error *err)
{
        return tx->engine->guard_accept(tx, table, err);
}

int store_guard_settle(struct tx *tx, struct error *err)
{
        return tx->engine->guard_settle ? tx->engine->guard_settle(tx, err) : 0;
}
