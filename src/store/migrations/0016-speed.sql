-- SPDX-License-Identifier: Apache-2.0
-- reverse: make the indices anew as 0001, 0006 and 0007 have them, drop those made here, and make token again out of process_instance.engine.
-- case: where a case stands is in process_instance.engine alone; token held the same again. What is looked for only while it is open, or
-- hardly ever there, is indexed only then: a finished case costs a new one nothing.
DROP TABLE token;
DROP INDEX process_instance_state;
CREATE INDEX process_instance_running ON process_instance (home, process) WHERE state IN ('active', 'incident');
CREATE INDEX process_instance_incident ON process_instance (home, id) WHERE state = 'incident';
DROP INDEX process_instance_parent;
CREATE INDEX process_instance_parent ON process_instance (home, parent) WHERE parent <> 0;
DROP INDEX task_assignee;
CREATE INDEX task_in_hand ON task (assignee) WHERE assignee <> 0 AND state IN ('open', 'held');
DROP INDEX effect_state;
CREATE INDEX effect_open ON effect (home, id) WHERE state = 'open';
-- The trail is read by id, by subject and by seal, never by time alone.
DROP INDEX audit_row_at;
