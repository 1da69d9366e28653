//! `gerbang today`: what waits for whoever comes to work in the morning, by the role of the profile.
//!
//! Owns what each role is told of, and the command that comes next. Asks only what the role may ask, changes nothing.

mod topic;

use jiff::{Span, Timestamp, civil::Date};
use serde_json::{Value, json};

use super::{
    agency, agreement, assignment,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{Limit, Period},
    programme, schedule,
    screen::{self, Output},
    trainer,
    when::When,
    words,
};
use crate::{domain::time::Zone, proto::v1};

use topic::{Section, Topic};

/// Agreements that end within so many days are told of.
const AGREEMENT_DAYS: i32 = 60;
/// Certificates that end within so many days are told of.
const CERTIFICATE_DAYS: i64 = 30;

/// Who asks, and when that is.
struct Morning<'a> {
    conn: &'a Connection<'a>,
    /// `agencies/{code}`.
    own: String,
    /// `agencies/{code}/systems/{system}`.
    system: String,
    /// The agency's zone, by its name.
    zone: String,
    /// The day in that zone.
    day: Date,
    now: Timestamp,
}

/// Prints the morning page.
pub async fn run(conn: &Connection<'_>) -> Result<Exit, Failure> {
    let me = conn.ask(async || conn.client.agency().who_am_i(v1::WhoAmIRequest {}).await).await?;
    let own = agency::get(conn, &me.agency).await?;
    let now = conn.now();
    let zone = own.time_zone;
    let day = Zone::from_store(zone.clone()).shown(now).date();
    let role = me.role();
    let morning = Morning { conn, own: me.agency, system: me.system, zone, day, now };
    let mut sections = match role {
        v1::Role::Prison => morning.prison().await?,
        v1::Role::Partner => morning.partner().await?,
        v1::Role::Administrator => morning.administrator().await?,
        v1::Role::Door => morning.door().await?,
        v1::Role::Oversight | v1::Role::Unspecified => Vec::new(),
    };
    sections.extend(morning.own_certificate(me.certificate));
    sections.retain(|section| section.count() > 0);
    morning.print(&me.agency_display_name, &sections)
}

