//! Changes: what has become of what the caller may see. The feed says which entries concern its agency, the leaf which lines.

mod resource;
mod roster;

use std::time::Duration;

use jiff::Timestamp;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};
use uuid::Uuid;

pub use self::resource::Resource;
use self::roster::Rosters;
use super::{Asking, Error, Placed, Read, Watch};
use crate::{
    domain::{
        AgencyCode, Reason,
        access::{Caller, Deadline},
        change::{Cursor, Effect, Moment, ResourceKind},
    },
    ledger::{feed, readers::Reader},
    store::change as rows,
};

/// Parts of the ledger that one page looks through, where what is wanted is rare in them.
const PARTS_MAX: usize = 10;

/// Entries that are looked at for a page, at least: what is not told among them does not show in where the page ends.
const ENTRIES_MIN: usize = 100;

/// The least time between two looks of a call that waits: entries get their places every ten milliseconds. It doubles with each look
/// that found nothing.
const REST: Duration = Duration::from_millis(100);

/// The longest that such a rest gets: where others' changes come without end, each who waits asks once a second.
const REST_MAX: Duration = Duration::from_secs(1);

/// What is left of a call's time when its wait ends: for a last look, and for the answer.
const ANSWER: Duration = Duration::from_secs(1);

/// The longest that a stream says nothing: its client, and what lies between, shall not think that it is gone.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// What a reader wants to be told of.
pub struct Wanted {
    /// The cursor of what was dealt with; empty to begin.
    pub cursor: String,
    /// Where to begin without a cursor; `None` for the first change of all.
    pub since: Option<Timestamp>,
    /// The kinds of resources; empty for all.
    pub kinds: Vec<ResourceKind>,
    /// The most changes of an answer, from 1.
    pub size: usize,
    /// Whether to show the resources too, as they are now.
    pub with_resources: bool,
}

/// Lists what has changed of what the caller may see.
pub struct ListChanges {
    /// What is wanted.
    pub wanted: Wanted,
    /// How long to wait for the first change; less where the call's own time is over before.
    pub wait: Duration,
}

/// Follows what changes of what the caller may see: what was missed, and then what comes.
pub struct WatchChanges {
    /// What is wanted.
    wanted: Wanted,
    /// Where it stands, from the first answer on.
    place: Option<Place>,
}

impl WatchChanges {
    /// Begins where the cursor is.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, place: None }
    }
}

/// A change, as a reader is told of it.
#[derive(Debug)]
pub struct Change {
    /// The place behind it.
    pub cursor: Cursor,
    /// When it was recorded.
    pub at: Timestamp,
    /// What it is for the caller's agency.
    pub effect: Effect,
    /// What a date has brought about; `None` where a call has changed the resource.
    pub moment: Option<Moment>,
    /// The kind of the resource.
    pub kind: ResourceKind,
    /// The name of the resource.
    pub name: String,
    /// The resource's version.
    pub version: i64,
    /// The ledger's entry.
    pub entry: Uuid,
    /// The resource as the caller sees it now; `None` where it sees it no more, or did not ask for it.
    pub resource: Option<Resource>,
}

/// A page of changes.
pub struct Changes {
    /// The oldest first.
    pub items: Vec<Change>,
    /// Where to go on; `None` while the ledger is empty.
    pub next: Option<Cursor>,
    /// Whether these are all that there are by now.
    pub caught_up: bool,
}

impl Read for ListChanges {
    type Answer = Changes;

    async fn find(&self, asking: &Asking<'_>) -> Result<Changes, Error> {
        let until = self.until(Instant::now(), asking.call.deadline);
        let mut place = Place::begin(&self.wanted, asking)?;
        loop {
            let page = place.look(&self.wanted, asking).await?;
            if !page.items.is_empty() || !page.caught_up || place.is_ending() || place.looked >= until {
                return Ok(page);
            }
            place.wait(until).await;
        }
    }
}

impl ListChanges {
    /// When a call that begins now ends its wait.
    fn until(&self, now: Instant, deadline: Option<Deadline>) -> Instant {
        let asked = now + self.wait;
        let answers_by = deadline.and_then(|deadline| Instant::from_std(deadline.0).checked_sub(ANSWER));
        answers_by.map_or(asked, |latest| asked.min(latest))
    }
}

impl Watch for WatchChanges {
    type Answer = Changes;

    /// At first what there is by now, if nothing; later what there is to tell, or nothing where there was nothing for long.
    async fn next(&mut self, asking: &Asking<'_>) -> Result<Changes, Error> {
        let Some(place) = &mut self.place else {
            let place = self.place.insert(Place::begin(&self.wanted, asking)?);
            place.goes_on()?;
            return place.look(&self.wanted, asking).await;
        };
        let until = Instant::now() + HEARTBEAT;
        loop {
            place.wait(until).await;
            place.goes_on()?;
            let page = place.look(&self.wanted, asking).await?;
            if !page.items.is_empty() || place.looked >= until {
                return Ok(page);
            }
        }
    }
}

/// Where a reader stands.
struct Place {
    /// What was told last, or looked at in vain.
    after: Option<Cursor>,
    /// Told when the tree has grown.
    placed: watch::Receiver<Placed>,
    /// When it last looked, whether that was all that there was, and how long it rests before it looks again.
    looked: Instant,
    caught_up: bool,
    rest: Duration,
}

