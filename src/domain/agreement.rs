//! Partnership agreements (perjanjian kerja sama) and their states. Nothing else in Gerbang passes between
//! two agencies unless one of these is in force between them.
//!
//! What is stored are acts (drafted, proposed, agreed, …) and days; PENDING, ACTIVE, SUSPENDED and EXPIRED are
//! computed at the clock of the call, in the agreement's own zone.

mod terms;

use jiff::{SignedDuration, Span, Timestamp, civil::Date};
use uuid::Uuid;

pub use terms::{AgreementKind, DataAnnex, Party, Terms};

use super::{AgencyCode, Fault, Reason, bounds, change::Moment, name::AgreementName, remark::Remark};
use crate::text_enum;

text_enum! {
    /// The way in which an agreement becomes binding, fixed when it is proposed.
    Binding { Acceptance = "ACCEPTANCE", Signature = "SIGNATURE" }
}

text_enum! {
    /// The nature of the relation between the parties (PP 57/1999 Pasal 2).
    Nature {
        /// All are government agencies, each by its own mandate.
        Functional = "FUNCTIONAL",
        Kemitraan = "KEMITRAAN",
    }
}

text_enum! {
    /// The last act on an agreement, as stored.
    Act {
        Draft = "DRAFT",
        Proposed = "PROPOSED",
        Agreed = "AGREED",
        Rejected = "REJECTED",
        Withdrawn = "WITHDRAWN",
        Terminated = "TERMINATED",
    }
}

text_enum! {
    /// The state of an agreement at a moment.
    AgreementState {
        Draft = "DRAFT",
        Proposed = "PROPOSED",
        /// Nobody accepted the proposal in time.
        Lapsed = "LAPSED",
        Pending = "PENDING",
        Active = "ACTIVE",
        Suspended = "SUSPENDED",
        Expired = "EXPIRED",
        Rejected = "REJECTED",
        Withdrawn = "WITHDRAWN",
        Terminated = "TERMINATED",
    }
}

/// The most open proposals between two agencies.
pub const PROPOSALS_MAX: usize = 20;
/// The time for which a proposal stands: 90 days, as far as its term lasts.
const PROPOSAL_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The days before its end at which the parties are reminded: time to agree on what follows.
const REMINDERS: [i32; 3] = [180, 90, 30];

/// An agreement.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// The id in our own tables.
    pub id: Uuid,
    /// `agencies/{code}/agreements/{ref}`, under the agency that wrote it.
    pub name: AgreementName,
    /// The terms on which the parties agree.
    pub terms: Terms,
    /// The nature of the relation between the parties.
    pub nature: Nature,
    /// The last act, as stored.
    pub act: Act,
    /// The way in which the agreement becomes binding; `None` for a draft.
    pub binding: Option<Binding>,
    /// The parties that have accepted.
    pub accepted_by: Vec<AgencyCode>,
    /// Whose suspensions are open, at most one per party.
    pub suspended_by: Vec<AgencyCode>,
    /// The first day on which a terminated agreement no longer holds.
    pub terminates_on: Option<Date>,
    /// What the parties gave as reasons for ending or suspending it, of each the last of each act.
    pub remarks: Vec<Remark>,
    /// The time at which it was proposed; `None` for a draft, and where that was not noted.
    pub proposed_at: Option<Timestamp>,
    /// Counts the acts on the agreement, from 1.
    pub version: i64,
    /// The time at which the draft was first stored.
    pub created_at: Timestamp,
}

/// Which of a reader's agreements a list holds; a part that is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct AgreementFilter {
    /// The state at the time of the call.
    pub state: Option<AgreementState>,
    /// An agency that is a party too.
    pub party: Option<AgencyCode>,
}

impl Agreement {
    /// Makes the `AGREEMENT_WITHOUT_FIELD` of a field that the agreement does not cover; it tells which it covers.
    pub fn without_field(&self) -> Fault {
        let covered = self.terms.fields.iter().map(|field| match &field.label {
            Some(label) => format!("{} \"{label}\"", field.kind),
            None => field.kind.to_string(),
        });
        let fault = Fault::from(Reason::AgreementWithoutField).with("agreement", &self.name);
        fault.with("covered", covered.collect::<Vec<_>>().join(", "))
    }

