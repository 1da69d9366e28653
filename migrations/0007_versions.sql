-- One version for each resource, and rows that can be digested again at any time.

-- A certificate's version counts what became of it, whoever writes: fetched, first seen, renewed, revoked. What earlier
-- programs told of certificates said 1 or 2.
ALTER TABLE certificate ADD COLUMN version bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN certificate.version IS 'Counts what became of it; the version in the ledger.';
UPDATE certificate SET version = 2;
GRANT UPDATE (version) ON certificate TO gerbang_gateway, gerbang_signer;

-- Sightings by the minute are cleared away; the first stays.
CREATE TABLE first_sighting (
    certificate bytea CONSTRAINT first_sighting_pkey PRIMARY KEY
        CONSTRAINT first_sighting_certificate_fkey REFERENCES certificate (sha256),
    minute timestamptz NOT NULL
        CONSTRAINT first_sighting_minute_check CHECK (minute BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z')
);
COMMENT ON TABLE first_sighting IS 'When a certificate first let somebody in. Insert-only.';
COMMENT ON COLUMN first_sighting.certificate IS 'SHA-256 of the certificate.';
COMMENT ON COLUMN first_sighting.minute IS 'The minute.';
INSERT INTO first_sighting SELECT certificate, min(minute) FROM sighting GROUP BY certificate;
GRANT SELECT, INSERT ON first_sighting TO gerbang_gateway;
GRANT SELECT ON first_sighting TO gerbang_signer;

-- An order and what the signer made of it are one resource, with one version.
UPDATE certificate_order o SET version = o.version + i.version FROM issuance i WHERE i.certificate_order = o.id;
ALTER TABLE issuance DROP COLUMN version;
GRANT UPDATE (version) ON certificate_order TO gerbang_signer;
COMMENT ON COLUMN certificate_order.version IS 'Counts changes of the order and the signer''s steps; part of the etag, and the version in the ledger.';

ALTER TABLE crl ADD COLUMN version bigint;
UPDATE crl SET version = counted.version
  FROM (SELECT authority, number, row_number() OVER (PARTITION BY authority ORDER BY number) AS version FROM crl) counted
 WHERE counted.authority = crl.authority AND counted.number = crl.number;
ALTER TABLE crl
    ALTER COLUMN version SET NOT NULL,
    ADD CONSTRAINT crl_authority_version_key UNIQUE (authority, version);
COMMENT ON COLUMN crl.version IS 'Counts the authority''s lists from 1; the version in the ledger.';

-- Lists were told as changes of their authority, by their numbers.
ALTER TABLE authority ADD COLUMN version bigint NOT NULL DEFAULT 1;
UPDATE authority a SET version = 1 + coalesce((SELECT max(number) FROM crl WHERE authority = a.sha256), 0);
COMMENT ON COLUMN authority.version IS 'Counts what was told of it; the version in the ledger.';

-- What earlier programs recorded of certificates, orders, systems and lists was counted and digested otherwise. The first
-- `gerbang migrate` tells these rows anew in one entry, after which they count from there.
CREATE TABLE ledger_baseline (
    only_one boolean CONSTRAINT ledger_baseline_pkey PRIMARY KEY
        CONSTRAINT ledger_baseline_only_one_check CHECK (only_one),
    entry uuid CONSTRAINT ledger_baseline_entry_fkey REFERENCES ledger_entry (id) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE ledger_baseline IS 'The entry that tells of older rows anew. No row where the ledger began with this schema.';
COMMENT ON COLUMN ledger_baseline.only_one IS 'There is one.';
COMMENT ON COLUMN ledger_baseline.entry IS 'The entry; NULL until it is written.';
INSERT INTO ledger_baseline SELECT true, NULL WHERE EXISTS (SELECT FROM ledger_entry);
