-- What is asked of many rows at once costs what the question holds: when persons and rooms are taken at the times that are
-- wanted, whatever else they are booked for; and whether doors are open, once for each agreement and time. The functions of
-- before stay for gateways of before.

CREATE FUNCTION persons_taken(persons bytea[], firsts timestamptz[], lasts timestamptz[], except_sessions uuid[])
RETURNS TABLE (booking_key bytea, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY
    SELECT a.booking_key, a.starts_at, a.ends_at
      FROM unnest(persons, firsts, lasts) AS wanted (person, first, last)
     -- OFFSET keeps "holds" apart, for which the index of the exclusion would be taken: it is four times as slow, and read
     -- whole where a person has much.
     CROSS JOIN LATERAL (
           SELECT a.*
             FROM assignment a
            WHERE a.booking_key = wanted.person AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
              AND a.starts_at > wanted.first - interval '8 hours' AND a.starts_at < wanted.last
              AND a.ends_at > wanted.first
           OFFSET 0) AS a
     WHERE a.holds AND NOT a.session = ANY (except_sessions);
END
$$;
COMMENT ON FUNCTION persons_taken IS 'When these persons, one for each time, are taken at that time, over all agencies: ranges and nothing more.';

CREATE FUNCTION persons_asked_for(persons bytea[], firsts timestamptz[], lasts timestamptz[], except_sessions uuid[])
RETURNS TABLE (booking_key bytea, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY
    SELECT a.booking_key, a.starts_at, a.ends_at
      FROM unnest(persons, firsts, lasts) AS wanted (person, first, last)
      JOIN assignment a ON a.booking_key = wanted.person
       AND a.starts_at > wanted.first - interval '8 hours' AND a.starts_at < wanted.last AND a.ends_at > wanted.first
     WHERE a.state = 'PROPOSED' AND NOT a.holds AND NOT a.dormant AND NOT a.session = ANY (except_sessions);
END
$$;
COMMENT ON FUNCTION persons_asked_for IS 'When these persons, one for each time, are proposed at that time without being held, over all agencies: ranges and nothing more.';

CREATE FUNCTION rooms_taken(
    of_prison text, rooms text[], firsts timestamptz[], lasts timestamptz[], except_sessions uuid[]
) RETURNS TABLE (facility text, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY
    SELECT s.facility, s.starts_at, s.ends_at
      FROM unnest(rooms, firsts, lasts) AS wanted (room, first, last)
      JOIN session s ON s.prison = of_prison AND s.facility = wanted.room
       AND tstzrange(s.starts_at, s.ends_at) && tstzrange(wanted.first, wanted.last)
     WHERE s.state IN ('TENTATIVE', 'CONFIRMED') AND NOT s.dormant AND NOT s.id = ANY (except_sessions);
END
$$;
COMMENT ON FUNCTION rooms_taken IS 'When these rooms of a prison, one for each time, are taken at that time, whoever leads the sessions: ranges and nothing more.';

-- opens_door for many. A test holds the two against each other.
CREATE FUNCTION open_doors(
    ids uuid[], programmes uuid[], leads text[], prisons text[], trainers text[], moments timestamptz[],
    zones text[], since timestamptz[], seconds integer[]
) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_nestloop = off SET enable_mergejoin = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY
    WITH question AS MATERIALIZED (
        SELECT q.id, q.programme, q.prison, q.trainer, q.at, q.trainer NOT IN (q.lead, q.prison) AS is_lent
          FROM unnest(ids, programmes, leads, prisons, trainers, moments) AS q (id, programme, lead, prison, trainer, at)
    ), own AS (
        SELECT k.programme, (SELECT p.agreement FROM programme p WHERE p.id = k.programme) AS agreement
          FROM (SELECT DISTINCT q.programme FROM question q) AS k
    ), lending AS (
        SELECT k.prison, k.trainer,
               unnest(ARRAY(SELECT g.id FROM agreement g
                             WHERE g.parties @> ARRAY[k.prison, k.trainer]
                               AND g.terms -> 'annex' -> 'data_kinds' ? 'TRAINER')) AS agreement
          FROM (SELECT DISTINCT q.prison, q.trainer FROM question q WHERE q.is_lent) AS k
    ), rests AS MATERIALIZED (
        SELECT q.id, q.at, false AS is_lending, o.agreement FROM question q JOIN own o ON o.programme = q.programme
        UNION ALL
        SELECT q.id, q.at, true, l.agreement
          FROM question q JOIN lending l ON l.prison = q.prison AND l.trainer = q.trainer
         WHERE q.is_lent
    ), opening AS MATERIALIZED (
        SELECT k.agreement, k.at
          FROM (SELECT DISTINCT r.agreement, r.at FROM rests r) AS k
         WHERE (SELECT in_force(g, k.at, zones, since, seconds) FROM agreement g WHERE g.id = k.agreement)
    ), opened AS MATERIALIZED (
        SELECT DISTINCT r.id, r.is_lending
          FROM rests r JOIN opening o ON o.agreement = r.agreement AND o.at = r.at
    )
    SELECT q.id
      FROM question q JOIN opened o ON o.id = q.id AND NOT o.is_lending
      LEFT JOIN opened l ON l.id = q.id AND l.is_lending
     WHERE NOT q.is_lent OR l.id IS NOT NULL;
END
$$;
COMMENT ON FUNCTION open_doors IS 'Those of many questions for which opens_door answers yes, each agreement looked at once for each time.';

-- The claims that the caller may see, as before, each relation by its index. OFFSET has each looked up by its key.
CREATE INDEX trainer_claim_claimant_idx ON trainer_claim (claimant, id);
CREATE INDEX trainer_claim_holder_idx ON trainer_claim (holder, id);
CREATE OR REPLACE FUNCTION trainer_claims(only_one uuid, open_only boolean, after uuid, up_to bigint)
RETURNS SETOF trainer_claim
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
    SELECT c.*
      FROM (SELECT m.id FROM trainer_claim m WHERE m.claimant = caller()
            UNION
            SELECT m.id FROM trainer_claim m WHERE m.holder = caller()
            UNION
            SELECT m.id
              FROM agency p JOIN agreement g ON g.parties @> ARRAY[p.code] AND g.act IN ('AGREED', 'TERMINATED')
             CROSS JOIN LATERAL unnest(g.parties) AS party (code)
             CROSS JOIN LATERAL (SELECT o.id FROM trainer_claim o WHERE o.claimant = party.code OFFSET 0) AS m
             WHERE p.code = caller() AND p.kind = 'PRISON') AS seen
     CROSS JOIN LATERAL (SELECT o.* FROM trainer_claim o WHERE o.id = seen.id OFFSET 0) AS c
     WHERE (only_one IS NULL OR c.id = only_one) AND (after IS NULL OR c.id > after)
       AND (NOT open_only OR c.state = 'PENDING')
     ORDER BY c.id LIMIT up_to
$$;

REVOKE EXECUTE ON FUNCTION persons_taken, persons_asked_for, rooms_taken, open_doors FROM PUBLIC;
GRANT EXECUTE ON FUNCTION persons_taken, persons_asked_for, rooms_taken, open_doors TO gerbang_gateway;
