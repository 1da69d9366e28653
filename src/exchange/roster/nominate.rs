//! Nominations: who each one is, whether the person is known and enrolled already, and who gets a place. The programme
//! is locked in a statement before anything is counted.

use std::collections::HashMap;

use uuid::Uuid;
use zeroize::Zeroizing;

use super::{RosterAnswer, lock_to_fill, opened, places, random_uuid, seal};
use crate::{
    domain::{
        Fault, Reason, Violation,
        batch::BatchMode,
        name::ProgrammeName,
        programme::Programme,
        roster::{Enrolment, EnrolmentRef, RosterPlaces, TraineeRef},
        trainee::{NumberKind, Record, Trainee},
    },
    exchange::{
        Bench, Error, Tx,
        batch::{At, Batch, Item, Judge, Judgement, Verdict},
    },
    ledger::ChangeKind,
    store::{self, trainee::StoredTrainee},
};

/// The prison nominates trainees for a programme.
pub struct NominateTrainees {
    /// The programme.
    pub programme: ProgrammeName,
    /// Whether one refused item refuses the batch.
    pub mode: BatchMode,
    /// At most 200, each parsed or with what is wrong with its shape.
    pub items: Vec<Result<Nomination, Vec<Violation>>>,
}

/// One nomination.
pub struct Nomination {
    /// What is known of the person.
    pub record: Record,
    /// 1 first; equals keep the order of the request.
    pub rank: i32,
}

/// What made no sense names nobody; who is nominated gets a reference when a place is made.
impl Item<EnrolmentRef> for Result<Nomination, Vec<Violation>> {
    fn name(&self) -> Option<&EnrolmentRef> {
        None
    }
}

type Digest = [u8; 32];

/// The facts that nominations are held against, read under the lock of the programme: whom the database knows by these
/// numbers, where they are enrolled, and the places.
pub struct NominateContext {
    programme: Programme,
    /// By place in the batch.
    registers: Vec<Option<Digest>>,
    niks: Vec<Option<Digest>>,
    by_register: HashMap<Digest, Trainee>,
    by_nik: HashMap<Digest, TraineeRef>,
    /// By person, the place on this roster.
    enrolled: HashMap<Uuid, Enrolment>,
    /// Persons on rosters of other programmes whose sessions overlap with this one's.
    clashing: Vec<Uuid>,
    places: RosterPlaces,
    /// The places and the last in the order of nomination, as the items judged so far leave them.
    left: RosterPlaces,
    last_place: i32,
    /// Of the persons who are not known, the places in the batch.
    newcomers: HashMap<Uuid, usize>,
    /// Likewise of those who are given a NIK again.
    given: HashMap<Uuid, usize>,
}

impl Judge for NominateTrainees {
    type Item = Result<Nomination, Vec<Violation>>;
    type Resource = Enrolment;
    type Context = NominateContext;
    const ITEMS: &'static str = "trainees";

    fn items(&self) -> (BatchMode, &[Self::Item]) {
        (self.mode, &self.items)
    }

    /// Nobody is nominated twice, by either number.
    fn identities(&self, context: &NominateContext, index: usize) -> Vec<(&'static str, String)> {
        let register = context.registers[index].map(|digest| ("trainee.register_number", digest));
        let nik = context.niks[index].map(|digest| ("trainee.nik", digest));
        register.into_iter().chain(nik).map(|(field, digest)| (field, hex::encode(digest))).collect()
    }

    /// By rank, in which they get their places.
    fn order(&self, _: &NominateContext) -> Vec<usize> {
        let mut order: Vec<_> = (0..self.items.len()).collect();
        order.sort_by_key(|index| self.items[*index].as_ref().ok().map(|item| item.rank));
        order
    }

