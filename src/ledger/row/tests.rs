//! One sample of each row, and what must not change its digest.

mod grown;
mod v2;

use uuid::Uuid;

use super::*;
use crate::{
    domain::{
        AgencyCode,
        access::{DataKind, Role},
        agency::{AgencyKind, AgencyState, AgencyTier, DatedName, DatedNames, RegisteredCertificate},
        agreement::{Act, AgreementKind, Binding, DataAnnex, Nature, Party, Terms},
        certificate::{
            Approval, AuthorityKind, OrderId, OrderKey, Progress, RevocationReason, Revoked, Stage, Way,
        },
        facility::{Equipment, FacilityKind, FacilityProfile, FacilityStatus},
        field::{Field, FieldKind},
        name::{AgreementName, FacilityName, ProgrammeName, ScheduleName, SystemName},
        person::Nik,
        programme::{Plan, ProgrammeState, Unit},
        remark::{Remark, RemarkAct},
        roster::{EnrolmentState, TraineeRef},
        schedule::SessionState,
        term::{DurationClass, End, Term},
        text::Text,
        time::Zone,
        trainee::{EducationLevel, RegisterNumber},
        trainer::{
            Competence, Lending, Profile, RegistrationState, SessionTrainer, TrainerKind, TrainerStatus,
        },
    },
    ledger::entry::digest,
};

const GOLDEN: &str = include_str!("../../../tests/golden/rows-v1.txt");

fn text<const MAX: usize>(value: &str) -> Text<MAX> {
    Text::parse(value).unwrap()
}

fn code(value: &str) -> AgencyCode {
    AgencyCode::parse(value).unwrap()
}

fn agency() -> Agency {
    let name = |display_name, day: &str, decree| DatedName {
        display_name: text(display_name),
        valid_from: day.parse().unwrap(),
        decree_number: decree,
    };
    let decree = Some(text("SK 12/2024"));
    let names = vec![name("BLK Kepri", "2012-01-01", None), name("BPVP Kepri", "2024-10-21", decree)];
    Agency {
        code: code("blk-kepri"),
        kind: AgencyKind::VocationalTrainingCentre,
        tier: AgencyTier::Province,
        names: DatedNames::new(names).unwrap(),
        zone: Zone::parse("Asia/Jakarta").unwrap(),
        state: AgencyState::Active,
        remark: None,
        version: 3,
        created_at: "2026-01-05T00:00:00Z".parse().unwrap(),
    }
}

fn facility() -> Facility {
    Facility {
        id: Uuid::from_u128(9),
        name: FacilityName::parse("agencies/lapas-tpi/facilities/bengkel").unwrap(),
        profile: FacilityProfile {
            display_name: text("Bengkel las"),
            kind: FacilityKind::Workshop,
            capacity: 16,
            equipment: vec![Equipment { name: text("Mesin las"), quantity: 4, condition: None }],
            status: FacilityStatus::Available,
        },
        version: 1,
        created_at: "2026-01-05T00:00:00Z".parse().unwrap(),
    }
}

fn enrolment() -> Enrolment {
    Enrolment {
        id: Uuid::from_u128(10),
        reference: EnrolmentRef::from_store(&[1; 16]).unwrap(),
        programme: ProgrammeName::parse("agencies/blk-kepri/programmes/las-2026").unwrap(),
        prison: code("lapas-tpi"),
        trainee: Uuid::from_u128(11),
        state: EnrolmentState::Waitlisted,
        place: 17,
        out_of_rank: None,
        version: 1,
    }
}

fn person() -> Trainee {
    let record = Record {
        full_name: text("Contoh Satu"),
        register_number: RegisterNumber::parse("BI 1/2026").unwrap(),
        nik: Nik::parse_optional("9901011708900001").unwrap(),
        education_level: EducationLevel::Primary,
    };
    let reference = TraineeRef::from_store(&[2; 16]).unwrap();
    Trainee {
        id: Uuid::from_u128(11),
        reference,
        prison: code("lapas-tpi"),
        record,
        withheld: false,
        version: 1,
    }
}

