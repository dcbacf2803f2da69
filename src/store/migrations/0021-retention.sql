-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE legal_hold.
-- office/privacy: what a court, an inspection or a suit still needs is not erased while the hold lasts. subject_kind: person or case.
CREATE TABLE legal_hold (home @int NOT NULL, id @int NOT NULL, subject_kind @text NOT NULL, subject @int NOT NULL, reason @text NOT NULL,
  valid_from @int NOT NULL, valid_to @int NOT NULL, actor @int NOT NULL, at @int NOT NULL, ended_by @int NOT NULL, ended_at @int NOT NULL,
  PRIMARY KEY (home, id)) @table;
CREATE INDEX legal_hold_subject ON legal_hold (home, subject_kind, subject);
