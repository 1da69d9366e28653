-- A page of a list costs what the page holds, whatever others have stored: every list begins in an index that its reader
-- leads, at the moment or the name from which it is asked.

CREATE INDEX assignment_prison_idx ON assignment (prison, starts_at, lead, session_uid);
CREATE INDEX assignment_lead_idx ON assignment (lead, starts_at, session_uid);
-- The agency of a trainer who is neither the lead agency's nor the prison's.
CREATE INDEX assignment_trainer_agency_idx ON assignment (trainer_agency, starts_at, lead, session_uid)
    WHERE trainer_agency <> lead AND trainer_agency <> prison;
CREATE INDEX session_prison_idx ON session (prison, starts_at, lead, uid);
CREATE INDEX session_lead_idx ON session (lead, starts_at, uid);
-- These were led by what everybody has, and the last was never used: behind a policy, arrays are no index's condition.
DROP INDEX assignment_starts_at_idx;
DROP INDEX session_starts_at_idx;
DROP INDEX session_trainer_agencies_idx;

-- Agencies that lend a session their trainers read it too. No index over an array has an order, so each has a row here.
CREATE TABLE session_lender (
    agency text NOT NULL,
    starts_at timestamptz NOT NULL,
    lead text NOT NULL,
    uid text NOT NULL,
    session uuid NOT NULL CONSTRAINT session_lender_session_fkey REFERENCES session (id),
    CONSTRAINT session_lender_pkey PRIMARY KEY (agency, starts_at, lead, uid)
);
CREATE INDEX session_lender_session_idx ON session_lender (session);
COMMENT ON TABLE session_lender IS 'Agencies of trainers in sessions that neither lead nor host them. Follows from session; the database alone writes it.';
COMMENT ON COLUMN session_lender.agency IS 'The agency that lends a trainer. The only reader.';
COMMENT ON COLUMN session_lender.starts_at IS 'The session''s start.';
COMMENT ON COLUMN session_lender.lead IS 'The session''s lead agency.';
COMMENT ON COLUMN session_lender.uid IS 'The session''s uid.';
COMMENT ON COLUMN session_lender.session IS 'The session.';
ALTER TABLE session_lender ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_lender_readers ON session_lender USING (caller() = agency);
GRANT SELECT ON session_lender TO gerbang_gateway;

CREATE FUNCTION keep_session_lenders() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM session_lender WHERE session = NEW.id;
    INSERT INTO session_lender (agency, starts_at, lead, uid, session)
    SELECT DISTINCT lender, NEW.starts_at, NEW.lead, NEW.uid, NEW.id
      FROM unnest(NEW.trainer_agencies) AS lender
     WHERE lender NOT IN (NEW.lead, NEW.prison);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION keep_session_lenders IS 'Keeps the rows of session_lender as a session has it.';
REVOKE EXECUTE ON FUNCTION keep_session_lenders FROM PUBLIC;
CREATE TRIGGER session_lenders_of_new AFTER INSERT ON session FOR EACH ROW
    WHEN (NOT NEW.trainer_agencies <@ ARRAY[NEW.lead, NEW.prison])
    EXECUTE FUNCTION keep_session_lenders();
CREATE TRIGGER session_lenders_of_changed AFTER UPDATE ON session FOR EACH ROW
    WHEN ((OLD.starts_at, OLD.trainer_agencies) IS DISTINCT FROM (NEW.starts_at, NEW.trainer_agencies)
          AND NOT OLD.trainer_agencies || NEW.trainer_agencies <@ ARRAY[NEW.lead, NEW.prison])
    EXECUTE FUNCTION keep_session_lenders();
INSERT INTO session_lender (agency, starts_at, lead, uid, session)
SELECT DISTINCT lender, s.starts_at, s.lead, s.uid, s.id
  FROM session s CROSS JOIN LATERAL unnest(s.trainer_agencies) AS lender
 WHERE lender NOT IN (s.lead, s.prison);

-- As before, and by the index: what a policy itself compares may be its condition.
ALTER POLICY agreement_readers ON agreement USING (readers @> ARRAY[caller()]);

-- The inventory and the orders, by what they are sorted by.
CREATE INDEX certificate_ends_idx ON certificate (least(not_after, ends_at), serial);
CREATE INDEX certificate_agency_ends_idx ON certificate (agency, least(not_after, ends_at), serial);
CREATE INDEX certificate_order_created_at_idx ON certificate_order (created_at, id);

