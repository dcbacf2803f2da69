-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE record_opening, record_alarm.
-- case/opening: who opened the record of a person on a day, and why. Rows are added and never changed; each is a row of the audit trail too.
CREATE TABLE record_opening (home @int NOT NULL, id @int NOT NULL, person @int NOT NULL, staff @int NOT NULL, office @int NOT NULL,
  day @int NOT NULL, purpose @text NOT NULL, instance @int NOT NULL, note @text NOT NULL, opened_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX record_opening_person ON record_opening (home, person, day);
CREATE INDEX record_opening_staff ON record_opening (home, staff, day);
-- office/privacy: openings that look like curiosity, and what an auditor found. state: open, justified, misuse.
CREATE TABLE record_alarm (home @int NOT NULL, id @int NOT NULL, opening @int NOT NULL, person @int NOT NULL, staff @int NOT NULL,
  office @int NOT NULL, rule @text NOT NULL, raised_at @int NOT NULL, state @text NOT NULL, note @text NOT NULL, decided_by @int NOT NULL,
  decided_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX record_alarm_state ON record_alarm (home, state, id);