fn shown() -> ShownRow {
    ShownRow { enrolment: enrolment().reference, version: 1, record: person().record, whole: false }
}

fn system() -> System {
    let certificate = |byte| RegisteredCertificate {
        fingerprint: [byte; 32],
        serial: "0a".to_owned(),
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
    };
    System {
        name: SystemName::parse("agencies/blk-kepri/systems/scheduling").unwrap(),
        role: Some(Role::Partner),
        proposal: None,
        certificates: vec![certificate(9), certificate(1)],
        retired_at: None,
        version: 2,
    }
}

fn order() -> Order {
    let approval = |approver: &str, byte| Approval {
        approver: approver.to_owned(),
        certificate: [byte; 32],
        statement: vec![byte; 3],
        signature: vec![byte; 64],
        approved_at: "2026-03-02T01:00:00Z".parse().unwrap(),
    };
    let system = |name: &str| SystemName::parse(name).unwrap();
    Order {
        id: OrderId(Uuid::from_u128(7)),
        way: Way::Renewal,
        system: Some(system("agencies/lapas-tpi/systems/sdp")),
        role: Some(Role::Prison),
        token: Some([1; 32]),
        key: Some(OrderKey { spki: vec![2; 91], id: [3; 32] }),
        ignored: vec!["subject CN=x".to_owned()],
        hosts: vec!["gerbang.example".to_owned()],
        lifetime_days: 90,
        previous: Some([4; 32]),
        requester: "agencies/operator/systems/admin".to_owned(),
        rejected: true,
        note: Some("Contoh".to_owned()),
        other_key_at: Some("2026-03-02T02:00:00Z".parse().unwrap()),
        version: 5,
        created_at: "2026-03-02T00:00:00Z".parse().unwrap(),
        expires_at: "2026-03-02T03:00:00Z".parse().unwrap(),
        approvals: vec![
            approval("agencies/operator/systems/admin", 5),
            approval("agencies/operator/systems/admin2", 6),
        ],
        progress: Progress {
            stage: Some(Stage::Rejected),
            reason: Some("APPROVALS_INVALID".to_owned()),
            certificate: Some([8; 32]),
            collected: true,
            ..Progress::default()
        },
    }
}

fn certificate() -> Issued {
    Issued {
        fingerprint: [3; 32],
        serial: "01ab".to_owned(),
        system: Some(system().name),
        authority: Some("Gerbang Kepri – Klien".to_owned()),
        key_id: Some([4; 32]),
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2026-04-01T00:00:00Z".parse().unwrap(),
        ends_at: Some("2026-03-15T00:00:00Z".parse().unwrap()),
        administrator: true,
        role: None,
        role_found: None,
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        collected_at: Some("2026-01-01T00:01:00Z".parse().unwrap()),
        first_seen_at: Some("2026-01-01T00:02:00Z".parse().unwrap()),
        seen: None,
        previous: Some("01aa".to_owned()),
        successor: None,
        revoked: Some(Revoked {
            at: "2026-02-01T00:00:00Z".parse().unwrap(),
            reason: RevocationReason::KeyCompromise,
            note: None,
        }),
        version: 4,
    }
}

fn authority() -> Authority {
    Authority {
        fingerprint: [5; 32],
        kind: AuthorityKind::Clients,
        name: "Gerbang Kepri – Klien".to_owned(),
        der: vec![0x30],
        key_id: [6; 32],
        not_after: "2031-01-01T00:00:00Z".parse().unwrap(),
        crl: None,
        version: 1,
    }
}

fn field() -> Field {
    Field::new(FieldKind::Other, Some(text("Kelautan dan Perikanan"))).unwrap()
}

