//! What a transaction tells, and by whom: notes of which the ledger entry is made. They need no database, so a call can be
//! judged before it has one.
//!
//! Refuses an entry in a caller's name before the caller is known.

use std::{borrow::Cow, sync::Arc};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Error, Lane, record::Leaf};
use crate::{
    domain::{
        access::{Caller, MayBeStored},
        change::Moment,
        name::AgreementName,
        outside::{Clock, Entropy},
    },
    ledger::{self, ChangeKind, DisclosedField, Format, Readers, Row},
    text_enum,
    vault::VaultKeys,
};

text_enum! {
    /// Who acts in a transaction. Only a call and a joining system come from outside.
    Actor {
        Call = "call",
        Join = "join",
        Gateway = "gateway",
        Signer = "signer",
        Keeper = "keeper",
        Owner = "owner",
    }
}

/// What a transaction takes from outside.
#[derive(Clone)]
pub struct Outside {
    /// Says when the transaction runs.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and salts.
    pub entropy: Arc<dyn Entropy>,
    /// The vault's keys. `None` for who never tells of a person: the signer, and the ceremonies.
    pub keys: Option<Arc<VaultKeys>>,
}

/// The name and the actor of a transaction.
#[derive(Clone)]
pub struct Origin {
    /// The name in spans and series: `schedule.push`.
    pub name: Cow<'static, str>,
    /// The name in the ledger's entry: a call's `ScheduleService/PushSchedule`, else `signer/certificate.issue`.
    pub method: String,
    /// Who acts.
    pub actor: Actor,
    /// Where it waits for a connection, if others want one too.
    pub lane: Lane,
    /// Clock, randomness and keys.
    pub outside: Outside,
    /// Told when it commits.
    pub stored: MayBeStored,
    /// Never run again, for it does what must happen once: it signs.
    pub once: bool,
}

impl Origin {
    /// The origin of a transaction that no call asks for; it may be run again.
    pub fn own(actor: Actor, name: &'static str, outside: Outside) -> Self {
        let method = format!("{actor}/{name}");
        Self {
            name: name.into(),
            method,
            actor,
            lane: Lane::Own,
            outside,
            stored: MayBeStored::default(),
            once: false,
        }
    }
}

/// A line, the salt of its digest, and whether the line is about a person.
struct Told {
    line: ledger::Line,
    salt: [u8; 16],
    personal: bool,
}

/// Salts by line, from 0.
pub(super) type Salts = Vec<(i32, [u8; 16])>;

/// The caller that is written into the entry of a call.
struct By {
    caller: Caller,
    request_id: Option<Uuid>,
}

/// The notes of one transaction.
pub struct Notes {
    now: Timestamp,
    outside: Outside,
    actor: Actor,
    method: String,
    entry: Uuid,
    by: Option<By>,
    agreement: Option<(String, i64)>,
    purpose: String,
    told: Vec<Told>,
    without_entry: Option<&'static str>,
}

impl Notes {
    /// Nothing is told yet; the time of everything that is decided is now.
    pub fn new(origin: &Origin) -> Self {
        let outside = origin.outside.clone();
        let now = outside.clock.now();
        Self {
            now,
            entry: outside.entropy.uuid(now),
            outside,
            actor: origin.actor,
            method: origin.method.clone(),
            by: None,
            agreement: None,
            purpose: String::new(),
            told: Vec::new(),
            without_entry: None,
        }
    }

