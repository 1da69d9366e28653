//! The agencies of a run and what a push rests on, made by the gateway's own calls: two prisons, three lead agencies, an
//! agreement each, 256 programmes each, 600 trainers, and one session of every trainer.

use std::sync::Arc;

use gerbang::{
    domain::outside::Clock,
    proto::v1::{self, AgencyKind as Kind, Role},
    server::outside::SystemClock,
};
use jiff::ToSpan;
use sqlx::PgConnection;

use crate::{
    Result,
    diary::{Diary, LEADS, PRISON, PROGRAMMES, SMALL_PRISON, TRAINERS, lead, request_id},
    founding::Founded,
    load::{Drive, call, drive},
    server::Server,
    wire::{Credential, Wire},
};

/// The programme in the prison that has few sessions.
pub const SMALL: &str = "kecil";
/// Sessions of the prison that has few.
const SMALL_SESSIONS: usize = 300;
/// The systems, the same at every agency.
pub const SYSTEM: &str = "jadwal";

/// Credentials and connections of everybody who calls.
pub struct Fixture {
    pub diary: Arc<Diary>,
    pub leads: Vec<Wire>,
    pub prison: Wire,
    pub small_prison: Wire,
    /// Agencies that follow what changes, and have no part in anything.
    pub watchers: Vec<Wire>,
    /// Of the first lead agency's system: the one that calls, and others, each for some handshakes.
    pub credential: Credential,
    pub hands: Vec<Credential>,
}

struct Making<'a> {
    db: &'a mut PgConnection,
    founded: &'a Founded,
    server: &'a Server,
    admins: [Wire; 2],
}

/// Certificates for handshakes: a gateway holds each to a pace.
const HANDS: usize = 48;
/// Agencies that follow what changes.
const WATCHERS: usize = 10;

impl Fixture {
    pub async fn make(db: &mut PgConnection, founded: &Founded, server: &Server) -> Result<Self> {
        let admin = async |system| Wire::connect(server.address, &founded.administrator(system)?).await;
        let admins = [admin("admin").await?, admin("admin2").await?];
        let mut making = Making { db, founded, server, admins };
        let (prison, _) = making.join(PRISON, Kind::Prison, Role::Prison).await?;
        let (small_prison, _) = making.join(SMALL_PRISON, Kind::Prison, Role::Prison).await?;
        let (mut leads, mut credentials) = (Vec::new(), Vec::new());
        for agency in 0..LEADS {
            let (wire, credential) =
                making.join(&lead(agency), Kind::VocationalTrainingCentre, Role::Partner).await?;
            leads.push(wire);
            credentials.push(credential);
        }
        let mut watchers = Vec::new();
        for number in 0..WATCHERS {
            let agency = format!("dinas-{number}");
            watchers.push(making.join(&agency, Kind::VocationalTrainingCentre, Role::Partner).await?.0);
        }
        let mut hands = Vec::new();
        for _ in 0..HANDS {
            hands.push(founded.issue(making.db, &lead(0), SYSTEM).await?);
        }
        // Whole days from the day after tomorrow: nearer ones may no longer be changed.
        let first = (SystemClock.now().as_second() / 86_400 + 2) * 86_400;
        let credential = credentials.swap_remove(0);
        let diary = Arc::new(Diary::new(first));
        let made = Self { diary, leads, prison, small_prison, watchers, credential, hands };
        for agency in 0..LEADS {
            made.open(agency, PRISON, "besar", &made.prison).await?;
            for programme in 0..PROGRAMMES {
                made.programme(agency, &format!("p-{programme}"), "besar", &made.prison).await?;
            }
            made.trainers(agency).await?;
        }
        made.open(0, SMALL_PRISON, "kecil", &made.small_prison).await?;
        made.programme(0, SMALL, "kecil", &made.small_prison).await?;
        made.first_sessions().await?;
        Ok(made)
    }

