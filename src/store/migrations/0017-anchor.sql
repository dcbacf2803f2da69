-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE anchor; DROP TABLE table_digest;
-- The heads of the seals of all homes, signed once a day and written also to a file outside: who rewrites the trail, or puts an
-- older database in its place, is found by who keeps that file. body: canonical JSON; hash: of it; signature: Ed25519 over the hash.
CREATE TABLE anchor (sequence @int NOT NULL, day @int NOT NULL, at @int NOT NULL, body @text NOT NULL, hash @blob NOT NULL,
  signature @blob NOT NULL, PRIMARY KEY (sequence)) @table;
-- Of each table the keyed sum of the hashes of its rows, kept up by whoever writes with the key of the installation. The row with the
-- empty name stands for all of them; version counts the changes.
CREATE TABLE table_digest (name @text NOT NULL, version @int NOT NULL, row_count @int NOT NULL, total @blob NOT NULL, shape @text NOT NULL,
  mac @blob NOT NULL, PRIMARY KEY (name)) @table;
