//! Who calls what, and the transaction of a call that has been let in. Use cases read and write through [`Tx`], and tell it
//! what they changed; what needs no database is judged on a [`Bench`].

use std::ops::{Deref, DerefMut};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Error, MutationContext, Outside};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::{Caller, Relation, Rule},
        batch::{ItemOutcome, MutationAnswer},
    },
    ledger::{ChangeKind, DisclosedField, Row},
    store::{Notes, Recorder},
};

/// Who calls what: the caller as the registry has it, the rule of the method, and what makes the call a mutation.
pub struct Acting {
    caller: Caller,
    rule: Rule,
    mutation: Option<MutationContext>,
    outside: Outside,
}

impl Acting {
    pub(super) fn new(
        caller: Caller,
        rule: Rule,
        mutation: Option<MutationContext>,
        outside: Outside,
    ) -> Self {
        Self { caller, rule, mutation, outside }
    }

    /// Names the caller and the request in the notes.
    pub(super) fn sign(&self, notes: &mut Notes) {
        notes.is_for(self.caller.clone(), self.mutation.map(|mutation| mutation.request_id));
    }

    /// The caller, as the registry has it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The caller's agency.
    pub fn agency(&self) -> &AgencyCode {
        &self.caller.agency
    }

    /// Everything that use cases take from outside.
    pub fn outside(&self) -> &Outside {
        &self.outside
    }

    /// The rule of the method.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Lets a caller that stands in `found` relations to a resource do what the method does. `NOT_FOUND` where it
    /// stands in none, `RELATION_NOT_ALLOWED` where it stands in others than the rule's.
    pub fn permit(&self, found: &[Relation], resource: &str) -> Result<(), Error> {
        if found.is_empty() {
            return Err(not_found(resource));
        }
        Ok(self.check_relations(found)?)
    }

    /// Refuses where none of the relations is the rule's: `RELATION_NOT_ALLOWED`.
    pub(super) fn check_relations(&self, found: &[Relation]) -> Result<(), Fault> {
        let suffices = |relation: &Relation| *relation == Relation::Any || found.contains(relation);
        if self.rule.relations.iter().any(suffices) {
            return Ok(());
        }
        let allowed: Vec<_> = self.rule.relations.iter().map(|relation| relation.as_str()).collect();
        Err(Fault::from(Reason::RelationNotAllowed).with("allowed", allowed.join(", ")))
    }

    /// Refuses a name under another agency's code than the caller's: `NAME_OF_OTHER_AGENCY`.
    pub fn must_own(&self, agency: &AgencyCode) -> Result<(), Error> {
        if *agency == self.caller.agency {
            return Ok(());
        }
        Err(Fault::from(Reason::NameOfOtherAgency).with("agency", &self.caller.agency).into())
    }

    /// Whether the call only asks what would be.
    pub fn validates_only(&self) -> bool {
        self.mutation.is_some_and(|mutation| mutation.validate_only)
    }

    /// Whether a call may end as its notes say: a mutation has told something, a read no change, and what passes
    /// between agencies has passed the gate. Anything else is a defect, and is not committed.
    pub(super) fn check(&self, notes: &Notes) -> Result<(), Error> {
        let mutates = self.mutation.is_some();
        if mutates && !notes.has_told() {
            return Err(Error::internal("a mutation told neither a change nor that there was none"));
        }
        if notes.told().any(|kind| kind.is_change() != mutates) {
            return Err(Error::internal("a read told a change, or a mutation a disclosure"));
        }
        let to_others = notes.told().any(|kind| kind == ChangeKind::Disclosed);
        let passes = (self.rule.gated && mutates && notes.has_lines()) || to_others;
        if passes && !notes.has_passed_gate() {
            return Err(Error::internal("a gated method changed or showed something past the gate"));
        }
        Ok(())
    }

    fn entry(&self, notes: &Notes) -> Option<Uuid> {
        let stores = self.mutation.is_some_and(|mutation| !mutation.validate_only);
        (stores && notes.has_lines()).then_some(notes.entry_id())
    }
}

/// Where a call is judged: who calls what, and the notes of what it changes. There is no database here.
pub struct Bench<'a> {
    acting: &'a Acting,
    /// What the call changes.
    pub notes: &'a mut Notes,
}

impl<'a> Bench<'a> {
    pub(super) fn new(acting: &'a Acting, notes: &'a mut Notes) -> Self {
        Self { acting, notes }
    }