impl Morning<'_> {
    async fn prison(&self) -> Result<Vec<Section>, Failure> {
        let (assignments, sessions) = (self.assignments().await?, schedule::ahead(self.conn).await?);
        let (agreements, programmes) = (self.agreements().await?, self.programmes().await?);
        let hosted = programmes.iter().filter(|one| one.prison == self.own);
        let planned = hosted.filter(|one| one.state() == v1::ProgrammeState::Planned);
        Ok(vec![
            self.sessions_today().await?,
            self.assigned(Topic::ToClear, &assignments, |one| one.state() == v1::AssignmentState::Accepted),
            self.planned(Topic::ToConfirm, &sessions, |one| one.state() == v1::SessionState::Tentative),
            self.to_accept(&assignments),
            self.agreed(Topic::AgreementsToAccept, &agreements, |one| self.waits_for_us(one)),
            Section::of(Topic::ProgrammesToApprove, planned, topic::programme_row),
            self.claims().await?,
            self.agreed(Topic::AgreementsWaiting, &agreements, |one| self.waits_for_others(one)),
            self.agreed(Topic::AgreementsEnding, &agreements, |one| self.ends_soon(one)),
        ])
    }

    async fn partner(&self) -> Result<Vec<Section>, Failure> {
        let (assignments, sessions) = (self.assignments().await?, schedule::ahead(self.conn).await?);
        let (agreements, programmes) = (self.agreements().await?, self.programmes().await?);
        let led = |one: &v1::Session| one.name.starts_with(&format!("{}/", self.own));
        let declined = |one: &v1::Session| led(one) && one.state() == v1::SessionState::Declined;
        let of_state = |state| {
            let mine = programmes.iter().filter(|one| one.name.starts_with(&format!("{}/", self.own)));
            mine.filter(move |one| one.state() == state)
        };
        let (approved, planned) =
            (of_state(v1::ProgrammeState::Approved), of_state(v1::ProgrammeState::Planned));
        Ok(vec![
            self.sessions_today().await?,
            self.to_accept(&assignments),
            self.planned(Topic::SessionsDeclined, &sessions, declined),
            self.agreed(Topic::AgreementsToAccept, &agreements, |one| self.waits_for_us(one)),
            Section::of(Topic::ProgrammesToOpen, approved, topic::programme_row),
            self.claims().await?,
            self.agreed(Topic::AgreementsWaiting, &agreements, |one| self.waits_for_others(one)),
            Section::of(Topic::ProgrammesWaiting, planned, topic::programme_row),
            self.agreed(Topic::AgreementsEnding, &agreements, |one| self.ends_soon(one)),
        ])
    }

    async fn administrator(&self) -> Result<Vec<Section>, Failure> {
        let language = self.conn.context.language;
        let orders = self.open_orders().await?;
        let signed = |one: &v1::CertificateOrder| {
            one.approvals.iter().any(|approval| approval.administrator == self.system)
        };
        let to_sign = |one: &&v1::CertificateOrder| {
            one.state() == v1::CertificateOrderState::AwaitingApproval && !signed(one)
        };
        let mut systems = Vec::new();
        for one in agency::all(self.conn, &Limit::BATCH).await? {
            let read = agency::get(self.conn, &one.name).await?;
            systems.extend(read.systems.into_iter().filter(|system| {
                system.proposed_role() != v1::Role::Unspecified && system.proposer != self.system
            }));
        }
        let ending = self.certificates_ending().await?;
        Ok(vec![
            Section::of(Topic::OrdersToSign, orders.iter().filter(to_sign), |one| {
                topic::order_row(one, &self.zone, language)
            }),
            Section::of(Topic::SystemsToApprove, systems.iter(), topic::system_row),
            Section::of(Topic::CertificatesEnding, ending.iter(), |one| {
                topic::certificate_row(one, &self.zone, language)
            }),
        ])
    }

    /// The certificate orders that wait for somebody.
    async fn open_orders(&self) -> Result<Vec<v1::CertificateOrder>, Failure> {
        let fetch = async |page_size, page_token| {
            let request = v1::ListCertificateOrdersRequest {
                page_size,
                page_token,
                open_only: true,
                ..Default::default()
            };
            self.conn.client.certificate().list_certificate_orders(request).await
        };
        let split = |page: v1::ListCertificateOrdersResponse| (page.orders, page.next_page_token);
        self.conn.pages(&Limit::BATCH, fetch, split).await
    }

    /// The certificates of all agencies that are good and end soon.
    async fn certificates_ending(&self) -> Result<Vec<v1::Certificate>, Failure> {
        let before = prost_types::Timestamp { seconds: self.certificates_until(), nanos: 0 };
        let fetch = async |page_size, page_token| {
            let request = v1::ListCertificatesRequest {
                page_size,
                page_token,
                expire_before: Some(before),
                ..Default::default()
            };
            self.conn.client.certificate().list_certificates(request).await
        };
        let split = |page: v1::ListCertificatesResponse| (page.certificates, page.next_page_token);
        self.conn.pages(&Limit::BATCH, fetch, split).await
    }

    /// A certificate that ends before this second ends soon.
    fn certificates_until(&self) -> i64 {
        self.now.as_second() + CERTIFICATE_DAYS * 24 * 3600
    }

    async fn door(&self) -> Result<Vec<Section>, Failure> {
        let mut sections = Vec::new();
        for (ahead, topic) in [(0, Topic::EnteringToday), (1, Topic::EnteringTomorrow)] {
            let found = assignment::may_enter(self.conn, When::Ahead(ahead)).await?;
            let agencies = assignment::agencies_of(self.conn, &found).await?;
            let reader = self.conn.context.reader();
            sections
                .push(Section::of(topic, found.iter(), |one| assignment::door_row(one, &agencies, reader)));
        }
        Ok(sections)
    }

    /// The certificate of this profile, where it ends soon.
    fn own_certificate(&self, certificate: Option<v1::Certificate>) -> Option<Section> {
        let last = self.certificates_until();
        let own = certificate.filter(|one| one.end_time.is_some_and(|end| end.seconds < last));
        let language = self.conn.context.language;
        Some(Section::of(Topic::OwnCertificateEnding, own.iter(), |one| {
            topic::certificate_row(one, &self.zone, language)
        }))
    }

    /// The open assignments whose sessions have not begun.
    async fn assignments(&self) -> Result<Vec<v1::TrainerAssignment>, Failure> {
        let missing = assignment::missing_from(self.conn, self.now).await?;
        let ahead = |one: &v1::TrainerAssignment| {
            one.starts_at.is_some_and(|start| start.seconds > self.now.as_second())
        };
        Ok(missing.into_iter().filter(ahead).collect())
    }

    fn to_accept(&self, assignments: &[v1::TrainerAssignment]) -> Section {
        self.assigned(Topic::ToAccept, assignments, |one| {
            one.trainer_agency == self.own && one.state() == v1::AssignmentState::Proposed
        })
    }

    fn assigned(
        &self,
        topic: Topic,
        all: &[v1::TrainerAssignment],
        wanted: impl Fn(&v1::TrainerAssignment) -> bool,
    ) -> Section {
        let reader = self.conn.context.reader();
        Section::of(topic, all.iter().filter(|one| wanted(one)), |one| assignment::known(one, reader))
    }

    fn planned(&self, topic: Topic, all: &[v1::Session], wanted: impl Fn(&v1::Session) -> bool) -> Section {
        let reader = self.conn.context.reader();
        Section::of(topic, all.iter().filter(|one| wanted(one)), |one| topic::session_row(one, reader))
    }

    async fn sessions_today(&self) -> Result<Section, Failure> {
        let period = Period { day: Some(When::Ahead(0)), ..Period::default() };
        let all = schedule::within(self.conn, period).await?;
        use v1::SessionState::{Confirmed, Tentative};
        Ok(self.planned(Topic::SessionsToday, &all, |one| [Tentative, Confirmed].contains(&one.state())))
    }

    async fn agreements(&self) -> Result<Vec<v1::Agreement>, Failure> {
        agreement::all(self.conn, &Limit::BATCH, 0, "").await
    }

    async fn programmes(&self) -> Result<Vec<v1::Programme>, Failure> {
        programme::all(self.conn, &Limit::BATCH, 0, "").await
    }

    async fn claims(&self) -> Result<Section, Failure> {
        let claims = trainer::claims(self.conn, true, &Limit::BATCH).await?;
        let ours = claims.iter().filter(|claim| claim.holder == self.own);
        Ok(Section::of(Topic::ClaimsToConfirm, ours, topic::claim_row))
    }

    fn agreed(
        &self,
        topic: Topic,
        all: &[v1::Agreement],
        wanted: impl Fn(&v1::Agreement) -> bool,
    ) -> Section {
        Section::of(topic, all.iter().filter(|one| wanted(one)), topic::agreement_row)
    }

    fn waits_for_us(&self, agreement: &v1::Agreement) -> bool {
        agreement.state() == v1::AgreementState::Proposed && !agreement.accepted_by.contains(&self.own)
    }

    fn waits_for_others(&self, agreement: &v1::Agreement) -> bool {
        agreement.state() == v1::AgreementState::Proposed && agreement.accepted_by.contains(&self.own)
    }

    fn ends_soon(&self, agreement: &v1::Agreement) -> bool {
        let active = agreement.state() == v1::AgreementState::Active;
        active && topic::last_day(agreement).is_some_and(|last| is_soon(self.day, last))
    }

    fn print(&self, name: &str, sections: &[Section]) -> Result<Exit, Failure> {
        let context = self.conn.context;
        let profile = context.profile.as_deref();
        if context.output == Output::Json {
            let told: Vec<Value> = sections.iter().map(|section| section.json(profile)).collect();
            let day = self.day.to_string();
            screen::print_json(&json!({"agency": names::short(&self.own), "day": day, "sections": told}))?;
            return Ok(Exit::Ok);
        }
        let language = context.language;
        screen::print(&format!("{}: {name}\n", words::long_day(language, self.day)))?;
        for section in sections {
            screen::print(&format!("\n{}", section.text(profile, language)))?;
        }
        if sections.is_empty() {
            screen::print(&format!("\n{}\n", words::nothing_waits(language)))?;
        }
        Ok(Exit::Ok)
    }
}

/// Whether a last day lies within [`AGREEMENT_DAYS`] of a day.
fn is_soon(day: Date, last: Date) -> bool {
    day.checked_add(Span::new().days(AGREEMENT_DAYS)).is_ok_and(|until| last <= until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_within_sixty_days_ends_soon() {
        let day = Date::constant(2026, 11, 27);
        assert!(is_soon(day, Date::constant(2026, 11, 27)));
        assert!(is_soon(day, Date::constant(2027, 1, 26)));
        assert!(!is_soon(day, Date::constant(2027, 1, 27)));
    }
}
