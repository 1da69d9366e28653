//! `gerbang today`: what waits for whoever comes to work in the morning, by the role of the profile.
//!
//! Owns what each role is told of, and the command that comes next. What there is, `read` asks of the gateway.

mod places;
mod read;
mod rows;
mod section;
mod topic;

use jiff::{Span, Timestamp, civil::Date};
use serde_json::{Value, json};

use super::{
    agency, assignment,
    cert::inventory,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    screen::{self, Output},
    table::{self, Page},
    when::Reader,
    words,
};
use crate::{
    domain::{certificate::ADMINISTRATORS_MIN, time::Zone},
    proto::v1,
};

use read::Read;
use section::Section;
use topic::Topic;

/// Sessions of so many days ahead are told of where they can be confirmed.
const CONFIRM_DAYS: i32 = 14;
/// Agreements that end within so many days are told of.
const AGREEMENT_DAYS: i32 = 60;
/// Certificates that end within so many days are told of.
const CERTIFICATE_DAYS: i64 = 30;

/// Who sits there, and when that is.
struct Desk {
    role: v1::Role,
    /// `agencies/{code}`.
    own: String,
    /// The agency's name.
    name: String,
    /// `agencies/{code}/systems/{system}`.
    system: String,
    /// The agency's zone, by its name.
    zone: String,
    /// The day in that zone.
    day: Date,
    reader: Reader,
}

/// Prints the morning page.
pub async fn run(conn: &Connection<'_>) -> Result<Exit, Failure> {
    let me = conn.ask(async || conn.client.agency().who_am_i(v1::WhoAmIRequest {}).await).await?;
    let zone = agency::get(conn, &me.agency).await?.time_zone;
    let (role, context) = (me.role(), conn.context);
    let now = conn.now();
    let day = Zone::from_store(zone.clone()).shown(now).date();
    let reader = Reader { language: context.language, now };
    let desk =
        Desk { role, own: me.agency, name: me.agency_display_name, system: me.system, zone, day, reader };
    let mut read = read::read(conn, role, &desk.own, now, desk.certificates_until()).await?;
    read.certificate = me.certificate;
    let (sections, profile) = (desk.sections(&read), context.profile.as_deref());
    match context.output {
        Output::Json => {
            let told: Vec<Value> = sections.iter().map(|section| section.json(profile)).collect();
            let day = desk.day.to_string();
            screen::print_json(&json!({"agency": names::short(&desk.own), "day": day, "sections": told}))?;
        }
        Output::Table => screen::print(&desk.text(&sections, screen::page(), profile))?,
    }
    Ok(Exit::Ok)
}

impl Desk {
    /// What the role is told of, without what is empty.
    fn sections(&self, read: &Read) -> Vec<Section> {
        let mut sections = match self.role {
            v1::Role::Prison => self.prison(read),
            v1::Role::Partner => self.partner(read),
            v1::Role::Administrator => self.administrator(read),
            v1::Role::Door => self.door(read),
            v1::Role::Oversight | v1::Role::Unspecified => Vec::new(),
        };
        sections.push(self.own_certificate(read));
        sections.retain(|section| !section.is_empty());
        sections
    }

    fn prison(&self, read: &Read) -> Vec<Section> {
        let planned = read
            .programmes
            .iter()
            .filter(|one| one.prison == self.own && one.state() == v1::ProgrammeState::Planned);
        let mut sections = self.suspended(read);
        sections.extend([
            self.sessions_today(read),
            self.assigned(Topic::ToClear, read, |one| {
                one.state() == v1::AssignmentState::Accepted && assignment::in_force(one)
            }),
            self.to_confirm(read),
            self.places_free(read),
            self.to_accept(read),
            self.agreed(Topic::AgreementsToAccept, read, |one| self.waits_for_us(one)),
            Section::of(Topic::ProgrammesToApprove, planned, rows::programme_row),
            self.claims(read),
        ]);
        sections.extend(self.agreements(read));
        sections
    }

    fn partner(&self, read: &Read) -> Vec<Section> {
        let of_state = |state| {
            let mine = read.programmes.iter().filter(|one| self.leads(&one.name));
            mine.filter(move |one| one.state() == state)
        };
        let declined = read
            .sessions
            .iter()
            .filter(|one| self.leads(&one.name) && one.state() == v1::SessionState::Declined);
        let mut sections = self.suspended(read);
        sections.extend([
            self.sessions_today(read),
            self.to_accept(read),
            Section::of(Topic::SessionsDeclined, declined, |one| rows::declined_row(one, self.reader)),
            self.trainers_named(Topic::TrainersRefused, read, &read.refused),
            self.trainers_named(Topic::TrainersAllowed, read, &read.withdrawn),
            self.agreed(Topic::AgreementsToAccept, read, |one| self.waits_for_us(one)),
            Section::of(Topic::ProgrammesToOpen, of_state(v1::ProgrammeState::Approved), rows::programme_row),
            self.claims(read),
            Section::of(Topic::ProgrammesWaiting, of_state(v1::ProgrammeState::Planned), rows::programme_row),
        ]);
        sections.extend(self.agreements(read));
        sections
    }

