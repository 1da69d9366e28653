-- Who was shown whom: of every enrolment, the entries that tell of something of it that was shown. The leaf says so; this is only
-- sorted otherwise, so that a report on one person reads that person's entries and no others.

CREATE TABLE ledger_disclosure (
    enrolment bytea CONSTRAINT ledger_disclosure_enrolment_check CHECK (octet_length(enrolment) = 16),
    own_read boolean,
    index bigint CONSTRAINT ledger_disclosure_index_check CHECK (index BETWEEN 0 AND 1000000000000000),
    CONSTRAINT ledger_disclosure_pkey PRIMARY KEY (enrolment, own_read, index)
);
COMMENT ON TABLE ledger_disclosure IS 'The entries by which personal data of an enrolment were shown. Made of the leaves alone, with their places. Append-only.';
COMMENT ON COLUMN ledger_disclosure.enrolment IS 'As in enrolments/{reference}. No foreign key: the leaf says it, and it stays when the enrolment is erased.';
COMMENT ON COLUMN ledger_disclosure.own_read IS 'Whether the prison read its own; else another agency was shown it.';
COMMENT ON COLUMN ledger_disclosure.index IS 'The entry''s place. No foreign key: it was read from there, and is never deleted.';

CREATE TRIGGER ledger_disclosure_append_only BEFORE UPDATE OR DELETE ON ledger_disclosure
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_disclosure_no_truncate BEFORE TRUNCATE ON ledger_disclosure
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
GRANT INSERT (enrolment, own_read, index) ON ledger_disclosure TO gerbang_keeper;

-- It is made behind the order of the ledger, so that gateways of before, which know nothing of it, give entries their places as ever.
CREATE TABLE ledger_listing (
    only_one boolean DEFAULT true CONSTRAINT ledger_listing_pkey PRIMARY KEY CONSTRAINT ledger_listing_only_one_check CHECK (only_one),
    size bigint NOT NULL CONSTRAINT ledger_listing_size_check CHECK (size BETWEEN 0 AND 1000000000000000)
);
COMMENT ON TABLE ledger_listing IS 'How far the list of disclosures is.';
COMMENT ON COLUMN ledger_listing.only_one IS 'There is one row.';
COMMENT ON COLUMN ledger_listing.size IS 'Of how many entries the disclosures are listed: of those at places below it.';
INSERT INTO ledger_listing (size) VALUES (0);
GRANT SELECT, UPDATE (size) ON ledger_listing TO gerbang_keeper;

-- Plans that were made while the log was empty would read all of it.
CREATE FUNCTION disclosures_of_trainee(
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
    SELECT l.size INTO STRICT size FROM ledger_listing l;
    SELECT b.indexed_at INTO STRICT indexed_at FROM ledger_batch b
     WHERE b.tree_size <= disclosures_of_trainee.size ORDER BY b.tree_size DESC LIMIT 1;
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
COMMENT ON FUNCTION disclosures_of_trainee IS 'The entries from a place on by which personal data of one of the caller''s own trainees were shown to other agencies, or to the prison itself where those are asked for; of how many entries the disclosures are listed, and up to when. More: there are further ones.';
REVOKE EXECUTE ON FUNCTION disclosures_of_trainee FROM PUBLIC;
GRANT EXECUTE ON FUNCTION disclosures_of_trainee TO gerbang_gateway;
