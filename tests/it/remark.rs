//! Notes of acts reach both sides, with the act, the agency and the time; and nobody else.

use gerbang::{
    agent::Client,
    domain::outside::Clock,
    proto::v1::{self, AgreementState, RemarkAct as Act},
    store::audit::{self, Flaw},
};
use sqlx::query;

use crate::{
    audit::snapshot,
    cast::{
        AGREEMENT, Cast, FISHER, PROGRAMME, TRAINER, again, agreement_etag, create_agreement, lead,
        led_session, manpower, session, session_name, terms, timestamp, trainer,
    },
    cli::gerbang,
    world::{reason, request_id},
};

const FIRST: &str = "2026-03-03T02:00:00Z";
const SECOND: &str = "2026-03-04T02:00:00Z";
const START: &str = "2026-03-10T01:00:00Z";

fn remark(act: Act, code: &str, at: &str, note: &str) -> v1::Remark {
    v1::Remark {
        act: act.into(),
        agency: format!("agencies/{code}"),
        time: timestamp(at),
        note: note.to_owned(),
    }
}

async fn agreement(client: &Client) -> v1::Agreement {
    let request = v1::GetAgreementRequest { name: AGREEMENT.to_owned() };
    client.agreement().get_agreement(request).await.unwrap().into_inner().agreement.unwrap()
}

async fn programme(client: &Client) -> v1::Programme {
    let request = v1::GetProgrammeRequest { name: PROGRAMME.to_owned() };
    client.programme().get_programme(request).await.unwrap().into_inner().programme.unwrap()
}

async fn session_of(client: &Client, uid: &str) -> v1::Session {
    let request = v1::GetSessionRequest { name: session_name(uid) };
    client.schedule().get_session(request).await.unwrap().into_inner().session.unwrap()
}

/// An act with a note on [`AGREEMENT`], with the etag that holds.
macro_rules! noted {
    ($client:expr, $method:ident, $request:ident, $note:expr) => {{
        let request = v1::$request {
            request_id: request_id(),
            name: AGREEMENT.to_owned(),
            etag: agreement_etag(&$client, AGREEMENT).await,
            note: $note.to_owned(),
            ..Default::default()
        };
        $client.agreement().$method(request).await.unwrap().into_inner()
    }};
}

#[tokio::test]
async fn a_suspensions_note_reaches_every_party_and_nobody_else() {
    let cast = Cast::ready().await;
    cast.world.set_clock(FIRST);
    let request = v1::SuspendAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.lapas, AGREEMENT).await,
        note: "Bengkel\ndirenovasi".to_owned(),
        ..Default::default()
    };
    let dry =
        v1::SuspendAgreementRequest { request_id: request_id(), validate_only: true, ..request.clone() };
    cast.lapas.agreement().suspend_agreement(dry).await.unwrap();
    assert_eq!(agreement(&cast.blk).await.remarks, [], "a dry run notes nothing");
    let first = cast.lapas.agreement().suspend_agreement(request.clone()).await.unwrap().into_inner();
    let entry = first.change.clone().unwrap().entry;
    cast.world.assert_entry(&entry, "AgreementService/SuspendAgreement", &[AGREEMENT]).await;
    cast.world.set_clock(SECOND);
    let repeated = cast.lapas.agreement().suspend_agreement(request).await.unwrap().into_inner();
    assert_eq!(repeated, first, "sent again, it is answered again");
    noted!(cast.blk, suspend_agreement, SuspendAgreementRequest, "Mesin rusak");

    let theirs = remark(Act::Suspend, "lapas-tpi", FIRST, "Bengkel\ndirenovasi");
    let own = remark(Act::Suspend, "blk-kepri", SECOND, "Mesin rusak");
    for client in [&cast.lapas, &cast.blk] {
        assert_eq!(agreement(client).await.remarks, [theirs.clone(), own.clone()]);
        let listed = client.agreement().list_agreements(v1::ListAgreementsRequest::default()).await.unwrap();
        assert_eq!(listed.into_inner().agreements[0].remarks, [theirs.clone(), own.clone()]);
    }
    let third = v1::GetAgreementRequest { name: AGREEMENT.to_owned() };
    assert_eq!(reason(&cast.dkpp.agreement().get_agreement(third).await.unwrap_err()), "NOT_FOUND");
    let third = cast.dkpp.agreement().list_agreements(v1::ListAgreementsRequest::default()).await.unwrap();
    assert_eq!(third.into_inner().agreements, []);

    // What was said stays said; a party's next suspension takes the place of its last.
    let resume = v1::ResumeAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.lapas, AGREEMENT).await,
        ..Default::default()
    };
    cast.lapas.agreement().resume_agreement(resume).await.unwrap();
    let seen = agreement(&cast.blk).await;
    assert_eq!((seen.remarks, seen.suspended_by.len()), (vec![theirs, own.clone()], 1));
    noted!(cast.lapas, suspend_agreement, SuspendAgreementRequest, "Listrik padam");
    let next = remark(Act::Suspend, "lapas-tpi", SECOND, "Listrik padam");
    assert_eq!(agreement(&cast.blk).await.remarks, [own, next]);
}

