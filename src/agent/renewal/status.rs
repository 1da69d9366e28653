//! The status of a profile's renewal, for people and for monitoring: `NAME.renewal.json` and `NAME.renewal.prom`.
//!
//! Owns both forms. The first is also what the daemon remembers from one start to the next. `daemon` calls it.

use std::{fs, io, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{agent::profile::beside, files::write_file, text_enum};

text_enum! {
    /// The state of a renewal.
    State {
        /// Nothing is due.
        Waiting = "WAITING",
        /// The renewal is due and did not succeed; it will be tried again.
        Failed = "FAILED",
        /// The certificate was renewed, and the command that should follow failed; it will be run again.
        CommandFailed = "COMMAND_FAILED",
        /// The renewal will not be tried again.
        Stopped = "STOPPED",
    }
}

/// The state of a renewal, with its last success, its last error and its next try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The state now.
    pub state: State,
    /// The serial number of the certificate that the profile names.
    pub certificate: Option<String>,
    /// The end of that certificate.
    pub certificate_expires: Option<Timestamp>,
    /// The time of the last renewal that succeeded.
    pub last_success: Option<Timestamp>,
    /// The text of the last error.
    pub last_error: Option<String>,
    /// The time of the first error since the last success.
    pub error_since: Option<Timestamp>,
    /// The time of the next try; none when there will be none.
    pub next_try: Option<Timestamp>,
}

impl Status {
    /// The status before the first step.
    pub const NEW: Self = Self {
        state: State::Waiting,
        certificate: None,
        certificate_expires: None,
        last_success: None,
        last_error: None,
        error_since: None,
        next_try: None,
    };

    /// Reads the status that was written last; one that cannot be read counts as new.
    pub fn read(profile: &Path) -> Self {
        let text = fs::read_to_string(beside(profile, "renewal.json")).ok();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Self::NEW)
    }

    /// Writes both files.
    pub fn write(&self, profile: &Path) -> io::Result<()> {
        let json = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        write_file(&beside(profile, "renewal.json"), 0o644, format!("{json}\n").as_bytes())?;
        let name = profile.file_stem().unwrap_or_default().to_string_lossy();
        write_file(&beside(profile, "renewal.prom"), 0o644, self.prometheus(&name).as_bytes())
    }

    /// Writes the status in Prometheus' text format, for the node exporter's textfile collector. Times are seconds
    /// since 1970.
    fn prometheus(&self, profile: &str) -> String {
        let seconds = |at: Option<Timestamp>| at.map(Timestamp::as_second);
        let failed = i64::from(self.state != State::Waiting);
        let gauges = [
            ("gerbang_renewal_failed", "Whether the last renewal failed.", Some(failed)),
            ("gerbang_renewal_next_seconds", "When the next renewal is tried.", seconds(self.next_try)),
            (
                "gerbang_certificate_expires_seconds",
                "When the certificate ends.",
                seconds(self.certificate_expires),
            ),
        ];
        let label = profile.replace(['\\', '"', '\n'], "_");
        let lines = gauges.into_iter().filter_map(|(name, help, value)| {
            let value = value?;
            Some(format!(
                "# HELP {name} {help}\n# TYPE {name} gauge\n{name}{{profile=\"{label}\"}} {value}\n"
            ))
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitoring_reads_gauges() {
        let at: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let status = Status { state: State::Failed, certificate_expires: Some(at), ..Status::NEW };
        assert_eq!(
            status.prometheus("blk"),
            "# HELP gerbang_renewal_failed Whether the last renewal failed.\n\
             # TYPE gerbang_renewal_failed gauge\n\
             gerbang_renewal_failed{profile=\"blk\"} 1\n\
             # HELP gerbang_certificate_expires_seconds When the certificate ends.\n\
             # TYPE gerbang_certificate_expires_seconds gauge\n\
             gerbang_certificate_expires_seconds{profile=\"blk\"} 1772438400\n"
        );
    }
}
