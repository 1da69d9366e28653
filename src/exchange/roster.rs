//! Rosters: nominated by the prison, read by it and, as far as the agreement lets it, by the lead agency.
//!
//! `nominate.rs` and `place.rs` (withdraw, promote) change who is on one, `trainee.rs` what is known of a person,
//! `read.rs` shows them. A record is opened here and nowhere else; what is shown of it stands in the ledger before
//! the answer leaves.

mod nominate;
mod place;
mod read;
mod trainee;

use uuid::Uuid;

pub use nominate::{NominateTrainees, Nomination};
pub use place::{ActOnEnrolments, RosterAct};
pub use read::{
    FoundEnrolment, GetEnrolment, GetRosterCounts, ListRoster, PrisonRecord, SeenEnrolment, SeenRoster,
};
pub use trainee::{
    LiftLegalHold, LiftWithholding, PlaceLegalHold, TraineeAnswer, UpdateTrainee, WithholdTrainee,
};

use super::{
    Error, Tx,
    batch::{BatchAnswer, Resource},
    programme,
};
use crate::{
    domain::{
        Reason,
        access::DataKind,
        name::ProgrammeName,
        outside::Entropy,
        programme::Programme,
        roster::{Enrolment, EnrolmentRef, EnrolmentState, RosterPlaces},
        trainee::{Record, Trainee},
    },
    store::{self, Recorder, trainee::StoredTrainee},
    vault::{Place, Purpose},
};

/// The answer to a batch on a roster. It is remembered, and so it holds references and no person.
pub type RosterAnswer = BatchAnswer<EnrolmentRef, EnrolmentState>;

impl Resource for Enrolment {
    type Name = EnrolmentRef;
    type State = EnrolmentState;
    const NOUN: &'static str = "enrolment";

    fn told(&self) -> (EnrolmentRef, EnrolmentState, String) {
        (self.reference, self.state, self.etag())
    }
}

/// Finds the programme whose places are to be filled: locked, behind the gate, open, and before its half.
/// `PROGRAMME_PAST_HALFWAY` once session ⌈n/2⌉ has started.
async fn lock_to_fill(tx: &mut Tx, name: &ProgrammeName) -> Result<Programme, Error> {
    let seen = programme::find(tx, name).await?;
    store::lock::agreements_shared(tx, &[seen.agreement_id]).await?;
    store::lock::programme(tx, seen.id).await?;
    let programme = programme::find(tx, name).await?;
    programme::must_rest_on(&programme, seen.agreement_id)?;
    programme::pass(tx, &programme, Some(DataKind::Roster)).await?;
    programme.must_be_open()?;
    let half = store::roster::find_halfway(tx.db(), programme.id).await?;
    if half.is_some_and(|start| start <= tx.now()) {
        return Err(Reason::ProgrammePastHalfway.into());
    }
    Ok(programme)
}

/// Counts the places of a programme whose lock is held, and the last place in the order of nomination.
async fn places(tx: &mut Tx, programme: &Programme) -> Result<(RosterPlaces, i32), Error> {
    let now = tx.now();
    let count = store::roster::count(tx.db(), programme.id).await?;
    let room = store::facility::smallest_booked(tx.db(), programme.id, now).await?;
    let capacity = room.map_or(programme.plan.capacity, |room| room.min(programme.plan.capacity));
    let places = RosterPlaces { capacity, confirmed: count.confirmed, waitlisted: count.waitlisted };
    Ok((places, count.last_place))
}

/// Opens a record: for the prison's own comparisons, to be shown, or to be sealed without a part.
fn open(tx: &Recorder, trainee: Uuid, key_version: i32, sealed: &[u8]) -> Result<Record, Error> {
    let place = Place { purpose: Purpose::TraineeRecord, row: trainee.as_bytes() };
    read_record(&tx.open(key_version, &place, sealed)?)
}

/// Reads a record that is open.
pub(super) fn read_record(plain: &[u8]) -> Result<Record, Error> {
    // The error would quote what it met.
    serde_json::from_slice(plain).map_err(|_| Error::internal("a sealed record does not read"))
}

/// Opens a person; `None` where the record is erased.
pub(super) fn opened(tx: &Recorder, stored: &StoredTrainee) -> Result<Option<Trainee>, Error> {
    let Some(sealed) = &stored.sealed else { return Ok(None) };
    Ok(Some(Trainee {
        id: stored.id,
        reference: stored.reference,
        prison: stored.prison.clone(),
        record: open(tx, stored.id, stored.key_version, sealed)?,
        withheld: stored.withheld,
        version: stored.version,
    }))
}

/// Seals a record with the active key. After every other lock of the transaction.
pub(super) async fn seal(tx: &mut Recorder, trainee: Uuid, record: &Record) -> Result<(i32, Vec<u8>), Error> {
    let plain =
        zeroize::Zeroizing::new(serde_json::to_vec(record).map_err(|_| Error::internal("no record"))?);
    tx.seal(&Place { purpose: Purpose::TraineeRecord, row: trainee.as_bytes() }, &plain).await
}

/// A random key for a row: one of the time would tell when a person was nominated.
fn random_uuid(entropy: &dyn Entropy) -> Uuid {
    let mut bits = [0; 16];
    entropy.fill(&mut bits);
    uuid::Builder::from_random_bytes(bits).into_uuid()
}
