//! The day of an officer and of a partner at the command line: what is shown and asked before it is done, selections by
//! what people know, the morning page, and the door's sheet. The program goes by the real clock, so the sessions lie
//! ahead of it; the gateway's clock stays where all tests begin.

mod morning;

use std::{
    io::Write,
    process::{Command, Stdio},
};

use gerbang::{
    domain::outside::Clock,
    proto::v1::{self, AssignmentState as State, BatchOutcome},
    server::outside::SystemClock,
};
use jiff::SignedDuration;

use crate::{
    cast::{
        AGREEMENT, Cast, FACILITY, PROGRAMME, TRAINER, facility, led_session, manpower, plan, terms, trainer,
    },
    cli::{gerbang, write_profile},
};

const SARI: &str = "agencies/blk-kepri/trainers/t-sari";

/// 08:00 WIB so many days from now, and that day.
fn start(days: i64) -> (String, String) {
    let day = (SystemClock.now() + SignedDuration::from_hours(24 * days)).to_string();
    let day = day.split('T').next().unwrap();
    (format!("{day}T01:00:00Z"), day.to_owned())
}

/// A programme that is open for as long as anybody runs this, two trainers, and a room.
async fn ready() -> Cast {
    let cast = Cast::gather().await;
    let long = v1::AgreementTerms {
        term: Some(v1::agreement_terms::Term::TermMonths(600)),
        duration_class: v1::DurationClass::Long.into(),
        ..terms("blk-kepri", manpower())
    };
    cast.agree(&cast.blk, AGREEMENT, long).await;
    cast.open(&cast.blk, PROGRAMME, AGREEMENT, plan(manpower())).await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    for (name, full_name) in [(TRAINER, "Budi Contoh"), (SARI, "Sari Contohwati")] {
        let mut request = trainer(name, "");
        request.profile.as_mut().unwrap().full_name = full_name.to_owned();
        cast.blk.trainer().register_trainer(request).await.unwrap();
    }
    cast
}

/// s1 and s2 of [`TRAINER`] and s3 of [`SARI`], three, four and five days from now.
async fn pushed() -> Cast {
    let cast = ready().await;
    let sessions = [("s1", 3, TRAINER), ("s2", 4, TRAINER), ("s3", 5, SARI)]
        .map(|(uid, days, trainer)| led_session(uid, &start(days).0, trainer));
    let answer = cast.push(sessions.to_vec()).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    cast
}

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

async fn run(cast: &Cast, language: &str, words: &str) -> Said {
    let mut parts: Vec<String> = Vec::new();
    // What stands in quotation marks is one word.
    for (index, part) in words.split('"').enumerate() {
        match index % 2 {
            0 => parts.extend(part.split_whitespace().map(str::to_owned)),
            _ => parts.push(part.to_owned()),
        }
    }
    let parts: Vec<_> = parts.iter().map(String::as_str).collect();
    let output = gerbang(&cast.world, language, &parts).await;
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Said { code: output.status.code(), out, err }
}

