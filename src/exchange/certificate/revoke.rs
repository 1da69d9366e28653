//! Revocation: it holds from its commit on, since every call reads it; lists for others follow.

use serde::{Deserialize, Serialize};

use super::{
    super::{Error, Tx, Work, tx::not_found},
    relations, relations_to_all, save,
};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        agency::Upcoming,
        certificate::{
            ADMINISTRATORS_MIN, Order, OrderFilter, Revocable, RevocationNote, RevocationReason, Revoked,
            Stage,
        },
    },
    store::{
        certificate as inventory, order as orders,
        revocation::{self, Named, Patience},
    },
};

/// Revokes certificates, ends the open orders that could bring their holders back, and with a compromised key blocks it for
/// ever. `NOT_FOUND`, `ADMINISTRATORS_TOO_FEW`, `LOCK_HELD`.
pub struct RevokeCertificates {
    /// The certificate, or all of an agency.
    pub what: Revocable,
    /// The reason, as revocation lists have it.
    pub reason: RevocationReason,
    /// The reason in words.
    pub note: RevocationNote,
    /// Whether fewer than two administrators may be left.
    pub break_glass: bool,
}

/// The outcome of a revocation: the certificates, and everything that stops with them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stopped {
    /// The ledger entry; `None` where nothing changed.
    pub entry: Option<uuid::Uuid>,
    /// Serials, oldest first, with the system of each.
    pub revoked: Vec<(String, String)>,
    /// The number of those that were revoked before.
    pub already: usize,
    /// Sessions ahead that agencies concerned lead.
    pub sessions_ahead: i64,
    /// Open assignments of their trainers.
    pub assignments_ahead: i64,
    /// Administrators who are left.
    pub administrators_left: usize,
    /// Open invitations and requests that ended with them.
    #[serde(default)]
    pub orders_ended: usize,
}

impl Work for RevokeCertificates {
    type Answer = Stopped;

    async fn run(&self, tx: &mut Tx) -> Result<Stopped, Error> {
        self.permit(tx).await?;
        let stopped = self.stop(tx).await?;
        if stopped.entry.is_none() {
            tx.unchanged();
        }
        Ok(stopped)
    }
}

/// Bars the key of a certificate; false where it is barred, or not known.
async fn bar(tx: &mut Tx, certificate: &Named) -> Result<bool, Error> {
    match certificate.key_id {
        Some(key_id) => revocation::bar(tx, key_id).await,
        None => Ok(false),
    }
}

impl RevokeCertificates {
    /// Revokes, bars and ends, without asking whether the caller may, and tells of each; `entry` is `None` where nothing
    /// changed. `ADMINISTRATORS_TOO_FEW`, `LOCK_HELD`.
    pub(in crate::exchange) async fn stop(&self, tx: &mut Tx) -> Result<Stopped, Error> {
        let (now, compromised) = (tx.now(), self.reason == RevocationReason::KeyCompromise);
        let mut patience = Patience::default();
        // As the signer locks them: an order, then what may be revoked.
        let orders_ended = self.end_orders(tx, &mut patience).await?;
        for named in revocation::named(tx.db(), &self.what, compromised).await? {
            revocation::queue(tx.db(), &named.fingerprint, &mut patience).await?;
        }
        // In a statement of its own: what others committed meanwhile is there.
        let named = revocation::named(tx.db(), &self.what, compromised).await?;
        let (mut revoked, mut already, mut agencies) = (Vec::new(), 0, Vec::<AgencyCode>::new());
        let (mut taken, mut blocked) = (Vec::new(), false);
        for certificate in named {
            if certificate.revoked {
                already += 1;
                // Revoked for another reason, its key may still have to be blocked.
                blocked |= compromised && bar(tx, &certificate).await?;
                continue;
            }
            agencies.extend(certificate.system.as_ref().map(|system| system.agency.clone()));
            taken.push(certificate);
        }
        agencies.sort();
        agencies.dedup();
        let names: Vec<_> = taken.iter().map(|certificate| certificate.serial.clone()).collect();
        let left = self.count_left(tx, &taken, &names).await?;
        let Upcoming { sessions: sessions_ahead, assignments: assignments_ahead } =
            inventory::ahead(tx.db(), &agencies, now).await?;
        let revoker = tx.caller().system_name().to_string();
        let note = self.note.as_ref().map(ToString::to_string);
        for certificate in taken {
            let why = Revoked { at: now, reason: self.reason, note: note.clone() };
            revocation::revoke(tx, &certificate.fingerprint, &why, &revoker).await?;
            if compromised {
                bar(tx, &certificate).await?;
            }
            let system = certificate.system.as_ref().map(ToString::to_string).unwrap_or_default();
            revoked.push((certificate.serial, system));
        }
        let changed = !revoked.is_empty() || blocked || orders_ended > 0;
        let entry = if changed { tx.entry() } else { None };
        let administrators_left = left;
        Ok(Stopped {
            entry,
            revoked,
            already,
            sessions_ahead,
            assignments_ahead,
            administrators_left,
            orders_ended,
        })
    }

