//! The key file at start: missing, foreign, open to others, of the previous version; and who may make one.

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use gerbang::{
    exchange::Exchange,
    server::outside::SystemEntropy,
    store::Database,
    vault::{KeyFileError, KeyUse, VaultKeys},
};

use super::{refused, sql, start};
use crate::world::{World, url};

/// Rewrites a key file as the previous landing wrote it.
fn make_old(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let old = text.split("[[seal]]").next().unwrap().replacen("version = 2", "version = 1", 1);
    std::fs::write(file, old).unwrap();
}

fn init(file: &Path, url: Option<&str>) -> (bool, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gerbang"));
    command.args(["vault", "init"]).arg(file).env("LC_ALL", "C");
    url.map(|url| command.args(["--database-url", url]));
    let done = command.output().unwrap();
    (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
}

/// A database of the previous landing has its three check values, and knows no key with versions.
#[tokio::test]
async fn what_the_previous_landing_left_is_refused_then_upgraded_and_served() {
    let mut world = World::start().await;
    world.stop().await;
    world.tampers();
    sql(&world, "DELETE FROM vault_key").await;
    let file = world.config.vault.clone();
    world.keys.write_new(&file).unwrap();
    make_old(&file);
    let Err(old) = VaultKeys::load(&file) else { panic!("it was read") };
    assert!(matches!(old, KeyFileError::OldVersion(_)) && old.to_string().contains("gerbang vault init"));
    let owner = url("gerbang_owner", &world.database);
    let (upgraded, said) = init(&file, Some(&owner));
    assert!(upgraded && said.contains("keeps its keys"), "{said}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let keys = VaultKeys::load(&file).unwrap();
    assert_eq!(keys.check_values(), world.keys.check_values(), "the keys that it had are kept");
    start(&world).await.unwrap().shutdown(std::time::Duration::ZERO).await;
    let (again, said) = init(&file, None);
    assert!(!again && said.contains("never overwritten"), "{said}");
}

#[tokio::test]
async fn keys_are_never_made_for_a_database_that_knows_some() {
    let world = World::start().await;
    let owner = url("gerbang_owner", &world.database);
    let file = world.folder.join("new.toml");
    let (made, said) = init(&file, Some(&owner));
    assert!(!made && said.contains("has its keys already"), "{said}");
    assert!(!file.exists());
    world.keys.write_new(&file).unwrap();
    make_old(&file);
    let before = std::fs::read(&file).unwrap();
    let (upgraded, said) = init(&file, Some(&owner));
    assert!(!upgraded && said.contains("has its keys already"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    // A file that others can read is no file to upgrade.
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let (upgraded, said) = init(&file, None);
    assert!(!upgraded && said.contains("chmod 600"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn a_gateway_does_not_start_with_another_key_of_either_purpose() {
    let mut world = World::start().await;
    world.stop().await;
    let file = &world.config.vault;
    world.keys.write_new(file).unwrap();
    let good = std::fs::read_to_string(file).unwrap();
    start(&world).await.unwrap().shutdown(std::time::Duration::ZERO).await;
    for (section, what) in
        [("[[seal]]", "another SEAL key of version 1"), ("[[digest]]", "another DIGEST key of version 1")]
    {
        let (before, after) = good.split_once(section).unwrap();
        let (_, rest) = after.split_once("key = \"").unwrap();
        let digits = &rest[..64];
        let other = format!("{before}{section}{}", after.replacen(digits, &"5".repeat(64), 1));
        std::fs::write(file, other).unwrap();
        let said = refused(&world).await;
        assert!(said.contains(what) && !said.contains("5555"), "{said}");
    }
    // A version that the database does not know may wait in the file.
    std::fs::write(file, &good).unwrap();
    VaultKeys::load(file).unwrap().add_seal_key(file, 1, &SystemEntropy).unwrap();
    start(&world).await.unwrap().shutdown(std::time::Duration::ZERO).await;
}

/// Of two gateways that begin a database at once with files of their own, one is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_that_begin_a_database_at_once_agree() {
    let mut world = World::start().await;
    world.stop().await;
    world.tampers();
    for round in 0..5 {
        sql(&world, "DELETE FROM vault_key").await;
        sql(&world, "DELETE FROM vault_check").await;
        let exchange = |keys: Arc<VaultKeys>| {
            let outside = gerbang::exchange::Outside { keys, ..world.outside() };
            Exchange::new(Database::open(&world.config.database_url, 1).unwrap(), outside)
        };
        let [one, other] = [(); 2].map(|()| Arc::new(VaultKeys::generate(&SystemEntropy)));
        let (first, second) = (exchange(one.clone()), exchange(other));
        let begun = tokio::join!(first.check_keys(), second.check_keys());
        assert!(begun.0.is_ok() != begun.1.is_ok(), "{round}: {begun:?}");
        let stored = "SELECT check_value FROM vault_key WHERE purpose = 'SEAL'";
        let stored: Vec<Vec<u8>> =
            sqlx::query_scalar(stored).fetch_all(&mut world.owner().await).await.unwrap();
        let is_first = stored == [one.check_value(KeyUse::Seal, 1).unwrap().to_vec()];
        assert_eq!(is_first, begun.0.is_ok());
        let beside = exchange(one);
        let same = tokio::join!(first.check_keys(), beside.check_keys());
        assert_eq!(same.0.is_ok(), same.1.is_ok());
    }
}
