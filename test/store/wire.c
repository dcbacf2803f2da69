/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes back from PostgreSQL, and what does not: each state of an error, waiting and dying for a lock, and a connection that is cut
 * at any point by something that stands between the store and the server. Whatever is lost, a change happens once or not at all, and
 * who asked is told which.
 */
#include "support/pg.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* --- between the store and the server -------------------------------------------------------------------------------------------------- */

enum { PAIRS = 32 };
enum loss {
        NOTHING,
        THE_QUESTION, /* what holds the words does not arrive */
        THE_ANSWER,   /* it arrives, and what the server says to it does not */
};
struct relay {
        char folder[120], server[120];
        int listener, end[2];
        pthread_t thread;
        int pairs[PAIRS][2], count;
        atomic_int loss;   /* at the next words from the store that hold these */
        const char *words; /* set before `loss` */
        size_t length;
        atomic_bool shut;      /* nobody is let through */
        atomic_bool then_shut; /* after the next loss */
};

static int socket_at(const char *path, bool listening)
{
        struct sockaddr_un a = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        text_copy(a.sun_path, sizeof a.sun_path, str_from(path));
        int rc = listening ? bind(fd, (struct sockaddr *)&a, sizeof a) : connect(fd, (struct sockaddr *)&a, sizeof a);
        if (rc == 0 && listening)
                rc = listen(fd, 16);
        if (rc != 0) {
                close(fd);
                return -1;
        }
        return fd;
}

static void pair_drop(struct relay *r, int k)
{
        close(r->pairs[k][0]);
        close(r->pairs[k][1]);
        r->count--;
        r->pairs[k][0] = r->pairs[r->count][0];
        r->pairs[k][1] = r->pairs[r->count][1];
}

static bool pass_on(int to, const char *bytes, ssize_t n)
{
        for (ssize_t at = 0, sent; at < n; at += sent)
                if ((sent = send(to, bytes + at, (size_t)(n - at), MSG_NOSIGNAL)) <= 0)
                        return false;
        return true;
}

/* False: the pair is to be dropped. */
static bool relay_some(struct relay *r, int k, bool from_store)
{
        char bytes[65536];
        ssize_t n = recv(r->pairs[k][from_store ? 0 : 1], bytes, sizeof bytes, 0);
        int loss = from_store ? atomic_load(&r->loss) : NOTHING;

        if (n <= 0)
                return false;
        if (loss == NOTHING || memmem(bytes, (size_t)n, r->words, r->length) == NULL)
                return pass_on(r->pairs[k][from_store ? 1 : 0], bytes, n);
        atomic_store(&r->loss, NOTHING);
        struct pollfd answer = {r->pairs[k][1], POLLIN, 0};
        if (loss == THE_ANSWER && pass_on(r->pairs[k][1], bytes, n) &&
            poll(&answer, 1, 50) == 1) /* rows are not answered one by one */
                (void)recv(r->pairs[k][1], bytes, sizeof bytes, 0);
        if (atomic_load(&r->then_shut))
                atomic_store(&r->shut, true);
        return false;
}

static void relay_accept(struct relay *r)
{
        int store = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
        int server = atomic_load(&r->shut) || r->count == PAIRS ? -1 : socket_at(r->server, false);

        if (server < 0) {
                close(store);
                return;
        }
        r->pairs[r->count][0] = store;
        r->pairs[r->count++][1] = server;
}

