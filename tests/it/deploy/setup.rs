//! `gerbang setup`: what it writes is loaded as it stands, and serves; what does not belong together is refused.

use std::path::Path;

use gerbang::config::{Config, signer::Signer};

use super::Deployment;
use crate::world::url;

/// The words that write both configurations.
fn setup(it: &Deployment) -> String {
    let database = url("ROLE", &it.database).replace("ROLE@", "");
    format!("setup --ceremony-folder ca --host localhost --gateway-folder new --database-url {database}")
}

#[tokio::test]
async fn what_setup_writes_serves_and_passes_the_doctor() {
    let mut it = Deployment::prepare().await;
    it.run(&it.ca_init()).await.ok();
    let written = it.run(&setup(&it)).await.ok();
    assert!(written.out.is_empty(), "{}", written.out);
    for said in [
        "new/gerbang.toml\n",
        "signer.toml\n",
        "chown -R _gerbang-signer:_gerbang-signer ",
        "docs/operate.md",
    ] {
        assert!(written.err.contains(said), "{said}: {}", written.err);
    }
    assert!(!written.err.contains("sslmode"), "a socket needs no TLS: {}", written.err);
    assert_eq!(it.names("new"), ["clients.pem", "gerbang.toml", "root.pem"]);

    let gateway = Config::load(&it.path("new/gerbang.toml")).ok().unwrap();
    let signer = Signer::load(&it.path("signer.toml")).ok().unwrap();
    assert_eq!((&*gateway.trust_domain, &*signer.trust_domain), ("gerbang.example", "gerbang.example"));
    assert_eq!(
        (&gateway.tls.hosts, &signer.gateways.hosts),
        (&vec!["localhost".into()], &vec!["localhost".into()])
    );
    assert_eq!(gateway.database_url, url("gerbang_gateway", &it.database));
    assert_eq!(gateway.keeper.database_url, url("gerbang_keeper", &it.database));
    assert_eq!(signer.database_url, url("gerbang_signer", &it.database));
    assert_eq!(signer.clients.key, it.path("ca/clients.key"));
    assert_eq!(signer.gateways.passphrase_file, it.path("passphrase"));
    assert_eq!(gateway.tls.key, Path::new("/var/lib/gerbang/gateway.key"));

    // Places and ports of this test's own; nothing else is changed.
    let signer = it.read("signer.toml").replace("/var/lib/gerbang-signer/", "");
    it.write("signer.toml", 0o644, &signer);
    let gateway = it.read("new/gerbang.toml");
    let gateway = gateway.replace("/var/lib/gerbang/", "").replace("\"json\"", "\"text\"");
    let gateway = gateway.replace("0.0.0.0", &it.host).replace("127.0.0.1:9464", "127.0.0.1:0");
    it.write("new/gerbang.toml", 0o644, &gateway);
    std::fs::create_dir(it.path("new/trust")).unwrap();
    std::fs::copy(it.path("gateway/vault.toml"), it.path("new/vault.toml")).unwrap();
    it.start_signer().await;
    it.gateway = Some(it.another_gateway("new/gerbang.toml").await);
    for words in ["--config new/gerbang.toml", "--signer-config signer.toml"] {
        let found = it.run(&format!("doctor {words}")).await.ok();
        assert!(!found.out.contains('✗'), "{}", found.out);
    }
    it.stop().await;
}

#[tokio::test]
async fn setup_overwrites_nothing_and_takes_what_one_ceremony_left() {
    let it = Deployment::prepare().await;
    it.run(&it.ca_init()).await.ok();
    let setup = setup(&it);
    it.run(&setup.replace("folder ca", "folder root"))
        .await
        .refused(5, &["clients.pem is missing", "gerbang ca init"]);
    it.run(&setup.replace("localhost/", "me@localhost/")).await.refused(2, &["--database-url"]);
    it.run(&setup.replace("host localhost", "host localhost:7443")).await.refused(1, &["hosts"]);
    it.write("signer.toml", 0o644, "mine");
    it.run(&setup).await.refused(1, &["signer.toml", "nothing was written"]);
    assert!(it.read("signer.toml") == "mine" && !it.path("new").exists());
    std::fs::remove_file(it.path("signer.toml")).unwrap();
    // An administrator's certificate of another authority, by its name alone.
    std::fs::copy(it.path("ca/gateways.pem"), it.path("ca/administrator-other.pem")).unwrap();
    it.run(&setup).await.refused(1, &["administrator-other.pem"]);
    std::fs::remove_file(it.path("ca/administrator-other.pem")).unwrap();
    let network = setup.split('?').next().unwrap();
    let warned = it.run(network).await.ok();
    assert!(warned.err.contains("sslmode=verify-full&sslrootcert="), "{}", warned.err);
}
