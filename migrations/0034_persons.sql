-- What a row costs to write. Nothing means anything else than before: the same bookings exclude each other, and every column
-- takes the same values. Writes assignment anew and reads every table named here, which nobody can use meanwhile: six seconds
-- for a hundred thousand assignments.

CREATE FUNCTION person_of(booking_key bytea) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(substr(booking_key, 1, 16), 'hex')::uuid
$$;
COMMENT ON FUNCTION person_of IS 'The first half of a booking key, which tells persons apart as the whole key does: keys are HMAC-SHA-256 or random, so that of all people alive (2^33) two share a half with a probability of 2^-63.';

-- Sixteen bytes where it was thirty-two, which cost twice as much at every booking. A key of another length has no half:
-- NOT NULL refuses it, as assignment_booking_key_check does.
ALTER TABLE assignment ADD COLUMN person uuid NOT NULL GENERATED ALWAYS AS (
    CASE WHEN octet_length(booking_key) = 32 THEN person_of(booking_key) END
) STORED;
COMMENT ON COLUMN assignment.person IS 'person_of(booking_key), for the exclusion over all agencies, and to find bookings. Two persons with one half would be refused each other''s times wrongly; person_of says why there are none.';
COMMENT ON COLUMN assignment.booking_key IS 'The trainer''s.';
ALTER TABLE assignment
    DROP CONSTRAINT assignment_booking_key_excl,
    ADD CONSTRAINT assignment_booking_key_excl EXCLUDE USING gist (
        person WITH =, tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (holds) DEFERRABLE INITIALLY IMMEDIATE;
DROP INDEX assignment_booking_key_idx;
CREATE INDEX assignment_person_idx ON assignment (person, starts_at) WHERE state IN ('PROPOSED', 'ACCEPTED', 'CLEARED');
-- A push asks what was refused of its trainers, which is little of what they are booked for.
CREATE INDEX assignment_refused_idx ON assignment (trainer, ends_at) WHERE state IN ('DECLINED', 'CLEARANCE_REFUSED');

-- A session without a room is in no other's way.
ALTER TABLE session
    DROP CONSTRAINT session_prison_facility_excl,
    ADD CONSTRAINT session_prison_facility_excl EXCLUDE USING gist (
        prison WITH =, facility WITH =, tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (facility IS NOT NULL AND state IN ('TENTATIVE', 'CONFIRMED') AND NOT dormant) DEFERRABLE INITIALLY IMMEDIATE;

-- Who asks for persons, asks by the half: as before in all else.

CREATE OR REPLACE FUNCTION persons_taken(persons bytea[], firsts timestamptz[], lasts timestamptz[], except_sessions uuid[])
RETURNS TABLE (booking_key bytea, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY
    SELECT a.booking_key, a.starts_at, a.ends_at
      FROM unnest(persons, firsts, lasts) AS wanted (key, first, last)
     -- OFFSET keeps "holds" apart, for which the index of the exclusion would be taken: it is four times as slow, and read
     -- whole where a person has much.
     CROSS JOIN LATERAL (
           SELECT a.*
             FROM assignment a
            WHERE a.person = person_of(wanted.key) AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
              AND a.starts_at > wanted.first - interval '8 hours' AND a.starts_at < wanted.last
              AND a.ends_at > wanted.first
           OFFSET 0) AS a
     WHERE a.holds AND NOT a.session = ANY (except_sessions);
END
$$;

CREATE OR REPLACE FUNCTION persons_asked_for(persons bytea[], firsts timestamptz[], lasts timestamptz[], except_sessions uuid[])
RETURNS TABLE (booking_key bytea, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY
    SELECT a.booking_key, a.starts_at, a.ends_at
      FROM unnest(persons, firsts, lasts) AS wanted (key, first, last)
      JOIN assignment a ON a.person = person_of(wanted.key)
       AND a.starts_at > wanted.first - interval '8 hours' AND a.starts_at < wanted.last AND a.ends_at > wanted.first
     WHERE a.state = 'PROPOSED' AND NOT a.holds AND NOT a.dormant AND NOT a.session = ANY (except_sessions);
END
$$;

CREATE OR REPLACE FUNCTION busy(persons bytea[], first timestamptz, last timestamptz, except_sessions uuid[])
RETURNS TABLE (booking_key bytea, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.booking_key, a.starts_at, a.ends_at
      FROM unnest(persons) AS wanted (key)
      JOIN assignment a ON a.person = person_of(wanted.key)
     WHERE a.holds AND tstzrange(a.starts_at, a.ends_at) && tstzrange(first, last)
       AND NOT a.session = ANY (except_sessions)
$$;

CREATE OR REPLACE FUNCTION asked_for(persons bytea[], first timestamptz, last timestamptz, except_sessions uuid[])
RETURNS TABLE (booking_key bytea, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.booking_key, a.starts_at, a.ends_at
      FROM unnest(persons) AS wanted (key)
      JOIN assignment a ON a.person = person_of(wanted.key)
     WHERE a.state = 'PROPOSED' AND NOT a.holds AND NOT a.dormant
       AND a.starts_at > first - interval '8 hours' AND a.starts_at < last AND a.ends_at > first
       AND NOT a.session = ANY (except_sessions)
$$;

CREATE OR REPLACE FUNCTION overlaps_of(assignments uuid[])
RETURNS TABLE (assignment uuid, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.id, o.starts_at, o.ends_at
      FROM assignment a
     CROSS JOIN LATERAL (
           SELECT b.starts_at, b.ends_at, b.id
             FROM assignment b
            WHERE b.person = a.person AND b.id <> a.id
              AND b.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED') AND NOT b.dormant
              AND b.starts_at > a.starts_at - interval '8 hours' AND b.starts_at < a.ends_at
              AND b.ends_at > a.starts_at
            ORDER BY b.starts_at, b.id LIMIT 10) o
     WHERE a.id = ANY (assignments) AND a.state = 'PROPOSED' AND caller() IN (a.lead, a.prison, a.trainer_agency)
     ORDER BY a.id, o.starts_at, o.id
$$;

-- A pattern that counts has a state for each character that it counts: a uid took 20 µs to check, twice for each session, which
-- was a third of all that a push writes. The same texts as before, by their length and a pattern that does not count.
DO $$
DECLARE
    code text := '2 AND 40 AND %2$I ~ ''^[a-z][a-z0-9-]*$''';
    zone text := '1 AND 60 AND %2$I ~ ''^[A-Za-z0-9_+/-]*$''';
    uid text := '1 AND 255 AND %2$I ~ ''^[!-~]*$''';
    bound record;
BEGIN
    FOR bound IN SELECT * FROM (VALUES
        ('agency', 'code', code), ('agency', 'noted_by', code), ('agency', 'time_zone', zone),
        ('system', 'system', code),
        ('replay', 'agency', code),
        ('agreement', 'time_zone', zone),
        ('programme', 'agreement_author', code), ('programme', 'noted_by', code),
        ('schedule', 'lead', code), ('schedule', 'prison', code),
        ('session', 'lead', code), ('session', 'prison', code), ('session', 'noted_by', code),
        ('session', 'time_zone', zone), ('session', 'uid', uid),
        ('assignment', 'lead', code), ('assignment', 'prison', code), ('assignment', 'trainer_agency', code),
        ('assignment', 'time_zone', zone), ('assignment', 'session_uid', uid),
        ('enrolment', 'lead', code), ('enrolment', 'prison', code)
    ) AS bounds (of_table, of_column, rule) LOOP
        EXECUTE format('ALTER TABLE %1$I DROP CONSTRAINT %3$I, ADD CONSTRAINT %3$I CHECK (char_length(%2$I) BETWEEN '
                       || bound.rule || ')', bound.of_table, bound.of_column,
                       bound.of_table || '_' || bound.of_column || '_check');
    END LOOP;
END
$$;

-- A function in SQL is parsed and planned in every statement that checks a row with it.
CREATE OR REPLACE FUNCTION is_list(list text[], most integer, longest integer) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    item text;
BEGIN
    IF cardinality(list) = 0 THEN
        RETURN true;
    END IF;
    IF array_ndims(list) <> 1 OR array_lower(list, 1) <> 1 OR cardinality(list) > most THEN
        RETURN false;
    END IF;
    FOREACH item IN ARRAY list LOOP
        IF item IS NULL OR char_length(item) > longest THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$;
