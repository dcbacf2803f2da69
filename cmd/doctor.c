/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao doctor: is the installation well, and if not, what is wrong, how bad it is and what to do. It reads only; it opens a database that
 * needs an upgrade without upgrading it.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "office/audit/audit.h"
#include "pack/pack.h"
#include "store/archive.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#define DAY_US ((instant_t)86400 * 1000000)

enum level { FINE, WARN, BAD };

/* A question to the database: how many rows are wrong. ?1 is the time in microseconds, ?2 the legal day. */
struct question {
        const char *check;
        enum level level;
        const char *sql;
        const char *what_en, *what_zh, *do_en, *do_zh; /* what: "%lld …" */
};

static const struct question questions[] = {
    {"clock", BAD, "SELECT COUNT(*) FROM audit_row WHERE at > ?1@int + 300000000 + 0 * ?2@int",
     "%lld rows of the trail are of the future: the machine's clock is or was wrong",
     "%lld条审计记录晚于当前时间：本机时钟有误",
     "set the clock (timedatectl), keep it by NTP, and tell the auditor which hours are meant",
     "校准时钟（timedatectl）并启用 NTP，告知稽核人员相关时段"},
    {"packs", BAD,
     "SELECT COUNT(*) FROM pool p WHERE p.valid_from <= ?2@int AND p.valid_to > ?2@int AND NOT EXISTS (SELECT 1 FROM "
     "pack_activation a WHERE "
     "a.pool = p.id AND a.valid_from <= ?2@int AND a.valid_to > ?2@int AND a.known_from <= ?1@int AND a.known_to > ?1@int)",
     "%lld pools have no law in force today", "%lld个统筹区今日没有生效的政策包", "activate a pack for them (packs.activate)",
     "为其启用政策包（packs.activate）"},
    {"leases", WARN,
     "SELECT (SELECT COUNT(*) FROM run WHERE state = 'running' AND lease_until < ?1@int - 600000000) + (SELECT COUNT(*) FROM "
     "effect WHERE "
     "state = 'open' AND lease_until > 0 AND lease_until < ?1@int - 600000000) + (SELECT COUNT(*) FROM outbox WHERE state = "
     "'open' AND "
     "created_at < ?1@int - 86400000000 + 0 * ?2@int)",
     "%lld pieces of work were left by a worker that is gone", "%lld项工作的执行者已失联",
     "see that a server runs (shebao serve or shebao work); it takes them over",
     "确认服务在运行（shebao serve 或 shebao work），它会接手"},
    {"incidents", WARN, "SELECT COUNT(*) FROM process_instance WHERE state = 'incident' AND ?1@int + ?2@int > 0",
     "%lld cases stand with a fault", "%lld个案件因故障停办",
     "see Incidents of the administrator's page, mend the cause and retry", "在管理员的“异常案件”页面查看，排除原因后重试"},
    {"runs", WARN,
     "SELECT COUNT(*) FROM run WHERE state IN ('paused', 'failed') AND ended_at + created_at > ?1@int - 2592000000000 + 0 * "
     "?2@int",
     "%lld runs of the last month stand or failed", "近一个月有%lld个批次停住或失败", "shebao runs list, then resume or cancel",
     "用 shebao runs list 查看，继续或取消"},
    {"sealed", WARN, "SELECT COUNT(*) FROM ledger_seal WHERE sealed_before < ?2@int - 3 AND ?1@int > 0",
     "%lld books are not sealed for three days", "%lld个账簿三天以上未封账",
     "see that a server runs; its log says serve.seal when it cannot", "确认服务在运行；不能封账时日志有 serve.seal"},
    {"sealed", WARN, "SELECT COUNT(*) FROM audit_row WHERE seal = 0 AND at < ?1@int - 86400000000 + 0 * ?2@int",
     "%lld rows of the trail are not sealed for a day", "%lld条审计记录一天以上未封存", "see that a server runs",
     "确认服务在运行"},
    {"anchors", WARN,
     "SELECT COUNT(*) FROM audit_seal WHERE sealed_at < ?1@int - 172800000000 AND NOT EXISTS (SELECT 1 FROM anchor WHERE day > "
     "?2@int - 3)",
     "nothing was anchored for two days, %lld seals are older", "两天以上没有锚定，更早的封存有%lld个",
     "serve with --anchors FILE and let the auditor fetch that file", "以 --anchors FILE 运行服务，并由稽核方取走该文件"},
    {"staff", WARN,
     "SELECT CASE WHEN COUNT(*) = 0 THEN 1 ELSE 0 END FROM staff WHERE roles LIKE '%admin%' AND valid_from <= ?2@int AND "
     "valid_to > ?2@int AND "
     "?1@int > 0",
     "nobody is administrator today (%lld)", "今日没有系统管理员（%lld）", "shebao staff add LOGIN --roles admin",
     "用 shebao staff add LOGIN --roles admin 添加"},
};

