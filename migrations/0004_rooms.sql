-- Facilities, the prison's confirmation of sessions, and what becomes of assignments.

CREATE TABLE facility (
    id uuid CONSTRAINT facility_pkey PRIMARY KEY,
    prison text NOT NULL CONSTRAINT facility_prison_fkey REFERENCES agency (code),
    ref text NOT NULL,
    display_name text NOT NULL,
    kind text NOT NULL CONSTRAINT facility_kind_check
        CHECK (kind IN ('CLASSROOM', 'WORKSHOP', 'POND', 'GREENHOUSE', 'SAE_PLOT', 'KITCHEN', 'OTHER')),
    capacity integer NOT NULL CONSTRAINT facility_capacity_check CHECK (capacity > 0),
    equipment jsonb NOT NULL,
    status text NOT NULL CONSTRAINT facility_status_check CHECK (status IN ('AVAILABLE', 'MAINTENANCE', 'RETIRED')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CONSTRAINT facility_prison_ref_key UNIQUE (prison, ref)
);
COMMENT ON TABLE facility IS 'Rooms and other places of prisons (sarana).';
COMMENT ON COLUMN facility.id IS 'Internal key.';
COMMENT ON COLUMN facility.prison IS 'The prison that it belongs to.';
COMMENT ON COLUMN facility.ref IS 'The prison''s own reference. Never changes.';
COMMENT ON COLUMN facility.display_name IS 'What people call it.';
COMMENT ON COLUMN facility.kind IS 'CLASSROOM, WORKSHOP, POND, GREENHOUSE, SAE_PLOT, KITCHEN or OTHER.';
COMMENT ON COLUMN facility.capacity IS 'How many trainees it holds.';
COMMENT ON COLUMN facility.equipment IS 'What stands in it: name, quantity, condition.';
COMMENT ON COLUMN facility.status IS 'AVAILABLE, MAINTENANCE, or RETIRED for good.';
COMMENT ON COLUMN facility.version IS 'Counts changes; part of the etag.';
COMMENT ON COLUMN facility.created_at IS 'When it was added.';
GRANT SELECT, INSERT, UPDATE ON facility TO gerbang_gateway;

ALTER TABLE session
    ADD COLUMN facility text,
    ADD COLUMN facility_pushed text,
    ADD CONSTRAINT session_prison_facility_fkey FOREIGN KEY (prison, facility) REFERENCES facility (prison, ref),
    ADD CONSTRAINT session_prison_facility_pushed_fkey
        FOREIGN KEY (prison, facility_pushed) REFERENCES facility (prison, ref),
    DROP CONSTRAINT session_state_check,
    ADD CONSTRAINT session_state_check CHECK (state IN ('TENTATIVE', 'CONFIRMED', 'CANCELLED', 'DECLINED')),
    ADD CONSTRAINT session_state_facility_check CHECK (state <> 'CONFIRMED' OR facility IS NOT NULL),
    -- Checked at the end of a statement, so that two sessions may exchange their rooms.
    ADD CONSTRAINT session_prison_facility_excl EXCLUDE USING gist (
        prison WITH =, facility WITH =, tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (state IN ('TENTATIVE', 'CONFIRMED')) DEFERRABLE INITIALLY IMMEDIATE;
COMMENT ON COLUMN session.facility IS 'The room that it holds while TENTATIVE or CONFIRMED: a reference of the prison''s.';
COMMENT ON COLUMN session.facility_pushed IS 'The room as last pushed: content, not what became of it.';
COMMENT ON COLUMN session.state IS 'TENTATIVE, CONFIRMED, CANCELLED for good, or DECLINED by the prison.';
COMMENT ON COLUMN session.note IS 'Why it was cancelled or declined.';

ALTER TABLE assignment
    DROP CONSTRAINT assignment_state_check,
    ADD CONSTRAINT assignment_state_check
        CHECK (state IN ('PROPOSED', 'ACCEPTED', 'CLEARED', 'WITHDRAWN', 'DECLINED', 'CLEARANCE_REFUSED')),
    DROP CONSTRAINT assignment_booking_key_excl,
    ADD CONSTRAINT assignment_booking_key_excl EXCLUDE USING gist (
        booking_key WITH =, tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')) DEFERRABLE INITIALLY IMMEDIATE;
COMMENT ON COLUMN assignment.state IS 'PROPOSED, ACCEPTED, CLEARED hold the trainer''s time; WITHDRAWN, DECLINED, CLEARANCE_REFUSED do not.';
CREATE INDEX assignment_trainer_idx ON assignment (trainer, starts_at);

CREATE OR REPLACE FUNCTION busy(persons bytea[], first timestamptz, last timestamptz, except_sessions uuid[])
RETURNS TABLE (booking_key bytea, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT a.booking_key, a.starts_at, a.ends_at
      FROM unnest(persons) AS person (key)
      JOIN assignment a ON a.booking_key = person.key
     WHERE a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
       AND tstzrange(a.starts_at, a.ends_at) && tstzrange(first, last)
       AND NOT a.session = ANY (except_sessions)
$$;

CREATE FUNCTION rooms_busy(
    of_prison text, rooms text[], first timestamptz, last timestamptz, except_sessions uuid[]
) RETURNS TABLE (facility text, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT s.facility, s.starts_at, s.ends_at
      FROM unnest(rooms) AS room (ref)
      JOIN session s ON s.prison = of_prison AND s.facility = room.ref
     WHERE s.state IN ('TENTATIVE', 'CONFIRMED')
       AND tstzrange(s.starts_at, s.ends_at) && tstzrange(first, last)
       AND NOT s.id = ANY (except_sessions)
$$;
COMMENT ON FUNCTION rooms_busy IS 'When these rooms of a prison are taken, whoever leads the sessions: ranges and nothing more.';

-- A trainer's agency that declines takes the prison's confirmation with it, and can do nothing else to a session.
CREATE FUNCTION unconfirm(sessions uuid[]) RETURNS SETOF uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE session SET state = 'TENTATIVE', version = version + 1
     WHERE id = ANY (sessions) AND state = 'CONFIRMED'
       AND (caller() IN (lead, prison) OR caller() = ANY (trainer_agencies))
    RETURNING id
$$;
COMMENT ON FUNCTION unconfirm IS 'Puts CONFIRMED sessions of the caller''s back to TENTATIVE; answers with those that were.';

-- exchange::gate's "in force", for filters. A suspension that is open now closes it on every day.
CREATE FUNCTION in_force(one agreement, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT cardinality(one.parties) > 1
       AND agreement_state(one.act, one.effective_from, one.effective_until, one.terminates_on,
                           cardinality(one.suspended_by) > 0, (at AT TIME ZONE one.time_zone)::date) = 'ACTIVE'
       AND NOT EXISTS (SELECT FROM agency a WHERE a.code = ANY (one.parties) AND a.state <> 'ACTIVE')
$$;
COMMENT ON FUNCTION in_force IS 'Whether an agreement is in force at a time, as the gate sees it.';

CREATE FUNCTION opens_door(of_programme uuid, of_lead text, of_prison text, of_trainer text, at timestamptz)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT FROM programme p JOIN agreement g ON g.id = p.agreement
                    WHERE p.id = of_programme AND in_force(g, at))
       AND (of_trainer IN (of_lead, of_prison)
            OR EXISTS (SELECT FROM agreement g
                        WHERE g.parties @> ARRAY[of_prison, of_trainer] AND in_force(g, at)
                          AND g.terms -> 'annex' -> 'data_kinds' ? 'TRAINER'))
$$;
COMMENT ON FUNCTION opens_door IS 'Whether the agreements that a trainer''s coming rests on are in force: the programme''s, and that of an agency which lends the trainer.';

REVOKE EXECUTE ON FUNCTION rooms_busy, unconfirm, opens_door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rooms_busy, unconfirm, opens_door TO gerbang_gateway;
