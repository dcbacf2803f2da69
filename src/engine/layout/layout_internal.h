/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_LAYOUT_INTERNAL_H
#define ENGINE_LAYOUT_INTERNAL_H

#include "base/arena.h"
#include "engine/layout/layout.h"

#define FIELDS_MAX 128 /* of one record */
#define NAME_MAX_BYTES 40
#define TITLE_MAX_BYTES 60
#define HASH_DIGITS 18

enum record { HEADER, LINE, TRAILER, RECORDS };
enum type { TEXT, DIGITS, FEN, YUAN, DATE, MONTH, CONSTANT, COUNT, SUM, HASH, SEQUENCE, TYPES };
enum pad { PAD_NONE, PAD_LEFT, PAD_RIGHT };

struct code {
        const char *code, *value;
};
struct field {
        const char *name, *title[2]; /* by enum lang */
        int64_t order;
        size_t from, length; /* bytes; from 0 in a delimited file; length 0 there: as long as a line may be */
        enum type type;
        const char *value;      /* pattern of a date, text of a constant, name of what is summed */
        const struct field *of; /* a field of the lines that is summed; NULL */
        enum pad pad;
        char fill;
        bool required;
        const struct code *codes; /* ended by a NULL code; NULL: any value */
        size_t row;               /* line of its row in layout_fields.csv */
};
struct layout {
        struct arena *arena;
        const char *name;
        bool fixed, gb18030, crlf, point; /* point: yuan are written 12.50, else whole yuan */
        char delimiter, quote;            /* 0: none */
        struct field *fields[RECORDS];    /* by order */
        size_t count[RECORDS];
        size_t width[RECORDS];              /* bytes of a fixed record */
        const struct field *marks[RECORDS]; /* constants that tell the records apart; NULL: their place does */
        bool marked;
};

extern const char *const record_names[RECORDS];
extern const char *const record_titles[RECORDS]; /* in both languages */

/* declare.c: one fault of a declaration after another. */
struct telling {
        layout_told *told;
        void *ctx;
        struct error *err; /* gets the first */
        int faults;
        struct error scratch;
};
void telling_add(struct telling *t, const char *table, size_t line);
#define tell(t, table, line, code, ...)                                                                                        \
        ((t)->scratch = (struct error){0}, (void)error_raise(&(t)->scratch, code, __VA_ARGS__), telling_add(t, table, line))

enum record record_named(const char *name); /* RECORDS when it is none */

/* field.c: the fields of one layout from the rows; ERR only for want of memory, faults are told. */
int fields_read(struct layout *l, const json_t *fields, const json_t *codes, struct telling *t, struct error *err);
/* judge.c: what the fields are among each other. */
void fields_judge(struct layout *l, struct telling *t);
/* Where a field is, for an error: the byte, or the number of the field. */
size_t field_column(const struct layout *l, enum record r, const struct field *f);
struct field *field_find(const struct layout *l, enum record r, const char *name);

/* value.c */
/* May it stand in any file: no control characters, no byte order mark? */
bool value_clean(struct str s);
/* The trimmed text of a field as its value; what is wrong with it in both languages, or NULL. Numbers and amounts in *number, all
 * else in the text itself (days and months as ISO in `iso`). */
struct value {
        bool is_number;
        int64_t number;
        struct str text;
        char iso[16];
};
#define SHOWN 60
/* The first SHOWN bytes of a wrong value as an error tells it. */
const char *value_show(struct str s, char out[SHOWN + 1]);
const char *value_parse(const struct layout *l, const struct field *f, struct str s, struct value *out);
/* The text of a number, an amount or a date. False: an amount that is no whole yuan, or no date. */
bool value_print(const struct layout *l, const struct field *f, const struct value *v, char out[64]);
enum type amount_type(const struct field *f); /* of a sum: that of what is summed */
bool is_number(enum type type);
bool is_own(enum type type); /* made by the layout: constants and totals */
/* Is the pattern one of a day (yyyy, MM, dd once each) or a month? */
bool pattern_valid(const char *pattern, bool day);
/* In the bytes of the file; SB_LAYOUT_CHARSET is the caller's word. */
int charset_encode(const struct layout *l, struct str utf8, struct buf *out, struct error *err);
int charset_decode(const struct layout *l, struct str bytes, struct buf *out, struct error *err);

/* Totals over the lines, kept while reading and writing. */
struct totals {
        int64_t lines;
        int64_t sums[RECORDS][FIELDS_MAX]; /* of the field of that place in header and trailer */
};
/* Add the value of a field of the lines; false on overflow. */
bool totals_add(const struct layout *l, struct totals *t, const struct field *f, const struct value *v);
int64_t totals_of(const struct layout *l, const struct totals *t, enum record r, size_t i);

/* "title" in both languages, for an error. */
#define BOTH "%s\x1e%s"
#define TITLE(f) (f)->title[LANG_EN], (f)->title[LANG_ZH]

#endif