    /// The state at a moment, by the day that it is then in the agreement's zone. In a zone that is unknown to this
    /// program no day is known: an agreement that binds counts as SUSPENDED, and opens nothing.
    pub fn state(&self, now: Timestamp) -> AgreementState {
        match self.act {
            Act::Draft => AgreementState::Draft,
            Act::Proposed if self.has_lapsed(now) => AgreementState::Lapsed,
            Act::Proposed => AgreementState::Proposed,
            Act::Rejected => AgreementState::Rejected,
            Act::Withdrawn => AgreementState::Withdrawn,
            Act::Agreed | Act::Terminated => {
                self.terms.zone.day(now).map_or(AgreementState::Suspended, |today| self.state_by_day(today))
            }
        }
    }

    /// What time alone has brought about after `since` and until `now`, if nobody acted: another state, or else that it ends soon.
    pub fn moment(&self, since: Timestamp, now: Timestamp) -> Option<Moment> {
        if self.state(since) != self.state(now) {
            return Some(Moment::State);
        }
        let is_reminded = self.reminders().any(|reminder| since < reminder && reminder <= now);
        is_reminded.then_some(Moment::EndsSoon)
    }

    /// The first moment after `at` that brings something about, if nobody acts; `None` where none does.
    pub fn next_moment(&self, at: Timestamp) -> Option<Timestamp> {
        let term = &self.terms.term;
        let after_last = term.last_day().and_then(|last| last.tomorrow().ok());
        let days = [Some(term.from), after_last, self.terminates_on].into_iter().flatten();
        let mut moments: Vec<_> = days.filter_map(|day| self.terms.zone.start_of(day)).collect();
        moments.push(self.lapses_at());
        moments.extend(self.reminders());
        moments.sort_unstable();
        moments.into_iter().find(|moment| *moment > at && self.moment(at, *moment).is_some())
    }

    /// The moments at which its parties are reminded that it will end, as far as it is in force or suspended then. Whoever has given
    /// notice needs no reminder.
    fn reminders(&self) -> impl Iterator<Item = Timestamp> {
        let end = self.terms.term.last_day().filter(|_| self.act == Act::Agreed);
        let end = end.and_then(|last| last.tomorrow().ok());
        let days = REMINDERS.iter().filter_map(move |days| end?.checked_sub(Span::new().days(*days)).ok());
        let moments = days.filter_map(|day| self.terms.zone.start_of(day));
        moments.filter(|at| matches!(self.state(*at), AgreementState::Active | AgreementState::Suspended))
    }

    /// The moment from which a proposal stands no more, if its term is not over before.
    pub fn lapses_at(&self) -> Timestamp {
        let proposed_at = self.proposed_at.unwrap_or(self.created_at);
        proposed_at.checked_add(PROPOSAL_LIFE).unwrap_or(Timestamp::MAX)
    }

    fn has_lapsed(&self, now: Timestamp) -> bool {
        let today = self.terms.zone.day(now);
        let over = self.terms.term.last_day().zip(today).is_some_and(|(last, today)| last < today);
        over || self.lapses_at() <= now
    }

    fn state_by_day(&self, today: Date) -> AgreementState {
        let last = self.terms.term.last_day();
        let ended = self.terminates_on.filter(|day| last.is_none_or(|last| *day <= last));
        if ended.is_some_and(|day| day <= today) {
            AgreementState::Terminated
        } else if last.is_some_and(|last| last < today) {
            AgreementState::Expired
        } else if today < self.terms.term.from {
            AgreementState::Pending
        } else if self.suspended_by.is_empty() {
            AgreementState::Active
        } else {
            AgreementState::Suspended
        }
    }

    /// Whether there was a moment from `start` on and before `end` at which it was in force, suspensions aside. True where that cannot
    /// be told, in an unknown zone.
    pub fn held_within(&self, start: Option<Timestamp>, end: Option<Timestamp>) -> bool {
        let began = self.terms.zone.start_of(self.terms.term.from).zip(end);
        let begins_before = began.is_none_or(|(from, end)| from < end);
        begins_before && self.ends_at().zip(start).is_none_or(|(ends, start)| start < ends)
    }

    /// The moment behind its last day, or that of a termination before; `None` where it has neither, or the zone is unknown.
    fn ends_at(&self) -> Option<Timestamp> {
        let zone = &self.terms.zone;
        let over = self.terms.term.last_day().and_then(|last| zone.start_of(last.tomorrow().ok()?));
        [over, self.terminates_at()].into_iter().flatten().min()
    }

