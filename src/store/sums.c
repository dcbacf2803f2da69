/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sums.h"

#include <string.h>

/* --- numbers of 256 bits ---------------------------------------------------------------------------------------------------------- */

void sum_add(struct sum *s, const struct sum *x)
{
        uint64_t carry = 0;
        for (int i = 0; i < 4; i++) {
                uint64_t a = s->w[i] + x->w[i], b = a + carry;
                carry = (uint64_t)(a < x->w[i]) + (uint64_t)(b < a);
                s->w[i] = b;
        }
}

void sum_take(struct sum *s, const struct sum *x)
{
        struct sum minus = {{~x->w[0], ~x->w[1], ~x->w[2], ~x->w[3]}};
        const struct sum one = {{1, 0, 0, 0}};
        sum_add(s, &minus);
        sum_add(s, &one);
}

struct sum sum_of(const unsigned char b[HASH_BYTES])
{
        struct sum s;
        memcpy(s.w, b, sizeof s.w);
        return s;
}

static struct str sum_str(const struct sum *s)
{
        return (struct str){(const char *)s->w, sizeof s->w};
}

/* The bytes of a row of table_digest as a number; 0 when they are not as many as they should be, which no mac fits. */
static struct sum sum_read(struct str bytes)
{
        struct hash h;
        (void)hash_take(&h, bytes);
        return sum_of(h.b);
}

/* --- tables ----------------------------------------------------------------------------------------------------------------------- */

void sums_init(struct sums *s, const struct sums_engine *engine, const struct store_guard *how)
{
        *s = (struct sums){.engine = engine, .how = *how, .version = -1};
}

struct hash sums_keyed(const struct sums *s, const void *bytes, size_t n)
{
        return hash_keyed(s->how.key, bytes, n);
}

static bool left_out(const struct sums *s, const char *name)
{
        if (strcmp(name, "table_digest") == 0 || strcmp(name, "table_change") == 0) {
                return true; /* their rows carry their own mac */
        }
        for (const char *const *x = s->how.left_out; *x; x++) {
                if (strcmp(*x, name) == 0) {
                        return true;
                }
        }
        return false;
}

struct sums_table *sums_table(struct sums *s, const char *name)
{
        uint32_t h = 2166136261u;
        for (const char *p = name; *p != '\0'; p++) {
                h = (h ^ (unsigned char)*p) * 16777619u;
        }
        uint32_t i = h % SUMS_SLOTS;
        for (; s->slots[i] != 0; i = (i + 1) % SUMS_SLOTS) {
                if (strcmp(s->tables[s->slots[i] - 1].name, name) == 0) {
                        return &s->tables[s->slots[i] - 1];
                }
        }
        if (s->count == SUMS_TABLES_MAX || strlen(name) >= SUMS_NAME_BYTES) {
                return NULL;
        }
        struct sums_table *t = &s->tables[s->count++];
        s->slots[i] = (int16_t)s->count;
        text_copy(t->name, sizeof t->name, str_from(name));
        t->out = left_out(s, name);
        return t;
}

int sums_too_many(struct error *err)
{
        return error_raise(err, SB_LIMIT, "tables, with names of less than %d bytes|%d", SUMS_NAME_BYTES, SUMS_TABLES_MAX);
}

int sums_whole(const struct sums *s, struct error *err)
{
        return s->full ? sums_too_many(err) : s->failed ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static void heard_end(struct sums_table *t)
{
        t->group = false;
        t->delta = (struct sum){{0}};
        t->delta_rows = 0;
}

void sums_end(struct sums *s)
{
        for (int i = 0; i < s->count; i++) {
                heard_end(&s->tables[i]);
        }
}

static void forget(struct sums *s, struct sums_table *t)
{
        heard_end(t);
        if (s->engine->forget) {
                s->engine->forget(s, t);
        }
}

/* --- what the engine knows of its tables -------------------------------------------------------------------------------------------- */

/* Is there a row? */
static int is_there(struct tx *tx, const char *sql, const char *table, bool *is, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, sql, table ? "t" : "", table);
        *is = rc == 1;
        if (rc >= 0) {
                stmt_reset(q); /* an open question holds off the changes of a migration */
        }
        return rc < 0 ? rc : 0;
}

static int digest_exists(struct sums *s, struct tx *tx, bool *is, struct error *err)
{
        return is_there(tx, s->engine->exists, NULL, is, err);
}

static int there(struct sums *s, struct tx *tx, const char *table, bool *is, struct error *err)
{
        return is_there(tx, s->engine->there, table, is, err);
}

