//! The agencies of the tests, and requests that are right: a test changes the one thing that it is about.

pub mod orders;
mod rooms;
mod roster;

use gerbang::{agent::Client, proto::v1};
use jiff::Timestamp;

pub use self::{
    rooms::{confirmation, facility, seen_assignment},
    roster::{nominate, nominate_as, seen_enrolment, trainee},
};
use crate::world::{World, request_id};

pub const AGREEMENT: &str = "agencies/blk-kepri/agreements/pks-1";
pub const PROGRAMME: &str = "agencies/blk-kepri/programmes/las";
pub const SCHEDULE: &str = "agencies/blk-kepri/schedules/las-1";
pub const TRAINER: &str = "agencies/blk-kepri/trainers/t1";
pub const FACILITY: &str = "agencies/lapas-tpi/facilities/bengkel";

/// The prison, three partners, and whoever else is about.
pub struct Cast {
    pub world: World,
    pub admin: Client,
    pub lapas: Client,
    pub blk: Client,
    pub dkpp: Client,
    pub dkp: Client,
}

impl Cast {
    /// The four agencies, each with one system.
    pub async fn gather() -> Self {
        Self::gather_in(World::start().await).await
    }

    pub async fn gather_in(world: World) -> Self {
        use v1::{AgencyKind as Kind, Role};
        let lapas = world.join("lapas-tpi", Kind::Prison, "sdp", Role::Prison).await;
        let blk = world.join("blk-kepri", Kind::VocationalTrainingCentre, "jadwal", Role::Partner).await;
        let dkpp = world.join("dkpp-bintan", Kind::Agriculture, "jadwal", Role::Partner).await;
        let dkp = world.join("dkp-kepri", Kind::Fisheries, "jadwal", Role::Partner).await;
        let admin = world.admin().await;
        Self { world, admin, lapas, blk, dkpp, dkp }
    }

    /// [`AGREEMENT`] in force, [`PROGRAMME`] open, [`TRAINER`] registered: a push may come.
    pub async fn ready() -> Self {
        Self::gather().await.with_programme().await
    }

    pub async fn with_programme(self) -> Self {
        self.agree(&self.blk, AGREEMENT, terms("blk-kepri", manpower())).await;
        self.open(&self.blk, PROGRAMME, AGREEMENT, plan(manpower())).await;
        self.blk.trainer().register_trainer(trainer(TRAINER, "")).await.unwrap();
        self
    }

    /// An agreement in force: created and proposed by `author`, accepted by the prison.
    pub async fn agree(&self, author: &Client, name: &str, terms: v1::AgreementTerms) {
        let created =
            author.agreement().create_agreement(create_agreement(name, terms)).await.unwrap().into_inner();
        let propose = v1::ProposeAgreementRequest {
            request_id: request_id(),
            name: name.to_owned(),
            etag: created.change.unwrap().etag,
            binding: v1::AgreementBinding::Acceptance.into(),
            ..Default::default()
        };
        let proposed = author.agreement().propose_agreement(propose).await.unwrap().into_inner();
        let accept = v1::AcceptAgreementRequest {
            request_id: request_id(),
            name: name.to_owned(),
            etag: proposed.change.unwrap().etag,
            ..Default::default()
        };
        let accepted = self.lapas.agreement().accept_agreement(accept).await.unwrap().into_inner();
        assert_eq!(accepted.state(), v1::AgreementState::Active);
    }

    /// A programme that is open: created by `lead`, approved by the prison, opened by `lead`.
    pub async fn open(&self, lead: &Client, name: &str, agreement: &str, plan: v1::ProgrammePlan) {
        let request = create_programme(name, agreement, plan);
        let created = lead.programme().create_programme(request).await.unwrap().into_inner();
        let approve = v1::ApproveProgrammeRequest {
            request_id: request_id(),
            name: name.to_owned(),
            etag: created.change.unwrap().etag,
            ..Default::default()
        };
        let approved = self.lapas.programme().approve_programme(approve).await.unwrap().into_inner();
        let open = v1::OpenProgrammeRequest {
            request_id: request_id(),
            name: name.to_owned(),
            etag: approved.change.unwrap().etag,
            ..Default::default()
        };
        let opened = lead.programme().open_programme(open).await.unwrap().into_inner();
        assert_eq!(opened.state(), v1::ProgrammeState::Open);
    }

    /// Pushes sessions to [`SCHEDULE`], ATOMIC, as the lead agency.
    pub async fn push(&self, sessions: Vec<v1::SessionDraft>) -> v1::PushScheduleResponse {
        self.blk.schedule().push_schedule(push(sessions)).await.unwrap().into_inner()
    }

    /// The prison's pull of everything.
    pub async fn pull(&self, client: &Client) -> Vec<v1::TrainerAssignment> {
        let request = v1::ListTrainerAssignmentsRequest { page_size: 500, ..Default::default() };
        client.assignment().list_trainer_assignments(request).await.unwrap().into_inner().assignments
    }
}

