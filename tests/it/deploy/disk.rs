//! A disk that is full: writes fail, nothing half-written stays, and the same command succeeds once there is room.

use super::Deployment;

/// No byte; a key, and no certificate.
const FULL: u32 = 0;
const NEARLY: u32 = 1;

#[tokio::test]
async fn a_request_is_made_whole_or_not_at_all() {
    let it = Deployment::prepare().await;
    let before = it.names("");
    let words = "cert request --key baru.key --out baru.csr";
    it.run_on_full_disk(FULL, words).await.refused(1, &["baru.key", "large"]);
    assert_eq!(it.names(""), before);
    // The key could be written, the request could not: alone it would be in the way.
    it.run(&words.replace("baru.csr", "tiada/baru.csr")).await.refused(1, &["tiada/baru.csr"]);
    assert_eq!(it.names(""), before);
    it.run(words).await.ok();
    it.run(words).await.refused(6, &["baru.key", "is there already"]);
}

#[tokio::test]
async fn a_ceremony_is_held_whole_or_not_at_all() {
    let it = Deployment::prepare().await;
    let before = it.names("");
    for kib in [FULL, NEARLY] {
        it.run_on_full_disk(kib, &it.ca_init()).await.refused(1, &["large"]);
        assert_eq!(it.names(""), before);
        assert_eq!(it.count("SELECT count(*) FROM authority").await, 0);
    }
    it.found().await;
}

/// The disk is full before the key is made, then when the certificate is there: each time the same command, with the
/// same token, goes on.
#[tokio::test]
async fn a_join_goes_on_with_the_same_token() {
    let it = Deployment::start().await;
    it.register("blk-kepri", "jadwal").await;
    it.invite("blk-kepri", "jadwal", "jadwal").await;
    let before = it.names("profiles");
    it.run_on_full_disk(FULL, &it.join("jadwal")).await.refused(1, &["jadwal.key.pending", "large"]);
    assert_eq!(it.names("profiles"), before);
    assert_eq!(
        it.count("SELECT count(*) FROM certificate_order WHERE key_id IS NOT NULL AND way = 'TOKEN'").await,
        0
    );

    it.run_on_full_disk(NEARLY, &it.join("jadwal")).await.refused(1, &["jadwal.pem", "large"]);
    let left: Vec<_> = it.names("profiles").into_iter().filter(|name| name.starts_with("jadwal")).collect();
    assert_eq!(left, ["jadwal.key", "jadwal.key.pending"]);
    assert_eq!(
        it.read("profiles/jadwal.key"),
        it.read("profiles/jadwal.key.pending").split_once('\n').unwrap().1
    );

    it.run(&it.join("jadwal")).await.ok();
    assert!(!it.path("profiles/jadwal.key.pending").exists());
    assert_eq!(it.count("SELECT count(*) FROM certificate WHERE agency = 'blk-kepri'").await, 1);
}

/// A token that cannot be written down is good for nothing, and stays nowhere.
#[tokio::test]
async fn an_invitation_that_cannot_be_kept_is_none() {
    let it = Deployment::start().await;
    it.register("blk-kepri", "jadwal").await;
    let invite = "--profile admin1 cert invite blk-kepri --system jadwal --token-file jadwal.token";
    it.run_on_full_disk(FULL, invite).await.refused(1, &["jadwal.token", "large"]);
    assert!(!it.path("jadwal.token").exists());
    assert_eq!(it.count("SELECT count(*) FROM certificate_order WHERE way = 'TOKEN'").await, 0);
    it.run(invite).await.ok();
    it.run(&it.join("jadwal")).await.ok();
}

/// A renewal that cannot be written leaves the profile as it was, and goes on.
#[tokio::test]
async fn a_renewal_goes_on_with_the_same_key() {
    let it = Deployment::start().await;
    it.partner("jadwal").await;
    let profile = it.read("profiles/jadwal.toml");
    for kib in [FULL, NEARLY] {
        it.run_on_full_disk(kib, "--profile jadwal cert renew").await.refused(1, &["large"]);
        assert_eq!(it.read("profiles/jadwal.toml"), profile);
        it.run("--profile jadwal whoami").await.ok();
    }
    it.run("--profile jadwal cert renew").await.ok();
    assert_eq!(it.count("SELECT count(*) FROM certificate WHERE agency = 'blk-kepri'").await, 2);
}
