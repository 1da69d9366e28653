-- The keeper: what a gateway does by itself runs in a role of its own (gerbang_keeper, made beside the migrations as the
-- others are), by connections that calls cannot reach. It looks, notes what it saw, asks for the gateway's own certificate,
-- and deletes what was kept long enough. And the signer is woken by what it waits for.

-- Who may come in, how the authority fares, and the gateway's own order.
GRANT SELECT ON agency, system, certificate, authority, revocation, barred_key, collection, crl, issuance, signer_beat
    TO gerbang_keeper;
GRANT SELECT, INSERT ON certificate_order, sighting, ledger_entry, ledger_salt, ledger_sealed_salt TO gerbang_keeper;
GRANT SELECT ON order_approval TO gerbang_keeper;
-- What was kept long enough. Of answers it reads no more than it needs to find them.
GRANT SELECT (agency, request_id, created_at), DELETE ON replay TO gerbang_keeper;
GRANT DELETE ON certificate_order, order_approval TO gerbang_keeper;
-- Noted by the keeper alone from here on.
REVOKE INSERT ON sighting, first_sighting FROM gerbang_gateway;
GRANT SELECT, INSERT ON first_sighting TO gerbang_keeper;
GRANT UPDATE (version) ON certificate TO gerbang_keeper;

CREATE INDEX replay_created_at_idx ON replay (created_at);
COMMENT ON TABLE sighting IS 'When a certificate let somebody in, by the minute. Noted by the keeper; the signer keeps the last of each day.';

CREATE FUNCTION wake_signer() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_notify('gerbang_signer', '');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION wake_signer IS 'Tells the signer, once the transaction has committed, that there may be work. It looks at the tables for what it is.';
-- Not of its own steps, which count the version.
CREATE TRIGGER certificate_order_wake_signer AFTER INSERT OR UPDATE OF key_id, lifetime_days, rejected ON certificate_order
    FOR EACH STATEMENT EXECUTE FUNCTION wake_signer();
CREATE TRIGGER order_approval_wake_signer AFTER INSERT ON order_approval
    FOR EACH STATEMENT EXECUTE FUNCTION wake_signer();
CREATE TRIGGER revocation_wake_signer AFTER INSERT ON revocation
    FOR EACH STATEMENT EXECUTE FUNCTION wake_signer();
