-- Certificates: authorities, orders, the inventory, revocation. What lets a stranger in is inserted by the signer's role
-- alone (gerbang_signer, made beside the migrations as the others are); what puts somebody out, by the gateway's.

-- The inventory holds gateways' certificates too, and knows where each came from.
ALTER TABLE client_certificate RENAME TO certificate;
ALTER TABLE certificate RENAME CONSTRAINT client_certificate_pkey TO certificate_pkey;
ALTER TABLE certificate RENAME CONSTRAINT client_certificate_sha256_check TO certificate_sha256_check;
ALTER TABLE certificate RENAME CONSTRAINT client_certificate_agency_system_fkey TO certificate_agency_system_fkey;
ALTER INDEX client_certificate_agency_system_idx RENAME TO certificate_agency_system_idx;
REVOKE INSERT ON certificate FROM gerbang_gateway;

CREATE TABLE authority (
    sha256 bytea CONSTRAINT authority_pkey PRIMARY KEY
        CONSTRAINT authority_sha256_check CHECK (octet_length(sha256) = 32),
    kind text NOT NULL CONSTRAINT authority_kind_check CHECK (kind IN ('ROOT', 'CLIENTS', 'GATEWAYS')),
    name text NOT NULL CONSTRAINT authority_name_key UNIQUE,
    der bytea NOT NULL,
    key_id bytea NOT NULL CONSTRAINT authority_key_id_check CHECK (octet_length(key_id) = 32),
    not_after timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE authority IS 'Authorities (otoritas sertifikat): the root and what issues below it. Made by a ceremony.';
COMMENT ON COLUMN authority.sha256 IS 'SHA-256 over its certificate.';
COMMENT ON COLUMN authority.kind IS 'ROOT; CLIENTS issues to agencies, GATEWAYS to gateways.';
COMMENT ON COLUMN authority.name IS 'Its common name.';
COMMENT ON COLUMN authority.der IS 'Its certificate.';
COMMENT ON COLUMN authority.key_id IS 'SHA-256 over its SubjectPublicKeyInfo: nobody else may have this key.';
COMMENT ON COLUMN authority.not_after IS 'Valid to.';
COMMENT ON COLUMN authority.created_at IS 'When it was recorded.';

ALTER TABLE certificate
    ALTER COLUMN agency DROP NOT NULL,
    ALTER COLUMN system DROP NOT NULL,
    ADD COLUMN authority bytea CONSTRAINT certificate_authority_fkey REFERENCES authority (sha256),
    ADD COLUMN der bytea,
    ADD COLUMN key_id bytea CONSTRAINT certificate_key_id_check CHECK (octet_length(key_id) = 32),
    ADD COLUMN previous bytea CONSTRAINT certificate_previous_fkey REFERENCES certificate (sha256)
        CONSTRAINT certificate_previous_key UNIQUE,
    ADD COLUMN ends_at timestamptz,
    ADD COLUMN administrator boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT certificate_serial_key UNIQUE (serial),
    ADD CONSTRAINT certificate_agency_system_check CHECK ((agency IS NULL) = (system IS NULL));
CREATE INDEX certificate_key_id_idx ON certificate (key_id);
COMMENT ON TABLE certificate IS 'The inventory: a certificate that is not here is refused. The signer alone inserts.';
COMMENT ON COLUMN certificate.agency IS 'The agency that the certificate names; NULL for a gateway''s.';
COMMENT ON COLUMN certificate.system IS 'The system that the certificate names; NULL for a gateway''s.';
COMMENT ON COLUMN certificate.authority IS 'Who issued it; NULL from before there were authorities.';
COMMENT ON COLUMN certificate.der IS 'The certificate; NULL from before there were authorities.';
COMMENT ON COLUMN certificate.key_id IS 'SHA-256 over its SubjectPublicKeyInfo.';
COMMENT ON COLUMN certificate.previous IS 'The certificate that it renewed. One is renewed once.';
COMMENT ON COLUMN certificate.ends_at IS 'Where it was renewed: when it stops letting anybody in, if that is before not_after.';
COMMENT ON COLUMN certificate.administrator IS 'Whether the signer issued it as an administrator''s: its key may sign approvals.';

ALTER TABLE system
    ALTER COLUMN role DROP NOT NULL,
    ADD COLUMN proposed_role text CONSTRAINT system_proposed_role_check
        CHECK (proposed_role IN ('ADMINISTRATOR', 'PRISON', 'DOOR')),
    ADD COLUMN proposer text;
COMMENT ON COLUMN system.role IS 'What it may do. Here and not in the certificate, so it can change without re-issuing. NULL until its first role is approved.';
COMMENT ON COLUMN system.proposed_role IS 'A role that another administrator has to approve.';
COMMENT ON COLUMN system.proposer IS 'The administrator''s system that proposed it, by its full name.';

CREATE TABLE certificate_order (
    id uuid CONSTRAINT certificate_order_pkey PRIMARY KEY,
    way text NOT NULL CONSTRAINT certificate_order_way_check
        CHECK (way IN ('TOKEN', 'CSR', 'RENEWAL', 'GATEWAY', 'CEREMONY')),
    agency text,
    system text,
    role text,
    token_sha256 bytea CONSTRAINT certificate_order_token_sha256_key UNIQUE
        CONSTRAINT certificate_order_token_sha256_check CHECK (octet_length(token_sha256) = 32),
    public_key bytea,
    key_id bytea CONSTRAINT certificate_order_key_id_check CHECK (octet_length(key_id) = 32),
    ignored text[] NOT NULL,
    hosts text[] NOT NULL,
    lifetime_days integer NOT NULL,
    previous bytea CONSTRAINT certificate_order_previous_fkey REFERENCES certificate (sha256),
    requester text NOT NULL,
    rejected boolean NOT NULL DEFAULT false,
    note text,
    other_key_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT certificate_order_agency_system_fkey FOREIGN KEY (agency, system) REFERENCES system (agency, system)
);
CREATE INDEX certificate_order_agency_idx ON certificate_order (agency, created_at);
COMMENT ON TABLE certificate_order IS 'Requests for certificates (permohonan sertifikat) and invitations. Asking is not authority: the signer goes by signatures.';
COMMENT ON COLUMN certificate_order.id IS 'As in certificateOrders/{uuid}.';
COMMENT ON COLUMN certificate_order.way IS 'How it is authorised: a token, administrators'' approval, the renewed key, a name in the signer''s configuration, the root.';
COMMENT ON COLUMN certificate_order.agency IS 'For which agency; NULL for a gateway.';
COMMENT ON COLUMN certificate_order.system IS 'For which of its systems; NULL for a gateway.';
COMMENT ON COLUMN certificate_order.role IS 'The system''s role when it was made.';
COMMENT ON COLUMN certificate_order.token_sha256 IS 'Hash of the token''s secret. The token itself is nowhere.';
COMMENT ON COLUMN certificate_order.public_key IS 'The SubjectPublicKeyInfo: all that counts of a signing request. NULL until the token is used.';
COMMENT ON COLUMN certificate_order.key_id IS 'SHA-256 over public_key.';
COMMENT ON COLUMN certificate_order.ignored IS 'What else the signing request said.';
COMMENT ON COLUMN certificate_order.hosts IS 'The names that a gateway asks for; else empty.';
COMMENT ON COLUMN certificate_order.lifetime_days IS 'Days that the certificate shall be valid; 0 until approved.';
COMMENT ON COLUMN certificate_order.previous IS 'The certificate that it renews.';
COMMENT ON COLUMN certificate_order.requester IS 'Who made it: a system by its full name, or gateway, or root.';
COMMENT ON COLUMN certificate_order.rejected IS 'Turned down or cancelled by an administrator.';
COMMENT ON COLUMN certificate_order.note IS 'Why it was turned down.';
COMMENT ON COLUMN certificate_order.other_key_at IS 'When another key was last tried with a token that was used.';
COMMENT ON COLUMN certificate_order.version IS 'Counts changes; part of the etag.';
COMMENT ON COLUMN certificate_order.created_at IS 'When it was made.';
COMMENT ON COLUMN certificate_order.expires_at IS 'Until when the token, or the request, is good.';

CREATE TABLE order_approval (
    certificate_order uuid NOT NULL CONSTRAINT order_approval_certificate_order_fkey REFERENCES certificate_order (id),
    approver text NOT NULL,
    certificate bytea NOT NULL,
    statement bytea NOT NULL,
    signature bytea NOT NULL,
    approved_at timestamptz NOT NULL,
    CONSTRAINT order_approval_pkey PRIMARY KEY (certificate_order, approver)
);
COMMENT ON TABLE order_approval IS 'Signed statements. The signer verifies each against the inventory; a row by itself authorises nothing.';
COMMENT ON COLUMN order_approval.certificate_order IS 'The order.';
COMMENT ON COLUMN order_approval.approver IS 'Whose key signed: a system by its full name, or root.';
COMMENT ON COLUMN order_approval.certificate IS 'SHA-256 of the certificate whose key signed.';
COMMENT ON COLUMN order_approval.statement IS 'The bytes that were signed.';
COMMENT ON COLUMN order_approval.signature IS 'The signature.';
COMMENT ON COLUMN order_approval.approved_at IS 'When it came.';

CREATE TABLE issuance (
    certificate_order uuid CONSTRAINT issuance_pkey PRIMARY KEY
        CONSTRAINT issuance_certificate_order_fkey REFERENCES certificate_order (id),
    state text NOT NULL CONSTRAINT issuance_state_check
        CHECK (state IN ('RECORDED', 'LINTED', 'INTENT', 'ISSUED', 'REJECTED')),
    authority bytea CONSTRAINT issuance_authority_fkey REFERENCES authority (sha256),
    serial text CONSTRAINT issuance_serial_key UNIQUE,
    to_be_signed bytea,
    reason text,
    certificate bytea CONSTRAINT issuance_certificate_fkey REFERENCES certificate (sha256),
    version bigint NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE issuance IS 'The signer''s side of an order: written down before anything is signed.';
COMMENT ON COLUMN issuance.certificate_order IS 'The order.';
COMMENT ON COLUMN issuance.state IS 'How far it is: the bytes are here, were checked, are about to be signed, were signed; or it was refused.';
COMMENT ON COLUMN issuance.authority IS 'Who issues.';
COMMENT ON COLUMN issuance.serial IS 'Serial number, lower-case hexadecimal.';
COMMENT ON COLUMN issuance.to_be_signed IS 'The TBSCertificate. What is signed in the end is these bytes.';
COMMENT ON COLUMN issuance.reason IS 'Why it was refused: a reason code.';
COMMENT ON COLUMN issuance.certificate IS 'What came of it.';
COMMENT ON COLUMN issuance.version IS 'Counts its steps.';
COMMENT ON COLUMN issuance.recorded_at IS 'When the signer took it up.';
COMMENT ON COLUMN issuance.changed_at IS 'When it came to its state.';

CREATE TABLE used_statement (
    sha256 bytea CONSTRAINT used_statement_pkey PRIMARY KEY,
    certificate_order uuid NOT NULL CONSTRAINT used_statement_certificate_order_fkey REFERENCES certificate_order (id)
);
COMMENT ON TABLE used_statement IS 'Statements that the signer has acted on: each authorises one certificate.';
COMMENT ON COLUMN used_statement.sha256 IS 'SHA-256 over the statement.';
COMMENT ON COLUMN used_statement.certificate_order IS 'For which order.';

CREATE TABLE revocation (
    certificate bytea CONSTRAINT revocation_pkey PRIMARY KEY
        CONSTRAINT revocation_certificate_fkey REFERENCES certificate (sha256),
    reason text NOT NULL CONSTRAINT revocation_reason_check CHECK (reason IN
        ('KEY_COMPROMISE', 'AFFILIATION_CHANGED', 'SUPERSEDED', 'CESSATION_OF_OPERATION')),
    note text,
    revoker text NOT NULL,
    -- What no list could say would keep the lists from being made.
    revoked_at timestamptz NOT NULL CONSTRAINT revocation_revoked_at_check
        CHECK (revoked_at BETWEEN '2000-01-01T00:00:00Z' AND '2100-01-01T00:00:00Z')
);
COMMENT ON TABLE revocation IS 'Revocations (pencabutan): they hold from their commit on. Insert-only.';
COMMENT ON COLUMN revocation.certificate IS 'SHA-256 of the certificate.';
COMMENT ON COLUMN revocation.reason IS 'As the revocation list says it (RFC 5280, 5.3.1).';
COMMENT ON COLUMN revocation.note IS 'Why, for the file.';
COMMENT ON COLUMN revocation.revoker IS 'The system that revoked it, by its full name.';
COMMENT ON COLUMN revocation.revoked_at IS 'When.';

CREATE TABLE barred_key (
    key_id bytea CONSTRAINT barred_key_pkey PRIMARY KEY
        CONSTRAINT barred_key_key_id_check CHECK (octet_length(key_id) = 32),
    barred_at timestamptz NOT NULL
);
COMMENT ON TABLE barred_key IS 'Keys that somebody else may have: never certified again. Insert-only.';
COMMENT ON COLUMN barred_key.key_id IS 'SHA-256 over the SubjectPublicKeyInfo.';
COMMENT ON COLUMN barred_key.barred_at IS 'When a certificate with it was revoked as compromised.';

CREATE TABLE collection (
    certificate bytea CONSTRAINT collection_pkey PRIMARY KEY
        CONSTRAINT collection_certificate_fkey REFERENCES certificate (sha256),
    collected_at timestamptz NOT NULL
);
COMMENT ON TABLE collection IS 'When a certificate was first fetched. Insert-only.';
COMMENT ON COLUMN collection.certificate IS 'SHA-256 of the certificate.';
COMMENT ON COLUMN collection.collected_at IS 'When.';

CREATE TABLE sighting (
    certificate bytea NOT NULL CONSTRAINT sighting_certificate_fkey REFERENCES certificate (sha256),
    minute timestamptz NOT NULL,
    address text NOT NULL,
    CONSTRAINT sighting_pkey PRIMARY KEY (certificate, minute)
);
COMMENT ON TABLE sighting IS 'When a certificate let somebody in, by the minute. Insert-only; the signer keeps the last of each day.';
COMMENT ON COLUMN sighting.certificate IS 'SHA-256 of the certificate.';
COMMENT ON COLUMN sighting.minute IS 'The minute in which it was used.';
COMMENT ON COLUMN sighting.address IS 'From which network address.';

CREATE TABLE crl (
    authority bytea NOT NULL CONSTRAINT crl_authority_fkey REFERENCES authority (sha256),
    number bigint NOT NULL,
    der bytea NOT NULL,
    this_update timestamptz NOT NULL,
    next_update timestamptz NOT NULL,
    revoked integer NOT NULL,
    CONSTRAINT crl_pkey PRIMARY KEY (authority, number)
);
COMMENT ON TABLE crl IS 'Revocation lists (daftar pencabutan). The newest of each authority counts.';
COMMENT ON COLUMN crl.authority IS 'Whose list it is.';
COMMENT ON COLUMN crl.number IS 'Its number: never smaller than an earlier one, nor than the Unix time.';
COMMENT ON COLUMN crl.der IS 'The list.';
COMMENT ON COLUMN crl.this_update IS 'When it was made.';
COMMENT ON COLUMN crl.next_update IS 'When the next one is due at the latest.';
COMMENT ON COLUMN crl.revoked IS 'How many certificates it names.';

CREATE TABLE signer_beat (
    only_one boolean CONSTRAINT signer_beat_pkey PRIMARY KEY
        CONSTRAINT signer_beat_only_one_check CHECK (only_one),
    beat_at timestamptz NOT NULL
);
COMMENT ON TABLE signer_beat IS 'When the signer was last at work.';
COMMENT ON COLUMN signer_beat.only_one IS 'There is one signer, and one row.';
COMMENT ON COLUMN signer_beat.beat_at IS 'Its clock.';

CREATE FUNCTION insert_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER revocation_insert_only BEFORE UPDATE OR DELETE ON revocation FOR EACH ROW EXECUTE FUNCTION insert_only();
CREATE TRIGGER barred_key_insert_only BEFORE UPDATE OR DELETE ON barred_key
    FOR EACH ROW EXECUTE FUNCTION insert_only();
CREATE TRIGGER revocation_no_truncate BEFORE TRUNCATE ON revocation FOR EACH STATEMENT EXECUTE FUNCTION insert_only();

-- As before, and: whether it was revoked, and from when to when it lets anybody in.
DROP FUNCTION enter(bytea);
CREATE FUNCTION enter(
    fingerprint bytea,
    OUT agency text, OUT system text, OUT role text, OUT agency_state text,
    OUT not_before timestamptz, OUT not_after timestamptz, OUT ends_at timestamptz, OUT revoked boolean
) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public AS $$
BEGIN
    SELECT s.agency, s.system, s.role, a.state, c.not_before, c.not_after, c.ends_at, r.certificate IS NOT NULL
      INTO agency, system, role, agency_state, not_before, not_after, ends_at, revoked
      FROM certificate c
      JOIN system s ON s.agency = c.agency AND s.system = c.system AND s.role IS NOT NULL
      JOIN agency a ON a.code = s.agency
      LEFT JOIN revocation r ON r.certificate = c.sha256
     WHERE c.sha256 = fingerprint;
    IF FOUND THEN
        PERFORM set_config('gerbang.agency', agency, true);
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION enter IS 'Looks up the caller by certificate and sets gerbang.agency, which row-level security reads, for this transaction. No row: not in the inventory.';

-- Which of these certificates let their holders in at a moment: the same condition, for what outlives a transaction.
CREATE FUNCTION good_certificates(fingerprints bytea[], moment timestamptz) RETURNS SETOF bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT c.sha256
      FROM certificate c
      JOIN system s ON s.agency = c.agency AND s.system = c.system AND s.role IS NOT NULL
      JOIN agency a ON a.code = s.agency AND a.state = 'ACTIVE'
     WHERE c.sha256 = ANY (fingerprints)
       AND moment BETWEEN c.not_before AND least(c.not_after, coalesce(c.ends_at, c.not_after))
       AND NOT EXISTS (SELECT FROM revocation r WHERE r.certificate = c.sha256)
$$;
COMMENT ON FUNCTION good_certificates IS 'Of these certificates, those that let their holders in at a moment.';

-- A question across agencies, for the preview of a revocation: past the policies, numbers and nothing more.
CREATE FUNCTION ahead_of(agencies text[], moment timestamptz, OUT sessions bigint, OUT assignments bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT (SELECT count(*) FROM session s
             WHERE s.lead = ANY (agencies) AND s.starts_at > moment AND s.state IN ('TENTATIVE', 'CONFIRMED')),
           (SELECT count(*) FROM assignment a
             WHERE a.trainer_agency = ANY (agencies) AND a.starts_at > moment
               AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED'))
$$;
COMMENT ON FUNCTION ahead_of IS 'How many sessions these agencies lead, and how many open assignments their trainers have, after a moment.';
REVOKE EXECUTE ON FUNCTION ahead_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ahead_of TO gerbang_gateway;

GRANT SELECT ON authority, issuance, crl, signer_beat TO gerbang_gateway;
GRANT SELECT, INSERT, UPDATE (public_key, key_id, ignored, lifetime_days, rejected, note, other_key_at, version)
    ON certificate_order TO gerbang_gateway;
GRANT SELECT, INSERT ON order_approval, revocation, barred_key, collection, sighting TO gerbang_gateway;

GRANT SELECT ON agency, system, certificate_order, order_approval, revocation, barred_key, collection, sighting
    TO gerbang_signer;
GRANT SELECT, INSERT ON certificate, authority, crl, used_statement TO gerbang_signer;
GRANT UPDATE (ends_at) ON certificate TO gerbang_signer;
GRANT SELECT, INSERT, UPDATE ON issuance, signer_beat TO gerbang_signer;
GRANT SELECT, INSERT ON ledger_entry, ledger_salt, ledger_sealed_salt TO gerbang_signer;
GRANT DELETE ON crl, sighting TO gerbang_signer;

-- What runs as its owner must not look things up among the caller's temporary ones, which come first unless pg_temp is
-- named last; and no role of ours needs any.
DO $$
DECLARE definer regprocedure;
BEGIN
    FOR definer IN SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', definer);
    END LOOP;
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
