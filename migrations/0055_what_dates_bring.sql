-- What else a date brings about is told too: that an agreement ends soon, that what was booked has ended with it, and that a roster shows
-- names no longer.

-- Gateways of before go on with next_at, and note in it what they know of; so what there is to tell now has a column of its own.
ALTER TABLE agreement_moment
    ADD COLUMN look_at timestamptz CONSTRAINT agreement_moment_look_at_check
        CHECK (look_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD COLUMN ended_at timestamptz CONSTRAINT agreement_moment_ended_at_check
        CHECK (ended_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD COLUMN bookings_programme uuid,
    ADD COLUMN bookings_after uuid;
CREATE INDEX agreement_moment_look_at_idx ON agreement_moment (look_at);
CREATE INDEX agreement_moment_bookings_idx ON agreement_moment (agreement) WHERE bookings_programme IS NOT NULL;
COMMENT ON TABLE agreement_moment IS 'When time alone next brings something about of an agreement, as the timekeeper has found, and what it has told.';
COMMENT ON COLUMN agreement_moment.next_at IS 'As look_at; for gateways of before, which tell of states alone.';
COMMENT ON COLUMN agreement_moment.look_at IS 'The moment; the year 2200 where time alone brings nothing about before; NULL where the timekeeper has not looked at the agreement, or not since it changed.';
COMMENT ON COLUMN agreement_moment.ended_at IS 'When the agreement has ended, once that is seen: of what was booked for later it is told, or was, that it has ended too.';
COMMENT ON COLUMN agreement_moment.bookings_programme IS 'The programme, by id, up to which that is told; NULL where none are left to be told.';
COMMENT ON COLUMN agreement_moment.bookings_after IS 'The assignment of that programme, by id, up to which it is told.';
GRANT UPDATE (look_at, ended_at, bookings_programme, bookings_after) ON agreement_moment TO gerbang_keeper;

CREATE OR REPLACE FUNCTION agreement_has_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO agreement_moment (agreement) VALUES (NEW.id)
        ON CONFLICT ON CONSTRAINT agreement_moment_pkey DO UPDATE SET next_at = NULL, look_at = NULL;
    RETURN NULL;
END
$$;

CREATE FUNCTION agreement_to_look_at(wanted uuid, now_at timestamptz, OUT agreement agreement_row, OUT moment timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (a.id, a.author, a.ref, a.terms, a.nature, a.act, a.binding, a.accepted_by, a.suspended_by, a.terminates_on, a.note,
            a.remarks, a.proposed_at, a.version, a.created_at)::agreement_row, m.look_at
      FROM agreement_moment m JOIN agreement a ON a.id = m.agreement
     WHERE m.agreement = wanted AND (m.look_at IS NULL OR m.look_at <= now_at)
$$;
COMMENT ON FUNCTION agreement_to_look_at IS 'An agreement that the timekeeper has to look at, and the moment for which; NULL where it has not looked since it changed. Nothing where it has not to look, or no more.';

CREATE FUNCTION programme_with_bookings(of_agreement uuid, from_programme uuid, after uuid, later_than timestamptz) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id FROM programme p
     WHERE p.agreement = of_agreement AND p.id >= from_programme
       AND EXISTS (SELECT FROM session s JOIN assignment a ON a.session = s.id
                    WHERE s.programme = p.id AND s.ends_at > later_than AND s.state IN ('TENTATIVE', 'CONFIRMED')
                      AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED') AND (p.id > from_programme OR a.id > after))
     ORDER BY p.id LIMIT 1
$$;
COMMENT ON FUNCTION programme_with_bookings IS 'The next programme under an agreement, from one on, that has open assignments of sessions that end after a moment; of the first, behind an assignment. NULL where there is none.';

CREATE FUNCTION bookings_of_programme(wanted uuid, after uuid, later_than timestamptz, bookings_max integer)
RETURNS SETOF assignment_row
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (a.id, a.session, a.session_uid, a.lead, a.prison, a.trainer, a.trainer_agency, a.trainer_ref, a.booking_key,
            a.starts_at, a.ends_at, a.time_zone, a.role, a.state, a.dormant, a.version)::assignment_row
      FROM session s JOIN assignment a ON a.session = s.id
     WHERE s.programme = wanted AND s.ends_at > later_than AND s.state IN ('TENTATIVE', 'CONFIRMED')
       AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED') AND a.id > after
     ORDER BY a.id LIMIT bookings_max
$$;
COMMENT ON FUNCTION bookings_of_programme IS 'Open assignments of a programme''s sessions that end after a moment: behind an id, so many at most.';

CREATE TABLE shown_roster (
    programme uuid CONSTRAINT shown_roster_pkey PRIMARY KEY
        CONSTRAINT shown_roster_programme_fkey REFERENCES programme (id),
    look_at timestamptz CONSTRAINT shown_roster_look_at_check
        CHECK (look_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z')
);
CREATE INDEX shown_roster_look_at_idx ON shown_roster (look_at);
COMMENT ON TABLE shown_roster IS 'Rosters whose names were shown to the lead agency, which is to be told once they are shown no longer. It decides nothing.';
COMMENT ON COLUMN shown_roster.programme IS 'The programme of the roster.';
COMMENT ON COLUMN shown_roster.look_at IS 'When the timekeeper looks next at whether they are; NULL once it is told, until names are shown again.';
INSERT INTO shown_roster (programme, look_at)
SELECT p.id, now() FROM programme p
 WHERE EXISTS (SELECT FROM enrolment e JOIN ledger_disclosure d ON d.enrolment = e.ref AND NOT d.own_read WHERE e.programme = p.id);
GRANT SELECT, UPDATE (look_at) ON shown_roster TO gerbang_keeper;

CREATE FUNCTION note_shown_roster(shown uuid, until timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO shown_roster (programme, look_at) VALUES (shown, until)
        ON CONFLICT ON CONSTRAINT shown_roster_pkey DO UPDATE SET look_at = excluded.look_at WHERE shown_roster.look_at IS NULL
$$;
COMMENT ON FUNCTION note_shown_roster IS 'Has the timekeeper look at a roster whose names are shown to the lead agency, once they are shown no longer; nothing where it will.';
REVOKE EXECUTE ON FUNCTION note_shown_roster FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_shown_roster TO gerbang_gateway;

CREATE FUNCTION roster_to_look_at(
    wanted uuid, now_at timestamptz,
    OUT programme programme_row, OUT anybody_confirmed boolean, OUT last_end timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (p.id, p.lead, p.ref, p.agreement, p.agreement_author, p.agreement_ref, p.prison, p.plan, p.state, p.note, p.noted_by,
            p.noted_at, p.version, p.opened_at, p.created_at)::programme_row,
           EXISTS (SELECT FROM enrolment e WHERE e.programme = p.id AND e.state = 'CONFIRMED'),
           (SELECT max(s.ends_at) FROM session s WHERE s.programme = p.id AND s.state = 'CONFIRMED')
      FROM shown_roster r JOIN programme p ON p.id = r.programme
     WHERE r.programme = wanted AND r.look_at <= now_at
$$;
COMMENT ON FUNCTION roster_to_look_at IS 'The programme of a roster that the timekeeper has to look at, whether anybody is CONFIRMED on it, and when the last session that its prison has confirmed ends. Nothing where it has not to look, or no more.';

REVOKE EXECUTE ON FUNCTION agreement_to_look_at, programme_with_bookings, bookings_of_programme, roster_to_look_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_to_look_at, programme_with_bookings, bookings_of_programme, roster_to_look_at TO gerbang_keeper;
