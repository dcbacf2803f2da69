-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE letter, letter_key, letter_gate, seal, seal_use; ALTER TABLE letter_service DROP COLUMN served_day, consent.
-- office/letter: each letter as it was issued, one row a language, under the id of its document. What it says is sealed with a key of
-- the row; hash is of what it says; code is what its QR code holds; short is printed for who has no camera.
CREATE TABLE letter (home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, office @int NOT NULL, template @text NOT NULL,
  lang @text NOT NULL, year @int NOT NULL, sequence @int NOT NULL, number @text NOT NULL, day @int NOT NULL, subject_kind @text NOT NULL,
  subject @int NOT NULL, hash @blob NOT NULL, short @text NOT NULL, key_number @int NOT NULL, code @text NOT NULL, wrapped @blob NOT NULL,
  sealed @blob NOT NULL, seal @int NOT NULL, state @text NOT NULL, reason @text NOT NULL, state_by @int NOT NULL, state_at @int NOT NULL,
  PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX letter_order ON letter (home, year, office, template, sequence, lang);
CREATE INDEX letter_instance ON letter (home, instance);
CREATE INDEX letter_subject ON letter (home, subject_kind, subject);
CREATE INDEX letter_written ON letter (home, number);
CREATE INDEX letter_short ON letter (home, short);
-- Keys that sign letters, each for its days; the secret half is derived from the key file and never stored.
CREATE TABLE letter_key (home @int NOT NULL, number @int NOT NULL, public @blob NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL,
  actor @int NOT NULL, at @int NOT NULL, PRIMARY KEY (home, number)) @table;
-- How often the public asked in this minute.
CREATE TABLE letter_gate (home @int NOT NULL, minute @int NOT NULL, asked @int NOT NULL, PRIMARY KEY (home)) @table;
CREATE TABLE seal (id @int NOT NULL, office @int NOT NULL, kind @text NOT NULL, name_zh @text NOT NULL, name_en @text NOT NULL,
  holder @int NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL, end_reason @text NOT NULL, note @text NOT NULL, actor @int NOT NULL,
  at @int NOT NULL, ended_by @int NOT NULL, ended_at @int NOT NULL, PRIMARY KEY (id)) @table;
CREATE INDEX seal_office ON seal (office, kind);
CREATE TABLE seal_use (home @int NOT NULL, id @int NOT NULL, seal @int NOT NULL, letter @int NOT NULL, instance @int NOT NULL,
  holder @int NOT NULL, ordered_by @int NOT NULL, at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX seal_use_seal ON seal_use (home, seal, id);
-- The day from which a letter counts as served; 0: not proven yet.
ALTER TABLE letter_service ADD COLUMN served_day @int NOT NULL DEFAULT 0;
ALTER TABLE letter_service ADD COLUMN consent @int NOT NULL DEFAULT 0;
UPDATE letter_service SET served_day = day;