    /// One session of each trainer, in the programme whose turn it is; and those of the small prison.
    async fn first_sessions(&self) -> Result<()> {
        for agency in 0..LEADS {
            let first = self.diary.take(agency, TRAINERS);
            for number in first..first + TRAINERS {
                self.push(agency, self.diary.push_one(agency, number)).await?;
            }
        }
        let first = self.diary.take(0, SMALL_SESSIONS);
        self.push(0, self.diary.push(0, SMALL, first..first + SMALL_SESSIONS)).await
    }

    /// Pushes as a lead agency what must be stored.
    pub async fn push(&self, agency: usize, request: v1::PushScheduleRequest) -> Result<()> {
        pushed(&self.leads[agency], request, v1::BatchOutcome::Stored).await
    }

    /// An agreement in force between a lead agency and a prison, for five years from a month ago.
    async fn open(&self, agency: usize, prison: &str, reference: &str, accepts: &Wire) -> Result<()> {
        let (name, wire) = (format!("agencies/{}/agreements/{reference}", lead(agency)), &self.leads[agency]);
        let create = v1::CreateAgreementRequest {
            request_id: request_id(),
            name: name.clone(),
            terms: Some(terms(&lead(agency), prison)?),
            ..Default::default()
        };
        let created = wire.agreement().create_agreement(create).await?.into_inner();
        let propose = v1::ProposeAgreementRequest {
            request_id: request_id(),
            name: name.clone(),
            etag: etag(created.change)?,
            binding: v1::AgreementBinding::Acceptance.into(),
            ..Default::default()
        };
        let proposed = wire.agreement().propose_agreement(propose).await?.into_inner();
        let accept = v1::AcceptAgreementRequest {
            request_id: request_id(),
            name,
            etag: etag(proposed.change)?,
            ..Default::default()
        };
        accepts.agreement().accept_agreement(accept).await?;
        Ok(())
    }

    /// A programme that is open.
    async fn programme(
        &self,
        agency: usize,
        reference: &str,
        agreement: &str,
        approves: &Wire,
    ) -> Result<()> {
        let (lead, wire) = (lead(agency), &self.leads[agency]);
        let name = format!("agencies/{lead}/programmes/{reference}");
        let create = v1::CreateProgrammeRequest {
            request_id: request_id(),
            name: name.clone(),
            agreement: format!("agencies/{lead}/agreements/{agreement}"),
            plan: Some(plan()),
            ..Default::default()
        };
        let created = wire.programme().create_programme(create).await?.into_inner();
        let approve = v1::ApproveProgrammeRequest {
            request_id: request_id(),
            name: name.clone(),
            etag: etag(created.change)?,
            ..Default::default()
        };
        let approved = approves.programme().approve_programme(approve).await?.into_inner();
        let open = v1::OpenProgrammeRequest {
            request_id: request_id(),
            name,
            etag: etag(approved.change)?,
            ..Default::default()
        };
        wire.programme().open_programme(open).await?;
        Ok(())
    }

    async fn trainers(&self, agency: usize) -> Result<()> {
        let wire = self.leads[agency].clone();
        let register = call(move |number| {
            let wire = wire.clone();
            async move {
                wire.trainer().register_trainer(trainer(agency, number)).await?;
                Ok(())
            }
        });
        let plan = Drive { calls: TRAINERS, in_flight: 8, longest: std::time::Duration::from_secs(120) };
        drive(plan, &register).await?;
        Ok(())
    }
}

