-- Persons whom two agencies register: the later registration counts once the first agency or the prison has confirmed it.
-- And what the lead agency learns of a roster's numbers and names.

ALTER TABLE trainer
    ADD COLUMN nik_key bytea CONSTRAINT trainer_nik_key_check CHECK (octet_length(nik_key) = 32),
    ADD COLUMN nip_key bytea CONSTRAINT trainer_nip_key_check CHECK (octet_length(nip_key) = 32);
CREATE INDEX trainer_booking_key_idx ON trainer (booking_key);
CREATE INDEX trainer_nik_key_idx ON trainer (nik_key) WHERE nik_key IS NOT NULL;
CREATE INDEX trainer_nip_key_idx ON trainer (nip_key) WHERE nip_key IS NOT NULL;
COMMENT ON COLUMN trainer.nik_key IS 'HMAC of the NIK, by which a later registration finds the person; NULL without one, and in rows of before.';
COMMENT ON COLUMN trainer.nip_key IS 'HMAC of the NIP, likewise.';
COMMENT ON COLUMN trainer.booking_key IS 'One person over all agencies: HMAC of the NIK (of NIK or NIP in rows of before), else random. Random while a claim on the person is pending.';
GRANT INSERT (nik_key, nip_key) ON trainer TO gerbang_gateway;

CREATE TABLE trainer_claim (
    id uuid CONSTRAINT trainer_claim_pkey PRIMARY KEY,
    trainer uuid NOT NULL CONSTRAINT trainer_claim_trainer_fkey REFERENCES trainer (id)
        CONSTRAINT trainer_claim_trainer_key UNIQUE,
    claimant text NOT NULL CONSTRAINT trainer_claim_claimant_fkey REFERENCES agency (code),
    trainer_ref text NOT NULL CONSTRAINT trainer_claim_trainer_ref_check CHECK (length(trainer_ref) BETWEEN 1 AND 60),
    held uuid NOT NULL CONSTRAINT trainer_claim_held_fkey REFERENCES trainer (id),
    holder text NOT NULL CONSTRAINT trainer_claim_holder_fkey REFERENCES agency (code),
    held_ref text NOT NULL CONSTRAINT trainer_claim_held_ref_check CHECK (length(held_ref) BETWEEN 1 AND 60),
    state text NOT NULL CONSTRAINT trainer_claim_state_check CHECK (state IN ('PENDING', 'CONFIRMED')),
    confirmed_by text CONSTRAINT trainer_claim_confirmed_by_fkey REFERENCES agency (code),
    version bigint NOT NULL CONSTRAINT trainer_claim_version_check CHECK (version BETWEEN 1 AND 2),
    created_at timestamptz NOT NULL CONSTRAINT trainer_claim_created_at_check
        CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    CONSTRAINT trainer_claim_claimant_holder_check CHECK (claimant <> holder),
    CONSTRAINT trainer_claim_state_confirmed_by_check CHECK ((state = 'CONFIRMED') = (confirmed_by IS NOT NULL))
);
CREATE INDEX trainer_claim_held_idx ON trainer_claim (held);
COMMENT ON TABLE trainer_claim IS 'Claims that a trainer is a person whom another agency has registered first.';
COMMENT ON COLUMN trainer_claim.id IS 'As in trainerClaims/{uuid}.';
COMMENT ON COLUMN trainer_claim.trainer IS 'The later registration.';
COMMENT ON COLUMN trainer_claim.claimant IS 'Its agency. A reader.';
COMMENT ON COLUMN trainer_claim.trainer_ref IS 'Its reference, for the name.';
COMMENT ON COLUMN trainer_claim.held IS 'The earlier registration.';
COMMENT ON COLUMN trainer_claim.holder IS 'Its agency. A reader.';
COMMENT ON COLUMN trainer_claim.held_ref IS 'Its reference, for the name.';
COMMENT ON COLUMN trainer_claim.state IS 'PENDING: two persons to the gateway. CONFIRMED: one.';
COMMENT ON COLUMN trainer_claim.confirmed_by IS 'The agency that confirmed it.';
COMMENT ON COLUMN trainer_claim.version IS 'Counts changes; part of the etag.';
COMMENT ON COLUMN trainer_claim.created_at IS 'When the later registration was made.';
ALTER TABLE trainer_claim ENABLE ROW LEVEL SECURITY;
CREATE POLICY trainer_claim_readers ON trainer_claim USING (caller() IN (claimant, holder)) WITH CHECK (caller() = claimant);
GRANT SELECT,
    INSERT (id, trainer, claimant, trainer_ref, held, holder, held_ref, state, version, created_at)
    ON trainer_claim TO gerbang_gateway;

