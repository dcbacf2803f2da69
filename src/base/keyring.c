/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_BYTES 32
#define FILE_HEAD "shebao keyring 1\n"
#define FILE_BYTES (sizeof FILE_HEAD - 1 + 3 * (2 * SECRET_BYTES + 1))

static_assert(SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
static_assert(SEAL_OVERHEAD == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
              "nonce and tag");

/* What is in the file; all else is derived. */
struct secrets {
        unsigned char master[SECRET_BYTES];
        unsigned char index[SECRET_BYTES];
        unsigned char sign[SECRET_BYTES];
};

struct keyring {
        struct secrets s;
        unsigned char short_key[crypto_shorthash_KEYBYTES];
        unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
        unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
};

static int keyring_make(struct keyring **out, const struct secrets *s, struct error *err)
{
        struct keyring *k = sodium_malloc(sizeof *k);
        if (k == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        k->s = *s;
        crypto_generichash(k->short_key, sizeof k->short_key, (const unsigned char *)"short", 5, s->index, sizeof s->index);
        crypto_sign_seed_keypair(k->public_key, k->secret_key, s->sign);
        *out = k;
        return 0;
}

void keyring_free(struct keyring *k)
{
        sodium_free(k);
}

static int start(struct error *err)
{
        return sodium_init() < 0 ? error_raise(err, SB_INTERNAL, "%s", "libsodium") : 0;
}

static int bad_file(struct error *err, const char *path, const char *both)
{
        return error_raise(err, SB_KEYRING, "%s|%s", path, both);
}

static int io_error(struct error *err, const char *path, int number)
{
        char why[128];
        return error_raise(err, SB_IO, "%s|%s", path, strerror_r(number, why, sizeof why));
}

static bool parse_secret(unsigned char out[SECRET_BYTES], const char *hex)
{
        size_t n = 0;
        return sodium_hex2bin(out, SECRET_BYTES, hex, (size_t)2 * SECRET_BYTES, NULL, &n, NULL) == 0 && n == SECRET_BYTES &&
               hex[2 * SECRET_BYTES] == '\n';
}

static int read_secrets(struct secrets *s, const char *path, int fd, struct error *err)
{
        struct stat st;
        char text[FILE_BYTES + 1];
        size_t n = 0;
        if (fstat(fd, &st) != 0)
                return io_error(err, path, errno);
        if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
                return bad_file(err, path,
                                ERROR_BOTH("others may read it; set its mode to 0600", "他人可读；请将权限设为0600"));
        while (n < sizeof text) {
                ssize_t done = read(fd, text + n, sizeof text - n);
                if (done < 0 && errno == EINTR)
                        continue;
                if (done < 0)
                        return io_error(err, path, errno);
                if (done == 0)
                        break;
                n += (size_t)done;
        }
        const char *lines = text + sizeof FILE_HEAD - 1;
        const size_t step = 2 * SECRET_BYTES + 1;
        bool good = n == FILE_BYTES && memcmp(text, FILE_HEAD, sizeof FILE_HEAD - 1) == 0 && parse_secret(s->master, lines) &&
                    parse_secret(s->index, lines + step) && parse_secret(s->sign, lines + 2 * step);
        sodium_memzero(text, sizeof text);
        return good ? 0 : bad_file(err, path, ERROR_BOTH("it is damaged; restore it from a copy", "文件已损坏；请从备份恢复"));
}

static void print_secrets(char out[FILE_BYTES + 1], const struct secrets *s)
{
        const unsigned char *all[] = {s->master, s->index, s->sign};
        char *p = out + sizeof FILE_HEAD - 1;
        memcpy(out, FILE_HEAD, sizeof FILE_HEAD - 1);
        for (int i = 0; i < 3; i++) {
                sodium_bin2hex(p, 2 * SECRET_BYTES + 1, all[i], SECRET_BYTES);
                p += 2 * SECRET_BYTES;
                *p++ = '\n';
        }
        *p = '\0';
}

/* Write new keys beside path and link them there: a file that is there is never overwritten, and
 * nobody sees half a file. Another process may have been first: then its keys are read. */
static int create_file(const char *path, struct error *err)
{
        struct secrets s;
        char text[FILE_BYTES + 1], name[PATH_MAX];
        int rc = 0;
        int n = snprintf(name, sizeof name, "%s.%ld.tmp", path, (long)getpid());
        if (n < 0 || (size_t)n >= sizeof name)
                return io_error(err, path, ENAMETOOLONG);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return io_error(err, name, errno);
        randombytes_buf(&s, sizeof s);
        print_secrets(text, &s);
        if (write(fd, text, FILE_BYTES) != (ssize_t)FILE_BYTES || fsync(fd) != 0)
                rc = io_error(err, name, errno);
        if (close(fd) != 0 && rc == 0)
                rc = io_error(err, name, errno);
        if (rc == 0 && link(name, path) != 0 && errno != EEXIST)
                rc = io_error(err, path, errno);
        unlink(name);
        if (rc == 0)
                rc = file_sync_folder(path, err); /* without its keys a database is lost */
        sodium_memzero(&s, sizeof s);
        sodium_memzero(text, sizeof text);
        return rc;
}

int keyring_open(struct keyring **out, const char *path, struct error *err)
{
        struct secrets s = {0};
        int rc = start(err);
        if (rc != 0)
                return rc;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT) {
                rc = create_file(path, err);
                if (rc == 0)
                        fd = open(path, O_RDONLY | O_CLOEXEC);
        }
        if (rc == 0 && fd < 0)
                rc = io_error(err, path, errno);
        if (rc == 0)
                rc = read_secrets(&s, path, fd, err);
        if (rc == 0)
                rc = keyring_make(out, &s, err);
        if (fd >= 0)
                close(fd);
        sodium_memzero(&s, sizeof s);
        return rc;
}

int keyring_demo(struct keyring **out, uint64_t seed, struct error *err)
{
        struct secrets s;
        char text[64];
        if (start(err) != 0)
                return ERR;
        unsigned char *part[] = {s.master, s.index, s.sign};
        for (int i = 0; i < 3; i++) {
                int n = snprintf(text, sizeof text, "shebao demonstration %d %llu", i, (unsigned long long)seed);
                crypto_generichash(part[i], SECRET_BYTES, (const unsigned char *)text, (unsigned long long)n, NULL, 0);
        }
        return keyring_make(out, &s, err);
}

/* The purpose is closed by a zero byte, so that no purpose and value run into another pair. */
static void keyed(const struct keyring *k, const char *purpose, struct str value, unsigned char *out, size_t n)
{
        crypto_generichash_state st;
        crypto_generichash_init(&st, k->s.index, sizeof k->s.index, n);
        crypto_generichash_update(&st, (const unsigned char *)purpose, strlen(purpose) + 1);
        if (value.n > 0)
                crypto_generichash_update(&st, (const unsigned char *)value.p, value.n);
        crypto_generichash_final(&st, out, n);
}

struct hash keyring_index(const struct keyring *k, const char *purpose, struct str value)
{
        struct hash h;
        keyed(k, purpose, value, h.b, sizeof h.b);
        return h;
}

/* The purpose is part of what is hashed, closed by a zero byte, so that one key serves all purposes
 * and is derived once: a person has a dozen name keys. A long value is hashed by its keyed digest.
 */
uint64_t keyring_short(const struct keyring *k, const char *purpose, struct str value)
{
        unsigned char text[256], h[crypto_shorthash_BYTES];
        size_t n = strlen(purpose) + 1;
        uint64_t v = 0;
        if (n < sizeof text && value.n <= sizeof text - n) {
                memcpy(text, purpose, n);
                if (value.n > 0)
                        memcpy(text + n, value.p, value.n);
                n += value.n;
        } else {
                n = HASH_BYTES;
                keyed(k, purpose, value, text, n);
        }
        crypto_shorthash(h, text, n, k->short_key);
        for (size_t i = 0; i < sizeof h; i++)
                v |= (uint64_t)h[i] << (8 * i);
        return v;
}

static void seal_under(const unsigned char *key, const char *context, struct str plain, unsigned char *out)
{
        const size_t nonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
        unsigned long long n = 0;
        randombytes_buf(out, nonce);
        crypto_aead_xchacha20poly1305_ietf_encrypt(out + nonce, &n,
                                                   plain.n == 0 ? (const unsigned char *)"" : (const unsigned char *)plain.p,
                                                   plain.n, (const unsigned char *)context, strlen(context), NULL, out, key);
        assert(n == plain.n + crypto_aead_xchacha20poly1305_ietf_ABYTES);
}

static bool unseal_under(const unsigned char *key, const char *context, struct str sealed, unsigned char *out)
{
        const size_t nonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
        const unsigned char *p = (const unsigned char *)sealed.p;
        unsigned long long n = 0;
        return sealed.n >= SEAL_OVERHEAD &&
               crypto_aead_xchacha20poly1305_ietf_decrypt(out, &n, NULL, p + nonce, sealed.n - nonce,
                                                          (const unsigned char *)context, strlen(context), p, key) == 0;
}

void seal_key_new(struct seal_key *out)
{
        randombytes_buf(out->b, sizeof out->b);
}

void keyring_wrap(const struct keyring *k, const struct seal_key *key, unsigned char out[SEAL_KEY_BYTES + SEAL_OVERHEAD])
{
        seal_under(k->s.master, "seal_key", (struct str){(const char *)key->b, sizeof key->b}, out);
}

int keyring_unwrap(const struct keyring *k, struct str wrapped, struct seal_key *out, struct error *err)
{
        if (wrapped.n != SEAL_KEY_BYTES + SEAL_OVERHEAD || !unseal_under(k->s.master, "seal_key", wrapped, out->b))
                return error_raise(err, SB_SEAL_BROKEN, "%s", "");
        return 0;
}

void seal(const struct seal_key *key, const char *context, struct str plain, unsigned char *out)
{
        seal_under(key->b, context, plain, out);
}

int unseal(const struct seal_key *key, const char *context, struct str sealed, struct buf *out, struct error *err)
{
        size_t n = sealed.n < SEAL_OVERHEAD ? 0 : sealed.n - SEAL_OVERHEAD;
        unsigned char small[512];
        unsigned char *plain = n <= sizeof small ? small : malloc(n);
        int rc = 0;
        if (plain == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        if (unseal_under(key->b, context, sealed, plain)) {
                buf_add(out, plain, n);
                rc = buf_check(out, err);
        } else {
                rc = error_raise(err, SB_SEAL_BROKEN, "%s", "");
        }
        sodium_memzero(plain, n);
        if (plain != small)
                free(plain);
        return rc;
}

void keyring_sign(const struct keyring *k, struct str message, unsigned char signature[64])
{
        crypto_sign_detached(signature, NULL, (const unsigned char *)message.p, message.n, k->secret_key);
}

int keyring_verify(const unsigned char public_key[32], struct str message, const unsigned char signature[64], struct error *err)
{
        if (crypto_sign_verify_detached(signature, (const unsigned char *)message.p, message.n, public_key) != 0)
                return error_raise(err, SB_SIGNATURE, "%s", "");
        return 0;
}

void keyring_public(const struct keyring *k, unsigned char public_key[32])
{
        memcpy(public_key, k->public_key, crypto_sign_PUBLICKEYBYTES);
}

static void pair_of(const struct keyring *k, const struct sign_key *key, unsigned char public_key[crypto_sign_PUBLICKEYBYTES],
                    unsigned char secret_key[crypto_sign_SECRETKEYBYTES])
{
        unsigned char seed[crypto_sign_SEEDBYTES];
        char text[120];

        text_format(text, sizeof text, "%s %d %lld", key->purpose, key->home, (long long)key->number);
        crypto_generichash(seed, sizeof seed, (const unsigned char *)text, strlen(text), k->s.sign, sizeof k->s.sign);
        crypto_sign_seed_keypair(public_key, secret_key, seed);
        sodium_memzero(seed, sizeof seed);
}

void keyring_sign_by(const struct keyring *k, const struct sign_key *key, struct str message, unsigned char signature[64])
{
        unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];

        pair_of(k, key, public_key, secret_key);
        crypto_sign_detached(signature, NULL, (const unsigned char *)message.p, message.n, secret_key);
        sodium_memzero(secret_key, sizeof secret_key);
}

void keyring_public_of(const struct keyring *k, const struct sign_key *key, unsigned char public_key[32])
{
        unsigned char secret_key[crypto_sign_SECRETKEYBYTES];

        pair_of(k, key, public_key, secret_key);
        sodium_memzero(secret_key, sizeof secret_key);
}

int password_hash(char out[128], const char *password, struct error *err)
{
        static_assert(crypto_pwhash_STRBYTES <= 128, "fits");
        if (start(err) != 0)
                return ERR;
        if (crypto_pwhash_str(out, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
                return error_raise(err, SB_MEMORY, "%s", "");
        return 0;
}

bool password_check(const char *hash, const char *password, bool *stale)
{
        if (sodium_init() < 0 || strlen(hash) >= crypto_pwhash_STRBYTES ||
            crypto_pwhash_str_verify(hash, password, strlen(password)) != 0)
                return false;
        if (stale != NULL)
                *stale = crypto_pwhash_str_needs_rehash(hash, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0;
        return true;
}
