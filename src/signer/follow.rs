//! Follows revocations: what was renewed from a compromised key, or has it, is revoked with it, even if it was being issued
//! while its origin was revoked. A revocation takes no lock that could keep the signer from issuing, so the signer looks.

use super::{Signer, SignerError, kept::SIGNER};
use crate::{
    domain::certificate::{RevocationReason, Revoked},
    store::{Ended, Error, Recorder, UnitOfWork, revocation},
};

impl Signer {
    /// Revokes what should have been revoked with another certificate.
    pub(super) async fn follow(&self) -> Result<(), SignerError> {
        Ok(self.database.transact(self.once("certificate.follow"), &Follow).await?)
    }
}

struct Follow;

impl UnitOfWork for Follow {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        tx.unchanged();
        let at = tx.now();
        // What is renewed from one that is revoked here follows it.
        loop {
            let found = revocation::stragglers(tx.db()).await?;
            if found.is_empty() {
                return tx.commit(()).await;
            }
            for (certificate, key_id) in found {
                let note = Some("follows the revocation of a compromised key".to_owned());
                let why = Revoked { at, reason: RevocationReason::KeyCompromise, note };
                revocation::revoke(&mut tx, &certificate, &why, SIGNER).await?;
                if let Some(key_id) = key_id {
                    revocation::bar(&mut tx, key_id).await?;
                }
                tracing::warn!(
                    sha256 = hex::encode(certificate),
                    "a certificate is revoked after its origin"
                );
            }
        }
    }
}
