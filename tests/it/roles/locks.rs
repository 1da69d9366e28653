//! Locks as a weapon: what somebody holds who has a gateway's role keeps no revocation waiting.

use std::str::FromStr;

use gerbang::{
    agent::Client,
    pki::certificate,
    proto::v1::{self, RevocationReason as Why},
};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

use crate::{
    cast::{Cast, orders},
    certificate::{approved, partner},
    world::{World, details, reason, request_id, url},
};

fn serial(world: &World, agency: &str, system: &str) -> String {
    certificate::read_pem(&world.issue(agency, system).certificate_pem).unwrap().serial
}

fn revoke(serial: &str, why: Why) -> v1::RevokeCertificatesRequest {
    v1::RevokeCertificatesRequest {
        request_id: request_id(),
        certificate: format!("certificates/{serial}"),
        reason: why.into(),
        ..Default::default()
    }
}

async fn refusal(client: &Client) -> String {
    reason(&client.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err())
}

/// A session of the gateway's role, by a program of this name.
async fn session(world: &World, program: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(&url("gerbang_gateway", &world.database)).unwrap();
    options.application_name(program).connect().await.unwrap()
}

/// Everything that the gateway's role can hold of what a revocation touches.
const HOLD: &[&str] = &[
    "SELECT pg_advisory_xact_lock(class, 0), pg_advisory_xact_lock(0, class) FROM generate_series(1, 20) AS class",
    "SELECT FROM certificate FOR UPDATE",
    "SELECT FROM agency FOR UPDATE",
    "SELECT FROM system FOR UPDATE",
    "SELECT FROM certificate_order FOR UPDATE",
    "SELECT FROM replay FOR UPDATE",
    "INSERT INTO revocation (certificate, reason, revoker, revoked_at) \
     SELECT sha256, 'SUPERSEDED', 'x', '2026-03-02T00:59:59Z' FROM certificate",
    "INSERT INTO barred_key SELECT DISTINCT key_id, '2026-03-02T00:59:59Z'::timestamptz FROM certificate WHERE key_id IS NOT NULL",
];

#[tokio::test]
async fn nothing_that_a_gateways_role_holds_keeps_a_partners_revocation_waiting() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let dkp = world.join("dkp-kepri", v1::AgencyKind::Fisheries, "jadwal", v1::Role::Partner).await;
    let admin = world.admin().await;
    approved(&world, &blk, &orders::key()).await;
    let mut holder = session(&world, "jahat").await;
    let mut tx = holder.begin().await.unwrap();
    for hold in HOLD {
        sqlx::query(*hold).fetch_all(&mut *tx).await.unwrap_or_else(|error| panic!("{hold}: {error}"));
    }
    let one = revoke(&serial(&world, "blk-kepri", "jadwal"), Why::KeyCompromise);
    let done = admin.certificate().revoke_certificates(one).await.unwrap().into_inner();
    assert_eq!((done.certificates.len(), done.already_revoked), (1, 0));
    assert_eq!(refusal(&blk).await, "CERTIFICATE_REVOKED");
    let all = v1::RevokeCertificatesRequest {
        certificate: String::new(),
        agency: "agencies/dkp-kepri".to_owned(),
        ..revoke("", Why::AffiliationChanged)
    };
    let done = admin.certificate().revoke_certificates(all).await.unwrap().into_inner();
    assert_eq!(done.certificates.len(), 1);
    assert_eq!(refusal(&dkp).await, "CERTIFICATE_REVOKED");
    tx.rollback().await.unwrap();

    // What comes after it counts on: the versions of what was revoked past a held row follow each other.
    let mut signer = world.signer().await;
    signer.turn().await.unwrap();
    let listed = sqlx::query_scalar::<_, i64>("SELECT sum(revoked) FROM crl");
    assert_eq!(listed.fetch_one(&mut world.owner().await).await.unwrap(), 2);
}

