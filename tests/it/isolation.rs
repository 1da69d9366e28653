//! Who sees what is decided twice. Here each half stands alone: the checks in `exchange` in a role that no policy
//! binds, the policies without any check, in bare SQL.

use gerbang::{config::Limits, pki::certificate::fingerprint, proto::v1};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tonic::Code;

use crate::{
    bridge::both_ways,
    cast::{self, AGREEMENT, Cast, FACILITY, PROGRAMME, TRAINER},
    world::{World, der, reason, request_id},
};

pub const LENT: &str = "agencies/dkpp-bintan/trainers/siti";
pub const SESSION: &str = "agencies/blk-kepri/sessions/s1";
const TABLES: [&str; 6] = ["agreement", "programme", "trainer", "schedule", "session", "assignment"];

/// A session of BLK with a trainer of its own and one whom DKPP lends.
pub async fn lent_in(world: World) -> Cast {
    let cast = Cast::gather_in(world).await.with_programme().await;
    let pks = "agencies/dkpp-bintan/agreements/pks-1";
    cast.agree(&cast.dkpp, pks, cast::terms("dkpp-bintan", cast::agriculture())).await;
    cast.dkpp.trainer().register_trainer(cast::trainer(LENT, "")).await.unwrap();
    let mut session = cast::led_session("s1", "2026-03-10T01:00:00Z", TRAINER);
    let role = v1::TrainerRole::Assistant.into();
    session.trainers.push(v1::SessionTrainer { trainer: LENT.to_owned(), role });
    assert_eq!(cast.push(vec![session]).await.outcome(), v1::BatchOutcome::Stored);
    cast
}

async fn the_checks_hold_where_no_policy_binds() {
    let cast = lent_in(World::start_as("gerbang_owner", Limits::default()).await).await;
    let other = &cast.dkp;
    let etag = || "any".to_owned();
    let mut refused = vec![];
    macro_rules! refused {
        ($client:ident . $service:ident . $method:ident, $request:ident { $($field:ident : $value:expr),* $(,)? }) => {
            #[allow(clippy::needless_update)]
            let request = v1::$request { $($field: $value.into(),)* ..Default::default() };
            refused.push((stringify!($method), $client.$service().$method(request).await.map(drop)));
        };
    }
    refused!(other.agreement.get_agreement, GetAgreementRequest { name: AGREEMENT });
    refused!(other.programme.get_programme, GetProgrammeRequest { name: PROGRAMME });
    refused!(other.trainer.get_trainer, GetTrainerRequest { name: TRAINER });
    refused!(other.schedule.get_session, GetSessionRequest { name: SESSION });
    cast.lapas.facility().create_facility(cast::facility(FACILITY, 16)).await.unwrap();
    refused!(other.facility.get_facility, GetFacilityRequest { name: FACILITY });
    for assignment in cast.pull(&cast.blk).await {
        refused!(
            other.assignment.get_trainer_assignment,
            GetTrainerAssignmentRequest { name: assignment.name }
        );
    }
    refused!(
        other.agreement.suspend_agreement,
        SuspendAgreementRequest { request_id: request_id(), name: AGREEMENT, etag: etag(), note: "x" }
    );
    refused!(
        other.agreement.terminate_agreement,
        TerminateAgreementRequest { request_id: request_id(), name: AGREEMENT, etag: etag(), note: "x" }
    );
    refused!(
        other.programme.cancel_programme,
        CancelProgrammeRequest { request_id: request_id(), name: PROGRAMME, etag: etag(), note: "x" }
    );
    refused!(
        other.trainer.update_trainer,
        UpdateTrainerRequest {
            request_id: request_id(),
            name: TRAINER,
            etag: etag(),
            profile: cast::trainer(TRAINER, "").profile.unwrap(),
        }
    );
    let push = cast::push(vec![cast::session("s9", "2026-03-11T01:00:00Z")]);
    refused.push(("push_schedule", other.schedule().push_schedule(push).await.map(drop)));
    for (method, answer) in refused {
        let status = answer.expect_err(method);
        assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "NOT_FOUND"), "{method}");
    }
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name: SESSION.to_owned(), etag: etag() }],
        note: "x".to_owned(),
        ..Default::default()
    };
    let answer = other.schedule().cancel_sessions(cancel).await.unwrap().into_inner();
    assert_eq!(answer.outcome(), v1::BatchOutcome::Rejected);
    assert_eq!(answer.results[0].errors[0].reason, "NOT_FOUND");
}

