-- The path of a push: agreement, programme, trainer, schedule, session, assignment. Row-level security by plain
-- comparison with reader columns stored in the row; questions across agencies through the functions at the end.

CREATE TABLE agreement (
    id uuid CONSTRAINT agreement_pkey PRIMARY KEY,
    author text NOT NULL CONSTRAINT agreement_author_fkey REFERENCES agency (code),
    ref text NOT NULL,
    terms jsonb NOT NULL,
    nature text NOT NULL,
    parties text[] NOT NULL,
    readers text[] NOT NULL,
    act text NOT NULL CONSTRAINT agreement_act_check
        CHECK (act IN ('DRAFT', 'PROPOSED', 'AGREED', 'REJECTED', 'WITHDRAWN', 'TERMINATED')),
    binding text CONSTRAINT agreement_binding_check CHECK (binding IN ('ACCEPTANCE', 'SIGNATURE')),
    accepted_by text[] NOT NULL,
    suspended_by text[] NOT NULL,
    effective_from date NOT NULL,
    effective_until date,
    terminates_on date,
    time_zone text NOT NULL,
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CONSTRAINT agreement_author_ref_key UNIQUE (author, ref)
);
CREATE INDEX agreement_readers_idx ON agreement USING gin (readers);
CREATE INDEX agreement_parties_idx ON agreement USING gin (parties);
COMMENT ON TABLE agreement IS 'Partnership agreements (perjanjian kerja sama).';
COMMENT ON COLUMN agreement.id IS 'Internal key.';
COMMENT ON COLUMN agreement.author IS 'The agency that wrote it.';
COMMENT ON COLUMN agreement.ref IS 'The author''s own reference.';
COMMENT ON COLUMN agreement.terms IS 'What is agreed, whole: kind, title, purpose, fields, parties, term, data annex.';
COMMENT ON COLUMN agreement.nature IS 'FUNCTIONAL or KEMITRAAN, by the kinds of the parties.';
COMMENT ON COLUMN agreement.parties IS 'Codes of the parties.';
COMMENT ON COLUMN agreement.readers IS 'Who may see it: the author of a draft, else every party. Row-level security reads this.';
COMMENT ON COLUMN agreement.act IS 'The last act. What depends on the day (PENDING, ACTIVE, EXPIRED) is computed.';
COMMENT ON COLUMN agreement.binding IS 'How it becomes binding; set when proposed.';
COMMENT ON COLUMN agreement.accepted_by IS 'Codes of the parties that have accepted.';
COMMENT ON COLUMN agreement.suspended_by IS 'Codes of the parties whose suspension is open.';
COMMENT ON COLUMN agreement.effective_from IS 'First day, in time_zone.';
COMMENT ON COLUMN agreement.effective_until IS 'Last day, inclusive, in time_zone; NULL for an SK without end.';
COMMENT ON COLUMN agreement.terminates_on IS 'Day from which a termination holds.';
COMMENT ON COLUMN agreement.time_zone IS 'IANA zone in which the days are counted.';
COMMENT ON COLUMN agreement.note IS 'Why it was last rejected, withdrawn, suspended or terminated.';
COMMENT ON COLUMN agreement.version IS 'Counts changes; part of the etag.';
COMMENT ON COLUMN agreement.created_at IS 'When it was written.';

CREATE TABLE programme (
    id uuid CONSTRAINT programme_pkey PRIMARY KEY,
    lead text NOT NULL CONSTRAINT programme_lead_fkey REFERENCES agency (code),
    ref text NOT NULL,
    agreement uuid NOT NULL CONSTRAINT programme_agreement_fkey REFERENCES agreement (id),
    agreement_author text NOT NULL,
    agreement_ref text NOT NULL,
    prison text NOT NULL CONSTRAINT programme_prison_fkey REFERENCES agency (code),
    plan jsonb NOT NULL,
    state text NOT NULL CONSTRAINT programme_state_check
        CHECK (state IN ('PLANNED', 'APPROVED', 'OPEN', 'CANCELLED')),
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CONSTRAINT programme_lead_ref_key UNIQUE (lead, ref)
);
CREATE INDEX programme_prison_idx ON programme (prison, lead, ref);
COMMENT ON TABLE programme IS 'Training programmes (paket pembinaan).';
COMMENT ON COLUMN programme.id IS 'Internal key.';
COMMENT ON COLUMN programme.lead IS 'The lead agency. A reader.';
COMMENT ON COLUMN programme.ref IS 'The lead agency''s own reference.';
COMMENT ON COLUMN programme.agreement IS 'The agreement that it runs under.';
COMMENT ON COLUMN programme.agreement_author IS 'That agreement''s author, for its name.';
COMMENT ON COLUMN programme.agreement_ref IS 'That agreement''s reference, for its name.';
COMMENT ON COLUMN programme.prison IS 'The prison. A reader.';
COMMENT ON COLUMN programme.plan IS 'Title, field, year, units, capacity.';
COMMENT ON COLUMN programme.state IS 'PLANNED, APPROVED, OPEN or CANCELLED.';
COMMENT ON COLUMN programme.note IS 'Why it was cancelled.';
COMMENT ON COLUMN programme.version IS 'Counts changes; part of the etag.';
COMMENT ON COLUMN programme.created_at IS 'When it was planned.';

