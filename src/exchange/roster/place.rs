//! Places given up and filled: withdrawn by the prison, and given to who waits by the prison alone. The machine fills
//! nothing: security may have to keep people apart, and only the prison knows.

use std::collections::HashMap;

use super::{EnrolmentAnswer, RosterAnswer, lock_to_fill, places};
use crate::{
    domain::{
        Fault, Reason, Violation,
        batch::{BatchMode, BatchOutcome, ItemOutcome},
        name::ProgrammeName,
        programme::Programme,
        roster::{Enrolment, EnrolmentRef, EnrolmentState, PromotionReason, RosterPlaces},
    },
    exchange::{Error, Tx, Work, batch::Items, programme},
    ledger::ChangeKind,
    store,
};

/// Takes trainees off a roster. LEFT says nothing more.
pub struct WithdrawEnrolments {
    pub programme: ProgrammeName,
    pub mode: BatchMode,
    /// Reference and etag; at most 200.
    pub items: Vec<(EnrolmentRef, String)>,
}

impl Work for WithdrawEnrolments {
    type Answer = RosterAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<RosterAnswer, Error> {
        let seen = programme::find(tx, &self.programme).await?;
        store::lock::programme(tx.db(), seen.id).await?;
        let programme = programme::find(tx, &self.programme).await?;
        let enrolments = load(tx, &programme, &self.items).await?;
        let withdraw = |index: usize| -> Result<Enrolment, Violation> {
            let enrolment = judge(&self.items, index, &enrolments)?;
            let allowed = [EnrolmentState::Confirmed, EnrolmentState::Waitlisted];
            enrolment.must_be(&allowed).map_err(|fault| fault.at(name_at(index)))?;
            Ok(moved(enrolment, EnrolmentState::Left, enrolment.out_of_rank))
        };
        let judged = (0..self.items.len()).map(withdraw).collect();
        finish(tx, &programme, self.mode, &enrolments, &self.items, judged).await
    }
}

/// Confirms who waits, until the programme's half.
pub struct PromoteEnrolments {
    pub programme: ProgrammeName,
    pub mode: BatchMode,
    /// Reference and etag; at most 200.
    pub items: Vec<(EnrolmentRef, String)>,
    pub out_of_rank: Option<PromotionReason>,
}

impl Work for PromoteEnrolments {
    type Answer = RosterAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<RosterAnswer, Error> {
        let programme = lock_to_fill(tx, &self.programme).await?;
        let (places, _) = places(tx, &programme).await?;
        let enrolments = load(tx, &programme, &self.items).await?;
        let waiting = store::roster::list_waiting(tx.db(), programme.id).await?;
        let judged = self.judge_all(&enrolments, waiting, places);
        finish(tx, &programme, self.mode, &enrolments, &self.items, judged).await
    }
}

impl PromoteEnrolments {
    /// Each in the order of nomination, whatever that of the request: the next who waits, or another with a reason,
    /// as long as there are places.
    fn judge_all(
        &self,
        enrolments: &HashMap<EnrolmentRef, Enrolment>,
        mut waiting: Vec<EnrolmentRef>,
        mut places: RosterPlaces,
    ) -> Vec<Judged> {
        let place = |index: &usize| enrolments.get(&self.items[*index].0).map(|enrolment| enrolment.place);
        let mut order: Vec<_> = (0..self.items.len()).collect();
        order.sort_by_key(place);
        let mut judged: Vec<_> = order
            .into_iter()
            .map(|index| (index, self.judge_one(index, enrolments, &mut waiting, &mut places)))
            .collect();
        judged.sort_by_key(|(index, _)| *index);
        judged.into_iter().map(|(_, judged)| judged).collect()
    }

