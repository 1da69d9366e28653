-- How far agencies have come with the changes that they are told of, and which entries tell of a session.

CREATE TABLE acknowledgement (
    agency text COLLATE "C" NOT NULL,
    system text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CONSTRAINT acknowledgement_kind_check
        CHECK (kind IN ('*', 'AGENCY', 'AGREEMENT', 'PROGRAMME', 'TRAINER', 'TRAINER_CLAIM', 'FACILITY', 'SESSION', 'ASSIGNMENT')),
    below bigint NOT NULL CONSTRAINT acknowledgement_below_check CHECK (below BETWEEN 1 AND 1000000000000000),
    acknowledged_at timestamptz NOT NULL CONSTRAINT acknowledgement_acknowledged_at_check
        CHECK (acknowledged_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    CONSTRAINT acknowledgement_pkey PRIMARY KEY (agency, system, kind, below),
    CONSTRAINT acknowledgement_agency_system_fkey FOREIGN KEY (agency, system) REFERENCES system (agency, system)
);
COMMENT ON TABLE acknowledgement IS 'What systems say that they have dealt with, of the changes that their agency is told of: a row where a system has come further with a kind. Append-only.';
COMMENT ON COLUMN acknowledgement.agency IS 'The agency.';
COMMENT ON COLUMN acknowledgement.system IS 'Its system that says so.';
COMMENT ON COLUMN acknowledgement.kind IS 'The kind of resources; * for all kinds.';
COMMENT ON COLUMN acknowledgement.below IS 'All changes of that kind in entries at places below this one are dealt with.';
COMMENT ON COLUMN acknowledgement.acknowledged_at IS 'When it said so.';
CREATE TRIGGER acknowledgement_append_only BEFORE UPDATE OR DELETE ON acknowledgement
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER acknowledgement_no_truncate BEFORE TRUNCATE ON acknowledgement
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

CREATE FUNCTION acknowledge_changes(system_name text, kinds_followed text[], below_index bigint, now_at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    -- Nobody else's: who was not let in says nothing.
    me text := caller();
    below_told bigint;
    since timestamptz;
BEGIN
    -- Behind the last entry that the agency was told of: what others were told in between adds no row.
    SELECT greatest(
        (SELECT o.index FROM ledger_feed o WHERE o.reader = me AND o.index < below_index ORDER BY o.index DESC LIMIT 1),
        (SELECT e.index FROM ledger_feed e WHERE e.reader = '*' AND e.index < below_index ORDER BY e.index DESC LIMIT 1)
    ) + 1 INTO below_told;
    IF me IS NULL OR below_told IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO acknowledgement (agency, system, kind, below, acknowledged_at)
    SELECT me, system_name, w.kind, below_told, now_at
      FROM unnest(kinds_followed) AS w (kind)
     WHERE NOT EXISTS (SELECT FROM acknowledgement a
                        WHERE a.agency = me AND a.system = system_name AND a.kind = w.kind AND a.below >= below_told)
       AND NOT EXISTS (SELECT FROM acknowledgement a
                        WHERE a.agency = me AND a.system = system_name AND a.kind = '*' AND a.below >= below_told)
        ON CONFLICT ON CONSTRAINT acknowledgement_pkey DO NOTHING;
    -- Since the last of the kinds was.
    SELECT max(k.since) INTO since
      FROM unnest(kinds_followed) AS w (kind)
     CROSS JOIN LATERAL (
           SELECT min(f.acknowledged_at) AS since
             FROM (VALUES (w.kind), ('*')) AS o (kind)
            CROSS JOIN LATERAL (SELECT a.acknowledged_at FROM acknowledgement a
                                 WHERE a.agency = me AND a.system = system_name AND a.kind = o.kind AND a.below >= below_told
                                 ORDER BY a.below LIMIT 1) AS f) AS k;
    -- Another call may have said the same just now.
    RETURN coalesce(since, now_at);
END
$$;
COMMENT ON FUNCTION acknowledge_changes IS 'Notes that a system of the caller''s agency has dealt with all that it was told below a place, of these kinds (* for all); since when it has. NULL where that is nothing.';

-- Without settings of its own, so that it is made part of the statement that asks.
CREATE FUNCTION acknowledged_since(of_agency text, of_kind text, at_index bigint) RETURNS TABLE (since timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT min(f.acknowledged_at)
      FROM system s
     CROSS JOIN (VALUES (of_kind), ('*')) AS o (kind)
     CROSS JOIN LATERAL (SELECT a.acknowledged_at FROM acknowledgement a
                          WHERE a.agency = s.agency AND a.system = s.system AND a.kind = o.kind AND a.below > at_index
                          ORDER BY a.below LIMIT 1) AS f
     WHERE s.agency = of_agency
$$;
COMMENT ON FUNCTION acknowledged_since IS 'When the first system of an agency had dealt with what an entry tells of a kind; NULL while none has.';

CREATE TABLE ledger_session (
    session text COLLATE "C" NOT NULL CONSTRAINT ledger_session_session_check
        CHECK (char_length(session) <= 900 AND session ~ '^agencies/[a-z][a-z0-9-]{1,39}/sessions/[!-~]+$'),
    index bigint NOT NULL CONSTRAINT ledger_session_index_check CHECK (index BETWEEN 0 AND 1000000000000000),
    line integer NOT NULL CONSTRAINT ledger_session_line_check CHECK (line BETWEEN 0 AND 1000000),
    version bigint NOT NULL CONSTRAINT ledger_session_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    agency text COLLATE "C" CONSTRAINT ledger_session_agency_check CHECK (agency ~ '^[a-z][a-z0-9-]{1,39}$'),
    CONSTRAINT ledger_session_pkey PRIMARY KEY (session, index, line)
);
CREATE INDEX ledger_session_index_idx ON ledger_session (index);
COMMENT ON TABLE ledger_session IS 'The lines of the ledger that tell of a session. Made of the leaves alone, with their places. Append-only.';
COMMENT ON COLUMN ledger_session.session IS 'The session''s name, as the leaf has it. No foreign key: it was read from there.';
COMMENT ON COLUMN ledger_session.index IS 'The entry''s place. No foreign key: it was read from there, and is never deleted.';
COMMENT ON COLUMN ledger_session.line IS 'The line within the entry, from 0.';
COMMENT ON COLUMN ledger_session.version IS 'The version of the session that the line tells of.';
COMMENT ON COLUMN ledger_session.agency IS 'The agency whose call the entry is of; NULL where it is of no call.';
CREATE TRIGGER ledger_session_append_only BEFORE UPDATE OR DELETE ON ledger_session
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_session_no_truncate BEFORE TRUNCATE ON ledger_session
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
GRANT INSERT (session, index, line, version, agency) ON ledger_session TO gerbang_keeper;

-- Beside the other size: a gateway of before lists disclosures alone, and moves that one alone. A gateway of today goes through all entries
-- once, and lists no new disclosure before it has come as far.
ALTER TABLE ledger_listing ADD COLUMN sessions_size bigint NOT NULL DEFAULT 0
    CONSTRAINT ledger_listing_sessions_size_check CHECK (sessions_size BETWEEN 0 AND 1000000000000000);
COMMENT ON COLUMN ledger_listing.sessions_size IS 'Of how many entries the sessions are listed: of those at places below it.';
GRANT UPDATE (sessions_size) ON ledger_listing TO gerbang_keeper;

-- Plans that were made while the log was empty would read all of it.
CREATE FUNCTION readers_of_sessions(
    uids text[], names text[],
    OUT session text, OUT agency text, OUT version bigint, OUT told_at timestamptz, OUT acknowledged_at timestamptz
) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
    -- Who made the change knows of it.
    SELECT n.name, a.code, t.version, b.indexed_at, CASE WHEN t.agency = a.code THEN b.indexed_at ELSE k.since END
      FROM unnest(uids, names) AS n (uid, name)
      JOIN session s ON s.lead = caller() AND s.uid = n.uid
     CROSS JOIN LATERAL (SELECT l.index, l.line, l.version, l.agency FROM ledger_session l
                          WHERE l.session = n.name ORDER BY l.index DESC, l.line DESC LIMIT 1) AS t
     CROSS JOIN LATERAL (SELECT p.indexed_at FROM ledger_batch p WHERE p.tree_size > t.index ORDER BY p.tree_size LIMIT 1) AS b
     CROSS JOIN agency a
      JOIN ledger_feed f ON f.reader = a.code AND f.index = t.index AND (f.lines IS NULL OR f.lines @> t.line)
     CROSS JOIN LATERAL acknowledged_since(a.code, 'SESSION', t.index) AS k
     -- Nobody else's: an agency is told of the readers of its own sessions. A change that is not listed yet was told to nobody.
     WHERE starts_with(n.name, 'agencies/' || caller() || '/sessions/') AND t.version = s.version AND a.code <> s.lead
     ORDER BY n.name COLLATE "C", a.code COLLATE "C"
$$;
COMMENT ON FUNCTION readers_of_sessions IS 'Of sessions of the caller''s agency as they are now: which other agencies were told of it, when the change had got its place, and when they had dealt with it; NULL while they have not. Nothing of a session whose last change is not listed yet.';

CREATE FUNCTION answer_times(
    of_agency text, partners_alone boolean, after_agency text, since timestamptz, now_at timestamptz, entries_max integer,
    agencies_max integer,
    OUT agency text, OUT told bigint, OUT acknowledged bigint, OUT median_seconds bigint, OUT waits_since timestamptz,
    OUT last_at timestamptz
) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    start_index bigint;
BEGIN
    -- Nobody is told anything who was not let in.
    IF caller() IS NULL THEN
        RETURN;
    END IF;
    SELECT b.first_index INTO start_index FROM ledger_batch b
     WHERE b.indexed_at >= since AND b.first_index IS NOT NULL ORDER BY b.indexed_at, b.tree_size LIMIT 1;
    RETURN QUERY
    SELECT a.code, w.told, w.acknowledged, w.median_seconds, w.waits_since,
           (SELECT max(x.acknowledged_at)
              FROM system y
             CROSS JOIN (VALUES ('SESSION'), ('*')) AS v (kind)
             CROSS JOIN LATERAL (SELECT q.acknowledged_at FROM acknowledgement q
                                  WHERE q.agency = y.agency AND q.system = y.system AND q.kind = v.kind
                                  ORDER BY q.below DESC LIMIT 1) AS x
             WHERE y.agency = a.code)
      FROM (SELECT c.code FROM agency c
             WHERE c.code COLLATE "C" > after_agency AND (of_agency IS NULL OR c.code = of_agency)
               -- Who may be told of sessions at all.
               AND EXISTS (SELECT FROM system z WHERE z.agency = c.code AND z.role IN ('PARTNER', 'PRISON'))
               AND (NOT partners_alone OR c.code = caller()
                    OR EXISTS (SELECT FROM agreement g WHERE g.readers @> ARRAY[caller(), c.code] AND g.act IN ('AGREED', 'TERMINATED')))
             ORDER BY c.code COLLATE "C" LIMIT agencies_max) AS a
     CROSS JOIN LATERAL (
           SELECT count(*) AS told, count(e.answered_at) AS acknowledged,
                  percentile_disc(0.5) WITHIN GROUP (
                      ORDER BY greatest(0, floor(extract(epoch FROM coalesce(e.answered_at, now_at) - e.told_at)))::bigint
                  ) AS median_seconds,
                  min(e.told_at) FILTER (WHERE e.answered_at IS NULL) AS waits_since
             FROM (SELECT b.indexed_at AS told_at, k.since AS answered_at
                     FROM (SELECT f.index, f.lines FROM ledger_feed f WHERE f.reader = a.code AND f.index >= start_index
                            ORDER BY f.index DESC LIMIT entries_max) AS o
                    CROSS JOIN LATERAL (SELECT p.indexed_at FROM ledger_batch p
                                         WHERE p.tree_size > o.index ORDER BY p.tree_size LIMIT 1) AS b
                    CROSS JOIN LATERAL acknowledged_since(a.code, 'SESSION', o.index) AS k
                    WHERE EXISTS (SELECT FROM ledger_session l
                                   WHERE l.index = o.index AND l.agency <> a.code
                                     AND (o.lines IS NULL OR o.lines @> l.line))) AS e) AS w
     ORDER BY a.code COLLATE "C";
END
$$;
COMMENT ON FUNCTION answer_times IS 'Of agencies behind a code, of one, or of the caller''s and those that it has or had an agreement with: how many entries of others told them of sessions since a time (among the last so many of their feed), how many of these they have dealt with, the median of how long that took, or has been taking, the time of the oldest that they have not, and when they last came further.';

REVOKE EXECUTE ON FUNCTION acknowledge_changes, acknowledged_since, readers_of_sessions, answer_times FROM PUBLIC;
GRANT EXECUTE ON FUNCTION acknowledge_changes, readers_of_sessions, answer_times TO gerbang_gateway;
