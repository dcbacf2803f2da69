-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE exchange_feed, exchange_batch, exchange_line, exchange_request, exchange_alarm, exchange_sent, exchange_claim,
-- exchange_difference.
-- office/exchange: messages with partners. exchange_feed.next: the sequence that comes next; day: of feed '' the day of the last daily look.
-- exchange_batch: attempt 0 is the one that counts, refused ones of the same sequence are 1, 2, …; state: held, applied, refused; of what goes
-- out waiting, acknowledged, refused. body: sealed by a key of its own, wrapped. exchange_line.state: applied, known, open, noted.
-- exchange_claim: what a side (sent, due, paid, treasury) says of a thing. exchange_difference holds in [since, until).
CREATE TABLE exchange_feed (home @int NOT NULL, feed @text NOT NULL, next @int NOT NULL, since @int NOT NULL, heard_at @int NOT NULL,
  day @int NOT NULL, version @int NOT NULL, PRIMARY KEY (home, feed)) @clustered;
CREATE TABLE exchange_batch (home @int NOT NULL, id @int NOT NULL, feed @text NOT NULL, sequence @int NOT NULL, attempt @int NOT NULL,
  state @text NOT NULL, hash @blob NOT NULL, bytes @int NOT NULL, lines @int NOT NULL, sum_fen @int NOT NULL, code @int NOT NULL,
  place @text NOT NULL, repeated @int NOT NULL, replayed @int NOT NULL, actor @int NOT NULL, at @int NOT NULL, answered_at @int NOT NULL,
  wrapped @blob NOT NULL, body @blob NOT NULL, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX exchange_batch_sequence ON exchange_batch (home, feed, sequence, attempt);
CREATE INDEX exchange_batch_state ON exchange_batch (home, feed, state, sequence);
CREATE TABLE exchange_line (home @int NOT NULL, batch @int NOT NULL, line @int NOT NULL, state @text NOT NULL, reference @text NOT NULL,
  subject_kind @text NOT NULL, subject @int NOT NULL, confidence @int NOT NULL, amount_fen @int NOT NULL, result_kind @text NOT NULL,
  result @int NOT NULL, code @int NOT NULL, PRIMARY KEY (home, batch, line)) @clustered;
CREATE TABLE exchange_request (home @int NOT NULL, feed @text NOT NULL, sequence @int NOT NULL, asked_at @int NOT NULL,
  answered_at @int NOT NULL, PRIMARY KEY (home, feed, sequence)) @clustered;
CREATE TABLE exchange_alarm (home @int NOT NULL, id @int NOT NULL, feed @text NOT NULL, kind @text NOT NULL, sequence @int NOT NULL,
  batch @int NOT NULL, code @int NOT NULL, opened_at @int NOT NULL, closed_at @int NOT NULL, closed_by @int NOT NULL, note @text NOT NULL,
  PRIMARY KEY (home, id)) @table;
CREATE INDEX exchange_alarm_feed ON exchange_alarm (home, feed, closed_at);
CREATE TABLE exchange_sent (home @int NOT NULL, feed @text NOT NULL, subject @int NOT NULL, mark @int NOT NULL, batch @int NOT NULL,
  PRIMARY KEY (home, feed, subject)) @clustered;
CREATE TABLE exchange_claim (home @int NOT NULL, side @text NOT NULL, key @text NOT NULL, employer @int NOT NULL, month @int NOT NULL,
  scheme @text NOT NULL, amount_fen @int NOT NULL, day @int NOT NULL, batch @int NOT NULL, line @int NOT NULL,
  PRIMARY KEY (home, side, key)) @clustered;
CREATE TABLE exchange_difference (home @int NOT NULL, id @int NOT NULL, kind @text NOT NULL, key @text NOT NULL, employer @int NOT NULL,
  month @int NOT NULL, scheme @text NOT NULL, ours_fen @int NOT NULL, theirs_fen @int NOT NULL, since @int NOT NULL, until @int NOT NULL,
  seen @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX exchange_difference_key ON exchange_difference (home, kind, key, until);
CREATE INDEX exchange_difference_until ON exchange_difference (home, until);
