//! Nominations: who gets a place, who waits, and what is refused without a trace of what was sent.

use gerbang::proto::v1::{self, BatchOutcome, EnrolmentState, ItemOutcome};

use crate::{
    cast::{
        Cast, FACILITY, PROGRAMME, TRAINER, facility, led_session, nominate, nominate_as, push, session,
        terms, trainee,
    },
    world::{reason, request_id, violations},
};

const METHOD: &str = "RosterService/NominateTrainees";

fn states(answer: &v1::NominateTraineesResponse) -> Vec<EnrolmentState> {
    answer.results.iter().map(v1::EnrolmentResult::state).collect()
}

fn outcomes(answer: &v1::NominateTraineesResponse) -> Vec<ItemOutcome> {
    answer.results.iter().map(v1::EnrolmentResult::outcome).collect()
}

fn errors(answer: &v1::NominateTraineesResponse) -> Vec<(String, String)> {
    let errors = answer.results.iter().flat_map(|result| &result.errors);
    errors.map(|error| (error.field.clone(), error.reason.clone())).collect()
}

async fn send(cast: &Cast, request: v1::NominateTraineesRequest) -> v1::NominateTraineesResponse {
    cast.lapas.roster().nominate_trainees(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_roster_over_capacity_confirms_by_rank_and_lets_the_rest_wait() {
    let cast = Cast::ready().await;
    cast.set_capacity(2).await.unwrap();
    let mut request = nominate(&[1, 2, 3]);
    for (nomination, rank) in request.trainees.iter_mut().zip([3, 1, 2]) {
        nomination.rank = rank;
    }
    let answer = send(&cast, request).await;
    use EnrolmentState::{Confirmed, Waitlisted};
    assert_eq!(states(&answer), [Waitlisted, Confirmed, Confirmed]);
    assert_eq!(answer.places, Some(v1::RosterPlaces { capacity: 2, confirmed: 2, waitlisted: 1 }));
    let entries = cast.world.entries().await;
    let entry = entries.iter().find(|entry| entry.id.to_string() == answer.entry).unwrap();
    assert_eq!((entry.method.as_str(), entry.lines.len()), (METHOD, 6), "three persons, three places");
    let salts = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM ledger_sealed_salt WHERE entry = $1");
    let salts = salts.bind(entry.id).fetch_one(&mut cast.world.owner().await).await.unwrap();
    assert_eq!(salts, 6, "the salts of lines about persons are sealed");
}

#[tokio::test]
async fn the_smallest_room_ahead_bounds_the_places() {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 1)).await.unwrap();
    let room = v1::SessionDraft { facility: FACILITY.to_owned(), ..session("s1", "2026-03-10T01:00:00Z") };
    assert_eq!(cast.push(vec![room]).await.outcome(), BatchOutcome::Stored);
    let answer = cast.nominate(&[1, 2]).await;
    assert_eq!(states(&answer), [EnrolmentState::Confirmed, EnrolmentState::Waitlisted]);
}

#[tokio::test]
async fn who_comes_later_waits_behind_who_waits_though_a_place_is_free() {
    let cast = Cast::ready().await;
    cast.set_capacity(1).await.unwrap();
    cast.nominate(&[1, 2]).await;
    let roster = cast.roster(&cast.lapas).await.enrolments;
    assert_eq!(cast.withdraw(&roster[..1]).await.outcome(), BatchOutcome::Stored);
    let answer = cast.nominate(&[3]).await;
    assert_eq!(states(&answer), [EnrolmentState::Waitlisted], "the machine fills nothing");
    assert_eq!(answer.places, Some(v1::RosterPlaces { capacity: 1, confirmed: 0, waitlisted: 2 }));
}

