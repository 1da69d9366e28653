//! What the prison changes of a person: the record, and whether partners see it. The programmes of the person are
//! locked, so that no disclosure under way outlives the answer.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{opened, seal};
use crate::{
    domain::{
        Fault, Reason, Violation,
        access::Relation,
        batch::{ItemOutcome, MutationAnswer},
        roster::TraineeRef,
        trainee::{NumberKind, Record, Trainee},
    },
    exchange::{
        Error, Tx, Work,
        tx::{match_etag, not_found},
    },
    ledger::{ChangeKind, row::LegalHoldRow},
    store::{self, trainee::StoredTrainee},
};

/// The answer to a change of a person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TraineeAnswer {
    /// The name, the etag and the outcome.
    pub change: MutationAnswer,
    /// What is legal and unwise.
    pub warnings: Vec<Violation>,
}

/// Changes what is known of a person.
pub struct UpdateTrainee {
    /// The person's reference.
    pub name: TraineeRef,
    /// The etag that the caller saw.
    pub etag: String,
    /// The record as it shall be.
    pub record: Record,
}

impl Work for UpdateTrainee {
    type Answer = TraineeAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<TraineeAnswer, Error> {
        let (stored, mut trainee) = load(tx, &self.name, &self.etag).await?;
        if trainee.record == self.record {
            tx.unchanged();
            let change = tx.change(self.name, trainee.etag(), ItemOutcome::Unchanged);
            return Ok(TraineeAnswer { change, warnings: Vec::new() });
        }
        let warnings = self.number(tx, &trainee).await?;
        trainee.record = self.record.clone();
        trainee.version += 1;
        let (key_version, sealed) = seal(tx, trainee.id, &self.record).await?;
        let stored = StoredTrainee { key_version, sealed: Some(sealed), version: trainee.version, ..stored };
        store::trainee::update_record(tx.db(), &stored).await?;
        Ok(TraineeAnswer { change: told(tx, &trainee), warnings })
    }
}

impl UpdateTrainee {
    /// Gives the person the digests of the new numbers. `REGISTER_NUMBER_IN_USE`; warns of a NIK that is another's.
    async fn number(&self, tx: &mut Tx, trainee: &Trainee) -> Result<Vec<Violation>, Error> {
        let key = tx.vault().await?.digest;
        let prison = tx.agency().clone();
        let digest = |number: NumberKind, value: &Zeroizing<String>| {
            tx.outside().keys.person_digest(key, number.as_str(), prison.as_str(), value).map_err(Error::from)
        };
        let register = digest(NumberKind::Register, &self.record.register_number.normalised())?;
        let nik = self.record.nik.as_ref().map(|nik| Zeroizing::new(nik.digits().to_owned()));
        let nik = nik.map(|nik| digest(NumberKind::Nik, &nik)).transpose()?;
        let others =
            |found: Vec<([u8; 32], StoredTrainee)>| found.iter().any(|(_, other)| other.id != trainee.id);
        let found =
            store::trainee::find_by_digests(tx.db(), &prison, NumberKind::Register, key, &[register]).await?;
        if others(found) {
            return Err(Fault::from(Reason::RegisterNumberInUse).into());
        }
        let nik: Vec<_> = nik.into_iter().collect();
        let found = store::trainee::find_by_digests(tx.db(), &prison, NumberKind::Nik, key, &nik).await?;
        let collides = others(found);
        store::trainee::delete_digests(tx.db(), trainee.id).await?;
        let register = [(trainee.id, register)];
        store::trainee::insert_digests(tx.db(), &prison, NumberKind::Register, key, &register).await?;
        let nik: Vec<_> = nik.into_iter().map(|digest| (trainee.id, digest)).collect();
        store::trainee::insert_digests(tx.db(), &prison, NumberKind::Nik, key, &nik).await?;
        let warning = || Fault::from(Reason::IdentityCollision).at("profile.nik");
        Ok(if collides { vec![warning()] } else { Vec::new() })
    }
}

/// Withholds a person from every partner, whatever an agreement says.
pub struct WithholdTrainee {
    /// The person's reference.
    pub name: TraineeRef,
    /// The etag that the caller saw.
    pub etag: String,
}