impl Making<'_> {
    /// An agency with one system, its certificate, and its connection.
    async fn join(&mut self, agency: &str, kind: Kind, role: Role) -> Result<(Wire, Credential)> {
        let [admin, second] = &self.admins;
        let create = v1::CreateAgencyRequest {
            request_id: request_id(),
            code: agency.to_owned(),
            kind: kind.into(),
            tier: v1::AgencyTier::Province.into(),
            names: vec![v1::AgencyName {
                display_name: format!("Instansi {agency}"),
                valid_from: "2020-01-01".to_owned(),
                decree_number: String::new(),
            }],
            time_zone: "Asia/Jakarta".to_owned(),
            ..Default::default()
        };
        admin.agency().create_agency(create).await?;
        let register = v1::RegisterSystemRequest {
            request_id: request_id(),
            agency: format!("agencies/{agency}"),
            system: SYSTEM.to_owned(),
            role: role.into(),
            ..Default::default()
        };
        let made = admin.agency().register_system(register).await?.into_inner().change.ok_or("no change")?;
        if role == Role::Prison {
            let approve = v1::ApproveSystemRequest {
                request_id: request_id(),
                name: made.name,
                etag: made.etag,
                ..Default::default()
            };
            second.agency().approve_system(approve).await?;
        }
        let credential = self.founded.issue(self.db, agency, SYSTEM).await?;
        Ok((Wire::connect(self.server.address, &credential).await?, credential))
    }
}

/// Pushes, and expects this outcome.
pub async fn pushed(wire: &Wire, request: v1::PushScheduleRequest, outcome: v1::BatchOutcome) -> Result<()> {
    let answer = wire.schedule().push_schedule(request).await?.into_inner();
    if answer.outcome() == outcome {
        return Ok(());
    }
    let fault = answer.results.into_iter().find(|result| !result.errors.is_empty());
    let fault = fault.map(|result| format!("{}: {:?}", result.uid, result.errors)).unwrap_or_default();
    Err(format!("a push ended otherwise than {}: {fault}", outcome.as_str_name()).into())
}

fn etag(change: Option<v1::Change>) -> Result<String> {
    Ok(change.ok_or("an answer without its change")?.etag)
}

fn manpower() -> v1::Field {
    v1::Field { kind: v1::FieldKind::Manpower.into(), label: String::new() }
}

fn terms(partner: &str, prison: &str) -> Result<v1::AgreementTerms> {
    let party = |agency: &str, title: &str| v1::Party {
        agency: format!("agencies/{agency}"),
        number: String::new(),
        signatory_title: title.to_owned(),
    };
    let today = SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    Ok(v1::AgreementTerms {
        kind: v1::AgreementKind::Pks.into(),
        title: "Pelatihan kerja warga binaan".to_owned(),
        purpose: "Melatih warga binaan bersama".to_owned(),
        fields: vec![manpower()],
        legal_basis: vec!["UU 22/2022".to_owned(), "PP 57/1999".to_owned()],
        parties: vec![party(partner, "Kepala Balai"), party(prison, "Kepala Lapas")],
        effective_from: today.checked_sub(1.month())?.to_string(),
        term: Some(v1::agreement_terms::Term::TermMonths(60)),
        duration_class: v1::DurationClass::Long.into(),
        time_zone: "Asia/Jakarta".to_owned(),
        notice_days: 30,
        data_annex: Some(v1::DataAnnex {
            purpose: "Penyelenggaraan pelatihan".to_owned(),
            data_kinds: [v1::DataKind::Schedule, v1::DataKind::Trainer].map(Into::into).to_vec(),
            contact_point: "Seksi Kegiatan Kerja".to_owned(),
            retention_days: 365,
        }),
    })
}

/// A plan whose lessons are more than a run's sessions take.
fn plan() -> v1::ProgrammePlan {
    let unit = |number| v1::ProgrammeUnit {
        skkni_code: String::new(),
        title: format!("Las busur {number}"),
        lessons: 2_000,
    };
    v1::ProgrammePlan {
        title: "Pengelasan dasar".to_owned(),
        field: Some(manpower()),
        year: 2026,
        lesson_minutes: 60,
        units: (1..=40).map(unit).collect(),
        attendance_pct_min: 0,
        capacity: 16,
    }
}

fn trainer(agency: usize, number: usize) -> v1::RegisterTrainerRequest {
    v1::RegisterTrainerRequest {
        request_id: request_id(),
        name: format!("agencies/{}/trainers/t-{number}", lead(agency)),
        profile: Some(v1::TrainerProfile {
            full_name: format!("Budi Contoh {number}"),
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
        ..Default::default()
    }
}