#[tokio::test]
async fn two_hundred_callers_for_three_places_are_three_confirmed_and_none_failed() {
    let cast = Cast::ready().await;
    cast.set_capacity(3).await.unwrap();
    let calls = (0..200).map(|number| {
        let client = cast.lapas.clone();
        let request = nominate(&[number]);
        tokio::spawn(async move {
            loop {
                match client.roster().nominate_trainees(request.clone()).await {
                    // Who finds no place in time is told to send the same again.
                    Err(refused) if reason(&refused) == "OVERLOADED" => {}
                    answer => return answer,
                }
            }
        })
    });
    let (mut confirmed, mut waitlisted) = (0, 0);
    for call in calls.collect::<Vec<_>>() {
        let answer = call.await.unwrap().unwrap().into_inner();
        match states(&answer)[..] {
            [EnrolmentState::Confirmed] => confirmed += 1,
            [EnrolmentState::Waitlisted] => waitlisted += 1,
            _ => panic!("{answer:?}"),
        }
    }
    assert_eq!((confirmed, waitlisted), (3, 197));
}

#[tokio::test]
async fn who_is_on_the_roster_already_is_unchanged_and_the_same_request_gets_the_same_answer() {
    let cast = Cast::ready().await;
    let request = nominate(&[1]);
    let first = send(&cast, request.clone()).await;
    assert_eq!(send(&cast, request).await, first, "replayed");
    let again = cast.nominate(&[1]).await;
    assert_eq!((again.outcome(), outcomes(&again)), (BatchOutcome::Unchanged, vec![ItemOutcome::Unchanged]));
    assert_eq!(again.results[0].name, first.results[0].name);
    assert!(again.entry.is_empty());
    let spelled = v1::TraineeProfile { register_number: "bi 1/2026".to_owned(), ..trainee(1) };
    assert_eq!(
        send(&cast, nominate_as(vec![spelled])).await.outcome(),
        BatchOutcome::Unchanged,
        "one number"
    );
    let without = v1::TraineeProfile { nik: String::new(), ..trainee(1) };
    assert_eq!(send(&cast, nominate_as(vec![without])).await.outcome(), BatchOutcome::Unchanged);
}

/// A name comes from a form, a register, a phone: in capitals, with a curved apostrophe, with a space too many.
#[tokio::test]
async fn another_spelling_of_a_name_is_the_same_person() {
    let cast = Cast::ready().await;
    let named = |name: &str| v1::TraineeProfile { full_name: name.to_owned(), ..trainee(1) };
    let first = send(&cast, nominate_as(vec![named("  Nur'aini  Contoh\u{00E9} ")])).await;
    assert_eq!(first.outcome(), BatchOutcome::Stored);
    let stored = cast.roster(&cast.lapas).await.enrolments.remove(0).full_name;
    assert_eq!(stored, "Nur'aini Contoh\u{00E9}", "without idle space");
    for other in [
        "NUR'AINI CONTOH\u{00C9}",
        "Nur\u{2019}aini Contoh\u{00E9}",
        "nur'aini contoh\u{00E9} ",
        "Nur'aini Contohe\u{0301}",
    ] {
        let answer = send(&cast, nominate_as(vec![named(other)])).await;
        assert_eq!((answer.outcome(), errors(&answer)), (BatchOutcome::Unchanged, vec![]), "{other:?}");
    }
    let answer = send(&cast, nominate_as(vec![named("Nuraini Contoh\u{00E9}")])).await;
    assert_eq!(answer.outcome(), BatchOutcome::Rejected, "another name is another");
    assert_eq!(cast.roster(&cast.lapas).await.enrolments.remove(0).full_name, stored);
}