static void *relay_run(void *ctx)
{
        struct relay *r = ctx;
        struct pollfd fds[2 + 2 * PAIRS];

        for (;;) {
                fds[0] = (struct pollfd){r->listener, POLLIN, 0};
                fds[1] = (struct pollfd){r->end[0], POLLIN, 0};
                int count = r->count;
                for (int k = 0; k < count; k++) {
                        fds[2 + 2 * k] = (struct pollfd){r->pairs[k][0], POLLIN, 0};
                        fds[3 + 2 * k] = (struct pollfd){r->pairs[k][1], POLLIN, 0};
                }
                if (poll(fds, (nfds_t)(2 + 2 * count), 5) < 0)
                        return NULL;
                if (fds[1].revents != 0)
                        return NULL;
                for (int k = count - 1; k >= 0; k--)
                        if (atomic_load(&r->shut) || (fds[2 + 2 * k].revents != 0 && !relay_some(r, k, true)) ||
                            (fds[3 + 2 * k].revents != 0 && !relay_some(r, k, false)))
                                pair_drop(r, k);
                if (fds[0].revents != 0)
                        relay_accept(r);
        }
}

/* The address of the server with the relay before it. */
static struct relay *relay_open(const char *url, char through[256])
{
        static int number;
        struct relay *r = calloc(1, sizeof *r);
        const char *host = strstr(url, "host=");
        char path[140];

        assert_non_null(r);
        assert_non_null(host);
        text_format(r->server, sizeof r->server, "%s/.s.PGSQL.5432", host + 5);
        mkdir(text_format(r->folder, sizeof r->folder, "%s/relay%d", test_scratch(), ++number), 0755);
        r->listener = socket_at(text_format(path, sizeof path, "%s/.s.PGSQL.5432", r->folder), true);
        assert_true(r->listener >= 0);
        assert_int_equal(pipe(r->end), 0);
        assert_int_equal(pthread_create(&r->thread, NULL, relay_run, r), 0);
        text_format(through, 256, "%.*shost=%s", (int)(host - url), url, r->folder);
        return r;
}

static void relay_close(struct relay *r)
{
        close(r->end[1]);
        pthread_join(r->thread, NULL);
        while (r->count > 0)
                pair_drop(r, r->count - 1);
        close(r->end[0]);
        close(r->listener);
        free(r);
}

/* Lose this once. */
static void lose_bytes(struct relay *r, enum loss loss, const char *words, size_t length)
{
        r->words = words;
        r->length = length;
        atomic_store(&r->loss, loss);
}

static void lose(struct relay *r, enum loss loss, const char *words)
{
        lose_bytes(r, loss, words, strlen(words));
}

/* --- a table and changes of it ------------------------------------------------------------------------------------------------------------ */

struct work {
        int64_t id;
        int calls;
        struct relay *relay; /* armed in the first call, behind BEGIN */
        enum loss loss;
        const char *words;
        bool bulk;
};

static int make(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(tx, err, "CREATE TABLE thing (id @int NOT NULL, name @text, PRIMARY KEY (id)) @table", "");
}

static int add_bulk(struct tx *tx, const struct work *w, struct error *err)
{
        struct bulk *b = NULL;
        char large[2000];
        int rc = bulk_open(&b, tx, "thing", "id@int, name@text", err);

        memset(large, 'x', sizeof large);
        for (int64_t i = 0; rc == 0 && i < 300; i++) { /* more than one piece */
                bulk_int(b, w->id + i);
                bulk_text(b, (struct str){large, sizeof large});
                rc = bulk_row(b, err);
        }
        int closed = b != NULL ? bulk_close(b, err) : 0;
        return rc ? rc : closed;
}

static int add(struct tx *tx, void *ctx, struct error *err)
{
        struct work *w = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT 1", "") < 0 ? ERR_SOFT : 0; /* the connection stands */

        if (w->calls++ == 0 && rc == 0 && w->relay != NULL)
                lose(w->relay, w->loss, w->words);
        if (rc == 0 && w->bulk)
                return add_bulk(tx, w, err);
        return rc ? rc : tx_exec(tx, err, "INSERT INTO thing (id, name) VALUES (?1@int, ?2@text)", "it", w->id, "needle");
}

static int count(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM thing WHERE name <> ?1@text", "t", "haystack");

        *(int64_t *)ctx = rc == 1 ? stmt_int(q, 0) : -1;
        return rc < 0 ? rc : 0;
}

