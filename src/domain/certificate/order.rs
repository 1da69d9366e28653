//! Orders of certificates (permohonan sertifikat): their requesters, signed statements and states. Owns the states of an
//! order and the number of signatures that it needs. An order authorises nothing by itself: the signer verifies the
//! statements.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::{Fingerprint, Role},
        bounds,
        name::{SystemName, invalid},
    },
    text_enum,
};

/// The time for which an order without result is kept after its end. It is far longer than any statement on the order is
/// valid, so that no certificate can come of a deleted order.
pub const ORDER_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

text_enum! {
    /// The way in which an order is authorised.
    Way {
        /// The token of an invitation authorises it.
        Token = "TOKEN",
        /// Administrators approve the key of a signing request.
        Csr = "CSR",
        /// The key of the certificate that is renewed signs for the new key.
        Renewal = "RENEWAL",
        /// A gateway orders its own, for names in the signer's configuration.
        Gateway = "GATEWAY",
        /// The root's key authorises it.
        Ceremony = "CEREMONY",
    }
}

text_enum! {
    /// The state of an order, computed from the rows that the exchange writes about the request and those that the signer
    /// writes about the issuance.
    OrderState {
        AwaitingApproval = "AWAITING_APPROVAL",
        AwaitingKey = "AWAITING_KEY",
        Waiting = "WAITING",
        Recorded = "RECORDED",
        Linted = "LINTED",
        Intent = "INTENT",
        Issued = "ISSUED",
        Collected = "COLLECTED",
        Seen = "SEEN",
        Rejected = "REJECTED",
        Expired = "EXPIRED",
    }
}

text_enum! {
    /// The signer's last step on an order.
    Stage { Recorded = "RECORDED", Linted = "LINTED", Intent = "INTENT", Issued = "ISSUED", Rejected = "REJECTED" }
}

impl Stage {
    /// Whether the signer has yet to come to an end.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Issued | Self::Rejected)
    }
}

/// The name of an order: `certificateOrders/{uuid}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderId(pub Uuid);

impl OrderId {
    /// Parses `certificateOrders/{uuid}`. Errors: `NAME_INVALID`, `FIELD_REQUIRED`.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        let form = "certificateOrders/{uuid}";
        if name.is_empty() {
            return Err(Reason::FieldRequired.into());
        }
        let id = name.strip_prefix("certificateOrders/").filter(|id| id.len() == 36);
        let id = id.filter(|id| !id.contains(|c: char| c.is_ascii_uppercase()));
        id.and_then(|id| Uuid::parse_str(id).ok()).map(Self).ok_or_else(|| invalid(name, form))
    }
}

impl std::fmt::Display for OrderId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "certificateOrders/{}", self.0)
    }
}

/// The id of a key: SHA-256 of its SubjectPublicKeyInfo.
pub type KeyId = [u8; 32];

/// The key for which a certificate is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    /// The SubjectPublicKeyInfo, DER.
    pub spki: Vec<u8>,
    /// The key's id, SHA-256 of the SPKI.
    pub id: KeyId,
}

/// An order of a certificate (permohonan), or an invitation to make one. It authorises nothing by itself.
#[derive(Debug, Clone)]
pub struct Order {
    /// The order's id, which is also its name.
    pub id: OrderId,
    /// The way in which the order is authorised.
    pub way: Way,
    /// The system that is to get the certificate; `None` for a gateway.
    pub system: Option<SystemName>,
    /// The role of the system when the order was made; `None` for a gateway.
    pub role: Option<Role>,
    /// The hash of an invitation's token.
    pub token: Option<[u8; 32]>,
    /// The key for which a certificate is ordered, once it is known.
    pub key: Option<OrderKey>,
    /// The parts of the signing request beside its key, which are ignored.
    pub ignored: Vec<String>,
    /// The host names and addresses of a gateway's certificate.
    pub hosts: Vec<String>,
    /// The lifetime that was granted, in days; 0 until the order is approved.
    pub lifetime_days: i32,
    /// The certificate that the order renews.
    pub previous: Option<Fingerprint>,
    /// The maker of the order: a system by its full name, `gateway` or `root`.
    pub requester: String,
    /// Whether an administrator has rejected the order.
    pub rejected: bool,
    /// The administrator's words on a rejection.
    pub note: Option<String>,
    /// The time at which the used token was tried with another key.
    pub other_key_at: Option<Timestamp>,
    /// Counts the changes of the order, from 1, the signer's included.
    pub version: i64,
    /// The time at which the order was made.
    pub created_at: Timestamp,
    /// The time at which the order ends, unless it is approved and has a key by then.
    pub expires_at: Timestamp,
    /// The administrators' signed statements, in the order in which they came.
    pub approvals: Vec<Approval>,
    /// The part of the signer and of the holder.
    pub progress: Progress,
}

