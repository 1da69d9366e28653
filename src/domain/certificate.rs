//! Certificates (sertifikat): orders, the inventory's entries, revocations, and the rules of time between them. What a
//! certificate's bytes say is `pki`'s.

mod order;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use order::{
    Approval, KeyId, ORDER_KEPT, Order, OrderFilter, OrderId, OrderKey, OrderState, Progress, Stage,
    WaitingOrders, Way,
};

use super::{
    AgencyCode, Fault, Reason,
    access::Fingerprint,
    agency::AgencyState,
    name::{SystemName, invalid},
    text::Text,
};
use crate::text_enum;

/// A renewed certificate lets its holder in for so long after its successor was issued.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A successor that was not used for so long raises an alarm.
pub const UNSEEN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A token is good for so long, where the administrator says nothing else.
pub const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// The longest that a token may be good.
pub const TOKEN_LIFE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A request that nobody approves ends after this, as does a signed statement.
pub const ORDER_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The same token with the same key gives the certificate again for so long, while it was not used.
pub const COLLECTABLE: SignedDuration = SignedDuration::from_hours(24);
/// Fewer administrators than two whose certificates last so long are an alarm.
pub const AHEAD: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Administrators there must be.
pub const ADMINISTRATORS_MIN: usize = 2;
/// Days that a certificate is valid where nobody says otherwise, and at most.
pub const LIFETIME_DAYS: i32 = 90;
pub const LIFETIME_DAYS_MAX: i32 = 397;

text_enum! {
    /// What an authority issues.
    AuthorityKind { Root = "ROOT", Clients = "CLIENTS", Gateways = "GATEWAYS" }
}

text_enum! {
    /// Why a certificate was revoked (RFC 5280 §5.3.1).
    RevocationReason {
        KeyCompromise = "KEY_COMPROMISE",
        AffiliationChanged = "AFFILIATION_CHANGED",
        Superseded = "SUPERSEDED",
        CessationOfOperation = "CESSATION_OF_OPERATION",
    }
}

text_enum! {
    /// Whether a certificate lets its holder in.
    CertificateState {
        Valid = "VALID",
        NotYetValid = "NOT_YET_VALID",
        Expired = "EXPIRED",
        Superseded = "SUPERSEDED",
        Revoked = "REVOKED",
    }
}

/// A serial number (nomor seri), lower-case hexadecimal: `certificates/{serial}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Serial(pub String);

impl Serial {
    /// `NAME_INVALID` or `FIELD_REQUIRED`.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        if name.is_empty() {
            return Err(Reason::FieldRequired.into());
        }
        let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        let serial = name.strip_prefix("certificates/").filter(|serial| (2..=40).contains(&serial.len()));
        let serial = serial.filter(|serial| serial.chars().all(hexadecimal));
        serial.map(|serial| Self(serial.to_owned())).ok_or_else(|| invalid(name, "certificates/{serial}"))
    }
}

impl std::fmt::Display for Serial {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "certificates/{}", self.0)
    }
}

/// Decides when a certificate lets its holder in.
#[derive(Debug, Clone, Copy)]
pub struct Validity {
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// The end of the overlap with its successor, where it was renewed.
    pub ends_at: Option<Timestamp>,
    pub revoked: bool,
}

impl Validity {
    /// The last moment at which the certificate lets its holder in, unless it is revoked.
    pub fn end(&self) -> Timestamp {
        self.ends_at.map_or(self.not_after, |end| end.min(self.not_after))
    }

    /// The SQL function `certificate_state` says the same, for filters.
    pub fn state(&self, now: Timestamp) -> CertificateState {
        if self.revoked {
            CertificateState::Revoked
        } else if now > self.not_after {
            CertificateState::Expired
        } else if now > self.end() {
            CertificateState::Superseded
        } else if now < self.not_before {
            CertificateState::NotYetValid
        } else {
            CertificateState::Valid
        }
    }

    /// Lets the holder in, or says why not: `CERTIFICATE_REVOKED`, `CERTIFICATE_EXPIRED`, `CERTIFICATE_SUPERSEDED`, or
    /// `AGENCY_SUSPENDED`. The SQL function `good_certificates` says the same of many.
    pub fn let_in(&self, agency: &AgencyCode, state: AgencyState, now: Timestamp) -> Result<(), Fault> {
        match self.state(now) {
            CertificateState::Revoked => Err(Reason::CertificateRevoked.into()),
            CertificateState::Expired | CertificateState::NotYetValid => {
                Err(Reason::CertificateExpired.into())
            }
            CertificateState::Superseded => Err(Reason::CertificateSuperseded.into()),
            CertificateState::Valid if state != AgencyState::Active => {
                Err(Fault::from(Reason::AgencySuspended).with("agency", agency))
            }
            CertificateState::Valid => Ok(()),
        }
    }
}

