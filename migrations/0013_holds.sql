-- Who holds a person's or a room's time. Nothing that one agency does holds another's persons: a lent trainer's time is
-- held once the trainer's agency has accepted. What rests on an agreement that is suspended or over, or on a suspended
-- agency, holds nobody and no room.

ALTER TABLE session ADD COLUMN dormant boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN session.dormant IS 'Whether its agreement is suspended or over by then, or a party of it suspended: it holds no room and nobody. Follows from these; outside etag, version and the ledger''s row.';
COMMENT ON COLUMN session.facility IS 'The room that it holds while TENTATIVE or CONFIRMED and not dormant: a reference of the prison''s.';
COMMENT ON COLUMN session.note IS 'Why it was cancelled or declined, or its bookings released by an administrator.';
ALTER TABLE assignment ADD COLUMN dormant boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN assignment.dormant IS 'As its session is dormant.';
-- Computed by the database alone, so that no writer can hold what is not his to hold.
ALTER TABLE assignment ADD COLUMN holds boolean NOT NULL GENERATED ALWAYS AS (
    NOT dormant AND (state IN ('ACCEPTED', 'CLEARED') OR (state = 'PROPOSED' AND trainer_agency = lead))
) STORED;
COMMENT ON COLUMN assignment.holds IS 'Whether it holds the trainer''s time: ACCEPTED and CLEARED do, PROPOSED where the trainer is the lead agency''s own.';
COMMENT ON COLUMN assignment.state IS 'PROPOSED, ACCEPTED and CLEARED are open; which of them hold the trainer''s time, the column holds says.';
GRANT INSERT (dormant), UPDATE (dormant) ON session, assignment TO gerbang_gateway;

-- What rested on what was suspended or over before. A day's end in the west of the world stands for every zone.
UPDATE session s SET dormant = true
  FROM programme p JOIN agreement g ON g.id = p.agreement
 WHERE p.id = s.programme
   AND (cardinality(g.suspended_by) > 0
        OR EXISTS (SELECT FROM agency a WHERE a.code = ANY (g.parties) AND a.state <> 'ACTIVE')
        OR s.ends_at > (g.terminates_on + 1)::timestamp AT TIME ZONE 'UTC' + interval '12 hours');
UPDATE assignment a SET dormant = true FROM session s WHERE s.id = a.session AND s.dormant;

