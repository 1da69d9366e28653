//! Who sees what is decided twice. Here each half stands alone: the checks in `exchange` in a role that no policy
//! binds, the policies without any check, in bare SQL.

use gerbang::{
    config::Limits,
    domain::{
        agreement::{Act, Agreement, AgreementState, Nature, Terms},
        name::AgreementName,
    },
    pki::certificate::fingerprint,
    proto::v1,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tonic::Code;

use crate::{
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

#[tokio::test]
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

#[tokio::test]
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
async fn the_runtime_role_only_appends_to_the_ledger() {
    let cast = Cast::ready().await;
    let mut db = cast.world.runtime().await;
    for statement in [
        "UPDATE ledger_entry SET leaf = ''",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "UPDATE ledger_salt SET salt = salt",
        "DELETE FROM agency",
        "DELETE FROM session",
        "UPDATE certificate SET not_after = not_after",
    ] {
        let error = sqlx::query(statement).execute(&mut db).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
    }
    let mut owner = cast.world.owner().await;
    for statement in ["UPDATE ledger_entry SET leaf = ''", "DELETE FROM ledger_entry"] {
        assert!(sqlx::query(statement).execute(&mut owner).await.is_err(), "append-only for its owner too");
    }
}

/// Each statement is refused for want of a privilege.
async fn forbidden(db: &mut PgConnection, statements: &[&'static str]) {
    for statement in statements {
        let error = sqlx::query(*statement).execute(&mut *db).await.expect_err(statement);
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
    }
}

/// What lets a stranger in, the gateway cannot write; what it wrote to put somebody out, it cannot take back.
#[tokio::test]
async fn the_runtime_role_certifies_nobody_and_takes_no_revocation_back() {
    let world = World::start().await;
    world.tampers();
    let mut db = world.runtime().await;
    forbidden(
        &mut db,
        &[
            "INSERT INTO certificate DEFAULT VALUES",
            "UPDATE certificate SET administrator = true",
            "UPDATE certificate SET ends_at = NULL",
            "DELETE FROM certificate",
            "INSERT INTO authority DEFAULT VALUES",
            "UPDATE authority SET kind = 'CLIENTS'",
            "DELETE FROM authority",
            "INSERT INTO issuance DEFAULT VALUES",
            "UPDATE issuance SET state = 'ISSUED'",
            "DELETE FROM issuance",
            "INSERT INTO used_statement DEFAULT VALUES",
            "UPDATE used_statement SET sha256 = ''",
            "DELETE FROM used_statement",
            "SELECT FROM used_statement",
            "INSERT INTO crl DEFAULT VALUES",
            "UPDATE crl SET der = ''",
            "DELETE FROM crl",
            "INSERT INTO signer_beat VALUES (true, '2026-03-02Z')",
            "UPDATE signer_beat SET beat_at = '2026-03-02Z'",
            "UPDATE certificate_order SET agency = NULL, system = NULL",
            "UPDATE certificate_order SET way = 'GATEWAY'",
            "UPDATE certificate_order SET role = 'PARTNER'",
            "UPDATE certificate_order SET token_sha256 = NULL",
            "UPDATE certificate_order SET previous = NULL",
            "UPDATE certificate_order SET expires_at = '2039-01-01Z'",
            "DELETE FROM certificate_order",
            "UPDATE order_approval SET approver = ''",
            "DELETE FROM order_approval",
            "UPDATE revocation SET reason = 'SUPERSEDED'",
            "DELETE FROM revocation",
            "TRUNCATE revocation",
            "ALTER TABLE revocation DISABLE TRIGGER ALL",
            "UPDATE collection SET collected_at = collected_at",
            "DELETE FROM collection",
            "INSERT INTO sighting DEFAULT VALUES",
            "UPDATE sighting SET address = ''",
            "DELETE FROM sighting",
        ],
    )
    .await;
    // Nor does anybody change a revocation, not even its owner.
    let mut owner = world.owner().await;
    let revoke = "INSERT INTO revocation SELECT sha256, 'SUPERSEDED', NULL, 'x', '2026-03-02Z' FROM certificate LIMIT 1";
    sqlx::query(revoke).execute(&mut owner).await.unwrap();
    for statement in
        ["UPDATE revocation SET reason = reason", "DELETE FROM revocation", "TRUNCATE revocation"]
    {
        assert!(sqlx::query(statement).execute(&mut owner).await.is_err(), "{statement}");
    }
}

/// The signer issues what was ordered and approved, and revokes what its lists name or what follows a compromised key. It
/// orders and approves nothing, and reads nothing of what agencies exchange.
#[tokio::test]
async fn the_signers_role_asks_for_nothing_and_sees_nothing_else() {
    let world = World::start().await;
    let mut db = world.signers_connection().await;
    forbidden(
        &mut db,
        &[
            "UPDATE revocation SET reason = 'SUPERSEDED'",
            "DELETE FROM revocation",
            "TRUNCATE revocation",
            "INSERT INTO authority DEFAULT VALUES",
            "INSERT INTO certificate_order DEFAULT VALUES",
            "UPDATE certificate_order SET rejected = false",
            "DELETE FROM certificate_order",
            "INSERT INTO order_approval DEFAULT VALUES",
            "UPDATE order_approval SET approver = ''",
            "DELETE FROM order_approval",
            "INSERT INTO collection DEFAULT VALUES",
            "INSERT INTO sighting DEFAULT VALUES",
            "UPDATE sighting SET address = ''",
            "INSERT INTO agency DEFAULT VALUES",
            "UPDATE agency SET state = 'ACTIVE'",
            "INSERT INTO system DEFAULT VALUES",
            "UPDATE system SET role = 'ADMINISTRATOR'",
            "UPDATE certificate SET administrator = true",
            "UPDATE certificate SET not_after = not_after",
            "UPDATE certificate SET agency = agency",
            "DELETE FROM certificate",
            "UPDATE authority SET kind = 'CLIENTS'",
            "DELETE FROM authority",
            "DELETE FROM issuance",
            "UPDATE used_statement SET sha256 = ''",
            "DELETE FROM used_statement",
            "UPDATE crl SET der = ''",
            "UPDATE ledger_entry SET leaf = ''",
            "DELETE FROM ledger_entry",
            "SELECT FROM replay",
            "SELECT FROM agreement",
            "SELECT FROM programme",
            "SELECT FROM session",
            "SELECT FROM trainer",
            "SELECT FROM assignment",
            "SELECT FROM trainee",
            "SELECT FROM enrolment",
        ],
    )
    .await;
}

/// What the gateway does by itself lets nobody in and puts nobody out, changes nothing that is there, and reads nothing of
/// what agencies exchange.
#[tokio::test]
async fn the_keepers_role_changes_nothing_and_sees_nothing_else() {
    let world = World::start().await;
    let mut db = world.keepers_connection().await;
    forbidden(
        &mut db,
        &[
            "INSERT INTO certificate DEFAULT VALUES",
            "UPDATE certificate SET ends_at = NULL",
            "DELETE FROM certificate",
            "INSERT INTO authority DEFAULT VALUES",
            "INSERT INTO revocation DEFAULT VALUES",
            "DELETE FROM revocation",
            "TRUNCATE revocation",
            "INSERT INTO barred_key DEFAULT VALUES",
            "DELETE FROM barred_key",
            "UPDATE certificate_order SET rejected = false",
            "INSERT INTO order_approval DEFAULT VALUES",
            "UPDATE order_approval SET approver = ''",
            "INSERT INTO issuance DEFAULT VALUES",
            "DELETE FROM issuance",
            "SELECT FROM used_statement",
            "DELETE FROM used_statement",
            "INSERT INTO collection DEFAULT VALUES",
            "UPDATE sighting SET address = ''",
            "DELETE FROM sighting",
            "DELETE FROM crl",
            "INSERT INTO agency DEFAULT VALUES",
            "UPDATE agency SET state = 'ACTIVE'",
            "UPDATE system SET role = 'ADMINISTRATOR'",
            "UPDATE ledger_entry SET leaf = ''",
            "DELETE FROM ledger_entry",
            "DELETE FROM ledger_salt",
            "SELECT answer FROM replay",
            "INSERT INTO replay DEFAULT VALUES",
            "UPDATE replay SET answer = '{}'",
            "SELECT FROM agreement",
            "SELECT FROM programme",
            "SELECT FROM session",
            "SELECT FROM trainer",
            "SELECT FROM assignment",
            "SELECT FROM trainee",
            "SELECT FROM enrolment",
            "SELECT FROM vault_check",
        ],
    )
    .await;
}

#[tokio::test]
async fn questions_across_agencies_answer_no_more_than_their_columns() {
    let cast = lent_in(World::start().await).await;
    let mut db = cast.world.runtime().await;
    let columns = |function: &'static str| {
        sqlx::query_scalar::<_, Vec<String>>(
            "SELECT array(SELECT a.name FROM unnest(p.proargnames, p.proargmodes) AS a (name, mode) WHERE mode = 't')
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

/// The state in the domain and the state in SQL, over every act, day, end and suspension.
#[tokio::test]
async fn the_state_in_sql_is_the_state_in_the_domain() {
    let cast = Cast::ready().await;
    let mut owner = cast.world.owner().await;
    let terms = sqlx::query_scalar::<_, serde_json::Value>("SELECT terms FROM agreement");
    let terms: Terms = serde_json::from_value(terms.fetch_one(&mut owner).await.unwrap()).unwrap();
    let mut agreement = Agreement {
        id: uuid::Uuid::nil(),
        name: AgreementName::parse(AGREEMENT).unwrap(),
        terms,
        nature: Nature::Functional,
        act: Act::Draft,
        binding: None,
        accepted_by: Vec::new(),
        suspended_by: Vec::new(),
        terminates_on: None,
        remarks: Vec::new(),
        proposed_at: None,
        version: 1,
        created_at: "2026-03-02T01:00:00Z".parse().unwrap(),
    };
    let last = agreement.terms.term.last_day();
    let by = vec![agreement.name.agency.clone()];
    let days = ["2026-03-01", "2026-03-02", "2026-07-01", "2028-03-01", "2028-03-02", "2030-01-01"];
    let mut states = std::collections::BTreeSet::new();
    let noted =
        [None, Some("2026-03-03T05:00:00Z"), Some("2026-04-02T05:00:00Z"), Some("2028-01-01T00:00:00Z")];
    for (act, proposed_at) in Act::ALL.iter().flat_map(|act| noted.map(|at| (act, at))) {
        agreement.proposed_at = proposed_at.map(|at| at.parse().unwrap());
        for ends in std::iter::once(None).chain(days.map(Some)) {
            for suspended in [false, true] {
                for today in days {
                    agreement.act = *act;
                    agreement.terminates_on = ends.map(|day| day.parse().unwrap());
                    agreement.suspended_by = if suspended { by.clone() } else { Vec::new() };
                    // Noon in Jakarta.
                    let state = agreement.state(format!("{today}T05:00:00Z").parse().unwrap());
                    let sql = sqlx::query_scalar::<_, String>(
                        "SELECT agreement_state($1, $2::date, $3::date, $4::date, $5, $6::date,
                                                $7::timestamptz, $8::timestamptz)",
                    )
                    .bind(act.as_str())
                    .bind(agreement.terms.term.from.to_string())
                    .bind(last.map(|day| day.to_string()))
                    .bind(ends)
                    .bind(suspended)
                    .bind(today)
                    .bind(agreement.lapses_at().to_string())
                    .bind(format!("{today}T05:00:00Z"));
                    let sql = sql.fetch_one(&mut owner).await.unwrap();
                    assert_eq!(sql, state.as_str(), "{act} {ends:?} {suspended} {today}");
                    states.insert(state);
                }
            }
        }
    }
    assert_eq!(states.len(), AgreementState::ALL.len(), "the grid reaches every state");
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

/// Temporary things come first in a search path that does not say where they come: whoever may make some would have a
/// function run them as its owner.
#[tokio::test]
async fn what_runs_as_its_owner_looks_nothing_up_among_temporary_things() {
    let world = World::start().await;
    let bare = "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.prosecdef \
        AND p.pronamespace = 'public'::regnamespace \
        AND NOT 'search_path=pg_catalog, public, pg_temp' = ANY (coalesce(p.proconfig, '{}'))";
    let bare: Vec<String> = sqlx::query_scalar(bare).fetch_all(&mut world.owner().await).await.unwrap();
    assert!(bare.is_empty(), "{bare:?}");
    let definers = "SELECT count(*) FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace";
    let definers = sqlx::query_scalar::<_, i64>(definers).fetch_one(&mut world.owner().await).await.unwrap();
    assert!(definers > 8, "{definers}");
}
