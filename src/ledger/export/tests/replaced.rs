//! Exports of a log whose key was replaced, twice: at entries 3 and 6 of 10.

use super::*;
use crate::ledger::successor::Successor;

const PLACES: [usize; 2] = [3, 6];

/// The keys, by their order.
fn keys() -> [LogKey; 3] {
    [7, 8, 9].map(key)
}

fn notes() -> Vec<String> {
    let keys = keys();
    keys.windows(2).map(|pair| pair[0].sign(&Successor(pair[1].verifier().clone()))).collect()
}

fn log() -> Log {
    let mut log = Log::of(10);
    for (place, key) in PLACES.into_iter().zip(&keys()[1..]) {
        log.0[place] = leaf_of(place as u128, successor::resource(key.verifier()));
    }
    log
}

/// The key in force of a log of so many entries, by its number.
fn in_force(size: usize) -> usize {
    PLACES.iter().filter(|place| size > **place).count()
}

fn verified_by(lines: &[String], of: usize, kept: usize) -> Result<VerifierKey, String> {
    let kept = (kept > 0).then(|| log().checkpoint(kept));
    let verified = verify(lines.concat().as_bytes(), keys()[of].verifier(), kept.as_ref());
    verified.map(|verified| verified.key).map_err(|fault| fault.flaw.to_string())
}

/// Whoever has a key that was in force when the export begins comes to the one in force when it ends; and who has a later one needs no
/// notes.
#[test]
fn every_key_since_the_first_entry_verifies_the_export() {
    let (log, keys) = (log(), keys());
    for first in 0..10 {
        for size in first..=10 {
            let last = in_force(size);
            let export = log.export_by(&keys[last], first, size, notes()[..last].to_vec());
            for of in 0..=last {
                let found = verified_by(&export, of, first);
                let expected = keys[last].verifier();
                if of >= in_force(first) {
                    assert_eq!(found.as_ref(), Ok(expected), "{first} {size} {of}");
                } else {
                    let told = format!(
                        "the checkpoint is signed with {expected}, and no entry of the export says that this key replaced another"
                    );
                    assert_eq!(found, Err(told), "{first} {size} {of}");
                }
            }
        }
    }
}

#[test]
fn a_key_that_was_replaced_signs_no_more() {
    let (log, keys, notes) = (log(), keys(), notes());
    let replaced = |index| Err(Flaw::Replaced(index).to_string());
    // Whoever has the first key, and has only that, may have stolen it: all three are refused, with notes and without.
    assert_eq!(verified_by(&log.export_by(&keys[0], 0, 10, Vec::new()), 0, 0), replaced(6));
    assert_eq!(verified_by(&log.export_by(&keys[0], 0, 5, Vec::new()), 0, 0), replaced(3));
    assert_eq!(verified_by(&log.export_by(&keys[1], 0, 10, notes[..1].to_vec()), 0, 0), replaced(6));
    let unsigned = verified_by(&log.export_by(&keys[0], 0, 10, notes.clone()), 0, 0).unwrap_err();
    assert!(unsigned.starts_with("of the checkpoint, it is signed, but not with the key"), "{unsigned}");
    // And the one who was shown the export up to there follows the thief to no key that the log does not tell of.
    let thief = key(66);
    let forged = keys[0].sign(&Successor(thief.verifier().clone()));
    let led = log.export_by(&thief, 0, 10, vec![forged.clone()]);
    assert_eq!(verified_by(&led, 0, 0), replaced(6));
    let unrecorded = verified_by(&log.export_by(&thief, 0, 3, vec![forged]), 0, 0).unwrap_err();
    assert!(unrecorded.contains("no entry of the export says"), "{unrecorded}");
}

#[test]
fn notes_that_do_not_lead_from_key_to_key_are_refused() {
    let (log, keys, notes) = (log(), keys(), notes());
    let with = |notes: Vec<String>| verified_by(&log.export_by(&keys[2], 0, 10, notes), 0, 0).unwrap_err();
    let turned = with(vec![notes[1].clone(), notes[0].clone()]);
    assert!(turned.contains("of the checkpoint, it is signed, but not with the key"), "{turned}");
    let twice = with(vec![notes[0].clone(), notes[0].clone(), notes[1].clone()]);
    assert!(twice.starts_with("of the keys that replaced the log's"), "{twice}");
    // The format says whether there are any.
    let mut export = log.export_by(&keys[2], 0, 10, notes);
    export[0] = export[0].replace("export/2", "export/1");
    assert_eq!(verified_by(&export, 0, 0), Err(Flaw::Header.to_string()));
    let mut export = log.export_by(&keys[0], 0, 2, Vec::new());
    export[0] = export[0].replace("export/1", "export/2");
    assert_eq!(verified_by(&export, 0, 0), Err(Flaw::Header.to_string()));
}
