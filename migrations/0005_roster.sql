-- Trainees and rosters. Of a person there is one sealed record and keyed digests, and no column for a case, a sentence, a
-- day of release, recidivism, health or religion.

CREATE TABLE trainee (
    id uuid CONSTRAINT trainee_pkey PRIMARY KEY,
    ref bytea NOT NULL CONSTRAINT trainee_ref_key UNIQUE
        CONSTRAINT trainee_ref_check CHECK (octet_length(ref) = 16),
    prison text NOT NULL CONSTRAINT trainee_prison_fkey REFERENCES agency (code),
    sealed bytea NOT NULL,
    key_version integer NOT NULL,
    withheld boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL
);
CREATE INDEX trainee_key_version_idx ON trainee (key_version, id);
COMMENT ON TABLE trainee IS 'Persons whom prisons have nominated (warga binaan). The prison''s alone.';
COMMENT ON COLUMN trainee.id IS 'Internal key; random, and part of what the seal is bound to.';
COMMENT ON COLUMN trainee.ref IS 'As in trainees/{reference}: 128 random bits.';
COMMENT ON COLUMN trainee.prison IS 'The prison. The only reader.';
COMMENT ON COLUMN trainee.sealed IS 'Name, register number, NIK and education level, padded and sealed by the vault.';
COMMENT ON COLUMN trainee.key_version IS 'The version of the sealing key.';
COMMENT ON COLUMN trainee.withheld IS 'Whether the person is withheld from every partner.';
COMMENT ON COLUMN trainee.version IS 'Counts changes; part of the etag. Sealing anew is none.';
COMMENT ON COLUMN trainee.created_at IS 'When the person was first nominated.';

CREATE TABLE trainee_digest (
    prison text NOT NULL CONSTRAINT trainee_digest_prison_fkey REFERENCES agency (code),
    kind text NOT NULL CONSTRAINT trainee_digest_kind_check CHECK (kind IN ('REGISTER_NUMBER', 'NIK')),
    key_version integer NOT NULL,
    digest bytea NOT NULL CONSTRAINT trainee_digest_digest_check CHECK (octet_length(digest) = 32),
    trainee uuid NOT NULL CONSTRAINT trainee_digest_trainee_fkey REFERENCES trainee (id),
    CONSTRAINT trainee_digest_prison_kind_key_version_digest_key UNIQUE (prison, kind, key_version, digest)
);
CREATE INDEX trainee_digest_trainee_idx ON trainee_digest (trainee);
COMMENT ON TABLE trainee_digest IS 'Keyed digests by which a person is found again.';
COMMENT ON COLUMN trainee_digest.prison IS 'The prison: digests of two prisons are never compared.';
COMMENT ON COLUMN trainee_digest.kind IS 'REGISTER_NUMBER: who it is. NIK: whom else it might be; the row is its first bearer''s.';
COMMENT ON COLUMN trainee_digest.key_version IS 'The version of the digest key.';
COMMENT ON COLUMN trainee_digest.digest IS 'HMAC of the normalised number.';
COMMENT ON COLUMN trainee_digest.trainee IS 'The person.';

