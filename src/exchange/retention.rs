//! Retention: what is known of a trainee is erased once no course needs it, by the rules of [`crate::domain::retention`], unless the
//! prison has placed a legal hold. It runs outside any call: for the keeper, and for the owner by command.
//!
//! A person is erased in one transaction, under the locks of the programmes: the record, and the digests by which it is found. The
//! salts that could confirm it go in further ones, once everything that was told before is listed; an entry names each. From then on
//! nothing in the database says who it was, while every proof over the ledger holds.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Error, Exchange, Outside, roster};
use crate::{
    domain::{
        AgencyCode,
        retention::{self, Part},
        roster::{EnrolmentRef, TraineeRef},
        trainee::{Record, Trainee},
    },
    ledger::{
        ChangeKind, Entry,
        erasure::{About, about},
        row::{ErasedTraineeRow, SaltRow},
    },
    store::{
        self, Actor, Database, Ended, Origin, Recorder, UnitOfWork,
        erasure::{self as rows, Kept, UnderWay},
        lock,
        trainee::StoredTrainee,
    },
    vault::{Place, Purpose},
};

/// Persons and erasures that are found at a time, and entries whose salts are erased at a time.
const BATCH: i64 = 100;
const ENTRIES: i32 = 100;

/// How far this machine's clock may be ahead of the database's where something is erased for ever.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// What erases.
pub struct Retention {
    database: Database,
    outside: store::Outside,
    actor: Actor,
}

/// A person of whom something is to be erased, or would be.
#[derive(Debug)]
pub struct Due {
    id: Uuid,
    /// The trainee.
    pub trainee: TraineeRef,
    /// The trainee's prison.
    pub prison: AgencyCode,
    /// What is to be erased.
    pub part: Part,
    /// Since when.
    pub since: Timestamp,
    /// Whether a legal hold keeps it.
    pub held: bool,
}

/// Who could not be looked at, or whose salts could not be erased: the person's key, and why.
pub type Failures = Vec<(Uuid, Error)>;

/// What a turn has done.
#[derive(Debug, Default)]
pub struct Turn {
    /// Persons of whom something was erased.
    pub persons: usize,
    /// Whom it could not do.
    pub failed: Failures,
    /// Salts that were erased.
    pub salts: usize,
    /// Erasures whose salts are not all gone.
    pub under_way: usize,
}

impl Due {
    fn new(trainee: StoredTrainee, part: Part, since: Timestamp) -> Self {
        let StoredTrainee { id, reference: trainee, prison, held_since, .. } = trainee;
        Self { id, trainee, prison, part, since, held: held_since.is_some() }
    }
}

impl Exchange {
    /// The gateway's own retention, in the keeper's role.
    pub fn retention(&self) -> Retention {
        Retention::new(self.database.clone(), &self.outside, Actor::Keeper)
    }
}

impl Retention {
    /// Erases as this actor, whose role the database's connections have.
    pub fn new(database: Database, outside: &Outside, actor: Actor) -> Self {
        Self { database, outside: outside.into(), actor }
    }

    /// How far this machine's clock is ahead of the database's, where that is too far for anything to be erased by it.
    pub async fn clock_ahead(&self) -> Result<Option<SignedDuration>, Error> {
        let theirs = store::health::clock(&mut *self.database.look().await?).await?;
        let ahead = self.outside.clock.now().duration_since(theirs);
        Ok(Some(ahead).filter(|ahead| *ahead > AHEAD))
    }

    /// Looks at everybody who has to be looked at, erases what is due, then the salts of what was erased. Each person has a
    /// transaction of its own; one that fails keeps no other from it. Errs where the database does not say who is due.
    pub async fn turn(&self) -> Result<Turn, Error> {
        let (mut turn, mut after) = (Turn::default(), Uuid::nil());
        loop {
            let due = self.transact("trainee.list_due", &ListDue { after }).await?;
            self.erase(&due, false, &mut turn).await;
            match due.last() {
                Some(last) => after = *last,
                None => break,
            }
        }
        self.sweep(&mut turn).await?;
        Ok(turn)
    }