struct doctor {
        const struct house_options *options;
        const char *anchors;
        struct store *store;
        struct clock *clock;
        struct keyring *keys;
        struct installation facts;
        json_t *list;
        enum level worst;
        int checks;
};

static void tell(struct doctor *d, const char *check, enum level level, const char *en, const char *zh, const char *do_en,
                 const char *do_zh)
{
        static const char *const words[] = {"fine", "warn", "bad"};

        d->worst = level > d->worst ? level : d->worst;
        json_array_append_new(d->list, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "check", check, "level", words[level], "what_en",
                                                 en, "what_zh", zh, "do_en", do_en, "do_zh", do_zh));
}

static void tell_error(struct doctor *d, const char *check, enum level level, const struct error *err, const char *do_en,
                       const char *do_zh)
{
        char en[1024], zh[1024], name[8], both[2][1100];

        error_name(err->code, name);
        text_format(both[0], sizeof both[0], "%s %s", name, error_text(err, LANG_EN, en, sizeof en));
        text_format(both[1], sizeof both[1], "%s %s", name, error_text(err, LANG_ZH, zh, sizeof zh));
        tell(d, check, level, both[0], both[1], do_en, do_zh);
}

/* --- checks ------------------------------------------------------------------------------------------------------------------------- */

static int ask_all(struct tx *tx, void *ctx, struct error *err)
{
        struct doctor *d = ctx;
        instant_t now = clock_now(d->clock);
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < sizeof questions / sizeof questions[0]; i++) {
                const struct question *x = &questions[i];
                struct stmt *q;
                char en[256], zh[256], number[32];
                d->checks++;
                rc = tx_one(&q, tx, err, x->sql, "ii", now, (int64_t)instant_day(now));
                int64_t n = rc == 1 ? stmt_int(q, 0) : 0;
                rc = rc < 0 ? rc : 0;
                if (n == 0)
                        continue;
                text_format(number, sizeof number, "%lld", (long long)n);
                const char *at = strstr(x->what_en, "%lld"), *at_zh = strstr(x->what_zh, "%lld");
                text_format(en, sizeof en, "%.*s%s%s", (int)(at - x->what_en), x->what_en, number, at + 4);
                text_format(zh, sizeof zh, "%.*s%s%s", (int)(at_zh - x->what_zh), x->what_zh, number, at_zh + 4);
                tell(d, x->check, x->level, en, zh, x->do_en, x->do_zh);
        }
        return rc;
}

/* Migrated as this program expects: else nothing more can be asked. */
static bool version(struct doctor *d, struct error *err)
{
        int have = 0, known = store_known();
        char en[128], zh[128];

        d->checks++;
        if (store_migrated(d->store, &have, err) < 0)
                return false;
        if (have == known)
                return true;
        text_format(en, sizeof en, "the database has migration %d, this program %d", have, known);
        text_format(zh, sizeof zh, "数据库结构版本为%d，本程序为%d", have, known);
        if (have < known)
                tell(d, "version", BAD, en, zh, "back it up, then start this program on it: it upgrades",
                     "先备份，再用本程序启动，将自动升级");
        else
                tell(d, "version", BAD, en, zh, "use the newer program", "请使用较新的程序");
        return false;
}

static void integrity(struct doctor *d)
{
        const char *path = archive_path(d->options->url);
        struct error err = {0};

        d->checks++;
        if (path != NULL && archive_sound(path, &err) < 0)
                tell_error(d, "integrity", BAD, &err,
                           "stop the server and restore (shebao restore); keep this file for who looks into it",
                           "停止服务并从备份恢复（shebao restore）；保留此文件备查");
}

static void audit(struct doctor *d)
{
        struct audit_options options = {.keys = d->keys, .anchors = d->anchors};
        struct audit_result result = {0};
        struct house_heard heard = {0};
        struct error err = {0};
        char en[256], zh[256];

        d->checks++;
        if (audit_run(&result, d->store, &options, house_hear, &heard, &err) < 0) {
                tell_error(d, "audit", BAD, &err, "shebao audit", "运行 shebao audit");
        } else if (result.findings > 0) {
                text_format(en, sizeof en, "the auditor finds %lld faults, the first %s", (long long)result.findings,
                            heard.first);
                text_format(zh, sizeof zh, "稽核发现%lld处问题，首个为%s", (long long)result.findings, heard.first);
                tell(d, "audit", BAD, en, zh, "shebao audit lists them; release no payment before they are explained",
                     "用 shebao audit 查看；查明之前不要放行发放");
        }
}

