-- What witnesses say of checkpoints: that the log only grew up to there.

CREATE TABLE ledger_cosignature (
    id uuid NOT NULL CONSTRAINT ledger_cosignature_pkey PRIMARY KEY,
    agency text COLLATE "C" NOT NULL CONSTRAINT ledger_cosignature_agency_fkey REFERENCES agency (code),
    witness text COLLATE "C" NOT NULL CONSTRAINT ledger_cosignature_witness_check
        CHECK (char_length(witness) <= 100
               AND witness ~ '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(/[a-z0-9]([a-z0-9.-]*[a-z0-9])?)*$'),
    public_key bytea NOT NULL CONSTRAINT ledger_cosignature_public_key_check CHECK (octet_length(public_key) = 32),
    tree_size bigint NOT NULL CONSTRAINT ledger_cosignature_tree_size_check CHECK (tree_size BETWEEN 0 AND 1000000000000000),
    cosigned_at timestamptz NOT NULL CONSTRAINT ledger_cosignature_cosigned_at_check
        CHECK (cosigned_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    note text COLLATE "C" NOT NULL CONSTRAINT ledger_cosignature_note_check
        CHECK (char_length(note) <= 1000
               AND note ~ '^[a-z0-9./-]+\n[0-9]+\n[A-Za-z0-9+/]{43}=\n\n— [!-~]+ [A-Za-z0-9+/=]+\n— [!-~]+ [A-Za-z0-9+/=]+\n$'),
    CONSTRAINT ledger_cosignature_agency_witness_public_key_tree_size_key UNIQUE (agency, witness, public_key, tree_size)
);
CREATE INDEX ledger_cosignature_witness_public_key_tree_size_id_idx ON ledger_cosignature (witness, public_key, tree_size, id);
CREATE INDEX ledger_cosignature_tree_size_id_idx ON ledger_cosignature (tree_size, id);
CREATE INDEX ledger_cosignature_agency_tree_size_id_idx ON ledger_cosignature (agency, tree_size, id);
COMMENT ON TABLE ledger_cosignature IS 'Checkpoints that witnesses have cosigned. Insert-only.';
COMMENT ON COLUMN ledger_cosignature.id IS 'As in cosignatures/{id}, by which the ledger knows it.';
COMMENT ON COLUMN ledger_cosignature.agency IS 'The agency that has added it.';
COMMENT ON COLUMN ledger_cosignature.witness IS 'The name of the witness, as its key states it. Nobody holds it to an agency: who trusts a witness knows its key.';
COMMENT ON COLUMN ledger_cosignature.public_key IS 'The Ed25519 key of the witness.';
COMMENT ON COLUMN ledger_cosignature.tree_size IS 'How many entries the checkpoint states. No foreign key: the note says it, and a batch is never deleted.';
COMMENT ON COLUMN ledger_cosignature.cosigned_at IS 'When the witness has cosigned it, by its own clock, to the second.';
COMMENT ON COLUMN ledger_cosignature.note IS 'The checkpoint''s note, with the signature of the log and that of the witness.';
CREATE TRIGGER ledger_cosignature_append_only BEFORE UPDATE OR DELETE ON ledger_cosignature
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_cosignature_no_truncate BEFORE TRUNCATE ON ledger_cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
ALTER TABLE ledger_cosignature ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_cosignature_readers ON ledger_cosignature USING (caller() IS NOT NULL) WITH CHECK (caller() = agency);
GRANT SELECT, INSERT (id, agency, witness, public_key, tree_size, cosigned_at, note) ON ledger_cosignature TO gerbang_gateway;

CREATE TYPE cosignature_row AS (
    id uuid, agency text, witness text, public_key bytea, tree_size bigint, cosigned_at timestamptz, note text
);
COMMENT ON TYPE cosignature_row IS 'A row of ledger_cosignature, as far as the program reads it; the columns are the table''s.';

CREATE FUNCTION ledger_batch_at(of_size bigint, OUT tree_size bigint, OUT root bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT b.tree_size, (SELECT a.root FROM ledger_batch a WHERE a.tree_size = of_size)
      FROM ledger_batch b WHERE caller() IS NOT NULL ORDER BY b.tree_size DESC LIMIT 1
$$;
COMMENT ON FUNCTION ledger_batch_at IS 'The size of the tree, and the root that a batch left it with at a size: NULL where none did. For callers.';
REVOKE EXECUTE ON FUNCTION ledger_batch_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_batch_at TO gerbang_gateway;
