//! Renewal: the key of a certificate signs for its successor. No administrator is needed while the lineage is unbroken.

use super::{
    super::{Error, Tx, Work},
    key_of,
    order::{Ordered, create, draft, unchanged},
    signed::Signed,
};
use crate::{
    domain::{
        Reason,
        certificate::{OrderFilter, OrderState, Way},
    },
    pki::statement::{ExpectedStatement, Purpose},
    store::order as orders,
};

/// Renews the certificate that the call came with. The same key again is the same order.
pub struct RenewCertificate {
    /// The signing request (PKCS #10), PEM.
    pub csr_pem: String,
    /// The caller's statement, signed by its key.
    pub signed: Signed,
}

impl Work for RenewCertificate {
    type Answer = Ordered;

    async fn run(&self, tx: &mut Tx) -> Result<Ordered, Error> {
        let (system, previous) = (tx.caller().system_name(), tx.caller().fingerprint);
        // Two renewals at once: the second waits, and finds the first.
        crate::store::lock::lineage(tx.db(), &previous).await?;
        let (key, ignored) = key_of(tx.db(), &self.csr_pem, &system).await?;
        let filter = OrderFilter { previous: Some(previous), ..Default::default() };
        let earlier = orders::list(tx.db(), &filter).await?;
        let earlier_order = earlier.iter().find(|order| order.state(tx.now()) != OrderState::Rejected);
        match earlier_order {
            Some(order) if order.key.as_ref().is_some_and(|known| known.id == key.id) => {
                return Ok(unchanged(tx, order));
            }
            Some(_) => return Err(Reason::AlreadyRenewed.into()),
            None => {}
        }
        let trust_domain = tx.outside().trust_domain.clone();
        let expected = ExpectedStatement {
            purpose: Purpose::Renew,
            trust_domain: &trust_domain,
            system: &system,
            role: None,
            subject: Some(key.id),
            previous: Some(previous),
            lifetime_days: None,
        };
        let statement = self.signed.check(tx, &expected).await?;
        let mut order = draft(tx, Way::Renewal, &system);
        order.role = Some(tx.caller().role);
        order.key = Some(key);
        order.ignored = ignored;
        order.previous = Some(previous);
        order.lifetime_days = i32::try_from(statement.lifetime_days).unwrap_or_default();
        order.expires_at = statement.expires_at;
        order.approvals = vec![self.signed.approval(tx)];
        create(tx, &order).await
    }
}