#[tokio::test]
async fn whoever_holds_the_count_of_administrators_is_named() {
    let world = World::start().await;
    let admin = world.admin().await;
    let third = world.join("operator", v1::AgencyKind::Operator, "admin3", v1::Role::Administrator).await;
    let mut owner = world.owner().await;
    let pids =
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'jahat' AND datname = current_database()";
    let mut holder = session(&world, "jahat").await;
    let mut tx = holder.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(7, 0)").execute(&mut *tx).await.unwrap();
    let pid = sqlx::query_scalar::<_, i32>(pids).fetch_one(&mut owner).await.unwrap();
    let second = serial(&world, "operator", "admin2");
    let held = admin.certificate().revoke_certificates(revoke(&second, Why::Superseded)).await.unwrap_err();
    assert_eq!(reason(&held), "LOCK_HELD");
    let info = details(&held).error_info().unwrap().metadata.clone();
    assert_eq!(info["pid"], pid.to_string());
    assert_eq!((info["program"].as_str(), info["role"].as_str()), ("jahat", "gerbang_gateway"));
    assert!(held.message().contains(&format!("pg_terminate_backend({pid})")), "{}", held.message());
    // Who counts nobody waits for nobody.
    let glass = v1::RevokeCertificatesRequest { break_glass: true, ..revoke(&second, Why::KeyCompromise) };
    admin.certificate().revoke_certificates(glass).await.unwrap();
    assert_eq!(refusal(&world.admin2().await).await, "CERTIFICATE_REVOKED");
    drop((tx, third));
}

/// Whatever the gateway's role holds of what a suspension needs: the suspension says who, and goes through once that session
/// has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_keeps_a_suspension_waiting_is_named() {
    let cast = Cast::ready().await;
    for hold in [
        // Across transactions, by a session that is idle.
        "SELECT pg_advisory_lock(0, 2)",
        "BEGIN; SELECT pg_advisory_xact_lock(0, 1)",
        "BEGIN; SELECT FROM agency FOR UPDATE",
    ] {
        let mut holder = session(&cast.world, "jahat").await;
        sqlx::raw_sql(hold).execute(&mut holder).await.unwrap();
        let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut holder).await.unwrap();
        let get = v1::GetAgencyRequest { name: "agencies/blk-kepri".to_owned() };
        let agency = cast.admin.agency().get_agency(get).await.unwrap().into_inner().agency.unwrap();
        let suspend = v1::SuspendAgencyRequest {
            request_id: request_id(),
            name: "agencies/blk-kepri".to_owned(),
            etag: agency.etag,
            note: "Pemeriksaan".to_owned(),
            ..Default::default()
        };
        let held = cast.admin.agency().suspend_agency(suspend.clone()).await.unwrap_err();
        assert_eq!(reason(&held), "LOCK_HELD", "{hold}");
        let info = details(&held).error_info().unwrap().metadata.clone();
        assert_eq!((info["pid"].clone(), info["program"].as_str()), (pid.to_string(), "jahat"), "{hold}");
        assert_eq!(info["role"], "gerbang_gateway");
        holder.close().await.unwrap();
        let done = cast.admin.agency().suspend_agency(suspend).await.unwrap().into_inner();
        assert_eq!(done.state(), v1::AgencyState::Suspended);
        let resume = v1::ResumeAgencyRequest {
            request_id: request_id(),
            name: "agencies/blk-kepri".to_owned(),
            etag: done.change.unwrap().etag,
            ..Default::default()
        };
        cast.admin.agency().resume_agency(resume).await.unwrap();
    }
}

