-- A push in two questions. The first reads everything that it is held against, in one snapshot and without a lock; the rules
-- are the program's. The second is one transaction: it takes the locks, looks whether what was judged still stands, and
-- stores, or says that it must be judged again. Nothing here says why something is
-- refused: what is stored is compared with what was read, and its minutes with what the plan leaves.
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
    trainer_agencies text[], trainers text[], wish_sessions integer[], wish_trainers integer[], counts_minutes boolean
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
COMMENT ON COLUMN push_ask.counts_minutes IS 'Whether the minutes of the programme''s sessions ahead are wanted, which are summed.';

CREATE TYPE push_call AS (
    n integer, request uuid, fingerprint bytea, agency text, system text, role text, certified text, agency_state text,
    not_before timestamptz, not_after timestamptz, ends_at timestamptz, at timestamptz,
    programme uuid, programme_ref text, programme_title text, prison text,
    schedule uuid, schedule_ref text, schedule_is_new boolean,
    refused uuid[], lesson_minutes integer, minutes_more bigint, minutes_before_max bigint
);
COMMENT ON TYPE push_call IS 'A push that was judged.';
COMMENT ON COLUMN push_call.n IS 'Its place among the calls, from 1.';
COMMENT ON COLUMN push_call.request IS 'The request''s id.';
COMMENT ON COLUMN push_call.fingerprint IS 'The certificate by which the caller comes; what follows up to ends_at is as it was read by it.';
COMMENT ON COLUMN push_call.agency IS 'The caller''s agency.';
COMMENT ON COLUMN push_call.system IS 'The caller''s system.';
COMMENT ON COLUMN push_call.role IS 'The system''s role.';
COMMENT ON COLUMN push_call.certified IS 'The role that the certificate was signed for.';
COMMENT ON COLUMN push_call.agency_state IS 'The agency''s state.';
COMMENT ON COLUMN push_call.not_before IS 'From when the certificate is valid.';
COMMENT ON COLUMN push_call.not_after IS 'Until when it is valid by itself.';
COMMENT ON COLUMN push_call.ends_at IS 'When it ends because another took its place.';
COMMENT ON COLUMN push_call.at IS 'The time of the call.';
COMMENT ON COLUMN push_call.programme IS 'The programme.';
COMMENT ON COLUMN push_call.programme_ref IS 'The programme''s reference.';
COMMENT ON COLUMN push_call.programme_title IS 'The programme''s title.';
COMMENT ON COLUMN push_call.prison IS 'The programme''s prison.';
COMMENT ON COLUMN push_call.schedule IS 'The schedule.';
COMMENT ON COLUMN push_call.schedule_ref IS 'The schedule''s reference.';
COMMENT ON COLUMN push_call.schedule_is_new IS 'Whether it is stored with the call.';
COMMENT ON COLUMN push_call.refused IS 'What was declined or refused to the caller of the trainers whom it names and is not over, by key.';
COMMENT ON COLUMN push_call.lesson_minutes IS 'The least that a session counts, as the plan says.';
COMMENT ON COLUMN push_call.minutes_more IS 'By how much the call makes the programme''s sessions ahead longer.';
COMMENT ON COLUMN push_call.minutes_before_max IS 'How long these may be before it, and before the calls that come with it, for the call to be as it was judged.';

CREATE TYPE push_lock AS (call integer, class integer, key integer, shared boolean);
COMMENT ON TYPE push_lock IS 'An advisory lock that a push needs.';
COMMENT ON COLUMN push_lock.call IS 'The call''s place.';
COMMENT ON COLUMN push_lock.class IS 'The lock''s class.';
COMMENT ON COLUMN push_lock.key IS 'The lock''s key.';
COMMENT ON COLUMN push_lock.shared IS 'Whether others may share it.';

