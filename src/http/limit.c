/* SPDX-License-Identifier: Apache-2.0
 *
 * Token buckets, and the waits of who guesses passwords. A table of fixed size, in sets of a few places; keyed hashes, so that nobody
 * chooses where they land.
 */
#include "http/exchange.h"

#include "base/rng.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SETS 4096
#define WAYS 8
#define SECOND_US ((instant_t)1000000)

#define FREE_GUESSES 5
#define WAIT_FIRST_S 15
#define WAIT_MOST_S 900
#define GUESSES_OF_MANY 50                    /* wrong ones for a name before it counts as attacked */
#define FORGET_US ((instant_t)3600 * 1000000) /* after an hour without a wrong one */

struct bucket {
        uint64_t key;  /* 0: free */
        double amount; /* tokens that were taken; wrong guesses */
        instant_t at;
};
struct limiter {
        pthread_mutex_t lock;
        unsigned char secret[crypto_shorthash_KEYBYTES];
        struct {
                double most, a_second;
        } rules[LIMIT_COUNT];
        struct bucket table[SETS][WAYS];
};

struct limiter *limiter_new(int session_a_second)
{
        struct limiter *l = calloc(1, sizeof *l);
        double rate = session_a_second;

        if (l == NULL)
                return NULL;
        pthread_mutex_init(&l->lock, NULL);
        random_bytes(l->secret, sizeof l->secret);
        l->rules[LIMIT_SESSION].most = 8 * rate;
        l->rules[LIMIT_SESSION].a_second = rate;
        l->rules[LIMIT_ADDRESS].most = 40 * rate; /* an office sits behind one address */
        l->rules[LIMIT_ADDRESS].a_second = 5 * rate;
        l->rules[LIMIT_PUBLIC].most = rate > 0 ? 60 : 0;
        l->rules[LIMIT_PUBLIC].a_second = 1;
        l->rules[LIMIT_SIGN_IN].most = rate > 0 ? 120 : 0;
        l->rules[LIMIT_SIGN_IN].a_second = 2;
        l->rules[LIMIT_FAILED].most = 40;
        l->rules[LIMIT_FAILED].a_second = 1.0 / 15;
        l->rules[LIMIT_FACTOR].most = 10;
        l->rules[LIMIT_FACTOR].a_second = 1.0 / 30;
        return l;
}

void limiter_free(struct limiter *l)
{
        if (l == NULL)
                return;
        pthread_mutex_destroy(&l->lock);
        free(l);
}

/* The place of a key, made when it is not there: a free one, or the one that was idle longest. Under the lock. */
static struct bucket *bucket_of(struct limiter *l, int kind, const char *a, const char *b, instant_t now)
{
        unsigned char text[512], hash[crypto_shorthash_BYTES];
        uint64_t key;
        int n = snprintf((char *)text, sizeof text, "%d|%.200s|%.200s", kind, a, b);

        crypto_shorthash(hash, text, (unsigned long long)n, l->secret);
        memcpy(&key, hash, sizeof key);
        key |= 1;
        struct bucket *set = l->table[key >> 32 & (SETS - 1)], *oldest = set;
        for (int i = 0; i < WAYS; i++) {
                if (set[i].key == key)
                        return &set[i];
                if (oldest->key != 0 && (set[i].key == 0 || set[i].at < oldest->at))
                        oldest = &set[i];
        }
        *oldest = (struct bucket){.key = key, .at = now};
        return oldest;
}

int limiter_take(struct limiter *l, enum limit kind, const char *who, instant_t now, bool look)
{
        int wait = 0;

        if (l == NULL || l->rules[kind].most <= 0)
                return 0;
        pthread_mutex_lock(&l->lock);
        struct bucket *b = bucket_of(l, (int)kind, who, "", now);
        double gone = now > b->at ? (double)(now - b->at) / (double)SECOND_US * l->rules[kind].a_second : 0;
        b->amount = b->amount > gone ? b->amount - gone : 0;
        b->at = now;
        if (b->amount + 1 > l->rules[kind].most)
                wait = 1 + (int)((b->amount + 1 - l->rules[kind].most) / l->rules[kind].a_second);
        else if (!look)
                b->amount += 1;
        pthread_mutex_unlock(&l->lock);
        return wait;
}

#define GUESS_HERE (LIMIT_COUNT + 1)
#define GUESS_ANYWHERE (LIMIT_COUNT + 2)

static void forget(struct bucket *b, instant_t now)
{
        if (now - b->at > FORGET_US)
                b->amount = 0;
}

int limiter_guess(struct limiter *l, const char *address, const char *login, instant_t now)
{
        instant_t wait_s = 0;

        if (l == NULL)
                return 0;
        pthread_mutex_lock(&l->lock);
        struct bucket *any = bucket_of(l, GUESS_ANYWHERE, login, "", now);
        bool attacked = now - any->at <= FORGET_US && any->amount >= GUESSES_OF_MANY;
        struct bucket *here = bucket_of(l, GUESS_HERE, address, login, now);
        forget(here, now);
        int beyond = (int)here->amount - (attacked ? 0 : FREE_GUESSES - 1);
        if (beyond > 0) {
                wait_s = WAIT_FIRST_S;
                for (int i = 1; i < beyond && wait_s < WAIT_MOST_S; i++)
                        wait_s *= 2;
                wait_s = wait_s > WAIT_MOST_S ? WAIT_MOST_S : wait_s;
                wait_s = (here->at + wait_s * SECOND_US - now + SECOND_US - 1) / SECOND_US;
        }
        pthread_mutex_unlock(&l->lock);
        return wait_s > 0 ? (int)wait_s : 0;
}

void limiter_guessed(struct limiter *l, const char *address, const char *login, bool right, instant_t now)
{
        if (l == NULL)
                return;
        if (!right)
                limiter_take(l, LIMIT_FAILED, address, now, false);
        pthread_mutex_lock(&l->lock);
        struct bucket *here = bucket_of(l, GUESS_HERE, address, login, now);
        forget(here, now);
        here->amount = right ? 0 : here->amount + 1;
        here->at = now;
        if (!right) {
                struct bucket *any = bucket_of(l, GUESS_ANYWHERE, login, "", now);
                forget(any, now);
                any->amount += 1;
                any->at = now;
        }
        pthread_mutex_unlock(&l->lock);
}
