-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE application, case_draft, case_paper, case_pause, attachment, case_note, case_archive, and the columns added to
-- process_instance and task.
-- What a case begins with and what is kept in its file. Personal content is sealed: "wrapped" is the key of the row under the master
-- key, "sealed" the content under that key; to erase is to forget the key.
ALTER TABLE process_instance ADD COLUMN application @int NOT NULL DEFAULT 0;
ALTER TABLE process_instance ADD COLUMN paused_at @int NOT NULL DEFAULT 0;
ALTER TABLE process_instance ADD COLUMN pause_reason @text NOT NULL DEFAULT '';
ALTER TABLE process_instance ADD COLUMN archive_number @text NOT NULL DEFAULT '';
ALTER TABLE process_instance ADD COLUMN archived_at @int NOT NULL DEFAULT 0;
-- The state of the case before the task was done, so that its doer can take it back; forgotten when the case is archived.
ALTER TABLE task ADD COLUMN before_state @text;
CREATE TABLE application (home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, process @text NOT NULL, office @int NOT NULL,
  handling_office @int NOT NULL, applicant @text NOT NULL, form @text NOT NULL, wrapped @blob NOT NULL, sealed @blob NOT NULL,
  actor @int NOT NULL, created_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX application_instance ON application (home, instance);
CREATE TABLE case_draft (home @int NOT NULL, id @int NOT NULL, process @text NOT NULL, staff @int NOT NULL, wrapped @blob NOT NULL,
  sealed @blob NOT NULL, updated_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX case_draft_staff ON case_draft (home, staff);
CREATE TABLE case_paper (home @int NOT NULL, instance @int NOT NULL, material @text NOT NULL, state @text NOT NULL, due_day @int NOT NULL,
  attachment @int NOT NULL, asked_at @int NOT NULL, received_at @int NOT NULL, note @text NOT NULL, actor @int NOT NULL,
  PRIMARY KEY (home, instance, material)) @clustered;
CREATE INDEX case_paper_due ON case_paper (state, due_day);
CREATE TABLE case_pause (home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, reason @text NOT NULL, note @text NOT NULL,
  document @text NOT NULL, expected_day @int NOT NULL, paused_at @int NOT NULL, paused_by @int NOT NULL, resumed_at @int NOT NULL,
  resumed_by @int NOT NULL, resume_note @text NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX case_pause_instance ON case_pause (home, instance);
CREATE TABLE attachment (home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, title @text NOT NULL, media_type @text NOT NULL,
  size @int NOT NULL, hash @blob NOT NULL, file_hash @blob NOT NULL, wrapped @blob NOT NULL, actor @int NOT NULL, created_at @int NOT NULL,
  state @text NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX attachment_instance ON attachment (home, instance);
CREATE TABLE case_note (home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, wrapped @blob NOT NULL, sealed @blob NOT NULL,
  actor @int NOT NULL, created_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX case_note_instance ON case_note (home, instance);
CREATE TABLE case_archive (home @int NOT NULL, instance @int NOT NULL, number @text NOT NULL, body @text NOT NULL, hash @blob NOT NULL,
  archived_at @int NOT NULL, PRIMARY KEY (home, instance)) @table;