#[tokio::test]
async fn a_known_person_with_another_name_nik_or_schooling_differs() {
    let cast = Cast::ready().await;
    cast.nominate(&[1]).await;
    for (changed, field) in [
        (v1::TraineeProfile { full_name: "Orang Lain".to_owned(), ..trainee(1) }, "full_name"),
        (v1::TraineeProfile { nik: trainee(2).nik, ..trainee(1) }, "nik"),
        (
            v1::TraineeProfile { education_level: v1::EducationLevel::Tertiary.into(), ..trainee(1) },
            "education_level",
        ),
    ] {
        let answer = send(&cast, nominate_as(vec![changed])).await;
        assert_eq!(answer.outcome(), BatchOutcome::Rejected);
        let path = "trainees[0].trainee.register_number".to_owned();
        assert_eq!(errors(&answer), [(path, "TRAINEE_DIFFERS".to_owned())]);
        assert!(answer.results[0].errors[0].text.contains(field), "{answer:?}");
        assert!(!format!("{answer:?}").contains("Orang Lain"), "what was sent is not repeated");
    }
}

#[tokio::test]
async fn the_same_person_twice_in_a_batch_is_refused_by_either_number() {
    let cast = Cast::ready().await;
    let same_nik = v1::TraineeProfile { nik: trainee(1).nik, ..trainee(2) };
    for (second, field) in [(trainee(1), "register_number"), (same_nik, "nik")] {
        let mut request = nominate_as(vec![trainee(1), second]);
        let answer = send(&cast, request.clone()).await;
        assert_eq!(outcomes(&answer), [ItemOutcome::NotStored, ItemOutcome::Rejected]);
        let found = errors(&answer);
        assert!(found.contains(&(format!("trainees[1].trainee.{field}"), "DUPLICATE_IN_BATCH".to_owned())));
        assert!(cast.roster(&cast.lapas).await.enrolments.is_empty(), "all or nothing");
        request.mode = v1::BatchMode::BestEffort.into();
        request.request_id = request_id();
        request.validate_only = true;
        assert_eq!(send(&cast, request).await.outcome(), BatchOutcome::Partial);
    }
}

#[tokio::test]
async fn one_nik_with_two_register_numbers_warns_the_prison_and_merges_nothing() {
    let cast = Cast::ready().await;
    cast.nominate(&[1]).await;
    let other = v1::TraineeProfile { nik: trainee(1).nik, ..trainee(2) };
    let answer = send(&cast, nominate_as(vec![other])).await;
    assert_eq!(outcomes(&answer), [ItemOutcome::Created]);
    let warned: Vec<_> = answer.warnings.iter().map(|w| (w.field.as_str(), w.reason.as_str())).collect();
    assert_eq!(warned, [("trainees[0].trainee.nik", "IDENTITY_COLLISION")]);
    let roster = cast.roster(&cast.lapas).await.enrolments;
    let persons: Vec<_> = roster.iter().map(|one| one.prison_record.clone().unwrap().trainee).collect();
    assert_ne!(persons[0], persons[1]);
    assert_eq!(
        cast.roster(&cast.blk).await.enrolments.len(),
        2,
        "the partner sees two places and no warning"
    );
}

