//! Certificates: orders and who signs for them, the inventory, revocation. Administrators see and act on everything, an
//! agency on what names it.
//!
//! Nothing here issues: an order with the signatures that it needs is taken up by the signer, which checks them again.

pub mod gateway;
pub mod join;
pub mod order;
pub mod read;
pub mod renew;
pub mod revoke;
pub mod signed;

use super::{Error, Tx};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::{Relation, Role},
        certificate::{Order, OrderFilter, OrderId, OrderKey},
        name::SystemName,
    },
    ledger::ChangeKind,
    pki::request,
    store::{certificate::check_key, order as orders},
};

/// The relations of the caller to what belongs to a system; `None` is a gateway. The registry is the administrators' own,
/// an agency's systems are each other's, but for those that keep to themselves.
fn relations(tx: &Tx, system: Option<&SystemName>) -> Vec<Relation> {
    let own = match (tx.caller().role, system) {
        (Role::Administrator, _) => true,
        (_, None) => false,
        (role, Some(system)) if role.keeps_to_itself() => *system == tx.caller().system_name(),
        (_, Some(system)) => system.agency == *tx.agency(),
    };
    if own { vec![Relation::Own] } else { Vec::new() }
}

/// The relations of the caller to everything that belongs to an agency's systems.
fn relations_to_all(tx: &Tx, agency: &AgencyCode) -> Vec<Relation> {
    let role = tx.caller().role;
    let own = role == Role::Administrator || agency == tx.agency() && !role.keeps_to_itself();
    if own { vec![Relation::Own] } else { Vec::new() }
}

/// Finds the order under its lock, if the caller may see it.
async fn locked(tx: &mut Tx, id: OrderId) -> Result<Order, Error> {
    orders::lock(tx.db(), id).await?;
    find(tx, id).await
}

/// Finds the order, if the caller may see it.
async fn find(tx: &mut Tx, id: OrderId) -> Result<Order, Error> {
    let filter = OrderFilter { id: Some(id), ..Default::default() };
    let order = orders::list(tx.db(), &filter).await?.pop();
    let found = order.as_ref().map(|order| relations(tx, order.system.as_ref())).unwrap_or_default();
    tx.permit(&found, "certificate order")?;
    order.ok_or_else(|| super::tx::not_found("certificate order"))
}

/// Tells and stores that an order changed.
async fn save(tx: &mut Tx, order: &mut Order) -> Result<(), Error> {
    order.version += 1;
    orders::update(tx.db(), order).await?;
    tx.changed(ChangeKind::Updated, order);
    Ok(())
}

/// Finds the role of a system for which somebody asks. `NOT_FOUND`, `AGENCY_SUSPENDED`, `SYSTEM_RETIRED`,
/// `SYSTEM_NOT_APPROVED`.
async fn approved_role(tx: &mut Tx, name: &SystemName) -> Result<Role, Error> {
    let found = relations(tx, Some(name));
    tx.permit(&found, "system")?;
    let agency = crate::store::agency::find(tx.db(), &name.agency).await?;
    let agency = agency.ok_or_else(|| super::tx::not_found("system"))?;
    let systems = crate::store::agency::list_systems(tx.db(), &name.agency).await?;
    let system = systems.into_iter().find(|system| system.name == *name);
    let system = system.ok_or_else(|| super::tx::not_found("system"))?;
    if agency.state != crate::domain::agency::AgencyState::Active {
        return Err(Fault::from(Reason::AgencySuspended).with("agency", &agency.code).into());
    }
    system.must_serve()?;
    let unapproved =
        || Fault::from(Reason::SystemNotApproved).with("system", format!("{}/{}", name.agency, name.id));
    Ok(system.role.ok_or_else(unapproved)?)
}

/// Reads the key of a signing request, and the parts that are not taken over. Reasons of `pki::request`, and
/// `KEY_BLOCKED`, `KEY_OF_OTHER_AGENCY`, `KEY_IN_USE`, `KEY_OF_AUTHORITY`.
async fn key_of(
    db: &mut sqlx::PgConnection,
    csr_pem: &str,
    system: &SystemName,
) -> Result<(OrderKey, Vec<String>), Error> {
    let request = request::read_text(csr_pem.as_bytes())?;
    check_key(db, &request.key_id, Some(system)).await?;
    let key = OrderKey { spki: request.spki.clone(), id: request.key_id };
    Ok((key, request.ignored_for(system.agency.as_str(), &system.id)))
}