    /// As [`Retention::turn`], of those who were found due, whenever they were to be looked at.
    pub async fn run(&self, due: &[Due]) -> Result<Turn, Error> {
        let mut turn = Turn::default();
        let ids: Vec<_> = due.iter().map(|due| due.id).collect();
        self.erase(&ids, true, &mut turn).await;
        self.sweep(&mut turn).await?;
        Ok(turn)
    }

    async fn erase(&self, ids: &[Uuid], whenever: bool, turn: &mut Turn) {
        for &id in ids {
            match self.transact("trainee.erase", &Erase { id, whenever }).await {
                Ok(erased) => turn.persons += usize::from(erased),
                Err(error) => turn.failed.push((id, error)),
            }
        }
    }

    /// Goes on with every erasure whose salts are not all gone, but for those of persons under a legal hold.
    async fn sweep(&self, turn: &mut Turn) -> Result<(), Error> {
        let mut after = None;
        loop {
            let found = self.transact("salt.list_due", &ListUnderWay { after }).await?;
            for erasure in &found {
                match self.finish(erasure.clone(), &mut turn.salts).await {
                    Ok(true) => {}
                    Ok(false) => turn.under_way += 1,
                    Err(error) => turn.failed.push((erasure.trainee, error)),
                }
            }
            match found.last() {
                Some(last) => after = Some(last.clone()),
                None => return Ok(()),
            }
        }
    }

    /// Erases the salts of one erasure, in as many transactions as it takes. Whether all are gone: not while entries before it are
    /// not listed yet, or there is a legal hold.
    async fn finish(&self, mut erasure: UnderWay, salts: &mut usize) -> Result<bool, Error> {
        loop {
            let swept = self.transact("salt.erase", &Sweep { erasure: erasure.clone() }).await?;
            let Some(Swept { erased, next, is_done }) = swept else { return Ok(false) };
            *salts += erased;
            erasure.next = next;
            if is_done {
                return Ok(true);
            }
        }
    }

    /// Lists everybody of whom something is to be erased by `now`, also where a legal hold keeps it, and whom it could not look at.
    /// Changes nothing. For the owner.
    pub async fn preview(&self, now: Timestamp) -> Result<(Vec<Due>, Failures), Error> {
        let (mut found, mut failed, mut after) = (Vec::new(), Vec::new(), Uuid::nil());
        let mut look = self.database.look().await?;
        loop {
            let persons = rows::list(&mut look, after, BATCH).await?;
            let Some(last) = persons.last() else { break };
            after = last.trainee.id;
            for kept in persons {
                match due(&kept, now, || self.record(&kept.trainee)) {
                    Ok(Some((part, since))) => found.push(Due::new(kept.trainee, part, since)),
                    Ok(None) => {}
                    Err(error) => failed.push((kept.trainee.id, error)),
                }
            }
        }
        found.sort_by(|one, other| {
            (&one.prison, one.since, one.id).cmp(&(&other.prison, other.since, other.id))
        });
        Ok((found, failed))
    }

    /// Has gateways look at nobody before this time. For the owner.
    pub async fn postpone(&self, until: Timestamp) -> Result<u64, Error> {
        self.transact("retention.postpone", &Postpone { until }).await
    }

    /// Opens a record, outside of any transaction.
    fn record(&self, stored: &StoredTrainee) -> Result<Option<Record>, Error> {
        let Some(sealed) = &stored.sealed else { return Ok(None) };
        let keys = self.outside.keys.as_deref();
        let keys = keys.ok_or_else(|| Error::internal("retention without the vault's keys"))?;
        let place = Place { purpose: Purpose::TraineeRecord, row: stored.id.as_bytes() };
        roster::read_record(&keys.open(stored.key_version, &place, sealed)?).map(Some)
    }

