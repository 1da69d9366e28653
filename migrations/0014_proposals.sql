-- A proposal lapses: after its last day, or 90 days after it was made.

ALTER TABLE agreement ADD COLUMN proposed_at timestamptz CONSTRAINT agreement_proposed_at_check
    CHECK (proposed_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
COMMENT ON COLUMN agreement.proposed_at IS 'When it was proposed; NULL for a draft, and for what was proposed before this was noted: then created_at counts.';
GRANT UPDATE (proposed_at) ON agreement TO gerbang_gateway;

-- domain::agreement::Agreement::state, for filters. A test holds the two against each other.
CREATE FUNCTION agreement_state(
    act text, effective_from date, effective_until date, terminates_on date, suspended boolean, today date,
    lapses_at timestamptz, moment timestamptz
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN act = 'PROPOSED' AND (effective_until < today OR lapses_at <= moment) THEN 'LAPSED'
        ELSE agreement_state(act, effective_from, effective_until, terminates_on, suspended, today)
    END
$$;
COMMENT ON FUNCTION agreement_state(text, date, date, date, boolean, date, timestamptz, timestamptz)
    IS 'Where an agreement stands on a day, as the domain computes it; a proposal may have lapsed.';