/// The same at a terminal, where somebody types an answer.
async fn at_a_terminal(cast: &Cast, words: &str, answer: &str) -> (Option<i32>, String) {
    // Writes the profiles.
    run(cast, "C", "--version").await;
    let line = format!("{} {words}", env!("CARGO_BIN_EXE_gerbang"));
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env("LC_ALL", "C").env("GERBANG_PROFILES", &cast.world.folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let answer = format!("{answer}\n");
    let output = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        // Kept open until the end: at its end `script` would hang up.
        let mut input = child.stdin.take().unwrap();
        input.write_all(answer.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        drop(input);
        output
    });
    let output = output.await.unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

async fn states(cast: &Cast) -> Vec<State> {
    cast.pull(&cast.lapas).await.iter().map(v1::TrainerAssignment::state).collect()
}

#[tokio::test]
async fn above_one_item_it_is_shown_who_is_meant_and_asked() {
    use State::{Accepted, Proposed};
    let cast = pushed().await;
    let said = run(&cast, "C", "--profile blk assignment accept --from today").await;
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", said.err);
    assert!(said.err.contains("Assignments to accept: 3.") && said.err.contains("--yes"), "{}", said.err);
    assert!(!said.err.contains("Contoh"), "nobody's name goes to a log: {}", said.err);
    let said = run(&cast, "id_ID.UTF-8", "--profile blk assignment accept --from today").await;
    let asked = "Penugasan yang akan disetujui: 3.";
    assert!(said.code == Some(2) && said.err.contains(asked) && said.err.contains("--yes"), "{}", said.err);

    let accept = "--profile blk assignment accept --from today";
    let (code, said) = at_a_terminal(&cast, accept, "n").await;
    for part in [
        "WHEN",
        "Budi Contoh",
        "Sari Contohwati",
        "Pengelasan dasar",
        "08:00",
        "Assignments to accept: 3.",
        "Nothing was done.",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!((code, states(&cast).await), (Some(1), vec![Proposed; 3]));
    let (code, said) = at_a_terminal(&cast, accept, "y").await;
    assert!(code == Some(0) && said.contains("3 assignments accepted."), "{said}");
    assert_eq!(states(&cast).await, [Accepted; 3]);

    let said = run(&cast, "C", "--profile lapas assignment clear --from today --yes").await;
    assert!(said.code == Some(0) && said.out.contains("3 assignments cleared to enter."), "{}", said.err);
    let line = said.out.lines().find(|line| line.contains("Sari Contohwati")).unwrap();
    assert!(line.contains("Pengelasan dasar") && line.contains("08:00–11:00 WIB"), "{line}");
    let last = line.split_whitespace().last().unwrap();
    assert_eq!(last.len(), 36, "the identifier is last: {line}");
}

#[tokio::test]
async fn a_dry_run_asks_nobody_and_never_says_that_it_stored() {
    let cast = pushed().await;
    let words = "--profile blk assignment accept --from today --dry-run";
    let said = run(&cast, "C", words).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out.contains("3 assignments would be accepted.") && said.out.contains("Budi Contoh"),
        "{}",
        said.out
    );
    assert!(
        !said.out.contains("\n3 assignments accepted") && said.err.contains("nothing was stored"),
        "{}",
        said.out
    );
    let said = run(&cast, "id_ID.UTF-8", words).await;
    assert!(
        said.out.contains("3 penugasan akan disetujui.") && said.out.contains("akan diperbarui"),
        "{}",
        said.out
    );
    let said = run(&cast, "C", "--profile lapas facility retire bengkel --dry-run").await;
    assert!(
        said.code == Some(0) && said.out.contains("PLAN") && said.out.contains("would be updated"),
        "{}{}",
        said.out,
        said.err
    );
    assert_eq!(states(&cast).await, [State::Proposed; 3]);
}

/// By trainer, uid, day, programme and agency; what may mean several things is listed, and nothing is done.
#[tokio::test]
async fn selections_go_by_what_people_know() {
    use State::{Accepted, Cleared, Proposed};
    let cast = pushed().await;
    let said = run(&cast, "C", "--profile blk assignment accept --from today --trainer contoh --yes").await;
    assert_eq!((said.code, states(&cast).await), (Some(2), vec![Proposed; 3]), "{}", said.err);
    for known in ["blk-kepri/t-sari  Sari Contohwati", "Budi Contoh", "nothing was done"] {
        assert!(said.err.contains(known), "{known}: {}", said.err);
    }
    let nobody = run(&cast, "C", "--profile blk assignment accept --trainer rina").await;
    assert_eq!(nobody.code, Some(5), "{}", nobody.err);
    let said = run(&cast, "C", "--profile blk assignment accept --trainer sari --yes").await;
    assert_eq!(
        (said.code, states(&cast).await),
        (Some(0), vec![Proposed, Proposed, Accepted]),
        "{}",
        said.err
    );
    let said = run(&cast, "C", "--profile blk assignment accept --uid s1 --yes").await;
    assert_eq!(
        (said.code, states(&cast).await),
        (Some(0), vec![Accepted, Proposed, Accepted]),
        "{}",
        said.err
    );
    let clear = |how: &str| format!("--profile lapas assignment clear {how}");
    let said = run(&cast, "C", &clear(&format!("--day {} --programme pengelasan --yes", start(3).1))).await;
    assert_eq!(
        (said.code, states(&cast).await),
        (Some(0), vec![Cleared, Proposed, Accepted]),
        "{}",
        said.err
    );
    let said =
        run(&cast, "C", &clear("--from today --trainer-agency \"instansi blk\" --programme las --yes")).await;
    assert_eq!((said.code, states(&cast).await), (Some(0), vec![Cleared, Proposed, Cleared]), "{}", said.err);
    let said = run(&cast, "C", &clear("--from today --trainer-agency instansi")).await;
    assert!(said.code == Some(2) && said.err.contains("blk-kepri  Instansi blk-kepri"), "{}", said.err);

    // Sessions by a bare uid of another agency's, by day, and by a part of the title.
    let said = run(&cast, "C", "--profile lapas schedule confirm s1 --facility bengkel").await;
    assert!(said.code == Some(0) && said.out.contains("CONFIRMED"), "{}{}", said.out, said.err);
    let said = run(&cast, "C", &format!("--profile lapas schedule list --day {}", start(5).1)).await;
    assert!(said.out.contains("s3") && !said.out.contains("s1"), "{}", said.out);
    let decline = "--profile lapas schedule decline --programme pengelasan --note x";
    let said = run(&cast, "C", decline).await;
    assert!(said.code == Some(2) && said.err.contains("Sessions to decline: 3."), "{}", said.err);
    let said = run(&cast, "C", &format!("{decline} --yes")).await;
    assert!(said.code == Some(0) && said.out.contains("3 sessions declined."), "{}{}", said.out, said.err);
}

#[tokio::test]
async fn what_cannot_be_undone_asks_even_for_one() {
    let cast = pushed().await;
    for words in [
        "--profile blk schedule cancel s1 --note x",
        "--profile blk agreement terminate pks-1 --note x",
        "--profile blk programme cancel las --note x",
        "--profile lapas facility retire bengkel",
        "--profile admin agency release blk-kepri --note x",
    ] {
        let said = run(&cast, "C", words).await;
        assert_eq!(said.code, Some(2), "{words}: {}{}", said.out, said.err);
        assert!(said.err.contains("--yes"), "{words}: {}", said.err);
    }
    assert_eq!(cast.session("s1").await.state(), v1::SessionState::Tentative);
    let (code, said) = at_a_terminal(&cast, "--profile blk schedule cancel s1 --note x", "").await;
    assert!(code == Some(1) && said.contains("Sessions to cancel for good: 1."), "{said}");
    assert_eq!(cast.session("s1").await.state(), v1::SessionState::Tentative);
    let (code, said) = at_a_terminal(&cast, "--profile blk programme cancel las --note x", "no").await;
    assert!(code == Some(1) && said.contains("Cancel programme blk-kepri/las (Pengelasan dasar)"), "{said}");
    let said = run(&cast, "C", "--profile blk schedule cancel s1 --note x --yes").await;
    assert!(said.code == Some(0) && said.out.contains("CANCELLED"), "{}{}", said.out, said.err);
    let said = run(&cast, "C", "--profile admin agency release blk-kepri --note x --yes").await;
    assert_eq!(said.code, Some(0), "{}", said.err);
}

#[tokio::test]
async fn trainees_are_taken_off_by_register_number() {
    let cast = ready().await;
    cast.nominate(&[1, 2]).await;
    let listed = cast.roster(&cast.lapas).await.enrolments;
    let record = listed[0].prison_record.clone().unwrap();
    let (number, name) = (&record.register_number, &listed[0].full_name);
    let withhold = format!("--profile lapas trainee withhold \"{number}\" --programme las");
    let said = run(&cast, "C", &withhold).await;
    assert!(said.code == Some(2) && said.err.contains("--yes"), "{}{}", said.out, said.err);
    assert!(!said.err.contains(name.as_str()), "nobody's name goes to a log: {}", said.err);
    let said = run(&cast, "C", &format!("{withhold} --yes")).await;
    assert!(said.code == Some(0) && !said.err.contains(name.as_str()), "{}{}", said.out, said.err);
    let withdraw = format!("--profile lapas roster withdraw las \"{number}\"");
    let said = run(&cast, "C", &withdraw).await;
    assert!(
        said.code == Some(2) && !said.err.contains(name.as_str()) && said.err.contains("--yes"),
        "{}",
        said.err
    );
    let said = run(&cast, "C", &format!("{withdraw} --yes")).await;
    let line = said.out.lines().find(|line| line.contains("LEFT")).unwrap_or_default();
    assert!(line.contains(name.as_str()) && line.contains(number.as_str()), "{}{}", said.out, said.err);
    let left: Vec<_> =
        cast.roster(&cast.lapas).await.enrolments.iter().map(|one| one.state() as i32).collect();
    assert_eq!(left.iter().filter(|state| **state == v1::EnrolmentState::Left as i32).count(), 1, "{left:?}");
    let said = run(&cast, "C", "--profile lapas roster withdraw las \"X 99\" --yes").await;
    assert_eq!(said.code, Some(5), "{}", said.err);
    let part = listed[1].full_name.get(..listed[1].full_name.len() - 1).unwrap();
    let said = run(&cast, "C", &format!("--profile lapas roster withdraw las \"{part}\" --yes")).await;
    assert!(matches!(said.code, Some(2)), "a part of a name is no consent: {}{}", said.out, said.err);
}

/// The steps that are missing stand in a column, in the reader's language.
#[tokio::test]
async fn the_list_says_what_is_still_needed() {
    let cast = pushed().await;
    let list = "--profile lapas assignment list --clearance missing --uid s1";
    let said = run(&cast, "C", list).await;
    assert!(said.out.contains("STILL NEEDED"), "{}", said.out);
    for step in ["agency accepts", "prison clears", "session confirmed"] {
        assert!(said.out.contains(step.split(' ').next().unwrap()), "{step}: {}", said.out);
    }
    cast.suspend(&cast.blk, AGREEMENT).await.unwrap();
    let said = run(&cast, "id_ID.UTF-8", list).await;
    assert!(said.out.contains("MASIH DIPERLUKAN"), "{}", said.out);
    assert!(said.out.contains("konfirmasi sesi, perjanjian yang berlaku"), "{}", said.out);
}

#[tokio::test]
async fn the_morning_page_tells_each_role_what_waits() {
    let cast = pushed().await;
    cast.world.join("lapas-tpi", v1::AgencyKind::Prison, "p2u", v1::Role::Door).await;
    write_profile(&cast.world, "p2u", &cast.world.profile("lapas-tpi", "p2u"));
    let said = run(&cast, "C", "today --profile blk").await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    for part in [
        "ASSIGNMENTS OF YOUR TRAINERS TO ACCEPT: 3\n",
        "Next: gerbang assignment accept --from today --profile blk\n",
        "Budi Contoh",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    assert!(!said.out.contains("PROGRAMMES"), "what is empty is left out: {}", said.out);
    let said = run(&cast, "id_ID.UTF-8", "hari-ini --profile lapas").await;
    assert!(said.out.contains("SESI 14 HARI KE DEPAN YANG DAPAT DIKONFIRMASI: 0\n"), "{}", said.out);
    assert!(!said.out.contains("MENUNGGU IZIN MASUK"), "nobody is accepted yet: {}", said.out);
    run(&cast, "C", "--profile blk assignment accept --uid s1 --yes").await;
    let said = run(&cast, "C", "-o json today --profile lapas").await;
    let page: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let of = |topic: &str| {
        let sections = page["sections"].as_array().unwrap();
        sections.iter().find(|section| section["topic"] == topic).map(|section| section["count"].clone())
    };
    assert_eq!(of("to_clear"), Some(1.into()), "{}", said.out);
    assert_eq!((of("to_confirm"), of("to_accept")), (Some(0.into()), None), "{}", said.out);

    let pending = v1::RegisterSystemRequest {
        request_id: crate::world::request_id(),
        agency: "agencies/lapas-tpi".to_owned(),
        system: "sdp-2".to_owned(),
        role: v1::Role::Prison.into(),
        ..Default::default()
    };
    cast.world.admin2().await.agency().register_system(pending).await.unwrap();
    let said = run(&cast, "C", "today --profile admin").await;
    assert!(said.out.contains("SYSTEMS WHOSE ROLE WAITS FOR YOUR APPROVAL: 1\n"), "{}{}", said.out, said.err);
    assert!(
        said.out.contains("gerbang agency approve-system lapas-tpi/sdp-2 --profile admin"),
        "{}",
        said.out
    );
    let said = run(&cast, "C", "today --profile p2u").await;
    assert_eq!(said.code, Some(0), "the door is refused nothing: {}", said.err);
}

#[tokio::test]
async fn the_doors_sheet_is_the_prisons_and_has_names() {
    let cast = Cast::confirmed("2026-03-10T01:00:00Z").await;
    cast.world.set_clock("2026-03-09T01:00:00Z");
    cast.world.join("lapas-tpi", v1::AgencyKind::Prison, "p2u", v1::Role::Door).await;
    write_profile(&cast.world, "p2u", &cast.world.profile("lapas-tpi", "p2u"));
    let room = facility(FACILITY, 16).profile.unwrap().display_name;
    for profile in ["p2u", "lapas"] {
        let sheet =
            run(&cast, "id_ID.UTF-8", &format!("assignment gate --date 2026-03-10 --profile {profile}"))
                .await;
        assert_eq!(sheet.code, Some(0), "{}", sheet.err);
        for part in [
            "Instansi lapas-tpi",
            "Selasa, 10 Maret 2026 (WIB)",
            "08:00–11:00",
            "Budi Contoh",
            "Instansi blk-kepri",
            &room,
        ] {
            assert!(sheet.out.contains(part), "{part}: {}", sheet.out);
        }
        assert!(sheet.out.lines().all(|line| line.chars().count() <= 80), "{}", sheet.out);
    }
    let said = run(&cast, "C", "assignment gate --date 2026-03-11 --profile lapas").await;
    assert!(said.out.contains("No trainer may enter on that day."), "{}", said.out);
    let said = run(&cast, "C", "assignment gate --date 2026-03-10 --profile blk").await;
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", said.err);
}

#[tokio::test]
async fn a_table_is_told_from_a_request_and_a_partner_finds_the_only_prison() {
    let cast = ready().await;
    for (name, bytes) in [("a.xlsx", &b"PK\x03\x04rest"[..]), ("a.csv", b"nama,nik\nContoh,9901\n")] {
        let file = cast.world.folder.join(name);
        std::fs::write(&file, bytes).unwrap();
        for language in ["C", "id_ID.UTF-8"] {
            let said =
                run(&cast, language, &format!("--profile lapas roster nominate {}", file.display())).await;
            assert_eq!(said.code, Some(1), "{}", said.err);
            assert!(said.err.contains("--example") && said.err.contains("JSON"), "{}", said.err);
            assert!(!said.err.contains("expected value"), "{}", said.err);
        }
    }
    let said = run(&cast, "C", "--profile blk facility list").await;
    assert!(said.out.contains("lapas-tpi/bengkel"), "{}{}", said.out, said.err);
    assert_eq!(said.err, "Rooms of lapas-tpi.\n");
    let said = run(&cast, "C", "--profile lapas facility list").await;
    assert!(said.out.contains("lapas-tpi/bengkel") && said.err.is_empty(), "{}{}", said.out, said.err);
}