    fn administrator(&self, read: &Read) -> Vec<Section> {
        let signed = |one: &v1::CertificateOrder| {
            one.approvals.iter().any(|approval| approval.administrator == self.system)
        };
        let to_sign = |one: &&v1::CertificateOrder| {
            one.state() == v1::CertificateOrderState::AwaitingApproval && !signed(one)
        };
        let to_approve =
            |one: &&v1::System| one.proposed_role() != v1::Role::Unspecified && one.proposer != self.system;
        let language = self.reader.language;
        let few = read.administrators.iter().filter(|_| read.administrators.len() < ADMINISTRATORS_MIN);
        // What was renewed ends because there is another.
        let ending = read.certificates.iter().filter(|one| !inventory::is_renewed(one));
        vec![
            self.tokens_tried(read),
            Section::of(Topic::AdministratorsFew, few, |one| {
                rows::certificate_row(one, &self.zone, language)
            }),
            Section::of(Topic::OrdersToSign, read.orders.iter().filter(to_sign), |one| {
                rows::order_row(one, &self.zone, language)
            }),
            Section::of(Topic::SystemsToApprove, read.systems.iter().filter(to_approve), rows::system_row),
            Section::of(Topic::CertificatesEnding, ending, |one| {
                rows::certificate_row(one, &self.zone, language)
            }),
        ]
    }

    /// Tokens that may be stolen. What came of the first is ended next; where nothing did yet, its invitation.
    fn tokens_tried(&self, read: &Read) -> Section {
        let row = |one: &v1::CertificateOrder| rows::tried_row(one, &self.zone, self.reader.language);
        let section = Section::named(Topic::TokensTried, read.tried.iter(), row, "certificate");
        let uncertified = read.tried.first().filter(|one| one.certificate.is_empty());
        let next = uncertified.map(|one| format!("cert invite --cancel {}", names::short(&one.name)));
        section.with(None, next)
    }

    fn door(&self, read: &Read) -> Vec<Section> {
        let topics = [Topic::EnteringToday, Topic::EnteringTomorrow].into_iter().zip(&read.entering);
        let row = |one: &v1::TrainerAssignment| assignment::door::row(one, &read.agencies, self.reader);
        topics.map(|(topic, entering)| Section::of(topic, entering.iter(), row)).collect()
    }

    fn own_certificate(&self, read: &Read) -> Section {
        let last = self.certificates_until().as_second();
        let own = read.certificate.iter().filter(|one| one.end_time.is_some_and(|end| end.seconds < last));
        Section::of(Topic::OwnCertificateEnding, own, |one| {
            rows::certificate_row(one, &self.zone, self.reader.language)
        })
    }

    fn sessions_today(&self, read: &Read) -> Section {
        use v1::SessionState::{Confirmed, Tentative};
        let planned = read.sessions_today.iter().filter(|one| [Tentative, Confirmed].contains(&one.state()));
        Section::of(Topic::SessionsToday, planned, |one| rows::session_row(one, self.reader))
    }

    /// What can be confirmed in the next [`CONFIRM_DAYS`], and the command for exactly that; of the rest, how many there are
    /// and what they wait for.
    fn to_confirm(&self, read: &Read) -> Section {
        let language = self.reader.language;
        let last = self.day.checked_add(Span::new().days(CONFIRM_DAYS)).unwrap_or(self.day);
        let end = last.tomorrow().ok().and_then(|day| Zone::from_store(self.zone.clone()).start_of(day));
        let soon = |one: &&v1::Session| {
            let start = one.starts_at.map(|start| start.seconds).unwrap_or_default();
            end.is_some_and(|end| start < end.as_second())
        };
        let (ready, waiting) = (&read.judged.ready, read.judged.waiting);
        let section = Section::of(Topic::ToConfirm, ready.iter().filter(soon), |one| {
            rows::confirmable_row(one, self.reader)
        });
        let later = ready.iter().filter(|one| !soon(one)).count();
        let mut rest = Vec::new();
        let next = ready.iter().any(|one| soon(&one));
        rest.extend((later > 0).then(|| match next {
            true => words::more_later_all(language, later),
            false => words::more_later(language, later),
        }));
        rest.extend(read.suspended.iter().map(|(code, count)| words::of_suspended(language, code, count)));
        rest.extend(
            (!waiting.is_empty()).then(|| words::cannot_yet_of_all(language, waiting.text(language))),
        );
        rest.extend(
            read.judged.roomless.iter().map(|programme| words::give_room(language, names::short(programme))),
        );
        let rest = (!rest.is_empty()).then(|| {
            let mut told = json!({"later": later, "waiting": waiting.json()});
            if !read.suspended.is_empty() {
                told["suspended"] = json!(read.suspended);
            }
            (rest.join("\n"), told)
        });
        let next = match (next, later) {
            (true, _) => Some(format!("schedule confirm --from today --to {last} --ready")),
            (false, 1..) => Some("schedule confirm --from today --ready".to_owned()),
            (false, 0) => None,
        };
        section.with(rest, next)
    }

