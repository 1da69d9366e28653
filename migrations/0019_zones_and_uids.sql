-- Days are told to Postgres, never asked of it: its zone files are another machine's. The gateway, which has the zone
-- database in its binary, says for each zone how far it is from UTC, and since when.

CREATE INDEX agreement_time_zone_idx ON agreement (time_zone);

CREATE FUNCTION agreement_zones() RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- From one to the next by the index: there are few, of many agreements.
    RETURN QUERY
    WITH RECURSIVE stored (time_zone) AS (
        (SELECT a.time_zone FROM agreement a ORDER BY a.time_zone LIMIT 1)
        UNION ALL
        SELECT (SELECT a.time_zone FROM agreement a WHERE a.time_zone > s.time_zone ORDER BY a.time_zone LIMIT 1)
          FROM stored s WHERE s.time_zone IS NOT NULL
    )
    SELECT s.time_zone FROM stored s WHERE s.time_zone IS NOT NULL;
END
$$;
COMMENT ON FUNCTION agreement_zones IS 'The zones that agreements are counted in: names and nothing more.';

CREATE FUNCTION stored_zones() RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT agreement_zones() UNION SELECT time_zone FROM agency UNION SELECT time_zone FROM session;
END
$$;
COMMENT ON FUNCTION stored_zones IS 'Every zone of agencies, agreements and sessions, for gerbang doctor.';

CREATE FUNCTION day_in(
    time_zone text, at timestamptz, zones text[], since timestamptz[], seconds integer[]
) RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT date '1970-01-01' + floor((extract(epoch FROM at) + o.seconds) / 86400)::integer
      FROM unnest(zones, since, seconds) AS o (zone, since, seconds)
     WHERE o.zone = time_zone AND o.since <= at AND isfinite(at)
     ORDER BY o.since DESC LIMIT 1
$$;
COMMENT ON FUNCTION day_in IS 'The day in a zone at a time, by the zones'' distances from UTC; NULL where none is told.';

-- exchange::gate's "in force", for filters. A suspension that is open now closes it on every day, and so does a zone
-- that is not told. A test holds it against the domain.
DROP FUNCTION opens_door(uuid, text, text, text, timestamptz);
DROP FUNCTION in_force(agreement, timestamptz);
CREATE FUNCTION in_force(
    one agreement, at timestamptz, zones text[], since timestamptz[], seconds integer[]
) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(cardinality(one.parties) > 1
                    AND one.act IN ('AGREED', 'TERMINATED')
                    AND cardinality(one.suspended_by) = 0
                    AND one.effective_from <= today.day
                    AND (one.effective_until IS NULL OR today.day <= one.effective_until)
                    AND (one.terminates_on IS NULL OR today.day < one.terminates_on)
                    AND NOT EXISTS (SELECT FROM agency a WHERE a.code = ANY (one.parties) AND a.state <> 'ACTIVE'),
                    false)
      FROM (SELECT day_in(one.time_zone, at, zones, since, seconds) AS day) AS today
$$;
COMMENT ON FUNCTION in_force IS 'Whether an agreement is in force at a time, as the gate sees it.';

CREATE FUNCTION opens_door(
    of_programme uuid, of_lead text, of_prison text, of_trainer text, at timestamptz,
    zones text[], since timestamptz[], seconds integer[]
) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM programme p JOIN agreement g ON g.id = p.agreement
                    WHERE p.id = of_programme AND in_force(g, at, zones, since, seconds))
       AND (of_trainer IN (of_lead, of_prison)
            OR EXISTS (SELECT FROM agreement g
                        WHERE g.parties @> ARRAY[of_prison, of_trainer] AND in_force(g, at, zones, since, seconds)
                          AND g.terms -> 'annex' -> 'data_kinds' ? 'TRAINER'))
$$;
COMMENT ON FUNCTION opens_door IS 'Whether the agreements that a trainer''s coming rests on are in force: the programme''s, and that of an agency which lends the trainer.';

REVOKE EXECUTE ON FUNCTION agreement_zones, stored_zones, opens_door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_zones, stored_zones, opens_door TO gerbang_gateway;

-- Uids and sequences as calendars write them.
ALTER TABLE session
    DROP CONSTRAINT IF EXISTS session_uid_check,
    ADD CONSTRAINT session_uid_check CHECK (uid ~ '^[!-~]{1,255}$'),
    DROP CONSTRAINT IF EXISTS session_sequence_check,
    ADD CONSTRAINT session_sequence_check CHECK (sequence >= 0);
ALTER TABLE assignment
    DROP CONSTRAINT IF EXISTS assignment_session_uid_check,
    ADD CONSTRAINT assignment_session_uid_check CHECK (session_uid ~ '^[!-~]{1,255}$');
COMMENT ON COLUMN session.uid IS 'The lead agency''s own identifier, such as a calendar''s UID; in names percent-encoded.';
