/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded text: borrowed slices (struct str) and a growing buffer with a mandatory maximum (struct
 * buf). All text is UTF-8 without NUL unless a name says otherwise. A buffer that fails frees
 * itself and stays failed, so a writer may append many times and look once.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/error.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str { /* borrowed bytes, not terminated */
        const char *p;
        size_t n;
};
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

struct str str_from(const char *terminated); /* NULL gives the empty slice */
bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *terminated);
int str_compare(struct str a, struct str b); /* bytewise, as the databases compare */
struct str str_trim(struct str s);           /* without leading and trailing ASCII blanks */

/* Is `word` one of the blank-separated words? Never for an empty one. */
bool text_has_word(const char *words, const char *word);

/* Copy into a terminated array, cutting at a UTF-8 boundary. Returns out. */
char *text_copy(char *out, size_t size, struct str s);
/* snprintf that never cuts a UTF-8 sequence. Returns out. */
__attribute__((format(printf, 3, 4))) char *text_format(char *out, size_t size, const char *fmt, ...);

/* Decode one code point at *i of s and advance; -1 on malformed input (overlong, surrogate, >
 * 10FFFF). */
int32_t utf8_next(struct str s, size_t *i);
/* Encode into out (4 bytes); returns the number of bytes. */
size_t utf8_put(char out[4], uint32_t code_point);
/* 0, or SB_NOT_UTF8 with the byte where it breaks (also for NUL). */
int utf8_check(struct str s, struct error *err);
size_t utf8_length(struct str s); /* code points of valid text */

struct buf {
        char *p;    /* terminated when n > 0 or after buf_text() */
        size_t n;   /* bytes used */
        size_t cap; /* bytes reserved */
        size_t max; /* limit given to buf_init */
        bool failed;
        bool no_memory; /* failed for want of memory, not by its limit */
};
void buf_init(struct buf *b, size_t max);
void buf_dispose(struct buf *b);
void buf_wipe(struct buf *b);  /* the same, after what is personal in it was overwritten */
void buf_clear(struct buf *b); /* keeps the memory */
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_add_str(struct buf *b, struct str s);
void buf_add_text(struct buf *b, const char *terminated);
void buf_add_char(struct buf *b, char c);
__attribute__((format(printf, 2, 3))) void buf_add_format(struct buf *b, const char *fmt, ...);
/* 0, or SB_MEMORY / SB_LIMIT when any append failed. */
int buf_check(const struct buf *b, struct error *err);
/* Terminated text ("" when empty or failed); borrowed. */
const char *buf_text(struct buf *b);
/* Hand the bytes over; the buffer is empty afterwards. NULL when failed. */
char *buf_take(struct buf *b, size_t *n);

/* Decode GB18030 bytes to UTF-8 (and back), through iconv. SB_NOT_UTF8 names the byte that is
 * wrong. */
int text_from_gb18030(struct buf *out, struct str bytes, struct error *err);
int text_to_gb18030(struct buf *out, struct str utf8, struct error *err);

/* Strict parsers: the whole slice, no blanks, no overflow. Return false when not of the form. */
bool text_to_int(struct str s, int64_t *out);
bool text_to_uint(struct str s, uint64_t *out);

/* Read a whole file of at most max bytes; write one atomically (temporary file, fsync, rename), or into what
 * stands there and is no file. A link stays: what it leads to is written, and one to our own standard output,
 * as /dev/stdout, is written after what is there. A link that leads nowhere is SB_IO. */
int file_read(struct buf *out, const char *path, size_t max, struct error *err);
int file_write(const char *path, const void *bytes, size_t n, struct error *err);
/* The name of a new file is on disk only when its folder is: sync the folder of path. */
int file_sync_folder(const char *path, struct error *err);

#endif
