//! Orders of certificates (permohonan sertifikat): who asks, who has signed, and how far it has come. An order authorises
//! nothing by itself.

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

/// An order that came to nothing is kept for so long after its end, then deleted. Far longer than any statement on it is
/// good, so that nothing can come of it by then.
pub const ORDER_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

text_enum! {
    /// How an order is authorised.
    Way {
        /// By an invitation's token.
        Token = "TOKEN",
        /// By a signing request that administrators approve.
        Csr = "CSR",
        /// By the key of the certificate that is renewed.
        Renewal = "RENEWAL",
        /// A gateway's own, for names in the signer's configuration.
        Gateway = "GATEWAY",
        /// By the root's key.
        Ceremony = "CEREMONY",
    }
}

text_enum! {
    /// How far an order has come. Computed: the exchange writes what was asked, the signer what it did.
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
    /// The signer's side of an order.
    Stage { Recorded = "RECORDED", Linted = "LINTED", Intent = "INTENT", Issued = "ISSUED", Rejected = "REJECTED" }
}

/// `certificateOrders/{uuid}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderId(pub Uuid);

impl OrderId {
    /// `NAME_INVALID` or `FIELD_REQUIRED`.
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

/// SHA-256 over a SubjectPublicKeyInfo.
pub type KeyId = [u8; 32];

/// A key that an order is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    /// The SubjectPublicKeyInfo, DER.
    pub spki: Vec<u8>,
    pub id: KeyId,
}

/// An order (permohonan): somebody asks for a certificate. It authorises nothing by itself.
#[derive(Debug, Clone)]
pub struct Order {
    pub id: OrderId,
    pub way: Way,
    /// `None` for a gateway.
    pub system: Option<SystemName>,
    pub role: Option<Role>,
    pub token: Option<[u8; 32]>,
    pub key: Option<OrderKey>,
    pub ignored: Vec<String>,
    pub hosts: Vec<String>,
    /// 0 until it is approved.
    pub lifetime_days: i32,
    pub previous: Option<Fingerprint>,
    /// A system by its full name, `gateway` or `root`.
    pub requester: String,
    pub rejected: bool,
    pub note: Option<String>,
    pub other_key_at: Option<Timestamp>,
    pub version: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub approvals: Vec<Approval>,
    pub progress: Progress,
}

/// What became of an order, by the signer and the holder.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    pub stage: Option<Stage>,
    /// The reason code of a refusal.
    pub reason: Option<String>,
    pub certificate: Option<Fingerprint>,
    pub serial: Option<String>,
    /// The serial number of what it renews.
    pub previous: Option<String>,
    pub issued_at: Option<Timestamp>,
    pub collected: bool,
    pub seen: bool,
}

/// A signed statement on an order.
#[derive(Debug, Clone)]
pub struct Approval {
    pub approver: String,
    pub certificate: Fingerprint,
    pub statement: Vec<u8>,
    pub signature: Vec<u8>,
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

    /// How many administrators must sign.
    pub fn approvals_needed(&self) -> usize {
        match self.way {
            Way::Token | Way::Csr if self.role.is_some_and(Role::takes_two) => 2,
            Way::Token | Way::Csr | Way::Renewal | Way::Ceremony => 1,
            Way::Gateway => 0,
        }
    }

    pub fn state(&self, now: Timestamp) -> OrderState {
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
        if self.rejected {
            return OrderState::Rejected;
        }
        match (self.approvals.len() >= self.approvals_needed(), self.key.is_some()) {
            (true, true) => OrderState::Waiting,
            _ if now >= self.expires_at => OrderState::Expired,
            (false, _) => OrderState::AwaitingApproval,
            (true, false) => OrderState::AwaitingKey,
        }
    }

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

    /// `STATE_FORBIDS` unless it is in one of these states.
    pub fn must_be(&self, allowed: &[OrderState], now: Timestamp) -> Result<(), Fault> {
        let state = self.state(now);
        if allowed.contains(&state) { Ok(()) } else { Err(Fault::state_forbids(state, allowed)) }
    }
}

/// Which orders, newest first. What is `None` does not count.
#[derive(Default)]
pub struct OrderFilter<'a> {
    pub id: Option<OrderId>,
    pub token: Option<[u8; 32]>,
    pub previous: Option<Fingerprint>,
    pub key: Option<[u8; 32]>,
    pub agency: Option<&'a AgencyCode>,
    /// Only those that wait for somebody, at this moment.
    pub open_at: Option<Timestamp>,
    /// Only those after this one.
    pub after: Option<(Timestamp, Uuid)>,
    pub limit: Option<i64>,
}

/// How many orders wait, and for whom.
#[derive(Debug, Default)]
pub struct WaitingOrders {
    pub for_approval: i64,
    pub for_signer: i64,
}
