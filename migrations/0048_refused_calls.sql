-- Calls that were refused, counted: they have changed and shown nothing, so the ledger has no entry of them.

CREATE TABLE refused_call (
    day date NOT NULL CONSTRAINT refused_call_day_check CHECK (day BETWEEN '2000-01-01' AND '2200-01-01'),
    certificate bytea NOT NULL CONSTRAINT refused_call_certificate_check CHECK (octet_length(certificate) = 32),
    method text NOT NULL CONSTRAINT refused_call_method_check CHECK (method ~ '^([A-Za-z0-9.]{1,60}/[A-Za-z0-9]{1,60}|unknown)$'),
    reason text NOT NULL CONSTRAINT refused_call_reason_check CHECK (reason ~ '^[A-Z][A-Z0-9_]{1,59}$'),
    agency text CONSTRAINT refused_call_agency_check CHECK (agency ~ '^[a-z][a-z0-9-]{1,39}$'),
    system text CONSTRAINT refused_call_system_check CHECK (system ~ '^[a-z][a-z0-9-]{1,39}$'),
    calls bigint NOT NULL CONSTRAINT refused_call_calls_check CHECK (calls BETWEEN 1 AND 1000000000000000),
    first_at timestamptz NOT NULL
        CONSTRAINT refused_call_first_at_check CHECK (first_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-02T00:00:00Z'),
    last_at timestamptz NOT NULL
        CONSTRAINT refused_call_last_at_check CHECK (last_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-02T00:00:00Z'),
    CONSTRAINT refused_call_pkey PRIMARY KEY (day, certificate, method, reason)
);
COMMENT ON TABLE refused_call IS 'Calls that were refused, by day, certificate, method and reason: how many, and when the first and the last. Nothing of what was sent. There are no more rows than that tells apart. The keeper counts, and deletes after five years; where its connection is lost while it adds, it adds twice.';
COMMENT ON COLUMN refused_call.day IS 'The day, in UTC.';
COMMENT ON COLUMN refused_call.certificate IS 'SHA-256 of the certificate by which the caller came. TLS has accepted it; the inventory need not know it.';
COMMENT ON COLUMN refused_call.method IS 'The RPC, as ScheduleService/PushSchedule; unknown for what is none.';
COMMENT ON COLUMN refused_call.reason IS 'The reason, from the errors page.';
COMMENT ON COLUMN refused_call.agency IS 'The agency that the certificate names; NULL where it names none.';
COMMENT ON COLUMN refused_call.system IS 'The system that the certificate names; NULL where it names none.';
COMMENT ON COLUMN refused_call.calls IS 'How many calls.';
COMMENT ON COLUMN refused_call.first_at IS 'When the first was refused.';
COMMENT ON COLUMN refused_call.last_at IS 'When the last was refused.';
GRANT SELECT ON refused_call TO gerbang_gateway;

-- Who has the keeper's role can count too much, and takes nothing away.
CREATE FUNCTION count_refused_calls(
    days date[], certificates bytea[], methods text[], reasons text[], agencies text[], systems text[], calls bigint[],
    firsts timestamptz[], lasts timestamptz[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO refused_call AS r (day, certificate, method, reason, agency, system, calls, first_at, last_at)
    SELECT n.day, n.certificate, n.method, n.reason, n.agency, n.system, n.calls, n.first_at, n.last_at
      FROM unnest(days, certificates, methods, reasons, agencies, systems, calls, firsts, lasts)
           AS n (day, certificate, method, reason, agency, system, calls, first_at, last_at)
        ON CONFLICT ON CONSTRAINT refused_call_pkey DO UPDATE
       SET calls = least(r.calls + excluded.calls, 1000000000000000),
           first_at = least(r.first_at, excluded.first_at), last_at = greatest(r.last_at, excluded.last_at);
$$;
COMMENT ON FUNCTION count_refused_calls IS 'Adds refused calls to those that are counted already.';

CREATE FUNCTION forget_refused_calls(before date, rows_max integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM refused_call
         WHERE (day, certificate, method, reason) IN (
               SELECT r.day, r.certificate, r.method, r.reason FROM refused_call r
                WHERE r.day < before AND r.last_at < now() - interval '5 years' ORDER BY r.day LIMIT rows_max)
        RETURNING 1
    )
    SELECT count(*) FROM gone;
$$;
COMMENT ON FUNCTION forget_refused_calls IS 'Deletes counts of days before this one, and of the last five years none: at most so many, and how many.';

REVOKE EXECUTE ON FUNCTION count_refused_calls, forget_refused_calls FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_refused_calls, forget_refused_calls TO gerbang_keeper;
