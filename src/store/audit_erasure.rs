//! Salts held against the lines that they are of, and against what entries say to be erased: a salt that somebody took is told from one
//! that retention erased.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::audit_report::{Flaw, Report};
use crate::{
    domain::{
        retention::Part,
        roster::{Enrolment, EnrolmentRef, TraineeRef},
    },
    ledger::{
        ChangeKind, Entry,
        erasure::{About, about, erased},
    },
    store::{erasure::UnderWay, trainee::StoredTrainee},
};

/// Salts and erasures, as they are read with the ledger.
#[derive(Default)]
pub(super) struct Erasures {
    /// How many entries were taken.
    taken: u64,
    /// The version at which trainees were erased, and the entry that says so.
    gone: HashMap<TraineeRef, (i64, Uuid)>,
    /// Trainees whose NIK was erased: how many entries were taken before the last one that says so, and which it is.
    niks: HashMap<TraineeRef, (u64, Uuid)>,
    /// Lines that have no salt, of which no entry so far says that it was erased.
    unsalted: HashMap<(Uuid, i32), About>,
    /// Whose salts were said to be erased.
    named: HashSet<About>,
    /// The lines that have a salt by which something of a person could be confirmed.
    salted: HashMap<About, Salted>,
}

/// Lines that have a salt.
struct Salted {
    /// How many entries were taken before the first of them.
    first: u64,
    count: u64,
}

/// Whether an entry was written by retention, for the keeper or for the owner.
fn is_by(entry: &Entry, unit: &str) -> bool {
    entry.agency.is_empty()
        && ["keeper", "owner"].iter().any(|actor| entry.method == format!("{actor}/{unit}"))
}

impl Erasures {
    /// Takes which lines of an entry have salts, sorted, and what the entry says to be erased.
    pub fn take(&mut self, entry: &Entry, salted: &[i32], report: &mut Report) {
        let mut salts = salted.iter().copied().peekable();
        let name = format!("entries/{}", entry.id);
        for (number, line) in (0..).zip(&entry.lines) {
            let is_salted = salts.next_if_eq(&number).is_some();
            match about(line) {
                Some(about) if is_salted => {
                    let none = Salted { first: self.taken, count: 0 };
                    self.salted.entry(about).or_insert(none).count += 1;
                }
                Some(about) => {
                    self.unsalted.insert((entry.id, number), about);
                }
                None if !is_salted => report.found(&name, Flaw::Salt, format!("of line {number} is gone")),
                None => {}
            }
        }
        if salts.next().is_some() {
            report.found(&name, Flaw::Salt, "of no line".to_owned());
        }
        if is_by(entry, "trainee.erase") {
            self.take_persons(entry);
        }
        for (of, line) in erased(entry) {
            let salt = format!("entries/{of}");
            match self.unsalted.remove(&(of, line)) {
                None => {
                    report.found(&salt, Flaw::Salt, format!("of line {line} is there, or was erased twice"))
                }
                Some(_) if !is_by(entry, "salt.erase") => {
                    report.found(&salt, Flaw::Salt, format!("of line {line} was erased by {}", entry.method));
                }
                Some(about) => {
                    self.named.insert(about);
                }
            }
        }
        self.taken += 1;
    }

    fn take_persons(&mut self, entry: &Entry) {
        for line in &entry.lines {
            let Ok(trainee) = TraineeRef::parse(&line.resource) else { continue };
            match line.kind {
                ChangeKind::Removed => drop(self.gone.insert(trainee, (line.version, entry.id))),
                _ => drop(self.niks.insert(trainee, (self.taken, entry.id))),
            }
        }
    }

    /// Whether anything was erased of a trainee for which the salt of such a line has to go.
    fn takes(&self, trainee: &TraineeRef, about: &About) -> bool {
        self.gone.contains_key(trainee) || about.confirms(Part::Nik) && self.niks.contains_key(trainee)
    }

    /// The version at which a trainee was erased; `None` where no entry of retention says so.
    pub fn erased_at(&self, trainee: &TraineeRef) -> Option<i64> {
        self.gone.get(trainee).map(|(version, _)| *version)
    }

