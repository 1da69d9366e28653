//! Rosters among the changes. The ledger tells of places on them, one by one and in the order of nomination, which is the prison's to know.
//! A reader is told that the roster of a programme has changed: the prison of its own, the lead agency if an agreement lets rosters
//! pass now. What changed, and of whom, is for ListRoster to show.

use std::collections::HashMap;

use super::Seen;
use crate::{
    domain::{
        AgencyCode,
        access::DataKind,
        change::{Effect, ResourceKind},
        name::ProgrammeName,
        roster::EnrolmentRef,
    },
    exchange::{Asking, Error, gate, programme},
    store::roster::Gates,
};

/// The programmes of places of which the caller may know now, by the places' names.
pub(super) struct Rosters(HashMap<String, ProgrammeName>);

impl Rosters {
    /// Finds those among the lines that tell the caller's agency. One round trip where there are any, none otherwise.
    pub async fn of(
        lines: impl Iterator<Item = Seen>,
        agency: &AgencyCode,
        asking: &Asking<'_>,
    ) -> Result<Self, Error> {
        let places = lines.filter(|seen| seen.kind == ResourceKind::Roster);
        let places: Vec<_> = places.filter_map(|seen| EnrolmentRef::parse(&seen.name).ok()).collect();
        if places.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let now = asking.now();
        let question = Gates { fingerprint: asking.fingerprint(), places: &places };
        let (_, mut gates) = asking.ask_as_caller(now, &question).await?;
        gates.retain(|gate| {
            let passage = programme::passage(&gate.programme, Some(DataKind::Roster));
            let passes = || gate::passes(&gate.agreement, &gate.parties, &passage, now).is_ok();
            gate.programme.prison == *agency || passes()
        });
        let named = gates.into_iter().flat_map(|gate| {
            let programme = gate.programme.name;
            gate.places.into_iter().map(move |place| (place.to_string(), programme.clone()))
        });
        Ok(Self(named.collect()))
    }

    /// The lines of an entry as the caller is told of them: of all places on one roster the last, by the programme's name. Those of which
    /// it may not know are left out.
    pub fn told(&self, lines: impl Iterator<Item = Seen>) -> Vec<Seen> {
        let mut told: Vec<Seen> = Vec::new();
        for line in lines {
            if line.kind != ResourceKind::Roster {
                told.push(line);
            } else if let Some(programme) = self.0.get(&line.name) {
                let name = programme.to_string();
                told.retain(|other| other.kind != ResourceKind::Roster || other.name != name);
                told.push(Seen { effect: Effect::Updated, name, version: 0, ..line });
            }
        }
        told
    }
}
