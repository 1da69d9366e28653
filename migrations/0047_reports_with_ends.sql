-- Reports on disclosures say how far the list is and end where their time ends, and a prison's own certificate is reported on too.

-- Whatever asked by the other one asks by this as well.
DROP INDEX ledger_disclosure_index_idx;
CREATE INDEX ledger_disclosure_own_read_index_idx ON ledger_disclosure (own_read, index);

CREATE FUNCTION listed_until(OUT size bigint, OUT indexed_at timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT l.size, least(b.indexed_at, now())
      FROM ledger_listing l
     CROSS JOIN LATERAL (SELECT p.indexed_at FROM ledger_batch p WHERE p.tree_size <= l.size ORDER BY p.tree_size DESC LIMIT 1) AS b
$$;
COMMENT ON FUNCTION listed_until IS 'Of how many entries the disclosures are listed, and when these had got their places.';

CREATE OR REPLACE FUNCTION disclosures_of_trainee(
    person uuid, own_reads boolean, from_index bigint, entries_max integer, bytes_max integer,
    OUT size bigint, OUT indexed_at timestamptz, OUT entries told_entry[], OUT more boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    -- Nobody is told anything who was not let in.
    IF caller() IS NULL THEN
        RETURN;
    END IF;
    SELECT u.size, u.indexed_at INTO STRICT size, indexed_at FROM listed_until() AS u;
    SELECT coalesce(array_agg((w.index, w.leaf_hash, w.leaf)::told_entry ORDER BY w.index) FILTER (WHERE w.fits), '{}'),
           coalesce(bool_or(NOT w.fits), false)
      INTO entries, more
      FROM (SELECT f.index, i.leaf_hash, e.leaf,
                   row_number() OVER up <= entries_max
                       AND sum(octet_length(e.leaf)) OVER up - octet_length(e.leaf) < bytes_max AS fits
              FROM (SELECT DISTINCT s.index
                      FROM enrolment n
                     CROSS JOIN (VALUES (false), (true)) AS o (own_read)
                     CROSS JOIN LATERAL (SELECT d.index FROM ledger_disclosure d
                                          WHERE d.enrolment = n.ref AND d.own_read = o.own_read AND d.index >= from_index
                                          ORDER BY d.index LIMIT entries_max + 1) AS s
                     -- Nobody else's: a prison is told of its own alone.
                     WHERE n.trainee = person AND n.prison = caller() AND (own_reads OR NOT o.own_read)
                     ORDER BY s.index LIMIT entries_max + 1) AS f
              JOIN ledger_index i ON i.index = f.index
              JOIN ledger_entry e ON e.id = i.entry
            WINDOW up AS (ORDER BY f.index)) AS w;
END
$$;

CREATE FUNCTION places_within(range_start timestamptz, range_end timestamptz, OUT first_index bigint, OUT end_index bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT b.tree_size INTO STRICT end_index FROM ledger_batch b ORDER BY b.tree_size DESC LIMIT 1;
    first_index := 0;
    IF range_start IS NOT NULL THEN
        SELECT b.first_index INTO first_index FROM ledger_batch b
         WHERE b.indexed_at >= range_start - interval '1 day' AND b.first_index IS NOT NULL
         ORDER BY b.indexed_at, b.tree_size LIMIT 1;
        first_index := coalesce(first_index, end_index);
    END IF;
    IF range_end IS NOT NULL THEN
        SELECT least(end_index, min(b.tree_size)) INTO end_index FROM (
            SELECT p.tree_size FROM ledger_batch p
             WHERE p.indexed_at >= range_end + interval '1 day' ORDER BY p.indexed_at, p.tree_size LIMIT 1) AS b;
    END IF;
END
$$;
COMMENT ON FUNCTION places_within IS 'The places of entries that were recorded in a range of time: they got them within a day of it, by the clocks of the gateways that gave them.';

-- Under another name: gateways of before ask as they did.
CREATE FUNCTION disclosures_within(
    own_reads boolean, from_index bigint, range_start timestamptz, range_end timestamptz, entries_max integer, bytes_max integer,
    OUT size bigint, OUT indexed_at timestamptz, OUT entries told_entry[], OUT more boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    within record;
BEGIN
    -- Nobody is told anything who was not let in.
    IF caller() IS NULL THEN
        RETURN;
    END IF;
    SELECT u.size, u.indexed_at INTO STRICT size, indexed_at FROM listed_until() AS u;
    SELECT p.first_index, p.end_index INTO STRICT within FROM places_within(range_start, range_end) AS p;
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
                     WHERE d.own_read = own_reads AND d.index >= greatest(from_index, within.first_index)
                       AND d.index < within.end_index
                     ORDER BY d.index LIMIT entries_max + 1) AS f
              JOIN ledger_index i ON i.index = f.index
              JOIN ledger_entry e ON e.id = i.entry
            WINDOW up AS (ORDER BY f.index)) AS w;
END
$$;
COMMENT ON FUNCTION disclosures_within IS 'The entries from a place on, of those that were recorded in a range of time, by which personal data of the caller''s own trainees were shown to other agencies, or to the prison itself: so many at most, and so many bytes; and of how many entries the disclosures are listed, and when these had got their places. More: there are further ones.';

CREATE OR REPLACE FUNCTION ledger_entries_before(
    before_index bigint, range_start timestamptz, range_end timestamptz, entries_max integer, bytes_max integer,
    OUT entries told_entry[], OUT more boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    within record;
BEGIN
    -- Nobody is told anything who was not let in.
    IF caller() IS NULL THEN
        RETURN;
    END IF;
    SELECT p.first_index, p.end_index INTO STRICT within FROM places_within(range_start, range_end) AS p;
    SELECT coalesce(array_agg((w.index, w.leaf_hash, w.leaf)::told_entry ORDER BY w.index DESC) FILTER (WHERE w.fits), '{}'),
           coalesce(bool_or(NOT w.fits), false)
      INTO entries, more
      FROM (SELECT f.index, f.leaf_hash, f.leaf,
                   row_number() OVER down <= entries_max
                       AND sum(octet_length(f.leaf)) OVER down - octet_length(f.leaf) < bytes_max AS fits
              FROM (SELECT i.index, i.leaf_hash, e.leaf
                      FROM ledger_index i JOIN ledger_entry e ON e.id = i.entry
                     WHERE i.index >= within.first_index AND i.index < least(before_index, within.end_index)
                       AND (range_start IS NULL OR e.recorded_at >= range_start)
                       AND (range_end IS NULL OR e.recorded_at < range_end)
                     ORDER BY i.index DESC LIMIT entries_max + 1) AS f
            WINDOW down AS (ORDER BY f.index DESC)) AS w;
END
$$;
REVOKE EXECUTE ON FUNCTION listed_until, places_within, disclosures_within FROM PUBLIC;
GRANT EXECUTE ON FUNCTION disclosures_within TO gerbang_gateway;
