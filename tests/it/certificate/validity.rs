//! Whether a certificate lets its holder in: the rule of the domain, held against those in SQL.

use std::collections::BTreeSet;

use gerbang::{
    domain::{
        AgencyCode,
        access::Role,
        agency::AgencyState,
        certificate::{CertificateState, Holder, Validity},
    },
    store::certificate::{count_administrators, good},
};
use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection, PgConnection};

use crate::world::World;

/// The first and the last moment of each case lie on, just before and just after one of these days of March 2026.
fn day(day: i64) -> Timestamp {
    "2026-03-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * day)
}

/// Every order of beginning, end, end by renewal and revocation.
fn cases() -> Vec<Validity> {
    let mut cases = Vec::new();
    for (not_before, not_after) in [(0, 4), (2, 4), (0, 2), (2, 2)] {
        for ends_at in [None, Some(1), Some(2), Some(3), Some(5)] {
            for revoked in [false, true] {
                cases.push(Validity {
                    not_before: day(not_before),
                    not_after: day(not_after),
                    ends_at: ends_at.map(day),
                    revoked,
                });
            }
        }
    }
    cases
}

/// On, a microsecond before and a microsecond after each day.
fn moments() -> Vec<Timestamp> {
    let microsecond = SignedDuration::from_micros(1);
    (0..6).flat_map(|at| [day(at) - microsecond, day(at), day(at) + microsecond]).collect()
}

#[tokio::test]
async fn the_state_in_sql_is_the_state_in_the_domain() {
    let world = World::start().await;
    let mut owner = world.owner().await;
    let mut states = BTreeSet::new();
    for case in cases() {
        for now in moments() {
            let sql = sqlx::query_scalar::<_, String>(
                "SELECT certificate_state($1::timestamptz, $2::timestamptz, $3::timestamptz, $4, $5::timestamptz)",
            );
            let sql = sql.bind(case.not_before.to_string()).bind(case.not_after.to_string());
            let sql = sql.bind(case.ends_at.map(|end| end.to_string())).bind(case.revoked);
            let sql = sql.bind(now.to_string()).fetch_one(&mut owner).await.unwrap();
            assert_eq!(sql, case.state(now).as_str(), "{case:?} at {now}");
            states.insert(case.state(now));
        }
    }
    assert_eq!(states.len(), CertificateState::ALL.len(), "the cases reach every state");
}

/// Each case becomes the row of an administrator's certificate, the only one that is not revoked, in a transaction that
/// is rolled back.
#[tokio::test]
async fn who_is_let_in_is_one_rule() {
    let world = World::start().await;
    let mut owner = world.owner().await;
    let others = "INSERT INTO revocation (certificate, reason, revoker, revoked_at) \
        SELECT sha256, 'SUPERSEDED', 'test', created_at FROM certificate \
        WHERE administrator AND sha256 <> $1";
    let operator = AgencyCode::parse("operator").unwrap();
    let only: Vec<u8> = sqlx::query_scalar("SELECT sha256 FROM certificate WHERE administrator LIMIT 1")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    let fingerprint = <[u8; 32]>::try_from(only.as_slice()).unwrap();
    let (mut let_in, mut kept_out) = (0, 0);
    for case in cases() {
        for state in AgencyState::ALL {
            let mut tx = owner.begin().await.unwrap();
            sqlx::query(others).bind(&only).execute(&mut *tx).await.unwrap();
            become_row(&mut tx, &only, &case, *state).await;
            let role = Role::Administrator;
            let holder = Holder { agency: &operator, state: *state, role, certified: Some(role) };
            for now in moments() {
                let right = |at| case.let_in(&holder, at).is_ok();
                let found = good(&mut tx, &[fingerprint], now).await.unwrap();
                assert_eq!(found.len(), usize::from(right(now)), "{case:?} {state} at {now}");
                let later = now + SignedDuration::from_hours(24);
                let count = count_administrators(&mut tx, now, later, &[]).await.unwrap();
                assert_eq!(count, usize::from(right(now) && right(later)), "{case:?} {state} at {now}");
                *if right(now) { &mut let_in } else { &mut kept_out } += 1;
            }
            tx.rollback().await.unwrap();
        }
    }
    assert!(let_in > 50 && kept_out > 50, "{let_in} {kept_out}");
}

/// Whatever the registry says, a certificate lets in under the role that was signed for; of one from before its role was
/// kept, that is the role which its system had then.
#[tokio::test]
async fn a_role_is_the_certificates_in_sql_and_in_the_domain() {
    let world = World::start().await;
    let mut owner = world.owner().await;
    let only: Vec<u8> = sqlx::query_scalar("SELECT sha256 FROM certificate WHERE administrator LIMIT 1")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    let fingerprint = <[u8; 32]>::try_from(only.as_slice()).unwrap();
    let operator = AgencyCode::parse("operator").unwrap();
    let validity = Validity { not_before: day(0), not_after: day(4), ends_at: None, revoked: false };
    let kept = || std::iter::once(None).chain(Role::ALL.iter().copied().map(Some));
    let mut let_in = 0;
    for role in Role::ALL {
        for (signed, found) in kept().flat_map(|signed| kept().map(move |found| (signed, found))) {
            let mut tx = owner.begin().await.unwrap();
            become_row(&mut tx, &only, &validity, AgencyState::Active).await;
            let row = sqlx::query("UPDATE certificate SET role = $2, role_found = $3 WHERE sha256 = $1");
            let row = row.bind(&only).bind(signed.map(Role::as_str)).bind(found.map(Role::as_str));
            row.execute(&mut *tx).await.unwrap();
            let registry = sqlx::query("UPDATE system SET role = $1 WHERE agency = 'operator'");
            registry.bind(role.as_str()).execute(&mut *tx).await.unwrap();
            let certified = signed.or(found);
            let holder = Holder { agency: &operator, state: AgencyState::Active, role: *role, certified };
            let right = validity.let_in(&holder, day(2)).is_ok();
            assert_eq!(right, certified == Some(*role), "{role} {signed:?} {found:?}");
            let good = good(&mut tx, &[fingerprint], day(2)).await.unwrap();
            assert_eq!(good.len(), usize::from(right), "{role} {signed:?} {found:?}");
            let entered = gerbang::store::enter(&mut tx, &fingerprint).await.unwrap().unwrap();
            assert_eq!((entered.role, entered.certified), (*role, certified));
            let_in += usize::from(right);
            tx.rollback().await.unwrap();
        }
    }
    assert!(let_in > 20, "{let_in}");
}

async fn become_row(db: &mut PgConnection, certificate: &[u8], case: &Validity, agency: AgencyState) {
    let times = "UPDATE certificate SET not_before = $2::timestamptz, not_after = $3::timestamptz, \
        ends_at = $4::timestamptz WHERE sha256 = $1";
    let times = sqlx::query(times).bind(certificate).bind(case.not_before.to_string());
    let times = times.bind(case.not_after.to_string()).bind(case.ends_at.map(|end| end.to_string()));
    times.execute(&mut *db).await.unwrap();
    let state = sqlx::query("UPDATE agency SET state = $1 WHERE code = 'operator'").bind(agency.as_str());
    state.execute(&mut *db).await.unwrap();
    if case.revoked {
        let revoke = "INSERT INTO revocation (certificate, reason, revoker, revoked_at) \
            VALUES ($1, 'SUPERSEDED', 'test', $2::timestamptz)";
        let revoke = sqlx::query(revoke).bind(certificate).bind(case.not_before.to_string());
        revoke.execute(&mut *db).await.unwrap();
    }
}
