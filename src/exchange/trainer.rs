//! Trainers: an agency registers and reads its own.

use uuid::Uuid;

use super::{
    Error, Tx, Work,
    facility::Unconfirming,
    page::{Page, PageRequest},
    schedule::unconfirm,
    tx::{match_etag, not_found},
};
use crate::{
    domain::{
        Reason,
        access::Relation,
        assignment::BookedAssignment,
        batch::{ItemOutcome, MutationAnswer},
        name::{SessionName, TrainerName},
        trainer::{PersonNumber, Profile, Trainer, TrainerStatus},
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
    /// NIP or NIK, of which only a keyed digest is stored; without one the person is nobody else.
    pub person_number: Option<PersonNumber>,
}

impl Work for RegisterTrainer {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        tx.must_own(&self.name.agency)?;
        let reader = tx.agency().clone();
        if rows::find(tx.db(), &self.name, &reader).await?.is_some() {
            return Err(Reason::TrainerExists.into());
        }
        let trainer = Trainer {
            id: tx.uuid(),
            name: self.name.clone(),
            profile: self.profile.clone(),
            version: 1,
            created_at: tx.now(),
        };
        let booking_key = match &self.person_number {
            Some(number) => tx.outside().keys.booking_key(number.digits()),
            None => {
                let mut random = [0; 32];
                tx.outside().entropy.fill(&mut random);
                random
            }
        };
        rows::insert(tx.db(), &trainer, &booking_key).await?;
        tx.changed(ChangeKind::Created, &trainer);
        Ok(tx.change(&trainer.name, trainer.etag(), ItemOutcome::Created))
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
        store::lock::persons(tx.db(), &[person]).await?;
        let trainer = rows::find(tx.db(), &self.name, &reader).await?;
        let mut trainer = trainer.ok_or_else(|| not_found("trainer"))?;
        match_etag(&self.etag, &trainer.etag())?;
        if trainer.profile == self.profile {
            tx.unchanged();
            let change = tx.change(&trainer.name, trainer.etag(), ItemOutcome::Unchanged);
            return Ok(Unconfirming { change, unconfirmed: Vec::new() });
        }
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
        !summary.is_some_and(|summary| {
            summary.competences.iter().any(|competence| competence.holds_on(session.day()))
        })
    });
    unconfirm(tx, sessions).await
}

/// Finds one of the caller's trainers.
pub struct GetTrainer {
    /// The trainer's name.
    pub name: TrainerName,
}

impl Work for GetTrainer {
    type Answer = Trainer;

    async fn run(&self, tx: &mut Tx) -> Result<Trainer, Error> {
        let reader = tx.agency().clone();
        rows::find(tx.db(), &self.name, &reader).await?.ok_or_else(|| not_found("trainer"))
    }
}

/// Lists the caller's trainers, by reference.
pub struct ListTrainers {
    /// The status of the trainers; `None` for all.
    pub status: Option<TrainerStatus>,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Work for ListTrainers {
    type Answer = Page<Trainer>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let after = self.page.after(tx, |[reference]| Some(reference))?;
        let reader = tx.agency().clone();
        let found = rows::list(tx.db(), &reader, self.status, after.as_deref(), self.page.limit()).await?;
        Ok(self.page.page(tx, found, |trainer| [trainer.name.id.clone()]))
    }
}
