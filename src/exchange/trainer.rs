//! Trainers: an agency registers and reads its own.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Asking, Error, Read, Tx, Work,
    facility::Unconfirming,
    page::{Page, PageRequest},
    schedule::unconfirm,
    tx::{match_etag, not_found},
};
use crate::{
    domain::{
        Fault, Reason,
        access::Relation,
        assignment::BookedAssignment,
        batch::{ItemOutcome, MutationAnswer},
        claim::{self, Claim, Registration},
        name::{SessionName, TrainerName},
        trainer::{
            Competence, Lending, PersonKeys, PersonNumbers, Profile, RegistrationState, Trainer,
            TrainerStatus,
        },
    },
    ledger::ChangeKind,
    store::{self, trainer as rows},
};

/// Registers a trainer of the caller's.
pub struct RegisterTrainer {
    /// The trainer's name.
    pub name: TrainerName,
    /// The trainer as it shall be.
    pub profile: Profile,
    /// The person's numbers, of which only keyed digests are stored; without them the person is nobody else.
    pub numbers: Option<PersonNumbers>,
}

/// The answer to a registration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registered {
    /// The name, the etag and the outcome.
    #[serde(flatten)]
    pub change: MutationAnswer,
    /// Whether the person is confirmed; `None` for a dry run, so that nobody goes through numbers without a trace.
    #[serde(default)]
    pub registration: Option<RegistrationState>,
}

impl Work for RegisterTrainer {
    type Answer = Registered;

    /// Locks the person by the numbers, so that of two agencies that register one person at once one is the first.
    async fn run(&self, tx: &mut Tx) -> Result<Registered, Error> {
        tx.must_own(&self.name.agency)?;
        let reader = tx.agency().clone();
        if rows::find(tx.db(), &self.name, &reader).await?.is_some() {
            return Err(Reason::TrainerExists.into());
        }
        check_lending(tx, &self.profile.lending).await?;
        let (keys, held) = self.identify(tx).await?;
        let trainer = Trainer {
            id: tx.uuid(),
            name: self.name.clone(),
            profile: self.profile.clone(),
            registration: match held {
                Some(_) => RegistrationState::Pending,
                None => RegistrationState::Confirmed,
            },
            version: 1,
            created_at: tx.now(),
        };
        rows::insert(tx.db(), &trainer, &keys).await?;
        tx.changed(ChangeKind::Created, &trainer);
        if let Some(held) = held {
            let claim = Claim::new(tx.uuid(), &trainer, held);
            store::claim::insert(tx.db(), &claim).await?;
            tx.changed(ChangeKind::Created, &claim);
        }
        let change = tx.change(&trainer.name, trainer.etag(), ItemOutcome::Created);
        Ok(Registered { change, registration: (!tx.validates_only()).then_some(trainer.registration) })
    }
}

impl RegisterTrainer {
    /// Makes the keys of the person, and finds the registration of another agency that is in the way of them: then the
    /// trainer is booked by a key of its own.
    async fn identify(&self, tx: &mut Tx) -> Result<(PersonKeys, Option<Registration>), Error> {
        let mut random = [0; 32];
        tx.outside().entropy.fill(&mut random);
        let Some(PersonNumbers { nik, nip }) = &self.numbers else {
            return Ok((PersonKeys { booking: random, nik: None, nip: None }, None));
        };
        let key = |digits| tx.outside().keys.booking_key(digits);
        let (nik, nip) = (key(nik.digits()), nip.as_ref().map(|nip| key(nip.digits())));
        let numbers: Vec<_> = std::iter::once(nik).chain(nip).collect();
        store::lock::persons(tx, &numbers).await?;
        let earlier = store::claim::list_registrations(tx.db(), &numbers).await?;
        let held = claim::find_holder(&earlier, tx.agency()).cloned();
        let known = earlier.iter().find(|one| one.name.agency == *tx.agency());
        let booking = match &held {
            Some(_) => random,
            None => known.map_or(nik, |known| known.booking_key),
        };
        Ok((PersonKeys { booking, nik: Some(nik), nip }, held))
    }
}

/// Changes a trainer; sessions that the trainer may not lead any more are TENTATIVE again.
pub struct UpdateTrainer {
    /// The trainer's name.
    pub name: TrainerName,
    /// The etag that the caller saw.
    pub etag: String,
    /// The trainer as it shall be.
    pub profile: Profile,
}

impl Work for UpdateTrainer {
    type Answer = Unconfirming;