    fn judge(
        &self,
        bench: &Bench<'_>,
        at: &mut At<'_, Self::Item>,
        context: &mut NominateContext,
    ) -> Verdict<Enrolment> {
        let item = at.item.as_ref().map_err(Clone::clone)?;
        let person = context.person(at.index);
        let mut differing = person.map(|person| person.record.differing(&item.record)).unwrap_or_default();
        let known = person.filter(|person| !context.enrolled.contains_key(&person.id));
        // It is erased after a course, and given again for the next.
        let takes_nik = known.is_some_and(|person| person.record.nik.is_none()) && item.record.nik.is_some();
        differing.retain(|field| !(takes_nik && *field == "nik"));
        if !differing.is_empty() {
            let differs = Fault::from(Reason::TraineeDiffers).with("fields", differing.join(", "));
            return Err(differs.at(at.field("trainee.register_number")).into());
        }
        let bearer = context.niks[at.index].and_then(|digest| context.by_nik.get(&digest));
        if bearer.is_some_and(|bearer| person.is_none_or(|person| person.reference != *bearer)) {
            at.warn("trainee.nik", Reason::IdentityCollision);
        }
        if person.is_some_and(|person| context.clashing.contains(&person.id)) {
            at.warn("trainee", Reason::TraineeClash);
        }
        let id = person.map(|person| person.id);
        if let Some(enrolment) = id.and_then(|id| context.enrolled.get(&id)) {
            return Ok(Judgement::Unchanged(enrolment.clone()));
        }
        context.given.extend(id.filter(|_| takes_nik).map(|id| (id, at.index)));
        let trainee = id.unwrap_or_else(|| random_uuid(&*bench.outside().entropy));
        context.newcomers.extend(id.is_none().then_some((trainee, at.index)));
        context.last_place += 1;
        Ok(Judgement::Create(Enrolment {
            id: random_uuid(&*bench.outside().entropy),
            reference: EnrolmentRef::random(&*bench.outside().entropy),
            programme: context.programme.name.clone(),
            prison: context.programme.prison.clone(),
            trainee,
            state: context.left.take(),
            place: context.last_place,
            out_of_rank: None,
            version: 1,
        }))
    }

    fn finish(context: NominateContext, answer: &mut RosterAnswer) {
        answer.places = Some(context.places);
    }
}

impl Batch for NominateTrainees {
    async fn load(&self, tx: &mut Tx) -> Result<NominateContext, Error> {
        let programme = lock_to_fill(tx, &self.programme).await?;
        let (places, last_place) = places(tx, &programme).await?;
        let key = tx.vault().await?.digest;
        let prison = programme.prison.clone();
        let digest = |number: NumberKind, value: Zeroizing<String>| {
            let digest = tx.outside().keys.person_digest(key, number.as_str(), prison.as_str(), &value);
            digest.map_err(Error::from)
        };
        let (mut registers, mut niks) = (vec![None; self.items.len()], vec![None; self.items.len()]);
        for (index, item) in self.items.iter().enumerate() {
            let Ok(item) = item else { continue };
            registers[index] = Some(digest(NumberKind::Register, item.record.register_number.normalised())?);
            if let Some(nik) = &item.record.nik {
                niks[index] = Some(digest(NumberKind::Nik, Zeroizing::new(nik.digits().to_owned()))?);
            }
        }
        let of = |digests: &[Option<Digest>]| digests.iter().flatten().copied().collect::<Vec<_>>();
        let (register, nik) = (of(&registers), of(&niks));
        let found =
            store::trainee::find_by_digests(tx.db(), &prison, NumberKind::Register, key, &register).await?;
        let bearers = store::trainee::find_by_digests(tx.db(), &prison, NumberKind::Nik, key, &nik).await?;
        let mut by_register = HashMap::new();
        for (digest, stored) in found {
            let lost = || Error::Lost("a trainee was erased while they were nominated".to_owned());
            by_register.insert(digest, opened(tx, &stored)?.ok_or_else(lost)?);
        }
        let ids: Vec<_> = by_register.values().map(|trainee: &Trainee| trainee.id).collect();
        // Nobody is erased while they are nominated: see `erase_trainee`.
        let locked: HashMap<_, _> = store::trainee::lock(tx.db(), &ids).await?.into_iter().collect();
        if by_register.values().any(|trainee| locked.get(&trainee.id) != Some(&trainee.version)) {
            return Err(Error::Lost("a trainee changed while they were nominated".to_owned()));
        }
        let enrolled = store::roster::find_of_trainees(tx.db(), programme.id, &ids).await?;
        let now = tx.now();
        Ok(NominateContext {
            clashing: store::roster::list_clashing(tx.db(), programme.id, &ids, now).await?,
            programme,
            registers,
            niks,
            by_register,
            by_nik: bearers.into_iter().map(|(digest, stored)| (digest, stored.reference)).collect(),
            enrolled: enrolled.into_iter().map(|enrolment| (enrolment.trainee, enrolment)).collect(),
            places,
            left: places,
            last_place,
            newcomers: HashMap::new(),
            given: HashMap::new(),
        })
    }

