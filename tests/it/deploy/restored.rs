//! Yesterday's backup: what was issued since opens nothing, and whoever looks is told.

use gerbang::pki::{certificate, crl};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::Deployment;
use crate::world::url;

#[tokio::test]
async fn what_a_restored_database_does_not_know_is_refused_and_told_of() {
    let mut it = Deployment::start().await;
    it.partner("lama").await;
    it.register("blk-kepri", "baru").await;
    it.invite("blk-kepri", "baru", "baru").await;
    // A copy takes a database that nobody is connected to.
    it.stop().await;
    let backup = format!("{}_kemarin", it.database);
    let copy = format!("CREATE DATABASE {backup} TEMPLATE {} STRATEGY FILE_COPY", it.database);
    let mut maintenance = PgConnection::connect(&url("gerbang_owner", "postgres")).await.unwrap();
    sqlx::query(AssertSqlSafe(copy)).execute(&mut maintenance).await.unwrap();

    it.start_signer().await;
    it.start_gateway().await;
    it.run(&it.join("baru")).await.ok();
    it.run("--profile baru whoami").await.ok();
    let doctor = it.run("doctor --signer-config signer.toml").await.ok();
    assert!(doctor.out.contains("all that the signer remembers"), "{}", doctor.out);
    it.stop().await;

    it.configure(&backup);
    it.start_gateway().await;
    // What the signer is about to issue must not make up for what is missing.
    it.run("cert request --key lama.key --out lama.csr").await.ok();
    let approve = "--profile admin1 cert approve lama.csr --system blk-kepri/lama --yes";
    it.run(approve).await.ok();
    it.start_signer().await;
    it.run("--profile baru whoami").await.refused(4, &["CERTIFICATE_NOT_REGISTERED", "invitation"]);
    it.run("--profile lama whoami").await.ok();
    let signer = it.signer.as_mut().unwrap();
    assert!(signer.says("was it restored from a backup?").await, "{}", signer.log());
    assert!(it.read("mark.toml").contains("restored_at"), "{}", it.read("mark.toml"));
    let doctor = it.run("doctor --signer-config signer.toml -o json").await;
    assert_eq!(doctor.code, Some(1));
    let found = doctor.json();
    let mark = found.as_array().unwrap().iter().find(|line| line["check"] == "mark").unwrap();
    assert!(mark["level"] == "FAILED" && mark["text"].as_str().unwrap().contains("restored"), "{mark}");

    // The token was not used in yesterday's database: its holder joins anew, under another name.
    let anew = it.join("baru").replace("--name baru", "--name baru2");
    it.run(&anew).await.ok();
    it.run("--profile baru2 whoami").await.ok();
}

/// A restored database has forgotten a revocation: gateways refuse what their own list names, and the signer puts back what
/// its last lists name before it signs anything.
#[tokio::test]
async fn a_revocation_that_a_restored_database_has_forgotten_holds_and_comes_back() {
    let mut it = Deployment::start().await;
    it.partner("lama").await;
    it.partner("sehat").await;
    let serial = it.serial("lama").await;
    it.stop().await;
    let backup = format!("{}_kemarin", it.database);
    let copy = format!("CREATE DATABASE {backup} TEMPLATE {} STRATEGY FILE_COPY", it.database);
    let mut maintenance = PgConnection::connect(&url("gerbang_owner", "postgres")).await.unwrap();
    sqlx::query(AssertSqlSafe(copy)).execute(&mut maintenance).await.unwrap();

    std::fs::create_dir(it.path("gateway/trust")).unwrap();
    it.write("gateway/gerbang.toml", 0o644, &with_trust_folder(&it.gateways_text(&it.database, 7443)));
    it.start_signer().await;
    it.start_gateway().await;
    it.admin(&format!("cert revoke {serial} --reason key-compromise --yes")).await.ok();
    while !it.path("gateway/trust/clients.crl.pem").exists()
        || !named(&it, &serial, "gateway/trust/clients.crl.pem")
    {
        tokio::task::yield_now().await;
    }
    while !it.path("mark.toml.clients.crl.pem").exists() || !named(&it, &serial, "mark.toml.clients.crl.pem")
    {
        tokio::task::yield_now().await;
    }
    it.stop().await;

    it.configure(&backup);
    it.write("gateway/gerbang.toml", 0o644, &with_trust_folder(&it.gateways_text(&backup, 7443)));
    it.start_gateway().await;
    it.run("--profile lama whoami").await.refused(4, &["CERTIFICATE_REVOKED"]);
    it.run("--profile sehat whoami").await.ok();
    assert!(
        named(&it, &serial, "gateway/trust/clients.crl.pem"),
        "an older list does not take a newer one's place"
    );

    // A gateway that has no list of its own lets it in, until the signer comes.
    it.gateway.take().unwrap().stop().await;
    it.write("gateway/gerbang.toml", 0o644, &it.gateways_text(&backup, 7443));
    it.start_gateway().await;
    it.run("--profile lama whoami").await.ok();
    it.start_signer().await;
    let signer = it.signer.as_mut().unwrap();
    assert!(signer.says("is put back").await, "{}", signer.log());
    it.run("--profile lama whoami").await.refused(4, &["CERTIFICATE_REVOKED"]);
    assert!(named(&it, &serial, "mark.toml.clients.crl.pem"));
    let mut restored = PgConnection::connect(&url("gerbang_owner", &backup)).await.unwrap();
    let barred = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM barred_key");
    assert_eq!(barred.fetch_one(&mut restored).await.unwrap(), 1);
}

fn with_trust_folder(config: &str) -> String {
    format!("trust_folder = \"trust\"\n{config}")
}

/// Whether the list in a file names the certificate.
fn named(it: &Deployment, serial: &str, file: &str) -> bool {
    let list = crl::from_pem(it.read(file).as_bytes()).unwrap();
    let authority = certificate::chain(&it.read("ca/clients.pem")).unwrap().remove(0);
    let entries = crl::read(&list, &authority).unwrap().entries;
    entries.iter().any(|entry| hex::encode(&entry.serial) == serial)
}
