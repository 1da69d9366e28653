-- Days that change what an agreement is, without anybody's doing: they are told to its parties as any change is.

CREATE TABLE agreement_moment (
    agreement uuid CONSTRAINT agreement_moment_pkey PRIMARY KEY
        CONSTRAINT agreement_moment_agreement_fkey REFERENCES agreement (id),
    version bigint NOT NULL CONSTRAINT agreement_moment_version_check CHECK (version >= 1),
    next_at timestamptz CONSTRAINT agreement_moment_next_at_check
        CHECK (next_at BETWEEN '1900-01-01T00:00:00Z' AND '10000-01-01T00:00:00Z')
);
CREATE INDEX agreement_moment_next_at_idx ON agreement_moment (next_at);
COMMENT ON TABLE agreement_moment IS 'When time alone next changes the state of an agreement. Made of the agreement; the timekeeper looks at those that have no row, or one of another version, or whose moment has come.';
COMMENT ON COLUMN agreement_moment.agreement IS 'The agreement.';
COMMENT ON COLUMN agreement_moment.version IS 'The version of the agreement of which it was made.';
COMMENT ON COLUMN agreement_moment.next_at IS 'The moment; NULL where time alone changes nothing more.';
GRANT SELECT, INSERT (agreement, version, next_at), UPDATE (version, next_at) ON agreement_moment TO gerbang_keeper;

CREATE TABLE timekeeping (
    only_one boolean DEFAULT true CONSTRAINT timekeeping_pkey PRIMARY KEY CONSTRAINT timekeeping_only_one_check CHECK (only_one),
    looked_at timestamptz CONSTRAINT timekeeping_looked_at_check
        CHECK (looked_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z')
);
COMMENT ON TABLE timekeeping IS 'How far the timekeeper is.';
COMMENT ON COLUMN timekeeping.only_one IS 'There is one row.';
COMMENT ON COLUMN timekeeping.looked_at IS 'When the timekeeper looked last; NULL before the first time. What was before that is not told.';
INSERT INTO timekeeping DEFAULT VALUES;
GRANT SELECT, UPDATE (looked_at) ON timekeeping TO gerbang_keeper;

CREATE FUNCTION agreements_due(after_id uuid, now_at timestamptz, rows_max integer) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.id FROM agreement a LEFT JOIN agreement_moment m ON m.agreement = a.id
     WHERE a.id > after_id AND (m.version IS DISTINCT FROM a.version OR m.next_at <= now_at)
     ORDER BY a.id LIMIT rows_max
$$;
COMMENT ON FUNCTION agreements_due IS 'The agreements that the timekeeper has to look at, behind an id: at most so many.';

CREATE FUNCTION agreement_due(wanted uuid, now_at timestamptz, OUT agreement agreement_row, OUT moment timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (a.id, a.author, a.ref, a.terms, a.nature, a.act, a.binding, a.accepted_by, a.suspended_by, a.terminates_on, a.note,
            a.remarks, a.proposed_at, a.version, a.created_at)::agreement_row,
           CASE WHEN m.version = a.version THEN m.next_at END
      FROM agreement a LEFT JOIN agreement_moment m ON m.agreement = a.id
     WHERE a.id = wanted AND (m.version IS DISTINCT FROM a.version OR m.next_at <= now_at)
$$;
COMMENT ON FUNCTION agreement_due IS 'An agreement that the timekeeper has to look at, and the moment for which; NULL where it is another version than it knew. Nothing where it has not to look, or no more.';

REVOKE EXECUTE ON FUNCTION agreements_due, agreement_due FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreements_due, agreement_due TO gerbang_keeper;
