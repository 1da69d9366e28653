-- What a runtime role may write is granted by columns: nothing that the program leaves to the schema can be chosen, and, since
-- a right on a whole table is also the right to lock it, no table can be locked. And no lock that a gateway's role can hold
-- keeps a revocation waiting.

REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public FROM gerbang_gateway, gerbang_keeper, gerbang_signer;

GRANT INSERT (code, kind, tier, names, time_zone, state, version, created_at), UPDATE (names, time_zone, state,
    suspension_note, version) ON agency TO gerbang_gateway;
GRANT INSERT (agency, system, role, proposed_role, proposer, version, created_at), UPDATE (role, proposed_role,
    proposer, version) ON system TO gerbang_gateway;
GRANT UPDATE (version) ON certificate TO gerbang_gateway;
GRANT INSERT (purpose, value) ON vault_check TO gerbang_gateway;
GRANT INSERT (purpose, version, check_value, state, created_at) ON vault_key TO gerbang_gateway;
GRANT INSERT (agency, request_id, digest, created_at), UPDATE (answer) ON replay TO gerbang_gateway;
GRANT INSERT (id, recorded_at, leaf) ON ledger_entry TO gerbang_gateway;
GRANT INSERT (entry, line, salt) ON ledger_salt TO gerbang_gateway;
GRANT INSERT (entry, line, key_version, sealed) ON ledger_sealed_salt TO gerbang_gateway;
GRANT INSERT (id, author, ref, terms, nature, parties, readers, act, accepted_by, suspended_by, effective_from,
    effective_until, time_zone, version, created_at), UPDATE (terms, nature, parties, readers, act, binding, accepted_by,
    suspended_by, effective_from, effective_until, terminates_on, time_zone, note, version) ON agreement TO
    gerbang_gateway;
GRANT INSERT (id, lead, ref, agreement, agreement_author, agreement_ref, prison, plan, state, version, created_at),
    UPDATE (plan, state, note, version) ON programme TO gerbang_gateway;
GRANT INSERT (id, agency, ref, full_name, kind, competences, status, booking_key, version, created_at), UPDATE
    (full_name, kind, competences, status, version) ON trainer TO gerbang_gateway;
GRANT INSERT (id, lead, ref, programme, prison, created_at) ON schedule TO gerbang_gateway;
GRANT INSERT (id, lead, uid, schedule, schedule_ref, programme, programme_ref, programme_title, prison,
    trainer_agencies, sequence, starts_at, ends_at, time_zone, topic, trainers, facility, facility_pushed, state, version,
    created_at), UPDATE (trainer_agencies, sequence, starts_at, ends_at, time_zone, topic, trainers, facility,
    facility_pushed, state, note, version) ON session TO gerbang_gateway;
GRANT INSERT (id, session, session_uid, lead, prison, trainer, trainer_agency, trainer_ref, booking_key, starts_at,
    ends_at, time_zone, role, state, version, created_at), UPDATE (starts_at, ends_at, time_zone, role, state, version) ON
    assignment TO gerbang_gateway;
GRANT INSERT (id, prison, ref, display_name, kind, capacity, equipment, status, version, created_at), UPDATE
    (display_name, kind, capacity, equipment, status, version) ON facility TO gerbang_gateway;
GRANT INSERT (id, ref, prison, sealed, key_version, created_at), UPDATE (sealed, key_version, withheld, version) ON
    trainee TO gerbang_gateway;
GRANT INSERT (prison, kind, key_version, digest, trainee) ON trainee_digest TO gerbang_gateway;
GRANT INSERT (id, ref, programme, programme_ref, lead, prison, trainee, state, place, created_at), UPDATE (state,
    out_of_rank, version) ON enrolment TO gerbang_gateway;
GRANT INSERT (id, way, agency, system, role, token_sha256, public_key, key_id, ignored, hosts, lifetime_days,
    previous, requester, version, created_at, expires_at), UPDATE (public_key, key_id, ignored, lifetime_days, rejected,
    note, other_key_at, version) ON certificate_order TO gerbang_gateway;
GRANT INSERT (certificate_order, approver, certificate, statement, signature, approved_at) ON order_approval TO
    gerbang_gateway;
GRANT INSERT (certificate, reason, note, revoker, revoked_at) ON revocation TO gerbang_gateway;
GRANT INSERT (key_id, barred_at) ON barred_key TO gerbang_gateway;
GRANT INSERT (certificate, collected_at) ON collection TO gerbang_gateway;

GRANT UPDATE (version) ON certificate TO gerbang_keeper;
GRANT INSERT (id, way, agency, system, role, token_sha256, public_key, key_id, ignored, hosts, lifetime_days,
    previous, requester, version, created_at, expires_at) ON certificate_order TO gerbang_keeper;
GRANT INSERT (certificate, minute, address) ON sighting TO gerbang_keeper;
GRANT INSERT (certificate, minute) ON first_sighting TO gerbang_keeper;
GRANT INSERT (id, recorded_at, leaf) ON ledger_entry TO gerbang_keeper;
GRANT INSERT (entry, line, salt) ON ledger_salt TO gerbang_keeper;
GRANT INSERT (entry, line, key_version, sealed) ON ledger_sealed_salt TO gerbang_keeper;

