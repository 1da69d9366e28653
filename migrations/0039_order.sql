-- The order of the ledger. An entry has its place only once it has committed: the keeper's sequencer finds what is new as the
-- difference between two snapshots, and gives it places in one insert-only batch after another.

ALTER TABLE ledger_entry
    DROP CONSTRAINT ledger_entry_append_no_key,
    -- Of entries of before this column: the migration's own.
    ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX ledger_entry_xid_append_no_idx ON ledger_entry (xid, append_no);
COMMENT ON COLUMN ledger_entry.append_no IS 'Drawn in the transaction''s last statement. Not commit order; within a batch of the sequencer it is the order.';
COMMENT ON COLUMN ledger_entry.xid IS 'The transaction that wrote it, which nobody may choose. The sequencer finds what is new by it. It means something in this cluster only.';
DROP TRIGGER ledger_entry_append_only ON ledger_entry;
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OF id, recorded_at, leaf, xid OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();

CREATE TABLE ledger_batch (
    tree_size bigint CONSTRAINT ledger_batch_pkey PRIMARY KEY
        CONSTRAINT ledger_batch_tree_size_check CHECK (tree_size BETWEEN 0 AND 1000000000000000),
    first_index bigint CONSTRAINT ledger_batch_first_index_key UNIQUE
        CONSTRAINT ledger_batch_first_index_fkey REFERENCES ledger_batch (tree_size),
    root bytea NOT NULL CONSTRAINT ledger_batch_root_check CHECK (octet_length(root) = 32),
    frontier bytea NOT NULL,
    snapshot pg_snapshot NOT NULL CONSTRAINT ledger_batch_snapshot_check CHECK (pg_column_size(snapshot) <= 65536),
    cluster bigint NOT NULL,
    indexed_at timestamptz NOT NULL CONSTRAINT ledger_batch_indexed_at_check
        CHECK (indexed_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    CONSTRAINT ledger_batch_tree_size_first_index_check
        CHECK (tree_size > first_index OR first_index IS NULL AND tree_size = 0),
    CONSTRAINT ledger_batch_frontier_tree_size_check CHECK (octet_length(frontier) = 32 * bit_count(tree_size::bit(64)))
);
COMMENT ON TABLE ledger_batch IS 'The batches in which entries got their places. The last one is all that the sequencer has to know. Append-only.';
COMMENT ON COLUMN ledger_batch.tree_size IS 'How many entries the tree has with it.';
COMMENT ON COLUMN ledger_batch.first_index IS 'The place of its first entry, which is the tree''s size before it: a batch has one successor, so that the tree cannot fork. NULL in the first row, of the empty tree.';
COMMENT ON COLUMN ledger_batch.root IS 'The root of the tree at this size, as RFC 6962 defines it.';
COMMENT ON COLUMN ledger_batch.frontier IS 'The roots of the perfect subtrees of the tree, from the left, 32 bytes each.';
COMMENT ON COLUMN ledger_batch.snapshot IS 'What the sequencer could see: the next batch has the rest.';
COMMENT ON COLUMN ledger_batch.cluster IS 'The cluster in which the snapshot means something; 0 in none. Any number: those of clusters that are made from 2038 on are negative.';
COMMENT ON COLUMN ledger_batch.indexed_at IS 'The sequencer''s clock.';

CREATE TABLE ledger_index (
    index bigint CONSTRAINT ledger_index_pkey PRIMARY KEY CONSTRAINT ledger_index_index_check CHECK (index BETWEEN 0 AND 1000000000000000),
    entry uuid NOT NULL CONSTRAINT ledger_index_entry_key UNIQUE,
    leaf_hash bytea NOT NULL CONSTRAINT ledger_index_leaf_hash_check CHECK (octet_length(leaf_hash) = 32)
);
COMMENT ON TABLE ledger_index IS 'The order of the ledger: an entry''s place, which it never changes. Append-only.';
COMMENT ON COLUMN ledger_index.index IS 'The place, from 0, without gaps.';
COMMENT ON COLUMN ledger_index.entry IS 'The entry. No foreign key: the transaction that writes this has read it, and entries are never deleted.';
COMMENT ON COLUMN ledger_index.leaf_hash IS 'SHA-256(0x00, leaf): the leaf of the tree.';

CREATE TABLE ledger_subtree (
    level smallint CONSTRAINT ledger_subtree_level_check CHECK (level BETWEEN 1 AND 15),
    index bigint CONSTRAINT ledger_subtree_index_check CHECK (index BETWEEN 0 AND 1000000000000000),
    hash bytea NOT NULL CONSTRAINT ledger_subtree_hash_check CHECK (octet_length(hash) = 32),
    CONSTRAINT ledger_subtree_pkey PRIMARY KEY (level, index)
);
COMMENT ON TABLE ledger_subtree IS 'Perfect subtrees of the tree that are whole, of which proofs are made. Append-only.';
COMMENT ON COLUMN ledger_subtree.level IS 'A quarter of the height: a subtree has 16 to the power of this entries.';
COMMENT ON COLUMN ledger_subtree.index IS 'The place among those of its level, from 0.';
COMMENT ON COLUMN ledger_subtree.hash IS 'The root of the subtree.';

-- The empty tree, whose root is the hash of no bytes. It has seen nothing.
INSERT INTO ledger_batch (tree_size, first_index, root, frontier, snapshot, cluster, indexed_at)
VALUES (0, NULL, sha256(''), '', '1:1:', 0, '2000-01-01T00:00:00Z');

CREATE TRIGGER ledger_batch_append_only BEFORE UPDATE OR DELETE ON ledger_batch
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_batch_no_truncate BEFORE TRUNCATE ON ledger_batch
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_index_append_only BEFORE UPDATE OR DELETE ON ledger_index
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_index_no_truncate BEFORE TRUNCATE ON ledger_index
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_subtree_append_only BEFORE UPDATE OR DELETE ON ledger_subtree
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_subtree_no_truncate BEFORE TRUNCATE ON ledger_subtree
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

-- Plans that were made while the log was empty would read all of it; and no limit: what one batch leaves out, no later one finds.
CREATE FUNCTION ledger_unplaced(
    OUT tree_size bigint, OUT frontier bytea, OUT snapshot text, OUT cluster bigint, OUT entries uuid[]
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
        entries := ARRAY(
            SELECT e.id
              FROM (SELECT n.id, n.append_no FROM ledger_entry n
                     WHERE n.xid >= pg_snapshot_xmax(last.snapshot) AND n.xid < before
                    UNION ALL
                    SELECT o.id, o.append_no FROM ledger_entry o
                     WHERE o.xid = ANY (ARRAY(SELECT pg_snapshot_xip(last.snapshot)))) AS e
             WHERE NOT EXISTS (SELECT FROM ledger_index i WHERE i.entry = e.id)
             ORDER BY e.append_no);
    ELSE
        entries := ARRAY(
            SELECT e.id FROM ledger_entry e
             WHERE NOT EXISTS (SELECT FROM ledger_index i WHERE i.entry = e.id)
             ORDER BY e.append_no);
    END IF;
END
$$;
COMMENT ON FUNCTION ledger_unplaced IS 'The tree as the last batch left it, what can be seen now, and the entries in it that have no place, in the order of their places. In a cluster that is not the last batch''s (a database that was restored) all entries are gone through.';

REVOKE EXECUTE ON FUNCTION ledger_unplaced FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_unplaced TO gerbang_keeper;
GRANT SELECT ON ledger_batch, ledger_index, ledger_subtree TO gerbang_keeper;
GRANT INSERT (tree_size, first_index, root, frontier, snapshot, cluster, indexed_at) ON ledger_batch TO gerbang_keeper;
GRANT INSERT (index, entry, leaf_hash) ON ledger_index TO gerbang_keeper;
GRANT INSERT (level, index, hash) ON ledger_subtree TO gerbang_keeper;
