-- A system that is retired keeps its row, for its certificates and the ledger name it; it has no role, and gets none again.

ALTER TABLE system
    ADD COLUMN retired_at timestamptz
        CONSTRAINT system_retired_at_check CHECK (retired_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT system_retired_at_role_proposed_role_check
        CHECK (retired_at IS NULL OR role IS NULL AND proposed_role IS NULL);
COMMENT ON COLUMN system.retired_at IS 'When it was retired, for good. Its certificates are revoked in the same transaction.';
GRANT UPDATE (retired_at) ON system TO gerbang_gateway;