/// A certificate of the inventory, with all that is known of it.
#[derive(Debug, Clone)]
pub struct Issued {
    pub fingerprint: Fingerprint,
    /// Lower-case hexadecimal.
    pub serial: String,
    /// `None` for a gateway's.
    pub system: Option<SystemName>,
    pub authority: Option<String>,
    pub key_id: Option<KeyId>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// Set when it was renewed.
    pub ends_at: Option<Timestamp>,
    pub administrator: bool,
    pub created_at: Timestamp,
    pub collected_at: Option<Timestamp>,
    /// The minute of its first use.
    pub first_seen_at: Option<Timestamp>,
    /// Its last use.
    pub seen: Option<Sighting>,
    pub previous: Option<String>,
    pub successor: Option<Successor>,
    pub revoked: Option<Revoked>,
    /// Counts what became of it, from 1.
    pub version: i64,
}

/// When a certificate was last used, to the minute, and from where.
#[derive(Debug, Clone)]
pub struct Sighting {
    pub at: Timestamp,
    pub address: String,
}

/// What a certificate was renewed into.
#[derive(Debug, Clone)]
pub struct Successor {
    pub serial: String,
    pub issued_at: Timestamp,
    pub seen: bool,
}

/// That a certificate was revoked (dicabut).
#[derive(Debug, Clone)]
pub struct Revoked {
    pub at: Timestamp,
    pub reason: RevocationReason,
    pub note: Option<String>,
}

text_enum! {
    /// What needs attention about a certificate.
    Alarm {
        /// Two thirds of its life are over and nobody has renewed it.
        RenewalOverdue = "RENEWAL_OVERDUE",
        /// It was renewed, and for seven days nobody has used what it was renewed into.
        SuccessorNotSeen = "SUCCESSOR_NOT_SEEN",
    }
}

/// When a certificate is renewed: after two thirds of its life, with a sixth of a third of slack for the daemon.
pub fn renew_at(not_before: Timestamp, not_after: Timestamp) -> Timestamp {
    not_before + (not_after.duration_since(not_before) / 3) * 2
}

impl Issued {
    pub fn name(&self) -> Serial {
        Serial(self.serial.clone())
    }

    fn validity(&self) -> Validity {
        let Self { not_before, not_after, ends_at, .. } = *self;
        Validity { not_before, not_after, ends_at, revoked: self.revoked.is_some() }
    }

    /// The last moment at which it lets its holder in.
    pub fn end(&self) -> Timestamp {
        self.validity().end()
    }

    pub fn state(&self, now: Timestamp) -> CertificateState {
        self.validity().state(now)
    }

    /// A daemon that renews has a third of the life for it; what is still not renewed when half of that third is over
    /// has a daemon that fails, or none.
    pub fn alarms(&self, now: Timestamp) -> Vec<Alarm> {
        let mut alarms = Vec::new();
        if self.state(now) != CertificateState::Valid {
            return alarms;
        }
        let due = renew_at(self.not_before, self.not_after);
        let late = due + self.not_after.duration_since(due) / 4;
        match &self.successor {
            None if now >= late => alarms.push(Alarm::RenewalOverdue),
            Some(successor) if !successor.seen && now >= successor.issued_at + UNSEEN => {
                alarms.push(Alarm::SuccessorNotSeen);
            }
            _ => {}
        }
        alarms
    }
}

/// Which certificates, those that end first first. What is `None` does not count.
#[derive(Default)]
pub struct CertificateFilter<'a> {
    pub serial: Option<&'a str>,
    pub fingerprint: Option<Fingerprint>,
    pub agency: Option<&'a AgencyCode>,
    pub state: Option<CertificateState>,
    /// Those that are valid and end before this.
    pub expire_before: Option<Timestamp>,
    pub after: Option<(Timestamp, &'a str)>,
    pub limit: Option<i64>,
}

/// What is asked to be revoked.
#[derive(Debug, Clone)]
pub enum Revocable {
    Certificate(Serial),
    Agency(AgencyCode),
}

/// Why, for the file.
pub type RevocationNote = Option<Text<500>>;

/// An authority (otoritas sertifikat) with its newest revocation list.
#[derive(Debug, Clone)]
pub struct Authority {
    pub fingerprint: Fingerprint,
    pub kind: AuthorityKind,
    pub name: String,
    pub der: Vec<u8>,
    pub key_id: KeyId,
    pub not_after: Timestamp,
    pub crl: Option<Crl>,
    /// Counts what was told of it, from 1.
    pub version: i64,
}

/// A revocation list (daftar pencabutan).
#[derive(Debug, Clone)]
pub struct Crl {
    /// As the list says it; never smaller than an earlier one's, nor than the Unix time.
    pub number: i64,
    pub der: Vec<u8>,
    pub this_update: Timestamp,
    pub next_update: Timestamp,
}

impl Crl {
    /// Half of its life is over and no newer one is there.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now >= self.this_update + self.next_update.duration_since(self.this_update) / 2
    }
}
