//! Erasure: which lines could confirm what is known of a trainee to whoever has their salts, and which salts an entry says to be
//! erased. Both follow from the leaves alone.

use uuid::Uuid;

use super::{ChangeKind, Entry, Line, disclosure, row::SaltRow};
use crate::domain::{
    retention::Part,
    roster::{EnrolmentRef, TraineeRef},
};

/// Whom a line is about that could confirm something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// A record, as it was stored.
    Trainee(TraineeRef),
    /// What was shown of a record: to the prison itself, or to another agency, which is shown no NIK.
    Shown(EnrolmentRef, OwnRead),
}

/// Whether it was the prison that was shown its own.
pub type OwnRead = bool;

impl About {
    /// Whether the line must lose its salt where this part is erased.
    pub fn confirms(self, part: Part) -> bool {
        part == Part::Record || !matches!(self, Self::Shown(_, false))
    }
}

/// Whom a line is about; `None` where it could confirm nothing of a record. That a record was erased is told without it.
pub fn about(line: &Line) -> Option<About> {
    match line.kind {
        ChangeKind::Created | ChangeKind::Updated => {
            TraineeRef::parse(&line.resource).ok().map(About::Trainee)
        }
        _ => disclosure::shown(line).map(|(enrolment, own_read)| About::Shown(enrolment, own_read)),
    }
}

/// The trainees of whose records an entry tells, sorted.
pub fn trainees(entry: &Entry) -> Vec<TraineeRef> {
    let told = entry.lines.iter().filter_map(|line| match about(line)? {
        About::Trainee(trainee) => Some(trainee),
        About::Shown(..) => None,
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told.dedup();
    told
}

/// The salts that an entry says to be erased: of which entry, and of which of its lines.
pub fn erased(entry: &Entry) -> impl Iterator<Item = (Uuid, i32)> {
    let gone =
        |line: &Line| (line.kind == ChangeKind::Removed).then(|| SaltRow::parse(&line.resource)).flatten();
    entry.lines.iter().filter_map(gone).map(|row| (row.entry, row.line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Readers;

    fn line(kind: ChangeKind, resource: &str) -> Line {
        Line {
            resource: resource.to_owned(),
            version: 1,
            kind,
            disclosed: Vec::new(),
            digest: [0; 32],
            before: Readers::nobody(),
            after: Readers::nobody(),
        }
    }

    #[test]
    fn a_salt_goes_where_it_could_confirm_what_is_erased() {
        let trainee = "trainees/000102030405060708090a0b0c0d0e0f";
        let enrolment = "enrolments/000102030405060708090a0b0c0d0e0f";
        for (kind, resource, with_nik, with_record) in [
            (ChangeKind::Created, trainee, true, true),
            (ChangeKind::Updated, trainee, true, true),
            (ChangeKind::OwnRead, enrolment, true, true),
            (ChangeKind::Disclosed, enrolment, false, true),
            (ChangeKind::Removed, trainee, false, false),
            (ChangeKind::Created, enrolment, false, false),
            (ChangeKind::Updated, enrolment, false, false),
            (ChangeKind::Created, "trainees/000102030405060708090a0b0c0d0e0f/legalHold", false, false),
            (ChangeKind::Updated, "agencies/blk", false, false),
        ] {
            let about = about(&line(kind, resource));
            let confirms = |part| about.is_some_and(|about| about.confirms(part));
            assert_eq!(
                (confirms(Part::Nik), confirms(Part::Record)),
                (with_nik, with_record),
                "{resource} {kind}"
            );
        }
    }
}