static void disk(struct doctor *d)
{
        const char *path = archive_path(d->options->url);
        struct statvfs v;
        char en[128], zh[128];

        d->checks++;
        if (path == NULL || statvfs(path, &v) != 0 || v.f_blocks == 0)
                return;
        double free_gb = (double)v.f_bavail * (double)v.f_frsize / 1e9, part = (double)v.f_bavail / (double)v.f_blocks;
        if (free_gb >= 2 && part >= 0.05)
                return;
        text_format(en, sizeof en, "%.1f GB (%.0f %%) are free on the disk of the database", free_gb, part * 100);
        text_format(zh, sizeof zh, "数据库所在磁盘剩余%.1f GB（%.0f%%）", free_gb, part * 100);
        tell(d, "disk", free_gb < 0.5 ? BAD : WARN, en, zh,
             "make room or enlarge it; a full disk stops every change, and loses none",
             "清理或扩容；磁盘写满时一切变更停止，但不会丢失");
}

static void clock_check(struct doctor *d)
{
        struct timex t = {.modes = 0};

        d->checks++;
        if (adjtimex(&t) >= 0 && (t.status & STA_UNSYNC) != 0 && !d->facts.demonstration)
                tell(d, "clock", WARN, "the kernel does not know the clock to be synchronised", "系统时钟未与时间源同步",
                     "enable NTP (timedatectl set-ntp true)", "启用 NTP（timedatectl set-ntp true）");
}

static int key_open(struct tx *tx, void *ctx, struct error *err)
{
        struct doctor *d = ctx;
        struct stmt *q;
        struct seal_key key;
        int rc = tx_one(&q, tx, err, "SELECT key_wrapped FROM person ORDER BY home, id DESC LIMIT 1", "");

        if (rc == 1)
                rc = keyring_unwrap(d->keys, stmt_blob(q, 0), &key, err);
        memset(&key, 0, sizeof key);
        return rc;
}

static void keys(struct doctor *d)
{
        struct error err = {0};

        d->checks++;
        if (d->keys == NULL)
                house_keys(&d->keys, d->options, &d->facts, &err);
        if (d->keys != NULL && err.code == SB_OK)
                store_read(d->store, key_open, d, &err);
        if (err.code != SB_OK)
                tell_error(d, "keys", BAD, &err,
                           "name the key file of this installation (--keys); restore it from where it is kept",
                           "请指明本系统的密钥文件（--keys），或从保管处恢复");
}

static void law(struct doctor *d)
{
        struct pack_store *packs = NULL;
        struct pack *p = NULL;
        struct error err = {0};
        bool working;
        day_t today = clock_today(d->clock);

        d->checks++;
        int rc = pack_store_new(&packs, d->store, &err);
        rc = rc ? rc : pack_store_home(packs, d->clock, &p, &err);
        if (rc < 0)
                tell_error(d, "packs", BAD, &err, "check the pack (shebao pack check) and activate it",
                           "检查政策包（shebao pack check）并启用");
        else if (p != NULL && calendar_is_working(pack_calendar(p), today + 92, &working, &err) < 0)
                tell_error(d, "holidays", WARN, &err,
                           "put the holidays of the year into holidays.csv of the pack as soon as the State Council tells them",
                           "国务院公布后，将该年度节假日写入政策包 holidays.csv");
        pack_store_free(packs);
}

struct noted {
        const char *name;
        char value[512];
};

static int noted_read(struct tx *tx, void *ctx, struct error *err)
{
        struct noted *n = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT value FROM setting WHERE name = ?1@text", "t", n->name);

        text_copy(n->value, sizeof n->value, rc == 1 ? stmt_text(q, 0) : STR(""));
        return rc < 0 ? rc : 0;
}

/* When it was last done; 0 never. */
static instant_t noted_at(struct doctor *d, const char *name, bool *passed)
{
        struct noted n = {.name = name};
        struct error err = {0};
        json_t *o = NULL;
        instant_t at = 0;

        if (store_read(d->store, noted_read, &n, &err) == 0 && n.value[0] != '\0' &&
            json_read(&o, str_from(n.value), &err) == 0) {
                instant_parse(&at, str_from(json_text(o, "at")), &err);
                *passed = !json_is_false(json_object_get(o, "passed"));
        }
        json_decref(o);
        return at;
}