static int64_t rows(struct store *s)
{
        struct error err = {0};
        int64_t n = -1;

        assert_int_equal(store_read(s, count, &n, &err), 0);
        return n;
}

struct between {
        struct relay *relay;
        struct store *s;
        char url[256];
};

static struct between opened(const struct store_options *options)
{
        struct between b;
        struct error err = {0};
        char url[256];

        if (!test_store_url(TEST_POSTGRESQL, url))
                skip();
        store_close(test_store_open(url));
        b.relay = relay_open(url, b.url);
        assert_int_equal(store_open(&b.s, b.url, options, &err), 0);
        assert_int_equal(store_write(b.s, make, NULL, &err), 0);
        return b;
}

static void closed(struct between *b)
{
        store_close(b->s);
        relay_close(b->relay);
}

/* --- each state ----------------------------------------------------------------------------------------------------------------------------- */

struct state {
        const char *sql;
        int calls;
};

static int raise(struct tx *tx, void *ctx, struct error *err)
{
        struct state *s = ctx;

        s->calls++;
        return tx_exec(tx, err, s->sql, "");
}

static void test_what_each_state_means(void **state)
{
#define RAISE(code) "DO 'BEGIN RAISE EXCEPTION USING ERRCODE = ''" code "'', MESSAGE = ''it said so''; END'"
#define RAISE_OF(code, what) "DO 'BEGIN RAISE EXCEPTION USING ERRCODE = ''" code "'', MESSAGE = ''it said so'', " what "; END'"
        static const struct {
                const char *sql;
                enum error_code code;
                bool soft;
                const char *said;
        } cases[] = {
            {RAISE("40001"), SB_STORE_CONFLICT, true, ""},
            {RAISE("40P01"), SB_STORE_CONFLICT, true, ""},
            {RAISE("55P03"), SB_STORE_BUSY, true, ""},
            {RAISE("53300"), SB_STORE_BUSY, true, ""},
            {RAISE("08006"), SB_STORE_CONNECTION, true, "it said so"},
            {RAISE("57P01"), SB_STORE_CONNECTION, true, "it said so"},
            {RAISE_OF("23505", "CONSTRAINT = ''thing_pkey''"), SB_STORE_UNIQUE, false, "thing_pkey"},
            {RAISE("23505"), SB_STORE_UNIQUE, false, "it said so"},
            {RAISE_OF("23502", "COLUMN = ''name''"), SB_STORE_CONSTRAINT, false, "name"},
            {RAISE("23514"), SB_STORE_CONSTRAINT, false, "it said so"},
            {RAISE("53100"), SB_STORE_FULL, false, ""},
            {RAISE("25006"), SB_STORE_READONLY, false, ""},
            {RAISE("53200"), SB_MEMORY, false, ""},
            {RAISE("58030"), SB_STORE_IO, false, "it said so"},
            {RAISE("XX001"), SB_STORE_CORRUPT, false, "it said so"},
            {RAISE("XX000"), SB_STORE_SQL, false, "it said so"}, /* an error of the server itself */
            {RAISE("22012"), SB_STORE_SQL, false, "it said so"},
        };
        struct store_options options = {.attempts = 2};
        struct error err = {0};
        struct store *s = NULL;
        char url[256], text[600];

        (void)state;
        if (!test_store_url(TEST_POSTGRESQL, url))
                skip();
        assert_int_equal(store_open(&s, url, &options, &err), 0);
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
                for (int reading = 0; reading < 2; reading++) {
                        struct state x = {.sql = cases[k].sql};
                        err = (struct error){0};
                        int rc = reading ? store_read(s, raise, &x, &err) : store_write(s, raise, &x, &err);
                        assert_int_equal(rc, cases[k].soft ? ERR_SOFT : ERR);
                        assert_int_equal(err.code, cases[k].code);
                        assert_int_equal(err.soft, cases[k].soft);
                        assert_int_equal(x.calls, cases[k].soft ? 2 : 1);
                        assert_non_null(strstr(error_text(&err, LANG_EN, text, sizeof text), cases[k].said));
                        assert_int_equal(store_passes(&err), cases[k].soft || cases[k].code == SB_STORE_FULL ||
                                                                 cases[k].code == SB_STORE_IO ||
                                                                 cases[k].code == SB_STORE_READONLY);
                }
        assert_int_equal(store_write(s, make, NULL, &err), 0); /* the store goes on */
        store_close(s);
}

