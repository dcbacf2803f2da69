-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE bulk_plan, bulk_item, booking, ticket, ticket_number, status_lock, joint_application, joint_case, elsewhere.
-- case: bulk approval. A plan lists what a member of staff means to approve together; an item is a task in it.
CREATE TABLE bulk_plan (home @int NOT NULL, id @int NOT NULL, step @text NOT NULL, filter @text NOT NULL, seed @text NOT NULL,
  state @text NOT NULL, staff @int NOT NULL, roles @int NOT NULL, office @int NOT NULL, run @int NOT NULL, created_at @int NOT NULL,
  version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX bulk_plan_staff ON bulk_plan (home, staff);
CREATE TABLE bulk_item (home @int NOT NULL, plan @int NOT NULL, task @int NOT NULL, instance @int NOT NULL, due_day @int NOT NULL,
  accepted_at @int NOT NULL, risk @text NOT NULL, kind @text NOT NULL, reason @text NOT NULL, state @text NOT NULL, opened_at @int NOT NULL,
  amount_fen @int NOT NULL, fault @text, PRIMARY KEY (home, plan, task)) @table;
CREATE INDEX bulk_item_order ON bulk_item (home, plan, state, due_day, accepted_at, task);
-- office/window: booked slots and tickets of the hall. A booking is found by the keyed hash of its code.
CREATE TABLE booking (home @int NOT NULL, id @int NOT NULL, office @int NOT NULL, service @text NOT NULL, day @int NOT NULL, minute @int NOT NULL,
  seat @int NOT NULL, code @blob NOT NULL, state @text NOT NULL, ticket @int NOT NULL, actor @int NOT NULL, created_at @int NOT NULL,
  PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX booking_seat ON booking (home, office, service, day, minute, seat) WHERE state <> 'cancelled';
CREATE INDEX booking_code ON booking (home, code);
CREATE TABLE ticket (home @int NOT NULL, id @int NOT NULL, office @int NOT NULL, day @int NOT NULL, number @int NOT NULL, service @text NOT NULL,
  priority @int NOT NULL, reason @text NOT NULL, state @text NOT NULL, booking @int NOT NULL, counter @text NOT NULL, staff @int NOT NULL,
  calls @int NOT NULL, instance @int NOT NULL, arrived_at @int NOT NULL, called_at @int NOT NULL, started_at @int NOT NULL,
  finished_at @int NOT NULL, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX ticket_day ON ticket (home, office, day, service, number);
CREATE INDEX ticket_waiting ON ticket (home, office, day, state, priority, id);
CREATE TABLE ticket_number (home @int NOT NULL, office @int NOT NULL, day @int NOT NULL, service @text NOT NULL, last @int NOT NULL,
  PRIMARY KEY (home, office, day, service)) @clustered;
-- Wrong codes at the applicant's query, by case; and a case accepted by one office for another.
CREATE TABLE status_lock (home @int NOT NULL, instance @int NOT NULL, failures @int NOT NULL, locked_until @int NOT NULL,
  PRIMARY KEY (home, instance)) @table;
CREATE TABLE joint_application (home @int NOT NULL, id @int NOT NULL, number @text NOT NULL, service @text NOT NULL, office @int NOT NULL,
  actor @int NOT NULL, created_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX joint_application_number ON joint_application (home, number);
CREATE TABLE joint_case (home @int NOT NULL, joint @int NOT NULL, instance @int NOT NULL, process @text NOT NULL,
  PRIMARY KEY (home, joint, instance)) @table;
CREATE INDEX joint_case_instance ON joint_case (home, instance);
CREATE TABLE elsewhere (home @int NOT NULL, instance @int NOT NULL, accepted_office @int NOT NULL, accepted_by @int NOT NULL,
  accepted_at @int NOT NULL, handed_at @int NOT NULL, handed_by @int NOT NULL, receiver @text NOT NULL,
  PRIMARY KEY (home, instance)) @table;
CREATE INDEX elsewhere_office ON elsewhere (home, accepted_office);
