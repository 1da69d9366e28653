//! The signer's last lists: kept in files beside its mark, `(mark).clients.crl.pem` and `(mark).gateways.crl.pem`.
//!
//! A database that was restored from an old backup has forgotten revocations, and with them lets revoked certificates in.
//! Before it signs anything, the signer puts back what its last lists name. What they name and the database does not know
//! stays in the lists that follow, for those who look at nothing else.

use std::{fs, io, path::PathBuf};

use super::{Signer, SignerError};
use crate::{
    domain::certificate::{Crl, Revocable, RevocationReason, Revoked, Serial},
    files::write_file,
    pki::{
        crl::{self, RevokedEntry},
        der::pem,
    },
    store::{Ended, Error, Recorder, UnitOfWork, revocation},
};

/// The name under which the signer revokes.
pub(super) const SIGNER: &str = "signer";

/// The last list of an authority.
pub(super) struct KeptList {
    path: PathBuf,
    /// The authority's certificate in DER: its key must have signed the list.
    authority: Vec<u8>,
    /// 0 where none was kept yet.
    pub number: i64,
    pub entries: Vec<RevokedEntry>,
}

impl KeptList {
    /// Reads the file; none is an empty list. An error where the authority did not sign it.
    pub fn open(path: PathBuf, authority: Vec<u8>) -> io::Result<Self> {
        let mut kept = Self { path, authority, number: 0, entries: Vec::new() };
        match fs::read(&kept.path) {
            Ok(text) => {
                let list = crl::from_pem(&text).and_then(|der| kept.take(&der));
                list.ok_or_else(|| {
                    let text = "this is no list of this signer's authority; move it away if that is right";
                    io::Error::other(format!("{}: {text}", kept.path.display()))
                })?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(kept)
    }

    fn take(&mut self, der: &[u8]) -> Option<()> {
        let read = crl::read(der, &self.authority)?;
        (self.number, self.entries) = (read.number, read.entries);
        Some(())
    }

    /// Keeps the authority's newest list, unless the one that is kept is newer.
    pub fn keep(&mut self, newest: &Crl) -> io::Result<()> {
        if newest.number <= self.number {
            return Ok(());
        }
        // Written first: what is remembered is what is on disk.
        write_file(&self.path, 0o644, pem("X509 CRL", &newest.der).as_bytes())?;
        self.take(&newest.der).ok_or_else(|| io::Error::other("the newest list is not the authority's"))
    }
}

impl Signer {
    /// Puts back the revocations that a restored database has forgotten.
    pub(super) async fn put_back(&self, entries: &[RevokedEntry]) -> Result<(), SignerError> {
        Ok(self.database.transact(self.once("certificate.put_back"), &PutBack { entries }).await?)
    }
}

struct PutBack<'a> {
    entries: &'a [RevokedEntry],
}

impl UnitOfWork for PutBack<'_> {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        tx.unchanged();
        for entry in self.entries {
            let what = Revocable::Certificate(Serial(hex::encode(&entry.serial)));
            let known = revocation::named(tx.db(), &what, false).await?.pop();
            let Some(certificate) = known.filter(|certificate| !certificate.revoked) else { continue };
            let note = Some("put back from the signer's last list".to_owned());
            let why = Revoked { at: entry.at, reason: entry.reason, note };
            revocation::revoke(&mut tx, &certificate.fingerprint, &why, SIGNER).await?;
            if let (RevocationReason::KeyCompromise, Some(key_id)) = (entry.reason, certificate.key_id) {
                revocation::bar(&mut tx, key_id).await?;
            }
            tracing::warn!(
                serial = certificate.serial,
                "a revocation that the database had forgotten is put back"
            );
        }
        tx.commit(()).await
    }
}
