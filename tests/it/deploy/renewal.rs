//! The daemon that renews, against a gateway and a signer whose clock the test moves by months.

use std::time::Duration;

use gerbang::{
    agent::{
        Client, Profile,
        join::{JoinClient, Joined},
        renewal::{
            Renewal,
            daemon::{Daemon, Next},
        },
    },
    domain::{certificate::renew_at, outside::Clock, reason::Language},
    pki::{certificate, certificate::fingerprint, secret::SecretKind, statement::Purpose, token::Token},
    proto::v1,
    server::outside::SystemEntropy,
    signer,
};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::{
    cast::orders,
    world::{World, der, reason, request_id},
};

const BLK: &str = "agencies/blk-kepri/systems/jadwal";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A system that has joined by a token, as `gerbang join` does it.
async fn joined(world: &World) -> Joined {
    let kind = v1::AgencyKind::VocationalTrainingCentre;
    world.register("blk-kepri", kind, "jadwal", v1::Role::Partner).await;
    let token = Token::new(&SystemEntropy, fingerprint(&world.forge.root.certificate));
    let statement = orders::statement(world, Purpose::Invite, BLK, "PARTNER", token.hash());
    let invite = v1::CreateInvitationRequest {
        request_id: request_id(),
        system: BLK.to_owned(),
        statement: world.signed_by("admin", &statement),
        ..Default::default()
    };
    world.admin().await.certificate().create_invitation(invite).await.unwrap();
    let join = JoinClient {
        server: &world.gateway.as_ref().unwrap().join.unwrap().to_string(),
        server_name: Some("localhost"),
        token: &token,
        folder: &world.folder.join("profiles"),
        name: "blk",
        kind: SecretKind::P256,
        replace: false,
        clock: &*world.clock,
        language: Language::English,
        entropy: &SystemEntropy,
    };
    join.run().await.unwrap()
}

/// The profile's pair calls.
async fn calls(profile: &Profile) -> Result<(), String> {
    let client = Client::connect(profile, Language::English).await.unwrap();
    let answer = client.agency().who_am_i(v1::WhoAmIRequest {}).await;
    answer.map(drop).map_err(|status| reason(&status))
}

fn leaf(profile: &Profile) -> certificate::Certificate {
    certificate::read(&der(&std::fs::read_to_string(&profile.certificate).unwrap())).unwrap()
}

/// What monitoring reads beside the profile.
fn status(joined: &Joined) -> (serde_json::Value, String) {
    let read =
        |end: &str| std::fs::read_to_string(joined.profile.with_file_name(format!("blk.renewal.{end}")));
    (serde_json::from_str(&read("json").unwrap()).unwrap(), read("prom").unwrap())
}

fn at(next: Next) -> Timestamp {
    match next {
        Next::At(at) => at,
        Next::Stop => panic!("it has stopped"),
    }
}