/* --- locks ---------------------------------------------------------------------------------------------------------------------------------- */

struct locker {
        struct store *s;
        pthread_barrier_t *both;
        int64_t first, second;
        int calls, rc;
        struct error err;
};

static int lock_both(struct tx *tx, void *ctx, struct error *err)
{
        struct locker *l = ctx;
        struct stmt *q;
        int rc = tx_exec(tx, err, "SET LOCAL deadlock_timeout = '20ms'", "");

        rc = rc ? rc : tx_one(&q, tx, err, "SELECT 1 FROM thing WHERE id = ?1@int @lock", "i", l->first);
        if (l->calls++ == 0)
                pthread_barrier_wait(l->both);
        rc = rc < 0 ? rc : tx_one(&q, tx, err, "SELECT 1 FROM thing WHERE id = ?1@int @lock", "i", l->second);
        return rc < 0 ? rc : tx_exec(tx, err, "UPDATE thing SET name = 'met' WHERE id = ?1@int", "i", l->second);
}

static void *run_locker(void *ctx)
{
        struct locker *l = ctx;

        l->rc = store_write(l->s, lock_both, l, &l->err);
        return NULL;
}

static void test_of_two_that_wait_for_each_other_one_comes_again(void **state)
{
        struct between b = opened(NULL);
        struct error err = {0};
        struct locker l[2];
        struct work w = {.id = 1}, v = {.id = 2};
        pthread_barrier_t both;
        pthread_t threads[2];

        (void)state;
        assert_int_equal(store_write(b.s, add, &w, &err), 0);
        assert_int_equal(store_write(b.s, add, &v, &err), 0);
        pthread_barrier_init(&both, NULL, 2);
        for (int i = 0; i < 2; i++) {
                l[i] = (struct locker){.s = b.s, .both = &both, .first = i + 1, .second = 2 - i};
                assert_int_equal(pthread_create(&threads[i], NULL, run_locker, &l[i]), 0);
        }
        for (int i = 0; i < 2; i++)
                pthread_join(threads[i], NULL);
        for (int i = 0; i < 2; i++) {
                assert_int_equal(l[i].rc, 0);
        }
        assert_true(l[0].calls + l[1].calls > 2);
        pthread_barrier_destroy(&both);
        closed(&b);
}

struct holding {
        struct store *other;
        struct work *work;
        struct error err;
        int rc;
};

static int hold(struct tx *tx, void *ctx, struct error *err)
{
        struct holding *h = ctx;
        int rc = tx_exec(tx, err, "LOCK TABLE thing IN ACCESS EXCLUSIVE MODE", "");
        struct stmt *q;

        rc = rc ? rc : tx_one(&q, tx, err, "SELECT 1", "");
        h->rc = store_write(h->other, add, h->work, &h->err);
        return rc < 0 ? rc : 0;
}

static void test_a_lock_is_waited_for_so_long_and_no_longer(void **state)
{
        struct between b = opened(NULL);
        struct store_options hasty = {.busy_ms = 30, .attempts = 2};
        struct work w = {.id = 1};
        struct holding h = {.work = &w};
        struct error err = {0};

        (void)state;
        assert_int_equal(store_open(&h.other, b.url, &hasty, &err), 0);
        assert_int_equal(store_write(b.s, hold, &h, &err), 0);
        assert_int_equal(h.rc, ERR_SOFT);
        assert_int_equal(h.err.code, SB_STORE_BUSY);
        assert_int_equal(w.calls, 2);
        assert_int_equal(rows(b.s), 0);
        assert_int_equal(store_write(h.other, add, &w, &err), 0);
        store_close(h.other);
        closed(&b);
}