CREATE TYPE push_fact AS (
    call integer, kind text, id uuid, code text, version bigint, booking_key bytea, sequence integer
);
COMMENT ON TYPE push_fact IS 'A row that a push was held against, as it was read.';
COMMENT ON COLUMN push_fact.call IS 'The call''s place.';
COMMENT ON COLUMN push_fact.kind IS 'AGREEMENT, PARTY, PROGRAMME, TRAINER, FACILITY, SESSION or ASSIGNMENT; MET is an assignment that was met at a time at which its person is wanted.';
COMMENT ON COLUMN push_fact.id IS 'Its key; NULL for a party.';
COMMENT ON COLUMN push_fact.code IS 'A party''s code.';
COMMENT ON COLUMN push_fact.version IS 'Its version.';
COMMENT ON COLUMN push_fact.booking_key IS 'A trainer''s person.';
COMMENT ON COLUMN push_fact.sequence IS 'A session''s sequence.';

CREATE TYPE push_raise AS (call integer, session uuid, sequence integer);
COMMENT ON TYPE push_raise IS 'A session of which the sequence alone rises.';
COMMENT ON COLUMN push_raise.call IS 'The call''s place.';
COMMENT ON COLUMN push_raise.session IS 'The session.';
COMMENT ON COLUMN push_raise.sequence IS 'Its new sequence.';

CREATE TYPE push_entry AS (
    call integer, agency text, at timestamptz, id uuid, leaf bytea, salts bytea[], request uuid, digest bytea, answer text
);
COMMENT ON TYPE push_entry IS 'The ledger''s entry of a push, and what is answered to the same request again. Who raises sequences alone changes nothing, and has none.';
COMMENT ON COLUMN push_entry.call IS 'The call''s place.';
COMMENT ON COLUMN push_entry.agency IS 'The caller''s agency.';
COMMENT ON COLUMN push_entry.at IS 'The time of the call.';
COMMENT ON COLUMN push_entry.id IS 'The entry''s key.';
COMMENT ON COLUMN push_entry.leaf IS 'The entry.';
COMMENT ON COLUMN push_entry.salts IS 'The salts of its lines, in order.';
COMMENT ON COLUMN push_entry.request IS 'The request''s id.';
COMMENT ON COLUMN push_entry.digest IS 'The request''s digest.';
COMMENT ON COLUMN push_entry.answer IS 'The answer, to be given again.';

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
    dormant boolean, version bigint, is_lent boolean
);
COMMENT ON TYPE push_assignment IS 'An assignment that a push stores or changes; the columns are the table''s.';
COMMENT ON COLUMN push_assignment.call IS 'The call''s place.';
COMMENT ON COLUMN push_assignment.is_lent IS 'Whether the trainer is of another agency than the caller.';

-- What a programme's sessions ahead hold, of which its plan allows so much and no more.
CREATE INDEX session_minutes_idx ON session (programme, starts_at) INCLUDE (ends_at)
    WHERE state IN ('TENTATIVE', 'CONFIRMED') AND NOT dormant;
-- The sum reads the index alone where pages are known to be seen by all, which is told by vacuum: after so many new rows,
-- however large the table is.
ALTER TABLE session SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000);

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