-- Whose trainers come: the lead agency's own, the prison's, and those who are lent, each by its index.
CREATE OR REPLACE FUNCTION ahead_of(agencies text[], moment timestamptz, OUT sessions bigint, OUT assignments bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (SELECT count(*) FROM session s
             WHERE s.lead = ANY (agencies) AND s.starts_at > moment AND s.state IN ('TENTATIVE', 'CONFIRMED')),
           (SELECT count(*) FROM assignment a
             WHERE a.lead = ANY (agencies) AND a.trainer_agency = a.lead AND a.starts_at > moment
               AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED'))
           + (SELECT count(*) FROM assignment a
               WHERE a.prison = ANY (agencies) AND a.trainer_agency = a.prison AND a.trainer_agency <> a.lead
                 AND a.starts_at > moment AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED'))
           + (SELECT count(*) FROM assignment a
               WHERE a.trainer_agency = ANY (agencies) AND a.trainer_agency <> a.lead AND a.trainer_agency <> a.prison
                 AND a.starts_at > moment AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED'))
$$;

-- The reader's relations, one index each: a list knows which it reads. A kept plan cannot know how many rows a reader has,
-- and would sort all of them where it expects few, or start workers where it expects many; so these plans walk in order, by
-- themselves, whoever reads.
CREATE FUNCTION assignments_of(
    reader text, of_state text, of_trainer_agency text, first timestamptz, last timestamptz, room_prison text,
    room text, clearance text, moment timestamptz, zones text[], since timestamptz[], seconds integer[],
    after_start timestamptz, after_lead text, after_uid text, after_assists boolean, after_id uuid, up_to bigint
) RETURNS SETOF assignment
LANGUAGE plpgsql STABLE ROWS 100 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_sort = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY
    (SELECT a.* FROM assignment a
      WHERE a.prison = reader
        AND (a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id)
            > (after_start, after_lead, after_uid, after_assists, after_id)
        AND a.starts_at < last AND (first IS NULL OR a.ends_at > first)
        AND (of_state IS NULL OR a.state = of_state)
        AND (of_trainer_agency IS NULL OR a.trainer_agency = of_trainer_agency)
        AND (room IS NULL OR a.prison = room_prison AND EXISTS (
            SELECT FROM session s
             WHERE s.id = a.session AND s.facility = room
               AND (reader IN (s.lead, s.prison) OR reader = ANY (s.trainer_agencies))))
        AND (clearance IS NULL OR a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
             AND (clearance = 'GRANTED') = (a.state = 'CLEARED' AND EXISTS (
                 SELECT FROM session s
                  WHERE s.id = a.session AND s.state = 'CONFIRMED'
                    AND (reader IN (s.lead, s.prison) OR reader = ANY (s.trainer_agencies))
                    AND opens_door(s.programme, a.lead, a.prison, a.trainer_agency, greatest(a.starts_at, moment),
                                   zones, since, seconds))))
      ORDER BY a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id LIMIT up_to)
    UNION ALL
    (SELECT a.* FROM assignment a
      WHERE a.lead = reader AND a.prison <> reader
        AND (a.starts_at, a.session_uid) >= (after_start, CASE WHEN reader = after_lead THEN after_uid ELSE '' END)
        AND (a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id)
            > (after_start, after_lead, after_uid, after_assists, after_id)
        AND a.starts_at < last AND (first IS NULL OR a.ends_at > first)
        AND (of_state IS NULL OR a.state = of_state)
        AND (of_trainer_agency IS NULL OR a.trainer_agency = of_trainer_agency)
        AND (room IS NULL OR a.prison = room_prison AND EXISTS (
            SELECT FROM session s
             WHERE s.id = a.session AND s.facility = room
               AND (reader IN (s.lead, s.prison) OR reader = ANY (s.trainer_agencies))))
        AND (clearance IS NULL OR a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
             AND (clearance = 'GRANTED') = (a.state = 'CLEARED' AND EXISTS (
                 SELECT FROM session s
                  WHERE s.id = a.session AND s.state = 'CONFIRMED'
                    AND (reader IN (s.lead, s.prison) OR reader = ANY (s.trainer_agencies))
                    AND opens_door(s.programme, a.lead, a.prison, a.trainer_agency, greatest(a.starts_at, moment),
                                   zones, since, seconds))))
      ORDER BY a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id LIMIT up_to)
    UNION ALL
    (SELECT a.* FROM assignment a
      WHERE a.trainer_agency = reader AND a.trainer_agency <> a.lead AND a.trainer_agency <> a.prison
        AND (a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id)
            > (after_start, after_lead, after_uid, after_assists, after_id)
        AND a.starts_at < last AND (first IS NULL OR a.ends_at > first)
        AND (of_state IS NULL OR a.state = of_state)
        AND (of_trainer_agency IS NULL OR a.trainer_agency = of_trainer_agency)
        AND (room IS NULL OR a.prison = room_prison AND EXISTS (
            SELECT FROM session s
             WHERE s.id = a.session AND s.facility = room
               AND (reader IN (s.lead, s.prison) OR reader = ANY (s.trainer_agencies))))
        AND (clearance IS NULL OR a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
             AND (clearance = 'GRANTED') = (a.state = 'CLEARED' AND EXISTS (
                 SELECT FROM session s
                  WHERE s.id = a.session AND s.state = 'CONFIRMED'
                    AND (reader IN (s.lead, s.prison) OR reader = ANY (s.trainer_agencies))
                    AND opens_door(s.programme, a.lead, a.prison, a.trainer_agency, greatest(a.starts_at, moment),
                                   zones, since, seconds))))
      ORDER BY a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id LIMIT up_to);
END
$$;
COMMENT ON FUNCTION assignments_of IS 'A reader''s assignments after a place in the list, by start and session, LEAD first: at most so many of each relation, in which it is the prison, the lead agency or the agency that lends the trainer.';
REVOKE EXECUTE ON FUNCTION assignments_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assignments_of TO gerbang_gateway;

CREATE FUNCTION sessions_of(
    reader text, of_lead text, of_state text, first timestamptz, last timestamptz,
    after_start timestamptz, after_lead text, after_uid text, up_to bigint
) RETURNS SETOF session
LANGUAGE plpgsql STABLE ROWS 100 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_sort = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY
    (SELECT s.* FROM session s
      WHERE s.prison = reader AND (s.starts_at, s.lead, s.uid) > (after_start, after_lead, after_uid)
        AND s.starts_at < last AND (first IS NULL OR s.ends_at > first)
        AND (of_lead IS NULL OR s.lead = of_lead)
        AND (of_state IS NULL OR s.state = of_state)
      ORDER BY s.starts_at, s.lead, s.uid LIMIT up_to)
    UNION ALL
    (SELECT s.* FROM session s
      WHERE s.lead = reader AND s.prison <> reader
        AND (s.starts_at, s.lead, s.uid) > (after_start, after_lead, after_uid)
        AND (s.starts_at, s.uid) >= (after_start, CASE WHEN reader = after_lead THEN after_uid ELSE '' END)
        AND s.starts_at < last AND (first IS NULL OR s.ends_at > first)
        AND (of_lead IS NULL OR s.lead = of_lead)
        AND (of_state IS NULL OR s.state = of_state)
      ORDER BY s.starts_at, s.lead, s.uid LIMIT up_to)
    UNION ALL
    (SELECT s.* FROM session_lender l JOIN session s ON s.id = l.session AND reader = ANY (s.trainer_agencies)
      WHERE l.agency = reader AND (l.starts_at, l.lead, l.uid) > (after_start, after_lead, after_uid) AND l.starts_at < last
        AND s.starts_at < last AND (first IS NULL OR s.ends_at > first)
        AND (of_lead IS NULL OR s.lead = of_lead)
        AND (of_state IS NULL OR s.state = of_state)
      ORDER BY l.starts_at, l.lead, l.uid LIMIT up_to);
END
$$;
COMMENT ON FUNCTION sessions_of IS 'A reader''s sessions after a place in the list, by start and name: at most so many of each relation, in which it is the prison, the lead agency or an agency that lends a trainer.';
REVOKE EXECUTE ON FUNCTION sessions_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sessions_of TO gerbang_gateway;

CREATE FUNCTION programmes_of(
    reader text, of_state text, of_lead text, after_lead text, after_ref text, up_to bigint
) RETURNS SETOF programme
LANGUAGE plpgsql STABLE ROWS 100 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_sort = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY
    (SELECT p.* FROM programme p
      WHERE p.lead = reader AND (p.lead, p.ref) > (after_lead, after_ref)
        AND (of_state IS NULL OR p.state = of_state)
        AND (of_lead IS NULL OR p.lead = of_lead)
      ORDER BY p.lead, p.ref LIMIT up_to)
    UNION ALL
    (SELECT p.* FROM programme p
      WHERE p.prison = reader AND p.lead <> reader AND (p.lead, p.ref) > (after_lead, after_ref)
        AND (of_state IS NULL OR p.state = of_state)
        AND (of_lead IS NULL OR p.lead = of_lead)
      ORDER BY p.lead, p.ref LIMIT up_to);
END
$$;
COMMENT ON FUNCTION programmes_of IS 'A reader''s programmes after a name, by name: at most so many of those that it leads, and of those that it hosts.';
REVOKE EXECUTE ON FUNCTION programmes_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION programmes_of TO gerbang_gateway;
