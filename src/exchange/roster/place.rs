//! Places given up and filled: withdrawn by the prison, and given to who waits by the prison alone. The machine fills
//! nothing: security may have to keep people apart, and only the prison knows.

use std::collections::HashMap;

use super::{RosterAnswer, lock_to_fill, places};
use crate::{
    domain::{
        Fault, Reason,
        batch::BatchMode,
        name::ProgrammeName,
        roster::{Enrolment, EnrolmentRef, EnrolmentState, PromotionReason, RosterPlaces},
    },
    exchange::{
        Bench, Error, Tx,
        batch::{At, Batch, Judge, Judgement, Verdict},
        programme,
    },
    ledger::ChangeKind,
    store,
};

/// The acts of the prison on places of a roster.
pub enum RosterAct {
    /// Takes trainees off. LEFT says nothing more.
    Withdraw,
    /// Confirms who waits, until the programme's half: the next, or another for a reason.
    Promote(Option<PromotionReason>),
}

/// One act on up to 200 places of one roster.
pub struct ActOnEnrolments {
    /// The act.
    pub act: RosterAct,
    /// The programme whose roster it is.
    pub programme: ProgrammeName,
    /// Whether one refused item refuses the batch.
    pub mode: BatchMode,
    /// Reference and etag.
    pub items: Vec<(EnrolmentRef, String)>,
}

/// A roster, read under the lock of its programme.
pub struct RosterContext {
    /// Of the named, those on this roster.
    enrolments: HashMap<EnrolmentRef, Enrolment>,
    places: RosterPlaces,
    /// The places and who waits, the next first, as the items judged so far leave them.
    left: RosterPlaces,
    waiting: Vec<EnrolmentRef>,
}

impl Judge for ActOnEnrolments {
    type Item = (EnrolmentRef, String);
    type Resource = Enrolment;
    type Context = RosterContext;
    const ITEMS: &'static str = "enrolments";

    fn items(&self) -> (BatchMode, &[Self::Item]) {
        (self.mode, &self.items)
    }

    /// Goes by the order of nomination, whatever that of the request: the next who waits comes first.
    fn order(&self, context: &RosterContext) -> Vec<usize> {
        let place = |index: &usize| context.enrolments.get(&self.items[*index].0).map(|one| one.place);
        let mut order: Vec<_> = (0..self.items.len()).collect();
        order.sort_by_key(place);
        order
    }

    fn judge(
        &self,
        _: &Bench<'_>,
        at: &mut At<'_, Self::Item>,
        context: &mut RosterContext,
    ) -> Verdict<Enrolment> {
        let refuse = |fault: Fault| fault.at(at.field("name"));
        let enrolment = at.find(&context.enrolments)?.clone();
        at.match_etag(&enrolment.etag())?;
        let (state, out_of_rank) = match self.act {
            RosterAct::Withdraw => {
                let allowed = [EnrolmentState::Confirmed, EnrolmentState::Waitlisted];
                enrolment.must_be(&allowed).map_err(refuse)?;
                (EnrolmentState::Left, enrolment.out_of_rank)
            }
            RosterAct::Promote(reason) => {
                enrolment.must_be(&[EnrolmentState::Waitlisted]).map_err(refuse)?;
                (EnrolmentState::Confirmed, context.promote(&enrolment, reason).map_err(refuse)?)
            }
        };
        context.left.give_up(enrolment.state);
        let version = enrolment.version + 1;
        let after = Enrolment { state, out_of_rank, version, ..enrolment.clone() };
        Ok(Judgement::Update(enrolment, after))
    }

    fn finish(context: RosterContext, answer: &mut RosterAnswer) {
        answer.places = Some(context.places);
    }
}

impl Batch for ActOnEnrolments {
    async fn load(&self, tx: &mut Tx) -> Result<RosterContext, Error> {
        let (programme, waiting) = match self.act {
            RosterAct::Promote(_) => {
                let programme = lock_to_fill(tx, &self.programme).await?;
                let waiting = store::roster::list_waiting(tx.db(), programme.id).await?;
                (programme, waiting)
            }
            RosterAct::Withdraw => {
                let seen = programme::find(tx, &self.programme).await?;
                store::lock::programme(tx, seen.id).await?;
                (programme::find(tx, &self.programme).await?, Vec::new())
            }
        };
        let (places, _) = places(tx, &programme).await?;
        let names: Vec<_> = self.items.iter().map(|(name, _)| *name).collect();
        let reader = tx.agency().clone();
        let found = store::roster::find(tx.db(), &names, &reader).await?;
        let found = found.into_iter().filter(|enrolment| enrolment.programme == programme.name);
        let enrolments = found.map(|enrolment| (enrolment.reference, enrolment)).collect();
        Ok(RosterContext { enrolments, places, left: places, waiting })
    }

    async fn store(
        &self,
        tx: &mut Tx,
        context: &mut RosterContext,
        good: &[&Enrolment],
    ) -> Result<(), Error> {
        let changed: Vec<_> = good.iter().copied().cloned().collect();
        store::roster::update(tx.db(), &changed).await?;
        for enrolment in &changed {
            tx.changed(ChangeKind::Updated, enrolment);
        }
        context.places = context.left;
        Ok(())
    }
}

impl RosterContext {
    /// Gives one who waits a place, and answers with the reason where others are passed by it. `ROSTER_FULL`,
    /// `OUT_OF_RANK`.
    fn promote(
        &mut self,
        enrolment: &Enrolment,
        reason: Option<PromotionReason>,
    ) -> Result<Option<PromotionReason>, Fault> {
        if self.left.confirmed >= self.left.capacity {
            return Err(Fault::from(Reason::RosterFull).with("capacity", self.left.capacity));
        }
        let jumps = self.waiting.first().copied().filter(|next| *next != enrolment.reference);
        if let (Some(next), None) = (jumps, reason) {
            return Err(Fault::from(Reason::OutOfRank).with("next", next));
        }
        self.waiting.retain(|reference| *reference != enrolment.reference);
        self.left.confirmed += 1;
        Ok(reason.filter(|_| jumps.is_some()))
    }
}