#[tokio::test]
async fn shapes_are_refused_at_their_fields_and_repeat_nothing() {
    let cast = Cast::ready().await;
    let with = |change: fn(&mut v1::TraineeProfile)| {
        let mut profile = trainee(1);
        change(&mut profile);
        profile
    };
    for (profile, field, expected) in [
        (with(|p| p.nik = "990101170890001".into()), "nik", "FIELD_FORMAT"),
        (with(|p| p.nik = "9,90101E+15".into()), "nik", "NIK_SCIENTIFIC"),
        (with(|p| p.nik = "9901012902010001".into()), "nik", "NIK_DATE_UNKNOWN"),
        (with(|p| p.register_number.clear()), "register_number", "FIELD_REQUIRED"),
        (with(|p| p.register_number = "#1".into()), "register_number", "FIELD_FORMAT"),
        (with(|p| p.full_name.clear()), "full_name", "FIELD_REQUIRED"),
        (with(|p| p.full_name = "x".repeat(101)), "full_name", "FIELD_TOO_LONG"),
        (with(|p| p.full_name = "Budi (Residivis)".into()), "full_name", "FORBIDDEN_WORD"),
        (with(|p| p.full_name = "Budi PASAL 362".into()), "full_name", "FORBIDDEN_WORD"),
        (with(|p| p.education_level = 0), "education_level", "FIELD_REQUIRED"),
        (with(|p| p.education_level = 99), "education_level", "FIELD_UNKNOWN_VALUE"),
    ] {
        let sent = [profile.nik.clone(), profile.full_name.clone()];
        let answer = send(&cast, nominate_as(vec![profile])).await;
        assert_eq!(errors(&answer), [(format!("trainees[0].trainee.{field}"), expected.to_owned())]);
        let shown = format!("{answer:?}");
        assert!(sent.iter().all(|value| value.is_empty() || !shown.contains(value)), "{shown}");
    }
    let leap = with(|p| p.nik = "9901012902000001".into());
    assert_eq!(send(&cast, nominate_as(vec![leap])).await.outcome(), BatchOutcome::Stored, "29 February 00");
    let many = nominate_as((0..201).map(trainee).collect());
    let status = cast.lapas.roster().nominate_trainees(many).await.unwrap_err();
    assert_eq!(reason(&status), "BATCH_TOO_LARGE");
    let none = cast.lapas.roster().nominate_trainees(nominate(&[])).await.unwrap_err();
    assert_eq!(violations(&none), [("trainees".to_owned(), "ITEMS_TOO_FEW".to_owned())]);
}

#[tokio::test]
async fn a_nomination_needs_an_open_programme_an_agreement_with_rosters_and_the_first_half() {
    let cast = Cast::gather().await;
    let without = v1::AgreementTerms {
        data_annex: terms("blk-kepri", crate::cast::manpower())
            .data_annex
            .map(|annex| v1::DataAnnex { data_kinds: vec![v1::DataKind::Schedule.into()], ..annex }),
        ..terms("blk-kepri", crate::cast::manpower())
    };
    cast.agree(&cast.blk, crate::cast::AGREEMENT, without).await;
    cast.open(&cast.blk, PROGRAMME, crate::cast::AGREEMENT, crate::cast::plan(crate::cast::manpower())).await;
    let refused = cast.lapas.roster().nominate_trainees(nominate(&[1])).await.unwrap_err();
    assert_eq!(reason(&refused), "AGREEMENT_WITHOUT_DATA_KIND");
    let refused = cast.try_roster(&cast.blk).await.unwrap_err();
    assert_eq!(reason(&refused), "AGREEMENT_WITHOUT_DATA_KIND");

    let cast = Cast::ready().await;
    cast.suspend(&cast.blk, crate::cast::AGREEMENT).await.unwrap();
    let refused = cast.lapas.roster().nominate_trainees(nominate(&[1])).await.unwrap_err();
    assert_eq!(reason(&refused), "AGREEMENT_NOT_IN_FORCE");
}

#[tokio::test]
async fn once_the_session_at_the_half_has_begun_no_place_is_filled() {
    let cast = Cast::ready().await;
    let sessions = ["2026-03-10T01:00:00Z", "2026-03-11T01:00:00Z", "2026-03-12T01:00:00Z"];
    let sessions = sessions.iter().enumerate().map(|(index, start)| session(&format!("s{index}"), start));
    assert_eq!(cast.push(sessions.collect()).await.outcome(), BatchOutcome::Stored);
    cast.world.set_clock("2026-03-11T00:59:59Z");
    assert_eq!(cast.nominate(&[1]).await.outcome(), BatchOutcome::Stored);
    cast.world.set_clock("2026-03-11T01:00:00Z");
    let refused = cast.lapas.roster().nominate_trainees(nominate(&[2])).await.unwrap_err();
    assert_eq!(reason(&refused), "PROGRAMME_PAST_HALFWAY", "the second of three");
}

/// A request of a later contract, as far as this one knows it: nothing but a field of another number.
#[derive(Clone, PartialEq, prost::Message)]
struct FromTheFuture {
    #[prost(string, tag = "1007")]
    offence: String,
}