    async fn transact<W: UnitOfWork>(&self, name: &'static str, work: &W) -> Result<W::Answer, Error> {
        self.database.transact(Origin::own(self.actor, name, self.outside.clone()), work).await
    }
}

/// What is to be erased of a person, and since when; the record is opened only where the NIK may be due.
fn due(
    kept: &Kept,
    now: Timestamp,
    record: impl FnOnce() -> Result<Option<Record>, Error>,
) -> Result<Option<(Part, Timestamp)>, Error> {
    let Some(ended) = kept.ended.filter(|_| kept.trainee.sealed.is_some()) else { return Ok(None) };
    let part = match retention::due(ended, now) {
        Some(Part::Nik) if record()?.is_none_or(|record| record.nik.is_none()) => None,
        part => part,
    };
    Ok(part.map(|part| (part, part.due(ended))))
}

struct Postpone {
    until: Timestamp,
}

impl UnitOfWork for Postpone {
    type Answer = u64;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<u64>, Error> {
        tx.records_nothing("when to look at somebody next is no change");
        let postponed = rows::postpone(tx.db(), self.until).await?;
        tx.commit(postponed).await
    }
}

struct ListDue {
    after: Uuid,
}

impl UnitOfWork for ListDue {
    type Answer = Vec<Uuid>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let now = tx.now();
        let due = rows::list_due(tx.db(), self.after, now, BATCH).await?;
        tx.discard(due).await
    }
}

/// Looks at one person, and erases what is due. True where something was.
struct Erase {
    id: Uuid,
    /// Also where nobody is to look before a later time.
    whenever: bool,
}

impl UnitOfWork for Erase {
    type Answer = bool;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<bool>, Error> {
        let now = tx.now();
        // It may have been postponed since it was listed, and may not be from here on.
        if !rows::lock_due(tx.db(), self.id, (!self.whenever).then_some(now)).await? {
            return tx.discard(false).await;
        }
        let Some(seen) = rows::find(tx.db(), self.id).await? else { return tx.discard(false).await };
        if self.due(&tx, &seen)?.is_none() {
            tx.records_nothing("when to look at somebody next is no change");
            rows::look_again(tx.db(), self.id, next_look(&seen, now)).await?;
            return tx.commit(false).await;
        }
        // No disclosure under way outlives it, and nothing is decided of the person meanwhile.
        lock::programmes(&mut tx, &seen.programmes).await?;
        let Some(kept) = rows::find(tx.db(), self.id).await? else { return tx.discard(false).await };
        let Some((part, trainee)) = self.due(&tx, &kept)? else { return tx.discard(false).await };
        let locked = &seen.programmes;
        match part {
            Part::Record => erase_record(&mut tx, &kept.trainee, locked).await?,
            Part::Nik => erase_nik(&mut tx, &kept.trainee, trainee, locked).await?,
        }
        let next = if part == Part::Record { Timestamp::MAX } else { next_look(&kept, now) };
        rows::look_again(tx.db(), self.id, next).await?;
        tx.commit(true).await
    }
}

impl Erase {
    /// What is to be erased of a person now, with the person, unless there is a legal hold.
    fn due(&self, tx: &Recorder, kept: &Kept) -> Result<Option<(Part, Option<Trainee>)>, Error> {
        let mut trainee = None;
        let part = due(kept, tx.now(), || {
            trainee = roster::opened(tx, &kept.trainee)?;
            Ok(trainee.as_ref().map(|trainee| trainee.record.clone()))
        })?;
        let part = part.filter(|_| kept.trainee.held_since.is_none());
        Ok(part.map(|(part, _)| (part, trainee)))
    }
}

fn next_look(kept: &Kept, now: Timestamp) -> Timestamp {
    match (&kept.trainee.sealed, kept.ended) {
        (None, _) => Timestamp::MAX,
        (Some(_), ended) => {
            retention::next_look(ended.unwrap_or(now), kept.trainee.held_since.is_some(), now)
        }
    }
}