pub fn agency(code: &str, kind: v1::AgencyKind) -> v1::CreateAgencyRequest {
    v1::CreateAgencyRequest {
        request_id: request_id(),
        code: code.to_owned(),
        kind: kind.into(),
        tier: v1::AgencyTier::Province.into(),
        names: vec![v1::AgencyName {
            display_name: format!("Instansi {code}"),
            valid_from: "2020-01-01".to_owned(),
            decree_number: String::new(),
        }],
        time_zone: "Asia/Jakarta".to_owned(),
        ..Default::default()
    }
}

/// Tenaga kerja.
pub fn manpower() -> v1::Field {
    v1::Field { kind: v1::FieldKind::Manpower.into(), label: String::new() }
}

pub fn agriculture() -> v1::Field {
    v1::Field { kind: v1::FieldKind::Agriculture.into(), label: String::new() }
}

/// A PKS of 24 months from 2 March 2026 between a partner and the prison, with schedules, trainers and rosters in its
/// annex.
pub fn terms(partner: &str, field: v1::Field) -> v1::AgreementTerms {
    let party = |agency: &str, title: &str| v1::Party {
        agency: format!("agencies/{agency}"),
        number: String::new(),
        signatory_title: title.to_owned(),
    };
    v1::AgreementTerms {
        kind: v1::AgreementKind::Pks.into(),
        title: "Pelatihan kerja warga binaan".to_owned(),
        purpose: "Melatih warga binaan bersama".to_owned(),
        fields: vec![field],
        legal_basis: vec!["UU 22/2022".to_owned(), "PP 57/1999".to_owned()],
        parties: vec![party(partner, "Kepala Balai"), party("lapas-tpi", "Kepala Lapas")],
        effective_from: "2026-03-02".to_owned(),
        term: Some(v1::agreement_terms::Term::TermMonths(24)),
        duration_class: v1::DurationClass::Medium.into(),
        time_zone: "Asia/Jakarta".to_owned(),
        notice_days: 30,
        data_annex: Some(v1::DataAnnex {
            purpose: "Penyelenggaraan pelatihan".to_owned(),
            data_kinds: [v1::DataKind::Schedule, v1::DataKind::Trainer, v1::DataKind::Roster]
                .map(Into::into)
                .to_vec(),
            contact_point: "Seksi Kegiatan Kerja".to_owned(),
            retention_days: 365,
        }),
    }
}

pub fn create_agreement(name: &str, terms: v1::AgreementTerms) -> v1::CreateAgreementRequest {
    v1::CreateAgreementRequest {
        request_id: request_id(),
        name: name.to_owned(),
        terms: Some(terms),
        ..Default::default()
    }
}

/// A plan with more lessons than a test's sessions take.
pub fn plan(field: v1::Field) -> v1::ProgrammePlan {
    let unit = |title: &str| v1::ProgrammeUnit {
        skkni_code: String::new(),
        title: title.to_owned(),
        lessons: 2_000,
    };
    v1::ProgrammePlan {
        title: "Pengelasan dasar".to_owned(),
        field: Some(field),
        year: 2026,
        lesson_minutes: 0,
        units: ["Las busur", "Praktik"].map(unit).to_vec(),
        attendance_pct_min: 0,
        capacity: 16,
    }
}

pub fn create_programme(name: &str, agreement: &str, plan: v1::ProgrammePlan) -> v1::CreateProgrammeRequest {
    v1::CreateProgrammeRequest {
        request_id: request_id(),
        name: name.to_owned(),
        agreement: agreement.to_owned(),
        plan: Some(plan),
        ..Default::default()
    }
}

/// A trainer whom every agency may name; `person_number` may be empty.
pub fn trainer(name: &str, person_number: &str) -> v1::RegisterTrainerRequest {
    v1::RegisterTrainerRequest {
        request_id: request_id(),
        name: name.to_owned(),
        profile: Some(v1::TrainerProfile {
            full_name: "Budi Contoh".to_owned(),
            kind: v1::TrainerKind::External.into(),
            competences: vec![v1::Competence {
                title: "Instruktur las".to_owned(),
                field: Some(manpower()),
                valid_from: "2025-01-01".to_owned(),
                ..Default::default()
            }],
            status: v1::TrainerStatus::Active.into(),
            lendable_to: Vec::new(),
            lendable_to_all: true,
        }),
        person_number: person_number.to_owned(),
        ..Default::default()
    }
}

/// A push to [`SCHEDULE`] of [`PROGRAMME`].
pub fn push(sessions: Vec<v1::SessionDraft>) -> v1::PushScheduleRequest {
    v1::PushScheduleRequest {
        request_id: request_id(),
        name: SCHEDULE.to_owned(),
        programme: PROGRAMME.to_owned(),
        time_zone: "Asia/Jakarta".to_owned(),
        sessions,
        ..Default::default()
    }
}

/// A session of three hours without trainers, sequence 0; `start` is RFC 3339.
pub fn session(uid: &str, start: &str) -> v1::SessionDraft {
    let start: Timestamp = start.parse().unwrap();
    v1::SessionDraft {
        uid: uid.to_owned(),
        sequence: 0,
        starts_at: Some(prost_types::Timestamp { seconds: start.as_second(), nanos: 0 }),
        ends_at: Some(prost_types::Timestamp { seconds: start.as_second() + 3 * 3600, nanos: 0 }),
        topic: "Las busur".to_owned(),
        trainers: Vec::new(),
        facility: String::new(),
    }
}

