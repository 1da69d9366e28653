//! What an administrator meets: the way back where none is left, a profile in place of a revoked one, an agency's names,
//! and the end of a system.

use super::Deployment;
use crate::world::url;

#[tokio::test]
async fn the_root_lets_administrators_in_where_none_is_left() {
    let it = Deployment::start().await;
    let serials = [it.serial("admin2").await, it.serial("admin1").await];
    for serial in serials {
        it.admin(&format!("cert revoke {serial} --break-glass --yes")).await.ok();
    }
    it.admin("agency list").await.refused(4, &["CERTIFICATE_REVOKED"]);
    for name in ["admin3", "admin4"] {
        let files = format!("--key profiles/{name}.key --out profiles/{name}.csr");
        it.run(&format!("cert request --system operator/{name} {files}")).await.ok();
        let admit = format!(
            "ca admit --csr profiles/{name}.csr --system operator/{name} --ceremony ceremony.toml --root ca/root.pem \
             --root-key root/root.key --root-passphrase-file root-passphrase --server {}:7443 --server-name localhost \
             --wait 3600 --database-url {}",
            it.host,
            url("gerbang_owner", &it.database)
        );
        let admitted = it.run(&admit).await.ok();
        assert!(admitted.err.contains(&format!("gerbang whoami --profile {name}")), "{}", admitted.err);
        let certificate = it.read(&format!("profiles/{name}.pem"));
        it.run(&admit).await.ok();
        assert_eq!(it.read(&format!("profiles/{name}.pem")), certificate, "the same again is the same");
        let who = it.run(&format!("--profile {name} whoami -o json")).await.ok().json();
        assert_eq!(who["role"], "ROLE_ADMINISTRATOR");
        it.run(&format!("doctor --profile {name}")).await.ok();
    }
    assert_eq!(it.count("SELECT count(*) FROM certificate_order WHERE way = 'CEREMONY'").await, 2);
    // A request that says whose it is leaves nothing to look at.
    assert_eq!(it.count("SELECT count(*) FROM certificate_order WHERE ignored <> '{}'").await, 0);
    // The two of them do what takes two, and each is told what comes next.
    let register = "--profile admin3 agency register-system operator/admin5 --role administrator";
    let registered = it.run(register).await.ok();
    assert!(registered.err.contains("gerbang agency approve-system operator/admin5"), "{}", registered.err);
    let approved = it.run("--profile admin4 agency approve-system operator/admin5").await.ok();
    assert!(approved.err.contains("gerbang cert request --system operator/admin5"), "{}", approved.err);
}

#[tokio::test]
async fn a_revoked_profile_is_replaced_and_a_retired_system_is_not() {
    let it = Deployment::start().await;
    it.partner("jadwal").await;
    let serial = it.serial("jadwal").await;
    it.invite("blk-kepri", "jadwal", "lagi").await;
    let again = it.join("lagi").replace("--name lagi", "--name jadwal");
    it.run(&again).await.refused(6, &["is there already", "--replace"]);
    it.admin(&format!("cert revoke {serial} --yes")).await.ok();
    let joined = it.run(&again).await.ok();
    assert!(joined.err.contains("gerbang cert renew --daemon --profile jadwal"), "{}", joined.err);
    // What it prints for curl can be typed, and answers as `gerbang whoami` does.
    let (_, rest) = joined.err.split_once("by any HTTP client:\n").unwrap();
    let (line, _) = rest.split_once("WhoAmI\n").unwrap();
    let told = it.shell(&format!("{line}WhoAmI")).await.ok().json();
    assert_eq!(told["system"], it.run("--profile jadwal whoami -o json").await.ok().json()["system"]);
    let names = it.names("profiles");
    let aside = names.iter().find(|name| name.starts_with("jadwal.replaced-")).unwrap();
    assert!(joined.err.contains(aside.as_str()), "{}", joined.err);
    assert_eq!(
        it.names(&format!("profiles/{aside}")),
        ["jadwal.ca.pem", "jadwal.key", "jadwal.pem", "jadwal.toml"]
    );
    assert_ne!(it.serial("jadwal").await, serial);
    // A try that comes to nothing leaves nothing behind.
    let late = it.join("lagi").replace("--name lagi", "--name lain");
    it.run(&late).await.refused(4, &["TOKEN_ALREADY_USED"]);
    assert!(!it.names("profiles").iter().any(|name| name.starts_with("lain")));

    let system = it.admin("agency system blk-kepri/jadwal").await.ok();
    for word in ["IN USE", "PARTNER", "REVOKED", "VALID", "No open requests"] {
        assert!(system.out.contains(word), "{word}: {}", system.out);
    }
    let own = it.run("--profile jadwal agency system jadwal").await.ok();
    assert!(own.out.contains("IN USE"), "{}", own.out);
    it.admin("agency retire-system blk-kepri/jadwal").await.refused(2, &["1 certificates", "--yes"]);
    it.run("--profile jadwal whoami").await.ok();
    it.admin("agency retire-system blk-kepri/jadwal --yes --note Diganti").await.ok();
    it.run("--profile jadwal whoami").await.refused(4, &["CERTIFICATE_NOT_REGISTERED"]);
    let retired = it.admin("agency system blk-kepri/jadwal").await.ok();
    assert!(retired.out.contains("RETIRED") && !retired.out.contains("VALID"), "{}", retired.out);
    it.admin("cert invite blk-kepri/jadwal").await.refused(1, &["retired for good"]);

    it.admin("agency register-system blk-kepri/jadwal --role partner").await.refused(6, &["SYSTEM_RETIRED"]);
    it.admin("cert list --agency blk-kepr").await.refused(5, &["NOT_FOUND"]);

    let renamed = it.admin("agency rename blk-kepri BPVP --from tomorrow").await.ok();
    assert!(renamed.err.contains("as they will be") && renamed.err.contains("BPVP"), "{}", renamed.err);
    it.admin("agency rename blk-kepri Balai --from yesterday")
        .await
        .refused(2, &["as they will be", "--yes"]);
    let dry = it.admin("agency rename blk-kepri Balai --from yesterday --dry-run").await.ok();
    assert!(dry.err.contains("Balai"), "{}", dry.err);
    it.admin("agency rename blk-kepri BPVP --from 2026-01-01T00:00:00Z").await.refused(2, &["a day"]);
    let shown = it.admin("agency show blk-kepri").await.ok();
    for word in ["BPVP", "(today)", "blk-kepri/jadwal", "RETIRED", "0 of 2"] {
        assert!(shown.out.contains(word), "{word}: {}", shown.out);
    }
}
