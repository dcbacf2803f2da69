/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 and keyed hashes (libsodium), their hexadecimal form, and sealed fields.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/text.h"

#define HASH_BYTES 32
struct hash {
        unsigned char b[HASH_BYTES];
};
struct hash hash_of(const void *bytes, size_t n);                  /* SHA-256 */
struct hash hash_pair(const struct hash *a, const struct hash *b); /* SHA-256(0x01‖a‖b): a Merkle node */
struct str hash_str(const struct hash *h);                         /* its bytes, borrowed: as a blob is bound and compared */
/* The hash of these bytes, as they come out of a database; all zeros and false when they are none (another number of bytes). */
bool hash_take(struct hash *out, struct str bytes);
char *hash_hex(const struct hash *h, char out[65]);
/* BLAKE2b-256 under a key: who has not the key cannot say what it is of anything. */
struct hash hash_keyed(const unsigned char key[HASH_BYTES], const void *bytes, size_t n);
int hash_parse(struct hash *out, struct str hex, struct error *err);

/* Incremental SHA-256: it takes no memory of its own. */
struct hash_state {
        _Alignas(8) unsigned char inside[104];
};
struct hash_state hash_begin(void);
void hash_add(struct hash_state *s, const void *bytes, size_t n);
struct hash hash_end(struct hash_state *s); /* once */

/* The keys of an installation: read from a file of mode 0600, made when absent. One owner, `cmd`.
 * It holds a master key (sealing of the keys of persons), an index key (keyed hashes for look-up),
 * and an Ed25519 key (signed heads, letters). */
struct keyring;
int keyring_open(struct keyring **out, const char *path, struct error *err);
int keyring_demo(struct keyring **out, uint64_t seed, struct error *err); /* fixed keys: demonstration and tests */
void keyring_free(struct keyring *k);
/* A new master key in the file; the former one stays beside it and still opens what it sealed. Programs that have the keyring open take
 * notice by themselves. At most four former keys: SB_KEYRING. */
int keyring_rotate(const char *path, struct error *err);
int keyring_retire(const char *path, struct error *err); /* the former keys are gone, and what only they opened is lost */

/* BLAKE2b-256 keyed by the index key and a purpose ("id", "name"): the blind index. Truncate as
 * needed. */
struct hash keyring_index(const struct keyring *k, const char *purpose, struct str value);
/* A fast 64-bit keyed hash (SipHash-2-4 of purpose and value): name keys. */
uint64_t keyring_short(const struct keyring *k, const char *purpose, struct str value);

#define SEAL_KEY_BYTES 32
#define SEAL_OVERHEAD 40 /* 24 nonce + 16 tag */
struct seal_key {
        unsigned char b[SEAL_KEY_BYTES];
};
/* A fresh key of a person, and its wrapped form for the database (SEAL_KEY_BYTES + SEAL_OVERHEAD
 * bytes). */
void seal_key_new(struct seal_key *out);
void keyring_wrap(const struct keyring *k, const struct seal_key *key, unsigned char out[SEAL_KEY_BYTES + SEAL_OVERHEAD]);
int keyring_unwrap(const struct keyring *k, struct str wrapped, struct seal_key *out, struct error *err);
/* 1 and out, the same key wrapped by the master key in use, when a former one wrapped it; 0 when it is right already; SB_SEAL_BROKEN. */
int keyring_rewrap(const struct keyring *k, struct str wrapped, unsigned char out[SEAL_KEY_BYTES + SEAL_OVERHEAD],
                   struct error *err);
/* The key of a column that belongs to no person, derived from the index key: nothing is stored beside what it seals. */
void keyring_field_key(const struct keyring *k, const char *purpose, struct seal_key *out);
/* XChaCha20-Poly1305; context (table and column) is authenticated. Output n + SEAL_OVERHEAD bytes.
 */
void seal(const struct seal_key *key, const char *context, struct str plain, unsigned char *out);
int unseal(const struct seal_key *key, const char *context, struct str sealed, struct buf *out, struct error *err);

/* Ed25519 by the installation's signing key. */
void keyring_sign(const struct keyring *k, struct str message, unsigned char signature[64]);
int keyring_verify(const unsigned char public_key[32], struct str message, const unsigned char signature[64],
                   struct error *err);
void keyring_public(const struct keyring *k, unsigned char public_key[32]);
/* Keys that may be changed for new ones: number 1, 2, … of a home and a purpose ("letter"), derived from the installation's signing
 * secret, so that nothing secret is stored beside it; none tells anything of another. */
struct sign_key {
        const char *purpose;
        int32_t home;
        int64_t number;
};
void keyring_sign_by(const struct keyring *k, const struct sign_key *key, struct str message, unsigned char signature[64]);
void keyring_public_of(const struct keyring *k, const struct sign_key *key, unsigned char public_key[32]);

/* argon2id for people's passwords, with parameters inside; password_check also tells when to make
 * it anew. */
int password_hash(char out[128], const char *password, struct error *err);
bool password_check(const char *hash, const char *password, bool *stale);

#endif