    fn judge_one(
        &self,
        index: usize,
        enrolments: &HashMap<EnrolmentRef, Enrolment>,
        waiting: &mut Vec<EnrolmentRef>,
        places: &mut RosterPlaces,
    ) -> Judged {
        let enrolment = judge(&self.items, index, enrolments)?;
        let refuse = |fault: Fault| fault.at(name_at(index));
        enrolment.must_be(&[EnrolmentState::Waitlisted]).map_err(refuse)?;
        if places.confirmed >= places.capacity {
            return Err(refuse(Fault::from(Reason::RosterFull).with("capacity", places.capacity)));
        }
        let next = waiting.first().copied();
        let jumps = next.filter(|next| *next != enrolment.reference);
        if let (Some(next), None) = (jumps, self.out_of_rank) {
            return Err(refuse(Fault::from(Reason::OutOfRank).with("next", next)));
        }
        waiting.retain(|reference| *reference != enrolment.reference);
        places.confirmed += 1;
        Ok(moved(enrolment, EnrolmentState::Confirmed, self.out_of_rank.filter(|_| jumps.is_some())))
    }
}

type Judged = Result<Enrolment, Violation>;

/// The path of an item's name.
fn name_at(index: usize) -> String {
    format!("enrolments[{index}].name")
}

fn moved(enrolment: &Enrolment, state: EnrolmentState, out_of_rank: Option<PromotionReason>) -> Enrolment {
    Enrolment { state, out_of_rank, version: enrolment.version + 1, ..enrolment.clone() }
}

/// The enrolments of this programme among the named.
async fn load(
    tx: &mut Tx,
    programme: &Programme,
    items: &[(EnrolmentRef, String)],
) -> Result<HashMap<EnrolmentRef, Enrolment>, Error> {
    let names: Vec<_> = items.iter().map(|(name, _)| *name).collect();
    let reader = tx.agency().clone();
    let found = store::roster::find(tx.db(), &names, &reader).await?;
    let found = found.into_iter().filter(|enrolment| enrolment.programme == programme.name);
    Ok(found.map(|enrolment| (enrolment.reference, enrolment)).collect())
}

/// The enrolment of an item: known, named once, with the etag that holds.
fn judge<'e>(
    items: &[(EnrolmentRef, String)],
    index: usize,
    enrolments: &'e HashMap<EnrolmentRef, Enrolment>,
) -> Result<&'e Enrolment, Violation> {
    let items = Items { field: "enrolments", resource: "enrolment", items };
    let enrolment = items.find(index, enrolments)?;
    items.match_etag(index, &enrolment.etag())?;
    Ok(enrolment)
}

/// Stores what is good, or nothing, and answers.
async fn finish(
    tx: &mut Tx,
    programme: &Programme,
    mode: BatchMode,
    before: &HashMap<EnrolmentRef, Enrolment>,
    items: &[(EnrolmentRef, String)],
    judged: Vec<Judged>,
) -> Result<RosterAnswer, Error> {
    let refused = judged.iter().filter(|judged| judged.is_err()).count();
    let outcome = BatchOutcome::of(mode, judged.len() - refused, 0, refused);
    let rejected = outcome == BatchOutcome::Rejected;
    if rejected {
        tx.unchanged();
    } else {
        let changed: Vec<_> = judged.iter().flatten().cloned().collect();
        store::roster::update(tx.db(), &changed).await?;
        for enrolment in &changed {
            tx.changed(ChangeKind::Updated, enrolment);
        }
    }
    let items = judged.into_iter().zip(items).map(|(judged, (name, _))| match judged {
        Ok(_) if rejected => EnrolmentAnswer::stored(&before[name], ItemOutcome::NotStored),
        Ok(enrolment) => EnrolmentAnswer::stored(&enrolment, ItemOutcome::Updated),
        Err(error) => {
            EnrolmentAnswer { name: Some(*name), ..EnrolmentAnswer::bare(ItemOutcome::Rejected, vec![error]) }
        }
    });
    let items = items.collect();
    let (places, _) = places(tx, programme).await?;
    Ok(RosterAnswer { outcome, items, warnings: Vec::new(), places, entry: tx.entry() })
}
