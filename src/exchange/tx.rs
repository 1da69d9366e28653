//! A transaction that has let its caller in. Use cases read and write through it, and tell it what they changed.

use jiff::Timestamp;
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use super::{Error, Mutation, Outside};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::{Caller, Relation, Rule},
        batch::{Change, ItemOutcome},
        name::AgreementName,
    },
    ledger::{self, ChangeKind, Row},
    store::{self, record::Leaf},
};

/// What a mutation did, as far as it has told.
enum Told {
    Nothing,
    /// No change; the sequence of a session may have been raised, which is none.
    Unchanged,
    Lines(Vec<ledger::Line>, Vec<[u8; 16]>),
}

/// The transaction of one call.
pub struct Tx {
    db: Transaction<'static, Postgres>,
    caller: Caller,
    rule: Rule,
    mutation: Option<Mutation>,
    now: Timestamp,
    outside: Outside,
    entry: Uuid,
    agreement: Option<(String, i64)>,
    told: Told,
}

impl Tx {
    pub(super) fn new(
        db: Transaction<'static, Postgres>,
        caller: Caller,
        rule: Rule,
        mutation: Option<Mutation>,
        now: Timestamp,
        outside: Outside,
    ) -> Self {
        let entry = outside.entropy.uuid(now);
        Self { db, caller, rule, mutation, now, outside, entry, agreement: None, told: Told::Nothing }
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
        let fits = |relation: &Relation| *relation == Relation::Any || found.contains(relation);
        if self.rule.relations.iter().any(fits) {
            return Ok(());
        }
        let allowed: Vec<_> = self.rule.relations.iter().map(|relation| relation.as_str()).collect();
        Err(Fault::from(Reason::RelationNotAllowed).with("allowed", allowed.join(", ")).into())
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
        let mut salt = [0; 16];
        self.outside.entropy.fill(&mut salt);
        let line = ledger::Line {
            resource: resource.to_string(),
            version,
            kind,
            disclosed: Vec::new(),
            digest: ledger::digest(&salt, row),
        };
        match &mut self.told {
            Told::Lines(lines, salts) => {
                lines.push(line);
                salts.push(salt);
            }
            told => *told = Told::Lines(vec![line], vec![salt]),
        }
    }

    /// Tells that everything stood as the caller wants it already.
    pub fn unchanged(&mut self) {
        if matches!(self.told, Told::Nothing) {
            self.told = Told::Unchanged;
        }
    }

    /// The id that the ledger entry will have; `None` where none will be written.
    pub fn entry(&self) -> Option<Uuid> {
        let stores = self.mutation.is_some_and(|mutation| !mutation.validate_only);
        (stores && matches!(self.told, Told::Lines(..))).then_some(self.entry)
    }

    /// The answer for one changed resource; call it after [`Tx::changed`].
    pub fn change(&self, name: impl ToString, etag: String, outcome: ItemOutcome) -> Change {
        Change { name: name.to_string(), etag, outcome, entry: self.entry() }
    }

    /// The ledger entry; `None` for no change. A mutation that told nothing is a defect, and is not committed.
    pub(super) fn leaf(&mut self) -> Result<Option<Leaf>, Error> {
        let (lines, salts) = match std::mem::replace(&mut self.told, Told::Nothing) {
            Told::Nothing => {
                return Err(Error::internal("a mutation told neither a change nor that there was none"));
            }
            Told::Unchanged => return Ok(None),
            Told::Lines(lines, salts) => (lines, salts),
        };
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
        };
        Ok(Some(Leaf { id: self.entry, recorded_at: self.now, bytes: entry.leaf(), salts }))
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
pub(super) fn match_etag(sent: &str, current: &str) -> Result<(), Error> {
    if sent == current {
        return Ok(());
    }
    Err(Fault::from(Reason::EtagMismatch).with("current_etag", current).into())
}
