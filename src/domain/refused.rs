//! Calls that were refused, counted (panggilan yang ditolak): who called what, and why it was refused. Nothing of what was sent.

use jiff::{Timestamp, civil::Date};

use super::{AgencyCode, access::Fingerprint};

/// Refused calls of one day that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The day, in UTC.
    pub day: Date,
    /// The certificate by which the caller came, which the inventory need not know.
    pub certificate: Fingerprint,
    /// The RPC, as `ScheduleService/PushSchedule`; `unknown` for what is none.
    pub method: String,
    /// The reason, from the errors page; of a later program too.
    pub reason: String,
    /// Agency and system, as the certificate names them; `None` where it names nobody.
    pub system: Option<(AgencyCode, String)>,
    /// How many, from 1.
    pub calls: i64,
    /// When the first was refused.
    pub first: Timestamp,
    /// When the last was refused.
    pub last: Timestamp,
}
