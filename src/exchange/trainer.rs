//! Trainers: an agency registers and reads its own.

use super::{
    Error, Tx, Work,
    page::{Page, PageRequest},
    tx::{match_etag, not_found},
};
use crate::{
    domain::{
        Reason,
        access::Relation,
        batch::{Change, ItemOutcome},
        name::TrainerName,
        trainer::{PersonNumber, Profile, Trainer, TrainerStatus},
    },
    ledger::ChangeKind,
    store::trainer as rows,
};

pub struct RegisterTrainer {
    pub name: TrainerName,
    pub profile: Profile,
    pub person_number: Option<PersonNumber>,
}

impl Work for RegisterTrainer {
    type Answer = Change;

    async fn run(&self, tx: &mut Tx) -> Result<Change, Error> {
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
        tx.changed(ChangeKind::Created, &trainer.name, trainer.version, &trainer);
        Ok(tx.change(&trainer.name, trainer.etag(), ItemOutcome::Created))
    }
}

pub struct UpdateTrainer {
    pub name: TrainerName,
    pub etag: String,
    pub profile: Profile,
}

impl Work for UpdateTrainer {
    type Answer = Change;

    async fn run(&self, tx: &mut Tx) -> Result<Change, Error> {
        let reader = tx.agency().clone();
        let trainer = rows::find_for_update(tx.db(), &self.name, &reader).await?;
        let mut trainer = trainer.ok_or_else(|| not_found("trainer"))?;
        tx.permit(&[Relation::Own], "trainer")?;
        match_etag(&self.etag, &trainer.etag())?;
        if trainer.profile == self.profile {
            tx.unchanged();
            return Ok(tx.change(&trainer.name, trainer.etag(), ItemOutcome::Unchanged));
        }
        trainer.profile = self.profile.clone();
        trainer.version += 1;
        rows::update(tx.db(), &trainer).await?;
        tx.changed(ChangeKind::Updated, &trainer.name, trainer.version, &trainer);
        Ok(tx.change(&trainer.name, trainer.etag(), ItemOutcome::Updated))
    }
}

pub struct GetTrainer {
    pub name: TrainerName,
}

impl Work for GetTrainer {
    type Answer = Trainer;

    async fn run(&self, tx: &mut Tx) -> Result<Trainer, Error> {
        let reader = tx.agency().clone();
        rows::find(tx.db(), &self.name, &reader).await?.ok_or_else(|| not_found("trainer"))
    }
}

pub struct ListTrainers {
    pub status: Option<TrainerStatus>,
    pub page: PageRequest,
}

impl Work for ListTrainers {
    type Answer = Page<Trainer>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let after = self.page.after::<1>(tx)?;
        let after = after.as_ref().map(|[reference]| reference.as_str());
        let reader = tx.agency().clone();
        let found = rows::list(tx.db(), &reader, self.status, after, self.page.limit()).await?;
        Ok(self.page.page(tx, found, |trainer| [trainer.name.id.clone()]))
    }
}
