/* SPDX-License-Identifier: Apache-2.0
 *
 * Decisions over columns of people: the trees of a DMN model (engine/dmn) run a block of rows at a time by typed kernels on whole numbers
 * (amounts in fen, days, flags, texts by number), chosen by what is known of the inputs before a row is read. Every result is the one that the
 * scalar path gives: what depends on few different values only (dated figures, ages, kinds) is computed by the scalar path once for each of them;
 * sums and products stay within 64 bits by their ranges or are checked row by row; a quotient lives only until it is rounded. A row that does
 * not fit, or whose operation has no kernel, is computed by the scalar path. Pure; threads are made and joined within a call.
 */
#ifndef ENGINE_COLUMN_COLUMN_H
#define ENGINE_COLUMN_COLUMN_H

#include "engine/dmn/dmn.h"

enum column_kind { COLUMN_NUMBER, COLUMN_BOOLEAN, COLUMN_DATE, COLUMN_TEXT };
enum column_state { COLUMN_OK, COLUMN_NULL, COLUMN_ERROR, COLUMN_MISFIT };

struct column_input {
        const char *name;              /* of an input of the model */
        const struct feel_value *same; /* one value for every row; NULL: a column */
        enum column_kind kind;
        unsigned bytes;         /* 1, 2, 4 or 8: signed whole numbers of that width */
        int scale;              /* NUMBER: value = data / 10^scale, 0 … 9 */
        const void *data;       /* DATE: days since 1970; BOOLEAN: 0 or 1; TEXT: an index into texts */
        const uint8_t *missing; /* 1: null; NULL: none is */
        const char *const *texts;
        size_t text_count;
};
struct column_output {
        const char *decision;
        const char *field; /* an entry of its result; NULL: the result itself */
        enum column_kind kind;
        int scale;
        int64_t *data;  /* as the data of an input; 0 where the state is not COLUMN_OK */
        uint8_t *state; /* enum column_state; MISFIT: another kind, more decimals, too large, a text not in the list */
        const char *const *texts;
        size_t text_count;
};
struct column_job {
        const struct column_input *inputs; /* what is not among them is null */
        size_t input_count;                /* 60 at most */
        const struct column_output *outputs;
        size_t output_count;
        size_t rows;
        unsigned threads; /* 0: 1; fewer when a thread would have less than 100,000 rows */
};
struct column_report {
        size_t scalar_rows;  /* rows that the scalar path computed */
        size_t failed_rows;  /* rows with an output in COLUMN_ERROR … */
        size_t first_failed; /* … and the first of them, whose error is in `failure` */
        struct error failure;
        unsigned kernels, tables; /* of the plan */
        bool planned;             /* a plan was made in this call */
};

/* A model made ready for columns; it keeps the last plan, which the next job of the same shape uses again. The model must
 * outlive it. One call at a time. */
struct column_program;
int column_open(struct column_program **out, const struct dmn_model *model, struct error *err);
void column_close(struct column_program *p);
/* SB_DMN_DECISION, SB_DMN_INPUT (an input that the model does not have), SB_MEMORY, SB_LIMIT. An error of one row is in its states. */
int column_run(struct column_program *p, const struct column_job *job, struct column_report *report, struct error *err);

#endif
