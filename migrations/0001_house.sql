-- The house: who takes part, how a call comes in, what is remembered of it, and the ledger.
-- Roles are cluster-wide and made beside the migrations: gerbang_owner runs them, gerbang_gateway serves.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE agency (
    code text CONSTRAINT agency_pkey PRIMARY KEY,
    kind text NOT NULL,
    tier text NOT NULL,
    names jsonb NOT NULL,
    time_zone text NOT NULL,
    state text NOT NULL CONSTRAINT agency_state_check CHECK (state IN ('ACTIVE', 'SUSPENDED')),
    suspension_note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE agency IS 'Agencies (instansi). Known by code; names come and go.';
COMMENT ON COLUMN agency.code IS 'The stable code, as in agencies/{code}. Never changes.';
COMMENT ON COLUMN agency.kind IS 'Kind of institution: PRISON, VOCATIONAL_TRAINING_CENTRE, …';
COMMENT ON COLUMN agency.tier IS 'Level of government: CENTRAL, PROVINCE, REGENCY, CITY, NONE.';
COMMENT ON COLUMN agency.names IS 'Names with the day each holds from, earliest first.';
COMMENT ON COLUMN agency.time_zone IS 'IANA zone that the agency plans in.';
COMMENT ON COLUMN agency.state IS 'ACTIVE, or SUSPENDED: its systems are refused and its agreements open no gate.';
COMMENT ON COLUMN agency.suspension_note IS 'Why it was last suspended, for the file.';
COMMENT ON COLUMN agency.version IS 'Counts changes; part of the etag.';
COMMENT ON COLUMN agency.created_at IS 'When it was registered.';

CREATE TABLE system (
    agency text NOT NULL CONSTRAINT system_agency_fkey REFERENCES agency (code),
    system text NOT NULL,
    role text NOT NULL CONSTRAINT system_role_check
        CHECK (role IN ('ADMINISTRATOR', 'PRISON', 'DOOR', 'PARTNER', 'OVERSIGHT')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CONSTRAINT system_pkey PRIMARY KEY (agency, system)
);
COMMENT ON TABLE system IS 'Systems of agencies: who speaks for whom, and what it may do.';
COMMENT ON COLUMN system.agency IS 'The agency that the system belongs to.';
COMMENT ON COLUMN system.system IS 'The system''s own name within its agency.';
COMMENT ON COLUMN system.role IS 'What it may do. Here and not in the certificate, so it can change without re-issuing.';
COMMENT ON COLUMN system.version IS 'Counts changes; part of the etag.';
COMMENT ON COLUMN system.created_at IS 'When it was registered.';

CREATE TABLE client_certificate (
    sha256 bytea CONSTRAINT client_certificate_pkey PRIMARY KEY
        CONSTRAINT client_certificate_sha256_check CHECK (octet_length(sha256) = 32),
    agency text NOT NULL,
    system text NOT NULL,
    serial text NOT NULL,
    not_before timestamptz NOT NULL,
    not_after timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT client_certificate_agency_system_fkey FOREIGN KEY (agency, system) REFERENCES system (agency, system)
);
CREATE INDEX client_certificate_agency_system_idx ON client_certificate (agency, system);
COMMENT ON TABLE client_certificate IS 'The inventory: a certificate that is not here is refused.';
COMMENT ON COLUMN client_certificate.sha256 IS 'SHA-256 over the DER bytes.';
COMMENT ON COLUMN client_certificate.agency IS 'The agency that the certificate names.';
COMMENT ON COLUMN client_certificate.system IS 'The system that the certificate names.';
COMMENT ON COLUMN client_certificate.serial IS 'Serial number, lower-case hexadecimal.';
COMMENT ON COLUMN client_certificate.not_before IS 'Valid from.';
COMMENT ON COLUMN client_certificate.not_after IS 'Valid to.';
COMMENT ON COLUMN client_certificate.created_at IS 'When it was registered.';

CREATE TABLE vault_check (
    purpose text CONSTRAINT vault_check_pkey PRIMARY KEY,
    value bytea NOT NULL
);
COMMENT ON TABLE vault_check IS 'A keyed digest of a constant per key in vault.toml: another key is noticed at start.';
COMMENT ON COLUMN vault_check.purpose IS 'Which key: booking, replay, page.';
COMMENT ON COLUMN vault_check.value IS 'The digest; says nothing of the key.';

CREATE TABLE replay (
    agency text NOT NULL CONSTRAINT replay_agency_fkey REFERENCES agency (code),
    request_id uuid NOT NULL,
    digest bytea NOT NULL,
    answer json,
    created_at timestamptz NOT NULL,
    CONSTRAINT replay_pkey PRIMARY KEY (agency, request_id)
);
COMMENT ON TABLE replay IS 'Answers to mutations, given again when the same request comes again. Kept 30 days.';
COMMENT ON COLUMN replay.agency IS 'Scoped to the agency, so a renewed certificate may retry.';
COMMENT ON COLUMN replay.request_id IS 'The caller''s request_id.';
COMMENT ON COLUMN replay.digest IS 'Keyed digest over method and request: another request under the same id is refused.';
COMMENT ON COLUMN replay.answer IS 'Names, etags, states and outcomes; never a resource. NULL only while the call runs. Not jsonb, which cannot hold the null character that a refused uid may have.';
COMMENT ON COLUMN replay.created_at IS 'When the call came.';

CREATE TABLE ledger_entry (
    id uuid CONSTRAINT ledger_entry_pkey PRIMARY KEY,
    append_no bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT ledger_entry_append_no_key UNIQUE,
    recorded_at timestamptz NOT NULL,
    leaf bytea NOT NULL
);
COMMENT ON TABLE ledger_entry IS 'The ledger: one entry a call that changed something. Append-only.';
COMMENT ON COLUMN ledger_entry.id IS 'The entry''s id, given to the caller.';
COMMENT ON COLUMN ledger_entry.append_no IS 'Drawn in the transaction''s last statement; the sequencer indexes in this order. Not commit order.';
COMMENT ON COLUMN ledger_entry.recorded_at IS 'The call''s clock.';
COMMENT ON COLUMN ledger_entry.leaf IS 'The entry''s bytes: what the Merkle tree hashes. No personal data.';

CREATE TABLE ledger_salt (
    entry uuid NOT NULL CONSTRAINT ledger_salt_entry_fkey REFERENCES ledger_entry (id),
    line integer NOT NULL,
    salt bytea NOT NULL CONSTRAINT ledger_salt_salt_check CHECK (octet_length(salt) = 16),
    CONSTRAINT ledger_salt_pkey PRIMARY KEY (entry, line)
);
COMMENT ON TABLE ledger_salt IS 'Salts of the digests in ledger lines. Deleting one erases what the digest could confirm.';
COMMENT ON COLUMN ledger_salt.entry IS 'The entry.';
COMMENT ON COLUMN ledger_salt.line IS 'The line in it, from 0.';
COMMENT ON COLUMN ledger_salt.salt IS '16 random bytes.';

CREATE FUNCTION ledger_is_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OF id, recorded_at, leaf OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

-- The first step of every call: who is this, and, from here on, whose rows may it see?
CREATE FUNCTION enter(
    fingerprint bytea,
    OUT agency text, OUT system text, OUT role text, OUT agency_state text, OUT not_after timestamptz
) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public AS $$
BEGIN
    SELECT s.agency, s.system, s.role, a.state, c.not_after
      INTO agency, system, role, agency_state, not_after
      FROM client_certificate c
      JOIN system s ON s.agency = c.agency AND s.system = c.system
      JOIN agency a ON a.code = s.agency
     WHERE c.sha256 = fingerprint;
    IF FOUND THEN
        PERFORM set_config('gerbang.agency', agency, true);
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION enter IS 'Looks up the caller by certificate and sets gerbang.agency, which row-level security reads, for this transaction. No row: not in the inventory.';

-- The agency whose rows this transaction may see; NULL outside a call.
CREATE FUNCTION caller() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT nullif(current_setting('gerbang.agency', true), '') $$;
COMMENT ON FUNCTION caller IS 'The agency that enter() let in; after a transaction the setting reads as an empty string, hence nullif.';

GRANT SELECT, INSERT, UPDATE ON agency, system TO gerbang_gateway;
GRANT SELECT, INSERT ON client_certificate TO gerbang_gateway;
GRANT SELECT, INSERT ON vault_check TO gerbang_gateway;
GRANT SELECT, INSERT, UPDATE (answer), DELETE ON replay TO gerbang_gateway;
GRANT SELECT, INSERT ON ledger_entry, ledger_salt TO gerbang_gateway;