-- The functions below that another one calls plan as that one says.
CREATE FUNCTION minutes_held(of_programme uuid, lesson_minutes integer, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- In floating point, which tells minutes apart up to 2^53; numeric would cost ten times as much.
    RETURN (SELECT coalesce(sum(greatest(floor(date_part('epoch', s.ends_at - s.starts_at) / 60), lesson_minutes)), 0)
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
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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
    IF NOT ask.schedule_lead = ALL (ask.trainer_agencies) THEN
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
    persons record;
    wanted_rooms text[];
    lent text[];
    more push_party[];
    room_bookings push_booking[];
BEGIN
    SELECT r.agency, r.system, r.role, r.certified, r.agency_state, r.not_before, r.not_after, r.ends_at, r.revoked,
           e.digest, e.answer
      INTO agency, system, role, certified, agency_state, not_before, not_after, ends_at, revoked,
           earlier_digest, earlier_answer
      FROM registered r LEFT JOIN replay e ON e.agency = r.agency AND e.request_id = ask.request
     WHERE r.fingerprint = ask.fingerprint;
    IF agency IS NULL OR earlier_digest IS NOT NULL THEN
        RETURN;
    END IF;
    agency := set_config('gerbang.agency', agency, true);
    SELECT p.id, p.prison, (p.plan ->> 'lesson_minutes')::integer,
           ARRAY[ROW(p.id, p.lead, p.ref, p.agreement, p.agreement_author, p.agreement_ref, p.prison, p.plan, p.state,
                     p.note, p.noted_by, p.noted_at, p.version, p.opened_at, p.created_at)::programme_row],
           CASE WHEN a.id IS NOT NULL THEN
               ARRAY[ROW(a.id, a.author, a.ref, a.terms, a.nature, a.act, a.binding, a.accepted_by, a.suspended_by,
                         a.terminates_on, a.note, a.remarks, a.proposed_at, a.version, a.created_at)::agreement_row]
           END,
           ARRAY(SELECT ROW(g.code, g.state, g.version)::push_party FROM agency g WHERE g.code = ANY (a.parties)),
           c.id, c.programme
      INTO programme, prison, lesson, programmes, agreements, parties, schedule, schedule_programme
      FROM programme p
      LEFT JOIN agreement a ON a.id = p.agreement AND push_ground.agency = ANY (a.readers)
      LEFT JOIN schedule c ON c.lead = ask.schedule_lead AND c.ref = ask.schedule
     WHERE p.lead = ask.lead AND p.ref = ask.programme AND push_ground.agency IN (p.lead, p.prison);
    IF programme IS NULL THEN
        RETURN;
    END IF;
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
    IF ask.counts_minutes THEN
        minutes_ahead := minutes_held(programme, lesson, ask.at);
    END IF;
    persons := push_persons(ask, held);
    trainers := persons.trainers;
    refused := persons.refused;
    taken := persons.taken;
    asked := persons.asked;
    IF cardinality(ask.rooms) > 0 THEN
        SELECT array_agg(ROW(f.prison, f.ref, f.status = 'AVAILABLE', f.id, f.version)::push_room) INTO rooms
          FROM unnest(ask.room_prisons, ask.rooms) AS named (prison, ref)
          JOIN facility f ON f.prison = named.prison AND f.ref = named.ref;
    END IF;
    IF cardinality(ask.rooms) > 0 OR array_remove(wanted_rooms, NULL) <> '{}' THEN
        wanted_rooms := ARRAY(SELECT coalesce(ask.rooms[nullif(wish.room, 0)], wish.kept)
                              FROM unnest(ask.session_rooms, wanted_rooms) AS wish (room, kept));
        SELECT array_agg(ROW(NULL, r.facility, r.starts_at, r.ends_at, r.session, NULL, NULL)::push_booking) INTO room_bookings
          FROM rooms_met(prison, wanted_rooms, ask.firsts, ask.lasts) r;
        taken := taken || room_bookings;
    END IF;
    IF NOT ask.trainer_agencies <@ ARRAY[ask.lead, prison] THEN
        lent := ARRAY(SELECT DISTINCT t.agency FROM unnest(trainers) t WHERE t.agency NOT IN (ask.lead, prison));
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
COMMENT ON FUNCTION push_ground IS 'What a push is held against, as far as it is asked, as the database has it in one snapshot: who calls, what was answered to the request before; and where nothing was, the programme, its agreement and those by which trainers are lent, their parties, the schedule, the sessions that are stored already with their assignments, trainers, rooms, and what is in their way. Takes no lock and writes nothing.';

CREATE FUNCTION rooms_met(of_prison text, rooms text[], firsts timestamptz[], lasts timestamptz[])
RETURNS TABLE (facility text, starts_at timestamptz, ends_at timestamptz, session uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp AS $$
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

CREATE FUNCTION push_standing(
    calls push_call[], busy integer[], facts push_fact[], created push_session[], changed push_session[],
    wanted push_assignment[]
) RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    lost integer[];
BEGIN
    lost := busy || ARRAY(
        SELECT f.call FROM unnest(facts) AS f
         WHERE NOT coalesce(CASE f.kind
               WHEN 'AGREEMENT' THEN (SELECT a.version = f.version FROM agreement a WHERE a.id = f.id)
               WHEN 'PARTY' THEN (SELECT g.version = f.version FROM agency g WHERE g.code = f.code)
               WHEN 'PROGRAMME' THEN (SELECT p.version = f.version FROM programme p WHERE p.id = f.id)
               WHEN 'FACILITY' THEN (SELECT r.version = f.version FROM facility r WHERE r.id = f.id)
               WHEN 'SESSION' THEN (
                   SELECT s.version = f.version AND s.sequence = f.sequence FROM session s WHERE s.id = f.id)
               WHEN 'ASSIGNMENT' THEN (SELECT a.version = f.version FROM assignment a WHERE a.id = f.id)
               -- Who was in the way with a proposal, and is no more, would be warned of.
               WHEN 'MET' THEN (SELECT a.version = f.version AND NOT a.dormant FROM assignment a WHERE a.id = f.id)
               WHEN 'TRAINER' THEN (
                   SELECT t.version = f.version AND t.booking_key = f.booking_key FROM trainer t WHERE t.id = f.id)
                   AND NOT EXISTS (
                   SELECT FROM assignment AS no
                    WHERE no.trainer = f.id AND no.state IN ('DECLINED', 'CLEARANCE_REFUSED')
                      AND no.ends_at > (calls[f.call]).at AND no.lead = (calls[f.call]).agency
                      AND NOT no.id = ANY ((calls[f.call]).refused)
                   OFFSET 0)
               END, false)
    ) || ARRAY(
        SELECT x.call
          FROM unnest(wanted) AS x
         CROSS JOIN LATERAL (
               SELECT b.id, b.version, b.holds FROM assignment b
                WHERE b.person = person_of(x.booking_key) AND b.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
                  AND NOT b.dormant AND b.session <> x.session
                  AND b.starts_at > x.starts_at - interval '8 hours' AND b.starts_at < x.ends_at
                  AND b.ends_at > x.starts_at
               OFFSET 0) AS other
         WHERE x.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
           -- Who is held is in the way of none but those who hold.
           AND (other.holds OR x.is_lent)
           AND NOT (x.call, other.id, other.version) IN (
               SELECT met.call, met.id, met.version FROM unnest(facts) AS met WHERE met.kind = 'MET'))
    || ARRAY(
        -- A constraint would say so too, and break the group.
        SELECT x.call FROM unnest(created) AS x
         WHERE EXISTS (SELECT FROM session s WHERE s.lead = (calls[x.call]).agency AND s.uid = x.uid OFFSET 0)
    ) || ARRAY(
        SELECT x.call
          FROM unnest(created || changed) AS x
         CROSS JOIN LATERAL (
               SELECT s.id FROM session s
                WHERE s.prison = (calls[x.call]).prison AND s.facility = x.facility
                  AND tstzrange(s.starts_at, s.ends_at) && tstzrange(x.starts_at, x.ends_at)
                  AND s.state IN ('TENTATIVE', 'CONFIRMED') AND NOT s.dormant
               OFFSET 0) AS other
         WHERE x.facility IS NOT NULL AND other.id <> x.id AND x.state IN ('TENTATIVE', 'CONFIRMED')
           AND NOT (x.call, other.id) IN (
               SELECT own.call, own.id FROM unnest(facts) AS own WHERE own.kind = 'SESSION'));
    RETURN ARRAY(
        -- Summed once for all calls of a programme, from the earliest of their moments: what has begun since counts, too.
        WITH held AS MATERIALIZED (
            SELECT m.programme, minutes_held(m.programme, max(m.lesson_minutes), min(m.at)) AS minutes
              FROM unnest(calls) AS m
             WHERE m.minutes_more > 0 AND NOT m.n = ANY (lost)
             GROUP BY m.programme)
        SELECT c.n FROM unnest(calls) AS c LEFT JOIN held ON held.programme = c.programme
         WHERE NOT c.n = ANY (lost)
           AND NOT EXISTS (SELECT FROM replay e WHERE e.agency = c.agency AND e.request_id = c.request OFFSET 0)
           AND NOT (c.schedule_is_new
                    AND EXISTS (SELECT FROM schedule s WHERE s.lead = c.agency AND s.ref = c.schedule_ref OFFSET 0))
           AND (SELECT NOT r.revoked
                       AND (r.agency, r.system, r.role, r.certified, r.agency_state, r.not_before, r.not_after, r.ends_at)
                           IS NOT DISTINCT FROM (c.agency, c.system, c.role, c.certified, c.agency_state,
                                                 c.not_before, c.not_after, c.ends_at)
                  FROM registered r WHERE r.fingerprint = c.fingerprint)
           AND (c.minutes_more <= 0 OR held.minutes <= c.minutes_before_max));
END
$$;
COMMENT ON FUNCTION push_standing IS 'The calls that are not busy, and of which everything that they were held against is as it was read: rows, refusals of the trainers whom they name, what is booked and asked for at the times that they want over all agencies, and the minutes that the plan leaves; and of which neither the request, the schedule nor a new session is there already. Refusals that were taken back since are in nobody''s way.';

CREATE FUNCTION push_store(
    calls push_call[], locks push_lock[], facts push_fact[], raised push_raise[],
    sessions push_session[], changed_sessions push_session[],
    assignments push_assignment[], changed_assignments push_assignment[], kept_assignments push_assignment[],
    entries push_entry[], has_schedules boolean
) RETURNS integer[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    busy integer[];
    standing integer[];
    mine integer[];
    one text;
    done bigint;
    changed bigint := 0;
    told bigint;
    remembered bigint;
BEGIN
    -- Nobody is waited for: what somebody else has locked is left to whom it may keep waiting.
    busy := ARRAY(
        SELECT l.call FROM unnest(locks) AS l
         WHERE NOT CASE WHEN l.shared THEN pg_try_advisory_xact_lock_shared(l.class, l.key)
                        ELSE pg_try_advisory_xact_lock(l.class, l.key) END);
    -- Looks anew: it sees what who held the locks has committed.
    standing := push_standing(calls, busy, facts, sessions, changed_sessions,
                              assignments || changed_assignments || kept_assignments);
    -- Each agency's rows under its own policies. It is the certificate's: push_standing has looked.
    IF cardinality(changed_sessions) + cardinality(raised) + cardinality(changed_assignments) > 0 THEN
        FOR one IN SELECT DISTINCT c.agency FROM unnest(calls) AS c WHERE c.n = ANY (standing) LOOP
            one := set_config('gerbang.agency', one, true);
            mine := ARRAY(SELECT c.n FROM unnest(calls) AS c WHERE c.agency = one AND c.n = ANY (standing));
            UPDATE session AS s
               SET sequence = x.sequence, starts_at = x.starts_at, ends_at = x.ends_at, time_zone = x.time_zone,
                   topic = x.topic, trainers = x.trainers, trainer_agencies = x.trainer_agencies, state = x.state,
                   note = x.note, noted_by = x.noted_by, noted_at = x.noted_at, facility = x.facility,
                   facility_pushed = x.facility_pushed, dormant = x.dormant, version = x.version
              FROM unnest(changed_sessions) AS x
             WHERE s.id = x.id AND x.call = ANY (mine);
            GET DIAGNOSTICS done = ROW_COUNT;
            changed := changed + done;
            UPDATE session AS s SET sequence = x.sequence
              FROM unnest(raised) AS x WHERE s.id = x.session AND x.call = ANY (mine);
            GET DIAGNOSTICS done = ROW_COUNT;
            changed := changed + done;
            UPDATE assignment AS a
               SET starts_at = x.starts_at, ends_at = x.ends_at, time_zone = x.time_zone, role = x.role,
                   state = x.state, dormant = x.dormant, version = x.version
              FROM unnest(changed_assignments) AS x
             WHERE a.id = x.id AND x.call = ANY (mine);
            GET DIAGNOSTICS done = ROW_COUNT;
            changed := changed + done;
        END LOOP;
        IF changed <> (SELECT count(*)
                         FROM (SELECT x.call FROM unnest(changed_sessions) AS x
                               UNION ALL SELECT x.call FROM unnest(raised) AS x
                               UNION ALL SELECT x.call FROM unnest(changed_assignments) AS x) AS x
                        WHERE x.call = ANY (standing)) THEN
            RAISE EXCEPTION 'a row that a push changes is not its caller''s' USING ERRCODE = 'internal_error';
        END IF;
    END IF;
    -- What has moved has made room for what is new. Rows of all agencies by one statement, for it is dear to begin: the lead
    -- agency of each is set where the row is made, and the policy looks at the row before the next one is.
    IF has_schedules THEN
        INSERT INTO schedule (id, lead, ref, programme, prison, created_at)
        SELECT c.schedule, set_config('gerbang.agency', c.agency, true), c.schedule_ref, c.programme, c.prison, c.at
          FROM unnest(calls) AS c WHERE c.schedule_is_new AND c.n = ANY (standing);
    END IF;
    INSERT INTO session (id, lead, uid, schedule, schedule_ref, programme, programme_ref, programme_title, prison,
                         trainer_agencies, sequence, starts_at, ends_at, time_zone, topic, trainers, facility,
                         facility_pushed, state, version, created_at)
    SELECT x.id, set_config('gerbang.agency', c.agency, true), x.uid, c.schedule, c.schedule_ref, c.programme,
           c.programme_ref, c.programme_title, c.prison, x.trainer_agencies, x.sequence, x.starts_at, x.ends_at, x.time_zone,
           x.topic, x.trainers, x.facility, x.facility_pushed, x.state, x.version, c.at
      FROM unnest(sessions) AS x JOIN unnest(calls) AS c ON c.n = x.call
     WHERE x.call = ANY (standing);
    INSERT INTO assignment (id, session, session_uid, lead, prison, trainer, trainer_agency, trainer_ref, booking_key,
                            starts_at, ends_at, time_zone, role, state, dormant, version, created_at)
    SELECT x.id, x.session, x.session_uid, set_config('gerbang.agency', c.agency, true), c.prison, x.trainer,
           x.trainer_agency, x.trainer_ref, x.booking_key, x.starts_at, x.ends_at, x.time_zone, x.role, x.state, x.dormant,
           x.version, c.at
      FROM unnest(assignments) AS x JOIN unnest(calls) AS c ON c.n = x.call
     WHERE x.call = ANY (standing);
    INSERT INTO ledger_entry (id, recorded_at, leaf)
    SELECT e.id, e.at, e.leaf FROM unnest(entries) AS e WHERE e.call = ANY (standing);
    GET DIAGNOSTICS told = ROW_COUNT;
    INSERT INTO ledger_salt (entry, line, salt)
    SELECT e.id, x.line - 1, x.salt
      FROM unnest(entries) AS e CROSS JOIN LATERAL unnest(e.salts) WITH ORDINALITY AS x (salt, line)
     WHERE e.call = ANY (standing);
    INSERT INTO replay (agency, request_id, digest, answer, created_at)
    SELECT e.agency, e.request, e.digest, e.answer::json, e.at FROM unnest(entries) AS e WHERE e.call = ANY (standing)
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS remembered = ROW_COUNT;
    IF remembered <> told THEN
        -- Only a gateway of an earlier program takes request ids without their lock.
        RAISE EXCEPTION 'another call took the request id' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN standing;
END
$$;
COMMENT ON FUNCTION push_store IS 'Stores pushes that were judged, with their entries and answers, and says which: the others are locked by somebody, or something that they were held against is no longer as it was read. Waits for no advisory lock.';

REVOKE EXECUTE ON FUNCTION minutes_held, push_persons, push_ground, rooms_met, push_standing, push_store FROM PUBLIC;
GRANT EXECUTE ON FUNCTION minutes_held, push_persons, push_ground, rooms_met, push_standing, push_store TO gerbang_gateway;
