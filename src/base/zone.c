/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include "base/calendar.h"
#include "base/error.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20)
#define NAME_MAX_BYTES 64
#define ZONES_MAX 2048
#define HEADER_BYTES 44
#define DAY_S 86400

/* When a half of the year begins by a POSIX rule: Mm.w.d, Jn or n, at a time of the day in wall clock. */
struct rule {
        char form; /* 'M', 'J', '0' */
        int month, week, day;
        int32_t time_s;
};
struct zone {
        char name[NAME_MAX_BYTES + 1];
        size_t count; /* of changes */
        int64_t *times;
        int32_t *offsets;   /* of change i, from its time on */
        int32_t first;      /* before all of them */
        bool ruled, summer; /* the footer tells what holds after the last change; and has two halves */
        int32_t standard_s, summer_s;
        struct rule start, end;
};
struct zones {
        char *folder;
        pthread_mutex_t lock;
        size_t count;
        struct zone *list[ZONES_MAX];
};

static int damaged(struct str name, const char *what, struct error *err)
{
        return error_raise(err, SB_ZONE_SYNTAX, "%.*s|%s", (int)name.n, name.p, what);
}

static int64_t big_endian(const char *p, int bytes)
{
        uint64_t v = ((unsigned char)p[0] & 0x80) != 0 ? UINT64_MAX : 0;

        for (int i = 0; i < bytes; i++)
                v = v << 8 | (unsigned char)p[i];
        return (int64_t)v;
}

/* The counts of a header, in the order of the file, and the bytes of the block that follows it. */
struct counts {
        size_t utc, standard, leap, time, type, text, bytes;
};

static bool header_read(struct counts *c, struct str s, int time_bytes)
{
        size_t n[6];

        if (s.n < HEADER_BYTES || memcmp(s.p, "TZif", 4) != 0)
                return false;
        for (int i = 0; i < 6; i++) {
                n[i] = (size_t)big_endian(s.p + 20 + 4 * i, 4);
                if (n[i] > FILE_MAX)
                        return false;
        }
        *c = (struct counts){n[0], n[1], n[2], n[3], n[4], n[5], 0};
        size_t wide = (size_t)time_bytes;
        c->bytes = c->time * (wide + 1) + c->type * 6 + c->text + c->leap * (wide + 4) + c->standard + c->utc;
        return c->type > 0 && c->type <= 256 && s.n - HEADER_BYTES >= c->bytes;
}

static bool block_read(struct zone *z, const struct counts *c, const char *p, int time_bytes)
{
        const char *index = p + c->time * (size_t)time_bytes, *types = index + c->time;

        z->times = calloc(c->time + 1, sizeof *z->times);
        z->offsets = calloc(c->time + 1, sizeof *z->offsets);
        if (z->times == NULL || z->offsets == NULL)
                return false;
        z->count = c->time;
        z->first = (int32_t)big_endian(types, 4);
        for (size_t i = 0; i < c->time; i++) {
                size_t type = (unsigned char)index[i];
                z->times[i] = big_endian(p + i * (size_t)time_bytes, time_bytes);
                if (type >= c->type || (i > 0 && z->times[i] <= z->times[i - 1]))
                        return false;
                z->offsets[i] = (int32_t)big_endian(types + type * 6, 4);
                if (z->offsets[i] < -DAY_S - 7200 || z->offsets[i] > DAY_S + 7200)
                        return false;
        }
        return true;
}

static bool take(struct str *s, char c)
{
        if (s->n == 0 || s->p[0] != c)
                return false;
        *s = (struct str){s->p + 1, s->n - 1};
        return true;
}

