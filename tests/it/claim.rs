//! Persons whom two agencies register: the later registration is kept, and counts once it is confirmed.

use gerbang::{
    agent::Client,
    format::json::to_json,
    proto::v1::{self, BatchOutcome, TrainerRegistration as Registration},
};
use sqlx::Connection;
use tonic::Code;

use crate::{
    acts::Act,
    cast::{Cast, FISHER, errors, led_session, push_fish, trainer},
    cli::gerbang,
    isolation::enter,
    world::{details, reason, request_id, violations},
};

const SAME: &str = "agencies/blk-kepri/trainers/t9";
const FIRST: &str = "2026-03-10T01:00:00Z";
const OVERLAPPING: &str = "2026-03-10T03:59:59Z";
const LATER: &str = "2026-03-11T01:00:00Z";
/// Invented: no province has the number 99.
const NIK: &str = "9901010101900001";
const OTHER_NIK: &str = "9901014101900002";
const NIP: &str = "190001012015031001";

async fn register(client: &Client, request: v1::RegisterTrainerRequest) -> v1::RegisterTrainerResponse {
    client.trainer().register_trainer(request).await.unwrap().into_inner()
}

async fn claims(client: &Client) -> Vec<v1::TrainerClaim> {
    let request = v1::ListTrainerClaimsRequest::default();
    client.trainer().list_trainer_claims(request).await.unwrap().into_inner().claims
}

async fn confirm(client: &Client, claim: &v1::TrainerClaim) -> Result<v1::Change, tonic::Status> {
    let request = v1::ConfirmTrainerClaimRequest {
        request_id: request_id(),
        name: claim.name.clone(),
        etag: claim.etag.clone(),
        ..Default::default()
    };
    let answer = client.trainer().confirm_trainer_claim(request).await?;
    Ok(answer.into_inner().change.unwrap())
}

async fn registration(client: &Client, name: &str) -> Registration {
    let get = v1::GetTrainerRequest { name: name.to_owned() };
    client.trainer().get_trainer(get).await.unwrap().into_inner().trainer.unwrap().registration()
}

/// [`FISHER`] of the fisheries agency, and [`SAME`], whom BLK registers under the same NIK later.
async fn claimed() -> Cast {
    let cast = Cast::ready().await.with_fisheries(NIK).await;
    let answer = register(&cast.blk, trainer(SAME, NIK)).await;
    assert_eq!(answer.registration(), Registration::Pending);
    let entry = answer.change.unwrap().entry;
    let claim = claims(&cast.blk).await.remove(0).name;
    cast.world.assert_entry(&entry, "TrainerService/RegisterTrainer", &[SAME, &claim]).await;
    cast
}

async fn send(client: &Client, request: v1::PushScheduleRequest) -> v1::PushScheduleResponse {
    client.schedule().push_schedule(request).await.unwrap().into_inner()
}

/// Whoever knows a number learns by it neither when the person is busy, nor holds the person's time.
#[tokio::test]
async fn a_claimed_person_is_seen_busy_by_nobody_and_blocks_nobody() {
    let cast = claimed().await;
    assert_eq!(registration(&cast.blk, SAME).await, Registration::Pending);
    assert_eq!(registration(&cast.dkp, FISHER).await, Registration::Confirmed);
    let theirs = send(&cast.dkp, push_fish(vec![led_session("f1", FIRST, FISHER)])).await;
    assert_eq!(theirs.outcome(), BatchOutcome::Stored);
    let ours = cast.push(vec![led_session("s1", OVERLAPPING, SAME), led_session("s2", LATER, SAME)]).await;
    assert_eq!(ours.outcome(), BatchOutcome::Stored, "{ours:?}");
    let theirs = send(&cast.dkp, push_fish(vec![led_session("f2", LATER, FISHER)])).await;
    assert_eq!(theirs.outcome(), BatchOutcome::Stored, "{theirs:?}");
}

