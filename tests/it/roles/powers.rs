//! What each role may do, and no more: statements that it is refused, and those that it is let do.

use sqlx::PgConnection;

use crate::{cast::Cast, world::World};

#[tokio::test]
async fn the_runtime_role_only_appends_to_the_ledger() {
    let cast = Cast::ready().await;
    let mut db = cast.world.runtime().await;
    for statement in [
        "UPDATE ledger_entry SET leaf = ''",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "UPDATE ledger_salt SET salt = salt",
        "DELETE FROM agency",
        "DELETE FROM session",
        "UPDATE certificate SET not_after = not_after",
    ] {
        let error = sqlx::query(statement).execute(&mut db).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
    }
    let mut owner = cast.world.owner().await;
    for statement in ["UPDATE ledger_entry SET leaf = ''", "DELETE FROM ledger_entry"] {
        assert!(sqlx::query(statement).execute(&mut owner).await.is_err(), "append-only for its owner too");
    }
}

/// Each statement is refused for want of a privilege.
async fn forbidden(db: &mut PgConnection, statements: &[&'static str]) {
    for statement in statements {
        let error = sqlx::query(*statement).execute(&mut *db).await.expect_err(statement);
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
    }
}

/// What lets a stranger in, the gateway cannot write; what it wrote to put somebody out, it cannot take back.
#[tokio::test]
async fn the_runtime_role_certifies_nobody_and_takes_no_revocation_back() {
    let world = World::start().await;
    world.tampers();
    let mut db = world.runtime().await;
    forbidden(
        &mut db,
        &[
            "INSERT INTO certificate DEFAULT VALUES",
            "UPDATE certificate SET administrator = true",
            "UPDATE certificate SET ends_at = NULL",
            "DELETE FROM certificate",
            "INSERT INTO authority DEFAULT VALUES",
            "UPDATE authority SET kind = 'CLIENTS'",
            "DELETE FROM authority",
            "INSERT INTO issuance DEFAULT VALUES",
            "UPDATE issuance SET state = 'ISSUED'",
            "DELETE FROM issuance",
            "INSERT INTO used_statement DEFAULT VALUES",
            "UPDATE used_statement SET sha256 = ''",
            "DELETE FROM used_statement",
            "SELECT FROM used_statement",
            "INSERT INTO crl DEFAULT VALUES",
            "UPDATE crl SET der = ''",
            "DELETE FROM crl",
            "INSERT INTO signer_beat VALUES (true, '2026-03-02Z')",
            "UPDATE signer_beat SET beat_at = '2026-03-02Z'",
            "UPDATE certificate_order SET agency = NULL, system = NULL",
            "UPDATE certificate_order SET way = 'GATEWAY'",
            "UPDATE certificate_order SET role = 'PARTNER'",
            "UPDATE certificate_order SET token_sha256 = NULL",
            "UPDATE certificate_order SET previous = NULL",
            "UPDATE certificate_order SET expires_at = '2039-01-01Z'",
            "DELETE FROM certificate_order",
            "UPDATE order_approval SET approver = ''",
            "DELETE FROM order_approval",
            "UPDATE revocation SET reason = 'SUPERSEDED'",
            "DELETE FROM revocation",
            "TRUNCATE revocation",
            "ALTER TABLE revocation DISABLE TRIGGER ALL",
            "UPDATE collection SET collected_at = collected_at",
            "DELETE FROM collection",
            "INSERT INTO sighting DEFAULT VALUES",
            "UPDATE sighting SET address = ''",
            "DELETE FROM sighting",
        ],
    )
    .await;
    // Nor does anybody change a revocation, not even its owner.
    let mut owner = world.owner().await;
    let revoke = "INSERT INTO revocation SELECT sha256, 'SUPERSEDED', NULL, 'x', '2026-03-02Z' FROM certificate LIMIT 1";
    sqlx::query(revoke).execute(&mut owner).await.unwrap();
    for statement in
        ["UPDATE revocation SET reason = reason", "DELETE FROM revocation", "TRUNCATE revocation"]
    {
        assert!(sqlx::query(statement).execute(&mut owner).await.is_err(), "{statement}");
    }
}

/// The signer issues what was ordered and approved, and revokes what its lists name or what follows a compromised key. It
/// orders and approves nothing, and reads nothing of what agencies exchange.
#[tokio::test]
async fn the_signers_role_asks_for_nothing_and_sees_nothing_else() {
    let world = World::start().await;
    let mut db = world.signers_connection().await;
    forbidden(
        &mut db,
        &[
            "UPDATE revocation SET reason = 'SUPERSEDED'",
            "DELETE FROM revocation",
            "TRUNCATE revocation",
            "INSERT INTO authority DEFAULT VALUES",
            "INSERT INTO certificate_order DEFAULT VALUES",
            "UPDATE certificate_order SET rejected = false",
            "DELETE FROM certificate_order",
            "INSERT INTO order_approval DEFAULT VALUES",
            "UPDATE order_approval SET approver = ''",
            "DELETE FROM order_approval",
            "INSERT INTO collection DEFAULT VALUES",
            "INSERT INTO sighting DEFAULT VALUES",
            "UPDATE sighting SET address = ''",
            "INSERT INTO agency DEFAULT VALUES",
            "UPDATE agency SET state = 'ACTIVE'",
            "INSERT INTO system DEFAULT VALUES",
            "UPDATE system SET role = 'ADMINISTRATOR'",
            "UPDATE certificate SET administrator = true",
            "UPDATE certificate SET not_after = not_after",
            "UPDATE certificate SET agency = agency",
            "DELETE FROM certificate",
            "UPDATE authority SET kind = 'CLIENTS'",
            "DELETE FROM authority",
            "DELETE FROM issuance",
            "UPDATE used_statement SET sha256 = ''",
            "DELETE FROM used_statement",
            "UPDATE crl SET der = ''",
            "UPDATE ledger_entry SET leaf = ''",
            "DELETE FROM ledger_entry",
            "SELECT FROM replay",
            "SELECT FROM agreement",
            "SELECT FROM programme",
            "SELECT FROM session",
            "SELECT FROM trainer",
            "SELECT FROM assignment",
            "SELECT FROM trainee",
            "SELECT FROM enrolment",
        ],
    )
    .await;
}

/// What the gateway does by itself lets nobody in and puts nobody out, changes nothing that is there, and reads nothing of
/// what agencies exchange.
#[tokio::test]
async fn the_keepers_role_changes_nothing_and_sees_nothing_else() {
    let world = World::start().await;
    let mut db = world.keepers_connection().await;
    forbidden(
        &mut db,
        &[
            "INSERT INTO certificate DEFAULT VALUES",
            "UPDATE certificate SET ends_at = NULL",
            "DELETE FROM certificate",
            "INSERT INTO authority DEFAULT VALUES",
            "INSERT INTO revocation DEFAULT VALUES",
            "DELETE FROM revocation",
            "TRUNCATE revocation",
            "INSERT INTO barred_key DEFAULT VALUES",
            "DELETE FROM barred_key",
            "UPDATE certificate_order SET rejected = false",
            "INSERT INTO order_approval DEFAULT VALUES",
            "UPDATE order_approval SET approver = ''",
            "INSERT INTO issuance DEFAULT VALUES",
            "DELETE FROM issuance",
            "SELECT FROM used_statement",
            "DELETE FROM used_statement",
            "INSERT INTO collection DEFAULT VALUES",
            "UPDATE sighting SET address = ''",
            "DELETE FROM sighting",
            "DELETE FROM crl",
            "INSERT INTO agency DEFAULT VALUES",
            "UPDATE agency SET state = 'ACTIVE'",
            "UPDATE system SET role = 'ADMINISTRATOR'",
            "UPDATE ledger_entry SET leaf = ''",
            "DELETE FROM ledger_entry",
            "DELETE FROM ledger_salt",
            "SELECT answer FROM replay",
            "INSERT INTO replay DEFAULT VALUES",
            "UPDATE replay SET answer = '{}'",
            "SELECT FROM agreement",
            "SELECT FROM programme",
            "SELECT FROM session",
            "SELECT FROM trainer",
            "SELECT FROM assignment",
            "SELECT FROM trainee",
            "SELECT FROM enrolment",
            "SELECT FROM vault_check",
        ],
    )
    .await;
}

/// Temporary things come first in a search path that does not say where they come: whoever may make some would have a
/// function run them as its owner.
#[tokio::test]
async fn what_runs_as_its_owner_looks_nothing_up_among_temporary_things() {
    let world = World::start().await;
    let bare = "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.prosecdef \
        AND p.pronamespace = 'public'::regnamespace \
        AND NOT 'search_path=pg_catalog, public, pg_temp' = ANY (coalesce(p.proconfig, '{}'))";
    let bare: Vec<String> = sqlx::query_scalar(bare).fetch_all(&mut world.owner().await).await.unwrap();
    assert!(bare.is_empty(), "{bare:?}");
    let definers = "SELECT count(*) FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace";
    let definers = sqlx::query_scalar::<_, i64>(definers).fetch_one(&mut world.owner().await).await.unwrap();
    assert!(definers > 8, "{definers}");
}