/// The progress of an order on the signer's and the holder's side.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// The signer's last stage; `None` before the signer took the order up.
    pub stage: Option<Stage>,
    /// The reason code of the signer's refusal.
    pub reason: Option<String>,
    /// The issued certificate.
    pub certificate: Option<Fingerprint>,
    /// The issued certificate's serial number.
    pub serial: Option<String>,
    /// The serial number of the certificate that the order renews.
    pub previous: Option<String>,
    /// The time at which the certificate was issued.
    pub issued_at: Option<Timestamp>,
    /// Whether the holder has fetched the certificate.
    pub collected: bool,
    /// Whether the holder has used the certificate.
    pub seen: bool,
}

/// A signed statement on an order.
#[derive(Debug, Clone)]
pub struct Approval {
    /// The system of the signer of the statement.
    pub approver: String,
    /// The certificate whose key signed the statement.
    pub certificate: Fingerprint,
    /// The statement's bytes.
    pub statement: Vec<u8>,
    /// The signature over the statement's bytes.
    pub signature: Vec<u8>,
    /// The time at which the statement was received.
    pub approved_at: Timestamp,
}

impl Order {
    /// A new order, of version 1: for no system, without role, token, key, hosts or approval, and nothing done about it. Who
    /// orders fills in the rest.
    pub fn new(
        id: OrderId,
        way: Way,
        requester: String,
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            id,
            way,
            system: None,
            role: None,
            token: None,
            key: None,
            ignored: Vec::new(),
            hosts: Vec::new(),
            lifetime_days: 0,
            previous: None,
            requester,
            rejected: false,
            note: None,
            other_key_at: None,
            version: 1,
            created_at,
            expires_at,
            approvals: Vec::new(),
            progress: Progress::default(),
        }
    }

    /// The number of statements that the order needs: two for a system whose role takes two administrators, none for a
    /// gateway, else one.
    pub fn approvals_needed(&self) -> usize {
        match self.way {
            Way::Token | Way::Csr if self.role.is_some_and(Role::takes_two) => 2,
            Way::Token | Way::Csr | Way::Renewal | Way::Ceremony => 1,
            Way::Gateway => 0,
        }
    }

    /// How far the order has come at a moment.
    pub fn state(&self, now: Timestamp) -> OrderState {
        // Turned down while it was under way: the signer leaves it, unless it had issued.
        if self.rejected && self.progress.stage != Some(Stage::Issued) {
            return OrderState::Rejected;
        }
        match self.progress.stage {
            Some(Stage::Recorded) => return OrderState::Recorded,
            Some(Stage::Linted) => return OrderState::Linted,
            Some(Stage::Intent) => return OrderState::Intent,
            Some(Stage::Rejected) => return OrderState::Rejected,
            Some(Stage::Issued) if self.progress.seen => return OrderState::Seen,
            Some(Stage::Issued) if self.progress.collected => return OrderState::Collected,
            Some(Stage::Issued) => return OrderState::Issued,
            None => {}
        }
        match (self.approvals.len() >= self.approvals_needed(), self.key.is_some()) {
            (true, true) => OrderState::Waiting,
            _ if now >= self.expires_at => OrderState::Expired,
            (false, _) => OrderState::AwaitingApproval,
            (true, false) => OrderState::AwaitingKey,
        }
    }

    /// The etag, which changes with the version and the state at a moment.
    pub fn etag(&self, now: Timestamp) -> String {
        bounds::etag(&self.id.to_string(), self.version, self.state(now).as_str())
    }

    /// Whether the order came to nothing, and ended so long ago that nobody asks for it: it expired or was turned down, the
    /// signer never took it up, and [`ORDER_KEPT`] has passed since its end.
    pub fn is_forgettable(&self, now: Timestamp) -> bool {
        // What the signer refused stays, as does what it issued: that is the authority's own record.
        let nothing = self.progress.stage.is_none()
            && matches!(self.state(now), OrderState::Expired | OrderState::Rejected);
        nothing && now.duration_since(self.expires_at) >= ORDER_KEPT
    }

    /// Errs with `STATE_FORBIDS` unless the order is in one of the allowed states at the moment.
    pub fn must_be(&self, allowed: &[OrderState], now: Timestamp) -> Result<(), Fault> {
        let state = self.state(now);
        if allowed.contains(&state) {
            Ok(())
        } else {
            Err(Fault::state_forbids("certificate order", state, allowed))
        }
    }
}

