-- The vault: which versions of its keys are in use, and sealed salts.

CREATE TABLE vault_key (
    purpose text NOT NULL CONSTRAINT vault_key_purpose_check CHECK (purpose IN ('SEAL', 'DIGEST')),
    version integer NOT NULL CONSTRAINT vault_key_version_check CHECK (version > 0),
    check_value bytea NOT NULL CONSTRAINT vault_key_check_value_check CHECK (octet_length(check_value) = 32),
    state text NOT NULL CONSTRAINT vault_key_state_check CHECK (state IN ('ACTIVE', 'OUTGOING', 'RETIRED')),
    created_at timestamptz NOT NULL,
    CONSTRAINT vault_key_pkey PRIMARY KEY (purpose, version)
);
CREATE UNIQUE INDEX vault_key_purpose_idx ON vault_key (purpose) WHERE state = 'ACTIVE';
COMMENT ON TABLE vault_key IS 'Versions of the keys in vault.toml that this database uses or has used. The keys themselves are never here.';
COMMENT ON COLUMN vault_key.purpose IS 'SEAL: trainees'' records and salts. DIGEST: trainees'' numbers.';
COMMENT ON COLUMN vault_key.version IS 'The version in vault.toml.';
COMMENT ON COLUMN vault_key.check_value IS 'Keyed digest of a constant: another key under the same version is noticed. Says nothing of the key.';
COMMENT ON COLUMN vault_key.state IS 'ACTIVE: new bytes are made with it, one per purpose. OUTGOING: older bytes may still need it. RETIRED: nothing in this database needs it.';
COMMENT ON COLUMN vault_key.created_at IS 'When the database first knew it.';
ALTER TABLE vault_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY vault_key_read ON vault_key FOR SELECT USING (true);
-- A purpose that is begun has its ACTIVE version always: a gateway can begin one, and change nothing after.
CREATE POLICY vault_key_begin ON vault_key FOR INSERT WITH CHECK (state = 'ACTIVE');
GRANT SELECT, INSERT ON vault_key TO gerbang_gateway;

CREATE TABLE ledger_sealed_salt (
    entry uuid NOT NULL CONSTRAINT ledger_sealed_salt_entry_fkey REFERENCES ledger_entry (id),
    line integer NOT NULL,
    key_version integer NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT ledger_sealed_salt_pkey PRIMARY KEY (entry, line)
);
CREATE INDEX ledger_sealed_salt_key_version_idx ON ledger_sealed_salt (key_version);
COMMENT ON TABLE ledger_sealed_salt IS 'Salts of ledger lines about trainees, sealed: a dump confirms no guess. A line has its salt here or in ledger_salt.';
COMMENT ON COLUMN ledger_sealed_salt.entry IS 'The entry.';
COMMENT ON COLUMN ledger_sealed_salt.line IS 'The line in it, from 0.';
COMMENT ON COLUMN ledger_sealed_salt.key_version IS 'The sealing key''s version.';
COMMENT ON COLUMN ledger_sealed_salt.sealed IS 'The 16 random bytes, sealed for this entry and line.';
GRANT SELECT, INSERT ON ledger_sealed_salt TO gerbang_gateway;
