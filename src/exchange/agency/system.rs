//! Systems of agencies: one administrator registers a system or proposes its role, a second one approves, and any one retires it.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Fault, Reason,
        access::Role,
        agency::{Agency, System},
        batch::{ItemOutcome, MutationAnswer},
        certificate::{Revocable, RevocationNote, RevocationReason},
        name::SystemName,
    },
    exchange::{
        Error, Tx, Work,
        certificate::revoke::RevokeCertificates,
        tx::{match_etag, not_found},
    },
    ledger::ChangeKind,
    store::agency as rows,
};

/// Registers a system of an agency, with the role that it is to have. `SYSTEM_RETIRED` where the name was one's that is
/// gone, `SYSTEM_EXISTS` where it is one's that is there.
pub struct RegisterSystem {
    /// The system's full name.
    pub name: SystemName,
    /// The system's role.
    pub role: Role,
}

impl Work for RegisterSystem {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        let agency = rows::find_for_update(tx.db(), &self.name.agency).await?;
        let agency = agency.ok_or_else(|| not_found("agency"))?;
        check_role(&agency, self.role)?;
        if let Some(known) = rows::find_system_for_update(tx.db(), &self.name).await? {
            known.must_serve()?;
        }
        let system = System::new(self.name.clone(), self.role, &tx.caller().system_name());
        let now = tx.now();
        rows::insert_system(tx.db(), &system, now).await?;
        tx.changed(ChangeKind::Created, &system);
        Ok(tx.change(&system.name, system.etag(), ItemOutcome::Created))
    }
}

/// Proposes another role for a system.
pub struct UpdateSystem {
    /// The system's full name.
    pub name: SystemName,
    /// The etag that the caller saw.
    pub etag: String,
    /// The system's role.
    pub role: Role,
}

impl Work for UpdateSystem {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        let (agency, mut system) = load_system(tx, &self.name, &self.etag).await?;
        check_role(&agency, self.role)?;
        let before = (system.role, system.proposal.clone());
        system.take_role(self.role, &tx.caller().system_name());
        if before == (system.role, system.proposal.clone()) {
            tx.unchanged();
            return Ok(tx.change(&system.name, system.etag(), ItemOutcome::Unchanged));
        }
        save_system(tx, system).await
    }
}

/// A second administrator says yes to the role that the first one proposed.
pub struct ApproveSystem {
    /// The system's full name.
    pub name: SystemName,
    /// The etag that the caller saw.
    pub etag: String,
}

impl Work for ApproveSystem {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        let (agency, mut system) = load_system(tx, &self.name, &self.etag).await?;
        let role = system.approve(&tx.caller().system_name())?;
        check_role(&agency, role)?;
        save_system(tx, system).await
    }
}

/// Retires a system for good: its certificates are revoked, its open orders end, and it loses its role. One administrator
/// does it, as one revokes: two are needed to let somebody in, and none may be kept in by another's absence.
pub struct RetireSystem {
    /// The system's full name.
    pub name: SystemName,
    /// The etag that the caller saw.
    pub etag: String,
    /// The reason in words, which stays with the revocations.
    pub note: RevocationNote,
}

/// The answer to a retirement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RetiredSystem {
    /// The name, the etag and the outcome.
    #[serde(flatten)]
    pub change: MutationAnswer,
    /// The certificates that were revoked.
    pub certificates: usize,
    /// The open invitations and requests that ended.
    pub orders_ended: usize,
    /// The administrators who are left.
    pub administrators_left: usize,
}

impl Work for RetireSystem {
    type Answer = RetiredSystem;

    /// Takes orders and certificates first and the system last, as the signer does.
    async fn run(&self, tx: &mut Tx) -> Result<RetiredSystem, Error> {
        let revocation = RevokeCertificates {
            what: Revocable::System(self.name.clone()),
            reason: RevocationReason::CessationOfOperation,
            note: self.note.clone(),
            break_glass: false,
        };
        let stopped = revocation.stop(tx).await?;
        let (_, mut system) = load_system(tx, &self.name, &self.etag).await?;
        system.retire(tx.now())?;
        let change = save_system(tx, system).await?;
        Ok(RetiredSystem {
            change,
            certificates: stopped.revoked.len(),
            orders_ended: stopped.orders_ended,
            administrators_left: stopped.administrators_left,
        })
    }
}

/// Finds a system under its lock, with its agency. `NOT_FOUND`, `ETAG_MISMATCH`, `SYSTEM_RETIRED`.
async fn load_system(tx: &mut Tx, name: &SystemName, etag: &str) -> Result<(Agency, System), Error> {
    let agency = rows::find(tx.db(), &name.agency).await?.ok_or_else(|| not_found("system"))?;
    let system = rows::find_system_for_update(tx.db(), name).await?;
    let system = system.ok_or_else(|| not_found("system"))?;
    match_etag(etag, &system.etag())?;
    system.must_serve()?;
    Ok((agency, system))
}

async fn save_system(tx: &mut Tx, mut system: System) -> Result<MutationAnswer, Error> {
    system.version += 1;
    rows::update_system(tx.db(), &system).await?;
    tx.changed(ChangeKind::Updated, &system);
    Ok(tx.change(&system.name, system.etag(), ItemOutcome::Updated))
}

fn check_role(agency: &Agency, role: Role) -> Result<(), Error> {
    if agency.kind.may_have(role) {
        return Ok(());
    }
    Err(Fault::from(Reason::RoleNotOfAgency).with("kind", agency.kind).with("role", role).into())
}
