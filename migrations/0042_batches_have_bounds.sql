-- A batch of the sequencer takes so many entries at most, and leaves the others to the next one: what it reads is bounded, and
-- nothing that others wait for is written before the last statement. What is left is found again by the older snapshot, which such a
-- batch keeps. Under another name: a sequencer of before, which reads all and writes in parts, finds nothing more.
DROP FUNCTION ledger_without_place();
CREATE FUNCTION ledger_next_batch(
    entries_max integer, bytes_max bigint,
    OUT tree_size bigint, OUT frontier bytea, OUT snapshot text, OUT cluster bigint, OUT entries uuid[], OUT more boolean
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    last ledger_batch;
    before xid8;
BEGIN
    SELECT b.* INTO STRICT last FROM ledger_batch b ORDER BY b.tree_size DESC LIMIT 1;
    SELECT s.system_identifier INTO STRICT cluster FROM pg_control_system() AS s;
    tree_size := last.tree_size;
    frontier := last.frontier;
    snapshot := pg_current_snapshot()::text;
    before := pg_snapshot_xmax(pg_current_snapshot());
    -- Some that the last batch could not see, or left, have places: entries that came from another cluster may have numbers of
    -- today's transactions.
    IF cluster = last.cluster AND before >= pg_snapshot_xmax(last.snapshot) THEN
        SELECT coalesce(array_agg(f.id ORDER BY f.append_no) FILTER (WHERE f.fits), '{}'), coalesce(bool_or(NOT f.fits), false)
          INTO entries, more
          FROM (SELECT u.id, u.append_no,
                       row_number() OVER up <= entries_max
                           AND (row_number() OVER up = 1 OR sum(u.size) OVER up <= bytes_max) AS fits
                  FROM (SELECT x.id, x.append_no, x.size
                          FROM (SELECT n.id, n.append_no, octet_length(n.leaf) AS size FROM ledger_entry n
                                 WHERE n.xid >= pg_snapshot_xmax(last.snapshot) AND n.xid < before
                                UNION ALL
                                SELECT o.id, o.append_no, octet_length(o.leaf) FROM ledger_entry o
                                 WHERE o.xid = ANY (ARRAY(SELECT pg_snapshot_xip(last.snapshot)))) AS x
                         WHERE NOT EXISTS (SELECT FROM ledger_index i WHERE i.entry = x.id)
                         ORDER BY x.append_no LIMIT entries_max + 1) AS u
                WINDOW up AS (ORDER BY u.append_no)) AS f;
    ELSE
        SELECT coalesce(array_agg(f.id ORDER BY f.append_no) FILTER (WHERE f.fits), '{}'), coalesce(bool_or(NOT f.fits), false)
          INTO entries, more
          FROM (SELECT u.id, u.append_no,
                       row_number() OVER up <= entries_max
                           AND (row_number() OVER up = 1 OR sum(u.size) OVER up <= bytes_max) AS fits
                  FROM (SELECT a.id, a.append_no, octet_length(a.leaf) AS size FROM ledger_entry a
                         WHERE NOT EXISTS (SELECT FROM ledger_index i WHERE i.entry = a.id)
                         ORDER BY a.append_no LIMIT entries_max + 1) AS u
                WINDOW up AS (ORDER BY u.append_no)) AS f;
    END IF;
    IF more THEN
        snapshot := last.snapshot::text;
        cluster := last.cluster;
    END IF;
END
$$;
COMMENT ON FUNCTION ledger_next_batch IS 'The tree as the last batch left it, and entries that can be seen and have no place, in the order of their places: so many at most, and so many bytes of leaves, but for one that is larger. More: some are left. The snapshot and the cluster are those by which the batch after this one finds the rest: today''s, or the last batch''s where some are left. In a cluster that is not the last batch''s (a database that was restored) all entries are gone through.';
COMMENT ON COLUMN ledger_batch.snapshot IS 'What the sequencer could see when it left nothing: the next batch has the rest.';
COMMENT ON COLUMN ledger_batch.indexed_at IS 'The sequencer''s clock, or the batch before it, whichever is later: batches of gateways whose clocks differ rise all the same.';
REVOKE EXECUTE ON FUNCTION ledger_next_batch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_next_batch TO gerbang_keeper;

-- Who was not let in is not even told how large the ledger is.
CREATE OR REPLACE FUNCTION changes_of_caller(
    agency text, cursor_index bigint, from_index bigint, since timestamptz, entries_max integer, bytes_max integer,
    OUT tree_size bigint, OUT last_hash bytea, OUT cursor_hash bytea, OUT entries told_entry[], OUT more boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    first_index bigint;
BEGIN
    IF agency IS NULL OR caller() IS DISTINCT FROM agency THEN
        RETURN;
    END IF;
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
                              WHERE o.reader = agency AND o.index >= first_index
                              ORDER BY o.index LIMIT entries_max + 1)
                            UNION
                            (SELECT a.index FROM ledger_feed a
                              WHERE a.reader = '*' AND a.index >= first_index
                              ORDER BY a.index LIMIT entries_max + 1)) AS s
                     ORDER BY s.index LIMIT entries_max + 1) AS f
              JOIN ledger_index i ON i.index = f.index
              JOIN ledger_entry e ON e.id = i.entry
            WINDOW up AS (ORDER BY f.index)) AS w;
END
$$;