CREATE TABLE trainer (
    id uuid CONSTRAINT trainer_pkey PRIMARY KEY,
    agency text NOT NULL CONSTRAINT trainer_agency_fkey REFERENCES agency (code),
    ref text NOT NULL,
    full_name text NOT NULL,
    kind text NOT NULL CONSTRAINT trainer_kind_check CHECK (kind IN ('INTERNAL', 'EXTERNAL')),
    competences jsonb NOT NULL,
    status text NOT NULL CONSTRAINT trainer_status_check CHECK (status IN ('ACTIVE', 'INACTIVE')),
    booking_key bytea NOT NULL CONSTRAINT trainer_booking_key_check CHECK (octet_length(booking_key) = 32),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CONSTRAINT trainer_agency_ref_key UNIQUE (agency, ref)
);
COMMENT ON TABLE trainer IS 'Trainers (instruktur, pelatih), each registered by the employing agency.';
COMMENT ON COLUMN trainer.id IS 'Internal key.';
COMMENT ON COLUMN trainer.agency IS 'The employing agency. The only reader.';
COMMENT ON COLUMN trainer.ref IS 'That agency''s own reference.';
COMMENT ON COLUMN trainer.full_name IS 'Full name.';
COMMENT ON COLUMN trainer.kind IS 'INTERNAL: prison staff. EXTERNAL: a partner''s.';
COMMENT ON COLUMN trainer.competences IS 'What the trainer can teach, with days of validity.';
COMMENT ON COLUMN trainer.status IS 'Whether schedules may name the trainer.';
COMMENT ON COLUMN trainer.booking_key IS 'One person over all agencies: HMAC of NIP or NIK (not stored), else random.';
COMMENT ON COLUMN trainer.version IS 'Counts changes; part of the etag.';
COMMENT ON COLUMN trainer.created_at IS 'When the trainer was registered.';

CREATE TABLE schedule (
    id uuid CONSTRAINT schedule_pkey PRIMARY KEY,
    lead text NOT NULL,
    ref text NOT NULL,
    programme uuid NOT NULL CONSTRAINT schedule_programme_fkey REFERENCES programme (id),
    prison text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT schedule_lead_ref_key UNIQUE (lead, ref)
);
COMMENT ON TABLE schedule IS 'Schedules (jadwal) as lead agencies push them.';
COMMENT ON COLUMN schedule.id IS 'Internal key.';
COMMENT ON COLUMN schedule.lead IS 'The lead agency. A reader.';
COMMENT ON COLUMN schedule.ref IS 'The lead agency''s own reference.';
COMMENT ON COLUMN schedule.programme IS 'The programme, the same at every push.';
COMMENT ON COLUMN schedule.prison IS 'The prison. A reader.';
COMMENT ON COLUMN schedule.created_at IS 'When it was first pushed.';

