/* SPDX-License-Identifier: Apache-2.0
 *
 * Time zones of the tz database: a reader of its compiled files (TZif, RFC 9636, versions 2 to 4,
 * with the POSIX rule of the footer) and a folder of them, read on demand. A zone is immutable; the
 * folder may be asked from any thread. Knows nothing of dates, only of seconds since
 * 1970-01-01T00:00:00.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/text.h"

struct zone;
struct zones;

/* A zone from the bytes of a TZif file; the name is copied. SB_ZONE_SYNTAX when the bytes are no
 * such file. */
int zone_read(struct zone **out, struct str name, struct str bytes, struct error *err);
void zone_free(struct zone *z);
const char *zone_name(const struct zone *z); /* "Asia/Shanghai", as it was asked for */
/* Seconds east of Greenwich at an instant (UTC seconds), before the first known change: the first
 * known standard time. */
int32_t zone_offset_utc(const struct zone *z, int64_t utc_s);
/* The same for a local time. One that exists twice takes the earlier instant (the offset before the
 * change), one that is skipped the offset before the change, so that it moves forward by the gap.
 */
int32_t zone_offset_local(const struct zone *z, int64_t local_s);

/* The folder of a tz database, "/usr/share/zoneinfo" when NULL. Nothing is read yet. */
int zones_open(struct zones **out, const char *folder, struct error *err);
void zones_close(struct zones *zs); /* ends every zone that it handed out */
/* The zone of a name ("Asia/Shanghai"), borrowed until zones_close; NULL when there is none or it
 * cannot be read. The signature is that of a provider of zones (temporal_zone_find): hand over the
 * function and the struct zones as its context. */
const struct zone *zones_find(void *zones, struct str name);

#endif