    /// Compares the salts with whose they are: none is gone that nobody erased, none was erased of somebody of whom nothing was, and
    /// none is left by which what is erased could be confirmed, unless it is under way; and each that is under way goes up to the entry
    /// that tells of it.
    pub fn finish(
        self,
        persons: &[StoredTrainee],
        enrolments: &[Enrolment],
        under_way: &[UnderWay],
        report: &mut Report,
    ) {
        for (entry, line) in self.unsalted.keys() {
            report.found(&format!("entries/{entry}"), Flaw::Salt, format!("of line {line} is gone"));
        }
        let by_id: HashMap<_, _> = persons.iter().map(|person| (person.id, person)).collect();
        let holders: HashMap<EnrolmentRef, _> =
            enrolments.iter().filter_map(|one| Some((one.reference, *by_id.get(&one.trainee)?))).collect();
        let by_ref: HashMap<_, _> = persons.iter().map(|person| (person.reference, person)).collect();
        let whose = |about: &About| match about {
            About::Trainee(trainee) => by_ref.get(trainee).copied(),
            About::Shown(enrolment, _) => holders.get(enrolment).copied(),
        };
        for about in &self.named {
            let person = whose(about).map(|person| person.reference);
            if person.is_none_or(|person| !self.takes(&person, about)) {
                let whose = person.map_or("nobody".to_owned(), |person| person.to_string());
                report.found(&whose, Flaw::Salt, "erased, where nothing else was".to_owned());
            }
        }
        let going: HashSet<_> = under_way.iter().map(|one| (one.trainee, one.part)).collect();
        let goes_on = |person: Uuid, part| going.contains(&(person, part));
        for (about, Salted { first, count }) in &self.salted {
            let Some(person) = whose(about) else { continue };
            let nik = self.niks.get(&person.reference).filter(|_| about.confirms(Part::Nik));
            let (is_left, of) = match (self.gone.contains_key(&person.reference), nik) {
                (true, _) => (!goes_on(person.id, Part::Record), "who was erased"),
                (_, Some((before, _))) => {
                    (first < before && !goes_on(person.id, Part::Nik), "a NIK that was erased")
                }
                _ => continue,
            };
            if is_left {
                let detail = format!("of {count} lines could still confirm {of}");
                report.found(&person.reference.to_string(), Flaw::Salt, detail);
            }
        }
        for one in under_way {
            let Some(person) = by_id.get(&one.trainee) else { continue };
            let told = match one.part {
                Part::Record => self.gone.get(&person.reference).map(|(_, entry)| *entry),
                Part::Nik => self.niks.get(&person.reference).map(|(_, entry)| *entry),
            };
            if told != Some(one.entry) {
                let detail =
                    format!("an erasure goes on up to entries/{}, which does not tell of it", one.entry);
                report.found(&person.reference.to_string(), Flaw::Salt, detail);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        domain::{AgencyCode, name::ProgrammeName, roster::EnrolmentState},
        ledger::{Format, Line, Readers},
    };

    const TRAINEE: &str = "trainees/01010101010101010101010101010101";
    const PLACE: &str = "enrolments/02020202020202020202020202020202";

    fn entry(id: u8, method: &str, lines: &[(ChangeKind, &str)]) -> Entry {
        let line = |(kind, resource): &(ChangeKind, &str)| Line {
            resource: (*resource).to_owned(),
            version: 1,
            kind: *kind,
            disclosed: Vec::new(),
            digest: [0; 32],
            before: Readers::nobody(),
            after: Readers::nobody(),
        };
        Entry {
            format: Format::V2,
            id: Uuid::from_bytes([id; 16]),
            recorded_at: Timestamp::UNIX_EPOCH,
            occurred_at: Timestamp::UNIX_EPOCH,
            agency: if method.contains('/') { String::new() } else { "lapas-tpi".to_owned() },
            system: String::new(),
            fingerprint: [0; 32],
            method: method.to_owned(),
            request_id: None,
            agreement: None,
            lines: lines.iter().map(line).collect(),
            purpose: String::new(),
        }
    }

    /// What is found of these entries, each with the lines that have a salt, of one trainee with one place.
    fn found(entries: &[(Entry, &[i32])], is_under_way: bool) -> Vec<String> {
        let erasure = UnderWay { trainee: id(9), part: Part::Record, entry: id(3), next: 0 };
        found_beside(entries, is_under_way.then_some(erasure))
    }

    fn id(number: u8) -> Uuid {
        Uuid::from_bytes([number; 16])
    }

    /// The same, beside an erasure under way.
    fn found_beside(entries: &[(Entry, &[i32])], under_way: Option<UnderWay>) -> Vec<String> {
        let (mut erasures, mut report) = (Erasures::default(), Report::default());
        for (entry, salted) in entries {
            erasures.take(entry, salted, &mut report);
        }
        let person = StoredTrainee {
            id: Uuid::from_bytes([9; 16]),
            reference: TraineeRef::parse(TRAINEE).unwrap(),
            prison: AgencyCode::parse("lapas-tpi").unwrap(),
            key_version: 1,
            sealed: None,
            withheld: false,
            held_since: None,
            version: 2,
        };
        let place = Enrolment {
            id: Uuid::nil(),
            reference: EnrolmentRef::parse(PLACE).unwrap(),
            programme: ProgrammeName::parse("agencies/blk-kepri/programmes/las").unwrap(),
            prison: person.prison.clone(),
            trainee: person.id,
            state: EnrolmentState::Confirmed,
            place: 1,
            out_of_rank: None,
            version: 1,
        };
        erasures.finish(&[person], &[place], under_way.as_slice(), &mut report);
        report.findings.into_iter().map(|found| format!("{}: {}", found.resource, found.detail)).collect()
    }

    #[test]
    fn a_salt_that_was_erased_is_told_from_one_that_was_taken() {
        let salt = |id: u8, line| format!("entries/{}/salts/{line}", Uuid::from_bytes([id; 16]));
        let (first, second) = (salt(1, 0), salt(2, 0));
        let nominated = |salted| (entry(1, "Nominate", &[(ChangeKind::Created, TRAINEE)]), salted);
        let read = |salted| (entry(2, "Read", &[(ChangeKind::OwnRead, PLACE)]), salted);
        let erased = |method| (entry(3, method, &[(ChangeKind::Removed, TRAINEE)]), &[0][..]);
        let both = [(ChangeKind::Removed, first.as_str()), (ChangeKind::Removed, second.as_str())];
        let named = |method| (entry(4, method, &both), &[0, 1][..]);
        let (gone, there) = (&[][..], &[0][..]);
        let [one, two] = [1, 2].map(|id| format!("entries/{}", Uuid::from_bytes([id; 16])));
        let (by, of) = ("keeper/trainee.erase", "owner/salt.erase");
        let none: [String; 0] = [];
        assert_eq!(found(&[nominated(gone), read(gone), erased(by), named(of)], false), none);
        assert_eq!(found(&[nominated(there), read(there), erased(by)], true), none, "on its way");
        let mut left = found(&[nominated(there), read(there), erased(by)], false);
        left.dedup();
        assert_eq!(left, [format!("{TRAINEE}: of 1 lines could still confirm who was erased")]);
        let taken = found(&[nominated(gone), read(there)], false);
        assert_eq!(taken, [format!("{one}: of line 0 is gone")]);
        let kept = found(&[nominated(gone), read(there), erased(by), named(of)], true);
        assert_eq!(kept, [format!("{two}: of line 0 is there, or was erased twice")]);
        let mut nothing = found(&[nominated(gone), read(gone), named(of)], false);
        nothing.dedup();
        assert_eq!(nothing, [format!("{TRAINEE}: erased, where nothing else was")]);
        let other = found(&[nominated(gone), read(gone), erased(by), named("Nominate")], false);
        assert_eq!(other.len(), 2, "by a call, whoever it names: {other:?}");
        let extra = found(&[nominated(&[0, 7][..])], false);
        assert_eq!(extra, [format!("{one}: of no line")]);
        let open = (entry(1, "Push", &[(ChangeKind::Created, "agencies/blk/sessions/s1")]), gone);
        assert_eq!(found(&[open], false), [format!("{one}: of line 0 is gone")]);
    }

    #[test]
    fn what_could_confirm_a_nik_goes_and_nothing_else_does() {
        let (gone, there) = (&[][..], &[0][..]);
        let nominated = |salted| (entry(1, "Nominate", &[(ChangeKind::Created, TRAINEE)]), salted);
        let shown = |salted| (entry(2, "Read", &[(ChangeKind::Disclosed, PLACE)]), salted);
        let erased = (entry(3, "keeper/trainee.erase", &[(ChangeKind::Updated, TRAINEE)]), there);
        let read = |salted| (entry(4, "Read", &[(ChangeKind::OwnRead, PLACE)]), salted);
        let named = |number: u8, lines: &[u8]| {
            let salts: Vec<_> = lines.iter().map(|of| format!("entries/{}/salts/0", id(*of))).collect();
            let lines: Vec<_> = salts.iter().map(|salt| (ChangeKind::Removed, salt.as_str())).collect();
            (entry(number, "keeper/salt.erase", &lines), &[0, 1][..lines.len()])
        };
        let none: [String; 0] = [];
        // What a partner was shown has no NIK; what was stored and read since has none of before.
        let right = [nominated(gone), shown(there), erased.clone(), read(there), named(5, &[1])];
        assert_eq!(found_beside(&right, None), none);
        let left = [nominated(there), shown(there), erased.clone(), read(there)];
        // Of the erasure's own line, too, which is of the record without it.
        let still = format!("{TRAINEE}: of 2 lines could still confirm a NIK that was erased");
        assert_eq!(found_beside(&left, None), [still]);
        let under_way = |entry| Some(UnderWay { trainee: id(9), part: Part::Nik, entry, next: 0 });
        assert_eq!(found_beside(&left, under_way(id(3))), none, "on its way");
        let detail = format!("an erasure goes on up to entries/{}, which does not tell of it", id(1));
        assert_eq!(found_beside(&left, under_way(id(1))), [format!("{TRAINEE}: {detail}")]);
        let too_much = [nominated(gone), shown(gone), erased, read(there), named(5, &[1, 2])];
        assert_eq!(found_beside(&too_much, None), [format!("{TRAINEE}: erased, where nothing else was")]);
    }
}
