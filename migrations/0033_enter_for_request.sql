-- Who a certificate stands for is looked up in one place, and a mutation comes in by one question: who calls, and was the same request answered before. Nothing is written to claim a
-- request id: a lock keeps calls with the same id apart, and the answer is stored with the entry. The rights that earlier
-- gateways need for their claims stay until none of them runs any more.

CREATE VIEW registered WITH (security_invoker = true) AS
    SELECT c.sha256 AS fingerprint, s.agency, s.system, s.role, coalesce(c.role, c.role_found) AS certified,
           a.state AS agency_state, c.not_before, c.not_after, c.ends_at,
           EXISTS (SELECT FROM revocation r WHERE r.certificate = c.sha256) AS revoked, a.names, a.time_zone
      FROM certificate c
      JOIN system s ON s.agency = c.agency AND s.system = c.system AND s.role IS NOT NULL
      JOIN agency a ON a.code = s.agency;
COMMENT ON VIEW registered IS 'Certificates of the inventory, each with the system and the agency that it stands for. Whether it lets them in is domain::certificate::Validity::let_in.';
COMMENT ON COLUMN registered.fingerprint IS 'SHA-256 over the certificate''s DER form.';
COMMENT ON COLUMN registered.agency IS 'The agency''s code.';
COMMENT ON COLUMN registered.system IS 'The system''s id within its agency.';
COMMENT ON COLUMN registered.role IS 'The system''s role.';
COMMENT ON COLUMN registered.certified IS 'The role that the certificate was signed for, or that was found with it; NULL where neither is known.';
COMMENT ON COLUMN registered.agency_state IS 'The agency''s state.';
COMMENT ON COLUMN registered.not_before IS 'From when the certificate is valid.';
COMMENT ON COLUMN registered.not_after IS 'Until when it is valid by itself.';
COMMENT ON COLUMN registered.ends_at IS 'When it ends because another took its place; NULL where none did.';
COMMENT ON COLUMN registered.revoked IS 'Whether it is revoked.';
COMMENT ON COLUMN registered.names IS 'The agency''s names, with the days from which they hold.';
COMMENT ON COLUMN registered.time_zone IS 'The zone in which the agency plans.';
GRANT SELECT ON registered TO gerbang_gateway, gerbang_keeper;

CREATE OR REPLACE FUNCTION enter(
    fingerprint bytea,
    OUT agency text, OUT system text, OUT role text, OUT certified text, OUT agency_state text,
    OUT not_before timestamptz, OUT not_after timestamptz, OUT ends_at timestamptz, OUT revoked boolean
) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT r.agency, r.system, r.role, r.certified, r.agency_state, r.not_before, r.not_after, r.ends_at, r.revoked
      INTO agency, system, role, certified, agency_state, not_before, not_after, ends_at, revoked
      FROM registered r WHERE r.fingerprint = enter.fingerprint;
    IF FOUND THEN
        PERFORM set_config('gerbang.agency', agency, true);
        RETURN NEXT;
    END IF;
END
$$;

CREATE FUNCTION enter_for_request(
    fingerprint bytea, request uuid, lock_class int4, lock_key int4,
    OUT agency text, OUT system text, OUT role text, OUT certified text, OUT agency_state text,
    OUT not_before timestamptz, OUT not_after timestamptz, OUT ends_at timestamptz, OUT revoked boolean,
    OUT earlier_digest bytea, OUT earlier_answer json
) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT e.* INTO agency, system, role, certified, agency_state, not_before, not_after, ends_at, revoked
      FROM enter(fingerprint) e;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(lock_class, lock_key);
    -- A statement of its own: it sees what who held the lock has committed.
    SELECT r.digest, r.answer INTO earlier_digest, earlier_answer
      FROM replay r WHERE r.agency = enter_for_request.agency AND r.request_id = request;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION enter_for_request IS 'Lets a caller in as enter() does, waits for a call under way with the same request id, and finds the digest and the answer of one that was answered; NULL where there is none.';

GRANT INSERT (answer) ON replay TO gerbang_gateway;
