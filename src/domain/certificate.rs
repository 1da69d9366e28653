//! Certificates (sertifikat): orders, the inventory's entries, revocations, and the rules of time between them. What a
//! certificate's bytes say is `pki`'s.

mod order;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use order::{
    Approval, KeyId, ORDER_KEPT, Order, OrderFilter, OrderId, OrderKey, OrderState, Progress, Stage,
    WaitingOrders, Way,
};

use super::{
    AgencyCode, Fault, Reason,
    access::{Fingerprint, Role},
    agency::AgencyState,
    name::{SystemName, invalid},
    text::Text,
};
use crate::text_enum;

/// The overlap: a renewed certificate lets its holder in for 14 days after its successor was issued.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A successor that nobody has used for seven days raises an alarm.
pub const UNSEEN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The time after a renewal in which the old certificate may still be used without an alarm: its holder fetches the new
/// one with it, and programs are told.
pub const SWITCHED: SignedDuration = SignedDuration::from_hours(24);
/// The life of a token for which the administrator states none.
pub const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// The longest life of a token.
pub const TOKEN_LIFE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The life of an order that nobody approves, and the longest life of a signed statement.
pub const ORDER_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The time after its issue in which the same token with the same key fetches the certificate again, while nobody has
/// used it.
pub const COLLECTABLE: SignedDuration = SignedDuration::from_hours(24);
/// The time for which the certificates of two administrators must still last; otherwise an alarm is raised.
pub const AHEAD: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The least number of administrators with a valid certificate.
pub const ADMINISTRATORS_MIN: usize = 2;
/// The days for which a certificate is valid where nobody states another lifetime.
pub const LIFETIME_DAYS: i32 = 90;
/// The most days for which a certificate may be valid.
pub const LIFETIME_DAYS_MAX: i32 = 397;

text_enum! {
    /// The kind of certificates that an authority issues.
    AuthorityKind { Root = "ROOT", Clients = "CLIENTS", Gateways = "GATEWAYS" }
}

text_enum! {
    /// The reason of a revocation (RFC 5280 §5.3.1).
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
    /// Parses `certificates/{serial}`. Errors: `NAME_INVALID`, `FIELD_REQUIRED`.
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

/// The system that a certificate names, as the registry has it, and the role that administrators signed for.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// The system's agency.
    pub agency: &'a AgencyCode,
    /// Whether the agency takes part.
    pub state: AgencyState,
    /// The role in the registry.
    pub role: Role,
    /// The role that the certificate was signed for.
    pub certified: Option<Role>,
}

/// Decides when a certificate lets its holder in.
#[derive(Debug, Clone, Copy)]
pub struct Validity {
    /// The first second of the certificate's own validity.
    pub not_before: Timestamp,
    /// The last second of the certificate's own validity.
    pub not_after: Timestamp,
    /// The end of the overlap with its successor, where it was renewed.
    pub ends_at: Option<Timestamp>,
    /// Whether the certificate was revoked.
    pub revoked: bool,
}

impl Validity {
    /// The last moment at which the certificate lets its holder in, unless it is revoked.
    pub fn end(&self) -> Timestamp {
        self.ends_at.map_or(self.not_after, |end| end.min(self.not_after))
    }

    /// The certificate's state at a moment. The SQL function `certificate_state` computes the same for filters.
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

