//! Uids and sequences as calendars write them: kept as they are, and percent-encoded in names where they must be.

use gerbang::proto::v1::{self, BatchOutcome, SessionState};

use crate::{
    acts::Act,
    cast::{Cast, TRAINER, errors, led_session, session, session_name},
    world::request_id,
};

/// Of the shapes that calendar programs give to exported events; persons and hosts are invented.
fn shapes() -> Vec<(&'static str, String)> {
    let exchange = format!("040000008200E00074C5B7101A82E008{}", "0A".repeat(40));
    vec![
        ("Google Calendar", "7kukuqrfedlm2f9t0rqm6n9d6k@google.com".to_owned()),
        (
            "Google Calendar, a series that was split",
            "_6tlnaqrl@example_R20260302T010000@google.com".to_owned(),
        ),
        ("Outlook", exchange.clone()),
        ("Outlook, of another calendar", format!("{exchange}7643616C2D55696401000000{}", "31".repeat(50))),
        ("Exchange, the id of an item", "AAMkAGI2TG93AAA+x/y=".to_owned()),
        ("Apple Calendar", "5F2A1B3C-0001-4000-8000-00000000000A".to_owned()),
        ("Thunderbird", "b3d1c0de-0001-4000-8000-00000000000b".to_owned()),
        ("Evolution", "20260302T010000Z-1234-1000-1-0@balai.example".to_owned()),
        ("KOrganizer", "KOrganizer-1772413200.123".to_owned()),
        ("iCal4j", "20260302T010000Z-uidGen@fe80:0:0:0:0:0:0:1%eth0".to_owned()),
        ("with braces", "{5F2A1B3C-0001-4000-8000-00000000000A}".to_owned()),
        ("an address", "https://jadwal.example/acara?id=12&hari=1#sesi".to_owned()),
        ("as long as may be", "/".repeat(255)),
    ]
}

#[tokio::test]
async fn a_calendars_uid_is_taken_and_names_the_session() {
    let cast = Cast::ready().await;
    let days = (10..).map(|day| format!("2026-03-{day}T01:00:00Z"));
    let sessions: Vec<_> =
        shapes().iter().zip(days).map(|((_, uid), start)| led_session(uid, &start, TRAINER)).collect();
    let pushed = cast.push(sessions.clone()).await;
    assert_eq!(pushed.outcome(), BatchOutcome::Stored, "{:?}", errors(&pushed.results));
    assert_eq!(cast.push(sessions).await.outcome(), BatchOutcome::Unchanged);
    let pulled = cast.pull(&cast.lapas).await;
    for ((program, uid), result) in shapes().into_iter().zip(&pushed.results) {
        assert_eq!(result.uid, uid, "{program}");
        let segment = result.name.strip_prefix(&session_name("")).expect("under its agency");
        assert!(!segment.contains('/'), "{program}: one segment, {segment}");
        let request = v1::GetSessionRequest { name: result.name.clone() };
        let found = cast.lapas.schedule().get_session(request).await.unwrap().into_inner().session.unwrap();
        assert_eq!((&found.name, &found.etag), (&result.name, &result.etag), "{program}");
        let assigned: Vec<_> = pulled.iter().filter(|one| one.session_uid == uid).collect();
        assert_eq!(assigned.len(), 1, "{program}");
        assert_eq!(assigned[0].session, result.name, "{program}");
    }
    let name = |uid: &str| pushed.results.iter().find(|one| one.uid == uid).unwrap().name.clone();
    assert_eq!(
        name("{5F2A1B3C-0001-4000-8000-00000000000A}"),
        session_name("%7B5F2A1B3C-0001-4000-8000-00000000000A%7D")
    );
    assert_eq!(name("AAMkAGI2TG93AAA+x/y="), session_name("AAMkAGI2TG93AAA%2Bx%2Fy%3D"));
    // What the gateway answered can be sent back.
    let long = pushed.results.last().unwrap();
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name: long.name.clone(), etag: long.etag.clone() }],
        note: "Ruang dipakai".to_owned(),
        ..Default::default()
    };
    let answer = cast.blk.schedule().cancel_sessions(cancel).await.unwrap().into_inner();
    assert_eq!((answer.outcome(), &answer.results[0].name), (BatchOutcome::Stored, &long.name));
    let request = v1::GetSessionRequest { name: long.name.clone() };
    let found = cast.blk.schedule().get_session(request).await.unwrap().into_inner().session.unwrap();
    assert_eq!(found.state(), SessionState::Cancelled);
    cast.act(&cast.blk, Act::Accept, "KOrganizer-1772413200.123", TRAINER).await;
}

#[tokio::test]
async fn what_no_calendar_writes_is_refused() {
    let cast = Cast::ready().await;
    for uid in ["", "a b", " a", "a\n", "a\u{200b}", "é", &"a".repeat(256)] {
        let answer = cast.push(vec![session(uid, "2026-03-10T01:00:00Z")]).await;
        let [(field, reason)] = &errors(&answer.results)[..] else { panic!("{uid:?}: {answer:?}") };
        assert_eq!(field, "sessions[0].uid");
        assert!(["FIELD_REQUIRED", "FIELD_TOO_LONG", "NAME_INVALID"].contains(&reason.as_str()), "{reason}");
    }
}

/// Some programs count in seconds since 1970, and one has filled its 31 bits.
#[tokio::test]
async fn a_sequence_goes_to_the_end_of_its_type() {
    let cast = Cast::ready().await;
    for sequence in [1_772_413_200, i32::MAX] {
        let topic = format!("Las {sequence}");
        let pushed = v1::SessionDraft { sequence, topic, ..session("s1", "2026-03-10T01:00:00Z") };
        assert_eq!(cast.push(vec![pushed]).await.outcome(), BatchOutcome::Stored, "{sequence}");
        assert_eq!(cast.session("s1").await.sequence, sequence);
    }
    let negative = v1::SessionDraft { sequence: -1, ..session("s2", "2026-03-10T01:00:00Z") };
    let answer = cast.push(vec![negative]).await;
    assert_eq!(
        errors(&answer.results),
        [("sessions[0].sequence".to_owned(), "FIELD_OUT_OF_RANGE".to_owned())]
    );
}