static int all_names(struct sums *s, struct tx *tx, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, s->engine->names, "");
        while ((rc = row_next(rc, q, err)) == 1) {
                char name[2 * SUMS_NAME_BYTES];
                rc = sums_table(s, text_copy(name, sizeof name, stmt_text(q, 0))) ? 0 : sums_too_many(err);
        }
        return rc;
}

static int shape_of(struct sums *s, struct tx *tx, const char *table, char out[65], struct error *err)
{
        struct stmt *q = NULL;
        struct hash_state state = hash_begin();
        int rc = tx_query(&q, tx, err, s->engine->shape, "t", table);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct str line = stmt_text(q, 0);
                hash_add(&state, line.p, line.n);
                hash_add(&state, "\n", 1);
        }
        struct hash h = hash_end(&state);
        hash_hex(&h, out);
        return rc;
}

/* --- table_digest ------------------------------------------------------------------------------------------------------------------ */

static struct hash mac_of(const struct sums *s, const char *name, int64_t version, int64_t rows, const struct sum *total,
                          const char *shape)
{
        char text[SUMS_NAME_BYTES + 256], hex[65];
        struct hash h;
        memcpy(h.b, total->w, sizeof h.b);
        text_format(text, sizeof text, "digest\n%s\n%lld\n%lld\n%s\n%.65s", name, (long long)version, (long long)rows,
                    hash_hex(&h, hex), shape);
        return sums_keyed(s, text, strlen(text));
}

static int row_write(struct sums *s, struct tx *tx, const char *name, int64_t rows, const struct sum *total, const char *shape,
                     struct hash *mac, struct error *err)
{
        *mac = mac_of(s, name, s->version, rows, total, shape);
        return tx_exec(tx, err,
                       "INSERT INTO table_digest (name, version, row_count, total, shape, mac) VALUES (?1@text, ?2@int, "
                       "?3@int, ?4@blob, ?5@text, ?6@blob) ON CONFLICT (name) DO UPDATE SET version = ?2@int, row_count = "
                       "?3@int, total = ?4@blob, shape = ?5@text, mac = ?6@blob",
                       "tiibtb", name, s->version, rows, sum_str(total), shape, hash_str(mac));
}

/* The row that stands for all. */
static int head_write(struct sums *s, struct tx *tx, struct error *err)
{
        return row_write(s, tx, "", 0, &s->head, "", &s->head_mac, err);
}

/* A table's row anew; what stands for all follows. */
static int put(struct sums *s, struct tx *tx, struct sums_table *t, struct error *err)
{
        struct sum was = sum_of(t->mac.b);
        int rc = row_write(s, tx, t->name, t->rows, &t->total, t->shape, &t->mac, err);
        struct sum is = sum_of(t->mac.b);
        if (t->known) {
                sum_take(&s->head, &was);
        }
        sum_add(&s->head, &is);
        t->known = true;
        return rc;
}

/* A row as it was read: a table's, or the one that stands for all. Is it genuine? */
static bool row_take(struct sums *s, struct stmt *q, const char *name, struct sum *macs)
{
        char shape[66];
        text_copy(shape, sizeof shape, stmt_text(q, 4));
        int64_t version = stmt_int(q, 1), rows = stmt_int(q, 2);
        struct sum total = sum_read(stmt_blob(q, 3)), mac = sum_read(stmt_blob(q, 5));
        struct hash right = mac_of(s, name, version, rows, &total, shape);
        bool genuine = memcmp(&right, &mac, sizeof mac) == 0;
        if (name[0] == '\0') {
                s->version = version;
                s->sound = genuine;
                s->head = total;
                memcpy(s->head_mac.b, mac.w, sizeof s->head_mac.b);
                return genuine;
        }
        struct sums_table *t = sums_table(s, name);
        sum_add(macs, &mac);
        if (t) { /* else nobody with the key wrote it */
                t->known = true;
                t->wrong = !genuine;
                t->total = total;
                t->rows = rows;
                memcpy(t->mac.b, mac.w, sizeof t->mac.b);
                text_copy(t->shape, sizeof t->shape, str_from(shape));
        }
        return genuine;
}

/* All rows of table_digest. A row that is not genuine is left as it is, for the auditor to find. */
static int load(struct sums *s, struct tx *tx, store_guard_tell *tell, void *ctx, struct error *err)
{
        struct stmt *q = NULL;
        struct sum macs = {{0}};
        for (int i = 0; i < s->count; i++) {
                s->tables[i].known = false;
        }
        s->sound = s->any = false;
        s->version = 0;
        int rc = tx_query(&q, tx, err, "SELECT name, version, row_count, total, shape, mac FROM table_digest", "");
        while ((rc = row_next(rc, q, err)) == 1) {
                char name[2 * SUMS_NAME_BYTES];
                bool genuine = row_take(s, q, text_copy(name, sizeof name, stmt_text(q, 0)), &macs);
                s->any = true;
                if (!genuine && tell) {
                        tell(ctx, "table_digest", name, 0, 0);
                }
        }
        if (rc == 0 && s->sound && tell && memcmp(&macs, &s->head, sizeof macs) != 0) {
                tell(ctx, "table_digest", "", 0, 0);
        }
        return rc;
}

