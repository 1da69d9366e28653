//! The pin: whom a token's holder speaks to, decided before the secret leaves the machine.
//!
//! Owns one rule: the chain that the server sends contains the certificate whose SHA-256 the token names, and the
//! server's certificate leads back to that one, for this name and for serverAuth. No other authority counts. `join`
//! hands it to the connection.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use rustls::pki_types::CertificateDer;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::verifier::{Asked, ServerRule};
use crate::pki::certificate::fingerprint;

/// A reason why the server is not the one that the token names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The chain does not contain the root that the token names.
    Root,
    /// It does, and the server's certificate is not for this name.
    Name,
    /// A certificate is not valid at the time that this machine's clock shows.
    Time,
    /// The server's certificate does not lead back to the root, or is for another purpose.
    Chain(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => out.write_str("its chain does not contain the root of the token"),
            Self::Name => out.write_str("its certificate is not for this name"),
            Self::Time => out.write_str("its certificate is not valid now, by this machine's clock"),
            Self::Chain(why) => write!(out, "its certificate does not lead back to the token's root ({why})"),
        }
    }
}

impl From<webpki::Error> for Flaw {
    fn from(error: webpki::Error) -> Self {
        match error {
            webpki::Error::CertNotValidForName(_) => Self::Name,
            webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => Self::Time,
            other => Self::Chain(format!("{other:?}")),
        }
    }
}

/// Accepts a server below one root, known by its SHA-256.
#[derive(Debug)]
pub struct PinnedRoot {
    root: [u8; 32],
    flaw: Mutex<Option<Flaw>>,
}

impl PinnedRoot {
    /// Accepts a server only below the root with this SHA-256.
    pub fn new(root: [u8; 32]) -> Self {
        Self { root, flaw: Mutex::default() }
    }

    /// The flaw of the last server, if it was refused.
    pub fn flaw(&self) -> Option<Flaw> {
        self.flaw.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        asked: &Asked<'_>,
    ) -> Result<(), Flaw> {
        let root = others.iter().find(|der| fingerprint(der) == self.root).ok_or(Flaw::Root)?;
        let anchor = anchor_from_trusted_cert(root)?;
        let leaf = EndEntityCert::try_from(leaf)?;
        let usage = KeyUsage::server_auth();
        leaf.verify_for_usage(asked.algorithms, &[anchor], others, asked.now, usage, None, None)?;
        Ok(leaf.verify_is_valid_for_subject_name(asked.name)?)
    }
}

impl ServerRule for PinnedRoot {
    fn accepts(&self, leaf: &CertificateDer<'_>, others: &[CertificateDer<'_>], asked: &Asked<'_>) -> bool {
        let judged = self.judge(leaf, others, asked);
        let accepted = judged.is_ok();
        *self.flaw.lock().unwrap_or_else(PoisonError::into_inner) = judged.err();
        accepted
    }
}