/* More ask at once than there are connections: they wait for one to come back. */
static void *add_many(void *ctx)
{
        struct locker *l = ctx;

        for (int64_t i = 0; i < 20 && l->rc == 0; i++) {
                struct work w = {.id = l->first + i};
                int64_t n;
                l->rc = store_write(l->s, add, &w, &l->err);
                if (l->rc == 0)
                        l->rc = store_read(l->s, count, &n, &l->err);
        }
        return NULL;
}

static void test_one_connection_serves_many(void **state)
{
        struct store_options narrow = {.readers = 1, .writers = 1};
        struct between b = opened(&narrow);
        struct locker l[4];
        pthread_t threads[4];

        (void)state;
        for (int i = 0; i < 4; i++) {
                l[i] = (struct locker){.s = b.s, .first = 100 * i};
                assert_int_equal(pthread_create(&threads[i], NULL, add_many, &l[i]), 0);
        }
        for (int i = 0; i < 4; i++)
                pthread_join(threads[i], NULL);
        for (int i = 0; i < 4; i++) {
                assert_int_equal(l[i].rc, 0);
        }
        assert_int_equal(rows(b.s), 80);
        closed(&b);
}

/* --- losses --------------------------------------------------------------------------------------------------------------------------------- */

static void test_whatever_is_lost_a_change_happens_once(void **state)
{
        static const struct {
                const char *words;
                bool bulk, last; /* with it the server does all of it: it travels with COMMIT */
        } cases[] = {
            {"COMMIT", false, true},     {"COMMIT", true, true},      {"needle", false, true},
            {"FROM STDIN", true, false}, {"xxxxxxxxxx", true, false},
        };
        struct between b = opened(NULL);
        int64_t id = 1000;

        (void)state;
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
                for (enum loss loss = THE_QUESTION; loss <= THE_ANSWER; loss++) {
                        struct work w = {
                            .id = id += 1000, .relay = b.relay, .loss = loss, .words = cases[k].words, .bulk = cases[k].bulk};
                        struct error err = {0};
                        int64_t before = rows(b.s);
                        bool kept = loss == THE_ANSWER && cases[k].last;
                        assert_int_equal(store_write(b.s, add, &w, &err), 0);
                        assert_int_equal(err.code, SB_OK);
                        assert_int_equal(w.calls, kept ? 1 : 2); /* what the server did is not done again */
                        assert_int_equal(rows(b.s), before + (cases[k].bulk ? 300 : 1));
                }
        closed(&b);
}

/* The server did it, and is gone before it can be asked: nobody may say that it failed, nor try again. */
static void test_what_nobody_can_tell_is_said_so(void **state)
{
        struct between b = opened(NULL);
        struct work w = {.id = 1, .relay = b.relay, .loss = THE_ANSWER, .words = "COMMIT"};
        struct error err = {0};

        (void)state;
        atomic_store(&b.relay->then_shut, true);
        assert_int_equal(store_write(b.s, add, &w, &err), ERR);
        assert_int_equal(err.code, SB_STORE_UNKNOWN);
        assert_false(err.soft);
        assert_int_equal(w.calls, 1);
        atomic_store(&b.relay->then_shut, false);
        atomic_store(&b.relay->shut, false);
        assert_int_equal(rows(b.s), 1);
        closed(&b);
}

static int count_lossy(struct tx *tx, void *ctx, struct error *err)
{
        struct work *w = ctx;
        int64_t n;
        int rc = count(tx, &n, err);

        if (w->calls++ == 0)
                lose(w->relay, w->loss, w->words);
        w->id = n;
        return rc ? rc : count(tx, &n, err);
}

