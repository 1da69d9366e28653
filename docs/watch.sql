-- Keeps the table of locks free, which all sessions of the database server share. Any session can fill it in a second, by
-- advisory locks or by savepoints, and there is no right that could be taken away from it; while it is full no revocation is
-- stored and nobody new connects, the superuser included. So somebody must be in already. This looks once a second, and ends
--
--   every session of the roles gerbang_gateway, gerbang_keeper and gerbang_signer that has more than 500 locks in that table:
--   a call of Gerbang has some 300 at the most (64 of each of four kinds, and those of the tables that it touches);
--   once they have more together than the table is made for (max_locks_per_transaction x max_connections; there is about as
--   much to spare), every session that has as many as they have on the average, or more;
--   every session whose transaction is older than five minutes: a call takes 30 seconds at the most, and what stays open for
--   longer keeps dead rows from being cleared away and the queue of notices from being emptied.
--
-- Run it as the superuser on the database's machine, for as long as the server runs: gerbang-watch.service (deploy/) does, and
-- starts it again. docs/operate.md says how it is installed.
--
-- It writes a line for each session that it ended: when, process, role, database (its oid), program, locks, since when its
-- transaction ran. A role that is named again and again has been taken over: ALTER ROLE ... NOLOGIN.

SET application_name = 'gerbang watch';
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;

-- While the table is full, no table of roles can be opened that is not open. These stay open until the session ends. The
-- transaction has no snapshot between two looks, and keeps nothing from being cleared up.
BEGIN;
SELECT FROM pg_authid, pg_auth_members, pg_database LIMIT 0;
SELECT array_agg(oid)::text AS roles FROM pg_authid
 WHERE rolname IN ('gerbang_gateway', 'gerbang_keeper', 'gerbang_signer') \gset

\o | grep --line-buffered .
SELECT pg_stat_clear_snapshot() \;
WITH held AS (SELECT pid, count(*) AS locks FROM pg_lock_status() WHERE NOT fastpath GROUP BY pid),
     sessions AS (
         SELECT pid, usesysid, datid, application_name, xact_start, coalesce(locks, 0) AS locks,
                sum(locks) OVER () AS together, avg(coalesce(locks, 0)) OVER () AS average
           FROM pg_stat_get_activity(NULL) LEFT JOIN held USING (pid)
          WHERE usesysid = ANY (:'roles'::oid[])
     )
SELECT clock_timestamp(), pid, pg_get_userbyid(usesysid), datid, application_name, locks, xact_start, pg_terminate_backend(pid)
  FROM sessions
 WHERE locks > 500
    OR locks >= average AND together > current_setting('max_locks_per_transaction')::bigint
           * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint)
    OR xact_start < clock_timestamp() - interval '5 minutes'
\watch 1
