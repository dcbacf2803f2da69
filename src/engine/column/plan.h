/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan of a job: kernels over registers, made from the trees of a model by what is known of the inputs. Shared by the files of
 * engine/column; nobody else includes it.
 */
#ifndef ENGINE_COLUMN_PLAN_H
#define ENGINE_COLUMN_PLAN_H

#include "engine/column/column.h"
#include "engine/dmn/model.h"

#define BLOCK_ROWS 1024
#define INPUTS_MAX 60
#define NO_REG (-1)
#define NO_VALUE INT64_MIN                  /* in a table: no value that a kernel can use */
#define COLUMN_MAGNITUDE ((int64_t)1 << 62) /* no number of a register is beyond it */
#define CODE_NONE UINT16_MAX
/* Loops that gain from wide registers are compiled for several processors, and the one that fits is taken. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define WIDE_LOOP __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define WIDE_LOOP
#endif

/* What is known of an input: its ends, and its different values when they are few. */
struct domain {
        int64_t low, high;
        uint32_t count;    /* 0: many */
        int64_t *values;   /* in order */
        uint16_t *code_of; /* of value − low: its place among values */
};

enum kernel {
        K_LOAD,  /* dst: input k as it is, widened */
        K_CODE,  /* dst: the code of input k */
        K_INDEX, /* a × k + b */
        K_GATHER,
        K_ADD,
        K_SUB,
        K_MUL,
        K_ADDK,
        K_MULK,
        K_DIV,  /* a / b, rounded by mode */
        K_DIVK, /* a / k */
        K_LESS,
        K_LESS_EQUAL,
        K_EQUAL,
        K_AND,
        K_OR,
        K_NOT,
        K_SELECT, /* c ? a : b */
        K_MIN,
        K_MAX,
        K_ABS,
        K_BAD, /* the rows of the mask go to the scalar path */
};
struct op {
        uint8_t kernel, mode;
        bool checked, negative; /* may overflow; a may be negative */
        int dst, a, b, c, mask; /* registers; mask: where a row that does not fit counts */
        int64_t k;
        uint64_t magic;
        int shift;
        const int64_t *table;
};

enum reg_kind { REG_NUMBER, REG_BOOLEAN, REG_DATE, REG_TEXT };
struct env;
/* A value of the tree as the plan sees it. */
enum cv_kind {
        CV_SAME,    /* one value for all rows */
        CV_FEW,     /* depends on inputs of few values: computed by the scalar path for each of them */
        CV_REG,     /* in a register, row by row */
        CV_RATIO,   /* num / den / 10^scale, until it is rounded */
        CV_CONTEXT, /* entries */
        CV_NONE,    /* no kernel: rows that need it are for the scalar path */
};
enum few_form { FEW_NODE, FEW_INPUT, FEW_TEST, FEW_ALL, FEW_COUNT };
struct cv {
        enum cv_kind kind;
        struct feel_value value; /* SAME */
        /* FEW */
        enum few_form form;
        uint64_t inputs; /* a bit for each that it depends on */
        const struct feel_node *node;
        struct env *env;
        struct cv *const *of; /* TEST: the tested value; ALL, COUNT: their parts */
        size_t count;         /* of parts, or of entries of a CONTEXT */
        uint64_t stamp;       /* memo of the last combination */
        bool failed;
        struct feel_value memo;
        int64_t *values;  /* by combination, NO_VALUE where there is none that fits, once they were asked for: … */
        bool holes;       /* … of this kind (type, scale, low, high as of a register) … */
        struct cv *table; /* … as SAME, REG or NONE … */
        int table_mask;   /* … under this mask */
        /* REG, RATIO */
        enum reg_kind type;
        int reg, scale;
        int64_t low, high;
        struct cv *num, *den;
        /* CONTEXT */
        const char *const *names;
        struct cv **entries;
};
struct env { /* a frame */
        struct cv **slots;
        struct feel_value *frame; /* of the scalar path */
        uint32_t count;
        struct cv *question;
};
struct mask { /* the branch that is being compiled: condition and the branch around it */
        int up, cond, reg;
        bool negated;
};

struct plan_output {
        int reg; /* NO_REG: one value, or always by the scalar path */
        enum reg_kind type;
        int scale;
        bool same;
        struct feel_value value;
};

struct plan {
        struct arena *arena;
        struct arena *work; /* of the scalar path while a table is filled */
        const struct dmn_model *model;
        const struct column_job *job;
        struct domain domains[INPUTS_MAX];
        const struct feel_type *input_types[INPUTS_MAX];
        struct dmn_context *host; /* of decision services within the scalar path */
        struct cv **globals;      /* per element */
        struct feel_value *global_values;
        struct feel_machine machine;
        struct error machine_error;
        int64_t steps;        /* that the scalar path may still take in all while the plan is made */
        uint64_t combination; /* stamp of the one that is evaluated */
        int64_t chosen[INPUTS_MAX];
        int code_reg[INPUTS_MAX];          /* where the codes of an input are, NO_REG: not made yet … */
        uint64_t index_inputs[INPUTS_MAX]; /* … and of several together */
        int index_reg[INPUTS_MAX];
        size_t index_count;
        uint64_t used_inputs[INPUTS_MAX]; /* which of their combinations there are */
        uint8_t *used_of[INPUTS_MAX];
        size_t used_count;
        struct op *ops;
        size_t op_count, op_room;
        int regs;
        int64_t *constants; /* register r holds this all the time … */
        bool *is_constant;  /* … when it is one */
        int reg_room;
        struct mask *masks;
        int mask_count, mask_room, mask;
        struct str *texts; /* interned */
        size_t text_count, text_room;
        struct plan_output *outputs;
        int phys; /* registers that a thread needs */
        unsigned tables;
        int depth;
        bool failed; /* out of memory */
};

