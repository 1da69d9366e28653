//! The prison's no: trainers and rooms are free again, and a higher sequence asks anew. What ends a session ends its
//! assignments in the same transaction.

use gerbang::{
    agent::Client,
    proto::v1::{self, AssignmentState, BatchMode, BatchOutcome, ItemOutcome, SessionState},
};

use crate::{
    acts::Act,
    cast::{
        Cast, FACILITY, FISHER, PROGRAMME, PUSH, TRAINER, again, errors, facility, led_session, outcomes,
        push_fish, session, session_name, trainer,
    },
    world::{reason, request_id, violations},
};

const DECLINE: &str = "ScheduleService/DeclineSessions";
const START: &str = "2026-03-10T01:00:00Z";
const LATER: &str = "2026-03-11T01:00:00Z";
/// An invented NIK: no province has the number 99.
const NIK: &str = "9901010101900001";

fn seen(session: &v1::Session) -> v1::SessionDecline {
    v1::SessionDecline { name: session.name.clone(), etag: session.etag.clone() }
}

fn decline(sessions: Vec<v1::SessionDecline>) -> v1::DeclineSessionsRequest {
    v1::DeclineSessionsRequest {
        request_id: request_id(),
        sessions,
        note: "Ruang dipakai".to_owned(),
        ..Default::default()
    }
}

async fn send(cast: &Cast, request: v1::DeclineSessionsRequest) -> v1::DeclineSessionsResponse {
    cast.lapas.schedule().decline_sessions(request).await.unwrap().into_inner()
}

async fn programme_etag(client: &Client) -> String {
    let request = v1::GetProgrammeRequest { name: PROGRAMME.to_owned() };
    client.programme().get_programme(request).await.unwrap().into_inner().programme.unwrap().etag
}

