-- A push in two questions. The first reads everything that it is held against, in one snapshot and without a lock; the rules
-- are the program's. The second is one transaction: it takes the locks, looks whether what was judged still stands, and
-- stores, or says that it must be judged again. Nothing here decides: what is stored is compared with what was read.
-- Both serve many calls at once, for most of what a row costs is the statement that it comes by.

CREATE TYPE programme_row AS (
    id uuid, lead text, ref text, agreement uuid, agreement_author text, agreement_ref text, prison text, plan jsonb,
    state text, note text, noted_by text, noted_at timestamptz, version bigint, opened_at timestamptz,
    created_at timestamptz
);
COMMENT ON TYPE programme_row IS 'A row of programme, as far as the program reads it; the columns are the table''s.';
CREATE TYPE agreement_row AS (
    id uuid, author text, ref text, terms jsonb, nature text, act text, binding text, accepted_by text[],
    suspended_by text[], terminates_on date, note text, remarks jsonb, proposed_at timestamptz, version bigint,
    created_at timestamptz
);
COMMENT ON TYPE agreement_row IS 'A row of agreement, as far as the program reads it; the columns are the table''s.';
CREATE TYPE session_row AS (
    id uuid, lead text, uid text, schedule_ref text, programme_ref text, programme_title text, prison text,
    sequence integer, starts_at timestamptz, ends_at timestamptz, time_zone text, topic text, trainers jsonb,
    facility text, facility_pushed text, state text, note text, noted_by text, noted_at timestamptz, dormant boolean,
    version bigint
);
COMMENT ON TYPE session_row IS 'A row of session, as far as the program reads it; the columns are the table''s.';
CREATE TYPE assignment_row AS (
    id uuid, session uuid, session_uid text, lead text, prison text, trainer uuid, trainer_agency text, trainer_ref text,
    booking_key bytea, starts_at timestamptz, ends_at timestamptz, time_zone text, role text, state text,
    dormant boolean, version bigint
);
COMMENT ON TYPE assignment_row IS 'A row of assignment, as far as the program reads it; the columns are the table''s.';

CREATE TYPE push_party AS (code text, state text, version bigint);
COMMENT ON TYPE push_party IS 'An agency that is a party of an agreement which a push passes by.';
COMMENT ON COLUMN push_party.code IS 'The agency''s code.';
COMMENT ON COLUMN push_party.state IS 'The agency''s state.';
COMMENT ON COLUMN push_party.version IS 'The agency''s version.';

CREATE TYPE push_trainer AS (id uuid, agency text, ref text, booking_key bytea, status text, version bigint);
COMMENT ON TYPE push_trainer IS 'A trainer whom a push names and its caller may name.';
COMMENT ON COLUMN push_trainer.id IS 'The trainer''s key.';
COMMENT ON COLUMN push_trainer.agency IS 'The employing agency.';
COMMENT ON COLUMN push_trainer.ref IS 'The agency''s own reference.';
COMMENT ON COLUMN push_trainer.booking_key IS 'The person.';
COMMENT ON COLUMN push_trainer.status IS 'ACTIVE where a new session of the caller''s may have the trainer.';
COMMENT ON COLUMN push_trainer.version IS 'The trainer''s version.';

CREATE TYPE push_room AS (prison text, ref text, available boolean, id uuid, version bigint);
COMMENT ON TYPE push_room IS 'A room that a push asks for.';
COMMENT ON COLUMN push_room.prison IS 'The prison.';
COMMENT ON COLUMN push_room.ref IS 'The prison''s own reference.';
COMMENT ON COLUMN push_room.available IS 'Whether its status is AVAILABLE.';
COMMENT ON COLUMN push_room.id IS 'The room''s key.';
COMMENT ON COLUMN push_room.version IS 'The room''s version.';

CREATE TYPE push_booking AS (
    booking_key bytea, room text, starts_at timestamptz, ends_at timestamptz, session uuid, assignment uuid,
    version bigint
);
COMMENT ON TYPE push_booking IS 'A time at which a person or a room of the prison is taken, or asked for.';
COMMENT ON COLUMN push_booking.booking_key IS 'The person; NULL for a room.';
COMMENT ON COLUMN push_booking.room IS 'The room''s reference; NULL for a person.';
COMMENT ON COLUMN push_booking.starts_at IS 'From when.';
COMMENT ON COLUMN push_booking.ends_at IS 'Until when.';
COMMENT ON COLUMN push_booking.session IS 'The session that holds it or asks for it: one that the push itself changes is in nobody''s way.';
COMMENT ON COLUMN push_booking.assignment IS 'The assignment; NULL for a room.';
COMMENT ON COLUMN push_booking.version IS 'The assignment''s version; NULL for a room.';