async fn erase_record(tx: &mut Recorder, stored: &StoredTrainee, locked: &[Uuid]) -> Result<(), Error> {
    let by = (tx.entry_id(), tx.now());
    rows::erase(tx.db(), stored, Part::Record, (stored.key_version, &[]), by, locked).await?;
    let StoredTrainee { reference, prison, version, .. } = stored.clone();
    tx.changed(ChangeKind::Removed, &ErasedTraineeRow { reference, prison, version: version + 1 });
    Ok(())
}

async fn erase_nik(
    tx: &mut Recorder,
    stored: &StoredTrainee,
    trainee: Option<Trainee>,
    locked: &[Uuid],
) -> Result<(), Error> {
    let mut trainee = trainee.ok_or_else(|| Error::internal("a NIK of nobody"))?;
    trainee.record.nik = None;
    trainee.version += 1;
    let (key_version, sealed) = roster::seal(tx, stored.id, &trainee.record).await?;
    let by = (tx.entry_id(), tx.now());
    rows::erase(tx.db(), stored, Part::Nik, (key_version, &sealed), by, locked).await?;
    tx.changed(ChangeKind::Updated, &trainee);
    Ok(())
}

struct ListUnderWay {
    after: Option<UnderWay>,
}

impl UnitOfWork for ListUnderWay {
    type Answer = Vec<UnderWay>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let found = rows::list_under_way(tx.db(), self.after.as_ref(), BATCH).await?;
        tx.discard(found).await
    }
}

/// Erases the salts of the next entries by which an erasure could be undone.
struct Sweep {
    erasure: UnderWay,
}

/// What was swept.
struct Swept {
    erased: usize,
    next: i64,
    is_done: bool,
}

impl UnitOfWork for Sweep {
    type Answer = Option<Swept>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let erasure = &self.erasure;
        // What is told after it knows nothing of what was erased.
        let Some(end) = rows::find_listed(tx.db(), erasure.entry).await? else {
            return tx.discard(None).await;
        };
        let person = rows::find(tx.db(), erasure.trainee).await?;
        let person = person.ok_or_else(|| Error::internal("an erasure of nobody"))?;
        if person.trainee.held_since.is_some() {
            return tx.discard(None).await;
        }
        let (entries, more) = rows::list_confirming(tx.db(), erasure, end, ENTRIES).await?;
        let mut salts = Vec::new();
        for found in &entries {
            let entry = Entry::read(&found.leaf).map_err(Error::internal)?;
            let lines = confirming(&entry, erasure.part, person.trainee.reference, &person.enrolments);
            salts.extend(lines.map(|line| (found.entry, line)));
        }
        let erased = rows::erase_salts(tx.db(), erasure, &salts).await?;
        for &(entry, line) in &erased {
            tx.changed(ChangeKind::Removed, &SaltRow { entry, line });
        }
        if erased.is_empty() {
            // Unless a hold that was placed meanwhile has kept them; where salts were there, it was seen under the person's row.
            let person = rows::find(tx.db(), erasure.trainee).await?;
            if person.is_none_or(|person| person.trainee.held_since.is_some()) {
                return tx.discard(None).await;
            }
            tx.records_nothing("no salt was left there");
        }
        let next = entries.last().filter(|_| more).map_or(end, |last| last.index + 1);
        rows::note(tx.db(), erasure, next, !more).await?;
        tx.commit(Some(Swept { erased: erased.len(), next, is_done: !more })).await
    }
}

/// The lines of an entry by whose salts this part of a person's record could be confirmed.
fn confirming<'a>(
    entry: &'a Entry,
    part: Part,
    trainee: TraineeRef,
    enrolments: &'a [EnrolmentRef],
) -> impl Iterator<Item = i32> + 'a {
    (0..).zip(&entry.lines).filter_map(move |(number, line)| {
        let about = about(line).filter(|about| about.confirms(part))?;
        let is_theirs = match about {
            About::Trainee(named) => named == trainee,
            About::Shown(named, _) => enrolments.contains(&named),
        };
        is_theirs.then_some(number)
    })
}
