//! The vault's keys while gateways serve: changed, missing, foreign; moved and damaged ciphertext; disclosures that
//! cannot be written. A file per topic.

mod file;
mod rotate;

use std::sync::Arc;

use gerbang::{
    agent::Client,
    exchange::{Outside, rotation::Rotation},
    server::{self, Running, gateway::AssembleError, outside::SystemEntropy},
    store::Database,
    vault::VaultKeys,
};

use crate::{
    cast::{Cast, nominate, trainee},
    world::{World, reason, url},
};

/// A world whose keys are in its file, with a roster of two.
async fn with_a_file() -> Cast {
    let mut world = World::start().await;
    world.stop().await;
    world.keys.write_new(&world.config.vault).unwrap();
    world.keys = Arc::new(VaultKeys::load(&world.config.vault).unwrap());
    world.start_gateway().await;
    let cast = Cast::gather_in(world).await.with_programme().await;
    cast.nominate(&[1, 2]).await;
    cast
}

/// Starts another gateway over the same database, with what the key file holds now.
async fn start(world: &World) -> Result<Running, AssembleError> {
    let keys = Arc::new(VaultKeys::load(&world.config.vault).unwrap());
    server::gateway::assemble(&world.config, keys, world.clock.clone(), Arc::new(SystemEntropy)).await
}

/// Why it does not start.
async fn refused(world: &World) -> String {
    match start(world).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

/// Another gateway, and the prison's client of it.
async fn second(cast: &Cast) -> (Running, Client) {
    let gateway = start(&cast.world).await.unwrap();
    let mut profile = cast.world.profile("lapas-tpi", "sdp");
    profile.address = format!("https://{}", gateway.address);
    (gateway, Client::connect(&profile, cast.world.language).await.unwrap())
}

/// A rotation as a new process runs it: with what the key file holds now.
fn rotation(world: &World) -> (Rotation, Arc<VaultKeys>) {
    let keys = Arc::new(VaultKeys::load(&world.config.vault).unwrap());
    let database = Database::open(&url("gerbang_owner", &world.database), 2).unwrap();
    (Rotation::new(database, Outside { keys: keys.clone(), ..world.outside() }), keys)
}

/// Adds a sealing key to the file and makes it the active one.
async fn activate_next(world: &World) -> i32 {
    let (rotation, keys) = rotation(world);
    let active = rotation.status().await.unwrap().active;
    let version = keys.add_seal_key(&world.config.vault, active, &SystemEntropy).unwrap();
    rotation.activate(version).await.unwrap();
    version
}

/// How many rows are sealed with a version: trainees, salts.
async fn sealed(world: &World, version: i32) -> (i64, i64) {
    let query = "SELECT (SELECT count(*) FROM trainee WHERE key_version = $1),
                        (SELECT count(*) FROM ledger_sealed_salt WHERE key_version = $1)";
    sqlx::query_as(query).bind(version).fetch_one(&mut world.owner().await).await.unwrap()
}

async fn sql(world: &World, statement: &'static str) {
    sqlx::query(statement).execute(&mut world.owner().await).await.unwrap();
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned))
}

#[tokio::test]
async fn a_gateway_without_the_active_key_is_unavailable_until_its_file_has_it() {
    let cast = with_a_file().await;
    let file = &cast.world.config.vault;
    let old = std::fs::read(file).unwrap();
    activate_next(&cast.world).await;
    let new = std::fs::read(file).unwrap();
    std::fs::write(file, &old).unwrap();
    let refused_call = cast.lapas.roster().nominate_trainees(nominate(&[3])).await.unwrap_err();
    assert_eq!(
        (refused_call.code(), reason(&refused_call).as_str()),
        (tonic::Code::Unavailable, "VAULT_KEY_MISSING")
    );
    assert!(gerbang::agent::Refused::from(refused_call).retry_after.is_some());
    // A read discloses nothing either, for its entry's salts cannot be sealed.
    for client in [&cast.lapas, &cast.blk] {
        assert_eq!(reason(&cast.try_roster(client).await.unwrap_err()), "VAULT_KEY_MISSING");
    }
    assert!(refused(&cast.world).await.contains("no SEAL key of version 2"));

    // Another key under the same number is not taken, and is given up as soon as the right one is there.
    std::fs::write(file, &old).unwrap();
    VaultKeys::load(file).unwrap().add_seal_key(file, 1, &SystemEntropy).unwrap();
    let foreign = cast.lapas.roster().nominate_trainees(nominate(&[3])).await.unwrap_err();
    assert_eq!(reason(&foreign), "VAULT_KEY_MISSING");
    assert!(refused(&cast.world).await.contains("another SEAL key of version 2"));
    std::fs::write(file, &new).unwrap();
    cast.nominate(&[3]).await;
    assert_eq!(sealed(&cast.world, 2).await.0, 1);
}

