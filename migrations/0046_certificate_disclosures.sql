-- What was shown of a prison's trainees, whoever was shown it: the entries of a stretch of time, for a notice of a breach.

CREATE INDEX ledger_disclosure_index_idx ON ledger_disclosure (index) WHERE NOT own_read;

-- Plans that were made while the log was empty would read all of it.
CREATE FUNCTION disclosures_of_prison(
    from_index bigint, range_start timestamptz, entries_max integer, bytes_max integer,
    OUT entries told_entry[], OUT more boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    first_index bigint;
BEGIN
    -- Nobody is told anything who was not let in.
    IF caller() IS NULL THEN
        RETURN;
    END IF;
    -- An entry gets its place soon after it was recorded, by another clock: a day covers what clocks differ by.
    IF range_start IS NOT NULL THEN
        SELECT b.first_index INTO first_index FROM ledger_batch b
         WHERE b.indexed_at >= range_start - interval '1 day' AND b.first_index IS NOT NULL
         ORDER BY b.indexed_at, b.tree_size LIMIT 1;
        IF first_index IS NULL THEN
            entries := '{}';
            more := false;
            RETURN;
        END IF;
    END IF;
    SELECT coalesce(array_agg((w.index, w.leaf_hash, w.leaf)::told_entry ORDER BY w.index) FILTER (WHERE w.fits), '{}'),
           coalesce(bool_or(NOT w.fits), false)
      INTO entries, more
      FROM (SELECT f.index, i.leaf_hash, e.leaf,
                   row_number() OVER up <= entries_max
                       AND sum(octet_length(e.leaf)) OVER up - octet_length(e.leaf) < bytes_max AS fits
              FROM (SELECT DISTINCT d.index
                      FROM ledger_disclosure d
                      -- Nobody else's: a prison is told of its own alone.
                      JOIN enrolment n ON n.ref = d.enrolment AND n.prison = caller()
                     WHERE NOT d.own_read AND d.index >= greatest(from_index, first_index)
                     ORDER BY d.index LIMIT entries_max + 1) AS f
              JOIN ledger_index i ON i.index = f.index
              JOIN ledger_entry e ON e.id = i.entry
            WINDOW up AS (ORDER BY f.index)) AS w;
END
$$;
COMMENT ON FUNCTION disclosures_of_prison IS 'The entries from a place on, of those that have had their place since a day before a time, by which personal data of the caller''s own trainees were shown to other agencies: so many at most, and so many bytes. More: there are further ones.';
REVOKE EXECUTE ON FUNCTION disclosures_of_prison FROM PUBLIC;
GRANT EXECUTE ON FUNCTION disclosures_of_prison TO gerbang_gateway;