#[tokio::test]
async fn both_agencies_and_the_prison_are_told_and_no_name_crosses() {
    let cast = claimed().await;
    let read = async |client: &Client| {
        let claims = claims(client).await;
        assert!(!format!("{claims:?}").contains("Budi Contoh"));
        let claims = claims.into_iter();
        let shown = claims.map(|one| [one.claimant, one.claimed_trainer, one.holder, one.held_trainer]);
        shown.collect::<Vec<_>>()
    };
    let (claimant, holder) = ("agencies/blk-kepri", "agencies/dkp-kepri");
    assert_eq!(read(&cast.blk).await, [[claimant, SAME, holder, ""].map(str::to_owned)]);
    assert_eq!(read(&cast.dkp).await, [[claimant, "", holder, FISHER].map(str::to_owned)]);
    assert_eq!(read(&cast.lapas).await, [[claimant, SAME, holder, FISHER].map(str::to_owned)]);
    assert!(read(&cast.dkpp).await.is_empty());
    let batam = cast.world.join("lapas-batam", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    assert!(read(&batam).await.is_empty(), "a prison without an agreement");
    let claim = claims(&cast.lapas).await.remove(0);
    for client in [&cast.dkpp, &batam] {
        assert_eq!(reason(&confirm(client, &claim).await.unwrap_err()), "NOT_FOUND");
    }
    assert_eq!(reason(&confirm(&cast.blk, &claim).await.unwrap_err()), "RELATION_NOT_ALLOWED");
    let stale = v1::TrainerClaim { etag: "0000000000000000".to_owned(), ..claim.clone() };
    assert_eq!(reason(&confirm(&cast.lapas, &stale).await.unwrap_err()), "ETAG_MISMATCH");
    assert_eq!(registration(&cast.blk, SAME).await, Registration::Pending);

    let change = confirm(&cast.lapas, &claim).await.unwrap();
    cast.world.assert_entry(&change.entry, "TrainerService/ConfirmTrainerClaim", &[&claim.name]).await;
    assert_eq!(registration(&cast.blk, SAME).await, Registration::Confirmed);
    let open = v1::ListTrainerClaimsRequest { open_only: true, ..Default::default() };
    assert!(cast.blk.trainer().list_trainer_claims(open).await.unwrap().into_inner().claims.is_empty());
    let again = claims(&cast.dkp).await.remove(0);
    assert_eq!(
        (again.state(), again.etag.as_str()),
        (v1::TrainerClaimState::Confirmed, change.etag.as_str())
    );
    assert_eq!(reason(&confirm(&cast.dkp, &again).await.unwrap_err()), "STATE_FORBIDS");
}

/// From the confirmation on both registrations are in one place, with what was booked before.
#[tokio::test]
async fn a_confirmed_claim_makes_one_person_of_two() {
    let cast = claimed().await;
    send(&cast.dkp, push_fish(vec![led_session("f1", FIRST, FISHER)])).await;
    cast.push(vec![led_session("s1", OVERLAPPING, SAME), led_session("s2", LATER, SAME)]).await;
    let claim = claims(&cast.dkp).await.remove(0);
    let refused = confirm(&cast.dkp, &claim).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "CLAIM_CONFLICT"));
    let facts = details(&refused).error_info().unwrap().metadata.clone();
    // The moments of FIRST and its end, in the zone of the agency that asks.
    let told = ["busy_start", "busy_end", "zone"].map(|key| facts[key].as_str());
    assert_eq!(told, ["2026-03-10T08:00:00+07:00", "2026-03-10T11:00:00+07:00", "WIB"]);
    assert_eq!(registration(&cast.blk, SAME).await, Registration::Pending);

    cast.act(&cast.blk, Act::Withdraw, "s1", SAME).await;
    confirm(&cast.dkp, &claim).await.unwrap();
    let conflict = [("sessions[0].trainers[0].trainer".to_owned(), "TRAINER_CONFLICT".to_owned())];
    let theirs = send(&cast.dkp, push_fish(vec![led_session("f2", LATER, FISHER)])).await;
    assert_eq!(errors(&theirs.results), conflict, "what was booked before counts");
    let ours = cast.push(vec![led_session("s3", OVERLAPPING, SAME)]).await;
    assert_eq!(errors(&ours.results), conflict);
}

