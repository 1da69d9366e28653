-- What else a day brings about is told too: a roster shows names no longer, and what was booked ends with its agreement.

ALTER TABLE agreement_moment ADD COLUMN bookings_after uuid;
COMMENT ON COLUMN agreement_moment.bookings_after IS 'Since the agreement has ended, the assignment up to which, by id, it is told that bookings have ended with it; NULL where none are left to be told.';
CREATE INDEX agreement_moment_bookings_idx ON agreement_moment (agreement) WHERE bookings_after IS NOT NULL;
GRANT UPDATE (bookings_after) ON agreement_moment TO gerbang_keeper;

CREATE FUNCTION agreement_ended(wanted uuid, OUT agreement agreement_row, OUT bookings_after uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (a.id, a.author, a.ref, a.terms, a.nature, a.act, a.binding, a.accepted_by, a.suspended_by, a.terminates_on, a.note,
            a.remarks, a.proposed_at, a.version, a.created_at)::agreement_row, m.bookings_after
      FROM agreement_moment m JOIN agreement a ON a.id = m.agreement
     WHERE m.agreement = wanted AND m.bookings_after IS NOT NULL
$$;
COMMENT ON FUNCTION agreement_ended IS 'An agreement of whose bookings it is still to be told that they have ended, and up to which it is told. Nothing where all is told.';

CREATE FUNCTION bookings_ended(wanted uuid, after uuid, ended_at timestamptz, bookings_max integer)
RETURNS TABLE (programme uuid, assignment assignment_row)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id, (a.id, a.session, a.session_uid, a.lead, a.prison, a.trainer, a.trainer_agency, a.trainer_ref, a.booking_key,
                  a.starts_at, a.ends_at, a.time_zone, a.role, a.state, a.dormant, a.version)::assignment_row
      FROM programme p JOIN session s ON s.programme = p.id JOIN assignment a ON a.session = s.id
     WHERE p.agreement = wanted AND s.ends_at > ended_at AND s.state IN ('TENTATIVE', 'CONFIRMED')
       AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED') AND a.id > after
     ORDER BY a.id LIMIT bookings_max
$$;
COMMENT ON FUNCTION bookings_ended IS 'Open assignments, and their programmes, of sessions under an agreement that end after it has: behind an id, so many at most.';

CREATE TABLE programme_moment (
    programme uuid CONSTRAINT programme_moment_pkey PRIMARY KEY
        CONSTRAINT programme_moment_programme_fkey REFERENCES programme (id),
    next_at timestamptz CONSTRAINT programme_moment_next_at_check
        CHECK (next_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    shows_names boolean NOT NULL DEFAULT false
);
CREATE INDEX programme_moment_next_at_idx ON programme_moment (next_at);
COMMENT ON TABLE programme_moment IS 'When the timekeeper looks next at whether a programme''s roster still shows names to its lead agency. It decides nothing.';
COMMENT ON COLUMN programme_moment.programme IS 'The programme.';
COMMENT ON COLUMN programme_moment.next_at IS 'When; the year 2200 where the programme is not open; NULL where the timekeeper has not looked, or not since the programme changed.';
COMMENT ON COLUMN programme_moment.shows_names IS 'Whether it showed names when the timekeeper looked last.';
INSERT INTO programme_moment (programme) SELECT id FROM programme;
GRANT SELECT, UPDATE (next_at, shows_names) ON programme_moment TO gerbang_keeper;

CREATE FUNCTION programme_has_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO programme_moment (programme) VALUES (NEW.id)
        ON CONFLICT ON CONSTRAINT programme_moment_pkey DO UPDATE SET next_at = NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION programme_has_changed IS 'Has the timekeeper look at a programme that is new or has changed.';
CREATE TRIGGER programme_has_changed AFTER INSERT OR UPDATE ON programme
    FOR EACH ROW EXECUTE FUNCTION programme_has_changed();

CREATE FUNCTION programme_due(
    wanted uuid, now_at timestamptz,
    OUT programme programme_row, OUT anybody_confirmed boolean, OUT last_end timestamptz, OUT shows_names boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (p.id, p.lead, p.ref, p.agreement, p.agreement_author, p.agreement_ref, p.prison, p.plan, p.state, p.note, p.noted_by,
            p.noted_at, p.version, p.opened_at, p.created_at)::programme_row,
           EXISTS (SELECT FROM enrolment e WHERE e.programme = p.id AND e.state = 'CONFIRMED'),
           (SELECT max(s.ends_at) FROM session s WHERE s.programme = p.id AND s.state = 'CONFIRMED'),
           m.shows_names
      FROM programme_moment m JOIN programme p ON p.id = m.programme
     WHERE m.programme = wanted AND (m.next_at IS NULL OR m.next_at <= now_at)
$$;
COMMENT ON FUNCTION programme_due IS 'A programme that the timekeeper has to look at, whether anybody is CONFIRMED on its roster, when the last session that its prison has confirmed ends, and whether it showed names before. Nothing where it has not to look, or no more.';

REVOKE EXECUTE ON FUNCTION agreement_ended, bookings_ended, programme_has_changed, programme_due FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_ended, bookings_ended, programme_due TO gerbang_keeper;