CREATE TYPE push_ask AS (
    fingerprint bytea, request uuid, at timestamptz, lead text, programme text, schedule_lead text, schedule text,
    uids text[], firsts timestamptz[], lasts timestamptz[], room_prisons text[], rooms text[], session_rooms integer[],
    trainer_agencies text[], trainers text[], wish_sessions integer[], wish_trainers integer[]
);
COMMENT ON TYPE push_ask IS 'What a push names: the question that push_ground answers.';
COMMENT ON COLUMN push_ask.fingerprint IS 'The certificate by which the caller comes.';
COMMENT ON COLUMN push_ask.request IS 'The request''s id.';
COMMENT ON COLUMN push_ask.at IS 'The time of the call.';
COMMENT ON COLUMN push_ask.lead IS 'The programme''s lead agency.';
COMMENT ON COLUMN push_ask.programme IS 'The programme''s reference.';
COMMENT ON COLUMN push_ask.schedule_lead IS 'The agency whose schedule and sessions these are.';
COMMENT ON COLUMN push_ask.schedule IS 'The schedule''s reference.';
COMMENT ON COLUMN push_ask.uids IS 'The sessions'' uids.';
COMMENT ON COLUMN push_ask.firsts IS 'Their starts.';
COMMENT ON COLUMN push_ask.lasts IS 'Their ends.';
COMMENT ON COLUMN push_ask.room_prisons IS 'The prisons of the rooms, each room once.';
COMMENT ON COLUMN push_ask.rooms IS 'The rooms'' references.';
COMMENT ON COLUMN push_ask.session_rooms IS 'For each session its room''s place in the list, from 1; 0 where it names none.';
COMMENT ON COLUMN push_ask.trainer_agencies IS 'The agencies of the trainers, each trainer once.';
COMMENT ON COLUMN push_ask.trainers IS 'The trainers'' references.';
COMMENT ON COLUMN push_ask.wish_sessions IS 'For each trainer of a session, the session''s place, from 1.';
COMMENT ON COLUMN push_ask.wish_trainers IS 'And the trainer''s place, from 1.';