async fn cancel_programme(client: &Client) -> Result<v1::CancelProgrammeResponse, tonic::Status> {
    let request = v1::CancelProgrammeRequest {
        request_id: request_id(),
        name: PROGRAMME.to_owned(),
        etag: programme_etag(client).await,
        note: "Renovasi".to_owned(),
        ..Default::default()
    };
    client.programme().cancel_programme(request).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_declined_session_frees_its_trainer_and_says_why() {
    let cast = Cast::confirmed(START).await;
    let answer = send(&cast, decline(vec![seen(&cast.session("s1").await)])).await;
    assert_eq!(
        (answer.outcome(), outcomes(&answer.results)),
        (BatchOutcome::Stored, vec![ItemOutcome::Updated])
    );
    cast.world.assert_entry(&answer.entry, DECLINE, &[&session_name("s1")]).await;
    let after = cast.session("s1").await;
    assert_eq!((after.state(), after.note.as_str()), (SessionState::Declined, "Ruang dipakai"));
    assert_eq!(
        (after.etag, after.facility.as_str()),
        (answer.results[0].etag.clone(), ""),
        "it holds no room"
    );
    for (state, count) in [(SessionState::Declined, 1), (SessionState::Confirmed, 0)] {
        let request = v1::ListSessionsRequest { state: state.into(), ..Default::default() };
        let listed = cast.blk.schedule().list_sessions(request).await.unwrap().into_inner();
        assert_eq!(listed.sessions.len(), count, "{state:?}");
    }
    let assignment = cast.assignment("s1", TRAINER).await;
    assert_eq!(assignment.state(), AssignmentState::Withdrawn);
    assert_eq!((assignment.session_state(), assignment.facility.as_str()), (SessionState::Declined, ""));
}

/// Declined or cancelled, by either side, or with its programme: another agency has trainer and room at once.
#[tokio::test]
async fn what_a_session_held_is_booked_by_somebody_else_once_it_has_ended() {
    for end in ["declined", "cancelled", "programme cancelled"] {
        let cast = Cast::gather().await.with_programme().await.with_fisheries(NIK).await;
        let same = "agencies/blk-kepri/trainers/t9";
        cast.blk.trainer().register_trainer(trainer(same, NIK)).await.unwrap();
        cast.confirm_claims().await;
        cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
        let held = v1::SessionDraft { facility: FACILITY.to_owned(), ..led_session("s1", START, same) };
        cast.push(vec![held]).await;
        cast.act(&cast.blk, Act::Accept, "s1", same).await;
        assert_eq!(cast.confirm(&[("s1", "")]).await.outcome(), BatchOutcome::Stored);
        let wanted = || {
            let wanted =
                v1::SessionDraft { facility: FACILITY.to_owned(), ..led_session("f1", START, FISHER) };
            push_fish(vec![wanted])
        };
        let taken = cast.dkp.schedule().push_schedule(wanted()).await.unwrap().into_inner();
        let expected = [
            ("sessions[0].trainers[0].trainer", "TRAINER_CONFLICT"),
            ("sessions[0].facility", "FACILITY_CONFLICT"),
        ];
        assert_eq!(errors(&taken.results), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
        let session = cast.session("s1").await;
        match end {
            "declined" => drop(send(&cast, decline(vec![seen(&session)])).await),
            "cancelled" => {
                let request = v1::CancelSessionsRequest {
                    request_id: request_id(),
                    sessions: vec![v1::SessionCancellation { name: session.name, etag: session.etag }],
                    note: "Batal".to_owned(),
                    ..Default::default()
                };
                cast.blk.schedule().cancel_sessions(request).await.unwrap();
            }
            _ => {
                let done = cancel_programme(&cast.lapas).await.unwrap();
                assert_eq!((done.sessions_cancelled, done.assignments_withdrawn), (1, 1));
                let entry = done.change.unwrap().entry;
                let lines = [session_name("s1"), PROGRAMME.to_owned()];
                let lines = lines.each_ref().map(String::as_str);
                cast.world.assert_entry(&entry, "ProgrammeService/CancelProgramme", &lines).await;
            }
        }
        assert_eq!(cast.assignment("s1", same).await.state(), AssignmentState::Withdrawn, "{end}");
        let answer = cast.dkp.schedule().push_schedule(wanted()).await.unwrap().into_inner();
        assert_eq!(answer.outcome(), BatchOutcome::Stored, "{end}: {answer:?}");
        cast.world.assert_entry(&answer.entry, PUSH, &["agencies/dkp-kepri/sessions/f1"]).await;
    }
}

#[tokio::test]
async fn a_declined_session_comes_back_with_a_higher_sequence_alone() {
    let cast = Cast::confirmed(START).await;
    send(&cast, decline(vec![seen(&cast.session("s1").await)])).await;
    let same = cast.push(vec![led_session("s1", START, TRAINER)]).await;
    assert_eq!((same.outcome(), same.results[0].state()), (BatchOutcome::Unchanged, SessionState::Declined));
    let [told] = same.warnings.as_slice() else { panic!("{:?}", same.warnings) };
    assert_eq!((told.reason.as_str(), told.field.as_str()), ("SESSION_DECLINED", "sessions[0].uid"));
    assert!(told.text.contains("“Ruang dipakai”"), "the prison's note: {}", told.text);
    let stale = v1::SessionDraft { topic: "Las gas".to_owned(), ..led_session("s1", START, TRAINER) };
    assert_eq!(errors(&cast.push(vec![stale]).await.results)[0].1, "STALE_SEQUENCE");
    let answer = cast.push(vec![again(led_session("s1", START, TRAINER))]).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated]);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    let after = cast.session("s1").await;
    assert_eq!(
        (after.state(), after.note.as_str(), after.facility.as_str()),
        (SessionState::Tentative, "", "")
    );
    assert_eq!(cast.assignment("s1", TRAINER).await.state(), AssignmentState::Proposed);
    let confirm = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(errors(&confirm.results)[0].1, "SESSION_WITHOUT_LEAD", "who was cleared is to be asked anew");
}

