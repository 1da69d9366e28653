//! Nominations: who each one is, whether the person is known and enrolled already, and who gets a place. The programme
//! is locked in a statement before anything is counted.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::{EnrolmentAnswer, RosterAnswer, lock_to_fill, opened, places, random_uuid, seal};
use crate::{
    domain::{
        Fault, Reason, Violation,
        batch::{BatchMode, BatchOutcome, ItemOutcome},
        name::ProgrammeName,
        programme::Programme,
        roster::{Enrolment, EnrolmentRef, RosterPlaces, TraineeRef},
        trainee::{Record, Trainee},
    },
    exchange::{Error, Tx, Work},
    ledger::ChangeKind,
    store::{
        self,
        trainee::{Number, Stored},
    },
};

/// The prison nominates trainees for a programme.
pub struct NominateTrainees {
    pub programme: ProgrammeName,
    pub mode: BatchMode,
    /// At most 200, each parsed or with what is wrong with its shape.
    pub items: Vec<Result<Nomination, Vec<Violation>>>,
}

/// One of them.
pub struct Nomination {
    pub record: Record,
    /// 1 first; equals keep the order of the request.
    pub rank: i32,
}

type Digest = [u8; 32];

/// Whom the database knows by these numbers, and where they are enrolled.
struct Known {
    /// By place in the batch.
    registers: Vec<Option<Digest>>,
    niks: Vec<Option<Digest>>,
    by_register: HashMap<Digest, Trainee>,
    by_nik: HashMap<Digest, TraineeRef>,
    enrolled: HashMap<TraineeRef, Enrolment>,
}

/// What a good item does.
enum Effect {
    /// A new place, for a person who is known or new.
    Enrol(Option<Trainee>),
    Unchanged(Enrolment),
}

type Verdict = Result<Effect, Vec<Violation>>;

impl Work for NominateTrainees {
    type Answer = RosterAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<RosterAnswer, Error> {
        let programme = lock_to_fill(tx, &self.programme).await?;
        let (mut places, last) = places(tx, &programme).await?;
        let known = self.known(tx, &programme).await?;
        let verdicts: Vec<_> = (0..self.items.len()).map(|index| self.judge(index, &known)).collect();
        let refused = verdicts.iter().filter(|verdict| verdict.is_err()).count();
        let unchanged = verdicts.iter().filter(|verdict| matches!(verdict, Ok(Effect::Unchanged(_)))).count();
        let changed = verdicts.len() - refused - unchanged;
        let outcome = BatchOutcome::of(self.mode, changed, unchanged, refused);
        let created = match outcome {
            BatchOutcome::Stored | BatchOutcome::Partial if changed > 0 => {
                self.store(tx, &programme, &verdicts, &known, &mut places, last).await?
            }
            _ => {
                tx.unchanged();
                HashMap::new()
            }
        };
        let warnings = self.warnings(tx, &programme, &verdicts, &known).await?;
        let items =
            verdicts.into_iter().enumerate().map(|(index, verdict)| match (verdict, created.get(&index)) {
                (Err(errors), _) => EnrolmentAnswer::bare(ItemOutcome::Rejected, errors),
                (Ok(Effect::Unchanged(enrolment)), _) => {
                    EnrolmentAnswer::stored(&enrolment, ItemOutcome::Unchanged)
                }
                (Ok(_), Some(enrolment)) => EnrolmentAnswer::stored(enrolment, ItemOutcome::Created),
                (Ok(_), None) => EnrolmentAnswer::bare(ItemOutcome::NotStored, Vec::new()),
            });
        Ok(RosterAnswer { outcome, items: items.collect(), warnings, places, entry: tx.entry() })
    }
}