CREATE TABLE enrolment (
    id uuid CONSTRAINT enrolment_pkey PRIMARY KEY,
    ref bytea NOT NULL CONSTRAINT enrolment_ref_key UNIQUE
        CONSTRAINT enrolment_ref_check CHECK (octet_length(ref) = 16),
    programme uuid NOT NULL CONSTRAINT enrolment_programme_fkey REFERENCES programme (id),
    programme_ref text NOT NULL,
    lead text NOT NULL,
    prison text NOT NULL,
    trainee uuid NOT NULL CONSTRAINT enrolment_trainee_fkey REFERENCES trainee (id),
    state text NOT NULL CONSTRAINT enrolment_state_check CHECK (state IN ('CONFIRMED', 'WAITLISTED', 'LEFT')),
    place integer NOT NULL,
    out_of_rank text CONSTRAINT enrolment_out_of_rank_check
        CHECK (out_of_rank IN ('SECURITY', 'OTHER_DUTY', 'DECLINED')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CONSTRAINT enrolment_programme_place_key UNIQUE (programme, place)
);
CREATE UNIQUE INDEX enrolment_programme_trainee_idx ON enrolment (programme, trainee) WHERE state <> 'LEFT';
CREATE INDEX enrolment_trainee_idx ON enrolment (trainee);
CREATE INDEX enrolment_programme_ref_idx ON enrolment (programme, ref);
COMMENT ON TABLE enrolment IS 'Rosters: who is nominated for which programme (peserta).';
COMMENT ON COLUMN enrolment.id IS 'Internal key; random.';
COMMENT ON COLUMN enrolment.ref IS 'As in enrolments/{reference}: 128 random bits, the only handle that a partner gets.';
COMMENT ON COLUMN enrolment.programme IS 'The programme.';
COMMENT ON COLUMN enrolment.programme_ref IS 'The programme''s reference, for its name.';
COMMENT ON COLUMN enrolment.lead IS 'The lead agency. A reader.';
COMMENT ON COLUMN enrolment.prison IS 'The prison. A reader, and the only writer.';
COMMENT ON COLUMN enrolment.trainee IS 'The person.';
COMMENT ON COLUMN enrolment.state IS 'CONFIRMED, WAITLISTED or LEFT.';
COMMENT ON COLUMN enrolment.place IS 'Order of nomination within the programme; for the prison alone.';
COMMENT ON COLUMN enrolment.out_of_rank IS 'Why the person was promoted before others; for the prison alone.';
COMMENT ON COLUMN enrolment.version IS 'Counts changes; part of the etag.';
COMMENT ON COLUMN enrolment.created_at IS 'When the person was nominated.';

ALTER TABLE trainee ENABLE ROW LEVEL SECURITY;
CREATE POLICY trainee_readers ON trainee USING (caller() = prison);
ALTER TABLE trainee_digest ENABLE ROW LEVEL SECURITY;
CREATE POLICY trainee_digest_readers ON trainee_digest USING (caller() = prison);
ALTER TABLE enrolment ENABLE ROW LEVEL SECURITY;
CREATE POLICY enrolment_readers ON enrolment USING (caller() IN (lead, prison)) WITH CHECK (caller() = prison);
GRANT SELECT, INSERT, UPDATE ON trainee, enrolment TO gerbang_gateway;
GRANT SELECT, INSERT, DELETE ON trainee_digest TO gerbang_gateway;

CREATE FUNCTION sealed_of(enrolments uuid[])
RETURNS TABLE (enrolment uuid, trainee uuid, key_version integer, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT e.id, t.id, t.key_version, t.sealed
      FROM enrolment e JOIN trainee t ON t.id = e.trainee
     WHERE e.id = ANY (enrolments)
       AND caller() = e.lead AND e.state = 'CONFIRMED' AND NOT t.withheld
$$;
COMMENT ON FUNCTION sealed_of IS 'Sealed records of persons on rosters, for the lead agency: of those CONFIRMED and not withheld.';

CREATE FUNCTION roster_counts(of_prison text, of_lead text, after_lead text, after_ref text, up_to bigint)
RETURNS TABLE (lead text, ref text, title text, confirmed bigint, waitlisted bigint, gone bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT p.lead, p.ref, p.plan ->> 'title', count(*) FILTER (WHERE e.state = 'CONFIRMED'),
           count(*) FILTER (WHERE e.state = 'WAITLISTED'), count(*) FILTER (WHERE e.state = 'LEFT')
      FROM programme p JOIN enrolment e ON e.programme = p.id
     WHERE p.prison = of_prison AND (of_lead IS NULL OR p.lead = of_lead)
       AND (after_lead IS NULL OR (p.lead, p.ref) > (after_lead, after_ref))
     GROUP BY p.id ORDER BY p.lead, p.ref LIMIT up_to
$$;
COMMENT ON FUNCTION roster_counts IS 'How many are on the rosters of a prison, by programme; numbers and nothing more.';

REVOKE EXECUTE ON FUNCTION sealed_of, roster_counts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sealed_of, roster_counts TO gerbang_gateway;
