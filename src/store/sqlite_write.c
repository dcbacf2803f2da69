/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer thread: it runs closures one after another, each in a savepoint, and commits them in groups.
 */
#include "store/sqlite.h"

#include <time.h>

enum {
        GROUP_JOBS = 256, /* closures in one commit */
        GROUP_US = 20000, /* and the time after which the group is closed */
};

struct job {
        store_apply *apply;
        void *ctx;
        struct error *err;
        bool solo;
        bool done;
        int rc;
        struct tx_hook *hooks;
        struct job *next;
};
static int64_t now_us(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void rollback(struct connection *c)
{
        struct error ignored = {0};
        sqlite_close_statements(c);
        if (!sqlite3_get_autocommit(c->db)) {
                (void)sqlite_command(c, "ROLLBACK", &ignored);
        }
}

/* The next that waits, when it may share a group. */
static struct job *job_next(struct backend *b, bool shared)
{
        pthread_mutex_lock(&b->lock);
        struct job *j = b->first;
        if (j && shared && j->solo) {
                j = NULL;
        }
        if (j) {
                b->first = j->next;
                b->last = b->first ? b->last : NULL;
                j->next = NULL;
        }
        pthread_mutex_unlock(&b->lock);
        return j;
}

/* One closure of the group. nested: others stand before it, so it gets a savepoint of its own.
 * Afterwards the transaction is open when the closure succeeded or only its savepoint was undone.
 */
static void job_run(struct backend *b, struct job *j, bool nested)
{
        struct connection *c = &b->writer;
        struct error ignored = {0};
        tx_begin(&c->tx, b->store, &sqlite_engine);
        j->rc = nested ? sqlite_command(c, "SAVEPOINT job", j->err) : 0;
        if (j->rc == 0) {
                j->rc = tx_verdict(&c->tx, j->apply(&c->tx, j->ctx, j->err), j->err);
        }
        sqlite_close_statements(c);
        if (j->rc == 0 && sqlite3_get_autocommit(c->db)) {
                j->rc = error_raise(j->err, SB_INTERNAL, "%s", "a closure ended its transaction");
        }
        if (j->rc == 0 && nested) {
                j->rc = sqlite_command(c, "RELEASE job", j->err);
        }
        j->hooks = c->tx.hooks;
        guard_job(c->guard, j->rc == 0);
        if (j->rc != 0) {
                tx_hooks_run(j->hooks, false);
                j->hooks = NULL;
                if (!nested) {
                        rollback(c);
                } else if (!sqlite3_get_autocommit(c->db) && sqlite_command(c, "ROLLBACK TO job; RELEASE job", &ignored) != 0) {
                        rollback(c);
                }
        }
}

static void group_lost(struct job *jobs, const struct error *why)
{
        bool alone = !jobs->next;
        for (struct job *j = jobs; j; j = j->next) {
                if (j->rc != 0) {
                        continue;
                }
                if (alone) {
                        *j->err = *why;
                        j->rc = why->soft ? ERR_SOFT : ERR;
                } else { /* innocent ones come again, each alone */
                        j->rc = error_raise_soft(j->err, SB_STORE_BUSY, "%s", "");
                }
                tx_hooks_run(j->hooks, false);
                j->hooks = NULL;
        }
}

static void group_finish(struct backend *b, struct job *jobs)
{
        pthread_mutex_lock(&b->lock);
        while (jobs) {
                struct job *next = jobs->next; /* its owner may go on as soon as it is done */
                jobs->done = true;
                jobs = next;
        }
        pthread_cond_broadcast(&b->finished);
        pthread_mutex_unlock(&b->lock);
}

static int group_commit(struct connection *c, struct error *why)
{
        if (sqlite3_get_autocommit(c->db)) { /* one of the closures ended it */
                return error_raise_soft(why, SB_STORE_BUSY, "%s", "");
        }
        int rc = 0;
        if (c->guard) { /* the sums of what the whole group changed: no closure's own statements */
                tx_begin(&c->tx, c->tx.store, c->tx.engine);
                rc = tx_verdict(&c->tx, guard_flush(c->guard, &c->tx, why), why);
                sqlite_close_statements(c);
        }
        return rc ? rc : sqlite_command(c, "COMMIT", why);
}

/* Those that wait join the first, for so long. */
static void group_join(struct backend *b, struct job *first)
{
        struct job *last = first;
        int64_t began = now_us();
        int count = 1;
        while (!sqlite3_get_autocommit(b->writer.db) && count < GROUP_JOBS && now_us() - began < GROUP_US) {
                struct job *j = job_next(b, true);
                if (!j) {
                        break;
                }
                job_run(b, j, true);
                last->next = j;
                last = j;
                count++;
        }
}

static void group_run(struct backend *b, struct job *first)
{
        struct connection *c = &b->writer;
        struct error why = {0};
        bool committed = false;
        first->rc = sqlite_command(c, "BEGIN IMMEDIATE", first->err);
        if (first->rc == 0) {
                job_run(b, first, false);
        }
        if (first->rc == 0) {
                if (!first->solo) {
                        group_join(b, first);
                }
                committed = group_commit(c, &why) == 0;
                if (!committed) {
                        rollback(c);
                        group_lost(first, &why);
                }
        }
        guard_end(c->guard, committed);
        for (struct job *j = first; j; j = j->next) {
                tx_hooks_run(j->hooks, true);
        }
        group_finish(b, first);
}

void *sqlite_writer(void *arg)
{
        struct backend *b = arg;
        for (;;) {
                pthread_mutex_lock(&b->lock);
                while (!b->first && !b->stopping) {
                        pthread_cond_wait(&b->wake, &b->lock);
                }
                bool end = !b->first;
                pthread_mutex_unlock(&b->lock);
                if (end) {
                        return NULL;
                }
                group_run(b, job_next(b, false));
        }
}

static bool on_writer_thread(const struct backend *b)
{
        return pthread_equal(pthread_self(), b->thread);
}

struct tx *sqlite_inside(struct backend *b)
{
        return on_writer_thread(b) ? &b->writer.tx : NULL;
}

int sqlite_write(struct backend *b, int flags, store_apply *apply, void *ctx, struct error *err)
{
        if (on_writer_thread(b)) {
                return error_raise(err, SB_INTERNAL, "%s", "a transaction inside a transaction");
        }
        struct job j = {.apply = apply, .ctx = ctx, .err = err, .solo = (flags & WRITE_SOLO) != 0};
        pthread_mutex_lock(&b->lock);
        if (b->last) {
                b->last->next = &j;
        } else {
                b->first = &j;
        }
        b->last = &j;
        pthread_cond_signal(&b->wake);
        while (!j.done) {
                pthread_cond_wait(&b->finished, &b->lock);
        }
        pthread_mutex_unlock(&b->lock);
        return j.rc;
}
