//! The two functions of a push bind to the certificate's agency, for their statement and no longer.

use gerbang::{
    domain::{
        access::Fingerprint,
        name::{ProgrammeName, ScheduleName},
        outside::Clock,
    },
    pki::certificate,
    store::{
        Question,
        push::{Ask, Grounds},
    },
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::count;
use crate::cast::{Cast, PROGRAMME, TRAINER, led_session};

const SEEN: &str = "SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM programme) + (SELECT count(*) FROM schedule)";

fn certificate_of(cast: &Cast, agency: &str, system: &str) -> Fingerprint {
    certificate::read_pem(&cast.world.issue(agency, system).certificate_pem).unwrap().fingerprint
}

async fn seen(db: &mut PgConnection) -> i64 {
    sqlx::query_scalar(SEEN).fetch_one(db).await.unwrap()
}

#[tokio::test]
async fn a_ground_is_its_callers_and_lets_nobody_in_for_longer() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", "2026-04-10T01:00:00Z", TRAINER)]).await;
    let programme = ProgrammeName::parse(PROGRAMME).unwrap();
    let ask = |fingerprint| Ask {
        fingerprint,
        request_id: Uuid::nil(),
        now: cast.world.clock.now(),
        schedule: ScheduleName::parse("agencies/blk-kepri/schedules/j1").unwrap(),
        programme: programme.clone(),
        rooms: Vec::new(),
        trainers: Vec::new(),
        sessions: Vec::new(),
        counts_minutes: true,
    };
    let [own, others, nobodys] = [
        ask(certificate_of(&cast, "blk-kepri", "jadwal")),
        ask(certificate_of(&cast, "dkp-kepri", "jadwal")),
        ask([9; 32]),
    ];
    let mut db = cast.world.runtime().await;
    let found = Grounds(&[&own, &others, &nobodys]).ask(&mut db).await.unwrap();
    let [Some(own), Some(others), None] = &found[..] else { panic!("{found:?}") };
    assert!(own.ground.as_ref().is_some_and(|ground| ground.minutes_ahead > Some(0)), "{own:?}");
    assert!(others.ground.is_none(), "{others:?}");
    assert_eq!(seen(&mut db).await, 0);
}

/// What is said of the caller is held against the certificate: a schedule is stored for its agency, and for no other.
const STORE: &str = "SELECT push_store(
      ARRAY[ROW(1, gen_random_uuid(), r.fingerprint, $1, r.system, r.role, r.certified, r.agency_state, r.not_before,
                r.not_after, r.ends_at, r.not_before, $2, 'p', 'Judul', 'lapas-tpi', gen_random_uuid(), 'baru', true,
                '{}'::uuid[], 45, 0, 0)::push_call],
      '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', true)
  FROM registered r WHERE r.fingerprint = $3";

#[tokio::test]
async fn who_stores_is_the_certificates_agency() {
    let cast = Cast::ready().await;
    // A schedule without an entry.
    cast.world.tampers();
    let programme = "SELECT id FROM programme";
    let programme: Uuid =
        sqlx::query_scalar(programme).fetch_one(&mut cast.world.owner().await).await.unwrap();
    let mut db = cast.world.runtime().await;
    for (agency, stored) in [("lapas-tpi", vec![]), ("dkp-kepri", vec![]), ("blk-kepri", vec![1])] {
        let calls = sqlx::query_scalar::<_, Vec<i32>>(STORE).bind(agency).bind(programme);
        let calls = calls.bind(certificate_of(&cast, "blk-kepri", "jadwal").to_vec()).fetch_one(&mut db);
        assert_eq!(calls.await.unwrap(), stored, "{agency}");
        let schedules = count(&cast.world, "SELECT count(*) FROM schedule").await;
        assert_eq!(schedules, i64::try_from(stored.len()).unwrap(), "{agency}");
        assert_eq!(seen(&mut db).await, 0, "{agency}");
    }
}
