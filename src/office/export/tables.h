/* SPDX-License-Identifier: Apache-2.0
 *
 * What is exported: EXPORT(table, types of the key, types of the columns, names, the next rows after a key). Types:
 * i whole number, t text, b bytes, j JSON of a run (without what chance made), p sealed payload of a person, a sealed account of an employer, y sealed
 * payee of an award, z sealed payee of a one-off payment, k the wrapped key that opens the payload before it (not written itself). LEFT_OUT(table): not
 * exported, on purpose; export.h says why.
 */
EXPORT(setting, "t", "tt", "name value", "SELECT name, value FROM setting WHERE name > ?1@text ORDER BY name LIMIT ?2@int")
EXPORT(pack, "b", "btbii", "hash name parent_hash demonstration stored_at",
       "SELECT hash, name, parent_hash, demonstration, stored_at FROM pack WHERE hash > ?1@blob ORDER BY hash LIMIT ?2@int")
EXPORT(pool, "i", "itttittii", "id code scheme territory home name_zh name_en valid_from valid_to",
       "SELECT id, code, scheme, territory, home, name_zh, name_en, valid_from, valid_to FROM pool WHERE id > ?1@int ORDER BY "
       "id LIMIT ?2@int")
EXPORT(pack_activation, "i", "iibiiiii", "id pool pack_hash valid_from valid_to known_from known_to actor",
       "SELECT id, pool, pack_hash, valid_from, valid_to, known_from, known_to, actor FROM pack_activation WHERE id > ?1@int "
       "ORDER BY id LIMIT ?2@int")
EXPORT(
    office, "i", "itititttiit", "id code parent body level name_zh name_en territory valid_from valid_to body_kind",
    "SELECT id, code, parent, body, level, name_zh, name_en, territory, valid_from, valid_to, body_kind FROM office WHERE id "
    "> ?1@int ORDER BY id LIMIT ?2@int")
EXPORT(staff, "i", "ittitiiiiiiiiitiii",
       "id login display office roles failures person valid_from valid_to version must_change password_at reset_by reset_at "
       "oidc_subject for_person for_employer code_until",
       "SELECT id, login, display, office, roles, failures, person, valid_from, valid_to, version, must_change, password_at, "
       "reset_by, reset_at, oidc_subject, for_person, for_employer, code_until FROM staff "
       "WHERE id > ?1@int ORDER BY id LIMIT ?2@int")
EXPORT(emergency_access, "i", "iiitiiiiitt",
       "id staff office reason begun_at until ended_by reviewed_by reviewed_at verdict note",
       "SELECT id, staff, office, reason, begun_at, until, ended_by, reviewed_by, reviewed_at, verdict, note FROM "
       "emergency_access WHERE id > ?1@int ORDER BY id LIMIT ?2@int")
EXPORT(emergency_use, "ii", "iiitti", "access audit at verb subject_kind subject",
       "SELECT access, audit, at, verb, subject_kind, subject FROM emergency_use WHERE (access, audit) > (?1@int, ?2@int) "
       "ORDER BY access, audit LIMIT ?3@int")
EXPORT(office_change, "i", "iitiittttiii", "id office kind day parent name_zh name_en before note actor at applied_at",
       "SELECT id, office, kind, day, parent, name_zh, name_en, before, note, actor, at, applied_at FROM office_change WHERE "
       "id > ?1@int ORDER BY id LIMIT ?2@int")
EXPORT(post, "iiti", "iitiiii", "staff office role valid_from valid_to appointed_by appointed_at",
       "SELECT staff, office, role, valid_from, valid_to, appointed_by, appointed_at FROM post WHERE (staff, office, role, "
       "valid_from) > (?1@int, ?2@int, ?3@text, ?4@int) ORDER BY staff, office, role, valid_from LIMIT ?5@int")
EXPORT(leave_spell, "i", "iiiittiiii", "id staff valid_from valid_to reason state entered_by entered_at decided_by decided_at",
       "SELECT id, staff, valid_from, valid_to, reason, state, entered_by, entered_at, decided_by, decided_at FROM leave_spell "
       "WHERE id > ?1@int ORDER BY id LIMIT ?2@int")
EXPORT(substitution, "i", "iiitiiii", "id absent substitute role valid_from valid_to entered_by entered_at",
       "SELECT id, absent, substitute, role, valid_from, valid_to, entered_by, entered_at FROM substitution WHERE id > ?1@int "
       "ORDER BY id LIMIT ?2@int")
