-- Of several revocations of one certificate that for a compromised key counts, then the one that was known first: by a number
-- that no role chooses, for whoever has a runtime role chooses the time.
ALTER TABLE revocation ADD COLUMN known_no bigint GENERATED ALWAYS AS IDENTITY;
COMMENT ON COLUMN revocation.known_no IS 'Counts revocations as they become known; not in the order of commits.';
