//! From nothing to a revoked certificate, every step typed.

use super::{Deployment, filled};

#[tokio::test]
async fn an_operator_founds_serves_invites_renews_and_revokes() {
    let mut it = Deployment::prepare().await;
    // Without the signer nobody has a certificate, and without a ceremony there is no signer.
    it.found().await;
    for (folder, names) in [
        (
            "ca",
            &[
                "administrator-admin1.pem",
                "administrator-admin2.pem",
                "clients.key",
                "clients.pem",
                "gateways.key",
                "gateways.pem",
                "root.crl.pem",
                "root.pem",
                "transcript.txt",
            ][..],
        ),
        ("root", &["root.key", "root.pem"]),
    ] {
        assert_eq!(it.names(folder), names);
    }
    for key in ["ca/clients.key", "ca/gateways.key", "root/root.key"] {
        assert!(it.read(key).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{key}");
        assert_eq!(it.mode(key), 0o600, "{key}");
    }
    it.start_signer().await;
    it.start_gateway().await;
    assert_eq!(it.mode("gateway/gateway.key"), 0o600);
    let who = it.admin("whoami -o json").await.ok().json();
    assert_eq!(
        (who["system"].as_str(), who["role"].as_str()),
        (Some("agencies/operator/systems/admin1"), Some("ROLE_ADMINISTRATOR"))
    );

    it.register("blk-kepri", "jadwal").await;
    let order = it.invite("blk-kepri", "jadwal", "jadwal").await;
    assert_eq!(it.mode("jadwal.token"), 0o600);
    let token = it.read("jadwal.token");
    let joined = it.run(&it.join("jadwal")).await.ok();
    assert!(joined.out.contains("agencies/blk-kepri/systems/jadwal") && !joined.err.contains(token.trim()));
    assert_eq!(it.mode("profiles/jadwal.key"), 0o600);
    let serial = it.serial("jadwal").await;

    let shown = it.run(&format!("--profile jadwal cert show {serial} -o json")).await.ok().json();
    assert_eq!(shown["certificate"]["state"], "CERTIFICATE_STATE_VALID");
    let listed = it.admin("cert list --agency blk-kepri -o json").await.ok().json();
    assert_eq!(listed[0]["name"], format!("certificates/{serial}"));
    let expiring = it.admin("cert list --expiring 30d -o json").await.ok().json();
    assert_eq!(expiring.as_array().map(Vec::len), Some(0), "{expiring}");
    let orders = it.admin("cert requests --agency blk-kepri").await.ok().out;
    assert!(orders.contains(&order) && orders.contains(&serial), "{orders}");

    let renewed = it.run("--profile jadwal cert renew -o json").await.ok().json();
    let next = it.serial("jadwal").await;
    assert_eq!(renewed["serial"].as_str(), Some(next.as_str()));
    assert_ne!(next, serial);
    let shown = it.admin(&format!("cert show {next}")).await.ok().out;
    assert!(shown.contains(&serial), "what it renewed is shown: {shown}");

    status_and_doctor(&it).await;

    // Nobody sits at the terminal: without --yes nothing happens, and an unknown serial is none.
    it.admin(&format!("cert revoke {next}")).await.refused(2, &["--yes"]);
    it.run("--profile jadwal whoami").await.ok();
    it.admin("cert revoke 00ff --yes").await.refused(5, &["NOT_FOUND"]);
    let revoke = format!("cert revoke {next} --reason key-compromise --yes");
    let revoked = it.admin(&format!("{revoke} -o json")).await.ok().json();
    assert!(revoked["certificates"][0]["name"].as_str().unwrap().ends_with(&next), "{revoked}");
    it.run("--profile jadwal whoami").await.refused(4, &["CERTIFICATE_REVOKED"]);
    let again = it.admin(&revoke).await.ok();
    assert!(again.err.contains("revoked before: 1"), "{}", again.err);
    it.run("doctor --profile jadwal").await.refused(1, &[]);
    it.admin("cert revoke --agency blk-kepri --yes").await.ok();
}

/// Roles that take two come by a request: a token would name no key that both could sign for.
#[tokio::test]
async fn a_prison_comes_by_a_request_that_both_administrators_approve() {
    let it = Deployment::start().await;
    it.write(
        "lapas.json",
        0o644,
        &super::files::AGENCY
            .replace("CODE", "lapas-tpi")
            .replace("AGENCY_KIND_VOCATIONAL_TRAINING_CENTRE", "AGENCY_KIND_PRISON"),
    );
    it.admin("agency create lapas.json").await.ok();
    it.admin("agency register-system lapas-tpi sdp --role prison").await.ok();
    it.run("--profile admin2 agency approve-system lapas-tpi/sdp").await.ok();
    let invite = "cert invite lapas-tpi --system sdp --token-file sdp.token";
    it.admin(invite).await.refused(1, &["PRISON", "gerbang cert request", "cert approve system.csr"]);
    assert!(!it.path("sdp.token").exists());

    it.run("cert request --key lapas/sdp.key --out lapas/sdp.csr").await.refused(1, &["sdp.key"]);
    std::fs::create_dir(it.path("lapas")).unwrap();
    it.run("cert request --key lapas/sdp.key --out lapas/sdp.csr").await.ok();
    let first = it.admin("cert approve lapas/sdp.csr --system lapas-tpi/sdp --yes -o json").await.ok();
    let order = first.json()["change"]["name"].as_str().unwrap().replace("certificateOrders/", "");
    assert!(first.err.contains(&format!("gerbang cert approve {order}")), "{}", first.err);
    // The same file again is the same request, and what is signed is signed.
    let again = it.admin("cert approve lapas/sdp.csr --system lapas-tpi/sdp --yes").await.ok();
    assert!(again.err.contains("signed") && again.out.contains(&order), "{}{}", again.out, again.err);
    let collect = format!("cert collect {order} --out lapas/sdp.pem --with-profile");
    it.admin(&collect)
        .await
        .refused(1, &["1 of 2 administrators have signed", &format!("gerbang cert approve {order}")]);
    let second =
        it.run("--profile admin2 cert approve lapas/sdp.csr --system lapas-tpi/sdp --yes").await.ok();
    assert!(!second.err.contains("second administrator"), "{}", second.err);
    it.until(&collect).await;
    assert_eq!(it.names("lapas"), ["sdp.ca.pem", "sdp.csr", "sdp.key", "sdp.pem", "sdp.toml"]);
    // What was brought to the system's machine, and its key, make a profile there.
    std::fs::rename(it.path("lapas"), it.path("profiles/brought")).unwrap();
    for file in it.names("profiles/brought") {
        std::fs::rename(it.path(&format!("profiles/brought/{file}")), it.path(&format!("profiles/{file}")))
            .unwrap();
    }
    let who = it.run("--profile sdp whoami -o json").await.ok().json();
    assert_eq!(who["role"], "ROLE_PRISON");
}

/// Everything is as it must be; a key that others can read is not.
async fn status_and_doctor(it: &Deployment) {
    let status = it.admin("ca status -o json").await.ok().json();
    assert_eq!(
        (status["authorities"].as_array().map(Vec::len), &status["administrators"]),
        (Some(3), &2.into())
    );
    it.admin("ca status").await.ok();
    let watch = filled::watch(&std::env::var("GERBANG_TEST_SOCKET").unwrap(), filled::WATCH).await;
    for words in ["--config gateway/gerbang.toml", "--signer-config signer.toml", "--profile jadwal"] {
        let table = it.run(&format!("doctor {words}")).await.ok();
        assert!(table.out.contains("✓ ok") && !table.out.contains('✗'), "{}", table.out);
        let found = it.run(&format!("doctor {words} -o json")).await.ok().json();
        let found = found.as_array().unwrap();
        assert!(!found.is_empty() && found.iter().all(|line| line["level"] == "OK"), "{words}: {found:?}");
        let bounds =
            found.iter().filter(|line| line["check"].as_str().unwrap().starts_with("database-")).count();
        assert_eq!(bounds, if words.contains("config") { 2 } else { 0 }, "{words}: {found:?}");
    }
    watch.kill().await;
    it.run("doctor").await.refused(2, &["--signer-config"]);
    it.chmod("gateway/gateway.key", 0o644);
    let open = it.run("doctor --config gateway/gerbang.toml").await;
    assert_eq!(open.code, Some(1));
    assert!(open.out.contains("✗ failed") && open.out.contains("chmod 600"), "{}", open.out);
    it.chmod("gateway/gateway.key", 0o600);
}