EXPORT(task_move, "ii", "iiiitiiiitii", "home id task instance kind from_staff to_staff from_office to_office note actor at",
       "SELECT home, id, task, instance, kind, from_staff, to_staff, from_office, to_office, note, actor, at FROM task_move "
       "WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(household_member, "ii", "iiiiiitii", "home id household person valid_from valid_to source actor entered_at",
       "SELECT home, id, household, person, valid_from, valid_to, source, actor, entered_at FROM household_member WHERE (home, "
       "id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(kinship, "ii", "iiiitiitii", "home id person relative kind valid_from valid_to source actor entered_at",
       "SELECT home, id, person, relative, kind, valid_from, valid_to, source, actor, entered_at FROM kinship WHERE (home, id) "
       "> (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(applicant_power, "ii", "iittiittiiiiii",
       "home id kind principal_kind principal person processes document valid_from valid_to actor entered_at ended_by ended_at",
       "SELECT home, id, kind, principal_kind, principal, person, processes, document, valid_from, valid_to, actor, "
       "entered_at, ended_by, ended_at FROM applicant_power WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
LEFT_OUT(staffing_day) /* which day was carried out last says nothing of anybody */
EXPORT(cancellation, "ii", "iititiiiitiiiit",
       "home id subject_kind subject cause event_day instance decision death_set state actor at ended_by ended_at reason",
       "SELECT home, id, subject_kind, subject, cause, event_day, instance, decision, death_set, state, actor, at, ended_by, "
       "ended_at, reason FROM cancellation WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(
    cancellation_work, "iii", "iiii", "home cancellation ended shortened",
    "SELECT home, cancellation, ended, shortened FROM cancellation_work WHERE (home, cancellation, ended) > (?1@int, ?2@int, "
    "?3@int) ORDER BY home, cancellation, ended LIMIT ?4@int")
EXPORT(person, "ii", "iitii", "home id state version created_at",
       "SELECT home, id, state, version, created_at FROM person WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT "
       "?3@int")
EXPORT(person_fact, "ii", "iiiiiitpkiiiit",
       "home id person sex birth_day death_day category sealed valid_from valid_to known_from known_to source",
       "SELECT home, id, person, sex, birth_day, death_day, category, sealed, (SELECT p.key_wrapped FROM person p WHERE p.home "
       "= person_fact.home AND p.id = person_fact.person) AS wrapped, valid_from, valid_to, known_from, known_to, source FROM "
       "person_fact WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(employer, "ii", "iittii", "home id uscc state version created_at",
       "SELECT home, id, uscc, state, version, created_at FROM employer WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id "
       "LIMIT ?3@int")
EXPORT(employer_fact, "ii", "iiittttittaiiiit",
       "home id employer name kind industry territory office contact bank_name bank_account valid_from valid_to known_from "
       "known_to source",
       "SELECT home, id, employer, name, kind, industry, territory, office, contact, bank_name, bank_account, valid_from, "
       "valid_to, known_from, known_to, source FROM employer_fact WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT "
       "?3@int")
EXPORT(employment, "ii", "iiiiitiiiit",
       "home id person employer_home employer category valid_from valid_to known_from known_to source",
       "SELECT home, id, person, employer_home, employer, category, valid_from, valid_to, known_from, known_to, source FROM "
       "employment WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(contribution, "ii", "iiiiititiiiiit",
       "home id person employer_home employer scheme pool kind month_from month_to base_fen known_from known_to source",
       "SELECT home, id, person, employer_home, employer, scheme, pool, kind, month_from, month_to, base_fen, known_from, "
       "known_to, source FROM contribution WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(declaration, "ii", "iiiittiiiiiibiii",
       "home id employer month state channel workers entered_by entered_at approved_by approved_at due_day pack_hash replaces "
       "version adjustment",
       "SELECT home, id, employer, month, state, channel, workers, entered_by, entered_at, approved_by, approved_at, due_day, "
       "pack_hash, replaces, version, adjustment FROM declaration WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(declaration_line, "iiii", "iiiii", "home declaration person_home person wage_fen",
       "SELECT home, declaration, person_home, person, wage_fen FROM declaration_line WHERE (home, declaration, person_home, "
       "person) > (?1@int, ?2@int, ?3@int, ?4@int) ORDER BY home, declaration, person_home, person LIMIT ?5@int")
EXPORT(assessment, "ii", "iiiiitiiiiiiitiiii",
       "home id declaration employer month scheme pool workers base_fen employer_fen person_fen account_fen received_fen state "
       "txn decision version reduced_fen",
       "SELECT home, id, declaration, employer, month, scheme, pool, workers, base_fen, employer_fen, person_fen, account_fen, "
       "received_fen, state, txn, decision, version, reduced_fen FROM assessment WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id "
       "LIMIT ?3@int")
EXPORT(assessment_line, "iiii", "iiiiiiii", "home assessment person_home person base_fen employer_fen person_fen account_fen",
       "SELECT home, assessment, person_home, person, base_fen, employer_fen, person_fen, account_fen FROM assessment_line "
       "WHERE (home, assessment, person_home, person) > (?1@int, ?2@int, ?3@int, ?4@int) ORDER BY home, assessment, "
       "person_home, person LIMIT ?5@int")
EXPORT(receipt, "ii", "iiiiititiiiiii",
       "home id employer amount_fen day bank_ref allocated_fen state txn actor at version adjustment refunded_fen",
       "SELECT home, id, employer, amount_fen, day, bank_ref, allocated_fen, state, txn, actor, at, version, adjustment, "
       "refunded_fen FROM receipt WHERE "
       "(home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(allocation, "ii", "iiiiiii", "home id receipt assessment amount_fen txn at",
       "SELECT home, id, receipt, assessment, amount_fen, txn, at FROM allocation WHERE (home, id) > (?1@int, ?2@int) ORDER BY "
       "home, id LIMIT ?3@int")
EXPORT(adjustment, "ii", "iitiiiitiiiiiiiitii",
       "home id kind employer person month_from month_to settle reverses instance decision supplement_fen reduced_fen excess_fen "
       "refunded_fen account_fen state actor at",
       "SELECT home, id, kind, employer, person, month_from, month_to, settle, reverses, instance, decision, supplement_fen, "
       "reduced_fen, excess_fen, refunded_fen, account_fen, state, actor, at FROM adjustment WHERE (home, id) > (?1@int, ?2@int) "
       "ORDER BY home, id LIMIT ?3@int")
EXPORT(adjustment_line, "iiiiit", "iiiiitiiiiiiiiiii",
       "home adjustment person_home person month scheme pool old_wage_fen old_base_fen old_employer_fen old_person_fen "
       "old_account_fen wage_fen base_fen employer_fen person_fen account_fen",
       "SELECT home, adjustment, person_home, person, month, scheme, pool, old_wage_fen, old_base_fen, old_employer_fen, "
       "old_person_fen, old_account_fen, wage_fen, base_fen, employer_fen, person_fen, account_fen FROM adjustment_line WHERE "
       "(home, adjustment, person_home, person, month, scheme) > (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@text) ORDER BY home, "
       "adjustment, person_home, person, month, scheme LIMIT ?7@int")
EXPORT(adjustment_reduction, "iiiii", "iiiiiiiii",
       "home assessment adjustment person_home person base_fen employer_fen person_fen account_fen",
       "SELECT home, assessment, adjustment, person_home, person, base_fen, employer_fen, person_fen, account_fen FROM "
       "adjustment_reduction WHERE (home, assessment, adjustment, person_home, person) > (?1@int, ?2@int, ?3@int, ?4@int, ?5@int) "
       "ORDER BY home, assessment, adjustment, person_home, person LIMIT ?6@int")
EXPORT(adjustment_refund, "ii", "iiii", "home claim adjustment receipt",
       "SELECT home, claim, adjustment, receipt FROM adjustment_refund WHERE (home, claim) > (?1@int, ?2@int) ORDER BY home, "
       "claim LIMIT ?3@int")
EXPORT(
    arrears_order, "ii", "iiiiiiittitiiii",
    "home id employer instance day principal_fen fee_fen state body body_day body_reference txn actor at version",
    "SELECT home, id, employer, instance, day, principal_fen, fee_fen, state, body, body_day, body_reference, txn, actor, at, "
    "version FROM arrears_order WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(late_fee, "ii", "iiiiiiiiiiitiiii",
       "home id arrears_order assessment employer pool from_day to_day principal_fen fee_fen received_fen state fee_first txn "
       "decision version",
       "SELECT home, id, arrears_order, assessment, employer, pool, from_day, to_day, principal_fen, fee_fen, received_fen, "
       "state, fee_first, txn, decision, version FROM late_fee WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT "
       "?3@int")
EXPORT(late_fee_allocation, "ii", "iiiiiii", "home id receipt late_fee amount_fen txn at",
       "SELECT home, id, receipt, late_fee, amount_fen, txn, at FROM late_fee_allocation WHERE (home, id) > (?1@int, ?2@int) "
       "ORDER BY home, id LIMIT ?3@int")
EXPORT(award, "ii", "iiititiiiiiiiiityiiiiii",
       "home id person scheme pool kind instance decision month_from month_to basic_fen account_fen transition_fen extra_fen "
       "total_fen state payee_sealed entered_by approved_by known_from known_to replaces version",
       "SELECT home, id, person, scheme, pool, kind, instance, decision, month_from, month_to, basic_fen, account_fen, "
       "transition_fen, extra_fen, total_fen, state, payee_sealed, entered_by, approved_by, known_from, known_to, replaces, "
       "version FROM award WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(award_stop, "ii", "iiitiiiii", "home id award reason month_from month_to known_from known_to actor",
       "SELECT home, id, award, reason, month_from, month_to, known_from, known_to, actor FROM award_stop WHERE (home, id) > "
       "(?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(
    payment_run, "ii", "iiiiitbiiiiiiiiiibit",
    "home id pool month sequence state list_hash due_count due_fen stopped_count account_fen fund_fen entered_by "
    "released_by released_at pay_day txn file_hash version kind",
    "SELECT home, id, pool, month, sequence, state, list_hash, due_count, due_fen, stopped_count, account_fen, fund_fen, "
    "entered_by, released_by, released_at, pay_day, txn, file_hash, version, kind FROM payment_run WHERE (home, id) > (?1@int, "
    "?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(
    payment, "iiii", "iiiiittiiiit",
    "home month run award person state reason amount_fen account_fen fund_fen months return_code",
    "SELECT home, month, run, award, person, state, reason, amount_fen, account_fen, fund_fen, months, return_code FROM "
    "payment WHERE (home, month, run, award) > (?1@int, ?2@int, ?3@int, ?4@int) ORDER BY home, month, run, award LIMIT ?5@int")
EXPORT(payment_file, "b", "biittii", "hash home run name media_type size created_at",
       "SELECT hash, home, run, name, media_type, size, created_at FROM payment_file WHERE hash > ?1@blob ORDER BY hash LIMIT "
       "?2@int")
EXPORT(bank_statement, "ii", "iibttiiiii", "home id hash name account opening_fen closing_fen entries actor at",
       "SELECT home, id, hash, name, account, opening_fen, closing_fen, entries, actor, at FROM bank_statement WHERE (home, "
       "id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(bank_entry, "iii", "iiiiittttii", "home statement line amount_fen day reference party state matched_kind matched txn",
       "SELECT home, statement, line, amount_fen, day, reference, party, state, matched_kind, matched, txn FROM bank_entry "
       "WHERE (home, statement, line) > (?1@int, ?2@int, ?3@int) ORDER BY home, statement, line LIMIT ?4@int")
EXPORT(bank_return, "ii", "iiiiiiii", "home statement run part lines total_fen returned returned_fen",
       "SELECT home, statement, run, part, lines, total_fen, returned, returned_fen FROM bank_return WHERE (home, statement) > "
       "(?1@int, ?2@int) ORDER BY home, statement LIMIT ?3@int")
EXPORT(payment_claim, "ii", "iiittitiiiiiiiiiitiittiiiii",
       "home id pool kind beneficiary_kind beneficiary ref_kind ref source_run instance decision amount_fen account_fen "
       "fund_fen debit account from_day state run payee return_code reason txn posted actor at version",
       "SELECT home, id, pool, kind, beneficiary_kind, beneficiary, ref_kind, ref, source_run, instance, decision, amount_fen, "
       "account_fen, fund_fen, debit, account, from_day, state, run, payee, return_code, reason, txn, posted, actor, at, "
       "version FROM payment_claim WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(payment_payee, "ii", "iiizttiiii", "home id claim sealed state note entered_by entered_at checked_by checked_at",
       "SELECT home, id, claim, sealed, state, note, entered_by, entered_at, checked_by, checked_at FROM payment_payee WHERE "
       "(home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(claim_payment, "iii", "iiiitiiiit", "home month run claim state amount_fen account_fen fund_fen payee return_code",
       "SELECT home, month, run, claim, state, amount_fen, account_fen, fund_fen, payee, return_code FROM claim_payment WHERE "
       "(home, run, claim) > (?1@int, ?2@int, ?3@int) ORDER BY home, run, claim LIMIT ?4@int")
EXPORT(ledger_transaction, "iii", "iiiittiiii", "home month id day kind ref_kind ref_id reverses actor at",
       "SELECT home, month, id, day, kind, ref_kind, ref_id, reverses, actor, at FROM ledger_transaction WHERE (home, month, "
       "id) > (?1@int, ?2@int, ?3@int) ORDER BY home, month, id LIMIT ?4@int")
EXPORT(ledger_posting, "iii", "iiiiiiii", "home month id txn pool kind day amount_fen",
       "SELECT home, month, id, txn, pool, kind, day, amount_fen FROM ledger_posting WHERE (home, month, id) > (?1@int, "
       "?2@int, ?3@int) ORDER BY home, month, id LIMIT ?4@int")
EXPORT(ledger_seal, "i", "ii", "home sealed_before",
       "SELECT home, sealed_before FROM ledger_seal WHERE home > ?1@int ORDER BY home LIMIT ?2@int")
EXPORT(ledger_sealed, "iiii", "iiiiiiii", "home pool kind day total_fen balance_fen postings sealed_at",
       "SELECT home, pool, kind, day, total_fen, balance_fen, postings, sealed_at FROM ledger_sealed WHERE (home, pool, kind, "
       "day) > (?1@int, ?2@int, ?3@int, ?4@int) ORDER BY home, pool, kind, day LIMIT ?5@int")
EXPORT(personal_account, "ii", "iiitiii", "home id person scheme pool balance_fen version",
       "SELECT home, id, person, scheme, pool, balance_fen, version FROM personal_account WHERE (home, id) > (?1@int, ?2@int) "
       "ORDER BY home, id LIMIT ?3@int")
EXPORT(personal_entry, "iii", "iiiiitii", "home month id account txn kind amount_fen at",
       "SELECT home, month, id, account, txn, kind, amount_fen, at FROM personal_entry WHERE (home, month, id) > (?1@int, "
       "?2@int, ?3@int) ORDER BY home, month, id LIMIT ?4@int")
EXPORT(decision, "ii", "iiitiittbiittttii",
       "home id person subject_kind subject instance model name pack_hash semantics law_day inputs dependencies result "
       "derivation actor known_from",
       "SELECT home, id, person, subject_kind, subject, instance, model, name, pack_hash, semantics, law_day, inputs, "
       "dependencies, result, derivation, actor, known_from FROM decision WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, "
       "id LIMIT ?3@int")
EXPORT(document, "ii", "iittitittibii",
       "home id number kind person subject_kind subject title media_type size hash actor created_at",
       "SELECT home, id, number, kind, person, subject_kind, subject, title, media_type, size, hash, actor, created_at FROM "
       "document WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(
    process_instance, "ii", "iittbbttiiittiiiitiiiiiitti",
    "home id number process pack_hash model_hash state subject_kind subject office pool variables engine started_by "
    "started_at due_day ended_at incident version parent parent_token parent_sequence application paused_at pause_reason "
    "archive_number archived_at",
    "SELECT home, id, number, process, pack_hash, model_hash, state, subject_kind, subject, office, pool, variables, "
    "engine, started_by, started_at, due_day, ended_at, incident, version, parent, parent_token, parent_sequence, application, "
    "paused_at, pause_reason, archive_number, archived_at FROM case_any WHERE (home, id) > (?1@int, ?2@int) ORDER BY "
    "home, id LIMIT ?3@int")
EXPORT(task, "ii", "iiiitttiitiiiitii",
       "home id instance token process node role office assignee state created_at due_day done_by done_at outcome version "
       "on_behalf_of",
       "SELECT home, id, instance, token, process, node, role, office, assignee, state, created_at, due_day, done_by, done_at, "
       "outcome, version, on_behalf_of FROM task_any WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(step_time, "ittii", "ittiitiiii", "home process node instance task role office done_at waited worked",
       "SELECT home, process, node, instance, task, role, office, done_at, waited, worked FROM step_time WHERE (home, process, "
       "node, "
       "instance, task) > (?1@int, ?2@text, ?3@text, ?4@int, ?5@int) ORDER BY home, process, node, instance, task LIMIT ?6@int")
EXPORT(timer, "ii", "iiiiitii", "home id instance token due_at state sequence working_days",
       "SELECT home, id, instance, token, due_at, state, sequence, working_days FROM timer_any WHERE (home, id) > (?1@int, "
       "?2@int) "
       "ORDER BY home, id LIMIT "
       "?3@int")
EXPORT(effect, "ii", "iiiiitttitti", "home id instance token sequence verb payload state attempts result error created_at",
       "SELECT home, id, instance, token, sequence, verb, payload, state, attempts, result, error, created_at FROM effect_any "
       "WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(message, "ii", "iittttiiiiiiittii",
       "home id kind name message_key body state source target token sequence office pool once error created_at done_at",
       "SELECT home, id, kind, name, message_key, body, state, source, target, token, sequence, office, pool, once, error, "
       "created_at, done_at FROM message WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(schedule, "ii", "iiittiiitt", "home id pool process node first_at next_at begun state error",
       "SELECT home, id, pool, process, node, first_at, next_at, begun, state, error FROM schedule WHERE (home, id) > (?1@int, "
       "?2@int) ORDER BY home, id LIMIT ?3@int")
LEFT_OUT(subscription) /* stands in the states of the cases */
EXPORT(run, "ii", "iittjbtiiitttiiiii",
       "home id kind title inputs pack_hash state total done failed cursor result error created_by created_at started_at "
       "ended_at version",
       "SELECT home, id, kind, title, inputs, pack_hash, state, total, done, failed, cursor, result, error, created_by, "
       "created_at, started_at, ended_at, version FROM run WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(run_fault, "iii", "iiiiti", "home run id line field code",
       "SELECT home, run, id, line, field, code FROM run_fault WHERE (home, run, id) > (?1@int, ?2@int, ?3@int) ORDER BY home, "
       "run, id LIMIT ?4@int")
EXPORT(idempotency, "it", "ittibti", "home key verb actor request_hash response at",
       "SELECT home, key, verb, actor, request_hash, response, at FROM idempotency WHERE (home, key) > (?1@int, ?2@text) ORDER "
       "BY home, key LIMIT ?3@int")
EXPORT(audit_row, "ii", "iiiiittitbi", "home id at actor office verb subject_kind subject body hash seal",
       "SELECT home, id, at, actor, office, verb, subject_kind, subject, body, hash, seal FROM audit_row WHERE (home, id) > "
       "(?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(audit_seal, "ii", "iiiiiibbbbi", "home sequence day first_id last_id row_count root previous head signature sealed_at",
       "SELECT home, sequence, day, first_id, last_id, row_count, root, previous, head, signature, sealed_at FROM audit_seal "
       "WHERE (home, sequence) > (?1@int, ?2@int) ORDER BY home, sequence LIMIT ?3@int")
EXPORT(anchor, "i", "iiitbb", "sequence day at body hash signature",
       "SELECT sequence, day, at, body, hash, signature FROM anchor WHERE sequence > ?1@int ORDER BY sequence LIMIT ?2@int")
LEFT_OUT(table_change) /* as table_digest */
LEFT_OUT(table_digest) /* of the stored bytes, which chance made (seals, wrapped keys) */
EXPORT(pack_draft, "ii", "iitbitiii", "home id title origin owner state version created_at changed_at",
       "SELECT home, id, title, origin, owner, state, version, created_at, changed_at FROM pack_draft WHERE (home, id) > "
       "(?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(
    pack_draft_step, "iii", "iiitbiii", "home draft step path content actor at undone_at",
    "SELECT home, draft, step, path, content, actor, at, undone_at FROM pack_draft_step WHERE (home, draft, step) > (?1@int, "
    "?2@int, ?3@int) ORDER BY home, draft, step LIMIT ?4@int")
EXPORT(outbox, "ii", "iiitttitit", "home id target_home topic message_key body created_at state attempts error",
       "SELECT home, id, target_home, topic, message_key, body, created_at, state, attempts, error FROM outbox WHERE (home, "
       "id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(inbox, "itt", "itti", "home topic message_key received_at",
       "SELECT home, topic, message_key, received_at FROM inbox WHERE (home, topic, message_key) > (?1@int, ?2@text, ?3@text) "
       "ORDER BY home, topic, message_key LIMIT ?4@int")
EXPORT(application, "ii", "iiitiittiit",
       "home id instance process office handling_office applicant form actor created_at channel",
       "SELECT home, id, instance, process, office, handling_office, applicant, form, actor, created_at, channel FROM "
       "application WHERE "
       "(home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(portal_account, "ii", "iitiiitiiiiiiiit",
       "home id kind person employer number document opened_by opened_office opened_at code_by code_at codes closed_by "
       "closed_at reason",
       "SELECT home, id, kind, person, employer, number, document, opened_by, opened_office, opened_at, code_by, code_at, "
       "codes, closed_by, "
       "closed_at, reason FROM portal_account WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(case_draft, "ii", "iitii", "home id process staff updated_at",
       "SELECT home, id, process, staff, updated_at FROM case_draft WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id "
       "LIMIT ?3@int")
EXPORT(case_paper, "iit", "iittiiiiti", "home instance material state due_day attachment asked_at received_at note actor",
       "SELECT home, instance, material, state, due_day, attachment, asked_at, received_at, note, actor FROM case_paper WHERE "
       "(home, instance, material) > (?1@int, ?2@int, ?3@text) ORDER BY home, instance, material LIMIT ?4@int")
EXPORT(case_pause, "ii", "iiitttiiiiit",
       "home id instance reason note document expected_day paused_at paused_by resumed_at resumed_by resume_note",
       "SELECT home, id, instance, reason, note, document, expected_day, paused_at, paused_by, resumed_at, resumed_by, "
       "resume_note FROM case_pause WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(attachment, "ii", "iiittibiit", "home id instance title media_type size hash actor created_at state",
       "SELECT home, id, instance, title, media_type, size, hash, actor, created_at, state FROM attachment WHERE (home, id) > "
       "(?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(case_note, "ii", "iiiii", "home id instance actor created_at",
       "SELECT home, id, instance, actor, created_at FROM case_note WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id "
       "LIMIT ?3@int")
EXPORT(case_archive, "ii", "iittbi", "home instance number body hash archived_at",
       "SELECT home, instance, number, body, hash, archived_at FROM case_archive WHERE (home, instance) > (?1@int, ?2@int) "
       "ORDER BY home, instance LIMIT ?3@int")
EXPORT(bulk_plan, "ii", "iittttiiiiii", "home id step filter seed state staff roles office run created_at version",
       "SELECT home, id, step, filter, seed, state, staff, roles, office, run, created_at, version FROM bulk_plan WHERE (home, "
       "id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(bulk_item, "iii", "iiiiiittttiit",
       "home plan task instance due_day accepted_at risk kind reason state opened_at amount_fen fault",
       "SELECT home, plan, task, instance, due_day, accepted_at, risk, kind, reason, state, opened_at, amount_fen, fault FROM "
       "bulk_item WHERE (home, plan, task) > (?1@int, ?2@int, ?3@int) ORDER BY home, plan, task LIMIT ?4@int")
EXPORT(booking, "ii", "iiitiiibtiii", "home id office service day minute seat code state ticket actor created_at",
       "SELECT home, id, office, service, day, minute, seat, code, state, ticket, actor, created_at FROM booking WHERE (home, "
       "id) > "
       "(?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(ticket, "ii", "iiiiitittitiiiiiiii",
       "home id office day number service priority reason state booking counter staff calls instance arrived_at called_at "
       "started_at finished_at version",
       "SELECT home, id, office, day, number, service, priority, reason, state, booking, counter, staff, calls, instance, "
       "arrived_at, called_at, started_at, finished_at, version FROM ticket WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, "
       "id LIMIT ?3@int")
EXPORT(ticket_number, "iiit", "iiiti", "home office day service last",
       "SELECT home, office, day, service, last FROM ticket_number WHERE (home, office, day, service) > (?1@int, ?2@int, "
       "?3@int, ?4@text) ORDER BY home, office, day, service LIMIT ?5@int")
EXPORT(status_lock, "ii", "iiii", "home instance failures locked_until",
       "SELECT home, instance, failures, locked_until FROM status_lock WHERE (home, instance) > (?1@int, ?2@int) ORDER BY "
       "home, instance LIMIT ?3@int")
EXPORT(joint_application, "ii", "iittiii", "home id number service office actor created_at",
       "SELECT home, id, number, service, office, actor, created_at FROM joint_application WHERE (home, id) > (?1@int, ?2@int) "
       "ORDER BY home, id LIMIT ?3@int")
EXPORT(joint_case, "iii", "iiit", "home joint instance process",
       "SELECT home, joint, instance, process FROM joint_case WHERE (home, joint, instance) > (?1@int, ?2@int, ?3@int) ORDER "
       "BY home, joint, instance LIMIT ?4@int")
EXPORT(elsewhere, "ii", "iiiiiiit", "home instance accepted_office accepted_by accepted_at handed_at handed_by receiver",
       "SELECT home, instance, accepted_office, accepted_by, accepted_at, handed_at, handed_by, receiver FROM elsewhere WHERE "
       "(home, instance) > (?1@int, ?2@int) ORDER BY home, instance LIMIT ?3@int")
EXPORT(letter_number, "iiit", "iiiti", "home year office kind last",
       "SELECT home, year, office, kind, last FROM letter_number WHERE (home, year, office, kind) > (?1@int, ?2@int, ?3@int, "
       "?4@text) ORDER BY home, year, office, kind LIMIT ?5@int")
EXPORT(
    letter_service, "ii", "iiiittiiiii", "home id document instance way reference day actor at served_day consent",
    "SELECT home, id, document, instance, way, reference, day, actor, at, served_day, consent FROM letter_service WHERE (home, "
    "id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(letter, "ii", "iiiittiititibtitittii",
       "home id instance office template lang year sequence number day subject_kind subject hash short key_number code seal "
       "state reason "
       "state_by state_at",
       "SELECT home, id, instance, office, template, lang, year, sequence, number, day, subject_kind, subject, hash, short, "
       "key_number, "
       "code, seal, state, reason, state_by, state_at FROM letter WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT "
       "?3@int")
EXPORT(letter_key, "ii", "iibiiii", "home number public valid_from valid_to actor at",
       "SELECT home, number, public, valid_from, valid_to, actor, at FROM letter_key WHERE (home, number) > (?1@int, ?2@int) "
       "ORDER "
       "BY home, number LIMIT ?3@int")
LEFT_OUT(letter_gate) /* how often the public asked in a minute says nothing of anybody */
EXPORT(seal, "i", "iitttiiittiiii",
       "id office kind name_zh name_en holder valid_from valid_to end_reason note actor at ended_by ended_at",
       "SELECT id, office, kind, name_zh, name_en, holder, valid_from, valid_to, end_reason, note, actor, at, ended_by, "
       "ended_at FROM "
       "seal WHERE id > ?1@int ORDER BY id LIMIT ?2@int")
EXPORT(seal_use, "ii", "iiiiiiii", "home id seal letter instance holder ordered_by at",
       "SELECT home, id, seal, letter, instance, holder, ordered_by, at FROM seal_use WHERE (home, id) > (?1@int, ?2@int) "
       "ORDER BY "
       "home, id LIMIT ?3@int")
LEFT_OUT(id_block)
LEFT_OUT(session)
LEFT_OUT(second_factor) /* keys, made by chance */
LEFT_OUT(recovery_code) /* hashes by the installation's key */
LEFT_OUT(password_past) /* hashes of passwords */
LEFT_OUT(directory)
LEFT_OUT(name_key)
LEFT_OUT(name_key_pending)
EXPORT(record_opening, "ii", "iiiiiititi", "home id person staff office day purpose instance note opened_at",
       "SELECT home, id, person, staff, office, day, purpose, instance, note, opened_at FROM record_opening WHERE (home, id) > "
       "(?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(
    record_alarm, "ii", "iiiiiitittii", "home id opening person staff office rule raised_at state note decided_by decided_at",
    "SELECT home, id, opening, person, staff, office, rule, raised_at, state, note, decided_by, decided_at FROM record_alarm "
    "WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(legal_hold, "ii", "iititiiiiii", "home id subject_kind subject reason valid_from valid_to actor at ended_by ended_at",
       "SELECT home, id, subject_kind, subject, reason, valid_from, valid_to, actor, at, ended_by, ended_at FROM legal_hold "
       "WHERE (home, "
       "id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(roster, "ii", "iiititiiiiiiiiti",
       "home id employer state lines note billed run entered_by entered_at posted_by posted_at reversed_by reversed_at reason "
       "version",
       "SELECT home, id, employer, state, lines, note, billed, run, entered_by, entered_at, posted_by, posted_at, reversed_by, "
       "reversed_at, reason, version FROM roster WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(
    roster_line, "iii", "iiitiiiittiitttii",
    "home roster line act person day month wage_fen category reason employer_fen person_fen notices state fault written "
    "before",
    "SELECT home, roster, line, act, person, day, month, wage_fen, category, reason, employer_fen, person_fen, notices, state, "
    "fault, written, before FROM roster_line WHERE (home, roster, line) > (?1@int, ?2@int, ?3@int) ORDER BY home, roster, "
    "line LIMIT ?4@int")
EXPORT(interest_run, "ii", "iiiitiiiiiit",
       "home id pool year state accounts total_fen entered_by entered_at reversed_by reversed_at reason",
       "SELECT home, id, pool, year, state, accounts, total_fen, entered_by, entered_at, reversed_by, reversed_at, reason FROM "
       "interest_run WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(interest_line, "iii", "iiiittiii", "home run account opening_fen deposits rate interest_fen txn at",
       "SELECT home, run, account, opening_fen, deposits, rate, interest_fen, txn, at FROM interest_line WHERE (home, run, "
       "account) > (?1@int, ?2@int, ?3@int) ORDER BY home, run, account LIMIT ?4@int")
EXPORT(person_merge, "ii", "iiiittiiiiitiit",
       "home id kept gone state reason txn entered_by entered_at decided_by decided_at note undone_by undone_at undo_reason",
       "SELECT home, id, kept, gone, state, reason, txn, entered_by, entered_at, decided_by, decided_at, note, undone_by, "
       "undone_at, undo_reason FROM person_merge WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(person_merge_row, "iiti", "iitii", "home merge kind old new",
       "SELECT home, merge, kind, old, new FROM person_merge_row WHERE (home, merge, kind, old) > (?1@int, ?2@int, ?3@text, "
       "?4@int) ORDER BY home, merge, kind, old LIMIT ?5@int")
EXPORT(exchange_match, "ii", "iitiitiitiitiiiiittiiitiiitii",
       "home id feed batch line content person confidence agrees event_day until_day state hearing_days looked_by looked_at "
       "told_by told_day told_means told_reference hear_until heard_by heard_at heard decided_by decided_at stop_month note at "
       "version",
       "SELECT home, id, feed, batch, line, content, person, confidence, agrees, event_day, until_day, state, hearing_days, "
       "looked_by, looked_at, told_by, told_day, told_means, told_reference, hear_until, heard_by, heard_at, heard, "
       "decided_by, decided_at, stop_month, note, at, version FROM exchange_match WHERE (home, id) > (?1@int, ?2@int) ORDER BY "
       "home, id LIMIT ?3@int")
EXPORT(exchange_feed, "it", "itiiiii", "home feed next since heard_at day version",
       "SELECT home, feed, next, since, heard_at, day, version FROM exchange_feed WHERE (home, feed) > (?1@int, ?2@text) ORDER "
       "BY home, feed LIMIT ?3@int")
EXPORT(exchange_batch, "ii", "iitiitbiiiitiiiiii",
       "home id feed sequence attempt state hash bytes lines sum_fen code place repeated replayed actor at answered_at version",
       "SELECT home, id, feed, sequence, attempt, state, hash, bytes, lines, sum_fen, code, place, repeated, replayed, actor, "
       "at, answered_at, version FROM exchange_batch WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(exchange_line, "iii", "iiitttiiitii",
       "home batch line state reference subject_kind subject confidence amount_fen result_kind result code",
       "SELECT home, batch, line, state, reference, subject_kind, subject, confidence, amount_fen, result_kind, result, code "
       "FROM exchange_line WHERE (home, batch, line) > (?1@int, ?2@int, ?3@int) ORDER BY home, batch, line LIMIT ?4@int")
EXPORT(exchange_request, "iti", "itiii", "home feed sequence asked_at answered_at",
       "SELECT home, feed, sequence, asked_at, answered_at FROM exchange_request WHERE (home, feed, sequence) > (?1@int, "
       "?2@text, ?3@int) ORDER BY home, feed, sequence LIMIT ?4@int")
EXPORT(exchange_alarm, "ii", "iittiiiiiit", "home id feed kind sequence batch code opened_at closed_at closed_by note",
       "SELECT home, id, feed, kind, sequence, batch, code, opened_at, closed_at, closed_by, note FROM exchange_alarm WHERE "
       "(home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
EXPORT(exchange_sent, "iti", "itiii", "home feed subject mark batch",
       "SELECT home, feed, subject, mark, batch FROM exchange_sent WHERE (home, feed, subject) > (?1@int, ?2@text, ?3@int) "
       "ORDER BY home, feed, subject LIMIT ?4@int")
EXPORT(exchange_claim, "itt", "ittiitiiii", "home side key employer month scheme amount_fen day batch line",
       "SELECT home, side, key, employer, month, scheme, amount_fen, day, batch, line FROM exchange_claim WHERE (home, side, "
       "key) > (?1@int, ?2@text, ?3@text) ORDER BY home, side, key LIMIT ?4@int")
EXPORT(exchange_difference, "ii", "iittiitiiiii", "home id kind key employer month scheme ours_fen theirs_fen since until seen",
       "SELECT home, id, kind, key, employer, month, scheme, ours_fen, theirs_fen, since, until, seen FROM exchange_difference "
       "WHERE (home, id) > (?1@int, ?2@int) ORDER BY home, id LIMIT ?3@int")
