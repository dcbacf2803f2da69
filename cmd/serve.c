/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "house.h"

#include "case/pack_store.h"
#include "case/run.h"
#include "http/http.h"
#include "office/office.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Work that no request waits for: effects, timers and runs are looked for this often. */
#define WORK_PAUSE_NS 200000000L

struct background {
        struct house *house;
        atomic_bool stop;
        pthread_t threads[2];
        int count;
};

static void work_pause(void)
{
        struct timespec pause = {.tv_nsec = WORK_PAUSE_NS};

        nanosleep(&pause, NULL);
}

static void *effects_main(void *arg)
{
        struct background *b = arg;

        while (!atomic_load(&b->stop)) {
                struct error err = {0};
                int done = 0;
                if (case_work(b->house, 64, &done, &err) < 0)
                        log_error(b->house->log, "case.work", &err);
                if (done == 0)
                        work_pause();
        }
        return NULL;
}

static void *runs_main(void *arg)
{
        struct background *b = arg;

        while (!atomic_load(&b->stop)) {
                struct error err = {0};
                bool worked = false;
                if (run_work_any(b->house, office_runs, &worked, &err) < 0)
                        log_error(b->house->log, "run.work", &err);
                if (!worked)
                        work_pause();
        }
        return NULL;
}

static int background_start(struct background *b, struct house *h, struct error *err)
{
        void *(*const mains[])(void *) = {effects_main, runs_main};

        b->house = h;
        for (size_t i = 0; i < sizeof(mains) / sizeof(mains[0]); i++) {
                if (pthread_create(&b->threads[b->count], NULL, mains[i], b) != 0)
                        return error_raise(err, SB_INTERNAL, "%s", "pthread_create");
                b->count++;
        }
        return 0;
}

static void background_stop(struct background *b)
{
        atomic_store(&b->stop, true);
        for (int i = 0; i < b->count; i++)
                pthread_join(b->threads[i], NULL);
}

struct greeting {
        int64_t pool;
        bool demonstration;
        char logins[1024];
};

/* The first pool names the installation; a demonstration city also tells its sign-ins. */
static int greeting_read(struct tx *tx, void *ctx, struct error *err)
{
        struct greeting *g = ctx;
        struct stmt *q;
        size_t n = 0;

        int rc = tx_one(&q, tx, err, "SELECT id FROM pool ORDER BY id LIMIT 1", "");
        if (rc <= 0)
                return rc;
        g->pool = stmt_int(q, 0);
        rc = tx_query(&q, tx, err, "SELECT login, roles FROM staff ORDER BY id LIMIT 12", "");
        while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                struct str login = stmt_text(q, 0), roles = stmt_text(q, 1);
                n += (size_t)snprintf(g->logins + n, sizeof g->logins - n, "  %-12.*s %.*s\n", (int)login.n, login.p,
                                      (int)roles.n, roles.p);
                if (n >= sizeof g->logins)
                        return 0;
                rc = 0;
        }
        return rc;
}

static void greeting_print(const struct greeting *g, const char *address, int port)
{
        printf("shebao: http://%s:%d\n", address, port);
        if (g->demonstration)
                printf("Demonstration city 演示城市 (all persons are generated). Sign in with the password “demonstration”:\n%s",
                       g->logins);
        printf("Ctrl-C ends the server; the data stay.\n");
        fflush(stdout);
}

static int pool_is_demonstration(struct house *h, struct greeting *g, struct error *err)
{
        struct pack *pack;

        if (g->pool == 0)
                return 0;
        int rc = pack_store_for(h->packs, g->pool, clock_today(h->clock), clock_now(h->clock), &pack, err);
        if (rc == 0)
                g->demonstration = pack_is_demonstration(pack);
        return rc;
}

static int serve(struct house *h, struct http_options *o, struct error *err)
{
        struct http_server *server = NULL;
        struct background background = {.house = h};
        struct greeting greeting = {0};
        sigset_t signals;
        int caught;

        /* Blocked before the first thread starts, so that only sigwait sees them. */
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals, NULL);
        int rc = store_read(h->store, greeting_read, &greeting, err);
        if (rc == 0)
                rc = pool_is_demonstration(h, &greeting, err);
        o->pool = greeting.pool;
        if (rc == 0)
                rc = http_start(&server, h, o, err);
        if (rc == 0)
                rc = background_start(&background, h, err);
        if (rc == 0) {
                greeting_print(&greeting, o->address, http_port(server));
                sigwait(&signals, &caught);
                printf("shebao: ending\n");
        }
        background_stop(&background);
        http_stop(server);
        return rc;
}

int cmd_serve(int argc, char **argv)
{
        const char *url = command_option(&argc, argv, "--db");
        const char *keys = command_option(&argc, argv, "--keys");
        const char *port = command_option(&argc, argv, "--port");
        const char *address = command_option(&argc, argv, "--address");
        struct http_options o = {.address = address == NULL ? "127.0.0.1" : address};
        struct error err = {0};
        struct house *h = NULL;
        int64_t number = 8080;

        o.web_dir = command_option(&argc, argv, "--web");
        if (argc != 1 || url == NULL || (port != NULL && !text_to_int(str_from(port), &number)) || number < 0 ||
            number > 65535)
                return command_usage("serve");
        o.port = (int)number;
        int rc = house_open(&h, url, keys, &err);
        if (rc == 0)
                rc = serve(h, &o, &err);
        house_close(h);
        return rc < 0 ? command_fail(&err) : 0;
}
