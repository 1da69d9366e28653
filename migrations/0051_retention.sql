-- Retention: what is known of a trainee is erased once no course needs it any more, unless the prison must keep it.

-- Empty where it was erased.
ALTER TABLE trainee
    DROP CONSTRAINT trainee_sealed_check,
    ADD CONSTRAINT trainee_sealed_check CHECK (octet_length(sealed) <= 65536),
    ADD CONSTRAINT trainee_id_prison_key UNIQUE (id, prison);
COMMENT ON COLUMN trainee.sealed IS 'Name, register number, NIK and education level, padded and sealed by the vault. Empty: they are erased.';

CREATE TABLE legal_hold (
    id uuid CONSTRAINT legal_hold_pkey PRIMARY KEY,
    trainee uuid NOT NULL CONSTRAINT legal_hold_trainee_key UNIQUE,
    prison text NOT NULL CONSTRAINT legal_hold_prison_check
        CHECK (char_length(prison) BETWEEN 2 AND 40 AND prison ~ '^[a-z][a-z0-9-]*$'),
    held_at timestamptz NOT NULL CONSTRAINT legal_hold_held_at_check
        CHECK (held_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    CONSTRAINT legal_hold_trainee_prison_fkey FOREIGN KEY (trainee, prison) REFERENCES trainee (id, prison)
);
COMMENT ON TABLE legal_hold IS 'Trainees of whom nothing may be erased, because their prison must keep it for a proceeding.';
COMMENT ON COLUMN legal_hold.id IS 'As in trainees/{reference}/legalHolds/{id}, by which the ledger knows it.';
COMMENT ON COLUMN legal_hold.trainee IS 'The person.';
COMMENT ON COLUMN legal_hold.prison IS 'The prison. The only reader.';
COMMENT ON COLUMN legal_hold.held_at IS 'Since when.';
ALTER TABLE legal_hold ENABLE ROW LEVEL SECURITY;
CREATE POLICY legal_hold_readers ON legal_hold USING (caller() = prison);
GRANT SELECT, INSERT (id, trainee, prison, held_at) ON legal_hold TO gerbang_gateway;

CREATE FUNCTION legal_hold_is_placed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM trainee t WHERE t.id = NEW.trainee AND octet_length(t.sealed) > 0 FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is left to be held' USING ERRCODE = 'check_violation', CONSTRAINT = 'legal_hold_trainee_check';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION legal_hold_is_placed IS 'Has a hold wait for an erasure under way, and refuses one of who is erased, whichever program places it.';
REVOKE EXECUTE ON FUNCTION legal_hold_is_placed FROM PUBLIC;
CREATE TRIGGER legal_hold_is_placed BEFORE INSERT ON legal_hold FOR EACH ROW EXECUTE FUNCTION legal_hold_is_placed();

-- Who may delete from a table may lock it.
CREATE FUNCTION lift_legal_hold(person uuid, OUT id uuid, OUT held_at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DELETE FROM legal_hold h WHERE h.trainee = person AND h.prison = caller() RETURNING h.id, h.held_at
$$;
COMMENT ON FUNCTION lift_legal_hold IS 'Lifts the legal hold on a trainee of the caller''s, and says which it was; NULL where there is none.';
REVOKE EXECUTE ON FUNCTION lift_legal_hold FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lift_legal_hold TO gerbang_gateway;

CREATE TABLE retention (
    trainee uuid CONSTRAINT retention_pkey PRIMARY KEY CONSTRAINT retention_trainee_fkey REFERENCES trainee (id),
    look_at timestamptz NOT NULL CONSTRAINT retention_look_at_check
        CHECK (look_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z')
);
CREATE INDEX retention_look_at_idx ON retention (look_at);
COMMENT ON TABLE retention IS 'When the keeper looks next at whether something of a trainee is to be erased. It decides nothing: what is due follows from the courses.';
COMMENT ON COLUMN retention.trainee IS 'The person.';
COMMENT ON COLUMN retention.look_at IS 'When; the year 2200 where all is erased.';
-- Nothing is erased in the first thirty days: prisons place their holds, and gateways of before, which know no empty record, go.
INSERT INTO retention (trainee, look_at) SELECT id, now() + interval '30 days' FROM trainee;
GRANT SELECT, UPDATE (look_at) ON retention TO gerbang_keeper;

CREATE FUNCTION trainee_is_new() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO retention (trainee, look_at) VALUES (NEW.id, NEW.created_at);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION trainee_is_new IS 'Has the keeper look at a trainee who is new, whichever program nominated them.';
REVOKE EXECUTE ON FUNCTION trainee_is_new FROM PUBLIC;
CREATE TRIGGER trainee_is_new AFTER INSERT ON trainee FOR EACH ROW EXECUTE FUNCTION trainee_is_new();

CREATE TABLE erasure (
    trainee uuid NOT NULL CONSTRAINT erasure_trainee_fkey REFERENCES trainee (id),
    part text NOT NULL CONSTRAINT erasure_part_check CHECK (part IN ('NIK', 'RECORD')),
    entry uuid NOT NULL,
    erased_at timestamptz NOT NULL CONSTRAINT erasure_erased_at_check
        CHECK (erased_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    next_index bigint NOT NULL DEFAULT 0 CONSTRAINT erasure_next_index_check CHECK (next_index BETWEEN 0 AND 1000000000000000),
    is_done boolean NOT NULL DEFAULT false,
    CONSTRAINT erasure_pkey PRIMARY KEY (trainee, part)
);
CREATE INDEX erasure_under_way_idx ON erasure (trainee, part) WHERE NOT is_done;
COMMENT ON TABLE erasure IS 'What was erased of trainees, and how far the salts are that could confirm it. What was erased is told by the ledger.';
COMMENT ON COLUMN erasure.trainee IS 'The person.';
COMMENT ON COLUMN erasure.part IS 'NIK: the NIK alone. RECORD: all that was known.';
COMMENT ON COLUMN erasure.entry IS 'The entry that tells of it. No foreign key: it is written last in the same transaction, and is never deleted.';
COMMENT ON COLUMN erasure.erased_at IS 'When; the last time, where a NIK was given again and erased again.';
COMMENT ON COLUMN erasure.next_index IS 'The salts of lines that could confirm it are erased in entries at places below this one.';
COMMENT ON COLUMN erasure.is_done IS 'Whether all these salts are erased.';
GRANT SELECT, UPDATE (next_index, is_done) ON erasure TO gerbang_keeper;

-- Which entries tell of a trainee's record: of its other lines, those of kind DISCLOSED and OWN_READ, ledger_disclosure says so.
CREATE TABLE ledger_trainee (
    trainee bytea CONSTRAINT ledger_trainee_trainee_check CHECK (octet_length(trainee) = 16),
    index bigint CONSTRAINT ledger_trainee_index_check CHECK (index BETWEEN 0 AND 1000000000000000),
    CONSTRAINT ledger_trainee_pkey PRIMARY KEY (trainee, index)
);
COMMENT ON TABLE ledger_trainee IS 'The entries that tell of a trainee''s record. Made of the leaves alone, with their places. Append-only.';
COMMENT ON COLUMN ledger_trainee.trainee IS 'As in trainees/{reference}. No foreign key: the leaf says it.';
COMMENT ON COLUMN ledger_trainee.index IS 'The entry''s place. No foreign key: it was read from there, and is never deleted.';
CREATE TRIGGER ledger_trainee_append_only BEFORE UPDATE OR DELETE ON ledger_trainee
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_trainee_no_truncate BEFORE TRUNCATE ON ledger_trainee
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
GRANT INSERT (trainee, index) ON ledger_trainee TO gerbang_keeper;

-- Beside the other sizes, as ledger_listing.sessions_size is.
ALTER TABLE ledger_listing ADD COLUMN trainees_size bigint NOT NULL DEFAULT 0
    CONSTRAINT ledger_listing_trainees_size_check CHECK (trainees_size BETWEEN 0 AND 1000000000000000);
COMMENT ON COLUMN ledger_listing.trainees_size IS 'Of how many entries the trainees are listed: of those at places below it.';
GRANT UPDATE (trainees_size) ON ledger_listing TO gerbang_keeper;

-- Only erase_trainee, which runs as the owner, erases.
CREATE FUNCTION trainee_is_emptied() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF current_user <> (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID) THEN
        RAISE EXCEPTION 'the record of a trainee is erased by retention alone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION trainee_is_emptied IS 'Refuses an empty record to every role that runs.';
CREATE TRIGGER trainee_is_emptied BEFORE INSERT OR UPDATE OF sealed ON trainee
    FOR EACH ROW WHEN (octet_length(NEW.sealed) = 0) EXECUTE FUNCTION trainee_is_emptied();

CREATE FUNCTION trainee_kept(
    person uuid,
    OUT ref bytea, OUT prison text, OUT key_version integer, OUT sealed bytea, OUT withheld boolean, OUT version bigint,
    OUT held_at timestamptz, OUT ended_at timestamptz, OUT programmes uuid[], OUT enrolments bytea[]
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    -- A course counts with the last of its sessions that is confirmed or planned, else with its opening; and not before the person was
    -- nominated for it. One that nobody confirmed in time may have taken place.
    SELECT t.ref, t.prison, t.key_version, t.sealed, t.withheld, t.version,
           (SELECT h.held_at FROM legal_hold h WHERE h.trainee = t.id),
           (SELECT max(greatest(e.created_at,
                                coalesce((SELECT max(s.ends_at) FROM session s
                                           WHERE s.programme = p.id AND s.state IN ('CONFIRMED', 'TENTATIVE')),
                                         p.opened_at, p.created_at)))
              FROM enrolment e JOIN programme p ON p.id = e.programme WHERE e.trainee = t.id),
           (SELECT array_agg(DISTINCT e.programme) FROM enrolment e WHERE e.trainee = t.id),
           (SELECT array_agg(e.ref) FROM enrolment e WHERE e.trainee = t.id)
      FROM trainee t WHERE t.id = person
$$;
COMMENT ON FUNCTION trainee_kept IS 'A trainee as stored, since when the prison must keep everything, when the last of all courses on whose rosters the person is or was ended or will end, the programmes of these courses, and the places on their rosters.';

CREATE FUNCTION erase_trainee(
    person uuid, of_version bigint, erased_part text, sealed_anew bytea, key_version_anew integer, erased_by uuid, now_at timestamptz,
    locked uuid[]
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- All that is known goes, or something is left.
    IF (erased_part = 'RECORD') IS DISTINCT FROM (octet_length(sealed_anew) = 0) THEN
        RETURN false;
    END IF;
    UPDATE trainee t SET sealed = sealed_anew, key_version = key_version_anew, version = of_version + 1
     WHERE t.id = person AND t.version = of_version AND octet_length(t.sealed) > 0;
    IF NOT FOUND
       -- Whoever nominates somebody who is known, or places a hold, has the row: what was done meanwhile is seen now.
       OR EXISTS (SELECT FROM legal_hold h WHERE h.trainee = person)
       OR EXISTS (SELECT FROM enrolment e WHERE e.trainee = person AND NOT e.programme = ANY (locked)) THEN
        RETURN false;
    END IF;
    DELETE FROM trainee_digest d WHERE d.trainee = person AND (erased_part = 'RECORD' OR d.kind = 'NIK');
    INSERT INTO erasure (trainee, part, entry, erased_at) VALUES (person, erased_part, erased_by, now_at)
        ON CONFLICT ON CONSTRAINT erasure_pkey
        DO UPDATE SET entry = excluded.entry, erased_at = excluded.erased_at, is_done = false;
    RETURN true;
END
$$;
COMMENT ON FUNCTION erase_trainee IS 'Erases all that is known of a trainee (RECORD), with an empty record in its place, or the NIK alone (NIK), with the record sealed anew without it; and the digests by which the person was found. False where the prison must keep it, where the trainee is another version than this or is erased, or where the person is on a roster of another programme than those that are locked: then nothing may be committed.';

-- Plans that were made while the log was empty would read all of it.
CREATE FUNCTION entries_confirming(person uuid, of_part text, from_index bigint, end_index bigint, entries_max integer)
RETURNS TABLE (index bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
    SELECT DISTINCT f.index
      FROM (SELECT l.index FROM trainee t JOIN ledger_trainee l ON l.trainee = t.ref
             WHERE t.id = person AND l.index >= from_index AND l.index < end_index
             UNION ALL
            -- What others were shown has no NIK in it.
            SELECT s.index
              FROM enrolment e
             CROSS JOIN (VALUES (true), (false)) AS o (own_read)
             CROSS JOIN LATERAL (SELECT d.index FROM ledger_disclosure d
                                  WHERE d.enrolment = e.ref AND d.own_read = o.own_read
                                    AND d.index >= from_index AND d.index < end_index
                                  ORDER BY d.index LIMIT entries_max) AS s
             WHERE e.trainee = person AND (o.own_read OR of_part = 'RECORD')) AS f
     ORDER BY f.index LIMIT entries_max
$$;
COMMENT ON FUNCTION entries_confirming IS 'The places of entries from one place to another, so many at most, by whose salts somebody could confirm what was known of a trainee (RECORD), or the NIK (NIK).';

CREATE FUNCTION erase_salts(person uuid, of_part text, entries uuid[], lines integer[]) RETURNS TABLE (entry uuid, line integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    -- A hold that is being placed waits, or is seen.
    PERFORM FROM trainee t WHERE t.id = person FOR NO KEY UPDATE;
    RETURN QUERY
    DELETE FROM ledger_sealed_salt s
     USING unnest(entries, lines) AS gone (entry, line)
      JOIN ledger_index i ON i.entry = gone.entry
      JOIN erasure x ON x.trainee = person AND x.part = of_part
      JOIN ledger_index told ON told.entry = x.entry AND told.index > i.index
     WHERE s.entry = gone.entry AND s.line = gone.line
       AND NOT EXISTS (SELECT FROM legal_hold h WHERE h.trainee = person)
       AND (EXISTS (SELECT FROM trainee t JOIN ledger_trainee l ON l.trainee = t.ref AND l.index = i.index WHERE t.id = person)
            OR EXISTS (SELECT FROM enrolment e JOIN ledger_disclosure d ON d.enrolment = e.ref AND d.index = i.index
                        WHERE e.trainee = person AND (d.own_read OR of_part = 'RECORD')))
    RETURNING s.entry, s.line;
END
$$;
COMMENT ON FUNCTION erase_salts IS 'Erases sealed salts of lines of entries that tell of a trainee of whom this part was erased, from before the erasure, and says which there were; none while the prison must keep them.';

REVOKE EXECUTE ON FUNCTION trainee_kept, erase_trainee, entries_confirming, erase_salts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trainee_kept, erase_trainee, entries_confirming, erase_salts TO gerbang_keeper;
-- A record without its NIK is sealed anew, with the key that is active.
GRANT SELECT ON vault_key TO gerbang_keeper;

-- As before, and nothing of who is erased.
CREATE OR REPLACE FUNCTION sealed_of(enrolments uuid[])
RETURNS TABLE (enrolment uuid, trainee uuid, key_version integer, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.id, t.id, t.key_version, t.sealed
      FROM enrolment e JOIN trainee t ON t.id = e.trainee
     WHERE e.id = ANY (enrolments)
       AND caller() = e.lead AND e.state = 'CONFIRMED' AND NOT t.withheld AND octet_length(t.sealed) > 0
$$;
