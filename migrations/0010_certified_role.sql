-- The role that administrators signed for stands with the certificate, where the signer alone writes. The registry's role is
-- written by gateways: by itself it gives nobody anything.

ALTER TABLE certificate
    ADD COLUMN role text CONSTRAINT certificate_role_check
        CHECK (role IN ('ADMINISTRATOR', 'PRISON', 'DOOR', 'PARTNER', 'OVERSIGHT')),
    ADD COLUMN role_found text CONSTRAINT certificate_role_found_check
        CHECK (role_found IN ('ADMINISTRATOR', 'PRISON', 'DOOR', 'PARTNER', 'OVERSIGHT'));
COMMENT ON COLUMN certificate.role IS 'The role that was signed for; it lets nobody in under another. NULL for a gateway''s, and from before it was kept.';
COMMENT ON COLUMN certificate.role_found IS 'Of a certificate from before its role was kept: the role that its system had when this column came. No runtime role writes it.';
UPDATE certificate c SET role_found = s.role FROM system s WHERE s.agency = c.agency AND s.system = c.system;
COMMENT ON COLUMN system.role IS 'What it shall do. A certificate lets in under the role that was signed for, and under no other. NULL until its first role is approved.';

-- As before, and: the role that the certificate was signed for.
DROP FUNCTION enter(bytea);
CREATE FUNCTION enter(
    fingerprint bytea,
    OUT agency text, OUT system text, OUT role text, OUT certified text, OUT agency_state text,
    OUT not_before timestamptz, OUT not_after timestamptz, OUT ends_at timestamptz, OUT revoked boolean
) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT s.agency, s.system, s.role, coalesce(c.role, c.role_found), a.state, c.not_before, c.not_after, c.ends_at,
           EXISTS (SELECT FROM revocation r WHERE r.certificate = c.sha256)
      INTO agency, system, role, certified, agency_state, not_before, not_after, ends_at, revoked
      FROM certificate c
      JOIN system s ON s.agency = c.agency AND s.system = c.system AND s.role IS NOT NULL
      JOIN agency a ON a.code = s.agency
     WHERE c.sha256 = fingerprint;
    IF FOUND THEN
        PERFORM set_config('gerbang.agency', agency, true);
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION enter IS 'Looks up the caller by certificate and sets gerbang.agency, which row-level security reads, for this transaction. No row: not in the inventory.';

-- domain::certificate::Validity::let_in, for many at once. A test holds the two against each other.
CREATE OR REPLACE FUNCTION good_certificates(fingerprints bytea[], moment timestamptz) RETURNS SETOF bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.sha256
      FROM certificate c
      JOIN system s ON s.agency = c.agency AND s.system = c.system AND s.role = coalesce(c.role, c.role_found)
      JOIN agency a ON a.code = s.agency AND a.state = 'ACTIVE'
     WHERE c.sha256 = ANY (fingerprints)
       AND certificate_state(c.not_before, c.not_after, c.ends_at,
                             EXISTS (SELECT FROM revocation r WHERE r.certificate = c.sha256), moment) = 'VALID'
$$;