static void test_reading_begins_anew(void **state)
{
        static const char *const words[] = {"haystack", "ROLLBACK"}; /* the statement; the end */
        struct between b = opened(NULL);
        struct error err = {0};
        struct work add_one = {.id = 1};

        (void)state;
        assert_int_equal(store_write(b.s, add, &add_one, &err), 0);
        for (size_t k = 0; k < 2; k++)
                for (enum loss loss = THE_QUESTION; loss <= THE_ANSWER; loss++) {
                        struct work w = {.relay = b.relay, .loss = loss, .words = words[k]};
                        assert_int_equal(store_read(b.s, count_lossy, &w, &err), 0);
                        assert_int_equal(w.calls, 2);
                        assert_int_equal(w.id, 1);
                }
        closed(&b);
}

static void test_a_connection_that_breaks_while_it_is_made_is_made_again(void **state)
{
        static const char *const words[] = {"SET timezone", "ISOLATION LEVEL SERIALIZABLE", "user"};
        struct between b = opened(NULL);
        struct error err = {0};

        (void)state;
        for (int64_t k = 0; k < 3; k++) {
                struct work w = {.id = k};
                atomic_store(&b.relay->shut, true); /* those that there are break */
                nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
                atomic_store(&b.relay->shut, false);
                lose(b.relay, THE_ANSWER, words[k]);
                assert_int_equal(store_write(b.s, add, &w, &err), 0);
                assert_int_equal(rows(b.s), k + 1);
        }
        closed(&b);
}

static void test_a_server_that_is_away_is_waited_for(void **state)
{
        struct store_options options = {.attempts = 2};
        struct between b = opened(&options);
        struct store *none = NULL;
        struct ids *ids = NULL;
        struct error err = {0};
        struct work w = {.id = 1};
        int64_t n;

        (void)state;
        assert_int_equal(ids_open(&ids, b.s, 1, 10, &err), 0);
        assert_int_equal(rows(b.s), 0);
        atomic_store(&b.relay->shut, true);
        nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
        assert_int_equal(store_write(b.s, add, &w, &err), ERR_SOFT);
        assert_int_equal(err.code, SB_STORE_CONNECTION);
        assert_true(store_passes(&err));
        assert_true(w.calls <= 1); /* on the connection that nobody knew to be broken */
        err = (struct error){0};
        assert_int_equal(store_read(b.s, count, &n, &err), ERR_SOFT);
        assert_int_equal(err.code, SB_STORE_CONNECTION);
        err = (struct error){0};
        assert_int_equal(ids_next(ids, &n, &err), ERR_SOFT);
        assert_int_equal(err.code, SB_STORE_CONNECTION);
        err = (struct error){0};
        assert_int_equal(store_open(&none, b.url, NULL, &err), ERR);
        assert_int_equal(err.code, SB_STORE_OPEN);
        atomic_store(&b.relay->shut, false);
        err = (struct error){0};
        assert_int_equal(store_write(b.s, add, &w, &err), 0);
        assert_int_equal(ids_next(ids, &n, &err), 0);
        assert_int_equal(rows(b.s), 1);
        ids_close(ids);
        closed(&b);
}

/* What only prepares the work is lost: the text of a statement, what it answers, the transaction's beginning. */
static int add_of_its_own(struct tx *tx, void *ctx, struct error *err)
{
        static const char *const texts[] = {
            "INSERT INTO thing (id, name) VALUES (?1@int, 'one')", "INSERT INTO thing (id, name) VALUES (?1@int, 'two')",
            "INSERT INTO thing (id, name) VALUES (?1@int, 'three')", "INSERT INTO thing (id, name) VALUES (?1@int, 'four')"};
        struct work *w = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT 1", "") < 0 ? ERR_SOFT : 0;

        if (w->calls++ == 0 && rc == 0)
                lose(w->relay, w->loss, w->words);
        return rc ? rc : tx_exec(tx, err, texts[w->id % 4], "i", w->id);
}