static bool take_number(struct str *s, int max, int *out)
{
        size_t n = 0;

        *out = 0;
        for (; n < s->n && n < 4 && s->p[n] >= '0' && s->p[n] <= '9'; n++)
                *out = *out * 10 + (s->p[n] - '0');
        *s = (struct str){s->p + n, s->n - n};
        return n > 0 && *out <= max;
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static bool take_time(struct str *s, int32_t *out)
{
        int h, m = 0, sec = 0;
        bool minus = take(s, '-');

        if (!minus)
                take(s, '+');
        if (!take_number(s, 167, &h) ||
            (take(s, ':') && (!take_number(s, 59, &m) || (take(s, ':') && !take_number(s, 59, &sec)))))
                return false;
        *out = (minus ? -1 : 1) * (h * 3600 + m * 60 + sec);
        return true;
}

static bool take_abbreviation(struct str *s)
{
        size_t n = 0;
        bool quoted = s->n > 0 && s->p[0] == '<';

        for (; n < s->n; n++) {
                char c = s->p[n], low = (char)(c | 0x20);
                if (quoted ? c == '>' : low < 'a' || low > 'z')
                        break;
        }
        n += quoted && n < s->n;
        *s = (struct str){s->p + n, s->n - n};
        return n >= 3;
}

static bool take_rule(struct str *s, struct rule *r)
{
        bool ok;

        *r = (struct rule){.form = '0', .time_s = 7200};
        if (!take(s, ','))
                return false;
        if (take(s, 'M')) {
                r->form = 'M';
                ok = take_number(s, 12, &r->month) && r->month > 0 && take(s, '.') && take_number(s, 5, &r->week) &&
                     r->week > 0 && take(s, '.') && take_number(s, 6, &r->day);
        } else {
                r->form = take(s, 'J') ? 'J' : '0';
                ok = take_number(s, 365, &r->day) && (r->form == '0' || r->day > 0);
        }
        return ok && (!take(s, '/') || take_time(s, &r->time_s));
}

/* The footer: what holds after the last change, as POSIX writes it in the variable TZ. */
static bool footer_read(struct zone *z, struct str s)
{
        int32_t west;

        if (s.n == 0)
                return true;
        if (!take_abbreviation(&s) || !take_time(&s, &west))
                return false;
        z->ruled = true;
        z->standard_s = -west;
        if (s.n == 0)
                return true;
        z->summer = true;
        z->summer_s = z->standard_s + 3600;
        if (!take_abbreviation(&s))
                return false;
        if (s.n > 0 && s.p[0] != ',') {
                if (!take_time(&s, &west))
                        return false;
                z->summer_s = -west;
        }
        return take_rule(&s, &z->start) && take_rule(&s, &z->end) && s.n == 0;
}

int zone_read(struct zone **out, struct str name, struct str bytes, struct error *err)
{
        struct counts c;
        struct zone *z = NULL;
        int rc = ERR, time_bytes = 4;

        if (name.n == 0 || name.n > NAME_MAX_BYTES || !header_read(&c, bytes, time_bytes))
                return damaged(name, "header", err);
        if (bytes.p[4] >= '2') { /* the first block is for readers of old */
                bytes = (struct str){bytes.p + HEADER_BYTES + c.bytes, bytes.n - HEADER_BYTES - c.bytes};
                time_bytes = 8;
                if (!header_read(&c, bytes, time_bytes))
                        return damaged(name, "second header", err);
        }
        z = calloc(1, sizeof *z);
        if (z == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        memcpy(z->name, name.p, name.n);
        if (!block_read(z, &c, bytes.p + HEADER_BYTES, time_bytes)) {
                damaged(name, "changes", err);
                goto done;
        }
        struct str footer = {bytes.p + HEADER_BYTES + c.bytes, bytes.n - HEADER_BYTES - c.bytes};
        if (time_bytes == 8 && (footer.n < 2 || footer.p[0] != '\n' || footer.p[footer.n - 1] != '\n' ||
                                !footer_read(z, (struct str){footer.p + 1, footer.n - 2}))) {
                damaged(name, "footer", err);
                goto done;
        }
        *out = z;
        z = NULL;
        rc = 0;
done:
        zone_free(z);
        return rc;
}

void zone_free(struct zone *z)
{
        if (z == NULL)
                return;
        free(z->times);
        free(z->offsets);
        free(z);
}

const char *zone_name(const struct zone *z)
{
        return z->name;
}

static bool leap(int64_t year)
{
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t floor_div(int64_t a, int64_t b)
{
        return a / b - (a % b < 0);
}

/* Days from 1970-01-01 to the first of January, any year. */
static int64_t year_first(int64_t year)
{
        int64_t y = year - 1;

        return y * 365 + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) - 719162;
}

/* The instant, in wall clock seconds, of a rule in a year. */
static int64_t rule_local(const struct rule *r, int64_t year)
{
        static const int BEFORE[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
        int64_t day = year_first(year);

        if (r->form == '0') {
                day += r->day;
        } else if (r->form == 'J') { /* 29 February is not counted */
                day += r->day - 1 + (r->day > 59 && leap(year));
        } else {
                int64_t first = day + BEFORE[r->month - 1] + (r->month > 2 && leap(year));
                int64_t next = day + BEFORE[r->month] + (r->month > 1 && leap(year));
                int64_t weekday = (first + 4) - 7 * floor_div(first + 4, 7); /* 1970-01-01 was a Thursday; 0 is Sunday */
                day = first + (r->day - weekday + 7) % 7 + 7 * (r->week - 1);
                if (day >= next)
                        day -= 7;
        }
        return day * DAY_S + r->time_s;
}

static int32_t rule_offset(const struct zone *z, int64_t utc_s)
{
        if (!z->summer)
                return z->standard_s;
        int64_t day = floor_div(utc_s + z->standard_s, DAY_S), year = 1970 + floor_div(day * 400, 146097);
        while (year_first(year) > day)
                year--;
        while (year_first(year + 1) <= day)
                year++;
        int64_t start = rule_local(&z->start, year) - z->standard_s, end = rule_local(&z->end, year) - z->summer_s;
        bool summer = start < end ? utc_s >= start && utc_s < end : utc_s < end || utc_s >= start;
        return summer ? z->summer_s : z->standard_s;
}

int32_t zone_offset_utc(const struct zone *z, int64_t utc_s)
{
        size_t low = 0, high = z->count; /* changes below low are at or before utc_s */

        if (z->ruled && (z->count == 0 || utc_s >= z->times[z->count - 1]))
                return rule_offset(z, utc_s);
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (z->times[middle] <= utc_s)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low == 0 ? z->first : z->offsets[low - 1];
}

int32_t zone_offset_local(const struct zone *z, int64_t local_s)
{
        int32_t before = zone_offset_utc(z, local_s - DAY_S), after = zone_offset_utc(z, local_s + DAY_S);

        if (before == after || zone_offset_utc(z, local_s - before) == before)
                return before;
        return zone_offset_utc(z, local_s - after) == after ? after : before;
}

int zones_open(struct zones **out, const char *folder, struct error *err)
{
        struct zones *zs = calloc(1, sizeof *zs);

        if (zs == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        zs->folder = strdup(folder == NULL ? "/usr/share/zoneinfo" : folder);
        if (zs->folder == NULL || pthread_mutex_init(&zs->lock, NULL) != 0) {
                free(zs->folder);
                free(zs);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        *out = zs;
        return 0;
}

void zones_close(struct zones *zs)
{
        if (zs == NULL)
                return;
        for (size_t i = 0; i < zs->count; i++)
                zone_free(zs->list[i]);
        pthread_mutex_destroy(&zs->lock);
        free(zs->folder);
        free(zs);
}

/* Words of letters, digits and "_+-", between single slashes: a name that stays in the folder. */
static bool name_safe(struct str name)
{
        char before = '/';

        if (name.n == 0 || name.n > NAME_MAX_BYTES)
                return false;
        for (size_t i = 0; i < name.n; before = name.p[i++]) {
                char c = name.p[i], low = (char)(c | 0x20);
                bool word = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
                if (!word && (c != '/' || before == '/'))
                        return false;
        }
        return before != '/';
}

static struct zone *load(const struct zones *zs, struct str name)
{
        char path[512];
        struct buf bytes;
        struct zone *z = NULL;

        if (snprintf(path, sizeof path, "%s/%.*s", zs->folder, (int)name.n, name.p) >= (int)sizeof path)
                return NULL;
        buf_init(&bytes, FILE_MAX);
        if (file_read(&bytes, path, FILE_MAX, NULL) == 0 &&
            zone_read(&z, name, (struct str){buf_text(&bytes), bytes.n}, NULL) != 0)
                z = NULL;
        buf_dispose(&bytes);
        return z;
}

const struct zone *zones_find(void *zones, struct str name)
{
        struct zones *zs = zones;
        struct zone *z = NULL;

        if (!name_safe(name))
                return NULL;
        pthread_mutex_lock(&zs->lock);
        for (size_t i = 0; i < zs->count && z == NULL; i++)
                if (strlen(zs->list[i]->name) == name.n && memcmp(zs->list[i]->name, name.p, name.n) == 0)
                        z = zs->list[i];
        if (z == NULL && zs->count < ZONES_MAX) {
                z = load(zs, name);
                if (z != NULL)
                        zs->list[zs->count++] = z;
        }
        pthread_mutex_unlock(&zs->lock);
        return z;
}