/* --- the sum of a table anew -------------------------------------------------------------------------------------------------------- */

static int sum_anew(struct sums *s, struct tx *tx, struct sums_table *t, struct error *err)
{
        int rc = s->engine->install ? s->engine->install(tx, t->name, err) : 0;
        rc = rc ? rc : s->engine->scan(s, tx, t, &t->total, &t->rows, err);
        rc = rc ? rc : shape_of(s, tx, t->name, t->shape, err);
        if (rc == 0) {
                forget(s, t); /* they are in the sum */
                rc = put(s, tx, t, err);
        }
        return rc;
}

static int first_sums(struct sums *s, struct tx *tx, struct error *err)
{
        s->version = 1;
        s->head = (struct sum){{0}};
        int rc = all_names(s, tx, err);
        for (int i = 0; rc == 0 && i < s->count; i++) {
                s->tables[i].known = false;
                if (!s->tables[i].out) {
                        rc = sum_anew(s, tx, &s->tables[i], err);
                }
        }
        rc = rc ? rc : head_write(s, tx, err);
        s->sound = rc == 0;
        return rc;
}

int sums_refresh(struct sums *s, struct tx *tx, bool *kept, struct error *err)
{
        struct stmt *q = NULL;
        int rc = digest_exists(s, tx, kept, err);
        if (rc != 0 || !*kept) {
                s->version = -1;
                return rc;
        }
        rc = tx_one(&q, tx, err, "SELECT version, mac FROM table_digest ORDER BY name LIMIT 1", "");
        bool none = rc == 0;
        bool same =
            rc == 1 && s->version >= 0 && stmt_int(q, 0) == s->version && str_equal(stmt_blob(q, 1), hash_str(&s->head_mac));
        if (rc >= 0) {
                stmt_reset(q);
        }
        return rc < 0 ? rc : none ? first_sums(s, tx, err) : same ? 0 : load(s, tx, NULL, NULL, err);
}

int sums_write(struct sums *s, struct tx *tx, struct error *err)
{
        int rc = 0;
        s->version++;
        for (int i = 0; rc == 0 && i < s->count; i++) {
                struct sums_table *t = &s->tables[i];
                if (!t->group || t->wrong) {
                        continue;
                }
                if (!t->known) {
                        t->total = (struct sum){{0}};
                        t->rows = 0;
                        rc = shape_of(s, tx, t->name, t->shape, err);
                }
                sum_add(&t->total, &t->delta);
                t->rows += t->delta_rows;
                rc = rc ? rc : put(s, tx, t, err);
        }
        return rc ? rc : head_write(s, tx, err);
}

/* --- migrations --------------------------------------------------------------------------------------------------------------------- */

/* A table that is gone leaves the sums. */
static int take_out(struct sums *s, struct tx *tx, struct sums_table *t, struct error *err)
{
        struct sum was = sum_of(t->mac.b);
        sum_take(&s->head, &was);
        forget(s, t);
        t->known = t->wrong = false;
        return tx_exec(tx, err, "DELETE FROM table_digest WHERE name = ?1@text", "t", t->name);
}

/* Is the table wrong already? What stays of it after the migration is to be told then too. */
static int judge(struct sums *s, struct tx *tx, struct sums_table *t, struct error *err)
{
        struct sum total;
        int64_t rows = 0;
        bool is = false;
        int rc = there(s, tx, t->name, &is, err);
        if (rc == 0 && is) {
                rc = s->engine->scan(s, tx, t, &total, &rows, err);
                t->wrong = t->wrong || (t->known ? memcmp(&total, &t->total, sizeof total) != 0 : rows > 0);
        } else {
                t->wrong = t->wrong || t->known;
        }
        return rc;
}

/* A table that the migration made otherwise is summed anew; one that is gone is taken out. */
static int follow(struct sums *s, struct tx *tx, struct sums_table *t, struct error *err)
{
        char shape[65];
        bool is = false;
        int rc = there(s, tx, t->name, &is, err);
        if (rc != 0 || t->wrong || (!is && !t->known)) {
                return rc;
        }
        if (!is) {
                return take_out(s, tx, t, err);
        }
        rc = shape_of(s, tx, t->name, shape, err);
        return rc != 0 || (t->known && strcmp(shape, t->shape) == 0) ? rc : sum_anew(s, tx, t, err);
}

