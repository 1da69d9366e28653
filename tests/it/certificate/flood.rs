//! Orders without number: whoever has the gateway's role may write any number of them. Revocation lists wait for none.

use sqlx::PgConnection;

use super::{forged::held, partner};
use crate::world::World;

/// Orders of gateways, as the gateway's role writes them, for a name that no gateway may have.
const FLOOD: &str = "INSERT INTO certificate_order (id, way, public_key, key_id, ignored, hosts, lifetime_days, requester,
                            version, created_at, expires_at)
     SELECT gen_random_uuid(), 'GATEWAY', 'x', sha256(i::text::bytea), '{}', '{evil.example}', 30, 'gateway', 1,
            timestamptz '2026-03-01T00:00:00Z' + i * interval '1 ms', '2026-04-01T00:00:00Z'
       FROM generate_series(1, 1000) i";
const REVOKE: &str = "INSERT INTO revocation (certificate, reason, revoker, revoked_at)
     VALUES ($1, 'KEY_COMPROMISE', 'agencies/operator/systems/admin', '2026-03-02T00:00:00Z')";

async fn count(db: &mut PgConnection, of: &'static str) -> i64 {
    sqlx::query_scalar(of).fetch_one(db).await.unwrap()
}

/// The newest list names what was revoked before the turn when the turn has but begun with the orders, and what is revoked
/// in the middle of them before it is through with them.
#[tokio::test]
async fn a_revocation_list_waits_for_no_orders() {
    let world = World::start().await;
    partner(&world).await;
    world.tampers();
    let (mut signer, mut owner, mut gateway) =
        (world.signer().await, world.owner().await, world.runtime().await);
    assert!(!signer.turn().await.unwrap(), "nothing waits");
    sqlx::query(FLOOD).execute(&mut gateway).await.unwrap();
    let revoked = held(&world, "blk-kepri", "jadwal").to_vec();
    sqlx::query(REVOKE).bind(revoked).execute(&mut gateway).await.unwrap();
    // With the fiftieth refusal, another is revoked: as if its revocation had come just then.
    let meanwhile = format!(
        "CREATE FUNCTION meanwhile() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             IF (SELECT count(*) FROM issuance WHERE state = 'REJECTED') = 50 THEN
                 INSERT INTO revocation (certificate, reason, revoker, revoked_at)
                 VALUES (decode('{}', 'hex'), 'KEY_COMPROMISE', 'x', '2026-03-02T00:00:00Z');
             END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER meanwhile AFTER INSERT ON issuance FOR EACH ROW EXECUTE FUNCTION meanwhile()",
        hex::encode(held(&world, "operator", "admin2"))
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(meanwhile)).execute(&mut owner).await.unwrap();

    assert!(signer.turn().await.unwrap(), "a turn is not for a thousand orders");
    let refused = "SELECT count(*) FROM issuance WHERE state = 'REJECTED'";
    assert_eq!(count(&mut owner, refused).await, 100, "the most of one turn");
    let entries = world.all_entries().await;
    let at = |method: &str| -> Vec<usize> {
        let places = entries.iter().enumerate();
        places.filter(|(_, entry)| entry.method == method).map(|(place, _)| place).collect()
    };
    let (orders, lists) = (at("signer/certificate.issue"), at("signer/crl.publish"));
    let [.., first, second] = lists[..] else { panic!("{lists:?}") };
    let of_flood = &orders[orders.len() - 100..];
    assert!(first < of_flood[0], "what was revoked before the turn: {first} {of_flood:?}");
    assert!(
        of_flood[49] < second && second < of_flood[50],
        "what is revoked meanwhile: {second} {of_flood:?}"
    );

    while signer.turn().await.unwrap() {}
    assert_eq!(count(&mut owner, refused).await, 1000, "in the end all of them");
}

/// Orders that cannot be worked off stay in front, a whole turn's and more; who comes behind them is served.
#[tokio::test]
async fn orders_that_stay_in_front_keep_none_from_its_turn() {
    let world = World::start().await;
    let (mut signer, mut owner) = (world.signer().await, world.owner().await);
    world.tampers();
    sqlx::query(FLOOD).execute(&mut world.runtime().await).await.unwrap();
    // Past the check that now keeps it out.
    let unread = "ALTER TABLE certificate_order DROP CONSTRAINT certificate_order_role_check;
         UPDATE certificate_order SET role = 'KING'
          WHERE created_at <= timestamptz '2026-03-01T00:00:00Z' + 150 * interval '1 ms'";
    sqlx::raw_sql(unread).execute(&mut owner).await.unwrap();
    for _ in 0..3 {
        let _ = signer.turn().await;
    }
    let behind = "SELECT count(*) FROM issuance WHERE state = 'REJECTED'";
    assert_eq!(count(&mut owner, behind).await, 150, "three turns, half of which is unreadable");
}
