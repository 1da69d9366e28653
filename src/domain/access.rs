//! Access: roles, relations, kinds of data, the rule of one RPC, and the identity of a caller. Owns the meaning of the
//! rules, which `rpc::access` reads from the contract and `exchange` applies; decides nothing about a call.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AgencyCode, Reason, name::SystemName};

/// Declares a closed enum with the text that the database, JSON and tables show.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])* #[allow(missing_docs)] #[serde(rename = $text)] $variant),* }
        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The text of the value.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
            /// The value of a text; `None` for a text of no value.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { out.write_str(self.as_str()) }
        }
    };
}

text_enum! {
    /// The role of a system (peran), which decides what it may do. The registry holds it.
    Role {
        Administrator = "ADMINISTRATOR",
        Prison = "PRISON",
        /// A device at the prison's door (P2U).
        Door = "DOOR",
        Partner = "PARTNER",
        Oversight = "OVERSIGHT",
    }
}

impl Role {
    /// Whether it takes two administrators to give a system this role, and to certify such a system.
    pub fn takes_two(self) -> bool {
        matches!(self, Self::Administrator | Self::Prison | Self::Door)
    }

    /// Whether a system with this role deals with its own certificates alone, and not with those of its agency's other
    /// systems: it stands where others reach it, or only looks.
    pub fn keeps_to_itself(self) -> bool {
        matches!(self, Self::Door | Self::Oversight)
    }
}

text_enum! {
    /// The relation of the caller's agency to a resource.
    Relation {
        Own = "OWN",
        Party = "PARTY",
        Lead = "LEAD",
        TrainerAgency = "TRAINER_AGENCY",
        Any = "ANY",
    }
}

text_enum! {
    /// A kind of data that an agreement may cover.
    DataKind {
        Schedule = "SCHEDULE",
        Trainer = "TRAINER",
        Roster = "ROSTER",
        Attendance = "ATTENDANCE",
        TrainingCertificate = "TRAINING_CERTIFICATE",
    }
}

/// The RPC by which certificates are revoked: it comes through whatever else its agency does.
pub const REVOCATION: &str = "CertificateService/RevokeCertificates";

/// The rule of one RPC, from its access option in the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The RPC, as `AgreementService/SignAgreement`.
    pub method: String,
    /// The roles that may call the RPC.
    pub roles: Vec<Role>,
    /// The relations of which the caller's agency must have one to the resource.
    pub relations: Vec<Relation>,
    /// The kind of data that the RPC passes, if any.
    pub data_kind: Option<DataKind>,
    /// Whether an agreement in force must cover the call.
    pub gated: bool,
    /// Whether the answer shows personal data of trainers.
    pub discloses_trainers: bool,
    /// Whether the answer shows personal data of trainees.
    pub discloses_trainees: bool,
}

impl Rule {
    /// Whether the RPC must come through however busy a gateway is: what only administrators may do, and a revocation.
    pub fn is_urgent(&self) -> bool {
        self.roles == [Role::Administrator] || self.method == REVOCATION
    }

    /// The name of the RPC's transaction: `schedule.push` for `ScheduleService/PushSchedule`. A noun that the service's name
    /// has already is left out.
    pub fn transaction(&self) -> String {
        let (service, method) = self.method.split_once('/').unwrap_or(("", &self.method));
        let noun = service.trim_end_matches("Service").to_ascii_lowercase();
        let mut words: Vec<String> = Vec::new();
        for letter in method.chars() {
            match words.last_mut() {
                Some(word) if letter.is_ascii_lowercase() => word.push(letter),
                _ => words.push(letter.to_ascii_lowercase().to_string()),
            }
        }
        let plural = noun.strip_suffix('y').map_or_else(|| format!("{noun}s"), |stem| format!("{stem}ies"));
        if matches!(words.as_slice(), [_, object] if *object == noun || *object == plural) {
            words.pop();
        }
        format!("{noun}.{}", words.join("_"))
    }
}

/// The fingerprint of a certificate: SHA-256 of its DER bytes.
pub type Fingerprint = [u8; 32];

/// The identity that a certificate states by its one URI SAN in our trust domain, before the registry was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The code of the agency, as the certificate has it.
    pub agency: AgencyCode,
    /// The system's own name within the agency.
    pub system: String,
    /// The certificate's fingerprint.
    pub fingerprint: Fingerprint,
}

/// The number under which the log tells of one call: all that the caller of an internal error learns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Correlation(pub Uuid);

impl std::fmt::Display for Correlation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

/// Whether a call may have stored something by now, which is what its caller must know when its time is over. Shared by
/// who keeps the time and who commits.
#[derive(Debug, Clone, Default)]
pub struct MayBeStored(Arc<AtomicBool>);

impl MayBeStored {
    /// Says it from now on.
    pub fn set(&self, may_be: bool) {
        self.0.store(may_be, Ordering::Relaxed);
    }

    /// What was said last; at first that it is not.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// When a call has to be answered, by the clock that measures: what waits for something ends its wait before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(pub Instant);

/// The time that its caller and the gateway grant a call: each one of a stream of calls has it anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted(pub Duration);

/// The other end of a TLS connection. Its certificate chains to our root and may still name nobody.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The identity that the certificate states, or the reason why it states none.
    pub identity: Result<Identity, Reason>,
    /// The certificate's fingerprint.
    pub fingerprint: Fingerprint,
    /// The certificate's serial number, lower-case hexadecimal.
    pub serial: String,
    /// The first second of the certificate's validity.
    pub not_before: Timestamp,
    /// The last second of the certificate's validity.
    pub not_after: Timestamp,
    /// The address from which it connects.
    pub address: std::net::IpAddr,
}

/// The caller, as the registry has it in the transaction of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The agency for which the caller speaks.
    pub agency: AgencyCode,
    /// The system's own name within the agency.
    pub system: String,
    /// The system's role, from the registry.
    pub role: Role,
    /// The fingerprint of the certificate with which the call was made.
    pub fingerprint: Fingerprint,
}

impl Caller {
    /// The caller as a resource: `agencies/{code}/systems/{system}`.
    pub fn system_name(&self) -> SystemName {
        SystemName::from_store(self.agency.clone(), self.system.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_roles_take_two_administrators() {
        let two: Vec<_> = Role::ALL.iter().copied().filter(|role| role.takes_two()).collect();
        assert_eq!(two, [Role::Administrator, Role::Prison, Role::Door]);
    }

    #[test]
    fn a_transaction_is_named_after_its_rpc() {
        for (method, name) in [
            ("ScheduleService/PushSchedule", "schedule.push"),
            ("ScheduleService/ConfirmSessions", "schedule.confirm_sessions"),
            ("AgencyService/ListAgencies", "agency.list"),
            ("AgencyService/WhoAmI", "agency.who_am_i"),
            ("AssignmentService/ListTrainerAssignments", "assignment.list_trainer_assignments"),
            ("CertificateService/ListCertificates", "certificate.list"),
        ] {
            let rule = Rule {
                method: method.to_owned(),
                roles: Vec::new(),
                relations: Vec::new(),
                data_kind: None,
                gated: false,
                discloses_trainers: false,
                discloses_trainees: false,
            };
            assert_eq!(rule.transaction(), name);
        }
    }
}