/* value.c: what has few values. */
struct cv *cv_same(struct plan *p, struct feel_value v);
struct cv *cv_none(struct plan *p);
struct cv *cv_new(struct plan *p, enum cv_kind kind);
/* The inputs that a node depends on, in *inputs; false when it needs a register, or too many combinations. */
bool few_inputs(struct plan *p, const struct feel_node *n, struct env *e, uint64_t *inputs);
bool few_fit(const struct plan *p, uint64_t inputs);
bool cv_few(const struct cv *v, uint64_t *inputs);
/* The value for the chosen combination; false when the scalar path raises an error. */
bool cv_scalar(struct plan *p, struct cv *v, struct feel_value *out);
/* The same for the next combination: what is remembered of the last one is forgotten. */
bool combination_scalar(struct plan *p, struct cv *v, struct feel_value *out);
struct env *env_new(struct plan *p, uint32_t count); /* NULL: memory is used up */
struct cv *few_make(struct plan *p, enum few_form form, const struct feel_node *n, struct env *e, struct cv *const *of,
                    size_t count, uint64_t inputs);
int64_t text_intern(struct plan *p, struct str s);

/* table.c: FEW and SAME into registers. */
struct cv *cv_table(struct plan *p, struct cv *v); /* FEW → SAME, REG, CONTEXT or NONE; others as they are */
struct cv *cv_ready(struct plan *p, struct cv *v); /* as a REG with known type and range, also of SAME; else NONE */
/* Where the codes of an input of few values are; also finds the rows with a value that is not among them. */
int code_register(struct plan *p, size_t input);
int mask_register(struct plan *p); /* NO_REG: every row */
void mark_bad(struct plan *p);
int reg_constant(struct plan *p, int64_t v);
int op_emit(struct plan *p, struct op op); /* dst is a new register, answered */
struct cv *cv_reg(struct plan *p, enum reg_kind type, int reg, int scale, int64_t low, int64_t high);

/* number.c: arithmetic, comparison, choice. */
struct cv *number_arithmetic(struct plan *p, enum feel_op op, struct cv *a, struct cv *b);
struct cv *number_round(struct plan *p, struct cv *v, int scale, enum rounding mode);
struct cv *number_fit(struct plan *p, struct cv *v); /* within COLUMN_MAGNITUDE, or row by row to the scalar path */
struct cv *number_extreme(struct plan *p, struct cv *a, struct cv *b, bool max);
struct cv *number_abs(struct plan *p, struct cv *v);
struct cv *number_scaled(struct plan *p, struct cv *v, int scale); /* REG with more decimals */
struct cv *cv_compare(struct plan *p, enum feel_op op, struct cv *a, struct cv *b);
struct cv *cv_logic(struct plan *p, enum feel_op op, struct cv *a, struct cv *b);
struct cv *cv_not(struct plan *p, struct cv *v);
/* Of two branches that were compiled under the masks of a condition. */
struct cv *cv_choose(struct plan *p, struct cv *cond, struct cv *a, struct cv *b);
void mask_enter(struct plan *p, struct cv *cond, bool negated, int *outer);

/* node.c, decision_table.c */
struct cv *cv_node(struct plan *p, const struct feel_node *n, struct env *e);
struct cv *cv_table_node(struct plan *p, const struct table *t, struct env *e);
struct cv *cv_coerce(struct plan *p, struct cv *v, const struct feel_type *type);

/* plan.c */
int column_plan_make(struct plan **out, const struct dmn_model *model, const struct column_job *job,
                     const struct domain *domains, struct error *err);
void column_plan_free(struct plan *p);

/* kernel.c: one block. `bad` gets 1 for rows of the scalar path. */
void kernel_run(const struct plan *p, const struct column_job *job, size_t first, size_t n, int64_t **regs, uint8_t *bad);
/* Rows of a column as they are, and by their codes (CODE_NONE where there is none: true). */
void column_load(const struct column_input *in, size_t first, size_t n, int64_t *dst);
bool column_codes(const struct domain *d, const struct column_input *in, size_t first, size_t n, int64_t *dst);
int64_t column_at(const struct column_input *in, size_t row);
/* allocate.c: what nobody reads is dropped; registers are used again. */
void column_plan_allocate(struct plan *p);

/* The magic number of a division by d > 0 of numbers below 2^63. */
void divide_prepare(struct op *op, uint64_t d);

#endif