CREATE TABLE session (
    id uuid CONSTRAINT session_pkey PRIMARY KEY,
    lead text NOT NULL,
    uid text NOT NULL,
    schedule uuid NOT NULL CONSTRAINT session_schedule_fkey REFERENCES schedule (id),
    schedule_ref text NOT NULL,
    programme uuid NOT NULL CONSTRAINT session_programme_fkey REFERENCES programme (id),
    programme_ref text NOT NULL,
    programme_title text NOT NULL,
    prison text NOT NULL,
    trainer_agencies text[] NOT NULL,
    sequence integer NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    time_zone text NOT NULL,
    topic text NOT NULL,
    trainers jsonb NOT NULL,
    state text NOT NULL CONSTRAINT session_state_check CHECK (state IN ('TENTATIVE', 'CONFIRMED', 'CANCELLED')),
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CONSTRAINT session_lead_uid_key UNIQUE (lead, uid),
    CONSTRAINT session_starts_at_ends_at_check CHECK (starts_at < ends_at AND ends_at <= starts_at + interval '8 hours')
);
CREATE INDEX session_starts_at_idx ON session (starts_at, lead, uid);
CREATE INDEX session_programme_idx ON session (programme, starts_at);
CREATE INDEX session_trainer_agencies_idx ON session USING gin (trainer_agencies);
COMMENT ON TABLE session IS 'Sessions of schedules.';
COMMENT ON COLUMN session.id IS 'Internal key.';
COMMENT ON COLUMN session.lead IS 'The lead agency. A reader.';
COMMENT ON COLUMN session.uid IS 'The lead agency''s own identifier, for ever.';
COMMENT ON COLUMN session.schedule IS 'The schedule.';
COMMENT ON COLUMN session.schedule_ref IS 'The schedule''s reference, for its name.';
COMMENT ON COLUMN session.programme IS 'The programme.';
COMMENT ON COLUMN session.programme_ref IS 'The programme''s reference, for its name.';
COMMENT ON COLUMN session.programme_title IS 'The programme''s title, fixed once it is open; here so that a trainer''s agency can read it.';
COMMENT ON COLUMN session.prison IS 'The prison. A reader.';
COMMENT ON COLUMN session.trainer_agencies IS 'Agencies of its trainers. Readers.';
COMMENT ON COLUMN session.sequence IS 'Last sequence pushed. Outside etag, version and the ledger''s row.';
COMMENT ON COLUMN session.starts_at IS 'Start.';
COMMENT ON COLUMN session.ends_at IS 'End, exclusive.';
COMMENT ON COLUMN session.time_zone IS 'IANA zone in which it is planned.';
COMMENT ON COLUMN session.topic IS 'Topic (materi).';
COMMENT ON COLUMN session.trainers IS 'Trainers and roles as last pushed: content, not what became of it.';
COMMENT ON COLUMN session.state IS 'TENTATIVE, CONFIRMED or CANCELLED.';
COMMENT ON COLUMN session.note IS 'Why it was cancelled.';
COMMENT ON COLUMN session.version IS 'Counts changes of content and state; part of the etag.';
COMMENT ON COLUMN session.created_at IS 'When it was first pushed.';

