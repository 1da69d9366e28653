-- Notes that reach the other side: who gave them with which act, and when. And a programme that is PLANNED may be moved to
-- another agreement. What was noted before has a note alone, and is shown so.

-- Of each of 20 parties a suspension, a rejection or a withdrawal, and a notice; a note of 500 characters takes 2,000 bytes,
-- and what stands about it 200.
ALTER TABLE agreement ADD COLUMN remarks jsonb NOT NULL DEFAULT '[]' CONSTRAINT agreement_remarks_check
    CHECK (jsonb_typeof(remarks) = 'array' AND octet_length(remarks::text) <= 65536);
COMMENT ON COLUMN agreement.remarks IS 'Why it was rejected, withdrawn, suspended or terminated: act, agency, time and note; of each agency the last of each act.';
COMMENT ON COLUMN agreement.note IS 'Why it was last rejected, withdrawn, suspended or terminated, by programs from before remarks was there.';
GRANT UPDATE (remarks) ON agreement TO gerbang_gateway;

ALTER TABLE programme
    ADD COLUMN noted_by text CONSTRAINT programme_noted_by_check CHECK (noted_by ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD COLUMN noted_at timestamptz CONSTRAINT programme_noted_at_check
        CHECK (noted_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT programme_noted_by_noted_at_check CHECK ((noted_by IS NULL) = (noted_at IS NULL));
COMMENT ON COLUMN programme.noted_by IS 'The agency that cancelled it; NULL where only the note was kept.';
COMMENT ON COLUMN programme.noted_at IS 'When it was cancelled; NULL where only the note was kept.';
GRANT UPDATE (noted_by, noted_at, agreement, agreement_author, agreement_ref) ON programme TO gerbang_gateway;

ALTER TABLE session
    ADD COLUMN noted_by text CONSTRAINT session_noted_by_check CHECK (noted_by ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD COLUMN noted_at timestamptz CONSTRAINT session_noted_at_check
        CHECK (noted_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT session_noted_by_noted_at_check CHECK ((noted_by IS NULL) = (noted_at IS NULL));
COMMENT ON COLUMN session.noted_by IS 'The agency that gave the note; NULL where there is none, or only the note was kept.';
COMMENT ON COLUMN session.noted_at IS 'When the note was given; NULL where there is none, or only the note was kept.';
GRANT UPDATE (noted_by, noted_at) ON session TO gerbang_gateway;

-- As give_up_bookings, which earlier programs call, and says who noted it and when.
CREATE FUNCTION give_up_sessions(
    sessions uuid[], keep_room boolean[], why text, who text, moment timestamptz, assignments uuid[]
) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE session s
       SET state = 'TENTATIVE', facility = CASE WHEN given.keep THEN s.facility END, note = coalesce(why, s.note),
           noted_by = CASE WHEN why IS NULL THEN s.noted_by ELSE who END,
           noted_at = CASE WHEN why IS NULL THEN s.noted_at ELSE moment END,
           version = s.version + 1
      FROM unnest(sessions, keep_room) AS given (id, keep)
     WHERE s.id = given.id AND s.state IN ('TENTATIVE', 'CONFIRMED');
    UPDATE assignment SET state = 'WITHDRAWN', version = version + 1
     WHERE id = ANY (assignments) AND state IN ('PROPOSED', 'ACCEPTED', 'CLEARED');
$$;
COMMENT ON FUNCTION give_up_sessions IS 'Puts sessions back to TENTATIVE, some without their room, with a note or without, and withdraws assignments.';
REVOKE EXECUTE ON FUNCTION give_up_sessions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION give_up_sessions TO gerbang_gateway;
