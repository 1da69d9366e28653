//! What is shown of a roster. To the prison all of it; to the lead agency references and states, and of those CONFIRMED
//! and not withheld name and education level, while the window is open. Whatever is shown of a person is a line of the
//! ledger entry that is written before the answer leaves.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{open, opened};
use crate::{
    domain::{
        AgencyCode,
        access::{DataKind, Role},
        name::ProgrammeName,
        programme::Programme,
        roster::{
            Enrolment, EnrolmentRef, EnrolmentState, NamesHidden, PromotionReason, RosterTotal, TraineeRef,
            Window,
        },
        trainee::{Record, Trainee},
    },
    exchange::{
        Error, Tx, Work, gate,
        page::{Page, PageRequest},
        programme,
        tx::not_found,
    },
    ledger::{ChangeKind, entry::DisclosedField, row::ShownRow},
    store,
};

/// An enrolment as its reader may see it.
#[derive(Debug)]
pub struct SeenEnrolment {
    /// The enrolment.
    pub enrolment: Enrolment,
    /// Name and education level, where they may be seen.
    pub record: Option<Record>,
    /// For the prison.
    pub prison: Option<PrisonRecord>,
    /// The prison's to give back; a partner's tells of no change but the state's.
    pub etag: String,
}

/// Facts that the prison alone sees, beside the record.
#[derive(Debug)]
pub struct PrisonRecord {
    /// The name of the person.
    pub trainee: TraineeRef,
    /// The person's etag; `None` of whom everything is erased.
    pub trainee_etag: Option<String>,
    /// Whether no partner may be shown the person.
    pub withheld: bool,
    /// Whether nothing of the person may be erased.
    pub held: bool,
    /// The place in the order of nomination.
    pub place: i32,
    /// The reason why others were passed by, where they were.
    pub out_of_rank: Option<PromotionReason>,
}

/// A page of a roster, and why a partner sees no names on it.
pub struct SeenRoster {
    /// The page.
    pub page: Page<SeenEnrolment>,
    /// The reason why a partner sees no names; `None` where it sees them.
    pub hidden: Option<NamesHidden>,
}

/// Lists the roster of a programme.
pub struct ListRoster {
    /// The programme.
    pub programme: ProgrammeName,
    /// The state of the enrolments; `None` for all.
    pub state: Option<EnrolmentState>,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Work for ListRoster {
    type Answer = SeenRoster;

    async fn run(&self, tx: &mut Tx) -> Result<SeenRoster, Error> {
        let (programme, sight) = look(tx, &self.programme).await?;
        let limit = self.page.limit();
        let found = if sight.is_prisons() {
            let after = self.page.after(tx, |[place]| place.parse().ok())?.unwrap_or_default();
            store::roster::list_by_place(tx.db(), programme.id, self.state, after, limit).await?
        } else {
            let after = self.page.after(tx, |[name]| EnrolmentRef::parse(&name).ok())?;
            store::roster::list_by_reference(tx.db(), programme.id, self.state, after.as_ref(), limit).await?
        };
        let mut page = self.page.page(tx, found, |enrolment| {
            [if sight.is_prisons() { enrolment.place.to_string() } else { enrolment.reference.to_string() }]
        });
        let items = show(tx, &programme, &sight, std::mem::take(&mut page.items)).await?;
        Ok(SeenRoster { page: page.shown(items), hidden: sight.hidden() })
    }
}

/// Finds one place on a roster.
pub struct GetEnrolment {
    /// The enrolment's reference.
    pub name: EnrolmentRef,
}

/// An enrolment that was found.
pub struct FoundEnrolment {
    /// The enrolment.
    pub enrolment: SeenEnrolment,
    /// Why the caller sees no name, where names are hidden.
    pub hidden: Option<NamesHidden>,
}

impl Work for GetEnrolment {
    type Answer = FoundEnrolment;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let seen = self.find(tx).await?;
        let (programme, sight) = look(tx, &seen.programme).await?;
        let enrolment = self.find(tx).await?;
        let mut shown = show(tx, &programme, &sight, vec![enrolment]).await?;
        let enrolment = shown.pop().ok_or_else(|| not_found("enrolment"))?;
        Ok(FoundEnrolment { enrolment, hidden: sight.hidden() })
    }
}

impl GetEnrolment {
    async fn find(&self, tx: &mut Tx) -> Result<Enrolment, Error> {
        let reader = tx.agency().clone();
        let mut found = store::roster::find(tx.db(), &[self.name], &reader).await?;
        found.pop().ok_or_else(|| not_found("enrolment"))
    }
}

/// The view that the caller has of a roster.
enum Sight {
    /// The prison's, of all.
    Prison,
    /// A partner's: until when it sees names, as things stand, or why it sees none.
    Partner(Result<Timestamp, NamesHidden>),
}

impl Sight {
    fn is_prisons(&self) -> bool {
        matches!(self, Self::Prison)
    }

    fn hidden(&self) -> Option<NamesHidden> {
        match self {
            Self::Prison => None,
            Self::Partner(names) => names.err(),
        }
    }
}