fn terms() -> Terms {
    let party = |agency, number, title: &str| Party {
        agency: code(agency),
        number,
        signatory_title: Some(text(title)),
    };
    Terms {
        kind: AgreementKind::Pks,
        title: text("Pelatihan budidaya nila"),
        purpose: text("Pembinaan kemandirian"),
        fields: vec![Field::new(FieldKind::Manpower, None).unwrap(), field()],
        legal_basis: vec![text("PP 57/1999"), text("UU 22/2022")],
        parties: vec![
            party("dkp-kepri", Some(text("523/PKS/2026")), "Kepala Dinas"),
            party("lapas-batam", None, "Kepala Lapas"),
        ],
        term: Term::new("2026-03-02".parse().unwrap(), Some(End::Months(24))).unwrap(),
        declared_class: Some(DurationClass::Medium),
        zone: Zone::parse("Asia/Jakarta").unwrap(),
        notice_days: 30,
        annex: Some(DataAnnex {
            purpose: text("Penjadwalan"),
            data_kinds: vec![DataKind::Schedule, DataKind::Trainer],
            contact_point: text("Seksi Bimbingan Kerja"),
            retention_days: 730,
        }),
    }
}

fn agreement() -> Agreement {
    Agreement {
        id: Uuid::from_u128(7),
        name: AgreementName::parse("agencies/dkp-kepri/agreements/pks-2026-01").unwrap(),
        terms: terms(),
        nature: Nature::Functional,
        act: Act::Terminated,
        binding: Some(Binding::Acceptance),
        accepted_by: vec![code("lapas-batam"), code("dkp-kepri")],
        suspended_by: vec![code("lapas-batam"), code("dkp-kepri")],
        terminates_on: Some("2026-09-01".parse().unwrap()),
        remarks: Vec::new(),
        proposed_at: None,
        version: 8,
        created_at: "2026-02-01T00:00:00Z".parse().unwrap(),
    }
}

fn programme() -> Programme {
    let unit = |skkni_code, title: &str, lessons| Unit { skkni_code, title: text(title), lessons };
    Programme {
        id: Uuid::from_u128(8),
        name: ProgrammeName::parse("agencies/dkp-kepri/programmes/nila-2026").unwrap(),
        agreement_id: Uuid::from_u128(7),
        agreement: agreement().name,
        prison: code("lapas-batam"),
        plan: Plan {
            title: text("Budidaya ikan nila"),
            field: field(),
            year: 2026,
            lesson_minutes: 45,
            units: vec![unit(Some(text("A.032100.001.02")), "Kolam", 40), unit(None, "Pakan", 20)],
            attendance_pct_min: 80,
            capacity: 20,
        },
        state: ProgrammeState::Open,
        remark: None,
        opened_at: None,
        version: 4,
        created_at: "2026-02-02T00:00:00Z".parse().unwrap(),
    }
}

fn trainer() -> Trainer {
    let competence = |certificate_number, issuer, until: Option<&str>| Competence {
        title: text("Instruktur perikanan"),
        field: field(),
        certificate_number,
        issuer,
        valid_from: "2025-01-01".parse().unwrap(),
        valid_until: until.map(|day| day.parse().unwrap()),
    };
    Trainer {
        id: Uuid::from_u128(9),
        name: TrainerName::parse("agencies/dkp-kepri/trainers/t-001").unwrap(),
        profile: Profile {
            full_name: text("Sari Contohwati"),
            kind: TrainerKind::External,
            competences: vec![
                competence(Some(text("KP-17")), Some(text("LSP Contoh")), Some("2027-12-31")),
                competence(None, None, None),
            ],
            status: TrainerStatus::Active,
            lending: Lending::default(),
        },
        registration: RegistrationState::Confirmed,
        version: 1,
        created_at: "2026-02-03T00:00:00Z".parse().unwrap(),
    }
}

fn session() -> Session {
    let when = Interval {
        start: "2026-04-06T01:00:00Z".parse().unwrap(),
        end: "2026-04-06T04:00:00Z".parse().unwrap(),
    };
    Session {
        id: Uuid::from_u128(10),
        name: SessionName::parse("agencies/dkp-kepri/sessions/nila-01").unwrap(),
        schedule: ScheduleName::parse("agencies/dkp-kepri/schedules/nila-2026").unwrap(),
        programme: programme().name,
        programme_title: text("Budidaya ikan nila"),
        prison: code("lapas-batam"),
        sequence: 2,
        when,
        zone: Zone::parse("Asia/Jakarta").unwrap(),
        topic: text("Menyiapkan kolam"),
        trainers: vec![SessionTrainer { trainer: trainer().name, role: TrainerRole::Lead }],
        facility: None,
        facility_pushed: None,
        state: SessionState::Cancelled,
        remark: Some(Remark { act: None, agency: None, at: None, note: text("Listrik padam") }),
        dormant: false,
        version: 2,
    }
}