impl prost::Name for FromTheFuture {
    const NAME: &'static str = "FromTheFuture";
    const PACKAGE: &'static str = "test";
}

#[tokio::test]
async fn unknown_fields_in_a_request_about_persons_are_refused() {
    let cast = Cast::ready().await;
    for method in ["NominateTrainees", "UpdateTrainee"] {
        let mut grpc =
            tonic::client::Grpc::new(crate::wire::certified(&cast.world, "lapas-tpi", "sdp").await);
        grpc.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<FromTheFuture, v1::NominateTraineesResponse>::default();
        let path = format!("/gerbang.v1.RosterService/{method}").parse().unwrap();
        let request = tonic::Request::new(FromTheFuture { offence: "x".to_owned() });
        let status = grpc.unary(request, path, codec).await.unwrap_err();
        assert_eq!(reason(&status), "MESSAGE_UNREADABLE", "{method}");
    }
}

#[tokio::test]
async fn a_trainee_in_two_programmes_whose_sessions_overlap_warns_the_prison() {
    let cast = Cast::ready().await;
    let other = "agencies/blk-kepri/programmes/las-2";
    let plan = crate::cast::plan(crate::cast::manpower());
    cast.open(&cast.blk, other, crate::cast::AGREEMENT, plan).await;
    assert_eq!(cast.push(vec![session("s1", "2026-03-10T01:00:00Z")]).await.outcome(), BatchOutcome::Stored);
    let second = v1::PushScheduleRequest {
        name: "agencies/blk-kepri/schedules/las-2".to_owned(),
        programme: other.to_owned(),
        ..push(vec![session("t1", "2026-03-10T03:00:00Z")])
    };
    cast.blk.schedule().push_schedule(second).await.unwrap();
    assert!(cast.nominate(&[1]).await.warnings.is_empty());
    let answer =
        send(&cast, v1::NominateTraineesRequest { programme: other.to_owned(), ..nominate(&[1]) }).await;
    let warned: Vec<_> = answer.warnings.iter().map(|warning| warning.reason.as_str()).collect();
    assert_eq!(warned, ["TRAINEE_CLASH"]);
}

#[tokio::test]
async fn capacity_below_the_confirmed_count_is_refused_of_programme_and_room() {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 3)).await.unwrap();
    let small = "agencies/lapas-tpi/facilities/kecil";
    cast.lapas.facility().create_facility(facility(small, 1)).await.unwrap();
    cast.nominate(&[1, 2]).await;
    for below in [1, 4] {
        let refused = cast.set_capacity(below).await.unwrap_err();
        assert_eq!(
            reason(&refused),
            "CAPACITY_BELOW_CONFIRMED",
            "{below}: two are few enough not to be told"
        );
    }
    cast.set_capacity(5).await.unwrap();

    cast.push(vec![led_session("s1", "2026-03-10T01:00:00Z", TRAINER)]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    let answer = cast.confirm(&[("s1", small)]).await;
    let errors: Vec<_> = answer.results[0].errors.iter().map(|error| error.reason.as_str()).collect();
    assert_eq!(errors, ["FACILITY_TOO_SMALL"]);
    assert_eq!(cast.confirm(&[("s1", FACILITY)]).await.outcome(), BatchOutcome::Stored);

    let name = v1::GetFacilityRequest { name: FACILITY.to_owned() };
    let seen = cast.lapas.facility().get_facility(name).await.unwrap().into_inner().facility.unwrap();
    let lower = v1::UpdateFacilityRequest {
        request_id: request_id(),
        name: FACILITY.to_owned(),
        etag: seen.etag,
        profile: seen.profile.map(|profile| v1::FacilityProfile { capacity: 1, ..profile }),
        ..Default::default()
    };
    let refused = cast.lapas.facility().update_facility(lower).await.unwrap_err();
    assert_eq!(reason(&refused), "CAPACITY_BELOW_CONFIRMED");
}
