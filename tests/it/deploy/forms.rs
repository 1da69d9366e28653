//! Files in the forms that other programs leave them in: Windows' editors and shell, and the tools of certificates.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::Deployment;

/// As PowerShell's `>` writes a text.
fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn a_token_is_read_as_windows_leaves_it() {
    let it = Deployment::start().await;
    it.register("blk-kepri", "jadwal").await;
    it.register("blk-kepri", "kehadiran").await;
    for (system, form) in [("jadwal", true), ("kehadiran", false)] {
        it.invite("blk-kepri", system, system).await;
        let token = it.read(&format!("{system}.token"));
        let line = format!("{}\r\n", token.trim());
        let bytes = if form { utf16(&line) } else { [b"\xef\xbb\xbf", line.as_bytes()].concat() };
        std::fs::write(it.path(&format!("{system}.token")), bytes).unwrap();
        it.run(&it.join(system)).await.ok();
    }
    // A profile and a request, too, after somebody has opened and saved them.
    let profile = it.read("profiles/jadwal.toml");
    std::fs::write(it.path("profiles/jadwal.toml"), format!("\u{feff}{profile}")).unwrap();
    it.run("--profile jadwal whoami").await.ok();
    let agency = it.read("blk-kepri.json").replace("blk-kepri", "dkp-kepri");
    std::fs::write(it.path("dkp-kepri.json"), utf16(&agency)).unwrap();
    it.admin("agency create dkp-kepri.json").await.ok();
}

#[tokio::test]
async fn a_request_is_handed_in_as_der() {
    let it = Deployment::start().await;
    it.register("blk-kepri", "jadwal").await;
    it.run("cert request --key jadwal.key --out jadwal.csr").await.ok();
    let text = it.read("jadwal.csr");
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    std::fs::write(it.path("jadwal.der"), STANDARD.decode(body).unwrap()).unwrap();
    let requested = it.admin("cert request --submit jadwal.der --system blk-kepri/jadwal -o json").await.ok();
    assert!(requested.json()["change"]["name"].as_str().unwrap().starts_with("certificateOrders/"));
}

#[tokio::test]
async fn doctor_compares_this_machines_clock_with_the_gateways() {
    let it = Deployment::start().await;
    let found = it.admin("doctor -o json").await.ok().json();
    let clock = found.as_array().unwrap().iter().find(|line| line["check"] == "gateway-clock");
    assert_eq!(clock.expect("a line about it")["level"], "OK");
    let zones = it.run("doctor --config gateway/gerbang.toml -o json").await.ok().json();
    let zones = zones.as_array().unwrap().iter().find(|line| line["check"] == "time-zones").cloned();
    assert_eq!(zones.expect("a line about them")["level"], "OK");
    let who = it.admin("whoami").await.ok();
    assert!(!who.err.contains("clock"), "{}", who.err);
}