CREATE TYPE push_call AS (
    n integer, fingerprint bytea, agency text, system text, role text, certified text, agency_state text,
    not_before timestamptz, not_after timestamptz, ends_at timestamptz,
    lock_classes integer[], lock_keys integer[], lock_shared boolean[],
    programme uuid, programme_version bigint, agreements uuid[], agreement_versions bigint[],
    parties text[], party_versions bigint[], trainers uuid[], trainer_versions bigint[], trainer_keys bytea[],
    refused uuid[], rooms uuid[], room_versions bigint[], sessions uuid[], session_versions bigint[],
    session_sequences integer[], assignments uuid[], assignment_versions bigint[], met uuid[], met_versions bigint[],
    lesson_minutes integer, minutes_more bigint, minutes_before_max bigint,
    at timestamptz, schedule uuid, schedule_ref text, schedule_is_new boolean, programme_ref text,
    programme_title text, prison text, raised uuid[], raised_to integer[],
    entry uuid, leaf bytea, salts bytea[], request uuid, digest bytea, answer text
);
COMMENT ON TYPE push_call IS 'A push that was judged: what the judgement stands on, and what it stores.';
COMMENT ON COLUMN push_call.n IS 'Its place among the calls, from 1.';
COMMENT ON COLUMN push_call.fingerprint IS 'The certificate by which the caller comes; what follows up to ends_at is as it was read by it.';
COMMENT ON COLUMN push_call.agency IS 'The caller''s agency.';
COMMENT ON COLUMN push_call.system IS 'The caller''s system.';
COMMENT ON COLUMN push_call.role IS 'The system''s role.';
COMMENT ON COLUMN push_call.certified IS 'The role that the certificate was signed for.';
COMMENT ON COLUMN push_call.agency_state IS 'The agency''s state.';
COMMENT ON COLUMN push_call.not_before IS 'From when the certificate is valid.';
COMMENT ON COLUMN push_call.not_after IS 'Until when it is valid by itself.';
COMMENT ON COLUMN push_call.ends_at IS 'When it ends because another took its place.';
COMMENT ON COLUMN push_call.lock_classes IS 'The classes of the advisory locks that the call needs.';
COMMENT ON COLUMN push_call.lock_keys IS 'Their keys.';
COMMENT ON COLUMN push_call.lock_shared IS 'Whether each is shared.';
COMMENT ON COLUMN push_call.programme IS 'The programme.';
COMMENT ON COLUMN push_call.programme_version IS 'Its version, as it was read.';
COMMENT ON COLUMN push_call.agreements IS 'The agreements by which the call passes.';
COMMENT ON COLUMN push_call.agreement_versions IS 'Their versions.';
COMMENT ON COLUMN push_call.parties IS 'The agencies that are their parties.';
COMMENT ON COLUMN push_call.party_versions IS 'Their versions.';
COMMENT ON COLUMN push_call.trainers IS 'The trainers whom the call names.';
COMMENT ON COLUMN push_call.trainer_versions IS 'Their versions.';
COMMENT ON COLUMN push_call.trainer_keys IS 'The persons that they are.';
COMMENT ON COLUMN push_call.refused IS 'What was declined or refused to the lead agency of these trainers and is not over, by key.';
COMMENT ON COLUMN push_call.rooms IS 'The rooms that the call asks for.';
COMMENT ON COLUMN push_call.room_versions IS 'Their versions.';
COMMENT ON COLUMN push_call.sessions IS 'Those of its sessions that are stored already.';
COMMENT ON COLUMN push_call.session_versions IS 'Their versions.';
COMMENT ON COLUMN push_call.session_sequences IS 'Their sequences.';
COMMENT ON COLUMN push_call.assignments IS 'The assignments of these sessions.';
COMMENT ON COLUMN push_call.assignment_versions IS 'Their versions.';
COMMENT ON COLUMN push_call.met IS 'The assignments that were met at the times at which its persons are wanted.';
COMMENT ON COLUMN push_call.met_versions IS 'Their versions.';
COMMENT ON COLUMN push_call.lesson_minutes IS 'The least that a session counts, as the plan says.';
COMMENT ON COLUMN push_call.minutes_more IS 'By how much the call makes the programme''s sessions ahead longer.';
COMMENT ON COLUMN push_call.minutes_before_max IS 'How long these may be before it for the call to be as it was judged.';
COMMENT ON COLUMN push_call.at IS 'The time of the call.';
COMMENT ON COLUMN push_call.schedule IS 'The schedule.';
COMMENT ON COLUMN push_call.schedule_ref IS 'The schedule''s reference.';
COMMENT ON COLUMN push_call.schedule_is_new IS 'Whether it is stored with the call.';
COMMENT ON COLUMN push_call.programme_ref IS 'The programme''s reference.';
COMMENT ON COLUMN push_call.programme_title IS 'The programme''s title.';
COMMENT ON COLUMN push_call.prison IS 'The programme''s prison.';
COMMENT ON COLUMN push_call.raised IS 'Sessions of which the sequence alone rises.';
COMMENT ON COLUMN push_call.raised_to IS 'Their new sequences.';
COMMENT ON COLUMN push_call.entry IS 'The key of the ledger''s entry.';
COMMENT ON COLUMN push_call.leaf IS 'The entry.';
COMMENT ON COLUMN push_call.salts IS 'The salts of its lines, in order.';
COMMENT ON COLUMN push_call.request IS 'The request''s id.';
COMMENT ON COLUMN push_call.digest IS 'The request''s digest.';
COMMENT ON COLUMN push_call.answer IS 'The answer, to be given again.';

CREATE TYPE push_session AS (
    call integer, id uuid, uid text, sequence integer, starts_at timestamptz, ends_at timestamptz, time_zone text,
    topic text, trainers jsonb, trainer_agencies text[], facility text, facility_pushed text, state text, note text,
    noted_by text, noted_at timestamptz, dormant boolean, version bigint
);
COMMENT ON TYPE push_session IS 'A session that a push stores or changes; the columns are the table''s.';
COMMENT ON COLUMN push_session.call IS 'The call''s place.';
CREATE TYPE push_assignment AS (
    call integer, id uuid, session uuid, session_uid text, trainer uuid, trainer_agency text, trainer_ref text,
    booking_key bytea, starts_at timestamptz, ends_at timestamptz, time_zone text, role text, state text,
    dormant boolean, version bigint
);
COMMENT ON TYPE push_assignment IS 'An assignment that a push stores or changes; the columns are the table''s.';
COMMENT ON COLUMN push_assignment.call IS 'The call''s place.';

-- What a programme's sessions ahead hold, of which its plan allows so much and no more.
CREATE INDEX session_minutes_idx ON session (programme, starts_at) INCLUDE (ends_at)
    WHERE state IN ('TENTATIVE', 'CONFIRMED') AND NOT dormant;

-- As before, by the index, and with a plan that lasts.
CREATE OR REPLACE FUNCTION agreements_with(prison text, agencies text[]) RETURNS SETOF agreement
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT ON (a.id) a.*
      FROM unnest(agencies) AS other (code)
     CROSS JOIN LATERAL (
           SELECT o.* FROM agreement o
            WHERE o.parties @> ARRAY[prison, other.code] AND o.act IN ('AGREED', 'TERMINATED')
           OFFSET 0) AS a
     ORDER BY a.id;
END
$$;