    /// The moment at which it has ended, where its state says so.
    pub fn ended_at(&self, now: Timestamp) -> Option<Timestamp> {
        let has_ended = matches!(self.state(now), AgreementState::Expired | AgreementState::Terminated);
        self.ends_at().filter(|_| has_ended)
    }

    /// The moment from which a termination holds; `None` where no notice was given.
    pub fn terminates_at(&self) -> Option<Timestamp> {
        self.terminates_on.and_then(|day| self.terms.zone.start_of(day))
    }

    /// Whether a termination leaves the agreement standing until the end of this time.
    pub fn lasts_until(&self, end: Timestamp) -> bool {
        self.terminates_at().is_none_or(|termination| end <= termination)
    }

    /// Whether the agreement will not be in force any more, whatever its parties do.
    pub fn is_over(&self, now: Timestamp) -> bool {
        matches!(
            self.state(now),
            AgreementState::Lapsed
                | AgreementState::Expired
                | AgreementState::Rejected
                | AgreementState::Withdrawn
                | AgreementState::Terminated
        )
    }

    /// The reason for which no programme can ever be opened under the agreement, if there is one: `AGREEMENT_OVER`,
    /// `DATA_ANNEX_MISSING`, `SCHEDULE_NOT_COVERED`.
    pub fn opens_no_programme(&self, now: Timestamp) -> Option<Fault> {
        if self.is_over(now) {
            let over = Fault::from(Reason::AgreementOver).with("agreement", &self.name);
            return Some(over.with("state", self.state(now)));
        }
        self.terms.annex_without_schedule().map(Fault::from)
    }

    /// The etag, which changes with every act, and when the clock alone changes the state.
    pub fn etag(&self, now: Timestamp) -> String {
        bounds::etag(&self.name.to_string(), self.version, self.state(now).as_str())
    }

    /// The agencies that may see the agreement: of a draft the author alone, else every party.
    pub fn readers(&self) -> Vec<AgencyCode> {
        match self.act {
            Act::Draft => vec![self.name.agency.clone()],
            _ => self.terms.parties.iter().map(|party| party.agency.clone()).collect(),
        }
    }

    /// Replaces the terms of a DRAFT. Errors: `STATE_FORBIDS`.
    pub fn redraft(&mut self, terms: Terms, now: Timestamp) -> Result<(), Fault> {
        self.must_be(now, &[AgreementState::Draft])?;
        self.terms = terms;
        Ok(())
    }

    /// Proposes a DRAFT. The proposer accepts by it, so that an SK of one party is agreed at once. Errors: `STATE_FORBIDS`,
    /// `BINDING_UNIMPLEMENTED`, `AGREEMENT_INCOMPLETE`, `AGREEMENT_TERM_OVER`.
    pub fn propose(&mut self, binding: Binding, now: Timestamp) -> Result<(), Fault> {
        self.must_be(now, &[AgreementState::Draft])?;
        if binding == Binding::Signature {
            return Err(Reason::BindingUnimplemented.into());
        }
        let unnamed = self.terms.parties.iter().filter(|party| party.signatory_title.is_none()).count();
        if unnamed > 0 {
            return Err(
                Fault::from(Reason::AgreementIncomplete).with("missing", "terms.parties.signatory_title")
            );
        }
        self.term_must_last(now)?;
        self.act = Act::Proposed;
        self.proposed_at = Some(now);
        self.binding = Some(binding);
        self.add_acceptance(self.name.agency.clone());
        Ok(())
    }

    /// Accepts for a party. When every party has accepted, PROPOSED becomes AGREED. Errors: `STATE_FORBIDS`, also where the
    /// proposal has lapsed, and `ALREADY_ACCEPTED`.
    pub fn accept(&mut self, by: &AgencyCode, now: Timestamp) -> Result<(), Fault> {
        self.must_be(now, &[AgreementState::Proposed])?;
        if self.accepted_by.contains(by) {
            return Err(Reason::AlreadyAccepted.into());
        }
        self.add_acceptance(by.clone());
        Ok(())
    }

