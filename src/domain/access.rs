//! Who may call what: roles, relations, kinds of data, and the rule of one RPC. `rpc::access` reads the rules
//! from the contract; `exchange` applies them.

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
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant),* }
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
            /// From the text; `None` for any other.
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
    /// What a system may do (peran); from the registry.
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
    /// Whether one administrator alone may not make a system of this role, nor let one in.
    pub fn takes_two(self) -> bool {
        matches!(self, Self::Administrator | Self::Prison | Self::Door)
    }
}

text_enum! {
    /// How the caller's agency stands to a resource.
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

/// The rule of one RPC, from its access option in the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `AgreementService/SignAgreement`.
    pub method: String,
    pub roles: Vec<Role>,
    pub relations: Vec<Relation>,
    pub data_kind: Option<DataKind>,
    pub gated: bool,
    pub discloses_trainers: bool,
    pub discloses_trainees: bool,
}

impl Rule {
    /// How the transaction of the method is named: `schedule.push` of `ScheduleService/PushSchedule`. The noun is left
    /// out where the service has said it.
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

/// SHA-256 over a certificate's DER bytes.
pub type Fingerprint = [u8; 32];

/// Who a certificate says it is, before the registry was asked: its one URI SAN, in our trust domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub agency: AgencyCode,
    pub system: String,
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

/// What TLS learned of the other end. A certificate may chain to our root and still name nobody.
#[derive(Debug, Clone)]
pub struct Peer {
    pub identity: Result<Identity, Reason>,
    pub fingerprint: Fingerprint,
    /// Lower-case hexadecimal.
    pub serial: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// Where it connects from.
    pub address: std::net::IpAddr,
}

/// Who calls, as the registry has it in the transaction of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub agency: AgencyCode,
    pub system: String,
    pub role: Role,
    pub fingerprint: Fingerprint,
}

impl Caller {
    pub fn system_name(&self) -> SystemName {
        SystemName::from_store(self.agency.clone(), self.system.clone())
    }
}
