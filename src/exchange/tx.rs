//! A transaction that has let its caller in. Use cases read and write through it, and tell it what they changed.

use jiff::Timestamp;
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use super::{Error, MutationContext, Outside, Versions};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::{Caller, Relation, Rule},
        batch::{ItemOutcome, MutationAnswer},
        name::AgreementName,
    },
    ledger::{self, ChangeKind, DisclosedField, Row},
    store::{self, record::Leaf},
};

/// What a call did, as far as it has told.
enum Told {
    Nothing,
    /// No change; the sequence of a session may have been raised, which is none.
    Unchanged,
    Lines(Vec<(ledger::Line, Salt)>),
}

/// Of a line's digest.
struct Salt {
    bytes: [u8; 16],
    /// About a trainee: sealed before it is stored.
    personal: bool,
}

/// The transaction of one call.
pub struct Tx {
    db: Transaction<'static, Postgres>,
    caller: Caller,
    rule: Rule,
    mutation: Option<MutationContext>,
    now: Timestamp,
    outside: Outside,
    pub(super) entry: Uuid,
    agreement: Option<(String, i64)>,
    purpose: String,
    told: Told,
    /// Known once the vault's lock is held.
    pub(super) versions: Option<Versions>,
}

impl Tx {
    pub(super) fn new(
        db: Transaction<'static, Postgres>,
        caller: Caller,
        rule: Rule,
        mutation: Option<MutationContext>,
        now: Timestamp,
        outside: Outside,
    ) -> Self {
        let entry = outside.entropy.uuid(now);
        Self {
            db,
            caller,
            rule,
            mutation,
            now,
            outside,
            entry,
            agreement: None,
            purpose: String::new(),
            told: Told::Nothing,
            versions: None,
        }
    }

    pub fn db(&mut self) -> &mut PgConnection {
        &mut self.db
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub fn agency(&self) -> &AgencyCode {
        &self.caller.agency
    }

    /// The call's clock: one time for everything that the call decides.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub fn outside(&self) -> &Outside {
        &self.outside
    }

    pub fn uuid(&self) -> Uuid {
        self.outside.entropy.uuid(self.now)
    }

    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Whether the caller, who stands in `found` relations to a resource, may do what the method does.
    /// In none: the resource does not exist for it. In others than the rule's: refused, and told whose it is.
    pub fn permit(&self, found: &[Relation], resource: &str) -> Result<(), Error> {
        if found.is_empty() {
            return Err(not_found(resource));
        }
        Ok(self.fits(found)?)
    }

    /// `RELATION_NOT_ALLOWED` where none of the relations is the rule's.
    pub(super) fn fits(&self, found: &[Relation]) -> Result<(), Fault> {
        let fits = |relation: &Relation| *relation == Relation::Any || found.contains(relation);
        if self.rule.relations.iter().any(fits) {
            return Ok(());
        }
        let allowed: Vec<_> = self.rule.relations.iter().map(|relation| relation.as_str()).collect();
        Err(Fault::from(Reason::RelationNotAllowed).with("allowed", allowed.join(", ")))
    }

    /// A caller creates under its own agency's code alone.
    pub fn must_own(&self, agency: &AgencyCode) -> Result<(), Error> {
        if *agency == self.caller.agency {
            return Ok(());
        }
        Err(Fault::from(Reason::NameOfOtherAgency).with("agency", &self.caller.agency).into())
    }

    /// The agreement whose gate the call passed; the ledger entry names it.
    pub fn passed_gate(&mut self, agreement: &AgreementName, version: i64) {
        self.agreement = Some((agreement.to_string(), version));
    }

    /// Tells that a resource changed: a line of the ledger entry.
    pub fn changed(&mut self, kind: ChangeKind, resource: impl ToString, version: i64, row: &impl Row) {
        self.tell(kind, resource.to_string(), version, &[], row);
    }

    /// Tells that the answer shows personal data of one enrolment: a line of kind DISCLOSED, or OWN_READ where the
    /// caller is the prison that holds it. A defect in a mutation, and in a method whose rule does not say that it
    /// discloses trainees.
    pub fn disclosed(
        &mut self,
        kind: ChangeKind,
        resource: impl ToString,
        version: i64,
        fields: &[DisclosedField],
        row: &impl Row,
    ) -> Result<(), Error> {
        if !self.rule.discloses_trainees || self.mutation.is_some() || kind.is_change() {
            return Err(Error::internal("a disclosure by a method that may disclose nothing of trainees"));
        }
        self.tell(kind, resource.to_string(), version, fields, row);
        Ok(())
    }

