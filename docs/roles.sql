-- The roles of the database server, and what nobody may do who is not its superuser. Run it as the superuser, once in each of
-- the databases postgres, template1 and gerbang; running it again changes nothing:
--
--   psql -d postgres -f docs/roles.sql; psql -d template1 -f docs/roles.sql
--
-- One statement between empty lines: `gerbang dev` hands the file to Postgres' single-user mode.

DO $$
DECLARE name text; most integer;
BEGIN
    -- Connections at the most: of all gateways, of their keepers, and of the signer. The owner's are yours.
    FOR name, most IN VALUES ('gerbang_owner', -1), ('gerbang_gateway', 60), ('gerbang_keeper', 20), ('gerbang_signer', 8) LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN CONNECTION LIMIT %s', name, most);
        ELSIF (SELECT rolconnlimit = -1 FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('ALTER ROLE %I CONNECTION LIMIT %s', name, most);
        END IF;
    END LOOP;
END
$$;

-- No room for what no table of ours holds, and no ending of others' sessions: temporary tables, large objects, signals.
DO $$
DECLARE function regprocedure;
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    FOR function IN
        SELECT oid FROM pg_proc
         WHERE pronamespace = 'pg_catalog'::regnamespace
           AND (proname LIKE 'lo\_%' OR proname IN ('lowrite', 'pg_terminate_backend', 'pg_cancel_backend'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
    END LOOP;
END
$$;

-- No more than this on the disk, in each session, for what a query sorts and a cursor keeps. No role may lift that itself. The
-- signer sorts whole lists: 100,000 revocations take 13 MB. What the others sort stays in memory.
DO $$
DECLARE name text; most text;
BEGIN
    FOR name, most IN VALUES ('gerbang_gateway', '64MB'), ('gerbang_keeper', '64MB'), ('gerbang_signer', '256MB') LOOP
        IF NOT EXISTS (
            SELECT FROM pg_db_role_setting, unnest(setconfig) AS setting
             WHERE setdatabase = 0 AND setrole = (SELECT oid FROM pg_roles WHERE rolname = name)
               AND setting LIKE 'temp_file_limit=%'
        ) THEN
            EXECUTE format('ALTER ROLE %I SET temp_file_limit = %L', name, most);
        END IF;
    END LOOP;
END
$$;
