-- The log's key can be replaced: the old one signs that the new one follows, and an entry says so.

CREATE TABLE ledger_key (
    number integer CONSTRAINT ledger_key_pkey PRIMARY KEY CONSTRAINT ledger_key_number_check CHECK (number BETWEEN 1 AND 10000),
    key text NOT NULL CONSTRAINT ledger_key_key_key UNIQUE
        CONSTRAINT ledger_key_key_check CHECK (key ~ '^[a-z0-9./-]{1,100}[+][0-9a-f]{8}[+][A-Za-z0-9+/]{44}$'),
    replaces text NOT NULL CONSTRAINT ledger_key_replaces_key UNIQUE
        CONSTRAINT ledger_key_replaces_check CHECK (replaces ~ '^[a-z0-9./-]{1,100}[+][0-9a-f]{8}[+][A-Za-z0-9+/]{44}$'),
    note text NOT NULL CONSTRAINT ledger_key_note_check CHECK (octet_length(note) BETWEEN 1 AND 2000),
    entry uuid NOT NULL CONSTRAINT ledger_key_entry_key UNIQUE
        CONSTRAINT ledger_key_entry_fkey REFERENCES ledger_entry (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ledger_key_key_replaces_check CHECK (key <> replaces)
);
COMMENT ON TABLE ledger_key IS 'Public keys of the log that have replaced another; the last one is in force. None where the log has its first key. Insert-only.';
COMMENT ON COLUMN ledger_key.number IS 'Counts the replacements, from 1.';
COMMENT ON COLUMN ledger_key.key IS 'The new public key: name, id and key, as C2SP''s signed-note says.';
COMMENT ON COLUMN ledger_key.replaces IS 'The public key that it replaces, likewise.';
COMMENT ON COLUMN ledger_key.note IS 'The signed note by which the old key says that the new one follows.';
COMMENT ON COLUMN ledger_key.entry IS 'The ledger entry that tells of it.';
ALTER TABLE ledger_key ENABLE ROW LEVEL SECURITY;
-- Public keys: whoever gets a checkpoint is told which key has signed it.
CREATE POLICY ledger_key_read ON ledger_key FOR SELECT USING (true);
GRANT SELECT ON ledger_key TO gerbang_gateway;