async fn lists_show_no_more_where_no_policy_binds() {
    let cast = lent_in(World::start_as("gerbang_owner", Limits::default()).await).await;
    // Agreements, programmes, trainers, sessions, assignments.
    let cases = [
        ("prison", &cast.lapas, [2, 1, 0, 1, 2]),
        ("lead", &cast.blk, [1, 1, 1, 1, 2]),
        ("trainer's agency", &cast.dkpp, [1, 0, 1, 1, 1]),
        ("other", &cast.dkp, [0, 0, 0, 0, 0]),
    ];
    for (who, client, expected) in cases {
        let agreements = client.agreement().list_agreements(v1::ListAgreementsRequest::default()).await;
        let programmes = client.programme().list_programmes(v1::ListProgrammesRequest::default()).await;
        let trainers = client.trainer().list_trainers(v1::ListTrainersRequest::default()).await;
        let sessions = client.schedule().list_sessions(v1::ListSessionsRequest::default()).await;
        let found = [
            agreements.unwrap().into_inner().agreements.len(),
            programmes.unwrap().into_inner().programmes.len(),
            trainers.unwrap().into_inner().trainers.len(),
            sessions.unwrap().into_inner().sessions.len(),
            cast.pull(client).await.len(),
        ];
        assert_eq!(found, expected, "{who}");
    }
    let get = v1::GetSessionRequest { name: SESSION.to_owned() };
    let seen = cast.dkpp.schedule().get_session(get).await.unwrap().into_inner().session.unwrap();
    let trainers: Vec<_> = seen.trainers.iter().map(|named| named.trainer.as_str()).collect();
    assert_eq!((trainers, seen.schedule.as_str(), seen.programme.as_str()), (vec![LENT], "", ""));
}

/// Enters as the agency's system `system`, as every call does.
pub async fn enter(db: &mut PgConnection, world: &World, agency: &str, system: &str) {
    let certificate = fingerprint(&der(&world.issue(agency, system).certificate_pem));
    let entered = sqlx::query("SELECT * FROM enter($1)").bind(&certificate[..]);
    assert_eq!(entered.fetch_all(db).await.unwrap().len(), 1, "{agency} is registered");
}

async fn counts(db: &mut PgConnection) -> [i64; 6] {
    let mut found = [0; 6];
    for (table, found) in TABLES.iter().zip(&mut found) {
        let query = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}")));
        *found = query.fetch_one(&mut *db).await.unwrap();
    }
    found
}

#[tokio::test]
async fn the_policies_hold_without_any_check() {
    let cast = lent_in(World::start().await).await;
    let mut db = cast.world.runtime().await;
    assert_eq!(counts(&mut db).await, [0; 6], "nothing before enter()");
    let cases = [
        ("lapas-tpi", "sdp", [2, 1, 0, 1, 1, 2]),
        ("blk-kepri", "jadwal", [1, 1, 1, 1, 1, 2]),
        ("dkpp-bintan", "jadwal", [1, 0, 1, 0, 1, 1]),
        ("dkp-kepri", "jadwal", [0; 6]),
        ("operator", "admin", [0; 6]),
    ];
    for (agency, system, expected) in cases {
        let mut tx = db.begin().await.unwrap();
        enter(&mut tx, &cast.world, agency, system).await;
        assert_eq!(counts(&mut tx).await, expected, "{agency}");
        tx.commit().await.unwrap();
        assert_eq!(counts(&mut db).await, [0; 6], "{agency}: the setting ends with the transaction");
    }
    let mut tx = db.begin().await.unwrap();
    let unknown = sqlx::query("SELECT * FROM enter($1)").bind(&[7_u8; 32][..]);
    assert!(unknown.fetch_all(&mut *tx).await.unwrap().is_empty());
    assert_eq!(counts(&mut tx).await, [0; 6]);
}

#[tokio::test]
async fn the_policies_keep_others_from_writing() {
    let cast = lent_in(World::start().await).await;
    let mut db = cast.world.runtime().await;
    let mut tx = db.begin().await.unwrap();
    enter(&mut tx, &cast.world, "dkp-kepri", "jadwal").await;
    for table in TABLES.iter().filter(|table| **table != "schedule") {
        let update = sqlx::query(AssertSqlSafe(format!("UPDATE {table} SET version = version + 1")));
        assert_eq!(update.execute(&mut *tx).await.unwrap().rows_affected(), 0, "{table}");
    }
    tx.rollback().await.unwrap();
    let statements = [
        "INSERT INTO trainer SELECT gen_random_uuid(), 'blk-kepri', 'neu', 'X', 'EXTERNAL', '[]', 'ACTIVE',
                sha256('x'), 1, '2026-03-02T00:00:00Z'",
        "INSERT INTO schedule SELECT gen_random_uuid(), 'blk-kepri', 'neu', gen_random_uuid(), 'lapas-tpi',
                '2026-03-02T00:00:00Z'",
    ];
    for statement in statements {
        let mut tx = db.begin().await.unwrap();
        enter(&mut tx, &cast.world, "dkp-kepri", "jadwal").await;
        let error = sqlx::query(statement).execute(&mut *tx).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{error}");
    }
    // Nor may one give a row of one's own away.
    let mut tx = db.begin().await.unwrap();
    enter(&mut tx, &cast.world, "dkpp-bintan", "jadwal").await;
    let away = sqlx::query("UPDATE trainer SET agency = 'dkp-kepri'").execute(&mut *tx).await;
    assert!(away.is_err());
}