GRANT INSERT (sha256, agency, system, serial, not_before, not_after, created_at, authority, der, key_id, previous,
    administrator, role), UPDATE (ends_at, version) ON certificate TO gerbang_signer;
GRANT UPDATE (version) ON certificate_order TO gerbang_signer;
GRANT INSERT (authority, number, der, this_update, next_update, revoked, version) ON crl TO gerbang_signer;
GRANT INSERT (certificate_order, state, authority, serial, to_be_signed, reason, recorded_at, changed_at), UPDATE
    (state, reason, certificate, changed_at) ON issuance TO gerbang_signer;
GRANT INSERT (sha256, certificate_order) ON used_statement TO gerbang_signer;
GRANT INSERT (only_one, beat_at), UPDATE (beat_at) ON signer_beat TO gerbang_signer;
GRANT INSERT (certificate, reason, note, revoker, revoked_at) ON revocation TO gerbang_signer;
GRANT INSERT (key_id, barred_at) ON barred_key TO gerbang_signer;
GRANT INSERT (id, recorded_at, leaf) ON ledger_entry TO gerbang_signer;
GRANT INSERT (entry, line, salt) ON ledger_salt TO gerbang_signer;
GRANT INSERT (entry, line, key_version, sealed) ON ledger_sealed_salt TO gerbang_signer;
-- Rights to delete are always on whole tables. These stay: the signer's are its own, and digests are the nominations' affair.
GRANT DELETE ON trainee_digest TO gerbang_gateway;
GRANT DELETE ON crl, sighting TO gerbang_signer;

-- What a call and the keeper delete, they delete by these, and nothing else.
CREATE FUNCTION unclaim(of_agency text, of_request uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DELETE FROM replay WHERE agency = of_agency AND request_id = of_request AND answer IS NULL AND agency = caller()
$$;
COMMENT ON FUNCTION unclaim IS 'Gives the request id of a call that changed nothing back.';

CREATE FUNCTION forget_answers(since timestamptz, until timestamptz, most bigint, OUT rows bigint, OUT last timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH deleted AS (
        DELETE FROM replay WHERE (agency, request_id) IN (
            SELECT agency, request_id FROM replay
             WHERE created_at >= coalesce(since, '-infinity') AND created_at < until
             ORDER BY created_at LIMIT most)
        RETURNING created_at)
    SELECT count(*), max(created_at) FROM deleted
$$;
COMMENT ON FUNCTION forget_answers IS 'Deletes remembered answers of calls that came within a time, the oldest first, at most so many; and says how many and up to when.';

CREATE FUNCTION forget_order(of_order uuid, of_version bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM certificate_order o WHERE o.id = of_order AND o.version = of_version
        AND NOT EXISTS (SELECT FROM issuance i WHERE i.certificate_order = o.id) FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM order_approval WHERE certificate_order = of_order;
    DELETE FROM certificate_order WHERE id = of_order;
    RETURN true;
END
$$;
COMMENT ON FUNCTION forget_order IS 'Deletes an order of this version that the signer never took up, with its approvals; false where there is none.';

REVOKE EXECUTE ON FUNCTION unclaim, forget_answers, forget_order FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unclaim TO gerbang_gateway;
GRANT EXECUTE ON FUNCTION forget_answers, forget_order TO gerbang_keeper;

-- A revocation waits for nobody. A key that everybody must agree on is waited for while somebody else has written it and not
-- yet committed, and so is a row that a foreign key leads to while somebody has it locked: so a certificate may be revoked
-- more than once, of which the first counts, and neither revocations nor remembered answers lead to rows that a gateway's
-- role can lock. Certificates and agencies are never deleted.
ALTER TABLE revocation
    DROP CONSTRAINT revocation_pkey,
    DROP CONSTRAINT revocation_certificate_fkey,
    ADD CONSTRAINT revocation_pkey PRIMARY KEY (certificate, revoked_at),
    ADD CONSTRAINT revocation_certificate_check CHECK (octet_length(certificate) = 32),
    ADD COLUMN counted boolean NOT NULL DEFAULT false;
COMMENT ON TABLE revocation IS 'Revocations (pencabutan): they hold from their commit on. Insert-only. Of several of one certificate the first counts.';
COMMENT ON COLUMN revocation.counted IS 'Whether the certificate''s own version counts it, as earlier programs had it. Else its version is one more.';
ALTER TABLE revocation DISABLE TRIGGER revocation_insert_only;
UPDATE revocation SET counted = true;
ALTER TABLE revocation ENABLE TRIGGER revocation_insert_only;
ALTER TABLE barred_key
    DROP CONSTRAINT barred_key_pkey,
    ADD CONSTRAINT barred_key_pkey PRIMARY KEY (key_id, barred_at);
COMMENT ON TABLE barred_key IS 'Keys that somebody else may have: never certified again. Insert-only. Of several rows of one key the first counts.';
ALTER TABLE replay
    DROP CONSTRAINT replay_agency_fkey,
    ADD CONSTRAINT replay_agency_check CHECK (agency ~ '^[a-z][a-z0-9-]{1,39}$');