/// What the administrator's list says needs attention about a certificate.
async fn alarms(world: &World, serial: &str) -> Vec<String> {
    let get = v1::GetCertificateRequest { name: format!("certificates/{serial}") };
    let found = world.admin().await.certificate().get_certificate(get).await.unwrap().into_inner();
    found.certificate.unwrap().alarms
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_renews_in_time_says_how_it_fares_and_stops_when_it_must() {
    let world = World::start().await;
    let end = CancellationToken::new();
    let work = tokio::spawn(signer::run(world.signer().await, end.clone()));
    let joined = joined(&world).await;
    let renewal = Renewal {
        profile: &joined.profile,
        same_key: false,
        language: Language::English,
        clock: &*world.clock,
        entropy: &SystemEntropy,
    };
    let hook = format!(
        "printf '%s\\n' \"$GERBANG_CERTIFICATE\" \"$GERBANG_KEY\" \"$GERBANG_PROFILE\" >> {}",
        world.folder.join("hook").display()
    );
    let mut daemon = Daemon::open(&joined.profile, Some(hook), &SystemEntropy).unwrap();
    let boot = || Duration::from_secs(world.clock.now().as_second().unsigned_abs());
    let mut step = async || daemon.step(world.clock.now(), boot(), async || renewal.run().await).await;

    // Not before two thirds of the life are over, and not much later.
    let old = Profile::read(&joined.profile).unwrap();
    let first = leaf(&old);
    let due = at(step().await);
    let earliest = renew_at(first.not_before, first.not_after);
    let latest = earliest + first.not_after.duration_since(earliest) / 10;
    assert!((earliest..=latest).contains(&due), "{earliest} {due} {latest}");
    world.set_clock(&(due - SignedDuration::from_secs(1)).to_string());
    assert_eq!(step().await, Next::At(due));
    assert_eq!(Profile::read(&joined.profile).unwrap(), old);
    assert!(!world.folder.join("hook").exists());

    world.set_clock(&due.to_string());
    let next_due = at(step().await);
    let new = Profile::read(&joined.profile).unwrap();
    let second = leaf(&new);
    assert!(second.serial != first.serial && new.key != old.key && next_due > due);
    let told =
        format!("{}\n{}\n{}\n", new.certificate.display(), new.key.display(), joined.profile.display());
    assert_eq!(std::fs::read_to_string(world.folder.join("hook")).unwrap(), told);
    let current =
        |file: &str| std::fs::read(joined.profile.with_file_name("blk.current").join(file)).unwrap();
    assert_eq!(current("certificate.pem"), std::fs::read(&new.certificate).unwrap());
    assert_eq!(current("key.pem"), std::fs::read(&new.key).unwrap());
    let (json, prom) = status(&joined);
    assert_eq!((&json["state"], &json["certificate"]), (&"WAITING".into(), &second.serial.clone().into()));
    assert_eq!(
        (&json["last_success"], &json["next_try"]),
        (&due.to_string().into(), &next_due.to_string().into())
    );
    assert!(prom.contains("gerbang_renewal_failed{profile=\"blk\"} 0\n"), "{prom}");
    let ends =
        format!("gerbang_certificate_expires_seconds{{profile=\"blk\"}} {}\n", second.not_after.as_second());
    assert!(prom.contains(&ends), "{prom}");

    // Programs that have not been told yet go on with the old pair, for 14 days.
    world.pass(DAY * 13);
    assert_eq!((calls(&old).await, calls(&new).await), (Ok(()), Ok(())));
    world.pass(DAY + SignedDuration::from_secs(1));
    assert_eq!((calls(&old).await, calls(&new).await), (Err("CERTIFICATE_SUPERSEDED".to_owned()), Ok(())));

    // The gateway is out of reach when it is due again: everybody who looks can see it.
    world.set_clock(&next_due.to_string());
    Profile { address: "127.0.0.1:1".to_owned(), ..new.clone() }.write(&joined.profile).unwrap();
    let again = at(step().await);
    // A minute, of which chance takes up to a fifth.
    let minute = next_due + SignedDuration::from_mins(1);
    assert!((minute - SignedDuration::from_secs(12)..=minute).contains(&again), "{again}");
    let (json, prom) = status(&joined);
    assert_eq!((&json["state"], &json["error_since"]), (&"FAILED".into(), &next_due.to_string().into()));
    assert!(json["last_error"].as_str().unwrap().contains("127.0.0.1:1"), "{json}");
    assert!(prom.contains("gerbang_renewal_failed{profile=\"blk\"} 1\n"), "{prom}");
    assert_eq!(alarms(&world, &second.serial).await, [""; 0]);
    let late = renew_at(second.not_before, second.not_after);
    world.set_clock(&(late + second.not_after.duration_since(late) / 4).to_string());
    at(step().await);
    assert_eq!(status(&joined).0["error_since"], next_due.to_string(), "since the first failure");
    assert_eq!(alarms(&world, &second.serial).await, ["RENEWAL_OVERDUE"]);
    new.write(&joined.profile).unwrap();
    world.pass(SignedDuration::from_mins(2));
    let third_due = at(step().await);
    let third = leaf(&Profile::read(&joined.profile).unwrap());
    assert_ne!(third.serial, second.serial);
    assert_eq!(
        (&status(&joined).0["state"], alarms(&world, &second.serial).await),
        (&"WAITING".into(), vec![])
    );

    // Revoked: no later try can succeed, and the status says what to do.
    let revoke = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        certificate: format!("certificates/{}", third.serial),
        reason: v1::RevocationReason::CessationOfOperation.into(),
        ..Default::default()
    };
    world.admin().await.certificate().revoke_certificates(revoke).await.unwrap();
    world.set_clock(&third_due.to_string());
    assert_eq!(step().await, Next::Stop);
    let (json, prom) = status(&joined);
    assert_eq!((&json["state"], &json["next_try"]), (&"STOPPED".into(), &serde_json::Value::Null));
    let why = json["last_error"].as_str().unwrap();
    assert!(why.contains("revoked") && why.contains("is invited anew"), "{why}");
    assert!(prom.contains("gerbang_renewal_failed{profile=\"blk\"} 1\n"), "{prom}");
    end.cancel();
    work.await.unwrap().unwrap();
}
