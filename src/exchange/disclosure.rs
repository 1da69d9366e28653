//! Disclosures: to whom the personal data of a prison's own trainee were shown. The ledger's leaves say so; a list by enrolment
//! says which leaves to read.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Error, Tx, Work,
    entries::certificate,
    page::{Page, PageRequest},
    tx::not_found,
};
use crate::{
    domain::{
        AgencyCode,
        access::{DataKind, Relation},
        agreement::Agreement,
        certificate::Serial,
        name::{ProgrammeName, SystemName},
        roster::{EnrolmentRef, RosterTotal, TraineeRef},
        trainee::{NumberKind, RegisterNumber},
    },
    ledger::{DisclosedField, disclosure},
    store::{self, Part, change::Told, disclosure::Listing},
};

/// How a prison names one of its trainees.
pub enum Subject {
    /// By the trainee's own reference.
    Trainee(TraineeRef),
    /// By a place that the trainee holds or has held.
    Enrolment(EnrolmentRef),
    /// By the register number.
    Register(RegisterNumber),
}

/// Lists to whom personal data of a trainee were shown.
pub struct ListDisclosures {
    /// The trainee.
    pub subject: Subject,
    /// Whether to list too what the prison itself has read.
    pub own_reads: bool,
    /// The page that is asked for.
    pub page: PageRequest,
}

/// Personal data that one answer held.
pub struct Disclosure {
    /// The entry's place, and the line's within it.
    place: (i64, i64),
    /// When they were shown.
    pub at: Timestamp,
    /// The ledger's entry.
    pub entry: Uuid,
    /// The code of the agency that was shown them.
    pub agency: String,
    /// Its system.
    pub system: String,
    /// SHA-256 of its certificate.
    pub fingerprint: [u8; 32],
    /// The RPC.
    pub method: String,
    /// The place on a roster.
    pub enrolment: EnrolmentRef,
    /// The programme of that roster.
    pub programme: ProgrammeName,
    /// What was shown.
    pub fields: Vec<DisclosedField>,
    /// The agreement that allowed it, and its version; `None` where the prison read its own.
    pub agreement: Option<(String, i64)>,
    /// The purpose; empty where the prison read its own.
    pub purpose: String,
    /// Whether the prison itself read it.
    pub own_read: bool,
}

/// A page of disclosures of a trainee, and what it was made of.
pub struct Disclosures {
    /// The page, the oldest first.
    pub page: Page<Disclosure>,
    /// The trainee.
    pub trainee: TraineeRef,
    /// Every place that the trainee holds or has held.
    pub enrolments: Vec<EnrolmentRef>,
    /// Of how many entries of the ledger disclosures are listed.
    pub entries: i64,
    /// When these had got their places.
    pub until: Timestamp,
}

impl Work for ListDisclosures {
    type Answer = Disclosures;

    async fn run(&self, tx: &mut Tx) -> Result<Disclosures, Error> {
        let number = |text: String| text.parse::<i64>().ok();
        let after = self.page.after(tx, |[index, line]| Some((number(index)?, number(line)?)))?;
        let after = after.unwrap_or((0, -1));
        let (id, trainee) = self.subject.find(tx).await?;
        tx.permit(&[Relation::Own], "trainee")?;
        let prison = tx.agency().clone();
        let held = store::roster::list_of_trainee(tx.db(), id, &prison).await?;
        let held: HashMap<_, _> = held.into_iter().map(|one| (one.reference, one.programme)).collect();
        let limit = self.page.limit();
        let found = store::disclosure::list_of_trainee(tx.db(), id, self.own_reads, after.0, limit).await?;
        let (Listing { size, until }, found) = found;
        let wanted = |one: &Disclosure| one.place > after && (self.own_reads || !one.own_read);
        let items = found.entries.iter().flat_map(|told| lines(told, &held)).filter(wanted);
        let items = items.take(usize::try_from(limit).unwrap_or_default()).collect();
        // An entry that does not read makes the page shorter.
        let part = Part { items, last: found.more.map(behind) };
        let page = self.page.page(tx, part, |one: &Disclosure| keys(one.place));
        let enrolments = held.into_keys().collect();
        Ok(Disclosures { page, trainee, enrolments, entries: size, until })
    }
}

fn keys((index, line): (i64, i64)) -> [String; 2] {
    [index.to_string(), line.to_string()]
}

/// The place behind all lines of an entry: one that fills an answer alone is not read again.
fn behind(index: i64) -> Vec<String> {
    keys((index + 1, -1)).into()
}

impl Subject {
    /// The key and the reference of the prison's own trainee. `NOT_FOUND` of any other.
    async fn find(&self, tx: &mut Tx) -> Result<(Uuid, TraineeRef), Error> {
        let prison = tx.agency().clone();
        let found = match self {
            Self::Trainee(name) => store::trainee::find(tx.db(), name, &prison).await?,
            Self::Enrolment(name) => {
                let held = store::roster::find(tx.db(), &[*name], &prison).await?.pop();
                let persons: Vec<_> = held.into_iter().map(|held| held.trainee).collect();
                store::trainee::find_by_ids(tx.db(), &persons).await?.pop()
            }
            Self::Register(number) => {
                let (kind, key) = (NumberKind::Register, tx.vault().await?.digest);
                let number = number.normalised();
                let digest = tx.outside().keys.person_digest(key, kind.as_str(), prison.as_str(), &number)?;
                let found = store::trainee::find_by_digests(tx.db(), &prison, kind, key, &[digest]).await?;
                found.into_iter().next().map(|(_, stored)| stored)
            }
        };
        let found = found.filter(|found| found.prison == prison).ok_or_else(|| not_found("trainee"))?;
        Ok((found.id, found.reference))
    }
}

