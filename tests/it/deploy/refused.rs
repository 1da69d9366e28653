//! Tokens, approvals, requests and daemons that come to nothing, and what is said of it.

use gerbang::pki::secret::SecretKey;

use super::Deployment;

#[tokio::test]
async fn tokens_that_open_nothing_say_so_on_the_systems_machine() {
    let it = Deployment::start().await;
    for system in ["tua", "batal", "dua", "lain"] {
        it.register("blk-kepri", system).await;
    }
    let expired = it.invite("blk-kepri", "tua", "tua").await;
    let past = "UPDATE certificate_order SET expires_at = now() - interval '1 second' WHERE id::text = $1";
    sqlx::query(past).bind(expired).execute(&mut it.owner().await).await.unwrap();
    it.run(&it.join("tua")).await.refused(4, &["TOKEN_EXPIRED", "administrator"]);

    let cancelled = it.invite("blk-kepri", "batal", "batal").await;
    it.admin(&format!("cert invite --cancel {cancelled} --note Keliru")).await.ok();
    it.run(&it.join("batal")).await.refused(4, &["TOKEN_CANCELLED"]);

    // Used: by another machine, with a key of its own. The administrator hears of it.
    let used = it.invite("blk-kepri", "dua", "dua").await;
    it.run(&it.join("dua")).await.ok();
    let thief = it.join("dua").replace("--name dua", "--name pencuri");
    it.run(&thief).await.refused(4, &["TOKEN_ALREADY_USED"]);
    assert!(!it.path("profiles/pencuri.toml").exists());
    let requests = it.admin("cert requests").await.ok();
    assert!(requests.err.contains(&used) && requests.err.contains("stolen"), "{}", requests.err);
    it.run(&it.join("dua")).await.refused(6, &["dua.toml", "is there already"]);
    it.run("--profile dua whoami").await.ok();

    // What is no token, or one of another root, is not sent.
    it.write("lain.token", 0o600, "gerbang1.x.y.z\n");
    it.run(&it.join("lain")).await.refused(1, &["token", "damaged"]);
    let other = Deployment::start().await;
    other.register("blk-kepri", "jadwal").await;
    other.invite("blk-kepri", "jadwal", "jadwal").await;
    it.write("lain.token", 0o600, &other.read("jadwal.token"));
    it.run(&it.join("lain")).await.refused(4, &["not the one that the token names", "Nothing was sent"]);
    assert_eq!(it.count("SELECT count(*) FROM certificate WHERE agency = 'blk-kepri'").await, 1);
}

#[tokio::test]
async fn an_approval_takes_another_administrator_and_an_agency_that_takes_part() {
    let mut it = Deployment::start().await;
    it.register("blk-kepri", "jadwal").await;
    it.run("cert request --key jadwal.key --out jadwal.csr --ed25519").await.ok();
    let requested = it.admin("cert request --submit jadwal.csr --system blk-kepri/jadwal -o json").await.ok();
    let order = requested.json()["change"]["name"]
        .as_str()
        .unwrap()
        .trim_start_matches("certificateOrders/")
        .to_owned();
    let suspend = "agency suspend blk-kepri --note Contoh";
    it.admin(suspend).await.refused(2, &["--yes"]);
    let dry = it.admin(&format!("{suspend} --dry-run")).await.ok();
    assert!(dry.err.contains("invitations that end for good: 1."), "{}", dry.err);
    it.admin(&format!("{suspend} --yes")).await.ok();
    it.admin(&format!("{suspend} --yes")).await.refused(6, &["is suspended already", "STATE_FORBIDS"]);
    it.admin("cert invite blk-kepri/jadwal").await.refused(1, &["gerbang agency resume blk-kepri"]);
    // The suspension has voided it.
    it.admin(&format!("cert approve {order} --yes")).await.refused(6, &["STATE_FORBIDS", "REJECTED"]);
    let submit = "cert request --submit jadwal.csr --system blk-kepri/jadwal";
    it.admin(submit).await.refused(4, &["AGENCY_SUSPENDED"]);
    it.admin("agency resume blk-kepri").await.ok();
    it.admin("agency resume blk-kepri").await.refused(6, &["is not suspended", "STATE_FORBIDS"]);

    // For an administrator it takes two, and the one who asked is not both.
    it.admin("agency register-system operator admin3 --role administrator").await.ok();
    it.admin("agency approve-system operator/admin3").await.refused(4, &["APPROVED_BY_YOU"]);
    it.run("--profile admin2 agency approve-system operator/admin3").await.ok();
    it.run("cert request --key admin3.key --out admin3.csr").await.ok();
    let requested = it.admin("cert request --submit admin3.csr --system operator/admin3 -o json").await.ok();
    let order = requested.json()["change"]["name"]
        .as_str()
        .unwrap()
        .trim_start_matches("certificateOrders/")
        .to_owned();
    it.admin(&format!("cert approve {order} --yes")).await.ok();
    it.admin(&format!("cert approve {order} --yes")).await.refused(4, &["APPROVED_BY_YOU", "Ask another"]);
    it.run(&format!("--profile admin2 cert approve {order} --yes")).await.ok();
    let collect = format!("--profile admin1 cert collect {order} --out admin3.pem");
    it.until_issued(&order).await;
    it.run(&collect).await.ok();
    it.write_profile("admin3", "../admin3.pem", "../admin3.key");
    it.run("--profile admin3 whoami").await.ok();
}

#[tokio::test]
async fn a_request_with_an_authoritys_key_is_refused() {
    let it = Deployment::start().await;
    it.register("blk-kepri", "jadwal").await;
    for (file, passphrase) in [
        ("ca/clients.key", "kata sandi penerbit"),
        ("ca/gateways.key", "kata sandi penerbit"),
        ("root/root.key", "kata sandi akar sendiri"),
    ] {
        let key = SecretKey::from_pem(&it.read(file), Some(passphrase)).unwrap();
        it.write("buruk.csr", 0o644, &key.request_pem("jadwal").unwrap());
        let submit = "cert request --submit buruk.csr --system blk-kepri/jadwal";
        it.admin(submit).await.refused(4, &["KEY_OF_AUTHORITY", "Make a key of your own"]);
    }
    assert_eq!(it.count("SELECT count(*) FROM certificate_order WHERE way = 'CSR'").await, 0);
}

#[tokio::test]
async fn one_daemon_renews_a_profile() {
    let it = Deployment::start().await;
    it.partner("jadwal").await;
    let words = "--profile jadwal cert renew --daemon";
    let planned = "the renewal is planned";
    let mut daemon = it.serve(words);
    assert!(daemon.says(planned).await, "{}", daemon.log());
    it.run(words).await.refused(6, &["is renewing", "One is enough"]);
    // The one that holds the lock is dead: the next takes over.
    daemon.kill().await;
    let mut next = it.serve(words);
    assert!(next.says(planned).await, "{}", next.log());
    it.run(words).await.refused(6, &["is renewing"]);
    next.stop().await;
}
