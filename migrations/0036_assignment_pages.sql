-- A page of assignments is read from the assignments' rows alone, in one statement that lets the caller in. What is shown of
-- the session and of the trainer is copied into the row, as far as every reader of the row may know it: the row's policy so
-- binds the copies too. What one reader may know and another may not is read where it is.

ALTER TABLE assignment
    ADD COLUMN shown_agreement uuid,
    ADD COLUMN shown_field json,
    ADD COLUMN shown_title text,
    ADD COLUMN shown_topic text,
    ADD COLUMN shown_room text,
    ADD COLUMN shown_state text,
    ADD COLUMN shown_name text,
    ADD COLUMN shown_competences json,
    ADD COLUMN revision bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN assignment.shown_agreement IS 'The agreement of the session''s programme. NULL, as shown_field to shown_state, where the trainer''s agency does not read the session.';
COMMENT ON COLUMN assignment.shown_field IS 'The programme''s field.';
COMMENT ON COLUMN assignment.shown_title IS 'The programme''s title, as the session has it.';
COMMENT ON COLUMN assignment.shown_topic IS 'The session''s topic.';
COMMENT ON COLUMN assignment.shown_room IS 'The room that the session holds: a reference of the prison''s; NULL without one.';
COMMENT ON COLUMN assignment.shown_state IS 'The session''s state.';
COMMENT ON COLUMN assignment.shown_name IS 'The trainer''s full name. NULL, as shown_competences, where the lead agency may not know it.';
COMMENT ON COLUMN assignment.shown_competences IS 'The trainer''s competences, in every field.';
COMMENT ON COLUMN assignment.revision IS 'Counts changes of the row, of the copies too; outside etag, version and the ledger''s row.';

-- Runs for every writer and every program, earlier ones too; none has to know the copies, and no runtime role may write
-- them. One who inserts or changes the row holds the locks of its programme and its person, as do those who change what is
-- copied: neither misses the other.
CREATE FUNCTION show_in_assignment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT p.agreement, p.plan -> 'field', s.programme_title, s.topic, s.facility, s.state, t.full_name, t.competences
      INTO NEW.shown_agreement, NEW.shown_field, NEW.shown_title, NEW.shown_topic, NEW.shown_room, NEW.shown_state,
           NEW.shown_name, NEW.shown_competences
      FROM (VALUES (1)) AS always
      LEFT JOIN (session s JOIN programme p ON p.id = s.programme)
        ON s.id = NEW.session
       AND (NEW.trainer_agency IN (NEW.lead, NEW.prison) OR NEW.trainer_agency = ANY (s.trainer_agencies))
      LEFT JOIN trainer t
        ON t.id = NEW.trainer
       AND (NEW.trainer_agency = NEW.lead OR NEW.state IN ('ACCEPTED', 'CLEARED') AND NOT NEW.dormant);
    IF TG_OP = 'UPDATE' THEN
        NEW.revision := OLD.revision + 1;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION show_in_assignment IS 'Copies into an assignment what is shown of its session and its trainer to each of its readers.';

CREATE FUNCTION show_in_assignments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'session' THEN
        UPDATE assignment SET revision = revision WHERE session = NEW.id;
    ELSE
        UPDATE assignment SET revision = revision WHERE trainer = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION show_in_assignments IS 'Has the assignments of a session or a trainer copy anew what is shown of it.';
REVOKE EXECUTE ON FUNCTION show_in_assignment, show_in_assignments FROM PUBLIC;

CREATE TRIGGER assignment_shown BEFORE INSERT OR UPDATE ON assignment FOR EACH ROW
    EXECUTE FUNCTION show_in_assignment();
CREATE TRIGGER assignments_shown AFTER UPDATE ON session FOR EACH ROW
    WHEN ((OLD.programme, OLD.programme_title, OLD.topic, OLD.facility, OLD.state, OLD.trainer_agencies)
          IS DISTINCT FROM (NEW.programme, NEW.programme_title, NEW.topic, NEW.facility, NEW.state, NEW.trainer_agencies))
    EXECUTE FUNCTION show_in_assignments();
