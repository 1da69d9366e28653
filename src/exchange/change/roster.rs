//! Which places on rosters a caller is told of: a prison of all on its own, the lead agency of those that an agreement lets pass now, as
//! it lists them. Of a place nothing is told but that it is new or has another state; no person is shown.

use std::collections::HashMap;

use super::Change;
use crate::{
    domain::{
        access::{Caller, DataKind},
        change::ResourceKind,
        roster::EnrolmentRef,
    },
    exchange::{Asking, Error, gate, programme},
    store::roster::{Gate, Gates},
};

/// Leaves out the places of which the caller may not know now; the lead agency learns no version, for it has no business knowing how often
/// the prison changed something. One round trip where places are among the changes, none otherwise.
pub(super) async fn keep_open(changes: &mut Vec<Change>, asking: &Asking<'_>) -> Result<(), Error> {
    let named = changes.iter().filter(|change| change.kind == ResourceKind::Enrolment);
    let places: Vec<_> = named.filter_map(|change| EnrolmentRef::parse(&change.name).ok()).collect();
    if places.is_empty() {
        return Ok(());
    }
    let now = asking.now();
    let question = Gates { fingerprint: asking.fingerprint(), places: &places };
    let (caller, gates) = asking.ask_as_caller(now, &question).await?;
    let is_open = |gate: &Gate| {
        let passage = programme::passage(&gate.programme, Some(DataKind::Roster));
        is_own(&caller, gate) || gate::passes(&gate.agreement, &gate.parties, &passage, now).is_ok()
    };
    let open: HashMap<_, _> = gates
        .iter()
        .filter(|gate| is_open(gate))
        .map(|gate| (gate.place.to_string(), is_own(&caller, gate)))
        .collect();
    changes.retain_mut(|change| match (change.kind, open.get(&change.name)) {
        (ResourceKind::Enrolment, None) => false,
        (ResourceKind::Enrolment, Some(false)) => {
            change.version = 0;
            true
        }
        _ => true,
    });
    Ok(())
}

fn is_own(caller: &Caller, gate: &Gate) -> bool {
    gate.programme.prison == caller.agency
}