    /// Counts the administrators who are left. `ADMINISTRATORS_TOO_FEW`, `LOCK_HELD`: only where an administrator's
    /// certificate is revoked and the count matters does a revocation wait for another.
    async fn count_left(&self, tx: &mut Tx, taken: &[Named], names: &[String]) -> Result<usize, Error> {
        let now = tx.now();
        let counts = taken.iter().any(|certificate| certificate.administrator)
            && !self.break_glass
            && !tx.validates_only();
        if counts {
            // Two that revoke administrators at once must not each count on the other's.
            crate::store::lock::administrators(tx.db()).await?;
        }
        let left = inventory::count_administrators(tx.db(), now, now, names).await?;
        if counts && left < ADMINISTRATORS_MIN {
            return Err(Fault::from(Reason::AdministratorsTooFew).with("left", left).into());
        }
        Ok(left)
    }

    /// Ends the open invitations and requests that could bring back who is put out: those of an agency's systems, and those
    /// that a compromised key has to do with, be they for its system, made or signed by it.
    async fn end_orders(&self, tx: &mut Tx, patience: &mut Patience) -> Result<usize, Error> {
        let compromised = self.reason == RevocationReason::KeyCompromise;
        let mut systems = match &self.what {
            Revocable::Agency(agency) => inventory::systems_of_agency(tx.db(), agency).await?,
            Revocable::System(system) => vec![system.to_string()],
            Revocable::Certificate(_) => Vec::new(),
        };
        if compromised {
            let named = revocation::named(tx.db(), &self.what, true).await?;
            systems.extend(named.iter().filter_map(|named| named.system.as_ref()).map(ToString::to_string));
        }
        let why = match self.what {
            Revocable::System(_) => Reason::SystemRetired,
            _ => Reason::CertificateRevoked,
        };
        let (now, mut ended) = (tx.now(), 0);
        for id in orders::list_open_ids(tx.db(), &systems, now).await? {
            if !revocation::queue_order(tx.db(), id, patience).await? {
                continue;
            }
            let filter = OrderFilter { id: Some(id), ..Default::default() };
            let order = match orders::list(tx.db(), &filter).await {
                Ok(mut found) => found.pop(),
                // One row that makes no sense must not keep a certificate in force.
                Err(Error::Internal(error)) => {
                    tracing::error!(order = %id, %error, "an order cannot be read, and is not ended");
                    None
                }
                Err(other) => return Err(other),
            };
            // The signer, or somebody else, may have been there before the lock.
            let open = |order: &Order| !order.rejected && order.progress.stage.is_none_or(Stage::is_open);
            if let Some(mut order) = order.filter(open) {
                order.rejected = true;
                order.note = Some(why.code().to_owned());
                save(tx, &mut order).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// Refuses with `NOT_FOUND` for what is not there, and for what is not the caller's.
    async fn permit(&self, tx: &mut Tx) -> Result<(), Error> {
        match &self.what {
            Revocable::Agency(agency) => {
                let found = relations_to_all(tx, agency);
                tx.permit(&found, "agency")?;
                match crate::store::agency::is_known(tx.db(), agency).await? {
                    true => Ok(()),
                    false => Err(not_found("agency")),
                }
            }
            Revocable::System(system) => tx.permit(&relations(tx, Some(system)), "system"),
            Revocable::Certificate(_) => {
                let found = revocation::named(tx.db(), &self.what, false).await?.pop();
                let found = found.ok_or_else(|| not_found("certificate"))?;
                let relations = relations(tx, found.system.as_ref());
                tx.permit(&relations, "certificate")
            }
        }
    }
}