/// The room is held against its status again, although the session has had it before.
#[tokio::test]
async fn a_declined_session_does_not_come_back_into_a_room_that_is_out_of_use() {
    let cast = Cast::ready().await;
    let made = cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap().into_inner();
    let draft = v1::SessionDraft { facility: FACILITY.to_owned(), ..session("s1", START) };
    cast.push(vec![draft.clone()]).await;
    send(&cast, decline(vec![seen(&cast.session("s1").await)])).await;
    let retire = v1::RetireFacilityRequest {
        request_id: request_id(),
        name: FACILITY.to_owned(),
        etag: made.change.unwrap().etag,
        ..Default::default()
    };
    cast.lapas.facility().retire_facility(retire).await.unwrap();
    let answer = cast.push(vec![again(draft)]).await;
    let expected = [("sessions[0].facility".to_owned(), "FACILITY_NOT_AVAILABLE".to_owned())];
    assert_eq!(errors(&answer.results), expected);
    let elsewhere = cast.push(vec![v1::SessionDraft { sequence: 1, ..session("s1", START) }]).await;
    assert_eq!(elsewhere.outcome(), BatchOutcome::Stored);
}

/// Who was withdrawn is proposed anew by a higher sequence, and by nothing else.
#[tokio::test]
async fn a_higher_sequence_proposes_who_was_withdrawn_anew() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    let before = cast.assignment("s1", TRAINER).await;
    cast.act(&cast.blk, Act::Withdraw, "s1", TRAINER).await;
    let same = cast.push(vec![led_session("s1", START, TRAINER)]).await;
    assert_eq!(same.outcome(), BatchOutcome::Unchanged);
    assert_eq!(cast.assignment("s1", TRAINER).await.state(), AssignmentState::Withdrawn);
    let answer = cast.push(vec![again(led_session("s1", START, TRAINER))]).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated]);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    let after = cast.assignment("s1", TRAINER).await;
    assert_eq!((after.state(), after.name), (AssignmentState::Proposed, before.name));
}

/// A no stands, whatever is pushed: the session is stored, the trainer stays out of it, and a warning says so.
#[tokio::test]
async fn who_declined_or_was_refused_stays_out_of_the_session() {
    for act in [Act::Decline, Act::Refuse] {
        let cast = Cast::ready().await;
        cast.push(vec![led_session("s1", START, TRAINER)]).await;
        let client = if act == Act::Refuse { &cast.lapas } else { &cast.blk };
        cast.act(client, act, "s1", TRAINER).await;
        let warned = |answer: &v1::PushScheduleResponse| {
            let warnings = answer.warnings.iter().map(|one| (one.field.clone(), one.reason.clone()));
            let expected = ("sessions[0].trainers[0].trainer".to_owned(), "TRAINER_NOT_PROPOSED".to_owned());
            assert_eq!(warnings.collect::<Vec<_>>(), [expected], "{act:?}");
        };
        let same = cast.push(vec![again(led_session("s1", START, TRAINER))]).await;
        assert_eq!(same.outcome(), BatchOutcome::Unchanged, "{act:?}");
        warned(&same);
        let moved = v1::SessionDraft { sequence: 2, ..led_session("s1", LATER, TRAINER) };
        let moved = cast.push(vec![moved]).await;
        assert_eq!(outcomes(&moved.results), [ItemOutcome::Updated], "{act:?}");
        warned(&moved);
        cast.world.assert_entry(&moved.entry, PUSH, &[&session_name("s1")]).await;
        assert_eq!(cast.assignment("s1", TRAINER).await.state(), act.state());
        // The same question under another uid is the same question, until it may be asked again; at another time it is another.
        let disguised = cast.push(vec![led_session("s2", START, TRAINER)]).await;
        assert_eq!(disguised.outcome(), BatchOutcome::Stored, "{act:?}");
        warned(&disguised);
        cast.world.assert_entry(&disguised.entry, PUSH, &[&session_name("s2")]).await;
        let other_day = "2026-03-12T01:00:00Z";
        let free = cast.push(vec![led_session("s3", other_day, TRAINER)]).await;
        assert_eq!((free.outcome(), free.warnings.len()), (BatchOutcome::Stored, 0), "{act:?}");
        cast.act(client, Act::Allow, "s1", TRAINER).await;
        let allowed = cast.push(vec![again(led_session("s2", START, TRAINER))]).await;
        assert_eq!((allowed.outcome(), allowed.warnings.len()), (BatchOutcome::Stored, 0), "{act:?}");
    }
}