/// The same with one LEAD.
pub fn led_session(uid: &str, start: &str, trainer: &str) -> v1::SessionDraft {
    v1::SessionDraft { trainers: vec![lead(trainer)], ..session(uid, start) }
}

pub fn lead(trainer: &str) -> v1::SessionTrainer {
    v1::SessionTrainer { trainer: trainer.to_owned(), role: v1::TrainerRole::Lead.into() }
}

impl Cast {
    /// The programme [`FISH`] of another lead agency, under an agreement of its own, and its trainer [`FISHER`];
    /// both trainers may be one person.
    pub async fn with_fisheries(self, person_number: &str) -> Self {
        self.agree(&self.dkp, FISH_AGREEMENT, terms("dkp-kepri", agriculture())).await;
        self.open(&self.dkp, FISH, FISH_AGREEMENT, plan(agriculture())).await;
        self.dkp.trainer().register_trainer(trainer(FISHER, person_number)).await.unwrap();
        self
    }

    /// The prison confirms every claim on a trainer that is open.
    pub async fn confirm_claims(&self) -> usize {
        let request = v1::ListTrainerClaimsRequest { open_only: true, ..Default::default() };
        let open = self.lapas.trainer().list_trainer_claims(request).await.unwrap().into_inner().claims;
        for v1::TrainerClaim { name, etag, .. } in open.clone() {
            let request_id = request_id();
            let request = v1::ConfirmTrainerClaimRequest { request_id, name, etag, ..Default::default() };
            self.lapas.trainer().confirm_trainer_claim(request).await.unwrap();
        }
        open.len()
    }

    /// Suspends an agreement as one of its parties, with the etag that holds now.
    pub async fn suspend(
        &self,
        party: &Client,
        name: &str,
    ) -> Result<v1::SuspendAgreementResponse, tonic::Status> {
        let request = v1::SuspendAgreementRequest {
            request_id: request_id(),
            name: name.to_owned(),
            etag: agreement_etag(party, name).await,
            note: "Pemeriksaan".to_owned(),
            ..Default::default()
        };
        party.agreement().suspend_agreement(request).await.map(tonic::Response::into_inner)
    }

    /// How many entries of the ledger record this method.
    pub async fn recorded(&self, method: &str) -> usize {
        self.world.entries().await.iter().filter(|entry| entry.method == method).count()
    }

    /// One session as its lead agency sees it.
    pub async fn session(&self, uid: &str) -> v1::Session {
        let request = v1::GetSessionRequest { name: session_name(uid) };
        self.blk.schedule().get_session(request).await.unwrap().into_inner().session.unwrap()
    }
}

pub const FISH_AGREEMENT: &str = "agencies/dkp-kepri/agreements/pks-1";
pub const FISH: &str = "agencies/dkp-kepri/programmes/ikan";
pub const FISHER: &str = "agencies/dkp-kepri/trainers/f1";
pub const PUSH: &str = "ScheduleService/PushSchedule";

pub async fn agreement_etag(party: &Client, name: &str) -> String {
    let request = v1::GetAgreementRequest { name: name.to_owned() };
    party.agreement().get_agreement(request).await.unwrap().into_inner().agreement.unwrap().etag
}

/// A push to a schedule of [`FISH`].
pub fn push_fish(sessions: Vec<v1::SessionDraft>) -> v1::PushScheduleRequest {
    v1::PushScheduleRequest {
        name: "agencies/dkp-kepri/schedules/ikan-1".to_owned(),
        programme: FISH.to_owned(),
        ..push(sessions)
    }
}

/// The same push, storing what is good.
pub fn best_effort(sessions: Vec<v1::SessionDraft>) -> v1::PushScheduleRequest {
    v1::PushScheduleRequest { mode: v1::BatchMode::BestEffort.into(), ..push(sessions) }
}

/// `agencies/blk-kepri/sessions/{uid}`.
pub fn session_name(uid: &str) -> String {
    format!("agencies/blk-kepri/sessions/{uid}")
}

/// The session as changed: the next sequence.
pub fn again(session: v1::SessionDraft) -> v1::SessionDraft {
    v1::SessionDraft { sequence: session.sequence + 1, ..session }
}

pub fn outcomes(results: &[v1::SessionResult]) -> Vec<v1::ItemOutcome> {
    results.iter().map(v1::SessionResult::outcome).collect()
}

/// Field and reason of every item's errors.
pub fn errors(results: &[v1::SessionResult]) -> Vec<(String, String)> {
    let errors = results.iter().flat_map(|result| &result.errors);
    errors.map(|error| (error.field.clone(), error.reason.clone())).collect()
}

pub fn timestamp(at: &str) -> Option<prost_types::Timestamp> {
    let at: Timestamp = at.parse().unwrap();
    Some(prost_types::Timestamp { seconds: at.as_second(), nanos: 0 })
}
