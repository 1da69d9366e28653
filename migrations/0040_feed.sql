-- Who sees what: of every entry, the lines that each reader could see before or can see after. The leaf says so; this is only
-- sorted otherwise, so that a reader finds its own without reading others'.

-- From here on every entry says who may see: nobody can keep a change from its readers by writing the older format.
ALTER TABLE ledger_entry
    DROP CONSTRAINT ledger_entry_leaf_check,
    ADD CONSTRAINT ledger_entry_leaf_check
        CHECK (octet_length(leaf) BETWEEN 2 AND 16777216 AND substr(leaf, 1, 2) = '\x0802') NOT VALID;

CREATE TABLE ledger_feed (
    reader text COLLATE "C" CONSTRAINT ledger_feed_reader_check
        CHECK (reader ~ '^([a-z][a-z0-9-]{1,39}|\*|@ADMINISTRATOR)$'),
    index bigint CONSTRAINT ledger_feed_index_check CHECK (index BETWEEN 0 AND 1000000000000000),
    lines int4multirange CONSTRAINT ledger_feed_lines_check
        CHECK (NOT isempty(lines) AND lower(lines) >= 0 AND NOT upper_inf(lines) AND pg_column_size(lines) <= 4194304),
    CONSTRAINT ledger_feed_pkey PRIMARY KEY (reader, index)
);
COMMENT ON TABLE ledger_feed IS 'The changes that each reader sees, in the ledger''s order. Made of the leaves alone, with their places. Append-only.';
COMMENT ON COLUMN ledger_feed.reader IS 'An agency''s code; * for everybody; @ADMINISTRATOR for the administrators.';
COMMENT ON COLUMN ledger_feed.index IS 'The entry''s place. No foreign key: one statement writes both, and neither is ever deleted.';
COMMENT ON COLUMN ledger_feed.lines IS 'The lines of the entry that the reader sees, from 0; NULL for all.';

CREATE TRIGGER ledger_feed_append_only BEFORE UPDATE OR DELETE ON ledger_feed
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_feed_no_truncate BEFORE TRUNCATE ON ledger_feed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
GRANT INSERT (reader, index, lines) ON ledger_feed TO gerbang_keeper;

-- Beside the entries, the bytes of their leaves, so that no batch takes more memory than is there. Under another name: a sequencer
-- of before, which would leave readers untold, finds nothing more.
DROP FUNCTION ledger_unplaced();
CREATE FUNCTION ledger_without_place(
    OUT tree_size bigint, OUT frontier bytea, OUT snapshot text, OUT cluster bigint, OUT entries uuid[], OUT sizes integer[]
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
    IF cluster = last.cluster AND before >= pg_snapshot_xmax(last.snapshot) THEN
        -- Entries that came from another cluster may have numbers of today's transactions, and have their places.
        SELECT coalesce(array_agg(e.id), '{}'), coalesce(array_agg(e.size), '{}') INTO entries, sizes
          FROM (SELECT u.id, u.size
                  FROM (SELECT n.id, n.append_no, octet_length(n.leaf) AS size FROM ledger_entry n
                         WHERE n.xid >= pg_snapshot_xmax(last.snapshot) AND n.xid < before
                        UNION ALL
                        SELECT o.id, o.append_no, octet_length(o.leaf) FROM ledger_entry o
                         WHERE o.xid = ANY (ARRAY(SELECT pg_snapshot_xip(last.snapshot)))) AS u
                 WHERE NOT EXISTS (SELECT FROM ledger_index i WHERE i.entry = u.id)
                 ORDER BY u.append_no) AS e;
    ELSE
        SELECT coalesce(array_agg(e.id), '{}'), coalesce(array_agg(e.size), '{}') INTO entries, sizes
          FROM (SELECT a.id, octet_length(a.leaf) AS size FROM ledger_entry a
                 WHERE NOT EXISTS (SELECT FROM ledger_index i WHERE i.entry = a.id)
                 ORDER BY a.append_no) AS e;
    END IF;
END
$$;
COMMENT ON FUNCTION ledger_without_place IS 'The tree as the last batch left it, what can be seen now, and the entries in it that have no place, in the order of their places, with the bytes of their leaves. In a cluster that is not the last batch''s (a database that was restored) all entries are gone through.';
REVOKE EXECUTE ON FUNCTION ledger_without_place FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_without_place TO gerbang_keeper;