fn assignment() -> AssignmentRow {
    AssignmentRow {
        id: Uuid::from_u128(11),
        version: 1,
        session: session().name,
        trainer: trainer().name,
        role: TrainerRole::Assistant,
        state: AssignmentState::Proposed,
        when: session().when,
        prison: session().prison,
    }
}

fn golden_line<R: Row>(row: &R) -> String {
    format!("{} {}", R::TAG.trim_end(), hex::encode(digest(&[0x5A; 16], row)))
}

#[test]
fn digests_never_change() {
    let digests = [
        golden_line(&agency()),
        golden_line(&V1(&system())),
        golden_line(&agreement()),
        golden_line(&programme()),
        golden_line(&trainer()),
        golden_line(&session()),
        golden_line(&assignment()),
        golden_line(&facility()),
        golden_line(&enrolment()),
        golden_line(&person()),
        golden_line(&shown()),
        golden_line(&V1(&certificate())),
        golden_line(&V1(&order())),
        golden_line(&authority()),
    ];
    let lines: Vec<_> = GOLDEN.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        lines, digests,
        "Canonical rows of version 1 can never change: the ledger holds their digests. Do not touch \
         tests/golden/rows-v1.txt; give what is new another tag."
    );
}

/// Computed by hand, so that the golden file is not all that vouches for the layout.
#[test]
fn an_assignment_is_digested_as_written_down() {
    let mut bytes = b"gerbang/assignment/v1\n".to_vec();
    bytes.extend([0x5A; 16]);
    for (number, value) in [
        (1, "agencies/dkp-kepri/sessions/nila-01"),
        (2, "agencies/dkp-kepri/trainers/t-001"),
        (3, "ASSISTANT"),
        (4, "PROPOSED"),
    ] {
        bytes.push(number << 3 | 2);
        bytes.push(u8::try_from(value.len()).unwrap());
        bytes.extend(value.as_bytes());
    }
    for (number, micros) in [(5, 1_775_437_200_000_000_u64), (6, 1_775_448_000_000_000)] {
        bytes.push(number << 3);
        let mut rest = micros;
        while rest >= 0x80 {
            bytes.push(u8::try_from(rest & 0x7F).unwrap() | 0x80);
            rest >>= 7;
        }
        bytes.push(u8::try_from(rest).unwrap());
    }
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
    assert_eq!(digest(&[0x5A; 16], &assignment()), hash.as_ref());
}

#[test]
fn no_tag_begins_another() {
    let tags = [Agency::TAG, System::TAG, Agreement::TAG, Programme::TAG, Trainer::TAG, Session::TAG];
    for tag in tags.into_iter().chain([AssignmentRow::TAG]) {
        assert_eq!(tag.find('\n'), Some(tag.len() - 1), "{tag:?}");
    }
}

#[test]
fn the_order_of_sets_and_what_lies_beside_the_row_do_not_count() {
    let mut other = agreement();
    other.accepted_by.reverse();
    other.suspended_by.reverse();
    other.version += 1;
    assert_eq!(other.canonical(), agreement().canonical());
    other.suspended_by.pop();
    assert_ne!(other.canonical(), agreement().canonical());

    let mut other = system();
    other.certificates.reverse();
    assert_eq!(other.canonical(), system().canonical());

    let mut other = session();
    other.sequence = 9;
    other.programme_title = text("Lain");
    assert_eq!(other.canonical(), session().canonical());
}

#[test]
fn months_and_the_same_last_day_are_different_words() {
    let mut other = agreement();
    other.terms.term.end = other.terms.term.last_day().map(End::Until);
    assert_ne!(other.canonical(), agreement().canonical());
}

#[test]
fn another_salt_is_another_digest() {
    assert_ne!(digest(&[1; 16], &trainer()), digest(&[2; 16], &trainer()));
}
