//! The signer is killed again and again while systems join: whatever certificate there is, the inventory has it, and
//! every join comes to its end with the same command.

use gerbang::pki::certificate;
use tokio::task::JoinSet;

use super::Deployment;
use crate::world::der;

const SYSTEMS: usize = 20;
/// To a certificate: recorded, linted, intent, issued. Each is a line in the signer's log.
const STEPS: usize = 4;
/// After which a signer is killed at the latest.
const STEPS_OF_ONE_MAX: usize = 8;
/// Systems that register and are invited at once; the machine is shared.
const AT_ONCE: usize = 4;
/// Of three gateways.
const PORTS: [u16; 3] = [7443, 8443, 9443];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signer_that_is_killed_loses_no_certificate_and_issues_none_twice() {
    let mut it = Deployment::start().await;
    // One address may join eight times at once: three gateways have room for all.
    let mut others = Vec::new();
    for port in &PORTS[1..] {
        let config = format!("gateway/{port}.toml");
        it.write(&config, 0o644, &it.gateways_text(&it.database, *port));
        others.push(it.another_gateway(&config).await);
    }
    let systems: Vec<_> = (0..SYSTEMS).map(|number| format!("s{number:02}")).collect();
    it.register("blk-kepri", &systems[0]).await;
    for some in systems.chunks(AT_ONCE) {
        let ready = some.iter().map(|system| async {
            if *system != systems[0] {
                it.register("blk-kepri", system).await;
            }
            it.invite("blk-kepri", system, system).await;
        });
        futures_util::future::join_all(ready).await;
    }

    let mut joins = JoinSet::new();
    for (number, system) in systems.iter().enumerate() {
        let port = PORTS[number % PORTS.len()] + 1;
        let words = it.join(system).replace(":7444", &format!(":{port}"));
        let ran = it.typed(&words);
        joins.spawn(async move { (words, ran.await) });
    }
    let (mut kills, mut owner) = (0, it.owner().await);
    loop {
        let left = SYSTEMS * STEPS - it.steps().await;
        if left == 0 {
            break;
        }
        let mut signer = it.signer.take().unwrap();
        let some = left.min(1 + kills % STEPS_OF_ONE_MAX);
        assert!(signer.says_times(" stage=", some).await, "{}", signer.log());
        // Anywhere in its next step, which takes round trips as this does.
        for _ in 0..kills * 7 % 23 {
            sqlx::query("SELECT 1").execute(&mut owner).await.unwrap();
        }
        signer.kill().await;
        kills += 1;
        // At every moment: what a join has written, the inventory knows.
        it.assert_written_is_known(&systems).await;
        it.start_signer().await;
    }
    assert!(kills >= 3, "it was killed {kills} times");
    while let Some(joined) = joins.join_next().await {
        let (words, ran) = joined.unwrap();
        if ran.code != Some(0) {
            // The signers were away for longer than somebody waits for them. Nothing is lost, and nothing is denied.
            ran.refused(1, &[]);
            it.typed(&words).await.ok();
        }
    }
    assert_eq!(it.assert_written_is_known(&systems).await, SYSTEMS);
    let once = "SELECT count(*) FROM certificate_order o JOIN issuance i ON i.certificate_order = o.id \
        JOIN certificate c ON c.sha256 = i.certificate AND c.serial = i.serial WHERE o.way = 'TOKEN'";
    assert_eq!(it.count(once).await, 20);
    assert_eq!(it.count("SELECT count(*) FROM certificate WHERE agency = 'blk-kepri'").await, 20);
    assert_eq!(
        it.count("SELECT count(*) FROM certificate WHERE agency IS NULL").await,
        1,
        "the gateways' own"
    );
    for system in [&systems[0], &systems[SYSTEMS - 1]] {
        it.run(&format!("--profile {system} whoami")).await.ok();
    }
    for gateway in others {
        gateway.stop().await;
    }
}

impl Deployment {
    /// How many steps the signers have made for systems that join.
    async fn steps(&self) -> usize {
        let steps = "SELECT coalesce(sum(CASE i.state WHEN 'RECORDED' THEN 1 WHEN 'LINTED' THEN 2 WHEN 'INTENT' THEN 3 ELSE 4 END), 0)
            FROM issuance i JOIN certificate_order o ON o.id = i.certificate_order WHERE o.way = 'TOKEN'";
        usize::try_from(self.count(steps).await).unwrap()
    }

    /// Of how many systems a certificate has been written; each is in the inventory, byte for byte.
    async fn assert_written_is_known(&self, systems: &[String]) -> usize {
        let mut written = 0;
        let mut owner = self.owner().await;
        for system in systems {
            let path = self.path(&format!("profiles/{system}.pem"));
            let Ok(text) = std::fs::read_to_string(path) else { continue };
            let der = der(&text);
            let serial = certificate::read(&der).unwrap().serial;
            let known = "SELECT count(*) FROM certificate WHERE serial = $1 AND der = $2 AND system = $3";
            let known = sqlx::query_scalar::<_, i64>(known).bind(&serial).bind(der).bind(system);
            assert_eq!(known.fetch_one(&mut owner).await.unwrap(), 1, "{system}: {serial} is not known");
            written += 1;
        }
        written
    }
}
