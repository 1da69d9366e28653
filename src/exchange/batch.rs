//! What every act on things by name has in common: each is named once, is known, and has the etag that its caller saw.
//! What is wrong with one is said of that one.

use std::{collections::HashMap, hash::Hash};

use super::tx;
use crate::domain::{Fault, Reason, Violation};

/// The items of a batch in the order of the request: names and etags. `field` is their field in the request,
/// `resource` what one is called.
pub(super) struct Items<'a, N> {
    pub field: &'static str,
    pub resource: &'static str,
    pub items: &'a [(N, String)],
}

impl<N: Eq + Hash> Items<'_, N> {
    /// The path of a field of an item.
    pub fn at(&self, index: usize, field: &str) -> String {
        format!("{}[{index}].{field}", self.field)
    }

    /// What an item names: `DUPLICATE_IN_BATCH`, `NOT_FOUND`.
    pub fn find<'f, R>(&self, index: usize, found: &'f HashMap<N, R>) -> Result<&'f R, Violation> {
        let (name, _) = &self.items[index];
        if let Some(first) = self.items[..index].iter().position(|(earlier, _)| earlier == name) {
            let double = Fault::from(Reason::DuplicateInBatch).with("index", first);
            return Err(double.at(self.at(index, "name")));
        }
        let unknown = || Fault::from(Reason::NotFound).with("resource", self.resource);
        found.get(name).ok_or_else(|| unknown().at(self.at(index, "name")))
    }

    /// `ETAG_MISMATCH`.
    pub fn match_etag(&self, index: usize, current: &str) -> Result<(), Violation> {
        tx::match_etag(&self.items[index].1, current).map_err(|fault| fault.at(self.at(index, "etag")))
    }
}