#[tokio::test]
async fn a_trainers_agency_cannot_change_a_session_in_sql() {
    let cast = lent_in(World::start().await).await;
    let mut db = cast.world.runtime().await;
    let mut tx = db.begin().await.unwrap();
    enter(&mut tx, &cast.world, "dkpp-bintan", "jadwal").await;
    let error = sqlx::query("UPDATE session SET topic = 'lain'").execute(&mut *tx).await.unwrap_err();
    let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
    assert_eq!(code.as_deref(), Some("42501"), "{error}");
}

#[tokio::test]
async fn questions_across_agencies_answer_no_more_than_their_columns() {
    let cast = lent_in(World::start().await).await;
    let mut db = cast.world.runtime().await;
    let columns = |function: &'static str| {
        sqlx::query_scalar::<_, Vec<String>>(
            "SELECT array(SELECT a.name FROM unnest(p.proargnames, p.proargmodes) AS a (name, mode) WHERE mode IN ('o', 't'))
               FROM pg_proc p WHERE proname = $1",
        )
        .bind(function)
    };
    let cases = [
        ("trainers_named", vec!["id", "agency", "ref", "booking_key", "status"]),
        ("busy", vec!["booking_key", "starts_at", "ends_at"]),
        ("rooms_busy", vec!["facility", "starts_at", "ends_at"]),
        ("assigned_trainers", vec!["assignment", "full_name", "competences", "field"]),
        ("registrations_by", vec!["id", "agency", "ref", "booking_key"]),
        ("trainer_claim_keys", vec!["later", "earlier"]),
        ("readers_of_sessions", vec!["session", "agency", "version", "told_at", "acknowledged_at"]),
        ("answer_times", vec!["agency", "told", "acknowledged", "median_seconds", "waits_since", "last_at"]),
    ];
    for (function, expected) in cases {
        assert_eq!(columns(function).fetch_one(&mut db).await.unwrap(), expected, "{function}");
    }
    let ids = sqlx::query_scalar::<_, uuid::Uuid>("SELECT id FROM assignment");
    let ids = ids.fetch_all(&mut cast.world.owner().await).await.unwrap();
    assert_eq!(ids.len(), 2);
    for (agency, system, expected) in
        [("lapas-tpi", "sdp", 2), ("dkpp-bintan", "jadwal", 1), ("dkp-kepri", "jadwal", 0)]
    {
        let mut tx = db.begin().await.unwrap();
        enter(&mut tx, &cast.world, agency, system).await;
        let named = sqlx::query("SELECT * FROM assigned_trainers($1)").bind(&ids);
        assert_eq!(named.fetch_all(&mut *tx).await.unwrap().len(), expected, "{agency}");
    }
    let mut tx = db.begin().await.unwrap();
    enter(&mut tx, &cast.world, "blk-kepri", "jadwal").await;
    let named = sqlx::query_as::<_, (String, String)>(
        "SELECT full_name, n.competences::text FROM assigned_trainers($1) n JOIN assignment a ON a.id = n.assignment
          WHERE a.trainer_agency = 'dkpp-bintan'",
    );
    let named = named.bind(&ids).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(named, [(String::new(), "[]".to_owned())], "to the lead agency a lent trainer is nobody yet");
}

/// A name is the caller's own to give, even under a programme of the caller's.
#[tokio::test]
async fn a_schedule_stands_under_its_lead_agency() {
    let cast = Cast::ready().await;
    let push = v1::PushScheduleRequest {
        name: "agencies/dkpp-bintan/schedules/las-1".to_owned(),
        ..cast::push(vec![cast::session("s1", "2026-03-10T01:00:00Z")])
    };
    let status = cast.blk.schedule().push_schedule(push).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "NAME_OF_OTHER_AGENCY"));
}

both_ways! {
    the_checks_hold_where_no_policy_binds,
    lists_show_no_more_where_no_policy_binds,
}