    /// Locks the programmes that the trainer leads sessions of, then the person: no push and no confirmation goes by
    /// what the trainer could do before.
    async fn run(&self, tx: &mut Tx) -> Result<Unconfirming, Error> {
        let (reader, now) = (tx.agency().clone(), tx.now());
        let seen = rows::find(tx.db(), &self.name, &reader).await?.ok_or_else(|| not_found("trainer"))?;
        tx.permit(&[Relation::Own], "trainer")?;
        let led = store::assignment::list_led(tx.db(), seen.id, now).await?;
        let locked = programmes_of(tx, &led).await?;
        store::lock::programmes(tx, &locked).await?;
        let person = rows::find_booking_key(tx.db(), seen.id).await?;
        store::lock::persons(tx, &[person]).await?;
        if rows::find_booking_key(tx.db(), seen.id).await? != person {
            return Err(Error::Lost("the trainer was confirmed to be another's while we waited".to_owned()));
        }
        let trainer = rows::find(tx.db(), &self.name, &reader).await?;
        let mut trainer = trainer.ok_or_else(|| not_found("trainer"))?;
        match_etag(&self.etag, &trainer.etag())?;
        if trainer.profile == self.profile {
            tx.unchanged();
            let change = tx.change(&trainer.name, trainer.etag(), ItemOutcome::Unchanged);
            return Ok(Unconfirming { change, unconfirmed: Vec::new() });
        }
        check_lending(tx, &self.profile.lending).await?;
        trainer.profile = self.profile.clone();
        trainer.version += 1;
        rows::update(tx.db(), &trainer).await?;
        tx.changed(ChangeKind::Updated, &trainer);
        let led = store::assignment::list_led(tx.db(), trainer.id, now).await?;
        if programmes_of(tx, &led).await?.iter().any(|programme| !locked.contains(programme)) {
            return Err(Error::Lost("a session was confirmed while we waited for the trainer".to_owned()));
        }
        let unconfirmed = unconfirm_unfit(tx, &led).await?;
        Ok(Unconfirming {
            change: tx.change(&trainer.name, trainer.etag(), ItemOutcome::Updated),
            unconfirmed,
        })
    }
}

/// Refuses agencies that are not registered: `AGENCY_UNKNOWN`.
async fn check_lending(tx: &mut Tx, lending: &Lending) -> Result<(), Error> {
    let codes: Vec<_> = lending.to.iter().cloned().collect();
    if codes.is_empty() {
        return Ok(());
    }
    let known = store::agency::find_all(tx.db(), &codes).await?;
    match codes.iter().find(|code| known.iter().all(|agency| agency.code != **code)) {
        Some(unknown) => Err(Fault::from(Reason::AgencyUnknown).with("agency", unknown).into()),
        None => Ok(()),
    }
}

async fn programmes_of(tx: &mut Tx, held: &[BookedAssignment]) -> Result<Vec<Uuid>, Error> {
    let sessions: Vec<_> = held.iter().map(|held| held.session).collect();
    store::schedule::list_programmes_of(tx.db(), &sessions).await
}

/// Makes confirmed sessions TENTATIVE again that the trainer leads and may not lead any more.
async fn unconfirm_unfit(tx: &mut Tx, led: &[BookedAssignment]) -> Result<Vec<SessionName>, Error> {
    let ids: Vec<_> = led.iter().map(|held| held.id).collect();
    let summaries = store::assignment::list_trainer_summaries(tx.db(), &ids).await?;
    let sessions: Vec<_> = led.iter().map(|held| held.session).collect();
    let mut sessions = store::schedule::find_by_ids(tx.db(), &sessions).await?;
    sessions.retain(|session| {
        let lead = led.iter().find(|held| held.session == session.id);
        let summary = lead.and_then(|held| summaries.get(&held.id));
        let fits = |competence: &Competence| session.day().is_some_and(|day| competence.holds_on(day));
        !summary.is_some_and(|summary| summary.competences.iter().any(fits))
    });
    unconfirm(tx, sessions).await
}

/// Finds one of the caller's trainers.
pub struct GetTrainer {
    /// The trainer's name.
    pub name: TrainerName,
}

impl Read for GetTrainer {
    type Answer = Trainer;

    async fn find(&self, asking: &Asking<'_>) -> Result<Trainer, Error> {
        let question = rows::One { fingerprint: asking.fingerprint(), name: &self.name };
        let (_, found) = asking.ask_as_caller(asking.now(), &question).await?;
        found.ok_or_else(|| not_found("trainer"))
    }
}

/// Lists the caller's trainers, by reference.
pub struct ListTrainers {
    /// The status of the trainers; `None` for all.
    pub status: Option<TrainerStatus>,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Read for ListTrainers {
    type Answer = Page<Trainer>;

    async fn find(&self, asking: &Asking<'_>) -> Result<Self::Answer, Error> {
        let after = self.page.after(asking, |[reference]| Some(reference));
        let question = rows::List {
            fingerprint: asking.fingerprint(),
            status: self.status,
            after: after.as_ref().ok().and_then(Option::as_deref),
            limit: self.page.limit(),
        };
        let (_, found) = asking.ask_as_caller(asking.now(), &question).await?;
        after?;
        Ok(self.page.page(asking, found, |trainer| [trainer.name.id.clone()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers are remembered for 30 days: one of a gateway of before reads here, and one of this gateway reads there.
    #[test]
    fn remembered_answers_read_on_either_side_of_the_change() {
        let change = MutationAnswer {
            name: "agencies/blk-kepri/trainers/t1".to_owned(),
            etag: "0123456789abcdef".to_owned(),
            outcome: ItemOutcome::Created,
            entry: Some(Uuid::nil()),
        };
        let before = serde_json::to_value(&change).unwrap();
        let read: Registered = serde_json::from_value(before).unwrap();
        assert_eq!((&read.change, read.registration), (&change, None));
        let now = Registered { change: change.clone(), registration: Some(RegistrationState::Pending) };
        let now = serde_json::to_value(&now).unwrap();
        assert_eq!(
            serde_json::from_value::<Registered>(now.clone()).unwrap().registration,
            Some(RegistrationState::Pending)
        );
        assert_eq!(serde_json::from_value::<MutationAnswer>(now).unwrap(), change);
    }
}