    /// For what the call shows personal data: the words of the agreement's annex, never the caller's.
    pub fn for_purpose(&mut self, purpose: &str) {
        purpose.clone_into(&mut self.purpose);
    }

    fn tell<R: Row>(
        &mut self,
        kind: ChangeKind,
        resource: String,
        version: i64,
        fields: &[DisclosedField],
        row: &R,
    ) {
        let mut salt = Salt { bytes: [0; 16], personal: R::PERSONAL };
        self.outside.entropy.fill(&mut salt.bytes);
        let digest = ledger::digest(&salt.bytes, row);
        let line = ledger::Line { resource, version, kind, disclosed: fields.to_vec(), digest };
        match &mut self.told {
            Told::Lines(lines) => lines.push((line, salt)),
            told => *told = Told::Lines(vec![(line, salt)]),
        }
    }

    /// Tells that everything stood as the caller wants it already.
    pub fn unchanged(&mut self) {
        if matches!(self.told, Told::Nothing) {
            self.told = Told::Unchanged;
        }
    }

    /// Whether the call only asks what would be.
    pub fn validates_only(&self) -> bool {
        self.mutation.is_some_and(|mutation| mutation.validate_only)
    }

    /// The id that the ledger entry will have; `None` where none will be written.
    pub fn entry(&self) -> Option<Uuid> {
        let stores = self.mutation.is_some_and(|mutation| !mutation.validate_only);
        (stores && matches!(self.told, Told::Lines(..))).then_some(self.entry)
    }

    /// The answer for one changed resource; call it after [`Tx::changed`].
    pub fn change(&self, name: impl ToString, etag: String, outcome: ItemOutcome) -> MutationAnswer {
        MutationAnswer { name: name.to_string(), etag, outcome, entry: self.entry() }
    }

    /// The ledger entry; `None` for no change, and for a read that showed nothing of trainees. A mutation that told
    /// nothing is a defect, and is not committed; so is a read that told a change, and what passes between agencies
    /// past the gate. Takes the vault's lock where lines are about trainees.
    pub(super) async fn leaf(&mut self) -> Result<Option<Leaf>, Error> {
        let told = match std::mem::replace(&mut self.told, Told::Nothing) {
            Told::Nothing if self.mutation.is_some() => {
                return Err(Error::internal("a mutation told neither a change nor that there was none"));
            }
            Told::Nothing | Told::Unchanged => return Ok(None),
            Told::Lines(told) => told,
        };
        if told.iter().any(|(line, _)| line.kind.is_change() != self.mutation.is_some()) {
            return Err(Error::internal("a read told a change, or a mutation a disclosure"));
        }
        let to_others = told.iter().any(|(line, _)| line.kind == ChangeKind::Disclosed);
        let passes = (self.rule.gated && self.mutation.is_some()) || to_others;
        if passes && self.agreement.is_none() {
            return Err(Error::internal("a gated method changed or showed something past the gate"));
        }
        let (mut lines, mut salts, mut sealed) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (line, salt)) in (0..).zip(told) {
            lines.push(line);
            match salt.personal {
                true => sealed.push(self.seal_salt(index, &salt.bytes).await?),
                false => salts.push((index, salt.bytes)),
            }
        }
        let entry = ledger::Entry {
            id: self.entry,
            recorded_at: self.now,
            occurred_at: self.now,
            agency: self.caller.agency.to_string(),
            system: self.caller.system.clone(),
            fingerprint: self.caller.fingerprint,
            method: self.rule.method.clone(),
            request_id: self.mutation.map(|mutation| mutation.request_id),
            agreement: self.agreement.take(),
            lines,
            purpose: std::mem::take(&mut self.purpose),
        };
        Ok(Some(Leaf { id: self.entry, recorded_at: self.now, bytes: entry.leaf(), salts, sealed }))
    }

    pub(super) async fn commit(self) -> Result<(), Error> {
        Ok(self.db.commit().await.map_err(store::Error::from)?)
    }

    pub(super) async fn rollback(self) -> Result<(), Error> {
        Ok(self.db.rollback().await.map_err(store::Error::from)?)
    }
}

/// How a caller stands to what a lead agency does in a prison.
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

/// Unknown and not to be seen are one answer.
pub(super) fn not_found(resource: &str) -> Error {
    Fault::from(Reason::NotFound).with("resource", resource).into()
}

/// `ETAG_MISMATCH`, with the etag that holds now.
pub(super) fn match_etag(sent: &str, current: &str) -> Result<(), Fault> {
    if sent == current {
        return Ok(());
    }
    Err(Fault::from(Reason::EtagMismatch).with("current_etag", current))
}