impl NominateTrainees {
    fn good(&self) -> impl Iterator<Item = (usize, &Nomination)> {
        self.items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_ref().ok()?)))
    }

    async fn known(&self, tx: &mut Tx, programme: &Programme) -> Result<Known, Error> {
        let key = tx.vault().await?.digest;
        let prison = programme.prison.clone();
        let digest = |number: Number, value: Zeroizing<String>| {
            tx.outside()
                .keys
                .person_digest(key, number.as_str(), prison.as_str(), &value)
                .map_err(Error::from)
        };
        let (mut registers, mut niks) = (vec![None; self.items.len()], vec![None; self.items.len()]);
        for (index, item) in self.good() {
            registers[index] = Some(digest(Number::Register, item.record.register_number.normalised())?);
            if let Some(nik) = &item.record.nik {
                niks[index] = Some(digest(Number::Nik, Zeroizing::new(nik.digits().to_owned()))?);
            }
        }
        let of = |digests: &[Option<Digest>]| digests.iter().flatten().copied().collect::<Vec<_>>();
        let register = of(&registers);
        let found =
            store::trainee::find_by_digests(tx.db(), &prison, Number::Register, key, &register).await?;
        let nik = of(&niks);
        let bearers = store::trainee::find_by_digests(tx.db(), &prison, Number::Nik, key, &nik).await?;
        let mut by_register = HashMap::new();
        for (digest, stored) in found {
            by_register.insert(digest, opened(tx, &stored)?);
        }
        let ids: Vec<_> = by_register.values().map(|trainee: &Trainee| trainee.id).collect();
        let enrolled = store::roster::find_of_trainees(tx.db(), programme.id, &ids).await?;
        let reference = |enrolment: &Enrolment| {
            by_register.values().find(|trainee| trainee.id == enrolment.trainee).map(|found| found.reference)
        };
        let enrolled = enrolled.into_iter().filter_map(|one| Some((reference(&one)?, one))).collect();
        let by_nik = bearers.into_iter().map(|(digest, stored)| (digest, stored.reference)).collect();
        Ok(Known { registers, niks, by_register, by_nik, enrolled })
    }

    fn judge(&self, index: usize, known: &Known) -> Verdict {
        let item = self.items[index].as_ref().map_err(Clone::clone)?;
        let at = |field: &str| format!("trainees[{index}].trainee.{field}");
        let double = |digests: &[Option<Digest>], field: &str| {
            let first =
                digests[..index].iter().position(|digest| digest.is_some() && *digest == digests[index]);
            first.map(|first| Fault::from(Reason::DuplicateInBatch).with("index", first).at(at(field)))
        };
        let doubles = [double(&known.registers, "register_number"), double(&known.niks, "nik")];
        let doubles: Vec<_> = doubles.into_iter().flatten().collect();
        if !doubles.is_empty() {
            return Err(doubles);
        }
        let person = known.registers[index].and_then(|digest| known.by_register.get(&digest));
        let Some(person) = person else { return Ok(Effect::Enrol(None)) };
        let differing = person.record.differing(&item.record);
        if !differing.is_empty() {
            let differs = Fault::from(Reason::TraineeDiffers).with("fields", differing.join(", "));
            return Err(vec![differs.at(at("register_number"))]);
        }
        Ok(match known.enrolled.get(&person.reference) {
            Some(enrolment) => Effect::Unchanged(enrolment.clone()),
            None => Effect::Enrol(Some(person.clone())),
        })
    }

    /// Stores persons and places, by rank, and answers with the places by item.
    async fn store(
        &self,
        tx: &mut Tx,
        programme: &Programme,
        verdicts: &[Verdict],
        known: &Known,
        places: &mut RosterPlaces,
        last: i32,
    ) -> Result<HashMap<usize, Enrolment>, Error> {
        let order = self.good().filter_map(|(index, item)| match &verdicts[index] {
            Ok(Effect::Enrol(person)) => Some((item.rank, index, item, person.as_ref())),
            _ => None,
        });
        let mut order: Vec<_> = order.collect();
        order.sort_by_key(|(rank, index, ..)| (*rank, *index));
        let (mut persons, mut registers, mut niks) = (Vec::new(), Vec::new(), Vec::new());
        let mut created = HashMap::new();
        for ((_, index, item, person), place) in order.into_iter().zip(last + 1..) {
            let trainee = match person {
                Some(person) => person.id,
                None => {
                    let stored = self.person(tx, &item.record).await?;
                    let id = stored.id;
                    registers.extend(known.registers[index].map(|digest| (id, digest)));
                    niks.extend(known.niks[index].map(|digest| (id, digest)));
                    persons.push(stored);
                    id
                }
            };
            let enrolment = Enrolment {
                id: random_uuid(tx),
                reference: EnrolmentRef::random(&*tx.outside().entropy),
                programme: programme.name.clone(),
                prison: programme.prison.clone(),
                trainee,
                state: places.take(),
                place,
                out_of_rank: None,
                version: 1,
            };
            created.insert(index, enrolment);
        }
        let (now, key) = (tx.now(), tx.vault().await?.digest);
        let prison = &programme.prison;
        store::trainee::insert(tx.db(), prison, &persons, now).await?;
        store::trainee::insert_digests(tx.db(), prison, Number::Register, key, &registers).await?;
        store::trainee::insert_digests(tx.db(), prison, Number::Nik, key, &niks).await?;
        let mut enrolments: Vec<_> = created.values().cloned().collect();
        enrolments.sort_by_key(|enrolment| enrolment.place);
        store::roster::insert(tx.db(), programme.id, &enrolments, now).await?;
        for enrolment in &enrolments {
            tx.changed(ChangeKind::Created, enrolment);
        }
        Ok(created)
    }

    /// A new person: sealed, and told to the ledger.
    async fn person(&self, tx: &mut Tx, record: &Record) -> Result<Stored, Error> {
        let id = random_uuid(tx);
        let reference = TraineeRef::random(&*tx.outside().entropy);
        let (key_version, sealed) = seal(tx, id, record).await?;
        let trainee = Trainee { id, reference, record: record.clone(), withheld: false, version: 1 };
        tx.changed(ChangeKind::Created, &trainee);
        Ok(Stored { id, reference, key_version, sealed, withheld: false, version: 1 })
    }

    /// `IDENTITY_COLLISION` and `TRAINEE_CLASH`, for the prison alone; of items that are good.
    async fn warnings(
        &self,
        tx: &mut Tx,
        programme: &Programme,
        verdicts: &[Verdict],
        known: &Known,
    ) -> Result<Vec<Violation>, Error> {
        let person = |index: usize| known.registers[index].and_then(|digest| known.by_register.get(&digest));
        let good = || (0..verdicts.len()).filter(|index| verdicts[*index].is_ok());
        let ids: Vec<_> = good().filter_map(person).map(|trainee| trainee.id).collect();
        let now = tx.now();
        let clashing = store::roster::list_clashing(tx.db(), programme.id, &ids, now).await?;
        let mut warnings = Vec::new();
        for index in good() {
            let bearer = known.niks[index].and_then(|digest| known.by_nik.get(&digest));
            if bearer.is_some_and(|bearer| person(index).is_none_or(|person| person.reference != *bearer)) {
                let collision = Fault::from(Reason::IdentityCollision);
                warnings.push(collision.at(format!("trainees[{index}].trainee.nik")));
            }
            if person(index).is_some_and(|person| clashing.contains(&person.id)) {
                warnings.push(Fault::from(Reason::TraineeClash).at(format!("trainees[{index}].trainee")));
            }
        }
        Ok(warnings)
    }
}