#[tokio::test]
async fn what_lies_in_another_row_or_column_does_not_open_and_shows_nothing() {
    let cast = with_a_file().await;
    cast.world.tampers();
    sql(&cast.world, "UPDATE trainee t SET sealed = o.sealed FROM trainee o WHERE o.id <> t.id").await;
    let shows_nothing = async || {
        for client in [&cast.lapas, &cast.blk] {
            let status = cast.try_roster(client).await.unwrap_err();
            assert_eq!(reason(&status), "INTERNAL_ERROR");
            assert!(!format!("{status:?}").contains(&trainee(1).full_name));
        }
    };
    shows_nothing().await;
    sql(&cast.world, "UPDATE trainee SET sealed = (SELECT sealed FROM ledger_sealed_salt LIMIT 1)").await;
    shows_nothing().await;
}

/// Records of short and of long names look alike.
#[tokio::test]
async fn lengths_tell_nothing_of_a_person() {
    let cast = with_a_file().await;
    let named = |number, letters: usize| {
        let full_name = "A".repeat(letters);
        gerbang::proto::v1::TraineeProfile { full_name, ..trainee(number) }
    };
    let request = crate::cast::nominate_as(vec![named(3, 1), named(4, 100)]);
    cast.lapas.roster().nominate_trainees(request).await.unwrap();
    let lengths = sqlx::query_scalar::<_, i32>("SELECT DISTINCT octet_length(sealed) FROM trainee");
    let lengths = lengths.fetch_all(&mut cast.world.owner().await).await.unwrap();
    assert_eq!(lengths, [12 + 1_024 + 16]);
}

/// Where the entry cannot be written, nothing is shown; nor where the salt cannot.
#[tokio::test]
async fn what_cannot_be_recorded_is_not_disclosed() {
    let cast = with_a_file().await;
    let before = cast.world.entries().await.len();
    for table in ["ledger_entry", "ledger_sealed_salt"] {
        let (revoke, grant) = match table {
            "ledger_entry" => (
                "REVOKE INSERT ON ledger_entry FROM gerbang_gateway",
                "GRANT INSERT ON ledger_entry TO gerbang_gateway",
            ),
            _ => (
                "REVOKE INSERT ON ledger_sealed_salt FROM gerbang_gateway",
                "GRANT INSERT ON ledger_sealed_salt TO gerbang_gateway",
            ),
        };
        sql(&cast.world, revoke).await;
        let status = cast.try_roster(&cast.lapas).await.unwrap_err();
        assert_eq!(reason(&status), "INTERNAL_ERROR", "{table}");
        assert!(!format!("{status:?}").contains(&trainee(1).full_name));
        sql(&cast.world, grant).await;
    }
    assert_eq!(cast.world.entries().await.len(), before);
    cast.roster(&cast.lapas).await;
    assert_eq!(cast.world.entries().await.len(), before + 1);
}

/// No salt of a line about a trainee stands in clear, whoever wrote it.
#[tokio::test]
async fn salts_of_lines_about_trainees_are_sealed() {
    let cast = with_a_file().await;
    cast.roster(&cast.lapas).await;
    let clear = "SELECT count(*) FROM ledger_salt JOIN ledger_entry ON id = entry
                  WHERE position('RosterService'::bytea IN leaf) > 0";
    let clear = sqlx::query_scalar::<_, i64>(clear).fetch_one(&mut cast.world.owner().await).await.unwrap();
    assert_eq!(clear, 0);
    // Two nominated, two shown.
    assert!(sealed(&cast.world, 1).await.1 >= 4);
}

/// Activation and retirement are the owner's; a gateway begins a purpose that is not begun, and no more.
#[tokio::test]
async fn the_runtime_role_changes_no_key() {
    let world = World::start().await;
    let mut db = world.runtime().await;
    for statement in [
        "UPDATE vault_key SET state = 'RETIRED'",
        "DELETE FROM vault_key",
        "UPDATE ledger_sealed_salt SET sealed = sealed",
        "INSERT INTO vault_key VALUES ('SEAL', 2, sha256('x'), 'OUTGOING', '2026-03-02T00:00:00Z')",
        "INSERT INTO vault_key VALUES ('SEAL', 2, sha256('x'), 'RETIRED', '2026-03-02T00:00:00Z')",
    ] {
        let error = sqlx::query(statement).execute(&mut db).await.unwrap_err();
        assert_eq!(code(&error).as_deref(), Some("42501"), "{statement}: {error}");
    }
    let second = "INSERT INTO vault_key VALUES ('SEAL', 2, sha256('x'), 'ACTIVE', '2026-03-02T00:00:00Z')";
    let error = sqlx::query(second).execute(&mut db).await.unwrap_err();
    assert_eq!(code(&error).as_deref(), Some("23505"), "{error}");
}