static void test_what_prepares_the_work_may_be_lost(void **state)
{
        static const char *const words[] = {"INSERT INTO thing", "Ss"}; /* the text; the question what it answers */
        struct between b = opened(NULL);
        int64_t id = 0;

        (void)state;
        for (size_t k = 0; k < 2; k++)
                for (enum loss loss = THE_QUESTION; loss <= THE_ANSWER; loss++, id++) {
                        struct work w = {.id = id, .relay = b.relay, .loss = loss, .words = words[k]};
                        struct error err = {0};
                        assert_int_equal(store_write(b.s, add_of_its_own, &w, &err), 0);
                        assert_int_equal(w.calls, 2);
                        assert_int_equal(rows(b.s), id + 1);
                }
        for (enum loss loss = THE_QUESTION; loss <= THE_ANSWER; loss++, id++) {
                struct work w = {.id = id};
                struct error err = {0};
                lose(b.relay, loss, "BEGIN ISOLATION LEVEL READ COMMITTED");
                assert_int_equal(store_write(b.s, add, &w, &err), 0);
                assert_int_equal(rows(b.s), id + 1);
        }
        closed(&b);
}

static int fails_of_itself(struct tx *tx, void *ctx, struct error *err)
{
        int rc = add(tx, ctx, err);

        return rc ? rc : error_raise(err, SB_OVERFLOW, "%s", "on purpose");
}

/* A transaction that is given up stays given up when that is not heard; who asked is told why it was. */
static void test_an_end_that_is_lost(void **state)
{
        struct between b = opened(NULL);

        (void)state;
        for (enum loss loss = THE_QUESTION; loss <= THE_ANSWER; loss++) {
                struct work w = {.id = 1, .relay = b.relay, .loss = loss, .words = "ROLLBACK"};
                struct error err = {0};
                assert_int_equal(store_write(b.s, fails_of_itself, &w, &err), ERR);
                assert_int_equal(err.code, SB_OVERFLOW);
                assert_int_equal(w.calls, 1);
                assert_int_equal(rows(b.s), 0);
        }
        closed(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            {"test_what_each_state_means [postgresql]", test_what_each_state_means, NULL, NULL, NULL},
            {"test_of_two_that_wait_for_each_other_one_comes_again [postgresql]",
             test_of_two_that_wait_for_each_other_one_comes_again, NULL, NULL, NULL},
            {"test_a_lock_is_waited_for_so_long_and_no_longer [postgresql]", test_a_lock_is_waited_for_so_long_and_no_longer,
             NULL, NULL, NULL},
            {"test_one_connection_serves_many [postgresql]", test_one_connection_serves_many, NULL, NULL, NULL},
            {"test_whatever_is_lost_a_change_happens_once [postgresql]", test_whatever_is_lost_a_change_happens_once, NULL,
             NULL, NULL},
            {"test_what_nobody_can_tell_is_said_so [postgresql]", test_what_nobody_can_tell_is_said_so, NULL, NULL, NULL},
            {"test_reading_begins_anew [postgresql]", test_reading_begins_anew, NULL, NULL, NULL},
            {"test_a_connection_that_breaks_while_it_is_made_is_made_again [postgresql]",
             test_a_connection_that_breaks_while_it_is_made_is_made_again, NULL, NULL, NULL},
            {"test_what_prepares_the_work_may_be_lost [postgresql]", test_what_prepares_the_work_may_be_lost, NULL, NULL, NULL},
            {"test_an_end_that_is_lost [postgresql]", test_an_end_that_is_lost, NULL, NULL, NULL},
            {"test_a_server_that_is_away_is_waited_for [postgresql]", test_a_server_that_is_away_is_waited_for, NULL, NULL,
             NULL},
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