/// What is free in the meantime is taken.
#[tokio::test]
async fn a_declined_session_may_find_its_trainer_taken() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    send(&cast, decline(vec![seen(&cast.session("s1").await)])).await;
    assert_eq!(cast.push(vec![led_session("s2", START, TRAINER)]).await.outcome(), BatchOutcome::Stored);
    let answer = cast.push(vec![again(led_session("s1", START, TRAINER))]).await;
    assert_eq!(errors(&answer.results)[0].1, "TRAINER_CONFLICT");
    assert_eq!(cast.session("s1").await.state(), SessionState::Declined);
}

#[tokio::test]
async fn a_batch_of_declines_says_of_each_what_is_wrong() {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", START), session("s2", LATER), session("s3", LATER)]).await;
    let good = seen(&cast.session("s1").await);
    let cancelled = cast.session("s3").await;
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name: cancelled.name, etag: cancelled.etag }],
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.lapas.schedule().cancel_sessions(cancel).await.unwrap();
    send(&cast, decline(vec![seen(&cast.session("s2").await)])).await;
    let items = vec![
        good.clone(),
        good.clone(),
        v1::SessionDecline { name: session_name("s9"), ..good.clone() },
        seen(&cast.session("s2").await),
        seen(&cast.session("s3").await),
    ];
    let expected = [
        ("sessions[1].name", "DUPLICATE_IN_BATCH"),
        ("sessions[2].name", "NOT_FOUND"),
        ("sessions[3].name", "STATE_FORBIDS"),
        ("sessions[4].name", "SESSION_FINAL"),
    ];
    let expected = expected.map(|(field, code)| (field.to_owned(), code.to_owned()));
    let answer = send(&cast, decline(items.clone())).await;
    assert_eq!((answer.outcome(), errors(&answer.results)), (BatchOutcome::Rejected, expected.to_vec()));
    assert_eq!(answer.results[0].outcome(), ItemOutcome::NotStored);
    let partial = v1::DeclineSessionsRequest { mode: BatchMode::BestEffort.into(), ..decline(items) };
    let answer = send(&cast, partial.clone()).await;
    assert_eq!((answer.outcome(), errors(&answer.results)), (BatchOutcome::Partial, expected.to_vec()));
    cast.world.assert_entry(&answer.entry, DECLINE, &[&session_name("s1")]).await;
    assert_eq!(send(&cast, partial).await, answer, "the first answer again");
    let stale = send(&cast, decline(vec![good])).await;
    assert_eq!(errors(&stale.results), [("sessions[0].etag".to_owned(), "ETAG_MISMATCH".to_owned())]);
}

