//! What the gateway's own copy of the clients' list names is refused, whatever the database says: a database that was restored
//! from an old backup has forgotten revocations, until the signer puts them back.
//!
//! A revocation is never taken back, so whatever a list that the authority signed has named once is refused for good.

use std::{
    collections::HashSet,
    fs,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use crate::pki::{certificate, crl};

/// The file in the trust folder.
pub const CLIENTS_LIST: &str = "clients.crl.pem";

/// Serial numbers of revoked certificates, by the newest list that this gateway has seen. Cheap to clone.
#[derive(Clone, Default)]
pub struct Held(Arc<RwLock<Known>>);

#[derive(Default)]
struct Known {
    number: i64,
    serials: HashSet<String>,
}

impl Held {
    /// Learns from the folder's list, if there is one and one of these authorities (PEM) signed it.
    pub fn load(folder: Option<&Path>, authorities: &Path) -> Self {
        let held = Self::default();
        let list = folder.and_then(|folder| fs::read(folder.join(CLIENTS_LIST)).ok());
        let list = list.and_then(|text| crl::from_pem(&text));
        let authorities = fs::read_to_string(authorities).ok().and_then(|pem| certificate::chain(&pem));
        if let (Some(list), Some(authorities)) = (list, authorities) {
            for authority in authorities {
                held.learn(&list, &authority);
            }
        }
        held
    }

    /// Adds what a list names, if the authority signed it; false where it is older than one that was learnt, or foreign.
    pub fn learn(&self, list: &[u8], authority: &[u8]) -> bool {
        let Some(list) = crl::read(list, authority) else { return false };
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if list.number < known.number {
            return false;
        }
        known.number = list.number;
        known.serials.extend(list.entries.iter().map(|entry| hex::encode(&entry.serial)));
        true
    }

    /// Whether a list has named the certificate of this serial number, lower-case hexadecimal.
    pub fn names(&self, serial: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).serials.contains(serial)
    }
}
