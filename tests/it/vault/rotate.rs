//! The sealing key is changed: step by step, killed in between, by the command, while gateways serve.

use gerbang::{
    server::outside::SystemEntropy,
    vault::{KeyUse, VaultKeys},
};

use super::{activate_next, rotation, sealed, second, sql, with_a_file};
use crate::{
    cast::{Cast, nominate},
    world::url,
};

const MANY: i64 = 1_200;

/// Salts beside those of the roster, enough for several batches, sealed as `version` seals them.
async fn many_salts(cast: &Cast, version: i32) {
    use gerbang::vault::{Place, Purpose};
    let mut owner = cast.world.owner().await;
    let entry = sqlx::query_scalar::<_, uuid::Uuid>("SELECT entry FROM ledger_sealed_salt LIMIT 1");
    let entry = entry.fetch_one(&mut owner).await.unwrap();
    let lines: Vec<i32> = (1_000..).take(usize::try_from(MANY).unwrap()).collect();
    let sealed = lines.iter().map(|line| {
        let row = [entry.as_bytes().as_slice(), &line.to_be_bytes()].concat();
        let place = Place { purpose: Purpose::LedgerSalt, row: &row };
        cast.world.keys.seal(version, &place, &[7; 16], &SystemEntropy).unwrap()
    });
    let sealed: Vec<_> = sealed.collect();
    let insert = "INSERT INTO ledger_sealed_salt (entry, line, key_version, sealed)
                  SELECT $1, line, $2, sealed FROM unnest($3::int4[], $4::bytea[]) AS s (line, sealed)";
    let insert = sqlx::query(insert).bind(entry).bind(version).bind(&lines).bind(&sealed);
    insert.execute(&mut owner).await.unwrap();
}

/// Takes them away again: they are of no line, which the audit would find.
async fn no_more(cast: &Cast) {
    let gone = sqlx::query("DELETE FROM ledger_sealed_salt WHERE line >= 1000");
    let gone = gone.execute(&mut cast.world.owner().await).await.unwrap().rows_affected();
    assert_eq!(i64::try_from(gone).unwrap(), MANY);
}

/// What nobody but the vault may see of a trainee's row.
async fn versions_and_feed(cast: &Cast) -> (Vec<(uuid::Uuid, i64)>, usize) {
    let mut owner = cast.world.owner().await;
    let versions = sqlx::query_as("SELECT id, version FROM trainee ORDER BY id");
    (versions.fetch_all(&mut owner).await.unwrap(), cast.world.entries().await.len())
}

