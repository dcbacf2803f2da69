-- SPDX-License-Identifier: Apache-2.0
-- Copies of the rows of all cases in the state bench.state, bench.copies times, under other ids: what a system that has worked for years
-- holds. The columns are read from the catalogue, so that the copies are whole whatever the tables are.
DO $$
DECLARE
  target text;
  columns text;
  changed text;
  chosen text;
BEGIN
  CREATE TEMPORARY TABLE chosen AS SELECT id FROM process_instance WHERE state = current_setting('bench.state');
  CREATE UNIQUE INDEX ON chosen (id);
  ANALYZE chosen;
  FOR target IN SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name = 'instance' UNION SELECT 'process_instance'
  LOOP
    SELECT string_agg(quote_ident(column_name), ', '),
           string_agg(CASE WHEN column_name IN ('id', 'instance') THEN format('s.%I + k * 1000000000000', column_name)
                           WHEN column_name = 'number' AND data_type = 'text' THEN 's.number || ''-'' || k'
                           WHEN column_name = 'ended_at' AND current_setting('bench.state') = 'done' THEN 's.ended_at - (1 + k % 24) * 2678400000000'
                           WHEN column_name IN ('key', 'message_key') THEN format('s.%I || ''-'' || k', column_name)
                           ELSE format('s.%I', column_name) END, ', ')
      INTO columns, changed FROM information_schema.columns WHERE table_schema = 'public' AND table_name = target;
    chosen := CASE WHEN target = 'process_instance' THEN 'id' ELSE 'instance' END;
    EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM %I s, generate_series(1, %s) k WHERE s.%I IN (SELECT id FROM chosen)',
                   target, columns, changed, target, current_setting('bench.copies'), chosen);
  END LOOP;
END $$;
-- The trail has a row for each change, and the keys of a day are kept.
INSERT INTO audit_row (home, id, at, actor, office, verb, subject_kind, subject, body, hash, seal)
  SELECT home, id + k * 1000000000000, at, actor, office, verb, subject_kind, subject, body, hash, seal
  FROM audit_row, generate_series(1, current_setting('bench.copies')::int) k WHERE id < 1000000000000 AND current_setting('bench.state') = 'done';
VACUUM ANALYZE;
CHECKPOINT;
