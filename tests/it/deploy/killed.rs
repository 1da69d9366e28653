//! The signer is killed again and again while systems join: whatever certificate there is, the inventory has it, and
//! every join comes to its end with the same command.

use std::time::Duration;

use gerbang::pki::certificate;
use tokio::{task::JoinSet, time::sleep};

use super::Deployment;
use crate::world::der;

const SYSTEMS: usize = 20;
/// Systems that register and are invited at once; the machine is shared.
const AT_ONCE: usize = 4;
/// Of three gateways.
const PORTS: [u16; 3] = [7443, 8443, 9443];
/// A join that found the signer away is typed again, the same.
const TRIES: usize = 5;

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
        let tries: Vec<_> = (0..TRIES).map(|_| it.typed(&words)).collect();
        joins.spawn(async move {
            let mut said = String::new();
            for ran in tries {
                let ran = ran.await;
                if ran.code == Some(0) {
                    return Ok(());
                }
                said.push_str(&ran.err);
                sleep(Duration::from_secs(1)).await;
            }
            Err(said)
        });
    }
    let mut kills = 0;
    while it.certificates().await < SYSTEMS && kills < 40 {
        sleep(Duration::from_millis(20 + 35 * (kills % 5))).await;
        it.signer.take().unwrap().kill().await;
        kills += 1;
        // At every moment: what a join has written, the inventory knows.
        it.assert_written_is_known(&systems).await;
        it.start_signer().await;
    }
    assert!(kills >= 3, "it was killed {kills} times");
    for joined in joins.join_all().await {
        joined.unwrap();
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
    async fn certificates(&self) -> usize {
        let count = self.count("SELECT count(*) FROM certificate WHERE agency = 'blk-kepri'").await;
        usize::try_from(count).unwrap()
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
