/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/text.h"

#include <pthread.h>
#include <stdlib.h>

#define LINE_BYTES 8192

struct log {
        FILE *out;
        enum log_level least;
        struct clock *clock;
        pthread_mutex_t lock;
};

struct log *log_new(FILE *out, enum log_level least, struct clock *clock)
{
        struct log *l = calloc(1, sizeof *l);
        if (l == NULL)
                return NULL;
        l->out = out;
        l->least = least;
        l->clock = clock;
        if (pthread_mutex_init(&l->lock, NULL) != 0) {
                free(l);
                return NULL;
        }
        return l;
}

void log_free(struct log *l)
{
        if (l == NULL)
                return;
        pthread_mutex_destroy(&l->lock);
        free(l);
}

static void put_text(struct buf *b, const char *text)
{
        struct str s = str_from(text);
        buf_add_char(b, '"');
        for (size_t i = 0; i < s.n;) {
                unsigned char c = (unsigned char)s.p[i];
                size_t at = i;
                if (c < 0x20 || c == '"' || c == '\\') {
                        buf_add_format(b, c < 0x20 ? "\\u%04x" : "\\%c", c);
                        i++;
                } else if (utf8_next(s, &i) < 0) {
                        buf_add_text(b, "\xEF\xBF\xBD"); /* a byte that is no text must not break the line */
                        i++;
                } else {
                        buf_add(b, s.p + at, i - at);
                }
        }
        buf_add_char(b, '"');
}

static void begin(struct buf *b, const struct log *l, enum log_level level, const char *event)
{
        static const char *const name[] = {"debug", "info", "warn", "error"};
        char now[32];
        buf_init(b, LINE_BYTES);
        buf_add_format(b, "{\"at\":\"%s\",\"level\":\"%s\",\"event\":", instant_text(clock_now(l->clock), now), name[level]);
        put_text(b, event);
}

static void pair(struct buf *b, const char *key, const char *value)
{
        buf_add_char(b, ',');
        put_text(b, key);
        buf_add_char(b, ':');
        put_text(b, value);
}

/* A line that is too long is replaced by one that says so: a line is whole or not there. */
static void finish(struct buf *b, struct log *l, enum log_level level, const char *event)
{
        buf_add_text(b, "}\n");
        if (b->failed) {
                begin(b, l, level, "log.too_long");
                pair(b, "of", event);
                buf_add_text(b, "}\n");
        }
        pthread_mutex_lock(&l->lock);
        fwrite(buf_text(b), 1, b->n, l->out);
        fflush(l->out);
        pthread_mutex_unlock(&l->lock);
        buf_dispose(b);
}

void log_event(struct log *l, enum log_level level, const char *event, ...)
{
        if (l == NULL || level < l->least)
                return;
        struct buf b;
        va_list ap;
        begin(&b, l, level, event);
        va_start(ap, event);
        for (const char *key; (key = va_arg(ap, const char *)) != NULL;)
                pair(&b, key, va_arg(ap, const char *));
        va_end(ap);
        finish(&b, l, level, event);
}

void log_error(struct log *l, const char *event, const struct error *err)
{
        if (l == NULL)
                return;
        struct buf b;
        char text[1024], name[8];
        begin(&b, l, LOG_ERROR, event);
        pair(&b, "code", error_name(err->code, name));
        pair(&b, "text", error_text(err, LANG_EN, text, sizeof text));
        finish(&b, l, LOG_ERROR, event);
}
