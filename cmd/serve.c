/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao serve: listen, and do what waits beside: runs, effects and timers of cases, seals.
 */
#include "cmd/backup.h"
#include "cmd/command.h"
#include "cmd/house.h"
#include "cmd/sandbox.h"

#include "case/anchor.h"
#include "case/case.h"
#include "http/http.h"
#include "ledger/ledger.h"
#include "office/exchange/exchange.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define IDLE_MS 250
#define AFTER_FAULT_MS 2000
#define SEAL_EVERY_S 60
#define EFFECTS_A_ROUND 100
#define ARCHIVE_EVERY_MS 1000
#define COPIES_KEPT_DAYS 35
#define DAY_US ((instant_t)86400 * 1000000)

struct serving {
        struct opened *o;
        const char *anchors; /* file that each anchor is also written to; NULL none */
        pthread_mutex_t lock;
        pthread_cond_t wake;
        atomic_bool stopping;      /* also read by long work, between its blocks */
        struct archiver *archiver; /* NULL: the log is not archived */
        pthread_t threads[4];
        int thread_count;
};

/* Sleep, or wake at once when the server stops. true: go on. */
static bool pause_ms(struct serving *s, int ms)
{
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += ms / 1000;
        until.tv_nsec += (long)(ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
                until.tv_sec++;
                until.tv_nsec -= 1000000000;
        }
        pthread_mutex_lock(&s->lock);
        while (!s->stopping && pthread_cond_timedwait(&s->wake, &s->lock, &until) == 0)
                continue;
        pthread_mutex_unlock(&s->lock);
        return !s->stopping;
}

static bool going(struct serving *s)
{
        return !atomic_load(&s->stopping);
}

/* A fault is told and work goes on: it may be the database that is away for a while. */
static int after(struct serving *s, const char *event, int rc, const struct error *err, bool worked)
{
        if (rc < 0)
                log_error(s->o->house.log, event, err);
        return rc < 0 ? AFTER_FAULT_MS : worked ? 0 : IDLE_MS;
}

static void *runs_main(void *arg)
{
        struct serving *s = arg;

        while (going(s)) {
                struct error err = {0};
                bool worked = false;
                int rc = run_work_any(&s->o->house, house_runs(), &worked, &err);
                if (!pause_ms(s, after(s, "serve.runs", rc, &err, worked)))
                        break;
        }
        return NULL;
}

static void *cases_main(void *arg)
{
        struct serving *s = arg;

        while (going(s)) {
                struct error err = {0};
                int done = 0;
                int rc = case_work(&s->o->house, EFFECTS_A_ROUND, &done, &err);
                if (!pause_ms(s, after(s, "serve.cases", rc, &err, done > 0)))
                        break;
        }
        return NULL;
}

static int ledger_seal_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct house *h = ctx;

        /* Yesterday stays open: what a statement of the bank says of it comes in the morning. */
        return ledger_seal(tx, h->ids, h->home, clock_today(h->clock) - 1, clock_now(h->clock), err);
}

static void *seals_main(void *arg)
{
        struct serving *s = arg;
        struct house *h = &s->o->house;

        while (going(s)) {
                struct error err = {0};
                int sealed = 0, written = 0;
                bool anchored = false;
                int rc = audit_seal(h, clock_now(h->clock), &sealed, &err);
                if (rc == 0)
                        rc = store_write(h->store, ledger_seal_apply, h, &err);
                if (rc == 0)
                        rc = exchange_daily(h, &err);
                if (rc == 0)
                        rc = anchor_make(h, false, &anchored, &err);
                if (rc == 0 && s->anchors != NULL)
                        rc = anchor_write(h->store, s->anchors, &written, &err);
                if (rc < 0)
                        log_error(h->log, "serve.seal", &err);
                if (!pause_ms(s, SEAL_EVERY_S * 1000))
                        break;
        }
        return NULL;
}

/* Each second what was committed goes into the archive; a whole copy each day, and whenever the archive had a gap. */
static int archive_round(struct serving *s, instant_t *copied, struct error *err)
{
        struct archiver *a = s->archiver;
        struct house *h = &s->o->house;
        struct backup_copy copy;
        int rc = archiver_step(a, h->clock, err);

        if (rc == 0 && (a->gap || *copied + DAY_US < clock_now(h->clock))) {
                rc = backup_now(h, &a->folder, a->path, COPIES_KEPT_DAYS, &copy, err);
                if (rc == 0) {
                        *copied = copy.time;
                        a->gap = false;
                }
        }
        return rc;
}