    fn places_free(&self, read: &Read) -> Section {
        let places = |count: &v1::RosterCount| {
            read.free
                .iter()
                .find(|(one, _)| one.programme == count.programme)
                .map_or(0, |(_, places)| *places)
        };
        Section::named(
            Topic::PlacesFree,
            read.free.iter().map(|(count, _)| count),
            |count| rows::free_row(count, places(count)),
            "programme",
        )
    }

    fn to_accept(&self, read: &Read) -> Section {
        self.assigned(Topic::ToAccept, read, |one| {
            one.trainer_agency == self.own && one.state() == v1::AssignmentState::Proposed
        })
    }

    /// Those of the assignments that the agency's own sessions still name, though the trainers do not come by them.
    fn trainers_named(&self, topic: Topic, read: &Read, assignments: &[v1::TrainerAssignment]) -> Section {
        use v1::SessionState::{Confirmed, Tentative};
        let named = |one: &&v1::TrainerAssignment| {
            read.sessions.iter().any(|session| {
                session.name == one.session
                    && self.leads(&session.name)
                    && [Tentative, Confirmed].contains(&session.state())
                    && session.trainers.iter().any(|named| named.trainer == one.trainer)
            })
        };
        let row = |one: &v1::TrainerAssignment| rows::refused_row(one, self.reader);
        Section::named(topic, assignments.iter().filter(named), row, "session")
    }

    fn assigned(
        &self,
        topic: Topic,
        read: &Read,
        wanted: impl Fn(&v1::TrainerAssignment) -> bool,
    ) -> Section {
        let wanted = read.assignments.iter().filter(|one| wanted(one));
        Section::of(topic, wanted, |one| assignment::known(one, self.reader))
    }

    fn claims(&self, read: &Read) -> Section {
        let ours = read.claims.iter().filter(|claim| claim.holder == self.own);
        Section::of(Topic::ClaimsToConfirm, ours, rows::claim_row)
    }

    /// The suspended agreements, which stand first: nothing of what follows passes under them.
    fn suspended(&self, read: &Read) -> Vec<Section> {
        let suspended = |one: &v1::Agreement| one.state() == v1::AgreementState::Suspended;
        let by_us = |one: &v1::Agreement| one.suspended_by.contains(&self.own);
        let (ours, others): (Vec<_>, Vec<_>) =
            read.agreements.iter().filter(|one| suspended(one)).partition(|one| by_us(one));
        vec![
            Section::of(Topic::SuspendedByUs, ours.into_iter(), rows::suspended_row),
            Section::of(Topic::SuspendedByOthers, others.into_iter(), rows::suspended_row),
        ]
    }

    /// The agreements that nobody here has to answer: with others, ending.
    fn agreements(&self, read: &Read) -> Vec<Section> {
        vec![
            self.agreed(Topic::AgreementsWaiting, read, |one| self.waits_for_others(one)),
            self.agreed(Topic::AgreementsEnding, read, |one| self.ends_soon(one)),
        ]
    }

    fn agreed(&self, topic: Topic, read: &Read, wanted: impl Fn(&v1::Agreement) -> bool) -> Section {
        Section::of(topic, read.agreements.iter().filter(|one| wanted(one)), rows::agreement_row)
    }

    /// Whether a programme or a session is the agency's own.
    fn leads(&self, name: &str) -> bool {
        name.starts_with(&format!("{}/", self.own))
    }

    fn waits_for_us(&self, agreement: &v1::Agreement) -> bool {
        agreement.state() == v1::AgreementState::Proposed && !agreement.accepted_by.contains(&self.own)
    }

    fn waits_for_others(&self, agreement: &v1::Agreement) -> bool {
        agreement.state() == v1::AgreementState::Proposed && agreement.accepted_by.contains(&self.own)
    }

    fn ends_soon(&self, agreement: &v1::Agreement) -> bool {
        let active = agreement.state() == v1::AgreementState::Active;
        active && rows::last_day(agreement).is_some_and(|last| is_soon(self.day, last))
    }

    /// A certificate that ends before this ends soon.
    fn certificates_until(&self) -> Timestamp {
        let seconds = self.reader.now.as_second() + CERTIFICATE_DAYS * 24 * 3600;
        Timestamp::from_second(seconds).unwrap_or(self.reader.now)
    }

    /// The page: the day and the agency, then each heading.
    fn text(&self, sections: &[Section], page: Page, profile: Option<&str>) -> String {
        let language = self.reader.language;
        let heading = format!("{}: {}", words::long_day(language, self.day), self.name);
        let heading = page.width.map_or(heading.clone(), |width| table::wrapped(&heading, width.into()));
        let mut text = format!("{heading}\n");
        for section in sections {
            text.push_str(&format!("\n{}", section.text(page, profile, language)));
        }
        if sections.is_empty() {
            text.push_str(&format!("\n{}\n", words::nothing_waits(language)));
        }
        text
    }
}

/// Whether a last day lies within [`AGREEMENT_DAYS`] of a day.
fn is_soon(day: Date, last: Date) -> bool {
    day.checked_add(Span::new().days(AGREEMENT_DAYS)).is_ok_and(|until| last <= until)
}

#[cfg(test)]
mod tests;
