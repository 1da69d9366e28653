//! Every series that docs/operate.md lists, after everything has happened once.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{audit::everything, world::World};

/// Transactions that the gateway, the keeper, the signer, a call and the owner run on the way.
const TRANSACTIONS: &[&str] = &[
    "agency.create",
    "agency.register_system",
    "agreement.propose",
    "certificate.collect",
    "certificate.issue",
    "certificate.renew",
    "certificate.revoke",
    "certificate.see",
    "crl.publish",
    "ledger.sequence",
    "programme.open",
    "roster.nominate_trainees",
    "schedule.confirm_sessions",
    "schedule.push",
    "signer.beat",
    "trainer.register",
    "vault.begin",
];
const TASKS: &[&str] = &[
    "erase_trainees",
    "forget_answers",
    "forget_orders",
    "forget_refused",
    "hear_batches",
    "keep_time",
    "list_entries",
    "note_refused",
    "note_sightings",
    "renew_own",
    "sequence",
    "watch_authority",
    "watch_health",
    "watch_trust",
];
/// Series that show once something has gone wrong, or that another process has.
const RARE: &[&str] = &[
    "gerbang_certificate_expires_seconds",
    "gerbang_own_renewal_failed",
    "gerbang_pushes_again_total",
    "gerbang_pushes_alone_total",
    "gerbang_renewal_failed",
    "gerbang_renewal_next_seconds",
    "gerbang_transaction_retries_total",
    "gerbang_transactions_lost_total",
];

pub async fn scrape(world: &World) -> String {
    let mut stream = TcpStream::connect(world.gateway.as_ref().unwrap().metrics.unwrap()).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn every_listed_series_counts() {
    // The recorder is one per process: this world's port shows what the other one does.
    let mut port = World::start().await;
    port.stop().await;
    port.config.metrics = Some(gerbang::config::Metrics { listen: "127.0.0.1:0".parse().unwrap() });
    port.start_gateway().await;
    let cast = everything().await;
    let (client, request) =
        (&cast.blk, crate::cast::push(vec![crate::cast::session("again", "2026-03-10T01:00:00Z")]));
    for _ in 0..2 {
        client.schedule().push_schedule(request.clone()).await.unwrap();
    }
    let client = cast.world.connect("blk-kepri", "nobody").await;
    client.agency().who_am_i(gerbang::proto::v1::WhoAmIRequest {}).await.unwrap_err();
    let shown = scrape(&port).await;
    for name in TRANSACTIONS {
        let series = format!("gerbang_transaction_seconds_count{{transaction=\"{name}\"");
        assert!(shown.contains(&series), "{name}");
    }
    for task in TASKS {
        assert!(shown.contains(&format!("gerbang_task_runs_total{{task=\"{task}\"}}")), "{task}");
    }
    for kind in ["client", "crl"] {
        let count = |series: &str| {
            let line = format!("gerbang_signatures_{series}_total{{kind=\"{kind}\"}} ");
            shown.split(&line).nth(1).and_then(|rest| rest.lines().next()).map(str::to_owned)
        };
        assert!(count("made").is_some(), "{kind}");
        assert_eq!(count("begun"), count("made"), "{kind}");
    }
    let page = std::fs::read_to_string("docs/operate.md").unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `gerbang_")?.split('`').next());
    for series in rows.map(|row| format!("gerbang_{row}")).filter(|row| !RARE.contains(&row.as_str())) {
        assert!(shown.contains(&format!("# TYPE {series} ")), "{series}");
    }
}