/// Who registers a person that another agency has registered is told that it is so, that work can go on, and whose yes is
/// missing; of anybody else, nothing.
#[tokio::test]
async fn the_command_line_says_what_a_pending_registration_waits_for() {
    let cast = Cast::ready().await.with_fisheries(NIK).await;
    for (language, ids, states, begins) in [
        ("C", ["t20", "t21"], ["PENDING", "CONFIRMED"], "blk-kepri/t20 is PENDING: another agency"),
        (
            "id_ID.UTF-8",
            ["t22", "t23"],
            ["BELUM DIKONFIRMASI", "DIKONFIRMASI"],
            "blk-kepri/t22 BELUM DIKONFIRMASI: orang ini",
        ),
    ] {
        let file = cast.world.folder.join(format!("{language}.json"));
        let requests: Vec<_> = std::iter::zip(ids, [NIK, OTHER_NIK])
            .map(|(id, nik)| {
                to_json(&v1::RegisterTrainerRequest {
                    // The command draws it.
                    request_id: String::new(),
                    ..trainer(&format!("agencies/blk-kepri/trainers/{id}"), nik)
                })
            })
            .collect();
        std::fs::write(&file, serde_json::Value::from(requests).to_string()).unwrap();
        let words = ["--profile", "blk", "trainer", "register", file.to_str().unwrap()];
        let output = gerbang(&cast.world, language, &words).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        let rows: Vec<_> = out.lines().skip(1).collect();
        assert_eq!(rows.len(), 2, "{out}");
        for (row, state) in std::iter::zip(rows, states) {
            assert!(row.ends_with(&format!("  {state}")), "{out}");
        }
        let (next, waits) = err.split_once('\n').unwrap();
        assert!(next.ends_with("gerbang schedule push --example"), "{err}");
        assert!(waits.starts_with(begins) && waits.contains("gerbang trainer confirm"), "{err}");
        assert_eq!(waits.lines().count(), 1, "nothing of the other trainer: {err}");
    }
}

#[tokio::test]
async fn a_claim_that_is_not_there_is_confirmed_by_nobody() {
    let cast = claimed().await;
    let words = ["--profile", "lapas", "trainer", "confirm", "0192d4c0-7a1e-7000-8000-000000000001", "--yes"];
    let output = gerbang(&cast.world, "C", &words).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{said}");
    let expected =
        "Nothing that you may see goes by \"0192d4c0-7a1e-7000-8000-000000000001\". Nothing was done.\n";
    assert_eq!(said, expected);
}

