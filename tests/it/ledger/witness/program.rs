//! `gerbang audit` as a witness, and as one who takes what a witness has cosigned.

use std::{path::Path, process::Command};

use gerbang::{
    config::witness_key, domain::outside::Clock, files::Lock, ledger::checkpoint::Checkpoint,
    server::outside::SystemClock,
};
use jiff::SignedDuration;

use super::{SAKSI, key, log, witness};
use crate::{
    cast::Cast,
    cli::gerbang,
    forge,
    world::{TRUST_DOMAIN, World, der},
};

/// A cast at the real time, by which the program signs, with the profiles of blk and lapas.
async fn at_the_real_time() -> Cast {
    let cast = Cast::ready().await;
    let (world, real) = (&cast.world, SystemClock.now());
    world.set_clock(&real.to_string());
    for (agency, system) in [("blk-kepri", "jadwal"), ("lapas-tpi", "sdp")] {
        let profile = forge::Profile::client(TRUST_DOMAIN, agency, system).around(real);
        let issued = world.issue_as(agency, system, profile);
        world.register_certificate(agency, system, &der(&issued.certificate_pem)).await;
    }
    cast
}

/// One agency witnesses what it has proved, and another takes that in the place of the gateway's word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_agency_cosigns_and_another_takes_what_was_cosigned() {
    let cast = at_the_real_time().await;
    let world = &cast.world;
    let at = |name: &str| world.folder.join(name).to_str().unwrap().to_owned();
    let by_log = key(world).to_string();
    let run = async |profile: &str, words: &[&str]| {
        world.until_placed().await;
        let output = gerbang(world, "C", &[&["--profile", profile, "audit"], words].concat()).await;
        let [out, said] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.code(), out, said)
    };
    let (code, public, said) = run("blk", &["key", &at("saksi.key"), "--witness", SAKSI]).await;
    assert_eq!(code, Some(0), "{said}");
    let public = public.trim_end();
    assert_eq!(witness_key::load(&world.folder.join("saksi.key")).unwrap().verifier().to_string(), public);
    assert_eq!(run("blk", &["key", &at("saksi.key")]).await.1.trim_end(), public);

    let (own, other) = (at("blk.checkpoint"), at("lapas.checkpoint"));
    let cosigning =
        ["checkpoint", "--key", &by_log, "--keep", &own, "--cosign", &at("saksi.key")].map(str::to_owned);
    let cosigning: Vec<_> = cosigning.iter().map(String::as_str).collect();
    let taking = ["checkpoint", "--key", &by_log, "--witness", public, "--keep", &other];
    let (code, out, said) = run("lapas", &taking).await;
    assert_eq!((code, out.as_str()), (Some(1), ""), "{said}");
    assert!(said.contains("has cosigned no checkpoint"), "{said}");
    assert!(!std::fs::exists(&other).unwrap());

    // The first is taken on trust where that is asked for, and said to be.
    let (code, out, said) = run("blk", &cosigning).await;
    assert!(code == Some(1) && out.is_empty() && said.contains("say --first"), "{said}");
    assert!(!std::fs::exists(&own).unwrap() && all_at(world).await == 0);
    let (code, first, said) = run("blk", &[&cosigning[..], &["--first"]].concat()).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("cosigned on trust") && said.contains("Cosigned as saksi.blk-kepri.example"),
        "{said}"
    );
    assert_eq!(std::fs::read_to_string(&own).unwrap(), first);
    let (code, taken, said) = run("lapas", &taking).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("The witness saksi.blk-kepri.example has cosigned the first"), "{said}");
    assert!(taken.starts_with(&first) && taken != first, "{taken}");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), taken);

    // The cosignature itself is an entry: the ledger has grown, and both prove it.
    let (code, second, said) = run("blk", &cosigning).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("The ledger only grew") && !said.contains("on trust"), "{said}");
    let (code, taken, said) = run("lapas", &taking).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("The ledger only grew"), "{said}");
    assert!(taken.starts_with(&second) && second != first, "{taken}");
    let (_, table, _) = run("lapas", &["cosignatures", "--agency", "blk-kepri"]).await;
    assert_eq!(table.matches(SAKSI).count(), 2, "{table}");
    assert_eq!(run("lapas", &["cosignatures", "--agency", "lapas-tpi"]).await.1.matches(SAKSI).count(), 0);

    // A program without any of ours verifies an export from what was cosigned on.
    let export = at("ledger.jsonl");
    let url = crate::world::url("gerbang_owner", &world.database);
    let exported =
        run("blk", &["export", &export, "--database-url", &url, "--ledger-key", &at("ledger.key")]).await;
    assert_eq!(exported.0, Some(0), "{exported:?}");
    let python = async |witness: &str| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python/verify_log.py");
        let mut command = Command::new("python3");
        command.arg(script).args([&export, "--key", &by_log, "--kept", &other, "--witness", witness]);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let verified = python(public).await;
    assert_eq!(verified.0, Some(0), "{verified:?}");
    let stranger = python(&witness(SAKSI, 22).verifier().to_string()).await;
    assert!(stranger.0 == Some(1) && stranger.1.contains("not cosigned by this witness"), "{stranger:?}");

    // What is kept is ahead of what was cosigned: the latter is proved its beginning, and the former stays.
    let ahead = ["checkpoint", "--key", &by_log, "--keep", &other];
    let (code, kept, said) = run("lapas", &ahead).await;
    assert_eq!(code, Some(0), "{said}");
    let (code, out, said) = run("lapas", &taking).await;
    assert_eq!((code, &out), (Some(0), &taken), "{said}");
    assert!(said.contains("of the kept checkpoint, which stays"), "{said}");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), kept);

    // A file that another ledger was kept in.
    let fork = log(world).sign(&Checkpoint { size: 3, root: [7; 32] });
    let rows = all_at(world).await;
    for kept in [&own, &other] {
        std::fs::write(kept, &fork).unwrap();
    }
    let (code, _, said) = run("blk", &cosigning).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("were changed, or it is another ledger"), "{said}");
    let (code, _, said) = run("lapas", &taking).await;
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(std::fs::read_to_string(&own).unwrap(), fork);
    assert_eq!(all_at(world).await, rows, "a fork is never cosigned");
    let ahead = log(world).sign(&Checkpoint { size: 1_000_000, root: [7; 32] });
    std::fs::write(&own, &ahead).unwrap();
    let (code, _, said) = run("blk", &cosigning).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cut off"), "{said}");
    assert_eq!(all_at(world).await, rows, "nor one that was cut off");

    // Of two at once, one waits for nobody: each would prove another tree.
    std::fs::write(&own, log(world).sign(&Checkpoint { size: 3, root: [7; 32] })).unwrap();
    let held = Lock::take(&world.folder.join("blk.checkpoint.lock")).unwrap();
    let (code, _, said) = run("blk", &cosigning).await;
    assert!(code == Some(1) && said.contains("is at work with"), "{said}");
    drop(held);

    // The log's key is no witness's; nothing is kept then.
    std::fs::remove_file(&own).unwrap();
    let wrong =
        ["checkpoint", "--key", &by_log, "--keep", &own, "--cosign", &at("ledger.key")].map(str::to_owned);
    let wrong: Vec<_> = wrong.iter().map(String::as_str).collect();
    let (code, _, said) = run("blk", &wrong).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("its first line is not the name of a witness"), "{said}");
    assert!(!std::fs::exists(&own).unwrap());

    // What was cosigned long ago fails by this machine's clock, and what is not the beginning of what the gateway shows fails though
    // both have signed it.
    let shown = async || run("lapas", &["checkpoint", "--key", &by_log, "--witness", public]).await;
    let (code, _, said) = shown().await;
    assert_eq!(code, Some(0), "{said}");
    let saksi = witness_key::load(&world.folder.join("saksi.key")).unwrap();
    let now = SystemClock.now();
    let aged = saksi.cosign(&second, &key(world), now - SignedDuration::from_hours(73)).unwrap();
    let forked = saksi.cosign(&fork, &key(world), now).unwrap();
    world.tampers();
    let mut superuser = world.superuser().await;
    sqlx::raw_sql("SET session_replication_role = replica").execute(&mut superuser).await.unwrap();
    for (note, why) in [(&aged, "nothing for three days"), (&forked, "were changed, or it is another ledger")]
    {
        let change = sqlx::query("UPDATE ledger_cosignature SET note = $1").bind(note);
        change.execute(&mut superuser).await.unwrap();
        let (code, _, said) = shown().await;
        assert!(code == Some(1) && said.contains(why), "{said}");
    }
}

async fn all_at(world: &World) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM ledger_cosignature");
    count.fetch_one(&mut world.owner().await).await.unwrap()
}