    /// The transaction's clock: one time for everything that it decides.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.outside.entropy
    }

    /// The vault's keys. An internal error where the actor has none.
    pub fn keys(&self) -> Result<&VaultKeys, Error> {
        self.outside.keys.as_deref().ok_or_else(|| Error::internal("a transaction without the vault's keys"))
    }

    /// A new UUIDv7.
    pub fn uuid(&self) -> Uuid {
        self.outside.entropy.uuid(self.now)
    }

    /// The id that the ledger's entry will have, if there is one.
    pub fn entry_id(&self) -> Uuid {
        self.entry
    }

    /// Names the caller in whose name the entry will stand, and the request.
    pub fn is_for(&mut self, caller: Caller, request_id: Option<Uuid>) {
        self.by = Some(By { caller, request_id });
    }

    /// Tells again of a resource that nobody has changed, for a date has brought something about: that it is this stands in the entry.
    pub fn tells_again(&mut self, moment: Moment, row: &impl Row) {
        moment.method().clone_into(&mut self.method);
        self.changed(ChangeKind::Updated, row);
    }

    /// Names the agreement whose gate the call passed, in the entry.
    pub fn passed_gate(&mut self, agreement: &AgreementName, version: i64) {
        self.agreement = Some((agreement.to_string(), version));
    }

    /// Whether the call passed a gate.
    pub fn has_passed_gate(&self) -> bool {
        self.agreement.is_some()
    }

    /// Names the purpose for which the call shows personal data: the words of the agreement's annex, never the
    /// caller's.
    pub fn for_purpose(&mut self, purpose: &str) {
        purpose.clone_into(&mut self.purpose);
    }

    /// Tells that a resource changed: a line of the ledger's entry, with the row as it is now. An update leaves its readers as
    /// they were; where it does not, see [`Notes::updated`].
    pub fn changed(&mut self, kind: ChangeKind, row: &impl Row) {
        let readers = row.readers();
        let (before, after) = match kind {
            ChangeKind::Created => (Readers::nobody(), readers),
            ChangeKind::Removed => (readers, Readers::nobody()),
            _ => (readers.clone(), readers),
        };
        self.tell(kind, &[], row, before, after);
    }

    /// Tells that a resource was updated, which others may see now than before.
    pub fn updated(&mut self, before: Readers, row: &impl Row) {
        self.tell(ChangeKind::Updated, &[], row, before, row.readers());
    }

    /// Tells that fields of a row are shown: a line of kind DISCLOSED or OWN_READ, which nobody follows.
    pub fn shown(&mut self, kind: ChangeKind, fields: &[DisclosedField], row: &impl Row) {
        self.tell(kind, fields, row, Readers::nobody(), Readers::nobody());
    }

    fn tell<R: Row>(
        &mut self,
        kind: ChangeKind,
        fields: &[DisclosedField],
        row: &R,
        before: Readers,
        after: Readers,
    ) {
        let mut salt = [0; 16];
        self.outside.entropy.fill(&mut salt);
        let digest = ledger::digest(&salt, row);
        let (resource, version, disclosed) = (row.resource(), row.version(), fields.to_vec());
        let line = ledger::Line { resource, version, kind, disclosed, digest, before, after };
        self.told.push(Told { line, salt, personal: R::PERSONAL });
    }

    /// Whether somebody else than the signer changed what the signer acts on: orders, certificates, barred keys.
    pub(super) fn concerns_signer(&self) -> bool {
        let concerns = |told: &Told| {
            ["certificateOrders/", "certificates/", "barredKeys/"]
                .iter()
                .any(|collection| told.line.resource.starts_with(collection))
        };
        self.actor != Actor::Signer && self.told.iter().any(concerns)
    }

    /// Whether there will be an entry.
    pub fn has_lines(&self) -> bool {
        !self.told.is_empty()
    }

    /// The kinds of all lines that were told so far.
    pub fn told(&self) -> impl Iterator<Item = ChangeKind> {
        self.told.iter().map(|told| told.line.kind)
    }

    /// States that everything stood as it is wanted already.
    pub fn unchanged(&mut self) {
        self.records_nothing("nothing changed");
    }

    /// States why the transaction may be committed without an entry.
    pub fn records_nothing(&mut self, reason: &'static str) {
        self.without_entry = Some(reason);
    }

    /// Whether the transaction has told a change, something shown, or why there is neither.
    pub fn has_told(&self) -> bool {
        !self.told.is_empty() || self.without_entry.is_some()
    }

    /// The reason that was stated for having no entry. An internal error where there is none.
    pub(super) fn reason_for_none(&self) -> Result<&'static str, Error> {
        let neither = || format!("{} told neither a change nor why there is none", self.method);
        self.without_entry.ok_or_else(|| Error::internal(neither()))
    }

    /// Makes the entry of what was told, and takes it out of the notes: the leaf with the salts that anybody may read, and
    /// by line the salts that are to be sealed. An internal error in a caller's name before the caller is known, and of an entry
    /// that nobody would read.
    pub(super) fn leaf(&mut self) -> Result<(Leaf, Salts), Error> {
        let by = self.by.take();
        if by.is_none() && self.actor == Actor::Call {
            return Err(Error::internal("an entry of a call without its caller"));
        }
        let (mut lines, mut salts, mut personal) = (Vec::new(), Vec::new(), Vec::new());
        for (index, told) in (0..).zip(std::mem::take(&mut self.told)) {
            lines.push(told.line);
            if told.personal { personal.push((index, told.salt)) } else { salts.push((index, told.salt)) }
        }
        let request_id = by.as_ref().and_then(|by| by.request_id);
        let caller = by.map(|by| by.caller);
        let entry = ledger::Entry {
            format: Format::V2,
            id: self.entry,
            recorded_at: self.now,
            occurred_at: self.now,
            agency: caller.as_ref().map(|caller| caller.agency.to_string()).unwrap_or_default(),
            fingerprint: caller.as_ref().map_or([0; 32], |caller| caller.fingerprint),
            system: caller.map(|caller| caller.system).unwrap_or_default(),
            method: self.method.clone(),
            request_id,
            agreement: self.agreement.take(),
            lines,
            purpose: std::mem::take(&mut self.purpose),
        };
        let bytes = entry.leaf_to_store().map_err(Error::internal)?;
        let leaf = Leaf { id: self.entry, recorded_at: self.now, bytes, salts, sealed: Vec::new() };
        Ok((leaf, personal))
    }
}