CREATE FUNCTION minutes_held(of_programme uuid, lesson_minutes integer, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
    RETURN (SELECT coalesce(sum(greatest(floor(extract(epoch FROM s.ends_at - s.starts_at) / 60), lesson_minutes)), 0)
              FROM session s
             WHERE s.programme = of_programme AND s.starts_at > moment AND s.state IN ('TENTATIVE', 'CONFIRMED')
               AND NOT s.dormant);
END
$$;
COMMENT ON FUNCTION minutes_held IS 'The minutes of a programme''s sessions that begin after a moment and hold something, each as domain::programme::Plan::minutes_of counts it.';

CREATE FUNCTION push_persons(
    ask push_ask, held uuid[],
    OUT trainers push_trainer[], OUT refused assignment_row[], OUT taken push_booking[], OUT asked push_booking[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    ids uuid[];
    persons uuid[];
    reader text := caller();
BEGIN
    SELECT array_agg(t.id ORDER BY named.place), array_agg(person_of(t.booking_key) ORDER BY named.place),
           array_agg(ROW(t.id, t.agency, t.ref, t.booking_key, t.status, t.version)::push_trainer) FILTER (WHERE t.id IS NOT NULL)
      INTO ids, persons, trainers
      FROM unnest(ask.trainer_agencies, ask.trainers) WITH ORDINALITY AS named (agency, ref, place)
      LEFT JOIN LATERAL (
           SELECT found.id, found.agency, found.ref, found.booking_key, found.version,
                  CASE WHEN found.agency = reader OR lent.is_so THEN found.status ELSE 'INACTIVE' END AS status
             FROM trainer found
            CROSS JOIN LATERAL (
                  SELECT found.status = 'ACTIVE' AND (found.lendable_to_all OR reader = ANY (found.lendable_to))
            ) AS lent (is_so)
            WHERE found.agency = named.agency AND found.ref = named.ref
              AND (found.agency = reader OR lent.is_so
                   OR EXISTS (SELECT FROM assignment a
                               WHERE a.trainer = found.id AND a.lead = reader
                                 AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')))
            OFFSET 0) AS t ON true;
    IF trainers IS NULL THEN
        RETURN;
    END IF;
    -- OFFSET keeps "holds" apart, as in persons_taken.
    SELECT array_agg(ROW(a.booking_key, NULL, a.starts_at, a.ends_at, a.session, a.id, a.version)::push_booking) INTO taken
      FROM unnest(ask.wish_sessions, ask.wish_trainers) AS wish (session, trainer)
     CROSS JOIN LATERAL (
           SELECT b.id, b.version, b.booking_key, b.starts_at, b.ends_at, b.session, b.holds
             FROM assignment b
            WHERE b.person = persons[wish.trainer] AND b.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
              AND b.starts_at > ask.firsts[wish.session] - interval '8 hours'
              AND b.starts_at < ask.lasts[wish.session] AND b.ends_at > ask.firsts[wish.session]
              AND NOT EXISTS (SELECT FROM assignment own
                               WHERE own.session = held[wish.session] AND own.trainer = ids[wish.trainer] AND own.holds)
           OFFSET 0) AS a
     WHERE a.holds;
    SELECT array_agg(ROW(a.id, a.session, a.session_uid, a.lead, a.prison, a.trainer, a.trainer_agency, a.trainer_ref,
                         a.booking_key, a.starts_at, a.ends_at, a.time_zone, a.role, a.state, a.dormant,
                         a.version)::assignment_row ORDER BY a.id) INTO refused
      FROM unnest(ids) AS named (id)
     CROSS JOIN LATERAL (
           SELECT b.* FROM assignment b
            WHERE b.trainer = named.id AND b.state IN ('DECLINED', 'CLEARANCE_REFUSED')
              AND b.ends_at > ask.at
           OFFSET 0) AS a
     WHERE a.lead = reader;
    IF EXISTS (SELECT FROM unnest(ask.trainer_agencies) AS of (agency) WHERE of.agency <> ask.schedule_lead) THEN
        SELECT array_agg(ROW(a.booking_key, NULL, a.starts_at, a.ends_at, a.session, a.id, a.version)::push_booking) INTO asked
          FROM unnest(ask.wish_sessions, ask.wish_trainers) AS wish (session, trainer)
         CROSS JOIN LATERAL (
               SELECT b.id, b.version, b.booking_key, b.starts_at, b.ends_at, b.session, b.holds
                 FROM assignment b
                WHERE b.person = persons[wish.trainer] AND b.state = 'PROPOSED' AND NOT b.dormant
                  AND b.starts_at > ask.firsts[wish.session] - interval '8 hours'
                  AND b.starts_at < ask.lasts[wish.session] AND b.ends_at > ask.firsts[wish.session]
               OFFSET 0) AS a
         WHERE NOT a.holds;
    END IF;
END
$$;
COMMENT ON FUNCTION push_persons IS 'Of the trainers whom a push names, those whom its caller may name, and has in a session already; when they are taken and asked for at the times that are wanted, over all agencies, ranges and the keys of their sessions; and what was declined or refused to the caller of them. "held" has, for each session, its key where it is stored at the same time: what it holds already is in nobody''s way.';

CREATE FUNCTION push_ground(
    ask push_ask,
    OUT agency text, OUT system text, OUT role text, OUT certified text, OUT agency_state text,
    OUT not_before timestamptz, OUT not_after timestamptz, OUT ends_at timestamptz, OUT revoked boolean,
    OUT earlier_digest bytea, OUT earlier_answer json,
    OUT programmes programme_row[], OUT agreements agreement_row[], OUT parties push_party[],
    OUT schedule uuid, OUT schedule_programme uuid, OUT sessions session_row[], OUT assignments assignment_row[],
    OUT minutes_ahead bigint, OUT rooms push_room[],
    OUT trainers push_trainer[], OUT refused assignment_row[], OUT taken push_booking[], OUT asked push_booking[]
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    programme uuid;
    prison text;
    lesson integer;
    held uuid[];
    wanted_rooms text[];
    lent text[];
    more push_party[];
    room_bookings push_booking[];
BEGIN
    SELECT r.agency, r.system, r.role, r.certified, r.agency_state, r.not_before, r.not_after, r.ends_at, r.revoked
      INTO agency, system, role, certified, agency_state, not_before, not_after, ends_at, revoked
      FROM registered r WHERE r.fingerprint = ask.fingerprint;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('gerbang.agency', agency, true);
    SELECT e.digest, e.answer INTO earlier_digest, earlier_answer
      FROM replay e WHERE e.agency = push_ground.agency AND e.request_id = ask.request;
    IF FOUND THEN
        RETURN;
    END IF;
    SELECT p.id, p.prison, (p.plan ->> 'lesson_minutes')::integer,
           ARRAY[ROW(p.id, p.lead, p.ref, p.agreement, p.agreement_author, p.agreement_ref, p.prison, p.plan, p.state,
                     p.note, p.noted_by, p.noted_at, p.version, p.opened_at, p.created_at)::programme_row],
           CASE WHEN a.id IS NOT NULL THEN
               ARRAY[ROW(a.id, a.author, a.ref, a.terms, a.nature, a.act, a.binding, a.accepted_by, a.suspended_by,
                         a.terminates_on, a.note, a.remarks, a.proposed_at, a.version, a.created_at)::agreement_row]
           END,
           ARRAY(SELECT ROW(g.code, g.state, g.version)::push_party FROM agency g WHERE g.code = ANY (a.parties))
      INTO programme, prison, lesson, programmes, agreements, parties
      FROM programme p LEFT JOIN agreement a ON a.id = p.agreement AND push_ground.agency = ANY (a.readers)
     WHERE p.lead = ask.lead AND p.ref = ask.programme AND push_ground.agency IN (p.lead, p.prison);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT c.id, c.programme INTO schedule, schedule_programme
      FROM schedule c WHERE c.lead = ask.schedule_lead AND c.ref = ask.schedule;
    SELECT array_agg(CASE WHEN s.starts_at = ask.firsts[named.place] AND s.ends_at = ask.lasts[named.place] THEN s.id END
                     ORDER BY named.place),
           -- A dormant session holds its room again.
           array_agg(CASE WHEN s.dormant THEN s.facility END ORDER BY named.place),
           array_agg(ROW(s.id, s.lead, s.uid, s.schedule_ref, s.programme_ref, s.programme_title, s.prison, s.sequence,
                         s.starts_at, s.ends_at, s.time_zone, s.topic, s.trainers, s.facility, s.facility_pushed,
                         s.state, s.note, s.noted_by, s.noted_at, s.dormant, s.version)::session_row)
               FILTER (WHERE s.id IS NOT NULL)
      INTO held, wanted_rooms, sessions
      FROM unnest(ask.uids) WITH ORDINALITY AS named (uid, place)
      LEFT JOIN LATERAL (
           SELECT x.* FROM session x WHERE x.lead = ask.schedule_lead AND x.uid = named.uid OFFSET 0) AS s
        ON push_ground.agency IN (s.lead, s.prison);
    IF sessions IS NOT NULL THEN
        SELECT array_agg(ROW(a.id, a.session, a.session_uid, a.lead, a.prison, a.trainer, a.trainer_agency, a.trainer_ref,
                             a.booking_key, a.starts_at, a.ends_at, a.time_zone, a.role, a.state, a.dormant,
                             a.version)::assignment_row ORDER BY a.id) INTO assignments
          FROM unnest(sessions) AS s
         CROSS JOIN LATERAL (SELECT b.* FROM assignment b WHERE b.session = s.id OFFSET 0) AS a;
    END IF;
    minutes_ahead := minutes_held(programme, lesson, ask.at);
    SELECT p.trainers, p.refused, p.taken, p.asked INTO trainers, refused, taken, asked
      FROM push_persons(ask, held) p;
    IF cardinality(ask.rooms) > 0 THEN
        SELECT array_agg(ROW(f.prison, f.ref, f.status = 'AVAILABLE', f.id, f.version)::push_room) INTO rooms
          FROM unnest(ask.room_prisons, ask.rooms) AS named (prison, ref)
          JOIN facility f ON f.prison = named.prison AND f.ref = named.ref;
    END IF;
    wanted_rooms := ARRAY(SELECT coalesce(ask.rooms[nullif(wish.room, 0)], wish.kept)
                          FROM unnest(ask.session_rooms, wanted_rooms) AS wish (room, kept));
    IF array_remove(wanted_rooms, NULL) <> '{}' THEN
        SELECT array_agg(ROW(NULL, r.facility, r.starts_at, r.ends_at, r.session, NULL, NULL)::push_booking) INTO room_bookings
          FROM rooms_met(prison, wanted_rooms, ask.firsts, ask.lasts) r;
        taken := taken || room_bookings;
    END IF;
    lent := ARRAY(SELECT DISTINCT t.agency FROM unnest(trainers) t WHERE t.agency NOT IN (ask.lead, prison));
    IF cardinality(lent) > 0 THEN
        SELECT agreements || array_agg(ROW(a.id, a.author, a.ref, a.terms, a.nature, a.act, a.binding, a.accepted_by,
                   a.suspended_by, a.terminates_on, a.note, a.remarks, a.proposed_at, a.version, a.created_at)::agreement_row)
          INTO agreements
          FROM agreements_with(prison, lent) a WHERE NOT a.id = ANY (ARRAY(SELECT own.id FROM unnest(agreements) own));
        more := ARRAY(SELECT DISTINCT ROW(g.code, g.state, g.version)::push_party
                        FROM agreements_with(prison, lent) a JOIN agency g ON g.code = ANY (a.parties)
                       WHERE NOT g.code = ANY (ARRAY(SELECT own.code FROM unnest(push_ground.parties) own)));
        parties := parties || more;
    END IF;
END
$$;
COMMENT ON FUNCTION push_ground IS 'Everything that a push is held against, as the database has it in one snapshot: who calls, what was answered to the request before; and where nothing was, the programme, its agreement and those by which trainers are lent, their parties, the schedule, the sessions that are stored already with their assignments, trainers, rooms, and what is in their way. Takes no lock and writes nothing.';

CREATE FUNCTION rooms_met(of_prison text, rooms text[], firsts timestamptz[], lasts timestamptz[])
RETURNS TABLE (facility text, starts_at timestamptz, ends_at timestamptz, session uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
    RETURN QUERY
    SELECT s.facility, s.starts_at, s.ends_at, s.id
      FROM unnest(rooms, firsts, lasts) AS wanted (room, first, last)
     CROSS JOIN LATERAL (
           SELECT x.id, x.facility, x.starts_at, x.ends_at
             FROM session x
            WHERE x.prison = of_prison AND x.facility = wanted.room
              AND tstzrange(x.starts_at, x.ends_at) && tstzrange(wanted.first, wanted.last)
              AND x.state IN ('TENTATIVE', 'CONFIRMED') AND NOT x.dormant
           OFFSET 0) AS s
     WHERE wanted.first < wanted.last;
END
$$;
COMMENT ON FUNCTION rooms_met IS 'As rooms_taken, each with the key of its session; a room that is NULL is not asked for.';

CREATE FUNCTION push_stands(judged push_call) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
    RETURN EXISTS (SELECT FROM registered r
                    WHERE r.fingerprint = judged.fingerprint AND NOT r.revoked AND r.agency = judged.agency
                      AND (r.system, r.role, r.certified, r.agency_state, r.not_before, r.not_after, r.ends_at)
                          IS NOT DISTINCT FROM (judged.system, judged.role, judged.certified, judged.agency_state,
                                                judged.not_before, judged.not_after, judged.ends_at))
       AND EXISTS (SELECT FROM programme p
                    WHERE p.id = judged.programme AND p.version = judged.programme_version)
       AND NOT EXISTS (SELECT FROM unnest(judged.agreements, judged.agreement_versions) AS x (id, version)
                        WHERE x.version IS DISTINCT FROM (SELECT a.version FROM agreement a WHERE a.id = x.id))
       AND NOT EXISTS (SELECT FROM unnest(judged.parties, judged.party_versions) AS x (code, version)
                        WHERE x.version IS DISTINCT FROM (SELECT g.version FROM agency g WHERE g.code = x.code))
       AND NOT EXISTS (SELECT FROM unnest(judged.trainers, judged.trainer_versions, judged.trainer_keys)
                                AS x (id, version, key)
                        WHERE NOT EXISTS (SELECT FROM trainer t
                                           WHERE t.id = x.id AND t.version = x.version AND t.booking_key = x.key))
       AND NOT EXISTS (SELECT FROM unnest(judged.trainers) AS x (id)
                        CROSS JOIN LATERAL (
                              SELECT b.id, b.lead FROM assignment b
                               WHERE b.trainer = x.id AND b.state IN ('DECLINED', 'CLEARANCE_REFUSED')
                                 AND b.ends_at > judged.at
                              OFFSET 0) AS no
                        WHERE no.lead = judged.agency AND NOT no.id = ANY (judged.refused))
       AND NOT EXISTS (SELECT FROM unnest(judged.rooms, judged.room_versions) AS x (id, version)
                        WHERE x.version IS DISTINCT FROM (SELECT f.version FROM facility f WHERE f.id = x.id))
       AND NOT EXISTS (SELECT FROM unnest(judged.sessions, judged.session_versions, judged.session_sequences)
                                AS x (id, version, sequence)
                        WHERE NOT EXISTS (SELECT FROM session s
                                           WHERE s.id = x.id AND s.version = x.version AND s.sequence = x.sequence))
       AND NOT EXISTS (SELECT FROM unnest(judged.assignments || judged.met,
                                          judged.assignment_versions || judged.met_versions) AS x (id, version)
                        WHERE x.version IS DISTINCT FROM (SELECT a.version FROM assignment a WHERE a.id = x.id));
END
$$;
COMMENT ON FUNCTION push_stands IS 'Whether everything that a push was held against is as it was read. Refusals that were taken back since are in nobody''s way.';

CREATE FUNCTION push_is_alone(judged push_call, wanted push_assignment[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM unnest(wanted) AS x
         CROSS JOIN LATERAL (
               SELECT b.id, b.version, b.holds FROM assignment b
                WHERE b.person = person_of(x.booking_key) AND b.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
                  AND NOT b.dormant AND b.session <> x.session
                  AND b.starts_at > x.starts_at - interval '8 hours' AND b.starts_at < x.ends_at
                  AND b.ends_at > x.starts_at
               OFFSET 0) AS other
         WHERE x.call = judged.n AND x.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
           -- Who is held is in the way of none but those who hold.
           AND (other.holds OR x.trainer_agency <> judged.agency)
           AND NOT EXISTS (SELECT FROM unnest(judged.met, judged.met_versions) AS m (id, version)
                            WHERE m.id = other.id AND m.version = other.version));
END
$$;
COMMENT ON FUNCTION push_is_alone IS 'Whether the persons whom a push wants are booked and asked for at their times as it was read, over all agencies.';

CREATE FUNCTION push_store(
    calls push_call[], sessions push_session[], changed_sessions push_session[],
    assignments push_assignment[], changed_assignments push_assignment[]
) RETURNS integer[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    free integer[];
    standing integer[];
    mine integer[];
    one text;
    remembered bigint;
    has_schedules boolean;
    has_raised boolean;
BEGIN
    -- Nobody is waited for: what somebody else has locked is left to whom it may keep waiting.
    free := ARRAY(
        SELECT c.n FROM unnest(calls) AS c
         WHERE (SELECT bool_and(CASE WHEN l.shared THEN pg_try_advisory_xact_lock_shared(l.class, l.key)
                                     ELSE pg_try_advisory_xact_lock(l.class, l.key) END)
                  FROM unnest(c.lock_classes, c.lock_keys, c.lock_shared) AS l (class, key, shared)));
    -- A statement of its own: it sees what who held the locks has committed.
    standing := ARRAY(
        SELECT c.n FROM unnest(calls) AS c
         WHERE c.n = ANY (free) AND push_stands(c) AND push_is_alone(c, push_store.assignments || push_store.changed_assignments)
           AND (c.minutes_more <= 0 OR c.minutes_before_max >= minutes_held(c.programme, c.lesson_minutes, c.at)
                + (SELECT coalesce(sum(before.minutes_more), 0) FROM unnest(calls) AS before
                    WHERE before.programme = c.programme AND before.n < c.n AND before.minutes_more > 0)));
    SELECT bool_or(c.schedule_is_new), bool_or(c.raised <> '{}') INTO has_schedules, has_raised FROM unnest(calls) AS c;
    -- Each agency's rows under its own policies. It is the certificate's: push_stands has looked.
    FOR one IN SELECT DISTINCT c.agency FROM unnest(calls) AS c WHERE c.n = ANY (standing) LOOP
        PERFORM set_config('gerbang.agency', one, true);
        mine := ARRAY(SELECT c.n FROM unnest(calls) AS c WHERE c.agency = one AND c.n = ANY (standing));
        IF has_schedules THEN
            INSERT INTO schedule (id, lead, ref, programme, prison, created_at)
            SELECT c.schedule, one, c.schedule_ref, c.programme, c.prison, c.at
              FROM unnest(calls) AS c WHERE c.schedule_is_new AND c.n = ANY (mine);
        END IF;
        IF cardinality(changed_sessions) > 0 THEN
            UPDATE session AS s
               SET sequence = x.sequence, starts_at = x.starts_at, ends_at = x.ends_at, time_zone = x.time_zone,
                   topic = x.topic, trainers = x.trainers, trainer_agencies = x.trainer_agencies, state = x.state,
                   note = x.note, noted_by = x.noted_by, noted_at = x.noted_at, facility = x.facility,
                   facility_pushed = x.facility_pushed, dormant = x.dormant, version = x.version
              FROM unnest(changed_sessions) AS x
             WHERE s.id = x.id AND x.call = ANY (mine);
        END IF;
        IF has_raised THEN
            UPDATE session AS s SET sequence = x.sequence
              FROM unnest(calls) AS c CROSS JOIN LATERAL unnest(c.raised, c.raised_to) AS x (id, sequence)
             WHERE c.n = ANY (mine) AND s.id = x.id;
        END IF;
        -- What moves has made room for what is new.
        INSERT INTO session (id, lead, uid, schedule, schedule_ref, programme, programme_ref, programme_title, prison,
                             trainer_agencies, sequence, starts_at, ends_at, time_zone, topic, trainers, facility,
                             facility_pushed, state, version, created_at)
        SELECT x.id, one, x.uid, c.schedule, c.schedule_ref, c.programme, c.programme_ref, c.programme_title, c.prison,
               x.trainer_agencies, x.sequence, x.starts_at, x.ends_at, x.time_zone, x.topic, x.trainers, x.facility,
               x.facility_pushed, x.state, x.version, c.at
          FROM unnest(sessions) AS x JOIN unnest(calls) AS c ON c.n = x.call
         WHERE x.call = ANY (mine);
        IF cardinality(changed_assignments) > 0 THEN
            UPDATE assignment AS a
               SET starts_at = x.starts_at, ends_at = x.ends_at, time_zone = x.time_zone, role = x.role,
                   state = x.state, dormant = x.dormant, version = x.version
              FROM unnest(changed_assignments) AS x
             WHERE a.id = x.id AND x.call = ANY (mine);
        END IF;
        INSERT INTO assignment (id, session, session_uid, lead, prison, trainer, trainer_agency, trainer_ref, booking_key,
                                starts_at, ends_at, time_zone, role, state, dormant, version, created_at)
        SELECT x.id, x.session, x.session_uid, one, c.prison, x.trainer, x.trainer_agency, x.trainer_ref, x.booking_key,
               x.starts_at, x.ends_at, x.time_zone, x.role, x.state, x.dormant, x.version, c.at
          FROM unnest(assignments) AS x JOIN unnest(calls) AS c ON c.n = x.call
         WHERE x.call = ANY (mine);
        -- Who raises sequences alone changes nothing, and has no entry and no answer.
        mine := ARRAY(SELECT c.n FROM unnest(calls) AS c WHERE c.entry IS NOT NULL AND c.n = ANY (mine));
        INSERT INTO ledger_entry (id, recorded_at, leaf)
        SELECT c.entry, c.at, c.leaf FROM unnest(calls) AS c WHERE c.n = ANY (mine);
        INSERT INTO ledger_salt (entry, line, salt)
        SELECT c.entry, x.line - 1, x.salt
          FROM unnest(calls) AS c CROSS JOIN LATERAL unnest(c.salts) WITH ORDINALITY AS x (salt, line)
         WHERE c.n = ANY (mine);
        INSERT INTO replay (agency, request_id, digest, answer, created_at)
        SELECT one, c.request, c.digest, c.answer::json, c.at
          FROM unnest(calls) AS c WHERE c.n = ANY (mine)
            ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS remembered = ROW_COUNT;
        IF remembered <> cardinality(mine) THEN
            -- Only a gateway of an earlier program takes request ids without their lock.
            RAISE EXCEPTION 'another call took the request id' USING ERRCODE = 'serialization_failure';
        END IF;
    END LOOP;
    RETURN standing;
END
$$;
COMMENT ON FUNCTION push_store IS 'Stores pushes that were judged, with their entries and answers, and says which: the others are locked by somebody, or something that they were held against is no longer as it was read. Waits for nobody.';

REVOKE EXECUTE ON FUNCTION minutes_held, push_persons, push_ground, rooms_met, push_stands, push_is_alone, push_store FROM PUBLIC;
GRANT EXECUTE ON FUNCTION minutes_held, push_persons, push_ground, rooms_met, push_stands, push_is_alone, push_store TO gerbang_gateway;
