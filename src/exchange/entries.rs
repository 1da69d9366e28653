//! Entries of the ledger as those who supervise see them: who called what, and how much of which kind it changed or showed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Error, Tx, Work,
    page::{Page, PageRequest},
    tx::not_found,
};
use crate::{
    domain::{
        AgencyCode,
        access::Fingerprint,
        certificate::{CertificateFilter, Issued, Serial},
        roster,
    },
    ledger::{ChangeKind, Entry, Line, disclosure},
    store::{self, Part, change::Told},
};

/// Entries that are read at a time, and how often for one page, where what is wanted is rare among them.
const ENTRIES_MAX: i32 = 1_000;
const PARTS_MAX: usize = 10;

/// Which entries are wanted; what is `None` is not asked for.
pub struct Wanted {
    /// Of callers of this agency.
    pub agency: Option<AgencyCode>,
    /// Of callers with this certificate.
    pub certificate: Option<Serial>,
    /// Of this RPC.
    pub method: Option<String>,
    /// That tell of this resource, which is none of a trainee's.
    pub resource: Option<String>,
    /// Recorded from this time on, and before that one.
    pub range: (Option<Timestamp>, Option<Timestamp>),
    /// By which personal data were shown to another agency.
    pub disclosures: bool,
}

/// Lists entries, the newest first.
pub struct ListEntries {
    /// Which ones.
    pub wanted: Wanted,
    /// The page that is asked for.
    pub page: PageRequest,
}

/// An entry as auditors see it.
pub struct Listed {
    /// Its place, from 0.
    pub index: i64,
    /// The entry, without its lines.
    pub entry: Entry,
    /// How many lines it has of each kind and collection; of trainees and their places, 1 to 4 reads `<5`.
    pub lines: BTreeMap<(ChangeKind, String), String>,
}

impl Work for ListEntries {
    type Answer = Page<Listed>;

    async fn run(&self, tx: &mut Tx) -> Result<Page<Listed>, Error> {
        let mut before = self.page.after(tx, |[index]| index.parse::<i64>().ok())?;
        let shown = match &self.wanted.certificate {
            Some(serial) => Some(certificate(tx, serial).await?.fingerprint),
            None => None,
        };
        let size = usize::try_from(self.page.size).unwrap_or_default();
        let mut part = Part { items: Vec::new(), last: None };
        for _ in 0..PARTS_MAX {
            let read = store::ledger::list_before(tx.db(), before, self.wanted.range, ENTRIES_MAX).await?;
            let fits = |told: &Told| self.wanted.fits(&told.entry, shown.as_ref());
            part.items.extend(read.entries.into_iter().filter(fits).map(Listed::from));
            part.last = read.more.map(|index| vec![index.to_string()]);
            if part.items.len() > size || read.more.is_none() {
                break;
            }
            before = read.more;
        }
        Ok(self.page.page(tx, part, |one: &Listed| [one.index.to_string()]))
    }
}

/// Finds the certificate of a serial number. `NOT_FOUND` where the inventory has none.
pub(super) async fn certificate(tx: &mut Tx, serial: &Serial) -> Result<Issued, Error> {
    let now = tx.now();
    let filter = CertificateFilter { serial: Some(&serial.0), ..CertificateFilter::default() };
    let found = store::certificate::list(tx.db(), &filter, now).await?.pop();
    found.ok_or_else(|| not_found("certificate"))
}

impl Wanted {
    fn fits(&self, entry: &Entry, certificate: Option<&Fingerprint>) -> bool {
        let (start, end) = self.range;
        let is_of_range = start.is_none_or(|start| entry.recorded_at >= start)
            && end.is_none_or(|end| entry.recorded_at < end);
        let discloses = |line: &Line| matches!(disclosure::shown(line), Some((_, false)));
        is_of_range
            && self.agency.as_ref().is_none_or(|agency| entry.agency == agency.as_str())
            && certificate.is_none_or(|certificate| entry.fingerprint == *certificate)
            && self.method.as_ref().is_none_or(|method| entry.method == *method)
            && self.resource.as_ref().is_none_or(|name| entry.lines.iter().any(|line| line.resource == *name))
            && (!self.disclosures || entry.lines.iter().any(discloses))
    }
}

/// Collections whose numbers tell of a few persons.
const PERSONS: [&str; 2] = ["enrolments", "trainees"];

/// Collections that are told apart in one entry, at most: more than there are.
const COLLECTIONS_MAX: usize = 100;

impl From<Told> for Listed {
    fn from(told: Told) -> Self {
        let Told { index, mut entry, .. } = told;
        let mut counts: BTreeMap<_, i64> = BTreeMap::new();
        for line in std::mem::take(&mut entry.lines) {
            // `sessions` of `agencies/{code}/sessions/{id}`.
            let collection = line.resource.rsplit('/').nth(1).unwrap_or_default();
            let key = (line.kind, collection.to_owned());
            if counts.len() < COLLECTIONS_MAX || counts.contains_key(&key) {
                *counts.entry(key).or_default() += 1;
            }
        }
        let told = |(key, count): ((ChangeKind, String), i64)| {
            let is_of_persons = PERSONS.contains(&key.1.as_str());
            (key, if is_of_persons { roster::told(count) } else { count.to_string() })
        };
        Self { index, entry, lines: counts.into_iter().map(told).collect() }
    }
}
