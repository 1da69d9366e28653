//! Remarks (catatan): the note that an agency gives with an act, and that the other side reads with the resource.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AgencyCode, text::Text};
use crate::text_enum;

text_enum! {
    /// The act that a note is given with.
    RemarkAct {
        Reject = "REJECT",
        Withdraw = "WITHDRAW",
        Suspend = "SUSPEND",
        Terminate = "TERMINATE",
        Cancel = "CANCEL",
        Decline = "DECLINE",
        /// An administrator released what a session held.
        Release = "RELEASE",
    }
}

/// A note with the act, the agency that acted and the time of the act. These three are `None` for a note from before
/// they were kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The act.
    pub act: Option<RemarkAct>,
    /// The agency that acted.
    pub agency: Option<AgencyCode>,
    /// The time of the act.
    pub at: Option<Timestamp>,
    /// The note, which says nothing about persons.
    pub note: Text<500>,
}

impl Remark {
    /// A remark on an act of now.
    pub fn new(act: RemarkAct, agency: AgencyCode, at: Timestamp, note: Text<500>) -> Self {
        Self { act: Some(act), agency: Some(agency), at: Some(at), note }
    }

    /// Whether who acted was kept; what was not is no part of what the ledger digests.
    pub fn is_signed(&self) -> bool {
        self.agency.is_some()
    }
}

/// Adds a remark behind the others. Of each agency the last of each act is kept, so that the list cannot grow without end.
pub fn add(remarks: &mut Vec<Remark>, remark: Remark) {
    remarks.retain(|earlier| (&earlier.agency, earlier.act) != (&remark.agency, remark.act));
    remarks.push(remark);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_agency_the_last_of_each_act_is_kept() {
        use RemarkAct::{Suspend, Terminate};
        let remark = |act, agency, note| {
            let at = "2026-03-02T01:00:00Z".parse().unwrap();
            Remark::new(act, AgencyCode::parse(agency).unwrap(), at, Text::parse(note).unwrap())
        };
        let mut remarks = Vec::new();
        for (act, agency, note) in [
            (Suspend, "blk-kepri", "satu"),
            (Suspend, "lapas-tpi", "dua"),
            (Suspend, "blk-kepri", "tiga"),
            (Terminate, "blk-kepri", "empat"),
        ] {
            add(&mut remarks, remark(act, agency, note));
        }
        let notes: Vec<_> = remarks.iter().map(|remark| remark.note.as_str()).collect();
        assert_eq!(notes, ["dua", "tiga", "empat"]);
    }
}
