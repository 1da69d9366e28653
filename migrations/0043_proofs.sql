-- Proofs over the ledger: what they are made of, for whoever may ask.

CREATE TYPE ledger_node AS (level smallint, index bigint, hash bytea);
COMMENT ON TYPE ledger_node IS 'A kept hash of the tree over the ledger.';
COMMENT ON COLUMN ledger_node.level IS '0 for a leaf; else as in ledger_subtree.';
COMMENT ON COLUMN ledger_node.index IS 'The place among those of its level, from 0.';
COMMENT ON COLUMN ledger_node.hash IS 'The leaf of the tree, or the root of the subtree.';

-- Plans that were made while the log was empty would read all of it.
CREATE FUNCTION ledger_nodes(place bigint, tree_size bigint) RETURNS ledger_node[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    nodes ledger_node[] := '{}';
    whole bigint;
    first bigint;
    around bigint;
BEGIN
    FOR at_level IN 0..15 LOOP
        whole := tree_size >> (4 * at_level);
        EXIT WHEN whole = 0;
        FOREACH around IN ARRAY CASE WHEN place >> (4 * at_level + 4) = tree_size >> (4 * at_level + 4)
                                     THEN ARRAY[tree_size] ELSE ARRAY[place, tree_size] END LOOP
            first := (around >> (4 * at_level + 4)) << 4;
            IF at_level = 0 THEN
                nodes := nodes || ARRAY(
                    SELECT (0, i.index, i.leaf_hash)::ledger_node FROM ledger_index i
                     WHERE i.index >= first AND i.index < least(first + 16, whole));
            ELSE
                nodes := nodes || ARRAY(
                    SELECT (s.level, s.index, s.hash)::ledger_node FROM ledger_subtree s
                     WHERE s.level = at_level AND s.index >= first AND s.index < least(first + 16, whole));
            END IF;
        END LOOP;
    END LOOP;
    RETURN nodes;
END
$$;
COMMENT ON FUNCTION ledger_nodes IS 'The kept hashes of which each proof between a place and the tree of a size is made: of each level the whole subtrees among the sixteen that have the place, and among the sixteen in which the tree ends. At most 32 a level.';

CREATE FUNCTION ledger_for_caller(
    agency text, entry_id uuid, smaller bigint, size bigint,
    OUT tree_size bigint, OUT root bytea, OUT index bigint, OUT leaf_hash bytea, OUT leaf bytea, OUT nodes ledger_node[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    -- Nobody is told anything who was not let in.
    IF agency IS DISTINCT FROM caller() THEN
        RETURN;
    END IF;
    SELECT b.tree_size, b.root INTO STRICT tree_size, root FROM ledger_batch b ORDER BY b.tree_size DESC LIMIT 1;
    IF entry_id IS NOT NULL THEN
        SELECT i.index, i.leaf_hash, e.leaf INTO index, leaf_hash, leaf
          FROM ledger_index i JOIN ledger_entry e ON e.id = i.entry WHERE i.entry = entry_id;
    END IF;
    IF size <= tree_size AND coalesce(index, smaller - 1) >= 0 THEN
        nodes := ledger_nodes(coalesce(index, smaller - 1), size);
    END IF;
END
$$;
COMMENT ON FUNCTION ledger_for_caller IS 'Size and root of the tree over the ledger; of an entry, if one is named, its place and its leaf; and the hashes of which the proof is made that this entry, or the tree of the smaller size, is in the tree of this size. No hashes where there is no such tree.';

REVOKE EXECUTE ON FUNCTION ledger_nodes, ledger_for_caller FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_for_caller TO gerbang_gateway;
