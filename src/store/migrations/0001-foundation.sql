-- SPDX-License-Identifier: Apache-2.0
-- reverse: drop the database; there is nothing before it.
-- The tables of the slice. Keys are (home, id); days are day numbers, months year*12+month-1, instants
-- microseconds UTC, money fen; intervals half open, no end = 9999-12-31 (2932896 / 253402214400000000).
-- valid_*: true from/to (day or month); known_*: believed from/to (instant). Each section names its owner.

-- store -------------------------------------------------------------------------------------------------
CREATE TABLE id_block (home @int NOT NULL, next_id @int NOT NULL, PRIMARY KEY (home)) @table;
CREATE TABLE setting (name @text NOT NULL, value @text NOT NULL, PRIMARY KEY (name)) @table;
CREATE TABLE outbox (home @int NOT NULL, id @int NOT NULL, target_home @int NOT NULL, topic @text NOT NULL,
  message_key @text NOT NULL, body @text NOT NULL, created_at @int NOT NULL, state @text NOT NULL,
  lease_owner @text, lease_until @int NOT NULL, attempts @int NOT NULL, error @text, PRIMARY KEY (home, id)) @table;
CREATE INDEX outbox_state ON outbox (state, lease_until);
CREATE TABLE inbox (home @int NOT NULL, topic @text NOT NULL, message_key @text NOT NULL, received_at @int NOT NULL,
  PRIMARY KEY (home, topic, message_key)) @table;

-- case: packs, activation ---------------------------------------------------------------------------------
CREATE TABLE pack (hash @blob NOT NULL, name @text NOT NULL, parent_hash @blob, demonstration @int NOT NULL,
  archive @blob NOT NULL, stored_at @int NOT NULL, PRIMARY KEY (hash)) @table;
CREATE TABLE pool (id @int NOT NULL, code @text NOT NULL, scheme @text NOT NULL, territory @text NOT NULL, home @int NOT NULL,
  name_zh @text NOT NULL, name_en @text NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL,
  PRIMARY KEY (id)) @table;
CREATE UNIQUE INDEX pool_code ON pool (code, valid_from);
CREATE TABLE pack_activation (id @int NOT NULL, pool @int NOT NULL, pack_hash @blob NOT NULL, valid_from @int NOT NULL,
  valid_to @int NOT NULL, known_from @int NOT NULL, known_to @int NOT NULL, actor @int NOT NULL, PRIMARY KEY (id)) @table;
CREATE INDEX pack_activation_pool ON pack_activation (pool, valid_from);

-- case: idempotency, decisions, documents, audit trail ----------------------------------------------------
CREATE TABLE idempotency (home @int NOT NULL, key @text NOT NULL, verb @text NOT NULL, actor @int NOT NULL, request_hash @blob NOT NULL,
  response @text NOT NULL, at @int NOT NULL, PRIMARY KEY (home, key)) @table;