/// A dry run is a question without a trace: it is answered alike for every number.
#[tokio::test]
async fn a_dry_run_does_not_tell_whose_a_number_is() {
    let cast = Cast::ready().await.with_fisheries(NIK).await;
    let mut answers = Vec::new();
    for number in [NIK, OTHER_NIK, ""] {
        let request = v1::RegisterTrainerRequest { validate_only: true, ..trainer(SAME, number) };
        answers.push(register(&cast.blk, request).await);
    }
    assert_eq!(answers[0].registration(), Registration::Unspecified);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn an_agencys_own_second_registration_is_its_own_business() {
    let cast = claimed().await;
    let again = register(&cast.dkp, trainer("agencies/dkp-kepri/trainers/f2", NIK)).await;
    assert_eq!(again.registration(), Registration::Confirmed);
    let third = register(&cast.blk, trainer("agencies/blk-kepri/trainers/t10", NIK)).await;
    assert_eq!(third.registration(), Registration::Pending, "a claim is no registration yet");
    assert_eq!(cast.confirm_claims().await, 2);
    let fourth = register(&cast.blk, trainer("agencies/blk-kepri/trainers/t11", NIK)).await;
    assert_eq!(fourth.registration(), Registration::Confirmed);
    let request = v1::RegisterTrainerRequest { ..trainer("agencies/blk-kepri/trainers/t12", NIK) };
    let once = register(&cast.blk, request.clone()).await;
    assert_eq!(register(&cast.blk, request).await, once, "the first answer again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_registrations_at_once_one_is_the_first() {
    let cast = Cast::ready().await;
    for round in 0..5 {
        let number = format!("990101010190001{round}");
        let ours = trainer(&format!("agencies/blk-kepri/trainers/r{round}"), &number);
        let theirs = trainer(&format!("agencies/dkp-kepri/trainers/r{round}"), &number);
        let (ours, theirs) = tokio::join!(register(&cast.blk, ours), register(&cast.dkp, theirs));
        let mut found = [ours.registration(), theirs.registration()];
        found.sort();
        assert_eq!(found, [Registration::Confirmed, Registration::Pending]);
    }
}

/// Either number finds the person, and one that an older program kept without its kind.
#[tokio::test]
async fn a_person_is_found_by_nik_and_by_nip() {
    let cast = Cast::ready().await;
    let numbered = |name: &str, nik: &str, nip: &str| v1::RegisterTrainerRequest {
        nip: nip.to_owned(),
        ..trainer(name, nik)
    };
    register(&cast.dkp, numbered(FISHER, NIK, NIP)).await;
    for (index, nik, nip, expected) in [
        (0, NIK, "", Registration::Pending),
        (1, OTHER_NIK, NIP, Registration::Pending),
        (2, "9901010101900003", "190001012015032002", Registration::Confirmed),
    ] {
        let name = format!("agencies/blk-kepri/trainers/n{index}");
        assert_eq!(register(&cast.blk, numbered(&name, nik, nip)).await.registration(), expected, "{name}");
    }
    let older =
        "UPDATE trainer SET booking_key = $1, nik_key = NULL, nip_key = NULL WHERE agency = 'dkp-kepri'";
    let key = cast.world.keys.booking_key(NIP);
    sqlx::query(older).bind(&key[..]).execute(&mut cast.world.owner().await).await.unwrap();
    let name = "agencies/dkpp-bintan/trainers/n3";
    let found = register(&cast.dkpp, numbered(name, "9901010101900004", NIP)).await;
    assert_eq!(found.registration(), Registration::Pending);
}

#[tokio::test]
async fn a_trainers_numbers_hold_dates_that_exist() {
    let cast = Cast::gather().await;
    for (nik, nip, field, expected) in [
        ("0000000000000000", "", "person_number", "NIK_DATE_UNKNOWN"),
        ("9901013213900001", "", "person_number", "NIK_DATE_UNKNOWN"),
        (NIP, "", "person_number", "FIELD_FORMAT"),
        ("9,90101E+15", "", "person_number", "NIK_SCIENTIFIC"),
        (NIK, "190013012015031001", "nip", "NIP_DATE_UNKNOWN"),
        (NIK, "190001012015131001", "nip", "NIP_DATE_UNKNOWN"),
        (NIK, "190001012015033001", "nip", "NIP_DATE_UNKNOWN"),
        ("", NIP, "nip", "NIK_MISSING"),
    ] {
        let request = v1::RegisterTrainerRequest { nip: nip.to_owned(), ..trainer(SAME, nik) };
        let refused = cast.blk.trainer().register_trainer(request).await.unwrap_err();
        assert_eq!(violations(&refused), [(field.to_owned(), expected.to_owned())], "{nik} {nip}");
    }
}

/// What the checks in the use cases say, the database says too.
#[tokio::test]
async fn nobody_else_sees_or_confirms_a_claim_in_sql() {
    let cast = claimed().await;
    let mut db = cast.world.runtime().await;
    for (agency, rows, listed, confirmed) in
        [("dkpp-bintan", 0, 0, 0), ("blk-kepri", 1, 1, 0), ("lapas-tpi", 0, 1, 1), ("dkp-kepri", 1, 1, 1)]
    {
        let mut tx = db.begin().await.unwrap();
        let system = if agency == "lapas-tpi" { "sdp" } else { "jadwal" };
        enter(&mut tx, &cast.world, agency, system).await;
        let count = async |tx: &mut sqlx::PgConnection, query: &'static str| {
            sqlx::query(query).fetch_all(tx).await.unwrap().len()
        };
        assert_eq!(count(&mut tx, "SELECT id FROM trainer_claim").await, rows, "{agency}");
        let all = "SELECT id FROM trainer_claims(NULL, false, NULL, 10)";
        assert_eq!(count(&mut tx, all).await, listed, "{agency}");
        let id: uuid::Uuid = sqlx::query_scalar("SELECT id FROM trainer_claim")
            .fetch_one(&mut cast.world.owner().await)
            .await
            .unwrap();
        let done = sqlx::query("SELECT * FROM confirm_trainer_claim($1, now())").bind(id);
        assert_eq!(done.fetch_all(&mut *tx).await.unwrap().len(), confirmed, "{agency}");
        tx.rollback().await.unwrap();
    }
    let mut tx = db.begin().await.unwrap();
    enter(&mut tx, &cast.world, "blk-kepri", "jadwal").await;
    let denied = sqlx::query("UPDATE trainer_claim SET state = 'CONFIRMED'").execute(&mut *tx).await;
    assert!(denied.is_err(), "the table is not the gateway's to change");
}
