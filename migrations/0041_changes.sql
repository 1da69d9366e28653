-- What has changed of what a caller may see: its own part of the ledger, and nobody else's.

CREATE INDEX ledger_batch_indexed_at_idx ON ledger_batch (indexed_at);

CREATE TYPE told_entry AS (index bigint, leaf_hash bytea, leaf bytea);
COMMENT ON TYPE told_entry IS 'An entry of which a reader sees some lines.';
COMMENT ON COLUMN told_entry.index IS 'Its place.';
COMMENT ON COLUMN told_entry.leaf_hash IS 'The leaf of the tree.';
COMMENT ON COLUMN told_entry.leaf IS 'Its bytes, with lines of others too.';

-- Plans that were made while the log was empty would read all of it.
CREATE FUNCTION changes_of_caller(
    agency text, cursor_index bigint, from_index bigint, since timestamptz, entries_max integer, bytes_max integer,
    OUT tree_size bigint, OUT last_hash bytea, OUT cursor_hash bytea, OUT entries told_entry[], OUT more boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    first_index bigint;
    -- Nobody else's: who was not let in sees nothing.
    me text := CASE WHEN agency = caller() THEN agency END;
BEGIN
    SELECT b.tree_size INTO STRICT tree_size FROM ledger_batch b ORDER BY b.tree_size DESC LIMIT 1;
    SELECT i.leaf_hash INTO last_hash FROM ledger_index i WHERE i.index = tree_size - 1;
    SELECT i.leaf_hash INTO cursor_hash FROM ledger_index i WHERE i.index = cursor_index;
    first_index := from_index;
    IF first_index IS NULL AND since IS NOT NULL THEN
        SELECT b.first_index INTO first_index FROM ledger_batch b
         WHERE b.indexed_at >= since AND b.first_index IS NOT NULL ORDER BY b.indexed_at, b.tree_size LIMIT 1;
        first_index := coalesce(first_index, tree_size);
    END IF;
    first_index := coalesce(first_index, 0);
    SELECT coalesce(array_agg((w.index, w.leaf_hash, w.leaf)::told_entry ORDER BY w.index) FILTER (WHERE w.fits), '{}'),
           coalesce(bool_or(NOT w.fits), false)
      INTO entries, more
      FROM (SELECT f.index, i.leaf_hash, e.leaf,
                   row_number() OVER up <= entries_max
                       AND sum(octet_length(e.leaf)) OVER up - octet_length(e.leaf) < bytes_max AS fits
              FROM (SELECT s.index
                      FROM ((SELECT o.index FROM ledger_feed o
                              WHERE o.reader = me AND o.index >= first_index
                              ORDER BY o.index LIMIT entries_max + 1)
                            UNION
                            (SELECT a.index FROM ledger_feed a
                              WHERE a.reader = '*' AND me IS NOT NULL AND a.index >= first_index
                              ORDER BY a.index LIMIT entries_max + 1)) AS s
                     ORDER BY s.index LIMIT entries_max + 1) AS f
              JOIN ledger_index i ON i.index = f.index
              JOIN ledger_entry e ON e.id = i.entry
            WINDOW up AS (ORDER BY f.index)) AS w;
END
$$;
COMMENT ON FUNCTION changes_of_caller IS 'The entries from a place on (or since a time, or from the first), of which the caller''s agency, or everybody, sees some lines; how large the tree is, and the leaves of its last entry and of the cursor''s. More: there are further ones.';
REVOKE EXECUTE ON FUNCTION changes_of_caller FROM PUBLIC;
GRANT EXECUTE ON FUNCTION changes_of_caller TO gerbang_gateway;