#[tokio::test]
async fn the_prison_declines_until_the_start_and_needs_no_agreement_in_force() {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", START)]).await;
    cast.suspend(&cast.blk, crate::cast::AGREEMENT).await.unwrap();
    cast.world.set_clock(START);
    let item = || async { decline(vec![seen(&cast.session("s1").await)]) };
    let begun = send(&cast, item().await).await;
    assert_eq!(errors(&begun.results), [("sessions[0].name".to_owned(), "SESSION_IN_PAST".to_owned())]);
    cast.world.set_clock("2026-03-10T00:59:59Z");
    let answer = send(&cast, item().await).await;
    cast.world.assert_entry(&answer.entry, DECLINE, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn within_a_day_of_a_session_only_the_prison_cancels_its_programme() {
    let cast = Cast::confirmed(START).await;
    cast.world.set_clock("2026-03-09T01:00:01Z");
    let late = cancel_programme(&cast.blk).await.unwrap_err();
    assert_eq!(reason(&late), "SESSION_TOO_SOON");
    assert_eq!(cast.session("s1").await.state(), SessionState::Confirmed);
    let done = cancel_programme(&cast.lapas).await.unwrap();
    assert_eq!((done.sessions_cancelled, done.assignments_withdrawn), (1, 1));
    assert_eq!(cast.session("s1").await.state(), SessionState::Cancelled);
}

/// A declined session holds nothing that could come too late.
#[tokio::test]
async fn a_declined_session_keeps_nobody_from_cancelling_the_programme() {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", START)]).await;
    send(&cast, decline(vec![seen(&cast.session("s1").await)])).await;
    cast.world.set_clock("2026-03-10T00:00:00Z");
    let done = cancel_programme(&cast.blk).await.unwrap();
    let lines = [session_name("s1"), PROGRAMME.to_owned()];
    let lines = lines.each_ref().map(String::as_str);
    let entry = done.change.unwrap().entry;
    cast.world.assert_entry(&entry, "ProgrammeService/CancelProgramme", &lines).await;
    assert_eq!(cast.session("s1").await.state(), SessionState::Cancelled);
}

#[tokio::test]
async fn texts_of_sessions_say_nothing_about_persons() {
    let cast = Cast::ready().await;
    for text in [
        "Las untuk KASUS narkotika",
        "pasal 362",
        "(hukuman)",
        "tanpa residivis",
        "ｋａｓｕｓ pencurian",
        "каѕuѕ pencurian",
        "Pasal 112 ayat 1 UU 35/2009 (peserta Budi)",
    ] {
        let topic = v1::SessionDraft { topic: text.to_owned(), ..session("s1", START) };
        let answer = cast.push(vec![topic]).await;
        assert_eq!(errors(&answer.results), [("sessions[0].topic".to_owned(), "FORBIDDEN_WORD".to_owned())]);
        assert!(!format!("{answer:?}").contains(text), "the answer does not repeat it");
    }
    let honest = [
        "Perkaraan las, pasal-pasal",
        "Studi kasus: pembenihan lele",
        "Analisis perkara harga pasar",
        "Pasal 7 PP 57/1999: hak peserta",
        "Pasal 31 UU Lingkungan Hidup: limbah",
    ];
    for (sequence, topic) in (0..).zip(honest) {
        let ordinary = v1::SessionDraft { sequence, topic: topic.to_owned(), ..session("s1", START) };
        assert_eq!(cast.push(vec![ordinary]).await.outcome(), BatchOutcome::Stored, "{topic}");
    }
    let session = cast.session("s1").await;
    let note = "Peserta ekspirasi minggu depan".to_owned();
    let request = v1::DeclineSessionsRequest { note: note.clone(), ..decline(vec![seen(&session)]) };
    let refused = cast.lapas.schedule().decline_sessions(request).await.unwrap_err();
    let expected = [("note".to_owned(), "FORBIDDEN_WORD".to_owned())];
    assert_eq!(violations(&refused), expected);
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name: session.name, etag: session.etag }],
        note: note.clone(),
        ..Default::default()
    };
    let refused = cast.lapas.schedule().cancel_sessions(cancel).await.unwrap_err();
    assert_eq!(violations(&refused), expected);
    // It becomes the note of every session ahead.
    let cancel = v1::CancelProgrammeRequest {
        request_id: request_id(),
        name: PROGRAMME.to_owned(),
        etag: programme_etag(&cast.lapas).await,
        note,
        ..Default::default()
    };
    let refused = cast.lapas.programme().cancel_programme(cancel).await.unwrap_err();
    assert_eq!(violations(&refused), expected);
}
