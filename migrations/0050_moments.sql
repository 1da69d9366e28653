-- Days that change what an agreement is, without anybody's doing: they are told to its parties as any change is.

CREATE TABLE agreement_moment (
    agreement uuid CONSTRAINT agreement_moment_pkey PRIMARY KEY
        CONSTRAINT agreement_moment_agreement_fkey REFERENCES agreement (id),
    next_at timestamptz CONSTRAINT agreement_moment_next_at_check
        CHECK (next_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z')
);
CREATE INDEX agreement_moment_next_at_idx ON agreement_moment (next_at);
COMMENT ON TABLE agreement_moment IS 'When time alone next changes the state of an agreement, as the timekeeper has found.';
COMMENT ON COLUMN agreement_moment.agreement IS 'The agreement.';
COMMENT ON COLUMN agreement_moment.next_at IS 'The moment; the year 2200 where time alone changes nothing before; NULL where the timekeeper has not looked at the agreement, or not since it changed.';
INSERT INTO agreement_moment (agreement) SELECT id FROM agreement;
GRANT SELECT, UPDATE (next_at) ON agreement_moment TO gerbang_keeper;

CREATE FUNCTION agreement_has_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO agreement_moment (agreement) VALUES (NEW.id)
        ON CONFLICT ON CONSTRAINT agreement_moment_pkey DO UPDATE SET next_at = NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION agreement_has_changed IS 'Has the timekeeper look at an agreement that is new or has changed.';
REVOKE EXECUTE ON FUNCTION agreement_has_changed FROM PUBLIC;
CREATE TRIGGER agreement_has_changed AFTER INSERT OR UPDATE ON agreement
    FOR EACH ROW EXECUTE FUNCTION agreement_has_changed();

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

CREATE FUNCTION agreement_due(wanted uuid, now_at timestamptz, OUT agreement agreement_row, OUT moment timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (a.id, a.author, a.ref, a.terms, a.nature, a.act, a.binding, a.accepted_by, a.suspended_by, a.terminates_on, a.note,
            a.remarks, a.proposed_at, a.version, a.created_at)::agreement_row, m.next_at
      FROM agreement_moment m JOIN agreement a ON a.id = m.agreement
     WHERE m.agreement = wanted AND (m.next_at IS NULL OR m.next_at <= now_at)
$$;
COMMENT ON FUNCTION agreement_due IS 'An agreement that the timekeeper has to look at, and the moment for which; NULL where it has not looked since it changed. Nothing where it has not to look, or no more.';
REVOKE EXECUTE ON FUNCTION agreement_due FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_due TO gerbang_keeper;
