-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE table_change.
-- PostgreSQL: what each transaction changed, in rows and keyed sums of tables, until it is brought into table_digest (store/pg_guard.c).
CREATE TABLE table_change (stream @int NOT NULL, number @int NOT NULL, body @text NOT NULL, mac @blob NOT NULL,
  PRIMARY KEY (stream, number)) @clustered;
