-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE exchange_match.
-- What a partner tells of somebody who may be a person of ours (比对线索). agrees: fields of the matching rule that agree; state: look (somebody must look),
-- tell (the same person, to be told), hearing, stopped, kept, other (somebody else), noted (nothing is paid). told_day 0: not yet.
CREATE TABLE exchange_match (home @int NOT NULL, id @int NOT NULL, feed @text NOT NULL, batch @int NOT NULL, line @int NOT NULL, content @text NOT NULL,
  person @int NOT NULL, confidence @int NOT NULL, agrees @text NOT NULL, event_day @int NOT NULL, until_day @int NOT NULL, state @text NOT NULL,
  hearing_days @int NOT NULL, looked_by @int NOT NULL, looked_at @int NOT NULL, told_by @int NOT NULL, told_day @int NOT NULL, told_means @text NOT NULL,
  told_reference @text NOT NULL, hear_until @int NOT NULL, heard_by @int NOT NULL, heard_at @int NOT NULL, heard @text NOT NULL,
  decided_by @int NOT NULL, decided_at @int NOT NULL, stop_month @int NOT NULL, note @text NOT NULL, at @int NOT NULL, version @int NOT NULL,
  PRIMARY KEY (home, id)) @table;
CREATE INDEX exchange_match_state ON exchange_match (home, state, id);
CREATE INDEX exchange_match_person ON exchange_match (home, person, content);
