-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE name_key_pending, when it is empty.
-- office/import: name keys of imported persons that wait to be merged into name_key in its order. part: the upper seven
-- bits of the keys; id: line of the file at which the block began; pairs: key and person, eight bytes each, low byte first.
CREATE TABLE name_key_pending (home @int NOT NULL, run @int NOT NULL, part @int NOT NULL, id @int NOT NULL, pairs @blob NOT NULL,
  PRIMARY KEY (home, run, part, id)) @table;