/// Which orders, newest first. What is `None` does not count.
#[derive(Default)]
pub struct OrderFilter<'a> {
    /// The order with this id.
    pub id: Option<OrderId>,
    /// The invitation whose token has this hash.
    pub token: Option<[u8; 32]>,
    /// Orders that renew this certificate.
    pub previous: Option<Fingerprint>,
    /// Orders for this key.
    pub key: Option<[u8; 32]>,
    /// Orders of this agency's systems.
    pub agency: Option<&'a AgencyCode>,
    /// Orders for this system.
    pub system: Option<&'a SystemName>,
    /// Orders that this system made, by its full name.
    pub requester: Option<&'a str>,
    /// Only those that wait for somebody, at this moment.
    pub open_at: Option<Timestamp>,
    /// Only those after this one.
    pub after: Option<(Timestamp, Uuid)>,
    /// The most orders that are listed.
    pub limit: Option<i64>,
}

/// Counts the orders that wait, by whom they wait for.
#[derive(Debug, Default)]
pub struct WaitingOrders {
    /// Orders that wait for an administrator.
    pub for_approval: i64,
    /// Orders that wait for the signer.
    pub for_signer: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: SignedDuration = SignedDuration::from_secs(1);

    fn end() -> Timestamp {
        "2026-03-02T00:00:00Z".parse().unwrap()
    }

    fn order(way: Way, role: Role) -> Order {
        let created = end() - SignedDuration::from_hours(1);
        let order = Order::new(OrderId(Uuid::nil()), way, "root".to_owned(), created, end());
        Order { role: Some(role), ..order }
    }

    fn approval() -> Approval {
        Approval {
            approver: "agencies/operator/systems/admin".to_owned(),
            certificate: [1; 32],
            statement: Vec::new(),
            signature: Vec::new(),
            approved_at: end(),
        }
    }

    #[test]
    fn an_order_needs_as_many_statements_as_its_way_and_role_take() {
        for role in Role::ALL {
            let two = if role.takes_two() { 2 } else { 1 };
            let needed = Way::ALL.iter().map(|way| order(*way, *role).approvals_needed());
            assert_eq!(needed.collect::<Vec<_>>(), [two, two, 1, 0, 1], "{role}");
        }
    }

    #[test]
    fn an_order_goes_from_its_statements_to_its_first_use() {
        use OrderState::{
            AwaitingApproval, AwaitingKey, Collected, Expired, Issued, Rejected, Seen, Waiting,
        };
        let mut order = order(Way::Token, Role::Partner);
        let before = end() - SECOND;
        let states = |order: &Order| [before, end()].map(|now| order.state(now));
        assert_eq!(states(&order), [AwaitingApproval, Expired]);
        order.approvals.push(approval());
        assert_eq!(states(&order), [AwaitingKey, Expired]);
        order.key = Some(OrderKey { spki: Vec::new(), id: [2; 32] });
        assert_eq!(states(&order), [Waiting, Waiting], "who has all in time waits for the signer alone");
        assert_eq!(states(&Order { rejected: true, ..order.clone() }), [Rejected; 2]);
        order.progress.stage = Some(Stage::Issued);
        assert_eq!(states(&order), [Issued; 2]);
        order.progress.collected = true;
        assert_eq!(states(&order), [Collected; 2]);
        order.progress.seen = true;
        assert_eq!(states(&order), [Seen; 2]);
        assert_eq!(order.must_be(&[Seen, Waiting], end()), Ok(()));
        assert_eq!(order.must_be(&[Waiting], end()).unwrap_err().reason, Reason::StateForbids);
        for (stage, state) in [
            (Stage::Recorded, OrderState::Recorded),
            (Stage::Linted, OrderState::Linted),
            (Stage::Intent, OrderState::Intent),
            (Stage::Rejected, Rejected),
        ] {
            order.progress.stage = Some(stage);
            assert_eq!(order.state(end()), state);
        }
    }

    #[test]
    fn what_came_to_nothing_is_forgotten_after_90_days() {
        let order = order(Way::Token, Role::Partner);
        let late = end() + SignedDuration::from_hours(90 * 24);
        assert!(order.is_forgettable(late) && !order.is_forgettable(late - SECOND));
        let turned_down = Order { rejected: true, ..order.clone() };
        assert!(turned_down.is_forgettable(late));
        let key = Some(OrderKey { spki: Vec::new(), id: [2; 32] });
        let waiting = Order { approvals: vec![approval()], key, ..order.clone() };
        assert!(!waiting.is_forgettable(late), "the signer may still take it up");
        for stage in [Stage::Issued, Stage::Rejected, Stage::Intent] {
            let progress = Progress { stage: Some(stage), ..Progress::default() };
            assert!(!Order { progress, ..order.clone() }.is_forgettable(late), "the signer's record stays");
        }
    }
}
