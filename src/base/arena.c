/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 << 10)
#define KEEP_BYTES ((size_t)4 << 20) /* what arena_reset holds on to */

struct block {
        struct block *next;
        size_t size;
        alignas(max_align_t) unsigned char bytes[];
};

struct arena {
        struct block *first, *current;
        size_t at;    /* next free byte of the current block */
        size_t taken; /* bytes handed out, with alignment */
        size_t cap;
};

struct arena *arena_new(size_t cap)
{
        struct arena *a = calloc(1, sizeof *a);
        if (a != NULL)
                a->cap = cap;
        return a;
}

static void free_blocks(struct block *b)
{
        while (b != NULL) {
                struct block *next = b->next;
                free(b);
                b = next;
        }
}

void arena_free(struct arena *a)
{
        if (a == NULL)
                return;
        free_blocks(a->first);
        free(a);
}

void arena_reset(struct arena *a)
{
        size_t kept = 0;
        struct block *last = NULL;
        for (struct block *b = a->first; b != NULL && kept + b->size <= KEEP_BYTES; b = b->next) {
                kept += b->size;
                last = b;
        }
        if (last == NULL) {
                free_blocks(a->first);
                a->first = NULL;
        } else {
                free_blocks(last->next);
                last->next = NULL;
        }
        a->current = a->first;
        a->at = 0;
        a->taken = 0;
}

size_t arena_used(const struct arena *a)
{
        return a->taken;
}

/* Make the current block one with room for n bytes: a kept one, or a new one put after the current.
 */
static bool advance(struct arena *a, size_t n)
{
        struct block *next = a->current == NULL ? a->first : a->current->next;
        if (next == NULL || next->size < n) {
                size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
                struct block *b = malloc(sizeof *b + size);
                if (b == NULL)
                        return false;
                b->size = size;
                b->next = next;
                if (a->current == NULL)
                        a->first = b;
                else
                        a->current->next = b;
                next = b;
        }
        a->current = next;
        a->at = 0;
        return true;
}

void *arena_alloc(struct arena *a, size_t n)
{
        const size_t unit = alignof(max_align_t);
        if (n > SIZE_MAX - sizeof(struct block) - unit)
                return NULL;
        n = n == 0 ? unit : (n + unit - 1) / unit * unit;
        if (n > a->cap - a->taken)
                return NULL;
        if (a->current == NULL || n > a->current->size - a->at)
                if (!advance(a, n))
                        return NULL;
        void *p = a->current->bytes + a->at;
        a->at += n;
        a->taken += n;
        assert(a->taken <= a->cap);
        return memset(p, 0, n);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
        size_t n;
        if (__builtin_mul_overflow(count, size, &n))
                return NULL;
        return arena_alloc(a, n);
}

char *arena_text(struct arena *a, struct str s)
{
        if (s.n == SIZE_MAX)
                return NULL;
        char *p = arena_alloc(a, s.n + 1);
        if (p != NULL && s.n > 0)
                memcpy(p, s.p, s.n);
        return p;
}

struct str arena_str(struct arena *a, struct str s)
{
        char *p = arena_text(a, s);
        return (struct str){p, p == NULL ? 0 : s.n};
}

char *arena_format(struct arena *a, const char *fmt, ...)
{
        va_list ap, again;
        va_start(ap, fmt);
        va_copy(again, ap);
        int n = vsnprintf(NULL, 0, fmt, ap);
        va_end(ap);
        char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
        if (p != NULL)
                vsnprintf(p, (size_t)n + 1, fmt, again);
        va_end(again);
        return p;
}