static void *archive_main(void *arg)
{
        struct serving *s = arg;
        struct backup_copy *copies = NULL;
        struct error err = {0};
        instant_t copied = 0;
        size_t count = 0;
        int rc = backup_copies(&s->archiver->folder, &copies, &count, &err);

        copied = rc == 0 && count > 0 ? copies[count - 1].time : 0;
        free(copies);
        do {
                struct error mine = {0};
                rc = archive_round(s, &copied, &mine);
                if (rc < 0)
                        log_error(s->o->house.log, "serve.archive", &mine);
        } while (pause_ms(s, rc < 0 ? AFTER_FAULT_MS : ARCHIVE_EVERY_MS));
        struct error last = {0};
        if (archiver_step(s->archiver, s->o->house.clock, &last) < 0) /* what was written until the end */
                log_error(s->o->house.log, "serve.archive", &last);
        return NULL;
}

static int workers_start(struct serving *s, struct error *err)
{
        static void *(*const mains[])(void *) = {runs_main, cases_main, seals_main, archive_main};

        for (size_t i = 0; i < sizeof mains / sizeof mains[0] - (s->archiver == NULL); i++) {
                if (pthread_create(&s->threads[i], NULL, mains[i], s) != 0)
                        return error_raise(err, SB_INTERNAL, "%s", "pthread_create");
                s->thread_count++;
        }
        return 0;
}

static void workers_stop(struct serving *s)
{
        pthread_mutex_lock(&s->lock);
        s->stopping = true;
        pthread_cond_broadcast(&s->wake);
        pthread_mutex_unlock(&s->lock);
        for (int i = 0; i < s->thread_count; i++)
                pthread_join(s->threads[i], NULL);
}

/* A demonstration follows its folder; elsewhere a pack is stored and waits to be put in force by the office. */
static int pack_take(struct opened *o, const char *dir, struct error *err)
{
        struct pack *pack = NULL;
        bool changed = false;
        int rc = pack_open(&pack, dir, err);

        if (rc == 0 && o->facts.demonstration && strcmp(pack_name(pack), o->facts.pack) == 0)
                rc = setup_renew(&o->house, pack, &changed, err);
        else if (rc == 0)
                rc = pack_store_put(o->house.packs, pack, clock_now(o->house.clock), err);
        if (rc == 0 && changed)
                fprintf(stderr, "the pack %s was changed; it is in force from now on\n", pack_name(pack));
        pack_free(pack);
        return rc;
}

static void greet(const struct opened *o, const struct http_options *http, int port)
{
        printf("shebao serves http://%s:%d\n", http->address == NULL ? "127.0.0.1" : http->address, port);
        if (o->facts.demonstration)
                puts("DEMONSTRATION, all persons are synthetic 演示系统，人员均为虚构\n"
                     "sign in 登录: clerk 经办 · reviewer 复审 · approver 审批 · finance 财务 · auditor 稽核 · admin 系统管理\n"
                     "password 口令: demonstration");
        fflush(stdout);
}

static int serve_open(struct serving *s, const struct house_options *options, const char *pack, struct http_options *http,
                      sigset_t *signals, struct error *err)
{
        struct http_server *server = NULL;
        int got;
        int rc = house_open(&s->o, options, err);

        if (rc == 0 && pack != NULL)
                rc = pack_take(s->o, pack, err);
        if (rc == 0) {
                s->o->house.stopping = &s->stopping;
                http->pool = s->o->facts.pool;
                rc = http_start(&server, &s->o->house, http, err);
        }
        if (rc == 0)
                rc = workers_start(s, err);
        if (rc == 0) {
                greet(s->o, http, http_port(server));
                sigwait(signals, &got);
        }
        workers_stop(s);
        http_stop(server);
        house_close(s->o);
        return rc;
}

/* The archive of an SQLite database, before it is opened. */
static int archive_open(struct archiver *a, const char *url, const char *dir, const char *key, struct error *err)
{
        const char *path = archive_path(url);
        struct backup_folder folder;
        bool made = false;

        if (path == NULL)
                return error_raise(err, SB_BACKUP_SQLITE, "%s", "--archive");
        int rc = backup_open(&folder, dir, key, &made, err);
        rc = rc ? rc : archiver_open(a, &folder, path, err);
        return rc ? rc : archive_mark(path, true, err);
}

/* A program that searches itself for leaks traces itself in the end. */
#ifdef __SANITIZE_ADDRESS__
#define SANDBOX_USUAL "off"
#else
#define SANDBOX_USUAL "on"
#endif

static bool sandbox_option(const char *text, enum sandbox_mode *mode, struct error *err)
{
        if (text == NULL)
                text = SANDBOX_USUAL;
        *mode = strcmp(text, "on") == 0 ? SANDBOX_ON : strcmp(text, "must") == 0 ? SANDBOX_MUST : SANDBOX_OFF;
        if (*mode == SANDBOX_OFF && strcmp(text, "off") != 0)
                error_raise(err, SB_COMMAND_OPTION, "%s|%s", "--sandbox", "on, must, off");
        return err->code == SB_OK;
}