/// The lines of an entry by which these enrolments were shown, with their programmes.
fn lines<'a>(
    told: &'a Told,
    held: &'a HashMap<EnrolmentRef, ProgrammeName>,
) -> impl Iterator<Item = Disclosure> + 'a {
    let entry = &told.entry;
    (0..).zip(&entry.lines).filter_map(move |(number, line)| {
        let (enrolment, own_read) = disclosure::shown(line)?;
        Some(Disclosure {
            place: (told.index, number),
            at: entry.occurred_at,
            entry: entry.id,
            agency: entry.agency.clone(),
            system: entry.system.clone(),
            fingerprint: entry.fingerprint,
            method: entry.method.clone(),
            enrolment,
            programme: held.get(&enrolment)?.clone(),
            fields: line.disclosed.clone(),
            agreement: entry.agreement.clone(),
            purpose: entry.purpose.clone(),
            own_read,
        })
    })
}

/// Lists what was shown of the prison's trainees to whoever had a certificate, the prison's own too.
pub struct ListCertificateDisclosures {
    /// The certificate.
    pub certificate: Serial,
    /// From this time on, and before that one.
    pub range: (Option<Timestamp>, Option<Timestamp>),
    /// The page that is asked for.
    pub page: PageRequest,
}

/// What was shown to whoever had a certificate, and what could have been.
pub struct Breach {
    /// The page of what was shown, the oldest first.
    pub page: Page<Disclosure>,
    /// Whose certificate it is.
    pub holder: SystemName,
    /// The rosters that the agency could have been shown.
    pub reachable: Vec<RosterTotal>,
    /// How far disclosures are listed.
    pub listing: Listing,
}

/// Entries that are read at a time, and how often for one page, where those of the certificate are rare.
const ENTRIES_MAX: i32 = 100;
const PARTS_MAX: usize = 20;

impl Work for ListCertificateDisclosures {
    type Answer = Breach;

    async fn run(&self, tx: &mut Tx) -> Result<Breach, Error> {
        let number = |text: String| text.parse::<i64>().ok();
        let after = self.page.after(tx, |[index, line]| Some((number(index)?, number(line)?)))?;
        let after = after.unwrap_or((0, -1));
        let certificate = certificate(tx, &self.certificate).await?;
        let holder = certificate.system.ok_or_else(|| not_found("certificate"))?;
        let own_reads = holder.agency == *tx.agency();
        let size = usize::try_from(self.page.size).unwrap_or_default();
        let (mut part, mut from, mut listing) = (Part { items: Vec::new(), last: None }, after.0, None);
        for _ in 0..PARTS_MAX {
            let (listed, read) =
                store::disclosure::list_of_prison(tx.db(), own_reads, from, self.range, ENTRIES_MAX).await?;
            listing.get_or_insert(listed);
            let fits =
                |told: &&Told| self.is_in_range(told) && told.entry.fingerprint == certificate.fingerprint;
            let by_it: Vec<_> = read.entries.iter().filter(fits).collect();
            let held = own(tx, &by_it).await?;
            let shown = by_it.into_iter().flat_map(|told| lines(told, &held));
            let shown = shown.filter(|one| one.own_read == own_reads && one.place > after);
            part.items.extend(shown.take(size + 1));
            part.last = read.more.map(behind);
            match read.more {
                Some(index) if part.items.len() <= size => from = index + 1,
                _ => break,
            }
        }
        let page = self.page.page(tx, part, |one: &Disclosure| keys(one.place));
        let reachable = self.reachable(tx, &holder.agency).await?;
        let listing = listing.ok_or_else(|| Error::internal("nothing was looked at"))?;
        Ok(Breach { page, holder, reachable, listing })
    }
}

impl ListCertificateDisclosures {
    fn is_in_range(&self, told: &Told) -> bool {
        let (at, (start, end)) = (told.entry.recorded_at, self.range);
        start.is_none_or(|start| start <= at) && end.is_none_or(|end| at < end)
    }

    /// The rosters that agreements in force in this time let the agency be shown, suspensions aside; of the prison itself, all.
    async fn reachable(&self, tx: &mut Tx, agency: &AgencyCode) -> Result<Vec<RosterTotal>, Error> {
        let prison = tx.agency().clone();
        if *agency == prison {
            return store::roster::list_totals(tx.db(), &prison, None, i64::MAX).await;
        }
        let agreements = store::agreement::list_with(tx.db(), &prison, std::slice::from_ref(agency)).await?;
        let (start, end) = self.range;
        let allow = |one: &Agreement| one.terms.covers_kind(DataKind::Roster) && one.held_within(start, end);
        let allowing: Vec<_> = agreements.iter().filter(|one| allow(one)).map(|one| one.id).collect();
        store::roster::list_totals_led(tx.db(), &allowing, &prison, agency, None, i64::MAX).await
    }
}

/// The programmes of those enrolments of these entries that are the prison's own.
async fn own(tx: &mut Tx, told: &[&Told]) -> Result<HashMap<EnrolmentRef, ProgrammeName>, Error> {
    let shown: BTreeSet<_> = told.iter().flat_map(|told| disclosure::rows(&told.entry)).collect();
    let shown: Vec<_> = shown.into_iter().map(|(enrolment, _)| enrolment).collect();
    let prison = tx.agency().clone();
    let found = store::roster::find(tx.db(), &shown, &prison).await?;
    let own = found.into_iter().filter(|one| one.prison == prison);
    Ok(own.map(|one| (one.reference, one.programme)).collect())
}