CREATE TABLE assignment (
    id uuid CONSTRAINT assignment_pkey PRIMARY KEY,
    session uuid NOT NULL CONSTRAINT assignment_session_fkey REFERENCES session (id),
    session_uid text NOT NULL,
    lead text NOT NULL,
    prison text NOT NULL,
    trainer uuid NOT NULL CONSTRAINT assignment_trainer_fkey REFERENCES trainer (id),
    trainer_agency text NOT NULL,
    trainer_ref text NOT NULL,
    booking_key bytea NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    time_zone text NOT NULL,
    role text NOT NULL CONSTRAINT assignment_role_check CHECK (role IN ('LEAD', 'ASSISTANT')),
    state text NOT NULL CONSTRAINT assignment_state_check
        CHECK (state IN ('PROPOSED', 'ACCEPTED', 'CLEARED', 'WITHDRAWN')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CONSTRAINT assignment_session_trainer_key UNIQUE (session, trainer),
    -- Checked at the end of a statement, so that one push may exchange the times of two sessions.
    CONSTRAINT assignment_booking_key_excl EXCLUDE USING gist (
        booking_key WITH =, tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (state <> 'WITHDRAWN') DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX assignment_starts_at_idx ON assignment (starts_at, id);
COMMENT ON TABLE assignment IS 'Trainer assignments (penugasan pelatih): who comes into the prison, when.';
COMMENT ON COLUMN assignment.id IS 'As in assignments/{uuid}.';
COMMENT ON COLUMN assignment.session IS 'The session.';
COMMENT ON COLUMN assignment.session_uid IS 'The session''s uid, for its name: a withdrawn trainer''s agency no longer reads the session.';
COMMENT ON COLUMN assignment.lead IS 'The lead agency of the session. A reader.';
COMMENT ON COLUMN assignment.prison IS 'The prison. A reader.';
COMMENT ON COLUMN assignment.trainer IS 'The trainer.';
COMMENT ON COLUMN assignment.trainer_agency IS 'The trainer''s agency. A reader.';
COMMENT ON COLUMN assignment.trainer_ref IS 'The trainer''s reference, for the name.';
COMMENT ON COLUMN assignment.booking_key IS 'The trainer''s, for the exclusion over all agencies.';
COMMENT ON COLUMN assignment.starts_at IS 'The session''s start.';
COMMENT ON COLUMN assignment.ends_at IS 'The session''s end, exclusive.';
COMMENT ON COLUMN assignment.time_zone IS 'The session''s zone.';
COMMENT ON COLUMN assignment.role IS 'LEAD or ASSISTANT.';
COMMENT ON COLUMN assignment.state IS 'PROPOSED, ACCEPTED, CLEARED hold the trainer''s time; WITHDRAWN does not.';
COMMENT ON COLUMN assignment.version IS 'Counts changes; part of the etag.';
COMMENT ON COLUMN assignment.created_at IS 'When the trainer was first named.';

ALTER TABLE agreement ENABLE ROW LEVEL SECURITY;
CREATE POLICY agreement_readers ON agreement USING (caller() = ANY (readers));
ALTER TABLE programme ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme_readers ON programme USING (caller() IN (lead, prison));
ALTER TABLE trainer ENABLE ROW LEVEL SECURITY;
CREATE POLICY trainer_readers ON trainer USING (caller() = agency);
ALTER TABLE schedule ENABLE ROW LEVEL SECURITY;
CREATE POLICY schedule_readers ON schedule USING (caller() IN (lead, prison));
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_readers ON session USING (caller() IN (lead, prison) OR caller() = ANY (trainer_agencies))
    WITH CHECK (caller() IN (lead, prison));
ALTER TABLE assignment ENABLE ROW LEVEL SECURITY;
CREATE POLICY assignment_readers ON assignment USING (caller() IN (lead, prison, trainer_agency))
    WITH CHECK (caller() IN (lead, prison, trainer_agency));

GRANT SELECT, INSERT, UPDATE ON agreement, programme, trainer, schedule, session, assignment TO gerbang_gateway;

-- Questions across agencies. Each runs as its owner, past the policies, and answers no more than its name says.

CREATE FUNCTION agreements_with(prison text, agencies text[]) RETURNS SETOF agreement
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT * FROM agreement
     WHERE act IN ('AGREED', 'TERMINATED') AND prison = ANY (parties) AND parties && agencies
     ORDER BY id
$$;
COMMENT ON FUNCTION agreements_with IS 'Agreements between a prison and other agencies, for the gate of trainers whom a third agency lends.';

CREATE FUNCTION trainers_named(agencies text[], refs text[])
RETURNS TABLE (id uuid, agency text, ref text, booking_key bytea, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT t.id, t.agency, t.ref, t.booking_key, t.status
      FROM unnest(agencies, refs) AS named (agency, ref)
      JOIN trainer t ON t.agency = named.agency AND t.ref = named.ref
$$;
COMMENT ON FUNCTION trainers_named IS 'Trainers whom a push names, of any agency: keys and status, no names.';

CREATE FUNCTION busy(persons bytea[], first timestamptz, last timestamptz, except_sessions uuid[])
RETURNS TABLE (booking_key bytea, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT a.booking_key, a.starts_at, a.ends_at
      FROM unnest(persons) AS person (key)
      JOIN assignment a ON a.booking_key = person.key
     WHERE a.state <> 'WITHDRAWN' AND tstzrange(a.starts_at, a.ends_at) && tstzrange(first, last)
       AND NOT a.session = ANY (except_sessions)
$$;
COMMENT ON FUNCTION busy IS 'When these persons are taken, over all agencies: ranges and nothing more.';

CREATE FUNCTION assigned_trainers(assignments uuid[])
RETURNS TABLE (assignment uuid, full_name text, competences jsonb, field jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT a.id, t.full_name, t.competences, p.plan -> 'field'
      FROM assignment a
      JOIN trainer t ON t.id = a.trainer
      JOIN session s ON s.id = a.session
      JOIN programme p ON p.id = s.programme
     WHERE a.id = ANY (assignments) AND caller() IN (a.lead, a.prison, a.trainer_agency)
$$;
COMMENT ON FUNCTION assigned_trainers IS 'Names and competences of trainers in assignments that the caller may see, and the field that is taught.';

REVOKE EXECUTE ON FUNCTION agreements_with, trainers_named, busy, assigned_trainers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreements_with, trainers_named, busy, assigned_trainers TO gerbang_gateway;

CREATE FUNCTION agreement_ids_of(agency text) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT id FROM agreement WHERE agency = ANY (parties) ORDER BY id
$$;
COMMENT ON FUNCTION agreement_ids_of IS 'Ids of the agreements of an agency, which suspending the agency locks.';
REVOKE EXECUTE ON FUNCTION agreement_ids_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_ids_of TO gerbang_gateway;

-- domain::agreement::Agreement::state, for filters. A test holds the two against each other.
CREATE FUNCTION agreement_state(
    act text, effective_from date, effective_until date, terminates_on date, suspended boolean, today date
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN act NOT IN ('AGREED', 'TERMINATED') THEN act
        WHEN terminates_on <= today AND (effective_until IS NULL OR terminates_on <= effective_until) THEN 'TERMINATED'
        WHEN effective_until < today THEN 'EXPIRED'
        WHEN today < effective_from THEN 'PENDING'
        WHEN suspended THEN 'SUSPENDED'
        ELSE 'ACTIVE'
    END
$$;
COMMENT ON FUNCTION agreement_state IS 'Where an agreement stands on a day, as the domain computes it.';
