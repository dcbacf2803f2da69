-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE person_merge, person_merge_row; DROP INDEX person_fact_born.
-- Two records that may be one person (重复参保登记): `gone` goes into `kept`. state: proposed, merged, refused, undone; distinct: they were
-- looked at and are two people. txn: what moved the balances of the personal accounts, 0 none.
CREATE TABLE person_merge (home @int NOT NULL, id @int NOT NULL, kept @int NOT NULL, gone @int NOT NULL, state @text NOT NULL, reason @text NOT NULL,
  txn @int NOT NULL, entered_by @int NOT NULL, entered_at @int NOT NULL, decided_by @int NOT NULL, decided_at @int NOT NULL, note @text NOT NULL,
  undone_by @int NOT NULL, undone_at @int NOT NULL, undo_reason @text NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX person_merge_kept ON person_merge (home, kept);
CREATE INDEX person_merge_gone ON person_merge (home, gone);
-- Rows that a merge moved: the one that was believed of `gone`, and the one that is believed of `kept` in its place (0: kept knew it already). kinship
-- and household rows keep their id and change their person.
CREATE TABLE person_merge_row (home @int NOT NULL, merge @int NOT NULL, kind @text NOT NULL, old @int NOT NULL, new @int NOT NULL,
  PRIMARY KEY (home, merge, kind, old)) @clustered;
CREATE INDEX person_fact_born ON person_fact (home, birth_day, sex);