    /// Stores persons and places, by rank.
    async fn store(
        &self,
        tx: &mut Tx,
        context: &mut NominateContext,
        good: &[&Enrolment],
    ) -> Result<(), Error> {
        if good.is_empty() {
            return Ok(());
        }
        let mut enrolments: Vec<_> = good.iter().copied().cloned().collect();
        enrolments.sort_by_key(|enrolment| enrolment.place);
        let (mut persons, mut registers, mut niks) = (Vec::new(), Vec::new(), Vec::new());
        for id in enrolments.iter().map(|enrolment| enrolment.trainee) {
            if let Some(&index) = context.given.get(&id) {
                niks.extend(self.give_nik(tx, context, index).await?);
            }
            let Some(&index) = context.newcomers.get(&id) else { continue };
            let Ok(item) = &self.items[index] else { continue };
            persons.push(new_person(tx, id, &item.record).await?);
            registers.extend(context.registers[index].map(|digest| (id, digest)));
            niks.extend(context.niks[index].map(|digest| (id, digest)));
        }
        let (now, key) = (tx.now(), tx.vault().await?.digest);
        let prison = &context.programme.prison;
        store::trainee::insert(tx.db(), prison, &persons, now).await?;
        store::trainee::insert_digests(tx.db(), prison, NumberKind::Register, key, &registers).await?;
        store::trainee::insert_digests(tx.db(), prison, NumberKind::Nik, key, &niks).await?;
        store::roster::insert(tx.db(), context.programme.id, &enrolments, now).await?;
        for enrolment in &enrolments {
            tx.changed(ChangeKind::Created, enrolment);
        }
        context.places = context.left;
        Ok(())
    }
}

impl NominateTrainees {
    /// Stores the NIK of an item with a person who has none. The person, and the digest of the NIK.
    async fn give_nik(
        &self,
        tx: &mut Tx,
        context: &NominateContext,
        index: usize,
    ) -> Result<Option<(Uuid, Digest)>, Error> {
        let (Some(person), Ok(item)) = (context.person(index), &self.items[index]) else { return Ok(None) };
        let mut trainee = person.clone();
        trainee.record.nik.clone_from(&item.record.nik);
        trainee.version += 1;
        let stored = sealed(tx, &trainee).await?;
        store::trainee::update_record(tx.db(), &stored).await?;
        tx.changed(ChangeKind::Updated, &trainee);
        Ok(context.niks[index].map(|digest| (trainee.id, digest)))
    }
}

impl NominateContext {
    /// The person whom an item means, where known.
    fn person(&self, index: usize) -> Option<&Trainee> {
        self.by_register.get(&self.registers[index]?)
    }
}

/// A new person: sealed, and told to the ledger.
async fn new_person(tx: &mut Tx, id: Uuid, record: &Record) -> Result<StoredTrainee, Error> {
    let (reference, prison) = (TraineeRef::random(&*tx.outside().entropy), tx.agency().clone());
    let trainee = Trainee { id, reference, prison, record: record.clone(), withheld: false, version: 1 };
    tx.changed(ChangeKind::Created, &trainee);
    sealed(tx, &trainee).await
}

/// A person as stored, on whom there is no hold yet.
async fn sealed(tx: &mut Tx, trainee: &Trainee) -> Result<StoredTrainee, Error> {
    let (key_version, sealed) = seal(tx, trainee.id, &trainee.record).await?;
    let Trainee { id, reference, prison, withheld, version, .. } = trainee.clone();
    Ok(StoredTrainee {
        id,
        reference,
        prison,
        key_version,
        sealed: Some(sealed),
        withheld,
        held_since: None,
        version,
    })
}