#[tokio::test]
async fn the_notes_that_end_an_agreement_reach_the_other_party() {
    for act in [Act::Reject, Act::Withdraw, Act::Terminate] {
        let cast = Cast::gather().await;
        let request = create_agreement(AGREEMENT, terms("blk-kepri", manpower()));
        let made = cast.blk.agreement().create_agreement(request).await.unwrap().into_inner();
        let propose = v1::ProposeAgreementRequest {
            request_id: request_id(),
            name: AGREEMENT.to_owned(),
            etag: made.change.unwrap().etag,
            binding: v1::AgreementBinding::Acceptance.into(),
            ..Default::default()
        };
        let proposed = cast.blk.agreement().propose_agreement(propose).await.unwrap().into_inner();
        cast.world.set_clock(FIRST);
        let (by, state) = match act {
            Act::Reject => {
                noted!(cast.lapas, reject_agreement, RejectAgreementRequest, "Belum perlu");
                ("lapas-tpi", AgreementState::Rejected)
            }
            Act::Withdraw => {
                noted!(cast.blk, withdraw_agreement, WithdrawAgreementRequest, "Belum perlu");
                ("blk-kepri", AgreementState::Withdrawn)
            }
            _ => {
                let accept = v1::AcceptAgreementRequest {
                    request_id: request_id(),
                    name: AGREEMENT.to_owned(),
                    etag: proposed.change.unwrap().etag,
                    ..Default::default()
                };
                cast.lapas.agreement().accept_agreement(accept).await.unwrap();
                noted!(cast.lapas, terminate_agreement, TerminateAgreementRequest, "Belum perlu");
                ("lapas-tpi", AgreementState::Active)
            }
        };
        for client in [&cast.lapas, &cast.blk] {
            let seen = agreement(client).await;
            assert_eq!(seen.state(), state, "{act:?}");
            assert_eq!(seen.remarks, [remark(act, by, FIRST, "Belum perlu")], "{act:?}");
        }
    }
}

/// Of a session, its lead agency and its prison; an agency that lends a trainer sees no note, nor who gave it.
#[tokio::test]
async fn a_cancelled_programmes_note_reaches_lead_and_prison_with_its_sessions() {
    let cast = Cast::ready().await;
    cast.agree(&cast.dkp, "agencies/dkp-kepri/agreements/a", terms("dkp-kepri", manpower())).await;
    cast.dkp.trainer().register_trainer(trainer(FISHER, "")).await.unwrap();
    let both = v1::SessionDraft { trainers: vec![lead(TRAINER), lead(FISHER)], ..session("s1", START) };
    cast.push(vec![both]).await;
    cast.world.set_clock(FIRST);
    let request = v1::CancelProgrammeRequest {
        request_id: request_id(),
        name: PROGRAMME.to_owned(),
        etag: programme(&cast.lapas).await.etag,
        note: "Renovasi".to_owned(),
        ..Default::default()
    };
    let done = cast.lapas.programme().cancel_programme(request.clone()).await.unwrap().into_inner();
    let entry = done.change.clone().unwrap().entry;
    let lines = [session_name("s1"), PROGRAMME.to_owned()];
    let lines = lines.each_ref().map(String::as_str);
    cast.world.assert_entry(&entry, "ProgrammeService/CancelProgramme", &lines).await;
    cast.world.set_clock(SECOND);
    let repeated = cast.lapas.programme().cancel_programme(request).await.unwrap().into_inner();
    assert_eq!(repeated, done);
    let expected = [remark(Act::Cancel, "lapas-tpi", FIRST, "Renovasi")];
    for client in [&cast.lapas, &cast.blk] {
        assert_eq!(programme(client).await.remarks, expected);
        let listed = client.programme().list_programmes(v1::ListProgrammesRequest::default()).await.unwrap();
        assert_eq!(listed.into_inner().programmes[0].remarks, expected);
        let seen = session_of(client, "s1").await;
        assert_eq!((seen.note.as_str(), &seen.remarks[..]), ("Renovasi", &expected[..]));
    }
    let lender = session_of(&cast.dkp, "s1").await;
    assert_eq!((lender.note.as_str(), lender.remarks), ("", vec![]));
    let third = v1::GetProgrammeRequest { name: PROGRAMME.to_owned() };
    assert_eq!(reason(&cast.dkp.programme().get_programme(third).await.unwrap_err()), "NOT_FOUND");
}