    /// Lets the holder in, or says why not. Errors: `CERTIFICATE_REVOKED`, `CERTIFICATE_EXPIRED` (also before its first
    /// second), `CERTIFICATE_SUPERSEDED`, `AGENCY_SUSPENDED`, `ROLE_NOT_CERTIFIED`. The SQL function `good_certificates`
    /// decides the same for many certificates at once.
    pub fn let_in(&self, holder: &Holder<'_>, now: Timestamp) -> Result<(), Fault> {
        match self.state(now) {
            CertificateState::Revoked => Err(Reason::CertificateRevoked.into()),
            CertificateState::Expired | CertificateState::NotYetValid => {
                Err(Reason::CertificateExpired.into())
            }
            CertificateState::Superseded => Err(Reason::CertificateSuperseded.into()),
            CertificateState::Valid if holder.state != AgencyState::Active => {
                Err(Fault::from(Reason::AgencySuspended).with("agency", holder.agency))
            }
            // Gateways write the registry; the signer alone writes what was signed for.
            CertificateState::Valid if holder.certified != Some(holder.role) => {
                let certified = holder.certified.map_or("-", Role::as_str);
                Err(Fault::from(Reason::RoleNotCertified)
                    .with("role", holder.role)
                    .with("certified", certified))
            }
            CertificateState::Valid => Ok(()),
        }
    }
}

/// A certificate of the inventory, with everything that the gateway knows about it.
#[derive(Debug, Clone)]
pub struct Issued {
    /// SHA-256 of the certificate in DER.
    pub fingerprint: Fingerprint,
    /// Lower-case hexadecimal.
    pub serial: String,
    /// `None` for a gateway's.
    pub system: Option<SystemName>,
    /// The name of the authority that issued it, where that is known.
    pub authority: Option<String>,
    /// The id of its key, where that is known.
    pub key_id: Option<KeyId>,
    /// The first second of its own validity.
    pub not_before: Timestamp,
    /// The last second of its own validity.
    pub not_after: Timestamp,
    /// The end of the overlap; set when the certificate was renewed.
    pub ends_at: Option<Timestamp>,
    /// Whether it was issued as an administrator's, so that its key may sign statements.
    pub administrator: bool,
    /// The role that was signed for; `None` for a gateway's, and from before it was kept.
    pub role: Option<Role>,
    /// Of a certificate from before its role was kept: the role that its system had then.
    pub role_found: Option<Role>,
    /// The time at which it came into the inventory.
    pub created_at: Timestamp,
    /// The time at which its holder first fetched it.
    pub collected_at: Option<Timestamp>,
    /// The minute of its first use.
    pub first_seen_at: Option<Timestamp>,
    /// The last use.
    pub seen: Option<Sighting>,
    /// The serial number of the certificate that it renewed.
    pub previous: Option<String>,
    /// The certificate that renewed it.
    pub successor: Option<Successor>,
    /// Its revocation, if it was revoked.
    pub revoked: Option<Revoked>,
    /// Counts the changes of the certificate, from 1.
    pub version: i64,
}

/// The last use of a certificate, to the minute.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// The minute of the last use.
    pub at: Timestamp,
    /// The address from which it was used.
    pub address: String,
}

/// The certificate into which another was renewed.
#[derive(Debug, Clone)]
pub struct Successor {
    /// The successor's serial number.
    pub serial: String,
    /// The time at which the successor was issued.
    pub issued_at: Timestamp,
    /// Whether the successor was used.
    pub seen: bool,
}

/// The revocation of a certificate (pencabutan).
#[derive(Debug, Clone)]
pub struct Revoked {
    /// The time from which the certificate is refused.
    pub at: Timestamp,
    /// The reason, as the revocation list gives it.
    pub reason: RevocationReason,
    /// The administrator's explanation.
    pub note: Option<String>,
}

text_enum! {
    /// An alarm about a certificate: somebody has to look after it.
    Alarm {
        /// Three quarters of the certificate's life are over and nobody has renewed it.
        RenewalOverdue = "RENEWAL_OVERDUE",
        /// The certificate was renewed, and nobody has used its successor for seven days.
        SuccessorNotSeen = "SUCCESSOR_NOT_SEEN",
        /// The certificate was renewed, and some program goes on with it, which will be refused when the overlap ends.
        StillUsed = "STILL_USED",
    }
}

/// The moment from which a certificate is renewed: two thirds of its life are over. The last third is the time that a
/// renewing daemon has to try again in.
pub fn renew_at(not_before: Timestamp, not_after: Timestamp) -> Timestamp {
    not_before + (not_after.duration_since(not_before) / 3) * 2
}