    /// The call's clock: one time for everything that it decides.
    pub fn now(&self) -> Timestamp {
        self.notes.now()
    }

    /// A new UUIDv7.
    pub fn uuid(&self) -> Uuid {
        self.notes.uuid()
    }

    /// As [`Tx::entry`].
    pub fn entry(&self) -> Option<Uuid> {
        self.acting.entry(self.notes)
    }
}

impl Deref for Bench<'_> {
    type Target = Acting;

    fn deref(&self) -> &Acting {
        self.acting
    }
}

/// The transaction of one call: a recorder, with who calls what.
pub struct Tx {
    recorder: Recorder,
    acting: Acting,
}

impl Deref for Tx {
    type Target = Recorder;

    fn deref(&self) -> &Recorder {
        &self.recorder
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Recorder {
        &mut self.recorder
    }
}

impl Tx {
    pub(super) fn new(mut recorder: Recorder, acting: Acting) -> Self {
        acting.sign(recorder.notes());
        Self { recorder, acting }
    }

    /// Where what needs no database is judged.
    pub fn bench(&mut self) -> Bench<'_> {
        Bench::new(&self.acting, self.recorder.notes())
    }

    /// As [`Acting::caller`].
    pub fn caller(&self) -> &Caller {
        self.acting.caller()
    }

    /// As [`Acting::agency`].
    pub fn agency(&self) -> &AgencyCode {
        self.acting.agency()
    }

    /// As [`Acting::outside`].
    pub fn outside(&self) -> &Outside {
        self.acting.outside()
    }

    /// As [`Acting::rule`].
    pub fn rule(&self) -> &Rule {
        self.acting.rule()
    }

    /// As [`Acting::permit`].
    pub fn permit(&self, found: &[Relation], resource: &str) -> Result<(), Error> {
        self.acting.permit(found, resource)
    }

    /// As [`Acting::must_own`].
    pub fn must_own(&self, agency: &AgencyCode) -> Result<(), Error> {
        self.acting.must_own(agency)
    }

    /// As [`Acting::validates_only`].
    pub fn validates_only(&self) -> bool {
        self.acting.validates_only()
    }

    /// Tells that the answer shows personal data of one enrolment: a line of kind DISCLOSED, or OWN_READ where the
    /// caller is the prison that holds it. An internal error in a mutation, and in a method whose rule does not say
    /// that it discloses trainees.
    pub fn disclosed(
        &mut self,
        kind: ChangeKind,
        fields: &[DisclosedField],
        row: &impl Row,
    ) -> Result<(), Error> {
        let Acting { rule, mutation, .. } = &self.acting;
        if !rule.discloses_trainees || mutation.is_some() || kind.is_change() {
            return Err(Error::internal("a disclosure by a method that may disclose nothing of trainees"));
        }
        self.recorder.shown(kind, fields, row);
        Ok(())
    }

    /// The id that the ledger's entry will have; `None` where none will be written.
    pub fn entry(&self) -> Option<Uuid> {
        self.acting.entry(&self.recorder)
    }

    /// Makes the answer for one changed resource; call it after the change was told.
    pub fn change(&self, name: impl ToString, etag: String, outcome: ItemOutcome) -> MutationAnswer {
        MutationAnswer { name: name.to_string(), etag, outcome, entry: self.entry() }
    }

    /// The recorder, to be ended.
    pub(super) fn into_recorder(self) -> Recorder {
        self.recorder
    }

    /// As [`Acting::check`].
    pub(super) fn check(&self) -> Result<(), Error> {
        self.acting.check(&self.recorder)
    }
}

/// The relations of a caller to what a lead agency does in a prison.
pub(super) fn relations(lead: &AgencyCode, prison: &AgencyCode, caller: &AgencyCode) -> Vec<Relation> {
    let mut found = Vec::new();
    if lead == caller {
        found.extend([Relation::Own, Relation::Lead]);
    }
    if prison == caller {
        found.push(Relation::Party);
    }
    found
}

/// Makes `NOT_FOUND`: unknown and not to be seen are one answer.
pub(super) fn not_found(resource: &str) -> Error {
    Fault::from(Reason::NotFound).with("resource", resource).into()
}

/// Refuses another etag than the one that holds: `ETAG_MISMATCH`, with the latter.
pub(super) fn match_etag(sent: &str, current: &str) -> Result<(), Fault> {
    if sent == current {
        return Ok(());
    }
    Err(Fault::from(Reason::EtagMismatch).with("current_etag", current))
}
