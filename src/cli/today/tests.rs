//! The pages of every role, as they are printed in both languages and three widths, and in a pipe.

use super::*;
use crate::{
    cli::{
        golden_tests::{LANGUAGES, WIDTHS, ZONE, agencies, check, reader, samples},
        names,
        schedule::ready::{Judged, Waiting},
    },
    domain::reason::Language,
};

#[test]
fn what_ends_within_sixty_days_ends_soon() {
    let day = Date::constant(2026, 11, 27);
    assert!(is_soon(day, Date::constant(2026, 11, 27)));
    assert!(is_soon(day, Date::constant(2027, 1, 26)));
    assert!(!is_soon(day, Date::constant(2027, 1, 27)));
}

/// The desk of a made-up system on Friday, 27 November 2026.
fn desk(role: v1::Role, code: &str, language: Language) -> Desk {
    let own = names::agency(code);
    let name = agencies()
        .get(&own)
        .cloned()
        .unwrap_or("Operator Gerbang pada Kantor Wilayah Pemasyarakatan Kepulauan Riau".to_owned());
    let system = format!("{own}/systems/meja");
    let day = Date::constant(2026, 11, 27);
    Desk { role, own, name, system, zone: ZONE.to_owned(), day, reader: reader(language) }
}

fn check_page(name: &str, role: v1::Role, code: &str, profile: &str, read: &Read) {
    for (language, ending) in LANGUAGES {
        let desk = desk(role, code, language);
        let sections = desk.sections(read);
        let mut text = String::new();
        for width in WIDTHS {
            let title = width.map_or("pipe".to_owned(), |width| width.to_string());
            let page = desk.text(&sections, Page { width, bold: false }, Some(profile));
            // A command stands on one line, so that it can be copied.
            for line in page.lines().filter(|line| width.is_some() && !line.contains(": gerbang ")) {
                let columns = unicode_width::UnicodeWidthStr::width(line);
                assert!(columns <= usize::from(width.unwrap_or_default()), "{name}, {title}: {line}");
            }
            text.push_str(&format!("== {title}\n{page}\n"));
        }
        check(&format!("today-{name}.{ending}.txt"), &text);
    }
}

fn session(uid: &str, day: &str, state: v1::SessionState) -> v1::Session {
    let at = |hour: &str| Some(crate::cli::when::to_proto(format!("{day}T{hour}:00:00Z").parse().unwrap()));
    v1::Session {
        name: format!("agencies/blk-kepri/sessions/{uid}"),
        starts_at: at("01"),
        ends_at: at("04"),
        state: state.into(),
        remarks: Vec::new(),
        ..samples::<v1::Session>("sessions").remove(0)
    }
}

fn assignment(state: v1::AssignmentState, missing: &[v1::ClearanceStep]) -> v1::TrainerAssignment {
    let missing = missing.iter().map(|step| (*step).into()).collect();
    v1::TrainerAssignment { state: state.into(), missing, ..samples("assignments").remove(0) }
}

/// The agreement of the samples, suspended by these, each with a note.
fn suspended(by: &[(&str, &str)]) -> v1::Agreement {
    let remark = |(code, note): &(&str, &str)| v1::Remark {
        act: v1::RemarkAct::Suspend.into(),
        agency: names::agency(code),
        note: (*note).to_owned(),
        ..v1::Remark::default()
    };
    v1::Agreement {
        state: v1::AgreementState::Suspended.into(),
        suspended_by: by.iter().map(|(code, _)| names::agency(code)).collect(),
        remarks: by.iter().map(remark).collect(),
        ..samples("agreements").remove(0)
    }
}

#[test]
fn the_prisons_page() {
    use v1::{AssignmentState::Accepted, ClearanceStep::*, SessionState::Tentative};
    let ready = [("las-2026-02", "2026-12-09"), ("las-2026-05", "2026-12-11"), ("las-2026-06", "2026-12-12")];
    let judged = Judged {
        ready: ready.map(|(uid, day)| session(uid, day, Tentative)).to_vec(),
        waiting: Waiting { lead: 30, substitute: 3, room: 2, agreement: 1, other: 0 },
        roomless: Some("agencies/blk-kepri/programmes/las-2026".to_owned()),
    };
    let mut count: v1::RosterCount = samples("counts").remove(0);
    count.confirmed = "15".to_owned();
    let read = Read {
        sessions_today: vec![session("las-2026-00", "2026-11-27", v1::SessionState::Confirmed)],
        judged,
        suspended: [("dkpp-bintan".to_owned(), 6)].into(),
        assignments: vec![
            assignment(Accepted, &[PrisonClears, SessionConfirmed]),
            // Nothing passes under its agreement, so that nobody can clear it.
            assignment(Accepted, &[PrisonClears, AgreementInForce]),
        ],
        agreements: vec![
            suspended(&[
                ("blk-kepri", "Instruktur dialihkan"),
                ("lapas-tpi", "Pemeriksaan keamanan blok B sampai dengan hari Senin, 30 November 2026"),
            ]),
            samples("agreements").remove(1),
        ],
        free: vec![(count, 16)],
        ..Read::default()
    };
    check_page("prison", v1::Role::Prison, "lapas-tpi", "lapas", &read);
}

