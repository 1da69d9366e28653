//! A push that changes nothing writes nothing: what Postgres logs of the database is looked at, block by block.

use gerbang::proto::v1::BatchOutcome;
use sqlx::PgConnection;

use crate::cast::{Cast, TRAINER, led_session, push};

/// Where the log of what is written is now, all of it being on disk.
async fn position(superuser: &mut PgConnection) -> String {
    // A commit that waits for the disk takes along what is before it.
    let flush = "SET synchronous_commit = on; SELECT pg_logical_emit_message(true, 'test', '')";
    sqlx::raw_sql(flush).execute(&mut *superuser).await.unwrap();
    let position = sqlx::query_scalar("SELECT pg_current_wal_flush_lsn()::text");
    position.fetch_one(superuser).await.unwrap()
}

/// The records between two positions in which a transaction changes a block of this database. What a reader tidies up on its
/// way belongs to no transaction.
async fn written(superuser: &mut PgConnection, from: &str, to: &str) -> Vec<String> {
    let records = "SELECT resource_manager || ' ' || record_type || ' ' || block_ref
          FROM pg_get_wal_records_info($1::text::pg_lsn, $2::text::pg_lsn)
         WHERE xid::text <> '0' AND block_ref LIKE '%/' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '/%'";
    sqlx::query_scalar(records).bind(from).bind(to).fetch_all(superuser).await.unwrap()
}

/// The keeper may write at any time; a push that writes does so every time.
const TRIES: usize = 5;

#[tokio::test]
async fn an_unchanged_push_writes_nothing() {
    let cast = Cast::ready().await;
    let mut superuser = cast.world.superuser().await;
    sqlx::query("CREATE EXTENSION pg_walinspect").execute(&mut superuser).await.unwrap();
    let draft = led_session("s1", "2026-04-10T01:00:00Z", TRAINER);
    let before = position(&mut superuser).await;
    cast.push(vec![draft.clone()]).await;
    let after = position(&mut superuser).await;
    assert_ne!(written(&mut superuser, &before, &after).await, [""; 0], "a new one is seen to write");
    let mut seen = Vec::new();
    for _ in 0..TRIES {
        let before = position(&mut superuser).await;
        let answer = cast.blk.schedule().push_schedule(push(vec![draft.clone()])).await.unwrap().into_inner();
        assert_eq!(answer.outcome(), BatchOutcome::Unchanged);
        let after = position(&mut superuser).await;
        seen = written(&mut superuser, &before, &after).await;
        if seen.is_empty() {
            return;
        }
    }
    panic!("it writes: {seen:#?}");
}
