-- Whether a certificate lets its holder in is one rule, here as in the domain.

-- domain::certificate::Validity::state. A test holds the two against each other.
CREATE FUNCTION certificate_state(
    not_before timestamptz, not_after timestamptz, ends_at timestamptz, revoked boolean, moment timestamptz
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN revoked THEN 'REVOKED'
        WHEN moment > not_after THEN 'EXPIRED'
        WHEN moment > ends_at THEN 'SUPERSEDED'
        WHEN moment < not_before THEN 'NOT_YET_VALID'
        ELSE 'VALID'
    END
$$;
COMMENT ON FUNCTION certificate_state IS 'Where a certificate stands at a moment, as the domain computes it.';

CREATE OR REPLACE FUNCTION good_certificates(fingerprints bytea[], moment timestamptz) RETURNS SETOF bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT c.sha256
      FROM certificate c
      JOIN system s ON s.agency = c.agency AND s.system = c.system AND s.role IS NOT NULL
      JOIN agency a ON a.code = s.agency AND a.state = 'ACTIVE'
      LEFT JOIN revocation r ON r.certificate = c.sha256
     WHERE c.sha256 = ANY (fingerprints)
       AND certificate_state(c.not_before, c.not_after, c.ends_at, r.certificate IS NOT NULL, moment) = 'VALID'
$$;