#[test]
fn a_partners_page() {
    use v1::{AssignmentState as State, ClearanceStep::*};
    let coming = session("las-2026-01", "2026-12-07", v1::SessionState::Tentative);
    let refused = |trainer: &str, state: State| v1::TrainerAssignment {
        trainer: format!("agencies/blk-kepri/trainers/{trainer}"),
        session: coming.name.clone(),
        ..assignment(state, &[])
    };
    let read = Read {
        sessions: vec![coming.clone(), samples("sessions").remove(2)],
        assignments: vec![assignment(State::Proposed, &[AgencyAccepts, PrisonClears])],
        refused: vec![
            refused("instruktur-01", State::ClearanceRefused),
            refused("instruktur-02", State::Declined),
            // The session names somebody else by now.
            refused("instruktur-09", State::ClearanceRefused),
        ],
        withdrawn: vec![
            refused("instruktur-02", State::Withdrawn),
            refused("instruktur-09", State::Withdrawn),
        ],
        agreements: vec![suspended(&[("lapas-tpi", "Pemeriksaan keamanan blok B")])],
        programmes: vec![v1::Programme {
            state: v1::ProgrammeState::Planned.into(),
            ..samples("programmes").remove(0)
        }],
        claims: samples("claims"),
        ..Read::default()
    };
    check_page("partner", v1::Role::Partner, "blk-kepri", "blk", &read);
}

#[test]
fn an_administrators_page() {
    let mut system = v1::System {
        name: "agencies/lapas-tpi/systems/p2u".to_owned(),
        proposer: "agencies/operator/systems/admin-2".to_owned(),
        ..Default::default()
    };
    system.set_proposed_role(v1::Role::Door);
    let own = v1::System { proposer: "agencies/operator/systems/meja".to_owned(), ..system.clone() };
    let mut certificates: Vec<v1::Certificate> = samples("certificates");
    let renewed = v1::Certificate { successor: "certificates/7c".to_owned(), ..certificates[0].clone() };
    certificates.push(renewed);
    let tried = v1::CertificateOrder {
        other_key_time: Some(crate::cli::when::to_proto("2026-11-26T06:05:00Z".parse().unwrap())),
        ..samples::<v1::CertificateOrder>("orders").remove(1)
    };
    let read = Read {
        orders: samples("orders"),
        tried: vec![tried],
        administrators: vec![v1::Certificate {
            system: "agencies/operator/systems/admin".to_owned(),
            ..certificates[0].clone()
        }],
        systems: vec![system, own],
        certificates: certificates.clone(),
        certificate: Some(v1::Certificate {
            end_time: Some(crate::cli::when::to_proto("2026-12-20T01:30:00Z".parse().unwrap())),
            ..certificates[0].clone()
        }),
        ..Read::default()
    };
    check_page("administrator", v1::Role::Administrator, "operator", "admin", &read);
}

#[test]
fn the_doors_page_and_that_of_who_has_nothing_to_do() {
    let tomorrow = vec![assignment(v1::AssignmentState::Cleared, &[])];
    let read = Read { entering: [Vec::new(), tomorrow], agencies: agencies(), ..Read::default() };
    check_page("door", v1::Role::Door, "lapas-tpi", "p2u", &read);
    check_page("nothing", v1::Role::Oversight, "lapas-tpi", "bpk", &Read::default());
}

#[test]
fn an_administrator_counts_once_and_others_do_not() {
    let system = |name: &str, role: v1::Role| v1::System {
        name: format!("agencies/operator/systems/{name}"),
        role: role.into(),
        ..Default::default()
    };
    let systems = [system("admin", v1::Role::Administrator), system("meja", v1::Role::Oversight)];
    let certificate = |name: &str, serial: &str, seconds: i64| v1::Certificate {
        name: format!("certificates/{serial}"),
        system: format!("agencies/operator/systems/{name}"),
        end_time: Some(prost_types::Timestamp { seconds, nanos: 0 }),
        ..Default::default()
    };
    let valid =
        vec![certificate("admin", "aa", 1), certificate("meja", "bb", 9), certificate("admin", "cc", 5)];
    let left: Vec<_> = read::administrators(&systems, valid).into_iter().map(|one| one.name).collect();
    assert_eq!(left, ["certificates/cc"]);
}