int sums_migration(struct sums *s, struct tx *tx, bool after, struct error *err)
{
        bool kept = false;
        int rc = sums_refresh(s, tx, &kept, err);
        if (rc != 0 || !kept || !s->sound) {
                return rc;
        }
        rc = all_names(s, tx, err);
        s->version += after;
        for (int i = 0; rc == 0 && i < s->count; i++) {
                struct sums_table *t = &s->tables[i];
                if (!t->out) {
                        rc = after ? follow(s, tx, t, err) : judge(s, tx, t, err);
                }
        }
        return rc == 0 && after ? head_write(s, tx, err) : rc;
}

/* What stands for all, from the rows as they are. */
static int head_anew(struct sums *s, struct tx *tx, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, "SELECT mac FROM table_digest WHERE name <> ''", "");
        s->head = (struct sum){{0}};
        while ((rc = row_next(rc, q, err)) == 1) {
                struct sum x = sum_read(stmt_blob(q, 0));
                sum_add(&s->head, &x);
        }
        rc = rc ? rc : head_write(s, tx, err);
        s->sound = rc == 0;
        return rc;
}

int sums_accept(struct sums *s, struct tx *tx, const char *table, struct error *err)
{
        bool is = false;
        struct sums_table *t = sums_table(s, table);
        if (!t) {
                return sums_too_many(err);
        }
        int rc = there(s, tx, table, &is, err);
        if (rc != 0 || t->out) {
                return rc;
        }
        if (!is) {
                bool told = false; /* a row of the sums alone, genuine or forged, can be taken out */
                rc = is_there(tx, "SELECT 1 FROM table_digest WHERE name = ?1@text", table, &told, err);
                if (rc != 0 || !told) {
                        return rc ? rc : error_raise(err, SB_STORE_NO_TABLE, "%s", table);
                }
        }
        s->version++;
        forget(s, t);
        t->wrong = false;
        rc = is ? sum_anew(s, tx, t, err) : take_out(s, tx, t, err);
        return rc ? rc : head_anew(s, tx, err);
}

/* --- the check ---------------------------------------------------------------------------------------------------------------------- */

static int compare(struct sums *s, struct tx *tx, struct sums_table *t, store_guard_tell *tell, void *ctx, struct error *err)
{
        struct sum total;
        int64_t rows = 0;
        char shape[65];
        bool is = false;
        int rc = there(s, tx, t->name, &is, err);
        if (rc != 0 || t->wrong) { /* that its sum is not genuine was told */
                return rc;
        }
        if (!is) {
                tell(ctx, t->name, "table", t->rows, 0);
                return 0;
        }
        rc = s->engine->scan(s, tx, t, &total, &rows, err);
        rc = rc ? rc : shape_of(s, tx, t->name, shape, err);
        if (rc != 0) {
                return rc;
        }
        if (rows != t->rows) { /* of one that is not known: none */
                tell(ctx, t->name, "rows", t->rows, rows);
        } else if (memcmp(&total, &t->total, sizeof total) != 0) {
                tell(ctx, t->name, "values", t->rows, rows);
        } else if (t->known && strcmp(shape, t->shape) != 0) {
                tell(ctx, t->name, "definition", t->rows, rows);
        }
        return 0;
}

int sums_check(struct sums *s, struct tx *tx, const char *only, store_guard_tell *tell, void *ctx, bool *kept,
               struct error *err)
{
        store_guard_tell *of_all = only ? NULL : tell;
        bool is = false;
        int rc = digest_exists(s, tx, &is, err);
        if (rc == 0 && is) {
                rc = all_names(s, tx, err); /* before what the rows say that there is */
                rc = rc ? rc : load(s, tx, of_all, ctx, err);
        }
        *kept = s->any;
        if (rc != 0 || !*kept) {
                return rc;
        }
        if (of_all && !s->sound && s->version == 0) { /* else it was told as not genuine */
                tell(ctx, "table_digest", "", 0, 0);
        }
        rc = s->engine->pending ? s->engine->pending(s, tx, of_all, ctx, err) : 0;
        for (int i = 0; rc == 0 && i < s->count; i++) {
                struct sums_table *t = &s->tables[i];
                if (t->out || (only && strcmp(only, t->name) != 0)) {
                        continue;
                }
                if (only && t->wrong) {
                        tell(ctx, "table_digest", t->name, 0, 0);
                }
                rc = compare(s, tx, t, tell, ctx, err);
        }
        return rc;
}