/// Every step is a new process that knows nothing of the one before, and each is taken twice.
#[tokio::test]
async fn a_rotation_goes_on_wherever_it_was_killed() {
    let cast = with_a_file().await;
    many_salts(&cast, 1).await;
    let world = &cast.world;
    let file = &world.config.vault;
    let before = versions_and_feed(&cast).await;
    let waiting = sealed(world, 1).await;
    for _ in 0..2 {
        let (rotation, keys) = rotation(world);
        assert_eq!(rotation.status().await.unwrap().active, 1);
        assert_eq!(keys.add_seal_key(file, 1, &SystemEntropy).unwrap(), 2);
    }
    for _ in 0..2 {
        rotation(world).0.activate(2).await.unwrap();
        assert!(rotation(world).0.activate(1).await.is_err(), "never back");
        let status = rotation(world).0.status().await.unwrap();
        assert_eq!((status.active, status.outgoing, status.waiting), (2, vec![1], waiting.0 + waiting.1));
    }
    // The next cannot begin before this one has ended.
    VaultKeys::load(file).unwrap().add_seal_key(file, 2, &SystemEntropy).unwrap();
    assert!(rotation(world).0.activate(3).await.is_err());
    let mut batches = 0;
    while rotation(world).0.reseal().await.unwrap() > 0 {
        batches += 1;
        let early = rotation(world).0.retire().await.unwrap();
        assert_eq!(early.is_empty(), sealed(world, 1).await != (0, 0), "not before the last row");
    }
    assert!(batches > 3, "{batches}");
    assert_eq!(rotation(world).0.retire().await.unwrap(), [0; 0], "it is retired already");
    assert_eq!(sealed(world, 2).await, waiting);
    let status = rotation(world).0.status().await.unwrap();
    assert_eq!((status.active, status.outgoing, status.retired), (2, vec![], vec![1]));
    let after = versions_and_feed(&cast).await;
    assert_eq!(
        (after.0, after.1),
        (before.0, before.1 + 2),
        "no version has moved, and two entries tell of keys"
    );
    let entries = world.all_entries().await;
    let told: Vec<_> = entries.iter().filter(|entry| entry.method.starts_with("owner/vault.")).collect();
    let lines = |entry: &gerbang::ledger::Entry| {
        let line = |line: &gerbang::ledger::Line| format!("{}@{}", line.resource, line.version);
        entry.lines.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(told.len(), 2);
    assert_eq!(lines(told[0]), ["vaultKeys/seal.1@2", "vaultKeys/seal.2@1"], "activated");
    assert_eq!(lines(told[1]), ["vaultKeys/seal.1@3"], "retired");
    no_more(&cast).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_key_changes_while_two_gateways_serve() {
    let cast = with_a_file().await;
    many_salts(&cast, 1).await;
    let (_second, other) = second(&cast).await;
    let before = cast.roster(&cast.lapas).await.enrolments;
    activate_next(&cast.world).await;
    let rotating = async {
        let (rotation, _) = rotation(&cast.world);
        while rotation.reseal().await.unwrap() > 0 {}
        rotation.retire().await.unwrap()
    };
    // Both gateways read the file again by themselves, and go on in between: reads, and writes of new rows.
    let serving = async {
        for number in [3, 5, 7] {
            cast.nominate(&[number]).await;
            other.roster().nominate_trainees(nominate(&[number + 1])).await.unwrap();
            cast.roster(&other).await;
            cast.roster(&cast.blk).await;
        }
    };
    let (retired, ()) = tokio::join!(rotating, serving);
    assert_eq!(retired, [1]);
    assert_eq!(sealed(&cast.world, 1).await, (0, 0));
    assert_eq!(sealed(&cast.world, 2).await.0, 8);
    let after = cast.roster(&cast.lapas).await.enrolments;
    assert_eq!(after[..2], before[..], "neither names nor etags have moved");

    let file = &cast.world.config.vault;
    assert_eq!(VaultKeys::remove_seal_keys(file, &[1]).unwrap(), [1]);
    let (_third, third) = second(&cast).await;
    assert_eq!(cast.roster(&third).await.enrolments, after, "the old key is needed nowhere");
    no_more(&cast).await;
}

/// A transaction that seals holds the version that it read: activation waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn activation_waits_for_who_seals() {
    let cast = with_a_file().await;
    let mut sealing = cast.world.runtime().await;
    let lock = "BEGIN; SELECT pg_advisory_xact_lock_shared(5, 0)";
    sqlx::raw_sql(lock).execute(&mut sealing).await.unwrap();
    let (rotation, keys) = rotation(&cast.world);
    keys.add_seal_key(&cast.world.config.vault, 1, &SystemEntropy).unwrap();
    let activating = tokio::spawn(async move { rotation.activate(2).await });
    crate::failure::until_waiting(&cast.world, "advisory", 1).await;
    let active = "SELECT version FROM vault_key WHERE purpose = 'SEAL' AND state = 'ACTIVE'";
    let active = sqlx::query_scalar::<_, i32>(active).fetch_one(&mut cast.world.owner().await).await.unwrap();
    assert_eq!(active, 1);
    sqlx::raw_sql("COMMIT").execute(&mut sealing).await.unwrap();
    activating.await.unwrap().unwrap();
}

/// The row that stops a rotation is named, by nothing that tells of the person.
#[tokio::test]
async fn a_damaged_row_stops_the_rotation_and_is_named() {
    let cast = with_a_file().await;
    activate_next(&cast.world).await;
    cast.world.tampers();
    sql(&cast.world, "UPDATE trainee SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)").await;
    let error = rotation(&cast.world).0.reseal().await.unwrap_err().to_string();
    let ids = sqlx::query_scalar::<_, uuid::Uuid>("SELECT id FROM trainee");
    let ids = ids.fetch_all(&mut cast.world.owner().await).await.unwrap();
    assert!(ids.iter().any(|id| error.contains(&format!("trainee {id}"))), "{error}");
    assert!(rotation(&cast.world).0.retire().await.unwrap().is_empty());
}

/// A rotation with another database's file would seal what no gateway can open.
#[tokio::test]
async fn a_foreign_file_rotates_nothing() {
    let cast = with_a_file().await;
    let file = cast.world.folder.join("foreign.toml");
    VaultKeys::generate(&SystemEntropy).write_new(&file).unwrap();
    let said = run(&cast, &file, &["--yes"], false);
    assert!(said.contains("another booking key"), "{said}");
    assert_eq!(VaultKeys::load(&file).unwrap().newest(KeyUse::Seal), 1, "nor is the file changed");
    assert_eq!(sealed(&cast.world, 1).await.0, 2);
}

fn run(cast: &Cast, file: &std::path::Path, more: &[&str], works: bool) -> String {
    let url = url("gerbang_owner", &cast.world.database);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gerbang"));
    command.args(["vault", "rotate"]).arg(file).args(["--database-url", &url]);
    let done = command.args(more).env("LC_ALL", "C").output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.success(), works, "{said}");
    said
}

