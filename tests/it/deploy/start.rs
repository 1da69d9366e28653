//! What must not start, and says why; nothing is lost by the try.

use gerbang::pki::secret::SecretKey;

use super::Deployment;
use crate::world::url;

const SIGNER: &str = "signer --config signer.toml";
const SERVE: &str = "serve --config gateway/gerbang.toml";

#[tokio::test]
async fn an_authority_is_founded_once() {
    let it = Deployment::prepare().await;
    let same = it.ca_init().replace("--root-out root", "--root-out ca/root");
    it.run(&same).await.refused(2, &["folder"]);
    it.write("root-passphrase", 0o600, "kata sandi penerbit\n");
    it.run(&it.ca_init()).await.refused(1, &["passphrase"]);
    it.write("root-passphrase", 0o644, "kata sandi akar sendiri\n");
    it.run(&it.ca_init()).await.refused(1, &["root-passphrase", "chmod 600"]);
    it.chmod("root-passphrase", 0o600);
    assert!(!it.path("ca").exists() && !it.path("root").exists(), "nothing was made");

    it.found().await;
    let key = it.read("root/root.key");
    it.run(&it.ca_init()).await.refused(6, &["AUTHORITY_EXISTS", "Akar"]);
    let elsewhere = it.ca_init().replace("--out ca --root-out root", "--out ca2 --root-out root2");
    it.run(&elsewhere).await.refused(6, &["AUTHORITY_EXISTS"]);
    assert!(!it.path("ca2").exists() && !it.path("root2").exists(), "no second authority");
    assert_eq!(it.read("root/root.key"), key);
    assert_eq!(it.count("SELECT count(*) FROM authority").await, 3);
}

#[tokio::test]
async fn a_signer_starts_with_guarded_keys_and_alone() {
    let mut it = Deployment::prepare().await;
    it.found().await;
    for file in ["passphrase", "ca/clients.key", "ca/gateways.key"] {
        it.chmod(file, 0o640);
        it.run(SIGNER).await.refused(1, &[file, "can be read by others", "chmod 600"]);
        it.chmod(file, 0o600);
    }
    it.write("passphrase", 0o600, "bukan kata sandinya\n");
    it.run(SIGNER).await.refused(1, &["clients.key", "passphrase"]);
    let doctor = it.run("doctor --signer-config signer.toml -o json").await;
    assert_eq!(doctor.code, Some(1));
    let found = doctor.json();
    assert!(
        found.as_array().unwrap().iter().any(|it| it["check"] == "issuing-keys" && it["level"] == "FAILED"),
        "{found}"
    );
    it.write("passphrase", 0o600, "kata sandi penerbit\n");
    it.start_signer().await;
    it.run(SIGNER).await.refused(1, &["Another signer is at work", "gerbang ca status"]);
    it.start_gateway().await;
    it.admin("ca status").await.ok();
}

#[tokio::test]
async fn a_gateway_starts_with_a_key_of_its_own() {
    let mut it = Deployment::start().await;
    it.gateway.take().unwrap().stop().await;
    it.chmod("gateway/gateway.key", 0o640);
    it.run(SERVE).await.refused(1, &["gateway.key", "chmod 600"]);
    it.chmod("gateway/gateway.key", 0o600);

    let own = it.read("gateway/gateway.key");
    for authority in ["clients", "gateways"] {
        let key = it.read(&format!("ca/{authority}.key"));
        let key = SecretKey::from_pem(&key, Some("kata sandi penerbit")).unwrap();
        it.write("gateway/gateway.key", 0o600, &key.to_pem());
        it.run(SERVE).await.refused(1, &["key of the authority", "Take it off this machine"]);
        let doctor = it.run("doctor --config gateway/gerbang.toml").await;
        assert!(doctor.code == Some(1) && doctor.out.contains("authority-keys"), "{}", doctor.out);
    }
    it.write("gateway/gateway.key", 0o600, &own);
    it.start_gateway().await;
    it.admin("whoami").await.ok();
}

/// A gateway that lacks the new sealing key serves on, and would not start again: its doctor says so while there is time.
#[tokio::test]
async fn a_gateway_without_the_new_sealing_key_is_told_before_it_is_stopped() {
    let it = Deployment::start().await;
    let doctor = async |wanted: &str| {
        let found = it.run("doctor --config gateway/gerbang.toml -o json").await.json();
        let line =
            found.as_array().unwrap().iter().find(|line| line["check"] == "vault-keys").unwrap().clone();
        assert_eq!(line["level"], wanted, "{line}");
        line["text"].as_str().unwrap().to_owned()
    };
    let copy = |from: &str, to: &str| std::fs::copy(it.path(from), it.path(to)).unwrap();
    let rotate = format!("vault rotate desk.toml --database-url {}", url("gerbang_owner", &it.database));
    assert!(doctor("OK").await.contains("the sealing keys 1; 1 seals"));
    copy("gateway/vault.toml", "desk.toml");
    it.run(&format!("{rotate} --prepare")).await.ok();
    assert!(doctor("OK").await.contains("the sealing keys 1; 1 seals"), "its own file, not the desk's");

    it.run(&format!("{rotate} --yes")).await.ok();
    let told = doctor("FAILED").await;
    assert!(told.contains("no SEAL key of version 2") && told.contains("Copy vault.toml"), "{told}");
    it.run(SERVE).await.refused(1, &["no SEAL key of version 2"]);
    copy("desk.toml", "gateway/vault.toml");
    assert!(doctor("OK").await.contains("the sealing keys 1, 2; 2 seals"));

    std::fs::remove_file(it.path("gateway/vault.toml")).unwrap();
    it.run("vault init gateway/vault.toml").await.ok();
    assert!(doctor("FAILED").await.contains("another booking key than this database was begun with"));
}

/// A name that the signer does not know is refused at the start, and in order once it does.
#[tokio::test]
async fn a_gateway_gets_no_name_that_the_signer_does_not_know() {
    let mut it = Deployment::prepare().await;
    it.found().await;
    it.start_signer().await;
    let right = it.read("gateway/gerbang.toml");
    it.write(
        "gateway/gerbang.toml",
        0o644,
        &right.replace("hosts = [\"localhost\"]", "hosts = [\"lain.example\"]"),
    );
    it.run(SERVE).await.refused(1, &["HOST_NOT_ALLOWED"]);
    it.write("gateway/gerbang.toml", 0o644, &right);
    it.start_gateway().await;
    it.admin("whoami").await.ok();
}
