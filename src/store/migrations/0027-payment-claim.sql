-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE payment_payee; DROP TABLE payment_claim.
-- office/payment: a one-off amount that is owed to somebody (kind: account.lump_sum, contribution.refund, …) and what it rests on.
-- state: open, listed (in a run), paid, returned, corrected, cancelled. account_fen of account, fund_fen of the ledger account `debit`.
-- posted: txn is the claim's own posting, and taken back with it; else somebody else's that owes the amount already.
-- source_run: the run of a payment that came back and is paid again by this; 0. payee: payment_payee.id; 0 nobody knows yet where to.
CREATE TABLE payment_claim (home @int NOT NULL, id @int NOT NULL, pool @int NOT NULL, kind @text NOT NULL, beneficiary_kind @text NOT NULL,
  beneficiary @int NOT NULL, ref_kind @text NOT NULL, ref @int NOT NULL, source_run @int NOT NULL, instance @int NOT NULL, decision @int NOT NULL,
  amount_fen @int NOT NULL, account_fen @int NOT NULL, fund_fen @int NOT NULL, debit @int NOT NULL, account @int NOT NULL, from_day @int NOT NULL,
  state @text NOT NULL, run @int NOT NULL, payee @int NOT NULL, return_code @text NOT NULL, reason @text NOT NULL, txn @int NOT NULL,
  posted @int NOT NULL, actor @int NOT NULL, at @int NOT NULL, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX payment_claim_pool ON payment_claim (home, pool, state, id);
CREATE INDEX payment_claim_beneficiary ON payment_claim (home, beneficiary_kind, beneficiary);
CREATE INDEX payment_claim_ref ON payment_claim (home, ref_kind, ref);
CREATE INDEX payment_claim_run ON payment_claim (home, run);
CREATE INDEX payment_claim_txn ON payment_claim (home, txn);
-- Where a claim is paid to, sealed with the person's key, or of an employer with a key of the installation. state: proposed, stands, refused.
CREATE TABLE payment_payee (home @int NOT NULL, id @int NOT NULL, claim @int NOT NULL, sealed @blob NOT NULL, state @text NOT NULL, note @text NOT NULL,
  entered_by @int NOT NULL, entered_at @int NOT NULL, checked_by @int NOT NULL, checked_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX payment_payee_claim ON payment_payee (home, claim);
