//! What the prison changes of a person, and what no table can hold.

use gerbang::proto::v1::{self, ItemOutcome};

use crate::{
    cast::{Cast, trainee},
    world::{reason, request_id, violations},
};

async fn records(cast: &Cast) -> Vec<v1::PrisonRecord> {
    let roster = cast.roster(&cast.lapas).await.enrolments;
    roster.into_iter().map(|one| one.prison_record.unwrap()).collect()
}

async fn update(
    cast: &Cast,
    record: &v1::PrisonRecord,
    profile: v1::TraineeProfile,
) -> Result<v1::UpdateTraineeResponse, tonic::Status> {
    let request = v1::UpdateTraineeRequest {
        request_id: request_id(),
        name: record.trainee.clone(),
        etag: record.trainee_etag.clone(),
        profile: Some(profile),
        ..Default::default()
    };
    cast.lapas.roster().update_trainee(request).await.map(tonic::Response::into_inner)
}

async fn withhold(cast: &Cast, record: &v1::PrisonRecord) -> v1::Change {
    let request = v1::WithholdTraineeRequest {
        request_id: request_id(),
        name: record.trainee.clone(),
        etag: record.trainee_etag.clone(),
        ..Default::default()
    };
    cast.lapas.roster().withhold_trainee(request).await.unwrap().into_inner().change.unwrap()
}