CREATE FUNCTION registrations_by(keys bytea[])
RETURNS TABLE (id uuid, agency text, ref text, booking_key bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT t.id, t.agency, t.ref, t.booking_key
      FROM trainer t
     WHERE (t.booking_key = ANY (keys) OR t.nik_key = ANY (keys) OR t.nip_key = ANY (keys))
       AND NOT EXISTS (SELECT FROM trainer_claim c WHERE c.trainer = t.id AND c.state = 'PENDING')
     ORDER BY t.created_at, t.id
$$;
COMMENT ON FUNCTION registrations_by IS 'Registrations under keyed digests of a person''s numbers, the oldest first, without those that are only claimed: to find out whose a person is.';

CREATE FUNCTION trainer_claims(only_one uuid, open_only boolean, after uuid, up_to bigint) RETURNS SETOF trainer_claim
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.*
      FROM trainer_claim c
     WHERE (only_one IS NULL OR c.id = only_one) AND (after IS NULL OR c.id > after)
       AND (NOT open_only OR c.state = 'PENDING')
       AND (caller() IN (c.claimant, c.holder)
            OR EXISTS (SELECT FROM agency p JOIN agreement g ON g.parties @> ARRAY[p.code, c.claimant]
                        WHERE p.code = caller() AND p.kind = 'PRISON' AND g.act IN ('AGREED', 'TERMINATED')))
     ORDER BY c.id LIMIT up_to
$$;
COMMENT ON FUNCTION trainer_claims IS 'Claims that the caller may see: made by it, on its trainers, or made by an agency that has an agreement with the caller, a prison.';

CREATE FUNCTION trainer_claim_keys(claim uuid) RETURNS TABLE (later bytea, earlier bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT t.booking_key, h.booking_key
      FROM trainer_claims(claim, false, NULL, 1) c JOIN trainer t ON t.id = c.trainer JOIN trainer h ON h.id = c.held
$$;
COMMENT ON FUNCTION trainer_claim_keys IS 'The booking keys of both registrations of a claim that the caller may see: to lock the persons, and to ask when they are busy.';

-- From now on both registrations are booked as one person: the later one takes the key of the earlier, and so does what is
-- booked of it ahead.
CREATE FUNCTION confirm_trainer_claim(claim uuid, moment timestamptz) RETURNS SETOF uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH confirmed AS (
        UPDATE trainer_claim c SET state = 'CONFIRMED', confirmed_by = caller(), version = c.version + 1
          FROM trainer_claims(claim, true, NULL, 1) seen
         WHERE c.id = seen.id AND caller() <> c.claimant
        RETURNING c.id, c.trainer, c.held
    ), keyed AS (
        UPDATE trainer t SET booking_key = h.booking_key
          FROM confirmed c JOIN trainer h ON h.id = c.held
         WHERE t.id = c.trainer
        RETURNING t.id, t.booking_key
    ), booked AS (
        UPDATE assignment a SET booking_key = k.booking_key
          FROM keyed k WHERE a.trainer = k.id AND a.ends_at > moment
        RETURNING a.id
    )
    SELECT id FROM confirmed
$$;
COMMENT ON FUNCTION confirm_trainer_claim IS 'Confirms a claim that the caller may see and has not made; answers with it if it did.';

REVOKE EXECUTE ON FUNCTION registrations_by, trainer_claims, trainer_claim_keys, confirm_trainer_claim FROM PUBLIC;
GRANT EXECUTE ON FUNCTION registrations_by, trainer_claims, trainer_claim_keys, confirm_trainer_claim TO gerbang_gateway;

ALTER TABLE programme ADD COLUMN opened_at timestamptz CONSTRAINT programme_opened_at_check
    CHECK (opened_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
COMMENT ON COLUMN programme.opened_at IS 'When it was opened; NULL before, and in rows of before the column, for which created_at stands in.';
GRANT UPDATE (opened_at) ON programme TO gerbang_gateway;