#[tokio::test]
async fn a_sessions_note_reaches_lead_and_prison_until_it_is_pushed_again() {
    let cast = Cast::ready().await;
    let drafts =
        ["s1", "s2", "s3"].map(|uid| uid.replace('s', "2026-03-1")).map(|day| format!("{day}T01:00:00Z"));
    let drafts = ["s1", "s2", "s3"].iter().zip(&drafts).map(|(uid, start)| led_session(uid, start, TRAINER));
    let drafts: Vec<_> = drafts.collect();
    cast.push(drafts.clone()).await;
    cast.world.set_clock(FIRST);
    let (s1, s2) = (cast.session("s1").await, cast.session("s2").await);
    let decline = v1::DeclineSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionDecline { name: s1.name, etag: s1.etag }],
        note: "Ruang dipakai".to_owned(),
        ..Default::default()
    };
    let declined = cast.lapas.schedule().decline_sessions(decline.clone()).await.unwrap().into_inner();
    cast.world.assert_entry(&declined.entry, "ScheduleService/DeclineSessions", &[&session_name("s1")]).await;
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name: s2.name, etag: s2.etag }],
        note: "Mesin rusak".to_owned(),
        ..Default::default()
    };
    cast.blk.schedule().cancel_sessions(cancel).await.unwrap();
    let release = v1::ReleaseBookingsRequest {
        request_id: request_id(),
        name: "agencies/blk-kepri".to_owned(),
        note: "Keliru".to_owned(),
        ..Default::default()
    };
    cast.admin.agency().release_bookings(release).await.unwrap();
    cast.world.set_clock(SECOND);
    let repeated = cast.lapas.schedule().decline_sessions(decline).await.unwrap().into_inner();
    assert_eq!(repeated, declined);
    for client in [&cast.lapas, &cast.blk] {
        for (uid, expected) in [
            ("s1", remark(Act::Decline, "lapas-tpi", FIRST, "Ruang dipakai")),
            ("s2", remark(Act::Cancel, "blk-kepri", FIRST, "Mesin rusak")),
            ("s3", remark(Act::Release, "operator", FIRST, "Keliru")),
        ] {
            let seen = session_of(client, uid).await;
            assert_eq!((seen.note, seen.remarks), (expected.note.clone(), vec![expected]), "{uid}");
        }
    }
    let pushed = cast.push(vec![again(drafts[0].clone()), again(drafts[2].clone())]).await;
    assert_eq!(pushed.outcome(), v1::BatchOutcome::Stored, "{pushed:?}");
    for uid in ["s1", "s3"] {
        let seen = cast.session(uid).await;
        assert_eq!((seen.note.as_str(), seen.remarks), ("", vec![]), "{uid}");
    }
}

/// What was stored before anybody noted who and when: the note is shown, the rest is not made up, and the audit finds
/// the rows as the ledger tells of them.
#[tokio::test]
async fn a_note_of_before_is_shown_without_who_and_when() {
    let cast = Cast::ready().await;
    let mut owner = cast.world.owner().await;
    for table in ["agreement", "programme"] {
        let change = format!("UPDATE {table} SET note = 'Lama'");
        query(sqlx::AssertSqlSafe(change)).execute(&mut owner).await.unwrap();
    }
    let lama = |act: Act| v1::Remark { act: act.into(), note: "Lama".to_owned(), ..Default::default() };
    assert_eq!(agreement(&cast.blk).await.remarks, [lama(Act::Unspecified)]);
    assert_eq!(programme(&cast.lapas).await.remarks, [lama(Act::Cancel)]);
    cast.world.set_clock(FIRST);
    noted!(cast.lapas, suspend_agreement, SuspendAgreementRequest, "Baru");
    assert_eq!(agreement(&cast.blk).await.remarks, [remark(Act::Suspend, "lapas-tpi", FIRST, "Baru")]);
}

