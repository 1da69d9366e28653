//! What `docs/roles.sql` does for a whole server: bounded connections, no temporary tables, no large objects, no ending of
//! others' sessions.

use sqlx::{Connection, PgConnection};

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
