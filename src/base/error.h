/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors. One registry (error_codes.def) gives every error a number (SB-0001), an HTTP status and a
 * text in zh-CN and en with placeholders {0} {1} …; this header is the C face of it. An error
 * travels by pointer from where it happened to whoever can tell a person; it is set once and never
 * overwritten. Knows nothing of logs, HTTP or languages of a session.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

enum error_code {
        SB_OK = 0,
#define SB_ERROR(name, number, http, en, zh) name = number,
#include "base/error_codes.def"
#undef SB_ERROR
};

/* Return values of nearly every function: 0 success; ERR failed, see the struct error; ERR_SOFT
 * failed for a passing reason (serialisation, busy, lost connection): the same call may succeed
 * when repeated. */
enum { ERR = -1, ERR_SOFT = -2 };

struct error {
        enum error_code code; /* SB_OK while nothing happened */
        bool soft;            /* true: repeating the call may succeed */
        char args[512];       /* values of {0} {1} … separated by '\x1f' */
        char where[256];      /* file:line, file!element, row and column: where the input is wrong */
        char article[160];    /* where law decided: document number and article */
};

enum lang { LANG_ZH, LANG_EN };

/* A value in both languages, told in the language of the reader: error_raise(err, SB_ID_NUMBER,
 * "%s|%s", number, ERROR_BOTH("18 characters are needed", "应为18位")). */
#define ERROR_BOTH(en, zh) en "\x1e" zh

/* Fill err (ignored when NULL or already set) with code and the printf-formatted values of its
 * placeholders, separated by '|' in fmt: error_raise(err, SB_PARAMETER_MISSING, "%s|%s", key, day).
 * Use "%s" with "" when the text has no placeholder. Returns ERR, so that callers can `return` it.
 */
__attribute__((format(printf, 3, 4))) int error_raise(struct error *err, enum error_code code, const char *fmt, ...);

/* As error_raise, but marks the error as soft and returns ERR_SOFT. */
__attribute__((format(printf, 3, 4))) int error_raise_soft(struct error *err, enum error_code code, const char *fmt, ...);

/* Hand an error on to who asked (nothing when NULL): of a part that was tried by itself. Returns ERR, ERR_SOFT for a soft error. */
int error_hand(struct error *err, const struct error *fault);

/* Say where the input is wrong (kept if already said). Returns ERR (or ERR_SOFT for a soft error).
 */
__attribute__((format(printf, 2, 3))) int error_where(struct error *err, const char *fmt, ...);

/* Say in which file: "12:5" becomes "rules/a.dmn:12:5". Once: for the reader of a file whose parser
 * knows only lines. A place that begins with a digit is told to people as a line (and column). */
int error_in(struct error *err, const char *file);

/* Say which article of law decided. */
void error_article(struct error *err, const char *article);

/* Is it this one? False when NULL. */
bool error_is(const struct error *err, enum error_code code);

/* Forget an error that was dealt with. */
void error_clear(struct error *err);

/* The text for people: registered text with its values, then " (where)", then article; at most
 * size-1 bytes, always terminated, never cutting a UTF-8 sequence. Returns out. */
const char *error_text(const struct error *err, enum lang lang, char *out, size_t size);

/* "SB-0123" into out (at least 8 bytes). Returns out. */
const char *error_name(enum error_code code, char out[8]);

/* HTTP status registered for the code; 500 for an unknown one. */
int error_http(enum error_code code);

/* Walk the registry: i from 0; false at the end. Any out pointer may be NULL. */
bool error_registry(size_t i, enum error_code *code, const char **symbol, int *http, const char **en, const char **zh);

#endif
