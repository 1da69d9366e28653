//! Disclosures: of which enrolments an entry tells that something was shown. It follows from the leaf alone, as the feed does.

use std::collections::BTreeSet;

use super::{ChangeKind, Entry, Line};
use crate::domain::roster::EnrolmentRef;

/// An enrolment of which something was shown, and whether the prison read its own.
pub type Shown = (EnrolmentRef, bool);

/// What a line tells of; `None` of a change.
pub fn shown(line: &Line) -> Option<Shown> {
    let is_own = match line.kind {
        ChangeKind::Disclosed => false,
        ChangeKind::OwnRead => true,
        ChangeKind::Created | ChangeKind::Updated | ChangeKind::Removed => return None,
    };
    Some((EnrolmentRef::parse(&line.resource).ok()?, is_own))
}

/// What all lines of an entry tell of.
pub fn rows(entry: &Entry) -> BTreeSet<Shown> {
    entry.lines.iter().filter_map(shown).collect()
}