/// Finds the programme; for a partner under the locks of agreement and roster, shared, and behind the gate: no view
/// outlives a suspension, a departure or a withholding.
async fn look(tx: &mut Tx, name: &ProgrammeName) -> Result<(Programme, Sight), Error> {
    let seen = programme::find(tx, name).await?;
    if seen.prison == *tx.agency() {
        store::lock::programme_shared(tx, seen.id).await?;
        return Ok((seen, Sight::Prison));
    }
    store::lock::agreements_shared(tx, &[seen.agreement_id]).await?;
    store::lock::programme_shared(tx, seen.id).await?;
    let programme = programme::find(tx, name).await?;
    programme::must_rest_on(&programme, seen.agreement_id)?;
    let agreement = programme::pass(tx, &programme, Some(DataKind::Roster)).await?;
    if let Some(annex) = &agreement.terms.annex {
        tx.for_purpose(annex.purpose.as_str());
    }
    let anybody_confirmed = store::roster::count(tx.db(), programme.id).await?.confirmed > 0;
    let last_end = store::roster::find_last_confirmed_end(tx.db(), programme.id).await?;
    let window = Window::of(&programme, anybody_confirmed, last_end);
    let names = window.hidden(tx.now()).map_or(Ok(window.ends_at()), Err);
    Ok((programme, Sight::Partner(names)))
}

/// Opens the records that may be shown, and tells the ledger of each person.
async fn show(
    tx: &mut Tx,
    programme: &Programme,
    sight: &Sight,
    found: Vec<Enrolment>,
) -> Result<Vec<SeenEnrolment>, Error> {
    match sight {
        Sight::Prison => show_whole(tx, found).await,
        Sight::Partner(names) => show_partner(tx, programme, names.ok(), found).await,
    }
}

/// The prison's own.
async fn show_whole(tx: &mut Tx, found: Vec<Enrolment>) -> Result<Vec<SeenEnrolment>, Error> {
    let ids: Vec<_> = found.iter().map(|enrolment| enrolment.trainee).collect();
    let mut persons = HashMap::new();
    for stored in store::trainee::find_by_ids(tx.db(), &ids).await? {
        persons.insert(stored.id, (opened(tx, &stored)?, stored));
    }
    let mut seen = Vec::with_capacity(found.len());
    for enrolment in found {
        let missing = || Error::internal("an enrolment without its person");
        let (person, stored) = persons.get(&enrolment.trainee).ok_or_else(missing)?;
        let record = person.as_ref().map(|person| person.record.clone());
        if let Some(record) = &record {
            told(tx, true, &enrolment, record)?;
        }
        let prison = PrisonRecord {
            trainee: stored.reference,
            trainee_etag: person.as_ref().map(Trainee::etag),
            withheld: stored.withheld,
            held: stored.held_since.is_some(),
            place: enrolment.place,
            out_of_rank: enrolment.out_of_rank,
        };
        let etag = enrolment.etag();
        seen.push(SeenEnrolment { enrolment, record, prison: Some(prison), etag });
    }
    Ok(seen)
}

/// What the lead agency may see: names as long as `until`, and none where the window hides them. That it has seen some is noted, so that
/// it is told once they are hidden.
async fn show_partner(
    tx: &mut Tx,
    programme: &Programme,
    until: Option<Timestamp>,
    found: Vec<Enrolment>,
) -> Result<Vec<SeenEnrolment>, Error> {
    let mut records = HashMap::new();
    if let Some(until) = until {
        let ids: Vec<_> = found.iter().map(|enrolment| enrolment.id).collect();
        for shown in store::trainee::list_shown(tx.db(), &ids).await? {
            let record = open(tx, shown.trainee, shown.key_version, &shown.sealed)?;
            records.insert(shown.enrolment, record);
        }
        if !records.is_empty() {
            store::moment::note_shown(tx.db(), programme.id, until).await?;
        }
    }
    let mut seen = Vec::with_capacity(found.len());
    for enrolment in found {
        let (record, etag) = (records.remove(&enrolment.id), enrolment.etag_for_partner());
        if let Some(record) = &record {
            told(tx, false, &enrolment, record)?;
        }
        seen.push(SeenEnrolment { enrolment, record, prison: None, etag });
    }
    Ok(seen)
}

/// A line of the entry: which fields of whom.
fn told(tx: &mut Tx, whole: bool, enrolment: &Enrolment, record: &Record) -> Result<(), Error> {
    use DisclosedField::{TraineeEducation, TraineeName, TraineeNik, TraineeRegisterNumber};
    let (kind, fields) = if whole {
        (ChangeKind::OwnRead, &[TraineeName, TraineeEducation, TraineeRegisterNumber, TraineeNik][..])
    } else {
        (ChangeKind::Disclosed, &[TraineeName, TraineeEducation][..])
    };
    let row = ShownRow {
        enrolment: enrolment.reference,
        version: enrolment.version,
        record: record.clone(),
        whole,
    };
    tx.disclosed(kind, fields, &row)
}

/// Counts a prison's rosters, by programme.
pub struct GetRosterCounts {
    /// The prison.
    pub prison: AgencyCode,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Work for GetRosterCounts {
    type Answer = Page<RosterTotal>;

    /// Oversight counts in any prison, a prison in its own, a partner what it leads under agreements that let rosters pass
    /// now.
    async fn run(&self, tx: &mut Tx) -> Result<Page<RosterTotal>, Error> {
        let after = self.page.after(tx, Some)?;
        let (caller, limit) = (tx.agency().clone(), self.page.limit());
        let found = if tx.caller().role == Role::Oversight || caller == self.prison {
            store::roster::list_totals(tx.db(), &self.prison, after.as_ref(), limit).await?
        } else {
            let open = gate::open_between(tx, &self.prison, &caller, DataKind::Roster).await?;
            let after = after.as_ref().map(|[_, reference]| reference.as_str());
            store::roster::list_totals_led(tx.db(), &open, &self.prison, &caller, after, limit).await?
        };
        Ok(self
            .page
            .page(tx, found, |total| [total.programme.agency.to_string(), total.programme.id.clone()]))
    }
}