CREATE TABLE decision (home @int NOT NULL, id @int NOT NULL, person @int NOT NULL, subject_kind @text NOT NULL,
  subject @int NOT NULL, instance @int NOT NULL, model @text NOT NULL, name @text NOT NULL, pack_hash @blob NOT NULL,
  semantics @int NOT NULL, law_day @int NOT NULL, inputs @text NOT NULL, dependencies @text NOT NULL, result @text NOT NULL,
  derivation @text NOT NULL, actor @int NOT NULL, known_from @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX decision_person ON decision (home, person);
CREATE TABLE document (home @int NOT NULL, id @int NOT NULL, number @text NOT NULL, kind @text NOT NULL, person @int NOT NULL, subject_kind @text NOT NULL,
  subject @int NOT NULL, title @text NOT NULL, media_type @text NOT NULL, size @int NOT NULL, hash @blob NOT NULL, body @blob NOT NULL,
  actor @int NOT NULL, created_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX document_subject ON document (home, subject_kind, subject);
CREATE TABLE audit_row (home @int NOT NULL, id @int NOT NULL, at @int NOT NULL, actor @int NOT NULL, office @int NOT NULL, verb @text NOT NULL,
  subject_kind @text NOT NULL, subject @int NOT NULL, body @text NOT NULL, hash @blob NOT NULL, seal @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX audit_row_seal ON audit_row (home, seal);
CREATE INDEX audit_row_at ON audit_row (home, at);
CREATE TABLE audit_seal (home @int NOT NULL, sequence @int NOT NULL, day @int NOT NULL, first_id @int NOT NULL, last_id @int NOT NULL,
  row_count @int NOT NULL, root @blob NOT NULL, previous @blob NOT NULL, head @blob NOT NULL, signature @blob NOT NULL, sealed_at @int NOT NULL,
  PRIMARY KEY (home, sequence)) @table;

-- case: process instances, tokens, tasks, timers, effects --------------------------------------------------
CREATE TABLE process_instance (home @int NOT NULL, id @int NOT NULL, number @text NOT NULL, process @text NOT NULL, pack_hash @blob NOT NULL,
  model_hash @blob NOT NULL, state @text NOT NULL, subject_kind @text NOT NULL, subject @int NOT NULL, office @int NOT NULL, pool @int NOT NULL,
  variables @text NOT NULL, engine @text NOT NULL, started_by @int NOT NULL, started_at @int NOT NULL, due_day @int NOT NULL, ended_at @int NOT NULL,
  incident @text, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX process_instance_subject ON process_instance (home, subject_kind, subject);
CREATE INDEX process_instance_state ON process_instance (state, due_day);
CREATE TABLE token (home @int NOT NULL, instance @int NOT NULL, token @int NOT NULL, node @text NOT NULL, state @text NOT NULL,
  PRIMARY KEY (home, instance, token)) @table;
CREATE TABLE task (home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, token @int NOT NULL, process @text NOT NULL, node @text NOT NULL,
  role @text NOT NULL, office @int NOT NULL, assignee @int NOT NULL, state @text NOT NULL, created_at @int NOT NULL, due_day @int NOT NULL,
  done_by @int NOT NULL, done_at @int NOT NULL, outcome @text, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX task_open ON task (office, state, role, due_day);
CREATE INDEX task_instance ON task (home, instance);
CREATE TABLE timer (home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, token @int NOT NULL, due_at @int NOT NULL, state @text NOT NULL,
  lease_owner @text, lease_until @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX timer_due ON timer (state, due_at);
CREATE TABLE effect (home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, token @int NOT NULL, sequence @int NOT NULL, verb @text NOT NULL,
  payload @text NOT NULL, state @text NOT NULL, lease_owner @text, lease_until @int NOT NULL, attempts @int NOT NULL, result @text, error @text,
  created_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX effect_once ON effect (home, instance, token, sequence);
CREATE INDEX effect_state ON effect (state, lease_until);

-- case: runs -----------------------------------------------------------------------------------------------
CREATE TABLE run (home @int NOT NULL, id @int NOT NULL, kind @text NOT NULL, title @text NOT NULL, inputs @text NOT NULL, pack_hash @blob NOT NULL,
  state @text NOT NULL, total @int NOT NULL, done @int NOT NULL, failed @int NOT NULL, cursor @text NOT NULL, result @text, error @text,
  created_by @int NOT NULL, created_at @int NOT NULL, started_at @int NOT NULL, ended_at @int NOT NULL, lease_owner @text, lease_until @int NOT NULL,
  version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX run_state ON run (state, lease_until);
CREATE TABLE run_fault (home @int NOT NULL, run @int NOT NULL, id @int NOT NULL, line @int NOT NULL, field @text NOT NULL, code @int NOT NULL,
  args @text NOT NULL, record @text NOT NULL, PRIMARY KEY (home, run, id)) @table;

-- ledger ---------------------------------------------------------------------------------------------------
CREATE TABLE ledger_transaction (home @int NOT NULL, month @int NOT NULL, id @int NOT NULL, day @int NOT NULL, kind @text NOT NULL,
  ref_kind @text NOT NULL, ref_id @int NOT NULL, reverses @int NOT NULL, actor @int NOT NULL, at @int NOT NULL, PRIMARY KEY (home, month, id)) @table;
CREATE INDEX ledger_transaction_ref ON ledger_transaction (home, ref_kind, ref_id);
CREATE INDEX ledger_transaction_id ON ledger_transaction (home, id);
CREATE UNIQUE INDEX ledger_transaction_reverses ON ledger_transaction (home, reverses) WHERE reverses <> 0;
CREATE TABLE ledger_posting (home @int NOT NULL, month @int NOT NULL, id @int NOT NULL, txn @int NOT NULL, pool @int NOT NULL, kind @int NOT NULL,
  day @int NOT NULL, amount_fen @int NOT NULL, PRIMARY KEY (home, month, id)) @table;
CREATE INDEX ledger_posting_account ON ledger_posting (home, pool, kind, day);
CREATE INDEX ledger_posting_txn ON ledger_posting (home, txn);
-- Days before sealed_before are sealed: nothing is posted to them.
CREATE TABLE ledger_seal (home @int NOT NULL, sealed_before @int NOT NULL, PRIMARY KEY (home)) @table;
CREATE TABLE ledger_sealed (home @int NOT NULL, pool @int NOT NULL, kind @int NOT NULL, day @int NOT NULL, total_fen @int NOT NULL,
  balance_fen @int NOT NULL, postings @int NOT NULL, sealed_at @int NOT NULL, PRIMARY KEY (home, pool, kind, day)) @table;
CREATE TABLE personal_account (home @int NOT NULL, id @int NOT NULL, person @int NOT NULL, scheme @text NOT NULL, pool @int NOT NULL,
  balance_fen @int NOT NULL, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX personal_account_owner ON personal_account (home, person, scheme, pool);
CREATE TABLE personal_entry (home @int NOT NULL, month @int NOT NULL, id @int NOT NULL, account @int NOT NULL, txn @int NOT NULL,
  kind @text NOT NULL, amount_fen @int NOT NULL, at @int NOT NULL, PRIMARY KEY (home, month, id)) @table;
CREATE INDEX personal_entry_account ON personal_entry (home, account);
CREATE INDEX personal_entry_txn ON personal_entry (home, txn);

-- office: offices, staff, sessions --------------------------------------------------------------------------
CREATE TABLE office (id @int NOT NULL, code @text NOT NULL, parent @int NOT NULL, body @text NOT NULL, level @int NOT NULL, name_zh @text NOT NULL,
  name_en @text NOT NULL, territory @text NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL, PRIMARY KEY (id)) @table;
CREATE TABLE staff (id @int NOT NULL, login @text NOT NULL, display @text NOT NULL, office @int NOT NULL, roles @text NOT NULL, password @text NOT NULL,
  failures @int NOT NULL, locked_until @int NOT NULL, person @int NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL, version @int NOT NULL,
  PRIMARY KEY (id)) @table;
CREATE UNIQUE INDEX staff_login ON staff (login);
CREATE TABLE session (token_hash @blob NOT NULL, staff @int NOT NULL, created_at @int NOT NULL, seen_at @int NOT NULL, expires_at @int NOT NULL,
  csrf @text NOT NULL, PRIMARY KEY (token_hash)) @table;
CREATE INDEX session_staff ON session (staff);

-- office/registry -------------------------------------------------------------------------------------------
-- The payload (name, identity number, telephone, address, bank account) is sealed with the person's key.
CREATE TABLE person (home @int NOT NULL, id @int NOT NULL, state @text NOT NULL, key_wrapped @blob NOT NULL, version @int NOT NULL,
  created_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE TABLE person_fact (home @int NOT NULL, id @int NOT NULL, person @int NOT NULL, sex @int NOT NULL, birth_day @int NOT NULL,
  death_day @int NOT NULL, category @text NOT NULL, sealed @blob NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL,
  known_from @int NOT NULL, known_to @int NOT NULL, source @text NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX person_fact_person ON person_fact (home, person);
CREATE TABLE directory (id_index @blob NOT NULL, home @int NOT NULL, person @int NOT NULL, PRIMARY KEY (id_index)) @clustered;
CREATE TABLE name_key (key @int NOT NULL, home @int NOT NULL, subject_kind @int NOT NULL, subject @int NOT NULL,
  PRIMARY KEY (key, home, subject_kind, subject)) @clustered;
CREATE TABLE employer (home @int NOT NULL, id @int NOT NULL, uscc @text NOT NULL, state @text NOT NULL, version @int NOT NULL, created_at @int NOT NULL,
  PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX employer_uscc ON employer (uscc);
CREATE TABLE employer_fact (home @int NOT NULL, id @int NOT NULL, employer @int NOT NULL, name @text NOT NULL, kind @text NOT NULL, industry @text NOT NULL,
  territory @text NOT NULL, office @int NOT NULL, contact @text NOT NULL, bank_name @text NOT NULL, bank_account @text NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL,
  known_from @int NOT NULL, known_to @int NOT NULL, source @text NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX employer_fact_employer ON employer_fact (home, employer);
CREATE TABLE employment (home @int NOT NULL, id @int NOT NULL, person @int NOT NULL, employer_home @int NOT NULL, employer @int NOT NULL,
  category @text NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL, known_from @int NOT NULL, known_to @int NOT NULL, source @text NOT NULL,
  PRIMARY KEY (home, id)) @table;
CREATE INDEX employment_person ON employment (home, person);
CREATE INDEX employment_employer ON employment (employer_home, employer, valid_from);

-- office/contribution ------------------------------------------------------------------------------------------
-- A run of equal bases per person, employer and scheme: months [month_from, month_to). kind: paid, deemed.
CREATE TABLE contribution (home @int NOT NULL, id @int NOT NULL, person @int NOT NULL, employer_home @int NOT NULL, employer @int NOT NULL,
  scheme @text NOT NULL, pool @int NOT NULL, kind @text NOT NULL, month_from @int NOT NULL, month_to @int NOT NULL, base_fen @int NOT NULL,
  known_from @int NOT NULL, known_to @int NOT NULL, source @text NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX contribution_person ON contribution (home, person, scheme, month_from);
CREATE TABLE declaration (home @int NOT NULL, id @int NOT NULL, employer @int NOT NULL, month @int NOT NULL, state @text NOT NULL, channel @text NOT NULL,
  workers @int NOT NULL, entered_by @int NOT NULL, entered_at @int NOT NULL, approved_by @int NOT NULL, approved_at @int NOT NULL, due_day @int NOT NULL,
  pack_hash @blob NOT NULL, replaces @int NOT NULL, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX declaration_employer ON declaration (home, employer, month);
CREATE TABLE declaration_line (home @int NOT NULL, declaration @int NOT NULL, person_home @int NOT NULL, person @int NOT NULL, wage_fen @int NOT NULL,
  PRIMARY KEY (home, declaration, person_home, person)) @clustered;
CREATE TABLE assessment (home @int NOT NULL, id @int NOT NULL, declaration @int NOT NULL, employer @int NOT NULL, month @int NOT NULL, scheme @text NOT NULL,
  pool @int NOT NULL, workers @int NOT NULL, base_fen @int NOT NULL, employer_fen @int NOT NULL, person_fen @int NOT NULL, account_fen @int NOT NULL,
  received_fen @int NOT NULL, state @text NOT NULL, txn @int NOT NULL, decision @int NOT NULL, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX assessment_declaration ON assessment (home, declaration);
CREATE INDEX assessment_open ON assessment (home, employer, state, month);
CREATE TABLE assessment_line (home @int NOT NULL, assessment @int NOT NULL, person_home @int NOT NULL, person @int NOT NULL, base_fen @int NOT NULL,
  employer_fen @int NOT NULL, person_fen @int NOT NULL, account_fen @int NOT NULL, PRIMARY KEY (home, assessment, person_home, person)) @clustered;
CREATE TABLE receipt (home @int NOT NULL, id @int NOT NULL, employer @int NOT NULL, amount_fen @int NOT NULL, day @int NOT NULL, bank_ref @text NOT NULL,
  allocated_fen @int NOT NULL, state @text NOT NULL, txn @int NOT NULL, actor @int NOT NULL, at @int NOT NULL, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX receipt_bank_ref ON receipt (home, bank_ref);
CREATE TABLE allocation (home @int NOT NULL, id @int NOT NULL, receipt @int NOT NULL, assessment @int NOT NULL, amount_fen @int NOT NULL, txn @int NOT NULL,
  at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX allocation_assessment ON allocation (home, assessment);
CREATE INDEX allocation_receipt ON allocation (home, receipt);

-- office/pension ---------------------------------------------------------------------------------------------
CREATE TABLE award (home @int NOT NULL, id @int NOT NULL, person @int NOT NULL, scheme @text NOT NULL, pool @int NOT NULL, kind @text NOT NULL,
  instance @int NOT NULL, decision @int NOT NULL, month_from @int NOT NULL, month_to @int NOT NULL, basic_fen @int NOT NULL, account_fen @int NOT NULL,
  transition_fen @int NOT NULL, extra_fen @int NOT NULL, total_fen @int NOT NULL, state @text NOT NULL, payee_sealed @blob NOT NULL, entered_by @int NOT NULL,
  approved_by @int NOT NULL, known_from @int NOT NULL, known_to @int NOT NULL, replaces @int NOT NULL, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX award_person ON award (home, person);
CREATE INDEX award_pool ON award (home, pool, state, id);
-- Why an award is not paid for some months: death, verification overdue, prison, request, ….
CREATE TABLE award_stop (home @int NOT NULL, id @int NOT NULL, award @int NOT NULL, reason @text NOT NULL, month_from @int NOT NULL, month_to @int NOT NULL,
  known_from @int NOT NULL, known_to @int NOT NULL, actor @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX award_stop_award ON award_stop (home, award);

-- office/payment -----------------------------------------------------------------------------------------------
-- A payment run is a run of kind 'payment' with the same id. States: freezing, frozen, computed, released, filed, settled, cancelled.
CREATE TABLE payment_run (home @int NOT NULL, id @int NOT NULL, pool @int NOT NULL, month @int NOT NULL, sequence @int NOT NULL, state @text NOT NULL,
  list_hash @blob NOT NULL, due_count @int NOT NULL, due_fen @int NOT NULL, stopped_count @int NOT NULL, account_fen @int NOT NULL, fund_fen @int NOT NULL,
  entered_by @int NOT NULL, released_by @int NOT NULL, released_at @int NOT NULL, pay_day @int NOT NULL, txn @int NOT NULL, file_hash @blob NOT NULL,
  version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX payment_run_month ON payment_run (home, pool, month, sequence);
CREATE TABLE payment (home @int NOT NULL, month @int NOT NULL, run @int NOT NULL, award @int NOT NULL, person @int NOT NULL, state @text NOT NULL,
  reason @text NOT NULL, amount_fen @int NOT NULL, account_fen @int NOT NULL, fund_fen @int NOT NULL, months @int NOT NULL, return_code @text NOT NULL,
  PRIMARY KEY (home, month, run, award)) @clustered;
CREATE TABLE payment_file (hash @blob NOT NULL, home @int NOT NULL, run @int NOT NULL, name @text NOT NULL, media_type @text NOT NULL, size @int NOT NULL,
  created_at @int NOT NULL, PRIMARY KEY (hash)) @table;
CREATE TABLE bank_statement (home @int NOT NULL, id @int NOT NULL, hash @blob NOT NULL, name @text NOT NULL, account @text NOT NULL, opening_fen @int NOT NULL,
  closing_fen @int NOT NULL, entries @int NOT NULL, actor @int NOT NULL, at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX bank_statement_hash ON bank_statement (home, hash);
CREATE TABLE bank_entry (home @int NOT NULL, statement @int NOT NULL, line @int NOT NULL, amount_fen @int NOT NULL, day @int NOT NULL, reference @text NOT NULL,
  party @text NOT NULL, state @text NOT NULL, matched_kind @text NOT NULL, matched @int NOT NULL, txn @int NOT NULL, PRIMARY KEY (home, statement, line)) @clustered;