impl Work for WithholdTrainee {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        withhold(tx, &self.name, &self.etag, true).await
    }
}

/// Lifts the withholding.
pub struct LiftWithholding {
    /// The person's reference.
    pub name: TraineeRef,
    /// The etag that the caller saw.
    pub etag: String,
}

impl Work for LiftWithholding {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        withhold(tx, &self.name, &self.etag, false).await
    }
}

async fn withhold(
    tx: &mut Tx,
    name: &TraineeRef,
    etag: &str,
    withheld: bool,
) -> Result<MutationAnswer, Error> {
    let (_, mut trainee) = load(tx, name, etag).await?;
    if trainee.withheld == withheld {
        tx.unchanged();
        return Ok(tx.change(name, trainee.etag(), ItemOutcome::Unchanged));
    }
    trainee.withheld = withheld;
    trainee.version += 1;
    store::trainee::update_withheld(tx.db(), trainee.id, withheld, trainee.version).await?;
    Ok(told(tx, &trainee))
}

/// Places a legal hold: nothing of the person is erased before it is lifted.
pub struct PlaceLegalHold {
    /// The person's reference.
    pub name: TraineeRef,
    /// The etag that the caller saw.
    pub etag: String,
}

impl Work for PlaceLegalHold {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        hold(tx, &self.name, &self.etag, true).await
    }
}

/// Lifts a legal hold.
pub struct LiftLegalHold {
    /// The person's reference.
    pub name: TraineeRef,
    /// The etag that the caller saw.
    pub etag: String,
}

impl Work for LiftLegalHold {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        hold(tx, &self.name, &self.etag, false).await
    }
}

/// A hold is a resource of its own: the trainee's version and etag stay as they are.
async fn hold(tx: &mut Tx, name: &TraineeRef, etag: &str, held: bool) -> Result<MutationAnswer, Error> {
    let (stored, trainee) = load(tx, name, etag).await?;
    if stored.held_since.is_some() == held {
        tx.unchanged();
        return Ok(tx.change(name, trainee.etag(), ItemOutcome::Unchanged));
    }
    let hold = |(id, since), version| {
        let prison = stored.prison.clone();
        LegalHoldRow { id, trainee: *name, prison, since, version }
    };
    if held {
        let hold = hold((tx.uuid(), tx.now()), 1);
        store::trainee::insert_hold(tx.db(), trainee.id, &hold).await?;
        tx.changed(ChangeKind::Created, &hold);
    } else {
        let hold = hold(store::trainee::delete_hold(tx.db(), trainee.id).await?, 2);
        tx.changed(ChangeKind::Removed, &hold);
    }
    Ok(tx.change(name, trainee.etag(), ItemOutcome::Updated))
}

/// The caller's own person, read under the locks of the programmes on whose rosters it is.
async fn load(tx: &mut Tx, name: &TraineeRef, etag: &str) -> Result<(StoredTrainee, Trainee), Error> {
    let prison = tx.agency().clone();
    let seen = store::trainee::find(tx.db(), name, &prison).await?.ok_or_else(|| not_found("trainee"))?;
    tx.permit(&[Relation::Own], "trainee")?;
    let locked = store::roster::list_programmes_of(tx.db(), seen.id).await?;
    store::lock::programmes(tx, &locked).await?;
    // Who nominates the person for another programme has the row too.
    store::trainee::lock(tx.db(), &[seen.id]).await?;
    let programmes = store::roster::list_programmes_of(tx.db(), seen.id).await?;
    if programmes.iter().any(|programme| !locked.contains(programme)) {
        return Err(Error::Lost("the person was nominated elsewhere while we waited".to_owned()));
    }
    let stored = store::trainee::find(tx.db(), name, &prison).await?.ok_or_else(|| not_found("trainee"))?;
    // Of whom everything is erased, there is nothing to change.
    let trainee = opened(tx, &stored)?.ok_or_else(|| not_found("trainee"))?;
    match_etag(etag, &trainee.etag())?;
    Ok((stored, trainee))
}

fn told(tx: &mut Tx, trainee: &Trainee) -> MutationAnswer {
    tx.changed(ChangeKind::Updated, trainee);
    tx.change(trainee.reference, trainee.etag(), ItemOutcome::Updated)
}