    fn term_must_last(&self, now: Timestamp) -> Result<(), Fault> {
        let today = self.today(now)?;
        if self.terms.term.last_day().is_some_and(|last| last < today) {
            return Err(Reason::AgreementTermOver.into());
        }
        Ok(())
    }

    fn add_acceptance(&mut self, by: AgencyCode) {
        self.accepted_by.push(by);
        if self.terms.parties.iter().all(|party| self.accepted_by.contains(&party.agency)) {
            self.act = Act::Agreed;
        }
    }

    /// Rejects, by a party other than the proposer: a mere proposal at any time, a PENDING agreement before its first day.
    /// Errors: `STATE_FORBIDS`, `PROPOSER_CANNOT_REJECT`.
    pub fn reject(&mut self, by: &AgencyCode, now: Timestamp) -> Result<(), Fault> {
        self.must_be(now, &[AgreementState::Proposed, AgreementState::Pending])?;
        if *by == self.name.agency {
            return Err(Reason::ProposerCannotReject.into());
        }
        self.act = Act::Rejected;
        Ok(())
    }

    /// Withdraws the author's DRAFT or mere proposal at any time, or its PENDING agreement before the first day. Errors:
    /// `STATE_FORBIDS`.
    pub fn withdraw(&mut self, now: Timestamp) -> Result<(), Fault> {
        self.must_be(now, &[AgreementState::Draft, AgreementState::Proposed, AgreementState::Pending])?;
        self.act = Act::Withdrawn;
        Ok(())
    }

    /// Checks that the prison has accepted the agreement, so that others may plan on it. Errors: `AGREEMENT_NOT_ACCEPTED`.
    pub fn must_be_accepted_by(&self, prison: &AgencyCode) -> Result<(), Fault> {
        if self.accepted_by.contains(prison) && !matches!(self.act, Act::Rejected | Act::Withdrawn) {
            return Ok(());
        }
        Err(Fault::from(Reason::AgreementNotAccepted).with("agreement", &self.name))
    }

    /// Suspends for a party: ACTIVE or SUSPENDED → SUSPENDED. Errors: `STATE_FORBIDS`, `ALREADY_SUSPENDED`.
    pub fn suspend(&mut self, by: &AgencyCode, now: Timestamp) -> Result<(), Fault> {
        self.must_be(now, &[AgreementState::Active, AgreementState::Suspended])?;
        if self.suspended_by.contains(by) {
            return Err(Reason::AlreadySuspended.into());
        }
        self.suspended_by.push(by.clone());
        Ok(())
    }

    /// Lifts the party's own suspension; nobody else can. Errors: `STATE_FORBIDS`, `NOT_SUSPENDED_BY_YOU`.
    pub fn resume(&mut self, by: &AgencyCode, now: Timestamp) -> Result<(), Fault> {
        self.must_be(now, &[AgreementState::Suspended])?;
        if !self.suspended_by.contains(by) {
            let others: Vec<_> = self.suspended_by.iter().map(AgencyCode::as_str).collect();
            return Err(Fault::from(Reason::NotSuspendedByYou).with("suspended_by", others.join(", ")));
        }
        self.suspended_by.retain(|agency| agency != by);
        Ok(())
    }

    /// Gives notice: TERMINATED from the day of notice + `notice_days` on, which is the answer. Errors: `STATE_FORBIDS`.
    pub fn terminate(&mut self, now: Timestamp) -> Result<Date, Fault> {
        self.must_be(now, &[AgreementState::Active, AgreementState::Suspended])?;
        if let Some(day) = self.terminates_on {
            let allowed = [AgreementState::Active, AgreementState::Suspended];
            return Err(Fault::state_forbids("agreement", format!("TERMINATED from {day}"), &allowed));
        }
        let day = self.today(now)?.saturating_add(Span::new().days(self.terms.notice_days));
        self.act = Act::Terminated;
        self.terminates_on = Some(day);
        Ok(day)
    }

    fn today(&self, now: Timestamp) -> Result<Date, Fault> {
        self.terms.zone.day(now).ok_or_else(|| Reason::ZoneUnknown.into())
    }

    fn must_be(&self, now: Timestamp, allowed: &[AgreementState]) -> Result<(), Fault> {
        let state = self.state(now);
        if allowed.contains(&state) {
            return Ok(());
        }
        Err(Fault::state_forbids("agreement", state, allowed))
    }
}

#[cfg(test)]
mod tests;