CREATE TRIGGER assignments_shown AFTER UPDATE ON trainer FOR EACH ROW
    WHEN ((OLD.full_name, OLD.competences) IS DISTINCT FROM (NEW.full_name, NEW.competences))
    EXECUTE FUNCTION show_in_assignments();
-- What was stored before.
UPDATE assignment SET revision = revision;

-- The part of "in force" that no day decides, in one place for all who ask.
CREATE FUNCTION may_be_in_force(act text, parties text[], suspended_by text[]) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN cardinality(parties) > 1
       AND act IN ('AGREED', 'TERMINATED')
       AND cardinality(suspended_by) = 0
       AND NOT EXISTS (SELECT FROM agency a WHERE a.code = ANY (parties) AND a.state <> 'ACTIVE');
END
$$;
COMMENT ON FUNCTION may_be_in_force IS 'Whether an agreement is in force on its days: agreed on, suspended by nobody, and between agencies that are active.';

CREATE OR REPLACE FUNCTION in_force(
    one agreement, at timestamptz, zones text[], since timestamptz[], seconds integer[]
) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    today date := day_in(one.time_zone, at, zones, since, seconds);
BEGIN
    RETURN coalesce(one.effective_from <= today
                    AND (one.effective_until IS NULL OR today <= one.effective_until)
                    AND (one.terminates_on IS NULL OR today < one.terminates_on)
                    AND may_be_in_force(one.act, one.parties, one.suspended_by),
                    false);
END
$$;

CREATE FUNCTION agreements_in_force(agreements uuid[])
RETURNS TABLE (agreement uuid, time_zone text, first date, last date)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT g.id, g.time_zone, g.effective_from, least(g.effective_until, g.terminates_on - 1)
      FROM unnest(agreements) AS k (id)
     CROSS JOIN LATERAL (SELECT o.* FROM agreement o WHERE o.id = k.id OFFSET 0) AS g
     WHERE may_be_in_force(g.act, g.parties, g.suspended_by);
END
$$;
COMMENT ON FUNCTION agreements_in_force IS 'The days on which agreements are in force, the last included, counted in a zone; none of those that are suspended: ranges and nothing more.';

CREATE FUNCTION lending_in_force(prisons text[], lenders text[])
RETURNS TABLE (prison text, lender text, time_zone text, first date, last date)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
    RETURN QUERY
    SELECT k.prison, k.lender, g.time_zone, g.effective_from, least(g.effective_until, g.terminates_on - 1)
      FROM (SELECT DISTINCT p.prison, p.lender FROM unnest(prisons, lenders) AS p (prison, lender)) AS k
     CROSS JOIN LATERAL (
           SELECT * FROM agreement o
            WHERE o.parties @> ARRAY[k.prison, k.lender] AND o.terms -> 'annex' -> 'data_kinds' ? 'TRAINER' OFFSET 0) AS g
     WHERE may_be_in_force(g.act, g.parties, g.suspended_by);
END
$$;
COMMENT ON FUNCTION lending_in_force IS 'The days on which an agency may lend a prison its trainers, the last included, counted in a zone: ranges and nothing more.';

