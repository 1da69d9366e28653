//! Salts held against the lines that they are of, and against what entries say to be erased: a salt that somebody took is told from one
//! that retention erased.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::audit_report::{Flaw, Report};
use crate::{
    domain::roster::{Enrolment, EnrolmentRef, TraineeRef},
    ledger::{
        ChangeKind, Entry,
        erasure::{About, about, erased},
    },
    store::trainee::StoredTrainee,
};

/// Salts and erasures, as they are read with the ledger.
#[derive(Default)]
pub(super) struct Erasures {
    /// The versions at which trainees were erased.
    gone: HashMap<TraineeRef, i64>,
    /// Trainees of whom anything was erased.
    begun: HashSet<TraineeRef>,
    /// Lines that have no salt, of which no entry so far says that it was erased.
    unsalted: HashMap<(Uuid, i32), About>,
    /// Whose salts were said to be erased.
    named: HashSet<About>,
    /// How many lines have a salt by which something of a person could be confirmed.
    salted: HashMap<About, u64>,
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
                Some(about) if is_salted => *self.salted.entry(about).or_default() += 1,
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
    }

    fn take_persons(&mut self, entry: &Entry) {
        for line in &entry.lines {
            let Ok(trainee) = TraineeRef::parse(&line.resource) else { continue };
            self.begun.insert(trainee);
            if line.kind == ChangeKind::Removed {
                self.gone.insert(trainee, line.version);
            }
        }
    }

    /// The version at which a trainee was erased; `None` where no entry of retention says so.
    pub fn erased_at(&self, trainee: &TraineeRef) -> Option<i64> {
        self.gone.get(trainee).copied()
    }

    /// Compares the salts with whose they are: none is gone that nobody erased, none was erased of somebody of whom nothing was, and
    /// of who is erased there is none, unless it is under way.
    pub fn finish(
        self,
        persons: &[StoredTrainee],
        enrolments: &[Enrolment],
        under_way: &[Uuid],
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
            if person.is_none_or(|person| !self.begun.contains(&person)) {
                let whose = person.map_or("nobody".to_owned(), |person| person.to_string());
                report.found(&whose, Flaw::Salt, "erased, where nothing else was".to_owned());
            }
        }
        for (about, count) in &self.salted {
            let Some(person) = whose(about) else { continue };
            if self.gone.contains_key(&person.reference) && !under_way.contains(&person.id) {
                let detail = format!("of {count} lines could still confirm who was erased");
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
        let under_way: Vec<_> = is_under_way.then_some(person.id).into_iter().collect();
        erasures.finish(&[person], &[place], &under_way, &mut report);
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
}