fn names(roster: &v1::ListRosterResponse) -> Vec<&str> {
    let mut names: Vec<_> = roster.enrolments.iter().map(|one| one.full_name.as_str()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_withheld_person_is_shown_to_no_partner_until_it_is_lifted() {
    let cast = Cast::ready().await;
    cast.nominate(&[1, 2]).await;
    let before = records(&cast).await;
    let change = withhold(&cast, &before[0]).await;
    cast.world.assert_entry(&change.entry, "RosterService/WithholdTrainee", &[&before[0].trainee]).await;
    assert_eq!(names(&cast.roster(&cast.blk).await), ["", "Peserta Contoh 2"]);
    let withheld = records(&cast).await;
    assert!(withheld[0].withheld, "the prison sees that it is");
    assert_eq!(withhold(&cast, &withheld[0]).await.outcome(), ItemOutcome::Unchanged);
    let request = v1::LiftWithholdingRequest {
        request_id: request_id(),
        name: withheld[0].trainee.clone(),
        etag: withheld[0].trainee_etag.clone(),
        ..Default::default()
    };
    cast.lapas.roster().lift_withholding(request.clone()).await.unwrap();
    assert_eq!(names(&cast.roster(&cast.blk).await), ["Peserta Contoh 1", "Peserta Contoh 2"]);
    let stale = v1::LiftWithholdingRequest { request_id: request_id(), ..request };
    assert_eq!(reason(&cast.lapas.roster().lift_withholding(stale).await.unwrap_err()), "ETAG_MISMATCH");
}

#[tokio::test]
async fn a_changed_record_is_found_by_its_new_numbers_and_not_by_its_old() {
    let cast = Cast::ready().await;
    cast.nominate(&[1, 2]).await;
    let before = records(&cast).await;
    let same = update(&cast, &before[0], trainee(1)).await.unwrap();
    assert_eq!(same.change.unwrap().outcome(), ItemOutcome::Unchanged);
    let taken = v1::TraineeProfile { register_number: trainee(2).register_number, ..trainee(1) };
    assert_eq!(reason(&update(&cast, &before[0], taken).await.unwrap_err()), "REGISTER_NUMBER_IN_USE");
    let changed = update(&cast, &before[0], trainee(9)).await.unwrap().change.unwrap();
    cast.world.assert_entry(&changed.entry, "RosterService/UpdateTrainee", &[&before[0].trainee]).await;
    assert_eq!(names(&cast.roster(&cast.blk).await), ["Peserta Contoh 2", "Peserta Contoh 9"]);
    assert_eq!(cast.nominate(&[9]).await.results[0].outcome(), ItemOutcome::Unchanged);
    assert_eq!(cast.nominate(&[1]).await.results[0].outcome(), ItemOutcome::Created, "somebody new");
    let now = records(&cast).await;
    let collides = v1::TraineeProfile { nik: trainee(2).nik, ..trainee(9) };
    let warned = update(&cast, &now[0], collides).await.unwrap().warnings;
    assert_eq!(warned[0].reason, "IDENTITY_COLLISION");
    let bad = v1::TraineeProfile { nik: "9,9E+15".to_owned(), ..trainee(9) };
    let found = violations(&update(&cast, &now[0], bad).await.unwrap_err());
    assert_eq!(found, [("profile.nik".to_owned(), "NIK_SCIENTIFIC".to_owned())]);
}

#[tokio::test]
async fn another_prison_knows_nobody_of_ours() {
    let cast = Cast::ready().await;
    cast.nominate(&[1]).await;
    let ours = records(&cast).await.remove(0);
    let batam = cast.world.join("lapas-batam", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    let request = v1::WithholdTraineeRequest {
        request_id: request_id(),
        name: ours.trainee,
        etag: ours.trainee_etag,
        ..Default::default()
    };
    assert_eq!(reason(&batam.roster().withhold_trainee(request).await.unwrap_err()), "NOT_FOUND");
}

#[tokio::test]
async fn no_column_holds_what_must_not_be_known() {
    let cast = Cast::ready().await;
    let columns = sqlx::query_scalar::<_, String>(
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'",
    );
    let columns = columns.fetch_all(&mut cast.world.owner().await).await.unwrap();
    assert!(columns.contains(&"trainee.sealed".to_owned()));
    for word in [
        "case",
        "perkara",
        "sentence",
        "hukuman",
        "release",
        "bebas",
        "recidiv",
        "residiv",
        "health",
        "religion",
        "agama",
        "left_reason",
        "block",
        "sex",
        "birth",
    ] {
        let found: Vec<_> = columns.iter().filter(|column| column.contains(word)).collect();
        assert!(found.is_empty(), "{word}: {found:?}");
    }
}

#[tokio::test]
async fn policies_keep_rosters_to_prison_and_lead_and_persons_to_the_prison() {
    use sqlx::Connection;
    let cast = Cast::ready().await;
    cast.nominate(&[1, 2]).await;
    let mut db = cast.world.runtime().await;
    let cases = [
        ("lapas-tpi", "sdp", [2, 2, 4]),
        ("blk-kepri", "jadwal", [2, 0, 0]),
        ("dkp-kepri", "jadwal", [0; 3]),
    ];
    for (agency, system, expected) in cases {
        let mut tx = db.begin().await.unwrap();
        crate::isolation::enter(&mut tx, &cast.world, agency, system).await;
        for (table, expected) in ["enrolment", "trainee", "trainee_digest"].iter().zip(expected) {
            let count =
                sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")));
            assert_eq!(count.fetch_one(&mut *tx).await.unwrap(), expected, "{agency} {table}");
        }
        if agency == "blk-kepri" {
            let moved = sqlx::query("UPDATE enrolment SET state = 'LEFT'").execute(&mut *tx).await;
            assert!(moved.is_err(), "a partner writes no roster");
        }
        tx.rollback().await.unwrap();
    }
}

/// Past the policies, sealed records go to the lead agency alone, and only those that it may be shown.
#[tokio::test]
async fn sealed_records_of_the_confirmed_and_not_withheld_go_to_the_lead_agency_alone() {
    use sqlx::Connection;
    let cast = Cast::ready().await;
    cast.set_capacity(2).await.unwrap();
    cast.nominate(&[1, 2, 3]).await;
    let first = records(&cast).await.remove(0);
    withhold(&cast, &first).await;
    let ids = sqlx::query_scalar::<_, uuid::Uuid>("SELECT id FROM enrolment");
    let ids = ids.fetch_all(&mut cast.world.owner().await).await.unwrap();
    let mut db = cast.world.runtime().await;
    for (agency, system, expected) in
        [("blk-kepri", "jadwal", 1), ("lapas-tpi", "sdp", 0), ("dkp-kepri", "jadwal", 0)]
    {
        let mut tx = db.begin().await.unwrap();
        crate::isolation::enter(&mut tx, &cast.world, agency, system).await;
        let found = sqlx::query("SELECT * FROM sealed_of($1)").bind(&ids).fetch_all(&mut *tx).await.unwrap();
        assert_eq!(found.len(), expected, "{agency}");
        tx.rollback().await.unwrap();
    }
}

/// A withholding and a look at once: whichever order, no name is shown after the withholding was answered.
#[tokio::test]
async fn a_withholding_and_a_look_at_once_leave_no_name_behind() {
    let cast = Cast::ready().await;
    cast.nominate(&[1]).await;
    for _ in 0..5 {
        let record = records(&cast).await.remove(0);
        let (_, _) = tokio::join!(withhold(&cast, &record), cast.roster(&cast.blk));
        assert_eq!(names(&cast.roster(&cast.blk).await), [""]);
        let record = records(&cast).await.remove(0);
        let lift = v1::LiftWithholdingRequest {
            request_id: request_id(),
            name: record.trainee,
            etag: record.trainee_etag,
            ..Default::default()
        };
        cast.lapas.roster().lift_withholding(lift).await.unwrap();
    }
}

/// Two programmes that name somebody new at once make one person of it.
#[tokio::test]
async fn two_nominations_of_somebody_new_at_once_make_one_person() {
    let cast = Cast::ready().await;
    let other = "agencies/blk-kepri/programmes/las-2";
    let plan = crate::cast::plan(crate::cast::manpower());
    cast.open(&cast.blk, other, crate::cast::AGREEMENT, plan).await;
    let second = v1::NominateTraineesRequest { programme: other.to_owned(), ..crate::cast::nominate(&[1]) };
    let mut roster = cast.lapas.roster();
    let (_, second) = tokio::join!(cast.nominate(&[1]), roster.nominate_trainees(second));
    assert_eq!(second.unwrap().into_inner().results[0].outcome(), ItemOutcome::Created);
    let persons = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM trainee");
    assert_eq!(persons.fetch_one(&mut cast.world.owner().await).await.unwrap(), 1);
}