CREATE FUNCTION overlaps_with(assignments uuid[], persons uuid[], firsts timestamptz[], lasts timestamptz[])
RETURNS TABLE (assignment uuid, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT a.id, o.starts_at, o.ends_at
      FROM unnest(assignments, persons, firsts, lasts) AS a (id, person, first, last)
     CROSS JOIN LATERAL (
           SELECT b.starts_at, b.ends_at
             FROM assignment b
            WHERE b.person = a.person AND b.id <> a.id
              AND b.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED') AND NOT b.dormant
              AND b.starts_at > a.first - interval '8 hours' AND b.starts_at < a.last AND b.ends_at > a.first
            ORDER BY b.starts_at LIMIT 10) AS o;
END
$$;
COMMENT ON FUNCTION overlaps_with IS 'When else the persons of these assignments are proposed or taken at their times: at most ten ranges each, and nothing more.';

-- As before, with plans that last.
CREATE OR REPLACE FUNCTION assigned_trainers(assignments uuid[])
RETURNS TABLE (assignment uuid, full_name text, competences jsonb, field jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
BEGIN
    RETURN QUERY
    SELECT a.id, CASE WHEN shown.is_so THEN t.full_name ELSE '' END,
           CASE WHEN shown.is_so THEN t.competences ELSE '[]' END, p.plan -> 'field'
      FROM unnest(assignments) AS asked (id)
     CROSS JOIN LATERAL (SELECT b.* FROM assignment b WHERE b.id = asked.id OFFSET 0) AS a
      JOIN trainer t ON t.id = a.trainer
      JOIN session s ON s.id = a.session
      JOIN programme p ON p.id = s.programme
      CROSS JOIN LATERAL (
          SELECT caller() IN (a.prison, a.trainer_agency) OR a.state IN ('ACCEPTED', 'CLEARED') AND NOT a.dormant
      ) AS shown (is_so)
     WHERE caller() IN (a.lead, a.prison, a.trainer_agency);
END
$$;
REVOKE EXECUTE ON FUNCTION agreements_in_force, lending_in_force, overlaps_with FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreements_in_force, lending_in_force, overlaps_with TO gerbang_gateway;

-- A question that is a transaction by itself lets its caller in first: the setting lasts as long as its statement.
CREATE FUNCTION let_in(of_fingerprint bytea) RETURNS registered
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who registered;
BEGIN
    SELECT r.* INTO who FROM registered r WHERE r.fingerprint = of_fingerprint;
    PERFORM set_config('gerbang.agency', coalesce(who.agency, ''), true);
    RETURN who;
END
$$;
COMMENT ON FUNCTION let_in IS 'Looks up the caller by certificate and sets gerbang.agency as enter() does, for a question that a statement asks. NULLs: not in the inventory.';

CREATE TYPE shown_assignment AS (
    id uuid,
    lead text,
    session_uid text,
    prison text,
    starts_at timestamptz,
    ends_at timestamptz,
    time_zone text,
    trainer_agency text,
    trainer_ref text,
    role text,
    state text,
    version bigint,
    agreement uuid,
    field text,
    title text,
    topic text,
    room text,
    session_state text,
    trainer_name text,
    competences text
);
COMMENT ON TYPE shown_assignment IS 'An assignment as its readers are shown it: columns of assignment, under their own names up to version.';
COMMENT ON COLUMN shown_assignment.agreement IS 'shown_agreement.';
COMMENT ON COLUMN shown_assignment.field IS 'shown_field.';
COMMENT ON COLUMN shown_assignment.title IS 'shown_title.';
COMMENT ON COLUMN shown_assignment.topic IS 'shown_topic.';
COMMENT ON COLUMN shown_assignment.room IS 'shown_room.';
COMMENT ON COLUMN shown_assignment.session_state IS 'shown_state.';
COMMENT ON COLUMN shown_assignment.trainer_name IS 'shown_name.';
COMMENT ON COLUMN shown_assignment.competences IS 'shown_competences.';

-- A kept plan, for all readers: see assignments_of, which does the same for filters that look into other tables.
CREATE FUNCTION assignment_page(
    of_fingerprint bytea, roles text[], only_one uuid, of_state text, of_trainer_agency text, first timestamptz,
    last timestamptz, room_prison text, of_room text, clearance text, moment timestamptz, zones text[],
    since timestamptz[], seconds integer[], after_start timestamptz, after_lead text, after_uid text,
    after_assists boolean, after_id uuid, up_to bigint, seed bytea, seen bytea,
    OUT caller registered, OUT etag bytea, OUT shared json, OUT page shown_assignment[]
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_sort = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    reader text;
    plain boolean := only_one IS NULL AND of_room IS NULL AND clearance IS NULL;
    proposed uuid[]; persons uuid[]; firsts timestamptz[]; lasts timestamptz[];
    unshown uuid[]; sessions uuid[]; unnamed uuid[];
    agreements uuid[]; prisons text[]; rooms text[]; borrowers text[]; lenders text[];
    own_sessions json; own_trainers json; overlapping json; lending json;
    revisions bytea;
BEGIN
    caller := let_in(of_fingerprint);
    reader := caller.agency;
    IF reader IS NULL THEN
        RETURN;
    END IF;
    IF NOT caller.role = ANY (roles) OR clearance IS NOT NULL AND zones IS NULL THEN
        shared := json_build_object('zones', ARRAY(SELECT agreement_zones()));
        RETURN;
    END IF;
    SELECT array_agg((p.id, p.lead, p.session_uid, p.prison, p.starts_at, p.ends_at, p.time_zone, p.trainer_agency,
                      p.trainer_ref, p.role, p.state, p.version, p.shown_agreement, p.shown_field, p.shown_title,
                      p.shown_topic, p.shown_room, p.shown_state, p.shown_name, p.shown_competences)::shown_assignment),
           array_send(array_agg(p.id)) || array_send(array_agg(p.revision)),
           array_agg(p.id) FILTER (WHERE p.state = 'PROPOSED'),
           array_agg(p.person) FILTER (WHERE p.state = 'PROPOSED'),
           array_agg(p.starts_at) FILTER (WHERE p.state = 'PROPOSED'),
           array_agg(p.ends_at) FILTER (WHERE p.state = 'PROPOSED'),
           array_agg(p.id) FILTER (WHERE p.shown_state IS NULL AND reader IN (p.lead, p.prison)),
           array_agg(p.session) FILTER (WHERE p.shown_state IS NULL AND reader IN (p.lead, p.prison)),
           array_agg(p.id) FILTER (WHERE p.shown_name IS NULL AND reader IN (p.prison, p.trainer_agency)),
           array_agg(p.shown_agreement),
           array_agg(p.prison) FILTER (WHERE p.shown_room IS NOT NULL),
           array_agg(p.shown_room) FILTER (WHERE p.shown_room IS NOT NULL),
           array_agg(p.prison) FILTER (WHERE p.trainer_agency NOT IN (p.lead, p.prison)),
           array_agg(p.trainer_agency) FILTER (WHERE p.trainer_agency NOT IN (p.lead, p.prison))
      INTO page, revisions, proposed, persons, firsts, lasts, unshown, sessions, unnamed, agreements, prisons, rooms,
           borrowers, lenders
      FROM (SELECT a.*
              FROM ((SELECT a.* FROM assignment a
          WHERE plain AND a.prison = reader
            AND (a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id)
                > (after_start, after_lead, after_uid, after_assists, after_id)
            AND a.starts_at < last AND (first IS NULL OR a.ends_at > first)
            AND (of_state IS NULL OR a.state = of_state)
            AND (of_trainer_agency IS NULL OR a.trainer_agency = of_trainer_agency)
          ORDER BY a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id LIMIT up_to)
        UNION ALL
        (SELECT a.* FROM assignment a
          WHERE plain AND a.lead = reader AND a.prison <> reader
            AND (a.starts_at, a.session_uid) >= (after_start, CASE WHEN reader = after_lead THEN after_uid ELSE '' END)
            AND (a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id)
                > (after_start, after_lead, after_uid, after_assists, after_id)
            AND a.starts_at < last AND (first IS NULL OR a.ends_at > first)
            AND (of_state IS NULL OR a.state = of_state)
            AND (of_trainer_agency IS NULL OR a.trainer_agency = of_trainer_agency)
          ORDER BY a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id LIMIT up_to)
        UNION ALL
        (SELECT a.* FROM assignment a
          WHERE plain AND a.trainer_agency = reader AND a.trainer_agency <> a.lead AND a.trainer_agency <> a.prison
            AND (a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id)
                > (after_start, after_lead, after_uid, after_assists, after_id)
            AND a.starts_at < last AND (first IS NULL OR a.ends_at > first)
            AND (of_state IS NULL OR a.state = of_state)
            AND (of_trainer_agency IS NULL OR a.trainer_agency = of_trainer_agency)
          ORDER BY a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id LIMIT up_to)
        UNION ALL
        SELECT a.*
          FROM assignments_of(reader, of_state, of_trainer_agency, first, last, room_prison, of_room, clearance, moment,
                              zones, since, seconds, after_start, after_lead, after_uid, after_assists, after_id, up_to) AS a
         WHERE only_one IS NULL AND NOT plain
        UNION ALL
        SELECT a.* FROM assignment a WHERE a.id = only_one AND reader IN (a.prison, a.lead, a.trainer_agency)) AS a
             ORDER BY a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id LIMIT up_to) AS p;

    IF unshown IS NOT NULL THEN
        SELECT json_agg(json_build_object('assignment', u.id, 'agreement', p.agreement, 'field', p.plan ->> 'field',
                                          'title', s.programme_title, 'topic', s.topic, 'room', s.facility,
                                          'state', s.state) ORDER BY u.id),
               agreements || array_agg(p.agreement), prisons || array_agg(s.prison), rooms || array_agg(s.facility)
          INTO own_sessions, agreements, prisons, rooms
          FROM unnest(unshown, sessions) AS u (id, session)
         CROSS JOIN LATERAL (
               SELECT o.* FROM session o WHERE o.id = u.session AND reader IN (o.lead, o.prison) OFFSET 0) AS s
         CROSS JOIN LATERAL (SELECT o.* FROM programme o WHERE o.id = s.programme OFFSET 0) AS p;
    END IF;
    IF unnamed IS NOT NULL THEN
        own_trainers := (SELECT json_agg(json_build_object('assignment', t.assignment, 'name', t.full_name,
                                                           'competences', t.competences::text, 'field', t.field::text)
                                         ORDER BY t.assignment)
                           FROM assigned_trainers(unnamed) AS t);
    END IF;
    IF proposed IS NOT NULL THEN
        overlapping := (SELECT json_agg(o ORDER BY o.assignment, o.starts_at, o.ends_at)
                       FROM overlaps_with(proposed, persons, firsts, lasts) AS o);
    END IF;
    IF lenders IS NOT NULL THEN
        lending := (SELECT json_agg(l ORDER BY l.prison, l.lender, l.first, l.last, l.time_zone)
                      FROM lending_in_force(borrowers, lenders) AS l);
    END IF;
    shared := json_build_object(
        'sessions', own_sessions, 'trainers', own_trainers, 'overlaps', overlapping, 'lending', lending,
        'agreements', (SELECT json_agg(g ORDER BY g.agreement)
                         FROM agreements_in_force(ARRAY(SELECT DISTINCT unnest(agreements))) AS g),
        'rooms', (SELECT json_agg(json_build_object('prison', f.prison, 'ref', f.ref, 'name', f.display_name)
                                  ORDER BY f.prison, f.ref)
                    FROM (SELECT DISTINCT r.prison, r.ref FROM unnest(prisons, rooms) AS r (prison, ref)) AS k
                   CROSS JOIN LATERAL (
                         SELECT o.* FROM facility o WHERE o.prison = k.prison AND o.ref = k.ref OFFSET 0) AS f));
    etag := substr(sha256(seed || convert_to(shared::text, 'UTF8') || coalesce(revisions, '')), 1, 16);
    IF etag = seen THEN
        page := NULL;
        shared := NULL;
    END IF;
END
$$;
COMMENT ON FUNCTION assignment_page IS 'Who asks. And where that one has one of the roles: a page of its assignments, or one, with what its rows share and what not every reader of them may know; a digest over the seed and all of it; and nothing but the digest if that is as seen. In place of it the zones of agreements, where days decide and none is told.';
REVOKE EXECUTE ON FUNCTION assignment_page FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assignment_page TO gerbang_gateway;