impl Issued {
    /// `certificates/{serial}`.
    pub fn name(&self) -> Serial {
        Serial(self.serial.clone())
    }

    /// The role under which it lets its holder in.
    pub fn certified(&self) -> Option<Role> {
        self.role.or(self.role_found)
    }

    fn validity(&self) -> Validity {
        let Self { not_before, not_after, ends_at, .. } = *self;
        Validity { not_before, not_after, ends_at, revoked: self.revoked.is_some() }
    }

    /// The last moment at which the certificate lets its holder in, unless it is revoked.
    pub fn end(&self) -> Timestamp {
        self.validity().end()
    }

    /// The certificate's state at a moment; see [`Validity::state`].
    pub fn state(&self, now: Timestamp) -> CertificateState {
        self.validity().state(now)
    }

    /// The alarms about a certificate that lets its holder in now; none for any other. A renewal is overdue when a
    /// quarter of the time from [`renew_at`] to the end is over, so after three quarters of the life: by then the
    /// holder's daemon fails, or there is none.
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
        let used = self.seen.as_ref().map(|seen| seen.at);
        let renewed = self.successor.as_ref().map(|successor| successor.issued_at + SWITCHED);
        if renewed.zip(used).is_some_and(|(renewed, used)| used > renewed) {
            alarms.push(Alarm::StillUsed);
        }
        alarms
    }
}

/// Narrows a list of certificates, those that end first first; a part that is `None` does not narrow it.
#[derive(Default)]
pub struct CertificateFilter<'a> {
    /// The certificate with this serial number.
    pub serial: Option<&'a str>,
    /// The certificate with this fingerprint.
    pub fingerprint: Option<Fingerprint>,
    /// Certificates of this agency's systems.
    pub agency: Option<&'a AgencyCode>,
    /// Certificates of this system.
    pub system: Option<&'a SystemName>,
    /// Certificates in this state at the time of the list.
    pub state: Option<CertificateState>,
    /// Certificates that are valid and end before this.
    pub expire_before: Option<Timestamp>,
    /// Certificates after this end and serial number.
    pub after: Option<(Timestamp, &'a str)>,
    /// The most certificates that are listed.
    pub limit: Option<i64>,
}

/// The certificates that somebody asks to revoke.
#[derive(Debug, Clone)]
pub enum Revocable {
    /// One certificate.
    Certificate(Serial),
    /// Every certificate of an agency.
    Agency(AgencyCode),
    /// Every certificate of a system.
    System(SystemName),
}

/// The administrator's explanation of a revocation.
pub type RevocationNote = Option<Text<500>>;

/// An authority (otoritas sertifikat) with its newest revocation list.
#[derive(Debug, Clone)]
pub struct Authority {
    /// SHA-256 of the authority's certificate in DER.
    pub fingerprint: Fingerprint,
    /// The kind of certificates that it issues.
    pub kind: AuthorityKind,
    /// The name in its certificate.
    pub name: String,
    /// Its certificate in DER.
    pub der: Vec<u8>,
    /// The id of its key.
    pub key_id: KeyId,
    /// The last second of its validity.
    pub not_after: Timestamp,
    /// Its newest revocation list.
    pub crl: Option<Crl>,
    /// Counts the ledger's versions of the authority, from 1.
    pub version: i64,
}

/// A revocation list (daftar pencabutan).
#[derive(Debug, Clone)]
pub struct Crl {
    /// The number in the list; never smaller than an earlier one's, nor than the Unix time.
    pub number: i64,
    /// The list in DER.
    pub der: Vec<u8>,
    /// The time at which the list was made.
    pub this_update: Timestamp,
    /// The time by which the next list is due.
    pub next_update: Timestamp,
}

impl Crl {
    /// Whether half of the list's life is over, as of the newest list that there is.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now >= self.this_update + self.next_update.duration_since(self.this_update) / 2
    }
}