/// Whoever changes at the database who gave a note, or what it says, is found out.
#[tokio::test]
async fn a_remark_that_was_changed_by_hand_is_found() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    let cancel = v1::CancelProgrammeRequest {
        request_id: request_id(),
        name: PROGRAMME.to_owned(),
        etag: programme(&cast.lapas).await.etag,
        note: "Renovasi".to_owned(),
        ..Default::default()
    };
    cast.lapas.programme().cancel_programme(cancel).await.unwrap();
    noted!(cast.lapas, suspend_agreement, SuspendAgreementRequest, "Renovasi");
    // The timekeeper shall not look at the agreement meanwhile.
    cast.world.keeper().keep_time().await.unwrap();
    let mut owner = cast.world.owner().await;
    for (change, resource) in [
        ("UPDATE agreement SET remarks = jsonb_set(remarks, '{0,agency}', '\"blk-kepri\"')", AGREEMENT),
        ("UPDATE agreement SET remarks = '[]'", AGREEMENT),
        ("UPDATE session SET noted_by = 'blk-kepri'", "agencies/blk-kepri/sessions/s1"),
        ("UPDATE session SET noted_at = noted_at + interval '1 day'", "agencies/blk-kepri/sessions/s1"),
        ("UPDATE programme SET noted_by = 'blk-kepri'", PROGRAMME),
        ("UPDATE programme SET noted_by = NULL, noted_at = NULL", PROGRAMME),
        ("UPDATE programme SET note = 'Lain'", PROGRAMME),
    ] {
        let mut tx = snapshot(&mut owner).await;
        query(change).execute(&mut *tx).await.unwrap();
        let (keys, now) = (Some(&*cast.world.keys), cast.world.clock.now());
        let findings = audit::rows(&mut tx, keys, now).await.unwrap().findings;
        let found: Vec<_> = findings.iter().map(|found| (found.resource.as_str(), found.flaw)).collect();
        assert_eq!(found, [(resource, Flaw::Differs)], "{change}");
        tx.rollback().await.unwrap();
    }
}

/// As people read it: who, when and why, where the agreement is shown, and why in the list.
#[tokio::test]
async fn the_command_line_shows_who_noted_what() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    cast.world.set_clock(FIRST);
    let cancel = v1::CancelProgrammeRequest {
        request_id: request_id(),
        name: PROGRAMME.to_owned(),
        etag: programme(&cast.lapas).await.etag,
        note: "Kekurangan bahan".to_owned(),
        ..Default::default()
    };
    cast.lapas.programme().cancel_programme(cancel).await.unwrap();
    noted!(cast.lapas, suspend_agreement, SuspendAgreementRequest, "Bengkel direnovasi");
    let out = async |language: &str, words: &[&str]| {
        let output = gerbang(&cast.world, language, &[&["--profile", "blk"], words].concat()).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for language in ["C", "id_ID.UTF-8"] {
        for (words, act, word, note) in [
            (["agreement", "show", "pks-1"], "SUSPEND", "DITANGGUHKAN", "Bengkel direnovasi"),
            (["programme", "show", "las"], "CANCEL", "DIBATALKAN", "Kekurangan bahan"),
            (["schedule", "show", "s1"], "CANCEL", "DIBATALKAN", "Kekurangan bahan"),
        ] {
            let shown = out(language, &words).await;
            // A session has the note by itself too, for programs from before the remark was there.
            let list = if language == "C" { "remarks[" } else { "catatan " };
            let remark: Vec<_> = shown.lines().filter(|line| line.starts_with(list)).collect();
            let has = |text: &str| {
                remark.iter().any(|line| line.ends_with(text) || line.contains(&format!(" {text} ")))
            };
            assert!(has(note) && has("agencies/lapas-tpi") && has("2026"), "who, when and why: {shown}");
            assert!(has(if language == "C" { act } else { word }), "{shown}");
        }
        for (noun, note) in [
            ("agreement", "lapas-tpi: Bengkel"),
            ("programme", "lapas-tpi: Kekurangan"),
            ("schedule", "lapas-tpi: Kekurangan"),
        ] {
            let listed = out(language, &[noun, "list"]).await;
            let words: Vec<_> = note.split(' ').collect();
            assert!(words.iter().all(|word| listed.contains(word)), "{listed}");
        }
    }
    let json = out("C", &["-o", "json", "agreement", "show", "pks-1"]).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let expected = serde_json::json!([{
        "act": "REMARK_ACT_SUSPEND",
        "agency": "agencies/lapas-tpi",
        "time": FIRST,
        "note": "Bengkel direnovasi",
    }]);
    assert_eq!(json["remarks"], expected);
}