#[tokio::test]
async fn the_command_changes_the_key_and_says_so() {
    let cast = with_a_file().await;
    let file = &cast.world.config.vault;
    assert!(run(&cast, file, &["--destroy-retired"], true).contains("no retired key"));
    for _ in 0..2 {
        assert!(run(&cast, file, &["--prepare"], true).contains("has the sealing key of version 2"));
    }
    let said = run(&cast, file, &[], false);
    assert!(
        said.contains("Does every gateway's machine hold version 2?") && said.contains("--yes"),
        "{said}"
    );
    assert_eq!(sealed(&cast.world, 1).await.0, 2, "nobody said that the others have it");
    let said = run(&cast, file, &["--yes"], true);
    assert!(said.contains("Version 2 is active") && said.contains("Version 1 is retired"), "{said}");
    assert!(!said.contains("has a new sealing key"), "it was prepared: {said}");
    let said = run(&cast, file, &["--destroy-retired"], false);
    assert!(said.contains("Destroy version 1 for ever?") && said.contains("--yes"), "{said}");
    assert_eq!(VaultKeys::load(file).unwrap().versions(KeyUse::Seal), [1, 2]);
    let said = run(&cast, file, &["--destroy-retired", "--yes"], true);
    assert!(said.contains("Version 1 is gone"), "{said}");
    assert_eq!(VaultKeys::load(file).unwrap().versions(KeyUse::Seal), [2]);
    assert_eq!(cast.roster(&cast.lapas).await.enrolments.len(), 2);

    // Without preparation; then, as after a kill, resumed, which asks nothing.
    let said = run(&cast, file, &["--yes"], true);
    assert!(
        said.contains("has a new sealing key, version 3") && said.contains("Version 3 is active"),
        "{said}"
    );
    activate_next(&cast.world).await;
    let said = run(&cast, file, &[], true);
    assert!(said.contains("A rotation to version 4 is under way"), "{said}");
    assert_eq!(sealed(&cast.world, 4).await.0, 2);
    let refused = run(&cast, file, &["--prepare", "--destroy-retired"], false);
    assert!(refused.contains("cannot be used with"), "{refused}");
}

/// Who is erased has nothing that could be sealed again.
#[tokio::test]
async fn a_rotation_passes_over_whom_nothing_is_known_of() {
    let cast = with_a_file().await;
    let world = &cast.world;
    assert_eq!(crate::roster::retention::turns(world, "2029-01-01T00:00:00Z").await.0, 2);
    cast.lapas.roster().nominate_trainees(nominate(&[3])).await.unwrap();
    activate_next(world).await;
    while rotation(world).0.reseal().await.unwrap() > 0 {}
    assert_eq!(rotation(world).0.retire().await.unwrap(), [1]);
    let status = rotation(world).0.status().await.unwrap();
    assert_eq!((status.active, status.outgoing, status.waiting), (2, vec![], 0));
}
