//! What `docs/roles.sql` does for a whole server: bounded connections, no temporary tables, no large objects, no ending of
//! others' sessions, little room for temporary files.

use gerbang::{dev::postgres::Postgres, exchange::health, store::Database};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::world::{World, url};

const ROLES: [&str; 3] = ["gerbang_gateway", "gerbang_keeper", "gerbang_signer"];

#[tokio::test]
async fn connections_are_bounded_for_each_role() {
    let world = World::start().await;
    let limit = "SELECT rolconnlimit FROM pg_roles WHERE rolname = $1";
    for role in ROLES {
        let limit = sqlx::query_scalar::<_, i32>(limit).bind(role);
        let limit = limit.fetch_one(&mut world.owner().await).await.unwrap();
        assert!((1..250).contains(&limit), "{role}: {limit}");
    }
}

#[tokio::test]
async fn there_is_no_room_beside_our_tables_in_any_database() {
    let world = World::start().await;
    for role in ROLES {
        for database in [world.database.as_str(), "postgres", "template1"] {
            let mut db = PgConnection::connect(&url(role, database)).await.unwrap();
            for write in [
                "CREATE TEMPORARY TABLE mine (n integer)",
                "CREATE TABLE mine (n integer)",
                "CREATE SCHEMA mine",
                "SELECT lo_create(0)",
                "SELECT lo_creat(-1)",
                "SELECT lo_from_bytea(0, 'x')",
                "SELECT lo_put(1, 0, 'x')",
                "SELECT pg_terminate_backend(pg_backend_pid())",
                "SELECT pg_cancel_backend(pg_backend_pid())",
            ] {
                let refused = sqlx::query(write).execute(&mut db).await.unwrap_err();
                assert!(
                    refused.to_string().contains("permission denied"),
                    "{role} {database} {write}: {refused}"
                );
            }
        }
    }
}

#[tokio::test]
async fn no_role_has_much_room_for_temporary_files_or_makes_itself_more() {
    let world = World::start().await;
    for role in ROLES {
        for database in [world.database.as_str(), "postgres"] {
            let mut db = PgConnection::connect(&url(role, database)).await.unwrap();
            for lift in [
                "SET temp_file_limit = -1".to_owned(),
                "SELECT set_config('temp_file_limit', '-1', false)".to_owned(),
                "RESET temp_file_limit".to_owned(),
                format!("ALTER ROLE {role} SET temp_file_limit = -1"),
                format!("ALTER ROLE {role} RESET temp_file_limit"),
                format!("ALTER ROLE {role} IN DATABASE {database} SET temp_file_limit = -1"),
            ] {
                let refused = sqlx::raw_sql(AssertSqlSafe(lift.clone())).execute(&mut db).await.unwrap_err();
                assert!(refused.to_string().contains("permission denied"), "{role} {lift}: {refused}");
            }
            // Resets what it may, and not that.
            let reset = format!("ALTER ROLE {role} RESET ALL");
            sqlx::raw_sql(AssertSqlSafe(reset)).execute(&mut db).await.unwrap();
            let mut db = PgConnection::connect(&url(role, database)).await.unwrap();
            let most = sqlx::query_scalar::<_, String>("SELECT current_setting('temp_file_limit')");
            let most = most.fetch_one(&mut db).await.unwrap();
            assert_eq!(most, if role == "gerbang_signer" { "256MB" } else { "64MB" });
            // The signer's would fill the memory in which the tests' database lies.
            if role == "gerbang_signer" {
                continue;
            }
            let fill = "SET work_mem = '64kB'; BEGIN; \
                DECLARE mine CURSOR WITH HOLD FOR SELECT repeat('x', 1000) FROM generate_series(1, 70000); COMMIT";
            let refused = sqlx::raw_sql(fill).execute(&mut db).await.unwrap_err();
            assert!(refused.to_string().contains("temp_file_limit"), "{role} {database}: {refused}");
        }
    }
}

/// What `gerbang doctor` sees of a server on which `docs/roles.sql` was not run, or undone. On a server of its own.
#[tokio::test]
async fn what_is_missing_of_the_bounds_is_named() {
    let folder = std::env::temp_dir().join(format!("gerbang-bounds-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let server = Postgres::start_throwaway(&folder).unwrap();
    let mut superuser = PgConnection::connect(&server.url("postgres", "gerbang")).await.unwrap();
    for role in ["gerbang_gateway", "gerbang_signer", "gerbang_owner"] {
        let database = Database::open(&server.url(role, "gerbang"), 1).unwrap();
        let seen = health::bounds(&database).await.unwrap();
        assert_eq!((seen.database.as_str(), seen.watched), ("gerbang", false));
        assert_eq!(seen.missing, [""; 0], "{role}");
    }
    // Who is no superuser is not the watch, whatever it says.
    let pretends = format!("{}&application_name=gerbang%20watch", server.gateway_url());
    let _pretends = PgConnection::connect(&pretends).await.unwrap();
    let database = Database::open(&server.gateway_url(), 1).unwrap();
    for (undo, missing) in [
        ("GRANT TEMPORARY ON DATABASE gerbang TO PUBLIC", "TEMPORARY"),
        ("GRANT EXECUTE ON FUNCTION lo_from_bytea(oid, bytea) TO PUBLIC", "lo_create"),
        ("GRANT EXECUTE ON FUNCTION pg_cancel_backend(integer) TO PUBLIC", "pg_terminate_backend"),
        ("ALTER ROLE gerbang_keeper CONNECTION LIMIT -1", "CONNECTION LIMIT"),
        ("ALTER ROLE gerbang_signer SET temp_file_limit = -1", "temp_file_limit"),
        ("ALTER ROLE gerbang_gateway RESET ALL", "temp_file_limit"),
        ("SET application_name = 'gerbang watch'", "-"),
    ] {
        sqlx::raw_sql(undo).execute(&mut superuser).await.unwrap();
        let seen = health::bounds(&database).await.unwrap();
        assert!(missing == "-" || seen.missing.iter().any(|one| one == missing), "{undo}: {seen:?}");
        assert_eq!(seen.watched, missing == "-");
    }
    assert_eq!(health::bounds(&database).await.unwrap().missing.len(), 5);
    server.stop().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}