static void aged(struct doctor *d, const char *check, instant_t at, int days, enum level level, const char *en, const char *zh,
                 const char *do_en, const char *do_zh)
{
        instant_t age = clock_now(d->clock) - at;
        char both[2][200];

        if (age < days * DAY_US)
                return;
        text_format(both[0], sizeof both[0], at == 0 ? "%s: never" : "%s: %lld days ago", en, (long long)(age / DAY_US));
        text_format(both[1], sizeof both[1], at == 0 ? "%s：从未" : "%s：%lld天前", zh, (long long)(age / DAY_US));
        tell(d, check, level, both[0], both[1], do_en, do_zh);
}

static void backups(struct doctor *d)
{
        const char *path = archive_path(d->options->url);
        bool passed = true, drill_passed = true;

        d->checks += 2;
        if (path == NULL || d->facts.demonstration)
                return; /* pgBackRest knows of its own (pgbackrest info); a demonstration is made again */
        instant_t copy = noted_at(d, "backup.copy", &passed), drill = noted_at(d, "backup.drill", &drill_passed);
        aged(d, "backup", copy, 2, BAD, "last copy", "最近一次备份", "serve with --archive DIR, or shebao backup by a timer",
             "以 --archive DIR 运行服务，或定时运行 shebao backup");
        aged(d, "drill", drill, 92, WARN, "last drill of a restore", "最近一次恢复演练", "shebao backup drill",
             "运行 shebao backup drill");
        if (!drill_passed)
                tell(d, "drill", BAD, "the last drill failed", "最近一次恢复演练未通过",
                     "make a new copy and repeat the drill; until it passes there is no backup",
                     "重新备份后再次演练；通过之前视为没有备份");
}

/* --- telling ------------------------------------------------------------------------------------------------------------------------ */

static void print(const struct doctor *d)
{
        bool zh = terminal_lang() == LANG_ZH;
        size_t i;
        json_t *f;

        json_array_foreach(d->list, i, f)
        {
                const char *level = json_text(f, "level");
                const char *word = strcmp(level, "bad") == 0 ? (zh ? "严重" : "BAD") : zh ? "注意" : "warn";
                printf("%s %s: %s\n     %s %s\n", word, json_text(f, "check"), json_text(f, zh ? "what_zh" : "what_en"), "→",
                       json_text(f, zh ? "do_zh" : "do_en"));
        }
        if (json_array_size(d->list) == 0)
                printf(zh ? "%d项检查，一切正常\n" : "%d checks, all is well\n", d->checks);
        else
                printf(zh ? "%d项检查，%zu项发现\n" : "%d checks, %zu findings\n", d->checks, json_array_size(d->list));
}

static int print_json(const struct doctor *d, struct error *err)
{
        json_t *o = json_pack("{s:i,s:O,s:b}", "checks", d->checks, "findings", d->list, "well", d->worst != BAD);
        struct buf text;

        buf_init(&text, JSON_MAX_BYTES);
        int rc = o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_canonical(&text, o, err);
        if (rc == 0)
                puts(buf_text(&text));
        buf_dispose(&text);
        json_decref(o);
        return rc;
}

static int examine(struct doctor *d, struct error *err)
{
        int rc = store_open(&d->store, d->options->url, NULL, err);

        rc = rc ? rc : installation_read(d->store, &d->facts, err);
        if (rc == 0 && !d->facts.installed)
                rc = error_raise(err, SB_COMMAND_NOT_INSTALLED, "%.200s", d->options->url);
        if (rc < 0)
                return rc;
        disk(d);
        integrity(d);
        if (!version(d, err))
                return err->code == SB_OK ? 0 : ERR;
        keys(d);
        clock_check(d);
        law(d);
        backups(d);
        rc = store_read(d->store, ask_all, d, err);
        if (rc == 0)
                audit(d);
        return rc;
}

int cmd_doctor(int argc, char **argv)
{
        struct house_options options = {0};
        struct error err = {0};
        struct doctor d = {.options = &options, .anchors = command_option(&argc, argv, "--anchors")};
        bool json = command_flag(&argc, argv, "--json");

        if (!house_arguments(&argc, argv, &options) || argc != 1)
                return command_usage("doctor");
        d.clock = clock_system();
        d.list = json_array();
        int rc = d.clock == NULL || d.list == NULL ? error_raise(&err, SB_MEMORY, "%s", "") : examine(&d, &err);
        if (rc == 0 && json)
                rc = print_json(&d, &err);
        else if (rc == 0)
                print(&d);
        store_close(d.store);
        keyring_free(d.keys);
        json_decref(d.list);
        clock_free(d.clock);
        return rc < 0 ? command_fail(&err) : d.worst == BAD;
}
