//! How tests write entries, and what they count while they do: a counter stands for a resource, and its value for the version.

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::world::{World, request_id};

/// Writes an entry in the transaction of this connection, as every writer does.
pub async fn write(db: &mut PgConnection, leaf: &str) -> Uuid {
    let id = request_id().parse().unwrap();
    append(db, id, &[&[0x08, 0x02], leaf.as_bytes()].concat()).await;
    id
}

/// Appends an entry with this id and leaf.
pub async fn append(db: &mut PgConnection, id: Uuid, leaf: &[u8]) {
    let append = "INSERT INTO ledger_entry (id, recorded_at, leaf) VALUES ($1, '2026-03-02T01:00:00Z', $2)";
    sqlx::query(append).bind(id).bind(leaf).execute(db).await.unwrap();
}

/// Makes so many counters, each of which begins at 0 and is locked by whoever counts until its transaction ends.
pub async fn make_counters(world: &World, count: usize) {
    let counters = format!(
        "CREATE TABLE counter AS SELECT n, 0::bigint AS value FROM generate_series(0, {count} - 1) AS n;
         ALTER TABLE counter ADD PRIMARY KEY (n);
         GRANT SELECT, UPDATE ON counter TO gerbang_gateway"
    );
    sqlx::raw_sql(AssertSqlSafe(counters)).execute(&mut world.owner().await).await.unwrap();
}

/// Counts on, and answers with the new value.
pub async fn count(db: &mut PgConnection, counter: usize) -> i64 {
    let count = "UPDATE counter SET value = value + 1 WHERE n = $1 RETURNING value";
    sqlx::query_scalar(count).bind(counter as i32).fetch_one(db).await.unwrap()
}