/// A certificate that was being issued while the one that it renews was revoked as compromised: nobody waited for anybody,
/// and the signer puts it out.
#[tokio::test]
async fn what_was_issued_beside_a_revocation_follows_it() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let mut signer = world.signer().await;
    let key = orders::key();
    let made = blk.certificate().renew_certificate(world.renewal("blk-kepri", "jadwal", &key)).await.unwrap();
    signer.turn().await.unwrap();
    let get = v1::GetCertificateOrderRequest { name: made.into_inner().change.unwrap().name };
    let chain = blk.certificate().get_certificate_order(get).await.unwrap().into_inner().chain_pem;
    // As it is committed by a revocation that could not see the new one yet.
    world.tampers();
    let beside = "INSERT INTO revocation (certificate, reason, revoker, revoked_at) \
        SELECT previous, 'KEY_COMPROMISE', 'x', '2026-03-02T01:00:00Z' FROM certificate WHERE previous IS NOT NULL";
    sqlx::query(beside).execute(&mut world.runtime().await).await.unwrap();
    signer.turn().await.unwrap();
    world.keep("blk-kepri", "jadwal", &chain, &key.to_pem());
    assert_eq!(refusal(&world.connect("blk-kepri", "jadwal").await).await, "CERTIFICATE_REVOKED");
    let barred = "SELECT count(*) FROM barred_key WHERE key_id = $1";
    let barred = sqlx::query_scalar::<_, i64>(barred).bind(key.key_id().to_vec());
    assert_eq!(barred.fetch_one(&mut world.owner().await).await.unwrap(), 1);
}

/// Open orders in any number, forged by whoever has the gateway's role, do not keep a revocation that ends orders from
/// being stored.
#[tokio::test]
async fn forged_orders_do_not_hold_up_a_revocation() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let real = approved(&world, &blk, &orders::key()).await;
    world.tampers();
    let forge = "INSERT INTO certificate_order (id, way, agency, system, role, ignored, hosts, lifetime_days, requester, \
            version, created_at, expires_at) \
        SELECT gen_random_uuid(), 'CSR', 'blk-kepri', 'jadwal', 'PARTNER', '{}', '{}', 0, 'x', 1, \
            '2026-03-02T00:00:00Z', '2026-03-20T00:00:00Z' FROM generate_series(1, 5000)";
    sqlx::query(forge).execute(&mut world.runtime().await).await.unwrap();
    let one = revoke(&serial(&world, "blk-kepri", "jadwal"), Why::KeyCompromise);
    let done = world.admin().await.certificate().revoke_certificates(one).await.unwrap().into_inner();
    assert_eq!((done.certificates.len(), done.orders_ended), (1, 300), "as many as are ended at once");
    assert_eq!(refusal(&blk).await, "CERTIFICATE_REVOKED");
    let ended = sqlx::query_scalar::<_, bool>("SELECT rejected FROM certificate_order WHERE id = $1");
    let ended =
        ended.bind(crate::certificate::id(&real).0).fetch_one(&mut world.owner().await).await.unwrap();
    assert!(ended, "what was signed for goes first");
}

/// Of approvals, too, nobody reads more than an order can need.
#[tokio::test]
async fn forged_approvals_are_not_read_by_the_thousand() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let name = approved(&world, &blk, &orders::key()).await;
    let id = crate::certificate::id(&name);
    world.tampers();
    let forge = "INSERT INTO order_approval (certificate_order, approver, certificate, statement, signature, approved_at) \
        SELECT $1, 'x' || n, sha256('x'), convert_to(repeat('x', 2048), 'UTF8'), '', '2026-03-20T00:00:00Z' \
          FROM generate_series(1, 2000) AS n";
    sqlx::query(forge).bind(id.0).execute(&mut world.runtime().await).await.unwrap();
    let get = v1::GetCertificateOrderRequest { name };
    let read = blk.certificate().get_certificate_order(get).await.unwrap().into_inner().order.unwrap();
    assert_eq!(read.approvals.len(), 10);
}

/// The queue of notices is one for the whole server, and any session may fill it: a transaction that must send one could not
/// be committed then. So no function and no trigger sends any.
#[tokio::test]
async fn nothing_is_notified_within_a_transaction() {
    let world = World::start().await;
    let notifying = "SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc ~* 'notify' \
        UNION ALL SELECT rulename::text FROM pg_rules WHERE schemaname = 'public'";
    let notifying: Vec<String> =
        sqlx::query_scalar(notifying).fetch_all(&mut world.owner().await).await.unwrap();
    assert_eq!(notifying, [""; 0]);
}
