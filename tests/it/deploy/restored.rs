//! Yesterday's backup: what was issued since opens nothing, and whoever looks is told.

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
