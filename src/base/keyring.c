/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_BYTES 32
#define FILE_HEAD "shebao keyring 1\n"
#define FILE_BYTES (sizeof FILE_HEAD - 1 + 3 * (2 * SECRET_BYTES + 1))

#define MASTERS_MAX 4 /* former master keys beside the one in use */
#define FILE_BYTES_MAX (FILE_BYTES + MASTERS_MAX * (2 * SECRET_BYTES + 1))

static_assert(SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
static_assert(SEAL_OVERHEAD == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
              "nonce and tag");

/* What is in the file; all else is derived. */
struct secrets {
        unsigned char master[SECRET_BYTES];
        unsigned char index[SECRET_BYTES];
        unsigned char sign[SECRET_BYTES];
        unsigned char former[MASTERS_MAX][SECRET_BYTES]; /* masters of before, newest first: they open, and seal no more */
        int former_count;
};

/* The one thing that changes while a program runs: another one may have put a new master key into the file. */
struct masters {
        pthread_mutex_t lock;
        struct secrets s;
        char path[PATH_MAX]; /* "" : no file */
        struct stat seen;
};

struct keyring {
        struct secrets s; /* index and sign; the master keys are asked of masters */
        struct masters *masters;
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
        k->masters = sodium_malloc(sizeof *k->masters);
        if (k->masters == NULL) {
                sodium_free(k);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        memset(k->masters, 0, sizeof *k->masters);
        k->masters->s = *s;
        pthread_mutex_init(&k->masters->lock, NULL);
        crypto_generichash(k->short_key, sizeof k->short_key, (const unsigned char *)"short", 5, s->index, sizeof s->index);
        crypto_sign_seed_keypair(k->public_key, k->secret_key, s->sign);
        *out = k;
        return 0;
}

void keyring_free(struct keyring *k)
{
        if (k == NULL)
                return;
        pthread_mutex_destroy(&k->masters->lock);
        sodium_free(k->masters);
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
        char text[FILE_BYTES_MAX + 1];
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
        bool good = n >= FILE_BYTES && n <= FILE_BYTES_MAX && (n - FILE_BYTES) % step == 0 &&
                    memcmp(text, FILE_HEAD, sizeof FILE_HEAD - 1) == 0 && parse_secret(s->master, lines) &&
                    parse_secret(s->index, lines + step) && parse_secret(s->sign, lines + 2 * step);
        s->former_count = good ? (int)((n - FILE_BYTES) / step) : 0;
        for (int i = 0; good && i < s->former_count; i++)
                good = parse_secret(s->former[i], lines + (3 + (size_t)i) * step);
        sodium_memzero(text, sizeof text);
        return good ? 0 : bad_file(err, path, ERROR_BOTH("it is damaged; restore it from a copy", "文件已损坏；请从备份恢复"));
}

/* The length. */
static size_t print_secrets(char out[FILE_BYTES_MAX + 1], const struct secrets *s)
{
        const unsigned char *all[3 + MASTERS_MAX] = {s->master, s->index, s->sign};
        char *p = out + sizeof FILE_HEAD - 1;
        memcpy(out, FILE_HEAD, sizeof FILE_HEAD - 1);
        for (int i = 0; i < s->former_count; i++)
                all[3 + i] = s->former[i];
        for (int i = 0; i < 3 + s->former_count; i++) {
                sodium_bin2hex(p, 2 * SECRET_BYTES + 1, all[i], SECRET_BYTES);
                p += 2 * SECRET_BYTES;
                *p++ = '\n';
        }
        *p = '\0';
        return (size_t)(p - out);
}

/* Write keys beside path; *name: where. */
static int beside_write(const char *path, const struct secrets *s, char name[PATH_MAX], struct error *err)
{
        char text[FILE_BYTES_MAX + 1];
        int rc = 0;
        int n = snprintf(name, PATH_MAX, "%s.%ld.tmp", path, (long)getpid());
        if (n < 0 || n >= PATH_MAX)
                return io_error(err, path, ENAMETOOLONG);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return io_error(err, name, errno);
        size_t bytes = print_secrets(text, s);
        if (write(fd, text, bytes) != (ssize_t)bytes || fsync(fd) != 0)
                rc = io_error(err, name, errno);
        if (close(fd) != 0 && rc == 0)
                rc = io_error(err, name, errno);
        if (rc != 0)
                unlink(name);
        sodium_memzero(text, sizeof text);
        return rc;
}

/* New keys are linked to their place: a file that is there is never overwritten, and nobody sees half a file. Another process may have
 * been first: then its keys are read. */
static int create_file(const char *path, struct error *err)
{
        struct secrets s = {.former_count = 0};
        char name[PATH_MAX];
        randombytes_buf(s.master, sizeof s.master);
        randombytes_buf(s.index, sizeof s.index);
        randombytes_buf(s.sign, sizeof s.sign);
        int rc = beside_write(path, &s, name, err);
        if (rc != 0)
                return rc;
        if (link(name, path) != 0 && errno != EEXIST)
                rc = io_error(err, path, errno);
        unlink(name);
        if (rc == 0)
                rc = file_sync_folder(path, err); /* without its keys a database is lost */
        sodium_memzero(&s, sizeof s);
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
        if (rc == 0 && (strlen(path) >= sizeof(*out)->masters->path || fstat(fd, &(*out)->masters->seen) != 0)) {
                keyring_free(*out);
                rc = io_error(err, path, ENAMETOOLONG);
        }
        if (rc == 0)
                text_copy((*out)->masters->path, sizeof(*out)->masters->path, str_from(path));
        if (fd >= 0)
                close(fd);
        sodium_memzero(&s, sizeof s);
        return rc;
}

/* --- master keys that change ------------------------------------------------------------------------------------------------------ */

static int file_read_secrets(struct secrets *s, const char *path, struct stat *seen, struct error *err)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return io_error(err, path, errno);
        int rc = read_secrets(s, path, fd, err);
        if (rc == 0 && fstat(fd, seen) != 0)
                rc = io_error(err, path, errno);
        close(fd);
        return rc;
}

/* With the lock held: take what the file says when it is another one than before, and of the same installation. */
static void masters_look(struct masters *m)
{
        struct secrets s = {.former_count = 0};
        struct error none = {0};
        struct stat now;

        if (m->path[0] == '\0' || stat(m->path, &now) != 0 ||
            (now.st_ino == m->seen.st_ino && now.st_mtim.tv_sec == m->seen.st_mtim.tv_sec &&
             now.st_mtim.tv_nsec == m->seen.st_mtim.tv_nsec))
                return;
        if (file_read_secrets(&s, m->path, &now, &none) == 0 && sodium_memcmp(s.index, m->s.index, sizeof s.index) == 0 &&
            sodium_memcmp(s.sign, m->s.sign, sizeof s.sign) == 0) {
                m->s = s;
                m->seen = now;
        }
        sodium_memzero(&s, sizeof s);
}

static int secrets_replace(const char *path, const struct secrets *s, struct error *err)
{
        char name[PATH_MAX];
        int rc = beside_write(path, s, name, err);
        if (rc != 0)
                return rc;
        if (rename(name, path) != 0) {
                rc = io_error(err, path, errno);
                unlink(name);
                return rc;
        }
        return file_sync_folder(path, err);
}

int keyring_rotate(const char *path, struct error *err)
{
        struct secrets s = {.former_count = 0};
        struct stat seen;
        int rc = start(err);
        if (rc == 0)
                rc = file_read_secrets(&s, path, &seen, err);
        if (rc == 0 && s.former_count == MASTERS_MAX)
                rc = bad_file(err, path,
                              ERROR_BOTH("it holds four former keys; let them go first (shebao keys retire)",
                                         "其中已有四个旧密钥；请先停用旧密钥（shebao keys retire）"));
        if (rc == 0) {
                memmove(s.former[1], s.former[0], sizeof s.former - sizeof s.former[0]);
                memcpy(s.former[0], s.master, sizeof s.master);
                s.former_count++;
                randombytes_buf(s.master, sizeof s.master);
                rc = secrets_replace(path, &s, err);
        }
        sodium_memzero(&s, sizeof s);
        return rc;
}

int keyring_retire(const char *path, struct error *err)
{
        struct secrets s = {.former_count = 0};
        struct stat seen;
        int rc = start(err);
        if (rc == 0)
                rc = file_read_secrets(&s, path, &seen, err);
        if (rc == 0 && s.former_count > 0) {
                sodium_memzero(s.former, sizeof s.former);
                s.former_count = 0;
                rc = secrets_replace(path, &s, err);
        }
        sodium_memzero(&s, sizeof s);
        return rc;
}

int keyring_demo(struct keyring **out, uint64_t seed, struct error *err)
{
        struct secrets s = {.former_count = 0};
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

void keyring_field_key(const struct keyring *k, const char *purpose, struct seal_key *out)
{
        keyed(k, "seal", str_from(purpose), out->b, sizeof out->b);
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
        struct masters *m = k->masters;

        pthread_mutex_lock(&m->lock);
        masters_look(m);
        seal_under(m->s.master, "seal_key", (struct str){(const char *)key->b, sizeof key->b}, out);
        pthread_mutex_unlock(&m->lock);
}

/* With the lock held: which key opens it, 0 the one in use, 1 … former ones, -1 none. */
static int opened_by(const struct masters *m, struct str wrapped, unsigned char *out)
{
        if (unseal_under(m->s.master, "seal_key", wrapped, out))
                return 0;
        for (int i = 0; i < m->s.former_count; i++)
                if (unseal_under(m->s.former[i], "seal_key", wrapped, out))
                        return i + 1;
        return -1;
}

int keyring_unwrap(const struct keyring *k, struct str wrapped, struct seal_key *out, struct error *err)
{
        struct masters *m = k->masters;
        int by = -1;

        if (wrapped.n == 0) /* its key was destroyed */
                return error_raise(err, SB_ERASED, "%s", "");
        if (wrapped.n == SEAL_KEY_BYTES + SEAL_OVERHEAD) {
                pthread_mutex_lock(&m->lock);
                by = opened_by(m, wrapped, out->b);
                if (by < 0) {
                        masters_look(m);
                        by = opened_by(m, wrapped, out->b);
                }
                pthread_mutex_unlock(&m->lock);
        }
        return by < 0 ? error_raise(err, SB_SEAL_BROKEN, "%s", "") : 0;
}

int keyring_rewrap(const struct keyring *k, struct str wrapped, unsigned char out[SEAL_KEY_BYTES + SEAL_OVERHEAD],
                   struct error *err)
{
        struct masters *m = k->masters;
        struct seal_key key;
        int by = -1;

        if (wrapped.n != SEAL_KEY_BYTES + SEAL_OVERHEAD)
                return error_raise(err, SB_SEAL_BROKEN, "%s", "");
        pthread_mutex_lock(&m->lock);
        masters_look(m);
        by = opened_by(m, wrapped, key.b);
        if (by > 0)
                seal_under(m->s.master, "seal_key", (struct str){(const char *)key.b, sizeof key.b}, out);
        pthread_mutex_unlock(&m->lock);
        sodium_memzero(&key, sizeof key);
        return by < 0 ? error_raise(err, SB_SEAL_BROKEN, "%s", "") : by > 0;
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
