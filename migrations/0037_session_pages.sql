-- A session, and a page of sessions, are one question that lets its caller in.

-- A kept plan, for all readers: see sessions_of.
CREATE FUNCTION session_page(
    of_fingerprint bytea, one_lead text, one_uid text, programme_lead text, of_programme text, of_lead text, of_state text,
    first timestamptz, last timestamptz, after_start timestamptz, after_lead text, after_uid text, up_to bigint,
    OUT caller registered, OUT page session_row[]
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_sort = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    reader text;
BEGIN
    caller := let_in(of_fingerprint);
    reader := caller.agency;
    IF reader IS NULL THEN
        RETURN;
    END IF;
    page := ARRAY(
        SELECT (s.id, s.lead, s.uid, s.schedule_ref, s.programme_ref, s.programme_title, s.prison, s.sequence, s.starts_at,
                s.ends_at, s.time_zone, s.topic, s.trainers, s.facility, s.facility_pushed, s.state, s.note, s.noted_by,
                s.noted_at, s.dormant, s.version)::session_row
          FROM (SELECT o.* FROM session o
                 WHERE o.lead = one_lead AND o.uid = one_uid
                   AND (reader IN (o.lead, o.prison) OR reader = ANY (o.trainer_agencies))
                UNION ALL
                SELECT o.*
                  FROM sessions_of(reader, of_lead, of_state, first, last, after_start, after_lead, after_uid, up_to) AS o
                 WHERE one_uid IS NULL AND of_programme IS NULL
                UNION ALL
                (SELECT o.* FROM session o
                  WHERE one_uid IS NULL
                    AND o.programme = (SELECT p.id FROM programme p WHERE p.lead = programme_lead AND p.ref = of_programme)
                    AND reader IN (o.lead, o.prison)
                    AND (of_lead IS NULL OR o.lead = of_lead) AND (of_state IS NULL OR o.state = of_state)
                    AND (first IS NULL OR o.ends_at > first) AND o.starts_at < last
                    AND (o.starts_at, o.lead, o.uid) > (after_start, after_lead, after_uid)
                  ORDER BY o.starts_at, o.lead, o.uid LIMIT up_to)) AS s
         ORDER BY s.starts_at, s.lead, s.uid LIMIT up_to);
END
$$;
COMMENT ON FUNCTION session_page IS 'Who asks, and one of its sessions, or a page of them, by start and name: all, or those of a programme.';
REVOKE EXECUTE ON FUNCTION session_page FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_page TO gerbang_gateway;