impl Place {
    fn begin(wanted: &Wanted, asking: &Asking<'_>) -> Result<Self, Error> {
        let after = match wanted.cursor.as_str() {
            "" => None,
            cursor => Some(Cursor::parse(cursor)?),
        };
        let placed = asking.exchange.waiting.subscribe(&asking.call.identity.agency);
        Ok(Self { after, placed, looked: Instant::now(), caught_up: false, rest: REST })
    }

    fn is_ending(&self) -> bool {
        self.placed.borrow().is_ending
    }

    /// Whether the gateway does; a stream is ended where it does not.
    fn goes_on(&self) -> Result<(), Error> {
        if self.is_ending() { Err(Reason::GatewayStopping.into()) } else { Ok(()) }
    }

    /// What there is by now; what was looked at is not looked at again.
    async fn look(&mut self, wanted: &Wanted, asking: &Asking<'_>) -> Result<Changes, Error> {
        self.looked = Instant::now();
        self.placed.mark_unchanged();
        let mut page = wanted.page(asking, self.after).await?;
        if wanted.with_resources {
            resource::show(&mut page.items, asking).await?;
        }
        (self.after, self.caught_up) = (page.next, page.caught_up);
        let in_vain = page.items.is_empty() && page.caught_up;
        self.rest = if in_vain { REST_MAX.min(self.rest * 2) } else { REST };
        Ok(page)
    }

    /// Waits until there may be something, not for longer than this: until the tree has grown, if it was seen to its end, and not
    /// sooner than a rest after the last look.
    async fn wait(&mut self, until: Instant) {
        // Who begins once it was told is not told again.
        if self.caught_up && !self.is_ending() {
            let _ = timeout_at(until, self.placed.changed()).await;
        }
        if !self.is_ending() {
            sleep_until(until.min(self.looked + self.rest)).await;
        }
    }
}

impl Wanted {
    /// What there is by now. One round trip for each part that is looked through.
    async fn page(&self, asking: &Asking<'_>, after: Option<Cursor>) -> Result<Changes, Error> {
        let mut page = Changes { items: Vec::new(), next: after, caught_up: false };
        for _ in 0..PARTS_MAX {
            let question = rows::Changes {
                fingerprint: asking.fingerprint(),
                after: page.next,
                since: self.since,
                entries_max: i32::try_from(self.size.max(ENTRIES_MIN)).unwrap_or(i32::MAX),
            };
            let (caller, part) = asking.ask_as_caller(asking.now(), &question).await?;
            let part = part.ok_or_else(|| Error::internal("a caller without an answer"))?;
            if let Some(cursor) = page.next
                && !part.at_cursor.is_some_and(|leaf| cursor.is_of(&leaf))
            {
                return Err(Reason::CursorUnknown.into());
            }
            let lines = part.entries.iter().flat_map(|told| seen(told, &caller.agency, &self.kinds));
            let (rosters, more) = (Rosters::of(lines, &caller.agency, asking).await?, part.more);
            if self.add(&mut page, &caller, &rosters, part) || !more || page.items.len() == self.size {
                break;
            }
        }
        Ok(page)
    }

    /// Adds the changes of a part; true where the page is full.
    fn add(&self, page: &mut Changes, caller: &Caller, rosters: &Rosters, part: rows::Part) -> bool {
        let done = page.next;
        for told in part.entries {
            for line in rosters.told(seen(&told, &caller.agency, &self.kinds)) {
                if done.is_some_and(|done| done.index == told.index && line.number <= done.line) {
                    continue;
                }
                if page.items.len() == self.size {
                    return true;
                }
                let cursor = Cursor::new(told.index, line.number, &told.leaf);
                page.next = Some(cursor);
                page.items.push(Change {
                    cursor,
                    at: told.entry.recorded_at,
                    effect: line.effect,
                    moment: line.moment,
                    kind: line.kind,
                    name: line.name,
                    version: line.version,
                    entry: told.entry.id,
                    resource: None,
                });
            }
            page.next = Some(Cursor::new(told.index, Cursor::ALL, &told.leaf));
        }
        if !part.more {
            page.next = part.end.map(|(index, leaf)| Cursor::new(index, Cursor::ALL, &leaf));
            page.caught_up = true;
        }
        false
    }
}

/// A line of an entry, as an agency sees it.
pub(super) struct Seen {
    /// Its number, from 0.
    pub number: u32,
    /// What the resource is.
    pub kind: ResourceKind,
    effect: Effect,
    moment: Option<Moment>,
    name: String,
    version: i64,
}

/// The lines of an entry that tell an agency, or everybody, of resources of these kinds; of any where none is named. Places on rosters are
/// among them.
pub(super) fn seen<'a>(
    told: &'a rows::Told,
    agency: &AgencyCode,
    kinds: &'a [ResourceKind],
) -> impl Iterator<Item = Seen> + use<'a> {
    let names = [Reader::Agency(agency.clone()), Reader::Everybody];
    (0..).zip(&told.entry.lines).filter_map(move |(number, line)| {
        let effect = feed::effect(line, &names)?;
        let kind = ResourceKind::of(&line.resource)?;
        let (name, version, moment) = (line.resource.clone(), line.version, told.entry.moment(line));
        let seen = Seen { number, kind, effect, moment, name, version };
        (kinds.is_empty() || kinds.contains(&kind)).then_some(seen)
    })
}
