-- What the ledger tells of, for those who supervise: its entries, the newest first.

-- Plans that were made while the log was empty would read all of it.
CREATE FUNCTION ledger_entries_before(
    before_index bigint, range_start timestamptz, range_end timestamptz, entries_max integer, bytes_max integer,
    OUT entries told_entry[], OUT more boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    end_index bigint;
    first_index bigint := 0;
BEGIN
    -- Nobody is told anything who was not let in.
    IF caller() IS NULL THEN
        RETURN;
    END IF;
    SELECT b.tree_size INTO STRICT end_index FROM ledger_batch b ORDER BY b.tree_size DESC LIMIT 1;
    -- An entry gets its place soon after it was recorded, by another clock: a day covers what clocks differ by.
    IF range_start IS NOT NULL THEN
        SELECT b.first_index INTO first_index FROM ledger_batch b
         WHERE b.indexed_at >= range_start - interval '1 day' AND b.first_index IS NOT NULL
         ORDER BY b.indexed_at, b.tree_size LIMIT 1;
        first_index := coalesce(first_index, end_index);
    END IF;
    SELECT coalesce(array_agg((w.index, w.leaf_hash, w.leaf)::told_entry ORDER BY w.index DESC) FILTER (WHERE w.fits), '{}'),
           coalesce(bool_or(NOT w.fits), false)
      INTO entries, more
      FROM (SELECT f.index, f.leaf_hash, f.leaf,
                   row_number() OVER down <= entries_max
                       AND sum(octet_length(f.leaf)) OVER down - octet_length(f.leaf) < bytes_max AS fits
              FROM (SELECT i.index, i.leaf_hash, e.leaf
                      FROM ledger_index i JOIN ledger_entry e ON e.id = i.entry
                     WHERE i.index >= first_index AND i.index < least(before_index, end_index)
                       AND (range_start IS NULL OR e.recorded_at >= range_start)
                       AND (range_end IS NULL OR e.recorded_at < range_end)
                     ORDER BY i.index DESC LIMIT entries_max + 1) AS f
            WINDOW down AS (ORDER BY f.index DESC)) AS w;
END
$$;
COMMENT ON FUNCTION ledger_entries_before IS 'The entries before a place (or the last ones), the newest first, that were recorded in a range of time: so many at most, and so many bytes. More: there are earlier ones.';
REVOKE EXECUTE ON FUNCTION ledger_entries_before FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_entries_before TO gerbang_gateway;