ALTER TABLE session
    DROP CONSTRAINT session_prison_facility_excl,
    ADD CONSTRAINT session_prison_facility_excl EXCLUDE USING gist (
        prison WITH =, facility WITH =, tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (state IN ('TENTATIVE', 'CONFIRMED') AND NOT dormant) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE assignment
    DROP CONSTRAINT assignment_booking_key_excl,
    ADD CONSTRAINT assignment_booking_key_excl EXCLUDE USING gist (
        booking_key WITH =, tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (holds) DEFERRABLE INITIALLY IMMEDIATE;
CREATE INDEX assignment_booking_key_idx ON assignment (booking_key, starts_at)
    WHERE state IN ('PROPOSED', 'ACCEPTED', 'CLEARED');
CREATE INDEX programme_agreement_idx ON programme (agreement);

CREATE OR REPLACE FUNCTION busy(persons bytea[], first timestamptz, last timestamptz, except_sessions uuid[])
RETURNS TABLE (booking_key bytea, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.booking_key, a.starts_at, a.ends_at
      FROM unnest(persons) AS person (key)
      JOIN assignment a ON a.booking_key = person.key
     WHERE a.holds AND tstzrange(a.starts_at, a.ends_at) && tstzrange(first, last)
       AND NOT a.session = ANY (except_sessions)
$$;

CREATE OR REPLACE FUNCTION rooms_busy(
    of_prison text, rooms text[], first timestamptz, last timestamptz, except_sessions uuid[]
) RETURNS TABLE (facility text, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT s.facility, s.starts_at, s.ends_at
      FROM unnest(rooms) AS room (ref)
      JOIN session s ON s.prison = of_prison AND s.facility = room.ref
     WHERE s.state IN ('TENTATIVE', 'CONFIRMED') AND NOT s.dormant
       AND tstzrange(s.starts_at, s.ends_at) && tstzrange(first, last)
       AND NOT s.id = ANY (except_sessions)
$$;

CREATE FUNCTION asked_for(persons bytea[], first timestamptz, last timestamptz, except_sessions uuid[])
RETURNS TABLE (booking_key bytea, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.booking_key, a.starts_at, a.ends_at
      FROM unnest(persons) AS person (key)
      JOIN assignment a ON a.booking_key = person.key
     WHERE a.state = 'PROPOSED' AND NOT a.holds AND NOT a.dormant
       AND a.starts_at > first - interval '8 hours' AND a.starts_at < last AND a.ends_at > first
       AND NOT a.session = ANY (except_sessions)
$$;
COMMENT ON FUNCTION asked_for IS 'When these persons are proposed without being held, over all agencies: ranges and nothing more.';

CREATE FUNCTION overlaps_of(assignments uuid[])
RETURNS TABLE (assignment uuid, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.id, o.starts_at, o.ends_at
      FROM assignment a
     CROSS JOIN LATERAL (
           SELECT b.starts_at, b.ends_at, b.id
             FROM assignment b
            WHERE b.booking_key = a.booking_key AND b.id <> a.id
              AND b.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED') AND NOT b.dormant
              AND b.starts_at > a.starts_at - interval '8 hours' AND b.starts_at < a.ends_at
              AND b.ends_at > a.starts_at
            ORDER BY b.starts_at, b.id LIMIT 10) o
     WHERE a.id = ANY (assignments) AND a.state = 'PROPOSED' AND caller() IN (a.lead, a.prison, a.trainer_agency)
     ORDER BY a.id, o.starts_at, o.id
$$;
COMMENT ON FUNCTION overlaps_of IS 'When else the trainers of PROPOSED assignments that the caller may see are proposed or taken: at most ten ranges each, and nothing more.';

-- What agreements and agencies hold. A party of an agreement, or an administrator, acts on sessions here that it may not
-- read; whoever calls decides whether it may.

CREATE FUNCTION booking_programmes(agreements uuid[], of_lead text) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT id FROM programme WHERE agreement = ANY (agreements) OR lead = of_lead ORDER BY id
$$;
COMMENT ON FUNCTION booking_programmes IS 'Programmes under agreements, or led by an agency: to lock them.';

CREATE FUNCTION booked_sessions(agreements uuid[], of_lead text, first timestamptz) RETURNS SETOF session
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT s.* FROM programme p JOIN session s ON s.programme = p.id
     WHERE (p.agreement = ANY (agreements) OR p.lead = of_lead)
       AND s.ends_at > first AND s.state IN ('TENTATIVE', 'CONFIRMED')
     ORDER BY s.starts_at, s.lead, s.uid
$$;
COMMENT ON FUNCTION booked_sessions IS 'TENTATIVE and CONFIRMED sessions under agreements, or led by an agency, that end after a moment; dormant ones too.';

CREATE FUNCTION booked_assignments(sessions uuid[]) RETURNS SETOF assignment
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.* FROM assignment a
     WHERE a.session = ANY (sessions) AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
     ORDER BY a.starts_at, a.id
$$;
COMMENT ON FUNCTION booked_assignments IS 'Open assignments of sessions; dormant ones too.';

CREATE FUNCTION release_bookings(agreements uuid[], first timestamptz) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH ahead AS (
        UPDATE session s SET dormant = true
          FROM programme p
         WHERE p.id = s.programme AND p.agreement = ANY (agreements) AND s.ends_at > first AND NOT s.dormant
        RETURNING s.id
    ), freed AS (
        UPDATE assignment a SET dormant = true FROM ahead WHERE a.session = ahead.id
    )
    SELECT count(*) FROM ahead
$$;
COMMENT ON FUNCTION release_bookings IS 'Has sessions under agreements that end after a moment hold no room and nobody.';

CREATE FUNCTION hold_bookings(sessions uuid[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE session SET dormant = false WHERE id = ANY (sessions);
    UPDATE assignment SET dormant = false WHERE session = ANY (sessions);
$$;
COMMENT ON FUNCTION hold_bookings IS 'Has dormant sessions hold again what is theirs.';

CREATE FUNCTION give_up_bookings(sessions uuid[], keep_room boolean[], why text, assignments uuid[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE session s
       SET state = 'TENTATIVE', facility = CASE WHEN given.keep THEN s.facility END, note = coalesce(why, s.note),
           version = s.version + 1
      FROM unnest(sessions, keep_room) AS given (id, keep)
     WHERE s.id = given.id AND s.state IN ('TENTATIVE', 'CONFIRMED');
    UPDATE assignment SET state = 'WITHDRAWN', version = version + 1
     WHERE id = ANY (assignments) AND state IN ('PROPOSED', 'ACCEPTED', 'CLEARED');
$$;
COMMENT ON FUNCTION give_up_bookings IS 'Puts sessions back to TENTATIVE, some without their room, and withdraws assignments.';

CREATE FUNCTION agreements_of(agency text) RETURNS SETOF agreement
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT * FROM agreement WHERE act IN ('AGREED', 'TERMINATED') AND agency = ANY (parties) ORDER BY id
$$;
COMMENT ON FUNCTION agreements_of IS 'Agreements of an agency that were agreed on, which resuming the agency opens again.';

REVOKE EXECUTE ON FUNCTION asked_for, overlaps_of, booking_programmes, booked_sessions, booked_assignments,
    release_bookings, hold_bookings, give_up_bookings, agreements_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION asked_for, overlaps_of, booking_programmes, booked_sessions, booked_assignments,
    release_bookings, hold_bookings, give_up_bookings, agreements_of TO gerbang_gateway;