/* What the server uses of the disk, and no more. */
static int sandbox_go(enum sandbox_mode mode, const struct house_options *o, const char *pack, const struct http_options *http,
                      const char *anchors, const char *archive, const char *backup_key, struct error *err)
{
        static const char *const read[] = {"PGPASSFILE", "PGSERVICEFILE", "CREDENTIALS_DIRECTORY", "SSL_CERT_DIR",
                                           "SSL_CERT_FILE"};
        struct sandbox s = {.count = 0};
        char name[1100];
        const char *path = archive_path(o->url), *keys = o->keys != NULL ? o->keys : getenv("SHEBAO_KEYS");
        const char *kept = o->files != NULL ? o->files : getenv("SHEBAO_FILES"), *home = getenv("HOME");
        bool whole = false;

        sandbox_allow_folder(&s, path, true); /* the database, its log, the keys and attachments beside it */
        sandbox_allow(&s, keys, false);
        if (kept != NULL && kept[0] != '\0') {
                mkdir(kept, 0700); /* a rule is of a folder that is there; else the first attachment says what is wrong */
                sandbox_allow(&s, kept, true);
        }
        sandbox_allow_folder(&s, pack, false); /* and its parents beside it */
        sandbox_allow(&s, http->web_dir, false);
        sandbox_allow_folder(&s, http->oidc, false); /* and its secret beside it */
        sandbox_allow_folder(&s, anchors, true);
        sandbox_allow(&s, archive, true);
        sandbox_allow(&s, backup_key, false);
        for (size_t i = 0; i < sizeof read / sizeof read[0]; i++)
                sandbox_allow(&s, getenv(read[i]), false);
        if (home != NULL) {
                sandbox_allow(&s, text_format(name, sizeof name, "%s/.pgpass", home), false);
                sandbox_allow(&s, text_format(name, sizeof name, "%s/.postgresql", home), false);
                sandbox_allow(&s, text_format(name, sizeof name, "%s/.cache/fontconfig", home), false);
        }
        int rc = sandbox_enter(&s, mode, &whole, err);
        if (rc == 0 && mode == SANDBOX_ON && !whole)
                fprintf(stderr, "the kernel has no Landlock: files are not confined\n");
        return rc;
}

static bool number_option(int *argc, char **argv, const char *name, int most, int *out, struct error *err)
{
        const char *text = command_option(argc, argv, name);
        int64_t n = 0;

        if (text == NULL)
                return true;
        if (!text_to_int(str_from(text), &n) || n < 0 || n > most) {
                char range[32];
                text_format(range, sizeof range, "0–%d", most);
                error_raise(err, SB_COMMAND_OPTION, "%s|%s", name, range);
                return false;
        }
        *out = (int)n;
        return true;
}

int cmd_serve(int argc, char **argv)
{
        struct serving s = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
        struct house_options options = {.id_block = 1000};
        struct http_options http = {.port = 8080};
        struct error err = {0};
        sigset_t signals;
        const char *pack = command_option(&argc, argv, "--pack");

        struct archiver archiver;
        const char *archive = command_option(&argc, argv, "--archive"),
                   *backup_key = command_option(&argc, argv, "--backup-key");

        s.anchors = command_option(&argc, argv, "--anchors");
        http.address = command_option(&argc, argv, "--address");
        http.web_dir = command_option(&argc, argv, "--web");
        http.origin = command_option(&argc, argv, "--origin");
        http.oidc = command_option(&argc, argv, "--oidc");
        http.proxies = command_option(&argc, argv, "--proxies");
        if (!number_option(&argc, argv, "--port", 65535, &http.port, &err) ||
            !number_option(&argc, argv, "--workers", 64, &http.workers, &err) ||
            !number_option(&argc, argv, "--rate", 100000, &http.rate, &err))
                return command_fail(&err);
        enum sandbox_mode sandbox;
        if (!sandbox_option(command_option(&argc, argv, "--sandbox"), &sandbox, &err))
                return command_fail(&err);
        if (!house_arguments(&argc, argv, &options) || argc != 1 || (archive != NULL) != (backup_key != NULL))
                return command_usage("serve");
        if (archive != NULL) {
                if (archive_open(&archiver, options.url, archive, backup_key, &err) < 0)
                        return command_fail(&err);
                s.archiver = &archiver;
        }
        /* Blocked before the first thread, so that only the wait below takes them. */
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        pthread_sigmask(SIG_BLOCK, &signals, NULL);
        if (sandbox_go(sandbox, &options, pack, &http, s.anchors, archive, backup_key, &err) < 0)
                return command_fail(&err);
        int rc = serve_open(&s, &options, pack, &http, &signals, &err);
        return rc < 0 ? command_fail(&err) : 0;
}
